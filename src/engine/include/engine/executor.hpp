#pragma once
/// The door to a database: it takes scoped plans and nothing else.

#include "query/rows.hpp"
#include "query/scope_plan.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <vector>

namespace tenantry::engine {

/// The point in time after which nobody waits for the answer any more.
using Deadline = std::chrono::steady_clock::time_point;

/// One engine. Threads: any; each call resumes on the caller's executor.
class Executor {
public:
    virtual ~Executor() = default;

    /// Runs one plan in a transaction of its own. A write is answered when it is durable.
    /// Returns: rows as asked for; no rows is success. The reply owns its bytes.
    /// Errors:  unique_violation, foreign_key_violation, check_violation, deadline_exceeded,
    ///          overloaded, storage_full, storage_busy, shutting_down.
    /// Throws:  Fault, if the database is out of order.
    virtual boost::asio::awaitable<Result<query::Reply>> run(query::ScopedPlan plan,
                                                             Deadline deadline) = 0;

    /// Runs reads of one tenant, at least one, against one state of the database.
    /// Errors: as `run`.
    virtual boost::asio::awaitable<Result<std::vector<query::Reply>>> read_all(
        std::vector<query::ScopedPlan> plans, Deadline deadline) = 0;

    /// Runs plans of one tenant, at least one, in one transaction, in their order: all or none.
    /// The first refusal undoes the rest and is the answer. A write plan that affects no row is no
    /// refusal unless it must match (no_match). Otherwise as `run`.
    virtual boost::asio::awaitable<Result<std::vector<query::Reply>>> run_all(
        std::vector<query::ScopedPlan> plans, Deadline deadline) = 0;
};

/// The database is out of order: not an outcome of the request. `what()` is fit for a log, not for
/// a client.
class Fault : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace tenantry::engine
