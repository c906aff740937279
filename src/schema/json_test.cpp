#include "schema/json.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <boost/json.hpp>

#include <bit>
#include <cmath>
#include <limits>

namespace tenantry::schema {
namespace {

namespace json = boost::json;

std::string print(const json::value& value) {
    std::string out;
    append_json(out, value);
    return out;
}

TEST(Json, DropsInsignificantSpaceAndKeepsOrder) {
    const auto* text =
        R"( { "b" : [ 1 , null , true , false , "x\"\n" , { } , [ ] ] , "a" : { "é" : "日" } } )";
    EXPECT_EQ(print(json::parse(text)),
              R"({"b":[1,null,true,false,"x\"\n",{},[]],"a":{"é":"日"}})");
}

TEST(Json, WritesNumbersAsPeopleDo) {
    const std::pair<const char*, std::string_view> cases[] = {
        {"0", "0"},
        {"-0", "0"},
        {"1.5", "1.5"},
        {"-12.25", "-12.25"},
        {"87.55", "87.55"},
        {"0.1", "0.1"},
        {"1.0", "1.0"},
        {"-0.0", "-0.0"},
        {"1E2", "100.0"},
        {"1e300", "1e+300"},
        {"1e-7", "1e-07"},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"18446744073709551615", "18446744073709551615"},
    };
    for (const auto& [text, printed] : cases) EXPECT_EQ(print(json::parse(text)), printed);
}

TEST(Json, HasNoInfinities) {
    EXPECT_EQ(print(std::numeric_limits<double>::infinity()), "null");
    EXPECT_EQ(print(-std::numeric_limits<double>::infinity()), "null");
    EXPECT_EQ(print(std::nan("")), "null");
}

TEST(Json, Appends) {
    std::string out = "x=";
    append_json(out, json::value(1));
    EXPECT_EQ(out, "x=1");
}

TEST(ReadJson, ReadsDocuments) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {" null ", "null"},
        {"-1.5", "-1.5"},
        {"[-0.30000000000000004,1e-400,98.210412411849977]",
         "[-0.30000000000000004,0.0,98.21041241184997]"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"18446744073709551616", "18446744073709551616.0"},
        {R"({"a":1,"a":2})", R"({"a":2})"},
        {R"({"\u00e9\n":"\ud83d\ude00 and more"})", R"({"é\n":"😀 and more"})"},
        {R"([[],{},"",true,false])", R"([[],{},"",true,false])"},
    };
    for (const auto& [text, printed] : cases)
        EXPECT_EQ(print(read_json(text).value()), printed) << text;
    EXPECT_EQ(read_json("-1e999").value(), json::value(-std::numeric_limits<double>::infinity()));
}

TEST(ReadJson, RefusesAllElse) {
    for (const std::string_view text : {"",
                                        " ",
                                        "{",
                                        "[1,]",
                                        "{\"a\"}",
                                        "{a:1}",
                                        "'a'",
                                        "01",
                                        "+1",
                                        ".5",
                                        "1.",
                                        "1e",
                                        "-",
                                        "NaN",
                                        "Infinity",
                                        "nul",
                                        "1 2",
                                        "[] []",
                                        "\"a",
                                        "\"\t\"",
                                        "\"\\x\"",
                                        "\"\xff\"",
                                        "\"\\ud800\"",
                                        "[1]//",
                                        "/**/1",
                                        "\xef\xbb\xbf{}"}) {
        ASSERT_FALSE(read_json(text)) << text;
        EXPECT_EQ(read_json(text).error(), (Error{Errc::bad_json, "is not JSON"}));
    }
}

TEST(ReadJson, NestsNoDeeperThanAsked) {
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    EXPECT_TRUE(read_json(nested(32)));
    EXPECT_FALSE(read_json(nested(33)));
    EXPECT_FALSE(read_json(std::string(1'000'000, '[')));
    EXPECT_TRUE(read_json(nested(3), 3));
    EXPECT_FALSE(read_json(nested(4), 3));
}

