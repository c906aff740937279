#pragma once
/// JSON that can be read in one way only.

#include <boost/json/object.hpp>

#include <optional>
#include <string_view>

namespace tenantry::auth {

/// Reads one JSON object (RFC 8259) of well-formed UTF-8, nested limits::json_depth_max deep at
/// most. Returns nullopt for anything else, and where a name stands twice in one object at any
/// depth: parsers disagree on which of the two counts (RFC 7519 §4 lets us refuse).
std::optional<boost::json::object> parse_unambiguous_object(std::string_view text);

}  // namespace tenantry::auth
