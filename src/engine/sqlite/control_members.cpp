#include "sqlite/control_members.hpp"

#include "base/random.hpp"
#include "sqlite/control_connection.hpp"

namespace tenantry::engine::sqlite {
namespace {

const std::string select_members =
    "SELECT u.id, u.email, u.name, m.tenant_id, m.role"
    " FROM memberships m JOIN users u ON u.id = m.user_id ";

MemberRecord member_at(sqlite3_stmt* row) {
    return {UserId::parse(column_text(row, 0)).value(), std::string{column_text(row, 1)},
            std::string{column_text(row, 2)}, TenantId::parse(column_text(row, 3)).value(),
            parse_role(column_text(row, 4)).value()};
}

std::vector<std::pair<TenantId, Role>> memberships_of(sqlite3* db, std::string_view user) {
    const auto select = prepare(
        db, "SELECT tenant_id, role FROM memberships WHERE user_id = ?1 ORDER BY tenant_id");
    bind_text(select.get(), 1, user);
    std::vector<std::pair<TenantId, Role>> memberships;
    while (step(select.get())) {
        memberships.emplace_back(TenantId::parse(column_text(select.get(), 0)).value(),
                                 parse_role(column_text(select.get(), 1)).value());
    }
    return memberships;
}

std::int64_t now_micros() { return system_clock().now().time_since_epoch().count(); }

}  // namespace

std::optional<MemberRecord> find_member(sqlite3* db, const TenantId& tenant,
                                        std::string_view email_or_id) {
    const auto select =
        prepare(db, select_members + "WHERE m.tenant_id = ?1 AND (u.email = ?2 OR u.id = ?2)");
    bind_text(select.get(), 1, tenant.text());
    bind_text(select.get(), 2, email_or_id);
    if (!step(select.get())) return std::nullopt;
    return member_at(select.get());
}

std::vector<MemberRecord> read_members(sqlite3* db, const TenantId& tenant, const Range& range) {
    const auto select = prepare(
        db, select_members + "WHERE u.email > ?1 AND m.tenant_id = ?3 ORDER BY u.email LIMIT ?2");
    bind_range(select.get(), range);
    bind_text(select.get(), 3, tenant.text());
    std::vector<MemberRecord> members;
    while (step(select.get())) members.push_back(member_at(select.get()));
    return members;
}

std::vector<UserRecord> read_users(sqlite3* db, const Range& range) {
    const auto select = prepare(db,
                                "SELECT id, email, name, created_at FROM users"
                                " WHERE email > ?1 ORDER BY email LIMIT ?2");
    bind_range(select.get(), range);
    std::vector<UserRecord> users;
    while (step(select.get())) {
        auto* row = select.get();
        users.push_back({UserId::parse(column_text(row, 0)).value(),
                         std::string{column_text(row, 1)}, std::string{column_text(row, 2)},
                         column_time(row, 3).value(), memberships_of(db, column_text(row, 0))});
    }
    return users;
}

std::int64_t count_owners(sqlite3* db, const TenantId& tenant) {
    const auto select =
        prepare(db, "SELECT count(*) FROM memberships WHERE tenant_id = ?1 AND role = 'owner'");
    bind_text(select.get(), 1, tenant.text());
    step(select.get());
    return sqlite3_column_int64(select.get(), 0);
}

void insert_user(sqlite3* db, const std::string& email, std::string_view name) {
    const auto insert = prepare(db,
                                "INSERT INTO users (id, email, name, created_at, updated_at)"
                                " VALUES (?1, ?2, ?3, ?4, ?4) ON CONFLICT (email) DO NOTHING");
    std::string id;
    append_uuid(id, new_uuid());
    bind_text(insert.get(), 1, id);
    bind_text(insert.get(), 2, email);
    bind_text(insert.get(), 3, name);
    bind_integer(insert.get(), 4, now_micros());
    step(insert.get());
}

void insert_membership(sqlite3* db, const TenantId& tenant, const std::string& email, Role role) {
    const auto insert = prepare(db,
                                "INSERT INTO memberships (tenant_id, user_id, role, created_at)"
                                " SELECT ?1, id, ?3, ?4 FROM users WHERE email = ?2");
    bind_text(insert.get(), 1, tenant.text());
    bind_text(insert.get(), 2, email);
    bind_text(insert.get(), 3, tenantry::name_of(role));
    bind_integer(insert.get(), 4, now_micros());
    step(insert.get());
}

void write_role(sqlite3* db, const MemberRecord& member, Role role) {
    const auto update =
        prepare(db, "UPDATE memberships SET role = ?3 WHERE tenant_id = ?1 AND user_id = ?2");
    const auto user = member.user.text();
    bind_text(update.get(), 1, member.tenant.text());
    bind_text(update.get(), 2, user);
    bind_text(update.get(), 3, tenantry::name_of(role));
    step(update.get());
}

void delete_membership(sqlite3* db, const MemberRecord& member) {
    const auto remove =
        prepare(db, "DELETE FROM memberships WHERE tenant_id = ?1 AND user_id = ?2");
    const auto user = member.user.text();
    bind_text(remove.get(), 1, member.tenant.text());
    bind_text(remove.get(), 2, user);
    step(remove.get());
}

}  // namespace tenantry::engine::sqlite