RC_GTEST_PROP(JsonProperty, DoublesReadBackToTheBit, ()) {
    const auto value = std::bit_cast<double>(*rc::gen::arbitrary<std::uint64_t>());
    RC_PRE(std::isfinite(value));
    const auto text = print(value);
    RC_ASSERT(std::bit_cast<std::uint64_t>(std::strtod(text.c_str(), nullptr)) ==
              std::bit_cast<std::uint64_t>(value));
    const auto read = read_json(text).value();
    RC_ASSERT(std::bit_cast<std::uint64_t>(read.as_double()) ==
              std::bit_cast<std::uint64_t>(value));
}

json::value draw(int depth) {
    switch (*rc::gen::inRange(0, depth > 0 ? 8 : 6)) {
    case 0: return nullptr;
    case 1: return *rc::gen::arbitrary<bool>();
    case 2: return *rc::gen::arbitrary<std::int64_t>();
    case 3: return json::value(std::uint64_t{1} << 63 | *rc::gen::arbitrary<std::uint64_t>());
    case 4: return static_cast<double>(*rc::gen::arbitrary<std::int16_t>()) / 8;
    case 5:
        return json::string(*rc::gen::element<std::string>("", "a\"b", "\\", "\x01", "é😀", "/"));
    case 6: {
        json::array out;
        for (int i = *rc::gen::inRange(0, 4); i > 0; --i) out.push_back(draw(depth - 1));
        return out;
    }
    default: {
        json::object out;
        for (int i = *rc::gen::inRange(0, 4); i > 0; --i)
            out["k\t" + std::to_string(i)] = draw(depth - 1);
        return out;
    }
    }
}

RC_GTEST_PROP(JsonProperty, DocumentsReadBack, ()) {
    const auto value = draw(4);
    RC_ASSERT(json::parse(print(value)) == value);
    RC_ASSERT(read_json(print(value)).value() == value);
}

TEST(CanonicalJson, HasItsMembersInTheOrderOfJsonb) {
    auto value = read_json(R"({"bb":{"z":1,"a":-0.0},"b":[{"d":1,"c":2}],"c":"x","é":0})").value();
    make_canonical(value);
    std::string text;
    append_json(text, value);
    EXPECT_EQ(text, R"({"b":[{"c":2,"d":1}],"c":"x","bb":{"a":0.0,"z":1},"é":0})");
}

TEST(CanonicalJson, GoesToJsonbWithItsDoublesWrittenOut) {
    std::string text;
    append_for_jsonb(text, R"({"a 1e+3":1e+22,"b":[-1e-07,2.5,17],"c\"1e1":"1e+22"})");
    EXPECT_EQ(text,
              R"({"a 1e+3":10000000000000000000000.0,"b":[-0.0000001,2.5,17],"c\"1e1":"1e+22"})");
}

TEST(CanonicalJson, IsToldAsJsonbPrintsIt) {
    std::string text;
    append_jsonb_text(text, R"({"a,1":1e+02,"b":["x:y\",z",[],{}]})");
    EXPECT_EQ(text, R"({"a,1": 100.0, "b": ["x:y\",z", [], {}]})");
}

TEST(CanonicalJson, ComesBackFromJsonbAsItWas) {
    std::string text;
    append_from_jsonb(
        text,
        R"({"a, 1": 10000000000000000000000.0, "b": [-0.0000001, 2.50, 17, 18446744073709551615, true], )"
        R"("c\": \"": "x: y", "d": 99999999999999999999999})");
    EXPECT_EQ(
        text,
        R"({"a, 1":1e+22,"b":[-1e-07,2.5,17,18446744073709551615,true],"c\": \"":"x: y","d":1e+23})");
}

TEST(CanonicalJson, TextThatIsNoneStaysWithinItsBounds) {
    for (const auto* broken : {"", "\"", "\"\\", "-", "1e", "{\"a", "1e+9999", "--.e"}) {
        std::string out;
        append_from_jsonb(out, broken);
        append_for_jsonb(out, broken);
    }
}

}  // namespace
}  // namespace tenantry::schema
