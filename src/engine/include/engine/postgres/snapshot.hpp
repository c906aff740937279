#pragma once
/// One state of a PostgreSQL database for as long as it is looked at.

#include "engine/executor.hpp"
#include "pg/url.hpp"

#include <memory>

namespace tenantry::engine::postgres {

/// An executor whose reads all see the database as it was when this was opened, whatever is written
/// meanwhile; writes are refused (bad_request). It holds back the clearing away of old rows until
/// it is destroyed. Under row-level security like every other. Blocking; one thread at a time.
/// Errors: storage_unusable.
Result<std::unique_ptr<Executor>> open_snapshot(const pg::Url& url);

}  // namespace tenantry::engine::postgres
