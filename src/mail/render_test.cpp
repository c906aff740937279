#include "render.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ranges>

namespace tenantry::mail {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

Address address(std::string_view text) { return Address::parse(text).value(); }

Options options() {
    return {
        .url = "smtp://localhost", .from = address("noreply@example.com"), .from_name = "Tenantry"};
}

Message message(std::string subject, std::string text = "") {
    return {
        .to = address("ada@example.org"), .subject = std::move(subject), .text = std::move(text)};
}

std::string rendered(const Message& given, const Options& under = options()) {
    EXPECT_TRUE(check(given));
    return render(given, under, parse_timestamp("2026-01-05T00:16:17.25Z").value(),
                  parse_uuid("01890a5d-ac96-774b-bcce-b302099a8057").value());
}

std::string header_of(const std::string& text, const std::string& name) {
    const auto start = text.find(name + ": ");
    if (start == std::string::npos) return "(none)";
    auto end = text.find("\r\n", start);
    while (text.compare(end + 2, 1, " ") == 0) end = text.find("\r\n", end + 2);
    return text.substr(start + name.size() + 2, end - start - name.size() - 2);
}

std::string body_of(const std::string& text) { return text.substr(text.find("\r\n\r\n") + 4); }

TEST(Render, SaysWhatMailMustSay) {
    EXPECT_EQ(rendered(message("Welcome", "Hello!\n")),
              "Date: Mon, 05 Jan 2026 00:16:17 +0000\r\n"
              "From: \"Tenantry\"\r\n <noreply@example.com>\r\n"
              "To: ada@example.org\r\n"
              "Subject: Welcome\r\n"
              "Message-ID: <01890a5d-ac96-774b-bcce-b302099a8057@example.com>\r\n"
              "Auto-Submitted: auto-generated\r\n"
              "MIME-Version: 1.0\r\n"
              "Content-Type: text/plain; charset=utf-8\r\n"
              "Content-Transfer-Encoding: quoted-printable\r\n"
              "\r\n"
              "Hello!\r\n");
}

TEST(Render, AMessageMayHaveASenderOfItsOwn) {
    auto given = message("s");
    given.from = address("help@acme.example");
    EXPECT_EQ(header_of(rendered(given), "From"), "help@acme.example");
    given.from_name = R"(The "Acme" \ Co)";
    EXPECT_EQ(header_of(rendered(given), "From"),
              "\"The \\\"Acme\\\" \\\\ Co\"\r\n <help@acme.example>");
    EXPECT_THAT(header_of(rendered(given), "Message-ID"), HasSubstr("@acme.example>"));
}

TEST(Render, ANameFullOfQuotesIsEncoded) {
    auto given = message("s");
    given.from = address("help@acme.example");
    given.from_name = std::string(40, '"');
    EXPECT_EQ(header_of(rendered(given), "From").substr(0, 14), "=?UTF-8?B?IiIi");
}

TEST(Render, WordsThatAreNotAsciiAreEncoded) {
    EXPECT_EQ(header_of(rendered(message("Grüße")), "Subject"), "=?UTF-8?B?R3LDvMOfZQ==?=");
    auto under = options();
    under.from_name = "Żółw";
    EXPECT_EQ(header_of(rendered(message("s"), under), "From"),
              "=?UTF-8?B?xbvDs8WCdw==?=\r\n <noreply@example.com>");
}

TEST(Render, WhatLooksEncodedOrIsLongIsEncodedToo) {
    EXPECT_EQ(header_of(rendered(message("=?UTF-8?B?aGk=?=")), "Subject"),
              "=?UTF-8?B?PT9VVEYtOD9CP2FHaz0/PQ==?=");
    EXPECT_EQ(header_of(rendered(message(std::string(61, 'x'))), "Subject").substr(0, 10),
              "=?UTF-8?B?");
    EXPECT_EQ(header_of(rendered(message(" x")), "Subject"), "=?UTF-8?B?IHg=?=");
}

TEST(Render, NoLineIsTooLongAndNoCharacterIsCut) {
    std::string subject;
    while (subject.size() + 3 <= Message::subject_bytes_max) subject += "€";
    auto under = options();
    under.from_name = subject.substr(0, 126);
    const auto text = rendered(message(subject, subject + subject + " \t"), under);
    for (const auto line : std::views::split(text, "\r\n"s))
        EXPECT_LE(line.size(), 76U) << std::string_view{line};
    EXPECT_EQ(header_of(text, "Subject").find("?B?4oKs4oKs"), 7U);
    for (const char c : text) EXPECT_TRUE(c == '\r' || c == '\n' || (c >= ' ' && c <= '~'));
}

TEST(Render, TextIsQuotedPrintable) {
    EXPECT_EQ(body_of(rendered(message("s", "1 = 1\n"))), "1 =3D 1\r\n");
    EXPECT_EQ(body_of(rendered(message("s", "ü\n"))), "=C3=BC\r\n");
    EXPECT_EQ(body_of(rendered(message("s", "end \nof\t\nline"))), "end=20\r\nof=09\r\nline\r\n");
    EXPECT_EQ(body_of(rendered(message("s", "a\r\nb\rc\n\n"))), "a\r\nb=0Dc\r\n\r\n");
    EXPECT_EQ(body_of(rendered(message("s", ""))), "");
    EXPECT_EQ(body_of(rendered(message("s", std::string(76, 'x')))),
              std::string(75, 'x') + "=\r\nx\r\n");
}

TEST(Check, NoFieldCanBeginAnotherLine) {
    for (const auto& bad : {"a\r\nBcc: eve@example.com"s, "a\nb"s, "a\rb"s, "a\0b"s, "a\x7f"s,
                            "a\tb"s, "\xff"s, "\xed\xa0\x80"s}) {
        EXPECT_EQ(check(message(bad)).error().field, "subject") << bad;
        auto given = message("s");
        given.from_name = bad;
        EXPECT_EQ(check(given).error().field, "from_name") << bad;
    }
    EXPECT_EQ(check(message("s", "a\0b"s)).error().field, "text");
    EXPECT_EQ(check(message("s", "\xff")).error(),
              fail(Errc::bad_value, "a text must be at most 1 MiB of UTF-8 without NUL", "text"));
}

TEST(Check, SizesHaveAMaximum) {
    EXPECT_TRUE(check(message(std::string(Message::subject_bytes_max, 'x'))));
    EXPECT_FALSE(check(message(std::string(Message::subject_bytes_max + 1, 'x'))));
    EXPECT_TRUE(check(message("s", std::string(Message::text_bytes_max, 'x'))));
    EXPECT_FALSE(check(message("s", std::string(Message::text_bytes_max + 1, 'x'))));
    auto given = message("s");
    given.from_name = std::string(Message::name_bytes_max + 1, 'x');
    EXPECT_FALSE(check(given));
}

}  // namespace
}  // namespace tenantry::mail
