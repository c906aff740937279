#include "postgres/compile.hpp"

#include "postgres/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace tenantry::engine::postgres {
namespace {

constexpr std::string_view enter =
    "SELECT set_config('app.tenant_id', $1, true), set_config('statement_timeout', $2, true)";
// Refuses everything after it if the principal's rights may have changed.
constexpr std::string_view enter_on_premise =
    "SELECT set_config('app.tenant_id', $1, true), set_config('statement_timeout', $2, true),"
    " CASE WHEN (SELECT standing_version FROM tenantry.tenants WHERE id = $1) = $3::uuid THEN NULL"
    " ELSE tenantry.standing_changed() END";
constexpr std::size_t enter_calls = 1;
// Refuses what a function has done that leaves another tenant or role entered.
constexpr std::string_view leave =
    "SELECT tenantry.must_match(coalesce(current_setting('app.tenant_id', true) = $1"
    " AND current_user = session_user, false)::int)";

void add_statement(pg::Segment& segment, const query::Statement& statement) {
    auto& call = segment.calls.emplace_back(pg::Call{.text = statement.text});
    for (const auto& parameter : statement.parameters)
        add_value(call.arguments, std::get<schema::Value>(parameter));
}

/// Many rows of which nothing is returned go in one statement; its triggers run once, too.
constexpr std::size_t rows_at_once = 32;

bool is_bulk(const query::Insert& insert) {
    return insert.rows.size() >= rows_at_once && insert.returning.empty() &&
           insert.on_conflict == query::OnConflict::refuse;
}

/// Otherwise row by row, so that each meets what the ones before it have written, as on every
/// engine.
void add_insert(pg::Segment& segment, const query::Insert& insert, const std::string& text) {
    if (is_bulk(insert)) {
        auto& call = segment.calls.emplace_back(pg::Call{.text = text});
        for (std::size_t i = 0; i < insert.columns.size(); ++i)
            add_column(call.arguments, *insert.columns[i], insert.rows, i);
        return;
    }
    for (const auto& row : insert.rows) {
        auto& call = segment.calls.emplace_back(pg::Call{.text = text});
        for (const auto& value : row) add_value(call.arguments, value);
    }
}

void append_rows(query::RowSet& out, const pg::Rows& rows, std::size_t first_column) {
    const auto& columns = out.columns();
    for (std::size_t r = 0; r < rows.size(); ++r) {
        for (std::size_t c = 0; c < columns.size(); ++c)
            append_cell(out, *columns[c], rows.cell(r, first_column + c));
    }
}

/// The place of a row within the answer: of each enclosing row within its level, then its own.
using Place = std::vector<std::int64_t>;

bool is_within(const pg::Rows& rows, std::size_t row, const Place& place) {
    for (std::size_t i = 0; i < place.size(); ++i) {
        if (pg::integer_at(rows, row, i) != place[i]) return false;
    }
    return true;
}

/// Hands each row to the enclosing one that it names; both are in the same order.
query::EmbeddedRows embedded(const query::NestedStatement& nested, const pg::Rows& rows,
                             const std::vector<Place>& enclosing, std::vector<Place>& places) {
    query::EmbeddedRows out{
        nested.name, nested.to_one, {nested.statement.columns, nested.statement.visible}};
    append_rows(out.rows, rows, nested.path.size());
    std::size_t row = 0;
    for (const auto& place : enclosing) {
        for (std::int64_t own = 1; row < rows.size() && is_within(rows, row, place); ++row, ++own) {
            places.push_back(place);
            places.back().push_back(own);
        }
        out.ends.push_back(row);
    }
    if (row != rows.size()) throw Fault{"PostgreSQL: embedded rows belong to no row"};
    return out;
}

query::RowSet& rows_at(query::RowSet& outermost, std::span<const std::size_t> path) {
    auto* rows = &outermost;
    for (const auto index : path) rows = &rows->embeds()[index].rows;
    return *rows;
}

void attach_embeds(query::RowSet& rows, const std::vector<query::NestedStatement>& nested,
                   std::span<const pg::Answer> answers) {
    std::map<std::vector<std::size_t>, std::vector<Place>> places;
    for (std::size_t i = 0; i < rows.row_count(); ++i)
        places[{}].push_back({static_cast<std::int64_t>(i) + 1});
    for (std::size_t i = 0; i < nested.size(); ++i) {
        const auto& path = nested[i].path;
        const std::vector<std::size_t> enclosing{path.begin(), path.end() - 1};
        auto made = embedded(nested[i], answers[i].rows, places[enclosing], places[path]);
        rows_at(rows, enclosing).embeds().push_back(std::move(made));
    }
}

query::Reply reply_of(const query::Read& read, const query::Printed& printed,
                      std::span<const pg::Answer> answers) {
    query::Reply reply{{printed.main.columns, printed.main.visible}};
    append_rows(reply.rows, answers[0].rows, 0);
    if (read.has_more && reply.rows.row_count() > *read.limit) {
        reply.has_more = true;
        reply.rows.truncate(*read.limit);
    }
    std::size_t next = 1;
    if (printed.count) reply.total = pg::integer_at(answers[next++].rows, 0, 0);
    attach_embeds(reply.rows, printed.nested, answers.subspan(next));
    return reply;
}

/// Of a write; `key`: by which rows are sorted that come in an order of the database's.
query::Reply reply_of(const query::Printed& printed, std::span<const pg::Answer> answers,
                      std::span<const schema::Column> key) {
    query::Reply reply{{printed.main.columns, printed.main.visible}};
    for (const auto& answer : answers) {
        if (!printed.main.columns.empty()) append_rows(reply.rows, answer.rows, 0);
        reply.affected += answer.affected;
    }
    if (!key.empty()) reply.rows.sort_by(key);
    return reply;
}

}  // namespace

