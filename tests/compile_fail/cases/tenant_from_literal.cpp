// expect: 'tenantry::TenantId::TenantId\(std::string_view\)' is private
// A tenant id is parsed, never taken from a literal as it is.
#include "base/id.hpp"

using namespace tenantry;

#ifdef TENANTRY_MUST_FAIL
TenantId tenant() { return TenantId{"acme"}; }
#else
Result<TenantId> tenant() { return TenantId::parse("acme"); }
#endif
