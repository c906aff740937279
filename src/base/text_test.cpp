#include "base/text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <boost/json.hpp>

namespace tenantry {
namespace {

TEST(Utf8, TakesWellFormedText) {
    for (const std::string_view text :
         {"", "plain", "tab\tand\nline", "é", "ß", "日本語", "😀", "\x7f", "\u0080", "\u07ff",
          "\u0800", "\ud7ff", "\ue000", "\uffff", "\U00010000", "\U0010ffff"}) {
        EXPECT_TRUE(is_clean_utf8(text)) << text;
    }
}

TEST(Utf8, RefusesBrokenSequencesAndNul) {
    using namespace std::string_view_literals;
    const std::string_view bad[] = {
        "\0"sv,
        "a\0b"sv,
        "\x80"sv,  // a continuation alone
        "\xbf"sv,
        "\xc3"sv,  // cut off
        "\xe6\x97"sv,
        "\xf0\x9f\x98"sv,
        "\xc3("sv,
        "\xc0\x80"sv,  // overlong NUL
        "\xc1\xbf"sv,
        "\xe0\x9f\xbf"sv,  // overlong
        "\xf0\x8f\xbf\xbf"sv,
        "\xed\xa0\x80"sv,  // surrogates
        "\xed\xbf\xbf"sv,
        "\xf4\x90\x80\x80"sv,  // past U+10FFFF
        "\xf5\x80\x80\x80"sv,
        "\xfe"sv,
        "\xff"sv,
        "ok\xe9"sv,  // Latin-1
    };
    for (const auto text : bad) EXPECT_FALSE(is_clean_utf8(text)) << testing::PrintToString(text);
}

TEST(Trim, TakesAsciiSpaceFromBothEnds) {
    EXPECT_EQ(trim("  a b \t\r\n\f\v"), "a b");
    EXPECT_EQ(trim(" \t"), "");
    EXPECT_EQ(trim(""), "");
    EXPECT_EQ(trim("\u00a0a"), "\u00a0a");
}

TEST(Case, ConcernsAsciiLettersAlone) {
    EXPECT_EQ(to_lower_ascii("AbC-09_É"), "abc-09_É");
    EXPECT_TRUE(equals_ignoring_case("Bearer", "bEARER"));
    EXPECT_TRUE(equals_ignoring_case("", ""));
    EXPECT_FALSE(equals_ignoring_case("a", "ab"));
    EXPECT_FALSE(equals_ignoring_case("é", "É"));
    EXPECT_FALSE(equals_ignoring_case("@", "`"));
    EXPECT_FALSE(equals_ignoring_case("[", "{"));
}

std::string as_json(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

TEST(JsonString, EscapesWhatItMust) {
    EXPECT_EQ(as_json(""), R"("")");
    EXPECT_EQ(as_json("plain é 日本 😀"), R"("plain é 日本 😀")");
    EXPECT_EQ(as_json("\"\\/"), R"("\"\\/")");
    EXPECT_EQ(as_json("\b\f\n\r\t"), R"("\b\f\n\r\t")");
    EXPECT_EQ(as_json("a\x01z\x1f\x7f"), "\"a\\u0001z\\u001f\x7f\"");
    EXPECT_EQ(as_json(std::string_view{"\0", 1}), R"("\u0000")");
    EXPECT_EQ(as_json("\"\"x"), R"("\"\"x")");
}

// Bytes are looked at eight at a time where they can be.
TEST(JsonString, EscapesWhereverItMust) {
    for (int byte = 0; byte < 256; ++byte) {
        const auto c = static_cast<char>(byte);
        const std::string_view one{&c, 1};
        const auto escaped = as_json(one).substr(1, as_json(one).size() - 2);
        const bool must = byte < 0x20 || c == '"' || c == '\\';
        EXPECT_EQ(escaped != one, must) << byte;
        for (std::size_t before = 0; before < 18; ++before) {
            const std::string start(before, 'x');
            const std::string end(17 - before, '\xff');
            EXPECT_EQ(as_json(start + c + end), '"' + start + escaped + end + '"') << byte;
        }
    }
}

RC_GTEST_PROP(JsonStringProperty, ReadsBack, ()) {
    // Any ASCII, NUL too, among letters of two, three and four bytes.
    std::string text;
    for (const int c : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 134))) {
        if (c < 128) {
            text += static_cast<char>(c);
        } else {
            text += c < 130 ? "é" : c < 132 ? "日" : "😀";
        }
    }
    RC_ASSERT(boost::json::parse(as_json(text)).as_string() == text);
}

TEST(Base64url, HasTheRfcsVectors) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"", ""},
        {"f", "Zg"},
        {"fo", "Zm8"},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg"},
        {"fooba", "Zm9vYmE"},
        {"foobar", "Zm9vYmFy"},
        {"\xff\xfe\xfd", "__79"},
        {"\xfb\xef", "--8"},
    };
    for (const auto& [bytes, text] : cases) {
        EXPECT_EQ(encode_base64url(bytes), text);
        std::string decoded = "something before";
        EXPECT_TRUE(decode_base64url(text, decoded)) << text;
        EXPECT_EQ(decoded, bytes);
    }
}

