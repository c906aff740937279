// /auth/v1: who may come in, and for how long. Whole clients are in tests/client.

#include "auth_fixture.hpp"
#include "services/api_keys.hpp"

#include <gmock/gmock.h>
#include <boost/json/serialize.hpp>

#include <set>

namespace tenantry::e2e {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto ann = "ann@acme.example";
constexpr auto password = "correct horse";

TEST_F(AuthTest, WhoWasInvitedChoosesAPasswordAndSignsIn) {
    make_lead("acme");
    make_lead("birch");
    const auto invited = link(ann, "acme", Role::operator_);
    EXPECT_EQ(outcome(verify("recovery", invited)), "403 otp_expired");
    const auto begun = session(verify("invite", invited));
    EXPECT_EQ(outcome(verify("invite", invited)), "403 otp_expired") << "it works once";
    EXPECT_EQ(outcome(sign_in(ann, password)), "400 invalid_credentials");
    EXPECT_EQ(outcome(auth("PUT", "user", credentials(ann, password), begun.access)), "200");

    const auto signed_in = session(sign_in("ANN@acme.example", password));
    EXPECT_EQ(signed_in.user.at("email"), ann);
    EXPECT_EQ(signed_in.user.at("app_metadata").at("tenant_id"), "acme");
    EXPECT_EQ(signed_in.user.at("app_metadata").at("tenant_role"), "operator");
    EXPECT_EQ(signed_in.user.at("aud"), "authenticated");
    EXPECT_EQ(leads_seen(signed_in.access), 1U);
    EXPECT_EQ(object(auth("GET", "user", "", signed_in.access)).at("id"), signed_in.user.at("id"));
}

TEST_F(AuthTest, StrangersCannotTellWhoHasAnAccount) {
    join(ann, "acme", password);
    const auto known = sign_in(ann, "wrong horse");
    EXPECT_EQ(outcome(known), "400 invalid_credentials");
    EXPECT_EQ(sign_in("nobody@acme.example", "wrong horse").bytes, known.bytes);
    EXPECT_EQ(sign_in("no address", "wrong horse").bytes, known.bytes);
    // Of a member who never chose a password, too.
    control().create_member(tenant("acme"), "bo@acme.example", "", Role::viewer).value();
    EXPECT_EQ(sign_in("bo@acme.example", "wrong horse").bytes, known.bytes);
    EXPECT_EQ(sign_in("bo@acme.example", "").bytes, known.bytes);
}

TEST_F(AuthTest, RefreshTokensAreExchangedAndOneThatIsStolenEndsTheSession) {
    auto wanted = options();
    wanted.accounts.refresh_grace = std::chrono::seconds{0};
    start(wanted);
    const auto first = join(ann, "acme", password);
    const auto second = session(refresh(first.refresh));
    EXPECT_NE(second.refresh, first.refresh);
    EXPECT_EQ(second.id(), first.id());
    EXPECT_EQ(outcome(refresh(first.refresh)), "400 refresh_token_already_used");
    EXPECT_EQ(outcome(refresh(second.refresh)), "400 refresh_token_not_found");
    EXPECT_EQ(outcome(auth("GET", "user", "", second.access)), "403 session_not_found");
    EXPECT_EQ(outcome(refresh("nothing")), "400 refresh_token_not_found");
}

TEST_F(AuthTest, TwoTabsMayUseTheSameRefreshToken) {
    const auto first = join(ann, "acme", password);
    const auto one = session(refresh(first.refresh));
    const auto other = session(refresh(first.refresh));
    EXPECT_NE(one.refresh, other.refresh);
    EXPECT_EQ(outcome(refresh(one.refresh)), "200");
    EXPECT_EQ(outcome(refresh(other.refresh)), "200");
}

TEST_F(AuthTest, SigningOutEndsTheSessionsThatItNames) {
    join(ann, "acme", password);
    const auto here = session(sign_in(ann, password));
    const auto there = session(sign_in(ann, password));
    const auto elsewhere = session(sign_in(ann, password));
    const auto alive = [&](const Session& each) {
        return auth("GET", "user", "", each.access).status == 200;
    };
    EXPECT_EQ(outcome(auth("POST", "logout?scope=local", "", here.access)), "204");
    EXPECT_FALSE(alive(here));
    EXPECT_TRUE(alive(there));
    EXPECT_EQ(outcome(auth("POST", "logout?scope=others", "", there.access)), "204");
    EXPECT_TRUE(alive(there));
    EXPECT_FALSE(alive(elsewhere));
    EXPECT_EQ(outcome(auth("POST", "logout", "", there.access)), "204");
    EXPECT_FALSE(alive(there));
    EXPECT_EQ(outcome(auth("POST", "logout", "", there.access)), "403 session_not_found");
    EXPECT_EQ(outcome(auth("POST", "logout?scope=all", "", there.access)), "400 validation_failed");
    EXPECT_EQ(outcome(refresh(there.refresh)), "400 refresh_token_not_found");
}

TEST_F(AuthTest, ANewPasswordEndsTheOtherSessions) {
    const auto other = join(ann, "acme", password);
    const auto own = session(sign_in(ann, password));
    const auto set = [&](std::string_view text) {
        return outcome(
            auth("PUT", "user", fmt::format(R"({{"password":"{}"}})", text), own.access));
    };
    EXPECT_EQ(set("short"), "422 weak_password");
    EXPECT_EQ(set(password), "422 same_password");
    EXPECT_EQ(set("battery staple"), "200");
    EXPECT_EQ(outcome(auth("GET", "user", "", own.access)), "200");
    EXPECT_EQ(outcome(auth("GET", "user", "", other.access)), "403 session_not_found");
    EXPECT_EQ(outcome(sign_in(ann, password)), "400 invalid_credentials");
    EXPECT_EQ(outcome(sign_in(ann, "battery staple")), "200");
}

TEST_F(AuthTest, UsersWriteTheirOwnDataAndNoRights) {
    const auto own = join(ann, "acme", password, Role::viewer);
    const auto changed = auth("PUT", "user",
                              R"({"data":{"theme":"dark","tenant_id":"birch","x":1},
                                  "app_metadata":{"tenant_id":"birch","tenant_role":"owner"},
                                  "role":"service_role"})",
                              own.access);
    ASSERT_EQ(changed.status, 200) << changed.body;
    auth("PUT", "user", R"({"data":{"x":null}})", own.access);
    const auto again = session(refresh(own.refresh));
    EXPECT_EQ(json::serialize(again.user.at("user_metadata")),
              R"({"theme":"dark","tenant_id":"birch"})");
    EXPECT_EQ(again.user.at("app_metadata").at("tenant_id"), "acme");
    EXPECT_EQ(again.user.at("app_metadata").at("tenant_role"), "viewer");
    EXPECT_EQ(again.user.at("role"), "authenticated");
    EXPECT_EQ(ask({.method = "POST",
                   .target = "/api/leads",
                   .token = again.access,
                   .body = R"({"first_name":"x"})"})
                  .status,
              403);
    EXPECT_EQ(outcome(auth("PUT", "user", R"({"email":"other@acme.example"})", own.access)),
              "400 email_address_invalid");
    const auto large = fmt::format(R"({{"data":{{"a":"{}"}}}})", std::string(5000, 'a'));
    EXPECT_EQ(outcome(auth("PUT", "user", large, own.access)), "400 validation_failed");
}

