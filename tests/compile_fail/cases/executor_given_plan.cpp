// expect: cannot convert .*'tenantry::query::Plan'\} to 'tenantry::query::ScopedPlan'
// A plan that is not bound to a tenant can't run.
#include "engine/executor.hpp"

using namespace tenantry;
using Reply = boost::asio::awaitable<Result<query::Reply>>;

#ifdef TENANTRY_MUST_FAIL
Reply run(engine::Executor& executor, query::Plan plan, const TenantScope&,
          engine::Deadline deadline) {
    return executor.run(std::move(plan), deadline);
}
#else
Reply run(engine::Executor& executor, query::Plan plan, const TenantScope& scope,
          engine::Deadline deadline) {
    auto scoped = query::scope_plan(std::move(plan), scope);
    if (!scoped) co_return scoped.error();
    co_return co_await executor.run(std::move(*scoped), deadline);
}
#endif
