#include "engine/account_store.hpp"

#include "base/random.hpp"
#include "control/accounts.hpp"
#include "control/audit.hpp"
#include "control/members.hpp"
#include "control/stores.hpp"

#include <cstdlib>

namespace tenantry::engine {

std::string_view name_of(MailPurpose purpose) noexcept {
    switch (purpose) {
    case MailPurpose::invite: return "invite";
    case MailPurpose::signup: return "signup";
    case MailPurpose::recovery: return "recovery";
    }
    std::abort();
}

namespace control {
namespace {

Error not_a_member() {
    return fail(Errc::not_a_member, "the user is not a member of that tenant, or it is not active");
}

Error no_such_user() { return fail(Errc::not_found, "there is no such user", "user"); }

Error address_taken() {
    return fail(Errc::unique_violation, "there is a user of this address already", "email");
}

class SessionAccountStore final : public AccountStore {
public:
    explicit SessionAccountStore(SessionHandle session) : session_{std::move(session)} {}

    Result<std::optional<AccountRecord>> find(std::string_view email) override {
        return guarded(
            [&]() -> Result<std::optional<AccountRecord>> { return find_account(db(), email); });
    }

    Result<std::optional<AccountRecord>> find(const UserId& user) override {
        return guarded(
            [&]() -> Result<std::optional<AccountRecord>> { return find_account(db(), user); });
    }

    Result<std::vector<std::pair<TenantId, Role>>> memberships(const UserId& user) override {
        return guarded([&]() -> Result<std::vector<std::pair<TenantId, Role>>> {
            return read_memberships(db(), user);
        });
    }

    Result<AccountRecord> create(const NewAccount& account, std::string_view actor) override {
        return guarded([&]() -> Result<AccountRecord> {
            Transaction transaction{db()};
            if (find_account(db(), account.email)) return address_taken();
            insert_user(db(), account.email, "");
            const auto made = find_account(db(), account.email).value();
            write_changes(db(), made,
                          {.password = account.password,
                           .user_metadata = account.user_metadata,
                           .managed_by = account.tenant,
                           .confirmed = account.confirmed});
            join(made.user, {account.tenant, account.role}, actor);
            transaction.commit();
            return find_account(db(), made.user).value();
        });
    }

    Result<AccountRecord> add_known(const NewAccount& account, std::string_view actor) override {
        return guarded([&]() -> Result<AccountRecord> {
            Transaction transaction{db()};
            auto found = find_account(db(), account.email);
            if (!found) return no_such_user();
            if (!join(found->user, {account.tenant, account.role}, actor)) return address_taken();
            transaction.commit();
            return std::move(*found);
        });
    }

    Result<AccountRecord> change(const UserId& user, const AccountChanges& changes,
                                 const std::optional<SessionId>& own) override {
        return guarded([&]() -> Result<AccountRecord> {
            Transaction transaction{db()};
            const auto found = find_account(db(), user);
            if (!found) return no_such_user();
            if (changes.managed_by && !may_manage(*found, *changes.managed_by)) {
                return fail(Errc::role_insufficient,
                            "the account is its user's own, who alone can change it");
            }
            write_changes(db(), *found, changes);
            if (changes.password) end_others(user, own);
            transaction.commit();
            return find_account(db(), user).value();
        });
    }

    Result<SessionRecord> open_session(const UserId& user, const TenantId& tenant,
                                       std::string_view method, std::string_view refresh_hash,
                                       std::chrono::seconds idle_max) override {
        return guarded([&]() -> Result<SessionRecord> {
            Transaction transaction{db()};
            if (!may_enter(db(), tenant, user)) return not_a_member();
            auto made = insert_session(db(), user, tenant, method);
            db().run("DELETE FROM @auth_sessions WHERE user_id = $1 AND refreshed_at < $2",
                     {user.text(), made.created_at - idle_max});
            insert_refresh_token(db(), refresh_hash, made.id);
            db().run("UPDATE @accounts SET last_sign_in_at = $2 WHERE user_id = $1",
                     {user.text(), made.created_at});
            transaction.commit();
            return made;
        });
    }

    Result<SessionRecord> refresh(std::string_view hash, std::string_view next_hash,
                                  std::chrono::seconds grace,
                                  std::chrono::seconds idle_max) override {
        return guarded([&]() -> Result<SessionRecord> {
            Transaction transaction{db()};
            auto found = find_refresh_token(db(), hash);
            if (!found) return fail(Errc::not_found, "there is no such refresh token");
            const auto now = system_clock().now();
            const bool idle = now - found->refreshed_at > idle_max;
            const bool reused = found->used_at && now - *found->used_at > grace;
            if (idle || reused) {
                delete_session(db(), found->session.id);
                transaction.commit();
                if (reused) return fail(Errc::conflict, "the refresh token was used before");
                return fail(Errc::not_found, "the session was idle for too long");
            }
            const auto& session = found->session;
            if (!may_enter(db(), session.tenant, session.user)) return not_a_member();
            mark_refreshed(db(), session.id, hash);
            insert_refresh_token(db(), next_hash, session.id);
            transaction.commit();
            return std::move(found->session);
        });
    }

