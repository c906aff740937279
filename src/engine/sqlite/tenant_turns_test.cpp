#include "sqlite/tenant_turns.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace tenantry::engine::sqlite {
namespace {

TenantId tenant(std::string_view text) { return TenantId::parse(text).value(); }

class TenantTurnsTest : public testing::Test {
protected:
    /// What is given out, in its order, as long as something is.
    std::string take_all(std::size_t share_max) {
        std::string order;
        while (auto taken = turns_.take(share_max)) {
            order += taken->job;
            out_.push_back({taken->lane, taken->weight});
        }
        return order;
    }
    void finish_all() {
        for (const auto& [lane, weight] : out_) turns_.finish(lane, weight);
        out_.clear();
    }
    void push(std::string_view who, std::string_view jobs, std::size_t weight = 1) {
        for (const char job : jobs) turns_.push(tenant(who), job, weight);
    }

    TenantTurns<char> turns_;
    std::vector<std::pair<TenantTurns<char>::Lane*, std::size_t>> out_;
};

TEST_F(TenantTurnsTest, OneTenantIsServedInItsOrder) {
    push("a", "123");
    EXPECT_EQ(take_all(100), "123");
}

TEST_F(TenantTurnsTest, WhoBringsLittleDoesNotWaitForWhoBroughtMuch) {
    push("a", "123456");
    push("b", "x");
    push("c", "yz");
    EXPECT_EQ(take_all(100), "1xy2z3456");
}

TEST_F(TenantTurnsTest, NobodyHasMoreOutThanTheShare) {
    push("a", "1234");
    push("b", "x");
    EXPECT_EQ(take_all(2), "1x2");
    EXPECT_EQ(turns_.size(), 2U);
    finish_all();
    EXPECT_EQ(take_all(2), "34");
}

TEST_F(TenantTurnsTest, HeavyJobsCountForTheirWeightButOneIsAlwaysGivenOut) {
    push("a", "12", 1000);
    push("b", "xyz", 10);
    EXPECT_EQ(take_all(20), "1xy");
    finish_all();
    EXPECT_EQ(take_all(20), "2z");
}

TEST_F(TenantTurnsTest, WhatIsTooHeavyNowIsNextTheNextTime) {
    push("a", "1", 1);
    push("b", "x", 1000);
    push("c", "y", 1);
    EXPECT_EQ(turns_.take(100)->job, '1');
    EXPECT_FALSE(turns_.take(100, 255));
    EXPECT_EQ(turns_.take(100)->job, 'x');
    EXPECT_EQ(turns_.take(100, 255)->job, 'y');
}

TEST_F(TenantTurnsTest, WhatIsFinishedLeavesNothingBehind) {
    push("a", "12");
    push("b", "x");
    EXPECT_EQ(turns_.size_of(tenant("a")), 2U);
    EXPECT_EQ(turns_.size_of(tenant("nobody")), 0U);
    take_all(100);
    EXPECT_TRUE(turns_.empty());
    EXPECT_EQ(turns_.tenants(), 2U);
    finish_all();
    EXPECT_EQ(turns_.tenants(), 0U);
}

TEST_F(TenantTurnsTest, TurnsGoOnWhereTheyWere) {
    push("a", "12");
    push("b", "x");
    auto first = turns_.take(100);
    push("a", "3");
    push("c", "y");
    EXPECT_EQ(first->job, '1');
    EXPECT_EQ(take_all(100), "x2y3");
}

}  // namespace
}  // namespace tenantry::engine::sqlite
