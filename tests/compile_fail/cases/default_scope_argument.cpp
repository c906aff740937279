// expect: could not convert '<brace-enclosed .*>\(\)' .* to 'const tenantry::TenantScope&'
// Nor one as the default of a parameter.
#include "base/tenant_scope.hpp"

using namespace tenantry;

#ifdef TENANTRY_MUST_FAIL
std::string_view name_of_tenant(const TenantScope& scope = {}) { return scope.tenant().text(); }
#else
std::string_view name_of_tenant(const TenantScope& scope) { return scope.tenant().text(); }
#endif