TEST_F(AuthTest, AUserOfTwoTenantsChoosesAndSwitches) {
    make_lead("birch");
    join(ann, "acme", password);
    session(verify("invite", link(ann, "birch")));
    const auto undecided = sign_in(ann, password);
    EXPECT_EQ(outcome(undecided), "403 tenant_required");
    EXPECT_THAT(undecided.body, HasSubstr("acme, birch"));
    const auto acme = session(sign_in(ann, password, "acme"));
    EXPECT_EQ(leads_seen(acme.access), 0U);
    const auto move = [&](std::string_view to, const std::string& access) {
        return auth("POST", "token?grant_type=tenant", fmt::format(R"({{"tenant_id":"{}"}})", to),
                    access);
    };
    EXPECT_EQ(outcome(move("nowhere", acme.access)), "403 not_a_member");
    const auto birch = session(move("birch", acme.access));
    EXPECT_EQ(leads_seen(birch.access), 1U);
    EXPECT_EQ(birch.user.at("app_metadata").at("tenant_id"), "birch");
    EXPECT_EQ(session(refresh(birch.refresh)).user.at("app_metadata").at("tenant_id"), "birch");
}

TEST_F(AuthTest, WhoIsNoMemberAnyMoreIsOut) {
    const auto own = join(ann, "acme", password, Role::viewer);
    control().remove_member(tenant("acme"), ann).value();
    EXPECT_EQ(outcome(refresh(own.refresh)), "403 not_a_member");
    EXPECT_EQ(outcome(sign_in(ann, password)), "403 not_a_member");
    EXPECT_EQ(ask({.target = "/rest/v1/leads", .token = own.access}).status, 403);
}

