#pragma once
/// Who wants to know that something was committed.

#include "base/id.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tenantry::engine {

/// Threads: any; told after the commit, and in no order. A call must be brief.
class CommitListener {
public:
    virtual ~CommitListener() = default;
    virtual void committed(const TenantId& tenant) = 0;
    /// Something may have been missed.
    virtual void committed_by_anybody() = 0;
};

/// Texts that say nothing but whether they are the same as before.
struct Marks {
    std::string commits{};                 // another one if anybody may have committed
    std::vector<std::string> standings{};  // of each tenant asked for: another one if what the
                                           // scope issuer knows of its principals may have changed
};

/// The listener of an engine. Threads: any.
class CommitTeller {
public:
    /// nullptr: nobody. One that was told is still alive.
    void set(std::shared_ptr<CommitListener> listener) {
        const std::lock_guard lock{mutex_};
        listener_ = std::move(listener);
    }
    void tell(const TenantId& tenant) const {
        if (const auto listener = get()) listener->committed(tenant);
    }
    void tell_of_anybody() const {
        if (const auto listener = get()) listener->committed_by_anybody();
    }

private:
    std::shared_ptr<CommitListener> get() const {
        const std::lock_guard lock{mutex_};
        return listener_;
    }

    mutable std::mutex mutex_;
    std::shared_ptr<CommitListener> listener_;
};

}  // namespace tenantry::engine
