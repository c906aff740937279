#include "filter_text.hpp"

#include "base/limits.hpp"
#include "base/pattern.hpp"
#include "base/text.hpp"
#include "filter_check.hpp"
#include "query/operand.hpp"
#include "schema/array_text.hpp"
#include "schema/json.hpp"
#include "search_text.hpp"
#include "text_scanner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <span>

namespace tenantry::query {
namespace {

using schema::ColumnType;

/// Where a condition stands: as a parameter's whole value, or among others.
enum class Place { alone, nested };

struct ComparisonWord {
    std::string_view word;
    Operator op;
};
constexpr std::array<ComparisonWord, 7> comparisons{{{"eq", Operator::eq},
                                                     {"neq", Operator::neq},
                                                     {"lt", Operator::lt},
                                                     {"lte", Operator::lte},
                                                     {"gt", Operator::gt},
                                                     {"gte", Operator::gte},
                                                     {"isdistinct", Operator::distinct}}};

constexpr std::array<ComparisonWord, 4> patterns{{{"like", Operator::like},
                                                  {"ilike", Operator::ilike},
                                                  {"match", Operator::match},
                                                  {"imatch", Operator::imatch}}};
constexpr std::array<ComparisonWord, 8> sets{{{"cs", Operator::has_all},
                                              {"cd", Operator::within},
                                              {"ov", Operator::overlaps},
                                              {"sl", Operator::left_of},
                                              {"sr", Operator::right_of},
                                              {"nxr", Operator::not_right_of},
                                              {"nxl", Operator::not_left_of},
                                              {"adj", Operator::adjacent}}};

constexpr std::array<std::span<const ComparisonWord>, 3> all_words{comparisons, patterns, sets};

/// Those that `op(any).{…}` and `op(all).{…}` are made of.
constexpr std::array<std::string_view, 9> repeatable{"eq",   "gt",    "gte",   "lt",    "lte",
                                                     "like", "ilike", "match", "imatch"};

Error about(const Column& column, Errc code, std::string_view what) {
    return fail(code, fmt::format("{} {}", column.name(), what), column.name());
}

/// What a condition is about.
struct Subject {
    const Column* column;
    std::optional<JsonPath> path{};

    bool is_text() const { return path ? path->as_text : column->type() == ColumnType::text; }
};

const ComparisonWord* find_word(std::span<const ComparisonWord> words, std::string_view word) {
    const auto found = std::ranges::find(words, word, &ComparisonWord::word);
    return found == words.end() ? nullptr : &*found;
}

Result<Value> parse_json_operand(const Column& column, std::string_view text) {
    auto json = schema::read_json(text);
    if (!json) return about(column, Errc::bad_value, "is compared with what is no JSON");
    schema::make_canonical(*json);
    std::string canonical;
    schema::append_json(canonical, *json);
    return Value{schema::Json{std::move(canonical)}};
}

Result<schema::TextArray> parse_elements(const Column& column, std::string_view text) {
    auto elements = schema::parse_array(text);
    if (!elements)
        return about(column, Errc::bad_value, "has a broken value: " + elements.error().message);
    return elements;
}

/// A typed operand, which an enumeration has to allow where it is compared for equality.
Result<Value> parse_operand(const Subject& subject, Operator op, std::string_view text) {
    const auto& column = *subject.column;
    if (subject.path)
        return subject.is_text() ? Result<Value>{schema::Text{text}}
                                 : parse_json_operand(column, text);
    if (column.type() == ColumnType::json) return parse_json_operand(column, text);
    if (column.type() == ColumnType::text_array) {
        TENANTRY_TRY(elements, parse_elements(column, text));
        return Value{std::move(elements)};
    }
    TENANTRY_TRY(value, query::parse_operand(column, text));
    const bool exact = op == Operator::eq || op == Operator::neq || op == Operator::in;
    if (exact && column.type() == ColumnType::text) TENANTRY_TRY_VOID(column.check_allowed(value));
    return value;
}

/// The text of a pattern that is a plain substring test, which has an index of its own kind in
/// mind: case as Unicode folds it, and no wildcard within.
std::optional<std::string> contained_text(std::string_view pattern) {
    if (pattern.size() < 2 || pattern.front() != '%' || pattern.back() != '%') return std::nullopt;
    std::string text;
    const auto inner = pattern.substr(1, pattern.size() - 2);
    for (std::size_t i = 0; i < inner.size(); ++i) {
        if (inner[i] == '%' || inner[i] == '_') return std::nullopt;
        // An escaped last character is no wildcard.
        if (inner[i] == '\\' && ++i == inner.size()) return std::nullopt;
        text += inner[i];
    }
    return text;
}

/// The way back of pattern_of_stars.
std::string with_stars(std::string_view pattern) {
    std::string out;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '\\' && i + 1 < pattern.size()) {
            out += pattern[i++];
            out += pattern[i];
        } else if (pattern[i] == '*') {
            out += "\\*";
        } else {
            out += pattern[i] == '%' ? '*' : pattern[i];
        }
    }
    return out;
}

