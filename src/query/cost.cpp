#include "query/cost.hpp"

#include <algorithm>

namespace tenantry::query {
namespace {

constexpr std::uint32_t small_page = 200;
constexpr std::uint64_t small_offset = 1000;

bool only_about(const Filter& filter, const Relation& relation, const Column& column) {
    if (const auto* group = std::get_if<Group>(&filter.node)) {
        return std::ranges::all_of(
            group->terms, [&](const Filter& t) { return only_about(t, relation, column); });
    }
    if (std::holds_alternative<Related>(filter.node)) return false;
    const auto* asked = std::get<Predicate>(filter.node).column;
    return asked == &column || asked == &relation.tenant_id();
}

/// The columns that a plain conjunction of equalities fixes; nullopt if the filter is anything
/// else.
std::optional<std::vector<const Column*>> fixed_columns(const std::optional<Filter>& filter) {
    std::vector<const Column*> fixed;
    if (!filter) return fixed;
    std::vector<const Filter*> open{&*filter};
    while (!open.empty()) {
        const auto* next = open.back();
        open.pop_back();
        if (const auto* group = std::get_if<Group>(&next->node)) {
            if (group->kind != Group::Kind::all || group->negated) return std::nullopt;
            for (const auto& term : group->terms) open.push_back(&term);
            continue;
        }
        if (std::holds_alternative<Related>(next->node)) return std::nullopt;
        const auto& predicate = std::get<Predicate>(next->node);
        if (predicate.op != Operator::eq || predicate.negated) return std::nullopt;
        fixed.push_back(predicate.column);
    }
    return fixed;
}

bool holds(const std::vector<const Column*>& columns, const Column* column) {
    return std::ranges::find(columns, column) != columns.end();
}

/// Whether walking `index` yields the filtered rows, and only them, in the order asked for.
bool follows(const schema::Index& index, const std::vector<const Column*>& fixed,
             const Read& read) {
    std::size_t at = 0;
    std::size_t used = 0;
    while (at < index.columns.size() && holds(fixed, index.columns[at].column)) ++at, ++used;
    if (used != fixed.size()) return false;
    bool forwards = true;
    for (std::size_t i = 0; i < read.order.size(); ++i, ++at) {
        if (at >= index.columns.size() || index.columns[at].column != read.order[i].own_column())
            return false;
        if (read.order[i].column->nullable()) return false;
        const bool same = index.columns[at].descending == read.order[i].descending;
        if (i == 0) forwards = same;
        if (same != forwards) return false;
    }
    return true;
}

}  // namespace

bool rollup_answers(const Relation& relation, const std::optional<Filter>& filter) {
    const auto& rollup = relation.rollup();
    return rollup && (!filter || only_about(*filter, relation, *rollup->column));
}

Cost cost_of(const ScopedPlan& plan) {
    const auto* read = std::get_if<Read>(&plan.request());
    if (read == nullptr || !read->embeds.empty() || read->call) return Cost::scan;
    if ((read->count || read->only_count) && !rollup_answers(*read->relation, read->filter))
        return Cost::scan;
    if (read->only_count) return Cost::bounded;
    auto fixed = fixed_columns(read->filter);
    if (!fixed) return Cost::scan;
    const auto& relation = *read->relation;
    const bool is_point =
        std::ranges::all_of(relation.key(), [&](const auto& key) { return holds(*fixed, &key); });
    if (is_point) return Cost::bounded;
    // A log's key leads to the page. A tally is small beside what it counts, and read as a whole.
    if (relation.is_log()) return *read->limit > small_page ? Cost::scan : Cost::bounded;
    if (relation.is_tally()) return Cost::bounded;
    if (*read->limit > small_page || read->offset > small_offset) return Cost::scan;
    std::erase(*fixed, &relation.tenant_id());
    const bool indexed = std::ranges::any_of(
        relation.indexes(), [&](const auto& i) { return follows(i, *fixed, *read); });
    return indexed ? Cost::bounded : Cost::scan;
}

}  // namespace tenantry::query
