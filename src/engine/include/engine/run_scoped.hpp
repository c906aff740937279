#pragma once
/// One request of the server's own, planned, scoped and run.

#include "engine/executor.hpp"

#include <cstdint>

namespace tenantry::engine {

/// Scoped at once, so that only `executor` must stand until it has run. Errors: those of
/// query::scoped and of Executor::run. Throws: Fault.
boost::asio::awaitable<Result<query::Reply>> run_scoped(Executor& executor, query::Read read,
                                                        const TenantScope& scope,
                                                        Deadline deadline);
boost::asio::awaitable<Result<query::Reply>> run_scoped(Executor& executor, query::Delete request,
                                                        const TenantScope& scope,
                                                        Deadline deadline);

/// How many rows of `relation` the tenant has. Errors, throws: as above.
boost::asio::awaitable<Result<std::int64_t>> count_rows(Executor& executor,
                                                        const schema::Relation& relation,
                                                        TenantScope scope, Deadline deadline);

}  // namespace tenantry::engine
