#pragma once
/// Transactions of the connections that know no guard.

#include "sqlite/handles.hpp"

namespace tenantry::engine::sqlite {

/// A transaction that is taken back unless it was committed. Throws SqliteFailure.
class Transaction {
public:
    explicit Transaction(sqlite3* db) : db_{db} { execute(db_, "BEGIN IMMEDIATE"); }
    ~Transaction() {
        if (sqlite3_get_autocommit(db_) == 0)
            sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
    }
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit() { execute(db_, "COMMIT"); }

private:
    sqlite3* db_;
};

}  // namespace tenantry::engine::sqlite
