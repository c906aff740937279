#pragma once
/// The `select` parameter of the request grammar (request_text.hpp).

#include "query/algebra.hpp"

#include <string>
#include <string_view>

namespace tenantry::query {

/// Fills projection and embeds of `read`, whose relation stands. Errors: bad_query, unknown_field,
/// too_deep.
Result<void> parse_select(const schema::Catalog& catalog, std::string_view text, Read& read);

/// Appends the parameter's value, not yet percent-encoded.
void append_select(std::string& out, const Read& read);

}  // namespace tenantry::query
