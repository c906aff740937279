#pragma once
/// The threads for reads that may touch many rows. Tenants take turns, and one tenant never has all
/// the threads, so that another's scan finds one that is free or soon will be.

#include "base/error.hpp"
#include "base/id.hpp"
#include "sqlite/tenant_turns.hpp"

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tenantry::engine::sqlite {

/// Threads: any.
class ScanPool {
public:
    using Scan = std::move_only_function<void()>;

    struct Load {
        std::size_t waiting = 0;
        std::size_t running = 0;
    };

    /// `threads` is at least 1; of `queue_max` scans that may wait, one tenant's are at most as
    /// many as there is room left.
    ScanPool(std::size_t threads, std::size_t queue_max);
    /// Finishes what was accepted.
    ~ScanPool();
    ScanPool(const ScanPool&) = delete;
    ScanPool& operator=(const ScanPool&) = delete;

    /// `scan` must not throw. Errors: overloaded, and `scan` is not run.
    Result<void> submit(const TenantId& tenant, Scan scan);
    Load load() const;
    /// Accepts no more, waits for what was accepted. Once.
    void join();

private:
    void run();

    const std::size_t share_max_;  // threads that one tenant may have
    const std::size_t queue_max_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    TenantTurns<Scan> queue_;  // guarded by mutex_
    std::size_t running_ = 0;  // guarded by mutex_
    bool stopping_ = false;    // guarded by mutex_
    std::vector<std::thread> threads_;
};

}  // namespace tenantry::engine::sqlite
