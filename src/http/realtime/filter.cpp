#include "filter.hpp"

#include "base/text.hpp"
#include "query/algebra.hpp"
#include "query/operand.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <compare>

namespace tenantry::http::realtime {
namespace {

using schema::Column;
using schema::ColumnType;
using schema::Value;

/// What is told of a client's own text.
std::string_view excerpt(std::string_view text) {
    constexpr std::size_t most = 40;
    auto cut = text.substr(0, most);
    while (!is_clean_utf8(cut)) cut.remove_suffix(1);
    return cut;
}

Error about(const Column& column, Errc code, std::string_view what) {
    return fail(code, fmt::format("{} {}", column.name(), what), column.name());
}

/// Of two values of one type, neither null.
template <class T>
std::partial_ordering order(const T& a, const T& b) {
    if constexpr (std::is_same_v<T, Decimal>) {
        return a.unscaled <=> b.unscaled;  // of one column, so of one scale
    } else if constexpr (std::is_same_v<T, Uuid>) {
        return std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end());
    } else if constexpr (std::three_way_comparable<T>) {
        return a <=> b;
    } else {
        return std::partial_ordering::unordered;
    }
}

std::partial_ordering order_of(const Value& a, const Value& b) {
    return std::visit(
        [&b]<class T>(const T& value) -> std::partial_ordering {
            const auto* other = std::get_if<T>(&b);
            return other == nullptr ? std::partial_ordering::unordered : order(value, *other);
        },
        a);
}

}  // namespace

/// Reads conditions from where it stands.
class FilterParser {
public:
    FilterParser(const schema::Relation& relation, std::string_view text)
        : relation_{relation}, rest_{text} {}

    Result<std::vector<ChangeFilter::Condition>> run() {
        std::vector<ChangeFilter::Condition> all;
        while (!rest_.empty()) {
            if (all.size() == ChangeFilter::conditions_max)
                return fail(Errc::bad_query, "a filter has at most 32 conditions");
            TENANTRY_TRY(condition, next());
            all.push_back(std::move(condition));
            if (rest_.empty()) break;
            if (!skip(",") || rest_.empty())
                return fail(Errc::bad_query, "a comma stands between two conditions");
        }
        return all;
    }

private:
    using Condition = ChangeFilter::Condition;
    using Operator = ChangeFilter::Operator;

    bool skip(std::string_view text) {
        if (!rest_.starts_with(text)) return false;
        rest_.remove_prefix(text.size());
        return true;
    }
    std::string_view until(char end) {
        const auto found = rest_.substr(0, rest_.find(end));
        rest_.remove_prefix(std::min(found.size() + 1, rest_.size()));
        return found;
    }

    Result<Condition> next() {
        if (rest_.find('=') == std::string_view::npos) {
            return fail(Errc::bad_query,
                        fmt::format("the filter reads COLUMN=OPERATOR.VALUE, but not `{}`",
                                    excerpt(rest_)));
        }
        const auto name = trim(until('='));
        const auto columns = query::all_columns(relation_);
        const auto found = std::ranges::find(columns, name, &Column::name);
        if (found == columns.end()) {
            return fail(Errc::unknown_field,
                        fmt::format("{} has no column `{}`", relation_.name(), excerpt(name)));
        }
        Condition condition{*found, static_cast<std::size_t>(found - columns.begin())};
        condition.negated = skip("not.");
        if (rest_.find('.') == std::string_view::npos)
            return about(**found, Errc::bad_query, "is filtered without an operator");
        const auto word = until('.');
        TENANTRY_TRY_VOID(read_operator(word, condition));
        return condition;
    }

    Result<void> read_operator(std::string_view word, Condition& condition) {
        const auto& column = *condition.column;
        if (word == "is") return read_is(condition);
        if (column.type() == ColumnType::json || column.type() == ColumnType::text_array)
            return about(column, Errc::bad_query,
                         "has a type that can't be compared; only is.null works");
        if (word == "in") return read_list(condition);
        if (word == "like" || word == "ilike" || word == "match" || word == "imatch")
            return read_pattern(word, condition);
        struct Word {
            std::string_view word;
            Operator op;
        };
        static constexpr std::array<Word, 7> words{{{"eq", Operator::eq},
                                                    {"neq", Operator::neq},
                                                    {"lt", Operator::lt},
                                                    {"lte", Operator::lte},
                                                    {"gt", Operator::gt},
                                                    {"gte", Operator::gte},
                                                    {"isdistinct", Operator::isdistinct}}};
        const auto found = std::ranges::find(words, word, &Word::word);
        if (found == words.end()) {
            return about(column, Errc::bad_query,
                         fmt::format("is filtered by `{}`, which is none of eq, neq, lt, lte, gt, "
                                     "gte, in, is, like, ilike, match, imatch, isdistinct",
                                     excerpt(word)));
        }
        condition.op = found->op;
        TENANTRY_TRY(text, value(","));
        return add_operand(condition, text);
    }

