#include "histogram.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace tenantry::bench {
namespace {

using std::chrono::nanoseconds;

TEST(Histogram, KnowsNothingAtFirst) {
    const Histogram histogram;
    EXPECT_EQ(histogram.count(), 0U);
    EXPECT_EQ(histogram.quantile(0.5), nanoseconds{0});
}

TEST(Histogram, FindsQuantilesWithinASixtyFourth) {
    Histogram histogram;
    for (std::int64_t i = 1; i <= 100'000; ++i) {
        histogram.add(nanoseconds{i});
    }
    for (const double share : {0.01, 0.5, 0.99, 0.999}) {
        const auto exact = static_cast<std::int64_t>(share * 100'000);
        EXPECT_GE(histogram.quantile(share).count(), exact);
        EXPECT_LE(histogram.quantile(share).count(), exact + exact / 64 + 1);
    }
    EXPECT_EQ(histogram.quantile(1), nanoseconds{100'000});
    EXPECT_EQ(histogram.max(), nanoseconds{100'000});
}

TEST(Histogram, HoldsTheExtremes) {
    Histogram histogram;
    histogram.add(nanoseconds{-5});
    histogram.add(nanoseconds{0});
    histogram.add(nanoseconds::max());
    EXPECT_EQ(histogram.count(), 3U);
    EXPECT_EQ(histogram.quantile(0.5), nanoseconds{0});
    EXPECT_EQ(histogram.quantile(1), nanoseconds::max());
}

}  // namespace
}  // namespace tenantry::bench
