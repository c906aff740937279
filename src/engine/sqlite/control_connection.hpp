#pragma once
/// A connection to the control relations only: its authorizer knows no tenant relation.

#include "auth/directory.hpp"
#include "engine/control_store.hpp"
#include "sqlite/answer_cache.hpp"
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

    /// Asked for by each request, so kept until somebody commits.
    auth::Standing standing(const TenantId& tenant, std::string_view subject);
    std::optional<auth::KeyStanding> key(std::string_view hash);
    /// Reads from the database, whatever is known.
    void probe();
    std::string settings(const TenantId& tenant);
    /// Another one once anybody has committed.
    std::string mark();

    sqlite3* handle() const noexcept { return db_.get(); }

private:
    auth::Standing read_standing(const TenantId& tenant, std::string_view subject);
    std::optional<auth::KeyStanding> read_key(std::string_view hash);
    const CommitWatch& watch();

    DatabaseHandle db_;
    StatementHandle standing_;
    StatementHandle key_;
    StatementHandle settings_;
    std::optional<CommitWatch> watch_;
    AnswerCache<auth::Standing> standings_;
    AnswerCache<std::optional<auth::KeyStanding>> keys_;
    std::uint64_t unmarked_ = 0;  // marks asked for in the middle of a commit
    std::string question_;        // room that is used again
};

/// nullopt for NULL.
std::optional<Timestamp> column_time(sqlite3_stmt* row, int column);

}  // namespace tenantry::engine::sqlite
