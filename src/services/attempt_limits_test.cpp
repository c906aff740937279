#include "services/attempt_limits.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace tenantry::services {
namespace {

using namespace std::chrono_literals;

constexpr AttemptLimits::Clock::time_point start{};

TEST(AttemptLimits, CountEachKeyInAWindowThatBeginsWithTheFirst) {
    AttemptLimits limits{2, 10s};
    EXPECT_FALSE(limits.attempt("a", start));
    EXPECT_FALSE(limits.attempt("a", start + 4s));
    EXPECT_EQ(limits.attempt("a", start + 5s), 5s);
    EXPECT_EQ(limits.attempt("a", start + 9500ms), 1s);
    EXPECT_FALSE(limits.attempt("b", start + 5s));
    EXPECT_FALSE(limits.attempt("a", start + 10s));
}

TEST(AttemptLimits, WhatIsForgivenDoesNotCount) {
    AttemptLimits limits{1, 10s};
    EXPECT_FALSE(limits.attempt("a", start));
    limits.forgive("a");
    EXPECT_FALSE(limits.attempt("a", start));
    EXPECT_TRUE(limits.attempt("a", start));
}

TEST(AttemptLimits, AFloodOfOthersDoesNotReleaseWhoBeganLast) {
    AttemptLimits limits{1, 10s};
    for (std::size_t i = 0; i < AttemptLimits::windows_max; ++i)
        static_cast<void>(limits.attempt(fmt::format("{}", i), start));
    EXPECT_FALSE(limits.attempt("late", start + 6s));  // those above are forgotten for it
    EXPECT_TRUE(limits.attempt("late", start + 6s));
    EXPECT_FALSE(limits.attempt("0", start + 6s));
}

}  // namespace
}  // namespace tenantry::services
