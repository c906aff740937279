#include "query/algebra.hpp"

#include <algorithm>

namespace tenantry::query {

const Column count_column{"count", schema::ColumnType::integer, {}};
const Column inserted_column{"inserted$", schema::ColumnType::boolean, {}};

bool Group::operator==(const Group&) const = default;
bool Related::operator==(const Related&) const = default;
bool Filter::operator==(const Filter&) const = default;
bool Read::operator==(const Read&) const = default;
bool Embed::operator==(const Embed&) const = default;

namespace {

using Test = std::function<bool(const Predicate&)>;

bool any_in(const std::vector<Filter>& filters, const Test& is_such);

bool any_in(const Filter& filter, const Test& is_such) {
    if (const auto* group = std::get_if<Group>(&filter.node)) return any_in(group->terms, is_such);
    if (const auto* related = std::get_if<Related>(&filter.node))
        return any_in(related->terms, is_such);
    return is_such(std::get<Predicate>(filter.node));
}

bool any_in(const std::vector<Filter>& filters, const Test& is_such) {
    return std::ranges::any_of(filters, [&](const Filter& f) { return any_in(f, is_such); });
}

bool any_in(const std::optional<Filter>& filter, const Test& is_such) {
    return filter && any_in(*filter, is_such);
}

bool any_in(const Read& read, const Test& is_such) {
    return any_in(read.filter, is_such) || std::ranges::any_of(read.embeds, [&](const Embed& e) {
               return any_in(e.read, is_such);
           });
}

}  // namespace

bool any_predicate(const Request& request, const std::function<bool(const Predicate&)>& is_such) {
    struct Visitor {
        const Test& is_such;
        bool operator()(const Read& read) const { return any_in(read, is_such); }
        bool operator()(const Insert&) const { return false; }
        bool operator()(const Update& update) const { return any_in(update.filter, is_such); }
        bool operator()(const Delete& remove) const { return any_in(remove.filter, is_such); }
    };
    return std::visit(Visitor{is_such}, request);
}

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

const Relation& relation_of(const Request& request) {
    return std::visit([](const auto& each) -> const Relation& { return *each.relation; }, request);
}

bool is_write(const Request& request) {
    const auto* read = std::get_if<Read>(&request);
    return read == nullptr || (read->call && read->call->may_write);
}

schema::ColumnList conflict_columns(const Insert& insert) {
    if (insert.conflict_key != nullptr) return insert.conflict_key->columns;
    schema::ColumnList out;
    for (const auto& part : insert.relation->key()) out.push_back(&part);
    return out;
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
