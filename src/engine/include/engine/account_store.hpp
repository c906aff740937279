#pragma once
/// What signing in takes: accounts, sessions, the tokens of both, and who may sign up. For
/// services::Accounts; requests of tenants never get hold of one.
///
/// Passwords come as hashes, tokens as the SHA-256 of theirs in hexadecimal: the store never sees
/// either.

#include "auth/directory.hpp"
#include "base/id.hpp"
#include "base/timestamp.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenantry::engine {

/// A user, and what signing in takes of it. Who never had an account has neither password nor
/// confirmation.
struct AccountRecord {
    UserId user;
    std::string email;  // lower case
    std::string name;
    std::optional<std::string> password{};  // a hash
    std::optional<Timestamp> email_confirmed_at{};
    /// The tenant that made the account: it is good for that one alone, until a mail has shown that
    /// the address is the user's.
    std::optional<TenantId> managed_by{};
    std::string user_metadata = "{}";  // a JSON object of the user's own
    std::optional<Timestamp> last_sign_in_at{};
    Timestamp created_at{};
    Timestamp updated_at{};
};

/// What is to become another.
struct AccountChanges {
    std::optional<std::string> password{};  // a hash
    std::optional<std::string> user_metadata{};
    /// Who makes the changes, if it isn't the user. The account becomes that tenant's to manage.
    std::optional<TenantId> managed_by{};
    bool confirmed = false;  // if it wasn't
};

/// One that a tenant makes.
struct NewAccount {
    std::string email;
    std::optional<std::string> password{};
    std::string user_metadata = "{}";
    bool confirmed = false;  // the tenant takes the address on trust
    TenantId tenant;
    Role role;
};

using SessionId = Id<struct SessionTag>;

/// Somebody's being signed in, for one tenant at a time.
struct SessionRecord {
    SessionId id;
    UserId user;
    TenantId tenant;
    std::string method;  // how it began: `password`, `otp`
    Timestamp created_at;
};

enum class MailPurpose { invite, signup, recovery };
std::string_view name_of(MailPurpose purpose) noexcept;

/// A token that goes by mail. An invitation or a confirmed sign-up gives the membership.
struct MailToken {
    MailPurpose purpose;
    std::string email;
    std::optional<std::pair<TenantId, Role>> membership{};  // nullopt for a recovery, only then
    Timestamp expires_at;
    std::optional<std::string> password{};       // of a sign-up: its hash
    std::optional<std::string> user_metadata{};  // of a sign-up
};

/// Who may sign up into a tenant without an invitation, and as what.
struct SignUpRule {
    static constexpr std::string_view anyone = "*";

    TenantId tenant;
    std::string domain;  // of the address, lower case; or `anyone`
    Role role;
    bool confirm = true;  // the address must be shown to be theirs first
};

/// Blocking; each call is one transaction. Throws Fault. Threads: one at a time. Beyond what is
/// named, every call may be refused with storage_busy or storage_full.
class AccountStore {
public:
    virtual ~AccountStore() = default;

    /// nullopt if there is no such user.
    virtual Result<std::optional<AccountRecord>> find(std::string_view email) = 0;
    virtual Result<std::optional<AccountRecord>> find(const UserId& user) = 0;
    /// Of the active tenants, by their ids.
    virtual Result<std::vector<std::pair<TenantId, Role>>> memberships(const UserId& user) = 0;

    /// The membership is its first. Errors: unique_violation if there is a user of that address.
    virtual Result<AccountRecord> create(const NewAccount& account, std::string_view actor) = 0;
    /// The membership for somebody who has an account, which stays as it is.
    /// Errors: not_found; unique_violation for who is a member already.
    virtual Result<AccountRecord> add_known(const NewAccount& account, std::string_view actor) = 0;
    /// A new password ends the user's other sessions than `own`. Errors: not_found;
    ///         role_insufficient if `managed_by` is given and the account is not that tenant's.
    virtual Result<AccountRecord> change(const UserId& user, const AccountChanges& changes,
                                         const std::optional<SessionId>& own) = 0;

    /// Begins a session with a first refresh token; the user's that were idle longer than
    /// `idle_max` go. Errors: not_a_member (also where the tenant is
    /// not active, or not there, or the account is not confirmed for it).
    virtual Result<SessionRecord> open_session(const UserId& user, const TenantId& tenant,
                                               std::string_view method,
                                               std::string_view refresh_hash,
                                               std::chrono::seconds idle_max) = 0;
    /// Exchanges a refresh token for another. One that was used more than `grace` ago ends its
    /// session, since one of two who have it must have stolen it.
    /// Errors: not_found (no such token, or its session has been idle longer than `idle_max`);
    ///         conflict (used before); not_a_member, as above.
    virtual Result<SessionRecord> refresh(std::string_view hash, std::string_view next_hash,
                                          std::chrono::seconds grace,
                                          std::chrono::seconds idle_max) = 0;
    /// Lets a session go on for another tenant. Errors: not_found, not_a_member.
    virtual Result<SessionRecord> move_session(const SessionId& id, const TenantId& tenant,
                                               std::string_view next_hash) = 0;
    virtual Result<std::optional<SessionRecord>> session(const SessionId& id) = 0;
    enum class Which { own, others, all };
    /// Ends sessions of the session's user.
    virtual Result<void> end_sessions(const SessionRecord& own, Which which) = 0;

    /// Errors: not_found (no such tenant).
    virtual Result<void> keep_mail_token(const MailToken& token, std::string_view hash,
                                         std::string_view actor) = 0;
    /// Takes the token away and does what it is for: makes the account if there is none, confirms
    /// its address, gives the membership. What a tenant put into the account, its password
    /// above all, may be somebody else's and goes. Errors: not_found (also for one
    /// that has expired, or of another purpose); not_a_member if its tenant is not active.
    virtual Result<std::pair<AccountRecord, MailToken>> redeem(std::string_view hash,
                                                               MailPurpose purpose) = 0;

    /// Rules that an address of that domain may sign up by, of `tenant` or of any; those of a
    /// domain come before those of `anyone`. Only of active tenants.
    virtual Result<std::vector<SignUpRule>> sign_up_rules(
        std::string_view domain, const std::optional<TenantId>& tenant) = 0;
    virtual Result<std::vector<SignUpRule>> sign_up_rules_of(const TenantId& tenant) = 0;
    /// Errors: not_found (no such tenant).
    virtual Result<void> set_sign_up_rule(const SignUpRule& rule, std::string_view actor) = 0;
    /// Errors: not_found.
    virtual Result<void> remove_sign_up_rule(const TenantId& tenant, std::string_view domain,
                                             std::string_view actor) = 0;

    /// The members of a tenant by e-mail address: `limit` of them after `offset` others, and how
    /// many there are.
    struct Page {
        std::vector<AccountRecord> accounts;
        std::size_t total = 0;
    };
    virtual Result<Page> members(const TenantId& tenant, std::size_t limit, std::size_t offset) = 0;
    /// Ends the membership and the user's sessions for that tenant. Errors: not_found; conflict, as
    /// above.
    virtual Result<void> end_membership(const TenantId& tenant, const UserId& user,
                                        std::string_view actor) = 0;
};

}  // namespace tenantry::engine
