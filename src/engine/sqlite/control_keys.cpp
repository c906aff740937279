#include "sqlite/control_keys.hpp"

#include "sqlite/control_connection.hpp"

#include <string>

namespace tenantry::engine::sqlite {
namespace {

const std::string select_keys =
    "SELECT id, tenant_id, name, role, prefix, created_at, created_by, expires_at, revoked_at,"
    " last_used_at FROM api_keys ";

ApiKeyRecord key_at(sqlite3_stmt* row) {
    const auto tenant = column_text(row, 1);
    const auto role = column_text(row, 3);
    return {auth::ApiKeyId::parse(column_text(row, 0)).value(),
            {tenant.empty() ? std::nullopt : std::optional{TenantId::parse(tenant).value()}},
            std::string{column_text(row, 2)},
            role == key_role_name(std::nullopt) ? std::nullopt
                                                : std::optional{parse_role(role).value()},
            std::string{column_text(row, 4)},
            column_time(row, 5).value(),
            std::string{column_text(row, 6)},
            column_time(row, 7),
            column_time(row, 8),
            column_time(row, 9)};
}

std::int64_t micros(Timestamp time) { return time.time_since_epoch().count(); }

}  // namespace

std::string_view key_role_name(const std::optional<Role>& role) noexcept {
    return role ? tenantry::name_of(*role) : "platform";
}

void insert_key(sqlite3* db, const auth::ApiKeyId& id, const NewApiKey& key,
                std::string_view created_by) {
    const auto insert =
        prepare(db,
                "INSERT INTO api_keys (id, tenant_id, name, role, prefix, hash, created_at,"
                " created_by, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    const auto id_text = id.text();
    bind_text(insert.get(), 1, id_text);
    if (key.owner.tenant) bind_text(insert.get(), 2, key.owner.tenant->text());
    bind_text(insert.get(), 3, key.name);
    bind_text(insert.get(), 4, key_role_name(key.role));
    bind_text(insert.get(), 5, key.prefix);
    bind_text(insert.get(), 6, key.hash);
    bind_integer(insert.get(), 7, micros(system_clock().now()));
    bind_text(insert.get(), 8, created_by);
    if (key.expires_at) bind_integer(insert.get(), 9, micros(*key.expires_at));
    step(insert.get());
}

std::optional<ApiKeyRecord> find_key(sqlite3* db, const auth::ApiKeyId& id) {
    const auto select = prepare(db, select_keys + "WHERE id = ?1");
    const auto id_text = id.text();
    bind_text(select.get(), 1, id_text);
    if (!step(select.get())) return std::nullopt;
    return key_at(select.get());
}

std::vector<ApiKeyRecord> read_keys(sqlite3* db, const std::optional<KeyOwner>& owner,
                                    const Range& range) {
    const std::string whose = !owner          ? ""
                              : owner->tenant ? " AND tenant_id = ?3"
                                              : " AND tenant_id IS NULL";
    const auto select =
        prepare(db, select_keys + "WHERE id > ?1" + whose + " ORDER BY id LIMIT ?2");
    bind_range(select.get(), range);
    if (owner && owner->tenant) bind_text(select.get(), 3, owner->tenant->text());
    std::vector<ApiKeyRecord> keys;
    while (step(select.get())) keys.push_back(key_at(select.get()));
    return keys;
}

void mark_revoked(sqlite3* db, const auth::ApiKeyId& id) {
    const auto update =
        prepare(db, "UPDATE api_keys SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL");
    const auto id_text = id.text();
    bind_text(update.get(), 1, id_text);
    bind_integer(update.get(), 2, micros(system_clock().now()));
    step(update.get());
}

void mark_used(sqlite3* db, std::span<const auth::KeyUse> uses) {
    const auto update = prepare(db,
                                "UPDATE api_keys SET last_used_at = ?2 WHERE id = ?1"
                                " AND (last_used_at IS NULL OR last_used_at < ?2)");
    for (const auto& use : uses) {
        const auto id_text = use.key.text();
        const ResetGuard reset{update.get()};
        bind_text(update.get(), 1, id_text);
        bind_integer(update.get(), 2, micros(use.at));
        step(update.get());
    }
}

}  // namespace tenantry::engine::sqlite
