/// What the server remembers of a principal is as good as what is so, and never better.

#include "handle_fixture.hpp"

namespace tenantry::http {
namespace {

using auth::TenantStatus;

class AuthenticationTest : public HandleTest {
protected:
    static auth::Standing member(Role role, TenantStatus status = TenantStatus::active) {
        return {.tenant = status, .is_user = true, .membership = role, .version = Uuid{}};
    }
    Response list() { return run(request(Method::get, "/api/leads")); }
    Response create() {
        return run(request(Method::post, "/api/leads", R"({"first_name":"Ada"})"));
    }
};

TEST_F(AuthenticationTest, WhatIsRememberedServes) {
    directory_.now = directory_.remembered = member(Role::admin);
    EXPECT_EQ(list().status, Status::ok);
    EXPECT_EQ(executor_.runs, 1U);
}

TEST_F(AuthenticationTest, TheFirstPlanFindsOutThatItHasChanged) {
    directory_.remembered = member(Role::admin);
    executor_.premises_hold = false;
    directory_.now = member(Role::admin, TenantStatus::suspended);
    EXPECT_EQ(refusal(list()), "403 tenant_unavailable");
    directory_.now = member(Role::viewer);
    EXPECT_EQ(refusal(create()), "403 role_insufficient");
    directory_.now = auth::Standing{.tenant = TenantStatus::active, .is_user = true};
    EXPECT_EQ(refusal(list()), "403 not_a_member");
    EXPECT_EQ(executor_.runs, 3U);
    // What changed may be something else.
    directory_.now = member(Role::owner);
    EXPECT_EQ(list().status, Status::ok);
    EXPECT_EQ(executor_.runs, 5U);
}

TEST_F(AuthenticationTest, NobodyIsRefusedByMemory) {
    directory_.now = member(Role::admin);
    executor_.premises_hold = false;
    executor_.reply = []() -> Result<query::Reply> { return fail(Errc::overloaded, "later"); };
    for (const auto& remembered :
         {member(Role::admin, TenantStatus::suspended), member(Role::viewer),
          auth::Standing{.tenant = TenantStatus::active, .is_user = true, .version = Uuid{}}}) {
        directory_.remembered = remembered;
        EXPECT_EQ(refusal(create()), "503 overloaded");
    }
    directory_.remembered = member(Role::viewer);
    EXPECT_FALSE(refuse(request(Method::post, "/api/leads", "{}")));
}

TEST_F(AuthenticationTest, AnAnswerWithoutAPlanWaitsForTheSameQuestion) {
    directory_.remembered = member(Role::admin);
    directory_.now = member(Role::admin, TenantStatus::suspended);
    EXPECT_EQ(refusal(run(request(Method::get, "/api/leads?limit=none"))),
              "403 tenant_unavailable");
    EXPECT_EQ(refusal(run(request(Method::post, "/api/leads", "{"))), "403 tenant_unavailable");
    directory_.now = member(Role::admin);
    EXPECT_EQ(refusal(run(request(Method::post, "/api/leads", "{"))), "400 bad_json");
    EXPECT_EQ(executor_.runs, 0U);
}

TEST_F(AuthenticationTest, AnExecutorThatInsistsIsNotAskedForever) {
    executor_.reply = []() -> Result<query::Reply> {
        return fail(Errc::standing_changed, "it has changed");
    };
    directory_.remembered = member(Role::admin);
    directory_.now = member(Role::admin);
    executor_.premises_hold = false;
    EXPECT_EQ(refusal(list()), "503 standing_changed");
}

TEST_F(AuthenticationTest, OperatorsAreNamedInWhatIsTold) {
    const auto id = auth::ApiKeyId::parse(lead_id).value();
    directory_.any_key = auth::KeyStanding{.id = id};
    auto asked = request(Method::get, "/admin/v1/tenants");
    asked.authorization =
        "Bearer " + std::string{auth::ApiKey::make(auth::ApiKey::Kind::platform).text()};
    run(asked);
    EXPECT_EQ(observer_.principals.back(), "key:" + id.text());
    asked.authorization = token("acme", "owner");
    run(asked);
    EXPECT_EQ(observer_.principals.back(), "");
}

}  // namespace
}  // namespace tenantry::http
