// expect: cannot convert 'const std::string' .* to 'tenantry::query::ScopedPlan'
// The executor takes no SQL.
#include "engine/executor.hpp"

#include <string>

using namespace tenantry;
using Reply = boost::asio::awaitable<Result<query::Reply>>;

#ifdef TENANTRY_MUST_FAIL
Reply run(engine::Executor& executor, const std::string& sql, engine::Deadline deadline) {
    return executor.run(sql, deadline);
}
#else
Reply run(engine::Executor& executor, const query::ScopedPlan& plan, engine::Deadline deadline) {
    return executor.run(plan, deadline);
}
#endif
