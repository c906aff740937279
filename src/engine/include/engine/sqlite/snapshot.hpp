#pragma once
/// One state of the database for as long as it is looked at.

#include "engine/executor.hpp"
#include "schema/catalog.hpp"

#include <filesystem>
#include <memory>

namespace tenantry::engine::sqlite {

/// An executor whose reads all see the file as it was when this was opened, whatever is written
/// meanwhile; writes are refused (bad_request). Nobody waits for it, but the write-ahead log grows
/// until it is destroyed. Under the guard like every other. Blocking; one thread at a time.
/// Errors: as migrate.
Result<std::unique_ptr<Executor>> open_snapshot(const schema::Catalog& catalog,
                                                const std::filesystem::path& path);

}  // namespace tenantry::engine::sqlite
