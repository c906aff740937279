#include "base/text_search.hpp"

#include "base/text.hpp"
#include "search_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace tenantry {

/// Puts a query together. What has no words is `nullopt`, as PostgreSQL's clean_stopword() has it:
/// what it is joined with is left, with the distances that it takes up.
class SearchBuilder {
public:
    using Kind = TextSearch::Node::Kind;
    struct Part {
        std::optional<std::size_t> node{};
        std::uint32_t before = 0;  // distances of what was left out
        std::uint32_t after = 0;
    };

    /// The words of a piece of the query, joined by `join`.
    Part words(std::string_view text, Kind join, bool prefix = false, bool findable = true) {
        Part out;
        std::uint32_t place = 0;
        for (auto& [word, at] : words_in(text)) {
            const auto number = search_.words_.size();
            search_.words_.push_back(std::move(word));
            Part next{
                push({.kind = Kind::word, .prefix = prefix, .findable = findable, .left = number})};
            out = out.node ? combined(join, out, next, at - place) : next;
            place = at;
        }
        return out;
    }

    Part negated(Part part) {
        if (!part.node) return {};
        return {push({.kind = Kind::negation, .left = *part.node}), part.before, part.after};
    }

    Part combined(Kind kind, Part left, Part right, std::uint32_t distance = 0) {
        if (kind != Kind::phrase) distance = 0;
        if (!left.node && !right.node) {
            const auto gap = left.before + distance + right.before;
            return {std::nullopt, gap, gap};
        }
        if (!left.node) return {right.node, left.before + distance + right.before, right.after};
        if (!right.node) return {left.node, left.before, left.after + distance + right.after};
        const auto apart = std::min(distance + left.after + right.before, TextSearch::distance_max);
        return {push({.kind = kind, .distance = apart, .left = *left.node, .right = *right.node}),
                left.before, right.after};
    }

    TextSearch finish(Part whole) {
        if (!whole.node) return {};
        return std::move(search_);
    }

private:
    std::size_t push(TextSearch::Node node) {
        search_.nodes_.push_back(node);
        return search_.nodes_.size() - 1;
    }

    TextSearch search_;
};

namespace {

using Kind = SearchBuilder::Kind;
using Part = SearchBuilder::Part;

constexpr std::string_view operator_signs = "!&|()";

bool is_space(char c) { return std::string_view{" \t\n\v\f\r"}.contains(c); }
bool is_sign(char c) { return operator_signs.contains(c); }

void skip_spaces(std::string_view& text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
}

Error mistake(std::string message) { return fail(Errc::bad_query, std::move(message)); }

/// `!` binds the most, then `<->`, `&` and `|`.
class OperatorParser {
public:
    OperatorParser(std::string_view text, SearchBuilder& builder) : rest_{text}, build_{builder} {}

    Result<Part> run() {
        skip_spaces(rest_);
        if (rest_.empty()) return Part{};
        TENANTRY_TRY(whole, chain(Level::either, 0));
        if (!rest_.empty())
            return mistake(fmt::format("lacks an operator before '{}'", printable(rest_)));
        return whole;
    }

private:
    enum class Level { either, both, phrase };

    static constexpr Level tighter(Level level) {
        return level == Level::either ? Level::both : Level::phrase;
    }

    /// What is joined by the operators of that level, from the left.
    Result<Part> chain(Level level, std::size_t depth) {
        const auto next = [&]() -> Result<Part> {
            return level == Level::phrase ? operand(depth) : chain(tighter(level), depth);
        };
        TENANTRY_TRY(out, next());
        while (true) {
            std::uint32_t distance = 0;
            TENANTRY_TRY(taken, take(level, distance));
            if (!taken) return out;
            TENANTRY_TRY(right, next());
            constexpr Kind kinds[] = {Kind::either, Kind::both, Kind::phrase};
            out = build_.combined(kinds[static_cast<std::size_t>(level)], out, right, distance);
        }
    }

    Result<bool> take(Level level, std::uint32_t& distance) {
        skip_spaces(rest_);
        if (level == Level::either) return skip('|');
        if (level == Level::both) return skip('&');
        if (!rest_.starts_with('<')) return false;
        const auto end = rest_.find('>');
        const auto inner = rest_.substr(1, end == std::string_view::npos ? end : end - 1);
        if (end == std::string_view::npos || inner.empty())
            return mistake("has a '<' that begins no '<->' or '<N>'");
        rest_.remove_prefix(end + 1);
        distance = 1;
        if (inner == "-") return true;
        distance = 0;
        for (const char c : inner) {
            if (c < '0' || c > '9') return mistake("has a '<' that begins no '<->' or '<N>'");
            distance = distance * 10 + static_cast<std::uint32_t>(c - '0');
            if (distance > TextSearch::distance_max) {
                return mistake(fmt::format("has a distance above {}", TextSearch::distance_max));
            }
        }
        return true;
    }

