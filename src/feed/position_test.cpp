#include "feed/position.hpp"

#include <gtest/gtest.h>

namespace tenantry::feed {
namespace {

TEST(Position, IsWrittenAndReadBack) {
    for (const Position& position :
         {Position{}, Position{"", 7}, Position{"0123456789abcdef", 9'007'199'254'740'993}})
        EXPECT_EQ(parse_position(to_text(position)).value(), position);
    EXPECT_EQ(to_text({"0123456789abcdef", 12}), "0123456789abcdef-12");
    EXPECT_EQ(to_text({}), "0");
}

TEST(Position, WhatIsNoneIsRefused) {
    for (const auto* text :
         {"", "-", "-1", "1-", "x", "1x", " 1", "0123456789abcde-1", "0123456789ABCDEF-1",
          "0123456789abcdef", "0123456789abcdef-", "0123456789abcdef--1", "99999999999999999999"}) {
        const auto position = parse_position(text);
        ASSERT_FALSE(position) << text;
        EXPECT_EQ(position.error().code, Errc::bad_cursor);
    }
}

}  // namespace
}  // namespace tenantry::feed
