#include "mail/smtp.hpp"

#include <gtest/gtest.h>

#include <type_traits>

namespace tenantry::mail {
namespace {

static_assert(!std::is_constructible_v<Address, std::string>);
static_assert(!std::is_copy_constructible_v<Password>);

TEST(Address, IsOneMailbox) {
    for (const auto* text : {"ada@example.com", "a.b+c@mail.example.co.uk", "ünï@example.com"})
        EXPECT_EQ(Address::parse(text).value().text(), text);
    EXPECT_EQ(Address::parse("ada@mail.example.com").value().domain(), "mail.example.com");
}

TEST(Address, WhatCouldEndALineOrNameASecondRecipientIsRefused) {
    using namespace std::string_view_literals;
    for (const auto text :
         {"ada@example.com\r\nBcc: eve@example.com"sv, "ada@example.com\n"sv, "ada@example.com\r"sv,
          "ada\0@example.com"sv, "ada@example.com\0"sv, "ada@example.com,eve@example.com"sv,
          "ada@example.com eve@example.com"sv, "Ada <ada@example.com>"sv, "<ada@example.com>"sv,
          "\"ada\"@example.com"sv, "ada@eve@example.com"sv, "ada"sv, "@example.com"sv, "ada@"sv,
          ""sv, " ada@example.com"sv, "ada@example.com> SIZE=1"sv, "ada\xff@example.com"sv}) {
        const auto refused = Address::parse(text);
        ASSERT_FALSE(refused) << text;
        EXPECT_EQ(refused.error().code, Errc::bad_value);
        EXPECT_EQ(refused.error().message.find("eve"), std::string::npos);
    }
}

TEST(Address, Has254BytesAtMost) {
    const std::string longest = "a@" + std::string(63, 'b') + "." + std::string(63, 'c') + "." +
                                std::string(63, 'd') + "." + std::string(60, 'e');
    ASSERT_EQ(longest.size(), 254U);
    EXPECT_TRUE(Address::parse(longest));
    EXPECT_FALSE(Address::parse("a" + longest));
}

TEST(Password, IsGoneWhereItWasMovedFrom) {
    for (const auto* text :
         {"short", "one that is too long to stand within a string's own bytes"}) {
        Password first{text};
        Password second{std::move(first)};
        EXPECT_EQ(first.bytes(), "");  // NOLINT(bugprone-use-after-move): that is what is asked
        EXPECT_EQ(second.bytes(), text);
        first = std::move(second);
        EXPECT_EQ(second.bytes(), "");  // NOLINT(bugprone-use-after-move): likewise
        EXPECT_EQ(first.bytes(), text);
    }
}

}  // namespace
}  // namespace tenantry::mail
