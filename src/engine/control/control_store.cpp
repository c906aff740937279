#include "engine/control_store.hpp"

#include "base/random.hpp"
#include "base/text.hpp"
#include "control/audit.hpp"
#include "control/keys.hpp"
#include "control/members.hpp"
#include "control/stores.hpp"
#include "engine/executor.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <utility>

namespace tenantry::engine {

std::string_view name_of(auth::TenantStatus status) noexcept {
    switch (status) {
    case auth::TenantStatus::active: return "active";
    case auth::TenantStatus::suspended: return "suspended";
    case auth::TenantStatus::deleting: return "deleting";
    }
    std::abort();
}

namespace control {
namespace {

TenantRecord tenant_at(const Rows& rows, std::size_t i) {
    return {TenantId::parse(rows.text(i, 0)).value(), rows.text(i, 1),
            tenant_status_of(rows.text(i, 2)), rows.time(i, 3).value(), rows.time(i, 4).value()};
}

std::vector<TenantRecord> tenants_of(const Rows& rows) {
    std::vector<TenantRecord> tenants;
    tenants.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) tenants.push_back(tenant_at(rows, i));
    return tenants;
}

/// Of a tenant that is there.
std::string read_settings(Session& db, const TenantId& id) {
    return db.run("SELECT settings FROM @tenants WHERE id = $1", {id.text()}).text(0, 0);
}

Error no_such_tenant(const TenantId& id) {
    return fail(Errc::not_found,
                fmt::format("there is no tenant {}; see: tenantry tenant list", id.text()),
                "tenant");
}

Error no_such_member(const TenantId& tenant) {
    return fail(Errc::not_found, fmt::format("{} has no such member", tenant.text()), "user");
}

Error being_deleted(const TenantId& id) {
    return fail(
        Errc::conflict,
        fmt::format("the tenant {} is being deleted; finish with: tenantry tenant delete {}",
                    id.text(), id.text()));
}

std::string_view action_of(auth::TenantStatus status) {
    switch (status) {
    case auth::TenantStatus::active: return "tenant.resume";
    case auth::TenantStatus::suspended: return "tenant.suspend";
    case auth::TenantStatus::deleting: return "tenant.delete";
    }
    std::abort();
}

class SessionControlStore final : public ControlStore {
public:
    SessionControlStore(SessionHandle session, std::string_view actor)
        : session_{std::move(session)}, actor_{actor} {}

    void act_as(std::string actor) override { actor_ = std::move(actor); }

    Result<void> record_act(const Act& act) override {
        return guarded([&]() -> Result<void> {
            append_act(db(), actor_, act);
            return {};
        });
    }

    Result<std::vector<AuditRecord>> audit(const AuditCriteria& criteria) override {
        return guarded(
            [&]() -> Result<std::vector<AuditRecord>> { return read_audit(db(), criteria); });
    }

    Result<AuditRecord> receipt(std::string_view number) override {
        return guarded([&]() -> Result<AuditRecord> {
            auto found = read_receipt(db(), number);
            if (!found) return fail(Errc::not_found, "there is no receipt of this number");
            return std::move(*found);
        });
    }

    Result<TenantRecord> create_tenant(const TenantId& id, std::string_view name) override {
        return guarded([&]() -> Result<TenantRecord> {
            Transaction transaction{db()};
            if (find_tenant(id))
                return fail(Errc::unique_violation,
                            fmt::format("the tenant {} exists already", id.text()), "tenant");
            db().run(
                "INSERT INTO @tenants (id, name, created_at, updated_at) VALUES ($1, $2, $3, $3)",
                {id.text(), cell(name), system_clock().now()});
            note({.action = "tenant.create", .tenant = id, .detail = detail_of({{"name", name}})});
            transaction.commit();
            return *find_tenant(id);
        });
    }

    std::vector<TenantRecord> list_tenants() override {
        try {
            return tenants_of(db().run(
                "SELECT id, name, status, created_at, updated_at FROM @tenants ORDER BY id"));
        } catch (const Failure& failure) {
            throw Fault{failure.what()};
        }
    }

    Result<std::vector<TenantRecord>> tenants(const Range& range) override {
        return guarded([&]() -> Result<std::vector<TenantRecord>> {
            return tenants_of(
                db().run("SELECT id, name, status, created_at, updated_at FROM @tenants"
                         " WHERE id > $1 ORDER BY id LIMIT $2",
                         {range.after, static_cast<std::int64_t>(range.limit)}));
        });
    }

    Result<TenantRecord> tenant(const TenantId& id) override {
        return guarded([&]() -> Result<TenantRecord> {
            auto found = find_tenant(id);
            if (!found) return no_such_tenant(id);
            return *found;
        });
    }

    Result<TenantRecord> rename_tenant(const TenantId& id, std::string_view name) override {
        return change_tenant(id, {.name = std::string{name}});
    }

    Result<void> set_tenant_status(const TenantId& id, auth::TenantStatus status) override {
        TENANTRY_TRY_VOID(change_tenant(id, {.status = status}));
        return {};
    }

