#include "services/accounts.hpp"

#include "account_text.hpp"
#include "auth/password.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "sha256.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenantry::services {
namespace {

using engine::AccountRecord;
using engine::AccountStore;
using engine::MailPurpose;
using engine::SessionRecord;

/// Passwords are hashed there; more would take memory and the processor from requests.
constexpr std::size_t thread_count = 2;
constexpr std::size_t calls_max = 64;
constexpr std::size_t opaque_token_bytes = 32;

Error too_often(std::chrono::seconds wait) {
    return fail(Errc::over_request_rate_limit,
                fmt::format("too many attempts; try again in {} s", wait.count()));
}

Error wrong_credentials() { return fail(Errc::invalid_credentials, "Invalid login credentials"); }

Error no_mail() {
    return fail(Errc::signup_disabled,
                "this server sends no mail: ask its operator for a link of invitation");
}

Error session_gone() {
    return fail(Errc::session_not_found, "the session has ended: sign in again");
}

/// The tenants for which the account is good.
std::vector<std::pair<TenantId, Role>> open_to(const AccountRecord& account,
                                               std::vector<std::pair<TenantId, Role>> memberships) {
    if (account.managed_by) {
        std::erase_if(memberships,
                      [&](const auto& each) { return each.first != *account.managed_by; });
    }
    return memberships;
}

std::string names_of(const std::vector<std::pair<TenantId, Role>>& memberships) {
    std::string out;
    for (const auto& [tenant, role] : memberships)
        out += fmt::format("{}{}", out.empty() ? "" : ", ", tenant.text());
    return out;
}

Result<TenantId> choose(const std::vector<std::pair<TenantId, Role>>& memberships,
                        const std::optional<TenantId>& wanted) {
    if (wanted) return *wanted;
    if (memberships.empty())
        return fail(Errc::not_a_member, "this account is a member of no tenant any more");
    if (memberships.size() == 1) return memberships.front().first;
    return fail(Errc::tenant_required,
                fmt::format("Tenant context required: name one of {} in the header x-tenant-id",
                            names_of(memberships)),
                "x-tenant-id");
}

}  // namespace

OpaqueToken OpaqueToken::make() {
    auto text = encode_base64url(random_bytes(opaque_token_bytes));
    auto hash = hash_of(text);
    return {std::move(text), std::move(hash)};
}

std::string OpaqueToken::hash_of(std::string_view token) {
    Sha256 hash;
    hash.add(token);
    return hash.finish();
}

Accounts::Accounts(Open open, const auth::TokenVerifier& verifier, AccessTokenSigner& signer,
                   AccountMailer& mailer, const Clock& clock, AccountsOptions options)
    : verifier_{verifier},
      signer_{signer},
      mailer_{mailer},
      clock_{clock},
      options_{std::move(options)},
      attempts_{options_.address_attempts, std::chrono::minutes{1}},
      failures_{options_.account_failures, std::chrono::minutes{10}},
      attempts_of_all_{options_.account_attempts, std::chrono::minutes{10}},
      mails_{options_.account_mails, std::chrono::hours{1}},
      stores_{std::move(open), thread_count, calls_max} {}

Result<Bearer> Accounts::bearer_of(std::string_view token) const {
    if (token.empty()) return fail(Errc::token_missing, "This endpoint requires a Bearer token");
    TENANTRY_TRY(claims, verifier_.verify(token, clock_.now()));
    const auto user = UserId::parse(claims->subject);
    if (!user || !claims->session)
        return fail(Errc::token_invalid, "the token is none of a user who has signed in here");
    return Bearer{*user, engine::SessionId::from_uuid(*claims->session)};
}

Result<void> Accounts::count_attempt(const Client& client) {
    if (const auto wait = attempts_.attempt(client.address, AttemptLimits::Clock::now()))
        return too_often(*wait);
    return {};
}

Result<void> Accounts::count_mail(const std::string& email) {
    if (!mailer_.ready()) return no_mail();
    if (const auto wait = mails_.attempt(email, AttemptLimits::Clock::now()))
        return too_often(*wait);
    return {};
}

