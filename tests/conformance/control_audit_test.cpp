// What the audit log says after each act.

#include "engine/any_database.hpp"
#include "engine/control_store.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace tenantry::engine {
namespace {

using auth::TenantStatus;

class AuditTest : public ::testing::TestWithParam<testing::EngineKind> {
protected:
    static TenantId id(std::string_view text) { return TenantId::parse(text).value(); }
    ControlStore& store() { return database_.control(); }

    /// `actor action tenant detail` of each entry, the latest last.
    std::vector<std::string> log() {
        auto entries = store().audit({}).value();
        std::ranges::reverse(entries);
        std::vector<std::string> lines;
        for (const auto& entry : entries) {
            lines.push_back(fmt::format("{} {} {} {}", entry.actor, entry.action,
                                        entry.tenant.value_or("-"), entry.detail));
        }
        return lines;
    }

    testing::AnyDatabase database_{GetParam()};
};

TEST_P(AuditTest, EveryActOnATenantIsInIt) {
    store().act_as("cli:root");
    store().create_tenant(id("acme"), "Acme \"1\"").value();
    store().act_as("key:7");
    store().rename_tenant(id("acme"), "Acme").value();
    store().set_tenant_status(id("acme"), TenantStatus::suspended).value();
    store().set_tenant_status(id("acme"), TenantStatus::active).value();
    store().set_tenant_status(id("acme"), TenantStatus::deleting).value();
    store().forget_tenant(id("acme")).value();
    EXPECT_EQ(log(), (std::vector<std::string>{
                         R"(cli:root tenant.create acme {"name":"Acme \"1\""})",
                         R"(key:7 tenant.rename acme {"name":"Acme","was":"Acme \"1\""})",
                         "key:7 tenant.suspend acme {}", "key:7 tenant.resume acme {}",
                         "key:7 tenant.delete acme {}", "key:7 tenant.deleted acme {}"}));
}

TEST_P(AuditTest, ChangesOfATenantAreMadeTogetherOrNotAtAll) {
    store().create_tenant(id("acme"), "Acme").value();
    const auto changed =
        store()
            .change_tenant(id("acme"), {.name = "Acme 2", .status = TenantStatus::suspended})
            .value();
    EXPECT_EQ(changed.name, "Acme 2");
    EXPECT_EQ(changed.status, TenantStatus::suspended);
    store().set_tenant_status(id("acme"), TenantStatus::deleting).value();
    const auto before = log();
    EXPECT_EQ(before.size(), 4U);
    for (const auto& refused :
         {TenantChanges{.name = "Acme 3", .status = TenantStatus::deleting},
          TenantChanges{.name = "Acme 3"}, TenantChanges{.status = TenantStatus::active}}) {
        EXPECT_EQ(store().change_tenant(id("acme"), refused).error().code, Errc::conflict);
    }
    EXPECT_EQ(store().tenant(id("acme")).value().name, "Acme 2");
    EXPECT_EQ(log(), before);
    EXPECT_EQ(store().change_tenant(id("nobody"), {.name = "N"}).error().code, Errc::not_found);
}

TEST_P(AuditTest, MembersAreNamedByTheirIdsOnly) {
    store().create_tenant(id("acme"), "Acme").value();
    const auto ann = store().create_member(id("acme"), "ann@acme.example", "Ann", Role::admin);
    store().set_member_role(id("acme"), "ann@acme.example", Role::viewer).value();
    store().remove_member(id("acme"), ann->user.text()).value();
    EXPECT_EQ(log(), (std::vector<std::string>{R"(program tenant.create acme {"name":"Acme"})",
                                               R"(program member.add acme {"role":"admin"})",
                                               R"(program member.set_role acme {"role":"viewer"})",
                                               R"(program member.remove acme {"role":"viewer"})"}));
    EXPECT_EQ(store().audit({.limit = 1}).value().front().target, ann->user.text());
}

TEST_P(AuditTest, WhatWasRefusedOrChangedNothingIsNotInIt) {
    store().create_tenant(id("acme"), "Acme").value();
    store().create_member(id("acme"), "ann@acme.example", "", Role::owner).value();
    const auto before = log();
    EXPECT_FALSE(store().create_tenant(id("acme"), "Acme"));
    EXPECT_FALSE(store().rename_tenant(id("birch"), "Birch"));
    EXPECT_FALSE(store().create_member(id("acme"), "ann@acme.example", "", Role::owner));
    EXPECT_FALSE(store().remove_member(id("acme"), "ann@acme.example")) << "the last owner";
    EXPECT_FALSE(store().forget_tenant(id("acme")));
    store().rename_tenant(id("acme"), "Acme").value();
    store().set_tenant_status(id("acme"), TenantStatus::active).value();
    store().set_member_role(id("acme"), "ann@acme.example", Role::owner).value();
    EXPECT_EQ(log(), before);
}

TEST_P(AuditTest, IsReadInPagesAndByTenant) {
    for (const auto* tenant : {"acme", "birch", "cedar"})
        store().create_tenant(id(tenant), tenant).value();
    const auto latest = store().audit({.limit = 2}).value();
    ASSERT_EQ(latest.size(), 2U);
    EXPECT_EQ(latest[0].tenant, "cedar");
    const auto rest = store().audit({.before = latest[1].seq}).value();
    ASSERT_EQ(rest.size(), 1U);
    EXPECT_EQ(rest[0].tenant, "acme");
    EXPECT_EQ(store().audit({.tenant = id("birch")}).value().size(), 1U);
    EXPECT_TRUE(store().audit({.tenant = id("nobody")}).value().empty());
}

TEST_P(AuditTest, ActsFromElsewhereJoinIt) {
    store().act_as("cli:root");
    store().record_act({.action = "master_key.rotate", .detail = R"({"tenants":"3"})"}).value();
    EXPECT_EQ(log(), std::vector<std::string>{R"(cli:root master_key.rotate - {"tenants":"3"})"});
}

INSTANTIATE_TEST_SUITE_P(Engines, AuditTest, ::testing::ValuesIn(testing::all_engines),
                         [](const auto& of) { return testing::name_of(of.param); });

}  // namespace
}  // namespace tenantry::engine
