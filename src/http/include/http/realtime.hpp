#pragma once
/// What the sockets of `/realtime/v1` have in common: limits, and who is in which channel.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace tenantry::http {

struct RealtimeLimits {
    std::size_t channels_max = 100;    // of a socket
    std::size_t bindings_max = 100;    // postgres_changes of a channel
    unsigned events_per_second = 100;  // from a client, heartbeats aside
    std::size_t payload_bytes_max = 3UL * 1024 * 1024;
    std::size_t presence_bytes_max = 16UL * 1024;         // what one client tracks
    std::size_t presence_state_bytes_max = 512UL * 1024;  // all that is tracked in a channel
    /// What waits for a client to take it. One broadcast more may stand behind that.
    std::size_t outbox_bytes_max = 1024UL * 1024;
    /// The same for all clients of a tenant, and for broadcasts that are under way to them.
    std::size_t tenant_outbox_bytes_max = 64UL * 1024 * 1024;
    /// A client that takes nothing, or not enough to make room, is cut off after it.
    std::chrono::milliseconds write_timeout{15'000};
    /// Clients send a heartbeat every 25 seconds.
    std::chrono::milliseconds idle_timeout{75'000};
    /// For a client to end its side after the server has ended its own.
    std::chrono::milliseconds close_timeout{2'000};
    /// For questions to the database.
    std::chrono::milliseconds deadline{10'000};
};

/// Of this process.
struct RealtimeStatistics {
    std::uint64_t sockets = 0;   // open now
    std::uint64_t channels = 0;  // joined now
    std::uint64_t too_slow = 0;  // sockets closed for not taking what was sent
};

namespace realtime {
class Hub;
}

/// Outlives all listeners that serve with it. Threads: any.
class Realtime {
public:
    explicit Realtime(const RealtimeLimits& limits = {});
    ~Realtime();
    Realtime(const Realtime&) = delete;
    Realtime& operator=(const Realtime&) = delete;

    const RealtimeLimits& limits() const noexcept { return limits_; }
    realtime::Hub& hub() noexcept { return *hub_; }
    RealtimeStatistics statistics() const noexcept;

private:
    RealtimeLimits limits_;
    std::unique_ptr<realtime::Hub> hub_;
};

}  // namespace tenantry::http
