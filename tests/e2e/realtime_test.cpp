// WebSockets that @supabase/realtime-js would open: changes, broadcasts, presence.

#include "base/text.hpp"
#include "fixture.hpp"
#include "live_client.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace tenantry::e2e {
namespace {

namespace json = boost::json;
using namespace std::string_literals;
using namespace std::chrono_literals;

class RealtimeTest : public ServerTest {
protected:
    LiveClient live(std::string_view tenant, std::string_view version = "2.0.0") const {
        return {server().port(), token(tenant), version};
    }
    void change(std::string_view tenant, const std::string& id, std::string body) const {
        const auto answer = ask({.method = "PATCH",
                                 .target = "/api/leads/" + id,
                                 .token = token(tenant),
                                 .body = std::move(body)});
        EXPECT_EQ(answer.status, 200) << answer.body;
    }
    void remove(std::string_view tenant, const std::string& id) const {
        EXPECT_EQ(
            ask({.method = "DELETE", .target = "/api/leads/" + id, .token = token(tenant)}).status,
            204);
    }
    Answer broadcast(std::string_view tenant, std::string body) const {
        return ask({.method = "POST",
                    .target = "/realtime/v1/api/broadcast",
                    .token = token(tenant),
                    .body = std::move(body)});
    }
    /// Status of the answer to a request for a socket.
    Answer knock(std::string target, std::string headers = {}) const {
        return ask({.target = std::move(target),
                    .headers = "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                               "Sec-WebSocket-Version: 13\r\n"
                               "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n" +
                               std::move(headers)});
    }
};

TEST_F(RealtimeTest, TheKeyAdmits) {
    EXPECT_EQ(knock("/realtime/v1/websocket").status, 401);
    EXPECT_EQ(knock("/realtime/v1/websocket?apikey=nonsense").code(), "token_invalid");
    EXPECT_EQ(knock("/realtime/v1/websocket?apikey=" + expired_token()).code(), "token_expired");
    EXPECT_EQ(knock("/realtime/v1/websocket?apikey=" + token("")).status, 403);
    EXPECT_EQ(knock("/realtime/v1/websocket?apikey=" + token("nobodys")).status, 403);
    EXPECT_EQ(knock("/realtime/v1/websocket?vsn=7.0.0&apikey=" + token("acme")).code(),
              "bad_query");
    const auto plain = ask({.target = "/realtime/v1/websocket", .token = token("acme")});
    EXPECT_EQ(plain.status, 426);
    EXPECT_EQ(plain.header("upgrade"), "websocket");
}

TEST_F(RealtimeTest, ChangesComeInTheirOrderWithWhatTheyChanged) {
    auto client = live("acme");
    const auto reply = client.join(
        "db", R"({"postgres_changes":[{"event":"*","schema":"public","table":"leads"}]})");
    EXPECT_EQ(
        json::serialize(reply),
        R"({"status":"ok","response":{"postgres_changes":[{"id":1,"event":"*","schema":"public","table":"leads"}]}})");
    const auto ready = client.next_of("system");
    EXPECT_EQ(ready.at("extension"), "postgres_changes");
    EXPECT_EQ(ready.at("status"), "ok");
    EXPECT_EQ(ready.at("message"), "Subscribed to PostgreSQL");
    EXPECT_EQ(ready.at("channel"), "db");
    EXPECT_EQ(client.next_of("presence_state"), json::object{});

    const auto id = make_lead("acme", R"("first_name":"Ada","score":87.5,"tags":["a"])");
    change("acme", id, R"({"status":"contacted"})");
    remove("acme", id);
    const auto inserted = client.next_of("postgres_changes");
    EXPECT_EQ(inserted.at("ids"), json::array{1});
    const auto& data = inserted.at("data");
    EXPECT_EQ(data.at("type"), "INSERT");
    EXPECT_EQ(data.at("table"), "leads");
    EXPECT_EQ(data.at("errors"), nullptr);
    EXPECT_EQ(data.at("record").at("id"), json::value(id));
    EXPECT_EQ(json::serialize(data.at("record").at("tags")), R"(["a"])");
    EXPECT_FALSE(data.as_object().contains("old_record"));
    const auto updated = client.next_of("postgres_changes").at("data");
    EXPECT_EQ(updated.at("type"), "UPDATE");
    EXPECT_EQ(updated.at("record").at("status"), "contacted");
    EXPECT_EQ(updated.at("old_record").at("status"), "new");
    EXPECT_EQ(updated.at("seq").as_int64(), data.at("seq").as_int64() + 1);
    const auto removed = client.next_of("postgres_changes").at("data");
    EXPECT_EQ(removed.at("type"), "DELETE");
    EXPECT_EQ(removed.at("old_record").at("id"), json::value(id));
    EXPECT_FALSE(removed.as_object().contains("record"));
}

TEST_F(RealtimeTest, BindingsGetWhatTheyAskedFor) {
    auto client = live("acme");
    client.join("db", R"({"postgres_changes":[
        {"event":"INSERT","schema":"public","table":"leads","filter":"city=eq.Oslo"},
        {"event":"*","schema":"public","table":"leads","filter":"score=gte.80,city=like.O%"},
        {"event":"*","schema":"public","table":"agents"}]})");
    client.next_of("system");
    make_lead("acme", R"("first_name":"A","city":"Bergen","score":90)");
    make_lead("acme", R"("first_name":"B","city":"Oslo")");
    make_lead("acme", R"("first_name":"C","city":"Oslo","score":80)");
    make_agent("acme", "a@example.com");
    const auto ids = [&] { return json::serialize(client.next_of("postgres_changes").at("ids")); };
    EXPECT_EQ(ids(), "[1]");
    EXPECT_EQ(ids(), "[1,2]");
    EXPECT_EQ(ids(), "[3]");
}

