#include "sqlite/functions.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace tenantry::engine::sqlite {
namespace {

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text,
                               [](char c) { return (static_cast<unsigned char>(c) & 0x80) == 0; });
}

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Lower case, code point by code point; bytes that are no UTF-8 stay as they are.
std::string fold(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    if (is_ascii(text)) {
        std::ranges::transform(text, std::back_inserter(out), lower);
        return out;
    }
    while (!text.empty()) {
        utf8proc_int32_t point = 0;
        const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
        const auto length =
            utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size()), &point);
        if (length <= 0) {
            out += text.front();
            text.remove_prefix(1);
            continue;
        }
        utf8proc_uint8_t encoded[4];
        const auto written = utf8proc_encode_char(utf8proc_tolower(point), encoded);
        out.append(reinterpret_cast<const char*>(encoded), static_cast<std::size_t>(written));
        text.remove_prefix(static_cast<std::size_t>(length));
    }
    return out;
}

std::string_view text_of(sqlite3_value* value) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
    return {text, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

void contains_folded(sqlite3_context* context, int, sqlite3_value** arguments) {
    if (sqlite3_value_type(arguments[0]) == SQLITE_NULL ||
        sqlite3_value_type(arguments[1]) == SQLITE_NULL)
        return;
    // The needle is the same for all rows of a statement: folded once, kept beside it.
    auto* needle = static_cast<std::string*>(sqlite3_get_auxdata(context, 1));
    std::string made;
    if (needle == nullptr) {
        made = fold(text_of(arguments[1]));
        needle = &made;
    }
    const auto haystack = text_of(arguments[0]);
    bool found = false;
    if (is_ascii(haystack)) {
        const auto same = [](char a, char b) { return lower(a) == b; };
        found = needle->empty() || !std::ranges::search(haystack, *needle, same).empty();
    } else {
        found = fold(haystack).find(*needle) != std::string::npos;
    }
    sqlite3_result_int(context, found ? 1 : 0);
    if (needle == &made) {
        sqlite3_set_auxdata(context, 1, new std::string{std::move(made)},
                            [](void* kept) { delete static_cast<std::string*>(kept); });
    }
}

}  // namespace

void register_functions(sqlite3* db) {
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    if (sqlite3_create_function_v2(db, "contains_folded", 2, flags, nullptr, contains_folded,
                                   nullptr, nullptr, nullptr) != SQLITE_OK) {
        throw failure_of(db);
    }
}

}  // namespace tenantry::engine::sqlite
