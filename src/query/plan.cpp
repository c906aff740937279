#include "query/plan.hpp"

#include "base/limits.hpp"
#include "filter_check.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenantry::query {
namespace {

using schema::ColumnType;

Result<void> check_columns(const Relation& relation, const std::vector<const Column*>& columns) {
    for (const auto* column : columns) TENANTRY_TRY_VOID(check_member(relation, column));
    return {};
}

/// Of what an answer is made of.
Result<void> check_answer(const Relation& relation, const std::vector<const Column*>& columns) {
    TENANTRY_TRY_VOID(check_columns(relation, columns));
    const auto is_sealed = [](const Column* c) { return c->type() == ColumnType::sealed; };
    const auto found = std::ranges::find_if(columns, is_sealed);
    if (found == columns.end()) return {};
    return fail(Errc::bad_query, fmt::format("{} never leaves the server", (*found)->name()),
                (*found)->name());
}

Filter compare(const Column& column, Operator op, const Value& value) {
    return Filter{Predicate{&column, op, {value}}};
}
Filter null_test(const Column& column, bool negated) {
    return Filter{Predicate{&column, Operator::is_null, {}, negated}};
}

/// Rows that come after `value` in the term's own order, nullopt if there are none.
std::optional<Filter> strictly_after(const OrderTerm& term, const Value& value) {
    const auto& column = *term.column;
    if (schema::is_null(value)) {
        if (!term.nulls_first) return std::nullopt;
        return null_test(column, true);
    }
    auto later = compare(column, term.descending ? Operator::lt : Operator::gt, value);
    if (!column.nullable() || term.nulls_first) return later;
    return Filter{Group{Group::Kind::any, {std::move(later), null_test(column, false)}}};
}

/// a > x or (a = x and (b > y or (b = y and …))), each in the direction of its term.
Filter keyset_filter(const std::vector<OrderTerm>& order, const std::vector<Value>& after,
                     std::size_t at = 0) {
    const auto& term = order[at];
    const auto& value = after[at];
    Group either{Group::Kind::any, {}};
    if (auto later = strictly_after(term, value)) either.terms.push_back(std::move(*later));
    if (at + 1 < order.size()) {
        auto same =
            schema::is_null(value) ? null_test(*term.column, false) : equals(*term.column, value);
        either.terms.push_back(Filter{
            Group{Group::Kind::all, {std::move(same), keyset_filter(order, after, at + 1)}}});
    }
    return Filter{std::move(either)};
}

/// With the leading column's bound in front, where an index can start from it.
Result<Filter> make_keyset(const std::vector<OrderTerm>& order, const std::vector<Value>& after) {
    const auto refused = [] {
        return fail(Errc::bad_cursor, "the cursor does not fit the order asked for", "after");
    };
    if (after.size() != order.size()) return refused();
    for (std::size_t i = 0; i < order.size(); ++i) {
        const bool fits = is_of(*order[i].column, after[i]);
        if (!fits || (schema::is_null(after[i]) && !order[i].column->nullable())) return refused();
    }
    auto filter = keyset_filter(order, after);
    const auto& lead = order.front();
    if (lead.column->nullable()) return filter;
    auto bound =
        compare(*lead.column, lead.descending ? Operator::lte : Operator::gte, after.front());
    return Filter{Group{Group::Kind::all, {std::move(bound), std::move(filter)}}};
}

Result<void> check_order_term(const Read& read, const OrderTerm& term) {
    const auto* relation = read.relation;
    if (term.embed) {
        const bool is_one = *term.embed < read.embeds.size() &&
                            read.embeds[*term.embed].direction == Direction::to_one;
        if (!is_one) return fail(Errc::bad_query, "rows are ordered by one row embedded in each");
        relation = read.embeds[*term.embed].read.relation;
    }
    TENANTRY_TRY_VOID(check_member(*relation, term.column));
    if (term.path) return check_path(*term.column, *term.path);
    if (is_comparable(term.column->type())) return {};
    return fail(Errc::bad_query, fmt::format("can't order by {}", term.column->name()),
                term.column->name());
}

/// Ends the order with the key, so that rows equal in all else have one place. A function gives its
/// rows in an order of its own.
Result<void> complete_order(Read& read) {
    const auto& relation = *read.relation;
    if (read.order.size() > limits::order_columns_max) {
        return fail(Errc::bad_query,
                    fmt::format("more than {} columns to order by", limits::order_columns_max));
    }
    for (const auto& term : read.order) TENANTRY_TRY_VOID(check_order_term(read, term));
    if (read.call) return {};
    for (const auto& key : relation.key()) {
        const bool there =
            std::ranges::any_of(read.order, [&](const auto& t) { return t.own_column() == &key; });
        if (there) continue;
        const bool descending = !read.order.empty() && read.order.back().descending;
        read.order.push_back({&key, descending, descending});
    }
    return {};
}

/// Names in the answer must tell its parts apart.
Result<void> check_names(const Read& read) {
    for (auto at = read.embeds.begin(); at != read.embeds.end(); ++at) {
        const bool taken =
            std::any_of(read.embeds.begin(), at, [&](const auto& e) { return e.name == at->name; });
        if (taken || at->name.empty())
            return fail(Errc::bad_query, "an embedded relation needs a name of its own");
    }
    return {};
}

std::size_t count_embeds(const Read& read, std::size_t depth = 1) {
    std::size_t count = read.embeds.size();
    if (depth > limits::embed_depth_max) return count;
    for (const auto& embed : read.embeds) count += count_embeds(embed.read, depth + 1);
    return count;
}

/// Of a read that only counts, nothing else is asked.
Result<void> check_count(const Read& read) {
    const bool is_alone = read.projection.empty() && read.embeds.empty() && read.order.empty() &&
                          !read.after && !read.has_more;
    if (is_alone) return {};
    return fail(Errc::bad_query, "a count has neither columns nor an order");
}

Result<void> check_arguments(const FunctionCall& call) {
    std::vector<const schema::Function::Parameter*> given;
    for (const auto& [parameter, value] : call.arguments) {
        const auto& name = parameter->column.name();
        // SQL has VARIADIC in the end alone.
        const bool is_late = !given.empty() && given.back()->variadic;
        if (call.function->find(name) != parameter || is_late ||
            std::ranges::count(given, parameter) > 0)
            return fail(Errc::bad_query, fmt::format("{} can't be given so", name), name);
        if (!is_of(parameter->column, value)) {
            return fail(Errc::bad_value, fmt::format("{} has a value of another type", name), name);
        }
        given.push_back(parameter);
    }
    for (const auto& parameter : call.function->parameters) {
        const auto& name = parameter.column.name();
        if (!parameter.optional && std::ranges::count(given, &parameter) == 0)
            return fail(Errc::missing_field, fmt::format("{} is required", name), name);
    }
    return {};
}

Result<void> check_call(const Read& read) {
    if (!read.call) return {};
    const auto& function = *read.call->function;
    const bool is_alike = !function.writes || !read.count;
    const bool may = function.writes || !read.call->may_write;
    if (function.result.get() != read.relation || !read.embeds.empty() || read.after ||
        read.has_more || read.sealed || !is_alike || !may) {
        return fail(Errc::bad_query, fmt::format("{} can't be called so", function.name));
    }
    return check_arguments(*read.call);
}

Result<void> check(Read& read, std::size_t depth);

Result<void> check_embed(const Relation& parent, Embed& embed, std::size_t depth) {
    const bool to_one = embed.direction == Embed::Direction::to_one;
    const auto& holder = to_one ? parent : *embed.read.relation;
    const auto& target = to_one ? *embed.read.relation : parent;
    TENANTRY_TRY_VOID(check_member(holder, embed.key->column));
    const auto& read = embed.read;
    if (embed.key->target != &target || read.count || read.after || read.has_more || read.call)
        return fail(Errc::bad_query, fmt::format("{} can't be embedded so", embed.name));
    return check(embed.read, depth + 1);
}

Result<void> check(Read& read, std::size_t depth) {
    if (depth > limits::embed_depth_max) {
        return fail(Errc::too_deep,
                    fmt::format("relations are embedded deeper than {}", limits::embed_depth_max));
    }
    if (depth == 1 && count_embeds(read) > limits::embeds_max) {
        return fail(Errc::bad_query,
                    fmt::format("more than {} relations are embedded", limits::embeds_max));
    }
    TENANTRY_TRY_VOID(read.sealed ? check_columns(*read.relation, read.projection)
                                  : check_answer(*read.relation, read.projection));
    TENANTRY_TRY_VOID(check_call(read));
    TENANTRY_TRY_VOID(check_names(read));
    TENANTRY_TRY_VOID(check_filter(*read.relation, read.filter, Relatives::allowed));
    TENANTRY_TRY_VOID(read.only_count ? check_count(read) : complete_order(read));
    const auto is_own = [](const OrderTerm& t) { return t.own_column() != nullptr; };
    if ((read.after || read.has_more) && !std::ranges::all_of(read.order, is_own))
        return fail(Errc::bad_query, "pages by a cursor are in the order of the rows' own columns");
    if (!read.limit) read.limit = limits::page_rows_max;
    if (*read.limit > limits::page_rows_max) {
        return fail(Errc::out_of_range, fmt::format("limit is at most {}", limits::page_rows_max),
                    "limit");
    }
    if (read.offset > limits::offset_max) {
        return fail(Errc::out_of_range, fmt::format("offset is at most {}", limits::offset_max),
                    "offset");
    }
    if (read.keyset) return fail(Errc::bad_query, "a keyset is made from a cursor, not given");
    if (read.after) {
        TENANTRY_TRY(keyset, make_keyset(read.order, *read.after));
        read.keyset = std::move(keyset);
    }
    for (auto& embed : read.embeds) {
        if (embed.required) add_term(read.filter, Filter{presence_of(embed)});
        TENANTRY_TRY_VOID(check_embed(*read.relation, embed, depth));
    }
    return {};
}

Result<void> check_value(const Column& column, const Value& value) {
    if (!is_of(column, value)) {
        return fail(Errc::bad_value, fmt::format("{} has a value of another type", column.name()),
                    column.name());
    }
    if (schema::is_null(value) && !column.nullable()) {
        return fail(Errc::missing_field, fmt::format("{} is required", column.name()),
                    column.name());
    }
    return column.check_allowed(value);
}

bool has_column(const std::vector<const Column*>& columns, const Column& column) {
    return std::ranges::find(columns, &column) != columns.end();
}

/// What the server puts into `column` of a new row when the request says nothing, if anything.
std::optional<Value> value_when_absent(const Column& column, const Stamp& stamp) {
    const auto& name = column.name();
    if (name == "id") return stamp.new_id();
    if (name == "created_at" || name == "updated_at" ||
        (column.type() == ColumnType::timestamptz && !column.nullable())) {
        return stamp.now;
    }
    return column.options().default_value;
}

Result<void> complete_rows(Insert& insert, const Stamp& stamp) {
    if (insert.relation->is_external()) return {};
    for (const auto& column : insert.relation->columns()) {
        if (has_column(insert.columns, column) || &column == &insert.relation->tenant_id())
            continue;
        auto value = value_when_absent(column, stamp);
        if (!value) {
            if (column.nullable()) continue;
            return fail(Errc::missing_field, fmt::format("{} is required", column.name()),
                        column.name());
        }
        insert.columns.push_back(&column);
        for (auto& row : insert.rows) {
            if (!value) value = value_when_absent(column, stamp);  // each row has an id of its own
            row.push_back(std::move(*value));
            value.reset();
        }
    }
    return {};
}

Result<void> check_rows(const Insert& insert) {
    for (const auto& row : insert.rows) {
        if (row.size() != insert.columns.size())
            return fail(Errc::bad_query, "a row has another length than its columns");
        for (std::size_t i = 0; i < row.size(); ++i)
            TENANTRY_TRY_VOID(check_value(*insert.columns[i], row[i]));
    }
    return {};
}

Result<void> check_conflict_key(const Insert& insert) {
    const auto keys = insert.relation->unique_keys();
    const auto is_meant = [&](const schema::UniqueKey& key) { return &key == insert.conflict_key; };
    if (insert.conflict_key == nullptr || std::ranges::any_of(keys, is_meant)) return {};
    return fail(Errc::bad_query, fmt::format("the key of the conflict does not belong to {}",
                                             insert.relation->name()));
}

/// What a row that is there already gets of what was sent.
void choose_merged(Insert& insert) {
    const auto& relation = *insert.relation;
    const auto key = conflict_columns(insert);
    const bool stamped = !relation.is_external();
    insert.merged.clear();
    for (const Column* column : insert.columns) {
        const bool stands =
            column == &relation.tenant_id() || has_column(key, *column) ||
            (stamped && (column == &relation.id() || column->name() == "created_at" ||
                         column->name() == "updated_at"));
        if (!stands) insert.merged.push_back(column);
    }
    if (stamped) insert.merged.push_back(&relation.column("updated_at"));
    // Of a row that was sent with nothing but its key, so that it is returned.
    if (insert.merged.empty()) insert.merged.push_back(key.front());
}

Result<void> check(Insert& insert, const Stamp& stamp) {
    const auto& relation = *insert.relation;
    TENANTRY_TRY_VOID(check_writable(relation));
    TENANTRY_TRY_VOID(check_conflict_key(insert));
    TENANTRY_TRY_VOID(check_columns(relation, insert.columns));
    TENANTRY_TRY_VOID(check_answer(relation, insert.returning));
    if (insert.tells_inserted && !relation.marks_merged()) {
        return fail(Errc::bad_query,
                    fmt::format("of {} it isn't known which rows are new", relation.name()));
    }
    for (auto at = insert.columns.begin(); at != insert.columns.end(); ++at) {
        if (std::find(insert.columns.begin(), at, *at) != at) {
            return fail(Errc::bad_query, fmt::format("{} is given twice", (*at)->name()),
                        (*at)->name());
        }
    }
    if (insert.on_conflict == OnConflict::merge && relation.append_only()) {
        return fail(Errc::read_only_field,
                    fmt::format("rows of {} stand as they were written", relation.name()));
    }
    choose_merged(insert);
    TENANTRY_TRY_VOID(check_rows(insert));
    return complete_rows(insert, stamp);
}

Result<void> check(Update& update, const Stamp& stamp) {
    const auto& relation = *update.relation;
    TENANTRY_TRY_VOID(check_writable(relation));
    if (relation.append_only()) {
        return fail(Errc::read_only_field,
                    fmt::format("rows of {} stand as they were written", relation.name()));
    }
    TENANTRY_TRY_VOID(check_answer(relation, update.returning));
    TENANTRY_TRY_VOID(check_filter(relation, update.filter, Relatives::refused));
    std::vector<const Column*> seen;
    for (const auto& [column, value] : update.assignments) {
        TENANTRY_TRY_VOID(check_member(relation, column));
        TENANTRY_TRY_VOID(check_value(*column, value));
        const bool stands =
            !relation.is_external() && (column == &relation.id() || column->name() == "created_at");
        if (stands || has_column(seen, *column)) {
            return fail(Errc::read_only_field, fmt::format("{} can't be set so", column->name()),
                        column->name());
        }
        seen.push_back(column);
    }
    if (relation.is_external()) return {};
    const auto& updated_at = relation.column("updated_at");
    std::erase_if(update.assignments, [&](const auto& a) { return a.column == &updated_at; });
    update.assignments.push_back({&updated_at, stamp.now});
    return {};
}

Result<void> check(Delete& remove) {
    if (!remove.relation->is_log()) TENANTRY_TRY_VOID(check_writable(*remove.relation));
    TENANTRY_TRY_VOID(check_answer(*remove.relation, remove.returning));
    return check_filter(*remove.relation, remove.filter, Relatives::refused);
}

}  // namespace

Result<void> check_writable(const Relation& relation) {
    if (relation.is_view()) {
        return fail(Errc::read_only_field,
                    fmt::format("{} is a view, which is only read", relation.name()));
    }
    if (!relation.is_tally()) return {};
    return fail(Errc::read_only_field, fmt::format("{} is kept by the database", relation.name()));
}

Result<Plan> plan(Request request, const Stamp& stamp) {
    struct Visitor {
        const Stamp& stamp;
        Result<void> operator()(Read& read) const { return check(read, 1); }
        Result<void> operator()(Insert& insert) const { return check(insert, stamp); }
        Result<void> operator()(Update& update) const { return check(update, stamp); }
        Result<void> operator()(Delete& remove) const { return check(remove); }
    };
    if (auto checked = std::visit(Visitor{stamp}, request); !checked) return checked.error();
    return Plan{std::move(request)};
}

Result<Plan> plan(Read read) { return plan(Request{std::move(read)}, Stamp{}); }
Result<Plan> plan(Delete request) { return plan(Request{std::move(request)}, Stamp{}); }

}  // namespace tenantry::query
