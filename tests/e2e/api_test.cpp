// What each route does when it is used as it is meant to be.

#include "fixture.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <set>

namespace tenantry::e2e {
namespace {

namespace json = boost::json;

class ApiTest : public ServerTest {
protected:
    Ask as_admin(std::string method, std::string target, std::string body = {}) const {
        return {.method = std::move(method),
                .target = std::move(target),
                .token = token("acme"),
                .body = std::move(body)};
    }
    static std::string text(const json::value& value, std::string_view name) {
        return json::serialize(value.at(name));
    }
};

TEST_F(ApiTest, CreatedLeadIsWhereItsLocationSays) {
    const auto created = ask(as_admin(
        "POST", "/api/leads",
        R"({"first_name":"Ada","last_name":"Byron","email":"Ada@Example.com","city":"Zürich","score":87.5,)"
        R"("tags":["a","b"],"metadata":{"x":[1,null,"y"]},"status":"qualified"})"));
    EXPECT_EQ(created.status, 201);
    EXPECT_EQ(created.header("content-type"), "application/json");
    const auto lead = json::parse(created.body);
    EXPECT_EQ(created.header("location"), "/api/leads/" + std::string{lead.at("id").as_string()});
    EXPECT_EQ(text(lead, "email"), R"("ada@example.com")");
    EXPECT_EQ(text(lead, "city"), R"("Zürich")");
    EXPECT_EQ(text(lead, "tags"), R"(["a","b"])");
    EXPECT_EQ(text(lead, "metadata"), R"({"x":[1,null,"y"]})");
    EXPECT_NE(created.body.find("\"score\":87.50"), std::string::npos);
    EXPECT_EQ(text(lead, "created_at"), text(lead, "updated_at"));

    const auto read = ask(as_admin("GET", created.header("location")));
    EXPECT_EQ(read.status, 200);
    EXPECT_EQ(read.body, created.body);
}

TEST_F(ApiTest, HeadIsGetWithoutABody) {
    const auto path = "/api/leads/" + make_lead("acme");
    const auto got = ask(as_admin("GET", path));
    const auto head = ask(as_admin("HEAD", path));
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(head.headers.at("content-length"), std::to_string(got.body.size()));
}

TEST_F(ApiTest, PatchChangesWhatItNames) {
    const auto path =
        "/api/leads/" + make_lead("acme", R"("first_name":"Ada","city":"Bern","score":1)");
    const auto before = ask_json(as_admin("GET", path));
    const auto changed = ask(as_admin("PATCH", path, R"({"status":"contacted","score":null})"));
    EXPECT_EQ(changed.status, 200);
    const auto after = json::parse(changed.body);
    EXPECT_EQ(text(after, "status"), R"("contacted")");
    EXPECT_EQ(text(after, "score"), "null");
    EXPECT_EQ(text(after, "city"), R"("Bern")");
    EXPECT_EQ(text(after, "created_at"), text(before, "created_at"));
    EXPECT_EQ(ask(as_admin("GET", path)).body, changed.body);
}

TEST_F(ApiTest, PutReplacesTheWholeRow) {
    const auto path =
        "/api/leads/" +
        make_lead("acme", R"("first_name":"Ada","city":"Bern","status":"closed","tags":["x"])");
    const auto replaced = ask(as_admin("PUT", path, R"({"first_name":"Grace"})"));
    EXPECT_EQ(replaced.status, 200);
    const auto lead = json::parse(replaced.body);
    EXPECT_EQ(text(lead, "first_name"), R"("Grace")");
    EXPECT_EQ(text(lead, "city"), "null");
    EXPECT_EQ(text(lead, "status"), R"("new")");
    EXPECT_EQ(text(lead, "tags"), "[]");
}

TEST_F(ApiTest, DeletedLeadIsGoneWithItsEvents) {
    const auto id = make_lead("acme");
    ask(as_admin("POST", "/api/events", fmt::format(R"({{"lead_id":"{}","type":"call"}})", id)));
    const auto deleted = ask(as_admin("DELETE", "/api/leads/" + id));
    EXPECT_EQ(deleted.status, 204);
    EXPECT_EQ(deleted.body, "");
    EXPECT_EQ(deleted.headers.count("content-length"), 0U);
    EXPECT_EQ(ask(as_admin("GET", "/api/leads/" + id)).status, 404);
    EXPECT_EQ(ask(as_admin("DELETE", "/api/leads/" + id)).status, 404);
    EXPECT_EQ(ask(as_admin("GET", "/api/leads/" + id + "/events")).status, 404);
}

TEST_F(ApiTest, ListHasTheTrueTotalWhateverThePage) {
    for (int i = 0; i < 7; ++i)
        make_lead("acme", fmt::format(R"("first_name":"L{}","status":"{}")", i,
                                      i % 2 == 0 ? "new" : "closed"));
    make_lead("birch");
    const auto page = ask_json(as_admin("GET", "/api/leads?status=new&limit=3&sort=first_name"));
    EXPECT_EQ(text(page, "total"), "4");
    ASSERT_EQ(page.at("leads").as_array().size(), 3U);
    EXPECT_EQ(text(page.at("leads").as_array()[2], "first_name"), R"("L4")");
    const auto beyond = ask(as_admin("GET", "/api/leads?offset=100"));
    EXPECT_EQ(beyond.status, 200);
    EXPECT_EQ(beyond.body, R"({"leads":[],"total":7,"next":null})");
}

TEST_F(ApiTest, CursorsLeadThroughAllPagesOnce) {
    for (int i = 0; i < 23; ++i)
        make_lead("acme", fmt::format(R"("first_name":"L{}","score":{})", i, i % 3));
    for (const auto* sort : {"", "-created_at", "score", "-score", "first_name", "-id"}) {
        std::set<std::string> seen;
        std::string after;
        int pages = 0;
        do {
            const auto page = ask_json(
                as_admin("GET", fmt::format("/api/leads?limit=5&sort={}&after={}", sort, after)));
            EXPECT_EQ(text(page, "total"), "23");
            for (const auto& lead : page.at("leads").as_array()) {
                EXPECT_TRUE(seen.insert(std::string{lead.at("id").as_string()}).second) << sort;
            }
            after = page.at("next").is_null() ? "" : std::string{page.at("next").as_string()};
            ++pages;
        } while (!after.empty());
        EXPECT_EQ(seen.size(), 23U) << sort;
        EXPECT_EQ(pages, 5) << sort;
    }
}

TEST_F(ApiTest, EveryFilterNarrowsTheList) {
    const auto agent = make_agent("acme", "agent@example.com");
    make_lead(
        "acme",
        fmt::format(
            R"("first_name":"Ada","last_name":"Lovelace","city":"London","source":"web","property_type":"condo",)"
            R"("assigned_agent":"{}","status":"qualified")",
            agent));
    make_lead("acme", R"("first_name":"Grace")");
    const auto total = [&](const std::string& query) {
        return text(ask_json(as_admin("GET", "/api/leads?" + query)), "total");
    };
    EXPECT_EQ(total(""), "2");
    for (const auto& query :
         {std::string{"status=qualified"}, std::string{"city=London"}, std::string{"source=web"},
          std::string{"property_type=condo"}, "assigned_agent=" + agent,
          std::string{"search=loVeL"}, std::string{"search=lond&status=qualified"}}) {
        EXPECT_EQ(total(query), "1") << query;
    }
    EXPECT_EQ(total("city=london"), "0");
    EXPECT_EQ(total("search=%25"), "0");
    EXPECT_EQ(total("search=_da"), "0");
    EXPECT_EQ(total("city=London&status=new"), "0");
    EXPECT_EQ(total("assigned_agent=" + std::string{id_of_nobody}), "0");
}

TEST_F(ApiTest, EventsAreListedNewestFirst) {
    const auto id = make_lead("acme");
    for (const auto* time :
         {"2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z", "2026-01-01T00:00:00Z"}) {
        const auto created = ask(as_admin(
            "POST", "/api/events",
            fmt::format(
                R"({{"lead_id":"{}","type":"call","direction":"out","data":{{"n":1}},"timestamp":"{}"}})",
                id, time)));
        EXPECT_EQ(created.status, 201);
        const auto event = std::string{created.header("location")};
        EXPECT_EQ(ask(as_admin("GET", event)).body, created.body);
    }
    const auto first = ask_json(as_admin("GET", "/api/leads/" + id + "/events?limit=2"));
    EXPECT_EQ(text(first, "total"), "3");
    ASSERT_EQ(first.at("events").as_array().size(), 2U);
    EXPECT_EQ(text(first.at("events").as_array()[0], "timestamp"), R"("2026-01-03T00:00:00.000Z")");
    const auto rest =
        ask_json(as_admin("GET", fmt::format("/api/leads/{}/events?after={}", id,
                                             std::string{first.at("next").as_string()})));
    ASSERT_EQ(rest.at("events").as_array().size(), 1U);
    EXPECT_EQ(text(rest.at("events").as_array()[0], "timestamp"), R"("2026-01-01T00:00:00.000Z")");
    EXPECT_EQ(text(rest, "next"), "null");
}

TEST_F(ApiTest, AgentsCanBeManaged) {
    const auto created =
        ask(as_admin("POST", "/api/agents",
                     R"({"name":"Eve","email":"eve@example.com","specialties":["land"]})"));
    EXPECT_EQ(created.status, 201);
    const auto path = created.header("location");
    EXPECT_EQ(path, "/api/agents/" + std::string{json::parse(created.body).at("id").as_string()});
    EXPECT_EQ(ask(as_admin("GET", path)).body, created.body);
    EXPECT_EQ(
        text(json::parse(ask(as_admin("PATCH", path, R"({"status":"inactive"})")).body), "status"),
        R"("inactive")");
    const auto replaced = ask(as_admin("PUT", path, R"({"name":"Eva","email":"eva@example.com"})"));
    EXPECT_EQ(replaced.status, 200);
    EXPECT_EQ(text(json::parse(replaced.body), "specialties"), "[]");
    const auto list = ask_json(as_admin("GET", "/api/agents?limit=10"));
    EXPECT_EQ(text(list, "total"), "1");
    EXPECT_EQ(text(list, "next"), "null");
    EXPECT_EQ(ask(as_admin("DELETE", path)).status, 204);
    EXPECT_EQ(ask(as_admin("GET", path)).status, 404);
}

TEST_F(ApiTest, DeletedAgentLeavesItsLeadsUnassigned) {
    const auto agent = make_agent("acme", "agent@example.com");
    const auto lead =
        make_lead("acme", fmt::format(R"("first_name":"Ada","assigned_agent":"{}")", agent));
    EXPECT_EQ(ask(as_admin("DELETE", "/api/agents/" + agent)).status, 204);
    EXPECT_EQ(text(ask_json(as_admin("GET", "/api/leads/" + lead)), "assigned_agent"), "null");
}

TEST_F(ApiTest, TakenAddressIsAConflictInItsTenantOnly) {
    make_lead("acme", R"("first_name":"Ada","email":"ada@example.com")");
    const std::string body = R"({"first_name":"Ada","email":"ADA@example.com"})";
    const auto again = ask(as_admin("POST", "/api/leads", body));
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(again.code(), "unique_violation");
    EXPECT_EQ(ask({.method = "POST", .target = "/api/leads", .token = token("birch"), .body = body})
                  .status,
              201);
}

TEST_F(ApiTest, RolesGoAsFarAsTheyGo) {
    const auto lead = "/api/leads/" + make_lead("acme");
    const auto agent = "/api/agents/" + make_agent("acme", "a@example.com");
    struct Step {
        std::string method, target, body;
        int viewer, writer, admin;
    };
    const std::vector<Step> steps{
        {"GET", "/api/leads", "", 200, 200, 200},
        {"GET", lead, "", 200, 200, 200},
        {"GET", lead + "/events", "", 200, 200, 200},
        {"GET", "/api/agents", "", 200, 200, 200},
        {"GET", agent, "", 200, 200, 200},
        {"POST", "/api/leads", R"({"first_name":"B"})", 403, 201, 201},
        {"PATCH", lead, R"({"first_name":"B"})", 403, 200, 200},
        {"PUT", lead, R"({"first_name":"B"})", 403, 200, 200},
        {"POST", "/api/events", R"({"type":"note"})", 403, 201, 201},
        {"POST", "/api/agents", "{}", 403, 403, 400},
        {"PATCH", agent, R"({"name":"B"})", 403, 403, 200},
        {"PUT", agent, "{}", 403, 403, 400},
        {"DELETE", agent, "", 403, 403, 204},
        {"DELETE", lead, "", 403, 204, 404},
    };
    for (const auto& step : steps) {
        const auto status = [&](const char* role) {
            return ask({.method = step.method,
                        .target = step.target,
                        .token = token("acme", role),
                        .body = step.body})
                .status;
        };
        EXPECT_EQ(status("viewer"), step.viewer) << step.method << " " << step.target;
        EXPECT_EQ(status("operator"), step.writer) << step.method << " " << step.target;
        EXPECT_EQ(status("admin"), step.admin) << step.method << " " << step.target;
    }
    EXPECT_EQ(ask({.method = "DELETE", .target = agent, .token = token("acme", "owner")}).status,
              404);
}

TEST_F(ApiTest, HealthNeedsNoToken) {
    EXPECT_EQ(ask({.target = "/healthz"}).body, R"({"status":"alive"})");
    EXPECT_EQ(ask({.target = "/readyz"}).body, R"({"status":"ready"})");
    EXPECT_EQ(ask({.method = "HEAD", .target = "/readyz"}).status, 200);
    EXPECT_EQ(ask({.method = "OPTIONS", .target = "*"}).status, 204);
    EXPECT_EQ(ask({.target = "http://elsewhere/healthz"}).status, 200);
}

TEST_F(ApiTest, ConfiguredOriginsMayCallFromABrowser) {
    auto open = options();
    open.cors_origins = {"https://app.example.com"};
    start(open);
    const auto preflight =
        ask({.method = "OPTIONS",
             .target = "/api/leads",
             .headers = "Origin: https://app.example.com\r\nAccess-Control-Request-Method: POST\r\n"
                        "Access-Control-Request-Headers: authorization, content-type\r\n"});
    EXPECT_EQ(preflight.status, 204);
    EXPECT_EQ(preflight.header("access-control-allow-origin"), "https://app.example.com");
    EXPECT_EQ(preflight.header("access-control-allow-methods"), "GET, HEAD, POST, OPTIONS");
    EXPECT_EQ(preflight.header("access-control-allow-headers"),
              "accept-profile, apikey, authorization, content-profile, content-type, "
              "idempotency-key, if-match, prefer, range, range-unit, x-client-info, x-request-id, "
              "x-retry-count, x-supabase-api-version, x-tenant-id");
    const auto foreign =
        ask({.target = "/healthz", .headers = "Origin: https://evil.example.com\r\n"});
    EXPECT_EQ(foreign.status, 200);
    EXPECT_EQ(foreign.headers.count("access-control-allow-origin"), 0U);
}

TEST_F(ApiTest, AnswersAreNotForCaches) {
    const auto answer = ask(as_admin("GET", "/api/leads"));
    EXPECT_EQ(answer.header("cache-control"), "no-store");
    EXPECT_EQ(answer.header("date").size(),
              std::string_view{"Thu, 01 Jan 1970 00:00:00 GMT"}.size());
    EXPECT_TRUE(answer.header("date").ends_with(" GMT"));
}

}  // namespace
}  // namespace tenantry::e2e
