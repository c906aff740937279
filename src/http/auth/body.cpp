#include "body.hpp"
#include "auth/call.hpp"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

namespace tenantry::http::auth_api {
namespace {

namespace json = boost::json;

Error of_another_type(std::string_view name, std::string_view type) {
    return fail(Errc::bad_value, fmt::format("{} must be {}", name, type), std::string{name});
}

}  // namespace

Result<Body> Body::parse(const Request& request) {
    if (request.body.empty()) return Body{{}};
    TENANTRY_TRY_VOID(check_content_type(request));
    TENANTRY_TRY(value, parse_object(request.body));
    return Body{std::move(value.get_object())};
}

const json::value* Body::find(std::string_view name) const {
    const auto* member = members_.if_contains(name);
    return member == nullptr || member->is_null() ? nullptr : member;
}

Result<std::optional<std::string>> Body::text(std::string_view name) const {
    const auto* member = find(name);
    if (member == nullptr) return std::optional<std::string>{};
    if (!member->is_string()) return of_another_type(name, "a string");
    return std::optional{std::string{member->get_string()}};
}

Result<std::string> Body::required(std::string_view name) const {
    TENANTRY_TRY(given, text(name));
    if (!given)
        return fail(Errc::missing_field, fmt::format("{} is required", name), std::string{name});
    return std::move(*given);
}

Result<std::optional<bool>> Body::flag(std::string_view name) const {
    const auto* member = find(name);
    if (member == nullptr) return std::optional<bool>{};
    if (!member->is_bool()) return of_another_type(name, "true or false");
    return std::optional{member->get_bool()};
}

Result<std::optional<std::string>> Body::object(std::string_view name) const {
    const auto* member = find(name);
    if (member == nullptr) return std::optional<std::string>{};
    if (!member->is_object()) return of_another_type(name, "an object");
    return std::optional{json::serialize(*member)};
}

}  // namespace tenantry::http::auth_api
