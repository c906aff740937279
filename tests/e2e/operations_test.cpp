// Approvals, dashboards, conditional and repeated requests, as clients meet them.

#include "fixture.hpp"

#include <fmt/format.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace tenantry::e2e {
namespace {

namespace json = boost::json;

class OperationsTest : public ServerTest {
protected:
    Answer send(std::string method, std::string target, std::string body = {},
                std::string headers = {}) const {
        return ask({.method = std::move(method),
                    .target = std::move(target),
                    .token = token("acme"),
                    .body = std::move(body),
                    .headers = std::move(headers)});
    }
};

TEST_F(OperationsTest, ADecisionIsMadeOnceAndLeavesAnEvent) {
    const auto lead = make_lead("acme");
    const auto id =
        make("acme", "/api/approvals", fmt::format(R"({{"lead_id":"{}","type":"email"}})", lead));
    EXPECT_EQ(send("POST", "/api/approvals/" + id + "/reject", "{}").status, 400);
    EXPECT_EQ(send("POST", "/api/approvals/" + id + "/approve").status, 200);
    const auto late = send("POST", "/api/approvals/" + id + "/reject", R"({"reason":"no"})");
    EXPECT_EQ(late.status, 409);
    EXPECT_NE(late.body.find("was approved by"), std::string::npos);
    const auto events = json::parse(send("GET", "/api/leads/" + lead + "/events").body);
    EXPECT_EQ(events.at("total"), 1);
    const auto history = json::parse(send("GET", "/api/approvals/" + id + "/history").body);
    EXPECT_EQ(history.at("history").as_array().size(), 2U);
    EXPECT_EQ(ask({.method = "POST",
                   .target = "/api/approvals/" + id + "/sent",
                   .token = token("acme", "viewer"),
                   .body = "{}"})
                  .status,
              403);
}

TEST_F(OperationsTest, BulkDecisionsAreReportedOneByOne) {
    const auto lead = make_lead("acme");
    const auto id =
        make("acme", "/api/approvals", fmt::format(R"({{"lead_id":"{}","type":"call"}})", lead));
    const auto answer = send("POST", "/api/approvals/decisions",
                             fmt::format(R"({{"decisions":[{{"id":"{}","status":"approved"}},)"
                                         R"({{"id":"{}","status":"rejected","reason":"no"}}]}})",
                                         id, id_of_nobody));
    EXPECT_EQ(answer.status, 200);
    const auto results = json::parse(answer.body).at("results");
    EXPECT_EQ(results.at(0).at("status"), 200);
    EXPECT_EQ(results.at(1).at("status"), 404);
    for (const auto* body :
         {R"({})", R"({"decisions":{}})", R"({"decisions":[1]})", R"({"decisions":[{"id":"x"}]})",
          R"({"decisions":[{"id":"00000000-0000-4000-8000-000000000000","status":"new"}]})",
          R"({"decisions":[],"more":1})"}) {
        EXPECT_EQ(send("POST", "/api/approvals/decisions", body).status, 400) << body;
    }
}

TEST_F(OperationsTest, TheDashboardSaysWhatIsThere) {
    make_lead("acme", R"("first_name":"A","status":"converted","source":"web")");
    make_lead("acme", R"("first_name":"B")");
    const auto answer = send("GET", "/api/dashboard?timeframe=day");
    ASSERT_EQ(answer.status, 200);
    const auto board = json::parse(answer.body);
    EXPECT_EQ(board.at("totalLeads"), 2);
    EXPECT_EQ(board.at("conversionRate").as_double(), 50.0);
    EXPECT_EQ(board.at("dailyTrend").as_array().size(), 1U);
    EXPECT_EQ(send("GET", "/api/dashboard?timeframe=year").status, 400);
}

TEST_F(OperationsTest, ALostRaceIs412) {
    const auto path = "/api/leads/" + make_lead("acme");
    const auto tag = std::string{send("GET", path).header("etag")};
    EXPECT_EQ(tag.front(), '"');
    const auto condition = "If-Match: " + tag + "\r\n";
    EXPECT_EQ(send("PATCH", path, R"({"city":"Oslo"})", condition).status, 200);
    EXPECT_EQ(send("PATCH", path, R"({"city":"Bern"})", condition).status, 412);
    EXPECT_EQ(send("DELETE", path, {}, condition).status, 412);
    EXPECT_EQ(send("PATCH", path, R"({"city":"Bern"})", "If-Match: \"x\"\r\n").status, 412);
    EXPECT_EQ(send("PATCH", path, R"({"city":"Bern"})", "If-Match: \"1\", \"2\"\r\n").status, 400);
    EXPECT_EQ(send("PATCH", path, R"({"city":"Bern"})", "If-Match: *\r\n").status, 200);
}

TEST_F(OperationsTest, ARepeatedPostHappensOnce) {
    const std::string key = "Idempotency-Key: 7c1f\r\n";
    const auto first = send("POST", "/api/leads", R"({"first_name":"Ada"})", key);
    const auto again = send("POST", "/api/leads", R"({"first_name":"Ada"})", key);
    EXPECT_EQ(first.status, 201);
    EXPECT_EQ(first.body, again.body);
    EXPECT_EQ(first.header("location"), again.header("location"));
    EXPECT_EQ(send("POST", "/api/leads", R"({"first_name":"Eve"})", key).status, 422);
    EXPECT_EQ(json::parse(send("GET", "/api/leads").body).at("total"), 1);
    EXPECT_EQ(send("POST", "/api/leads", R"({"first_name":"Ada"})", key + key).status, 400);
    const auto elsewhere = ask({.method = "POST",
                                .target = "/api/leads",
                                .token = token("birch"),
                                .body = R"({"first_name":"Bob"})",
                                .headers = key});
    EXPECT_EQ(elsewhere.status, 201);
}

TEST_F(OperationsTest, ARepeatedSecretIsNotComparedByItsDigest) {
    const std::string key = "Idempotency-Key: 7c1f\r\n";
    const auto first = send("POST", "/api/identities", R"({"platform":"x","cookies":"one"})", key);
    EXPECT_EQ(first.status, 201);
    EXPECT_EQ(first.body,
              send("POST", "/api/identities", R"({"platform":"x","cookies":"two"})", key).body);
    EXPECT_EQ(send("POST", "/api/identities", R"({"platform":"y","cookies":"one"})", key).status,
              422);
}

TEST_F(OperationsTest, ProfilesComeFromTemplatesAndClones) {
    const auto templates = json::parse(send("GET", "/api/icp-profiles/templates").body);
    for (const auto& each : templates.at("templates").as_array())
        EXPECT_EQ(send("POST", "/api/icp-profiles", json::serialize(each)).status, 201);
    const auto id = make("acme", "/api/icp-profiles", R"({"name":"Mine"})");
    EXPECT_EQ(send("POST", "/api/icp-profiles/" + id + "/clone", R"({"name":"Ours"})").status, 201);
    EXPECT_EQ(send("POST", "/api/icp-profiles/" + id + "/clone", R"({"name":"Ours"})").status, 409);
    EXPECT_EQ(send("POST", "/api/icp-profiles/" + id + "/clone", "{}").status, 400);
}

}  // namespace
}  // namespace tenantry::e2e
