// /rest/v1, as PostgREST's clients speak it: what clients don't show, and bad input. Whole clients
// are in tests/client.

#include "fixture.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <boost/json/parse.hpp>

namespace tenantry::e2e {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::Not;

class RestTest : public ServerTest {
protected:
    RestTest() { start(options()); }

    Answer get(std::string target, std::string headers = {}, std::string_view tenant = "acme") {
        return ask({.target = "/rest/v1/" + std::move(target),
                    .token = token(tenant),
                    .headers = std::move(headers)});
    }
    Answer write(std::string method, std::string target, std::string body, std::string headers = {},
                 std::string_view role = "admin", std::string_view tenant = "acme") {
        return ask({.method = std::move(method),
                    .target = "/rest/v1/" + std::move(target),
                    .token = token(tenant, role),
                    .body = std::move(body),
                    .headers = std::move(headers)});
    }
    static std::string code_of(const Answer& answer) {
        const auto body = json::parse(answer.body);
        const auto& error = body.as_object();
        // All four, always.
        for (const auto* member : {"code", "details", "hint", "message"})
            EXPECT_TRUE(error.contains(member)) << answer.body;
        return fmt::format("{} {}", answer.status, std::string_view{error.at("code").as_string()});
    }
    void make_leads() {
        for (const auto* name : {"a", "b", "c"})
            make_lead("acme", fmt::format(R"("first_name":"{}")", name));
        make_lead("birch", R"("first_name":"theirs")");
    }
};

constexpr auto representation = "Prefer: return=representation\r\n";

TEST_F(RestTest, RangesAndTotalsAreInTheHeader) {
    make_leads();
    struct Case {
        std::string_view query;
        std::string_view headers;
        int status;
        std::string_view range;
    };
    const std::string_view count = "Prefer: count=exact\r\n";
    for (const auto& [query, headers, status, range] : std::initializer_list<Case>{
             {"select=id", "", 200, "0-2/*"},
             {"select=id", count, 200, "0-2/3"},
             {"select=id&limit=2", count, 206, "0-1/3"},
             {"select=id&limit=2&offset=2", count, 206, "2-2/3"},
             {"select=id&offset=3", count, 206, "*/3"},
             {"select=id&offset=4", count, 416, "*/3"},
             {"select=id&offset=9", "", 200, "*/*"},
             {"select=id&limit=0", "", 200, "*/*"},
             {"select=id&first_name=eq.z", count, 200, "*/0"},
             {"select=id", "Range: 1-1\r\n", 200, "1-1/*"},
             {"select=id", "Range: 1-\r\nPrefer: count=planned\r\n", 206, "1-2/3"},
             {"select=id&limit=1", "Range-Unit: items\r\nRange: 0-9\r\n", 200, "0-0/*"},
             {"select=id&offset=1", "Range: 0-1\r\n", 200, "1-1/*"},
             {"select=id", "Range: bytes\r\n", 200, "0-2/*"},
         }) {
        const auto answer = get(fmt::format("leads?{}", query), std::string{headers});
        EXPECT_EQ(answer.status, status) << query << headers << answer.body;
        EXPECT_EQ(answer.header("content-range"), range) << query << headers;
    }
    EXPECT_EQ(code_of(get("leads", "Range: 5-1\r\n")), "416 PGRST103");
    EXPECT_EQ(code_of(get("leads?limit=-1")), "416 PGRST103");
    const auto head = ask({.method = "HEAD",
                           .target = "/rest/v1/leads?select=id",
                           .token = token("acme"),
                           .headers = "Prefer: count=exact\r\n"});
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("content-range"), "0-2/3");
}

