#pragma once
/// A connection to the control relations only: its authorizer knows no tenant relation.

#include "auth/directory.hpp"
#include "engine/control_store.hpp"
#include "sqlite/handles.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace tenantry::engine::sqlite {

/// Threads: one at a time. All members throw SqliteFailure.
class ControlConnection {
public:
    enum class Access { read_only, read_write };
    ControlConnection(const std::string& path, Access access,
                      std::chrono::milliseconds lock_timeout);
    ControlConnection(const ControlConnection&) = delete;
    ControlConnection& operator=(const ControlConnection&) = delete;

    auth::Standing standing(const TenantId& tenant, std::string_view subject);
    std::optional<auth::KeyStanding> key(std::string_view hash);

    sqlite3* handle() const noexcept { return db_.get(); }

private:
    DatabaseHandle db_;
    StatementHandle standing_;
    StatementHandle key_;
};

/// nullopt for NULL.
std::optional<Timestamp> column_time(sqlite3_stmt* row, int column);

}  // namespace tenantry::engine::sqlite