    static Result<void> add_operand(Condition& condition, std::string_view text) {
        TENANTRY_TRY(operand, query::parse_operand(*condition.column, text));
        condition.operands.push_back(std::move(operand));
        return {};
    }

    Result<void> read_is(Condition& condition) {
        TENANTRY_TRY(text, value(","));
        condition.op = Operator::is_value;
        const auto is = [&](std::string_view word) { return equals_ignoring_case(text, word); };
        if (is("null") || is("unknown") || is("not_null")) {
            condition.negated = condition.negated != is("not_null");
            condition.operands.emplace_back(schema::Null{});
        } else if (condition.column->type() == ColumnType::boolean && (is("true") || is("false"))) {
            condition.operands.emplace_back(is("true"));
        } else {
            return about(*condition.column, Errc::bad_query,
                         "can be tested by is.null and is.not_null only, and true or false by "
                         "is.true and is.false");
        }
        return {};
    }

    Result<void> read_list(Condition& condition) {
        condition.op = Operator::in;
        const auto refused = [&] {
            return about(*condition.column, Errc::bad_query,
                         "is compared with a list that is not of the form in.(a,b)");
        };
        if (!skip("(")) return refused();
        while (!skip(")")) {
            if (!condition.operands.empty() && !skip(",")) return refused();
            if (condition.operands.size() == ChangeFilter::list_max)
                return about(*condition.column, Errc::bad_query,
                             "is compared with more than 200 values");
            TENANTRY_TRY(text, value(",)"));
            if (rest_.empty()) return refused();
            TENANTRY_TRY_VOID(add_operand(condition, text));
        }
        return {};
    }

    Result<void> read_pattern(std::string_view word, Condition& condition) {
        if (condition.column->type() != ColumnType::text)
            return about(*condition.column, Errc::bad_query, "can't be searched for text");
        TENANTRY_TRY(text, value(","));
        condition.letters = word.starts_with('i') ? LetterCase::ignored : LetterCase::matters;
        condition.op = word.ends_with("like") ? Operator::like : Operator::match;
        if (condition.op == Operator::match) {
            TENANTRY_TRY(regex, Regex::parse(text, condition.letters));
            condition.regex = std::move(regex);
        } else if (text.size() > Regex::pattern_bytes_max) {
            return about(*condition.column, Errc::bad_query,
                         "is compared with a pattern of more than 256 bytes");
        }
        condition.operands.emplace_back(schema::Text{
            condition.op == Operator::like ? pattern_of_stars(text) : std::move(text)});
        return {};
    }

    /// A value that ends at one of `ends` or with the text.
    Result<std::string> value(std::string_view ends) {
        if (!skip("\"")) {
            std::string raw{rest_.substr(0, rest_.find_first_of(ends))};
            rest_.remove_prefix(raw.size());
            return raw;
        }
        std::string out;
        while (!skip("\"")) {
            if (rest_.size() > 1 && rest_.front() == '\\') rest_.remove_prefix(1);
            if (rest_.empty()) return fail(Errc::bad_query, "a quoted value has no end");
            out += rest_.front();
            rest_.remove_prefix(1);
        }
        if (!rest_.empty() && ends.find(rest_.front()) == std::string_view::npos)
            return fail(Errc::bad_query, "something follows a quoted value");
        return out;
    }

    const schema::Relation& relation_;
    std::string_view rest_;
};

Result<ChangeFilter> ChangeFilter::parse(const schema::Relation& relation, std::string_view text) {
    ChangeFilter filter;
    TENANTRY_TRY(conditions, (FilterParser{relation, text}.run()));
    filter.conditions_ = std::move(conditions);
    return filter;
}

/// nullopt: unknown.
std::optional<bool> ChangeFilter::holds(const Condition& condition, const Value& value) {
    if (condition.op == Operator::is_value) return value == condition.operands.front();
    if (condition.op == Operator::isdistinct)
        return !(order_of(value, condition.operands.front()) == 0);
    if (schema::is_null(value)) return std::nullopt;
    if (condition.op == Operator::in) {
        return std::ranges::any_of(condition.operands,
                                   [&](const Value& one) { return order_of(value, one) == 0; });
    }
    const auto* text = std::get_if<schema::Text>(&value);
    const auto& operand = condition.operands.front();
    if (condition.op == Operator::like)
        return text != nullptr && like(*text, std::get<schema::Text>(operand), condition.letters);
    if (condition.op == Operator::match) return text != nullptr && condition.regex->found_in(*text);
    const auto compared = order_of(value, operand);
    switch (condition.op) {
    case Operator::eq: return compared == 0;
    case Operator::neq: return compared != 0;
    case Operator::lt: return compared < 0;
    case Operator::lte: return compared <= 0;
    case Operator::gt: return compared > 0;
    case Operator::gte: return compared >= 0;
    default: std::abort();
    }
}

bool ChangeFilter::passes(const feed::RowImage& row) const {
    return std::ranges::all_of(conditions_, [&row](const Condition& condition) {
        const auto truth = holds(condition, row.values.at(condition.index));
        return truth && *truth != condition.negated;
    });
}

}  // namespace tenantry::http::realtime
