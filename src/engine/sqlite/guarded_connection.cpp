#include "sqlite/guarded_connection.hpp"

#include "sqlite/errors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <span>

namespace tenantry::engine::sqlite {
namespace {

/// Past this, the cache starts anew: shapes of filters are the clients' choice.
constexpr std::size_t cached_statements_max = 256;
/// How many SQLite instructions may pass between looks at the clock, about a millisecond.
constexpr int progress_interval = 100'000;

/// SQLite copies each page that a statement changes, to be able to take the statement back: the
/// more rows it has, the fewer copies of the pages that they share.
constexpr std::size_t rows_at_once = 32;

/// Errors: bad_query for what there is no function of.
Result<query::Printed> print(const query::ScopedPlan& plan) {
    const auto is_foreign = [](const query::Predicate& predicate) {
        return predicate.search && !predicate.search->configuration.empty() &&
               predicate.search->configuration != "simple";
    };
    if (query::any_predicate(plan.request(), is_foreign)) {
        return fail(Errc::bad_query,
                    "text is searched with the configuration simple alone by this server's "
                    "database; leave the configuration out, or write (simple)");
    }
    return query::print_sql(plan, query::sqlite_dialect());
}

sqlite3* configured(sqlite3* db, GuardedConnection::Access access) {
    execute(db, "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;");
    map_into_memory(db);
    // A large import changes more pages than the default cache holds, which would then write each
    // of them to the log again and again.
    if (access == GuardedConnection::Access::read_write) execute(db, "PRAGMA cache_size = -65536;");
    return db;
}

void append_cell(query::RowSet& out, sqlite3_stmt* statement, int column) {
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL: out.append_null(); break;
    case SQLITE_INTEGER: out.append_integer(sqlite3_column_int64(statement, column)); break;
    default: out.append_text(column_text(statement, column));
    }
}

}  // namespace

GuardedConnection::GuardedConnection(const std::string& path, const schema::Catalog& catalog,
                                     Access access, std::chrono::milliseconds lock_timeout)
    : db_{open_database(path,
                        access == Access::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE,
                        static_cast<int>(lock_timeout.count()))},
      guard_{configured(db_.get(), access), catalog, access == Access::read_only} {
    const Guard::ControlSession control_only{guard_};
    begin_ = prepare(db_.get(), "BEGIN", true);
    begin_write_ = prepare(db_.get(), "BEGIN IMMEDIATE", true);
    commit_ = prepare(db_.get(), "COMMIT", true);
    rollback_ = prepare(db_.get(), "ROLLBACK", true);
    savepoint_ = prepare(db_.get(), "SAVEPOINT request", true);
    release_ = prepare(db_.get(), "RELEASE request", true);
    rollback_to_ = prepare(db_.get(), "ROLLBACK TO request", true);
    // A writer is never interrupted: that would take the whole group's transaction back.
    if (access == Access::read_only)
        sqlite3_progress_handler(db_.get(), progress_interval, on_progress, this);
}

int GuardedConnection::on_progress(void* self) {
    return std::chrono::steady_clock::now() >= static_cast<GuardedConnection*>(self)->deadline_ ? 1
                                                                                                : 0;
}

void GuardedConnection::control(sqlite3_stmt* statement) {
    const Guard::ControlSession control_only{guard_};
    const ResetGuard reset{statement};
    step(statement);
}

void GuardedConnection::begin_snapshot() {
    control(begin_.get());
    // The state is that of the first read.
    const auto nobody = TenantId::parse("snapshot").value();
    const Guard::Session session{guard_, Guard::Mode::read, nobody};
    const auto first = prepare(db_.get(), "SELECT count(*) FROM agents");
    step(first.get());
}
void GuardedConnection::begin_write() { control(begin_write_.get()); }
void GuardedConnection::commit() { control(commit_.get()); }
void GuardedConnection::savepoint() { control(savepoint_.get()); }
void GuardedConnection::release_savepoint() { control(release_.get()); }
void GuardedConnection::rollback_to_savepoint() {
    control(rollback_to_.get());
    control(release_.get());
}
void GuardedConnection::rollback() noexcept {
    if (!in_transaction()) return;
    try {
        control(rollback_.get());
    } catch (const SqliteFailure&) {  // NOLINT(bugprone-empty-catch): it was taken back already
    }
}

sqlite3_stmt* GuardedConnection::cached(std::string_view text) {
    if (const auto found = statements_.find(text); found != statements_.end())
        return found->second.get();
    if (!guard_.accepts(text)) throw SqliteFailure{SQLITE_AUTH, "a write must be plain"};
    if (statements_.size() >= cached_statements_max) statements_.clear();
    return statements_.emplace(std::string{text}, prepare(db_.get(), text, true))
        .first->second.get();
}

