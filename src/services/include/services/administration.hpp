#pragma once
/// What operators do to the platform while the server runs.

#include "auth/operator_scope.hpp"
#include "engine/control_store.hpp"
#include "services/store_threads.hpp"

#include <string>
#include <utility>

namespace tenantry::services {

/// Runs work on control stores. Whoever asks shows an OperatorScope, and the audit log names its
/// principal. Threads: as StoreThreads.
class Administration {
public:
    using Open = StoreThreads<engine::ControlStore>::Open;
    /// Calls that may wait or be at work at once, before `overloaded`.
    static constexpr std::size_t calls_max = 64;

    explicit Administration(Open open) : stores_{std::move(open), thread_count, calls_max} {}

    /// As StoreThreads::run.
    template <class Work>
    auto run(const auth::OperatorScope& scope, engine::Deadline deadline, Work work) {
        auto named = [actor = scope.principal(),
                      work = std::move(work)](engine::ControlStore& store) mutable {
            store.act_as(std::move(actor));
            return work(store);
        };
        return stores_.run(deadline, std::move(named));
    }

private:
    /// Writes take turns in the database anyway; the second lets reads pass one that waits for its
    /// lock.
    static constexpr std::size_t thread_count = 2;

    StoreThreads<engine::ControlStore> stores_;
};

}  // namespace tenantry::services
