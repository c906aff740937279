#include "schema/value.hpp"

#include "schema/catalog.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <boost/json.hpp>

#include <optional>

namespace tenantry::schema {
namespace {

namespace json = boost::json;

const Column name{"name", ColumnType::text, {.bytes_max = 8}};
const Column title{"title", ColumnType::text, {.nullable = false, .bytes_max = 8}};
const Column email{"email", ColumnType::text, {.format = Format::email, .bytes_max = 254}};
const Column status{"status", ColumnType::text, {.nullable = false, .allowed = {"new", "closed"}}};
const Column agent{"agent", ColumnType::uuid, {}};
const Column number{"number", ColumnType::integer, {}};
const Column score{"score", ColumnType::numeric, {.precision = 5, .scale = 2}};
const Column active{"active", ColumnType::boolean, {}};
const Column at{"at", ColumnType::timestamptz, {}};
const Column data{"data", ColumnType::json, {.nullable = false, .bytes_max = 24}};
const Column tags{"tags", ColumnType::text_array, {.nullable = false, .bytes_max = 4}};

constexpr std::string_view uuid_text = "0194f2a1-7c3e-7b12-9d55-00ff10ab3c4d";

Value uuid() { return parse_uuid(uuid_text).value(); }
Value time(std::string_view text) { return parse_timestamp(text).value(); }

/// What a parse gave: the value's text, or the code of the refusal.
std::string outcome(const Result<Value>& result) {
    return result ? to_text(*result) : std::string{code_of(result.error().code)};
}

struct TextCase {
    const Column& column;
    std::string_view text;
    Value value;
};

TEST(ParseText, ReadsEachType) {
    const TextCase cases[] = {
        {name, "Zoë", Text{"Zoë"}},
        {name, "", Text{""}},
        {name, " a ", Text{" a "}},
        {title, "x", Text{"x"}},
        {email, "Zoe@Example.COM", Text{"zoe@example.com"}},
        {status, "bogus", Text{"bogus"}},  // enumerations are the caller's to check
        {agent, uuid_text, uuid()},
        {agent, "0194F2A1-7C3E-7B12-9D55-00FF10AB3C4D", uuid()},
        {number, "0", std::int64_t{0}},
        {number, "-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
        {number, "9223372036854775807", std::numeric_limits<std::int64_t>::max()},
        {score, "87.5", Decimal{8750, 2}},
        {score, "-0.005", Decimal{-1, 2}},
        {active, "true", true},
        {active, "false", false},
        {at, "2026-01-05T01:00:00+01:00", time("2026-01-05")},
        {data, R"({ "a" : 1.50 })", Json{R"({"a":1.5})"}},
        {data, "null", Json{"null"}},
        {tags, R"([ "a", "" , "é" ])", TextArray{"a", "", "é"}},
        {tags, "[]", TextArray{}},
    };
    for (const auto& [column, text, value] : cases) {
        const auto parsed = parse_text(column, text);
        ASSERT_TRUE(parsed) << column.name() << ' ' << text << ": " << parsed.error().message;
        EXPECT_EQ(*parsed, value) << column.name() << ' ' << text;
    }
}

struct Refusal {
    const Column& column;
    std::string_view text;
    Errc code;
};

TEST(ParseText, RefusesWhatDoesNotFit) {
    using namespace std::string_view_literals;
    const Refusal cases[] = {
        {name, "123456789", Errc::out_of_range},
        {name, "\xff", Errc::bad_utf8},
        {name, "a\0b"sv, Errc::bad_utf8},
        {title, "", Errc::missing_field},
        {title, " \t", Errc::missing_field},
        {email, "", Errc::bad_value},
        {email, "zoe", Errc::bad_value},
        {agent, "", Errc::bad_id},
        {agent, "0194f2a17c3e7b129d5500ff10ab3c4d", Errc::bad_id},
        {number, "", Errc::bad_value},
        {number, "+1", Errc::bad_value},
        {number, " 1", Errc::bad_value},
        {number, "1.0", Errc::bad_value},
        {number, "0x1", Errc::bad_value},
        {number, "9223372036854775808", Errc::out_of_range},
        {score, "", Errc::bad_value},
        {score, "1000", Errc::out_of_range},
        {active, "", Errc::bad_value},
        {active, "TRUE", Errc::bad_value},
        {active, "1", Errc::bad_value},
        {at, "yesterday", Errc::bad_value},
        {at, "", Errc::bad_value},
        {data, "", Errc::bad_json},
        {data, "{", Errc::bad_json},
        {data, "{}x", Errc::bad_json},
        {data, "NaN", Errc::bad_json},
        {data, R"("\u0000")", Errc::bad_utf8},
        {data, R"({"\u0000":1})", Errc::bad_utf8},
        {data, R"([[1e999]])", Errc::out_of_range},
        {data, "\"\xff\"", Errc::bad_json},
        {data, R"("0123456789012345678901234")", Errc::out_of_range},
        {tags, "", Errc::bad_json},
        {tags, "a", Errc::bad_json},
        {tags, "{}", Errc::bad_value},
        {tags, R"(["a",1])", Errc::bad_value},
        {tags, R"(["12345"])", Errc::out_of_range},
        {tags, R"(["\u0000"])", Errc::bad_utf8},
    };
    for (const auto& [column, text, code] : cases) {
        const auto parsed = parse_text(column, text);
        ASSERT_FALSE(parsed) << column.name() << ' ' << text;
        EXPECT_EQ(parsed.error().code, code)
            << column.name() << ' ' << text << ": " << parsed.error().message;
        EXPECT_EQ(parsed.error().field, column.name());
        EXPECT_TRUE(parsed.error().message.starts_with(column.name() + " "))
            << parsed.error().message;
    }
}

TEST(ParseText, JsonNestsNoDeeperThanTheLimit) {
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    const Column roomy{"data", ColumnType::json, {}};
    EXPECT_TRUE(parse_text(roomy, nested(32)));
    EXPECT_EQ(outcome(parse_text(roomy, nested(33))), "bad_json");
    EXPECT_EQ(outcome(parse_text(roomy, nested(400))), "bad_json");
    EXPECT_EQ(outcome(parse_text(tags, nested(100'000))), "bad_json");
}

TEST(ParseText, AnArrayHasAtMostAThousandElements) {
    const auto array = [](int count) {
        std::string out = "[\"\"";
        for (int i = 1; i < count; ++i) out += ",\"\"";
        return out + "]";
    };
    EXPECT_TRUE(parse_text(tags, array(1000)));
    EXPECT_EQ(outcome(parse_text(tags, array(1001))), "out_of_range");
}

TEST(ParseJson, ReadsEachType) {
    struct Case {
        const Column& column;
        std::string_view json;
        Value value;
    };
    const Case cases[] = {
        {name, R"("Zoë")", Text{"Zoë"}},
        {name, R"("")", Text{""}},
        {name, "null", Null{}},
        {email, R"("Zoe@Example.COM")", Text{"zoe@example.com"}},
        {status, R"("closed")", Text{"closed"}},
        {agent, R"("0194f2a1-7c3e-7b12-9d55-00ff10ab3c4d")", uuid()},
        {agent, "null", Null{}},
        {number, "-42", std::int64_t{-42}},
        {number, "9223372036854775807", std::numeric_limits<std::int64_t>::max()},
        {score, "87", Decimal{8700, 2}},
        {score, "87.5", Decimal{8750, 2}},
        {score, "87.555", Decimal{8756, 2}},
        {score, "-0.01", Decimal{-1, 2}},
        {score, "1e2", Decimal{10000, 2}},
        {score, "5e-3", Decimal{1, 2}},
        {active, "true", true},
        {at, R"("2026-01-05T00:00:00Z")", time("2026-01-05")},
        {data, R"({"b":[2.5,null],"a":"e"})", Json{R"({"a":"e","b":[2.5,null]})"}},
        {data, "7", Json{"7"}},
        {data, R"({"a":1,"a":2})", Json{R"({"a":2})"}},
        {tags, R"(["a",""])", TextArray{"a", ""}},
        {tags, "[]", TextArray{}},
    };
    for (const auto& [column, text, value] : cases) {
        const auto parsed = parse_json(column, json::parse(text));
        ASSERT_TRUE(parsed) << column.name() << ' ' << text << ": " << parsed.error().message;
        EXPECT_EQ(*parsed, value) << column.name() << ' ' << text;
    }
}

TEST(ParseJson, RefusesWhatDoesNotFit) {
    const Refusal cases[] = {
        {name, "1", Errc::bad_value},
        {name, "true", Errc::bad_value},
        {name, "{}", Errc::bad_value},
        {name, R"("123456789")", Errc::out_of_range},
        {name, R"("\u0000")", Errc::bad_utf8},
        {title, "null", Errc::missing_field},
        {title, R"("")", Errc::missing_field},
        {email, R"("a@b")", Errc::bad_value},
        {status, R"("New")", Errc::bad_value},
        {status, R"("")", Errc::missing_field},
        {status, "null", Errc::missing_field},
        {agent, R"("7")", Errc::bad_id},
        {agent, "7", Errc::bad_value},
        {number, "1.5", Errc::bad_value},
        {number, "1.0", Errc::bad_value},
        {number, R"("1")", Errc::bad_value},
        {number, "18446744073709551615", Errc::out_of_range},
        {score, R"("87.5")", Errc::bad_value},
        {score, "1000", Errc::out_of_range},
        {score, "999.995", Errc::out_of_range},
        {score, "1e300", Errc::out_of_range},
        {score, "1e999", Errc::out_of_range},
        {score, "18446744073709551615", Errc::out_of_range},
        {active, "0", Errc::bad_value},
        {active, R"("true")", Errc::bad_value},
        {at, "1767572177", Errc::bad_value},
        {at, R"("yesterday")", Errc::bad_value},
        {data, "null", Errc::missing_field},
        {data, R"(["\u0000"])", Errc::bad_utf8},
        {data, "[-1e999]", Errc::out_of_range},
        {data, R"("0123456789012345678901234")", Errc::out_of_range},
        {tags, "null", Errc::missing_field},
        {tags, R"("a")", Errc::bad_value},
        {tags, "[null]", Errc::bad_value},
        {tags, R"(["12345"])", Errc::out_of_range},
    };
    for (const auto& [column, text, code] : cases) {
        const auto parsed = parse_json(column, json::parse(text));
        ASSERT_FALSE(parsed) << column.name() << ' ' << text;
        EXPECT_EQ(parsed.error().code, code)
            << column.name() << ' ' << text << ": " << parsed.error().message;
        EXPECT_EQ(parsed.error().field, column.name());
    }
}

TEST(ParseJson, SaysWhatIsAllowed) {
    EXPECT_EQ(parse_json(status, json::value("open")).error().message,
              "status is not one of new, closed");
    EXPECT_EQ(parse_json(name, json::value("123456789")).error().message,
              "name has 9 bytes; at most 8 are allowed");
    EXPECT_EQ(parse_json(title, json::value(nullptr)).error().message,
              "title is required and can't be null");
    EXPECT_EQ(parse_json(email, json::value("zoe")).error().message, "email is not an address");
}

TEST(HasType, IsOfOneAlternativeOrNull) {
    const std::pair<ColumnType, Value> values[] = {
        {ColumnType::text, Text{}},
        {ColumnType::uuid, Uuid{}},
        {ColumnType::integer, std::int64_t{}},
        {ColumnType::numeric, Decimal{}},
        {ColumnType::boolean, false},
        {ColumnType::timestamptz, Timestamp{}},
        {ColumnType::json, Json{}},
        {ColumnType::text_array, TextArray{}},
    };
    for (const auto& [type, unused] : values) {
        EXPECT_TRUE(has_type(Null{}, type));
        for (const auto& [other, value] : values) EXPECT_EQ(has_type(value, type), type == other);
    }
}

TEST(ToText, IsReadBackByParseText) {
    const std::pair<const Column&, Value> values[] = {
        {name, Text{"a,\"b"}},
        {email, Text{"a@b.co"}},
        {agent, uuid()},
        {number, std::int64_t{-7}},
        {score, Decimal{-5, 2}},
        {active, false},
        {at, time("2026-01-05T00:00:00.000001Z")},
        {data, Json{R"({"a":"\u0001"})"}},
        {tags, TextArray{"\"", "\\", "é", ""}},
    };
    for (const auto& [column, value] : values) {
        EXPECT_EQ(parse_text(column, to_text(value)).value(), value) << column.name();
    }
    EXPECT_EQ(to_text(Null{}), "null");
}

RC_GTEST_PROP(ToTextProperty, ArraysReadBack, ()) {
    const Column words{"words", ColumnType::text_array, {}};
    const auto array = *rc::gen::container<TextArray>(
        rc::gen::container<std::string>(rc::gen::inRange(char{1}, char{127})));
    RC_ASSERT(parse_text(words, to_text(array)).value() == Value{array});
}

}  // namespace
}  // namespace tenantry::schema
