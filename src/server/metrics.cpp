#include "server/metrics.hpp"

#include "exposition.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <fstream>
#include <map>
#include <mutex>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace tenantry::server {
namespace {

constexpr double micros = 1e6;  // in a second
constexpr std::array<std::uint64_t, 15> micros_bounds{
    100,    250,     500,     1'000,   2'500,     5'000,     10'000,    25'000,
    50'000, 100'000, 250'000, 500'000, 1'000'000, 5'000'000, 15'000'000};
/// There are fewer routes; whatever came of a mistake, labels stay bounded.
constexpr std::size_t routes_max = 512;

/// Of one method and route.
struct RouteCounts {
    std::vector<std::pair<unsigned, std::uint64_t>> statuses{};  // a handful
    std::array<std::uint64_t, micros_bounds.size() + 1> buckets{};
    std::uint64_t sum = 0;  // microseconds

    void add(unsigned status, std::uint64_t took) {
        const auto at = std::ranges::lower_bound(micros_bounds, took) - micros_bounds.begin();
        buckets[static_cast<std::size_t>(at)] += 1;
        sum += took;
        count(status, 1);
    }
    void add(const RouteCounts& other) {
        std::ranges::transform(buckets, other.buckets, buckets.begin(), std::plus{});
        sum += other.sum;
        for (const auto& [status, count_of] : other.statuses) count(status, count_of);
    }
    DistributionCounts durations() const {
        return {.bounds = {micros_bounds.begin(), micros_bounds.end()},
                .counts = {buckets.begin(), buckets.end()},
                .sum = sum};
    }

private:
    void count(unsigned status, std::uint64_t more) {
        const auto found =
            std::ranges::find(statuses, status, [](const auto& s) { return s.first; });
        if (found == statuses.end()) {
            statuses.emplace_back(status, more);
        } else {
            found->second += more;
        }
    }
};

struct RouteKey {
    std::string method;
    std::string route;
};
struct RouteView {
    std::string_view method;
    std::string_view route;
};
struct RouteHash {
    using is_transparent = void;
    std::size_t operator()(const auto& key) const noexcept {
        const std::hash<std::string_view> hash;
        return hash(key.route) * 31 + hash(key.method);
    }
};
struct RouteEqual {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const noexcept {
        return a.route == b.route && a.method == b.method;
    }
};

double seconds_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / micros;
}

