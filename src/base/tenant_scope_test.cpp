#include "base/tenant_scope.hpp"

#include <gtest/gtest.h>

#include <type_traits>

namespace tenantry {
namespace {

static_assert(!std::is_default_constructible_v<TenantScope>);
static_assert(!std::is_constructible_v<TenantScope, TenantId>);
static_assert(!std::is_constructible_v<TenantScope, TenantId, Role, std::string>);
static_assert(!std::is_convertible_v<TenantId, TenantScope>);

TEST(Role, NamesReadBack) {
    for (const Role role : {Role::viewer, Role::operator_, Role::admin, Role::owner}) {
        EXPECT_EQ(parse_role(name_of(role)).value(), role);
    }
    EXPECT_EQ(name_of(Role::operator_), "operator");
}

TEST(Role, OthersAreRefused) {
    for (const std::string_view text :
         {"", "Owner", "operator_", "authenticated", "service_role", "owner "}) {
        ASSERT_FALSE(parse_role(text)) << text;
        EXPECT_EQ(parse_role(text).error().code, Errc::bad_value);
        EXPECT_EQ(parse_role(text).error().field, "role");
    }
}

TEST(Role, AreOrderedFromTheWeakest) {
    EXPECT_LT(Role::viewer, Role::operator_);
    EXPECT_LT(Role::operator_, Role::admin);
    EXPECT_LT(Role::admin, Role::owner);
}

}  // namespace
}  // namespace tenantry
