#pragma once
/// Until when a program goes on that has no end of its own.

#include <atomic>
#include <csignal>

namespace tenantry::bench {

/// Set by SIGTERM, once `stop_at_sigterm` has been called.
inline std::atomic<bool> stopped = false;
static_assert(std::atomic<bool>::is_always_lock_free);  // a signal handler may set it

inline void stop_at_sigterm() {
    struct sigaction action{};
    action.sa_handler = [](int) { stopped = true; };
    ::sigaction(SIGTERM, &action, nullptr);
}

}  // namespace tenantry::bench
