#include "read_changes.hpp"

#include "engine/run_scoped.hpp"
#include "query/scoped.hpp"
#include "row_image.hpp"

#include <algorithm>

namespace tenantry::feed {
namespace {

using boost::asio::awaitable;

query::Read head_read(const schema::Catalog& catalog) {
    const auto& heads = catalog.relation("tenant_heads");
    return {.relation = &heads,
            .projection = {&heads.column("seq"), &heads.column("epoch")},
            .limit = 1};
}

query::Read changes_read(const schema::Catalog& catalog, std::int64_t after, std::size_t limit) {
    const auto& changes = catalog.relation("changes");
    const auto& seq = changes.column("seq");
    return {.relation = &changes,
            .projection = query::all_columns(changes),
            .filter = query::Filter{query::Predicate{&seq, query::Operator::gt, {after}}},
            .order = {{&seq}},
            .limit = static_cast<std::uint32_t>(limit)};
}

Position position_in(const query::RowSet& rows) {
    if (rows.row_count() == 0) return {};
    return {std::get<schema::Text>(rows.value(0, "epoch")),
            std::get<std::int64_t>(rows.value(0, "seq"))};
}

Op op_of(std::string_view text) {
    for (const auto op : {Op::insert, Op::update, Op::delete_}) {
        if (name_of(op) == text) return op;
    }
    throw engine::Fault{"the record of changes can't be read: an unknown operation"};
}

RowImage image_at(const query::RowSet& rows, std::size_t row, std::string_view column,
                  const schema::Relation& relation, const TenantId& tenant) {
    const auto value = rows.value(row, column);
    const auto* json = std::get_if<schema::Json>(&value);
    return json != nullptr ? read_image(relation, tenant, json->text) : RowImage{};
}

ChangePtr change_at(const query::RowSet& rows, std::size_t row, const schema::Catalog& catalog,
                    const TenantId& tenant) {
    const auto* relation = catalog.find(std::get<schema::Text>(rows.value(row, "relation")));
    if (relation == nullptr)
        throw engine::Fault{"the record of changes can't be read: an unknown relation"};
    return std::make_shared<const Change>(
        Change{.seq = std::get<std::int64_t>(rows.value(row, "seq")),
               .relation = relation,
               .op = op_of(std::get<schema::Text>(rows.value(row, "op"))),
               .row_id = std::get<Uuid>(rows.value(row, "row_id")),
               .committed_at = std::get<Timestamp>(rows.value(row, "committed_at")),
               .row = image_at(rows, row, "row", *relation, tenant),
               .old = image_at(rows, row, "old", *relation, tenant)});
}

/// Whether `from` is a place in the feed that ends at `head`.
bool is_place(const Position& from, const Position& head) {
    const bool same = from.epoch.empty() || head.epoch.empty() || from.epoch == head.epoch;
    return same && from.seq <= head.seq && (from.epoch.empty() || !head.epoch.empty());
}

}  // namespace

Error resync_required() {
    return fail(
        Errc::resync_required,
        "the changes after this place are no longer kept, or it is a place in another feed: "
        "read the rows anew, and go on from the place that /api/sync gives without `since`");
}

awaitable<Result<Position>> read_head(engine::Executor& executor, const schema::Catalog& catalog,
                                      TenantScope scope, engine::Deadline deadline) {
    const auto reply = co_await engine::run_scoped(executor, head_read(catalog), scope, deadline);
    if (!reply) co_return reply.error();
    co_return position_in(reply->rows);
}

awaitable<Result<Reading>> read_changes(engine::Executor& executor, const schema::Catalog& catalog,
                                        TenantScope scope, Position from, std::size_t limit,
                                        engine::Deadline deadline) {
    auto head = query::scoped(head_read(catalog), scope);
    if (!head) co_return head.error();
    auto changes = query::scoped(changes_read(catalog, from.seq, limit), scope);
    if (!changes) co_return changes.error();
    std::vector<query::ScopedPlan> plans;
    plans.push_back(std::move(*head));
    plans.push_back(std::move(*changes));
    const auto replies = co_await executor.read_all(std::move(plans), deadline);
    if (!replies) co_return replies.error();

    Reading reading{.head = position_in(replies->front().rows)};
    const auto& rows = replies->back().rows;
    if (!is_place(from, reading.head)) co_return resync_required();
    const bool trimmed = rows.row_count() == 0
                             ? from.seq < reading.head.seq
                             : std::get<std::int64_t>(rows.value(0, "seq")) != from.seq + 1;
    if (trimmed) co_return resync_required();
    reading.changes.reserve(rows.row_count());
    for (std::size_t row = 0; row < rows.row_count(); ++row)
        reading.changes.push_back(change_at(rows, row, catalog, scope.tenant()));
    co_return reading;
}

}  // namespace tenantry::feed