TEST_F(AuthTest, ASuspendedTenantLetsNobodyIn) {
    const auto own = join(ann, "acme", password);
    EXPECT_TRUE(control().set_tenant_status(tenant("acme"), auth::TenantStatus::suspended));
    EXPECT_EQ(outcome(refresh(own.refresh)), "403 not_a_member");
    EXPECT_EQ(outcome(sign_in(ann, password)), "403 not_a_member");
    EXPECT_EQ(outcome(verify("invite", link("bo@acme.example", "acme"))), "403 not_a_member");
}

TEST_F(AuthTest, SignsUpWhomTheTenantLetsInAndNobodyElse) {
    const auto sign_up = [&](std::string_view email, std::string_view wanted = {}) {
        return auth("POST", "signup", credentials(email, password), {},
                    wanted.empty() ? "" : fmt::format("x-tenant-id: {}\r\n", wanted));
    };
    EXPECT_EQ(outcome(sign_up("new@acme.example")), "422 signup_disabled");
    EXPECT_EQ(outcome(sign_up("new@acme.example", "acme")), "422 signup_disabled");
    EXPECT_TRUE(accounts().set_sign_up_rule(
        {tenant("acme"), "acme.example", Role::operator_, false}, "tests"));
    EXPECT_EQ(outcome(sign_up("new@other.example", "acme")), "422 signup_disabled");
    EXPECT_EQ(outcome(sign_up("new@acme.example", "birch")), "422 signup_disabled");
    const auto made = session(sign_up("new@acme.example"));
    EXPECT_EQ(made.user.at("app_metadata").at("tenant_role"), "operator");
    EXPECT_EQ(outcome(sign_up("new@acme.example")), "422 user_already_exists");
    EXPECT_EQ(outcome(sign_in("new@acme.example", password)), "200");
    // Whoever may come without a domain must say where to.
    EXPECT_TRUE(accounts().set_sign_up_rule({tenant("birch"), "*", Role::viewer, false}, "tests"));
    EXPECT_EQ(outcome(sign_up("new@other.example")), "422 signup_disabled");
    EXPECT_EQ(outcome(sign_up("new@other.example", "birch")), "200");
    // Two tenants of one domain: the same.
    EXPECT_TRUE(accounts().set_sign_up_rule({tenant("birch"), "acme.example", Role::viewer, false},
                                            "tests"));
    EXPECT_EQ(outcome(sign_up("third@acme.example")), "422 signup_disabled");
    EXPECT_EQ(outcome(sign_up("third@acme.example", "birch")), "200");
}

TEST_F(AuthTest, AnAddressTakenOnTrustIsGoodForThatTenantAlone) {
    make_lead("birch");
    EXPECT_TRUE(accounts().set_sign_up_rule({tenant("acme"), "*", Role::viewer, false}, "tests"));
    // Somebody signs up by an address of others, and its owner is made a member elsewhere.
    const auto stranger =
        session(auth("POST", "signup", credentials("boss@birch.example", password), {},
                     "x-tenant-id: acme\r\n"));
    control().create_member(tenant("birch"), "boss@birch.example", "", Role::owner).value();
    EXPECT_EQ(outcome(sign_in("boss@birch.example", password, "birch")), "403 not_a_member");
    EXPECT_EQ(outcome(auth("POST", "token?grant_type=tenant", R"({"tenant_id":"birch"})",
                           stranger.access)),
              "403 not_a_member");
    EXPECT_EQ(ask({.target = "/rest/v1/leads",
                   .token = stranger.access,
                   .headers = "x-tenant-id: birch\r\n"})
                  .status,
              403);
    // The owner comes by the mailbox, and nothing of the stranger's is left.
    const auto boss = session(verify("recovery", link("boss@birch.example", std::nullopt)));
    EXPECT_EQ(outcome(auth("GET", "user", "", stranger.access)), "403 session_not_found");
    EXPECT_EQ(outcome(sign_in("boss@birch.example", password, "birch")), "400 invalid_credentials");
    EXPECT_EQ(boss.id(), stranger.id());
}

