#pragma once
/// One connection under the guard, with its prepared statements. Threads: one at a time.

#include "engine/executor.hpp"
#include "query/rows.hpp"
#include "query/sql.hpp"
#include "schema/catalog.hpp"
#include "sqlite/guard.hpp"

#include <optional>
#include <span>
#include <string>
#include <unordered_map>

namespace tenantry::engine::sqlite {

class GuardedConnection {
public:
    enum class Access { read_only, read_write };

    /// The file must be of the newest version. Throws SqliteFailure.
    GuardedConnection(const std::string& path, const schema::Catalog& catalog, Access access,
                      std::chrono::milliseconds lock_timeout);

    /// Runs a Read in one transaction. Errors: deadline_exceeded, storage_busy. Throws Fault.
    Result<query::Reply> read(const query::ScopedPlan& plan, Deadline deadline);

    /// Runs Reads of one tenant in one transaction, so against one state. Errors: as read.
    Result<std::vector<query::Reply>> read_all(const std::vector<query::ScopedPlan>& plans,
                                               Deadline deadline);

    /// Runs any plan inside the transaction that is open. Statements before the refused one stay;
    /// the caller undoes them. Errors: as Executor::run. Throws Fault.
    Result<query::Reply> write(const query::ScopedPlan& plan);

    /// Opens a transaction that shows one state of the database to all reads by `write` that
    /// follow. Throws SqliteFailure.
    void begin_snapshot();

    /// BEGIN IMMEDIATE, COMMIT, ROLLBACK, SAVEPOINT and its ends. Throw SqliteFailure.
    void begin_write();
    void commit();
    void rollback() noexcept;
    void savepoint();
    void release_savepoint();
    void rollback_to_savepoint();
    /// False once a failure has taken the whole transaction back.
    bool in_transaction() const noexcept { return sqlite3_get_autocommit(db_.get()) == 0; }

    /// Runs any text as this tenant under the guard, for tests that attack it: one row a line,
    /// cells joined by '|'. Throws SqliteFailure.
    std::string run_text(const TenantId& tenant, Guard::Mode mode, std::string_view text);

private:
    struct TextHash : std::hash<std::string_view> {
        using is_transparent = void;
    };

    sqlite3_stmt* cached(std::string_view text);
    void bind(sqlite3_stmt* statement, const std::vector<query::Parameter>& parameters,
              const query::RowSet* parent, std::size_t parent_row);
    void bind_value(sqlite3_stmt* statement, int index, const schema::Value& value);
    query::RowSet run_rows(const query::Statement& statement, const query::RowSet* parent,
                           std::size_t parent_row);
    void append_rows(const query::Statement& statement, query::RowSet& out,
                     const query::RowSet* parent, std::size_t parent_row);
    void run_embeds(const std::vector<query::EmbeddedStatement>& embeds, query::RowSet& rows);
    query::Reply run_insert(const query::ScopedPlan& plan, const query::Statement& single);
    void insert_rows(const query::Statement& statement,
                     std::span<const std::vector<schema::Value>> rows, query::Reply& reply);
    query::Reply run_change(const query::Statement& statement, const schema::Relation& relation);
    query::Reply run_read(const query::Read& read, const query::Printed& printed);
    void control(sqlite3_stmt* statement);
    static int on_progress(void* self);

    DatabaseHandle db_;
    Guard guard_;
    Deadline deadline_ = Deadline::max();
    StatementHandle begin_, begin_write_, commit_, rollback_, savepoint_, release_, rollback_to_;
    std::unordered_map<std::string, StatementHandle, TextHash, std::equal_to<>> statements_;
    std::string scratch_;  // text forms of bound values, alive until the statement's reset
};

}  // namespace tenantry::engine::sqlite
