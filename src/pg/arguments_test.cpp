#include "pg/arguments.hpp"

#include "pg/decode.hpp"

#include <gtest/gtest.h>

namespace tenantry::pg {
namespace {

using namespace std::string_view_literals;

TEST(Arguments, GoInBinaryWhereThatIsSimple) {
    Arguments arguments;
    arguments.add_null();
    arguments.add_text("é");
    arguments.add_integer(-2);
    arguments.add_boolean(true);
    arguments.add_decimal({-8750, 2});
    const auto id = parse_uuid("018f0000-0000-7000-8000-00000000abcd").value();
    arguments.add_uuid(id);
    arguments.add_timestamp(Timestamp{std::chrono::microseconds{epoch_micros + 1}});
    Arguments::Wire wire;
    arguments.fill(wire);
    EXPECT_EQ(wire.values[0], nullptr);
    EXPECT_EQ(wire.formats, (std::vector{0, 1, 1, 1, 0, 1, 1}));
    EXPECT_EQ(arguments.at(1), "é");
    EXPECT_EQ(arguments.at(2), "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE"sv);
    EXPECT_STREQ(wire.values[4], "-87.50");
    EXPECT_EQ(decode_uuid(arguments.at(5)), id);
    EXPECT_EQ(arguments.at(6), "\0\0\0\0\0\0\0\x01"sv);
}

TEST(Decode, ReadsBackWhatArgumentsWrite) {
    Arguments arguments;
    arguments.add_integer(std::numeric_limits<std::int64_t>::min());
    arguments.add_timestamp(Timestamp{std::chrono::sys_days{std::chrono::year{1} / 1 / 1}});
    const std::vector<std::string> elements{"a", "", "é\"\\"};
    arguments.add_text_array(elements);
    arguments.add_text_array({});
    EXPECT_EQ(decode_integer(arguments.at(0)), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(decode_timestamp(arguments.at(1)),
              Timestamp{std::chrono::sys_days{std::chrono::year{1} / 1 / 1}});
    std::vector<std::string> read;
    const auto take = [&](std::string_view element) { read.emplace_back(element); };
    EXPECT_TRUE(decode_text_array(arguments.at(2), take));
    EXPECT_EQ(read, elements);
    EXPECT_TRUE(decode_text_array(arguments.at(3), take));
    EXPECT_EQ(read.size(), 3U);
}

TEST(Arguments, ArraysAreOfAnyTypeAndMayHoldNulls) {
    Arguments arguments;
    arguments.begin_array(oid::int8, 2);
    arguments.add_null_element();
    arguments.add_integer_element(-2);
    arguments.end_array();
    EXPECT_EQ(arguments.at(0),
              "\0\0\0\x01\0\0\0\0\0\0\0\x14\0\0\0\x02\0\0\0\x01\xFF\xFF\xFF\xFF"
              "\0\0\0\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE"sv);
}

TEST(Decode, ReadsNumerics) {
    // 12345.678: digits 1, 2345, 6780 of weight 1.
    constexpr auto number = "\0\x03\0\x01\0\0\0\x03\0\x01\x09\x29\x1A\x7C"sv;
    EXPECT_EQ(decode_numeric(number, 3), 12'345'678);
    EXPECT_EQ(decode_numeric(number, 4), 123'456'780);
    EXPECT_EQ(decode_numeric(number, 2), std::nullopt) << "a digit would be lost";
    EXPECT_EQ(decode_numeric("\0\0\0\0\0\0\0\x02"sv, 2), 0);
    // -0.05: digit 500 of weight -1.
    EXPECT_EQ(decode_numeric("\0\x01\xFF\xFF\x40\0\0\x02\x01\xF4"sv, 2), -5);
    EXPECT_EQ(decode_numeric("\0\0\0\0\xC0\0\0\0"sv, 2), std::nullopt) << "NaN";
    EXPECT_EQ(decode_numeric("\0\x01\0\x09\0\0\0\0\0\x01"sv, 2), std::nullopt) << "10^36";
}

TEST(Decode, TrustsNoLength) {
    const auto ignore = [](std::string_view) {};
    EXPECT_FALSE(decode_text_array("", ignore));
    EXPECT_FALSE(
        decode_text_array("\0\0\0\x01\0\0\0\0\0\0\0\x19\0\0\0\x01\0\0\0\x01\0\0\0\x05"sv
                          "ab",
                          ignore));
    EXPECT_FALSE(decode_text_array(
        "\0\0\0\x01\0\0\0\x01\0\0\0\x19\0\0\0\x01\0\0\0\x01\xFF\xFF\xFF\xFF"sv, ignore))
        << "NULL";
    EXPECT_FALSE(decode_integer("abc"));
    EXPECT_FALSE(decode_uuid("abc"));
    EXPECT_FALSE(decode_timestamp("\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF")) << "infinity";
    EXPECT_FALSE(decode_numeric("\0\x05\0\0\0\0\0\0"sv, 2));
    EXPECT_FALSE(decode_jsonb("{}"));
    EXPECT_EQ(decode_jsonb("\x01{}"), "{}");
}

}  // namespace
}  // namespace tenantry::pg
