/// What the engine remembers of tenants, members and keys, and that the first plan finds out when
/// that has changed.

#include "fixture.hpp"
#include "requests.hpp"

#include "auth/scope_issuer.hpp"
#include "engine/postgres/postgres_engine.hpp"

namespace tenantry::engine::postgres {
namespace {

using auth::TenantStatus;

class StandingTest : public ::testing::Test {
protected:
    StandingTest()
        : member_{control().create_member(acme_, "ann@acme.example", "Ann", Role::admin).value()},
          token_{verifier_.issue({.subject = member_.user.text(),
                                  .tenant = acme_,
                                  .role = "owner",
                                  .expires_at = now_ + std::chrono::hours{1}},
                                 now_)} {}

    Engine& engine() { return database_.engine(); }
    ControlStore& control() { return database_.control(); }

    void learn(const std::string& bearer) {
        testing::wait_for(issuer_.learn(bearer, std::nullopt, now_, testing::no_deadline)).value();
    }
    Result<TenantScope> from_memory(const std::string& bearer) {
        return issuer_.from_token(bearer, std::nullopt, now_);
    }
    /// What a request that begins with what is remembered comes to.
    Errc write(const TenantScope& scope) {
        query::Insert insert{.relation = &leads(),
                             .columns = {&leads().column("first_name")},
                             .rows = {{schema::Text{"Ada"}}}};
        const auto done = database_.run(std::move(insert), scope);
        return done ? Errc{} : done.error().code;
    }
    Result<query::Reply> read(const TenantScope& scope) {
        return database_.run(query::Read{.relation = &leads(),
                                         .projection = {&leads().column("first_name")},
                                         .order = {{&leads().column("first_name")}}},
                             scope);
    }

    /// Runs `change` after `bearer` has been learnt; what was remembered must then be refused, by
    /// reads and by writes, and forgotten.
    template <class Change>
    void expect_found_out(const std::string& bearer, Change change) {
        learn(bearer);
        const auto reader = from_memory(bearer).value();
        const auto writer = from_memory(bearer).value();
        ASSERT_TRUE(reader.premise());
        change();
        EXPECT_EQ(read(reader).error().code, Errc::standing_changed);
        EXPECT_FALSE(reader.premise()->confirmed);
        EXPECT_EQ(write(writer), Errc::standing_changed);
        EXPECT_EQ(from_memory(bearer).error().code, Errc::standing_unknown);
        EXPECT_EQ(read(database_.scope("acme")).value().rows.row_count(), 0U);
    }

    testing::AnyDatabase database_{testing::EngineKind::postgres};
    TenantId acme_ = database_.scope("acme").tenant();
    Timestamp now_ = system_clock().now();
    auth::TokenVerifier verifier_{
        auth::Secret::parse("a secret for tests, 32 bytes or more").value()};
    auth::ScopeIssuer issuer_{verifier_, engine()};
    MemberRecord member_;
    std::string token_;
};

TEST_F(StandingTest, WhatIsRememberedIsConfirmedByTheFirstPlanAlone) {
    EXPECT_EQ(from_memory(token_).error().code, Errc::standing_unknown);
    learn(token_);
    const auto scope = from_memory(token_).value();
    EXPECT_EQ(scope.role(), Role::admin);
    EXPECT_EQ(write(scope), Errc{});
    EXPECT_TRUE(scope.premise()->confirmed);
    control().set_tenant_status(acme_, TenantStatus::suspended).value();
    // A request that has begun goes on; one that begins doesn't.
    EXPECT_EQ(read(scope).value().rows.row_count(), 1U);
    EXPECT_EQ(read(from_memory(token_).value()).error().code, Errc::standing_changed);
    learn(token_);
    EXPECT_EQ(from_memory(token_).error().code, Errc::tenant_unavailable);
}

TEST_F(StandingTest, SuspensionsRolesAndRemovalsAreFoundOut) {
    expect_found_out(token_, [&] {
        control().set_tenant_status(acme_, TenantStatus::suspended).value();
        control().set_tenant_status(acme_, TenantStatus::active).value();
    });
    expect_found_out(token_, [&] {
        control().set_member_role(acme_, "ann@acme.example", Role::operator_).value();
    });
    expect_found_out(token_, [&] { control().remove_member(acme_, "ann@acme.example").value(); });
    expect_found_out(
        verifier_.issue({.subject = "stranger",
                         .tenant = acme_,
                         .role = "admin",
                         .expires_at = now_ + std::chrono::hours{1}},
                        now_),
        [&] { control().create_member(acme_, "bob@acme.example", "Bob", Role::viewer).value(); });
}

TEST_F(StandingTest, RevocationsOfKeysAreFoundOut) {
    const auto key = auth::ApiKey::make(auth::ApiKey::Kind::tenant);
    const std::string bearer{key.text()};
    const auto record = control()
                            .create_key({.owner = {acme_},
                                         .name = "crm",
                                         .role = Role::operator_,
                                         .prefix = key.prefix(),
                                         .hash = key.hash()})
                            .value();
    learn(bearer);
    const auth::KeyUse use{record.id, now_};
    control().record_key_uses({&use, 1}).value();
    const auto scope = from_memory(bearer).value();
    EXPECT_TRUE(read(scope)) << "a use that is written down changes nothing";
    expect_found_out(bearer, [&] { control().revoke_key(record.id, std::nullopt).value(); });
    learn(bearer);
    EXPECT_EQ(from_memory(bearer).error().code, Errc::token_invalid);
}

TEST_F(StandingTest, OperatorsKeysAreNeverRemembered) {
    const auto key = auth::ApiKey::make(auth::ApiKey::Kind::platform);
    control().create_key({.name = "ops", .prefix = key.prefix(), .hash = key.hash()}).value();
    const auto findings =
        testing::wait_for(issuer_.learn_key(std::string{key.text()}, testing::no_deadline));
    EXPECT_TRUE(issuer_.for_operator(key.text(), now_, findings.value()));
    EXPECT_EQ(issuer_.for_operator(key.text(), now_).error().code, Errc::standing_unknown);
}

TEST_F(StandingTest, SettingsComeWithIt) {
    EXPECT_EQ(engine().settings(acme_), "{}");
    EXPECT_EQ(engine().settings(TenantId::parse("nobody").value()), "{}");
    learn(token_);
    expect_found_out(token_, [&] {
        control()
            .change_tenant_settings({.action = "tenant.quotas", .tenant = acme_},
                                    [](std::string_view) -> Result<std::string> {
                                        return std::string{R"({"quotas":{"rows":5}})"};
                                    })
            .value();
    });
    EXPECT_EQ(engine().settings(acme_), R"({"quotas":{"rows":5}})");
}

TEST_F(StandingTest, ATenantThatCameBackIsAnotherOne) {
    expect_found_out(token_, [&] {
        control().set_tenant_status(acme_, TenantStatus::deleting).value();
        control().forget_tenant(acme_).value();
        control().create_tenant(acme_, "Acme again").value();
    });
}

}  // namespace
}  // namespace tenantry::engine::postgres
