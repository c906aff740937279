#pragma once
/// The rows of users and memberships. Everything here runs within the caller's transaction and
/// throws SqliteFailure.

#include "engine/control_store.hpp"
#include "sqlite/handles.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::engine::sqlite {

std::optional<MemberRecord> find_member(sqlite3* db, const TenantId& tenant,
                                        std::string_view email_or_id);
std::vector<MemberRecord> read_members(sqlite3* db, const TenantId& tenant, const Range& range);
std::vector<UserRecord> read_users(sqlite3* db, const Range& range);
std::int64_t count_owners(sqlite3* db, const TenantId& tenant);

/// A user may be known already as a member of another tenant.
void insert_user(sqlite3* db, const std::string& email, std::string_view name);
void insert_membership(sqlite3* db, const TenantId& tenant, const std::string& email, Role role);
void write_role(sqlite3* db, const MemberRecord& member, Role role);
void delete_membership(sqlite3* db, const MemberRecord& member);

}  // namespace tenantry::engine::sqlite
