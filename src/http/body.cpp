#include "body.hpp"

#include "abridged.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tenantry::http {
namespace {

namespace json = boost::json;
using Code = json::error_code;
using Text = json::string_view;

/// Builds a value as Boost.JSON's own handler does, but remembers the names of each open object:
/// that one keeps the last of two equal ones, while others keep the first, so neither is right.
struct UniqueNames {
    static constexpr std::size_t max_object_size = json::object::max_size();
    static constexpr std::size_t max_array_size = json::array::max_size();
    static constexpr std::size_t max_key_size = json::string::max_size();
    static constexpr std::size_t max_string_size = json::string::max_size();

    json::value_stack values{};
    std::vector<std::string> names{};  // of all open objects, those of the innermost last
    std::string name{};
    std::string repeated{};

    UniqueNames() { values.reset(); }

    bool on_document_begin(Code&) { return true; }
    bool on_document_end(Code&) { return true; }
    bool on_object_begin(Code&) { return true; }
    bool on_object_end(std::size_t count, Code& error) {
        const auto first = names.end() - static_cast<std::ptrdiff_t>(count);
        std::sort(first, names.end());
        const auto twice = std::adjacent_find(first, names.end());
        if (twice != names.end()) {
            repeated = *twice;
            error = json::error::syntax;
            return false;
        }
        names.erase(first, names.end());
        values.push_object(count);
        return true;
    }
    bool on_array_begin(Code&) { return true; }
    bool on_array_end(std::size_t count, Code&) {
        values.push_array(count);
        return true;
    }
    bool on_key_part(Text part, std::size_t, Code&) {
        name += std::string_view{part};
        values.push_chars(part);
        return true;
    }
    bool on_key(Text part, std::size_t, Code&) {
        name += std::string_view{part};
        names.push_back(std::exchange(name, {}));
        values.push_key(part);
        return true;
    }
    bool on_string_part(Text part, std::size_t, Code&) {
        values.push_chars(part);
        return true;
    }
    bool on_string(Text part, std::size_t, Code&) {
        values.push_string(part);
        return true;
    }
    bool on_number_part(Text, Code&) { return true; }
    bool on_int64(std::int64_t number, Text, Code&) {
        values.push_int64(number);
        return true;
    }
    bool on_uint64(std::uint64_t number, Text, Code&) {
        values.push_uint64(number);
        return true;
    }
    bool on_double(double number, Text, Code&) {
        values.push_double(number);
        return true;
    }
    bool on_bool(bool flag, Code&) {
        values.push_bool(flag);
        return true;
    }
    bool on_null(Code&) {
        values.push_null();
        return true;
    }
    bool on_comment_part(Text, Code&) { return true; }
    bool on_comment(Text, Code&) { return true; }
};

json::parse_options options() {
    json::parse_options chosen;
    chosen.max_depth = limits::json_depth_max;
    return chosen;
}

Error refusal_of(const Code& error, const UniqueNames& handler, std::size_t at) {
    if (!handler.repeated.empty()) {
        const auto name = abridged(handler.repeated);
        return fail(Errc::bad_json, fmt::format("the body has {} twice in one object", name), name);
    }
    if (error == json::error::too_deep) {
        return fail(Errc::too_deep,
                    fmt::format("the body nests deeper than {}", limits::json_depth_max));
    }
    if (error == json::error::incomplete) {
        return fail(Errc::bad_json, "the body ends before its JSON does");
    }
    return fail(Errc::bad_json,
                fmt::format("the body is not JSON: {} near byte {}", error.message(), at));
}

}  // namespace

Result<void> check_content_type(const Request& request, std::string_view media) {
    const std::string_view text = request.content_type;
    const auto semicolon = text.find(';');
    bool accepted = equals_ignoring_case(trim(text.substr(0, semicolon)), media);
    if (accepted && semicolon != std::string_view::npos) {
        const auto parameter = trim(text.substr(semicolon + 1));
        accepted = parameter.empty() || equals_ignoring_case(parameter, "charset=utf-8") ||
                   equals_ignoring_case(parameter, "charset=\"utf-8\"");
    }
    if (accepted) return {};
    if (media != "application/json") {
        return fail(Errc::unsupported_media_type,
                    fmt::format("send the body with `Content-Type: {}`", media));
    }
    return fail(Errc::unsupported_media_type,
                "send the body as JSON, with `Content-Type: application/json`");
}

Result<json::value> parse_document(std::string_view text) {
    if (!is_clean_utf8(text))
        return fail(Errc::bad_utf8, "the body is not well-formed UTF-8 without NUL bytes");
    json::basic_parser<UniqueNames> parser{options()};
    Code error;
    const auto used = parser.write_some(false, text.data(), text.size(), error);
    if (!error && used < text.size()) error = json::error::extra_data;
    if (error) return refusal_of(error, parser.handler(), used);
    return parser.handler().values.release();
}

Result<json::value> parse_object(std::string_view text) {
    TENANTRY_TRY(value, parse_document(text));
    if (!value.is_object()) return fail(Errc::bad_json, "the body must be a JSON object");
    return std::move(value);
}

Result<std::optional<std::string>> parse_only_text(const Request& request, std::string_view name) {
    if (request.body.empty()) return std::optional<std::string>{};
    TENANTRY_TRY(body, parse_object(request.body));
    std::optional<std::string> text;
    for (const auto& [key, value] : body.get_object()) {
        if (std::string_view{key} != name) {
            return fail(Errc::unknown_field, fmt::format("only {} may stand in this body", name),
                        abridged(key));
        }
        if (!value.is_string())
            return fail(Errc::bad_value, fmt::format("{} is not a string", name),
                        std::string{name});
        text = std::string{value.get_string()};
    }
    return text;
}

}  // namespace tenantry::http
