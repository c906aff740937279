// expect: no matching function for call to 'tenantry::TenantScope::TenantScope\(\)'
// There is no default scope.
#include "base/tenant_scope.hpp"

using namespace tenantry;

#ifdef TENANTRY_MUST_FAIL
const TenantId& tenant_of_nobody() {
    static const TenantScope scope;
    return scope.tenant();
}
#else
const TenantId& tenant_of(const TenantScope& scope) { return scope.tenant(); }
#endif
