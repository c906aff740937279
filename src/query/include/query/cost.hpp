#pragma once
/// A guess at what a read costs, from the catalog alone.

#include "query/scope_plan.hpp"

namespace tenantry::query {

enum class Cost {
    bounded,  // touches about as many rows as it returns: an index leads to them
    scan,     // may touch all of the tenant's rows of a relation
};

/// `bounded` needs a point lookup, or an index that the filter's equalities and then the order
/// follow, a small page and offset, no count but a rollup's, and no embeds.
Cost cost_of(const ScopedPlan& plan);

/// Whether the relation's rollup answers a count under `filter`.
bool rollup_answers(const Relation& relation, const std::optional<Filter>& filter);

}  // namespace tenantry::query
