#pragma once
/// SQLite's C handles, owned. The only module that includes sqlite3.h.

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tenantry::engine::sqlite {

struct CloseDatabase {
    void operator()(sqlite3* db) const noexcept { sqlite3_close_v2(db); }
};
struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using DatabaseHandle = std::unique_ptr<sqlite3, CloseDatabase>;
using StatementHandle = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

/// What SQLite refused, by its extended result code. Turned into an Error or a Fault at the
/// engine's edge (errors.hpp).
class SqliteFailure {
public:
    SqliteFailure(int code, std::string message) : code_{code}, message_{std::move(message)} {}
    int code() const noexcept { return code_; }
    int primary_code() const noexcept { return code_ & 0xFF; }
    /// SQLite's own words: for logs and for finding the column, never for a client.
    const std::string& message() const noexcept { return message_; }

private:
    int code_;
    std::string message_;
};

/// The failure that `db` reports now.
SqliteFailure failure_of(sqlite3* db);

/// Opens; `flags` as for sqlite3_open_v2, to which SQLITE_OPEN_NOMUTEX is added. Sets the busy
/// timeout. Throws SqliteFailure.
DatabaseHandle open_database(const std::string& path, int flags, int busy_timeout_ms);

/// Throws SqliteFailure.
StatementHandle prepare(sqlite3* db, std::string_view text, bool persistent = false);

/// Runs statements that give no rows. Throws SqliteFailure.
/// Lets pages be read where the operating system has them, instead of a system call and a copy
/// each: a connection's own cache starts anew whenever another one commits.
void map_into_memory(sqlite3* db);

void execute(sqlite3* db, const std::string& text);

/// The first column of the first row of a query, 0 if there is none. Throws SqliteFailure.
std::int64_t query_integer(sqlite3* db, std::string_view text);

/// Makes a borrowed statement ready for its next use, bound values forgotten, however it is left.
class ResetGuard {
public:
    explicit ResetGuard(sqlite3_stmt* statement) : statement_{statement} {}
    ~ResetGuard() {
        sqlite3_reset(statement_);
        sqlite3_clear_bindings(statement_);
    }
    ResetGuard(const ResetGuard&) = delete;
    ResetGuard& operator=(const ResetGuard&) = delete;

private:
    sqlite3_stmt* statement_;
};

/// Binds text without copying it: it must outlive the statement's next reset.
void bind_text(sqlite3_stmt* statement, int index, std::string_view text);
void bind_integer(sqlite3_stmt* statement, int index, std::int64_t value);
std::string_view column_text(sqlite3_stmt* statement, int column) noexcept;

/// True if there is a row, false at the end. Throws SqliteFailure.
bool step(sqlite3_stmt* statement);

}  // namespace tenantry::engine::sqlite
