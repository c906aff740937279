// expect: too few arguments .*::scope_plan\(.*Plan, const tenantry::TenantScope&\)'
// The choke point has no door without a scope.
#include "query/scope_plan.hpp"

using namespace tenantry;

#ifdef TENANTRY_MUST_FAIL
Result<query::ScopedPlan> bind(const query::Plan& plan, const TenantScope&) {
    return query::scope_plan(plan);
}
#else
Result<query::ScopedPlan> bind(const query::Plan& plan, const TenantScope& scope) {
    return query::scope_plan(plan, scope);
}
#endif
