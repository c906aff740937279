// A regular expression becomes a tree and that a program for Thompson's machine, which keeps the
// set of all places that it may be at: no backtracking, so no pattern takes long.

#include "base/pattern.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace tenantry {
namespace {

constexpr char32_t last_character = 0x10FFFF;

char fold(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

/// The other case of an ASCII letter, else the same.
char32_t other_case(char32_t c) noexcept {
    constexpr char32_t distance = 32;
    if (c >= U'A' && c <= U'Z') return c + distance;
    if (c >= U'a' && c <= U'z') return c - distance;
    return c;
}

bool continues(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; }

std::size_t character_bytes(std::string_view text, std::size_t at) noexcept {
    constexpr std::size_t most = 4;  // also of what is no UTF-8
    std::size_t size = 1;
    while (size < most && at + size < text.size() && continues(text[at + size])) ++size;
    return size;
}

/// The character at `at`, which moves behind it. `text` is well-formed UTF-8.
char32_t next_character(std::string_view text, std::size_t& at) noexcept {
    const auto size = character_bytes(text, at);
    const auto first = static_cast<unsigned char>(text[at]);
    char32_t c = size == 1 ? first : first & (0x7FU >> size);
    for (std::size_t i = 1; i < size; ++i)
        c = c << 6U | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
    at += size;
    return c;
}

}  // namespace

bool like(std::string_view text, std::string_view pattern, LetterCase letters) noexcept {
    const auto same = [&](char a, char b) {
        return letters == LetterCase::ignored ? fold(a) == fold(b) : a == b;
    };
    constexpr auto none = std::string_view::npos;
    std::size_t t = 0;
    std::size_t p = 0;
    std::size_t retry_pattern = none;  // behind the last wildcard
    std::size_t retry_text = 0;
    while (true) {
        if (p < pattern.size() && pattern[p] == '%') {
            retry_pattern = ++p;
            retry_text = t;
            continue;
        }
        if (t == text.size()) break;
        if (p < pattern.size() && pattern[p] == '_') {
            t += character_bytes(text, t);
            ++p;
            continue;
        }
        const auto escape = p + 1 < pattern.size() && pattern[p] == '\\' ? 1U : 0U;
        if (p < pattern.size() && same(text[t], pattern[p + escape])) {
            ++t;
            p += 1U + escape;
            continue;
        }
        if (retry_pattern == none) return false;
        p = retry_pattern;
        retry_text += character_bytes(text, retry_text);
        t = retry_text;
    }
    return p == pattern.size();
}

std::string pattern_of_stars(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escapes = text[i] == '\\' && i + 1 < text.size();
        if (escapes && text[i + 1] != '*') out += text[i];
        if (escapes) ++i;
        out += text[i] == '*' && !escapes ? '%' : text[i];
    }
    return out;
}

bool Regex::Set::holds(char32_t c) const noexcept {
    return std::ranges::any_of(
        ranges, [c](const auto& range) { return c >= range.first && c <= range.second; });
}

bool Regex::takes(const Set& set, char32_t c) const noexcept {
    const bool held = set.holds(c) || (fold_ && set.holds(other_case(c)));
    return held != set.negated;
}

/// Reads a pattern by recursive descent and writes the program.
class RegexCompiler {
public:
    RegexCompiler(std::string_view pattern, Regex& out) : pattern_{pattern}, out_{out} {}

    Result<void> run() {
        TENANTRY_TRY(tree, alternatives(0));
        if (at_ < pattern_.size()) return broken("a ) too many");
        if (!emit(tree)) return broken("it comes to too many steps");
        add(Kind::match);
        return {};
    }

private:
    using Step = Regex::Step;
    using Kind = Step::Kind;
    static constexpr int depth_max = 16;
    static constexpr int unlimited = -1;
    static constexpr int repeats_max = 255;

    struct Node {
        enum class Kind { set, begin, end, sequence, choice, repeat };
        Kind kind;
        std::uint16_t set = 0;
        int least = 0;
        int most = 0;
        std::vector<Node> parts{};
    };

    Error broken(std::string_view what) const {
        return fail(Errc::bad_query,
                    "a regular expression is not understood: " + std::string{what});
    }
    bool sees(std::string_view text) const { return pattern_.substr(at_).starts_with(text); }
    bool skip(std::string_view text) {
        if (!sees(text)) return false;
        at_ += text.size();
        return true;
    }

    Result<Node> alternatives(int depth) {
        if (depth > depth_max) return broken("it is nested too deep");
        Node choice{Node::Kind::choice};
        do {
            TENANTRY_TRY(branch, sequence(depth));
            choice.parts.push_back(std::move(branch));
        } while (skip("|"));
        return choice;
    }

