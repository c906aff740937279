#include "strict_json.hpp"

#include "base/limits.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>

#include <cstddef>
#include <cstdint>

namespace tenantry::auth {
namespace {

namespace json = boost::json;

json::parse_options options() {
    json::parse_options chosen;
    chosen.max_depth = limits::json_depth_max;
    return chosen;
}

/// Counts the members written in a text, repeated names included.
struct MemberCounter {
    using Code = json::error_code;
    static constexpr std::size_t max_object_size = SIZE_MAX;
    static constexpr std::size_t max_array_size = SIZE_MAX;
    static constexpr std::size_t max_key_size = SIZE_MAX;
    static constexpr std::size_t max_string_size = SIZE_MAX;

    std::size_t members = 0;

    bool on_document_begin(Code&) { return true; }
    bool on_document_end(Code&) { return true; }
    bool on_object_begin(Code&) { return true; }
    bool on_object_end(std::size_t count, Code&) {
        members += count;
        return true;
    }
    bool on_array_begin(Code&) { return true; }
    bool on_array_end(std::size_t, Code&) { return true; }
    bool on_key_part(json::string_view, std::size_t, Code&) { return true; }
    bool on_key(json::string_view, std::size_t, Code&) { return true; }
    bool on_string_part(json::string_view, std::size_t, Code&) { return true; }
    bool on_string(json::string_view, std::size_t, Code&) { return true; }
    bool on_number_part(json::string_view, Code&) { return true; }
    bool on_int64(std::int64_t, json::string_view, Code&) { return true; }
    bool on_uint64(std::uint64_t, json::string_view, Code&) { return true; }
    bool on_double(double, json::string_view, Code&) { return true; }
    bool on_bool(bool, Code&) { return true; }
    bool on_null(Code&) { return true; }
    bool on_comment_part(json::string_view, Code&) { return true; }
    bool on_comment(json::string_view, Code&) { return true; }
};

std::size_t written_members(std::string_view text) {
    json::basic_parser<MemberCounter> parser{options()};
    json::error_code error;
    parser.write_some(false, text.data(), text.size(), error);
    return parser.handler().members;
}

// As deep as the parser let the value be.
std::size_t kept_members(const json::value& value) {
    std::size_t members = 0;
    if (const auto* object = value.if_object()) {
        members = object->size();
        for (const auto& member : *object) members += kept_members(member.value());
    } else if (const auto* array = value.if_array()) {
        for (const auto& element : *array) members += kept_members(element);
    }
    return members;
}

}  // namespace

std::optional<json::object> parse_unambiguous_object(std::string_view text) {
    json::error_code error;
    auto value = json::parse(text, error, {}, options());
    if (error || !value.is_object()) return std::nullopt;
    // The parser keeps the last of several equal names, so the text then has more than the value.
    if (written_members(text) != kept_members(value)) return std::nullopt;
    return std::move(value.get_object());
}

}  // namespace tenantry::auth
