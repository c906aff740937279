#pragma once
/// Versions of the file. `PRAGMA user_version` is the number of the last migration run, and
/// `PRAGMA application_id` marks the file as ours.

#include "engine/sqlite/sqlite_engine.hpp"
#include "sqlite/handles.hpp"

#include <string>

namespace tenantry::engine::sqlite {

/// "TENY", as `file(1)` would show it.
inline constexpr std::int64_t application_id = 0x54454E59;

/// Whether the file that `db` has open is ours and of a version this program knows.
/// Errors: storage_unusable. Throws SqliteFailure.
Result<SchemaVersion> check_version(sqlite3* db, const std::string& path);

/// As check_version, and refuses an older version with the command that brings it up to date.
Result<void> require_latest(const std::string& path);

}  // namespace tenantry::engine::sqlite
