#pragma once
/// The bodies of requests: one JSON object each.

#include "http/request.hpp"

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace tenantry::http {

/// Whether the body is said to be of `media`, with `charset=utf-8` or nothing behind.
/// Errors: unsupported_media_type.
Result<void> check_content_type(const Request& request,
                                std::string_view media = "application/json");

/// Reads strictly one JSON document (RFC 8259), nested limits::json_depth_max deep at the most.
/// Errors: bad_utf8; bad_json, also where a name stands twice in one object; too_deep.
Result<boost::json::value> parse_document(std::string_view text);

/// The same, which has to be an object.
Result<boost::json::value> parse_object(std::string_view text);

/// The text of a body whose only member is `name`; nullopt if it is absent, or there is no body.
/// Errors: as parse_object; unknown_field, bad_value.
Result<std::optional<std::string>> parse_only_text(const Request& request, std::string_view name);

/// The body as checked fields of some kind.
template <class Fields>
Result<Fields> parse_body(const Request& request) {
    TENANTRY_TRY(json, parse_object(request.body));
    return Fields::parse(json);
}

}  // namespace tenantry::http
