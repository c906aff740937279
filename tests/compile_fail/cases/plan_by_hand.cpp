// expect: 'tenantry::query::Plan::Plan\(tenantry::query::Request\)' is private
// A plan comes from `plan`, which has checked it.
#include "query/scope_plan.hpp"

using namespace tenantry;

#ifdef TENANTRY_MUST_FAIL
query::Plan check(query::Read read) { return query::Plan{std::move(read)}; }
#else
Result<query::Plan> check(query::Read read) { return query::plan(std::move(read)); }
#endif
