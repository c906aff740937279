#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dataset.hpp"
#include "ledger.hpp"
#include "poller.hpp"

namespace tenantry::bench {

/// WebSockets that have joined for all changes of their tenant's leads, as many of each tenant.
class Subscribers {
public:
    using Time = Poller::Time;
    using TakeChange = std::function<void(const Seat&, std::string_view message)>;

    /// Opens the first few; each that has joined opens the next.
    /// Throws: std::runtime_error, here and from the poller's sources, if a join is refused, or a
    ///         socket closed, or a message comes that has no business here; std::system_error.
    Subscribers(Poller& poller, std::uint16_t port, const std::vector<Tenant>& tenants,
                std::size_t of_each_tenant, TakeChange take_change);
    ~Subscribers();
    Subscribers(const Subscribers&) = delete;
    Subscribers& operator=(const Subscribers&) = delete;
    Subscribers(Subscribers&&) = delete;
    Subscribers& operator=(Subscribers&&) = delete;

    /// All have been told that changes come.
    [[nodiscard]] bool complete() const noexcept { return joined_ == wanted_; }

    /// When `beat` is to be called next: each sends a sign of life every 25 s, as the clients of
    /// Supabase do.
    [[nodiscard]] Time next_beat() const noexcept { return next_beat_; }
    void beat(Time now);

private:
    class Subscriber;

    void open_next();
    void note_joined();

    Poller& poller_;
    std::uint16_t port_;
    const std::vector<Tenant>& tenants_;
    TakeChange take_change_;
    std::size_t wanted_;
    std::size_t joined_ = 0;
    std::vector<std::unique_ptr<Subscriber>> all_{};
    std::vector<char> buffer_;  // of all in turn
    std::string heartbeat_{};
    Time next_beat_ = Time::max();
    std::size_t next_to_beat_ = 0;
};

}  // namespace tenantry::bench