    Result<TenantRecord> change_tenant(const TenantId& id, const TenantChanges& changes) override {
        return guarded([&]() -> Result<TenantRecord> {
            Transaction transaction{db()};
            const auto found = find_tenant(id);
            if (!found) return no_such_tenant(id);
            if (found->status == auth::TenantStatus::deleting &&
                (changes.name || changes.status != auth::TenantStatus::deleting)) {
                return being_deleted(id);
            }
            if (changes.status && *changes.status != found->status)
                write_status(id, *changes.status);
            if (changes.name && *changes.name != found->name) write_name(*found, *changes.name);
            transaction.commit();
            return *find_tenant(id);
        });
    }

    Result<std::string> tenant_settings(const TenantId& id) override {
        return guarded([&]() -> Result<std::string> {
            if (!find_tenant(id)) return no_such_tenant(id);
            return read_settings(db(), id);
        });
    }

    Result<std::string> change_tenant_settings(
        const Act& act,
        const std::function<Result<std::string>(std::string_view)>& change) override {
        return guarded([&]() -> Result<std::string> {
            const auto& id = act.tenant.value();
            Transaction transaction{db()};
            const auto found = find_tenant(id);
            if (!found) return no_such_tenant(id);
            if (found->status == auth::TenantStatus::deleting) return being_deleted(id);
            const auto before = read_settings(db(), id);
            TENANTRY_TRY(settings, change(before));
            if (settings == before) return std::move(settings);
            write_tenant(id, "settings", settings);
            note(act);
            transaction.commit();
            return std::move(settings);
        });
    }

    Result<void> forget_tenant(const TenantId& id) override {
        return guarded([&]() -> Result<void> {
            Transaction transaction{db()};
            const auto found = find_tenant(id);
            if (!found) return no_such_tenant(id);
            if (found->status != auth::TenantStatus::deleting)
                return fail(Errc::conflict, "only a tenant that is being deleted can be forgotten");
            db().run("DELETE FROM @tenants WHERE id = $1", {id.text()});
            note({.action = "tenant.deleted", .tenant = id});
            transaction.commit();
            return {};
        });
    }

    Result<MemberRecord> create_member(const TenantId& tenant, std::string_view email,
                                       std::string_view name, Role role) override {
        if (!is_email(email)) return fail(Errc::bad_value, "email is not an address", "email");
        const auto address = to_lower_ascii(email);
        return guarded([&]() -> Result<MemberRecord> {
            Transaction transaction{db()};
            if (!find_tenant(tenant)) return no_such_tenant(tenant);
            if (find_member(db(), tenant, address)) {
                return fail(Errc::unique_violation,
                            fmt::format("{} is a member of {} already", address, tenant.text()),
                            "email");
            }
            insert_user(db(), address, name);
            insert_membership(db(), tenant, address, role);
            auto made = *find_member(db(), tenant, address);
            note_member("member.add", made);
            transaction.commit();
            return made;
        });
    }

    Result<MemberRecord> member(const TenantId& tenant, std::string_view email_or_id) override {
        const auto key = to_lower_ascii(email_or_id);
        return guarded([&]() -> Result<MemberRecord> {
            auto found = find_member(db(), tenant, key);
            if (!found) return no_such_member(tenant);
            return *found;
        });
    }

    std::vector<MemberRecord> list_members(const TenantId& tenant) override {
        try {
            return read_members(db(), tenant, {});
        } catch (const Failure& failure) {
            throw Fault{failure.what()};
        }
    }

    Result<std::vector<MemberRecord>> members(const TenantId& tenant, const Range& range) override {
        return guarded([&]() -> Result<std::vector<MemberRecord>> {
            const ReadTransaction reading{db()};
            if (!find_tenant(tenant)) return no_such_tenant(tenant);
            return read_members(db(), tenant, range);
        });
    }

    Result<MemberRecord> set_member_role(const TenantId& tenant, std::string_view email_or_id,
                                         Role role) override {
        return change_member(tenant, email_or_id, role);
    }

    Result<MemberRecord> remove_member(const TenantId& tenant,
                                       std::string_view email_or_id) override {
        return change_member(tenant, email_or_id, std::nullopt);
    }

    Result<std::vector<UserRecord>> users(const Range& range) override {
        return guarded([&]() -> Result<std::vector<UserRecord>> {
            const ReadTransaction reading{db()};
            return read_users(db(), range);
        });
    }

    Result<ApiKeyRecord> create_key(const NewApiKey& key) override {
        return guarded([&]() -> Result<ApiKeyRecord> {
            Transaction transaction{db()};
            TENANTRY_TRY_VOID(check_new_key(key));
            const auto id = auth::ApiKeyId::from_uuid(new_uuid());
            insert_key(db(), id, key, actor_);
            note({.action = "key.create",
                  .tenant = key.owner.tenant,
                  .target = id.text(),
                  .detail = detail_of({{"name", key.name}, {"role", key_role_name(key.role)}})});
            transaction.commit();
            return *find_key(db(), id);
        });
    }

