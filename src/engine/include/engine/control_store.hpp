#pragma once
/// The platform's own records: tenants, users, memberships, API keys, and the log of what was done
/// to them. For operators, on the command line and over HTTP; requests of tenants never get hold of
/// one.

#include "auth/directory.hpp"
#include "auth/key_uses.hpp"
#include "base/id.hpp"
#include "base/timestamp.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::engine {

struct TenantRecord {
    TenantId id;
    std::string name;
    auth::TenantStatus status;
    Timestamp created_at;
    Timestamp updated_at;
};

/// What is to become another.
struct TenantChanges {
    std::optional<std::string> name{};
    std::optional<auth::TenantStatus> status{};
};

struct MemberRecord {
    UserId user;
    std::string email;
    std::string name;
    TenantId tenant;
    Role role;
};

/// A user with what it is a member of.
struct UserRecord {
    UserId id;
    std::string email;
    std::string name;
    Timestamp created_at;
    std::vector<std::pair<TenantId, Role>> memberships;
};

/// Whose an API key is: a tenant's, or the platform's, which is what operators use.
struct KeyOwner {
    std::optional<TenantId> tenant{};  // nullopt: the platform

    friend bool operator==(const KeyOwner&, const KeyOwner&) = default;
};

struct ApiKeyRecord {
    auth::ApiKeyId id;
    KeyOwner owner;
    std::string name;
    std::optional<Role> role;  // in the tenant; nullopt: the platform's
    std::string prefix;        // ApiKey::prefix
    Timestamp created_at;
    std::string created_by;
    std::optional<Timestamp> expires_at;
    std::optional<Timestamp> revoked_at;
    std::optional<Timestamp> last_used_at;  // up to a minute and a half behind
};

struct NewApiKey {
    KeyOwner owner;
    std::string name;
    std::optional<Role> role;  // present for a tenant's, and only then
    std::string prefix;
    std::string hash;
    std::optional<Timestamp> expires_at;
};

/// One act of administration. The log is only ever added to.
struct AuditRecord {
    std::int64_t seq;
    Timestamp at;
    std::string actor;   // `cli:<user of the machine>`, `key:<id>`
    std::string action;  // `tenant.suspend`
    std::optional<std::string> tenant;
    std::optional<std::string> target;  // the id of what it was done to, if not the tenant itself
    std::string detail;                 // a JSON object; never a secret
};

/// What `record_act` is told.
struct Act {
    std::string_view action;
    std::optional<TenantId> tenant{};
    std::string target{};  // empty: none
    std::string detail = "{}";
};

/// Part of a list in the order of its keys: what comes after `after`, or from the beginning if that
/// is empty.
struct Range {
    std::string after{};
    std::size_t limit = 1'000'000;
};

struct AuditCriteria {
    std::optional<TenantId> tenant{};
    std::optional<std::int64_t> before{};  // a seq
    std::size_t limit = 100;
};

/// Blocking; each call is one transaction. Throws Fault. Threads: one at a time.
///
/// Each change appends what was done, and by whom, to the audit log in the same transaction; a call
/// that finds nothing to change appends nothing. Beyond what is named, every call may be refused
/// with storage_busy or storage_full.
class ControlStore {
public:
    virtual ~ControlStore() = default;

    /// Who acts from now on, as the audit log shall name them.
    virtual void act_as(std::string actor) = 0;
    /// For an act that is done elsewhere, in a transaction of its own.
    virtual Result<void> record_act(const Act& act) = 0;
    /// The newest first.
    virtual Result<std::vector<AuditRecord>> audit(const AuditCriteria& criteria) = 0;
    /// The entry that a deletion left behind, whose detail is the receipt. Errors: not_found.
    virtual Result<AuditRecord> receipt(std::string_view number) = 0;

