#include "sqlite/control_connection.hpp"

#include "control/stores.hpp"
#include "engine/executor.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace tenantry::engine::sqlite {
namespace {

constexpr std::array control_tables = {
    "tenants",    "users",    "memberships",   "api_keys",       "tenant_keys", "audit_log",
    "master_key", "accounts", "auth_sessions", "refresh_tokens", "mail_tokens", "sign_up_rules"};

bool is_control_table(const char* name) {
    return name != nullptr && std::ranges::any_of(control_tables, [&](const char* each) {
               return std::string_view{each} == name;
           });
}

/// Deleting a tenant makes SQLite look for rows that refer to it, by way of these columns.
bool is_tenant_key(const char* table, const char* column) {
    return table != nullptr && column != nullptr && std::string_view{table}.starts_with("t_") &&
           std::string_view{column} == "tenant_id";
}

int authorize(void*, int action, const char* first, const char* second, const char*, const char*) {
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_TRANSACTION: return SQLITE_OK;
    case SQLITE_FUNCTION: {
        const std::string_view name{second != nullptr ? second : ""};
        return name == "lower" || name == "length" || name == "count" || name == "max" ||
                       name == "coalesce"
                   ? SQLITE_OK
                   : SQLITE_DENY;
    }
    case SQLITE_READ:
        return is_control_table(first) || is_tenant_key(first, second) ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE: return is_control_table(first) ? SQLITE_OK : SQLITE_DENY;
    default: return SQLITE_DENY;
    }
}

}  // namespace

ControlConnection::ControlConnection(const std::string& path, Access access,
                                     std::chrono::milliseconds lock_timeout)
    : db_{open_database(path,
                        access == Access::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE,
                        static_cast<int>(lock_timeout.count()))} {
    execute(db_.get(), "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL;");
    map_into_memory(db_.get());
    sqlite3_set_authorizer(db_.get(), authorize, nullptr);
    standing_ = prepare(db_.get(),
                        "SELECT (SELECT status FROM tenants WHERE id = ?1),"
                        " (SELECT 1 FROM users WHERE id = ?2),"
                        " (SELECT role FROM memberships WHERE tenant_id = ?1 AND user_id = ?2)",
                        true);
    key_ = prepare(db_.get(),
                   "SELECT k.id, k.tenant_id, t.status, k.role, k.expires_at, k.revoked_at"
                   " FROM api_keys k LEFT JOIN tenants t ON t.id = k.tenant_id WHERE k.hash = ?1",
                   true);
    settings_ = prepare(db_.get(), "SELECT settings FROM tenants WHERE id = ?1", true);
}

void ControlConnection::probe() {
    query_integer(db_.get(), "SELECT count(*) FROM (SELECT id FROM tenants LIMIT 1)");
}

const CommitWatch& ControlConnection::watch() {
    if (!watch_) {
        // The first read of the database maps what is watched.
        probe();
        watch_.emplace(db_.get());
    }
    return *watch_;
}

auth::Standing ControlConnection::standing(const TenantId& tenant, std::string_view subject) {
    question_.assign(tenant.text())
        .append(1, '\n')
        .append(subject);  // no tenant id has a line break
    return standings_.get(watch(), question_, [&] { return read_standing(tenant, subject); });
}

std::optional<auth::KeyStanding> ControlConnection::key(std::string_view hash) {
    return keys_.get(watch(), hash, [&] { return read_key(hash); });
}

auth::Standing ControlConnection::read_standing(const TenantId& tenant, std::string_view subject) {
    auto* statement = standing_.get();
    const ResetGuard reset{statement};
    bind_text(statement, 1, tenant.text());
    bind_text(statement, 2, subject);
    step(statement);
    auth::Standing standing;
    if (const auto status = column_text(statement, 0); !status.empty())
        standing.tenant = control::tenant_status_of(status);
    standing.is_user = sqlite3_column_int(statement, 1) == 1;
    if (const auto role = column_text(statement, 2); !role.empty())
        standing.membership = parse_role(role).value();
    return standing;
}

std::optional<auth::KeyStanding> ControlConnection::read_key(std::string_view hash) {
    auto* statement = key_.get();
    const ResetGuard reset{statement};
    bind_text(statement, 1, hash);
    if (!step(statement)) return std::nullopt;
    auth::KeyStanding key{.id = auth::ApiKeyId::parse(column_text(statement, 0)).value()};
    if (const auto tenant = column_text(statement, 1); !tenant.empty()) {
        key.tenant = TenantId::parse(tenant).value();
        key.status = control::tenant_status_of(column_text(statement, 2));
        key.role = parse_role(column_text(statement, 3)).value();
    }
    key.expires_at = column_time(statement, 4);
    key.revoked = column_time(statement, 5).has_value();
    return key;
}

std::string ControlConnection::settings(const TenantId& tenant) {
    auto* statement = settings_.get();
    const ResetGuard reset{statement};
    bind_text(statement, 1, tenant.text());
    return step(statement) ? std::string{column_text(statement, 0)} : "{}";
}

std::string ControlConnection::mark() {
    const auto mark = watch().mark();
    if (!mark) return fmt::format("within {}", ++unmarked_);
    return fmt::format("{:x}", fmt::join(*mark, "-"));
}

std::optional<Timestamp> column_time(sqlite3_stmt* row, int column) {
    if (sqlite3_column_type(row, column) == SQLITE_NULL) return std::nullopt;
    return Timestamp{std::chrono::microseconds{sqlite3_column_int64(row, column)}};
}

}  // namespace tenantry::engine::sqlite
