// expect: no matching function for call to '.*::ScopeIssuer::for_job\(const char \[7\]\) const'
// A job has a tenant, too.
#include "auth/scope_issuer.hpp"

using namespace tenantry;

#ifdef TENANTRY_MUST_FAIL
Result<TenantScope> scope_of_import(const auth::ScopeIssuer& issuer, const TenantId&) {
    return issuer.for_job("import");
}
#else
Result<TenantScope> scope_of_import(const auth::ScopeIssuer& issuer, const TenantId& tenant) {
    return issuer.for_job(tenant, "import");
}
#endif
