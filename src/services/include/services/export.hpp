#pragma once
/// All leads of one tenant as a file.

#include "engine/executor.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <string_view>

namespace tenantry::services {

enum class ExportFormat {
    csv,     // UTF-8, LF, a header; what import_leads reads without a mapping
    ndjson,  // one lead a line, as the API gives it
};

/// Errors: bad_value.
Result<ExportFormat> parse_export_format(std::string_view text);

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
