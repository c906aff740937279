#include "text_scanner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tenantry::query {
namespace {

constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

constexpr bool is_name_char(char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
           static_cast<unsigned char>(c) >= 0x80;
}

/// Length of the unquoted name at the start of `text`; the hyphen of an arrow is none of it.
std::size_t plain_name_length(std::string_view text) {
    std::size_t length = 0;
    while (length < text.size()) {
        const bool inner_hyphen =
            text[length] == '-' && length > 0 && !text.substr(length).starts_with("->");
        if (!is_name_char(text[length]) && !inner_hyphen) break;
        ++length;
    }
    return length;
}

/// Words that mean something else where a name could stand.
constexpr std::array<std::string_view, 10> reserved{
    "select", "columns", "on_conflict", "order", "limit", "offset", "and", "or", "not", "count"};

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

}  // namespace

bool TextScanner::skip(std::string_view text) noexcept {
    if (!sees(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
}

void TextScanner::skip_spaces() noexcept {
    while (skip(" ") || skip("\t") || skip("\n") || skip("\r")) {
    }
}

std::string_view TextScanner::word() noexcept {
    std::size_t length = 0;
    while (length < rest_.size() && (is_letter(rest_[length]) || rest_[length] == '_')) ++length;
    const auto out = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return out;
}

std::string_view TextScanner::remainder() noexcept {
    const auto out = rest_;
    rest_ = {};
    return out;
}

Result<Name> TextScanner::name() {
    if (sees("\"")) {
        TENANTRY_TRY(text, quoted());
        if (text.empty()) return fail(Errc::bad_query, "a name is empty");
        return Name{std::move(text), true};
    }
    const auto length = plain_name_length(rest_);
    if (length == 0) {
        return fail(Errc::bad_query,
                    done() ? std::string{"a name is missing at the end"}
                           : fmt::format("a name is missing before '{}'", excerpt(rest_)));
    }
    Name out{std::string{rest_.substr(0, length)}, false};
    rest_.remove_prefix(length);
    return out;
}

Result<std::optional<JsonPath>> TextScanner::path() {
    std::optional<JsonPath> out;
    while (sees("->")) {
        if (out && out->as_text)
            return fail(Errc::bad_query, "->> gives a text, which has no place within");
        if (!out) out.emplace();
        out->as_text = skip("->>");
        if (!out->as_text) skip("->");
        const bool negative = skip("-");
        TENANTRY_TRY(step, name());
        out->steps.push_back((negative ? "-" : "") + step.text);
    }
    return out;
}

Result<std::string> TextScanner::literal() {
    if (!sees("{")) return value();
    std::size_t depth = 0;
    bool in_quotes = false;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
        const char c = rest_[i];
        if (c == '\\') {
            ++i;
        } else if (c == '"') {
            in_quotes = !in_quotes;
        } else if (!in_quotes && c == '{') {
            ++depth;
        } else if (!in_quotes && c == '}' && --depth == 0) {
            std::string out{rest_.substr(0, i + 1)};
            rest_.remove_prefix(i + 1);
            return out;
        }
    }
    return fail(Errc::bad_query, fmt::format("a {{ is not closed: '{}'", excerpt(rest_)));
}

Result<std::string> TextScanner::value() {
    if (!sees("\"")) {
        const auto length = std::min(rest_.find_first_of(",)"), rest_.size());
        std::string out{rest_.substr(0, length)};
        rest_.remove_prefix(length);
        return out;
    }
    TENANTRY_TRY(out, quoted());
    if (!done() && !sees(",") && !sees(")")) {
        return fail(Errc::bad_query, fmt::format("after a quoted value comes , or ) but not '{}'; "
                                                 "a quote within quotes is written \\\"",
                                                 excerpt(rest_)));
    }
    return std::move(out);
}

Result<std::string> TextScanner::quoted() {
    std::string out;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
        if (rest_[i] == '"') {
            rest_.remove_prefix(i + 1);
            return out;
        }
        if (rest_[i] == '\\' && ++i == rest_.size()) break;
        out += rest_[i];
    }
    return fail(Errc::bad_query, fmt::format("a quote is not closed: '{}'", excerpt(rest_)));
}

void append_name(std::string& out, std::string_view name) {
    const bool plain = plain_name_length(name) == name.size() &&
                       std::ranges::find(reserved, name) == reserved.end();
    if (plain) {
        out += name;
    } else {
        append_quoted(out, name);
    }
}

void append_path(std::string& out, const JsonPath& path) {
    for (std::size_t i = 0; i < path.steps.size(); ++i) {
        out += path.as_text && i + 1 == path.steps.size() ? "->>" : "->";
        const auto& step = path.steps[i];
        const bool negative = step.starts_with('-');
        const bool is_index =
            step.size() > (negative ? 1U : 0U) &&
            step.find_first_not_of("0123456789", negative ? 1 : 0) == std::string::npos;
        if (is_index) {
            out += step;
        } else {
            append_name(out, step);
        }
    }
}

void append_value(std::string& out, std::string_view value) {
    const bool plain = !value.empty() &&
                       value.find_first_of("\"\\,(){}") == std::string_view::npos &&
                       value.front() != ' ' && value.back() != ' ';
    if (plain) {
        out += value;
    } else {
        append_quoted(out, value);
    }
}

std::string excerpt(std::string_view text) {
    constexpr std::size_t bytes_max = 40;
    if (text.size() <= bytes_max) return std::string{text};
    auto end = bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return std::string{text.substr(0, end)} + "…";
}

}  // namespace tenantry::query
