#include "base/timestamp.hpp"
#include "connection_pool.hpp"
#include "control/audit.hpp"
#include "control/stores.hpp"
#include "engine/executor.hpp"

#include <mutex>

namespace tenantry::engine::control {
namespace {

using auth::KeyId;

std::optional<KeyId> read_master(Session& db) {
    const auto rows = db.run("SELECT id FROM @master_key WHERE one = 1");
    if (rows.empty()) return std::nullopt;
    const auto id = KeyId::parse(rows.text(0, 0));
    if (!id) throw Fault{"the id of the master key is none"};
    return *id;
}

std::optional<std::string> stored_key(Session& db, const TenantId& tenant) {
    const auto rows = db.run(
        "SELECT wrapped FROM @tenant_keys WHERE tenant_id = $1"
        // What was sealed is dead from the moment that the tenant's deletion begins.
        " AND EXISTS (SELECT 1 FROM @tenants WHERE id = $1 AND status <> 'deleting')",
        {tenant.text()});
    if (rows.empty()) return std::nullopt;
    return rows.text(0, 0);
}

/// Keeps the key unless the tenant has one; nothing for a tenant that is gone or going.
void insert_key(Session& db, const TenantId& tenant, const auth::WrappedKey& wrapped) {
    const auto there =
        db.run("SELECT 1 FROM @tenants WHERE id = $1 AND status <> 'deleting'", {tenant.text()});
    if (there.empty()) return;
    db.run(
        "INSERT INTO @tenant_keys (tenant_id, master_id, wrapped, created_at)"
        " VALUES ($1, $2, $3, $4) ON CONFLICT (tenant_id) DO NOTHING",
        {tenant.text(), wrapped.master().text(), cell(wrapped.text()), system_clock().now()});
}

/// What stands in the database while a transaction is open on `db`.
class OpenChange final : public auth::TenantKeys::Change {
public:
    explicit OpenChange(Session& db) : db_{db} {}

    std::optional<KeyId> master() override { return read_master(db_); }

    std::vector<auth::TenantKeys::Stored> all() override {
        const auto rows = db_.run("SELECT tenant_id, wrapped FROM @tenant_keys ORDER BY tenant_id");
        std::vector<auth::TenantKeys::Stored> keys;
        keys.reserve(rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i)
            keys.push_back({TenantId::parse(rows.text(i, 0)).value(), rows.text(i, 1)});
        return keys;
    }

    void replace(const TenantId& tenant, const auth::WrappedKey& wrapped) override {
        db_.run("UPDATE @tenant_keys SET wrapped = $2, master_id = $3 WHERE tenant_id = $1",
                {tenant.text(), cell(wrapped.text()), wrapped.master().text()});
    }

    void set_master(KeyId id) override {
        db_.run(
            "INSERT INTO @master_key (one, id, since) VALUES (1, $1, $2)"
            " ON CONFLICT (one) DO UPDATE SET id = excluded.id, since = excluded.since",
            {id.text(), system_clock().now()});
    }

    void destroy_all() override {
        db_.run("DELETE FROM @tenant_keys");
        db_.run("DELETE FROM @master_key");
    }

    void note(std::string_view actor, std::string_view action, std::string_view detail) override {
        append_entry(
            db_, {.at = system_clock().now(), .actor = actor, .action = action, .detail = detail});
    }

private:
    Session& db_;
};

class SessionTenantKeys final : public auth::TenantKeys {
public:
    SessionTenantKeys(std::function<SessionHandle()> open_reader, SessionHandle writer)
        : readers_{std::move(open_reader)}, writer_{std::move(writer)} {}

    Result<std::optional<std::string>> find(const TenantId& tenant) override {
        return guarded([&]() -> Result<std::optional<std::string>> {
            const auto reader = readers_.take();
            return stored_key(*reader.get(), tenant);
        });
    }

    Result<std::optional<KeyId>> master() override {
        return guarded([&]() -> Result<std::optional<KeyId>> {
            const auto reader = readers_.take();
            return read_master(*reader.get());
        });
    }

    Result<std::string> keep(const TenantId& tenant, const auth::WrappedKey& wrapped) override {
        const std::lock_guard lock{writing_};
        return guarded([&]() -> Result<std::string> {
            Transaction transaction{*writer_};
            OpenChange opened{*writer_};
            const auto master = opened.master();
            if (!master) opened.set_master(wrapped.master());
            if (master.value_or(wrapped.master()) != wrapped.master())
                return fail(Errc::conflict, "the master key has been changed");
            insert_key(*writer_, tenant, wrapped);
            auto stored = stored_key(*writer_, tenant);
            if (!stored) return fail(Errc::tenant_unavailable, "this tenant is not available");
            transaction.commit();
            return std::move(*stored);
        });
    }

    Result<void> change(const std::function<Result<void>(Change&)>& work) override {
        const std::lock_guard lock{writing_};
        return guarded([&]() -> Result<void> {
            Transaction transaction{*writer_};
            {
                OpenChange opened{*writer_};
                TENANTRY_TRY_VOID(work(opened));
            }
            transaction.commit();
            return {};
        });
    }

private:
    ConnectionPool<Session> readers_;
    std::mutex writing_;
    SessionHandle writer_;
};

}  // namespace

std::unique_ptr<auth::TenantKeys> make_tenant_keys(std::function<SessionHandle()> open_reader,
                                                   SessionHandle writer) {
    return std::make_unique<SessionTenantKeys>(std::move(open_reader), std::move(writer));
}

}  // namespace tenantry::engine::control
