#include "services/administration.hpp"

#include "engine/test_database.hpp"
#include "services/api_keys.hpp"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <latch>
#include <thread>

namespace tenantry::services {
namespace {

using engine::ControlStore;
using engine::testing::no_deadline;
using engine::testing::wait_for;

/// The name of the tenant that it makes. Asio asks for outcomes that have a default.
Result<std::string> make_tenant(ControlStore& store) {
    TENANTRY_TRY(made, store.create_tenant(TenantId::parse("acme").value(), "Acme"));
    return made.name;
}

class AdministrationTest : public ::testing::Test {
protected:
    AdministrationTest() {
        const auto key = issue_key(database_.control(), {.owner = {}, .name = "tests"}).value();
        id_ = key.record.id.text();
        scope_.emplace(
            database_.issuer().for_operator(key.key.text(), system_clock().now()).value());
    }

    const auth::OperatorScope& scope() const { return *scope_; }

    engine::testing::TestDatabase database_;
    Administration administration_{
        [path = database_.path()] { return engine::sqlite::open_control_store(path); }};
    std::string id_;
    std::optional<auth::OperatorScope> scope_;
};

TEST_F(AdministrationTest, WorksUnderTheNameOfWhoAsksOnAThreadOfItsOwn) {
    const auto here = std::this_thread::get_id();
    const auto made =
        wait_for(administration_.run(scope(), no_deadline, [here](ControlStore& store) {
            EXPECT_NE(std::this_thread::get_id(), here);
            return make_tenant(store);
        }));
    EXPECT_EQ(made.value(), "Acme");
    EXPECT_EQ(database_.control().audit({}).value().front().actor, "key:" + id_);
}

TEST_F(AdministrationTest, RefusalsAreAnswersAndFaultsAreThrown) {
    const auto refused =
        wait_for(administration_.run(scope(), no_deadline, [](ControlStore& store) {
            return store.keys(engine::KeyOwner{TenantId::parse("nobody").value()}, {});
        }));
    EXPECT_EQ(refused.error().code, Errc::not_found);
    EXPECT_THROW(wait_for(administration_.run(
                     scope(), no_deadline,
                     [](ControlStore&) -> Result<int> { throw engine::Fault{"a disk"}; })),
                 engine::Fault);
    EXPECT_EQ(wait_for(administration_.run(scope(), no_deadline,
                                           [](ControlStore&) -> Result<int> { return 7; }))
                  .value(),
              7);
}

TEST_F(AdministrationTest, WhatIsTooLateIsNotBegun) {
    const auto past = std::chrono::steady_clock::now();
    const auto late = wait_for(
        administration_.run(scope(), past, [](ControlStore& store) { return make_tenant(store); }));
    EXPECT_EQ(late.error().code, Errc::deadline_exceeded);
    EXPECT_TRUE(database_.control().list_tenants().empty());
}

TEST_F(AdministrationTest, AStoreThatCantBeOpenedIsARefusal) {
    Administration broken{[]() -> Result<std::unique_ptr<ControlStore>> {
        return fail(Errc::storage_unusable, "no such file");
    }};
    const auto refused =
        wait_for(broken.run(scope(), no_deadline, [](ControlStore&) -> Result<int> { return 7; }));
    EXPECT_EQ(refused.error().code, Errc::storage_unusable);
}

TEST_F(AdministrationTest, MoreCallsThanStatedAreTurnedAway) {
    std::latch held{1};
    boost::asio::io_context context;
    std::size_t overloaded = 0;
    std::size_t done = 0;
    for (std::size_t call = 0; call < Administration::calls_max + 3; ++call) {
        boost::asio::co_spawn(context,
                              administration_.run(scope(), no_deadline,
                                                  [&held](ControlStore&) -> Result<int> {
                                                      held.wait();
                                                      return 7;
                                                  }),
                              [&](const std::exception_ptr& thrown, const Result<int>& outcome) {
                                  EXPECT_FALSE(thrown);
                                  if (outcome) {
                                      ++done;
                                      return;
                                  }
                                  EXPECT_EQ(outcome.error().code, Errc::overloaded);
                                  if (++overloaded == 3) held.count_down();
                              });
    }
    context.run();
    EXPECT_EQ(done, Administration::calls_max);
    EXPECT_EQ(overloaded, 3U);
}

TEST_F(AdministrationTest, KeysAreIssuedWithARoleForTenantsOnly) {
    auto& store = database_.control();
    const auto acme = TenantId::parse("acme").value();
    store.create_tenant(acme, "Acme").value();
    const auto refusal = [&](const KeyWish& wish) { return issue_key(store, wish).error().code; };
    using Kind = auth::ApiKey::Kind;
    EXPECT_EQ(refusal({.owner = {acme}, .name = "k"}), Errc::missing_field);
    EXPECT_EQ(refusal({.owner = {}, .name = "k", .role = Role::owner}), Errc::bad_value);
    EXPECT_EQ(refusal({.owner = {}, .name = "k", .kind = Kind::publishable}), Errc::bad_value);
    EXPECT_EQ(
        refusal({.owner = {acme}, .name = "k", .role = Role::viewer, .kind = Kind::publishable}),
        Errc::bad_value);
    const auto publishable =
        issue_key(store, {.owner = {acme}, .name = "k", .kind = Kind::publishable}).value();
    EXPECT_EQ(publishable.key.kind(), Kind::publishable);
    const auto issued =
        issue_key(store, {.owner = {acme}, .name = "k", .role = Role::viewer}).value();
    EXPECT_EQ(database_.issuer()
                  .from_token(issued.key.text(), std::nullopt, system_clock().now())
                  .value()
                  .role(),
              Role::viewer);
}

}  // namespace
}  // namespace tenantry::services
