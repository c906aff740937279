#pragma once
/// Signing up, in and out: accounts, their sessions and what comes by mail.

#include "auth/access_token.hpp"
#include "auth/token.hpp"
#include "base/timestamp.hpp"
#include "engine/account_store.hpp"
#include "services/attempt_limits.hpp"
#include "services/store_threads.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenantry::services {

struct AccountsOptions {
    std::string issuer = "tenantry";                       // `iss` of access tokens
    std::chrono::seconds token_lifetime{3600};             // of access tokens
    std::chrono::seconds refresh_grace{10};                // two tabs may use the same token
    std::chrono::seconds idle_max{std::chrono::days{30}};  // then a session has ended
    std::chrono::seconds invitation_lifetime{std::chrono::days{7}};
    std::chrono::seconds confirmation_lifetime{std::chrono::days{1}};
    std::chrono::seconds recovery_lifetime{std::chrono::hours{1}};
    std::size_t password_bytes_min = 8;
    std::size_t address_attempts = 60;   // a minute, of one address of the network
    std::size_t account_failures = 10;   // in ten minutes, of one account from one address
    std::size_t account_attempts = 100;  // likewise, from all
    std::size_t account_mails = 5;       // an hour, to one address
};

/// Signs access tokens. Threads: any, at the same time.
class AccessTokenSigner {
public:
    virtual ~AccessTokenSigner() = default;
    virtual Result<std::string> sign(const auth::AccessToken& token) = 0;
};

/// Threads: any, at the same time.
class AccountMailer {
public:
    virtual ~AccountMailer() = default;
    /// Whether there is a server that takes mail.
    virtual bool ready() const = 0;
    /// Doesn't wait until it is sent, so that nobody learns from the time whether anything was.
    virtual void send(engine::MailPurpose purpose, const std::string& email,
                      std::string_view token) = 0;
    /// A mail that nobody waits for could not be made.
    virtual void lost(std::string_view why) noexcept = 0;
};

/// A user, and how it is seen from the tenant that it is signed in for.
struct AccountView {
    engine::AccountRecord account;
    std::optional<TenantId> tenant{};
    std::vector<std::pair<TenantId, Role>> memberships{};
};

struct SignedIn {
    AccountView view;
    std::string access_token;
    std::string refresh_token;
    Timestamp expires_at;
    std::chrono::seconds expires_in;
};

/// Who asks, as the server knows it beside what is asked.
struct Client {
    std::string address;               // of the network; what attempts are counted by
    std::optional<TenantId> tenant{};  // whose users it is for
};

struct SignUp {
    std::string email;
    std::string password;
    std::string user_metadata = "{}";
};

/// Somebody who is signed in, as the access token says.
struct Bearer {
    UserId user;
    engine::SessionId session;
};

/// What a tenant's administrator may change of an account that the tenant manages.
struct ManagedChanges {
    std::optional<std::string> password{};
    std::optional<std::string> user_metadata{};  // merged: null takes a member away
    bool confirmed = false;
};

/// Blocking work (hashes, the store) runs on threads of its own. Wherever an address is given, the
/// answer and its time don't tell strangers whether there is an account of it, unless the tenant
/// lets everybody in without confirmation.
///
/// Errors of all: overloaded, deadline_exceeded; those of the store. Threads: any, at the same
/// time.
class Accounts {
public:
    using Open = StoreThreads<engine::AccountStore>::Open;
    template <class T>
    using Answer = boost::asio::awaitable<Result<T>>;
    using Deadline = engine::Deadline;

    /// All must outlive it.
    Accounts(Open open, const auth::TokenVerifier& verifier, AccessTokenSigner& signer,
             AccountMailer& mailer, const Clock& clock, AccountsOptions options = {});

    /// Errors: token_missing, token_invalid, token_expired; token_invalid for one that no session
    ///         of a user's stands behind.
    Result<Bearer> bearer_of(std::string_view token) const;

    /// Errors: invalid_credentials, email_not_confirmed; over_request_rate_limit;
    ///         tenant_required where the user has several and `client` names none; not_a_member.
    Answer<SignedIn> sign_in(Client client, std::string email, std::string password,
                             Deadline deadline);
    /// Errors: refresh_token_not_found, refresh_token_already_used, not_a_member.
    Answer<SignedIn> refresh(Client client, std::string token, Deadline deadline);
    /// Lets the session go on for another tenant. Errors: session_not_found, not_a_member.
    Answer<SignedIn> switch_tenant(Bearer bearer, TenantId tenant, Deadline deadline);

