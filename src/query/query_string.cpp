#include "query_string.hpp"

#include "base/text.hpp"

#include <optional>

namespace tenantry::query {
namespace {

constexpr int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

constexpr bool stays(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view{"-._~*(),:!"}.find(c) != std::string_view::npos;
}

Result<std::string> decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            out += ' ';
            continue;
        }
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const int high = i + 1 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
        if (high < 0 || low < 0) {
            return fail(Errc::bad_query,
                        "a percent sign in the query must be followed by two hexadecimal digits; "
                        "write %25 for the sign itself");
        }
        out += static_cast<char>(high << 4 | low);
        i += 2;
    }
    if (!is_clean_utf8(out)) {
        return fail(Errc::bad_utf8, "the query is not well-formed UTF-8 without NUL characters");
    }
    return out;
}

}  // namespace

Result<std::vector<QueryParameter>> decode_query(std::string_view text) {
    std::vector<QueryParameter> out;
    while (!text.empty()) {
        const auto end = text.find('&');
        const auto part = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (part.empty()) continue;
        const auto equals = part.find('=');
        TENANTRY_TRY(key, decode(part.substr(0, equals)));
        const bool has_value = equals != std::string_view::npos;
        TENANTRY_TRY(value, decode(has_value ? part.substr(equals + 1) : std::string_view{}));
        out.push_back({std::move(key), std::move(value)});
    }
    return out;
}

void append_encoded(std::string& out, std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (stays(c)) {
            out += c;
        } else if (c == ' ') {
            out += '+';
        } else {
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
}

}  // namespace tenantry::query
