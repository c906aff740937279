// expect: reference of type 'const tenantry::TenantScope&' from .* 'const tenantry::TenantId'
// Nor one for a bare tenant id.
#include "query/scope_plan.hpp"

using namespace tenantry;

#ifdef TENANTRY_MUST_FAIL
Result<query::ScopedPlan> bind(const query::Plan& plan, const TenantScope& scope) {
    return query::scope_plan(plan, scope.tenant());
}
#else
Result<query::ScopedPlan> bind(const query::Plan& plan, const TenantScope& scope) {
    return query::scope_plan(plan, scope);
}
#endif
