#include "control/members.hpp"

#include "base/random.hpp"

namespace tenantry::engine::control {
namespace {

const std::string select_members =
    "SELECT u.id, u.email, u.name, m.tenant_id, m.role"
    " FROM @memberships m JOIN @users u ON u.id = m.user_id ";

MemberRecord member_at(const Rows& rows, std::size_t i) {
    return {UserId::parse(rows.text(i, 0)).value(), rows.text(i, 1), rows.text(i, 2),
            TenantId::parse(rows.text(i, 3)).value(), parse_role(rows.text(i, 4)).value()};
}

std::vector<std::pair<TenantId, Role>> memberships_of(Session& db, const std::string& user) {
    const auto rows = db.run(
        "SELECT tenant_id, role FROM @memberships WHERE user_id = $1 ORDER BY tenant_id", {user});
    std::vector<std::pair<TenantId, Role>> memberships;
    memberships.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        memberships.emplace_back(TenantId::parse(rows.text(i, 0)).value(),
                                 parse_role(rows.text(i, 1)).value());
    }
    return memberships;
}

}  // namespace

std::optional<MemberRecord> find_member(Session& db, const TenantId& tenant,
                                        std::string_view email_or_id) {
    const auto id = UserId::parse(email_or_id);
    const auto rows =
        db.run(select_members + "WHERE m.tenant_id = $1 AND (u.email = $2 OR u.id = $3)",
               {tenant.text(), cell(email_or_id), id ? Cell{id->text()} : Cell{}});
    if (rows.empty()) return std::nullopt;
    return member_at(rows, 0);
}

std::vector<MemberRecord> read_members(Session& db, const TenantId& tenant, const Range& range) {
    const auto rows =
        db.run(select_members + "WHERE u.email > $1 AND m.tenant_id = $3 ORDER BY u.email LIMIT $2",
               {range.after, static_cast<std::int64_t>(range.limit), tenant.text()});
    std::vector<MemberRecord> members;
    members.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) members.push_back(member_at(rows, i));
    return members;
}

std::vector<UserRecord> read_users(Session& db, const Range& range) {
    const auto rows = db.run(
        "SELECT id, email, name, created_at FROM @users"
        " WHERE email > $1 ORDER BY email LIMIT $2",
        {range.after, static_cast<std::int64_t>(range.limit)});
    std::vector<UserRecord> users;
    users.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        users.push_back({UserId::parse(rows.text(i, 0)).value(), rows.text(i, 1), rows.text(i, 2),
                         rows.time(i, 3).value(), memberships_of(db, rows.text(i, 0))});
    }
    return users;
}

std::int64_t count_owners(Session& db, const TenantId& tenant) {
    return db
        .run("SELECT count(*) FROM @memberships WHERE tenant_id = $1 AND role = 'owner'",
             {tenant.text()})
        .integer(0, 0);
}

void insert_user(Session& db, const std::string& email, std::string_view name) {
    std::string id;
    append_uuid(id, new_uuid());
    db.run(
        "INSERT INTO @users (id, email, name, created_at, updated_at)"
        " VALUES ($1, $2, $3, $4, $4) ON CONFLICT (email) DO NOTHING",
        {id, email, cell(name), system_clock().now()});
}

void insert_membership(Session& db, const TenantId& tenant, const std::string& email, Role role) {
    const auto user = db.run("SELECT id FROM @users WHERE email = $1", {email});
    db.run(
        "INSERT INTO @memberships (tenant_id, user_id, role, created_at) VALUES ($1, $2, $3, $4)",
        {tenant.text(), user.text(0, 0), cell(tenantry::name_of(role)), system_clock().now()});
}

void write_role(Session& db, const MemberRecord& member, Role role) {
    db.run("UPDATE @memberships SET role = $3 WHERE tenant_id = $1 AND user_id = $2",
           {member.tenant.text(), member.user.text(), cell(tenantry::name_of(role))});
}

void delete_membership(Session& db, const MemberRecord& member) {
    db.run("DELETE FROM @memberships WHERE tenant_id = $1 AND user_id = $2",
           {member.tenant.text(), member.user.text()});
}

}  // namespace tenantry::engine::control
