// expect: reference of type 'const .*::ScopedPlan&' from .* 'const tenantry::query::Plan'
// No SQL is printed of a plan without a tenant.
#include "query/sql.hpp"

using namespace tenantry;

#ifdef TENANTRY_MUST_FAIL
query::Printed print(const query::Plan& plan) {
    return query::print_sql(plan, query::sqlite_dialect());
}
#else
query::Printed print(const query::ScopedPlan& plan) {
    return query::print_sql(plan, query::sqlite_dialect());
}
#endif
