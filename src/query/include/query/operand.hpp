#pragma once
/// What a column is compared with, from its text.

#include "schema/catalog.hpp"

#include <string_view>

namespace tenantry::query {

/// Not schema::parse_text for text and numbers: what a row may not hold, such as an empty name, can
/// still be asked for, and a number must not be rounded. Errors: as schema::parse_text; `field` is
/// the column's name. Threads: a pure function.
Result<schema::Value> parse_operand(const schema::Column& column, std::string_view text);

}  // namespace tenantry::query
