// Requests that are wrong in one way each: a 4xx with code and field, and a server that goes on.

#include "fixture.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <ostream>
#include <vector>

namespace tenantry::e2e {
namespace {

using namespace std::string_literals;

struct Wrong {
    std::string what;
    Ask ask;
    int status;
    std::string code;
    std::string field{};
};

class BadInputTest : public ServerTest {
protected:
    /// All on one connection, which must outlast every one of them.
    void expect_refusals(const std::vector<Wrong>& cases) {
        auto client = connect();
        for (const auto& wrong : cases) {
            const auto answer = client.exchange(wrong.ask.bytes());
            EXPECT_EQ(answer.status, wrong.status) << wrong.what << "\n" << answer.bytes;
            EXPECT_EQ(answer.code(), wrong.code) << wrong.what << "\n" << answer.bytes;
            EXPECT_EQ(answer.field(), wrong.field) << wrong.what << "\n" << answer.bytes;
            EXPECT_FALSE(boost::json::parse(answer.body).at("error").as_string().empty())
                << wrong.what;
        }
        EXPECT_EQ(client.exchange(Ask{.target = "/healthz"}.bytes()).status, 200);
    }
    Ask post(std::string body, std::string target = "/api/leads") const {
        return {.method = "POST",
                .target = std::move(target),
                .token = token("acme"),
                .body = std::move(body)};
    }
    Ask get(std::string target) const {
        return {.target = std::move(target), .token = token("acme")};
    }
};

TEST_F(BadInputTest, Tokens) {
    const auto with = [](std::string authorization) {
        return Ask{.target = "/api/leads",
                   .headers = "Authorization: " + std::move(authorization) + "\r\n"};
    };
    auto tampered = token("acme");
    tampered.back() = tampered.back() == 'A' ? 'B' : 'A';
    expect_refusals({{"none", {.target = "/api/leads"}, 401, "token_missing"},
                     {"empty", with("Bearer "), 401, "token_missing"},
                     {"other scheme", with("Basic YTpi"), 401, "token_invalid"},
                     {"no token at all", with("Bearer x"), 401, "token_invalid"},
                     {"tampered", with("Bearer " + tampered), 401, "token_invalid"},
                     {"expired", with("Bearer " + expired_token()), 401, "token_expired"},
                     {"no UTF-8", with("Bearer \xff\xfe"), 401, "token_invalid"}});
}

TEST_F(BadInputTest, Bodies) {
    expect_refusals({
        {"empty object", post("{}"), 400, "missing_field", "first_name"},
        {"cut off", post(R"({"first_name":"A")"), 400, "bad_json"},
        {"no JSON", post("first_name=A"), 400, "bad_json"},
        {"array", post(R"([{"first_name":"A"}])"), 400, "bad_json"},
        {"string", post(R"("A")"), 400, "bad_json"},
        {"null", post("null"), 400, "bad_json"},
        {"two values", post("{}{}"), 400, "bad_json"},
        {"one name twice", post(R"({"first_name":"A","first_name":"B"})"), 400, "bad_json",
         "first_name"},
        {"too deep",
         post(R"({"first_name":"A","metadata":)" + std::string(100, '[') + std::string(100, ']') +
              "}"),
         400, "too_deep"},
        {"unknown field", post(R"({"first_name":"A","nickname":"B"})"), 400, "unknown_field",
         "nickname"},
        {"unknown field in UTF-8",
         post(
             R"({"first_name":"A","spitzname-für-leute-mit-sehr-sehr-sehr-sehr-sehr-langen-namen-ü-ü-ü-ü":"B"})"),
         400, "unknown_field", "spitzname-für-leute-mit-sehr-sehr-sehr-sehr-sehr-langen-namen-"},
        {"server's field",
         post(R"({"first_name":"A","id":"00000000-0000-7000-8000-000000000001"})"), 400,
         "read_only_field", "id"},
        {"number for text", post(R"({"first_name":1})"), 400, "bad_value", "first_name"},
        {"null for required", post(R"({"first_name":null})"), 400, "missing_field", "first_name"},
        {"text for number", post(R"({"first_name":"A","score":"high"})"), 400, "bad_value",
         "score"},
        {"number out of range", post(R"({"first_name":"A","score":1000})"), 400, "out_of_range",
         "score"},
        {"number beyond all ranges", post(R"({"first_name":"A","score":1e400})"), 400,
         "out_of_range", "score"},
        {"unknown word", post(R"({"first_name":"A","status":"hot"})"), 400, "bad_value", "status"},
        {"no address", post(R"({"first_name":"A","email":"at home"})"), 400, "bad_value", "email"},
        {"no id", post(R"({"first_name":"A","assigned_agent":"bob"})"), 400, "bad_id",
         "assigned_agent"},
        {"no time", post(R"({"first_name":"A","last_contacted_at":"yesterday"})"), 400, "bad_value",
         "last_contacted_at"},
        {"text for a list", post(R"({"first_name":"A","tags":"a;b"})"), 400, "bad_value", "tags"},
        {"too long", post(R"({"first_name":")" + std::string(256, 'A') + R"("})"), 400,
         "out_of_range", "first_name"},
        {"NUL escaped", post(R"({"first_name":"A\u0000B"})"), 400, "bad_utf8", "first_name"},
        {"NUL byte", post("{\"first_name\":\"A\0B\"}"s), 400, "bad_utf8"},
        {"no UTF-8", post("{\"first_name\":\"\xff\"}"), 400, "bad_utf8"},
        {"half a surrogate pair", post(R"({"first_name":"\ud800"})"), 400, "bad_json"},
        {"other tenant", post(R"({"first_name":"A","tenant_id":"birch"})"), 403, "tenant_mismatch",
         "tenant_id"},
        {"agent of nobody",
         post(fmt::format(R"({{"first_name":"A","assigned_agent":"{}"}})", id_of_nobody)), 422,
         "foreign_key_violation", "assigned_agent"},
        {"event without type", post("{}", "/api/events"), 400, "missing_field", "type"},
        {"event with unknown direction", post(R"({"type":"call","direction":"up"})", "/api/events"),
         400, "bad_value", "direction"},
        {"event of nobody's lead",
         post(fmt::format(R"({{"type":"call","lead_id":"{}"}})", id_of_nobody), "/api/events"), 422,
         "foreign_key_violation"},
        {"agent without address", post(R"({"name":"A"})", "/api/agents"), 400, "missing_field",
         "email"},
    });
}

TEST_F(BadInputTest, Changes) {
    const auto path = "/api/leads/" + make_lead("acme");
    const auto patch = [&](std::string body) {
        return Ask{
            .method = "PATCH", .target = path, .token = token("acme"), .body = std::move(body)};
    };
    const auto put = [&](std::string body) {
        return Ask{
            .method = "PUT", .target = path, .token = token("acme"), .body = std::move(body)};
    };
    expect_refusals({
        {"nothing to change", patch("{}"), 400, "missing_field"},
        {"required away", patch(R"({"first_name":null})"), 400, "missing_field", "first_name"},
        {"status away", patch(R"({"status":null})"), 400, "missing_field", "status"},
        {"server's field", patch(R"({"created_at":"2026-01-01T00:00:00Z"})"), 400,
         "read_only_field", "created_at"},
        {"other tenant", patch(R"({"tenant_id":"birch","city":"X"})"), 403, "tenant_mismatch",
         "tenant_id"},
        {"replacement without name", put(R"({"city":"X"})"), 400, "missing_field", "first_name"},
    });
}

TEST_F(BadInputTest, Targets) {
    const auto id = make_lead("acme");
    expect_refusals({
        {"nowhere", get("/api/lead"), 404, "no_such_route"},
        {"root", get("/"), 404, "no_such_route"},
        {"dots", get("/api/../api/leads"), 404, "no_such_route"},
        {"trailing slash", get("/api/leads/"), 400, "bad_id", "id"},
        {"no UUID", get("/api/leads/7"), 400, "bad_id", "id"},
        {"braces around the UUID", get("/api/leads/%7B" + id + "%7D"), 400, "bad_id", "id"},
        {"a byte more", get("/api/leads/" + id + "0"), 400, "bad_id", "id"},
        {"SQL for an id", get("/api/leads/'%20OR%201=1--"), 400, "bad_id", "id"},
        {"no UUID of events", get("/api/leads/x/events"), 400, "bad_id", "id"},
        {"no UUID of an agent", get("/api/agents/x"), 400, "bad_id", "id"},
        {"half an escape", get("/api/leads/%4"), 400, "bad_request"},
        {"NUL", get("/api/leads/%00"), 400, "bad_utf8"},
        {"overlong UTF-8", get("/api/leads?search=%c0%af"), 400, "bad_utf8"},
        {"fragment", get("/api/leads#x"), 400, "bad_request"},
        {"wrong method",
         {.method = "DELETE", .target = "/api/leads", .token = token("acme")},
         405,
         "method_not_allowed"},
        {"unknown method",
         {.method = "BREW", .target = "/api/leads", .token = token("acme")},
         405,
         "method_not_allowed"},
        {"method in lower case",
         {.method = "get", .target = "/api/leads", .token = token("acme")},
         405,
         "method_not_allowed"},
    });
}

TEST_F(BadInputTest, QueryParameters) {
    const auto id = make_lead("acme");
    expect_refusals({
        {"unknown", get("/api/leads?colour=red"), 400, "bad_query", "colour"},
        {"tenant", get("/api/leads?tenant_id=birch"), 400, "bad_query", "tenant_id"},
        {"on one lead", get("/api/leads/" + id + "?limit=1"), 400, "bad_query", "limit"},
        {"twice", get("/api/leads?status=new&status=closed"), 400, "bad_query", "status"},
        {"unknown status", get("/api/leads?status=hot"), 400, "bad_value", "status"},
        {"no agent's id", get("/api/leads?assigned_agent=1"), 400, "bad_id", "assigned_agent"},
        {"no column to sort by", get("/api/leads?sort=colour"), 400, "bad_query", "sort"},
        {"sort by tenant", get("/api/leads?sort=tenant_id"), 400, "bad_query", "sort"},
        {"sort by SQL", get("/api/leads?sort=id%3BDROP%20TABLE%20leads"), 400, "bad_query", "sort"},
        {"page of none", get("/api/leads?limit=0"), 400, "out_of_range", "limit"},
        {"page too large", get("/api/leads?limit=1001"), 400, "out_of_range", "limit"},
        {"negative page", get("/api/leads?limit=-1"), 400, "bad_value", "limit"},
        {"page of words", get("/api/agents?limit=ten"), 400, "bad_value", "limit"},
        {"offset too large", get("/api/leads?offset=10000001"), 400, "out_of_range", "offset"},
        {"offset beyond all numbers", get("/api/leads?offset=99999999999999999999999"), 400,
         "out_of_range", "offset"},
        {"negative offset", get("/api/leads/" + id + "/events?offset=-1"), 400, "bad_value",
         "offset"},
        {"offset and cursor", get("/api/leads?offset=1&after=x"), 400, "bad_query", "offset"},
        {"no cursor", get("/api/leads?after=x"), 400, "bad_cursor", "after"},
        {"no cursor of events", get("/api/leads/" + id + "/events?after=e30"), 400, "bad_cursor",
         "after"},
        {"no cursor of agents", get("/api/agents?after=%20"), 400, "bad_cursor", "after"},
    });
}

TEST_F(BadInputTest, CursorOfAnotherOrderOrTenant) {
    for (int i = 0; i < 3; ++i) {
        make_lead("acme");
        make_lead("birch");
    }
    const auto next = [&](std::string_view tenant) {
        const auto page = ask_json({.target = "/api/leads?limit=1", .token = token(tenant)});
        return std::string{page.at("next").as_string()};
    };
    expect_refusals({
        {"another order", get("/api/leads?sort=score&after=" + next("acme")), 400, "bad_cursor",
         "after"},
        {"another tenant", get("/api/leads?after=" + next("birch")), 400, "bad_cursor", "after"},
        {"another list", get("/api/agents?after=" + next("acme")), 400, "bad_cursor", "after"},
    });
}

TEST_F(BadInputTest, MediaTypes) {
    const auto with = [&](const std::string& headers) {
        return Ask{.method = "POST",
                   .target = "/api/leads",
                   .token = token("acme"),
                   .headers = headers + "Content-Length: 0\r\n"};
    };
    expect_refusals({
        {"none", with(""), 415, "unsupported_media_type"},
        {"form", with("Content-Type: application/x-www-form-urlencoded\r\n"), 415,
         "unsupported_media_type"},
        {"other charset", with("Content-Type: application/json; charset=latin1\r\n"), 415,
         "unsupported_media_type"},
        {"no body", with("Content-Type: application/json\r\n"), 400, "bad_json"},
    });
}

TEST_F(BadInputTest, RefusedMethodsNameTheAllowedOnes) {
    EXPECT_EQ(ask({.method = "PUT", .target = "/api/leads"}).header("allow"),
              "GET, HEAD, POST, OPTIONS");
    EXPECT_EQ(ask({.method = "PUT", .target = "/api/events"}).header("allow"),
              "GET, HEAD, POST, OPTIONS");
}

}  // namespace
}  // namespace tenantry::e2e
