#include "consumers/progress.hpp"

#include <gtest/gtest.h>

namespace tenantry::consumers {
namespace {

TEST(Progress, IsHeldByOthersUntilTheirLeaseEnds) {
    const auto mine = parse_uuid("00000000-0000-4000-8000-000000000001").value();
    const auto other = parse_uuid("00000000-0000-4000-8000-000000000002").value();
    const Timestamp now{std::chrono::seconds{100}};
    Progress progress;
    EXPECT_FALSE(progress.held_by_other(mine, now));
    progress.leased_by = other;
    progress.leased_until = now + std::chrono::seconds{1};
    EXPECT_TRUE(progress.held_by_other(mine, now));
    EXPECT_FALSE(progress.held_by_other(other, now));
    EXPECT_FALSE(progress.held_by_other(mine, now + std::chrono::seconds{1}));
}

}  // namespace
}  // namespace tenantry::consumers
