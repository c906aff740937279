#pragma once
/// SQL functions that statements of the SQLite dialect call. All are null if an argument is.

#include "sqlite/handles.hpp"

namespace tenantry::engine::sqlite {

/// Text, where folded means in lower case (Unicode simple case mapping):
///   contains_folded(text, needle)   whether `needle` occurs in `text`, both folded
///   like_text(text, pattern)        LIKE; like_folded: both folded
///   match_text(text, regex)         whether the regular expression (base/pattern.hpp) matches
///                                   somewhere; match_ascii_folded: without regard to ASCII case
///   search_by_operators(text, query) whether a query of full-text search (base/text_search.hpp)
///                                   finds `text`; search_all_words, search_phrase, search_web
/// JSON, canonical as it is stored, an array's text too. `path`: an array of steps, of names and
/// indexes, as PostgreSQL's `#>` walks them:
///   json_at(json, path)             what is there; null if nothing is
///   json_text_at(json, path)        a string's text, else jsonb's; null also for JSON's null
///   json_compare(a, b)              -1, 0 or 1, as jsonb is ordered but for strings, which are by
///                                   their bytes
///   json_search_by_operators(json, query) as search_by_operators, of the strings within; and
///                                   json_search_all_words, json_search_phrase, json_search_web
///   json_holds(a, b)                PostgreSQL's `a @> b`
///   arrays_overlap(a, b)            whether two arrays of strings have one in common
/// and a collation, json_order, which is that of json_compare.
/// Throws SqliteFailure.
void register_functions(sqlite3* db);

}  // namespace tenantry::engine::sqlite
