#include "sqlite/handles.hpp"

#include <mutex>

namespace tenantry::engine::sqlite {
namespace {

/// Memory statistics take a global mutex on each allocation, which halves what two readers do.
void configure_library_once() {
    static std::once_flag once;
    std::call_once(once, [] {
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
        sqlite3_initialize();
    });
}

}  // namespace

SqliteFailure failure_of(sqlite3* db) { return {sqlite3_extended_errcode(db), sqlite3_errmsg(db)}; }

DatabaseHandle open_database(const std::string& path, int flags, int busy_timeout_ms) {
    configure_library_once();
    sqlite3* raw = nullptr;
    const int result = sqlite3_open_v2(
        path.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    DatabaseHandle db{raw};
    if (result != SQLITE_OK)
        throw SqliteFailure{result, raw != nullptr ? sqlite3_errmsg(raw) : "out of memory"};
    sqlite3_busy_timeout(raw, busy_timeout_ms);
    return db;
}

StatementHandle prepare(sqlite3* db, std::string_view text, bool persistent) {
    sqlite3_stmt* raw = nullptr;
    const unsigned flags = persistent ? SQLITE_PREPARE_PERSISTENT : 0;
    const int result =
        sqlite3_prepare_v3(db, text.data(), static_cast<int>(text.size()), flags, &raw, nullptr);
    StatementHandle statement{raw};
    if (result != SQLITE_OK) throw failure_of(db);
    return statement;
}

void execute(sqlite3* db, const std::string& text) {
    if (sqlite3_exec(db, text.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        throw failure_of(db);
}

void map_into_memory(sqlite3* db) {
    // SQLite's own maximum; what lies beyond is read the ordinary way.
    execute(db, "PRAGMA mmap_size = 2147418112;");
}

std::int64_t query_integer(sqlite3* db, std::string_view text) {
    const auto statement = prepare(db, text);
    return step(statement.get()) ? sqlite3_column_int64(statement.get(), 0) : 0;
}

void bind_text(sqlite3_stmt* statement, int index, std::string_view text) {
    // A null pointer would bind NULL instead of the empty string.
    const char* data = text.data() != nullptr ? text.data() : "";
    if (sqlite3_bind_text64(statement, index, data, text.size(), SQLITE_STATIC, SQLITE_UTF8) !=
        SQLITE_OK) {
        throw failure_of(sqlite3_db_handle(statement));
    }
}

void bind_integer(sqlite3_stmt* statement, int index, std::int64_t value) {
    if (sqlite3_bind_int64(statement, index, value) != SQLITE_OK)
        throw failure_of(sqlite3_db_handle(statement));
}

std::string_view column_text(sqlite3_stmt* statement, int column) noexcept {
    const auto* text = sqlite3_column_text(statement, column);
    const auto size = sqlite3_column_bytes(statement, column);
    if (text == nullptr) return {};
    return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)};
}

bool step(sqlite3_stmt* statement) {
    const int result = sqlite3_step(statement);
    if (result == SQLITE_ROW) return true;
    if (result == SQLITE_DONE) return false;
    throw failure_of(sqlite3_db_handle(statement));
}

}  // namespace tenantry::engine::sqlite
