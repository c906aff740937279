#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "cli/records.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <memory>

namespace tenantry::cli {
namespace {

struct UserOptions {
    SettingFlags settings;
    std::optional<TenantId> tenant;
    std::optional<std::string> email;
    std::optional<std::string> user;  // an address or an id
    std::optional<std::string> name;
    std::optional<Role> role;
    bool json = false;
};

Result<std::string> parse_email(std::string_view text) {
    if (!is_email(text)) return fail(Errc::bad_value, "this is no e-mail address");
    return std::string{text};
}

template <class Record>
void print_list(const UserOptions& options, const std::vector<Record>& records) {
    if (options.json) {
        boost::json::array array;
        for (const auto& record : records) array.push_back(to_json(record));
        print(boost::json::serialize(array) + "\n");
    } else if (records.empty()) {
        print("There are no users; make one with: tenantry user create\n");
    } else {
        print(to_text(records));
    }
}

Result<ExitCode> create(const UserOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY(store, open_store(configuration));
    auto member = store->create_member(*options.tenant, *options.email, options.name.value_or(""),
                                       *options.role);
    if (!member && member.error().code == Errc::unique_violation) {
        return fail(
            Errc::unique_violation,
            fmt::format("a user {0} exists in tenant {1} already; see: tenantry tenant show {1}",
                        *options.email, options.tenant->text()));
    }
    if (!member) return member.error();
    if (options.json) {
        print(boost::json::serialize(to_json(*member)) + "\n");
    } else {
        print(fmt::format("Made {} {} of tenant {} (user {})\n", member->email,
                          name_of(member->role), member->tenant.text(), member->user.text()));
    }
    return ExitCode::done;
}

void print_member(const UserOptions& options, const engine::MemberRecord& member,
                  std::string_view sentence) {
    if (options.json) {
        print(boost::json::serialize(to_json(member)) + "\n");
    } else {
        print(fmt::format(fmt::runtime(sentence), fmt::arg("email", member.email),
                          fmt::arg("role", name_of(member.role)),
                          fmt::arg("tenant", member.tenant.text())));
    }
}

Result<ExitCode> list(const UserOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY(store, open_store(configuration));
    if (options.tenant) {
        TENANTRY_TRY(members, store->members(*options.tenant, {}));
        print_list(options, members);
    } else {
        TENANTRY_TRY(users, store->users({}));
        print_list(options, users);
    }
    return ExitCode::done;
}

Result<ExitCode> set_role(const UserOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY(store, open_store(configuration));
    TENANTRY_TRY(member, store->set_member_role(*options.tenant, *options.user, *options.role));
    print_member(options, member, "{email} is {role} of tenant {tenant} now\n");
    return ExitCode::done;
}

Result<ExitCode> remove(const UserOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY(store, open_store(configuration));
    TENANTRY_TRY(member, store->remove_member(*options.tenant, *options.user));
    print_member(options, member, "{email} is no member of tenant {tenant} any more\n");
    return ExitCode::done;
}

void add_create(Command user) {
    auto options = std::make_shared<UserOptions>();
    auto command = user.add("create", "Make a user a member of a tenant");
    command
        .option("--tenant", {.form = "ID", .help = "The tenant", .required = true}, options->tenant,
                TenantId::parse)
        .option("--email",
                {.form = "ADDRESS", .help = "The user's e-mail address", .required = true},
                options->email, parse_email)
        .option("--name", {.form = "NAME", .help = "The user's name"}, options->name, parse_name)
        .option("--role",
                {.form = "ROLE", .help = "viewer, operator, admin or owner", .required = true},
                options->role, parse_role)
        .flag("--json", "Answer in JSON", options->json);
    add_settings(command, options->settings, {"database"});
    command
        .examples(
            "  tenantry user create --tenant acme --email ann@acme.example --name 'Ann Lee' --role "
            "admin\n"
            "\n"
            "A viewer reads; an operator also writes leads and events; an admin also manages "
            "agents;\n"
            "an owner may do all. Who is a user already becomes a member of this tenant too.")
        .action([options] { return create(*options); });
}

void add_list(Command user) {
    auto options = std::make_shared<UserOptions>();
    auto command = user.add("list", "List users, all of them or a tenant's members");
    command
        .option("--tenant", {.form = "ID", .help = "Only the members of this tenant"},
                options->tenant, TenantId::parse)
        .flag("--json", "Answer in JSON", options->json);
    add_settings(command, options->settings, {"database"});
    command.examples("  tenantry user list --tenant acme").action([options] {
        return list(*options);
    });
}

/// A command about one member.
Command add_for_member(Command& user, std::string_view name, std::string_view summary,
                       UserOptions& options) {
    auto command = user.add(name, summary);
    command
        .option("--tenant", {.form = "ID", .help = "The tenant", .required = true}, options.tenant,
                TenantId::parse)
        .option("--user",
                {.form = "USER", .help = "The member's e-mail address or id", .required = true},
                options.user, parse_name)
        .flag("--json", "Answer in JSON", options.json);
    add_settings(command, options.settings, {"database"});
    return command;
}

void add_set_role(Command user) {
    auto options = std::make_shared<UserOptions>();
    auto command = add_for_member(user, "set-role", "Give a member another role", *options);
    command
        .option("--role",
                {.form = "ROLE", .help = "viewer, operator, admin or owner", .required = true},
                options->role, parse_role)
        .examples("  tenantry user set-role --tenant acme --user ann@acme.example --role owner")
        .action([options] { return set_role(*options); });
}

void add_remove(Command user) {
    auto options = std::make_shared<UserOptions>();
    auto command = add_for_member(user, "remove", "End a membership", *options);
    command
        .examples(
            "  tenantry user remove --tenant acme --user ann@acme.example\n"
            "\n"
            "It takes effect at the next request. The user stays one, so that tokens that are out "
            "stay refused.")
        .action([options] { return remove(*options); });
}

}  // namespace

void add_user(Command parent) {
    auto user = parent.add("user", "Make and list users, change their roles, end memberships");
    add_create(user);
    add_list(user);
    add_set_role(user);
    add_remove(user);
    add_user_link(user);
}

}  // namespace tenantry::cli