void GuardedConnection::bind_value(sqlite3_stmt* statement, int index, const schema::Value& value) {
    struct Binder {
        sqlite3_stmt* statement;
        int index;
        void operator()(const schema::Null&) const { sqlite3_bind_null(statement, index); }
        void operator()(bool flag) const { bind_integer(statement, index, flag ? 1 : 0); }
        void operator()(std::int64_t number) const { bind_integer(statement, index, number); }
        void operator()(const Decimal& number) const {
            bind_integer(statement, index, number.unscaled);
        }
        void operator()(Timestamp time) const {
            bind_integer(statement, index, time.time_since_epoch().count());
        }
        void operator()(const schema::Text& text) const { bind_text(statement, index, text); }
        void operator()(const schema::Json& json) const { bind_text(statement, index, json.text); }
        void operator()(const schema::Sealed& sealed) const {
            bind_text(statement, index, sealed.text);
        }
        void operator()(const schema::Native& native) const { copy(native); }
        void operator()(const Uuid& uuid) const { copy(uuid); }
        void operator()(const schema::TextArray& array) const { copy(array); }
        /// Values without a text of their own: SQLite keeps a copy.
        void copy(const schema::Value& value) const {
            const auto text = schema::to_text(value);
            if (sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_TRANSIENT,
                                    SQLITE_UTF8) != SQLITE_OK) {
                throw failure_of(sqlite3_db_handle(statement));
            }
        }
    };
    std::visit(Binder{statement, index}, value);
}

void GuardedConnection::bind(sqlite3_stmt* statement,
                             const std::vector<query::Parameter>& parameters,
                             const query::RowSet* parent, std::size_t parent_row) {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const int index = static_cast<int>(i) + 1;
        if (const auto* value = std::get_if<schema::Value>(&parameters[i])) {
            bind_value(statement, index, *value);
            continue;
        }
        const auto cell =
            parent->cell(parent_row, std::get<query::ParentColumn>(parameters[i]).index);
        switch (cell.kind) {
        case query::Cell::Kind::null: sqlite3_bind_null(statement, index); break;
        case query::Cell::Kind::integer: bind_integer(statement, index, cell.integer); break;
        case query::Cell::Kind::text: bind_text(statement, index, cell.text); break;
        }
    }
}

void GuardedConnection::append_rows(const query::Statement& statement, query::RowSet& out,
                                    const query::RowSet* parent, std::size_t parent_row) {
    auto* prepared = cached(statement.text);
    const ResetGuard reset{prepared};
    bind(prepared, statement.parameters, parent, parent_row);
    const int width = static_cast<int>(statement.columns.size());
    while (step(prepared)) {
        for (int column = 0; column < width; ++column) append_cell(out, prepared, column);
    }
}

query::RowSet GuardedConnection::run_rows(const query::Statement& statement,
                                          const query::RowSet* parent, std::size_t parent_row) {
    query::RowSet rows{statement.columns, statement.visible};
    append_rows(statement, rows, parent, parent_row);
    return rows;
}

void GuardedConnection::run_embeds(const std::vector<query::EmbeddedStatement>& embeds,
                                   query::RowSet& rows) {
    for (const auto& embed : embeds) {
        query::EmbeddedRows nested{
            embed.name, embed.to_one, {embed.statement.columns, embed.statement.visible}};
        for (std::size_t row = 0; row < rows.row_count(); ++row) {
            append_rows(embed.statement, nested.rows, &rows, row);
            nested.ends.push_back(nested.rows.row_count());
        }
        run_embeds(embed.statement.embeds, nested.rows);
        rows.embeds().push_back(std::move(nested));
    }
}

query::Reply GuardedConnection::run_read(const query::Read& read, const query::Printed& printed) {
    query::Reply reply{run_rows(printed.main, nullptr, 0)};
    if (read.has_more && reply.rows.row_count() > *read.limit) {
        reply.has_more = true;
        reply.rows.truncate(*read.limit);
    }
    run_embeds(printed.main.embeds, reply.rows);
    if (printed.count) {
        auto* prepared = cached(printed.count->text);
        const ResetGuard reset{prepared};
        bind(prepared, printed.count->parameters, nullptr, 0);
        step(prepared);
        reply.total = sqlite3_column_int64(prepared, 0);
    }
    return reply;
}

Result<query::Reply> GuardedConnection::read(const query::ScopedPlan& plan, Deadline deadline) {
    const auto& read = std::get<query::Read>(plan.request());
    TENANTRY_TRY(printed, print(plan));
    const Guard::Session session{guard_, Guard::Mode::read, plan.tenant()};
    deadline_ = deadline;
    try {
        // Several statements must see one state of the database.
        const bool several = printed.count || !printed.main.embeds.empty();
        if (!several) return run_read(read, printed);
        control(begin_.get());
        auto reply = run_read(read, printed);
        control(commit_.get());
        return reply;
    } catch (const SqliteFailure& failure) {
        rollback();
        return outcome_of(failure, *read.relation);
    }
}

