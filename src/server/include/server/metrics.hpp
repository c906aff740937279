#pragma once
/// Counts what happens, for Prometheus, and passes it on. Labels are route patterns, methods,
/// statuses and quotas' names, so their number is bounded; tenants, paths and values never are.
///
/// Counters are ours rather than a library's: those are updated under one lock for all threads, or
/// look a label set up by its text. Here each thread counts for itself, and a scrape adds up.

#include "engine/statistics.hpp"
#include "http/metrics_page.hpp"
#include "http/observer.hpp"
#include "http/realtime.hpp"
#include "webhooks/dispatcher.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace tenantry::server {

/// Threads: any, at the same time.
class Metrics final : public http::Observer, public http::MetricsPage {
public:
    /// What is asked for when a page is made.
    struct Sources {
        std::function<engine::Statistics()> engine;
        std::function<std::size_t()> connections;
        std::function<http::RealtimeStatistics()> realtime;
        std::function<webhooks::Statistics()> webhooks;
    };

    /// `next` is told everything too, and must outlive this.
    Metrics(http::Observer& next, Sources sources);
    ~Metrics() override;
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    std::string render() override;

    void observe(const http::RequestFinished& event) noexcept override;
    void observe(const http::RequestFaulted& event) noexcept override;
    void observe(const http::AcceptFailed& event) noexcept override;
    void observe(const http::ConnectionsExhausted& event) noexcept override;
    void observe(const http::SessionFaulted& event) noexcept override;
    void observe(const http::ListenerStarted& event) noexcept override;
    void observe(const http::ListenerDraining& event) noexcept override;
    void observe(const http::ListenerStopped& event) noexcept override;

private:
    class Counts;

    http::Observer& next_;
    Sources sources_;
    std::unique_ptr<Counts> counts_;
};

}  // namespace tenantry::server