    /// nullopt: it takes a link that was sent. Errors: signup_disabled, weak_password, bad_value,
    /// user_already_exists (only where everybody is let in); over_request_rate_limit.
    Answer<std::optional<SignedIn>> sign_up(Client client, SignUp wish, Deadline deadline);
    /// By the token of a mail. Errors: link_expired; not_a_member; over_request_rate_limit.
    Answer<SignedIn> verify(Client client, engine::MailPurpose purpose, std::string token,
                            Deadline deadline);
    /// Sends a link if there is an account. Errors: signup_disabled where no mail is sent at all;
    ///         over_request_rate_limit.
    Answer<bool> recover(Client client, std::string email);

    /// Errors: session_not_found, user_not_found.
    Answer<AccountView> user(Bearer bearer, Deadline deadline);
    /// `user_metadata` is merged: null takes a member away. Errors: as `user`; weak_password,
    /// same_password, bad_value.
    Answer<AccountView> change_user(Bearer bearer, std::optional<std::string> password,
                                    std::optional<std::string> user_metadata, Deadline deadline);
    /// Errors: session_not_found.
    Answer<bool> sign_out(Bearer bearer, engine::AccountStore::Which which, Deadline deadline);

    /// What administrators of a tenant do with its members; `scope` has the role admin at least.
    struct Page {
        std::vector<AccountView> views;
        std::size_t total = 0;
    };
    Answer<Page> members(const TenantScope& scope, std::size_t limit, std::size_t offset,
                         Deadline deadline);
    /// Errors: not_found for who is no member.
    Answer<AccountView> member(const TenantScope& scope, UserId user, Deadline deadline);
    /// Who has an account already stays as it is and becomes a member. Errors: email_exists for a
    ///         member; weak_password, bad_value; role_insufficient for a role above one's own.
    Answer<AccountView> add_member(const TenantScope& scope, SignUp wish, bool confirmed, Role role,
                                   Deadline deadline);
    /// Only of accounts that this tenant made, or nobody did. Not the address: by it
    /// others know the user, too. Errors: not_found; role_insufficient for others' accounts;
    ///         weak_password, bad_value.
    Answer<AccountView> change_member(const TenantScope& scope, UserId user, ManagedChanges changes,
                                      Deadline deadline);
    /// Errors: not_found, conflict.
    Answer<bool> remove_member(const TenantScope& scope, UserId user, Deadline deadline);
    /// Errors: signup_disabled where no mail is sent; role_insufficient.
    Answer<bool> invite(const TenantScope& scope, std::string email, Role role, Deadline deadline);

private:
    using Store = engine::AccountStore;
    Result<void> count_attempt(const Client& client);
    Result<void> count_mail(const std::string& email);
    Result<void> send_recovery(Store& store, const std::string& email);
    Result<void> check_password(std::string_view password) const;
    Result<SignedIn> begin(Store& store, engine::AccountRecord account,
                           const std::optional<TenantId>& wanted, std::string_view method);
    static Result<AccountView> view_of(Store& store, engine::AccountRecord account,
                                       std::optional<TenantId> tenant);
    Result<SignedIn> signed_in(AccountView view, const engine::SessionRecord& session,
                               std::string refresh_token);
    Result<engine::AccountRecord> account_of(Store& store, const Bearer& bearer,
                                             std::optional<TenantId>* tenant = nullptr);
    Result<engine::AccountRecord> member_of(Store& store, const TenantId& tenant,
                                            const UserId& user);

    const auth::TokenVerifier& verifier_;
    AccessTokenSigner& signer_;
    AccountMailer& mailer_;
    const Clock& clock_;
    const AccountsOptions options_;
    AttemptLimits attempts_;
    AttemptLimits failures_;
    AttemptLimits attempts_of_all_;
    AttemptLimits mails_;
    StoreThreads<Store> stores_;
};

/// A token as it goes by mail or refreshes a session, and what is kept of it: its SHA-256.
struct OpaqueToken {
    static OpaqueToken make();
    static std::string hash_of(std::string_view token);
    std::string text;
    std::string hash;
};

}  // namespace tenantry::services