TEST_F(RestTest, AnswersAreInTheFormAskedFor) {
    make_leads();
    const auto list = get("leads?select=first_name&order=first_name&limit=2");
    EXPECT_EQ(list.header("content-type"), "application/json; charset=utf-8");
    EXPECT_EQ(list.body, R"([{"first_name":"a"},{"first_name":"b"}])");
    const auto one = get("leads?select=first_name,city&first_name=eq.a",
                         "Accept: application/vnd.pgrst.object+json\r\n");
    EXPECT_EQ(one.body, R"({"first_name":"a","city":null})");
    EXPECT_EQ(one.header("content-type"), "application/vnd.pgrst.object+json; charset=utf-8");
    EXPECT_EQ(get("leads?select=first_name,city&first_name=eq.a",
                  "Accept: application/vnd.pgrst.object+json;nulls=stripped\r\n")
                  .body,
              R"({"first_name":"a"})");
    const auto csv = get("leads?select=first_name,city&order=first_name", "Accept: text/csv\r\n");
    EXPECT_EQ(csv.body, "first_name,city\na,\nb,\nc,");
    EXPECT_EQ(csv.header("content-type"), "text/csv; charset=utf-8");
    EXPECT_EQ(code_of(get("leads", "Accept: image/png\r\n")), "406 PGRST107");
    EXPECT_EQ(code_of(get("leads", "Accept: application/vnd.pgrst.object+json\r\n")),
              "406 PGRST116");
    EXPECT_EQ(code_of(get("leads", "Accept-Profile: private\r\n")), "406 PGRST106");
    EXPECT_EQ(get("leads", "Accept-Profile: public\r\n").status, 200);
}

TEST_F(RestTest, WritesTellWhatTheyDid) {
    const auto quiet = write("POST", "leads", R"({"first_name":"a"})");
    EXPECT_EQ(quiet.status, 201);
    EXPECT_EQ(quiet.body, "");
    EXPECT_EQ(quiet.header("content-range"), "*/*");
    const auto headed = write("POST", "leads", R"({"first_name":"b"})",
                              "Prefer: return=headers-only, count=exact\r\n");
    EXPECT_THAT(headed.header("location"), HasSubstr("/leads?id=eq."));
    EXPECT_EQ(headed.header("content-range"), "*/1");
    EXPECT_EQ(headed.header("preference-applied"), "return=headers-only, count=exact");
    const auto many =
        write("POST", "leads?columns=%22first_name%22,%22city%22&select=first_name,city,timeline",
              R"([{"first_name":"c","timeline":"passed over"},{"first_name":"d","city":"Oslo"}])",
              representation);
    EXPECT_EQ(many.body, R"([{"first_name":"c","city":null,"timeline":null},)"
                         R"({"first_name":"d","city":"Oslo","timeline":null}])");
    const auto changed = write("PATCH", "leads?first_name=in.(c,d)", R"({"city":"Rome"})",
                               "Prefer: count=exact\r\n");
    EXPECT_EQ(changed.status, 204);
    EXPECT_EQ(changed.header("content-range"), "0-1/2");
    const auto none = write("PATCH", "leads?first_name=eq.z", R"({"city":"Rome"})", representation);
    EXPECT_EQ(none.status, 200);
    EXPECT_EQ(none.body, "[]");
    EXPECT_EQ(none.header("content-range"), "*/*");
    const auto still = write("PATCH", "leads?first_name=eq.a", "{}", representation);
    EXPECT_EQ(still.body, "[]");
    const auto removed =
        write("DELETE", "leads?first_name=eq.c&select=first_name,events(type)", "", representation);
    EXPECT_EQ(removed.body, R"([{"first_name":"c","events":[]}])");
    EXPECT_EQ(write("DELETE", "leads?city=eq.Rome&select=first_name", "", representation).body,
              R"([{"first_name":"d"}])");
    EXPECT_EQ(get("leads?select=first_name&order=first_name").body,
              R"([{"first_name":"a"},{"first_name":"b"}])");
}