CompiledPlans::CompiledPlans(std::vector<query::ScopedPlan> plans) : plans_{std::move(plans)} {
    const auto same_tenant = [&](const auto& plan) { return plan.tenant() == tenant(); };
    if (plans_.empty() || !std::ranges::all_of(plans_, same_tenant)) std::abort();
    printed_.reserve(plans_.size());
    for (const auto& plan : plans_) {
        const auto& dialect = query::postgres_dialect();
        const auto* insert = std::get_if<query::Insert>(&plan.request());
        if (insert != nullptr && is_bulk(*insert)) {
            printed_.push_back(
                {.main = query::print_insert_of(plan, dialect, insert->rows.size())});
        } else {
            printed_.push_back(query::print_sql(plan, dialect));
        }
    }
}

pg::Segment CompiledPlans::segment(std::chrono::milliseconds timeout) const {
    pg::Segment segment;
    const auto* unconfirmed = premise();
    auto& entered = segment.calls.emplace_back(
        pg::Call{.text = std::string{unconfirmed != nullptr ? enter_on_premise : enter}});
    entered.arguments.add_text(tenant().text());
    entered.arguments.add_text(fmt::to_string(timeout.count()));
    if (unconfirmed != nullptr) entered.arguments.add_uuid(unconfirmed->version);
    for (std::size_t i = 0; i < plans_.size(); ++i) {
        const auto& printed = printed_[i];
        if (const auto* insert = std::get_if<query::Insert>(&plans_[i].request())) {
            add_insert(segment, *insert, printed.main.text);
            continue;
        }
        add_statement(segment, printed.main);
        if (printed.count) add_statement(segment, *printed.count);
        for (const auto& nested : printed.nested) add_statement(segment, nested.statement);
    }
    if (calls_function()) {
        auto& left = segment.calls.emplace_back(pg::Call{.text = std::string{leave}});
        left.arguments.add_text(tenant().text());
    }
    return segment;
}

bool CompiledPlans::are_recorded() const noexcept {
    return std::ranges::any_of(plans_, [](const auto& plan) {
        return query::is_write(plan.request()) && !query::relation_of(plan.request()).is_external();
    });
}

bool CompiledPlans::calls_function() const noexcept {
    return std::ranges::any_of(plans_, [](const auto& plan) {
        const auto* read = std::get_if<query::Read>(&plan.request());
        return read != nullptr && read->call;
    });
}

Premise* CompiledPlans::premise() const noexcept {
    auto* premise = plans_.front().premise().get();
    return premise != nullptr && !premise->confirmed ? premise : nullptr;
}

std::size_t CompiledPlans::calls_of(std::size_t plan) const noexcept {
    if (const auto* insert = std::get_if<query::Insert>(&plans_[plan].request()))
        return is_bulk(*insert) ? 1 : insert->rows.size();
    return 1 + (printed_[plan].count ? 1U : 0U) + printed_[plan].nested.size();
}

// Poolers have been seen to drop and to shift answers.
bool CompiledPlans::are_own(std::span<const pg::Answer> answers) const noexcept {
    const auto& echo = answers[0].rows;
    return echo.size() == 1 && echo.cell(0, 0) == tenant().text();
}

std::vector<query::Reply> CompiledPlans::replies(std::span<const pg::Answer> answers) const {
    if (!are_own(answers)) throw Fault{"PostgreSQL: the answer is another tenant's"};
    answers = answers.subspan(enter_calls);
    std::vector<query::Reply> replies;
    replies.reserve(plans_.size());
    for (std::size_t i = 0; i < plans_.size(); ++i) {
        const auto own = answers.first(calls_of(i));
        const auto* read = std::get_if<query::Read>(&plans_[i].request());
        const bool inserts = std::holds_alternative<query::Insert>(plans_[i].request());
        const auto key = inserts ? std::span<const schema::Column>{}
                                 : query::relation_of(plans_[i].request()).key();
        replies.push_back(read != nullptr ? reply_of(*read, printed_[i], own)
                                          : reply_of(printed_[i], own, key));
        answers = answers.subspan(own.size());
    }
    return replies;
}

Error CompiledPlans::error_of(const pg::Failure& failure, std::size_t call) const {
    std::size_t end = enter_calls;
    for (std::size_t i = 0; i < plans_.size(); ++i) {
        end += calls_of(i);
        if (call < end) return outcome_of(failure, plans_[i].request());
    }
    if (calls_function() && failure.sqlstate == query::no_match_sqlstate)
        throw Fault{"PostgreSQL: a function has left another tenant or role entered"};
    return outcome_of(failure, plans_.back().request());
}

}  // namespace tenantry::engine::postgres
