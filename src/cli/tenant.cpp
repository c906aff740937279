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

using auth::TenantStatus;

struct TenantOptions {
    SettingFlags settings;
    std::optional<TenantId> id;
    std::optional<std::string> name;
    bool json = false;
};

std::shared_ptr<TenantOptions> add_options(Command& command) {
    auto options = std::make_shared<TenantOptions>();
    command.flag("--json", "Answer in JSON", options->json);
    add_settings(command, options->settings, {"database"});
    return options;
}

void add_id(Command& command, TenantOptions& options) {
    command.option("ID", {.form = "", .help = "The tenant", .required = true}, options.id,
                   TenantId::parse);
}

void print_json(const boost::json::value& value) { print(boost::json::serialize(value) + "\n"); }

Result<ExitCode> create(const TenantOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY(store, open_store(configuration, Missing::create));
    auto created = store->create_tenant(*options.id, options.name.value_or(options.id->text()));
    if (!created && created.error().code == Errc::unique_violation) {
        return fail(Errc::unique_violation,
                    fmt::format("a tenant {0} exists already; see: tenantry tenant show {0}",
                                options.id->text()));
    }
    if (!created) return created.error();
    if (options.json) {
        print_json(to_json(*created));
    } else {
        print(fmt::format("Created tenant {}\n", created->id.text()));
    }
    return ExitCode::done;
}

Result<ExitCode> list(const TenantOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY(store, open_store(configuration));
    const auto tenants = store->list_tenants();
    if (options.json) {
        boost::json::array array;
        for (const auto& tenant : tenants) array.push_back(to_json(tenant));
        print_json(array);
    } else if (tenants.empty()) {
        print("There are no tenants yet; make one with: tenantry tenant create ID --name NAME\n");
    } else {
        print(to_text(tenants));
    }
    return ExitCode::done;
}

Result<ExitCode> show(const TenantOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY(store, open_store(configuration));
    TENANTRY_TRY(tenant, store->tenant(*options.id));
    const auto members = store->list_members(*options.id);
    TENANTRY_TRY(settings, store->tenant_settings(*options.id));
    const auto quotas = services::held_quotas(settings, server::default_quotas(configuration));
    if (options.json) {
        auto json = to_json(tenant);
        json["quotas"] = to_json(quotas);
        auto& array = json["members"].emplace_array();
        for (const auto& member : members) array.push_back(to_json(member));
        print_json(json);
    } else {
        print(to_text(tenant) + "\n" + to_text(quotas));
        if (!members.empty()) print("\n" + to_text(members));
    }
    return ExitCode::done;
}

Result<ExitCode> set_status(const TenantOptions& options, TenantStatus status) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY(store, open_store(configuration));
    TENANTRY_TRY_VOID(store->set_tenant_status(*options.id, status));
    TENANTRY_TRY(tenant, store->tenant(*options.id));
    if (options.json) {
        print_json(to_json(tenant));
    } else {
        print(fmt::format("Tenant {} is {}\n", tenant.id.text(), engine::name_of(status)));
    }
    return ExitCode::done;
}

Result<ExitCode> rename(const TenantOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY(store, open_store(configuration));
    TENANTRY_TRY(tenant, store->rename_tenant(*options.id, *options.name));
    if (options.json) {
        print_json(to_json(tenant));
    } else {
        print(fmt::format("Tenant {} is called {} now\n", tenant.id.text(), tenant.name));
    }
    return ExitCode::done;
}

void add_create(Command parent) {
    auto command = parent.add("create", "Make a tenant, and the database if there is none");
    auto options = add_options(command);
    command
        .option("ID",
                {.form = "",
                 .help = "Letters, digits, . _ and -, beginning with a letter or digit",
                 .required = true},
                options->id, TenantId::parse)
        .option("--name", {.form = "NAME", .help = "What people call it; by default the id"},
                options->name, parse_name)
        .examples("  tenantry tenant create acme --name 'Acme Realty'")
        .action([options] { return create(*options); });
}

void add_show(Command parent) {
    auto command = parent.add("show", "Show a tenant and its members");
    auto options = add_options(command);
    add_id(command, *options);
    command.examples("  tenantry tenant show acme --json").action([options] {
        return show(*options);
    });
}

void add_rename(Command parent) {
    auto command = parent.add("rename", "Give a tenant another name; its id stays");
    auto options = add_options(command);
    add_id(command, *options);
    command
        .option("--name", {.form = "NAME", .help = "What people call it", .required = true},
                options->name, parse_name)
        .examples("  tenantry tenant rename acme --name 'Acme Homes'")
        .action([options] { return rename(*options); });
}

void add_status(Command parent, std::string_view name, std::string_view summary,
                TenantStatus status) {
    auto command = parent.add(name, summary);
    auto options = add_options(command);
    add_id(command, *options);
    command.examples(fmt::format("  tenantry tenant {} acme", name)).action([options, status] {
        return set_status(*options, status);
    });
}

}  // namespace

void add_tenant(Command parent) {
    auto tenant =
        parent.add("tenant", "Make, show, rename, suspend, resume, move and delete tenants");
    add_create(tenant);
    auto list_command = tenant.add("list", "List the tenants");
    auto list_options = add_options(list_command);
    list_command.examples("  tenantry tenant list --json").action([list_options] {
        return list(*list_options);
    });
    add_show(tenant);
    add_rename(tenant);
    add_status(tenant, "suspend", "Refuse a tenant's requests from now on; its rows stay",
               TenantStatus::suspended);
    add_status(tenant, "resume", "Let a suspended tenant in again", TenantStatus::active);
    add_tenant_export(tenant);
    add_tenant_import(tenant);
    add_tenant_set_quota(tenant);
    add_tenant_sign_up(tenant);
    add_tenant_delete(tenant);
}

}  // namespace tenantry::cli
