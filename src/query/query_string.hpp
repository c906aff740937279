#pragma once
/// The outermost layer of a URL's query part: `key=value&key=value`, percent-encoded.

#include "base/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tenantry::query {

/// Both decoded, and clean UTF-8.
struct QueryParameter {
    std::string key;
    std::string value;
};

/// As browsers' URLSearchParams writes it: `+` is a space, empty parameters are skipped, one
/// without
/// `=` has an empty value. Errors: bad_query (broken percent sign), bad_utf8.
Result<std::vector<QueryParameter>> decode_query(std::string_view text);

/// Appends `text` so that it can stand in a key or value: what would be taken for structure, and
/// all that is not plain ASCII, is percent-encoded; the grammar's own `.,:()*!` stay readable.
void append_encoded(std::string& out, std::string_view text);

}  // namespace tenantry::query
