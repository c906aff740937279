#include "sqlite/scan_pool.hpp"

#include <algorithm>

namespace tenantry::engine::sqlite {

ScanPool::ScanPool(std::size_t threads, std::size_t queue_max)
    : share_max_{std::max<std::size_t>(1, threads - std::max<std::size_t>(1, threads / 4))},
      queue_max_{queue_max} {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

ScanPool::~ScanPool() { join(); }

Result<void> ScanPool::submit(const TenantId& tenant, Scan scan) {
    {
        const std::lock_guard lock{mutex_};
        // The fewer places are left, the fewer one tenant may hold: there is always one for
        // another.
        if (queue_.size_of(tenant) >= queue_max_ - queue_.size())
            return fail(Errc::overloaded, "too many searches are waiting; try again shortly");
        queue_.push(tenant, std::move(scan));
    }
    changed_.notify_one();
    return {};
}

ScanPool::Load ScanPool::load() const {
    const std::lock_guard lock{mutex_};
    return {queue_.size(), running_};
}

void ScanPool::join() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

void ScanPool::run() {
    std::unique_lock lock{mutex_};
    while (true) {
        auto taken = queue_.take(share_max_);
        if (!taken) {
            if (stopping_ && queue_.empty()) return;
            changed_.wait(lock);
            continue;
        }
        ++running_;
        lock.unlock();
        taken->job();
        taken->job = nullptr;  // what it holds goes before the lock comes back
        lock.lock();
        --running_;
        queue_.finish(taken->lane, taken->weight);
        // Its tenant may have one more now, which the thread that was told of it had to leave.
        changed_.notify_all();
    }
}

}  // namespace tenantry::engine::sqlite
