#include "http/quota_gate.hpp"

#include <gtest/gtest.h>

#include <map>
#include <stdexcept>
#include <thread>
#include <vector>

namespace tenantry::http {
namespace {

using namespace std::chrono_literals;
using services::Quotas;

constexpr QuotaGate::Time start{1000h};

TenantId tenant(std::string_view text) { return TenantId::parse(text).value(); }

class FakeSource final : public QuotaSource {
public:
    std::map<std::string, std::string, std::less<>> settings{};
    int reads = 0;
    bool broken = false;

    services::QuotaOverrides overrides(const TenantId& id) override {
        ++reads;
        if (broken) throw std::runtime_error{"the disk is on fire"};
        const auto found = settings.find(id.text());
        return services::quota_overrides(found == settings.end() ? "{}" : found->second);
    }
};

class QuotaGateTest : public testing::Test {
protected:
    /// The quota that is met, or "ok".
    std::string ask(QuotaGate& gate, std::string_view who, QuotaGate::Time now,
                    std::size_t body_bytes = 0) {
        const auto entered = gate.enter(tenant(who), body_bytes, now);
        const auto* refusal = std::get_if<QuotaRefusal>(&entered);
        return refusal == nullptr ? "ok" : std::string{refusal->quota};
    }
    int let_in(QuotaGate& gate, std::string_view who, QuotaGate::Time now, int tries = 100) {
        int count = 0;
        for (int i = 0; i < tries; ++i) count += ask(gate, who, now) == "ok" ? 1 : 0;
        return count;
    }

    FakeSource source_;
};

TEST_F(QuotaGateTest, ABurstAndThenTheRate) {
    QuotaGate gate{{.requests_per_second = 10, .request_burst = 5}, source_};
    EXPECT_EQ(let_in(gate, "a", start), 5);
    EXPECT_EQ(let_in(gate, "a", start + 99ms), 0);
    EXPECT_EQ(let_in(gate, "a", start + 100ms), 1);
    EXPECT_EQ(let_in(gate, "a", start + 400ms), 3);
    EXPECT_EQ(let_in(gate, "a", start + 1h), 5) << "a pause saves up no more than the burst";
    int over_ten_seconds = 0;
    for (auto now = start + 2h; now < start + 2h + 10s; now += 1ms)
        over_ten_seconds += let_in(gate, "a", now, 1);
    EXPECT_EQ(over_ten_seconds, 5 + 99);
}

TEST_F(QuotaGateTest, SaysWhenToComeAgain) {
    QuotaGate gate{{.requests_per_second = 1, .request_burst = 1}, source_};
    EXPECT_EQ(ask(gate, "a", start), "ok");
    const auto refused = gate.enter(tenant("a"), 0, start + 1ms);
    EXPECT_EQ(std::get<QuotaRefusal>(refused), (QuotaRefusal{"requests_per_second", 1s, 1}));
    EXPECT_EQ(ask(gate, "a", start + 1s), "ok");
}

TEST_F(QuotaGateTest, RefusalsTakeNothing) {
    QuotaGate gate{{.requests_per_second = 1, .request_burst = 1}, source_};
    EXPECT_EQ(let_in(gate, "a", start, 1000), 1);
    EXPECT_EQ(let_in(gate, "a", start + 1s), 1);
    EXPECT_FALSE(gate.foresee(tenant("a"), 0, start + 2s));
    EXPECT_FALSE(gate.foresee(tenant("a"), 0, start + 2s));
    EXPECT_EQ(let_in(gate, "a", start + 2s), 1);
    EXPECT_EQ(gate.foresee(tenant("a"), 0, start + 2s)->quota, "requests_per_second");
}

TEST_F(QuotaGateTest, RequestsAtTheSameTimeAreThoseThatHaveNotEnded) {
    QuotaGate gate{{.concurrent_requests = 2}, source_};
    auto first = gate.enter(tenant("a"), 0, start);
    {
        const auto second = gate.enter(tenant("a"), 0, start);
        EXPECT_EQ(ask(gate, "a", start), "concurrent_requests");
    }
    EXPECT_EQ(ask(gate, "a", start), "ok");
    const auto moved = std::move(first);
    EXPECT_EQ(ask(gate, "a", start), "ok");
    EXPECT_EQ(std::get<QuotaGate::Pass>(moved).quotas().concurrent_requests, 2U);
}

TEST_F(QuotaGateTest, BodiesHaveTheirSize) {
    QuotaGate gate{{.body_bytes = 100}, source_};
    EXPECT_EQ(ask(gate, "a", start, 100), "ok");
    EXPECT_EQ(ask(gate, "a", start, 101), "body_bytes");
    EXPECT_EQ(gate.foresee(tenant("a"), 101, start)->quota, "body_bytes");
}

TEST_F(QuotaGateTest, OneTenantsUseIsNothingToAnother) {
    QuotaGate gate{{.requests_per_second = 1, .request_burst = 3, .concurrent_requests = 1},
                   source_};
    const auto held = gate.enter(tenant("a"), 0, start);
    EXPECT_EQ(ask(gate, "a", start), "concurrent_requests");
    EXPECT_EQ(let_in(gate, "b", start), 3);
}

TEST_F(QuotaGateTest, ChangesHoldWithinASecond) {
    QuotaGate gate{{.requests_per_second = 1, .request_burst = 1}, source_};
    EXPECT_EQ(let_in(gate, "a", start), 1);
    source_.settings["a"] =
        R"({"quotas":{"requests_per_second":"unlimited","concurrent_requests":"unlimited"}})";
    EXPECT_EQ(let_in(gate, "a", start + 999ms), 0);
    EXPECT_EQ(let_in(gate, "a", start + 1s), 100);
    source_.settings["a"] = R"({"quotas":{"request_burst":2}})";
    EXPECT_EQ(let_in(gate, "a", start + 2s), 2);
    EXPECT_EQ(source_.reads, 3);
}

TEST_F(QuotaGateTest, FaultsOfTheSourceAreTheCallers) {
    QuotaGate gate{{}, source_};
    source_.broken = true;
    EXPECT_THROW(gate.enter(tenant("a"), 0, start), std::runtime_error);
    source_.broken = false;
    EXPECT_EQ(ask(gate, "a", start + 1s), "ok");
}

TEST_F(QuotaGateTest, ForgetsTenantsAtRest) {
    QuotaGate gate{{.requests_per_second = 10, .request_burst = 1}, source_};
    const auto held = gate.enter(tenant("busy"), 0, start);
    for (int i = 0; i < 100'000; ++i) {
        // A thousand tenants a second.
        ask(gate, "tenant" + std::to_string(i), start + i * 1ms);
    }
    EXPECT_LT(gate.size(), 3000U);
    EXPECT_EQ(std::get<QuotaGate::Pass>(held).quotas().requests_per_second, 10U);
}

TEST_F(QuotaGateTest, IsExactUnderThreads) {
    QuotaGate gate{{.requests_per_second = 1, .request_burst = 1000, .concurrent_requests = 0},
                   source_};
    ask(gate, "a", start);
    std::atomic<int> count = 1;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 500; ++i) {
                auto entered = gate.enter(tenant("a"), 0, start);
                count += std::holds_alternative<QuotaGate::Pass>(entered) ? 1 : 0;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(count, 1000);
}

}  // namespace
}  // namespace tenantry::http