    Result<SessionRecord> move_session(const SessionId& id, const TenantId& tenant,
                                       std::string_view next_hash) override {
        return guarded([&]() -> Result<SessionRecord> {
            Transaction transaction{db()};
            const auto found = find_session(db(), id);
            if (!found) return fail(Errc::not_found, "there is no such session");
            if (!may_enter(db(), tenant, found->user)) return not_a_member();
            db().run("UPDATE @auth_sessions SET tenant_id = $2 WHERE id = $1",
                     {id.text(), tenant.text()});
            // Those that went out for the tenant before have been exchanged by this.
            db().run(
                "UPDATE @refresh_tokens SET used_at = $2 WHERE session_id = $1"
                " AND used_at IS NULL",
                {id.text(), system_clock().now()});
            mark_refreshed(db(), id, {});
            insert_refresh_token(db(), next_hash, id);
            transaction.commit();
            return SessionRecord{id, found->user, tenant, found->method, found->created_at};
        });
    }

    Result<std::optional<SessionRecord>> session(const SessionId& id) override {
        return guarded(
            [&]() -> Result<std::optional<SessionRecord>> { return find_session(db(), id); });
    }

    Result<void> end_sessions(const SessionRecord& own, Which which) override {
        return guarded([&]() -> Result<void> {
            Transaction transaction{db()};
            if (which == Which::own) {
                delete_session(db(), own.id);
            } else {
                end_others(own.user, which == Which::others ? std::optional{own.id} : std::nullopt);
            }
            transaction.commit();
            return {};
        });
    }

    Result<void> keep_mail_token(const MailToken& token, std::string_view hash,
                                 std::string_view actor) override {
        return guarded([&]() -> Result<void> {
            Transaction transaction{db()};
            if (token.membership) TENANTRY_TRY_VOID(require_tenant(token.membership->first));
            insert_mail_token(db(), token, hash, actor);
            if (token.purpose == MailPurpose::invite) {
                append_act(
                    db(), actor,
                    {.action = "member.invite",
                     .tenant = token.membership->first,
                     .detail = detail_of({{"role", tenantry::name_of(token.membership->second)}})});
            }
            transaction.commit();
            return {};
        });
    }

    Result<std::pair<AccountRecord, MailToken>> redeem(std::string_view hash,
                                                       MailPurpose purpose) override {
        return guarded([&]() -> Result<std::pair<AccountRecord, MailToken>> {
            Transaction transaction{db()};
            auto token = take_mail_token(db(), hash, purpose);
            if (!token) return fail(Errc::not_found, "the link is unknown, used or expired");
            auto account = find_account(db(), token->email);
            if (!account) {
                if (!token->membership) return no_such_user();
                insert_user(db(), token->email, "");
                account = find_account(db(), token->email);
            }
            write_proof(db(), *account, *token);
            if (token->membership) {
                join(account->user, *token->membership, "mail:" + account->user.text());
                if (!may_enter(db(), token->membership->first, account->user))
                    return not_a_member();
            }
            transaction.commit();
            return std::pair{find_account(db(), account->user).value(), std::move(*token)};
        });
    }

    Result<std::vector<SignUpRule>> sign_up_rules(std::string_view domain,
                                                  const std::optional<TenantId>& tenant) override {
        return guarded([&]() -> Result<std::vector<SignUpRule>> {
            return rules_of(db().run(
                "SELECT r.tenant_id, r.domain, r.role, r.confirm FROM @sign_up_rules r"
                " JOIN @tenants t ON t.id = r.tenant_id AND t.status = 'active'"
                " WHERE (r.domain = $1 OR r.domain = '*')"
                " AND ($2 = '' OR r.tenant_id = $2) ORDER BY r.domain DESC, r.tenant_id LIMIT 10",
                {cell(domain), cell(tenant ? tenant->text() : "")}));
        });
    }

    Result<std::vector<SignUpRule>> sign_up_rules_of(const TenantId& tenant) override {
        return guarded([&]() -> Result<std::vector<SignUpRule>> {
            return rules_of(
                db().run("SELECT tenant_id, domain, role, confirm FROM @sign_up_rules"
                         " WHERE tenant_id = $1 ORDER BY domain",
                         {tenant.text()}));
        });
    }