    Result<Node> sequence(int depth) {
        Node all{Node::Kind::sequence};
        while (at_ < pattern_.size() && !sees("|") && !sees(")")) {
            TENANTRY_TRY(part, atom(depth));
            TENANTRY_TRY(repeated, with_repeats(std::move(part)));
            all.parts.push_back(std::move(repeated));
        }
        return all;
    }

    Result<Node> atom(int depth) {
        if (skip("(")) {
            if (!skip("?:") && sees("?")) return broken("of (?…) there is (?:…) only");
            TENANTRY_TRY(inner, alternatives(depth + 1));
            if (!skip(")")) return broken("a ) is missing");
            return std::move(inner);
        }
        if (skip("^")) return Node{Node::Kind::begin};
        if (skip("$")) return Node{Node::Kind::end};
        if (skip("[")) return bracket();
        if (skip(".")) return set_node({{{0, last_character}}});
        if (sees("*") || sees("+") || sees("?") || sees("{"))
            return broken("there is nothing before a repetition");
        if (skip("\\")) return escape();
        const auto c = next_character(pattern_, at_);
        return set_node({{{c, c}}});
    }

    Result<Node> with_repeats(Node part) {
        while (true) {
            int least = 0;
            int most = unlimited;
            if (skip("*")) {
            } else if (skip("+")) {
                least = 1;
            } else if (skip("?")) {
                most = 1;
            } else if (skip("{")) {
                TENANTRY_TRY_VOID(bounds(least, most));
            } else {
                return part;
            }
            Node repeat{Node::Kind::repeat, 0, least, most};
            repeat.parts.push_back(std::move(part));
            part = std::move(repeat);
            if (++repeats_ > repeats_max) return broken("it has too many repetitions");
        }
    }

    Result<void> bounds(int& least, int& most) {
        if (!number(least)) return broken("a number belongs behind {");
        most = least;
        if (skip(",") && !number(most)) most = unlimited;
        if (!skip("}")) return broken("a } is missing");
        if (most != unlimited && most < least) return broken("{m,n} has n less than m");
        if (std::max(least, most) > repeats_max) return broken("it repeats too often");
        return {};
    }
    bool number(int& value) {
        const auto* const from = pattern_.data() + at_;
        if (at_ < pattern_.size() && *from == '-') return false;
        const auto [end, error] = std::from_chars(from, pattern_.data() + pattern_.size(), value);
        at_ += static_cast<std::size_t>(end - from);
        return error == std::errc{};
    }

    /// Adds what `\d` and the like stand for; false if `c` is none of them.
    static bool add_class(char32_t c, Regex::Set& set) {
        switch (c) {
        case U'd': set.ranges.emplace_back(U'0', U'9'); return true;
        case U's':
            set.ranges.emplace_back(U'\t', U'\r');
            set.ranges.emplace_back(U' ', U' ');
            return true;
        case U'w':
            set.ranges.insert(set.ranges.end(),
                              {{U'0', U'9'}, {U'A', U'Z'}, {U'a', U'z'}, {U'_', U'_'}});
            return true;
        default: return false;
        }
    }
    static bool is_letter_or_digit(char32_t c) {
        return (c >= U'0' && c <= U'9') || (c >= U'A' && c <= U'Z') || (c >= U'a' && c <= U'z');
    }
    static bool plain_escape(char32_t& c) {
        if (c == U'n')
            c = U'\n';
        else if (c == U't')
            c = U'\t';
        else if (c == U'r')
            c = U'\r';
        else
            return !is_letter_or_digit(c);
        return true;
    }

    Result<Node> escape() {
        if (at_ == pattern_.size()) return broken("it ends with a backslash");
        auto c = next_character(pattern_, at_);
        Regex::Set set;
        if (add_class(c, set)) return set_node(std::move(set));
        if ((c == U'D' || c == U'S' || c == U'W') && add_class(other_case(c), set)) {
            set.negated = true;
            return set_node(std::move(set));
        }
        if (!plain_escape(c)) return broken("an escape is unknown");
        return set_node({{{c, c}}});
    }

    Result<Node> bracket() {
        Regex::Set set{.ranges = {}, .negated = skip("^")};
        for (bool first = true; first || !sees("]"); first = false) {
            if (at_ == pattern_.size()) return broken("a ] is missing");
            if (sees("[:") || sees("[.") || sees("[="))
                return broken("named classes are not supported");
            auto low = next_character(pattern_, at_);
            if (low == U'\\') {
                if (at_ == pattern_.size()) return broken("it ends with a backslash");
                low = next_character(pattern_, at_);
                if (add_class(low, set)) continue;
                if (!plain_escape(low)) return broken("an escape is unknown");
            }
            auto high = low;
            if (sees("-") && !sees("-]") && at_ + 1 < pattern_.size()) {
                ++at_;
                high = next_character(pattern_, at_);
                if (high == U'\\' || high < low) return broken("a range is upside down");
            }
            set.ranges.emplace_back(low, high);
        }
        ++at_;
        return set_node(std::move(set));
    }

