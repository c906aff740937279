#include "feed/retention.hpp"

#include "engine/run_scoped.hpp"
#include "read_changes.hpp"

#include <algorithm>

namespace tenantry::feed {
namespace {

using boost::asio::awaitable;

/// Deleted at most in one transaction, for which writers wait.
constexpr std::int64_t step_max = 1000;

query::Filter up_to(const schema::Column& seq, std::int64_t last) {
    return query::Filter{query::Predicate{&seq, query::Operator::lte, {last}}};
}

struct Oldest {
    std::int64_t seq = 0;  // 0: there is none
    Timestamp committed_at{};
};

/// The oldest change after `after` that there is.
awaitable<Result<Oldest>> oldest(engine::Executor& executor, const schema::Relation& changes,
                                 TenantScope scope, std::int64_t after, engine::Deadline deadline) {
    const auto& seq = changes.column("seq");
    query::Read read{.relation = &changes,
                     .projection = {&seq, &changes.column("committed_at")},
                     .filter = query::Filter{query::Predicate{&seq, query::Operator::gt, {after}}},
                     .order = {{&seq}},
                     .limit = 1};
    const auto reply = co_await engine::run_scoped(executor, std::move(read), scope, deadline);
    if (!reply) co_return reply.error();
    if (reply->rows.row_count() == 0) co_return Oldest{};
    co_return Oldest{std::get<std::int64_t>(reply->rows.value(0, "seq")),
                     std::get<Timestamp>(reply->rows.value(0, "committed_at"))};
}

}  // namespace

awaitable<Result<std::int64_t>> trim_changes(engine::Executor& executor,
                                             const schema::Catalog& catalog, TenantScope scope,
                                             Retention retention, Timestamp now,
                                             std::chrono::milliseconds patience) {
    const auto& changes = catalog.relation("changes");
    const auto until = [&] { return std::chrono::steady_clock::now() + patience; };
    const auto head = co_await read_head(executor, catalog, scope, until());
    if (!head) co_return head.error();
    const auto surplus = head->seq - static_cast<std::int64_t>(retention.changes);
    std::int64_t removed = 0;
    auto step = step_max;
    while (true) {
        const auto first = co_await oldest(executor, changes, scope, 0, until());
        if (!first) co_return first.error();
        if (first->seq == 0) co_return removed;
        // Times rise with numbers: if the last of a step is old enough, all of it is.
        auto last = std::min(first->seq + step - 1, surplus);
        if (last < first->seq) {
            if (now - first->committed_at <= retention.age) co_return removed;
            const auto next =
                co_await oldest(executor, changes, scope, first->seq + step - 2, until());
            if (!next) co_return next.error();
            if (next->seq == 0 || now - next->committed_at <= retention.age) {
                step /= 2;
                continue;
            }
            last = next->seq;
        }
        query::Delete request{.relation = &changes, .filter = up_to(changes.column("seq"), last)};
        const auto some = co_await engine::run_scoped(executor, std::move(request), scope, until());
        if (!some) co_return some.error();
        removed += some->affected;
    }
}

awaitable<Result<void>> remove_feed(engine::Executor& executor, const schema::Catalog& catalog,
                                    TenantScope scope, std::chrono::milliseconds patience) {
    const Retention nothing{.changes = 0};
    const auto trimmed =
        co_await trim_changes(executor, catalog, scope, nothing, Timestamp::max(), patience);
    if (!trimmed) co_return trimmed.error();
    query::Delete request{.relation = &catalog.relation("tenant_heads")};
    const auto forgotten = co_await engine::run_scoped(executor, std::move(request), scope,
                                                       std::chrono::steady_clock::now() + patience);
    if (!forgotten) co_return forgotten.error();
    co_return Result<void>{};
}

}  // namespace tenantry::feed