TEST_F(RestTest, BoundsOfAWriteAreKept) {
    make_leads();
    const std::string strict = "Prefer: handling=strict, max-affected=2\r\n";
    EXPECT_EQ(code_of(write("PATCH", "leads?first_name=neq.z", R"({"city":"x"})", strict)),
              "400 PGRST124");
    EXPECT_EQ(code_of(write("DELETE", "leads", "", strict)), "400 PGRST124");
    EXPECT_EQ(write("PATCH", "leads?first_name=in.(a,b)", R"({"city":"x"})", strict).status, 204);
    EXPECT_EQ(
        write("PATCH", "leads?first_name=neq.z", R"({"source":"x"})", "Prefer: max-affected=1\r\n")
            .status,
        204)
        << "without strict it is no bound";
    const std::string object =
        std::string{representation} + "Accept: application/vnd.pgrst.object+json\r\n";
    EXPECT_EQ(code_of(write("PATCH", "leads?city=eq.x", R"({"timeline":"x"})", object)),
              "406 PGRST116");
    EXPECT_EQ(code_of(write("DELETE", "leads?city=eq.x", "", object)), "406 PGRST116");
    EXPECT_EQ(code_of(write("POST", "leads", R"([{"first_name":"x"},{"first_name":"y"}])", object)),
              "406 PGRST116");
    EXPECT_EQ(get("leads?or=(timeline.eq.x,first_name.in.(x,y))").body, "[]");
    EXPECT_EQ(write("DELETE", "leads?first_name=eq.a&select=first_name", "", object).body,
              R"({"first_name":"a"})");
    EXPECT_EQ(get("leads?select=first_name&order=first_name").body,
              R"([{"first_name":"b"},{"first_name":"c"}])");
    EXPECT_EQ(code_of(write("PATCH", "leads?limit=1", R"({"city":"x"})")), "400 PGRST100");
    EXPECT_EQ(
        code_of(write("PATCH", "leads", R"({"city":"x"})", "Prefer: handling=strict, a=b\r\n")),
        "400 PGRST100");
}

TEST_F(RestTest, BadBodiesAreRefusedWhole) {
    for (
        const auto& [body, code] : std::initializer_list<std::pair<std::string, std::string>>{
            {"{", "400 PGRST102"},
            {"7", "400 PGRST102"},
            {"[1]", "400 PGRST102"},
            {R"([{"first_name":"a"},{"first_name":"b","city":"x"}])", "400 PGRST102"},
            {R"([{"first_name":"a"},{"first_name":null}])", "400 23502"},
            {R"([{"first_name":"a"},{"first_name":7}])", "400 22P02"},
            {R"({"first_name":"a","score":1000})", "400 22003"},
            {R"({"first_name":"a","colour":"x"})", "400 PGRST204"},
            {R"({"first_name":"a","tenant_id":"birch"})", "403 42501"},
            {R"([{"first_name":"a","email":"a@x.example"},{"first_name":"b","email":"a@x.example"}])",
             "409 23505"},
            {fmt::format(R"({{"first_name":"a","assigned_agent":"{}"}})", id_of_nobody),
             "409 23503"},
        }) {
        EXPECT_EQ(code_of(write("POST", "leads", body)), code) << body;
    }
    EXPECT_EQ(get("leads").body, "[]");
    EXPECT_EQ(code_of(write("POST", "leads?columns=%22a", "[]")), "400 PGRST100");
    EXPECT_EQ(code_of(write("POST", "agents?columns=name,active_leads",
                            R"({"name":"a","active_leads":9})")),
              "403 42501");
    EXPECT_EQ(code_of(write("POST", "identities", R"({"platform":"x","cookies":{"a":1}})")),
              "403 42501");
    EXPECT_EQ(write("PUT", "leads", "{}").status, 405);
}

