// POST, PATCH and DELETE of rows.

#include "base/limits.hpp"
#include "rest/anew.hpp"
#include "rest/asked.hpp"
#include "rest/row_keys.hpp"
#include "rest/rows_body.hpp"
#include "schema/lead_schema.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenantry::http::rest {
namespace {

using query::Column;
using query::Filter;
using query::Read;
using query::RowSet;

/// What a write returns: what the answer shows, then what is needed to make it.
std::vector<const Column*> returning(const Asked& asked) {
    std::vector<const Column*> out;
    if (asked.wants_rows()) out = asked.read.read.projection;
    add_key(asked, out);
    return out;
}

/// Of an insert also what tells whether a row was made or merged.
std::vector<const Column*> returning_of_insert(const Asked& asked) {
    auto out = returning(asked);
    if (asked.relation->is_external()) return out;
    for (const auto* name : {"created_at", "updated_at"}) {
        const auto* column = &asked.relation->column(name);
        if (std::ranges::find(out, column) == out.end()) out.push_back(column);
    }
    return out;
}

/// 200 or 201 with the rows, if they are wanted.
boost::asio::awaitable<Result<Response>> answer_with(const Call& call, const Asked& asked,
                                                     const query::Reply& reply, Status with_rows,
                                                     Status without, std::string_view range) {
    Response response{.status = without};
    if (asked.wants_rows()) {
        const bool reads_anew = !asked.read.read.embeds.empty() && reply.rows.row_count() > 0;
        if (reads_anew) {
            auto anew = co_await answer_anew(call, asked, reply.rows);
            if (!anew) co_return anew.error();
            response = std::move(*anew);
            if (response.status != Status::ok) co_return std::move(response);
        } else if (asked.wants_object() && reply.rows.row_count() != 1) {
            co_return not_one(reply.rows.row_count());
        } else {
            auto told = rows_answer(asked, reply.rows);
            if (!told) co_return told.error();
            response = std::move(*told);
        }
        response.status = with_rows;
    }
    add_header(response, "content-range", range);
    tell_preferences(asked, response);
    co_return std::move(response);
}

std::optional<std::int64_t> total_of(const Asked& asked, std::int64_t affected) {
    return asked.preferences.count ? std::optional{affected} : std::nullopt;
}

/// Whether the filter says by itself which row is meant.
bool names_row(const std::optional<Filter>& filter, const Column& id, const query::Value& value) {
    if (!filter) return false;
    if (*filter == query::equals(id, value)) return true;
    const auto* group = std::get_if<query::Group>(&filter->node);
    return group != nullptr && group->kind == query::Group::Kind::all && !group->negated &&
           std::ranges::find(group->terms, query::equals(id, value)) != group->terms.end();
}

/// What a write may not do here. nullopt: nothing against it.
std::optional<Response> check_filters(const Asked& asked) {
    const auto& read = asked.read.read;
    if (read.limit || read.offset > 0 || !read.order.empty()) {
        return refusal(Status::bad_request, "PGRST100",
                       "limit, offset and order have no meaning in an update or a delete",
                       "Filter by the rows that are meant");
    }
    return std::nullopt;
}

Response too_many(const Asked& asked, std::size_t rows) {
    return refusal(Status::bad_request, "PGRST124",
                   fmt::format("a write that returns embedded rows, and one with max-affected, is "
                               "for up to {} rows",
                               rows_told_max(*asked.relation)),
                   fmt::format("The query affects {} rows", rows));
}

/// The rows that a bounded write would touch: a write to these alone touches no more.
struct Bounded {
    std::optional<Response> refused{};
    std::optional<Filter> filter{};
};

/// An object that was asked for is one row; `max-affected` bounds by itself. All else isn't looked
/// at before it is written.
boost::asio::awaitable<Result<Bounded>> bound(const Call& call, const Asked& asked) {
    const auto& wanted = asked.preferences.max_affected;
    const bool one = asked.wants_rows() && asked.wants_object();
    const bool whole = asked.wants_rows() && !asked.read.read.embeds.empty();
    if (!wanted && !one && !whole) co_return Bounded{.filter = asked.read.read.filter};
    Read read{.relation = asked.relation, .filter = asked.read.read.filter, .count = true};
    add_key(asked, read.projection);
    const auto reply =
        co_await call.app.manager.read_rows(std::move(read), call.scope, call.deadline);
    if (!reply) co_return reply.error();
    const auto total = reply->total.value_or(0);
    if (wanted && total > *wanted) {
        co_return Bounded{.refused =
                              refusal(Status::bad_request, "PGRST124",
                                      "Query result exceeds max-affected preference constraint",
                                      fmt::format("The query affects {} rows", total))};
    }
    if (one && total != 1) co_return Bounded{.refused = not_one(static_cast<std::size_t>(total))};
    if (const auto rows = static_cast<std::size_t>(total); rows > rows_told_max(*asked.relation))
        co_return Bounded{.refused = too_many(asked, rows)};
    Filter these = these_rows(*asked.relation, reply->rows);
    std::optional<Filter> filter = asked.read.read.filter;
    query::add_term(filter, std::move(these));
    co_return Bounded{.filter = std::move(filter)};
}

/// The unique key that `on_conflict` means; with or without the tenant, which leads each of them.
std::optional<const schema::UniqueKey*> conflict_key(const Asked& asked,
                                                     const std::vector<std::string>& names) {
    schema::ColumnList columns;
    for (const auto& name : names) {
        const auto* column = asked.relation->find(name);
        if (column == nullptr) return std::nullopt;
        if (column != &asked.relation->tenant_id()) columns.push_back(column);
    }
    std::ranges::sort(columns);
    auto primary = query::conflict_columns({.relation = asked.relation});
    std::ranges::sort(primary);
    if (columns == primary) return nullptr;
    for (const auto& key : asked.relation->unique_keys()) {
        auto own = key.columns;
        std::ranges::sort(own);
        if (own == columns) return &key;
    }
    return std::nullopt;
}

using Inserts = std::vector<query::Insert>;

/// What is to be done about rows that are there, without rows; or that it can't be done.
Result<std::variant<query::Insert, Response>> insert_of(const Asked& asked) {
    using Outcome = std::variant<query::Insert, Response>;
    using enum Preferences::Resolution;
    query::Insert insert{.relation = asked.relation, .returning = returning_of_insert(asked)};
    const auto resolution = asked.preferences.resolution;
    if (resolution == refuse) return Outcome{std::move(insert)};
    insert.tells_inserted = resolution == merge_duplicates && asked.relation->marks_merged();
    insert.on_conflict =
        resolution == merge_duplicates ? query::OnConflict::merge : query::OnConflict::skip;
    if (asked.on_conflict.empty()) return Outcome{std::move(insert)};
    TENANTRY_TRY(names, parse_names(asked.on_conflict, "on_conflict"));
    const auto key = conflict_key(asked, names);
    if (!key) {
        return Outcome{refusal(Status::bad_request, "42P10",
                               "there is no unique or exclusion constraint matching the ON "
                               "CONFLICT specification")};
    }
    insert.conflict_key = *key;
    return Outcome{std::move(insert)};
}

Result<std::variant<Inserts, Response>> inserts_of(const Call& call, const Asked& asked) {
    TENANTRY_TRY(groups, parse_rows(*asked.relation, call.request.body, asked.columns,
                                    asked.preferences.missing_default));
    TENANTRY_TRY(form, insert_of(asked));
    if (auto* refused = std::get_if<Response>(&form)) return std::move(*refused);
    const auto& alike = std::get<query::Insert>(form);
    if (groups.size() > 1 && alike.on_conflict == query::OnConflict::merge) {
        return fail(Errc::bad_query,
                    "with missing=default, rows that are merged must have the same columns; send "
                    "the others by themselves",
                    "prefer");
    }
    Inserts out;
    out.reserve(groups.size());
    for (auto& [columns, rows] : groups) {
        out.push_back(alike);
        out.back().columns = std::move(columns);
        out.back().rows = std::move(rows);
    }
    return out;
}

std::size_t count_rows(const Inserts& inserts) {
    std::size_t count = 0;
    for (const auto& insert : inserts) count += insert.rows.size();
    return count;
}

/// A column that isn't there is told in another way in a body than in a filter.
Result<Response> refused_body(const Error& error) {
    if (error.code != Errc::unknown_field) return error;
    return refusal(Status::bad_request, "PGRST204", error.message);
}

/// A row that was merged is younger than it was made: `updated_at` always grows. Of an external
/// relation the database says it, if it can.
bool any_inserted(const Asked& asked, const RowSet& rows) {
    const auto& relation = *asked.relation;
    if (relation.marks_merged()) {
        for (std::size_t i = 0; i < rows.row_count(); ++i) {
            if (rows.value(i, query::inserted_column.name()) == query::Value{true}) return true;
        }
        return false;
    }
    if (relation.is_external()) return true;
    for (std::size_t i = 0; i < rows.row_count(); ++i) {
        if (rows.value(i, "created_at") == rows.value(i, "updated_at")) return true;
    }
    return false;
}

}  // namespace