    Result<Part> operand(std::size_t depth) {
        if (depth > TextSearch::depth_max)
            return mistake(fmt::format("nests deeper than {}", TextSearch::depth_max));
        skip_spaces(rest_);
        if (rest_.empty()) return mistake("ends where a word is expected");
        if (skip('!')) {
            TENANTRY_TRY(part, operand(depth + 1));
            return build_.negated(part);
        }
        if (skip('(')) {
            TENANTRY_TRY(part, chain(Level::either, depth + 1));
            skip_spaces(rest_);
            if (!skip(')')) return mistake("has a '(' that is not closed");
            return part;
        }
        if (is_sign(rest_.front()) || rest_.front() == ':')
            return mistake(fmt::format("has '{}' where a word is expected", rest_.front()));
        return word();
    }

    Result<Part> word() {
        std::string text;
        const bool is_quoted = rest_.starts_with('\'');
        TENANTRY_TRY_VOID(is_quoted ? quoted(text) : bare(text));
        bool prefix = false;
        bool weighed = false;
        bool findable = false;
        if (skip(':')) {
            for (; !rest_.empty(); rest_.remove_prefix(1)) {
                const char c = rest_.front();
                if (c == '*') {
                    prefix = true;
                } else if (std::string_view{"abcdABCD"}.contains(c)) {
                    weighed = true;
                    findable = findable || c == 'd' || c == 'D';
                } else {
                    break;
                }
            }
        }
        return build_.words(text, Kind::phrase, prefix, findable || !weighed);
    }

    Result<void> bare(std::string& text) {
        while (!rest_.empty()) {
            const char c = rest_.front();
            if (is_space(c) || is_sign(c) || c == ':') break;
            TENANTRY_TRY_VOID(character(text));
        }
        return {};
    }

    Result<void> quoted(std::string& text) {
        rest_.remove_prefix(1);
        while (!rest_.empty()) {
            if (rest_.starts_with("''"))
                rest_.remove_prefix(1);
            else if (skip('\''))
                return {};
            TENANTRY_TRY_VOID(character(text));
        }
        return mistake("has a quote that is not closed");
    }

    Result<void> character(std::string& text) {
        if (skip('\\') && rest_.empty()) return mistake("ends in an escape");
        text += rest_.front();
        rest_.remove_prefix(1);
        return {};
    }

    bool skip(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    std::string_view rest_;
    SearchBuilder& build_;
};

/// Words, "phrases", `or` and `-`. What else could be an operator separates words.
class WebParser {
public:
    WebParser(std::string_view text, SearchBuilder& builder) : rest_{text}, build_{builder} {}

    Part run() {
        Part out;
        bool first = true;
        while (true) {
            const auto next = all_of();
            out = first ? next : build_.combined(Kind::either, out, next);
            first = false;
            if (rest_.empty()) return out;
        }
    }

private:
    /// Up to an `or`, which it takes, or the end.
    Part all_of() {
        Part out;
        bool first = true;
        while (true) {
            if (!first && takes_or()) return out;
            skip_spaces(rest_);
            if (rest_.empty()) return out;
            const auto next = operand();
            out = first ? next : build_.combined(Kind::both, out, next);
            first = false;
        }
    }

    Part operand() {
        bool negated = false;
        while (!rest_.empty() && (is_space(rest_[0]) || is_sign(rest_[0]) || rest_[0] == '-')) {
            if (rest_[0] == '-') negated = !negated;
            rest_.remove_prefix(1);
        }
        const auto out = build_.words(rest_.starts_with('"') ? quoted() : bare(), Kind::phrase);
        return negated ? build_.negated(out) : out;
    }

    std::string_view quoted() {
        rest_.remove_prefix(1);
        const auto text = rest_.substr(0, rest_.find('"'));
        rest_.remove_prefix(std::min(text.size() + 1, rest_.size()));
        return text;
    }

    /// A colon belongs to no word, but may begin what is read as one.
    std::string_view bare() {
        std::size_t size = rest_.empty() ? 0 : 1;
        const auto ends = [](char c) { return is_space(c) || is_sign(c) || c == '"' || c == ':'; };
        while (size < rest_.size() && !ends(rest_[size])) ++size;
        const auto text = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return text;
    }

    /// An `or` between operands: no part of a word, and something comes after it.
    bool takes_or() {
        while (!rest_.empty() && (is_space(rest_[0]) || is_sign(rest_[0]))) rest_.remove_prefix(1);
        if (!equals_ignoring_case(rest_.substr(0, 2), "or")) return false;
        const auto after = rest_.substr(2);
        if (std::ranges::all_of(after, is_space)) return false;
        if (after[0] == '-' || after[0] == '_' || begins_with_letter(after)) return false;
        rest_.remove_prefix(2);
        return true;
    }