TEST_F(RestTest, RolesMayWhatTheyMayElsewhere) {
    EXPECT_EQ(code_of(write("POST", "leads", R"({"first_name":"a"})", {}, "viewer")), "403 42501");
    EXPECT_EQ(write("POST", "leads", R"({"first_name":"a"})", {}, "operator").status, 201);
    EXPECT_EQ(
        code_of(write("POST", "agents", R"({"name":"a","email":"a@x.example"})", {}, "operator")),
        "403 42501");
    EXPECT_EQ(code_of(write("DELETE", "identities", "", {}, "operator")), "403 42501");
    const auto id = make_lead("acme");
    const auto approval =
        make("acme", "/api/approvals", fmt::format(R"({{"lead_id":"{}","type":"email"}})", id));
    EXPECT_EQ(code_of(write("PATCH", "approvals?id=eq." + approval, R"({"content":"other"})")),
              "403 42501");
    EXPECT_EQ(code_of(write("PATCH", "approvals?id=eq." + approval, R"({"status":"approved"})")),
              "403 42501");
    EXPECT_EQ(code_of(write("DELETE", "approvals?id=eq." + approval, "")), "403 42501");
    EXPECT_EQ(code_of(ask({.target = "/rest/v1/leads"})), "401 PGRST302");
    EXPECT_EQ(code_of(ask({.target = "/rest/v1/leads", .token = expired_token()})), "401 PGRST303");
    EXPECT_EQ(
        ask({.target = "/rest/v1/leads", .headers = "apikey: " + token("acme") + "\r\n"}).status,
        200);
    EXPECT_EQ(code_of(get("webhooks")), "404 PGRST205");
    EXPECT_EQ(code_of(get("lead_changes")), "404 PGRST205");
    EXPECT_EQ(code_of(get("leads?select=id,dead_letters(id)")), "400 PGRST200");
    EXPECT_EQ(code_of(get("leads/7")), "404 PGRST125");
    EXPECT_EQ(code_of(get("")), "404 PGRST126");
}

TEST_F(RestTest, OrderLooksIntoJsonAndIntoWhatIsEmbedded) {
    const auto agent = make_agent("acme", "ann@x.example");
    make_lead("acme", fmt::format(R"("first_name":"a","assigned_agent":"{}")", agent));
    make_lead("acme", R"("first_name":"b","metadata":{"n":9})");
    make_lead("acme", R"("first_name":"c","metadata":{"n":10})");
    EXPECT_EQ(get("leads?select=first_name&order=metadata-%3En.desc.nullslast").body,
              R"([{"first_name":"c"},{"first_name":"b"},{"first_name":"a"}])");
    EXPECT_EQ(get("leads?select=first_name&order=metadata-%3E%3En.desc").body,
              R"([{"first_name":"a"},{"first_name":"b"},{"first_name":"c"}])");
    EXPECT_EQ(get("leads?select=first_name,agents()&order=agents(name),first_name.desc").body,
              get("leads?select=first_name,agents()&order=assigned_agent,first_name.desc").body);
    EXPECT_EQ(code_of(get("leads?order=agents(name)")), "400 PGRST108");
    EXPECT_EQ(code_of(get("leads?select=events(id)&order=events(id)")), "400 PGRST118");
    EXPECT_EQ(code_of(get("leads?select=agents(id)&order=agents(nothing)")), "400 42703");
    EXPECT_EQ(code_of(get("leads?order=metadata-%3En.up")), "400 PGRST100");
    EXPECT_EQ(code_of(get("leads?order=first_name-%3En")), "400 PGRST100");
}

TEST_F(RestTest, CountsStandForTheRows) {
    make_leads();
    const auto all = get("leads?select=count", "Prefer: count=exact\r\n");
    EXPECT_EQ(all.body, R"([{"count":3}])");
    EXPECT_EQ(all.status, 206);
    EXPECT_EQ(all.header("content-range"), "0-0/3");
    const auto none = get("leads?select=n:count&first_name=eq.z", "Prefer: count=exact\r\n");
    EXPECT_EQ(none.body, R"([{"n":0}])");
    EXPECT_EQ(none.status, 200);
    EXPECT_EQ(none.header("content-range"), "*/0");
    EXPECT_EQ(get("leads?select=count", "Accept: text/csv\r\n").body, "count\n3");
    EXPECT_EQ(get("leads?select=count", "Accept: application/vnd.pgrst.object+json\r\n").body,
              R"({"count":3})");
    for (const auto* function : {"count()", "score.sum()", "score.avg()::int", "events(id.max())"})
        EXPECT_EQ(code_of(get(fmt::format("leads?select={}", function))), "400 PGRST123");
    for (const auto* query : {"select=count,id", "select=count&order=id"})
        EXPECT_EQ(code_of(get(fmt::format("leads?{}", query))), "400 PGRST100");
    EXPECT_EQ(code_of(write("POST", "leads?select=count", R"({"first_name":"d"})", representation)),
              "400 PGRST100");
    EXPECT_EQ(get("leads?select=count").body, R"([{"count":3}])");
}

