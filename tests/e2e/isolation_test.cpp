// What tenants, and people without one, can tell about other tenants' rows: nothing.

#include "fixture.hpp"

#include "engine/control_store.hpp"

#include <fmt/format.h>

#include <vector>

namespace tenantry::e2e {
namespace {

class IsolationTest : public ServerTest {
protected:
    TenantId tenant(std::string_view id) const { return TenantId::parse(id).value(); }
    /// A token of a user of this server which names no tenant.
    std::string user_token(const engine::MemberRecord& member,
                           std::string_view role = "authenticated") const {
        return token("", role, member.user.text());
    }
    Answer list(const std::string& token, const std::string& headers = {}) const {
        return ask({.target = "/api/leads", .token = token, .headers = headers});
    }
};

TEST_F(IsolationTest, ForeignIdsAnswerAsThoseOfNobody) {
    const auto agent = make_agent("acme", "agent@example.com");
    const auto lead = make_lead(
        "acme", fmt::format(R"("first_name":"Ada","email":"ada@example.com","assigned_agent":"{}")",
                            agent));
    const auto birch_lead = make_lead("birch");
    const auto approval =
        make("acme", "/api/approvals", fmt::format(R"({{"lead_id":"{}","type":"call"}})", lead));
    const auto contact =
        make("acme", "/api/contacts", R"({"channel":"phone","identifier":"+4712345678"})");
    const auto profile = make("acme", "/api/icp-profiles", R"({"name":"Investors"})");
    const auto identity = make("acme", "/api/identities", R"({"platform":"linkedin"})");
    struct Probe {
        std::string method, before, after, body, foreign;
    };
    const std::vector<Probe> probes{
        {"GET", "/api/leads/", "", "", lead},
        {"HEAD", "/api/leads/", "", "", lead},
        {"PUT", "/api/leads/", "", R"({"first_name":"X"})", lead},
        {"PATCH", "/api/leads/", "", R"({"first_name":"X"})", lead},
        {"PATCH", "/api/leads/", "", R"({"email":"ada@example.com"})", lead},
        {"DELETE", "/api/leads/", "", "", lead},
        {"GET", "/api/leads/", "/events", "", lead},
        {"GET", "/api/agents/", "", "", agent},
        {"PUT", "/api/agents/", "", R"({"name":"X","email":"x@example.com"})", agent},
        {"PATCH", "/api/agents/", "", R"({"name":"X"})", agent},
        {"DELETE", "/api/agents/", "", "", agent},
        {"GET", "/api/leads?assigned_agent=", "", "", agent},
        {"GET", "/api/approvals?lead_id=", "", "", lead},
        {"GET", "/api/approvals/", "", "", approval},
        {"GET", "/api/approvals/", "/history", "", approval},
        {"POST", "/api/approvals/", "/approve", "{}", approval},
        {"POST", "/api/approvals/", "/reject", R"({"reason":"no"})", approval},
        {"POST", "/api/approvals/", "/sent", "{}", approval},
        {"POST", "/api/approvals/", "/failed", "{}", approval},
        {"GET", "/api/contacts/", "", "", contact},
        {"PATCH", "/api/contacts/", "", R"({"verified":true})", contact},
        {"DELETE", "/api/contacts/", "", "", contact},
        {"GET", "/api/icp-profiles/", "", "", profile},
        {"POST", "/api/icp-profiles/", "/clone", R"({"name":"X"})", profile},
        {"DELETE", "/api/icp-profiles/", "", "", profile},
        {"GET", "/api/identities/", "", "", identity},
        {"PATCH", "/api/identities/", "", R"({"platform":"y"})", identity},
    };
    for (const auto& probe : probes) {
        const auto with = [&](std::string_view id) {
            return ask({.method = probe.method,
                        .target = probe.before + std::string{id} + probe.after,
                        .token = token("birch"),
                        .body = probe.body});
        };
        EXPECT_EQ(with(probe.foreign).bytes, with(id_of_nobody).bytes)
            << probe.method << " " << probe.before << probe.after;
    }
    const auto in_body = [&](std::string method, std::string target, std::string_view pattern,
                             std::string_view id) {
        return ask({.method = std::move(method),
                    .target = std::move(target),
                    .token = token("birch"),
                    .body = fmt::format(fmt::runtime(pattern), id)});
    };
    for (const auto& [method, target, pattern, foreign] :
         {std::tuple{"POST", std::string{"/api/leads"},
                     R"({{"first_name":"X","assigned_agent":"{}"}})", agent},
          std::tuple{"PATCH", "/api/leads/" + birch_lead, R"({{"assigned_agent":"{}"}})", agent},
          std::tuple{"POST", std::string{"/api/events"}, R"({{"type":"call","lead_id":"{}"}})",
                     lead},
          std::tuple{"POST", std::string{"/api/events"}, R"({{"type":"call","agent_id":"{}"}})",
                     agent},
          std::tuple{"POST", std::string{"/api/approvals"}, R"({{"type":"call","lead_id":"{}"}})",
                     lead},
          std::tuple{"POST", std::string{"/api/contacts"},
                     R"({{"channel":"c","identifier":"i","lead_id":"{}"}})", lead}}) {
        const auto answer = in_body(method, target, pattern, foreign);
        EXPECT_EQ(answer.status, 422);
        EXPECT_EQ(answer.bytes, in_body(method, target, pattern, id_of_nobody).bytes)
            << method << " " << target;
    }
    // Nothing of it changed anything.
    EXPECT_EQ(ask({.target = "/api/leads/" + lead, .token = token("acme")}).status, 200);
    EXPECT_EQ(ask({.target = "/api/agents/" + agent, .token = token("acme")}).status, 200);
    EXPECT_EQ(ask({.target = "/api/contacts/" + contact, .token = token("acme")}).status, 200);
    EXPECT_EQ(ask({.target = "/api/icp-profiles/" + profile, .token = token("acme")}).status, 200);
    const auto pending = ask({.target = "/api/approvals/pending", .token = token("acme")});
    EXPECT_NE(pending.body.find(approval), std::string::npos);
}

TEST_F(IsolationTest, ListsAndTotalsHoldOwnRowsOnly) {
    for (int i = 0; i < 5; ++i)
        make_lead("acme", fmt::format(R"("first_name":"A{}","city":"Bern","status":"closed")", i));
    const std::vector<std::string> targets{
        "/api/leads",           "/api/leads?status=closed",   "/api/leads?search=A1",
        "/api/leads?city=Bern", "/api/leads?sort=first_name", "/api/agents"};
    for (const auto& target : targets) {
        const auto name = target.starts_with("/api/agents") ? "agents" : "leads";
        EXPECT_EQ(ask({.target = target, .token = token("birch")}).body,
                  fmt::format(R"({{"{}":[],"total":0,"next":null}})", name));
    }
}

TEST_F(IsolationTest, HeaderThatDisagreesWithTheTokenIsRefused) {
    const auto refused = list(token("acme"), "x-tenant-id: birch\r\n");
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.code(), "tenant_mismatch");
    EXPECT_EQ(list(token("acme"), "X-Tenant-ID: acme\r\n").status, 200);
    EXPECT_EQ(list(token("acme"), "x-tenant-id: \r\n").status, 403);
    EXPECT_EQ(list(token("acme"), "x-tenant-id: no such form\r\n").status, 403);
    EXPECT_EQ(list(token("acme"), "x-tenant-id: acme, birch\r\n").status, 403);
}

TEST_F(IsolationTest, WithoutATenantTheAnswerIsTheKnownOne) {
    const auto answer = list(token(""));
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.body, R"({"error":"Tenant context required","code":"tenant_required"})");
}

