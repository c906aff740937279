#pragma once
/// From SQLite's failures to outcomes and faults.

#include "base/error.hpp"
#include "engine/executor.hpp"
#include "schema/catalog.hpp"
#include "sqlite/handles.hpp"

namespace tenantry::engine::sqlite {

/// What a failed statement on `relation` means to the one who asked for it.
/// Throws: Fault, if it is none of the request's doing.
Error outcome_of(const SqliteFailure& failure, const schema::Relation& relation);

/// What a failed commit, lock or transaction means, whoever asked. Throws: Fault.
Error outcome_of(const SqliteFailure& failure);

/// What opening `path` came to, as a sentence that says what to do.
Error opening_error(const SqliteFailure& failure, const std::string& path);

}  // namespace tenantry::engine::sqlite