TEST_F(AuthTest, AttemptsAreCountedByAccountAndAddress) {
    auto wanted = options();
    wanted.accounts.account_failures = 3;
    start(wanted);
    join(ann, "acme", password);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(outcome(sign_in(ann, "wrong horse")), "400 invalid_credentials");
    EXPECT_EQ(outcome(sign_in(ann, password)), "429 over_request_rate_limit");
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(outcome(sign_in("nobody@a.example", "x")), "400 invalid_credentials");
    EXPECT_EQ(outcome(sign_in("nobody@a.example", "x")), "429 over_request_rate_limit");
    // A proxy on this machine says whom it speaks for: another address has its own attempts.
    EXPECT_EQ(outcome(auth("POST", "token?grant_type=password", credentials(ann, password), {},
                           "X-Forwarded-For: 10.0.0.1, 192.0.2.7\r\n")),
              "200");
    wanted.accounts.address_attempts = 2;
    start(wanted);
    EXPECT_EQ(outcome(sign_in(ann, password)), "200");
    EXPECT_EQ(outcome(sign_in(ann, password)), "200");
    EXPECT_EQ(outcome(sign_in(ann, password)), "429 over_request_rate_limit");
    EXPECT_EQ(outcome(verify("invite", "x")), "429 over_request_rate_limit");
}

TEST_F(AuthTest, BadInputIsToldInTheFormThatWasAskedFor) {
    const auto own = join(ann, "acme", password);
    for (const auto& [method, target, body, token, expected] :
         std::initializer_list<std::array<std::string, 5>>{
             {"POST", "token?grant_type=password", "{", "", "400 bad_json"},
             {"POST", "token?grant_type=password", "[]", "", "400 bad_json"},
             {"POST", "token?grant_type=password", "{}", "", "400 validation_failed"},
             {"POST", "token?grant_type=password", R"({"email":1,"password":"x"})", "",
              "400 email_address_invalid"},
             {"POST", "token", "{}", "", "400 validation_failed"},
             {"POST", "token?grant_type=magic", "{}", "", "400 validation_failed"},
             {"POST", "token?grant_type=tenant", R"({"tenant_id":"acme"})", "",
              "401 no_authorization"},
             {"POST", "signup", R"({"email":"a@b.example"})", "", "400 validation_failed"},
             {"POST", "signup", R"({"email":"a","password":"12345678"})", "",
              "400 email_address_invalid"},
             {"POST", "verify", R"({"type":"sms","token_hash":"x"})", "", "400 validation_failed"},
             {"POST", "verify", R"({"type":"invite"})", "", "400 validation_failed"},
             {"POST", "recover", R"({"email":"a@b.example"})", "", "422 signup_disabled"},
             {"GET", "user", "", "", "401 no_authorization"},
             {"GET", "user", "", "x.y.z", "403 bad_jwt"},
             {"GET", "user", "", this->token("acme"), "403 bad_jwt"},
             {"PUT", "user", R"({"data":[]})", own.access, "400 validation_failed"},
             {"GET", "nothing", "", "", "404 not_found"},
             {"DELETE", "user", "", own.access, "405 method_not_allowed"},
         }) {
        EXPECT_EQ(outcome(auth(method, target, body, token)), expected)
            << method << ' ' << target << ' ' << body;
    }
    const auto old = ask({.target = "/auth/v1/user"});
    EXPECT_EQ(old.status, 401);
    EXPECT_EQ(old.body, R"({"code":401,"error_code":"no_authorization",)"
                        R"("msg":"This endpoint requires a Bearer token"})");
    EXPECT_EQ(auth("GET", "user").header("x-supabase-api-version"), "2024-01-01");
    const auto weak = object(auth("PUT", "user", R"({"password":"x"})", own.access));
    EXPECT_EQ(json::serialize(weak.at("weak_password")), R"({"reasons":["length"]})");
    EXPECT_EQ(auth("OPTIONS", "token").header("allow"), "POST, OPTIONS");
}

