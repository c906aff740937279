#include "query/scope_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenantry::query {

/// Lets scope_plan take a plan's request apart without copying it.
class PlanAccess {
public:
    static Request take(Plan& plan) { return std::move(plan.request_); }
};

namespace {

Filter tenant_predicate(const Relation& relation, const TenantId& tenant) {
    return equals(*relation.owner(), schema::Text{tenant.text()});
}

/// Related rows are the tenant's as well.
void scope_related(Filter& filter, const TenantId& tenant) {
    if (auto* group = std::get_if<Group>(&filter.node)) {
        for (auto& term : group->terms) scope_related(term, tenant);
    } else if (auto* related = std::get_if<Related>(&filter.node)) {
        for (auto& term : related->terms) scope_related(term, tenant);
        related->terms.insert(related->terms.begin(), tenant_predicate(*related->relation, tenant));
    }
}

/// The tenant's predicate stands first, as an outermost conjunct: no `or` of the request's own can
/// reach around it. Only what a function gives may have no tenant to be asked for.
void scope_filter(std::optional<Filter>& filter, const Relation& relation, const TenantId& tenant) {
    Group scoped{Group::Kind::all, {}};
    if (relation.owner() != nullptr) scoped.terms.push_back(tenant_predicate(relation, tenant));
    if (filter) {
        scope_related(*filter, tenant);
        scoped.terms.push_back(std::move(*filter));
    }
    filter = Filter{std::move(scoped)};
}

Result<void> check_same_tenant(const Value& value, const TenantId& tenant) {
    const auto* text = std::get_if<schema::Text>(&value);
    if (text != nullptr && *text == tenant.text()) return {};
    return fail(Errc::tenant_mismatch, "tenant_id names another tenant than the one you act for",
                "tenant_id");
}

Result<void> scope(Read& read, const TenantId& tenant) {
    scope_filter(read.filter, *read.relation, tenant);
    for (auto& embed : read.embeds) TENANTRY_TRY_VOID(scope(embed.read, tenant));
    return {};
}

Result<void> scope(Insert& insert, const TenantId& tenant) {
    const Column* tenant_id = &insert.relation->tenant_id();
    const auto given = std::ranges::find(insert.columns, tenant_id);
    if (given != insert.columns.end()) {
        const auto at = given - insert.columns.begin();
        for (const auto& row : insert.rows) {
            TENANTRY_TRY_VOID(check_same_tenant(row[static_cast<std::size_t>(at)], tenant));
        }
        return {};
    }
    insert.columns.insert(insert.columns.begin(), tenant_id);
    for (auto& row : insert.rows) row.insert(row.begin(), schema::Text{tenant.text()});
    return {};
}

Result<void> scope(Update& update, const TenantId& tenant) {
    const Column* tenant_id = &update.relation->tenant_id();
    for (const auto& assignment : update.assignments) {
        if (assignment.column == tenant_id)
            TENANTRY_TRY_VOID(check_same_tenant(assignment.value, tenant));
    }
    std::erase_if(update.assignments, [&](const auto& a) { return a.column == tenant_id; });
    scope_filter(update.filter, *update.relation, tenant);
    return {};
}

Result<void> scope(Delete& remove, const TenantId& tenant) {
    scope_filter(remove.filter, *remove.relation, tenant);
    return {};
}

}  // namespace

Result<ScopedPlan> scope_plan(Plan plan, const TenantScope& scope_of_caller) {
    auto request = PlanAccess::take(plan);
    if (is_write(request) && scope_of_caller.role() < Role::operator_) {
        return fail(Errc::role_insufficient, fmt::format("the role {} may read but not write",
                                                         name_of(scope_of_caller.role())));
    }
    const auto* remove = std::get_if<Delete>(&request);
    if (remove != nullptr && remove->relation->append_only() && !scope_of_caller.may_purge()) {
        return fail(Errc::read_only_field,
                    fmt::format("rows of {} stand as they were written", remove->relation->name()));
    }
    auto scoped = std::visit([&](auto& r) { return scope(r, scope_of_caller.tenant()); }, request);
    if (!scoped) return scoped.error();
    return ScopedPlan{std::move(request), scope_of_caller};
}

}  // namespace tenantry::query
