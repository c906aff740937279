#pragma once
/// The rows of users and memberships. Everything here runs within the caller's transaction and
/// throws Failure.

#include "control/session.hpp"
#include "engine/control_store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::engine::control {

std::optional<MemberRecord> find_member(Session& db, const TenantId& tenant,
                                        std::string_view email_or_id);
std::vector<MemberRecord> read_members(Session& db, const TenantId& tenant, const Range& range);
std::vector<UserRecord> read_users(Session& db, const Range& range);
std::int64_t count_owners(Session& db, const TenantId& tenant);

/// A user may be known already as a member of another tenant.
void insert_user(Session& db, const std::string& email, std::string_view name);
void insert_membership(Session& db, const TenantId& tenant, const std::string& email, Role role);
void write_role(Session& db, const MemberRecord& member, Role role);
void delete_membership(Session& db, const MemberRecord& member);

}  // namespace tenantry::engine::control
