#include "engine/run_scoped.hpp"

#include "query/scoped.hpp"

namespace tenantry::engine {
namespace {

boost::asio::awaitable<Result<query::Reply>> run(Executor& executor, Result<query::ScopedPlan> plan,
                                                 Deadline deadline) {
    if (!plan) co_return plan.error();
    co_return co_await executor.run(std::move(*plan), deadline);
}

}  // namespace

boost::asio::awaitable<Result<query::Reply>> run_scoped(Executor& executor, query::Read read,
                                                        const TenantScope& scope,
                                                        Deadline deadline) {
    return run(executor, query::scoped(std::move(read), scope), deadline);
}

boost::asio::awaitable<Result<query::Reply>> run_scoped(Executor& executor, query::Delete request,
                                                        const TenantScope& scope,
                                                        Deadline deadline) {
    return run(executor, query::scoped(std::move(request), scope), deadline);
}

boost::asio::awaitable<Result<std::int64_t>> count_rows(Executor& executor,
                                                        const schema::Relation& relation,
                                                        TenantScope scope, Deadline deadline) {
    query::Read read{.relation = &relation, .projection = {&relation.id()}, .limit = 1};
    read.count = true;
    const auto reply = co_await run_scoped(executor, std::move(read), scope, deadline);
    if (!reply) co_return reply.error();
    co_return reply->total.value_or(0);
}

}  // namespace tenantry::engine
