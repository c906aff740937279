// expect: 'tenantry::TenantScope::TenantScope\(tenantry::TenantId, .*\)' is private
// Only the issuer makes a scope.
#include "base/tenant_scope.hpp"

using namespace tenantry;

#ifdef TENANTRY_MUST_FAIL
TenantScope scope_of(const TenantId& tenant) { return TenantScope{tenant, Role::owner, "me"}; }
#else
TenantScope scope_of(const TenantScope& issued) { return TenantScope{issued}; }
#endif