std::string pattern_of(std::string_view text) {
    std::string out = "*";
    for (const char c : text) {
        if (c == '*' || c == '%' || c == '_' || c == '\\') out += '\\';
        out += c;
    }
    return out += '*';
}

/// Reads `[not.]operator.value` from where `in` stands.
class ConditionParser {
public:
    ConditionParser(Subject subject, TextScanner& in, Place place)
        : subject_{std::move(subject)}, in_{in}, place_{place} {}

    Result<Filter> run() {
        const bool negated = in_.skip("not.");
        const auto word = in_.word();
        if (const auto syntax = search_syntax_of(word)) return search(*syntax, negated);
        if (in_.sees("(")) return repeated(word, negated);
        if (!in_.skip(".")) return unknown(word);
        TENANTRY_TRY(predicate, with_operator(word));
        predicate.negated = predicate.negated != negated;
        return Filter{std::move(predicate)};
    }

private:
    const Column& column() const { return *subject_.column; }
    Predicate make(Operator op, std::vector<Value> operands = {}) const {
        return {subject_.column, op, std::move(operands), false, subject_.path};
    }

    Result<Predicate> with_operator(std::string_view word) {
        if (word == "is") return is_test();
        if (word == "in") return membership();
        const auto op = operator_of(word);
        if (!op) return unknown(word);
        TENANTRY_TRY(text, value());
        return with_value(*op, text);
    }

    static std::optional<Operator> operator_of(std::string_view word) {
        for (const auto words : all_words) {
            if (const auto* found = find_word(words, word)) return found->op;
        }
        return std::nullopt;
    }

    Result<Predicate> with_value(Operator op, std::string_view text) const {
        if (std::ranges::find(patterns, op, &ComparisonWord::op) != patterns.end())
            return with_pattern(op, text);
        TENANTRY_TRY(operand, parse_operand(subject_, op, text));
        return make(op, {std::move(operand)});
    }

    Result<Predicate> with_pattern(Operator op, std::string_view text) const {
        if (!subject_.is_text())
            return about(column(), Errc::bad_query, "can't be searched for text");
        if (op == Operator::match || op == Operator::imatch) {
            const auto regex = Regex::parse(text, LetterCase::matters);
            if (!regex) {
                return about(column(), Errc::bad_query,
                             "can't be matched: " + regex.error().message);
            }
            return make(op, {schema::Text{text}});
        }
        auto pattern = pattern_of_stars(text);
        if (op == Operator::ilike && !subject_.path) {
            if (auto inner = contained_text(pattern))
                return make(Operator::contains, {std::move(*inner)});
        }
        return make(op, {std::move(pattern)});
    }

    Result<Filter> search(SearchSyntax syntax, bool negated) {
        if (!has_words(*subject_.column, subject_.path))
            return about(column(), Errc::bad_query, "can't be searched for words");
        const auto configuration = configuration_at(in_);
        if (!configuration)
            return about(column(), configuration.error().code, configuration.error().message);
        if (!in_.skip(".")) return unknown(text_of(Search{syntax, *configuration}));
        TENANTRY_TRY(text, value());
        if (auto query = TextSearch::parse(text, syntax); !query)
            return about(column(), query.error().code,
                         "is searched by a query that " + query.error().message);
        auto out = make(Operator::search, {std::move(text)});
        out.search = Search{syntax, *configuration};
        out.negated = negated;
        return Filter{std::move(out)};
    }

    /// `op(any).{a,b}`: one of the conditions is true; `op(all)`: all are.
    Result<Filter> repeated(std::string_view word, bool negated) {
        const auto op = operator_of(word);
        if (!op || std::ranges::find(repeatable, word) == repeatable.end()) return unknown(word);
        const bool any = in_.skip("(any).");
        if (!any && !in_.skip("(all).")) return unknown(word);
        TENANTRY_TRY(text, value());
        const auto elements = parse_elements(column(), text);
        if (!elements) return elements.error();
        if (elements->size() > limits::in_list_max) return too_many();
        Group out{any ? Group::Kind::any : Group::Kind::all, {}, negated};
        for (const auto& element : *elements) {
            TENANTRY_TRY(predicate, with_value(*op, element));
            out.terms.push_back(Filter{std::move(predicate)});
        }
        return Filter{std::move(out)};
    }

