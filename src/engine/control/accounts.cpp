#include "control/accounts.hpp"

#include "base/random.hpp"

namespace tenantry::engine::control {
namespace {

const std::string select_accounts =
    "SELECT u.id, u.email, u.name, a.password, a.email_confirmed_at, a.managed_by,"
    " a.user_metadata, a.last_sign_in_at, u.created_at, coalesce(a.updated_at, u.updated_at)"
    " FROM @users u LEFT JOIN @accounts a ON a.user_id = u.id ";

AccountRecord account_at(const Rows& rows, std::size_t i) {
    const auto managing = rows.optional_text(i, 5);
    return {UserId::parse(rows.text(i, 0)).value(),
            rows.text(i, 1),
            rows.text(i, 2),
            rows.optional_text(i, 3),
            rows.time(i, 4),
            managing ? std::optional{TenantId::parse(*managing).value()} : std::nullopt,
            rows.is_null(i, 6) ? "{}" : rows.text(i, 6),
            rows.time(i, 7),
            rows.time(i, 8).value(),
            rows.time(i, 9).value()};
}

std::optional<AccountRecord> first_account(const Rows& rows) {
    if (rows.empty()) return std::nullopt;
    return account_at(rows, 0);
}

SessionRecord session_at(const Rows& rows, std::size_t i) {
    return {SessionId::parse(rows.text(i, 0)).value(), UserId::parse(rows.text(i, 1)).value(),
            TenantId::parse(rows.text(i, 2)).value(), rows.text(i, 3), rows.time(i, 4).value()};
}

}  // namespace

std::optional<AccountRecord> find_account(Session& db, std::string_view email) {
    return first_account(db.run(select_accounts + "WHERE u.email = $1", {cell(email)}));
}

std::optional<AccountRecord> find_account(Session& db, const UserId& user) {
    return first_account(db.run(select_accounts + "WHERE u.id = $1", {user.text()}));
}

std::vector<AccountRecord> read_accounts(Session& db, const TenantId& tenant, std::size_t limit,
                                         std::size_t offset) {
    const auto rows = db.run(
        select_accounts +
            "JOIN @memberships m ON m.user_id = u.id WHERE m.tenant_id = $1"
            " ORDER BY u.email LIMIT $2 OFFSET $3",
        {tenant.text(), static_cast<std::int64_t>(limit), static_cast<std::int64_t>(offset)});
    std::vector<AccountRecord> accounts;
    accounts.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) accounts.push_back(account_at(rows, i));
    return accounts;
}

std::size_t count_members(Session& db, const TenantId& tenant) {
    const auto rows =
        db.run("SELECT count(*) FROM @memberships WHERE tenant_id = $1", {tenant.text()});
    return static_cast<std::size_t>(rows.integer(0, 0));
}

std::vector<std::pair<TenantId, Role>> read_memberships(Session& db, const UserId& user) {
    const auto rows = db.run(
        "SELECT m.tenant_id, m.role FROM @memberships m JOIN @tenants t ON t.id = m.tenant_id"
        " WHERE m.user_id = $1 AND t.status = 'active' ORDER BY m.tenant_id",
        {user.text()});
    std::vector<std::pair<TenantId, Role>> out;
    out.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        out.emplace_back(TenantId::parse(rows.text(i, 0)).value(),
                         parse_role(rows.text(i, 1)).value());
    }
    return out;
}

bool may_enter(Session& db, const TenantId& tenant, const UserId& user) {
    const auto rows = db.run(
        "SELECT 1 FROM @memberships m JOIN @tenants t ON t.id = m.tenant_id"
        " JOIN @accounts a ON a.user_id = m.user_id"
        " WHERE m.tenant_id = $1 AND m.user_id = $2 AND t.status = 'active'"
        " AND a.email_confirmed_at IS NOT NULL AND coalesce(a.managed_by, $1) = $1",
        {tenant.text(), user.text()});
    return !rows.empty();
}

void ensure_account(Session& db, const UserId& user) {
    db.run(
        "INSERT INTO @accounts (user_id, created_at, updated_at) VALUES ($1, $2, $2)"
        " ON CONFLICT (user_id) DO NOTHING",
        {user.text(), system_clock().now()});
}

void write_changes(Session& db, const AccountRecord& account, const AccountChanges& changes) {
    const auto now = system_clock().now();
    const auto id = account.user.text();
    ensure_account(db, account.user);
    if (changes.password)
        db.run("UPDATE @accounts SET password = $2 WHERE user_id = $1", {id, *changes.password});
    if (changes.user_metadata) {
        db.run("UPDATE @accounts SET user_metadata = $2 WHERE user_id = $1",
               {id, *changes.user_metadata});
    }
    if (changes.managed_by && !account.email_confirmed_at) {
        db.run("UPDATE @accounts SET managed_by = coalesce(managed_by, $2) WHERE user_id = $1",
               {id, changes.managed_by->text()});
    }
    if (changes.confirmed && !account.email_confirmed_at)
        db.run("UPDATE @accounts SET email_confirmed_at = $2 WHERE user_id = $1", {id, now});
    db.run("UPDATE @accounts SET updated_at = $2 WHERE user_id = $1", {id, now});
}

