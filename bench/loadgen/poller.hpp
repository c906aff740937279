#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <span>

#include "sockets.hpp"

namespace tenantry::bench {

/// Something that bytes arrive at.
class Source {
public:
    Source() = default;
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;
    Source(Source&&) = delete;
    Source& operator=(Source&&) = delete;
    virtual ~Source() = default;
    virtual void receive() = 0;
};

/// Waits for bytes, or for a moment: to the microsecond, which a timeout of epoll's is not.
class Poller {
public:
    using Time = std::chrono::steady_clock::time_point;

    Poller();

    /// `source` must outlive the poller's use.
    void watch(int fd, Source& source);

    /// Returns what has bytes, and nothing once it is `wake`. It stands until the next call.
    std::span<Source* const> wait(Time wake);

private:
    static constexpr std::size_t events_max = 64;

    void arm(Time wake);

    FileDescriptor epoll_;
    FileDescriptor timer_;
    Time armed_for_{};
    std::array<Source*, events_max> ready_{};
};

}  // namespace tenantry::bench
