// expect: no match for 'operator==' .*'const tenantry::TenantId' and 'const std::string'
// No text compares with or converts to a tenant id behind one's back.
#include "base/id.hpp"

#include <string>

using namespace tenantry;

#ifdef TENANTRY_MUST_FAIL
bool is_acme(const TenantId& tenant, const std::string& text) { return tenant == text; }
#else
bool is_acme(const TenantId& tenant, const std::string& text) { return tenant.text() == text; }
#endif