/// Of a tenant that sees nothing of it, as of one without such rows, by and byte.
TEST_F(RestTest, AnswersAreTheSameWhateverAnotherTenantHas) {
    const std::vector<std::string> reads{
        "leads?select=*,agents(*),events(*),contacts(*)",
        "leads?select=id&email=eq.ada@x.example",
        "leads?select=id,events!inner(id)",
        "leads?select=id,events(count)&events=is.null",
        "leads?first_name=ilike.*a*&order=score.desc.nullslast",
        "leads?metadata->>secret=eq.x",
        "leads?order=metadata->secret.desc&limit=1",
        "leads?select=id,agents(name)&order=agents(name).desc,agents(id)",
        "contacts?select=id,leads(id)&order=leads(metadata->>secret)",
        "leads?select=count",
        "leads?tags=cs.{vip}",
        "leads?tenant_id=eq.acme",
        "agents?select=name,leads(count)",
        "leads?select=nothing",
    };
    const auto answers = [&] {
        std::string out;
        for (const auto& target : reads) {
            const auto answer = get(target, "Prefer: count=exact\r\n", "birch");
            out += fmt::format("{} {} {} {}\n", target, answer.status,
                               answer.header("content-range"), answer.body);
        }
        for (const auto& [method, target, body] :
             std::initializer_list<std::tuple<std::string, std::string, std::string>>{
                 {"PATCH", "leads?first_name=like.*", R"({"city":"x"})"},
                 {"DELETE", "leads?email=eq.ada@x.example", ""},
                 {"POST", "leads", R"({"first_name":"E","email":"no"})"},
                 {"POST", "events", fmt::format(R"({{"type":"x","lead_id":"{}"}})", id_of_nobody)},
             }) {
            const auto answer =
                write(method, target, body, "Prefer: count=exact\r\n", "admin", "birch");
            out += fmt::format("{} {} {} {} {}\n", method, target, answer.status,
                               answer.header("content-range"), answer.body);
        }
        return out;
    };
    const auto alone = answers();
    const auto agent = make_agent("acme", "ann@x.example");
    const auto lead = make_lead(
        "acme", fmt::format(R"("first_name":"Ada","email":"ada@x.example","tags":["vip"],)"
                            R"("metadata":{{"secret":"x"}},"assigned_agent":"{}")",
                            agent));
    make("acme", "/api/events", fmt::format(R"({{"type":"call","lead_id":"{}"}})", lead));
    EXPECT_EQ(answers(), alone);
    EXPECT_THAT(get("leads").body, HasSubstr("Ada"));
    // An id that is taken elsewhere is like any other.
    EXPECT_EQ(write("POST", "leads", fmt::format(R"({{"id":"{}","first_name":"B"}})", lead), {},
                    "admin", "birch")
                  .status,
              201);
    EXPECT_THAT(get("leads?select=first_name").body, Not(HasSubstr("\"B\"")));
}

TEST_F(RestTest, BrowsersMayAskFirst) {
    auto changed = options();
    changed.cors_origins = {"https://app.example"};
    start(changed);
    const auto asked = ask({.method = "OPTIONS",
                            .target = "/rest/v1/leads",
                            .headers = "Origin: https://app.example\r\n"});
    EXPECT_EQ(asked.status, 204);
    EXPECT_THAT(asked.header("access-control-allow-headers"), HasSubstr("prefer"));
    EXPECT_THAT(asked.header("access-control-allow-methods"), HasSubstr("PATCH"));
    const auto answer = get("leads", "Origin: https://app.example\r\n");
    EXPECT_THAT(answer.header("access-control-expose-headers"), HasSubstr("content-range"));
}

}  // namespace
}  // namespace tenantry::e2e
