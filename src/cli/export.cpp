#include "services/export.hpp"

#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "cli/remove_on_signal.hpp"
#include "cli/run_blocking.hpp"
#include "server/atomic_file.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

#include <memory>

namespace tenantry::cli {
namespace {

using server::AtomicFile;
using services::ExportFormat;

constexpr std::chrono::hours export_deadline{24};

struct ExportOptions {
    SettingFlags settings;
    std::optional<TenantId> tenant;
    std::optional<ExportFormat> format;
    std::optional<std::string> output;
};

/// Carries a refusal of the file out of the export, which knows nothing of files.
struct WriteFailed {
    Error error;
};

Result<std::uint64_t> export_to(const ExportOptions& options,
                                const server::Configuration& configuration,
                                services::ExportSink sink) {
    TENANTRY_TRY(store, open_store(configuration));
    TENANTRY_TRY_VOID(require_active(*store, *options.tenant));
    TENANTRY_TRY(workshop, Workshop::open(configuration));
    TENANTRY_TRY(scope, workshop->issuer().for_job(*options.tenant, "export"));
    try {
        return run_blocking(services::export_leads(
            workshop->executor(), scope, options.format.value_or(ExportFormat::csv),
            std::move(sink), std::chrono::steady_clock::now() + export_deadline));
    } catch (const WriteFailed& failed) {
        return failed.error;
    }
}

Result<ExitCode> export_to_output(const ExportOptions& options,
                                  const server::Configuration& configuration) {
    const auto sink = [](std::string_view piece) {
        print(piece);
        if (const auto written = output_so_far(); !written) throw WriteFailed{written.error()};
    };
    TENANTRY_TRY_VOID(export_to(options, configuration, sink));
    return ExitCode::done;
}

/// Leads are personal data: the file is the owner's alone.
Result<ExitCode> export_to_file(const ExportOptions& options,
                                const server::Configuration& configuration) {
    TENANTRY_TRY(file, AtomicFile::create(*options.output, S_IRUSR | S_IWUSR));
    const RemoveOnSignal guard{file.temporary()};
    const auto sink = [&file](std::string_view piece) {
        if (const auto written = file.write(piece); !written) throw WriteFailed{written.error()};
    };
    TENANTRY_TRY(count, export_to(options, configuration, sink));
    TENANTRY_TRY_VOID(file.commit(AtomicFile::Existing::replace));
    print(fmt::format("Exported {} leads of {} to {}\n", count, options.tenant->text(),
                      printable(*options.output)));
    return ExitCode::done;
}

Result<ExitCode> export_leads(const ExportOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    if (options.output) return export_to_file(options, configuration);
    return export_to_output(options, configuration);
}

}  // namespace

void add_export(Command parent) {
    auto options = std::make_shared<ExportOptions>();
    auto command =
        parent.add("export", "Write all leads of one tenant to a file or to standard output");
    command
        .option("--tenant", {.form = "ID", .help = "The tenant", .required = true}, options->tenant,
                TenantId::parse)
        .option("--format",
                {.form = "FORMAT",
                 .help = "csv (which import leads reads again) or ndjson; by default csv"},
                options->format, services::parse_export_format)
        .option("-o,--output",
                {.form = "FILE", .help = "Write here: the whole file or, on an error, none"},
                options->output, parse_any_text);
    add_settings(command, options->settings, {"database", "lock_timeout"});
    command
        .examples(
            "  tenantry export --tenant acme --output acme.csv\n"
            "  tenantry export --tenant acme --format ndjson | jq .email\n"
            "\n"
            "An existing file is replaced in one step. Only its owner can read it.")
        .action([options] { return export_leads(*options); });
}

}  // namespace tenantry::cli
