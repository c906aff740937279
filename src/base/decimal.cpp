#include "base/decimal.hpp"

#include <fmt/format.h>

#include <charconv>

namespace tenantry {
namespace {

constexpr std::int64_t power_of_ten(unsigned exponent) {
    std::int64_t value = 1;
    while (exponent-- > 0) value *= 10;
    return value;
}

constexpr int digits_max = 40;

/// A number taken apart: `0.DIGITS * 10^point`.
struct Parts {
    bool negative = false;
    std::string digits{};
    int point = 0;
};

Result<Parts> take_apart(std::string_view text) {
    const auto refused = [] { return fail(Errc::bad_value, "is not a number"); };
    Parts parts;
    std::size_t at = 0;
    if (at < text.size() && text[at] == '-') {
        parts.negative = true;
        ++at;
    }
    bool seen_point = false;
    bool seen_digit = false;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (c >= '0' && c <= '9') {
            seen_digit = true;
            parts.digits += c;
            if (!seen_point) ++parts.point;
        } else if (c == '.' && !seen_point) {
            seen_point = true;
        } else {
            break;
        }
        if (parts.digits.size() > digits_max)
            return fail(Errc::out_of_range, "has too many digits");
    }
    if (!seen_digit) return refused();
    if (at < text.size()) {
        if (text[at] != 'e' && text[at] != 'E') return refused();
        ++at;
        if (at + 1 < text.size() && text[at] == '+' && text[at + 1] != '-') ++at;
        int exponent = 0;
        const auto [end, error] =
            std::from_chars(text.data() + at, text.data() + text.size(), exponent);
        if (error == std::errc::result_out_of_range)
            return fail(Errc::out_of_range, "is out of range");
        if (error != std::errc{} || end != text.data() + text.size()) return refused();
        if (exponent > 1000 || exponent < -1000) return fail(Errc::out_of_range, "is out of range");
        parts.point += exponent;
    }
    return parts;
}

/// Rounds half away from zero.
Result<Decimal> put_together(const Parts& parts, std::uint8_t precision, std::uint8_t scale) {
    const auto limit = power_of_ten(precision);
    const auto out_of_range = [&] {
        return fail(
            Errc::out_of_range,
            fmt::format("is out of range: at most {} digits before the point", precision - scale));
    };
    std::int64_t value = 0;
    const int wanted = parts.point + scale;
    for (int i = 0; i < wanted; ++i) {
        const bool given = static_cast<std::size_t>(i) < parts.digits.size();
        // Before it is multiplied: ten times the largest limit is no 64-bit number.
        if (value >= limit / 10) return out_of_range();
        value = value * 10 + (given ? parts.digits[static_cast<std::size_t>(i)] - '0' : 0);
    }
    const bool round_up = wanted >= 0 && static_cast<std::size_t>(wanted) < parts.digits.size() &&
                          parts.digits[static_cast<std::size_t>(wanted)] >= '5';
    if (round_up) ++value;
    if (value >= limit) return out_of_range();
    return Decimal{parts.negative ? -value : value, scale};
}

}  // namespace

Result<Decimal> parse_decimal(std::string_view text, std::uint8_t precision, std::uint8_t scale) {
    TENANTRY_TRY(parts, take_apart(text));
    return put_together(parts, precision, scale);
}

Result<Decimal> parse_decimal_exactly(std::string_view text, std::uint8_t precision,
                                      std::uint8_t scale) {
    TENANTRY_TRY(parts, take_apart(text));
    const int wanted = parts.point + scale;
    for (std::size_t i = parts.digits.size(); i-- > 0 && static_cast<int>(i) >= wanted;) {
        if (parts.digits[i] != '0') {
            return fail(Errc::bad_value,
                        fmt::format("has more than {} digits after the point", scale));
        }
    }
    return put_together(parts, precision, scale);
}

void append_decimal(std::string& out, const Decimal& value) {
    const auto unit = power_of_ten(value.scale);
    const bool negative = value.unscaled < 0;
    // As unsigned, the smallest integer has a magnitude too.
    const auto magnitude = negative ? std::uint64_t{0} - static_cast<std::uint64_t>(value.unscaled)
                                    : static_cast<std::uint64_t>(value.unscaled);
    const auto whole = magnitude / static_cast<std::uint64_t>(unit);
    const auto fraction = magnitude % static_cast<std::uint64_t>(unit);
    if (negative) out += '-';
    fmt::format_to(std::back_inserter(out), "{}", whole);
    if (value.scale > 0) fmt::format_to(std::back_inserter(out), ".{:0{}}", fraction, value.scale);
}

}  // namespace tenantry
