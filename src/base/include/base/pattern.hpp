#pragma once
/// Patterns that text is matched with: LIKE and regular expressions. Both take time proportional to
/// text × pattern at the most, whatever the pattern, since strangers write them.
///
/// Whether or not letters' case counts is up to ASCII in both.
///
/// Regular expressions are a subset of PostgreSQL's: literals, `.`, `[…]` with ranges, negation and
/// `\d \w \s`, these outside of brackets too with `\D \W \S`, `^`, `$`, `( )`, `(?: )`, `|`, `*`,
/// `+`, `?`, `{m}`, `{m,}`, `{m,n}`. They find a match anywhere.
///
/// Threads: values.

#include "base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenantry {

enum class LetterCase { matters, ignored };

/// SQL's LIKE: `%` stands for any text, `_` for a character, `\` takes its meaning from what
/// follows.
bool like(std::string_view text, std::string_view pattern, LetterCase letters) noexcept;
/// PostgREST's: `*` is written for `%`, and `\*` for a star.
std::string pattern_of_stars(std::string_view text);

class Regex {
public:
    static constexpr std::size_t pattern_bytes_max = 256;
    static constexpr std::size_t program_max = 512;  // steps that a pattern comes to

    /// Errors: bad_query, also for what is not supported.
    static Result<Regex> parse(std::string_view pattern, LetterCase letters);

    /// Whether it matches somewhere in `text`.
    bool found_in(std::string_view text) const;

private:
    friend class RegexCompiler;
    struct Step {
        enum class Kind : std::uint8_t { set, split, jump, begin, end, match };
        Kind kind;
        std::uint16_t a = 0;  // of `set` its number; else where to go on
        std::uint16_t b = 0;  // of `split` the other way
    };
    struct Set {
        std::vector<std::pair<char32_t, char32_t>> ranges;  // both ends belong to them
        bool negated = false;

        bool holds(char32_t c) const noexcept;
    };
    bool takes(const Set& set, char32_t c) const noexcept;

    std::vector<Step> program_;
    std::vector<Set> sets_;
    bool fold_ = false;
};

}  // namespace tenantry
