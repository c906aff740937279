#include "services/tenant_removal.hpp"

#include "base/limits.hpp"
#include "engine/run_scoped.hpp"
#include "feed/retention.hpp"

#include <algorithm>
#include <ranges>

namespace tenantry::services {
namespace {

using boost::asio::awaitable;
using engine::RowCounts;

constexpr std::chrono::minutes statement_deadline{5};
/// Requests that had begun before the door was shut may still write; they don't go on for ever.
constexpr int sweeps_max = 100;

engine::Deadline deadline() { return std::chrono::steady_clock::now() + statement_deadline; }

/// Deletes up to a page of rows, so that the lock is never held for long. Returns how many.
awaitable<Result<std::int64_t>> remove_some(engine::Executor& executor,
                                            const schema::Relation& relation, TenantScope scope) {
    // Its rows may refer to each other: they go at once, or not at all.
    if (relation.is_external()) {
        const auto all = co_await engine::run_scoped(executor, query::Delete{.relation = &relation},
                                                     scope, deadline());
        if (!all) co_return all.error();
        co_return all->affected;
    }
    query::Read read{
        .relation = &relation, .projection = {&relation.id()}, .limit = limits::in_list_max};
    const auto page = co_await engine::run_scoped(executor, std::move(read), scope, deadline());
    if (!page) co_return page.error();
    if (page->rows.row_count() == 0) co_return std::int64_t{0};

    query::Predicate these{&relation.id(), query::Operator::in};
    for (std::size_t row = 0; row < page->rows.row_count(); ++row)
        these.operands.push_back(page->rows.value(row, "id"));
    query::Delete remove{.relation = &relation, .filter = query::Filter{std::move(these)}};
    const auto removed =
        co_await engine::run_scoped(executor, std::move(remove), scope, deadline());
    if (!removed) co_return removed.error();
    co_return removed->affected;
}

awaitable<Result<RowCounts>> count_rows(engine::Executor& executor, const schema::Catalog& catalog,
                                        TenantScope scope) {
    RowCounts counts;
    for (const auto& relation : catalog.relations()) {
        const auto rows = co_await engine::count_rows(executor, *relation, scope, deadline());
        if (!rows) co_return rows.error();
        counts[relation->name()] = *rows;
    }
    co_return counts;
}

/// What there was at the beginning, or what was found since, if that is more.
void raise(RowCounts& counts, const RowCounts& removed) {
    for (const auto& [relation, rows] : removed)
        counts[relation] = std::max(counts[relation], rows);
}

}  // namespace

awaitable<Result<RowCounts>> remove_rows(engine::Executor& executor, const schema::Catalog& catalog,
                                         TenantScope scope, const std::atomic<bool>* stop) {
    RowCounts removed;
    // Those that refer to others first.
    for (const auto& relation : std::views::reverse(catalog.relations())) {
        auto& counted = removed[relation->name()];
        while (true) {
            if (stop != nullptr && *stop) {
                co_return fail(Errc::shutting_down,
                               "the deletion was stopped half-way; begin it again to go on");
            }
            const auto some = co_await remove_some(executor, *relation, scope);
            if (!some) co_return some.error();
            if (*some == 0) break;
            counted += *some;
        }
    }
    // The deletions are changes, too.
    const auto forgotten = co_await feed::remove_feed(executor, catalog, scope, statement_deadline);
    if (!forgotten) co_return forgotten.error();
    co_return removed;
}

awaitable<Result<RemovalReceipt>> remove_tenant(RemovalTools tools, TenantId tenant,
                                                std::string actor) {
    auto removal = tools.store.begin_removal(tenant, actor);
    if (!removal) co_return removal.error();
    const auto scope = tools.issuer.for_removal(tenant);
    if (!scope) co_return scope.error();
    if (removal->rows.empty()) {
        auto counts = co_await count_rows(tools.executor, tools.catalog, *scope);
        if (!counts) co_return counts.error();
        removal->rows = std::move(*counts);
        if (const auto kept = tools.store.keep_counts(tenant, *removal); !kept)
            co_return kept.error();
    }
    RowCounts removed;
    for (int sweep = 1;; ++sweep) {
        const auto more = co_await remove_rows(tools.executor, tools.catalog, *scope, tools.stop);
        if (!more) co_return more.error();
        for (const auto& [relation, rows] : *more) removed[relation] += rows;
        auto total = *removal;
        raise(total.rows, removed);
        const auto forgotten = tools.store.finish_removal(tenant, total, actor);
        if (forgotten) {
            co_return RemovalReceipt{.number = total.receipt,
                                     .tenant = tenant,
                                     .at = forgotten->at,
                                     .rows = std::move(total.rows),
                                     .memberships = forgotten->memberships,
                                     .api_keys = forgotten->api_keys,
                                     .users = forgotten->users,
                                     .key_destroyed = forgotten->key_destroyed};
        }
        const bool rows_left = forgotten.error().code == Errc::conflict;
        if (!rows_left || sweep == sweeps_max) co_return forgotten.error();
    }
}

boost::json::object to_json(const RemovalReceipt& receipt) {
    std::string at;
    append_timestamp(at, receipt.at);
    boost::json::object rows;
    for (const auto& [relation, count] : receipt.rows) rows[relation] = count;
    return {{"deleted", receipt.tenant.text()},
            {"receipt", receipt.number},
            {"at", at},
            {"rows", std::move(rows)},
            {"memberships", receipt.memberships},
            {"api_keys", receipt.api_keys},
            {"users", receipt.users},
            {"key_destroyed", receipt.key_destroyed},
            {"scrubbed", receipt.scrubbed}};
}

}  // namespace tenantry::services
