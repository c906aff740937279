#include "admin_body.hpp"

#include "abridged.hpp"
#include "body.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace tenantry::http {

Result<AdminBody> AdminBody::parse(const Request& request,
                                   std::initializer_list<std::string_view> known) {
    TENANTRY_TRY(json, parse_object(request.body));
    auto& object = json.as_object();
    for (const auto& [name, value] : object) {
        if (std::ranges::find(known, std::string_view{name}) == known.end()) {
            return fail(Errc::unknown_field,
                        fmt::format("there is no such field; known are {}", fmt::join(known, ", ")),
                        abridged(name));
        }
    }
    if (object.empty()) {
        return fail(Errc::missing_field,
                    fmt::format("the body says nothing; it takes {}", fmt::join(known, ", ")));
    }
    return AdminBody{std::move(object)};
}

Result<std::optional<std::string_view>> AdminBody::text_of(std::string_view name) const {
    const auto* value = object_.if_contains(name);
    if (value == nullptr || value->is_null()) return std::optional<std::string_view>{};
    const auto* text = value->if_string();
    if (text == nullptr)
        return fail(Errc::bad_value, fmt::format("{} is a text", name), std::string{name});
    return std::optional<std::string_view>{std::string_view{*text}};
}

Error AdminBody::of_field(const Error& error, std::string_view name) {
    return fail(error.code, fmt::format("{}: {}", name, error.message), std::string{name});
}

Error AdminBody::missing(std::string_view name) {
    return fail(Errc::missing_field, fmt::format("{} is required", name), std::string{name});
}

}  // namespace tenantry::http
