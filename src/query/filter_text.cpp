#include "filter_text.hpp"

#include "base/limits.hpp"
#include "base/text.hpp"
#include "query/operand.hpp"
#include "text_scanner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace tenantry::query {
namespace {

using schema::ColumnType;

/// Where a condition stands: as a parameter's whole value, or among others.
enum class Place { alone, nested };

struct ComparisonWord {
    std::string_view word;
    Operator op;
};
constexpr std::array<ComparisonWord, 6> comparisons{{{"eq", Operator::eq},
                                                     {"neq", Operator::neq},
                                                     {"lt", Operator::lt},
                                                     {"lte", Operator::lte},
                                                     {"gt", Operator::gt},
                                                     {"gte", Operator::gte}}};

/// PostgREST's other operators: known, and refused as such.
constexpr std::array<std::string_view, 16> unsupported{
    "like",  "match", "imatch",     "cs", "cd", "ov",  "fts", "plfts",
    "phfts", "wfts",  "isdistinct", "sl", "sr", "nxr", "nxl", "adj"};

Error about(const Column& column, Errc code, std::string_view what) {
    return fail(code, fmt::format("{} {}", column.name(), what), column.name());
}

/// A typed operand, which an enumeration has to allow where it is compared for equality.
Result<Value> parse_operand(const Column& column, Operator op, std::string_view text) {
    if (op == Operator::contains && column.type() == ColumnType::text)
        return Value{schema::Text{text}};
    TENANTRY_TRY(value, query::parse_operand(column, text));
    const bool exact = op == Operator::eq || op == Operator::neq || op == Operator::in;
    if (exact && column.type() == ColumnType::text) TENANTRY_TRY_VOID(column.check_allowed(value));
    return value;
}

/// The text of an `ilike` pattern that is a plain substring test.
Result<Value> parse_contained(const Column& column, std::string_view pattern) {
    const auto is_wildcard = [](char c) { return c == '*' || c == '%'; };
    const auto refused = [&] {
        return about(column, Errc::bad_query,
                     "can be searched by ilike.*text* only; within the text write \\*, \\%, \\_ "
                     "and \\\\ for "
                     "these characters themselves");
    };
    if (column.type() != ColumnType::text)
        return about(column, Errc::bad_query, "can't be searched for text");
    if (pattern.size() < 2 || !is_wildcard(pattern.front())) return refused();
    schema::Text text;
    for (std::size_t i = 1; i + 1 < pattern.size(); ++i) {
        if (is_wildcard(pattern[i]) || pattern[i] == '_') return refused();
        // An escaped last character is no wildcard.
        if (pattern[i] == '\\' && ++i + 1 == pattern.size()) return refused();
        text += pattern[i];
    }
    if (!is_wildcard(pattern.back())) return refused();
    return Value{std::move(text)};
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
    ConditionParser(const Column& column, TextScanner& in, Place place)
        : column_{column}, in_{in}, place_{place} {}

    Result<Predicate> run() {
        const bool negated = in_.skip("not.");
        const auto word = in_.word();
        if (!in_.skip(".")) return unknown(word);
        const auto parsed = with_operator(word);
        if (!parsed) return parsed.error();
        auto predicate = *parsed;
        predicate.negated = predicate.negated != negated;
        return predicate;
    }

private:
    Result<Predicate> with_operator(std::string_view word) {
        if (word == "is") return null_test();
        if (column_.type() == ColumnType::json || column_.type() == ColumnType::text_array) {
            return about(column_, Errc::bad_query,
                         "has a type that can't be compared; only is.null works");
        }
        if (word == "in") return membership();
        if (word == "ilike") {
            TENANTRY_TRY(pattern, value());
            TENANTRY_TRY(text, parse_contained(column_, pattern));
            return Predicate{&column_, Operator::contains, {std::move(text)}};
        }
        const auto found = std::ranges::find(comparisons, word, &ComparisonWord::word);
        if (found == comparisons.end()) return unknown(word);
        TENANTRY_TRY(text, value());
        TENANTRY_TRY(operand, parse_operand(column_, found->op, text));
        return Predicate{&column_, found->op, {std::move(operand)}};
    }

    Result<std::string> value() {
        if (place_ == Place::alone) return std::string{in_.remainder()};
        auto out = in_.value();
        if (!out)
            return about(column_, out.error().code, "has a broken value: " + out.error().message);
        return out;
    }

    Result<Predicate> null_test() {
        TENANTRY_TRY(text, value());
        const bool is_null = equals_ignoring_case(text, "null");
        if (!is_null && !equals_ignoring_case(text, "not_null")) {
            return about(column_, Errc::bad_query, "can be tested by is.null and is.not_null only");
        }
        return Predicate{&column_, Operator::is_null, {}, !is_null};
    }

    Result<Predicate> membership() {
        const auto refused = [&] {
            return about(column_, Errc::bad_query,
                         "is compared with a list that is not of the form in.(a,b)");
        };
        Predicate out{&column_, Operator::in};
        if (!in_.skip("(")) return refused();
        while (!in_.skip(")")) {
            if (!out.operands.empty() && !in_.skip(",")) return refused();
            if (out.operands.size() == limits::in_list_max) {
                return about(
                    column_, Errc::bad_query,
                    fmt::format("is compared with more than {} values", limits::in_list_max));
            }
            auto text = in_.value();
            if (!text)
                return about(column_, text.error().code,
                             "has a broken list: " + text.error().message);
            TENANTRY_TRY(operand, parse_operand(column_, Operator::in, *text));
            out.operands.push_back(std::move(operand));
            if (in_.done()) return refused();
        }
        if (place_ == Place::alone && !in_.done()) return refused();
        return out;
    }

    Error unknown(std::string_view word) const {
        static constexpr std::string_view known = "eq, neq, lt, lte, gt, gte, in, is, ilike";
        const bool modified = in_.sees("(");
        if (modified || std::ranges::find(unsupported, word) != unsupported.end()) {
            return about(column_, Errc::bad_query,
                         fmt::format("is filtered by {}{}, which is not supported; there are {}",
                                     excerpt(word), modified ? "(…)" : "", known));
        }
        return about(
            column_, Errc::bad_query,
            fmt::format("is filtered without an operator; write {}=OPERATOR.VALUE with one of {}",
                        column_.name(), known));
    }

    const Column& column_;
    TextScanner& in_;
    Place place_;
};

std::string_view word_of(Operator op) {
    if (op == Operator::in) return "in";
    if (op == Operator::is_null) return "is";
    if (op == Operator::contains) return "ilike";
    const auto found = std::ranges::find(comparisons, op, &ComparisonWord::op);
    if (found == comparisons.end()) std::abort();
    return found->word;
}

void append_predicate(std::string& out, const Predicate& predicate, Place place) {
    const auto append = [&](std::string_view value) {
        if (place == Place::alone) {
            out += value;
        } else {
            append_value(out, value);
        }
    };
    if (predicate.negated) out += "not.";
    out += word_of(predicate.op);
    out += '.';
    switch (predicate.op) {
    case Operator::is_null: out += "null"; break;
    case Operator::contains: append(pattern_of(schema::to_text(predicate.operands.front()))); break;
    case Operator::in: {
        const char* separator = "(";
        for (const auto& operand : predicate.operands) {
            out += separator;
            append_value(out, schema::to_text(operand));
            separator = ",";
        }
        out += predicate.operands.empty() ? "()" : ")";
        break;
    }
    default: append(schema::to_text(predicate.operands.front()));
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

Result<Filter> FilterParser::condition(std::string_view name, std::string_view text) {
    TENANTRY_TRY_VOID(count_term());
    TENANTRY_TRY(column, find(name));
    TextScanner in{text};
    auto predicate = ConditionParser{*column, in, Place::alone}.run();
    if (predicate) return Filter{std::move(*predicate)};
    auto error = predicate.error();
    error.field = prefix_ + column->name();
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
    if (!in.skip(".")) return refuse(column->name(), "lacks an operator, as in column.eq.value");
    auto predicate = ConditionParser{*column, in, Place::nested}.run();
    if (predicate) return Filter{std::move(*predicate)};
    auto error = predicate.error();
    error.field = prefix_ + column->name();
    return error;
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
