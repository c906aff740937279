// expect: no matching function for call to 'tenantry::TenantId::TenantId\(\)'
// There is no tenant that is meant when none is given.
#include "base/id.hpp"

using namespace tenantry;

#ifdef TENANTRY_MUST_FAIL
TenantId tenant_of(const TenantId*) {
    TenantId tenant;
    return tenant;
}
#else
TenantId tenant_of(const TenantId* given) {
    TenantId tenant = *given;
    return tenant;
}
#endif
