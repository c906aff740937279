// expect: cannot convert 'vector<tenantry::query::Plan>' to 'vector<.*::query::ScopedPlan>'
// Many plans in one transaction are no way around it.
#include "engine/executor.hpp"

using namespace tenantry;
using Replies = boost::asio::awaitable<Result<std::vector<query::Reply>>>;

#ifdef TENANTRY_MUST_FAIL
Replies run(engine::Executor& executor, std::vector<query::Plan> plans, engine::Deadline deadline) {
    return executor.run_all(std::move(plans), deadline);
}
#else
Replies run(engine::Executor& executor, std::vector<query::ScopedPlan> plans,
            engine::Deadline deadline) {
    return executor.run_all(std::move(plans), deadline);
}
#endif
