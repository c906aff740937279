#include "filter_check.hpp"

#include "base/limits.hpp"
#include "base/pattern.hpp"
#include "base/text_search.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenantry::query {
namespace {

using schema::ColumnType;

constexpr std::size_t path_steps_max = 16;

bool is_pattern(Operator op) {
    return op == Operator::like || op == Operator::ilike || op == Operator::match ||
           op == Operator::imatch;
}

bool is_of_sets(Operator op) {
    return op == Operator::has_all || op == Operator::within || op == Operator::overlaps;
}

bool is_of_ranges(Operator op) {
    return op == Operator::left_of || op == Operator::right_of || op == Operator::not_right_of ||
           op == Operator::not_left_of || op == Operator::adjacent;
}

Error refuse(const Column& column, std::string_view why) {
    return fail(Errc::bad_query, fmt::format("{} {}", column.name(), why), column.name());
}

/// Conditions on one column, or on a place within it.
class OperandCheck {
public:
    explicit OperandCheck(const Predicate& predicate) : predicate_{predicate} {}

    Result<void> run() const {
        const auto count = predicate_.operands.size();
        if (predicate_.path) TENANTRY_TRY_VOID(check_path(column(), *predicate_.path));
        switch (predicate_.op) {
        case Operator::is_null:
            return count == 0 ? Result<void>{} : refuse("is tested for null without an operand");
        case Operator::in:
            if (count > limits::in_list_max) {
                return refuse(
                    fmt::format("is compared with more than {} values", limits::in_list_max));
            }
            break;
        case Operator::contains:
            if (column().type() != ColumnType::text || count != 1)
                return refuse("can't be searched for text");
            break;
        default:
            if (count != 1) return refuse("is compared with one value at a time");
        }
        if (is_pattern(predicate_.op)) TENANTRY_TRY_VOID(check_pattern());
        if (predicate_.op == Operator::search) TENANTRY_TRY_VOID(check_search());
        if (is_of_ranges(predicate_.op) && !is_native()) return refuse("is no range");
        if (!is_meant_for(predicate_.op)) return refuse("has a type that can't be compared");
        const auto fits = [this](const Value& v) { return !schema::is_null(v) && this->fits(v); };
        if (!std::ranges::all_of(predicate_.operands, fits))
            return refuse("is compared with a value of another type");
        return {};
    }

private:
    const Column& column() const { return *predicate_.column; }
    bool is_native() const { return !predicate_.path && column().type() == ColumnType::native; }
    bool is_text() const {
        return predicate_.path ? predicate_.path->as_text : column().type() == ColumnType::text;
    }
    Error refuse(std::string_view why) const { return query::refuse(column(), why); }

    /// So that both engines refuse what one of them would.
    Result<void> check_pattern() const {
        const auto* text = std::get_if<schema::Text>(&predicate_.operands.front());
        if (!is_text() || text == nullptr) return refuse("can't be searched for text");
        if (predicate_.op == Operator::match || predicate_.op == Operator::imatch) {
            const auto regex = Regex::parse(*text, LetterCase::matters);
            if (!regex) return refuse("can't be matched: " + regex.error().message);
            return {};
        }
        const auto escapes = text->size() - (text->find_last_not_of('\\') + 1);
        if (escapes % 2 == 1) return refuse("is compared with a pattern that ends in an escape");
        return {};
    }

    Result<void> check_search() const {
        const auto* text = std::get_if<schema::Text>(&predicate_.operands.front());
        if (!has_words(column(), predicate_.path) || text == nullptr || !predicate_.search)
            return refuse("can't be searched for words");
        const auto& [syntax, configuration] = *predicate_.search;
        const auto known = search_configurations();
        if (!configuration.empty() && std::ranges::find(known, configuration) == known.end())
            return refuse("is searched with a configuration that is not known");
        const auto query = TextSearch::parse(*text, syntax);
        if (!query) return refuse("is searched by a query that " + query.error().message);
        return {};
    }