double resident_bytes() {
    std::ifstream file{"/proc/self/statm"};
    std::uint64_t size = 0;
    std::uint64_t resident = 0;
    file >> size >> resident;
    return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

void append_process(Exposition& page) {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    page.begin("process_cpu_seconds_total", "counter", "User and system time of the process.");
    page.sample({}, seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
    page.begin("process_resident_memory_bytes", "gauge", "Memory of the process that is in RAM.");
    page.sample({}, resident_bytes());
}

void append_engine(Exposition& page, const engine::Statistics& engine) {
    page.begin("tenantry_writer_waiting", "gauge", "Writes that wait for the writer.");
    page.sample({}, static_cast<double>(engine.writer.waiting));
    if (const auto& commits = engine.writer.commits) {
        page.begin("tenantry_writer_group_size", "histogram",
                   "Writes that were committed together.");
        page.distribution({}, commits->group_sizes, 1);
        page.begin("tenantry_writer_commit_seconds", "histogram",
                   "How long commits took, until they were on the disk.");
        page.distribution({}, commits->commit_micros, micros);
    }
    page.begin("tenantry_scans_waiting", "gauge", "Reads of many rows that wait for a thread.");
    page.sample({}, static_cast<double>(engine.scans_waiting));
    page.begin("tenantry_scans_running", "gauge", "Reads of many rows under way.");
    page.sample({}, static_cast<double>(engine.scans_running));
}

void append_realtime(Exposition& page, const http::RealtimeStatistics& realtime) {
    page.begin("tenantry_realtime_sockets", "gauge", "WebSockets that are open.");
    page.sample({}, static_cast<double>(realtime.sockets));
    page.begin("tenantry_realtime_channels", "gauge", "Channels that clients have joined.");
    page.sample({}, static_cast<double>(realtime.channels));
    page.begin("tenantry_realtime_too_slow_total", "counter",
               "WebSockets closed because their clients didn't take what was sent.");
    page.sample({}, static_cast<double>(realtime.too_slow));
}

void append_webhooks(Exposition& page, const webhooks::Statistics& webhooks) {
    page.begin("tenantry_webhooks", "gauge", "Webhooks that this server looks after.");
    page.sample({}, static_cast<double>(webhooks.webhooks));
    page.begin("tenantry_webhook_messages_total", "counter",
               "Messages to webhooks: delivered, failed once more, given up.");
    page.sample({{"outcome", "delivered"}}, static_cast<double>(webhooks.delivered));
    page.sample({{"outcome", "failed"}}, static_cast<double>(webhooks.failed));
    page.sample({{"outcome", "given_up"}}, static_cast<double>(webhooks.buried));
    page.begin("tenantry_webhook_lag_seconds", "gauge",
               "Age of the oldest change that waits to be sent.");
    page.sample({}, static_cast<double>(webhooks.lag.count()) / micros);
}

}  // namespace

class Metrics::Counts {
public:
    using Routes = std::map<std::pair<std::string, std::string>, RouteCounts>;  // route, method
    using Quotas = std::map<std::string, std::uint64_t, std::less<>>;

    void add(const http::RequestFinished& event) {
        auto& shard = own_shard();
        const std::lock_guard lock{shard.mutex};
        counts_of(shard, event.method, event.route)
            .add(event.status,
                 static_cast<std::uint64_t>(std::max<std::int64_t>(event.elapsed.count(), 0)));
        if (event.quota.empty()) return;
        auto found = shard.quotas.find(event.quota);
        if (found == shard.quotas.end()) found = shard.quotas.emplace(event.quota, 0).first;
        found->second += 1;
    }

    std::pair<Routes, Quotas> sum() {
        std::pair<Routes, Quotas> all;
        for (auto& shard : shards_) {
            const std::lock_guard lock{shard.mutex};
            for (const auto& [key, counts] : shard.routes)
                all.first[{key.route, key.method}].add(counts);
            for (const auto& [quota, count] : shard.quotas) all.second[quota] += count;
        }
        return all;
    }

    std::atomic<std::uint64_t> faults = 0;

private:
    struct alignas(64) Shard {
        std::mutex mutex;  // a thread's own but when a page is made
        std::unordered_map<RouteKey, RouteCounts, RouteHash, RouteEqual> routes;
        Quotas quotas;
    };

    Shard& own_shard() {
        static std::atomic<std::size_t> threads = 0;
        thread_local const std::size_t index = threads++;
        return shards_[index % shards_.size()];
    }

    static RouteCounts& counts_of(Shard& shard, std::string_view method, std::string_view route) {
        if (route.empty()) route = "none";
        if (const auto found = shard.routes.find(RouteView{method, route});
            found != shard.routes.end())
            return found->second;
        if (shard.routes.size() >= routes_max) route = "other";
        return shard.routes[RouteKey{std::string{method}, std::string{route}}];
    }

    std::array<Shard, 64> shards_;
};

Metrics::Metrics(http::Observer& next, Sources sources)
    : next_{next}, sources_{std::move(sources)}, counts_{std::make_unique<Counts>()} {}
Metrics::~Metrics() = default;

std::string Metrics::render() {
    const auto [routes, quotas] = counts_->sum();
    Exposition page;
    page.begin("tenantry_http_requests_total", "counter", "Requests answered.");
    for (const auto& [key, counts] : routes) {
        for (const auto& [status, count] : counts.statuses) {
            const auto text = std::to_string(status);
            page.sample({{"method", key.second}, {"route", key.first}, {"status", text}},
                        static_cast<double>(count));
        }
    }
    page.begin("tenantry_http_request_duration_seconds", "histogram", "How long answering took.");
    for (const auto& [key, counts] : routes) {
        page.distribution({{"method", key.second}, {"route", key.first}}, counts.durations(),
                          micros);
    }
    page.begin("tenantry_http_faults_total", "counter",
               "Requests that failed for a reason that is in the log.");
    page.sample({}, static_cast<double>(counts_->faults.load()));
    page.begin("tenantry_http_connections", "gauge", "Connections that are open.");
    page.sample({}, static_cast<double>(sources_.connections()));
    page.begin("tenantry_quota_refusals_total", "counter", "Requests refused by a tenant's quota.");
    for (const auto& [quota, count] : quotas)
        page.sample({{"quota", quota}}, static_cast<double>(count));
    append_engine(page, sources_.engine());
    append_realtime(page, sources_.realtime());
    append_webhooks(page, sources_.webhooks());
    append_process(page);
    return page.take();
}

/// Short of memory, an event isn't counted.
void Metrics::observe(const http::RequestFinished& event) noexcept {
    try {
        counts_->add(event);
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
    }
    next_.observe(event);
}

void Metrics::observe(const http::RequestFaulted& event) noexcept {
    ++counts_->faults;
    next_.observe(event);
}

void Metrics::observe(const http::AcceptFailed& event) noexcept { next_.observe(event); }
void Metrics::observe(const http::ConnectionsExhausted& event) noexcept { next_.observe(event); }
void Metrics::observe(const http::SessionFaulted& event) noexcept { next_.observe(event); }
void Metrics::observe(const http::ListenerStarted& event) noexcept { next_.observe(event); }
void Metrics::observe(const http::ListenerDraining& event) noexcept { next_.observe(event); }
void Metrics::observe(const http::ListenerStopped& event) noexcept { next_.observe(event); }

}  // namespace tenantry::server
