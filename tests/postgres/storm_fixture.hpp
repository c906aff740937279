#pragma once

#include "storm.hpp"
#include "tls_fixture.hpp"

#include <fmt/format.h>

namespace tenantry::engine::postgres {

/// Eight tenants, and a storm over them.
class StormTest : public TlsTest {
protected:
    void expect_to_weather(const StormPlan& plan) {
        constexpr int tenants = 8;
        const auto engine = open(proxied());
        std::vector<TenantScope> scopes;
        for (int i = 0; i < tenants; ++i) {
            scopes.push_back(scope(*engine, fmt::format("t{}", i)));
            run(*engine, insert_of(fmt::format("t{} taken", i), "taken@example.com"), scopes.back())
                .value();
        }
        const auto report = run_storm(*engine, proxy(), cluster_, name_, scopes, plan);
        EXPECT_THAT(report.violations, ::testing::IsEmpty());
        EXPECT_EQ(report.breaks, plan.requests / plan.break_every);
        for (const auto& [outcome, times] : report.outcomes)
            RecordProperty(outcome, static_cast<int>(times));
        // It was a storm, and most came through.
        const auto count = [&](const char* outcome) {
            const auto found = report.outcomes.find(outcome);
            return found == report.outcomes.end() ? 0 : found->second;
        };
        EXPECT_GT(count("insert: done"), plan.requests / 4);
        EXPECT_GT(count("in vain: unique_violation"), plan.requests / 4);
        EXPECT_GT(count("read: done"), plan.requests / 4);
    }
};

}  // namespace tenantry::engine::postgres