void write_proof(Session& db, const AccountRecord& account, const MailToken& token) {
    const auto id = account.user.text();
    ensure_account(db, account.user);
    const bool proved = account.email_confirmed_at && !account.managed_by;
    if (!proved) {
        db.run(
            "UPDATE @accounts SET password = NULL, user_metadata = '{}', managed_by = NULL"
            " WHERE user_id = $1",
            {id});
        db.run("DELETE FROM @auth_sessions WHERE user_id = $1", {id});
    }
    const auto now = system_clock().now();
    db.run(
        "UPDATE @accounts SET email_confirmed_at = coalesce(email_confirmed_at, $2),"
        " updated_at = $2 WHERE user_id = $1",
        {id, now});
    if (!token.password) return;
    db.run(
        "UPDATE @accounts SET password = $2, user_metadata = $3"
        " WHERE user_id = $1 AND password IS NULL",
        {id, *token.password, token.user_metadata.value_or("{}")});
}

std::optional<SessionRecord> find_session(Session& db, const SessionId& id) {
    const auto rows = db.run(
        "SELECT id, user_id, tenant_id, method, created_at FROM @auth_sessions WHERE id = $1",
        {id.text()});
    if (rows.empty()) return std::nullopt;
    return session_at(rows, 0);
}

SessionRecord insert_session(Session& db, const UserId& user, const TenantId& tenant,
                             std::string_view method) {
    const SessionRecord made{SessionId::from_uuid(new_uuid()), user, tenant, std::string{method},
                             system_clock().now()};
    db.run(
        "INSERT INTO @auth_sessions (id, user_id, tenant_id, method, created_at, refreshed_at)"
        " VALUES ($1, $2, $3, $4, $5, $5)",
        {made.id.text(), user.text(), tenant.text(), made.method, made.created_at});
    return made;
}

void delete_session(Session& db, const SessionId& id) {
    db.run("DELETE FROM @auth_sessions WHERE id = $1", {id.text()});
}

void insert_refresh_token(Session& db, std::string_view hash, const SessionId& session) {
    db.run("INSERT INTO @refresh_tokens (hash, session_id, created_at) VALUES ($1, $2, $3)",
           {cell(hash), session.text(), system_clock().now()});
}

std::optional<RefreshToken> find_refresh_token(Session& db, std::string_view hash) {
    const auto rows = db.run(
        "SELECT s.id, s.user_id, s.tenant_id, s.method, s.created_at, s.refreshed_at, r.used_at"
        " FROM @refresh_tokens r JOIN @auth_sessions s ON s.id = r.session_id WHERE r.hash = $1",
        {cell(hash)});
    if (rows.empty()) return std::nullopt;
    return RefreshToken{session_at(rows, 0), rows.time(0, 5).value(), rows.time(0, 6)};
}

void mark_refreshed(Session& db, const SessionId& session, std::string_view hash) {
    const auto now = system_clock().now();
    db.run("UPDATE @auth_sessions SET refreshed_at = $2 WHERE id = $1", {session.text(), now});
    db.run("UPDATE @refresh_tokens SET used_at = $2 WHERE hash = $1 AND used_at IS NULL",
           {cell(hash), now});
}

void insert_mail_token(Session& db, const MailToken& token, std::string_view hash,
                       std::string_view actor) {
    const Cell tenant = token.membership ? cell(token.membership->first.text()) : Cell{};
    const Cell role = token.membership ? cell(tenantry::name_of(token.membership->second)) : Cell{};
    const auto now = system_clock().now();
    // Nobody else takes away what has expired.
    db.run("DELETE FROM @mail_tokens WHERE email = $1 AND expires_at <= $2", {token.email, now});
    db.run(
        "INSERT INTO @mail_tokens (hash, purpose, email, tenant_id, role, created_at, created_by,"
        " expires_at, password, user_metadata) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        {cell(hash), cell(engine::name_of(token.purpose)), token.email, tenant, role, now,
         cell(actor), token.expires_at, optional_cell(token.password),
         optional_cell(token.user_metadata)});
}

std::optional<MailToken> take_mail_token(Session& db, std::string_view hash, MailPurpose purpose) {
    const auto rows = db.run(
        "DELETE FROM @mail_tokens WHERE hash = $1 AND purpose = $2"
        " RETURNING email, tenant_id, role, expires_at, password, user_metadata",
        {cell(hash), cell(engine::name_of(purpose))});
    if (rows.empty()) return std::nullopt;
    MailToken token{.purpose = purpose,
                    .email = rows.text(0, 0),
                    .membership = {},
                    .expires_at = rows.time(0, 3).value(),
                    .password = rows.optional_text(0, 4),
                    .user_metadata = rows.optional_text(0, 5)};
    if (token.expires_at <= system_clock().now()) return std::nullopt;
    if (!rows.is_null(0, 1)) {
        token.membership.emplace(TenantId::parse(rows.text(0, 1)).value(),
                                 parse_role(rows.text(0, 2)).value());
    }
    return token;
}

}  // namespace tenantry::engine::control