TEST_F(IsolationTest, HeaderSelectsAmongMembershipsAndGrantsNone) {
    const auto member =
        control().create_member(tenant("acme"), "m@example.com", "M", Role::operator_).value();
    const auto token = user_token(member);
    EXPECT_EQ(list(token, "x-tenant-id: acme\r\n").status, 200);
    EXPECT_EQ(list(token).code(), "tenant_required");
    const auto foreign = list(token, "x-tenant-id: birch\r\n");
    EXPECT_EQ(foreign.code(), "not_a_member");
    EXPECT_EQ(foreign.bytes, list(token, "x-tenant-id: nobodys\r\n").bytes);
    control().set_tenant_status(tenant("birch"), auth::TenantStatus::suspended).value();
    EXPECT_EQ(foreign.bytes, list(token, "x-tenant-id: birch\r\n").bytes);
    // Somebody who is no user here is a member of nothing.
    EXPECT_EQ(list(this->token("", "owner"), "x-tenant-id: acme\r\n").code(), "not_a_member");
}

TEST_F(IsolationTest, UsersOfThisServerMustBeMembers) {
    const auto member =
        control().create_member(tenant("acme"), "m@example.com", "M", Role::viewer).value();
    EXPECT_EQ(list(token("birch", "owner", member.user.text())).code(), "not_a_member");
    // The membership bounds the role, whatever the token says.
    const Ask write{.method = "POST",
                    .target = "/api/leads",
                    .token = token("acme", "owner", member.user.text()),
                    .body = R"({"first_name":"A"})"};
    EXPECT_EQ(ask(write).code(), "role_insufficient");
}

TEST_F(IsolationTest, SuspensionHoldsFromTheNextRequestOn) {
    auto client = connect();
    const auto request = Ask{.target = "/api/leads", .token = token("acme")}.bytes();
    EXPECT_EQ(client.exchange(request).status, 200);
    control().set_tenant_status(tenant("acme"), auth::TenantStatus::suspended).value();
    const auto suspended = client.exchange(request);
    EXPECT_EQ(suspended.status, 403);
    EXPECT_EQ(suspended.code(), "tenant_unavailable");
    EXPECT_EQ(suspended.bytes, list(token("nobodys")).bytes);
    control().set_tenant_status(tenant("acme"), auth::TenantStatus::active).value();
    EXPECT_EQ(client.exchange(request).status, 200);
    control().set_tenant_status(tenant("acme"), auth::TenantStatus::deleting).value();
    EXPECT_EQ(client.exchange(request).bytes, suspended.bytes);
}

TEST_F(IsolationTest, TenantsOnOneConnectionDontMix) {
    const auto acme = make_lead("acme");
    const auto birch = make_lead("birch");
    auto client = connect();
    std::string batch;
    for (int i = 0; i < 50; ++i) {
        batch += Ask{.target = "/api/leads", .token = token("acme")}.bytes();
        batch += Ask{.target = "/api/leads", .token = token("birch")}.bytes();
    }
    client.send(batch);
    for (int i = 0; i < 100; ++i) {
        const auto answer = client.receive();
        ASSERT_TRUE(answer);
        const auto& own = i % 2 == 0 ? acme : birch;
        const auto& other = i % 2 == 0 ? birch : acme;
        EXPECT_NE(answer->body.find(own), std::string::npos);
        EXPECT_EQ(answer->body.find(other), std::string::npos);
    }
}

}  // namespace
}  // namespace tenantry::e2e
