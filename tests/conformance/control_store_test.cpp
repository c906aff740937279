#include "engine/control_store.hpp"

#include "engine/any_database.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenantry::engine {
namespace {

using auth::TenantStatus;

class ControlStoreTest : public ::testing::TestWithParam<testing::EngineKind> {
protected:
    static TenantId id(std::string_view text) { return TenantId::parse(text).value(); }
    ControlStore& store() { return database_.control(); }

    testing::AnyDatabase database_{GetParam()};
};

TEST_P(ControlStoreTest, ATenantIsMadeOnce) {
    EXPECT_EQ(store().create_tenant(id("acme"), "Acme").value().status, TenantStatus::active);
    EXPECT_EQ(store().create_tenant(id("acme"), "Acme").error().code, Errc::unique_violation);
    EXPECT_EQ(store().list_tenants().size(), 1U);
    EXPECT_EQ(store().tenant(id("nobody")).error().code, Errc::not_found);
}

TEST_P(ControlStoreTest, ASuspensionShowsAtOnceInTheDirectory) {
    store().create_tenant(id("acme"), "Acme").value();
    EXPECT_EQ(database_.engine().standing(id("acme"), "s").tenant, TenantStatus::active);
    store().set_tenant_status(id("acme"), TenantStatus::suspended).value();
    EXPECT_EQ(database_.engine().standing(id("acme"), "s").tenant, TenantStatus::suspended);
    EXPECT_EQ(database_.engine().standing(id("nobody"), "s").tenant, std::nullopt);
}

TEST_P(ControlStoreTest, AUserMayBeAMemberOfSeveralTenantsWithARoleInEach) {
    store().create_tenant(id("acme"), "Acme").value();
    store().create_tenant(id("bolt"), "Bolt").value();
    const auto member =
        store().create_member(id("acme"), "Ann@Example.com", "Ann", Role::admin).value();
    EXPECT_EQ(member.email, "ann@example.com");
    EXPECT_EQ(
        store().create_member(id("bolt"), "ann@example.com", "Ann", Role::viewer).value().user,
        member.user);
    EXPECT_EQ(
        store().create_member(id("acme"), "ann@example.com", "Ann", Role::viewer).error().code,
        Errc::unique_violation);
    EXPECT_EQ(store().create_member(id("acme"), "no address", "", Role::viewer).error().code,
              Errc::bad_value);
    EXPECT_EQ(store().create_member(id("nobody"), "a@example.com", "", Role::viewer).error().code,
              Errc::not_found);
    EXPECT_EQ(store().member(id("bolt"), "ann@example.com").value().role, Role::viewer);
    EXPECT_EQ(store().member(id("bolt"), member.user.text()).value().role, Role::viewer);
    EXPECT_EQ(store().list_members(id("acme")).size(), 1U);

    const auto standing = database_.engine().standing(id("acme"), member.user.text());
    EXPECT_TRUE(standing.is_user);
    EXPECT_EQ(standing.membership, Role::admin);
    EXPECT_FALSE(database_.engine().standing(id("acme"), "stranger").is_user);
}

TEST_P(ControlStoreTest, OnlyAnEmptyTenantThatIsBeingDeletedIsForgotten) {
    database_.scope("acme");
    EXPECT_EQ(store().forget_tenant(id("acme")).error().code, Errc::conflict);
    store().create_member(id("acme"), "ann@example.com", "", Role::owner).value();
    store().set_tenant_status(id("acme"), TenantStatus::deleting).value();
    EXPECT_EQ(store().set_tenant_status(id("acme"), TenantStatus::active).error().code,
              Errc::conflict);
    store().forget_tenant(id("acme")).value();
    EXPECT_EQ(store().tenant(id("acme")).error().code, Errc::not_found);
    EXPECT_TRUE(store().list_members(id("acme")).empty());
}

INSTANTIATE_TEST_SUITE_P(Engines, ControlStoreTest, ::testing::ValuesIn(testing::all_engines),
                         [](const auto& of) { return testing::name_of(of.param); });

}  // namespace
}  // namespace tenantry::engine
