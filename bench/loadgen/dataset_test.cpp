#include "dataset.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace tenantry::bench {
namespace {

std::vector<Tenant> three_tenants() {
    std::vector<Tenant> tenants;
    for (const auto* name : {"t1", "t2", "t3"}) {
        tenants.push_back({.name = name, .token = "token", .leads = {}});
    }
    return tenants;
}

TEST(TenantRange, IsTwoPlacesInOrder) {
    EXPECT_EQ(parse_tenant_range("1-1"), (TenantRange{1, 1}));
    EXPECT_EQ(parse_tenant_range("2-30"), (TenantRange{2, 30}));
    for (const auto* wrong : {"", "1", "1-", "-1", "0-1", "3-2", "1-2x", "a-b", "1 - 2"}) {
        EXPECT_EQ(parse_tenant_range(wrong), std::nullopt) << wrong;
    }
}

TEST(TenantRange, SelectsWithBothEnds) {
    const auto selected = select(three_tenants(), {2, 3});
    ASSERT_EQ(selected.size(), 2U);
    EXPECT_EQ(selected[0].name, "t2");
    EXPECT_EQ(selected[1].name, "t3");
    EXPECT_THROW(select(three_tenants(), {2, 4}), std::runtime_error);
}

}  // namespace
}  // namespace tenantry::bench
