// /admin/v1: what operators do, and that nobody else gets as far as knowing what is there.

#include "fixture.hpp"

#include "services/api_keys.hpp"

#include <fmt/format.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <set>

namespace tenantry::e2e {
namespace {

class AdminTest : public ServerTest {
protected:
    AdminTest() : key_{services::issue_key(control(), {.owner = {}, .name = "console"}).value()} {}

    std::string operator_key() const { return std::string{key_.key.text()}; }
    Answer admin(std::string method, std::string target, std::string body = {}) const {
        return ask({.method = std::move(method),
                    .target = "/admin/v1" + target,
                    .token = operator_key(),
                    .body = std::move(body)});
    }
    boost::json::value admin_json(std::string method, std::string target,
                                  std::string body = {}) const {
        const auto answer = admin(std::move(method), std::move(target), std::move(body));
        EXPECT_LT(answer.status, 300) << answer.body;
        return boost::json::parse(answer.body);
    }
    static std::string text(const boost::json::value& value) {
        return std::string{value.as_string()};
    }

    services::IssuedKey key_;
};

TEST_F(AdminTest, TenantsAreMadeShownChangedAndListed) {
    const auto made = admin("POST", "/tenants", R"({"id":"cedar","name":"Cedar Homes"})");
    EXPECT_EQ(made.status, 201);
    EXPECT_EQ(made.header("location"), "/admin/v1/tenants/cedar");
    EXPECT_EQ(made.header("cache-control"), "no-store");
    EXPECT_EQ(admin("POST", "/tenants", R"({"id":"cedar"})").code(), "unique_violation");
    EXPECT_EQ(admin_json("POST", "/tenants", R"({"id":"dogwood"})").at("name"), "dogwood");
    EXPECT_EQ(admin_json("GET", "/tenants/cedar").at("name"), "Cedar Homes");
    EXPECT_EQ(admin_json("PATCH", "/tenants/cedar", R"({"name":"Cedar"})").at("name"), "Cedar");
    EXPECT_EQ(admin("GET", "/tenants/nowhere").status, 404);
    EXPECT_EQ(admin("PATCH", "/tenants/nowhere", R"({"name":"X"})").status, 404);

    const auto page = admin_json("GET", "/tenants?limit=3");
    EXPECT_EQ(page.at("tenants").as_array().size(), 3U);
    EXPECT_EQ(page.at("next"), "cedar");
    const auto rest = admin_json("GET", "/tenants?limit=3&after=cedar");
    EXPECT_EQ(rest.at("tenants").as_array().size(), 1U);
    EXPECT_TRUE(rest.at("next").is_null());
}

TEST_F(AdminTest, QuotasAreShownAndSetAndInTheLog) {
    const auto before = admin_json("GET", "/tenants/acme/quotas");
    EXPECT_EQ(boost::json::serialize(before.at("quotas").at("rows")),
              R"({"value":null,"source":"default"})");
    const auto after = admin_json("PATCH", "/tenants/acme/quotas", R"({"rows":7})");
    EXPECT_EQ(boost::json::serialize(after.at("quotas").at("rows")),
              R"({"value":7,"source":"tenant"})");
    EXPECT_EQ(admin_json("GET", "/tenants/acme/quotas"), after);
    const auto entry = admin_json("GET", "/audit?tenant=acme").at("entries").at(0);
    EXPECT_EQ(entry.at("action"), "tenant.set_quota");
    EXPECT_EQ(text(entry.at("actor")), "key:" + key_.record.id.text());

    const auto refused = admin("PATCH", "/tenants/acme/quotas", R"({"rows":"many"})");
    EXPECT_EQ(refused.code(), "bad_value");
    EXPECT_EQ(refused.field(), "rows");
    EXPECT_EQ(admin("PATCH", "/tenants/acme/quotas", R"({"colour":1})").code(), "unknown_field");
    EXPECT_EQ(admin("PATCH", "/tenants/nowhere/quotas", R"({"rows":7})").status, 404);
    EXPECT_EQ(admin("GET", "/tenants/nowhere/quotas").status, 404);
}

TEST_F(AdminTest, SuspensionAndResumptionHoldOnAnOpenConnection) {
    auto client = connect();
    const auto request = Ask{.target = "/api/leads", .token = token("acme")}.bytes();
    EXPECT_EQ(client.exchange(request).status, 200);
    EXPECT_EQ(admin_json("PATCH", "/tenants/acme", R"({"status":"suspended"})").at("status"),
              "suspended");
    EXPECT_EQ(client.exchange(request).code(), "tenant_unavailable");
    admin_json("PATCH", "/tenants/acme", R"({"status":"active"})");
    EXPECT_EQ(client.exchange(request).status, 200);
}

TEST_F(AdminTest, DeletionAsksForTheIdAndRefusesTheTenantAtOnce) {
    for (const auto* body : {R"({"confirm":"birch"})", R"({"confirm":""})", "{}"})
        EXPECT_EQ(admin("DELETE", "/tenants/acme", body).status, 400) << body;
    EXPECT_EQ(admin("DELETE", "/tenants/acme").status, 415);
    EXPECT_EQ(ask({.target = "/api/leads", .token = token("acme")}).status, 200);
    control()
        .set_tenant_status(TenantId::parse("acme").value(), auth::TenantStatus::deleting)
        .value();
    EXPECT_EQ(ask({.target = "/api/leads", .token = token("acme")}).code(), "tenant_unavailable");
    EXPECT_EQ(admin("PATCH", "/tenants/acme", R"({"status":"active"})").code(), "conflict");
    EXPECT_EQ(admin("DELETE", "/tenants/acme", R"({"confirm":"acme"})").status, 200);
}

TEST_F(AdminTest, DeletionTakesAllRowsAndLeavesAReceipt) {
    make_lead("acme");
    make_lead("acme");
    make_agent("acme", "a@acme.example");
    make_lead("birch");
    admin_json("POST", "/tenants/acme/members", R"({"email":"ann@acme.example","role":"owner"})");
    const auto others = ask({.target = "/api/leads", .token = token("birch")}).body;

    const auto receipt = admin_json("DELETE", "/tenants/acme", R"({"confirm":"acme"})");
    EXPECT_EQ(receipt.at("deleted"), "acme");
    EXPECT_EQ(receipt.at("rows").at("leads"), 2);
    EXPECT_EQ(receipt.at("rows").at("agents"), 1);
    EXPECT_EQ(receipt.at("memberships"), 1);
    EXPECT_EQ(receipt.at("users"), 1);
    EXPECT_FALSE(receipt.at("scrubbed").as_bool());
    EXPECT_EQ(admin("GET", "/tenants/acme").status, 404);
    EXPECT_EQ(admin("DELETE", "/tenants/acme", R"({"confirm":"acme"})").status, 404);
    EXPECT_EQ(ask({.target = "/api/leads", .token = token("birch")}).body, others);

    const auto kept = admin_json("GET", "/receipts/" + text(receipt.at("receipt")));
    EXPECT_EQ(text(kept.at("actor")), "key:" + key_.record.id.text());
    for (const auto* member : {"receipt", "at", "rows", "memberships", "users", "key_destroyed"})
        EXPECT_EQ(kept.at(member), receipt.at(member)) << member;
    EXPECT_EQ(boost::json::serialize(kept).find("acme"), std::string::npos);
    EXPECT_EQ(admin("GET", "/audit").body.find("acme"), std::string::npos);
    EXPECT_EQ(admin("GET", "/receipts/01a217bc-9b5b-7665-87ec-f4c691dd7bba").status, 404);
    EXPECT_EQ(admin("GET", "/receipts/7").code(), "bad_id");

    // Nothing is in the way of another tenant of that name.
    EXPECT_EQ(admin("POST", "/tenants", R"({"id":"acme"})").status, 201);
    EXPECT_EQ(ask({.target = "/api/leads", .token = token("acme")}).body,
              R"({"leads":[],"total":0,"next":null})");
}

TEST_F(AdminTest, NameAndStatusChangeTogether) {
    const auto changed =
        admin_json("PATCH", "/tenants/acme", R"({"name":"Acme Two","status":"suspended"})");
    EXPECT_EQ(changed.at("name"), "Acme Two");
    EXPECT_EQ(changed.at("status"), "suspended");
    const auto entries = admin_json("GET", "/audit?tenant=acme").at("entries").as_array();
    EXPECT_EQ(entries.at(0).at("action"), "tenant.rename");
    EXPECT_EQ(entries.at(1).at("action"), "tenant.suspend");
}

TEST_F(AdminTest, MembersAreAddedChangedAndRemoved) {
    const auto made = admin("POST", "/tenants/acme/members",
                            R"({"email":"Ann@acme.example","name":"Ann","role":"owner"})");
    EXPECT_EQ(made.status, 201);
    const auto id = text(boost::json::parse(made.body).at("id"));
    EXPECT_EQ(made.header("location"), "/admin/v1/tenants/acme/members/" + id);
    const std::string members = "/tenants/acme/members";
    EXPECT_EQ(admin("DELETE", members + "/" + id).code(), "conflict") << "the last owner";
    admin_json("POST", members, R"({"email":"bob@acme.example","role":"viewer"})");
    EXPECT_EQ(admin_json("PATCH", members + "/bob@acme.example", R"({"role":"owner"})").at("role"),
              "owner");
    const auto page = admin_json("GET", members + "?limit=1");
    EXPECT_EQ(page.at("members").as_array()[0].at("email"), "ann@acme.example");
    EXPECT_EQ(page.at("next"), "ann@acme.example");

    auto client = connect();
    const auto request =
        Ask{.target = "/api/leads", .token = token("acme", "authenticated", id)}.bytes();
    EXPECT_EQ(client.exchange(request).status, 200);
    EXPECT_EQ(admin("DELETE", members + "/" + id).status, 204);
    EXPECT_EQ(client.exchange(request).code(), "not_a_member");
    EXPECT_EQ(admin("DELETE", members + "/" + id).status, 404);

    const auto users = admin_json("GET", "/users").at("users").as_array();
    ASSERT_EQ(users.size(), 2U);
    EXPECT_EQ(users[0].at("memberships").as_array().size(), 0U);
    EXPECT_EQ(users[1].at("memberships").as_array()[0].at("role"), "owner");
}

TEST_F(AdminTest, EveryActIsInTheAuditLogUnderTheKeysName) {
    admin_json("POST", "/tenants", R"({"id":"cedar"})");
    admin_json("PATCH", "/tenants/cedar", R"({"status":"suspended"})");
    const auto log = admin_json("GET", "/audit?tenant=cedar");
    const auto& entries = log.at("entries").as_array();
    ASSERT_EQ(entries.size(), 2U);
    EXPECT_EQ(entries[0].at("action"), "tenant.suspend");
    EXPECT_EQ(text(entries[0].at("actor")), "key:" + key_.record.id.text());
    EXPECT_EQ(entries[1].at("action"), "tenant.create");
    const auto first = admin_json("GET", "/audit?limit=1");
    EXPECT_EQ(first.at("entries").as_array().size(), 1U);
    EXPECT_EQ(admin_json("GET", "/audit?limit=1&before=" + text(first.at("next")))
                  .at("entries")
                  .as_array()[0]
                  .at("action"),
              "tenant.create");
}

TEST_F(AdminTest, TenantsKeysAreShownOnceAndRevoked) {
    const auto made =
        admin_json("POST", "/tenants/acme/keys", R"({"name":"website","role":"viewer"})");
    const auto key = text(made.at("key"));
    const auto id = text(made.at("id"));
    const Ask list{.target = "/api/leads", .token = key};
    EXPECT_EQ(ask(list).status, 200);
    const auto listed = admin("GET", "/tenants/acme/keys").body;
    EXPECT_NE(listed.find(id), std::string::npos);
    EXPECT_EQ(listed.find(key.substr(12)), std::string::npos);
    EXPECT_EQ(admin("DELETE", "/tenants/birch/keys/" + id).status, 404) << "not theirs";
    EXPECT_EQ(admin("DELETE", "/keys/" + id).status, 404) << "no operator's";
    EXPECT_EQ(ask(list).status, 200);
    EXPECT_EQ(admin("DELETE", "/tenants/acme/keys/" + id).status, 200);
    EXPECT_EQ(ask(list).status, 401);
    EXPECT_EQ(admin("GET", "/audit").body.find(key.substr(12)), std::string::npos);
    EXPECT_EQ(admin("POST", "/tenants/acme/keys", R"({"name":"x"})").code(), "missing_field");
    EXPECT_EQ(admin("POST", "/tenants/acme/keys",
                    R"({"name":"x","role":"viewer","expires_at":"2020-01-01"})")
                  .code(),
              "out_of_range");
}

TEST_F(AdminTest, OperatorsKeysOpenThisSideUntilTheyAreRevoked) {
    const auto made = admin_json("POST", "/keys", R"({"name":"second"})");
    const Ask list{.target = "/admin/v1/tenants", .token = text(made.at("key"))};
    auto client = connect();
    EXPECT_EQ(client.exchange(list.bytes()).status, 200);
    EXPECT_EQ(admin_json("GET", "/keys").at("keys").as_array().size(), 2U);
    EXPECT_EQ(admin("DELETE", "/keys/" + text(made.at("id"))).status, 200);
    EXPECT_EQ(client.exchange(list.bytes()).status, 401);
    EXPECT_EQ(admin("POST", "/keys", R"({"name":"x","role":"owner"})").code(), "unknown_field");
}

TEST_F(AdminTest, NobodyElseLearnsWhatIsThere) {
    const auto tenant_key =
        services::issue_key(
            control(),
            {.owner = {TenantId::parse("acme").value()}, .name = "k", .role = Role::owner})
            .value();
    const std::vector<std::string> paths{
        "/admin",
        "/admin/v1",
        "/admin/v1/tenants",
        "/admin/v1/tenants/acme",
        "/admin/v1/tenants/nowhere",
        "/admin/v1/tenants/acme/members",
        "/admin/v1/tenants/acme/keys/" + tenant_key.record.id.text(),
        "/admin/v1/audit?nonsense=1",
        "/admin/v1/no/such/path"};
    for (const auto& bearer :
         {std::string{tenant_key.key.text()}, token("acme", "owner"), token("", "owner")}) {
        std::set<std::string> answers;
        for (const auto& path : paths) {
            for (const auto* method : {"GET", "POST", "PATCH", "DELETE", "PUT"}) {
                const auto answer =
                    ask({.method = method, .target = path, .token = bearer, .body = "{}"});
                EXPECT_EQ(answer.status, 403);
                answers.insert(answer.bytes);
            }
        }
        EXPECT_EQ(answers.size(), 1U);
        EXPECT_NE(answers.begin()->find("role_insufficient"), std::string::npos);
    }
    for (const auto& path : paths) {
        EXPECT_EQ(ask({.target = path}).code(), "token_missing");
        EXPECT_EQ(ask({.target = path, .token = expired_token()}).code(), "token_expired");
    }
}

TEST_F(AdminTest, AnOperatorsKeyOpensNoTenant) {
    make_lead("acme");
    for (const auto* headers : {"", "x-tenant-id: acme\r\n", "x-tenant-id: nowhere\r\n"}) {
        const auto answer =
            ask({.target = "/api/leads", .token = operator_key(), .headers = headers});
        EXPECT_EQ(answer.status, 403);
        EXPECT_EQ(answer.code(), "role_insufficient");
    }
}

TEST_F(AdminTest, AnOperatorsKeyActsForTheTenantThatEachRequestNames) {
    auto changed = options();
    changed.operators_act_as = Role::operator_;
    start(changed);
    make_lead("acme");
    const auto act = [&](std::string method, std::string target, std::string tenant,
                         std::string body = {}) {
        return ask({.method = std::move(method),
                    .target = std::move(target),
                    .token = operator_key(),
                    .body = std::move(body),
                    .headers = tenant.empty() ? "" : "x-tenant-id: " + tenant + "\r\n"});
    };
    EXPECT_EQ(boost::json::parse(act("GET", "/rest/v1/leads?select=tenant_id", "acme").body),
              boost::json::parse(R"([{"tenant_id":"acme"}])"));
    EXPECT_EQ(act("GET", "/rest/v1/leads", "birch").body, "[]");
    EXPECT_EQ(act("POST", "/rest/v1/leads", "birch", R"({"first_name":"B"})").status, 201);
    EXPECT_EQ(
        act("POST", "/rest/v1/leads", "birch", R"({"first_name":"B","tenant_id":"acme"})").status,
        403);
    // The role bounds it, and a tenant has to be named, to be there and to be active.
    EXPECT_EQ(act("POST", "/api/agents", "acme", R"({"name":"A","email":"a@x.example"})").code(),
              "role_insufficient");
    const auto unnamed = act("GET", "/api/leads", "");
    EXPECT_EQ(unnamed.status, 403);
    EXPECT_EQ(unnamed.code(), "tenant_required");
    EXPECT_EQ(act("GET", "/api/leads", "nowhere").code(), "tenant_unavailable");
    EXPECT_EQ(admin("PATCH", "/tenants/birch", R"({"status":"suspended"})").status, 200);
    EXPECT_EQ(act("GET", "/api/leads", "birch").code(), "tenant_unavailable");
}

TEST_F(AdminTest, RequestsAreReadStrictly) {
    EXPECT_EQ(admin("GET", "/nowhere").code(), "no_such_route");
    const auto wrong = admin("PUT", "/tenants");
    EXPECT_EQ(wrong.code(), "method_not_allowed");
    EXPECT_EQ(wrong.header("allow"), "GET, HEAD, POST, OPTIONS");
    EXPECT_EQ(admin("GET", "/tenants?city=Bern").code(), "bad_query");
    EXPECT_EQ(admin("GET", "/tenants?limit=0").field(), "limit");
    EXPECT_EQ(admin("GET", "/audit?before=x").field(), "before");
    EXPECT_EQ(admin("GET", "/tenants/.acme").code(), "bad_id");
    EXPECT_EQ(admin("DELETE", "/keys/7").code(), "bad_id");
    EXPECT_EQ(admin("POST", "/tenants", R"({"id":"x","color":"red"})").field(), "color");
    EXPECT_EQ(admin("POST", "/tenants", R"({"id":7})").field(), "id");
    EXPECT_EQ(admin("POST", "/tenants", R"({"name":"X"})").code(), "missing_field");
    EXPECT_EQ(admin("POST", "/tenants", R"({"id":"x","name":"a\u0007b"})").field(), "name");
    EXPECT_EQ(admin("PATCH", "/tenants/acme", R"({"status":"deleting"})").field(), "status");
    EXPECT_EQ(admin("PATCH", "/tenants/acme", R"({"name":null})").code(), "missing_field");
    EXPECT_EQ(admin("POST", "/tenants", "[]").code(), "bad_json");
    EXPECT_EQ(ask({.method = "OPTIONS", .target = "/admin/v1/audit"}).header("allow"),
              "GET, HEAD, OPTIONS");
    EXPECT_EQ(
        ask({.method = "HEAD", .target = "/admin/v1/tenants", .token = operator_key()}).status,
        200);
}

}  // namespace
}  // namespace tenantry::e2e
