#pragma once
/// All leads of one tenant as a file.

#include "engine/executor.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::services {

enum class ExportFormat {
    csv,     // UTF-8, LF, a header; what import_leads reads without a mapping
    ndjson,  // one lead a line, as the API gives it
};

/// Errors: bad_value.
Result<ExportFormat> parse_export_format(std::string_view text);

/// An export that is pulled, for who can only take it in pieces: the file of export_leads, a page
/// of rows at a time. Each page is asked for with a scope of its own, so that a right that is lost
/// meanwhile ends it. Threads: one at a time; `executor` must outlive it.
class LeadExport {
public:
    /// Few enough that a page is small beside a server's memory and over soon, since others wait
    /// for the thread that reads it.
    static constexpr std::uint32_t page_rows = 250;

    LeadExport(engine::Executor& executor, ExportFormat format)
        : executor_{executor}, format_{format} {}

    /// Appends the next page, whole lines, to `out`. False after the last one. Every scope must be
    /// of the same tenant: anything else is a bug.
    /// Errors: those of Executor::run. Throws: as Executor.
    boost::asio::awaitable<Result<bool>> next(TenantScope scope, std::string& out,
                                              engine::Deadline deadline);
    /// Leads so far.
    std::uint64_t exported() const noexcept { return exported_; }

private:
    engine::Executor& executor_;
    ExportFormat format_;
    bool begun_ = false;
    std::uint64_t exported_ = 0;
    std::optional<TenantId> tenant_{};
    std::optional<std::vector<query::Value>> last_{};  // created_at and id where the page ended
};

/// Takes pieces of the file in their order; whole lines. What it throws ends the export.
using ExportSink = std::function<void(std::string_view)>;

/// Writes every lead of the scope's tenant to `sink`, oldest first. Returns how many.
///
/// CSV: fields are quoted where RFC 4180 asks for it and otherwise stand as stored, also those that
/// a spreadsheet would take for a formula. Tags are joined by `;`, or a JSON array if one holds a
/// `;` or is no plain word. Null is the empty field.
/// Reads page by page: constant memory, and leads written meanwhile may or may not be among them.
///
/// Errors:  those of Executor::run. Throws: as Executor; what `sink` throws.
/// Threads: any; `executor` must outlive the call.
boost::asio::awaitable<Result<std::uint64_t>> export_leads(engine::Executor& executor,
                                                           TenantScope scope, ExportFormat format,
                                                           ExportSink sink,
                                                           engine::Deadline deadline);

}  // namespace tenantry::services