Result<void> Accounts::check_password(std::string_view password) const {
    if (password.size() > auth::password_bytes_max) {
        return fail(Errc::bad_value,
                    fmt::format("a password has at most {} bytes", auth::password_bytes_max),
                    "password");
    }
    if (password.size() >= options_.password_bytes_min) return {};
    return fail(
        Errc::weak_password,
        fmt::format("Password should be at least {} characters", options_.password_bytes_min),
        "password");
}

Result<SignedIn> Accounts::begin(Store& store, AccountRecord account,
                                 const std::optional<TenantId>& wanted, std::string_view method) {
    TENANTRY_TRY(view, view_of(store, std::move(account), std::nullopt));
    TENANTRY_TRY(tenant, choose(view.memberships, wanted));
    auto token = OpaqueToken::make();
    TENANTRY_TRY(session, store.open_session(view.account.user, tenant, method, token.hash,
                                             options_.idle_max));
    view.account.last_sign_in_at = session.created_at;
    view.tenant = session.tenant;
    return signed_in(std::move(view), session, std::move(token.text));
}

Result<AccountView> Accounts::view_of(Store& store, AccountRecord account,
                                      std::optional<TenantId> tenant) {
    TENANTRY_TRY(memberships, store.memberships(account.user));
    auto open = open_to(account, std::move(memberships));
    return AccountView{std::move(account), std::move(tenant), std::move(open)};
}

Result<SignedIn> Accounts::signed_in(AccountView view, const SessionRecord& session,
                                     std::string refresh_token) {
    const auto now = clock_.now();
    const auto expires_at = std::chrono::floor<std::chrono::seconds>(now + options_.token_lifetime);
    const auth::AccessToken token{.subject = session.user.text(),
                                  .email = view.account.email,
                                  .tenant = session.tenant,
                                  .session = session.id.uuid(),
                                  .app_metadata = std::string{app_metadata},
                                  .user_metadata = view.account.user_metadata,
                                  .issuer = options_.issuer,
                                  .method = session.method,
                                  .authenticated_at = session.created_at,
                                  .issued_at = now,
                                  .expires_at = expires_at};
    TENANTRY_TRY(text, signer_.sign(token));
    return SignedIn{std::move(view), std::move(text), std::move(refresh_token), expires_at,
                    options_.token_lifetime};
}

Accounts::Answer<SignedIn> Accounts::sign_in(Client client, std::string email, std::string password,
                                             Deadline deadline) {
    if (auto counted = count_attempt(client); !counted) co_return counted.error();
    email = to_lower_ascii(email);
    const auto from_here = email + '\n' + client.address;
    // Before it is known to be one, so that many at once are as many.
    const auto now = AttemptLimits::Clock::now();
    if (const auto wait = failures_.attempt(from_here, now)) co_return too_often(*wait);
    if (const auto wait = attempts_of_all_.attempt(email, now)) co_return too_often(*wait);
    auto work = [this, wanted = std::move(client.tenant), email,
                 password = std::move(password)](Store& store) -> Result<SignedIn> {
        if (password.size() > auth::password_bytes_max) return wrong_credentials();
        TENANTRY_TRY(account, store.find(email));
        const std::string_view hash =
            account && account->password ? std::string_view{*account->password} : "";
        if (!auth::is_password(hash, password)) return wrong_credentials();
        if (!account->email_confirmed_at)
            return fail(Errc::email_not_confirmed, "Email not confirmed");
        return begin(store, std::move(*account), wanted, "password");
    };
    auto outcome = co_await stores_.run(deadline, std::move(work));
    if (outcome) failures_.forgive(from_here);
    co_return outcome;
}

Accounts::Answer<SignedIn> Accounts::refresh(Client client, std::string token, Deadline deadline) {
    auto work = [this, hash = OpaqueToken::hash_of(token)](Store& store) -> Result<SignedIn> {
        auto next = OpaqueToken::make();
        const auto session =
            store.refresh(hash, next.hash, options_.refresh_grace, options_.idle_max);
        if (!session && session.error().code == Errc::not_found) {
            return fail(Errc::refresh_token_not_found,
                        "Invalid Refresh Token: Refresh Token Not Found");
        }
        if (!session && session.error().code == Errc::conflict)
            return fail(Errc::refresh_token_already_used, "Invalid Refresh Token: Already Used");
        if (!session) return session.error();
        TENANTRY_TRY(account, store.find(session->user));
        if (!account) return fail(Errc::user_not_found, "the user of this session is gone");
        TENANTRY_TRY(view, view_of(store, std::move(*account), session->tenant));
        return signed_in(std::move(view), *session, std::move(next.text));
    };
    // Unknown ones are guesses, and count as such.
    auto outcome = co_await stores_.run(deadline, std::move(work));
    if (!outcome && outcome.error().code == Errc::refresh_token_not_found) {
        if (auto counted = count_attempt(client); !counted) co_return counted.error();
    }
    co_return outcome;
}

