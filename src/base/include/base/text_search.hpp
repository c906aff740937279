#pragma once
/// Full-text search: the queries of PostgreSQL's to_tsquery, plainto_tsquery, phraseto_tsquery and
/// websearch_to_tsquery, and what they find in a text with the configuration `simple`, which knows
/// words by their letters alone. The grammar is that of PostgreSQL 15
/// (src/backend/utils/adt/tsquery.c), where its documentation (12.3.2) leaves a question open.
///
/// A word is a run of letters and digits in any script, told without regard to case. Words joined
/// by hyphens are one word, and then each of them. PostgreSQL's own parser also takes numbers with
/// points, addresses of mail and web, and paths for single words; here they are several.
///
/// Threads: values.

#include "base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry {

enum class SearchSyntax {
    operators,  // `a & !(b | c:*) <-> d`
    plain,      // all of the words
    phrase,     // the words, one after the other
    web,        // `a "b c" or -d`; there are no mistakes in it
};

class TextSearch {
public:
    static constexpr std::size_t query_bytes_max = 1024;
    static constexpr std::size_t depth_max = 32;
    /// Words further apart are as far as that, as in PostgreSQL.
    static constexpr std::uint32_t distance_max = 16384;

    /// Errors: bad_query; the message says what is wrong, without "the query".
    static Result<TextSearch> parse(std::string_view query, SearchSyntax syntax);

    /// Whether `text` is found. Takes time proportional to the text and to the query's words. A
    /// query without a word finds nothing.
    bool found_in(std::string_view text) const;
    /// The same of several texts, one after the other: no phrase goes from one to the next.
    bool found_in(std::span<const std::string_view> texts) const;

private:
    friend class SearchBuilder;
    friend class SearchMatch;
    struct Node {
        enum class Kind : std::uint8_t { word, negation, both, either, phrase };
        Kind kind;
        bool prefix = false;         // of a word: what begins with it is found
        bool findable = true;        // of a word: not if only other weights than D are meant
        std::uint32_t distance = 1;  // of a phrase, from its left end to its right
        std::size_t left = 0;        // nodes, which come before this one; of a word: its number
        std::size_t right = 0;
    };

    std::vector<Node> nodes_{};  // the last is the whole query
    std::vector<std::string> words_{};
};

}  // namespace tenantry
