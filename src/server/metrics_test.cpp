#include "server/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace tenantry::server {
namespace {

using testing::HasSubstr;
using testing::Not;

class SilentObserver final : public http::Observer {
public:
    int finished = 0;
    void observe(const http::RequestFinished&) noexcept override { ++finished; }
    void observe(const http::RequestFaulted&) noexcept override {}
    void observe(const http::AcceptFailed&) noexcept override {}
    void observe(const http::ConnectionsExhausted&) noexcept override {}
    void observe(const http::SessionFaulted&) noexcept override {}
    void observe(const http::ListenerStarted&) noexcept override {}
    void observe(const http::ListenerDraining&) noexcept override {}
    void observe(const http::ListenerStopped&) noexcept override {}
};

class MetricsTest : public testing::Test {
protected:
    void finish(std::string_view method, std::string_view route, unsigned status, int micros,
                std::string_view quota = {}) {
        metrics_.observe(http::RequestFinished{.id = "x",
                                               .method = method,
                                               .route = route,
                                               .status = status,
                                               .tenant = "acme",
                                               .principal = "ann@acme.example",
                                               .quota = quota,
                                               .elapsed = std::chrono::microseconds{micros}});
    }

    SilentObserver next_;
    engine::Statistics engine_;
    Metrics metrics_{
        next_,
        {.engine = [this] { return engine_; },
         .connections = [] { return 7U; },
         .realtime =
             [] { return http::RealtimeStatistics{.sockets = 8, .channels = 9, .too_slow = 2}; },
         .webhooks =
             [] {
                 return webhooks::Statistics{.delivered = 5,
                                             .lag = std::chrono::milliseconds{1500}};
             }}};
};

TEST_F(MetricsTest, RequestsAreCountedByRouteMethodAndStatus) {
    finish("GET", "/api/leads/{id}", 200, 80);
    finish("GET", "/api/leads/{id}", 200, 300);
    finish("GET", "/api/leads/{id}", 404, 20'000'000);
    finish("OTHER", "", 400, 0);
    const auto page = metrics_.render();
    const std::string labels = R"({method="GET",route="/api/leads/{id}")";
    EXPECT_THAT(page, HasSubstr("# TYPE tenantry_http_requests_total counter\n"));
    EXPECT_THAT(page, HasSubstr("tenantry_http_requests_total" + labels + R"(,status="200"} 2)"));
    EXPECT_THAT(page, HasSubstr("tenantry_http_requests_total" + labels + R"(,status="404"} 1)"));
    EXPECT_THAT(page, HasSubstr(R"({method="OTHER",route="none",status="400"} 1)"));
    const std::string durations = "tenantry_http_request_duration_seconds";
    EXPECT_THAT(page, HasSubstr(durations + "_bucket" + labels + ",le=\"0.0001\"} 1\n"));
    EXPECT_THAT(page, HasSubstr(durations + "_bucket" + labels + ",le=\"15\"} 2\n"));
    EXPECT_THAT(page, HasSubstr(durations + "_bucket" + labels + ",le=\"+Inf\"} 3\n"));
    EXPECT_THAT(page, HasSubstr(durations + "_count" + labels + "} 3\n"));
    EXPECT_THAT(page, HasSubstr(durations + "_sum" + labels + "} 20.00038\n"));
    EXPECT_EQ(next_.finished, 4);
}

TEST_F(MetricsTest, NothingOfATenantIsShown) {
    finish("GET", "/api/leads", 200, 1);
    EXPECT_THAT(metrics_.render(), Not(HasSubstr("acme")));
}

TEST_F(MetricsTest, RefusalsAreCountedByQuota) {
    finish("GET", "/api/leads", 429, 1, "requests_per_second");
    finish("GET", "/api/leads", 429, 1, "requests_per_second");
    finish("POST", "/api/leads", 429, 1, "rows");
    const auto page = metrics_.render();
    EXPECT_THAT(page,
                HasSubstr("tenantry_quota_refusals_total{quota=\"requests_per_second\"} 2\n"));
    EXPECT_THAT(page, HasSubstr("tenantry_quota_refusals_total{quota=\"rows\"} 1\n"));
}

TEST_F(MetricsTest, TheEngineAndTheProcessAreShown) {
    Distribution<2> sizes{{1, 10}};
    sizes.add(1);
    sizes.add(11);
    engine_ = {.writer = {.waiting = 3,
                          .commits = engine::CommitStatistics{.group_sizes = sizes.counts()}},
               .scans_waiting = 2};
    metrics_.observe(http::RequestFaulted{.what = "disk"});
    const auto page = metrics_.render();
    for (const auto* line :
         {"tenantry_http_connections 7\n", "tenantry_webhook_lag_seconds 1.5\n",
          "tenantry_realtime_sockets 8\n", "tenantry_realtime_channels 9\n",
          "tenantry_realtime_too_slow_total 2\n",
          "tenantry_webhook_messages_total{outcome=\"delivered\"} 5\n",
          "tenantry_writer_waiting 3\n", "tenantry_writer_group_size_bucket{le=\"1\"} 1\n",
          "tenantry_writer_group_size_bucket{le=\"10\"} 1\n",
          "tenantry_writer_group_size_bucket{le=\"+Inf\"} 2\n",
          "tenantry_writer_group_size_sum 12\n", "tenantry_scans_waiting 2\n",
          "tenantry_http_faults_total 1\n", "process_resident_memory_bytes "})
        EXPECT_THAT(page, HasSubstr(line));
}

TEST_F(MetricsTest, ThreadsLoseNothing) {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 1000; ++i) {
                metrics_.observe(http::RequestFaulted{});
                if (i % 100 == 0) metrics_.render();
            }
        });
    }
    for (int i = 0; i < 1000; ++i) finish("GET", "/api/leads", 200, i);
    for (auto& thread : threads) thread.join();
    const auto page = metrics_.render();
    EXPECT_THAT(page, HasSubstr(R"({method="GET",route="/api/leads",status="200"} 1000)"));
    EXPECT_THAT(page, HasSubstr("tenantry_http_faults_total 4000\n"));
}

TEST_F(MetricsTest, LabelsStayBoundedWhateverRoutesAreToldOf) {
    for (int i = 0; i < 10'000; ++i) finish("GET", "/made-up/" + std::to_string(i), 200, 1);
    const auto page = metrics_.render();
    EXPECT_THAT(page, HasSubstr("route=\"other\""));
    EXPECT_LT(page.size(), 1'000'000U);
}

}  // namespace
}  // namespace tenantry::server
