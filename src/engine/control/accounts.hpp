#pragma once
/// The rows of accounts, sessions and their tokens. Everything here runs within the caller's
/// transaction and throws Failure.

#include "control/session.hpp"
#include "engine/account_store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenantry::engine::control {

std::optional<AccountRecord> find_account(Session& db, std::string_view email);
std::optional<AccountRecord> find_account(Session& db, const UserId& user);
std::vector<AccountRecord> read_accounts(Session& db, const TenantId& tenant, std::size_t limit,
                                         std::size_t offset);
std::size_t count_members(Session& db, const TenantId& tenant);
/// Of active tenants.
std::vector<std::pair<TenantId, Role>> read_memberships(Session& db, const UserId& user);
/// Whether the user is a member of that tenant, which is active, by an account that is confirmed
/// for it.
bool may_enter(Session& db, const TenantId& tenant, const UserId& user);

/// The account's row of a user who may have none.
void ensure_account(Session& db, const UserId& user);
void write_changes(Session& db, const AccountRecord& account, const AccountChanges& changes);

/// The address is the user's, as the token shows.
void write_proof(Session& db, const AccountRecord& account, const MailToken& token);

std::optional<SessionRecord> find_session(Session& db, const SessionId& id);
SessionRecord insert_session(Session& db, const UserId& user, const TenantId& tenant,
                             std::string_view method);
void delete_session(Session& db, const SessionId& id);
void insert_refresh_token(Session& db, std::string_view hash, const SessionId& session);

struct RefreshToken {
    SessionRecord session;
    Timestamp refreshed_at;  // the session
    std::optional<Timestamp> used_at;
};
std::optional<RefreshToken> find_refresh_token(Session& db, std::string_view hash);
/// By that token, or by nobody's where `hash` is empty.
void mark_refreshed(Session& db, const SessionId& session, std::string_view hash);

void insert_mail_token(Session& db, const MailToken& token, std::string_view hash,
                       std::string_view actor);
/// nullopt for one that isn't there, has another purpose or has expired.
std::optional<MailToken> take_mail_token(Session& db, std::string_view hash, MailPurpose purpose);

}  // namespace tenantry::engine::control