Result<std::vector<query::Reply>> GuardedConnection::read_all(
    const std::vector<query::ScopedPlan>& plans, Deadline deadline) {
    const auto same_tenant = [&](const auto& plan) {
        return plan.tenant() == plans.front().tenant();
    };
    if (!std::ranges::all_of(plans, same_tenant)) std::abort();
    std::vector<query::Printed> printed;
    printed.reserve(plans.size());
    for (const auto& plan : plans) {
        TENANTRY_TRY(next, print(plan));
        printed.push_back(std::move(next));
    }
    const Guard::Session session{guard_, Guard::Mode::read, plans.front().tenant()};
    deadline_ = deadline;
    try {
        std::vector<query::Reply> replies;
        replies.reserve(plans.size());
        control(begin_.get());
        for (std::size_t i = 0; i < plans.size(); ++i)
            replies.push_back(run_read(std::get<query::Read>(plans[i].request()), printed[i]));
        control(commit_.get());
        return replies;
    } catch (const SqliteFailure& failure) {
        rollback();
        return outcome_of(failure, query::relation_of(plans.front().request()));
    }
}

query::Reply GuardedConnection::run_insert(const query::ScopedPlan& plan,
                                           const query::Statement& single) {
    const auto& insert = std::get<query::Insert>(plan.request());
    const std::span rows{insert.rows};
    query::Reply reply{{single.columns, single.visible}};
    std::size_t done = 0;
    // What is returned must be in the order of the rows, which one statement alone doesn't promise.
    const bool plain = single.columns.empty() && insert.on_conflict == query::OnConflict::refuse;
    if (plain && rows.size() >= rows_at_once) {
        const auto several = query::print_insert_of(plan, query::sqlite_dialect(), rows_at_once);
        const Guard::Session session{guard_, Guard::Mode::insert, plan.tenant()};
        for (; done + rows_at_once <= rows.size(); done += rows_at_once)
            insert_rows(several, rows.subspan(done, rows_at_once), reply);
    }
    const Guard::Session session{guard_, Guard::Mode::write, plan.tenant()};
    for (; done < rows.size(); ++done) insert_rows(single, rows.subspan(done, 1), reply);
    return reply;
}

void GuardedConnection::insert_rows(const query::Statement& statement,
                                    std::span<const std::vector<schema::Value>> rows,
                                    query::Reply& reply) {
    auto* prepared = cached(statement.text);
    const ResetGuard reset{prepared};
    int index = 0;
    for (const auto& row : rows) {
        for (const auto& value : row) bind_value(prepared, ++index, value);
    }
    const int width = static_cast<int>(statement.columns.size());
    while (step(prepared)) {
        for (int column = 0; column < width; ++column) append_cell(reply.rows, prepared, column);
    }
    reply.affected += sqlite3_changes64(db_.get());
}

query::Reply GuardedConnection::run_change(const query::Statement& statement,
                                           const schema::Relation& relation) {
    query::Reply reply{run_rows(statement, nullptr, 0)};
    reply.rows.sort_by(relation.key());
    reply.affected = sqlite3_changes64(db_.get());
    return reply;
}

Result<query::Reply> GuardedConnection::write(const query::ScopedPlan& plan) {
    TENANTRY_TRY(printed, print(plan));
    const auto* read = std::get_if<query::Read>(&plan.request());
    try {
        if (std::holds_alternative<query::Insert>(plan.request()))
            return run_insert(plan, printed.main);
        const auto mode = read != nullptr ? Guard::Mode::read : Guard::Mode::write;
        const Guard::Session session{guard_, mode, plan.tenant()};
        if (read != nullptr) return run_read(*read, printed);
        auto reply = run_change(printed.main, query::relation_of(plan.request()));
        const auto* update = std::get_if<query::Update>(&plan.request());
        if (update != nullptr && update->must_match && reply.affected == 0)
            return fail(Errc::no_match, "no row is as the request expects it");
        return reply;
    } catch (const SqliteFailure& failure) {
        return outcome_of(failure, query::relation_of(plan.request()));
    }
}

std::string GuardedConnection::run_text(const TenantId& tenant, Guard::Mode mode,
                                        std::string_view text) {
    const Guard::Session session{guard_, mode, tenant};
    if (!guard_.accepts(text)) throw SqliteFailure{SQLITE_AUTH, "a write must be plain"};
    std::string out;
    while (!text.empty()) {
        sqlite3_stmt* raw = nullptr;
        const char* rest = nullptr;
        if (sqlite3_prepare_v2(db_.get(), text.data(), static_cast<int>(text.size()), &raw,
                               &rest) != SQLITE_OK)
            throw failure_of(db_.get());
        const StatementHandle statement{raw};
        text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
        if (raw == nullptr) continue;
        while (step(raw)) {
            for (int column = 0; column < sqlite3_column_count(raw); ++column) {
                if (column > 0) out += '|';
                out += column_text(raw, column);
            }
            out += '\n';
        }
    }
    return out;
}

}  // namespace tenantry::engine::sqlite
