#include "mail/smtp.hpp"

#include <gtest/gtest.h>

// With a real server: tests/mail.

namespace tenantry::mail {
namespace {

using std::chrono::milliseconds;

Options options() {
    return {.url = "smtp://mail.example.com:587", .from = Address::parse("a@example.com").value()};
}

Error refusal_of(Options given) {
    const auto made = Smtp::make(std::move(given));
    EXPECT_FALSE(made);
    EXPECT_EQ(made.error().code, Errc::bad_configuration);
    return made.error();
}

TEST(SmtpOptions, UserAndPasswordGoTogether) {
    auto given = options();
    given.user = "ada";
    EXPECT_EQ(refusal_of(std::move(given)).field, "user");
    given = options();
    given.password = Password{"hunter2"};
    const auto refused = refusal_of(std::move(given));
    EXPECT_EQ(refused.field, "user");
    EXPECT_EQ(refused.message.find("hunter2"), std::string::npos);
}

TEST(SmtpOptions, WhatCouldNotBeSentIsRefused) {
    using namespace std::string_literals;
    auto given = options();
    given.user = "a\r\nRCPT TO:<eve@example.com>";
    given.password = Password{"p"};
    EXPECT_EQ(refusal_of(std::move(given)).field, "user");
    given = options();
    given.user = "a";
    given.password = Password{"a\0b"s};
    EXPECT_EQ(refusal_of(std::move(given)).field, "password");
    given = options();
    given.from_name = "a\nb";
    EXPECT_EQ(refusal_of(std::move(given)).field, "from_name");
    given = options();
    given.url = "smtp://";
    EXPECT_EQ(refusal_of(std::move(given)).field, "url");
}

TEST(SmtpOptions, AuthoritiesMustBeThere) {
    auto given = options();
    given.ca_file = "/nowhere/ca.pem";
    EXPECT_EQ(refusal_of(std::move(given)).field, "ca_file");
}

TEST(SmtpOptions, TimesAreLimited) {
    auto given = options();
    given.timeout = milliseconds{0};
    EXPECT_EQ(refusal_of(std::move(given)).field, "timeout");
    given = options();
    given.connect_timeout = std::chrono::hours{2};
    EXPECT_EQ(refusal_of(std::move(given)).field, "timeout");
}

TEST(Smtp, PastTheDeadlineNobodyIsCalled) {
    const auto smtp = Smtp::make(options()).value();
    const auto sent = smtp.send({.to = Address::parse("b@example.com").value()}, Deadline{});
    EXPECT_EQ(sent.error().code, Errc::deadline_exceeded);
}

TEST(Smtp, StoppedItTakesNoMore) {
    auto smtp = Smtp::make(options()).value();
    smtp.stop();
    const auto sent = smtp.send({.to = Address::parse("b@example.com").value()},
                                std::chrono::steady_clock::now() + std::chrono::hours{1});
    EXPECT_EQ(sent.error().code, Errc::shutting_down);
}

}  // namespace
}  // namespace tenantry::mail
