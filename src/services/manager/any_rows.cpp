#include "engine/run_scoped.hpp"
#include "row_operations.hpp"

#include <fmt/format.h>

#include <ranges>

namespace tenantry::services {

using Manager = UnifiedDatabaseManager;

namespace {

enum class Act { insert, change, remove };

Result<void> check_writing(const schema::Relation& relation, Act act, const TenantScope& scope) {
    const auto allowed = writing_of(relation);
    if (scope.role() < allowed.role) {
        return fail(Errc::role_insufficient,
                    fmt::format("to write {} takes the role {}; yours is {}", relation.name(),
                                name_of(allowed.role), name_of(scope.role())));
    }
    const bool stands =
        (act == Act::change && !allowed.change) || (act == Act::remove && !allowed.remove);
    if (!stands) return {};
    return fail(Errc::read_only_field,
                fmt::format("rows of {} stand as they were written", relation.name()));
}

Result<void> check_no_secret(const query::Column& column) {
    if (column.type() != schema::ColumnType::sealed) return {};
    return fail(Errc::read_only_field,
                fmt::format("{} is a secret: write it by /api/identities", column.name()),
                column.name());
}

Result<void> check_relation(const schema::Relation& relation) {
    if (!relation.internal()) return {};
    return fail(Errc::bad_query, fmt::format("{} is the server's own", relation.name()));
}

Result<void> check_insert(const query::Insert& insert, const TenantScope& scope) {
    TENANTRY_TRY_VOID(check_relation(*insert.relation));
    TENANTRY_TRY_VOID(check_writing(*insert.relation, Act::insert, scope));
    for (const auto* column : insert.columns) TENANTRY_TRY_VOID(check_no_secret(*column));
    return {};
}

}  // namespace

auto Manager::read_rows(query::Read read, TenantScope scope, Deadline deadline)
    -> Answer<query::Reply> {
    auto checked = check_relation(*read.relation);
    if (!checked) co_return checked.error();
    co_return co_await engine::run_scoped(executor_, std::move(read), scope, deadline);
}

auto Manager::insert_rows(std::vector<query::Insert> inserts, TenantScope scope, Deadline deadline)
    -> Answer<query::Reply> {
    std::vector<query::ScopedPlan> plans;
    plans.reserve(inserts.size());
    for (auto& insert : inserts) {
        auto checked = check_insert(insert, scope);
        if (!checked) co_return checked.error();
        auto plan = scoped(std::move(insert), RowOperations{executor_, clock_}.stamp(), scope);
        if (!plan) co_return plan.error();
        plans.push_back(std::move(*plan));
    }
    if (plans.size() == 1) co_return co_await executor_.run(std::move(plans.front()), deadline);
    auto replies = co_await executor_.run_all(std::move(plans), deadline);
    if (!replies) co_return replies.error();
    query::Reply whole = std::move(replies->front());
    for (const auto& reply : *replies | std::views::drop(1)) {
        whole.rows.append(reply.rows);
        whole.affected += reply.affected;
    }
    co_return whole;
}

auto Manager::update_rows(query::Update update, TenantScope scope, Deadline deadline)
    -> Answer<query::Reply> {
    auto checked = check_relation(*update.relation);
    if (checked) checked = check_writing(*update.relation, Act::change, scope);
    for (const auto& assignment : update.assignments) {
        if (checked) checked = check_no_secret(*assignment.column);
    }
    if (!checked) co_return checked.error();
    auto plan = scoped(std::move(update), RowOperations{executor_, clock_}.stamp(), scope);
    if (!plan) co_return plan.error();
    co_return co_await executor_.run(std::move(*plan), deadline);
}

auto Manager::delete_rows(query::Delete request, TenantScope scope, Deadline deadline)
    -> Answer<query::Reply> {
    auto checked = check_relation(*request.relation);
    if (checked) checked = check_writing(*request.relation, Act::remove, scope);
    if (!checked) co_return checked.error();
    co_return co_await engine::run_scoped(executor_, std::move(request), scope, deadline);
}

}  // namespace tenantry::services
