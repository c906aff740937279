#pragma once
/// Arrays of text as PostgreSQL writes them: `{a,"b, c",""}` (manual, "Array Input and Output
/// Syntax"). Threads: pure functions.

#include "schema/value.hpp"

#include <string>
#include <string_view>

namespace tenantry::schema {

/// Reads an array of one dimension. Errors: bad_value; also for NULL as an element, which no array
/// here may hold.
Result<TextArray> parse_array(std::string_view text);

/// As PostgreSQL prints it, with quotes where they are needed. `parse_array(array_text(a)) == a`.
std::string array_text(const TextArray& array);
/// One element of it.
std::string array_element(std::string_view text);

}  // namespace tenantry::schema