TEST_F(AuthTest, PublishableKeysSayWhoseUsersTheyAreAndNoMore) {
    make_lead("acme");
    const auto key = [&](std::string_view id, auth::ApiKey::Kind kind, std::optional<Role> role) {
        return std::string{
            services::issue_key(
                control(), {.owner = {tenant(id)}, .name = "tests", .role = role, .kind = kind})
                .value()
                .key.text()};
    };
    const auto publishable = key("acme", auth::ApiKey::Kind::publishable, std::nullopt);
    const auto secret = key("acme", auth::ApiKey::Kind::secret, Role::admin);
    join(ann, "acme", password);
    session(verify("invite", link(ann, "birch")));
    const auto with = [](const std::string& text) { return "apikey: " + text + "\r\n"; };
    const auto chosen = session(auth("POST", "token?grant_type=password",
                                     credentials(ann, password), {}, with(publishable)));
    EXPECT_EQ(chosen.user.at("app_metadata").at("tenant_id"), "acme");
    EXPECT_EQ(outcome(auth("POST", "token?grant_type=password", credentials(ann, password), {},
                           with(publishable) + "x-tenant-id: birch\r\n")),
              "403 tenant_mismatch");
    EXPECT_EQ(outcome(auth("POST", "token?grant_type=password", credentials(ann, password), {},
                           with(publishable.substr(0, 30)))),
              "401 bad_jwt");
    // By itself it opens nothing.
    for (const auto* target :
         {"/rest/v1/leads", "/api/leads", "/api/sync?since=0", "/api/dashboard"})
        EXPECT_EQ(ask({.target = target, .token = publishable}).status, 403) << target;
    EXPECT_EQ(ask({.target = "/rest/v1/leads", .headers = with(publishable)}).status, 403);
    EXPECT_EQ(outcome(auth("GET", "admin/users", "", publishable)), "403 role_insufficient");
    EXPECT_EQ(ask({.target = "/rest/v1/leads?select=id", .token = secret}).status, 200);
    EXPECT_EQ(
        ask({.target = "/rest/v1/leads", .token = secret, .headers = "x-tenant-id: birch\r\n"})
            .status,
        403);
}

TEST_F(AuthTest, LegacyKeysAreTokensOfATenant) {
    make_lead("acme");
    const auto legacy = [&](std::string_view role, std::optional<TenantId> of) {
        return token_of({.subject = std::string{role},
                         .tenant = std::move(of),
                         .role = std::string{role},
                         .expires_at = system_clock().now() + std::chrono::hours{1}});
    };
    const auto service = legacy("service_role", tenant("acme"));
    EXPECT_EQ(leads_seen(service), 1U);
    EXPECT_EQ(outcome(auth("GET", "admin/users", "", service)), "200");
    EXPECT_EQ(
        ask({.target = "/rest/v1/leads", .token = service, .headers = "x-tenant-id: birch\r\n"})
            .status,
        403);
    const auto of_all = legacy("service_role", std::nullopt);
    EXPECT_EQ(ask({.target = "/rest/v1/leads", .token = of_all}).status, 403);
    EXPECT_EQ(ask({.target = "/rest/v1/leads", .token = of_all, .headers = "x-tenant-id: acme\r\n"})
                  .status,
              403);
    const auto anon = legacy("anon", tenant("acme"));
    EXPECT_EQ(ask({.target = "/rest/v1/leads", .token = anon}).status, 403);
    EXPECT_EQ(outcome(auth("GET", "admin/users", "", anon)), "403 role_insufficient");
}

}  // namespace
}  // namespace tenantry::e2e