    Node set_node(Regex::Set set) {
        out_.sets_.push_back(std::move(set));
        return {Node::Kind::set, static_cast<std::uint16_t>(out_.sets_.size() - 1)};
    }

    std::uint16_t here() const { return static_cast<std::uint16_t>(out_.program_.size()); }
    std::uint16_t add(Kind kind, std::uint16_t a = 0, std::uint16_t b = 0) {
        out_.program_.push_back({kind, a, b});
        return static_cast<std::uint16_t>(here() - 1);
    }

    /// False if the program becomes too long.
    bool emit(const Node& node) {
        if (out_.program_.size() > Regex::program_max) return false;
        switch (node.kind) {
        case Node::Kind::set: add(Kind::set, node.set); return true;
        case Node::Kind::begin: add(Kind::begin); return true;
        case Node::Kind::end: add(Kind::end); return true;
        case Node::Kind::sequence:
            return std::ranges::all_of(node.parts, [this](const Node& part) { return emit(part); });
        case Node::Kind::choice: return emit_choice(node);
        case Node::Kind::repeat: return emit_repeat(node);
        }
        std::abort();
    }

    bool emit_choice(const Node& node) {
        std::vector<std::uint16_t> ends;
        for (std::size_t i = 0; i + 1 < node.parts.size(); ++i) {
            const auto split = add(Kind::split);
            out_.program_[split].a = here();
            if (!emit(node.parts[i])) return false;
            ends.push_back(add(Kind::jump));
            out_.program_[split].b = here();
        }
        if (!emit(node.parts.back())) return false;
        for (const auto end : ends) out_.program_[end].a = here();
        return true;
    }

    bool emit_repeat(const Node& node) {
        const auto& part = node.parts.front();
        for (int i = 0; i < node.least; ++i) {
            if (!emit(part)) return false;
        }
        if (node.most == unlimited) {
            const auto split = add(Kind::split);
            out_.program_[split].a = here();
            if (!emit(part)) return false;
            add(Kind::jump, split);
            out_.program_[split].b = here();
            return true;
        }
        std::vector<std::uint16_t> splits;
        for (int i = node.least; i < node.most; ++i) {
            splits.push_back(add(Kind::split));
            out_.program_[splits.back()].a = here();
            if (!emit(part)) return false;
        }
        for (const auto split : splits) out_.program_[split].b = here();
        return true;
    }

    std::string_view pattern_;
    Regex& out_;
    std::size_t at_ = 0;
    int repeats_ = 0;
};

Result<Regex> Regex::parse(std::string_view pattern, LetterCase letters) {
    if (pattern.size() > pattern_bytes_max)
        return fail(Errc::bad_query, "a regular expression has at most 256 bytes");
    Regex regex;
    regex.fold_ = letters == LetterCase::ignored;
    TENANTRY_TRY_VOID((RegexCompiler{pattern, regex}.run()));
    return regex;
}

bool Regex::found_in(std::string_view text) const {
    // A place is in `now` once; `seen` has the character at which it was put there.
    std::vector<std::uint16_t> now;
    std::vector<std::uint16_t> next;
    std::vector<std::uint16_t> stack;
    std::vector<std::size_t> seen(program_.size(), std::numeric_limits<std::size_t>::max());
    bool matched = false;
    const auto reach = [&](std::vector<std::uint16_t>& places, std::uint16_t from, std::size_t at) {
        stack.assign(1, from);
        while (!stack.empty()) {
            const auto place = stack.back();
            stack.pop_back();
            if (seen[place] == at) continue;
            seen[place] = at;
            const auto& step = program_[place];
            switch (step.kind) {
            case Step::Kind::set: places.push_back(place); break;
            case Step::Kind::split: stack.insert(stack.end(), {step.b, step.a}); break;
            case Step::Kind::jump: stack.push_back(step.a); break;
            case Step::Kind::begin:
                if (at == 0) stack.push_back(static_cast<std::uint16_t>(place + 1));
                break;
            case Step::Kind::end:
                if (at == text.size()) stack.push_back(static_cast<std::uint16_t>(place + 1));
                break;
            case Step::Kind::match: matched = true; break;
            }
        }
    };
    std::size_t at = 0;
    while (true) {
        reach(now, 0, at);  // it may begin anywhere
        if (matched || at == text.size()) return matched;
        const auto c = next_character(text, at);
        next.clear();
        for (const auto place : now) {
            if (takes(sets_[program_[place].a], c))
                reach(next, static_cast<std::uint16_t>(place + 1), at);
        }
        now.swap(next);
    }
}

}  // namespace tenantry