    std::string_view rest_;
    SearchBuilder& build_;
};

}  // namespace

Result<TextSearch> TextSearch::parse(std::string_view query, SearchSyntax syntax) {
    if (query.size() > query_bytes_max)
        return mistake(fmt::format("is longer than {} bytes", query_bytes_max));
    SearchBuilder builder;
    switch (syntax) {
    case SearchSyntax::operators: {
        TENANTRY_TRY(whole, OperatorParser(query, builder).run());
        return builder.finish(whole);
    }
    case SearchSyntax::plain: return builder.finish(builder.words(query, Kind::both));
    case SearchSyntax::phrase: return builder.finish(builder.words(query, Kind::phrase));
    case SearchSyntax::web: return builder.finish(WebParser{query, builder}.run());
    }
    std::unreachable();
}

/// One text's.
class SearchMatch {
public:
    using Node = TextSearch::Node;

    SearchMatch(const TextSearch& search, std::span<const std::string_view> texts)
        : search_{search} {
        std::uint32_t before = 0;
        for (const auto text : texts) {
            auto words = words_in(text);
            for (auto& word : words) word.place += before;
            // A place between them is left free.
            if (!words.empty()) before = words.back().place + 1;
            std::ranges::move(words, std::back_inserter(words_));
        }
    }

    bool holds(std::size_t at) const {
        const auto& node = search_.nodes_[at];
        switch (node.kind) {
        case Node::Kind::negation: return !holds(node.left);
        case Node::Kind::both: return holds(node.left) && holds(node.right);
        case Node::Kind::either: return holds(node.left) || holds(node.right);
        case Node::Kind::word:
        case Node::Kind::phrase: break;
        }
        const auto found = places(at);
        return found.negated || !found.at.empty();
    }

private:
    /// Where the last word of what is found stands, or everywhere else if `negated`; and how far
    /// before it the first one does. As PostgreSQL's TS_phrase_execute().
    struct Places {
        std::vector<std::uint32_t> at{};
        bool negated = false;
        std::uint32_t width = 0;
    };

    Places places(std::size_t at) const {
        const auto& node = search_.nodes_[at];
        switch (node.kind) {
        case Node::Kind::word: return {.at = places_of(node)};
        case Node::Kind::negation: {
            auto out = places(node.left);
            out.negated = !out.negated;
            return out;
        }
        case Node::Kind::either: {
            auto [left, right, width] = ends_aligned(node);
            left.negated = !left.negated;
            right.negated = !right.negated;
            auto out = in_both(std::move(left), std::move(right));
            out.negated = !out.negated;
            out.width = width;
            return out;
        }
        case Node::Kind::both: {
            auto [left, right, width] = ends_aligned(node);
            auto out = in_both(std::move(left), std::move(right));
            out.width = width;
            return out;
        }
        case Node::Kind::phrase: {
            auto left = places(node.left);
            auto right = places(node.right);
            const auto width = node.distance + left.width + right.width;
            moved(left, node.distance + right.width);
            auto out = in_both(std::move(left), std::move(right));
            out.width = width;
            return out;
        }
        }
        std::unreachable();
    }

    std::vector<std::uint32_t> places_of(const Node& node) const {
        std::vector<std::uint32_t> out;
        if (!node.findable) return out;
        const auto& wanted = search_.words_[node.left];
        for (const auto& [word, place] : words_) {
            if (node.prefix ? word.starts_with(wanted) : word == wanted) out.push_back(place);
        }
        return out;
    }

    struct Pair {
        Places left;
        Places right;
        std::uint32_t width;
    };
    Pair ends_aligned(const Node& node) const {
        Pair out{places(node.left), places(node.right), 0};
        out.width = std::max(out.left.width, out.right.width);
        moved(out.left, out.width - out.left.width);
        moved(out.right, out.width - out.right.width);
        return out;
    }

    static void moved(Places& places, std::uint32_t by) {
        for (auto& place : places.at) place += by;
    }

    static Places in_both(Places left, Places right) {
        Places out;
        const auto into = std::back_inserter(out.at);
        if (left.negated && right.negated) {
            std::ranges::set_union(left.at, right.at, into);
            out.negated = true;
        } else if (left.negated) {
            std::ranges::set_difference(right.at, left.at, into);
        } else if (right.negated) {
            std::ranges::set_difference(left.at, right.at, into);
        } else {
            std::ranges::set_intersection(left.at, right.at, into);
        }
        return out;
    }

    const TextSearch& search_;
    std::vector<PlacedWord> words_;
};

bool TextSearch::found_in(std::string_view text) const { return found_in(std::span{&text, 1}); }

bool TextSearch::found_in(std::span<const std::string_view> texts) const {
    if (nodes_.empty()) return false;
    return SearchMatch{*this, texts}.holds(nodes_.size() - 1);
}

}  // namespace tenantry