Answer insert(const Call& call) {
    auto understood = understand(call);
    if (!understood) co_return understood.error();
    if (auto* refused = std::get_if<Response>(&*understood)) co_return std::move(*refused);
    const auto& asked = std::get<Asked>(*understood);
    auto made = inserts_of(call, asked);
    if (!made) co_return refused_body(made.error());
    if (auto* refused = std::get_if<Response>(&*made)) co_return std::move(*refused);
    auto& inserts = std::get<Inserts>(*made);
    const auto rows = count_rows(inserts);
    if (asked.wants_rows() && asked.wants_object() && rows != 1) co_return not_one(rows);
    const bool embeds = asked.wants_rows() && !asked.read.read.embeds.empty();
    if (embeds && rows > rows_told_max(*asked.relation)) co_return too_many(asked, rows);
    query::Reply reply;
    if (rows > 0) {
        auto written =
            co_await call.app.manager.insert_rows(std::move(inserts), call.scope, call.deadline);
        if (!written) co_return written.error();
        reply = std::move(*written);
    }
    using enum Preferences::Resolution;
    const bool merged_only = asked.preferences.resolution == merge_duplicates &&
                             reply.rows.row_count() > 0 && !any_inserted(asked, reply.rows);
    const auto status = merged_only ? Status::ok : Status::created;
    const auto range = content_range(0, 0, total_of(asked, reply.affected));
    auto response = co_await answer_with(call, asked, reply, status, status, range);
    if (response && asked.preferences.returning == Preferences::Return::headers_only &&
        reply.rows.row_count() == 1) {
        add_header(*response, "location", location_of(*asked.relation, reply.rows, 0));
    }
    co_return response;
}