TEST_F(RealtimeTest, AFilterThatCannotBeIsToldAndTheChannelStays) {
    constexpr std::string_view bad =
        R"({"broadcast":{"self":true},"postgres_changes":[{"event":"*","schema":"public","table":"leads","filter":"x=eq.1"}])";
    auto client = live("acme");
    EXPECT_EQ(client.join("db", std::string{bad} + "}").at("status"), "ok");
    const auto told = client.next_of("system");
    EXPECT_EQ(told.at("status"), "error");
    EXPECT_EQ(told.at("code"), "unknown_field");
    client.push("db", "broadcast", R"({"type":"broadcast","event":"hey","payload":1})");
    EXPECT_EQ(client.next_of("broadcast").at("payload"), 1);
    EXPECT_EQ(client.join("db2", std::string{bad} + R"(,"postgres_changes_options":{"wait":true}})")
                  .at("status"),
              "error");
}

TEST_F(RealtimeTest, WhoComesBackGetsWhatItMissedFirst) {
    auto first = live("acme");
    first.follow("db");
    make_lead("acme", R"("first_name":"A")");
    const auto seen = first.next_of("postgres_changes").at("data");
    make_lead("acme", R"("first_name":"B")");
    make_lead("acme", R"("first_name":"C")");
    for (const auto& since :
         {json::serialize(seen.at("cursor")), json::serialize(seen.at("seq"))}) {
        auto again = live("acme");
        again.follow("db", R"(,"since":)" + since);
        const auto name = [&] {
            return again.next_of("postgres_changes").at("data").at("record").at("first_name");
        };
        EXPECT_EQ(name(), "B");
        EXPECT_EQ(name(), "C");
        EXPECT_TRUE(again.next_of("system").at("cursor").is_string());
        const auto fresh = make_lead("acme", R"("first_name":"D")");
        EXPECT_EQ(name(), "D");
        remove("acme", fresh);
    }
}

TEST_F(RealtimeTest, APlaceInAnotherFeedNeedsAResync) {
    make_lead("acme");
    auto client = live("acme");
    client.follow("db", R"(,"since":"0123456789abcdef-1")");
    const auto told = client.next_of("system");
    EXPECT_EQ(told.at("status"), "error");
    EXPECT_EQ(told.at("code"), "resync_required");
    EXPECT_EQ(client.join("db", R"({"postgres_changes":[{"event":"*"}]})", R"(,"since":"junk")")
                  .at("status"),
              "error");
}

TEST_F(RealtimeTest, BroadcastsReachTheOthersAndWhoAsksForItItself) {
    auto ada = live("acme");
    auto bob = live("acme");
    auto old = live("acme", "1.0.0");
    ada.join("room", R"({"broadcast":{"self":true,"ack":true},"presence":{"enabled":false}})");
    bob.join("room", R"({"presence":{"enabled":false}})");
    old.send(
        R"({"topic":"realtime:room","event":"phx_join","payload":{"config":{"presence":{"enabled":false}}},"ref":"1","join_ref":"1"})");
    EXPECT_NE(old.next()->find(R"("event":"phx_reply")"), std::string::npos);
    ada.push("room", "broadcast", R"({"type":"broadcast","event":"hey","payload":{"n":1}})");
    EXPECT_EQ(ada.next_of("phx_reply").at("status"), "ok");
    const auto whole = R"({"type":"broadcast","event":"hey","payload":{"n":1}})"s;
    EXPECT_EQ(json::serialize(ada.next_of("broadcast")), whole);
    EXPECT_EQ(*bob.next(), R"([null,null,"realtime:room","broadcast",)" + whole + "]");
    EXPECT_EQ(*old.next(), R"({"topic":"realtime:room","event":"broadcast","payload":)" + whole +
                               R"(,"ref":null,"join_ref":null})");
    bob.push("room", "broadcast", R"({"type":"broadcast","event":"hey","payload":2})");
    EXPECT_EQ(ada.next_of("broadcast").at("payload"), 2);
    EXPECT_TRUE(bob.until_now().empty());
}

