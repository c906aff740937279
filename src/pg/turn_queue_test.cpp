#include "pg/turn_queue.hpp"

#include <gtest/gtest.h>

namespace tenantry::pg {
namespace {

TEST(TurnQueue, ServesTenantsInTurnAndEachInItsOrder) {
    TurnQueue<int> queue{10};
    for (const int item : {1, 2, 3}) queue.push("a", item);
    queue.push("b", 10);
    queue.push("c", 20);
    std::vector<int> served;
    while (!queue.empty()) served.push_back(*queue.pop());
    EXPECT_EQ(served, (std::vector{1, 10, 20, 2, 3}));
}

TEST(TurnQueue, ATurnMayBeSeveralItems) {
    TurnQueue<int> queue{10, 2};
    for (const int item : {1, 2, 3}) queue.push("a", item);
    queue.push("b", 10);
    std::vector<int> served;
    while (!queue.empty()) served.push_back(*queue.pop());
    EXPECT_EQ(served, (std::vector{1, 2, 10, 3}));
}

TEST(TurnQueue, WhoseNextDoesNotFitKeepsItsTurn) {
    TurnQueue<int> queue{10};
    queue.push("a", 1);
    queue.push("b", 10);
    queue.push("c", 20);
    const auto fits = [](int item) { return item >= 10; };
    EXPECT_EQ(queue.pop_if(fits), 10);
    queue.push("b", 11);
    EXPECT_EQ(queue.pop(), 1);
    EXPECT_EQ(queue.pop_if([](int) { return false; }), std::nullopt);
    EXPECT_EQ(queue.pop(), 20);
    EXPECT_EQ(queue.size(), 1U);
}

TEST(TurnQueue, WhatComesBackIsItsTenantsNext) {
    TurnQueue<int> queue{1};
    queue.push("a", 2);
    EXPECT_TRUE(queue.full());
    queue.push_front("a", 1);
    EXPECT_EQ(queue.pop(), 1);
    EXPECT_EQ(queue.pop(), 2);
}

TEST(TurnQueue, ItemsCanBeTakenOutOfTheMiddle) {
    TurnQueue<int> queue{10};
    for (const int item : {1, 2, 3}) queue.push("a", item);
    queue.push("b", 4);
    EXPECT_EQ(queue.extract([](int item) { return item % 2 == 0; }), (std::vector{2, 4}));
    EXPECT_EQ(queue.size(), 2U);
    EXPECT_EQ(queue.pop(), 1);
    EXPECT_EQ(queue.pop(), 3);
    EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace tenantry::pg
