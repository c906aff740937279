#pragma once
/// The platform's own records: tenants, users, memberships. For operators' commands; requests of
/// tenants never get hold of one.

#include "auth/directory.hpp"
#include "base/id.hpp"
#include "base/timestamp.hpp"

#include <string>
#include <vector>

namespace tenantry::engine {

struct TenantRecord {
    TenantId id;
    std::string name;
    auth::TenantStatus status;
    Timestamp created_at;
    Timestamp updated_at;
};

struct MemberRecord {
    UserId user;
    std::string email;
    std::string name;
    TenantId tenant;
    Role role;
};

/// Blocking; each call is one transaction. Throws Fault. Threads: one at a time.
class ControlStore {
public:
    virtual ~ControlStore() = default;

    /// Errors: unique_violation if the id is taken (also by a deleted tenant's leftovers).
    virtual Result<TenantRecord> create_tenant(const TenantId& id, std::string_view name) = 0;
    virtual std::vector<TenantRecord> list_tenants() = 0;
    /// Errors: not_found.
    virtual Result<TenantRecord> tenant(const TenantId& id) = 0;
    /// Errors: not_found; conflict when a tenant that is being deleted would become anything else.
    virtual Result<void> set_tenant_status(const TenantId& id, auth::TenantStatus status) = 0;
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
};

std::string_view name_of(auth::TenantStatus status) noexcept;

}  // namespace tenantry::engine
