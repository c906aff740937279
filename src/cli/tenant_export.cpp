#include "services/tenant_export.hpp"

#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "cli/records.hpp"
#include "cli/remove_on_signal.hpp"
#include "cli/run_blocking.hpp"
#include "engine/database.hpp"
#include "schema/lead_schema.hpp"
#include "server/atomic_file.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <sys/stat.h>

#include <memory>

namespace tenantry::cli {
namespace {

using server::AtomicFile;
using services::ArchiveManifest;

constexpr std::chrono::hours export_deadline{24};

struct TenantExportOptions {
    SettingFlags settings;
    std::optional<TenantId> id;
    std::optional<std::string> output;
    bool json = false;
};

/// Carries a refusal of the file out of the export, which knows nothing of files.
struct WriteFailed {
    Error error;
};

Result<ArchiveManifest> write_archive(const TenantExportOptions& options, AtomicFile& file) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY(store, open_store(configuration));
    TENANTRY_TRY(tenant, store->tenant(*options.id));
    TENANTRY_TRY(workshop, Workshop::open(configuration));
    TENANTRY_TRY(scope, workshop->issuer().for_archive(*options.id));
    TENANTRY_TRY(snapshot, engine::open_snapshot(configuration.database.value.location(),
                                                 schema::lead_catalog()));
    const auto sink = [&file](std::string_view piece) {
        if (const auto written = file.write(piece); !written) throw WriteFailed{written.error()};
    };
    // Beside the archive: where there is room for it, there is for the spool, most likely.
    const auto folder = file.temporary().has_parent_path() ? file.temporary().parent_path() : ".";
    try {
        return run_blocking(services::export_tenant(
            *snapshot, scope,
            {.name = tenant.name, .now = system_clock().now(), .spool_folder = folder}, sink,
            std::chrono::steady_clock::now() + export_deadline));
    } catch (const WriteFailed& failed) {
        return failed.error;
    }
}

void print_exported(const TenantExportOptions& options, const ArchiveManifest& manifest) {
    if (options.json) {
        boost::json::object rows;
        for (const auto& each : manifest.relations) rows[each.relation->name()] = each.rows;
        print(boost::json::serialize(
                  boost::json::object{{"tenant", manifest.tenant.text()},
                                      {"file", *options.output},
                                      {"exported_at", timestamp_text(manifest.exported_at)},
                                      {"schema_version", manifest.schema_version},
                                      {"rows", std::move(rows)}}) +
              "\n");
        return;
    }
    std::string counts;
    for (const auto& each : manifest.relations)
        counts +=
            fmt::format("{}{} {}", counts.empty() ? "" : ", ", each.rows, each.relation->name());
    print(fmt::format("Exported tenant {} with {} to {}\n", manifest.tenant.text(), counts,
                      printable(*options.output)));
}

Result<ExitCode> export_tenant(const TenantExportOptions& options) {
    // A tenant's rows are personal data: the file is the owner's alone.
    TENANTRY_TRY(file, AtomicFile::create(*options.output, S_IRUSR | S_IWUSR));
    const RemoveOnSignal guard{file.temporary()};
    TENANTRY_TRY(manifest, write_archive(options, file));
    TENANTRY_TRY_VOID(file.commit(AtomicFile::Existing::replace));
    print_exported(options, manifest);
    return ExitCode::done;
}

}  // namespace

void add_tenant_export(Command tenant) {
    auto options = std::make_shared<TenantExportOptions>();
    auto command = tenant.add("export", "Write all of a tenant's rows to one archive");
    command
        .option("ID", {.form = "", .help = "The tenant", .required = true}, options->id,
                TenantId::parse)
        .option("-o,--output",
                {.form = "FILE.tar.gz",
                 .help = "Write here: the whole archive or, on an error, none",
                 .required = true},
                options->output, parse_any_text)
        .flag("--json", "Answer in JSON", options->json);
    add_settings(command, options->settings, {"database"});
    command
        .examples(
            "  tenantry tenant export acme --output acme.tar.gz\n"
            "\n"
            "The archive holds the rows as they are at one moment, a manifest with their counts "
            "and SHA-256,\n"
            "and no secrets: neither users and keys, nor cookies and credentials of identities. "
            "Only its owner\n"
            "can read the file. To move a tenant, suspend it first, so that nothing is written "
            "after the\n"
            "export.")
        .action([options] { return export_tenant(*options); });
}

}  // namespace tenantry::cli
