#include "row_operations.hpp"

#include "query/cursor.hpp"
#include "query/render.hpp"
#include "schema/json.hpp"
#include "schema/lead_schema.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>

#include <algorithm>
#include <chrono>

namespace tenantry::services {
namespace {

using query::Filter;
using query::Read;
using query::Value;
using schema::Relation;

constexpr std::chrono::hours idempotency_retention{24};

const Relation& idempotency_keys() {
    static const Relation& relation = schema::lead_catalog().relation("idempotency_keys");
    return relation;
}

Filter row_of_version(const Relation& relation, const Uuid& id,
                      const std::optional<RowVersion>& expected) {
    std::optional<Filter> filter = query::equals(relation.id(), id);
    if (expected)
        query::add_term(filter,
                        query::equals(relation.column("updated_at"), expected->updated_at()));
    return std::move(*filter);
}

/// The row of `columns` that `answer`, an object of an earlier answer, holds.
Result<query::RowSet> row_from_answer(const std::vector<const query::Column*>& columns,
                                      std::string_view answer) {
    TENANTRY_TRY(json, schema::read_json(answer));
    const auto& object = json.as_object();
    query::RowSet rows{columns, columns.size()};
    for (const auto* column : columns) {
        const auto* member = object.if_contains(column->name());
        // A column younger than the answer.
        const bool absent = member == nullptr || member->is_null();
        TENANTRY_TRY(value,
                     absent ? Result<Value>{schema::Null{}} : schema::parse_json(*column, *member));
        query::append_value(rows, value);
    }
    return rows;
}

}  // namespace

std::string name_of_one(const Relation& relation) {
    auto name = relation.name();
    std::ranges::replace(name, '_', ' ');
    if (name.ends_with("ies")) return name.substr(0, name.size() - 3) + 'y';
    name.pop_back();
    return name;
}

Error no_such_row(const Relation& relation) {
    return fail(Errc::not_found, fmt::format("no {} has this id", name_of_one(relation)), "id");
}

Result<std::vector<query::OrderTerm>> parse_sort(const Relation& relation, std::string_view text) {
    const bool descending = text.starts_with('-');
    const auto name = text.substr(descending ? 1 : 0);
    const auto* column = relation.find(name);
    const bool sortable = column != nullptr && column != &relation.tenant_id() &&
                          column->type() != schema::ColumnType::json &&
                          column->type() != schema::ColumnType::text_array &&
                          column->type() != schema::ColumnType::sealed;
    if (!sortable) {
        return fail(Errc::bad_query,
                    fmt::format("sort names no column that {} can be sorted by", relation.name()),
                    "sort");
    }
    return std::vector<query::OrderTerm>{{column, descending, descending}};
}

Result<void> add_equality(Read& read, std::string_view name,
                          const std::optional<std::string>& text) {
    if (!text) return {};
    const auto& column = read.relation->column(name);
    TENANTRY_TRY(value, schema::parse_text(column, *text));
    TENANTRY_TRY_VOID(column.check_allowed(value));
    add_term(read.filter, query::equals(column, std::move(value)));
    return {};
}

query::Stamp RowOperations::stamp() const {
    return {clock_.now(), [&clock = clock_] { return clock.new_id(); }};
}

auto RowOperations::insert(const Relation& relation, std::vector<query::Assignment> fields,
                           TenantScope scope, Deadline deadline, std::optional<IdempotencyKey> key)
    -> Answer<query::RowSet> {
    query::Insert insert{.relation = &relation, .returning = query::all_columns(relation)};
    std::vector<schema::Value> row;
    for (auto& [column, value] : fields) {
        insert.columns.push_back(column);
        row.push_back(std::move(value));
    }
    insert.rows.push_back(std::move(row));
    auto plan = scoped(std::move(insert), stamp(), scope);
    if (!plan) co_return plan.error();
    if (key) {
        co_return co_await insert_once(std::move(*plan), std::move(scope), deadline,
                                       std::move(*key));
    }
    auto reply = co_await executor_.run(std::move(*plan), deadline);
    if (!reply) co_return reply.error();
    co_return std::move(reply->rows);
}

/// The key's row goes in first and holds the answer, so of requests under one key at the same time
/// one writes, and the others find what it answered.
auto RowOperations::insert_once(query::ScopedPlan plan, TenantScope scope, Deadline deadline,
                                IdempotencyKey key) -> Answer<query::RowSet> {
    const auto made_by = stamp();
    const auto& relation = idempotency_keys();
    const auto& insert = std::get<query::Insert>(plan.request());
    const auto columns = insert.returning;
    std::string answer;
    query::append_json_row(answer, query::rows_of(insert), 0);

    query::Predicate expired{
        &relation.column("created_at"), query::Operator::lt, {made_by.now - idempotency_retention}};
    auto forget = scoped(query::Delete{&relation, Filter{std::move(expired)}, {}}, made_by, scope);
    if (!forget) co_return forget.error();
    query::Insert record{
        .relation = &relation,
        .columns = {&relation.column("key"), &relation.column("fingerprint"),
                    &relation.column("answer")},
        .rows = {{key.text(), key.fingerprint(), schema::Text{std::move(answer)}}}};
    auto remember = scoped(std::move(record), made_by, scope);
    if (!remember) co_return remember.error();

    std::vector<query::ScopedPlan> plans;
    plans.push_back(std::move(*forget));
    plans.push_back(std::move(*remember));
    plans.push_back(std::move(plan));
    auto replies = co_await executor_.run_all(std::move(plans), deadline);
    if (replies) co_return std::move(replies->back().rows);
    const auto& error = replies.error();
    if (error.code != Errc::unique_violation || error.field != "key") co_return error;
    co_return co_await replay(columns, key, scope, deadline);
}

auto RowOperations::replay(const std::vector<const query::Column*>& columns,
                           const IdempotencyKey& key, const TenantScope& scope, Deadline deadline)
    -> Answer<query::RowSet> {
    const auto& relation = idempotency_keys();
    Read read{.relation = &relation,
              .projection = {&relation.column("fingerprint"), &relation.column("answer")},
              .filter = query::equals(relation.column("key"), schema::Text{key.text()}),
              .limit = 1};
    auto plan = scoped(std::move(read), {}, scope);
    if (!plan) co_return plan.error();
    const auto reply = co_await executor_.run(std::move(*plan), deadline);
    if (!reply) co_return reply.error();
    // It has expired in between.
    if (reply->rows.row_count() == 0)
        co_return fail(Errc::conflict, "this Idempotency-Key has just expired; take a new one",
                       "idempotency-key");
    if (reply->rows.cell(0, 0).text != key.fingerprint()) {
        co_return fail(Errc::idempotency_key_reused,
                       "this Idempotency-Key belongs to another request; take a new one",
                       "idempotency-key");
    }
    co_return row_from_answer(columns, reply->rows.cell(0, 1).text);
}

auto RowOperations::get(const Relation& relation, Filter filter, TenantScope scope,
                        Deadline deadline) -> Answer<query::RowSet> {
    Read read{.relation = &relation,
              .projection = query::all_columns(relation),
              .filter = std::move(filter),
              .limit = 1};
    auto plan = scoped(std::move(read), {}, scope);
    if (!plan) co_return plan.error();
    auto reply = co_await executor_.run(std::move(*plan), deadline);
    if (!reply) co_return reply.error();
    if (reply->rows.row_count() == 0) co_return no_such_row(relation);
    co_return std::move(reply->rows);
}

/// A row that a write with an expected version did not find: gone, or changed since.
auto RowOperations::why_unmatched(const Relation& relation, Uuid id, TenantScope scope,
                                  Deadline deadline) -> Answer<query::RowSet> {
    const auto row =
        co_await get(relation, query::equals(relation.id(), id), std::move(scope), deadline);
    if (!row) co_return row.error();
    co_return fail(Errc::precondition_failed,
                   fmt::format("the {} was changed since; read it again and repeat the change",
                               name_of_one(relation)),
                   "if-match");
}

auto RowOperations::update(const Relation& relation, Uuid id, std::vector<query::Assignment> fields,
                           TenantScope scope, Deadline deadline, std::optional<RowVersion> expected)
    -> Answer<query::RowSet> {
    query::Update update{&relation, std::move(fields), row_of_version(relation, id, expected),
                         query::all_columns(relation)};
    auto plan = scoped(std::move(update), stamp(), scope);
    if (!plan) co_return plan.error();
    auto reply = co_await executor_.run(std::move(*plan), deadline);
    if (!reply) co_return reply.error();
    if (reply->rows.row_count() > 0) co_return std::move(reply->rows);
    if (expected) co_return co_await why_unmatched(relation, id, std::move(scope), deadline);
    co_return no_such_row(relation);
}

auto RowOperations::remove(const Relation& relation, Uuid id, TenantScope scope, Deadline deadline,
                           std::optional<RowVersion> expected) -> Answer<void> {
    auto plan =
        scoped(query::Delete{&relation, row_of_version(relation, id, expected), {}}, {}, scope);
    if (!plan) co_return plan.error();
    auto reply = co_await executor_.run(std::move(*plan), deadline);
    if (!reply) co_return reply.error();
    if (reply->affected > 0) co_return Result<void>{};
    if (!expected) co_return no_such_row(relation);
    const auto why = co_await why_unmatched(relation, id, std::move(scope), deadline);
    co_return why.error();
}

auto RowOperations::page(Read read, PageRequest wanted, TenantScope scope, Deadline deadline)
    -> Answer<Page> {
    read.limit = wanted.limit.rows();
    read.offset = wanted.offset;
    read.count = true;
    read.has_more = true;
    if (wanted.after) {
        auto after = query::parse_cursor(scope.tenant(), read, *wanted.after);
        if (!after) co_return after.error();
        read.after = std::move(*after);
    }
    auto plan = scoped(read, {}, scope);
    if (!plan) co_return plan.error();
    auto reply = co_await executor_.run(std::move(*plan), deadline);
    if (!reply) co_return reply.error();
    Page answer{std::move(reply->rows), reply->total.value_or(0), std::nullopt};
    if (reply->has_more) answer.next = query::make_cursor(scope.tenant(), read, answer.rows);
    co_return answer;
}

}  // namespace tenantry::services
