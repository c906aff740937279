#include "base/decimal.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <optional>

namespace tenantry {
namespace {

std::string print(const Decimal& value) {
    std::string out;
    append_decimal(out, value);
    return out;
}

struct Case {
    std::string_view text;
    std::uint8_t precision;
    std::uint8_t scale;
    std::int64_t unscaled;
};

TEST(Decimal, ReadsNumbersAtItsScale) {
    const Case cases[] = {
        {"0", 5, 2, 0},
        {"-0", 5, 2, 0},
        {"-0.00", 5, 2, 0},
        {"87.5", 5, 2, 8750},
        {"-12.5", 5, 2, -1250},
        {"999.99", 5, 2, 99999},
        {"-999.99", 5, 2, -99999},
        {"007", 5, 2, 700},
        {"000000000000000000000001", 5, 2, 100},
        {"1e2", 5, 2, 10000},
        {"1E2", 5, 2, 10000},
        {"1e+2", 5, 2, 10000},
        {"12345e-4", 5, 2, 123},
        {"0e1000", 5, 2, 0},
        {"9e-1000", 5, 2, 0},
        {"42", 3, 0, 42},
        {"0.999999", 6, 6, 999999},
        {"999999999999999999", 18, 0, 999'999'999'999'999'999},
        {"-0.999999999999999999", 18, 18, -999'999'999'999'999'999},
    };
    for (const auto& [text, precision, scale, unscaled] : cases) {
        const auto parsed = parse_decimal(text, precision, scale);
        ASSERT_TRUE(parsed) << text;
        EXPECT_EQ(*parsed, (Decimal{unscaled, scale})) << text;
    }
}

TEST(Decimal, RoundsHalfAwayFromZero) {
    const Case cases[] = {
        {"0.004", 5, 2, 0},       {"0.005", 5, 2, 1},         {"-0.005", 5, 2, -1},
        {"0.0049999", 5, 2, 0},   {"87.554", 5, 2, 8755},     {"87.555", 5, 2, 8756},
        {"-87.555", 5, 2, -8756}, {"87.5549999", 5, 2, 8755}, {"1.5", 3, 0, 2},
        {"-1.5", 3, 0, -2},       {"0.5", 3, 0, 1},           {"0.49", 3, 0, 0},
        {"5e-3", 5, 2, 1},        {"5e-4", 5, 2, 0},          {"999.994999999", 5, 2, 99999},
    };
    for (const auto& [text, precision, scale, unscaled] : cases) {
        const auto parsed = parse_decimal(text, precision, scale);
        ASSERT_TRUE(parsed) << text;
        EXPECT_EQ(parsed->unscaled, unscaled) << text;
    }
}

TEST(Decimal, TooManyDigitsAreOutOfRange) {
    const Case cases[] = {
        {"1000", 5, 2, 0},
        {"-1000", 5, 2, 0},
        {"999.995", 5, 2, 0},  // would round up to six digits
        {"1e3", 5, 2, 0},
        {"1e1000", 5, 2, 0},
        {"1e1001", 5, 2, 0},
        {"1e99999999999999999999", 5, 2, 0},
        {"1", 2, 2, 0},
        {"1000000000000000000", 18, 0, 0},
        {"9999999999999999999", 18, 0, 0},
        {"99999999999999999999999999", 18, 0, 0},
        {"0.9999999999999999999", 18, 18, 0},
        {"11111111111111111111111111111111111111111", 18, 0, 0},
    };
    for (const auto& [text, precision, scale, unused] : cases) {
        const auto parsed = parse_decimal(text, precision, scale);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code, Errc::out_of_range) << text;
    }
    EXPECT_EQ(parse_decimal("1000", 5, 2).error().message,
              "is out of range: at most 3 digits before the point");
}

TEST(Decimal, OtherTextIsNoNumber) {
    for (const std::string_view text :
         {"",     "-",     "+1",       ".",     "-.",    "e5",    "1e", "1e+",
          "1e-",  "1e+-5", "1e-+5",    "1e++5", "1.2.3", "1,5",   " 1", "1 ",
          "0x10", "NaN",   "Infinity", "--1",   "1e5.5", "1_000", "१"}) {
        const auto parsed = parse_decimal(text, 5, 2);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code, Errc::bad_value) << text;
    }
}

TEST(Decimal, ExactReadingRefusesToRound) {
    EXPECT_EQ(parse_decimal_exactly("87.5500", 5, 2).value(), (Decimal{8755, 2}));
    EXPECT_EQ(parse_decimal_exactly("875.5e-1", 5, 2).value(), (Decimal{8755, 2}));
    EXPECT_EQ(parse_decimal_exactly("0.000e-9", 5, 2).value(), (Decimal{0, 2}));
    for (const std::string_view text :
         {"87.555", "0.001", "1e-3", "-0.005", "0.0000000000001", "5e-1000"}) {
        const auto parsed = parse_decimal_exactly(text, 5, 2);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error(),
                  (Error{Errc::bad_value, "has more than 2 digits after the point"}));
    }
    EXPECT_EQ(parse_decimal_exactly("1000", 5, 2).error().code, Errc::out_of_range);
    EXPECT_EQ(parse_decimal_exactly("1e", 5, 2).error().code, Errc::bad_value);
}

TEST(Decimal, PrintsAllDigitsOfItsScale) {
    EXPECT_EQ(print({8750, 2}), "87.50");
    EXPECT_EQ(print({-1, 2}), "-0.01");
    EXPECT_EQ(print({0, 2}), "0.00");
    EXPECT_EQ(print({-42, 0}), "-42");
    EXPECT_EQ(print({5, 18}), "0.000000000000000005");
    EXPECT_EQ(print({std::numeric_limits<std::int64_t>::min(), 2}), "-92233720368547758.08");
}

RC_GTEST_PROP(DecimalProperty, PrintedReadsBack, ()) {
    const auto scale = *rc::gen::inRange<std::uint8_t>(0, 19);
    const std::int64_t limit = 999'999'999'999'999'999;
    const Decimal value{*rc::gen::inRange<std::int64_t>(-limit, limit + 1), scale};
    RC_ASSERT(parse_decimal(print(value), 18, scale).value() == value);
    RC_ASSERT(parse_decimal_exactly(print(value), 18, scale).value() == value);
}

/// The long way: all digits in a 128-bit integer, shifted by powers of ten.
std::optional<std::int64_t> naive(std::int64_t whole, const std::string& fraction,
                                  unsigned precision, unsigned scale) {
    __extension__ using Wide = __int128;
    Wide digits = whole < 0 ? -Wide{whole} : Wide{whole};
    for (const char c : fraction) digits = digits * 10 + (c - '0');
    Wide divisor = 1;
    for (auto i = fraction.size(); i > scale; --i) divisor *= 10;
    for (auto i = fraction.size(); i < scale; ++i) digits *= 10;
    const Wide rounded = (digits * 2 + divisor) / (divisor * 2);
    Wide limit = 1;
    for (unsigned i = 0; i < precision; ++i) limit *= 10;
    if (rounded >= limit) return std::nullopt;
    return static_cast<std::int64_t>(whole < 0 ? -rounded : rounded);
}

RC_GTEST_PROP(DecimalProperty, AgreesWithLongArithmetic, ()) {
    const auto precision = *rc::gen::inRange<std::uint8_t>(1, 19);
    const auto scale = *rc::gen::inRange<std::uint8_t>(0, static_cast<std::uint8_t>(precision + 1));
    const auto whole = *rc::gen::inRange<std::int64_t>(-100'000'000, 100'000'000);
    RC_PRE(whole != 0);  // the sign of -0.5 is not in `whole`
    const auto fraction =
        *rc::gen::resize(12, rc::gen::container<std::string>(rc::gen::inRange('0', char{'9' + 1})));
    const auto text = std::to_string(whole) + (fraction.empty() ? "" : "." + fraction);
    const auto expected = naive(whole, fraction, precision, scale);
    const auto parsed = parse_decimal(text, precision, scale);
    RC_ASSERT(parsed.has_value() == expected.has_value());
    if (expected) RC_ASSERT(parsed->unscaled == *expected);
}

}  // namespace
}  // namespace tenantry