Answer update(const Call& call) {
    auto understood = understand(call);
    if (!understood) co_return understood.error();
    if (auto* refused = std::get_if<Response>(&*understood)) co_return std::move(*refused);
    const auto& asked = std::get<Asked>(*understood);
    if (auto refused = check_filters(asked)) co_return std::move(*refused);
    auto changes = parse_changes(*asked.relation, call.request.body, asked.columns);
    if (!changes) co_return refused_body(changes.error());
    const auto& id = asked.relation->id();
    if (!asked.relation->is_external() && !changes->empty() && changes->back().column == &id) {
        // A whole row that is sent back: its id is where it belongs.
        if (!names_row(asked.read.read.filter, id, changes->back().value)) {
            co_return fail(Errc::read_only_field,
                           "an id stands; leave it out, or filter by it: id=eq.…", "id");
        }
        changes->pop_back();
    }
    query::Update update{
        .relation = asked.relation,
        .assignments = std::move(*changes),
        .returning = asked.wants_rows() ? returning(asked) : std::vector<const Column*>{}};
    query::Reply reply{.rows = RowSet{update.returning, update.returning.size()}};
    if (!update.assignments.empty()) {
        auto bounded = co_await bound(call, asked);
        if (!bounded) co_return bounded.error();
        if (bounded->refused) co_return std::move(*bounded->refused);
        update.filter = std::move(bounded->filter);
        auto written =
            co_await call.app.manager.update_rows(std::move(update), call.scope, call.deadline);
        if (!written) co_return written.error();
        reply = std::move(*written);
    }
    const auto range =
        content_range(0, static_cast<std::size_t>(reply.affected), total_of(asked, reply.affected));
    co_return co_await answer_with(call, asked, reply, Status::ok, Status::no_content, range);
}

Answer remove(const Call& call) {
    auto understood = understand(call);
    if (!understood) co_return understood.error();
    if (auto* refused = std::get_if<Response>(&*understood)) co_return std::move(*refused);
    auto& asked = std::get<Asked>(*understood);
    if (auto refused = check_filters(asked)) co_return std::move(*refused);
    auto bounded = co_await bound(call, asked);
    if (!bounded) co_return bounded.error();
    if (bounded->refused) co_return std::move(*bounded->refused);
    // What is embedded in a row is told as it was before it went.
    std::optional<Response> before;
    if (asked.wants_rows() && !asked.read.read.embeds.empty()) {
        auto read = asked.read.read;
        read.filter = bounded->filter;
        const auto reply =
            co_await call.app.manager.read_rows(std::move(read), call.scope, call.deadline);
        if (!reply) co_return reply.error();
        auto told = rows_answer(asked, reply->rows);
        if (!told) co_return told.error();
        before = std::move(*told);
    }
    query::Delete request{.relation = asked.relation,
                          .filter = std::move(bounded->filter),
                          .returning = asked.wants_rows() && !before
                                           ? returning(asked)
                                           : std::vector<const Column*>{}};
    auto reply =
        co_await call.app.manager.delete_rows(std::move(request), call.scope, call.deadline);
    if (!reply) co_return reply.error();
    const auto range = content_range(0, 0, total_of(asked, reply->affected));
    if (!before) {
        co_return co_await answer_with(call, asked, *reply, Status::ok, Status::no_content, range);
    }
    add_header(*before, "content-range", range);
    tell_preferences(asked, *before);
    co_return std::move(*before);
}

}  // namespace tenantry::http::rest
