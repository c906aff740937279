// expect: 'tenantry::TenantId tenantry::TenantScope::tenant_' is private
// A scope doesn't change its tenant.
#include "base/tenant_scope.hpp"

using namespace tenantry;

#ifdef TENANTRY_MUST_FAIL
void switch_tenant(TenantScope& scope, const TenantId& other) { scope.tenant_ = other; }
#else
void switch_scope(TenantScope& scope, const TenantScope& other) { scope = other; }
#endif
