#include "exposition.hpp"

#include <gtest/gtest.h>

namespace tenantry::server {
namespace {

TEST(ExpositionTest, MetricsHaveTheirHeaderAndSamples) {
    Exposition page;
    page.begin("things_total", "counter", "Things that happened.");
    page.sample({}, 3);
    page.sample({{"kind", "a"}, {"of", "b"}}, 1.5);
    EXPECT_EQ(page.take(),
              "# HELP things_total Things that happened.\n"
              "# TYPE things_total counter\n"
              "things_total 3\n"
              "things_total{kind=\"a\",of=\"b\"} 1.5\n");
}

TEST(ExpositionTest, LabelValuesAreEscaped) {
    Exposition page;
    page.sample({{"a", "x\"y\\z\n"}}, 0);
    EXPECT_EQ(page.take(), "{a=\"x\\\"y\\\\z\\n\"} 0\n");
}

TEST(ExpositionTest, LargeCountsAreWrittenInFull) {
    Exposition page;
    page.sample({}, 123456789012.0);
    EXPECT_EQ(page.take(), " 123456789012\n");
}

TEST(ExpositionTest, DistributionsAddUp) {
    Exposition page;
    page.begin("t", "histogram", "h");
    page.distribution({{"a", "b"}}, {.bounds = {1000, 2000}, .counts = {1, 2, 4}, .sum = 9500},
                      1e3);
    EXPECT_EQ(page.take(),
              "# HELP t h\n# TYPE t histogram\n"
              "t_bucket{a=\"b\",le=\"1\"} 1\n"
              "t_bucket{a=\"b\",le=\"2\"} 3\n"
              "t_bucket{a=\"b\",le=\"+Inf\"} 7\n"
              "t_sum{a=\"b\"} 9.5\n"
              "t_count{a=\"b\"} 7\n");
}

}  // namespace
}  // namespace tenantry::server
