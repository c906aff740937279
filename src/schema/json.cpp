#include "schema/json.hpp"

#include "base/text.hpp"

#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <span>
#include <string_view>

namespace tenantry::schema {
namespace {

namespace json = boost::json;

template <class Number>
std::string_view print(Number value, std::span<char> buffer) {
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return {buffer.data(), end};
}

void append_double(std::string& out, double value) {
    if (!std::isfinite(value)) {
        out += "null";
        return;
    }
    char buffer[40];
    const auto text = print(value, buffer);
    out += text;
    if (text.find_first_of(".e") == std::string_view::npos) out += ".0";
}

void append_array(std::string& out, const json::array& array) {
    out += '[';
    const char* separator = "";
    for (const auto& element : array) {
        out += separator;
        append_json(out, element);
        separator = ",";
    }
    out += ']';
}

void append_object(std::string& out, const json::object& object) {
    out += '{';
    const char* separator = "";
    for (const auto& [key, member] : object) {
        out += separator;
        append_json_string(out, key);
        out += ':';
        append_json(out, member);
        separator = ",";
    }
    out += '}';
}

using boost::system::error_code;

/// Builds values as Boost's own handler does, but for doubles. The members are those that
/// json::basic_parser asks for.
struct ExactHandler {
    static constexpr std::size_t max_object_size = json::object::max_size();
    static constexpr std::size_t max_array_size = json::array::max_size();
    static constexpr std::size_t max_key_size = json::string::max_size();
    static constexpr std::size_t max_string_size = json::string::max_size();

    json::value_stack stack{};

    ExactHandler() { stack.reset(); }

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code&) { return true; }
    bool on_object_end(std::size_t size, error_code&) { return stack.push_object(size), true; }
    bool on_array_begin(error_code&) { return true; }
    bool on_array_end(std::size_t size, error_code&) { return stack.push_array(size), true; }
    bool on_key_part(json::string_view text, std::size_t, error_code&) {
        return stack.push_chars(text), true;
    }
    bool on_key(json::string_view text, std::size_t, error_code&) {
        return stack.push_key(text), true;
    }
    bool on_string_part(json::string_view text, std::size_t, error_code&) {
        return stack.push_chars(text), true;
    }
    bool on_string(json::string_view text, std::size_t, error_code&) {
        return stack.push_string(text), true;
    }
    bool on_number_part(json::string_view, error_code&) { return true; }
    bool on_int64(std::int64_t value, json::string_view, error_code&) {
        return stack.push_int64(value), true;
    }
    bool on_uint64(std::uint64_t value, json::string_view, error_code&) {
        return stack.push_uint64(value), true;
    }
    /// The text is whole, since the parser is given the document in one piece.
    bool on_double(double near, json::string_view text, error_code&) {
        return stack.push_double(nearest_double(text, near)), true;
    }
    bool on_bool(bool value, error_code&) { return stack.push_bool(value), true; }
    bool on_null(error_code&) { return stack.push_null(), true; }
    bool on_comment_part(json::string_view, error_code&) { return true; }
    bool on_comment(json::string_view, error_code&) { return true; }
};

}  // namespace

double nearest_double(std::string_view text, double otherwise) noexcept {
    double nearest = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, nearest);
    return error == std::errc{} && stopped == end ? nearest : otherwise;
}

Result<json::value> read_json(std::string_view text, std::size_t depth_max) {
    json::parse_options options;
    options.max_depth = depth_max;
    json::basic_parser<ExactHandler> parser{options};
    error_code error;
    const auto read = parser.write_some(false, text.data(), text.size(), error);
    if (error || read < text.size()) return fail(Errc::bad_json, "is not JSON");
    return parser.handler().stack.release();
}

void append_json(std::string& out, const json::value& value) {
    char buffer[24];
    switch (value.kind()) {
    case json::kind::null: out += "null"; break;
    case json::kind::bool_: out += value.get_bool() ? "true" : "false"; break;
    case json::kind::int64: out += print(value.get_int64(), buffer); break;
    case json::kind::uint64: out += print(value.get_uint64(), buffer); break;
    case json::kind::double_: append_double(out, value.get_double()); break;
    case json::kind::string: append_json_string(out, value.get_string()); break;
    case json::kind::array: append_array(out, value.get_array()); break;
    case json::kind::object: append_object(out, value.get_object()); break;
    }
}

}  // namespace tenantry::schema
