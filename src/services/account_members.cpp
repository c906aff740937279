// What administrators of a tenant do with the accounts of its members.

#include "account_text.hpp"
#include "auth/password.hpp"
#include "services/accounts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenantry::services {
namespace {

using engine::AccountRecord;
using engine::MailPurpose;

Error no_such_member() { return fail(Errc::not_found, "User not found"); }

/// Nobody makes others more than they are.
Result<void> check_role(const TenantScope& scope, Role role) {
    if (role <= scope.role()) return {};
    return fail(Errc::role_insufficient,
                fmt::format("you can't give the role {}: yours is {}", name_of(role),
                            name_of(scope.role())),
                "role");
}

/// As it is seen from that tenant, which learns nothing of others.
AccountView seen_from(const TenantId& tenant, AccountRecord account,
                      const std::vector<std::pair<TenantId, Role>>& memberships) {
    AccountView view{std::move(account), tenant, {}};
    if (view.account.managed_by && *view.account.managed_by != tenant) {
        view.account.email_confirmed_at.reset();
        view.account.last_sign_in_at.reset();
        view.account.user_metadata = "{}";
    }
    std::ranges::copy_if(memberships, std::back_inserter(view.memberships),
                         [&](const auto& each) { return each.first == tenant; });
    return view;
}

}  // namespace

/// Of a member of that tenant.
Result<AccountRecord> Accounts::member_of(Store& store, const TenantId& tenant,
                                          const UserId& user) {
    TENANTRY_TRY(account, store.find(user));
    if (!account) return no_such_member();
    TENANTRY_TRY(memberships, store.memberships(user));
    if (std::ranges::find(memberships, tenant, &std::pair<TenantId, Role>::first) ==
        memberships.end()) {
        return no_such_member();
    }
    return std::move(*account);
}

Accounts::Answer<Accounts::Page> Accounts::members(const TenantScope& scope, std::size_t limit,
                                                   std::size_t offset, Deadline deadline) {
    auto work = [tenant = scope.tenant(), limit, offset](Store& store) -> Result<Page> {
        TENANTRY_TRY(found, store.members(tenant, limit, offset));
        Page page{.views = {}, .total = found.total};
        for (auto& account : found.accounts) {
            TENANTRY_TRY(memberships, store.memberships(account.user));
            page.views.push_back(seen_from(tenant, std::move(account), memberships));
        }
        return page;
    };
    return stores_.run(deadline, std::move(work));
}

Accounts::Answer<AccountView> Accounts::member(const TenantScope& scope, UserId user,
                                               Deadline deadline) {
    auto work = [this, tenant = scope.tenant(), user](Store& store) -> Result<AccountView> {
        TENANTRY_TRY(account, member_of(store, tenant, user));
        TENANTRY_TRY(memberships, store.memberships(user));
        return seen_from(tenant, std::move(account), memberships);
    };
    return stores_.run(deadline, std::move(work));
}

Accounts::Answer<AccountView> Accounts::add_member(const TenantScope& scope, SignUp wish,
                                                   bool confirmed, Role role, Deadline deadline) {
    if (auto fine = check_role(scope, role); !fine) co_return fine.error();
    auto email = parse_address(wish.email);
    if (!email) co_return email.error();
    if (!wish.password.empty()) {
        if (auto fine = check_password(wish.password); !fine) co_return fine.error();
    }
    auto work = [tenant = scope.tenant(), actor = scope.principal(), email = std::move(*email),
                 wish = std::move(wish), confirmed, role](Store& store) -> Result<AccountView> {
        TENANTRY_TRY(data, merge_metadata("{}", wish.user_metadata));
        engine::NewAccount account{.email = email,
                                   .user_metadata = std::move(data),
                                   .confirmed = confirmed,
                                   .tenant = tenant,
                                   .role = role};
        // Hashed in any case, so that the time doesn't tell whose address is known already.
        if (!wish.password.empty()) account.password = auth::hash_password(wish.password);
        auto made = store.create(account, actor);
        if (!made && made.error().code == Errc::unique_violation)
            made = store.add_known(account, actor);
        if (!made && made.error().code == Errc::unique_violation) {
            return fail(Errc::email_exists,
                        "A user with this email address has already been registered", "email");
        }
        if (!made) return made.error();
        return seen_from(tenant, std::move(*made), {{tenant, role}});
    };
    co_return co_await stores_.run(deadline, std::move(work));
}

Accounts::Answer<AccountView> Accounts::change_member(const TenantScope& scope, UserId user,
                                                      ManagedChanges changes, Deadline deadline) {
    if (changes.password) {
        if (auto fine = check_password(*changes.password); !fine) co_return fine.error();
    }
    auto work = [this, tenant = scope.tenant(), user,
                 changes = std::move(changes)](Store& store) -> Result<AccountView> {
        TENANTRY_TRY(account, member_of(store, tenant, user));
        engine::AccountChanges made{.managed_by = tenant, .confirmed = changes.confirmed};
        if (changes.password) made.password = auth::hash_password(*changes.password);
        if (changes.user_metadata) {
            TENANTRY_TRY(merged, merge_metadata(account.user_metadata, *changes.user_metadata));
            made.user_metadata = std::move(merged);
        }
        TENANTRY_TRY(changed, store.change(user, made, std::nullopt));
        TENANTRY_TRY(memberships, store.memberships(user));
        return seen_from(tenant, std::move(changed), memberships);
    };
    co_return co_await stores_.run(deadline, std::move(work));
}

Accounts::Answer<bool> Accounts::remove_member(const TenantScope& scope, UserId user,
                                               Deadline deadline) {
    auto work = [tenant = scope.tenant(), actor = scope.principal(),
                 user](Store& store) -> Result<bool> {
        TENANTRY_TRY_VOID(store.end_membership(tenant, user, actor));
        return true;
    };
    return stores_.run(deadline, std::move(work));
}

Accounts::Answer<bool> Accounts::invite(const TenantScope& scope, std::string email, Role role,
                                        Deadline deadline) {
    if (auto fine = check_role(scope, role); !fine) co_return fine.error();
    auto address = parse_address(email);
    if (!address) co_return address.error();
    if (auto counted = count_mail(*address); !counted) co_return counted.error();
    auto work = [this, tenant = scope.tenant(), actor = scope.principal(), role,
                 address = std::move(*address)](Store& store) -> Result<bool> {
        const auto token = OpaqueToken::make();
        TENANTRY_TRY_VOID(
            store.keep_mail_token({.purpose = MailPurpose::invite,
                                   .email = address,
                                   .membership = std::pair{tenant, role},
                                   .expires_at = clock_.now() + options_.invitation_lifetime},
                                  token.hash, actor));
        mailer_.send(MailPurpose::invite, address, token.text);
        return true;
    };
    co_return co_await stores_.run(deadline, std::move(work));
}

}  // namespace tenantry::services
