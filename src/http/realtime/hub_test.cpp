#include "hub.hpp"

#include "event_rate.hpp"
#include "outbox.hpp"

#include <gtest/gtest.h>

namespace tenantry::http::realtime {
namespace {

TEST(Presence, TracksAndUntracks) {
    Presence presence{1000};
    EXPECT_EQ(presence.state(), "{}");
    EXPECT_EQ(presence.track(1, "ada", R"({"at":"desk"})").value(),
              R"({"joins":{"ada":{"metas":[{"phx_ref":"1","at":"desk"}]}},"leaves":{}})");
    EXPECT_EQ(presence.track(2, "ada", "{}").value(),
              R"({"joins":{"ada":{"metas":[{"phx_ref":"2"}]}},"leaves":{}})");
    EXPECT_EQ(presence.state(),
              R"({"ada":{"metas":[{"phx_ref":"1","at":"desk"},{"phx_ref":"2"}]}})");
    EXPECT_EQ(presence.track(1, "ada", R"({"at":"lunch"})").value(),
              R"({"joins":{"ada":{"metas":[{"phx_ref":"3","at":"lunch"}]}},)"
              R"("leaves":{"ada":{"metas":[{"phx_ref":"1","at":"desk"}]}}})");
    EXPECT_EQ(presence.untrack(2), R"({"joins":{},"leaves":{"ada":{"metas":[{"phx_ref":"2"}]}}})");
    EXPECT_EQ(presence.untrack(2), "");
    EXPECT_EQ(presence.untrack(7), "");
}

TEST(Presence, HasBounds) {
    Presence presence{59};
    EXPECT_TRUE(presence.track(1, "ada", R"({"at":"desk"})"));
    EXPECT_FALSE(presence.track(2, "bob", R"({"at":"desk"})"));
    EXPECT_TRUE(presence.track(1, "ada", R"({"at":"lunch"})"));
    presence.untrack(1);
    EXPECT_TRUE(presence.track(2, "bob", R"({"at":"desk"})"));
}

TEST(EventRate, FillsUpAgain) {
    using namespace std::chrono_literals;
    EventRate rate{2};
    auto now = EventRate::Time{} + 1h;
    EXPECT_TRUE(rate.admit(now));
    EXPECT_TRUE(rate.admit(now));
    EXPECT_FALSE(rate.admit(now));
    now += 500ms;
    EXPECT_TRUE(rate.admit(now));
    EXPECT_FALSE(rate.admit(now));
}

TEST(Outbox, IsBounded) {
    auto budget = std::make_shared<Budget>(100);
    {
        Outbox outbox{10, budget};
        EXPECT_TRUE(outbox.offer({"twelve", "letter"}));  // alone
        EXPECT_FALSE(outbox.offer({"x"}));
        EXPECT_FALSE(outbox.push("x"));
        outbox.force("!");
        EXPECT_EQ(outbox.bytes(), 13U);
        EXPECT_EQ(outbox.next(), "twelveletter!");
        outbox.sent(12);
        EXPECT_EQ(outbox.next(), "!");
        EXPECT_TRUE(outbox.offer({"abc"}));
        EXPECT_TRUE(outbox.push("a long one"));
        EXPECT_FALSE(outbox.push("another"));
        EXPECT_EQ(outbox.next(), "!");
        outbox.sent(1);
        outbox.drop_waiting();
        EXPECT_EQ(outbox.next(), "");
        EXPECT_TRUE(outbox.offer({"left"}));
        EXPECT_EQ(budget->used(), 4U);
    }
    EXPECT_EQ(budget->used(), 0U);
}

TEST(Outbox, SharesItsTenantsBound) {
    auto budget = std::make_shared<Budget>(10);
    Outbox one{100, budget};
    Outbox other{100, budget};
    EXPECT_TRUE(one.offer({"12345678"}));
    EXPECT_TRUE(other.offer({"123"})) << "nothing waits there";
    EXPECT_FALSE(other.offer({"4"}));
    EXPECT_FALSE(other.push("4"));
    EXPECT_FALSE(one.push("9"));
    EXPECT_EQ(one.next(), "12345678");
    one.sent(8);
    EXPECT_TRUE(other.push("1"));
}

class Listening final : public Member {
public:
    void deliver(const Message& message) override { got.push_back(message.frames[1].substr(2)); }
    std::vector<std::string> got;
};

class HubTest : public testing::Test {
protected:
    struct Joined {
        std::shared_ptr<Listening> member = std::make_shared<Listening>();
        std::unique_ptr<Membership> membership{};
    };
    Joined join(const std::string& tenant, bool wants_presence = true) {
        Joined joined;
        joined.membership = hub_.join(tenant, "realtime:a", home_, joined.member, wants_presence);
        return joined;
    }
    void run() {
        context_.restart();
        context_.run();
    }

    RealtimeLimits limits_{};
    Hub hub_{limits_};
    boost::asio::io_context context_;
    std::shared_ptr<Home> home_ = hub_.home(context_);
};

TEST_F(HubTest, BroadcastsReachTheOthersOfTheTopic) {
    const auto one = join("acme");
    const auto two = join("acme");
    const auto foreign = join("birch");
    EXPECT_TRUE(one.membership->broadcast(text_message("realtime:a", "broadcast", "1"), false));
    EXPECT_TRUE(one.membership->broadcast(text_message("realtime:a", "broadcast", "2"), true));
    EXPECT_TRUE(hub_.broadcast("acme", "realtime:a", text_message("realtime:a", "broadcast", "3")));
    EXPECT_TRUE(hub_.broadcast("acme", "realtime:b", text_message("realtime:b", "broadcast", "4")));
    run();
    const auto text = [](int n) {
        return R"([null,null,"realtime:a","broadcast",)" + std::to_string(n) + "]";
    };
    EXPECT_EQ(one.member->got, (std::vector{text(2), text(3)}));
    EXPECT_EQ(two.member->got, (std::vector{text(1), text(2), text(3)}));
    EXPECT_TRUE(foreign.member->got.empty());
    EXPECT_EQ(hub_.budget("acme")->used(), 0U);
}

TEST_F(HubTest, PresenceIsToldToWhoWantsItAndEndsWithItsMember) {
    const auto one = join("acme");
    const auto silent = join("acme", false);
    const auto foreign = join("birch");
    {
        const auto two = join("acme");
        EXPECT_TRUE(two.membership->track("k", "{}"));
        EXPECT_EQ(one.membership->presence_state(), R"({"k":{"metas":[{"phx_ref":"1"}]}})");
        EXPECT_EQ(foreign.membership->presence_state(), "{}");
    }
    run();
    EXPECT_EQ(one.member->got.size(), 2U);
    EXPECT_TRUE(silent.member->got.empty());
    EXPECT_TRUE(foreign.member->got.empty());
    EXPECT_EQ(one.membership->presence_state(), "{}");
}

TEST_F(HubTest, WhatIsUnderWayIsBounded) {
    limits_.tenant_outbox_bytes_max = 200;
    const auto one = join("acme");
    const std::string long_text = "\"" + std::string(40, 'x') + "\"";
    EXPECT_TRUE(hub_.broadcast("acme", "realtime:a", text_message("realtime:a", "e", long_text)));
    EXPECT_FALSE(hub_.broadcast("acme", "realtime:a", text_message("realtime:a", "e", long_text)));
    run();
    EXPECT_TRUE(hub_.broadcast("acme", "realtime:a", text_message("realtime:a", "e", long_text)));
}

}  // namespace
}  // namespace tenantry::http::realtime
