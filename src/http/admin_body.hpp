#pragma once
/// The bodies of operators' requests: a JSON object with known members, all of them texts.

#include "http/request.hpp"

#include <boost/json/object.hpp>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace tenantry::http {

class AdminBody {
public:
    /// Errors: those of parse_object; unknown_field; missing_field if there is none at all.
    static Result<AdminBody> parse(const Request& request,
                                   std::initializer_list<std::string_view> known);

    /// What `read` makes of the member; nullopt if it is absent or null.
    /// Errors: bad_value if it is no text; those of `read`; `field` names the member.
    template <class T>
    Result<std::optional<T>> optional(std::string_view name,
                                      Result<T> (*read)(std::string_view)) const {
        TENANTRY_TRY(text, text_of(name));
        if (!text) return std::optional<T>{};
        auto value = read(*text);
        if (!value) return of_field(value.error(), name);
        return std::optional<T>{std::move(*value)};
    }

    /// Errors: as optional; missing_field.
    template <class T>
    Result<T> required(std::string_view name, Result<T> (*read)(std::string_view)) const {
        TENANTRY_TRY(value, optional(name, read));
        if (!value) return missing(name);
        return std::move(*value);
    }

private:
    explicit AdminBody(boost::json::object object) : object_{std::move(object)} {}
    Result<std::optional<std::string_view>> text_of(std::string_view name) const;
    static Error of_field(const Error& error, std::string_view name);
    static Error missing(std::string_view name);

    boost::json::object object_;
};

}  // namespace tenantry::http
