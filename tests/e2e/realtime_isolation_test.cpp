// Who is told what, and for how long: two tenants that use the same names, and rights that end.

#include "fixture.hpp"
#include "live_client.hpp"
#include "services/api_keys.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <atomic>
#include <regex>

namespace tenantry::e2e {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

TenantId tenant(std::string_view id) { return TenantId::parse(id).value(); }

class RealtimeIsolationTest : public ServerTest {
protected:
    LiveClient live(std::string_view apikey) const { return {server().port(), apikey}; }

    /// All that a client of birch gets while birch does the same things; `meanwhile` is called
    /// between any two of them.
    template <class Meanwhile>
    std::string seen_by_birch(Meanwhile meanwhile) {
        auto client = live(token("birch"));
        auto other = live(token("birch"));
        std::string all;
        const auto note = [&] {
            meanwhile();
            for (const auto& message : client.until_now()) all += message + "\n";
        };
        constexpr std::string_view config =
            R"({"broadcast":{"self":true},"presence":{"key":"k","enabled":true},"postgres_changes":[{"event":"*","schema":"public"}]})";
        client.push("room", "phx_join", fmt::format(R"({{"config":{}}})", config));
        note();
        other.join("room", config);
        other.push("room", "presence", R"({"event":"track","payload":{"who":"other"}})");
        other.until_now();
        note();
        other.push("room", "broadcast", R"({"event":"hey","payload":1})");
        other.until_now();
        note();
        client.push("room", "presence", R"({"event":"track","payload":{"who":"me"}})");
        note();
        make_lead("birch");
        all += json::serialize(client.next_of("postgres_changes")) + "\n";
        note();
        client.push("elsewhere", "broadcast", R"({"event":"hey"})");
        note();
        return all;
    }

    /// What is another one in each feed, or at each time.
    static std::string without_ids(const std::string& text) {
        static const std::regex ids{
            "[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16}-[0-9]+|\"seq\":[0-9]+|20[0-9]{2}-[0-9]{2}-[0-9:"
            "T.-]+Z"};
        return std::regex_replace(text, ids, "X");
    }

    /// The channel has ended with `code`.
    static void expect_end(LiveClient& client, std::string_view code) {
        const auto told = client.next_of("system");
        ASSERT_TRUE(told.is_object());
        EXPECT_EQ(told.at("status"), "error");
        EXPECT_EQ(told.at("code"), json::value(code));
        EXPECT_EQ(client.next_of("phx_close"), json::object{});
    }

