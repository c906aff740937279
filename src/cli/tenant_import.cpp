#include "services/tenant_import.hpp"

#include "cli/actor.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "cli/run_blocking.hpp"
#include "engine/database.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <memory>

namespace tenantry::cli {
namespace {

constexpr std::chrono::hours import_deadline{24};

struct TenantImportOptions {
    SettingFlags settings;
    std::optional<std::string> file;
    std::optional<TenantId> tenant;
    std::optional<std::string> name;
    bool json = false;
};

void print_imported(const TenantImportOptions& options, const services::ImportedTenant& imported) {
    if (options.json) {
        boost::json::object rows;
        for (const auto& each : imported.manifest.relations)
            rows[each.relation->name()] = each.rows;
        print(boost::json::serialize(
                  boost::json::object{{"tenant", imported.tenant.id.text()},
                                      {"name", imported.tenant.name},
                                      {"archive_of", imported.manifest.tenant.text()},
                                      {"rows", std::move(rows)}}) +
              "\n");
        return;
    }
    std::string counts;
    for (const auto& each : imported.manifest.relations)
        counts +=
            fmt::format("{}{} {}", counts.empty() ? "" : ", ", each.rows, each.relation->name());
    print(fmt::format("Imported tenant {} with {}\n", imported.tenant.id.text(), counts));
}

Result<ExitCode> import_tenant(const TenantImportOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY(archive, services::open_file(*options.file));
    TENANTRY_TRY_VOID(require_database(configuration, Missing::create));
    TENANTRY_TRY(store, engine::open_tenure_store(configuration.database.value.location()));
    TENANTRY_TRY(workshop, Workshop::open(configuration));
    ProgressBar bar{"Importing"};
    services::TenantImport order{.tenant = *options.tenant, .name = options.name, .actor = actor()};
    order.progress = [&bar](std::uint64_t rows, std::uint64_t total) { bar.show(rows, total); };
    const services::ImportTools tools{workshop->executor(), *store, workshop->issuer()};
    TENANTRY_TRY(imported, run_blocking(services::import_tenant(
                               tools, *archive, std::move(order),
                               std::chrono::steady_clock::now() + import_deadline)));
    print_imported(options, imported);
    return ExitCode::done;
}

}  // namespace

void add_tenant_import(Command tenant) {
    auto options = std::make_shared<TenantImportOptions>();
    auto command = tenant.add("import", "Make a tenant of an archive that tenant export wrote");
    command
        .option("FILE", {.form = "", .help = "The archive", .required = true}, options->file,
                parse_any_text)
        .option("--tenant",
                {.form = "ID", .help = "The new tenant, which must not exist", .required = true},
                options->tenant, TenantId::parse)
        .option("--name", {.form = "NAME", .help = "What people call it; by default as before"},
                options->name, parse_name)
        .flag("--json", "Answer in JSON", options->json);
    add_settings(command, options->settings, {"database", "lock_timeout"});
    command
        .examples(
            "  tenantry tenant import acme.tar.gz --tenant acme\n"
            "  tenantry tenant import acme.tar.gz --tenant acme-test --name 'Acme (test)'\n"
            "\n"
            "The whole archive is checked before anything is written. Ids and times of rows stay. "
            "Nobody gets\n"
            "into the tenant before it is complete; after an error there is no tenant.")
        .action([options] { return import_tenant(*options); });
}

}  // namespace tenantry::cli
