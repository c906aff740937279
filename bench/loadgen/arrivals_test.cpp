#include "arrivals.hpp"

#include <gtest/gtest.h>

namespace tenantry::bench {
namespace {

constexpr Arrivals::Clock::time_point begin{};

TEST(Arrivals, AreAsManyASecondAsAskedFor) {
    Arrivals arrivals{1000, begin};
    std::size_t count = 0;
    while (arrivals.next() < begin + std::chrono::seconds{100}) {
        const auto due = arrivals.next();
        EXPECT_EQ(arrivals.take(), due);
        EXPECT_GE(arrivals.next(), due);
        ++count;
    }
    EXPECT_NEAR(static_cast<double>(count), 100'000, 2'000);
}

TEST(Arrivals, AreTheSameForEveryServer) {
    Arrivals one{50, begin};
    Arrivals other{50, begin};
    for (int i = 0; i < 100; ++i) EXPECT_EQ(one.take(), other.take());
}

}  // namespace
}  // namespace tenantry::bench
