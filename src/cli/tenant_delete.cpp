#include "services/tenant_removal.hpp"

#include "cli/actor.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "cli/records.hpp"
#include "cli/run_blocking.hpp"
#include "cli/scrub.hpp"
#include "engine/database.hpp"
#include "engine/introspection.hpp"
#include "schema/lead_schema.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <unistd.h>

#include <iostream>
#include <memory>

namespace tenantry::cli {
namespace {

using services::RemovalReceipt;

struct TenantDeleteOptions {
    SettingFlags settings;
    std::optional<TenantId> id;
    std::optional<TenantId> confirmed;
    bool json = false;
};

Error not_confirmed(const TenantId& id) {
    return fail(Errc::bad_request,
                fmt::format("nothing was deleted; to confirm, add: --yes-delete {}", id.text()));
}

Result<void> confirm(const TenantDeleteOptions& options, const engine::TenantRecord& tenant) {
    const auto& id = tenant.id;
    if (options.confirmed) {
        if (*options.confirmed == id) return {};
        return fail(Errc::bad_request,
                    fmt::format("nothing was deleted: --yes-delete names {}, the tenant is {}",
                                options.confirmed->text(), id.text()));
    }
    if (::isatty(STDIN_FILENO) != 1) return not_confirmed(id);
    std::cerr << fmt::format(
        "This deletes the tenant {} ({}) with all of its rows for good.\nType its id to go on: ",
        id.text(), printable(tenant.name));
    std::string typed;
    std::getline(std::cin, typed);
    if (typed == id.text()) return {};
    return not_confirmed(id);
}

void print_receipt(const TenantDeleteOptions& options, const RemovalReceipt& receipt) {
    if (options.json) return print(boost::json::serialize(services::to_json(receipt)) + "\n");
    std::string counts;
    for (const auto& [relation, rows] : receipt.rows)
        counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", rows, relation);
    print(fmt::format("Deleted tenant {}\n\n", receipt.tenant.text()));
    print(table({{"receipt", receipt.number},
                 {"at", timestamp_text(receipt.at)},
                 {"rows", counts},
                 {"memberships", std::to_string(receipt.memberships)},
                 {"api keys", std::to_string(receipt.api_keys)},
                 {"users", fmt::format("{} who were members of nothing else lost name and address",
                                       receipt.users)},
                 {"data key", receipt.key_destroyed ? "destroyed" : "there was none"},
                 {"file", receipt.scrubbed ? "scrubbed: nothing is left in it" : "not scrubbed"}}));
}

/// The connections end with this, so that nothing is in the way of scrubbing.
Result<RemovalReceipt> remove_rows(const TenantDeleteOptions& options,
                                   const server::Configuration& configuration) {
    TENANTRY_TRY(store, engine::open_tenure_store(configuration.database.value.location()));
    TENANTRY_TRY(workshop, Workshop::open(configuration));
    TENANTRY_TRY(
        found, engine::introspect(configuration.database.value.location(), schema::lead_catalog()));
    const services::RemovalTools tools{workshop->executor(), *store, workshop->issuer(),
                                       *found.catalog};
    return run_blocking(services::remove_tenant(tools, *options.id, actor()));
}

Result<ExitCode> remove(const TenantDeleteOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    {
        TENANTRY_TRY(store, open_store(configuration));
        TENANTRY_TRY(tenant, store->tenant(*options.id));
        TENANTRY_TRY_VOID(confirm(options, tenant));
    }
    TENANTRY_TRY(receipt, remove_rows(options, configuration));
    if (configuration.database.value.postgres()) {
        // Its vacuum clears away what is left of the rows, its backups are its own.
        print_receipt(options, receipt);
        return ExitCode::done;
    }
    const auto scrubbed = scrub_database(configuration);
    receipt.scrubbed = scrubbed.has_value();
    // The rows are gone whatever the scrubbing met, so there is a receipt to be had either way.
    print_receipt(options, receipt);
    if (!scrubbed) {
        return fail(scrubbed.error().code,
                    fmt::format("the tenant {} is deleted, but bytes of it may be left in the "
                                "file; run: tenantry scrub ({})",
                                options.id->text(), scrubbed.error().message));
    }
    return ExitCode::done;
}

}  // namespace

void add_tenant_delete(Command tenant) {
    auto options = std::make_shared<TenantDeleteOptions>();
    auto command = tenant.add("delete", "Delete a tenant and all of its rows, for good");
    command
        .option("ID", {.form = "", .help = "The tenant", .required = true}, options->id,
                TenantId::parse)
        .option("--yes-delete",
                {.form = "ID", .help = "The id once more, instead of being asked for it"},
                options->confirmed, TenantId::parse)
        .flag("--json", "Answer in JSON", options->json);
    add_settings(command, options->settings, {"database", "lock_timeout"});
    command
        .examples(
            "  tenantry tenant delete acme\n"
            "  tenantry tenant delete acme --yes-delete acme --json\n"
            "\n"
            "The tenant's requests are refused at once, its rows and its data key are destroyed, "
            "and the file is\n"
            "rewritten so that no byte of them is left in it. Prints a receipt. If the command is "
            "stopped\n"
            "half-way, run it again. Users who are members of other tenants stay; the others lose "
            "name and\n"
            "address. Backups keep what they hold.")
        .action([options] { return remove(*options); });
}

}  // namespace tenantry::cli