TEST(Base64url, EachValueHasOneSpelling) {
    std::string decoded;
    for (const std::string_view text : {"Zg==", "Zg=", "Zh", "Zm9", "Z", "Zm9vY", "Z+8v", "Z/8v",
                                        "Zm 8", "Zm8\n", " Zg", "Zm8\xff", "Zm.v"}) {
        EXPECT_FALSE(decode_base64url(text, decoded)) << text;
    }
}

RC_GTEST_PROP(Base64urlProperty, ReadsBack, (const std::string& bytes)) {
    std::string decoded;
    RC_ASSERT(decode_base64url(encode_base64url(bytes), decoded));
    RC_ASSERT(decoded == bytes);
}

RC_GTEST_PROP(Base64urlProperty, WhatDecodesIsSpeltAsItWouldBeEncoded, ()) {
    const auto text =
        *rc::gen::container<std::string>(rc::gen::elementOf(std::string{"ABCDwxyz0189-_AAAAgQw"}));
    std::string decoded;
    if (decode_base64url(text, decoded)) RC_ASSERT(encode_base64url(decoded) == text);
}

TEST(Email, HasALocalPartAndADomainOfTwoLabels) {
    for (const std::string& text :
         {std::string{"a@b.co"}, std::string{"first.last+tag@sub.example.com"},
          std::string{"o'brien@example.ie"}, std::string{"x_y-z@ex-ample.org"},
          std::string{"müller@exämple.de"}, std::string{"1@2.3"},
          std::string(64, 'a') + "@example.com", "a@" + std::string(63, 'b') + ".com"}) {
        EXPECT_TRUE(is_email(text)) << text;
    }
}

TEST(Email, RefusesWhatHasAnotherShape) {
    std::string long_domain = "a@";
    while (long_domain.size() < 255) long_domain += "bbbbbbbbb.";
    long_domain += "com";
    for (const std::string& text : {std::string{},
                                    std::string{"@"},
                                    std::string{"a"},
                                    std::string{"a@"},
                                    std::string{"@b.co"},
                                    std::string{"a@b"},
                                    std::string{"a@b@c.co"},
                                    std::string{"a b@c.co"},
                                    std::string{".a@b.co"},
                                    std::string{"a.@b.co"},
                                    std::string{"a..b@c.co"},
                                    std::string{"a@.co"},
                                    std::string{"a@b."},
                                    std::string{"a@b..co"},
                                    std::string{"a@-b.co"},
                                    std::string{"a@b-.co"},
                                    std::string{"a@b_c.co"},
                                    std::string{"a@b.co\n"},
                                    std::string{" a@b.co"},
                                    std::string{"\"a b\"@c.co"},
                                    std::string{"a@[127.0.0.1]"},
                                    std::string{"a,b@c.co"},
                                    std::string{"a@b.co;"},
                                    std::string{"<a@b.co>"},
                                    std::string(65, 'a') + "@b.co",
                                    "a@" + std::string(64, 'b') + ".com",
                                    long_domain}) {
        EXPECT_FALSE(is_email(text)) << text;
    }
}

}  // namespace
}  // namespace tenantry
