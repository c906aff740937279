// expect: reference of type 'const tenantry::TenantId&' from .* 'const tenantry::LeadId'
// The id of a row in place of the tenant's.
#include "base/id.hpp"

using namespace tenantry;

std::string title_of(const TenantId& tenant) { return tenant.text(); }

#ifdef TENANTRY_MUST_FAIL
std::string title_of_tenant(const LeadId& id, const TenantId&) { return title_of(id); }
#else
std::string title_of_tenant(const LeadId&, const TenantId& id) { return title_of(id); }
#endif