Accounts::Answer<SignedIn> Accounts::switch_tenant(Bearer bearer, TenantId tenant,
                                                   Deadline deadline) {
    auto work = [this, bearer, tenant = std::move(tenant)](Store& store) -> Result<SignedIn> {
        TENANTRY_TRY(account, account_of(store, bearer));
        auto next = OpaqueToken::make();
        TENANTRY_TRY(session, store.move_session(bearer.session, tenant, next.hash));
        TENANTRY_TRY(view, view_of(store, std::move(account), session.tenant));
        return signed_in(std::move(view), session, std::move(next.text));
    };
    return stores_.run(deadline, std::move(work));
}

Accounts::Answer<std::optional<SignedIn>> Accounts::sign_up(Client client, SignUp wish,
                                                            Deadline deadline) {
    using Outcome = std::optional<SignedIn>;
    if (auto counted = count_attempt(client); !counted) co_return counted.error();
    if (auto fine = check_password(wish.password); !fine) co_return fine.error();
    auto email = parse_address(wish.email);
    if (!email) co_return email.error();
    wish.email = std::move(*email);
    auto work = [this, wanted = std::move(client.tenant),
                 wish = std::move(wish)](Store& store) -> Result<Outcome> {
        const auto domain = wish.email.substr(wish.email.find('@') + 1);
        TENANTRY_TRY(rules, store.sign_up_rules(domain, wanted));
        const bool one =
            rules.size() == 1 || (rules.size() > 1 && (rules[0].domain != rules[1].domain));
        // Without a key that says whose users these are, a rule for everybody is nobody's.
        if (!one || (!wanted && rules[0].domain == engine::SignUpRule::anyone))
            return fail(Errc::signup_disabled, "Signups not allowed for this instance");
        const auto& rule = rules[0];
        if (rule.confirm) TENANTRY_TRY_VOID(count_mail(wish.email));
        TENANTRY_TRY(data, merge_metadata("{}", wish.user_metadata));
        auto hash = auth::hash_password(wish.password);
        if (rule.confirm) {
            const auto token = OpaqueToken::make();
            TENANTRY_TRY_VOID(
                store.keep_mail_token({.purpose = MailPurpose::signup,
                                       .email = wish.email,
                                       .membership = std::pair{rule.tenant, rule.role},
                                       .expires_at = clock_.now() + options_.confirmation_lifetime,
                                       .password = std::move(hash),
                                       .user_metadata = std::move(data)},
                                      token.hash, "sign-up"));
            mailer_.send(MailPurpose::signup, wish.email, token.text);
            return Outcome{};
        }
        auto made = store.create({.email = wish.email,
                                  .password = std::move(hash),
                                  .user_metadata = std::move(data),
                                  .confirmed = true,
                                  .tenant = rule.tenant,
                                  .role = rule.role},
                                 "sign-up");
        if (!made && made.error().code == Errc::unique_violation)
            return fail(Errc::user_already_exists, "User already registered");
        if (!made) return made.error();
        TENANTRY_TRY(begun, begin(store, std::move(*made), rule.tenant, "password"));
        return Outcome{std::move(begun)};
    };
    co_return co_await stores_.run(deadline, std::move(work));
}

Accounts::Answer<SignedIn> Accounts::verify(Client client, MailPurpose purpose, std::string token,
                                            Deadline deadline) {
    if (auto counted = count_attempt(client); !counted) co_return counted.error();
    auto work = [this, purpose, wanted = std::move(client.tenant),
                 hash = OpaqueToken::hash_of(token)](Store& store) -> Result<SignedIn> {
        auto redeemed = store.redeem(hash, purpose);
        if (!redeemed && redeemed.error().code == Errc::not_found)
            return fail(Errc::link_expired, "Email link is invalid or has expired");
        if (!redeemed) return redeemed.error();
        auto& [account, mail] = *redeemed;
        auto tenant = wanted;
        if (mail.membership) tenant = mail.membership->first;
        if (!tenant) {
            // The link works once: of several tenants it is the first rather than none.
            TENANTRY_TRY(memberships, store.memberships(account.user));
            if (!memberships.empty()) tenant = memberships.front().first;
        }
        return begin(store, std::move(account), tenant, "otp");
    };
    co_return co_await stores_.run(deadline, std::move(work));
}