TEST_F(RealtimeTest, BinaryBroadcasts) {
    auto ada = live("acme");
    auto bob = live("acme");
    auto old = live("acme", "1.0.0");
    for (auto* client : {&ada, &bob}) client->join("room", R"({"presence":{"enabled":false}})");
    old.send(
        R"({"topic":"realtime:room","event":"phx_join","payload":{"config":{"presence":{"enabled":false}}},"ref":"1","join_ref":"1"})");
    old.next();
    const auto head = [](char encoding) {
        return "\x03\x01\x01\x0D\x03\x00"s + encoding + "11realtime:roomhey"s;
    };
    ada.send_binary(head(0) + "\x00\xFF"s);
    ada.send_binary(head(1) + "{\"n\":1}");
    EXPECT_EQ(*bob.next(), "\x04\x0D\x03\x00\x00realtime:roomhey\x00\xFF"s);
    EXPECT_EQ(bob.next_of("broadcast").at("payload"), (json::object{{"n", 1}}));
    EXPECT_NE(old.next()->find(R"("payload":{"n":1})"), std::string::npos);
}

TEST_F(RealtimeTest, BroadcastsByHttp) {
    auto client = live("acme");
    client.join("room", R"({"presence":{"enabled":false}})");
    EXPECT_EQ(broadcast("acme",
                        R"({"messages":[{"topic":"room","event":"a","payload":{"n":1}},
                                        {"topic":"other","event":"b","payload":2}]})")
                  .status,
              202);
    Ask one{.method = "POST",
            .target = "/realtime/v1/api/broadcast/room/events/c%20d?private=false",
            .body = "[3]",
            .headers = "apikey: " + token("acme") + "\r\n"};
    const auto answer = ask(one);
    EXPECT_EQ(answer.status, 202);
    EXPECT_EQ(answer.body, "");
    one.type = "application/octet-stream";
    one.body = "\x01\x02";
    EXPECT_EQ(ask(one).status, 202);
    EXPECT_EQ(json::serialize(client.next_of("broadcast")),
              R"({"type":"broadcast","event":"a","payload":{"n":1}})");
    EXPECT_EQ(json::serialize(client.next_of("broadcast")),
              R"({"type":"broadcast","event":"c d","payload":[3]})");
    EXPECT_EQ(*client.next(), "\x04\x0D\x03\x00\x00realtime:roomc d\x01\x02"s);
    for (const auto* body : {"{}", "[]", R"({"messages":[{"topic":"room"}]})",
                             R"({"messages":[{"topic":"","event":"a"}]})"}) {
        EXPECT_EQ(broadcast("acme", body).status, 422) << body;
    }
    one.headers.clear();
    EXPECT_EQ(ask(one).status, 401);
}

TEST_F(RealtimeTest, PresenceIsKeptAndEndsWithTheSocket) {
    auto ada = live("acme");
    ada.join("room", R"({"presence":{"key":"ada","enabled":true}})");
    EXPECT_EQ(ada.next_of("presence_state"), json::object{});
    {
        auto bob = live("acme");
        bob.join("room", R"({"presence":{"key":"bob","enabled":true}})");
        bob.push("room", "presence", R"({"type":"presence","event":"track","payload":{"at":1}})");
        EXPECT_EQ(bob.next_of("phx_reply").at("status"), "ok");
        EXPECT_EQ(json::serialize(ada.next_of("presence_diff")),
                  R"({"joins":{"bob":{"metas":[{"phx_ref":"1","at":1}]}},"leaves":{}})");
        auto late = live("acme");
        late.join("room");
        EXPECT_EQ(json::serialize(late.next_of("presence_state")),
                  R"({"bob":{"metas":[{"phx_ref":"1","at":1}]}})");
        bob.push("room", "presence", R"({"type":"presence","event":"TRACK","payload":{"at":2}})");
        EXPECT_EQ(
            json::serialize(ada.next_of("presence_diff")),
            R"({"joins":{"bob":{"metas":[{"phx_ref":"2","at":2}]}},"leaves":{"bob":{"metas":[{"phx_ref":"1","at":1}]}}})");
    }
    EXPECT_EQ(json::serialize(ada.next_of("presence_diff")),
              R"({"joins":{},"leaves":{"bob":{"metas":[{"phx_ref":"2","at":2}]}}})");
    ada.push("room", "presence", R"({"event":"track","payload":{}})");
    ada.next_of("presence_diff");
    ada.push("room", "presence", R"({"event":"untrack"})");
    EXPECT_EQ(json::serialize(ada.next_of("presence_diff").at("joins")), "{}");
}

