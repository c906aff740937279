#include "services/import.hpp"

#include "base/random.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "cli/run_blocking.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <memory>

namespace tenantry::cli {
namespace {

using services::ImportReport;

// Nobody waits for an import with a stop-watch; a file of ten million rows takes minutes.
constexpr std::chrono::hours import_deadline{24};
constexpr std::uint64_t mapping_bytes_max = 1UL << 20;

struct ImportOptions {
    SettingFlags settings;
    std::optional<std::string> file;
    std::optional<TenantId> tenant;
    std::vector<services::MappingRule> rules;
    std::optional<std::string> mapping_file;
    std::optional<services::CountryCode> country;
    bool dry_run = false;
    bool json = false;
};

Result<std::string> read_text(const std::string& path) {
    TENANTRY_TRY(file, services::open_file(path));
    if (file->size() > mapping_bytes_max)
        return fail(Errc::bad_file, fmt::format("{} is larger than 1 MiB", path));
    std::string text(file->size(), '\0');
    text.resize(file->read_at(0, text));
    return text;
}

/// Those of the command line, then the file's for what they leave open.
Result<std::vector<services::MappingRule>> mapping_rules(const ImportOptions& options) {
    auto rules = options.rules;
    if (!options.mapping_file) return rules;
    TENANTRY_TRY(text, read_text(*options.mapping_file));
    auto more = services::parse_mapping_file(text);
    if (!more) {
        return fail(more.error().code, fmt::format("the mapping file {}: {}", *options.mapping_file,
                                                   more.error().message));
    }
    for (auto& rule : *more) {
        const bool given = std::ranges::any_of(
            options.rules, [&](const auto& r) { return r.header == rule.header; });
        if (!given) rules.push_back(std::move(rule));
    }
    return rules;
}

void print_json(const ImportOptions& options, const ImportReport& report) {
    boost::json::array refused;
    for (const auto& row : report.refused) {
        refused.push_back(
            boost::json::object{{"line", row.line}, {"column", row.column}, {"reason", row.why()}});
    }
    print(boost::json::serialize(boost::json::object{{"file", *options.file},
                                                     {"tenant", options.tenant->text()},
                                                     {"dry_run", options.dry_run},
                                                     {"rows", report.rows},
                                                     {"imported", report.imported},
                                                     {"unchanged", report.unchanged},
                                                     {"refused_rows", report.refused_rows},
                                                     {"refused", std::move(refused)}}) +
          "\n");
}

void print_text(const ImportOptions& options, const ImportReport& report) {
    print(fmt::format("{} {} of {} rows into {}", options.dry_run ? "Would import" : "Imported",
                      report.imported, report.rows, options.tenant->text()));
    if (report.unchanged > 0) print(fmt::format("; {} were there already", report.unchanged));
    if (report.refused_rows > 0) print(fmt::format("; {} refused", report.refused_rows));
    print("\n");
    if (report.refused.empty()) return;
    std::vector<std::vector<std::string>> rows{{"LINE", "COLUMN", "REASON"}};
    for (const auto& row : report.refused) {
        rows.push_back(
            {std::to_string(row.line), row.column.empty() ? "-" : row.column, row.why()});
    }
    print("\n" + table(rows));
    const auto unlisted = report.refused_rows - report.refused.size();
    if (unlisted > 0) print(fmt::format("and {} more\n", unlisted));
}

Result<ImportReport> import_file(const ImportOptions& options,
                                 const server::Configuration& configuration) {
    TENANTRY_TRY(file, services::open_file(*options.file));
    services::ImportOptions import{.dry_run = options.dry_run};
    TENANTRY_TRY(rules, mapping_rules(options));
    import.rules = std::move(rules);
    import.country = options.country.value_or(services::CountryCode{});
    TENANTRY_TRY(workshop, Workshop::open(configuration));
    TENANTRY_TRY(scope, workshop->issuer().for_job(*options.tenant, "import"));
    ProgressBar bar{"Importing"};
    import.progress = [&bar](const services::ImportProgress& progress) {
        bar.show(progress.bytes, progress.bytes_total);
    };
    return run_blocking(services::import_leads(workshop->executor(), scope, *file,
                                               std::move(import),
                                               {.now = system_clock().now(), .new_id = new_uuid},
                                               std::chrono::steady_clock::now() + import_deadline));
}

Result<ExitCode> import_leads(const ImportOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY(store, open_store(configuration));
    TENANTRY_TRY_VOID(require_active(*store, *options.tenant));
    TENANTRY_TRY(report, import_file(options, configuration));
    if (options.json) {
        print_json(options, report);
    } else {
        print_text(options, report);
    }
    return report.refused_rows == 0 ? ExitCode::done : ExitCode::failed;
}

}  // namespace

void add_import(Command parent) {
    auto import = parent.add("import", "Bring in rows from files");
    auto options = std::make_shared<ImportOptions>();
    auto command = import.add("leads", "Import leads from a CSV file into one tenant");
    command
        .option("FILE", {.form = "", .help = "CSV in UTF-8 with a header", .required = true},
                options->file, parse_any_text)
        .option("--tenant",
                {.form = "ID", .help = "The tenant whose leads they become", .required = true},
                options->tenant, TenantId::parse)
        .options("--map",
                 {.form = "HEADER=COLUMN",
                  .help = "Which column of leads (or metadata.KEY, or - for none) a header fills; "
                          "may be repeated"},
                 options->rules, services::parse_mapping_rule)
        .option("--mapping",
                {.form = "FILE", .help = "A TOML file of such pairs; --map goes before it"},
                options->mapping_file, parse_any_text)
        .option(
            "--country-code",
            {.form = "DIGITS", .help = "Calling code of phone numbers without one; by default 1"},
            options->country, services::CountryCode::parse)
        .flag("--dry-run", "Check everything and report, but write nothing", options->dry_run)
        .flag("--json", "Answer in JSON", options->json);
    add_settings(command, options->settings, {"database", "lock_timeout"});
    command
        .examples(
            "  tenantry import leads leads.csv --tenant acme\n"
            "  tenantry import leads crm.csv --tenant acme --map 'Owner=-' --map "
            "'Memo=metadata.notes' --dry-run\n"
            "\n"
            "Headers are matched by name and common synonyms; what is left over goes into "
            "metadata.\n"
            "Running the same import twice adds nothing. A file that is damaged as a whole is "
            "refused as a\n"
            "whole; single bad rows are reported by line, column and reason, and the exit code is "
            "then 1.")
        .action([options] { return import_leads(*options); });
}

}  // namespace tenantry::cli
