// The tenant's feed over HTTP: /api/sync and the stream of events.

#include "fixture.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <regex>
#include <thread>

namespace tenantry::e2e {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

class ChangesTest : public ServerTest {
protected:
    Answer sync(std::string_view query, std::string_view tenant = "acme") {
        return ask({.target = fmt::format("/api/sync{}", query), .token = token(tenant)});
    }
    json::value page(std::string_view query, std::string_view tenant = "acme") {
        const auto answer = sync(query, tenant);
        EXPECT_EQ(answer.status, 200) << answer.body;
        return json::parse(answer.body);
    }
    static std::string next(const json::value& page) {
        return std::string{page.at("next").as_string()};
    }
    void patch(const std::string& lead, std::string body) {
        EXPECT_EQ(ask({.method = "PATCH",
                       .target = "/api/leads/" + lead,
                       .token = token("acme"),
                       .body = std::move(body)})
                      .status,
                  200);
    }
};

/// A stream of events, read as a browser reads it.
class Events {
public:
    Events(Client client, const Ask& asked) : client_{std::move(client)} {
        client_.send(asked.bytes());
    }

    /// Reads on until `text` has come; all that has come so far.
    const std::string& wait_for(std::string_view text) {
        while (seen_.find(text) == std::string::npos) {
            const auto more = client_.receive_some();
            if (more.empty()) break;
            seen_ += more;
        }
        return seen_;
    }
    /// Until the stream has said why it ends.
    const std::string& wait_for_end() {
        wait_for("event: end");
        return wait_for("\r\n0\r\n");
    }

private:
    Client client_;
    std::string seen_;
};

TEST_F(ChangesTest, APageSaysWhereItEnds) {
    EXPECT_EQ(page(""), json::parse(R"({"changes":[],"next":"0","has_more":false})"));
    const auto lead = make_lead("acme");
    patch(lead, R"({"status":"qualified"})");
    const auto first = page("?since=0&limit=1");
    EXPECT_EQ(first.at("changes").as_array().size(), 1U);
    EXPECT_TRUE(first.at("has_more").as_bool());
    const auto second = page("?since=" + next(first));
    ASSERT_EQ(second.at("changes").as_array().size(), 1U);
    EXPECT_FALSE(second.at("has_more").as_bool());
    const auto& change = second.at("changes").at(0);
    EXPECT_EQ(change.at("seq"), 2);
    EXPECT_EQ(change.at("op"), "update");
    EXPECT_EQ(change.at("id"), json::string_view{lead});
    EXPECT_EQ(change.at("row"), ask_json({.target = "/api/leads/" + lead, .token = token("acme")}));
    EXPECT_EQ(change.at("old").at("status"), "new");
    EXPECT_EQ(next(page("")), next(second));
}

TEST_F(ChangesTest, RelationsAndKindsAreChosen) {
    const auto lead = make_lead("acme");
    make("acme", "/api/contacts", R"({"channel":"email","identifier":"x"})");
    patch(lead, R"({"city":"Oslo"})");
    EXPECT_EQ(page("?since=0&relations=contacts").at("changes").as_array().size(), 1U);
    EXPECT_EQ(page("?since=0&ops=update,delete").at("changes").as_array().size(), 1U);
    EXPECT_EQ(page("?since=0&relations=leads&ops=insert").at("changes").as_array().size(), 1U);
    EXPECT_EQ(next(page("?since=0&relations=agents")), next(page("")))
        << "what isn't asked for is passed over";
    for (const auto* query : {"?relations=nothing", "?relations=idempotency_keys", "?ops=upsert",
                              "?relations=tenant_heads", "?limit=0", "?wait=61", "?since=x"})
        EXPECT_EQ(sync(query).status, 400) << query;
}

TEST_F(ChangesTest, AFilterTellsOfRowsThatPassAndThatPassedBefore) {
    const auto lead = make_lead("acme", R"("first_name":"Ada","city":"Oslo")");
    make_lead("acme", R"("first_name":"Bo","city":"Rome")");
    patch(lead, R"({"city":"Rome"})");
    patch(lead, R"({"city":"Bergen"})");
    const auto told = page("?since=0&relations=leads&filter=city=eq.Oslo");
    ASSERT_EQ(told.at("changes").as_array().size(), 2U) << told;
    EXPECT_EQ(told.at("changes").at(1).at("row").at("city"), "Rome");
    for (const auto* query :
         {"?since=0&filter=city=eq.Oslo", "?since=0&relations=leads,agents&filter=city=eq.Oslo",
          "?since=0&relations=leads&filter=town=eq.Oslo",
          "?since=0&relations=leads&filter=city=equals.Oslo"})
        EXPECT_EQ(sync(query).status, 400) << query;
}

TEST_F(ChangesTest, AnAskerWaitsForTheNextChange) {
    make_lead("acme");
    const auto from = next(page(""));
    std::thread writer{[this] {
        std::this_thread::sleep_for(100ms);
        make_lead("birch");
        make_lead("acme", R"("first_name":"Later")");
    }};
    const auto answer = sync("?wait=60&since=" + from);
    writer.join();
    EXPECT_THAT(answer.body, HasSubstr("Later"));
    EXPECT_THAT(answer.body, Not(HasSubstr("birch")));
}

TEST_F(ChangesTest, APlaceOfAnotherTenantIsNone) {
    make_lead("birch");
    make_lead("acme");
    const auto theirs = next(page("", "birch"));
    const auto unknown = sync("?since=0123456789abcdef-1");
    EXPECT_EQ(sync("?since=" + theirs).bytes, unknown.bytes);
    EXPECT_EQ(unknown.status, 410);
    EXPECT_EQ(unknown.code(), "resync_required");
    EXPECT_EQ(sync("?since=2").status, 410) << "beyond the end";
}

TEST_F(ChangesTest, AStreamTellsOfEachChangeOnceAndGoesOnWhereItEnded) {
    make_lead("acme", R"("first_name":"Before")");
    Events events{connect(), {.target = "/api/changes/stream", .token = token("acme")}};
    events.wait_for("retry:");
    const auto lead = make_lead("acme", R"("first_name":"During")");
    make_lead("birch", R"("first_name":"Foreign")");
    const auto& seen = events.wait_for("During");
    EXPECT_THAT(seen, Not(HasSubstr("Before")));
    EXPECT_THAT(seen, HasSubstr("content-type: text/event-stream"));
    std::smatch id;
    ASSERT_TRUE(std::regex_search(seen, id, std::regex{"id: ([0-9a-f]{16}-2)\ndata: "}));

    patch(lead, R"({"city":"Oslo"})");
    Events again{connect(),
                 {.target = "/api/changes/stream",
                  .token = token("acme"),
                  .headers = fmt::format("Last-Event-ID: {}\r\n", id.str(1))}};
    const auto& rest = again.wait_for("Oslo");
    EXPECT_THAT(rest, Not(HasSubstr(R"("op":"insert")")));
    EXPECT_THAT(rest, Not(HasSubstr("Foreign")));
}

TEST_F(ChangesTest, AStreamTakesTheTokenFromItsAddress) {
    Events events{connect(), {.target = "/api/changes/stream?access_token=" + token("acme")}};
    make_lead("acme");
    EXPECT_THAT(events.wait_for("Ada"), HasSubstr(R"("op":"insert")"));
    EXPECT_EQ(ask({.target = "/api/changes/stream?access_token=no"}).status, 401);
    EXPECT_EQ(ask({.target = "/api/sync?access_token=" + token("acme")}).status, 401)
        << "only where there is no other way";
    EXPECT_EQ(
        ask({.target = "/api/changes/stream?since=0123456789abcdef-1", .token = token("acme")})
            .status,
        410);
}

TEST_F(ChangesTest, ASuspensionEndsStreams) {
    make_lead("acme");
    Events events{connect(), {.target = "/api/changes/stream", .token = token("acme")}};
    Events others{connect(), {.target = "/api/changes/stream", .token = token("birch")}};
    events.wait_for("retry:");
    others.wait_for("retry:");
    control()
        .set_tenant_status(TenantId::parse("acme").value(), auth::TenantStatus::suspended)
        .value();
    EXPECT_THAT(events.wait_for_end(), HasSubstr("event: end\ndata: {\"error\":\"This tenant is "
                                                 "not available"));
    make_lead("birch", R"("first_name":"Goes on")");
    EXPECT_THAT(others.wait_for("Goes on"), HasSubstr("Goes on"));
}

TEST_F(ChangesTest, TheEndOfATokenEndsItsStream) {
    const auth::Claims claims{.subject = "tester",
                              .tenant = TenantId::parse("acme").value(),
                              .role = "admin",
                              .expires_at = system_clock().now() + 2s};
    Events events{connect(), {.target = "/api/changes/stream", .token = token_of(claims)}};
    EXPECT_THAT(events.wait_for_end(), HasSubstr("\"code\":\"token_expired\""));
}

TEST_F(ChangesTest, AStopEndsStreams) {
    Events events{connect(), {.target = "/api/changes/stream", .token = token("acme")}};
    events.wait_for("retry:");
    stop();
    EXPECT_THAT(events.wait_for_end(), HasSubstr("\"code\":\"shutting_down\""));
}

TEST_F(ChangesTest, OldChangesGoAndWhoWantsThemIsTold) {
    for (int i = 0; i < 5; ++i) make_lead("acme");
    const auto from = next(page("?since=0&limit=1"));
    auto keeping = options();
    keeping.retention.changes = 2;
    keeping.trim_interval = 50ms;
    start(keeping);
    while (sync("?since=" + from).status == 200) std::this_thread::sleep_for(10ms);
    EXPECT_EQ(sync("?since=" + from).code(), "resync_required");
    EXPECT_EQ(sync("?since=0").code(), "resync_required");
    EXPECT_EQ(page("?since=3").at("changes").as_array().size(), 2U);
    make_lead("acme");
    EXPECT_EQ(page("?since=4").at("changes").at(1).at("seq"), 6) << "numbers go on";
}

// What a stream says doesn't depend on another tenant's rows.
TEST_F(ChangesTest, StreamsAreTheSameWhateverAnotherTenantDoes) {
    make_lead("birch");
    const auto stream = [&](bool with_others) {
        Events events{connect(), {.target = "/api/changes/stream", .token = token("birch")}};
        events.wait_for("retry:");
        for (int i = 0; i < 20; ++i) {
            if (with_others) make_lead("acme");
            make_lead("birch", fmt::format(R"("first_name":"{} of 20")", i));
        }
        std::string seen = events.wait_for("19 of 20");
        seen = std::regex_replace(seen, std::regex{"[0-9a-f-]{36}"}, "uuid");
        seen = std::regex_replace(seen, std::regex{"20[0-9]{2}-[0-9T:.-]*Z"}, "time");
        seen = std::regex_replace(seen, std::regex{"(id: [0-9a-f]{16}-|\"seq\":)[0-9]+"}, "$1seq");
        seen = std::regex_replace(seen, std::regex{"id: (0\n|[0-9a-f]{16}-)"}, "id: ");
        // How events are put together in chunks is a matter of time.
        seen = std::regex_replace(seen, std::regex{"(^|\r\n)[0-9a-f]+\r\n"}, "");
        return seen.substr(seen.find(": the feed"));
    };
    const auto alone = stream(false);
    EXPECT_EQ(stream(true), alone);
}

}  // namespace
}  // namespace tenantry::e2e