    Result<void> set_sign_up_rule(const SignUpRule& rule, std::string_view actor) override {
        return guarded([&]() -> Result<void> {
            Transaction transaction{db()};
            TENANTRY_TRY_VOID(require_tenant(rule.tenant));
            db().run(
                "INSERT INTO @sign_up_rules (tenant_id, domain, role, confirm, created_at)"
                " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant_id, domain)"
                " DO UPDATE SET role = excluded.role, confirm = excluded.confirm",
                {rule.tenant.text(), rule.domain, cell(tenantry::name_of(rule.role)),
                 cell(rule.confirm ? "mail" : "none"), system_clock().now()});
            append_act(db(), actor,
                       {.action = "sign_up.allow",
                        .tenant = rule.tenant,
                        .detail = detail_of(
                            {{"domain", rule.domain}, {"role", tenantry::name_of(rule.role)}})});
            transaction.commit();
            return {};
        });
    }

    Result<void> remove_sign_up_rule(const TenantId& tenant, std::string_view domain,
                                     std::string_view actor) override {
        return guarded([&]() -> Result<void> {
            Transaction transaction{db()};
            const auto gone = db().run(
                "DELETE FROM @sign_up_rules WHERE tenant_id = $1 AND domain = $2"
                " RETURNING domain",
                {tenant.text(), cell(domain)});
            if (gone.empty()) return fail(Errc::not_found, "the tenant has no such rule");
            append_act(db(), actor,
                       {.action = "sign_up.disallow",
                        .tenant = tenant,
                        .detail = detail_of({{"domain", domain}})});
            transaction.commit();
            return {};
        });
    }

    Result<Page> members(const TenantId& tenant, std::size_t limit, std::size_t offset) override {
        return guarded([&]() -> Result<Page> {
            const ReadTransaction reading{db()};
            return Page{read_accounts(db(), tenant, limit, offset), count_members(db(), tenant)};
        });
    }

    Result<void> end_membership(const TenantId& tenant, const UserId& user,
                                std::string_view actor) override {
        return guarded([&]() -> Result<void> {
            Transaction transaction{db()};
            const auto member = find_member(db(), tenant, user.text());
            if (!member) return no_such_user();
            if (member->role == Role::owner && count_owners(db(), tenant) == 1)
                return fail(Errc::conflict, "this is the tenant's last owner", "user");
            delete_membership(db(), *member);
            db().run("DELETE FROM @auth_sessions WHERE user_id = $1 AND tenant_id = $2",
                     {user.text(), tenant.text()});
            append_act(db(), actor,
                       {.action = "member.remove",
                        .tenant = tenant,
                        .target = user.text(),
                        .detail = detail_of({{"role", tenantry::name_of(member->role)}})});
            transaction.commit();
            return {};
        });
    }

private:
    Session& db() const { return *session_; }

    /// False if the user is a member already, whose role stays.
    bool join(const UserId& user, const std::pair<TenantId, Role>& membership,
              std::string_view actor) {
        const auto& [tenant, role] = membership;
        const auto made = db().run(
            "INSERT INTO @memberships (tenant_id, user_id, role, created_at)"
            " VALUES ($1, $2, $3, $4) ON CONFLICT (tenant_id, user_id) DO NOTHING"
            " RETURNING role",
            {tenant.text(), user.text(), cell(tenantry::name_of(role)), system_clock().now()});
        if (made.empty()) return false;
        append_act(db(), actor,
                   {.action = "member.add",
                    .tenant = tenant,
                    .target = user.text(),
                    .detail = detail_of({{"role", tenantry::name_of(role)}})});
        return true;
    }

    /// Whom an operator made a member and who has never been here is anybody's to take in.
    static bool may_manage(const AccountRecord& account, const TenantId& tenant) {
        const bool nobodys =
            !account.managed_by && !account.email_confirmed_at && !account.password;
        return nobodys || account.managed_by == tenant;
    }

    void end_others(const UserId& user, const std::optional<SessionId>& own) {
        db().run("DELETE FROM @auth_sessions WHERE user_id = $1 AND id <> $2",
                 {user.text(), (own ? *own : SessionId::from_uuid(Uuid{})).text()});
    }

    Result<void> require_tenant(const TenantId& tenant) {
        const auto there = db().run("SELECT 1 FROM @tenants WHERE id = $1 AND status <> 'deleting'",
                                    {tenant.text()});
        if (there.empty()) return fail(Errc::not_found, "there is no such tenant", "tenant");
        return {};
    }

    static std::vector<SignUpRule> rules_of(const Rows& rows) {
        std::vector<SignUpRule> out;
        out.reserve(rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            out.push_back({TenantId::parse(rows.text(i, 0)).value(), rows.text(i, 1),
                           parse_role(rows.text(i, 2)).value(), rows.text(i, 3) == "mail"});
        }
        return out;
    }

    SessionHandle session_;
};

}  // namespace

std::unique_ptr<AccountStore> make_account_store(SessionHandle session) {
    return std::make_unique<SessionAccountStore>(std::move(session));
}

}  // namespace control
}  // namespace tenantry::engine
