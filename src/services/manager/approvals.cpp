#include "base/text.hpp"
#include "row_operations.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdlib>

namespace tenantry::services {

using Manager = UnifiedDatabaseManager;
using query::Filter;
using query::Operator;
using query::Read;

namespace {

namespace asio = boost::asio;

const schema::Relation& approvals() {
    static const schema::Relation& relation = built_in("approvals");
    return relation;
}
const schema::Relation& events() {
    static const schema::Relation& relation = built_in("events");
    return relation;
}

Result<std::string> parse_reason(std::string_view reason) {
    if (!is_clean_utf8(reason))
        return fail(Errc::bad_utf8, "reason is not well-formed UTF-8 without NUL bytes", "reason");
    if (reason.size() > Decision::reason_bytes_max) {
        return fail(Errc::out_of_range,
                    fmt::format("reason has {} bytes; at most {} are allowed", reason.size(),
                                Decision::reason_bytes_max),
                    "reason");
    }
    return std::string{trim(reason)};
}

schema::Text text_of(ApprovalStatus status) { return schema::Text{name_of(status)}; }

std::string text_at(const query::RowSet& approval, std::string_view column) {
    return schema::to_text(approval.value(0, column));
}

/// What the loser of a race is told.
Error decided_already(const query::RowSet& approval, const Decision& decision) {
    const auto status = text_at(approval, "status");
    if (status == name_of(ApprovalStatus::pending)) {
        return fail(Errc::conflict,
                    fmt::format("the approval is pending; it can be {} once it is approved",
                                name_of(decision.to())),
                    "status");
    }
    const bool approved = status != name_of(ApprovalStatus::rejected);
    auto message =
        fmt::format("the approval was {} by {} at {}", approved ? "approved" : "rejected",
                    text_at(approval, "reviewed_by"), text_at(approval, "reviewed_at"));
    if (approved && status != name_of(ApprovalStatus::approved))
        message += fmt::format(" and is {} since", status);
    return fail(Errc::conflict, std::move(message), "status");
}

/// The write that only one can make: it wants the status that it starts from.
query::Update update_of(const Decision& decision, const Uuid& id, const TenantScope& scope,
                        Timestamp now) {
    query::Update update{.relation = &approvals(),
                         .filter = query::equals(approvals().id(), id),
                         .returning = query::all_columns(approvals()),
                         .must_match = true};
    query::add_term(update.filter,
                    query::equals(approvals().column("status"), text_of(decision.from())));
    const auto set = [&](std::string_view column, schema::Value value) {
        update.assignments.push_back({&approvals().column(column), std::move(value)});
    };
    set("status", text_of(decision.to()));
    if (decision.from() == ApprovalStatus::pending) {
        set("reviewed_by", schema::Text{scope.principal()});
        set("reviewed_at", now);
    }
    if (decision.to() == ApprovalStatus::rejected)
        set("rejection_reason", schema::Text{decision.reason()});
    if (decision.to() == ApprovalStatus::sent) set("sent_at", now);
    return update;
}

query::Insert event_of(const Decision& decision, const Uuid& id, const schema::Value& lead,
                       const TenantScope& scope, Timestamp now) {
    // Members in the order of schema::make_canonical.
    std::string data = R"({"by":)";
    append_json_string(data, scope.principal());
    if (!decision.reason().empty()) {
        data += R"(,"reason":)";
        append_json_string(data, decision.reason());
    }
    data += R"(,"approval_id":")";
    append_uuid(data, id);
    data += R"("})";
    return {.relation = &events(),
            .columns = {&events().column("lead_id"), &events().column("type"),
                        &events().column("source"), &events().column("timestamp"),
                        &events().column("data")},
            .rows = {{lead, schema::Text{fmt::format("approval.{}", name_of(decision.to()))},
                      schema::Text{"approvals"}, now, schema::Json{std::move(data)}}}};
}

}  // namespace

std::string_view name_of(ApprovalStatus status) noexcept {
    switch (status) {
    case ApprovalStatus::pending: return "pending";
    case ApprovalStatus::approved: return "approved";
    case ApprovalStatus::rejected: return "rejected";
    case ApprovalStatus::sent: return "sent";
    case ApprovalStatus::failed: return "failed";
    }
    std::abort();
}

ApprovalStatus Decision::from() const noexcept {
    const bool second = to_ == ApprovalStatus::sent || to_ == ApprovalStatus::failed;
    return second ? ApprovalStatus::approved : ApprovalStatus::pending;
}

Result<Decision> Decision::reject(std::string_view reason) {
    TENANTRY_TRY(text, parse_reason(reason));
    if (text.empty())
        return fail(Errc::missing_field, "reason is required to reject an approval", "reason");
    return Decision{ApprovalStatus::rejected, text};
}