    Result<std::vector<ApiKeyRecord>> keys(const std::optional<KeyOwner>& owner,
                                           const Range& range) override {
        return guarded([&]() -> Result<std::vector<ApiKeyRecord>> {
            const ReadTransaction reading{db()};
            if (owner && owner->tenant && !find_tenant(*owner->tenant))
                return no_such_tenant(*owner->tenant);
            return read_keys(db(), owner, range);
        });
    }

    Result<ApiKeyRecord> revoke_key(const auth::ApiKeyId& id,
                                    const std::optional<KeyOwner>& owner) override {
        return guarded([&]() -> Result<ApiKeyRecord> {
            Transaction transaction{db()};
            const auto found = find_key(db(), id);
            if (!found || (owner && found->owner != *owner))
                return fail(Errc::not_found, "there is no such API key", "key");
            if (found->revoked_at) return *found;
            mark_revoked(db(), id);
            note({.action = "key.revoke", .tenant = found->owner.tenant, .target = id.text()});
            transaction.commit();
            return *find_key(db(), id);
        });
    }

    Result<void> record_key_uses(std::span<const auth::KeyUse> uses) override {
        return guarded([&]() -> Result<void> {
            Transaction transaction{db()};
            mark_used(db(), uses);
            transaction.commit();
            return {};
        });
    }

private:
    Session& db() const { return *session_; }

    /// `column` is a word of ours.
    void write_tenant(const TenantId& id, std::string_view column, std::string_view value) {
        db().run(fmt::format("UPDATE @tenants SET {} = $2, updated_at = $3 WHERE id = $1", column),
                 {id.text(), cell(value), system_clock().now()});
    }

    void write_status(const TenantId& id, auth::TenantStatus status) {
        write_tenant(id, "status", engine::name_of(status));
        note({.action = action_of(status), .tenant = id});
    }

    void write_name(const TenantRecord& tenant, std::string_view name) {
        write_tenant(tenant.id, "name", name);
        note({.action = "tenant.rename",
              .tenant = tenant.id,
              .detail = detail_of({{"name", name}, {"was", tenant.name}})});
    }

    void note(const Act& act) { append_act(db(), actor_, act); }

    /// The log names members by their ids: an address would have to be taken out of it again when
    /// somebody wishes to be forgotten.
    void note_member(std::string_view action, const MemberRecord& member) {
        note({.action = action,
              .tenant = member.tenant,
              .target = member.user.text(),
              .detail = detail_of({{"role", tenantry::name_of(member.role)}})});
    }

    /// Gives the member another role, or none any more; returns the new state, or what is gone.
    Result<MemberRecord> change_member(const TenantId& tenant, std::string_view email_or_id,
                                       std::optional<Role> role) {
        const auto key = to_lower_ascii(email_or_id);
        return guarded([&]() -> Result<MemberRecord> {
            Transaction transaction{db()};
            if (!find_tenant(tenant)) return no_such_tenant(tenant);
            auto member = find_member(db(), tenant, key);
            if (!member) return no_such_member(tenant);
            if (role == member->role) return *member;
            if (member->role == Role::owner && count_owners(db(), tenant) == 1)
                return last_owner(tenant);
            if (role) {
                write_role(db(), *member, *role);
                member->role = *role;
            } else {
                delete_membership(db(), *member);
            }
            note_member(role ? "member.set_role" : "member.remove", *member);
            transaction.commit();
            return *member;
        });
    }

    static Error last_owner(const TenantId& tenant) {
        return fail(Errc::conflict,
                    fmt::format("this is the last owner of {}; make somebody else owner first",
                                tenant.text()),
                    "user");
    }

    Result<void> check_new_key(const NewApiKey& key) {
        if (key.expires_at && *key.expires_at <= system_clock().now())
            return fail(Errc::out_of_range, "the expiry has passed already", "expires_at");
        if (!key.owner.tenant) return {};
        const auto found = find_tenant(*key.owner.tenant);
        if (!found) return no_such_tenant(*key.owner.tenant);
        if (found->status == auth::TenantStatus::deleting) return being_deleted(found->id);
        return {};
    }

    std::optional<TenantRecord> find_tenant(const TenantId& id) {
        const auto rows =
            db().run("SELECT id, name, status, created_at, updated_at FROM @tenants WHERE id = $1",
                     {id.text()});
        if (rows.empty()) return std::nullopt;
        return tenant_at(rows, 0);
    }

    SessionHandle session_;
    std::string actor_;
};

}  // namespace

auth::TenantStatus tenant_status_of(std::string_view text) {
    for (const auto status : {auth::TenantStatus::active, auth::TenantStatus::suspended,
                              auth::TenantStatus::deleting}) {
        if (engine::name_of(status) == text) return status;
    }
    throw Fault{"a tenant has an unknown status"};
}

Error outcome_of(const Failure& failure) {
    if (failure.outcome()) return *failure.outcome();
    throw Fault{failure.what()};
}

std::unique_ptr<ControlStore> make_control_store(SessionHandle session, std::string_view actor) {
    return std::make_unique<SessionControlStore>(std::move(session), actor);
}

}  // namespace control
}  // namespace tenantry::engine