    Result<std::string> value() {
        if (place_ == Place::alone) return std::string{in_.remainder()};
        auto out = in_.literal();
        if (!out)
            return about(column(), out.error().code, "has a broken value: " + out.error().message);
        return out;
    }

    Result<Predicate> is_test() {
        TENANTRY_TRY(text, value());
        const auto is = [&](std::string_view word) { return equals_ignoring_case(text, word); };
        const bool is_flag = column().type() == ColumnType::boolean && !subject_.path;
        auto predicate = make(Operator::is_null);
        if (is("null") || (is_flag && is("unknown"))) return predicate;
        predicate.negated = true;
        if (is("not_null")) return predicate;
        // True and false are what isn't distinct from them.
        predicate.op = Operator::distinct;
        predicate.operands.emplace_back(is("true"));
        if (is_flag && (is("true") || is("false"))) return predicate;
        return about(column(), Errc::bad_query,
                     "can be tested by is.null and is.not_null only, and a boolean by is.true, "
                     "is.false and is.unknown");
    }

    Error too_many() const {
        return about(column(), Errc::bad_query,
                     fmt::format("is compared with more than {} values", limits::in_list_max));
    }

    Result<Predicate> membership() {
        const auto refused = [&] {
            return about(column(), Errc::bad_query,
                         "is compared with a list that is not of the form in.(a,b)");
        };
        auto out = make(Operator::in);
        if (!in_.skip("(")) return refused();
        while (!in_.skip(")")) {
            if (!out.operands.empty() && !in_.skip(",")) return refused();
            if (out.operands.size() == limits::in_list_max) return too_many();
            auto text = in_.value();
            if (!text)
                return about(column(), text.error().code,
                             "has a broken list: " + text.error().message);
            TENANTRY_TRY(operand, parse_operand(subject_, Operator::in, *text));
            out.operands.push_back(std::move(operand));
            if (in_.done()) return refused();
        }
        if (place_ == Place::alone && !in_.done()) return refused();
        return out;
    }

    Error unknown(std::string_view word) const {
        static constexpr std::string_view known =
            "eq, neq, lt, lte, gt, gte, isdistinct, in, is, like, ilike, match, imatch, cs, cd, "
            "ov, sl, sr, nxr, nxl, adj, fts, plfts, phfts, wfts";
        if (in_.sees("(")) {
            return about(column(), Errc::bad_query,
                         fmt::format("is filtered by {}(…), which is not supported; there are {}",
                                     excerpt(word), known));
        }
        return about(
            column(), Errc::bad_query,
            fmt::format("is filtered without an operator; write {}=OPERATOR.VALUE with one of {}",
                        column().name(), known));
    }

    Subject subject_;
    TextScanner& in_;
    Place place_;
};

std::string_view word_of(Operator op) {
    if (op == Operator::in) return "in";
    if (op == Operator::is_null) return "is";
    if (op == Operator::contains) return "ilike";
    for (const auto words : all_words) {
        const auto found = std::ranges::find(words, op, &ComparisonWord::op);
        if (found != words.end()) return found->word;
    }
    std::abort();
}

std::string text_of(const Predicate& predicate) {
    const auto& operand = predicate.operands.front();
    if (predicate.op == Operator::contains) return pattern_of(schema::to_text(operand));
    if (predicate.op == Operator::like || predicate.op == Operator::ilike)
        return with_stars(schema::to_text(operand));
    if (const auto* array = std::get_if<schema::TextArray>(&operand))
        return schema::array_text(*array);
    return schema::to_text(operand);
}

void append_predicate(std::string& out, const Predicate& predicate, Place place) {
    if (predicate.negated) out += "not.";
    if (predicate.search) {
        out += text_of(*predicate.search);
    } else {
        out += word_of(predicate.op);
    }
    out += '.';
    if (predicate.op == Operator::is_null) {
        out += "null";
    } else if (predicate.op == Operator::in) {
        const char* separator = "(";
        for (const auto& operand : predicate.operands) {
            out += separator;
            append_value(out, schema::to_text(operand));
            separator = ",";
        }
        out += predicate.operands.empty() ? "()" : ")";
    } else if (place == Place::alone) {
        out += text_of(predicate);
    } else {
        append_value(out, text_of(predicate));
    }
}

}  // namespace

Error FilterParser::refuse(std::string_view name, std::string_view why) const {
    return fail(Errc::bad_query, fmt::format("{}{} {}", prefix_, name, why),
                prefix_ + std::string{name});
}