    bool is_meant_for(Operator op) const {
        if (is_pattern(op) || op == Operator::contains || op == Operator::search) return true;
        if (is_native()) return true;  // its database knows
        if (predicate_.path) return !is_of_sets(op) || (!is_text() && op != Operator::overlaps);
        const bool is_array = column().type() == ColumnType::text_array;
        const bool is_json = column().type() == ColumnType::json;
        if (op == Operator::overlaps) return is_array;
        if (is_of_sets(op)) return is_array || is_json;
        const bool is_equality =
            op == Operator::eq || op == Operator::neq || op == Operator::distinct;
        return is_comparable(column().type()) || (is_array && is_equality);
    }

    bool fits(const Value& value) const {
        if (predicate_.op == Operator::search) return std::holds_alternative<schema::Text>(value);
        if (!predicate_.path) return is_of(column(), value);
        return is_text() ? std::holds_alternative<schema::Text>(value)
                         : std::holds_alternative<schema::Json>(value);
    }

    const Predicate& predicate_;
};

class FilterCheck {
public:
    explicit FilterCheck(Relatives relatives) : relatives_{relatives} {}

    Result<void> run(const Relation& relation, const Filter& filter, std::size_t depth = 1) {
        if (depth > limits::filter_depth_max) {
            return fail(Errc::too_deep,
                        fmt::format("filters nest deeper than {}", limits::filter_depth_max));
        }
        if (++terms_ > limits::filter_terms_max) {
            return fail(Errc::bad_query,
                        fmt::format("filters have more than {} terms", limits::filter_terms_max));
        }
        if (const auto* group = std::get_if<Group>(&filter.node)) {
            for (const auto& term : group->terms) TENANTRY_TRY_VOID(run(relation, term, depth + 1));
            return {};
        }
        if (const auto* related = std::get_if<Related>(&filter.node))
            return run(relation, *related, depth);
        const auto& predicate = std::get<Predicate>(filter.node);
        TENANTRY_TRY_VOID(check_member(relation, predicate.column));
        return OperandCheck{predicate}.run();
    }

private:
    Result<void> run(const Relation& relation, const Related& related, std::size_t depth) {
        const bool to_one = related.direction == Direction::to_one;
        const auto& holder = to_one ? relation : *related.relation;
        const auto& target = to_one ? *related.relation : relation;
        TENANTRY_TRY_VOID(check_member(holder, related.key->column));
        if (relatives_ == Relatives::refused || related.key->target != &target)
            return fail(Errc::bad_query, "rows can't be filtered by rows of another relation here");
        for (const auto& term : related.terms)
            TENANTRY_TRY_VOID(run(*related.relation, term, depth + 1));
        return {};
    }

    Relatives relatives_;
    std::size_t terms_ = 0;
};

}  // namespace

Result<void> check_member(const Relation& relation, const Column* column) {
    const auto all = relation.columns();
    if (column >= all.data() && column < all.data() + all.size()) return {};
    return fail(Errc::bad_query, fmt::format("a column does not belong to {}", relation.name()));
}

Result<void> check_path(const Column& column, const JsonPath& path) {
    if (column.type() != ColumnType::json) return refuse(column, "is no JSON that has a path");
    if (path.steps.empty() || path.steps.size() > path_steps_max) {
        return refuse(column,
                      fmt::format("has a path of none or more than {} steps", path_steps_max));
    }
    return {};
}

bool is_of(const Column& column, const Value& value) {
    const auto* number = std::get_if<Decimal>(&value);
    return has_type(value, column.type()) &&
           (number == nullptr || number->scale == column.options().scale);
}

bool is_comparable(ColumnType type) noexcept {
    return type != ColumnType::json && type != ColumnType::text_array && type != ColumnType::sealed;
}

bool has_words(const Column& column, const std::optional<JsonPath>& path) noexcept {
    const auto type = column.type();
    return path || type == ColumnType::text || type == ColumnType::json ||
           schema::is_tsvector(column) ||
           (type == ColumnType::native && column.options().native_type == "json");
}

Result<void> check_filter(const Relation& relation, const std::optional<Filter>& filter,
                          Relatives relatives) {
    if (!filter) return {};
    return FilterCheck{relatives}.run(relation, *filter);
}

}  // namespace tenantry::query