    services::IssuedKey issue(std::string_view id) {
        return services::issue_key(control(),
                                   {.owner = {tenant(id)}, .name = "tests", .role = Role::viewer})
            .value();
    }
};

TEST_F(RealtimeIsolationTest, NothingThatATenantGetsDependsOnAnother) {
    make_lead("birch");
    const auto alone = without_ids(seen_by_birch([] {}));
    auto acme = live(token("acme"));
    auto acme2 = live(token("acme"));
    int n = 0;
    for (auto* client : {&acme, &acme2})
        client->join(
            "room",
            R"({"presence":{"key":"k","enabled":true},"broadcast":{"self":true},"postgres_changes":[{"event":"*","schema":"public"}]})");
    const auto beside = without_ids(seen_by_birch([&] {
        make_lead("acme", fmt::format(R"("first_name":"Secret{}")", ++n));
        acme.push("room", "broadcast", R"({"event":"hey","payload":"secret"})");
        acme2.push("room", "presence",
                   fmt::format(R"({{"event":"track","payload":{{"n":{}}}}})", n));
        EXPECT_EQ(ask({.method = "POST",
                       .target = "/realtime/v1/api/broadcast",
                       .token = token("acme"),
                       .body = R"({"messages":[{"topic":"room","event":"a","payload":"secret"}]})"})
                      .status,
                  202);
        acme2.until_now();
    }));
    EXPECT_EQ(beside, alone);
    EXPECT_NE(alone.find("postgres_changes"), std::string::npos);
    EXPECT_NE(alone.find("presence_diff"), std::string::npos);
    EXPECT_EQ(beside.find("ecret"), std::string::npos);
}

TEST_F(RealtimeIsolationTest, ACursorOfAnotherTenantIsOfNoUse) {
    make_lead("acme");
    make_lead("birch");
    auto acme = live(token("acme"));
    acme.follow("db", R"(,"since":0)");
    const auto cursor = acme.next_of("postgres_changes").at("data").at("cursor");
    auto birch = live(token("birch"));
    birch.follow("db", R"(,"since":)" + json::serialize(cursor));
    EXPECT_EQ(birch.next_of("system").at("code"), "resync_required");
}

TEST_F(RealtimeIsolationTest, ATokenOfAnotherTenantClosesTheSocket) {
    auto client = live(token("acme"));
    EXPECT_TRUE(
        client.join("db", "{}", fmt::format(R"(,"access_token":"{}")", token("birch"))).is_null());
    EXPECT_EQ(client.close_code(), 1008U);
    auto other = live(token("acme"));
    other.follow("db");
    other.push("db", "access_token", fmt::format(R"({{"access_token":"{}"}})", token("birch")));
    expect_end(other, "tenant_mismatch");
    EXPECT_EQ(other.close_code(), 1008U);
    EXPECT_FALSE(other.close_reason().empty());
}

TEST_F(RealtimeIsolationTest, ARevokedKeyEndsItsChannels) {
    const auto key = issue("acme");
    auto client = live(key.key.text());
    client.follow("db");
    auto plain = live(key.key.text());
    plain.join("room");
    auto other = live(token("acme"));
    other.follow("db");
    control().revoke_key(key.record.id, std::nullopt).value();
    expect_end(client, "token_invalid");
    expect_end(plain, "token_invalid");
    EXPECT_EQ(client.join("db").at("status"), "error");
    make_lead("acme");
    EXPECT_TRUE(other.next_of("postgres_changes").is_object());
}

TEST_F(RealtimeIsolationTest, ARemovedMemberIsToldNothingMore) {
    const auto member =
        control().create_member(tenant("acme"), "m@example.com", "M", Role::admin).value();
    auto client = live(token("acme", "admin", member.user.text()));
    client.follow("db");
    control().remove_member(tenant("acme"), "m@example.com").value();
    expect_end(client, "not_a_member");
}

TEST_F(RealtimeIsolationTest, ASuspendedTenantIsToldNothingMore) {
    auto client = live(token("acme"));
    client.follow("db");
    auto other = live(token("birch"));
    other.follow("db");
    control().set_tenant_status(tenant("acme"), auth::TenantStatus::suspended).value();
    expect_end(client, "tenant_unavailable");
    make_lead("birch");
    EXPECT_TRUE(other.next_of("postgres_changes").is_object());
}

TEST_F(RealtimeIsolationTest, ATokenEndsItsChannelUnlessANewOneCame) {
    class Hands final : public Clock {
    public:
        Timestamp now() const override { return at.load(); }
        std::atomic<Timestamp> at{system_clock().now()};
    } clock;
    start(options(), clock);
    const auto until = [&](std::chrono::seconds time) {
        return token_of({.subject = "tester",
                         .tenant = tenant("acme"),
                         .role = "viewer",
                         .expires_at = clock.now() + time});
    };
    const auto brief = until(60s);
    auto client = live(token("acme"));
    client.follow("db", fmt::format(R"(,"access_token":"{}")", brief));
    auto renewed = live(brief);
    renewed.follow("db");
    renewed.push("db", "access_token", fmt::format(R"({{"access_token":"{}"}})", until(600s)));
    renewed.until_now();
    clock.at = clock.now() + 60s;
    expect_end(client, "token_expired");
    make_lead("acme");
    EXPECT_TRUE(renewed.next_of("postgres_changes").is_object());
    renewed.push("db", "access_token", R"({"access_token":"nonsense"})");
    expect_end(renewed, "token_invalid");
    stop();
}

}  // namespace
}  // namespace tenantry::e2e
