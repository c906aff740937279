#include "strict_json.hpp"

#include <boost/json/serialize.hpp>

#include <gtest/gtest.h>

namespace tenantry::auth {
namespace {

std::string nested_object(int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += R"({"a":)";
    text += '1';
    return text + std::string(static_cast<std::size_t>(depth), '}');
}

TEST(StrictJson, ReadsObjects) {
    for (const std::string_view text :
         {R"({})", R"({"a":1})", R"({"a":{"a":{"a":[{"a":1},{"a":2}]}}})",
          R"({"a":"é","b":[1,-2,true,false,null,"x",[],{}]})"}) {
        const auto object = parse_unambiguous_object(text);
        ASSERT_TRUE(object) << text;
        EXPECT_EQ(boost::json::serialize(*object), text);
    }
    EXPECT_TRUE(parse_unambiguous_object(" \n{ \"a\" : 1 }\t "));
    EXPECT_TRUE(parse_unambiguous_object(nested_object(32)));
}

TEST(StrictJson, RefusesRepeatedNamesAtAnyDepth) {
    for (const std::string_view text :
         {R"({"a":1,"a":1})", R"({"a":1,"b":2,"a":3})", R"({"a":{"b":1,"b":2}})",
          R"({"a":[{"b":1,"b":1}]})", R"({"a":[[[{"b":{"c":1,"c":2}}]]]})",
          R"({"a":{"x":1,"x":2},"a":{"x":1}})",
          R"({"exp":1,"\u0065xp":2})"}) {  // the same name, written in another way
        EXPECT_FALSE(parse_unambiguous_object(text)) << text;
    }
}

TEST(StrictJson, RefusesEverythingElse) {
    for (const std::string_view text : {"",
                                        " ",
                                        "null",
                                        "1",
                                        "\"a\"",
                                        "[]",
                                        "[{}]",
                                        "{",
                                        "{}}",
                                        "{} x",
                                        "{}{}",
                                        "{\"a\":1,}",
                                        "{a:1}",
                                        "{'a':1}",
                                        "{\"a\":01}",
                                        "{\"a\":NaN}",
                                        "{\"a\":1} // no",
                                        "/* no */{}",
                                        "\xEF\xBB\xBF{}",
                                        "{\"a\":\"\xFF\"}",
                                        "{\"a\":\"\xC0\x80\"}",
                                        "{\"a\":\"\xED\xA0\x80\"}",
                                        "{\"a\":\"\\ud800\"}",
                                        "{\"a\":\"line\nbreak\"}"}) {
        EXPECT_FALSE(parse_unambiguous_object(text)) << text;
    }
    using namespace std::string_view_literals;
    EXPECT_FALSE(parse_unambiguous_object("{}\0"sv));
    EXPECT_FALSE(parse_unambiguous_object("{\"a\0\":1}"sv));
    EXPECT_FALSE(parse_unambiguous_object(nested_object(33)));
    EXPECT_FALSE(parse_unambiguous_object(nested_object(100'000)));
}

}  // namespace
}  // namespace tenantry::auth
