// expect: 'tenantry::auth::OperatorScope::OperatorScope\(std::.*\)' is private
// Only the issuer makes one.
#include "auth/operator_scope.hpp"

using namespace tenantry;

#ifdef TENANTRY_MUST_FAIL
auth::OperatorScope scope_of(std::string who) { return auth::OperatorScope{std::move(who)}; }
#else
auth::OperatorScope scope_of(const auth::OperatorScope& issued) {
    return auth::OperatorScope{issued};
}
#endif
