#pragma once
/// A database as the server has it: rows, and what the scope issuer has to know.

#include "auth/directory.hpp"
#include "engine/executor.hpp"

namespace tenantry::engine {

/// Threads: any. Destroying it finishes the writes that were accepted; nobody may be waiting in a
/// call.
class Engine : public Executor, public auth::Directory {
public:
    /// Whether the database can be read now; for readiness probes.
    virtual bool healthy() noexcept = 0;
    /// Accepts no more writes and waits until those accepted are durable.
    virtual void drain() = 0;
};

}  // namespace tenantry::engine
