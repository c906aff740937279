#pragma once
/// control::Session over a ControlConnection.

#include "control/session.hpp"
#include "sqlite/control_connection.hpp"

#include <unordered_map>

namespace tenantry::engine::sqlite {

class ControlSession final : public control::Session {
public:
    /// Throws SqliteFailure.
    ControlSession(const std::string& path, ControlConnection::Access access,
                   std::chrono::milliseconds lock_timeout)
        : connection_{path, access, lock_timeout} {}

    control::Rows run(std::string_view sql, const std::vector<control::Cell>& values) override;
    void begin_write() override;
    void begin_read() override;
    void commit() override;
    void rollback() noexcept override;

private:
    sqlite3_stmt* prepared(std::string_view sql);

    ControlConnection connection_;
    std::unordered_map<std::string, StatementHandle> statements_;
};

}  // namespace tenantry::engine::sqlite
