#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "cli/records.hpp"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <memory>

namespace tenantry::cli {
namespace {

struct Options {
    SettingFlags settings;
    std::optional<TenantId> tenant;
    std::optional<std::string> email;
    std::optional<std::string> name;
    std::optional<Role> role;
    bool json = false;
};

Result<std::string> parse_email(std::string_view text) {
    if (!is_email(text)) return fail(Errc::bad_value, "this is no e-mail address");
    return std::string{text};
}

Result<ExitCode> create(const Options& options) {
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

}  // namespace

void add_user(Command parent) {
    auto user = parent.add("user", "Make users");
    auto options = std::make_shared<Options>();
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

}  // namespace tenantry::cli
