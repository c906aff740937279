#pragma once
/// SQL functions that statements of the SQLite dialect call.

#include "sqlite/handles.hpp"

namespace tenantry::engine::sqlite {

/// `contains_folded(haystack, needle)`: 1 if `needle` occurs in `haystack` when both are in lower
/// case (Unicode simple case mapping), 0 if not, NULL if either is. Throws SqliteFailure.
void register_functions(sqlite3* db);

}  // namespace tenantry::engine::sqlite
