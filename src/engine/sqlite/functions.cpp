#include "sqlite/functions.hpp"

#include "base/pattern.hpp"
#include "base/text.hpp"
#include "base/text_search.hpp"
#include "schema/json.hpp"
#include "schema/json_query.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenantry::engine::sqlite {
namespace {

namespace json = boost::json;

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text,
                               [](char c) { return (static_cast<unsigned char>(c) & 0x80) == 0; });
}

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view text_of(sqlite3_value* value) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
    return {text, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

bool any_null(std::span<sqlite3_value*> arguments) {
    return std::ranges::any_of(
        arguments, [](auto* value) { return sqlite3_value_type(value) == SQLITE_NULL; });
}

/// What is made of the second argument, which is the same for all rows of a statement: made once,
/// kept beside it. `use(made)` runs before SQLite may drop what is kept.
template <class Made, class Use>
void with_second(sqlite3_context* context, sqlite3_value* argument, Made (*make)(std::string_view),
                 const Use& use) {
    if (const auto* kept = static_cast<const Made*>(sqlite3_get_auxdata(context, 1)))
        return use(*kept);
    auto made = std::make_unique<Made>(make(text_of(argument)));
    use(*made);
    sqlite3_set_auxdata(context, 1, made.release(),
                        [](void* kept) { delete static_cast<Made*>(kept); });
}

bool contains(std::string_view haystack, const std::string& folded_needle) {
    if (!is_ascii(haystack)) return to_lower(haystack).find(folded_needle) != std::string::npos;
    const auto same = [](char a, char b) { return lower(a) == b; };
    return folded_needle.empty() || !std::ranges::search(haystack, folded_needle, same).empty();
}

void contains_folded(sqlite3_context* context, int, sqlite3_value** arguments) {
    if (any_null({arguments, 2})) return;
    with_second<std::string>(context, arguments[1], to_lower, [&](const std::string& needle) {
        sqlite3_result_int(context, contains(text_of(arguments[0]), needle) ? 1 : 0);
    });
}

void like_text(sqlite3_context* context, int, sqlite3_value** arguments) {
    if (any_null({arguments, 2})) return;
    const bool matches = like(text_of(arguments[0]), text_of(arguments[1]), LetterCase::matters);
    sqlite3_result_int(context, matches ? 1 : 0);
}

void like_folded(sqlite3_context* context, int, sqlite3_value** arguments) {
    if (any_null({arguments, 2})) return;
    with_second<std::string>(context, arguments[1], to_lower, [&](const std::string& pattern) {
        const bool matches = like(to_lower(text_of(arguments[0])), pattern, LetterCase::matters);
        sqlite3_result_int(context, matches ? 1 : 0);
    });
}

/// A plan holds none that can't be parsed.
template <LetterCase letters>
void match(sqlite3_context* context, int, sqlite3_value** arguments) {
    if (any_null({arguments, 2})) return;
    const auto make = [](std::string_view text) { return Regex::parse(text, letters).value(); };
    with_second<Regex>(context, arguments[1], make, [&](const Regex& regex) {
        sqlite3_result_int(context, regex.found_in(text_of(arguments[0])) ? 1 : 0);
    });
}

json::value document(std::string_view text) { return schema::read_json(text).value(); }

enum class Words { of_text, of_json };

/// Nor one of these.
template <SearchSyntax syntax, Words words>
void search(sqlite3_context* context, int, sqlite3_value** arguments) {
    if (any_null({arguments, 2})) return;
    const auto make = [](std::string_view text) { return TextSearch::parse(text, syntax).value(); };
    with_second<TextSearch>(context, arguments[1], make, [&](const TextSearch& query) {
        const auto text = text_of(arguments[0]);
        const bool found = words == Words::of_text
                               ? query.found_in(text)
                               : query.found_in(schema::strings_in(document(text)));
        sqlite3_result_int(context, found ? 1 : 0);
    });
}

std::vector<std::string> steps_in(std::string_view text) {
    std::vector<std::string> out;
    const auto steps = document(text);
    for (const auto& step : steps.as_array()) out.emplace_back(step.as_string());
    return out;
}

void give(sqlite3_context* context, std::string_view text) {
    sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

template <bool as_text>
void place(sqlite3_context* context, int, sqlite3_value** arguments) {
    if (any_null({arguments, 2})) return;
    const auto json = document(text_of(arguments[0]));
    using Steps = std::vector<std::string>;
    with_second<Steps>(context, arguments[1], steps_in, [&](const Steps& steps) {
        const auto* found = schema::find_in(json, steps);
        if (found == nullptr || (as_text && found->is_null())) return;
        if (as_text) return give(context, schema::text_of(*found));
        std::string text;
        schema::append_json(text, *found);
        give(context, text);
    });
}

void json_compare(sqlite3_context* context, int, sqlite3_value** arguments) {
    if (any_null({arguments, 2})) return;
    const auto json = document(text_of(arguments[0]));
    with_second<json::value>(context, arguments[1], document, [&](const json::value& other) {
        sqlite3_result_int(context, schema::compare_json(json, other));
    });
}

/// A collation can't fail: what is out of memory interrupts its statement.
int json_order(void* db, int size, const void* text, int other_size, const void* other) noexcept {
    const auto json_in = [](const void* bytes, int count) {
        return document({static_cast<const char*>(bytes), static_cast<std::size_t>(count)});
    };
    try {
        return schema::compare_json(json_in(text, size), json_in(other, other_size));
    } catch (const std::exception&) {
        sqlite3_interrupt(static_cast<sqlite3*>(db));
        return 0;
    }
}

void json_holds(sqlite3_context* context, int, sqlite3_value** arguments) {
    if (any_null({arguments, 2})) return;
    const bool holds =
        schema::json_holds(document(text_of(arguments[0])), document(text_of(arguments[1])));
    sqlite3_result_int(context, holds ? 1 : 0);
}

void arrays_overlap(sqlite3_context* context, int, sqlite3_value** arguments) {
    if (any_null({arguments, 2})) return;
    const auto own = document(text_of(arguments[0]));
    const auto other = document(text_of(arguments[1]));
    const bool overlap = std::ranges::any_of(own.as_array(), [&](const json::value& each) {
        return std::ranges::find(other.as_array(), each) != other.as_array().end();
    });
    sqlite3_result_int(context, overlap ? 1 : 0);
}

struct Function {
    const char* name;
    void (*body)(sqlite3_context*, int, sqlite3_value**);
};
/// Each takes two arguments.
constexpr std::array functions{
    Function{"contains_folded", contains_folded},
    Function{"like_text", like_text},
    Function{"like_folded", like_folded},
    Function{"match_text", match<LetterCase::matters>},
    Function{"match_ascii_folded", match<LetterCase::ignored>},
    Function{"search_by_operators", search<SearchSyntax::operators, Words::of_text>},
    Function{"search_all_words", search<SearchSyntax::plain, Words::of_text>},
    Function{"search_phrase", search<SearchSyntax::phrase, Words::of_text>},
    Function{"search_web", search<SearchSyntax::web, Words::of_text>},
    Function{"json_search_by_operators", search<SearchSyntax::operators, Words::of_json>},
    Function{"json_search_all_words", search<SearchSyntax::plain, Words::of_json>},
    Function{"json_search_phrase", search<SearchSyntax::phrase, Words::of_json>},
    Function{"json_search_web", search<SearchSyntax::web, Words::of_json>},
    Function{"json_at", place<false>},
    Function{"json_text_at", place<true>},
    Function{"json_compare", json_compare},
    Function{"json_holds", json_holds},
    Function{"arrays_overlap", arrays_overlap},
};

/// No exception may pass through SQLite.
template <std::size_t at>
void guarded(sqlite3_context* context, int count, sqlite3_value** arguments) {
    try {
        functions[at].body(context, count, arguments);
    } catch (const std::bad_alloc&) {
        sqlite3_result_error_nomem(context);
    } catch (const std::exception& thrown) {
        sqlite3_result_error(context, thrown.what(), -1);
    }
}

template <std::size_t... at>
void register_all(sqlite3* db, std::index_sequence<at...>) {
    constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    const auto add = [db](const char* name, auto body) {
        if (sqlite3_create_function_v2(db, name, 2, flags, nullptr, body, nullptr, nullptr,
                                       nullptr) != SQLITE_OK) {
            throw failure_of(db);
        }
    };
    (add(functions[at].name, guarded<at>), ...);
}

}  // namespace

void register_functions(sqlite3* db) {
    if (sqlite3_create_collation_v2(db, "json_order", SQLITE_UTF8, db, json_order, nullptr) !=
        SQLITE_OK) {
        throw failure_of(db);
    }
    register_all(db, std::make_index_sequence<functions.size()>{});
}

}  // namespace tenantry::engine::sqlite