TEST_F(RealtimeTest, PhoenixsRules) {
    auto client = live("acme");
    client.send(R"([null,"7","phoenix","heartbeat",{}])");
    EXPECT_EQ(*client.next(), R"([null,"7","phoenix","phx_reply",{"status":"ok","response":{}}])");
    client.send("what is this");
    client.send_binary("nor this");
    client.push("nowhere", "broadcast", "{}");
    EXPECT_EQ(client.next_of("phx_reply").at("response").at("reason"), "unmatched topic");
    client.join("room", R"({"presence":{"enabled":false}})");
    client.push("room", "phx_join", R"({"config":{"presence":{"enabled":false}}})");
    EXPECT_TRUE(client.next()->starts_with(R"(["2","2","realtime:room","phx_close")"));
    EXPECT_TRUE(client.next()->starts_with(R"(["3","3","realtime:room","phx_reply")"));
    client.push("room", "phx_leave", "{}");
    EXPECT_TRUE(client.next()->starts_with(R"(["3","4","realtime:room","phx_reply")"));
    EXPECT_TRUE(client.next()->starts_with(R"(["3","3","realtime:room","phx_close")"));
}

TEST_F(RealtimeTest, ASocketHasItsLimits) {
    auto limited = options();
    limited.realtime.channels_max = 2;
    limited.realtime.events_per_second = 5;
    limited.realtime.payload_bytes_max = 1000;
    start(limited);
    auto client = live("acme");
    client.join("a");
    client.join("b");
    EXPECT_EQ(client.join("c").at("response").at("reason"),
              "ChannelRateLimitReached: Too many channels");
    client.push("a", "broadcast",
                fmt::format(R"({{"event":"x","payload":"{}"}})", std::string(2000, 'x')));
    EXPECT_EQ(client.next_of("system").at("code"), "body_too_large");
    EXPECT_EQ(client.next_of("phx_close"), json::object{});
    for (int i = 0; i < 10; ++i) client.push("b", "broadcast", R"({"event":"x"})");
    EXPECT_EQ(client.next_of("system").at("status"), "error");
    client.send(fmt::format("\"{}\"", std::string(200'000, 'x')));
    EXPECT_EQ(client.close_code(), 1009U);
}

TEST_F(RealtimeTest, AClientThatStopsReadingIsCutOffAndOthersAreNot) {
    auto limited = options();
    limited.realtime.outbox_bytes_max = 64UL * 1024;
    limited.realtime.write_timeout = 200ms;
    limited.realtime.close_timeout = 200ms;
    limited.realtime.events_per_second = 100'000;
    limited.http.limits.tick = 20ms;
    start(limited);
    auto slow = live("acme");
    slow.join("room", R"({"presence":{"enabled":false}})");
    auto follower = live("acme");
    follower.follow("db", R"(,"since":0)");
    auto good = live("acme");
    good.join("room", R"({"broadcast":{"self":true},"presence":{"enabled":false}})");
    const auto payload = fmt::format(R"({{"event":"x","payload":"{}"}})", std::string(30'000, 'x'));
    // More than the system's buffers take.
    for (int i = 0; i < 1000; ++i) {
        good.push("room", "broadcast", payload);
        EXPECT_TRUE(good.next_of("broadcast").is_object());
    }
    wait_for_connections(2);
    make_lead("acme");
    EXPECT_TRUE(follower.next_of("postgres_changes").is_object());
}

TEST_F(RealtimeTest, AFollowerThatStopsReadingCostsItsOutbox) {
    auto limited = options();
    limited.realtime.outbox_bytes_max = 64UL * 1024;
    limited.realtime.write_timeout = 200ms;
    limited.realtime.close_timeout = 200ms;
    limited.http.limits.tick = 20ms;
    start(limited);
    auto slow = live("acme");
    slow.follow("db");
    const auto long_text = std::string(60'000, 'x');
    for (int i = 0; i < 150; ++i) {
        const auto answer =
            ask({.method = "POST",
                 .target = "/api/events",
                 .token = token("acme"),
                 .body = fmt::format(R"({{"type":"note","content":"{}"}})", long_text)});
        ASSERT_EQ(answer.status, 201);
    }
    // Of a channel that follows leads alone nothing waits.
    make_lead("acme");
    EXPECT_TRUE(slow.next_of("postgres_changes").is_object());
    auto all = live("acme");
    all.join("all", R"({"postgres_changes":[{"event":"*"}]})", R"(,"since":0)");
    wait_for_connections(1);
}

TEST_F(RealtimeTest, AShutdownSaysSo) {
    auto client = live("acme");
    client.follow("db");
    stop();
    EXPECT_EQ(client.close_code(), 1001U);
}

}  // namespace
}  // namespace tenantry::e2e
