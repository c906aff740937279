#include "schema/json_query.hpp"

#include "schema/json.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace tenantry::schema {
namespace {

namespace json = boost::json;

json::value read(std::string_view text) { return read_json(text).value(); }

std::string at(std::string_view text, std::vector<std::string> steps) {
    const auto document = read(text);
    const auto* found = find_in(document, steps);
    if (found == nullptr) return "none";
    std::string out;
    append_json(out, *found);
    return out;
}

TEST(JsonQuery, StringsComeInTheOrderOfJsonb) {
    const auto document = read(R"({"bb":["x",{"c":"y"}],"a":"z","n":1,"t":true})");
    EXPECT_EQ(strings_in(document), (std::vector<std::string_view>{"z", "x", "y"}));
    EXPECT_EQ(strings_in(read(R"("alone")")).size(), 1U);
    EXPECT_TRUE(strings_in(read("[1,null]")).empty());
}

TEST(JsonQuery, TextIsAStringsOwnOrJsonbs) {
    EXPECT_EQ(text_of(read(R"("a\"b")")), "a\"b");
    EXPECT_EQ(text_of(read(R"({"a":[1,true]})")), R"({"a": [1, true]})");
}

TEST(JsonQuery, StepsLeadToMembersAndElements) {
    constexpr std::string_view text = R"({"a":[{"b":1},null,"x"],"0":"zero"})";
    EXPECT_EQ(at(text, {"a", "0", "b"}), "1");
    EXPECT_EQ(at(text, {"a", "-1"}), R"("x")");
    EXPECT_EQ(at(text, {"a", "1"}), "null");
    EXPECT_EQ(at(text, {"0"}), R"("zero")");
    EXPECT_EQ(at(text, {"a", "3"}), "none");
    EXPECT_EQ(at(text, {"a", "-4"}), "none");
    EXPECT_EQ(at(text, {"a", "x"}), "none");
    EXPECT_EQ(at(text, {"a", "0", "b", "c"}), "none");
}

TEST(JsonQuery, OrdersAsJsonbDoes) {
    const std::vector<std::string_view> rising{"[]",          "null",       R"("")",
                                               R"("a")",      R"("b")",     "-1",
                                               "0.5",         "1",          "9007199254740993",
                                               "1e300",       "false",      "true",
                                               "[null]",      "[2]",        "[[]]",
                                               "[1,1]",       "{}",         R"({"a":null})",
                                               R"({"a":1})",  R"({"a":2})", R"({"a":[]})",
                                               R"({"aa":0})", R"({"b":1})", R"({"a":0,"b":0})"};
    for (std::size_t i = 0; i < rising.size(); ++i) {
        for (std::size_t j = 0; j < rising.size(); ++j) {
            const auto expected = i < j ? -1 : i > j ? 1 : 0;
            EXPECT_EQ(compare_json(read(rising[i]), read(rising[j])), expected)
                << rising[i] << " " << rising[j];
        }
    }
    EXPECT_EQ(compare_json(read("1"), read("1.0")), 0);
}

TEST(JsonQuery, HoldsAsJsonbDoes) {
    struct Case {
        std::string_view a;
        std::string_view b;
        bool holds;
    };
    for (const auto& [a, b, holds] : std::initializer_list<Case>{
             {R"({"a":1,"b":2})", R"({"a":1})", true},
             {R"({"a":1})", R"({"a":1,"b":2})", false},
             {R"({"a":{"b":[1,2]}})", R"({"a":{"b":[2]}})", true},
             {R"({"a":{"b":[1,2]}})", R"({"b":[2]})", false},
             {"[1,2,3]", "[3,1,1]", true},
             {"[1,[2,3]]", "[2]", false},
             {"[[1,2],3]", "[[1]]", true},
             {R"(["foo","bar"])", R"("bar")", true},
             {R"("bar")", R"(["bar"])", false},
             {R"({"a":[1]})", R"({"a":1})", false},
             {"[1.0]", "[1]", true},
             {"[{}]", "{}", false},
             {"{}", "{}", true},
             {"null", "null", true},
         }) {
        EXPECT_EQ(json_holds(read(a), read(b)), holds) << a << " @> " << b;
    }
}

}  // namespace
}  // namespace tenantry::schema
