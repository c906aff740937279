#include "control/keys.hpp"

#include <string>

namespace tenantry::engine::control {
namespace {

const std::string select_keys =
    "SELECT id, tenant_id, name, role, prefix, created_at, created_by, expires_at, revoked_at,"
    " last_used_at FROM @api_keys ";

ApiKeyRecord key_at(const Rows& rows, std::size_t i) {
    const auto tenant = rows.optional_text(i, 1);
    const auto role = rows.text(i, 3);
    return {auth::ApiKeyId::parse(rows.text(i, 0)).value(),
            {tenant ? std::optional{TenantId::parse(*tenant).value()} : std::nullopt},
            rows.text(i, 2),
            role == key_role_name(std::nullopt) ? std::nullopt
                                                : std::optional{parse_role(role).value()},
            rows.text(i, 4),
            rows.time(i, 5).value(),
            rows.text(i, 6),
            rows.time(i, 7),
            rows.time(i, 8),
            rows.time(i, 9)};
}

/// The id from which a list goes on; before all, if `after` is none.
std::string id_after(const std::string& after) {
    const auto id = auth::ApiKeyId::parse(after);
    return id ? id->text() : auth::ApiKeyId::from_uuid(Uuid{}).text();
}

}  // namespace

std::string_view key_role_name(const std::optional<Role>& role) noexcept {
    return role ? tenantry::name_of(*role) : "platform";
}

void insert_key(Session& db, const auth::ApiKeyId& id, const NewApiKey& key,
                std::string_view created_by) {
    db.run(
        "INSERT INTO @api_keys (id, tenant_id, name, role, prefix, hash, created_at, created_by,"
        " expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        {id.text(), key.owner.tenant ? cell(key.owner.tenant->text()) : Cell{}, key.name,
         cell(key_role_name(key.role)), key.prefix, key.hash, system_clock().now(),
         cell(created_by), optional_cell(key.expires_at)});
}

std::optional<ApiKeyRecord> find_key(Session& db, const auth::ApiKeyId& id) {
    const auto rows = db.run(select_keys + "WHERE id = $1", {id.text()});
    if (rows.empty()) return std::nullopt;
    return key_at(rows, 0);
}

std::vector<ApiKeyRecord> read_keys(Session& db, const std::optional<KeyOwner>& owner,
                                    const Range& range) {
    const std::string whose = !owner          ? ""
                              : owner->tenant ? " AND tenant_id = $3"
                                              : " AND tenant_id IS NULL";
    std::vector<Cell> values{id_after(range.after), static_cast<std::int64_t>(range.limit)};
    if (owner && owner->tenant) values.push_back(cell(owner->tenant->text()));
    const auto rows =
        db.run(select_keys + "WHERE id > $1" + whose + " ORDER BY id LIMIT $2", values);
    std::vector<ApiKeyRecord> keys;
    keys.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) keys.push_back(key_at(rows, i));
    return keys;
}

void mark_revoked(Session& db, const auth::ApiKeyId& id) {
    db.run("UPDATE @api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
           {id.text(), system_clock().now()});
}

void mark_used(Session& db, std::span<const auth::KeyUse> uses) {
    for (const auto& use : uses) {
        db.run(
            "UPDATE @api_keys SET last_used_at = $2 WHERE id = $1"
            " AND (last_used_at IS NULL OR last_used_at < $2)",
            {use.key.text(), use.at});
    }
}

}  // namespace tenantry::engine::control
