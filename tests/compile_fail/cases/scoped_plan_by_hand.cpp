// expect: 'tenantry::query::ScopedPlan::ScopedPlan\(tenantry::query::Request, .*\)' is private
// Only scope_plan binds a plan to a tenant.
#include "query/scope_plan.hpp"

using namespace tenantry;

#ifdef TENANTRY_MUST_FAIL
query::ScopedPlan bind(const query::Plan& plan, const TenantScope& scope) {
    return query::ScopedPlan{plan.request(), scope};
}
#else
Result<query::ScopedPlan> bind(const query::Plan& plan, const TenantScope& scope) {
    return query::scope_plan(plan, scope);
}
#endif
