#pragma once
/// The record of changes, read from the database.

#include "engine/executor.hpp"
#include "feed/change.hpp"
#include "feed/position.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <vector>

namespace tenantry::feed {

/// A feed as of one moment.
struct Reading {
    Position head{};                   // its end; without a feed, the beginning
    std::vector<ChangePtr> changes{};  // after the place asked for
};

/// Where the feed ends. Errors: those of the executor. Throws: engine::Fault.
boost::asio::awaitable<Result<Position>> read_head(engine::Executor& executor,
                                                   const schema::Catalog& catalog,
                                                   TenantScope scope, engine::Deadline deadline);

/// Up to `limit` changes after `from`.
/// Errors: resync_required, if `from` lies in no feed of the tenant or what follows it is no longer
/// kept; those of the executor. Throws: engine::Fault.
boost::asio::awaitable<Result<Reading>> read_changes(engine::Executor& executor,
                                                     const schema::Catalog& catalog,
                                                     TenantScope scope, Position from,
                                                     std::size_t limit, engine::Deadline deadline);

Error resync_required();

}  // namespace tenantry::feed