Accounts::Answer<bool> Accounts::recover(Client client, std::string email) {
    if (auto counted = count_attempt(client); !counted) co_return counted.error();
    auto address = parse_address(email);
    if (!address) co_return address.error();
    if (auto counted = count_mail(*address); !counted) co_return counted.error();
    // Nobody waits for it: the time would tell whether there was anything to write.
    auto posted = stores_.post(
        [this, email = std::move(*address)](Store& store) { return send_recovery(store, email); },
        [this](std::string_view why) { mailer_.lost(why); });
    if (!posted) co_return posted.error();
    co_return true;
}

Result<void> Accounts::send_recovery(Store& store, const std::string& email) {
    TENANTRY_TRY(account, store.find(email));
    if (!account) return {};
    const auto token = OpaqueToken::make();
    TENANTRY_TRY_VOID(
        store.keep_mail_token({.purpose = MailPurpose::recovery,
                               .email = email,
                               .membership = {},
                               .expires_at = clock_.now() + options_.recovery_lifetime},
                              token.hash, "recovery"));
    mailer_.send(MailPurpose::recovery, email, token.text);
    return {};
}

Result<AccountRecord> Accounts::account_of(Store& store, const Bearer& bearer,
                                           std::optional<TenantId>* tenant) {
    TENANTRY_TRY(session, store.session(bearer.session));
    if (!session || session->user != bearer.user) return session_gone();
    TENANTRY_TRY(account, store.find(bearer.user));
    if (!account) return fail(Errc::user_not_found, "User from sub claim in JWT does not exist");
    if (tenant != nullptr) *tenant = session->tenant;
    return std::move(*account);
}

Accounts::Answer<AccountView> Accounts::user(Bearer bearer, Deadline deadline) {
    auto work = [this, bearer](Store& store) -> Result<AccountView> {
        std::optional<TenantId> tenant;
        TENANTRY_TRY(account, account_of(store, bearer, &tenant));
        return view_of(store, std::move(account), std::move(tenant));
    };
    return stores_.run(deadline, std::move(work));
}

Accounts::Answer<AccountView> Accounts::change_user(Bearer bearer,
                                                    std::optional<std::string> password,
                                                    std::optional<std::string> user_metadata,
                                                    Deadline deadline) {
    if (password) {
        if (auto fine = check_password(*password); !fine) co_return fine.error();
    }
    auto work = [this, bearer, password = std::move(password),
                 data = std::move(user_metadata)](Store& store) -> Result<AccountView> {
        std::optional<TenantId> tenant;
        TENANTRY_TRY(account, account_of(store, bearer, &tenant));
        engine::AccountChanges changes;
        if (password) {
            if (account.password && auth::is_password(*account.password, *password)) {
                return fail(Errc::same_password,
                            "New password should be different from the old password.", "password");
            }
            changes.password = auth::hash_password(*password);
        }
        if (data) {
            TENANTRY_TRY(merged, merge_metadata(account.user_metadata, *data));
            changes.user_metadata = std::move(merged);
        }
        TENANTRY_TRY(changed, store.change(account.user, changes, bearer.session));
        return view_of(store, std::move(changed), std::move(tenant));
    };
    co_return co_await stores_.run(deadline, std::move(work));
}

Accounts::Answer<bool> Accounts::sign_out(Bearer bearer, AccountStore::Which which,
                                          Deadline deadline) {
    auto work = [bearer, which](Store& store) -> Result<bool> {
        TENANTRY_TRY(session, store.session(bearer.session));
        if (!session || session->user != bearer.user) return session_gone();
        TENANTRY_TRY_VOID(store.end_sessions(*session, which));
        return true;
    };
    return stores_.run(deadline, std::move(work));
}

}  // namespace tenantry::services
