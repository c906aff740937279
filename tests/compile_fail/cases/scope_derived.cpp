// expect: 'tenantry::TenantScope::TenantScope\(tenantry::TenantId, .*\)' is private
// A derived class can't make one either.
#include "base/tenant_scope.hpp"

using namespace tenantry;

#ifdef TENANTRY_MUST_FAIL
struct MyScope : TenantScope {
    explicit MyScope(const TenantId& tenant) : TenantScope{tenant, Role::owner, "me"} {}
};
#else
struct MyScope : TenantScope {
    explicit MyScope(const TenantScope& issued) : TenantScope{issued} {}
};
#endif
