#include "schema/json.hpp"

#include "base/text.hpp"

#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

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

void sort_members(json::object& object) {
    const auto before = [](const json::key_value_pair* a, const json::key_value_pair* b) {
        if (a->key().size() != b->key().size()) return a->key().size() < b->key().size();
        return a->key() < b->key();
    };
    std::vector<json::key_value_pair*> members;
    members.reserve(object.size());
    for (auto& member : object) members.push_back(&member);
    if (std::ranges::is_sorted(members, before)) return;
    std::ranges::sort(members, before);
    json::object sorted;
    sorted.reserve(object.size());
    for (auto* member : members) sorted.emplace(member->key(), std::move(member->value()));
    object = std::move(sorted);
}

/// Calls `text` with each stretch outside of strings and `string` with each string, quotes
/// included.
template <class Text, class String>
void split_strings(std::string_view document, Text text, String string) {
    while (!document.empty()) {
        const auto quote = std::min(document.find('"'), document.size());
        if (quote > 0) text(document.substr(0, quote));
        document.remove_prefix(quote);
        if (document.empty()) return;
        std::size_t end = 1;
        while (end < document.size() && document[end] != '"')
            end += document[end] == '\\' ? 2U : 1U;
        end = std::min(end + 1, document.size());
        string(document.substr(0, end));
        document.remove_prefix(end);
    }
}

constexpr std::string_view number_characters = "0123456789+-.eE";

/// Calls `number` with each number in a stretch outside of strings and `other` with what is
/// between.
template <class Number, class Other>
void split_numbers(std::string_view text, Number number, Other other) {
    while (!text.empty()) {
        const auto start = std::min(text.find_first_of("0123456789-"), text.size());
        if (start > 0) other(text.substr(0, start));
        text.remove_prefix(start);
        const auto length = std::min(text.find_first_not_of(number_characters), text.size());
        if (length > 0) number(text.substr(0, length));
        text.remove_prefix(length);
    }
}

/// A double in all its digits.
void append_fixed(std::string& out, std::string_view number) {
    char buffer[1100];  // the smallest double has 1,074 digits behind the point
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer,
                                            nearest_double(number, 0), std::chars_format::fixed);
    const std::string_view digits{buffer, error == std::errc{} ? end : buffer};
    out += digits;
    if (digits.find('.') == std::string_view::npos) out += ".0";
}

/// The longest run of digits that is an integer of 64 bits for sure.
constexpr std::size_t sure_digits = 18;

void append_number_of_jsonb(std::string& out, std::string_view number) {
    if (number.find('.') != std::string_view::npos) {
        append_double(out, nearest_double(number, std::numeric_limits<double>::infinity()));
        return;
    }
    std::uint64_t unused = 0;
    std::int64_t unused_too = 0;
    const auto* const end = number.data() + number.size();
    const bool fits = number.size() <= sure_digits ||
                      std::from_chars(number.data(), end, unused).ec == std::errc{} ||
                      std::from_chars(number.data(), end, unused_too).ec == std::errc{};
    if (fits) {
        out += number;
    } else {
        append_double(out, nearest_double(number, std::numeric_limits<double>::infinity()));
    }
}

/// `append_sign`: for what is neither a string nor a number.
template <class AppendSign>
void append_without_exponents(std::string& out, std::string_view canonical,
                              const AppendSign& append_sign) {
    const auto append = [&](std::string_view text) { out += text; };
    const auto append_number = [&](std::string_view number) {
        if (number.find_first_of("eE") == std::string_view::npos) return append(number);
        append_fixed(out, number);
    };
    split_strings(
        canonical, [&](std::string_view text) { split_numbers(text, append_number, append_sign); },
        append);
}

}  // namespace

void make_canonical(json::value& value) {
    if (auto* number = value.if_double(); number != nullptr && *number == 0) *number = 0;
    if (auto* array = value.if_array()) {
        for (auto& element : *array) make_canonical(element);
    }
    if (auto* object = value.if_object()) {
        sort_members(*object);
        for (auto& member : *object) make_canonical(member.value());
    }
}

void append_for_jsonb(std::string& out, std::string_view canonical) {
    append_without_exponents(out, canonical, [&](std::string_view text) { out += text; });
}

void append_jsonb_text(std::string& out, std::string_view canonical) {
    append_without_exponents(out, canonical, [&](std::string_view text) {
        for (const char c : text) {
            out += c;
            if (c == ',' || c == ':') out += ' ';
        }
    });
}

void append_from_jsonb(std::string& out, std::string_view printed) {
    const auto append_dense = [&](std::string_view text) {
        for (const char c : text) {
            if (c != ' ') out += c;
        }
    };
    const auto append_number = [&](std::string_view number) {
        append_number_of_jsonb(out, number);
    };
    split_strings(
        printed, [&](std::string_view text) { split_numbers(text, append_number, append_dense); },
        [&](std::string_view text) { out += text; });
}

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
