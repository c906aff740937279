#include "body.hpp"

#include "base/limits.hpp"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

namespace tenantry::http {
namespace {

std::string parsed(std::string_view text) {
    const auto value = parse_object(text);
    if (value) return boost::json::serialize(*value);
    return std::string{code_of(value.error().code)} + " " + value.error().field;
}

TEST(Body, ObjectsAreReadAsTheyStand) {
    for (
        const auto* text :
        {"{}",
         R"({"a":1,"b":-2,"c":18446744073709551615,"d":1.5E0,"e":"x","f":true,"g":false,"h":null,"i":[],"j":[1,[2],{"k":{}}]})",
         R"({"a":{"x":1},"b":{"x":2},"x":3})", R"([1])"}) {
        if (*text == '[') continue;
        EXPECT_EQ(parsed(text), text);
    }
    EXPECT_EQ(parsed(R"( { "\u0061\n" : "\ud83d\ude00é" } )"), "{\"a\\n\":\"😀é\"}");
}

TEST(Body, LongStringsAndManyMembersAreRead) {
    std::string text = "{\"long\":\"" + std::string(100'000, 'x') + "\"";
    for (int i = 0; i < 1000; ++i)
        text += ",\"member" + std::to_string(i) + "\":[" + std::to_string(i) + "]";
    text += "}";
    EXPECT_EQ(parsed(text), text);
}

TEST(Body, WhatIsNoJsonIsRefused) {
    for (const auto* text : {"",
                             " ",
                             "{",
                             "}",
                             "{\"a\"",
                             "{\"a\":}",
                             "{\"a\":1,}",
                             "{'a':1}",
                             "{a:1}",
                             "{\"a\":01}",
                             "{\"a\":+1}",
                             "{\"a\":.5}",
                             "{\"a\":NaN}",
                             "{\"a\":1}x",
                             "{}{}",
                             "{\"a\":\"\n\"}",
                             "{\"a\":\"\\x\"}",
                             "{\"a\":\"\\ud800\"}",
                             "{\"a\":1 /* c */}",
                             "[1]",
                             "1",
                             "\"a\"",
                             "null",
                             "\xEF\xBB\xBF{}"}) {
        EXPECT_EQ(parsed(text), "bad_json ") << text;
    }
}

TEST(Body, WhatIsNoCleanUtf8IsRefused) {
    using namespace std::string_view_literals;
    for (const auto text :
         {"{\"a\":\"\xff\"}"sv, "{\"\xc0\xaf\":1}"sv, "{\"a\":\"\0\"}"sv, "\xff\xfe{\0}\0"sv}) {
        EXPECT_EQ(parsed(text), "bad_utf8 ") << text;
    }
}

TEST(Body, NamesThatStandTwiceInOneObjectAreRefused) {
    EXPECT_EQ(parsed(R"({"a":1,"a":1})"), "bad_json a");
    EXPECT_EQ(parsed(R"({"a":1,"b":2,"\u0061":3})"), "bad_json a");
    EXPECT_EQ(parsed(R"({"x":[{"b":{"c":1,"c":2}}]})"), "bad_json c");
    EXPECT_EQ(parsed(R"({"":1,"":2})"), "bad_json ");
    EXPECT_EQ(parsed("{\"" + std::string(100, 'k') + "\":1,\"" + std::string(100, 'k') + "\":1}"),
              "bad_json " + std::string(64, 'k'));
}

TEST(Body, DepthIsLimited) {
    const auto nested = [](std::size_t depth) {
        return "{\"a\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
    };
    EXPECT_EQ(parsed(nested(limits::json_depth_max)), nested(limits::json_depth_max));
    EXPECT_EQ(parsed(nested(limits::json_depth_max + 1)), "too_deep ");
    EXPECT_EQ(parsed(std::string(100'000, '[')), "too_deep ");
}

TEST(Body, ErrorsSayWhere) {
    EXPECT_EQ(parse_object("{\"a\":x}").error().message,
              "the body is not JSON: syntax error near byte 5");
    EXPECT_EQ(parse_object("{\"a\":").error().message, "the body ends before its JSON does");
}

TEST(ContentType, JsonIsAskedFor) {
    for (const auto* type :
         {"application/json", "Application/JSON", "application/json; charset=utf-8",
          "application/json;charset=\"UTF-8\"", "application/json ;"}) {
        EXPECT_TRUE(check_content_type(Request{.content_type = type})) << type;
    }
    for (const auto* type :
         {"", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16",
          "application/jsonp", "application/json, text/plain", "multipart/form-data; boundary=x"}) {
        const auto checked = check_content_type(Request{.content_type = type});
        ASSERT_FALSE(checked) << type;
        EXPECT_EQ(checked.error().code, Errc::unsupported_media_type);
    }
}

}  // namespace
}  // namespace tenantry::http
