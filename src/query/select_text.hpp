#pragma once
/// The `select` parameter of the request grammar (request_text.hpp).

#include "query/shape.hpp"

#include <string>
#include <string_view>

namespace tenantry::query {

/// Fills projection and embeds of the read, whose relation stands, and the shape. Errors:
/// bad_query, unknown_field, unknown_relationship, ambiguous_relationship, too_deep.
Result<void> parse_select(const schema::Catalog& catalog, std::string_view text, ShapedRead& out);

/// Appends the parameter's value for the read's plain shape, not yet percent-encoded.
void append_select(std::string& out, const Read& read);

}  // namespace tenantry::query