    /// Errors: unique_violation if the id is taken (also by a deleted tenant's leftovers).
    virtual Result<TenantRecord> create_tenant(const TenantId& id, std::string_view name) = 0;
    virtual std::vector<TenantRecord> list_tenants() = 0;
    /// By id.
    virtual Result<std::vector<TenantRecord>> tenants(const Range& range) = 0;
    /// Errors: not_found.
    virtual Result<TenantRecord> tenant(const TenantId& id) = 0;
    /// All of `changes` or, refused, none. Errors: not_found; conflict while the tenant is being
    /// deleted, unless that is all that the changes say.
    virtual Result<TenantRecord> change_tenant(const TenantId& id,
                                               const TenantChanges& changes) = 0;
    /// Errors: not_found; conflict while it is being deleted.
    virtual Result<TenantRecord> rename_tenant(const TenantId& id, std::string_view name) = 0;
    /// Errors: not_found; conflict when a tenant that is being deleted would become anything else.
    virtual Result<void> set_tenant_status(const TenantId& id, auth::TenantStatus status) = 0;
    /// The tenant's settings, a JSON object. Errors: not_found.
    virtual Result<std::string> tenant_settings(const TenantId& id) = 0;
    /// Replaces those of `act.tenant`, which must be there, by what `change` makes of them, and
    /// returns that; if it is another text, `act` goes into the log. Errors: not_found; conflict
    /// while the tenant is being deleted; those of `change`, and then nothing is changed.
    virtual Result<std::string> change_tenant_settings(
        const Act& act,
        const std::function<Result<std::string>(std::string_view settings)>& change) = 0;
    /// Forgets the tenant and its memberships. Its status must be `deleting` and its relations
    /// empty. Errors: not_found, conflict.
    virtual Result<void> forget_tenant(const TenantId& id) = 0;

    /// Makes the user if the address is new, and gives it `role` in `tenant`. Errors: not_found (no
    /// such tenant), bad_value (address), unique_violation (already a member).
    virtual Result<MemberRecord> create_member(const TenantId& tenant, std::string_view email,
                                               std::string_view name, Role role) = 0;
    /// By e-mail address or user id. Errors: not_found.
    virtual Result<MemberRecord> member(const TenantId& tenant, std::string_view email_or_id) = 0;
    virtual std::vector<MemberRecord> list_members(const TenantId& tenant) = 0;
    /// By e-mail address. Errors: not_found (no such tenant).
    virtual Result<std::vector<MemberRecord>> members(const TenantId& tenant,
                                                      const Range& range) = 0;
    /// Errors: not_found; conflict if the tenant would lose its last owner.
    virtual Result<MemberRecord> set_member_role(const TenantId& tenant,
                                                 std::string_view email_or_id, Role role) = 0;
    /// Ends the membership and returns what it was. The user stays one, so that its tokens stay
    /// refused: a subject that is no user here is vouched for by its token alone.
    /// Errors: not_found; conflict if the tenant would lose its last owner.
    virtual Result<MemberRecord> remove_member(const TenantId& tenant,
                                               std::string_view email_or_id) = 0;
    /// By e-mail address.
    virtual Result<std::vector<UserRecord>> users(const Range& range) = 0;

    /// Errors: not_found (no such tenant); conflict while that is being deleted; out_of_range for
    /// an
    ///         expiry that has passed.
    virtual Result<ApiKeyRecord> create_key(const NewApiKey& key) = 0;
    /// By id, which is the order in which they were made. Without `owner` those of all.
    /// Errors: not_found (no such tenant).
    virtual Result<std::vector<ApiKeyRecord>> keys(const std::optional<KeyOwner>& owner,
                                                   const Range& range) = 0;
    /// From the next request on the key is refused; again, it changes nothing. With `owner` only if
    /// it is that one's. Errors: not_found.
    virtual Result<ApiKeyRecord> revoke_key(const auth::ApiKeyId& id,
                                            const std::optional<KeyOwner>& owner) = 0;
    /// No act: not in the audit log. Keys that are gone are passed over.
    virtual Result<void> record_key_uses(std::span<const auth::KeyUse> uses) = 0;
};

std::string_view name_of(auth::TenantStatus status) noexcept;

}  // namespace tenantry::engine
