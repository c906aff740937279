#include "consumers/progress.hpp"

#include "engine/run_scoped.hpp"
#include "query/scoped.hpp"
#include "schema/lead_schema.hpp"

namespace tenantry::consumers {
namespace {

using boost::asio::awaitable;
using query::Filter;
using query::Operator;
using schema::Null;
using schema::Value;

const schema::Relation& consumers() {
    static const auto& relation = schema::lead_catalog().relation("feed_consumers");
    return relation;
}

const schema::Column& column(std::string_view name) { return consumers().column(name); }

Value epoch_value(const feed::Position& position) {
    return position.epoch.empty() ? Value{Null{}} : Value{schema::Text{position.epoch}};
}

Value moment(std::optional<Timestamp> at) { return at ? Value{*at} : Value{Null{}}; }

Filter is(const Turn& turn) {
    const auto& epoch = column("epoch");
    Filter same_epoch = turn.from.epoch.empty()
                            ? Filter{query::Predicate{&epoch, Operator::is_null}}
                            : query::equals(epoch, schema::Text{turn.from.epoch});
    query::Group free{
        query::Group::Kind::any,
        {Filter{query::Predicate{&column("leased_by"), Operator::is_null}},
         query::equals(column("leased_by"), turn.holder),
         Filter{query::Predicate{&column("leased_until"), Operator::lte, {Value{turn.now}}}}}};
    return Filter{query::Group{query::Group::Kind::all,
                               {query::equals(consumers().id(), turn.consumer),
                                query::equals(column("version"), turn.version),
                                query::equals(column("seq"), turn.from.seq), std::move(same_epoch),
                                Filter{std::move(free)}}}};
}

query::Update update(const Turn& turn, std::vector<query::Assignment> assignments) {
    return {.relation = &consumers(),
            .assignments = std::move(assignments),
            .filter = is(turn),
            .must_match = true};
}

void add_lease(std::vector<query::Assignment>& to, const Uuid& holder,
               std::optional<Timestamp> until) {
    to.push_back({&column("leased_by"), until ? Value{holder} : Value{Null{}}});
    to.push_back({&column("leased_until"), moment(until)});
}

/// Nothing is waiting to be sent again.
void add_clean(std::vector<query::Assignment>& to) {
    to.push_back({&column("message_end"), Null{}});
    to.push_back({&column("failures"), std::int64_t{0}});
    to.push_back({&column("due_at"), Null{}});
    to.push_back({&column("last_error"), Null{}});
}

std::vector<query::Assignment> at_place(const feed::Position& position) {
    std::vector<query::Assignment> out{{&column("epoch"), epoch_value(position)},
                                       {&column("seq"), position.seq}};
    add_clean(out);
    return out;
}

template <class T>
std::optional<T> held(const query::RowSet& rows, std::string_view name) {
    const auto value = rows.value(0, name);
    const auto* found = std::get_if<T>(&value);
    return found != nullptr ? std::optional{*found} : std::nullopt;
}

}  // namespace

bool Progress::held_by_other(const Uuid& holder, Timestamp now) const noexcept {
    return leased_by && *leased_by != holder && leased_until && *leased_until > now;
}

Progress progress_in(const query::RowSet& rows) {
    return {.version = std::get<Uuid>(rows.value(0, "version")),
            .position = {held<schema::Text>(rows, "epoch").value_or(""),
                         std::get<std::int64_t>(rows.value(0, "seq"))},
            .message_end = held<std::int64_t>(rows, "message_end"),
            .failures = std::get<std::int64_t>(rows.value(0, "failures")),
            .due_at = held<Timestamp>(rows, "due_at"),
            .leased_by = held<Uuid>(rows, "leased_by"),
            .leased_until = held<Timestamp>(rows, "leased_until"),
            .delivered_at = held<Timestamp>(rows, "delivered_at"),
            .last_error = held<schema::Text>(rows, "last_error")};
}

query::Insert first_progress(const Uuid& consumer, const Uuid& version,
                             const feed::Position& from) {
    return {.relation = &consumers(),
            .columns = {&consumers().id(), &column("version"), &column("epoch"), &column("seq"),
                        &column("failures")},
            .rows = {{consumer, version, epoch_value(from), from.seq, std::int64_t{0}}}};
}

query::Update lease(const Turn& turn, Timestamp until, std::int64_t message_end) {
    std::vector<query::Assignment> to{{&column("message_end"), message_end}};
    add_lease(to, turn.holder, until);
    return update(turn, std::move(to));
}

query::Update delivered(const Turn& turn, const feed::Position& to,
                        std::optional<Timestamp> until) {
    auto out = at_place(to);
    out.push_back({&column("delivered_at"), turn.now});
    add_lease(out, turn.holder, until);
    return update(turn, std::move(out));
}

query::Update skip(const Turn& turn, const feed::Position& to) {
    auto out = at_place(to);
    add_lease(out, turn.holder, std::nullopt);
    return update(turn, std::move(out));
}

query::Update postpone(const Turn& turn, std::int64_t failures, Timestamp due_at,
                       std::string error) {
    std::vector<query::Assignment> to{{&column("failures"), failures},
                                      {&column("due_at"), due_at},
                                      {&column("last_error"), schema::Text{std::move(error)}}};
    add_lease(to, turn.holder, std::nullopt);
    return update(turn, std::move(to));
}

query::Update release(const Turn& turn) {
    std::vector<query::Assignment> to;
    add_lease(to, turn.holder, std::nullopt);
    return update(turn, std::move(to));
}

query::Update renew(const Uuid& consumer, const Uuid& version) {
    return {.relation = &consumers(),
            .assignments = {{&column("version"), version}},
            .filter = query::equals(consumers().id(), consumer),
            .must_match = true};
}

query::Update restart(const Uuid& consumer, const Uuid& version,
                      const std::optional<feed::Position>& position) {
    std::vector<query::Assignment> to;
    if (position) {
        to = at_place(*position);
    } else {
        add_clean(to);
    }
    add_lease(to, {}, std::nullopt);  // whoever has it is of the version before
    auto change = renew(consumer, version);
    change.assignments.insert(change.assignments.end(), to.begin(), to.end());
    return change;
}

awaitable<Result<std::optional<Progress>>> find_progress(engine::Executor& executor, Uuid consumer,
                                                         TenantScope scope,
                                                         engine::Deadline deadline) {
    query::Read read{.relation = &consumers(),
                     .projection = query::all_columns(consumers()),
                     .filter = query::equals(consumers().id(), consumer),
                     .limit = 1};
    const auto reply = co_await engine::run_scoped(executor, std::move(read), scope, deadline);
    if (!reply) co_return reply.error();
    if (reply->rows.row_count() == 0) co_return std::optional<Progress>{};
    co_return std::optional{progress_in(reply->rows)};
}

awaitable<Result<bool>> write(engine::Executor& executor, std::vector<query::Request> requests,
                              query::Stamp stamp, TenantScope scope, engine::Deadline deadline) {
    std::vector<query::ScopedPlan> plans;
    for (auto& request : requests) {
        auto plan = query::scoped(std::move(request), stamp, scope);
        if (!plan) co_return plan.error();
        plans.push_back(std::move(*plan));
    }
    const auto replies = co_await executor.run_all(std::move(plans), deadline);
    if (replies) co_return true;
    if (replies.error().code == Errc::no_match) co_return false;
    co_return replies.error();
}

}  // namespace tenantry::consumers
