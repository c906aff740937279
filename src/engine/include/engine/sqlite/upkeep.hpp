#pragma once
/// The database as a file: copies, checks, and leaving nothing behind. For operators' commands.
///
/// These open the file themselves, outside the guard, since they are about all tenants' rows at
/// once; no row of anybody comes out of them, only numbers and words.
/// Blocking. Threads: any, each call on its own.

#include "base/error.hpp"
#include "base/timestamp.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace tenantry::engine::sqlite {

/// Pages done, and pages in all.
using CopyProgress = std::function<void(std::uint64_t, std::uint64_t)>;

/// Copies the database, as it stands at one moment, into the file `target`, which must be there and
/// empty. Writers go on meanwhile. The copy is a whole database in one file.
/// Errors: as migrate, not_found; storage_full, storage_unusable of the target.
Result<void> copy_database(const std::filesystem::path& source, const std::filesystem::path& target,
                           const CopyProgress& progress);

/// A file at rest, such as a backup: nothing may have it open. Nothing is written, nor left beside
/// it.
struct Inspected {
    int schema_version;
    std::uint64_t bytes;
};
/// Looks through all of it. Errors: not_found, storage_unusable (no database of ours, of a newer
/// program, damaged, rows that refer to nothing), in words that call it `called`.
Result<Inspected> inspect_file(const std::filesystem::path& path, const std::string& called);

/// Gives each tenant's feed of changes another name, since in another copy of the database the same
/// numbers will mean other changes. Of a file at rest, as above. Errors: storage_unusable.
Result<void> rename_feeds(const std::filesystem::path& path);

/// Whether any other process has the database open. Errors: storage_unusable.
Result<bool> is_in_use(const std::filesystem::path& path);

struct Scrubbed {
    std::uint64_t bytes_before;
    std::uint64_t bytes_after;
};
/// Rewrites the file from the rows that are in it, and empties its write-ahead log, so that no byte
/// of a deleted row is left in either: neither in pages that were given back, nor in the gaps of
/// those in use (which `PRAGMA secure_delete` leaves). Other processes may read meanwhile, and
/// their writes wait. It needs room for the file twice over. Waits `patience` for locks. Errors: as
/// migrate; storage_busy, storage_full.
Result<Scrubbed> scrub(const std::filesystem::path& path, std::chrono::milliseconds patience);

/// What can be wrong inside of a database that opens.
struct Examination {
    std::vector<std::string> damage{};         // what SQLite's own check says, the first few
    std::int64_t dangling = 0;                 // rows that refer to nothing
    bool statistics = false;                   // there are tables that ANALYZE makes
    std::vector<std::string> deleting{};       // tenants that are half-way in or out
    std::int64_t unscrubbed = 0;               // deletions whose remains may still be in the file
    std::int64_t tenant_keys = 0;              // data keys under the master key
    Timestamp last_written{};                  // the latest time that the platform's records hold
    std::vector<std::string> wrong_tallies{};  // tallies that differ from a recount
};
/// Reads all of it. The file must be of the newest version. Errors: as migrate.
Result<Examination> examine(const std::filesystem::path& path);

}  // namespace tenantry::engine::sqlite
