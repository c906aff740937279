#include "turns.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <gtest/gtest.h>

#include <string>

namespace tenantry::http {
namespace {

using namespace std::chrono_literals;

constexpr TurnLoad::Time start{1000h};

TEST(TurnLoadTest, WhoAsksNowAndThenIsNeverHeavy) {
    TurnLoad load;
    for (auto now = start; now < start + 1s; now += 10ms) {
        load.add(200us, now);
        EXPECT_FALSE(load.heavy(now));
    }
}

TEST(TurnLoadTest, WhoKeepsTheThreadBusyIsHeavyAndRecovers) {
    TurnLoad load;
    auto now = start;
    for (; now < start + 5ms; now += 20us) load.add(20us, now);
    EXPECT_TRUE(load.heavy(now));
    EXPECT_FALSE(load.heavy(now + 5ms));
    EXPECT_FALSE(load.heavy(now + 100h));
}

TEST(TurnLoadTest, OneRequestHoweverLongMakesNobodyHeavy) {
    TurnLoad load;
    load.add(10s, start);
    EXPECT_FALSE(load.heavy(start));
}

boost::asio::awaitable<void> note(Turns& turns, std::size_t who, char name, std::string& order) {
    co_await turns.wait(who);
    order += name;
}

TEST(TurnsTest, SlotsTakeTurnsWhateverTheyBrought) {
    boost::asio::io_context context;
    Turns turns{context};
    std::string order;
    for (const char name : std::string{"123456"})
        boost::asio::co_spawn(context, note(turns, 7, name, order), boost::asio::detached);
    for (const char name : std::string{"xy"})
        boost::asio::co_spawn(context, note(turns, 8, name, order), boost::asio::detached);
    context.run();
    EXPECT_EQ(order, "1x2y3456");
}

TEST(TurnsTest, WhatArrivesInBetweenIsServedAfterAFewTurns) {
    boost::asio::io_context context;
    Turns turns{context, 0us};
    std::string order;
    for (const char name : std::string{"123456789"})
        boost::asio::co_spawn(context, note(turns, 7, name, order), boost::asio::detached);
    context.poll_one();  // the first waits
    while (order.empty()) context.poll_one();
    boost::asio::post(context, [&] { order += '!'; });
    context.run();
    EXPECT_LE(order.find('!'), 3U);
    EXPECT_EQ(order.size(), 10U);
}

TEST(TurnsTest, NobodyInParticularIsNeverHeavy) {
    boost::asio::io_context context;
    Turns turns{context};
    for (int i = 0; i < 100; ++i) turns.used(0, 200us, start);
    EXPECT_FALSE(turns.heavy(0, start));
    for (int i = 0; i < 100; ++i) turns.used(5, 200us, start);
    EXPECT_TRUE(turns.heavy(5, start));
    EXPECT_FALSE(turns.heavy(6, start));
}

}  // namespace
}  // namespace tenantry::http
