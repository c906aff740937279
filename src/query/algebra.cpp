#include "query/algebra.hpp"

namespace tenantry::query {

const Column count_column{"count", schema::ColumnType::integer, {}};

bool Group::operator==(const Group&) const = default;
bool Related::operator==(const Related&) const = default;
bool Filter::operator==(const Filter&) const = default;
bool Read::operator==(const Read&) const = default;
bool Embed::operator==(const Embed&) const = default;

Filter equals(const Column& column, Value value) {
    std::vector<Value> operands;
    operands.push_back(std::move(value));
    return Filter{Predicate{&column, Operator::eq, std::move(operands)}};
}

Related presence_of(const Embed& embed, bool negated) {
    Related out{embed.key, embed.direction, embed.read.relation, {}, negated};
    if (embed.read.filter) out.terms.push_back(*embed.read.filter);
    for (const auto& nested : embed.read.embeds) {
        if (nested.required) out.terms.push_back(Filter{presence_of(nested)});
    }
    return out;
}

void add_term(std::optional<Filter>& filter, Filter term) {
    if (!filter) {
        filter = std::move(term);
        return;
    }
    auto* group = std::get_if<Group>(&filter->node);
    if (group == nullptr || group->kind != Group::Kind::all || group->negated) {
        Group wrapped{Group::Kind::all, {}};
        wrapped.terms.push_back(std::move(*filter));
        filter = Filter{std::move(wrapped)};
        group = &std::get<Group>(filter->node);
    }
    group->terms.push_back(std::move(term));
}

std::vector<const Column*> all_columns(const Relation& relation) {
    std::vector<const Column*> columns;
    columns.reserve(relation.columns().size());
    for (const auto& column : relation.columns()) {
        if (column.type() != schema::ColumnType::sealed) columns.push_back(&column);
    }
    return columns;
}

}  // namespace tenantry::query
