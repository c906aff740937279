#pragma once
/// How long changes are kept, and letting go of older ones.

#include "engine/executor.hpp"
#include "schema/catalog.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tenantry::feed {

/// Of each tenant. A change goes when either says so.
struct Retention {
    std::size_t changes = 1'000'000;
    std::chrono::milliseconds age{std::chrono::hours{7 * 24}};
};

/// Deletes the scope's tenant's changes that need not be kept at `now`, some at a time, the oldest
/// first; the numbers of those to come go on as they would have. Returns how many.
/// Errors: those of the executor. Throws: engine::Fault.
boost::asio::awaitable<Result<std::int64_t>> trim_changes(engine::Executor& executor,
                                                          const schema::Catalog& catalog,
                                                          TenantScope scope, Retention retention,
                                                          Timestamp now,
                                                          std::chrono::milliseconds patience);

/// Deletes all changes of a tenant and its numbering, once its rows are gone. Errors, throws: as
/// above.
boost::asio::awaitable<Result<void>> remove_feed(engine::Executor& executor,
                                                 const schema::Catalog& catalog, TenantScope scope,
                                                 std::chrono::milliseconds patience);

}  // namespace tenantry::feed
