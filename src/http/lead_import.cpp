// POST /api/leads/import: a CSV file of leads. It has come in whole by now: a large one on disk, a
// small one in memory.

#include "lead_import.hpp"
#include "abridged.hpp"
#include "base/text.hpp"
#include "http/transfers.hpp"
#include "renewal.hpp"
#include "resources.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <iterator>

namespace tenantry::http {
namespace {

namespace asio = boost::asio;
using services::ImportReport;

constexpr std::size_t refused_listed_max = 1000;

Result<bool> parse_flag(std::string_view name, std::string_view text) {
    if (text == "true") return true;
    if (text == "false") return false;
    return fail(Errc::bad_value, fmt::format("{} is neither true nor false", name),
                std::string{name});
}

/// What is at fault is the parameter, whatever the parser of the value calls it.
Error in_parameter(std::string_view name, const Error& error) {
    return fail(error.code, error.message, std::string{name});
}

void append_refused(std::string& out, const services::RefusedRow& row) {
    out += fmt::format("{{\"line\":{},\"column\":", row.line);
    append_json_string(out, row.column);
    out += ",\"reason\":";
    append_json_string(out, row.why());
    out += '}';
}

Response rendered(const ImportReport& report, bool dry_run) {
    Response response;
    auto& out = response.body;
    out = fmt::format(
        R"({{"dry_run":{},"rows":{},"imported":{},"unchanged":{},"refused_rows":{},"refused":[)",
        dry_run, report.rows, report.imported, report.unchanged, report.refused_rows);
    const auto listed = std::min(report.refused.size(), refused_listed_max);
    for (std::size_t i = 0; i < listed; ++i) {
        if (i > 0) out += ',';
        append_refused(out, report.refused[i]);
    }
    out += "]}";
    return response;
}

/// Reads and writes on the pool's threads: parsing takes a core for as long as it takes.
asio::awaitable<Result<ImportReport>> import_spooled(
    std::shared_ptr<Spool> spool, std::string_view body, Transfers& transfers, TenantScope scope,
    services::ImportOptions options, query::Stamp stamp, engine::Deadline deadline) {
    if (spool) {
        const auto stored = spool->store();
        if (!stored) co_return stored.error();
        co_return co_await services::import_leads(transfers.executor(), std::move(scope), *spool,
                                                  std::move(options), std::move(stamp), deadline);
    }
    const services::TextSource text{body};
    co_return co_await services::import_leads(transfers.executor(), std::move(scope), text,
                                              std::move(options), std::move(stamp), deadline);
}

/// Whether the import may go on: asked now and then while it runs.
Result<void> still_permitted(const Renewal& renewal, engine::Deadline deadline) {
    if (std::chrono::steady_clock::now() >= deadline)
        return fail(Errc::deadline_exceeded, "the import took longer than the server allows");
    TENANTRY_TRY_VOID(renewal.scope());
    return {};
}

}  // namespace

Result<services::ImportOptions> parse_import_options(const Target& target) {
    services::ImportOptions options;
    for (const auto& [name, value] : target.parameters) {
        if (value.empty()) continue;
        if (name == "dry_run") {
            TENANTRY_TRY(dry_run, parse_flag(name, value));
            options.dry_run = dry_run;
        } else if (name == "country_code") {
            auto country = services::CountryCode::parse(value);
            if (!country) return in_parameter(name, country.error());
            options.country = *country;
        } else if (name == "map") {
            if (options.rules.size() == services::CsvReader::columns_max)
                return fail(Errc::bad_query, "map is given more often than a file has columns",
                            name);
            auto rule = services::parse_mapping_rule(value);
            if (!rule) return in_parameter(name, rule.error());
            options.rules.push_back(std::move(*rule));
        }
    }
    return options;
}

namespace leads {

Answer import_file(const Call& call) {
    auto options = parse_import_options(call.target);
    if (!options) co_return options.error();
    const bool dry_run = options->dry_run;
    auto& transfers = *call.app.transfers;
    const auto deadline = transfers.import_deadline();
    options->permit = [renewal = Renewal{call}, deadline] {
        return still_permitted(renewal, deadline);
    };
    const query::Stamp stamp{call.app.clock.now(),
                             [&clock = call.app.clock] { return clock.new_id(); }};
    const auto report =
        co_await asio::co_spawn(transfers.pool(),
                                import_spooled(call.request.spool, call.request.body, transfers,
                                               call.scope, std::move(*options), stamp, deadline),
                                asio::use_awaitable);
    if (!report) co_return report.error();
    co_return rendered(*report, dry_run);
}

}  // namespace leads
}  // namespace tenantry::http
