#pragma once
/// Exact decimal numbers: `unscaled / 10^scale`, the type behind numeric(p, s) columns.

#include "base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace tenantry {

struct Decimal {
    std::int64_t unscaled = 0;
    std::uint8_t scale = 0;  // digits after the point, at most 18

    friend bool operator==(const Decimal&, const Decimal&) = default;
};

/// Reads a JSON-style number (`-12.5`, `3`, `1e2`) at the given scale, rounding half away from
/// zero as PostgreSQL's numeric does.
/// Errors: bad_value if it is no number; out_of_range if it has more than `precision` digits.
Result<Decimal> parse_decimal(std::string_view text, std::uint8_t precision, std::uint8_t scale);

/// As parse_decimal, but refuses (bad_value) what would have to be rounded: for numbers that are
/// compared, where the nearest one isn't the one that was asked about.
Result<Decimal> parse_decimal_exactly(std::string_view text, std::uint8_t precision,
                                      std::uint8_t scale);

/// Appends with exactly `scale` fractional digits: {8750, 2} is `87.50`.
void append_decimal(std::string& out, const Decimal& value);

}  // namespace tenantry
