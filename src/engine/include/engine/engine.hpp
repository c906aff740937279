#pragma once
/// A database as the server has it: rows, and what the scope issuer has to know.

#include "auth/directory.hpp"
#include "engine/commits.hpp"
#include "engine/executor.hpp"
#include "engine/statistics.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>
#include <vector>

namespace tenantry::engine {

/// What an engine keeps for a thread of its callers'. Destroy it on that thread, or when the
/// thread's io_context no longer runs, and before the engine.
class ThreadConnections {
public:
    virtual ~ThreadConnections() = default;
};

/// Threads: any. Destroying it finishes the writes that were accepted; nobody may be waiting in a
/// call.
class Engine : public Executor, public auth::Directory {
public:
    /// What operators have set for the tenant: a JSON object; "{}" also if there is no such tenant.
    /// Throws: Fault.
    virtual std::string settings(const TenantId& tenant) = 0;
    virtual Statistics statistics() const = 0;
    /// Whether the database can be read, known by `deadline`; for readiness probes. Doesn't throw.
    virtual boost::asio::awaitable<bool> healthy(Deadline deadline) = 0;
    /// Who is told of what this engine commits, and of what it hears of others. nullptr: nobody.
    virtual void set_commit_listener(std::shared_ptr<CommitListener> listener) = 0;
    /// For whoever looks now and then instead. Errors: as `run`. Throws: Fault.
    virtual boost::asio::awaitable<Result<Marks>> marks(std::vector<TenantId> tenants,
                                                        Deadline deadline) = 0;
    /// Gives the calling thread, which runs `context`, connections of its own: what is asked for on
    /// it is then done there, without waking another thread up. As many threads as
    /// `OpenOptions::threads` share the connections. nullptr: that would gain nothing.
    virtual std::unique_ptr<ThreadConnections> connect_thread(boost::asio::io_context&) {
        return nullptr;
    }
    /// Accepts no more writes and waits until those accepted are durable.
    virtual void drain() = 0;
};

}  // namespace tenantry::engine
