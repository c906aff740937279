#pragma once
/// Leads from a CSV file into one tenant.

#include "engine/executor.hpp"
#include "services/csv_reader.hpp"
#include "services/lead_mapping.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tenantry::services {

struct ImportProgress {
    std::uint64_t bytes = 0;  // of the file, read so far
    std::uint64_t bytes_total = 0;
    std::uint64_t rows = 0;  // read so far
};

struct ImportOptions {
    bool dry_run = false;  // does everything but write
    std::vector<MappingRule> rules{};
    CountryCode country{};
    /// Called every few hundred rows, if set; from changing threads, never from two at a time.
    std::function<void(const ImportProgress&)> progress{};
    /// Asked, if set, before each part is written and every few hundred rows: what it refuses ends
    /// the import. As `progress` otherwise.
    std::function<Result<void>()> permit{};
};

/// A row that was not imported, and why.
struct RefusedRow {
    std::uint64_t line = 0;  // where it starts in the file, from 1
    std::string column;      // the header at fault; empty if it is the row as a whole
    std::string reason;      // goes on from the column: "is not an address"

    /// The whole reason: "email is not an address".
    std::string why() const;

    friend bool operator==(const RefusedRow&, const RefusedRow&) = default;
};

/// `rows` is the sum of the three that follow it.
struct ImportReport {
    std::uint64_t rows = 0;
    std::uint64_t imported = 0;   // written, or would be in a dry run
    std::uint64_t unchanged = 0;  // in the tenant already
    std::uint64_t refused_rows = 0;
    std::vector<RefusedRow> refused{};  // in the file's order; the first refused_listed_max of them

    friend bool operator==(const ImportReport&, const ImportReport&) = default;
};

namespace limits_of_import {
/// Rows and bytes of the file that are written in one transaction. A file within both is imported
/// whole or not at all; a larger one in parts of this size, after all of it was checked.
inline constexpr std::size_t part_rows_max = 50'000;
inline constexpr std::uint64_t part_bytes_max = 64ULL * 1024 * 1024;
/// Refused rows that are kept for the report; any more are only counted.
inline constexpr std::size_t refused_listed_max = 100'000;
}  // namespace limits_of_import

/// Imports what is good in `file` and reports what isn't.
///
/// A row is already there, and stays as it is, if the tenant has a lead of its id or, where the
/// file gives no id, of its e-mail address. So the same import twice adds nothing. A row is refused
/// if its id or e-mail repeats an earlier row's, or its e-mail belongs to a lead of another id.
///
/// Memory: two parts, and 50 to 100 bytes for each row of the file.
/// Errors:  bad_file, bad_value: of CsvReader and LeadMapping, before anything is written.
///          conflict: the tenant's leads were written meanwhile; nothing of the part under way is
///          stored. Those of Executor. The message says if parts before it are stored.
/// Throws:  as Executor; std::system_error if the file can't be read.
/// Threads: any; `executor` and `file` must outlive the call, and nobody may change the file. It
///          parses on the calling thread, so not on one that serves requests, and parts but the
///          first on a thread of its own; `stamp` is used by one at a time.
boost::asio::awaitable<Result<ImportReport>> import_leads(engine::Executor& executor,
                                                          TenantScope scope, const ByteSource& file,
                                                          ImportOptions options, query::Stamp stamp,
                                                          engine::Deadline deadline);

}  // namespace tenantry::services