Result<const Column*> FilterParser::find(std::string_view name) const {
    const auto* column = relation_.find(name);
    if (column != nullptr && column->type() != schema::ColumnType::sealed) return column;
    const auto shown = excerpt(name);
    return fail(Errc::unknown_field, fmt::format("{} has no column {}", relation_.name(), shown),
                prefix_ + shown);
}

Result<void> FilterParser::count_term() {
    if (++terms_ <= limits::filter_terms_max) return {};
    return fail(Errc::bad_query,
                fmt::format("filters have more than {} terms", limits::filter_terms_max));
}

Result<Filter> FilterParser::condition(std::string_view name, std::optional<JsonPath> path,
                                       std::string_view text) {
    TENANTRY_TRY_VOID(count_term());
    TENANTRY_TRY(column, find(name));
    TextScanner in{text};
    auto filter = ConditionParser{{column, std::move(path)}, in, Place::alone}.run();
    if (!filter) return blame(*column, filter.error());
    return filter;
}

Error FilterParser::blame(const Column& column, Error error) const {
    error.field = prefix_ + column.name();
    return error;
}

Result<Filter> FilterParser::group(Group::Kind kind, bool negated, std::string_view text) {
    const std::string_view word = kind == Group::Kind::all ? "and" : "or";
    TENANTRY_TRY_VOID(count_term());
    TextScanner in{text};
    in.skip_spaces();
    if (!in.sees("(")) return refuse(word, "takes its terms in parentheses");
    TENANTRY_TRY(group, group_body(in, kind, negated, 1));
    in.skip_spaces();
    if (!in.done())
        return refuse(word,
                      fmt::format("has text after its parentheses: '{}'", excerpt(in.rest())));
    return Filter{std::move(group)};
}

/// From `(` to its `)`.
Result<Group> FilterParser::group_body(TextScanner& in, Group::Kind kind, bool negated,
                                       std::size_t depth) {
    Group out{kind, {}, negated};
    in.skip("(");
    in.skip_spaces();
    if (in.skip(")")) return out;
    do {
        in.skip_spaces();
        TENANTRY_TRY(next, term(in, depth + 1));
        out.terms.push_back(std::move(next));
        in.skip_spaces();
    } while (in.skip(","));
    if (in.skip(")")) return out;
    return refuse(kind == Group::Kind::all ? "and" : "or",
                  in.done() ? std::string{"has a parenthesis that is not closed"}
                            : fmt::format("lacks a comma before '{}'", excerpt(in.rest())));
}

Result<Filter> FilterParser::term(TextScanner& in, std::size_t depth) {
    if (depth > limits::filter_depth_max) {
        return fail(Errc::too_deep,
                    fmt::format("filters nest deeper than {}", limits::filter_depth_max));
    }
    TENANTRY_TRY_VOID(count_term());
    const bool negated = in.sees("not.and(") || in.sees("not.or(");
    if (negated) in.skip("not.");
    for (const auto kind : {Group::Kind::all, Group::Kind::any}) {
        const std::string_view word = kind == Group::Kind::all ? "and" : "or";
        if (!in.sees(fmt::format("{}(", word))) continue;
        in.skip(word);
        TENANTRY_TRY(group, group_body(in, kind, negated, depth));
        return Filter{std::move(group)};
    }
    const auto name = in.name();
    if (!name) return name.error();
    TENANTRY_TRY(column, find(name->text));
    auto path = in.path();
    if (!path) return blame(*column, path.error());
    if (!in.skip(".")) return refuse(column->name(), "lacks an operator, as in column.eq.value");
    auto filter = ConditionParser{{column, std::move(*path)}, in, Place::nested}.run();
    if (!filter) return blame(*column, filter.error());
    return filter;
}

void append_condition(std::string& out, const Predicate& predicate) {
    append_predicate(out, predicate, Place::alone);
}

void append_group(std::string& out, const Group& group) {
    const char* separator = "(";
    for (const auto& term : group.terms) {
        out += separator;
        separator = ",";
        if (const auto* nested = std::get_if<Group>(&term.node)) {
            out += word_of(*nested);
            append_group(out, *nested);
            continue;
        }
        const auto& predicate = std::get<Predicate>(term.node);
        append_name(out, predicate.column->name());
        if (predicate.path) append_path(out, *predicate.path);
        out += '.';
        append_predicate(out, predicate, Place::nested);
    }
    out += group.terms.empty() ? "()" : ")";
}

std::string_view word_of(const Group& group) noexcept {
    if (group.kind == Group::Kind::all) return group.negated ? "not.and" : "and";
    return group.negated ? "not.or" : "or";
}

}  // namespace tenantry::query