Result<Decision> Decision::mark_failed(std::string_view reason) {
    TENANTRY_TRY(text, parse_reason(reason));
    return Decision{ApprovalStatus::failed, text};
}

auto Manager::create_approval(NewApproval approval, TenantScope scope, Deadline deadline, Once key)
    -> Answer<query::RowSet> {
    co_return co_await RowOperations{executor_, clock_}.insert(
        approvals(), approval.assignments(), std::move(scope), deadline, std::move(key));
}

auto Manager::get_approval(ApprovalId id, TenantScope scope, Deadline deadline)
    -> Answer<query::RowSet> {
    co_return co_await RowOperations{executor_, clock_}.get(
        approvals(), query::equals(approvals().id(), id.uuid()), std::move(scope), deadline);
}

auto Manager::list_approvals(TenantScope scope, ApprovalCriteria criteria, Deadline deadline)
    -> Answer<Page> {
    Read read{&approvals(), query::all_columns(approvals())};
    if (auto added = add_equality(read, "status", criteria.status); !added) co_return added.error();
    if (auto added = add_equality(read, "type", criteria.type); !added) co_return added.error();
    if (criteria.lead) {
        query::add_term(read.filter,
                        query::equals(approvals().column("lead_id"), criteria.lead->uuid()));
    }
    auto order = parse_sort(approvals(), criteria.sort);
    if (!order) co_return order.error();
    read.order = std::move(*order);
    co_return co_await RowOperations{executor_, clock_}.page(
        std::move(read), std::move(criteria.page), std::move(scope), deadline);
}

auto Manager::get_pending_approvals(TenantScope scope, PageRequest page, Deadline deadline)
    -> Answer<Page> {
    ApprovalCriteria criteria{.status = "pending", .sort = "created_at", .page = std::move(page)};
    co_return co_await list_approvals(std::move(scope), std::move(criteria), deadline);
}

auto Manager::get_approval_history(TenantScope scope, PageRequest page, Deadline deadline)
    -> Answer<Page> {
    Read read{&approvals(), query::all_columns(approvals())};
    // By status, so that the tally answers the total; pending ones have no time of review and come
    // last in the order of the index.
    read.filter = Filter{query::Predicate{
        &approvals().column("status"), Operator::neq, {text_of(ApprovalStatus::pending)}}};
    read.order = {{&approvals().column("reviewed_at"), true, false}};
    co_return co_await RowOperations{executor_, clock_}.page(std::move(read), std::move(page),
                                                             std::move(scope), deadline);
}

auto Manager::update_approval_status(ApprovalId id, Decision decision, TenantScope scope,
                                     Deadline deadline) -> Answer<query::RowSet> {
    const auto before = co_await get_approval(id, scope, deadline);
    if (!before) co_return before.error();
    if (text_at(*before, "status") != name_of(decision.from()))
        co_return decided_already(*before, decision);

    const RowOperations rows{executor_, clock_};
    const auto stamp = rows.stamp();
    auto update = scoped(update_of(decision, id.uuid(), scope, stamp.now), stamp, scope);
    if (!update) co_return update.error();
    auto event = scoped(
        event_of(decision, id.uuid(), before->value(0, "lead_id"), scope, stamp.now), stamp, scope);
    if (!event) co_return event.error();
    std::vector<query::ScopedPlan> plans;
    plans.push_back(std::move(*update));
    plans.push_back(std::move(*event));
    auto replies = co_await executor_.run_all(std::move(plans), deadline);
    if (replies) co_return std::move(replies->front().rows);
    if (replies.error().code != Errc::no_match) co_return replies.error();
    // Somebody else was faster.
    const auto after = co_await get_approval(id, scope, deadline);
    if (!after) co_return after.error();
    co_return decided_already(*after, decision);
}

auto Manager::update_approval_statuses(std::vector<DecisionRequest> requests, TenantScope scope,
                                       Deadline deadline)
    -> asio::awaitable<std::vector<Result<query::RowSet>>> {
    if (requests.size() > limits::decisions_max) std::abort();
    std::vector<Result<query::RowSet>> results;
    if (requests.empty()) co_return results;
    // All at once, so that the writer commits them in groups.
    const auto executor = co_await asio::this_coro::executor;
    using Operation = decltype(asio::co_spawn(
        executor,
        update_approval_status(requests[0].approval, requests[0].decision, scope, deadline),
        asio::deferred));
    std::vector<Operation> operations;
    operations.reserve(requests.size());
    for (auto& [approval, decision] : requests) {
        operations.push_back(asio::co_spawn(
            executor, update_approval_status(approval, std::move(decision), scope, deadline),
            asio::deferred));
    }
    auto [order, faults, answers] =
        co_await asio::experimental::make_parallel_group(std::move(operations))
            .async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
    for (const auto& fault : faults) {
        if (fault) std::rethrow_exception(fault);
    }
    co_return std::move(answers);
}

}  // namespace tenantry::services
