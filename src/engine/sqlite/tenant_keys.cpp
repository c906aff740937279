#include "engine/sqlite/tenant_keys.hpp"

#include "base/timestamp.hpp"
#include "sqlite/connection_pool.hpp"
#include "sqlite/control_audit.hpp"
#include "sqlite/control_connection.hpp"
#include "sqlite/errors.hpp"
#include "sqlite/migrate.hpp"
#include "sqlite/transaction.hpp"

#include <mutex>

namespace tenantry::engine::sqlite {
namespace {

using auth::KeyId;
using Access = ControlConnection::Access;

std::int64_t now_micros() { return system_clock().now().time_since_epoch().count(); }

std::optional<KeyId> read_master(sqlite3_stmt* select) {
    const ResetGuard reset{select};
    if (!step(select)) return std::nullopt;
    const auto id = KeyId::parse(column_text(select, 0));
    if (!id) throw Fault{"the id of the master key is none"};
    return *id;
}

constexpr std::string_view select_master = "SELECT id FROM master_key WHERE one = 1";
constexpr std::string_view select_key =
    "SELECT wrapped FROM tenant_keys WHERE tenant_id = ?1"
    // What was sealed is dead from the moment that the tenant's deletion begins.
    " AND EXISTS (SELECT 1 FROM tenants WHERE id = ?1 AND status <> 'deleting')";

/// Looks up keys.
class Reader {
public:
    Reader(const std::string& path, std::chrono::milliseconds lock_timeout)
        : connection_{path, Access::read_only, lock_timeout},
          find_{prepare(connection_.handle(), select_key, true)},
          master_{prepare(connection_.handle(), select_master, true)} {}

    std::optional<std::string> find(const TenantId& tenant) {
        auto* statement = find_.get();
        const ResetGuard reset{statement};
        bind_text(statement, 1, tenant.text());
        if (!step(statement)) return std::nullopt;
        return std::string{column_text(statement, 0)};
    }
    std::optional<KeyId> master() { return read_master(master_.get()); }

private:
    ControlConnection connection_;
    StatementHandle find_;
    StatementHandle master_;
};

/// What stands in the database while a transaction is open on `db`.
class OpenChange final : public auth::TenantKeys::Change {
public:
    explicit OpenChange(sqlite3* db) : db_{db} {}

    std::optional<KeyId> master() override {
        return read_master(prepare(db_, select_master).get());
    }

    std::vector<auth::TenantKeys::Stored> all() override {
        const auto select =
            prepare(db_, "SELECT tenant_id, wrapped FROM tenant_keys ORDER BY tenant_id");
        std::vector<auth::TenantKeys::Stored> keys;
        while (step(select.get())) {
            keys.push_back({TenantId::parse(column_text(select.get(), 0)).value(),
                            std::string{column_text(select.get(), 1)}});
        }
        return keys;
    }

    void replace(const TenantId& tenant, const auth::WrappedKey& wrapped) override {
        if (!replace_) {
            replace_ = prepare(
                db_, "UPDATE tenant_keys SET wrapped = ?2, master_id = ?3 WHERE tenant_id = ?1");
        }
        const auto master = wrapped.master().text();
        const ResetGuard reset{replace_.get()};
        bind_text(replace_.get(), 1, tenant.text());
        bind_text(replace_.get(), 2, wrapped.text());
        bind_text(replace_.get(), 3, master);
        step(replace_.get());
    }

    void set_master(KeyId id) override {
        const auto text = id.text();
        const auto insert =
            prepare(db_,
                    "INSERT INTO master_key (one, id, since) VALUES (1, ?1, ?2)"
                    " ON CONFLICT (one) DO UPDATE SET id = excluded.id, since = excluded.since");
        bind_text(insert.get(), 1, text);
        bind_integer(insert.get(), 2, now_micros());
        step(insert.get());
    }

    void destroy_all() override {
        step(prepare(db_, "DELETE FROM tenant_keys").get());
        step(prepare(db_, "DELETE FROM master_key").get());
    }

    void note(std::string_view actor, std::string_view action, std::string_view detail) override {
        append_entry(
            db_, {.at = system_clock().now(), .actor = actor, .action = action, .detail = detail});
    }

private:
    sqlite3* db_;
    StatementHandle replace_;
};

/// Keeps the key unless the tenant has one; nothing for a tenant that is gone or going.
void insert_key(sqlite3* db, const TenantId& tenant, const auth::WrappedKey& wrapped) {
    const auto master = wrapped.master().text();
    const auto insert =
        prepare(db,
                "INSERT INTO tenant_keys (tenant_id, master_id, wrapped, created_at)"
                " SELECT id, ?2, ?3, ?4 FROM tenants WHERE id = ?1 AND status <> 'deleting'"
                " ON CONFLICT (tenant_id) DO NOTHING");
    bind_text(insert.get(), 1, tenant.text());
    bind_text(insert.get(), 2, master);
    bind_text(insert.get(), 3, wrapped.text());
    bind_integer(insert.get(), 4, now_micros());
    step(insert.get());
}

std::optional<std::string> stored_key(sqlite3* db, const TenantId& tenant) {
    const auto select = prepare(db, select_key);
    bind_text(select.get(), 1, tenant.text());
    if (!step(select.get())) return std::nullopt;
    return std::string{column_text(select.get(), 0)};
}

/// Readers don't wait for whoever writes, here or in another process.
class SqliteTenantKeys final : public auth::TenantKeys {
public:
    SqliteTenantKeys(const std::string& path, std::chrono::milliseconds lock_timeout)
        : readers_{[path, lock_timeout] { return std::make_unique<Reader>(path, lock_timeout); }},
          writer_{path, Access::read_write, lock_timeout} {
        readers_.take();
    }

    Result<std::optional<std::string>> find(const TenantId& tenant) override {
        return guarded(
            [&]() -> Result<std::optional<std::string>> { return readers_.take()->find(tenant); });
    }

    Result<std::optional<KeyId>> master() override {
        return guarded([&]() -> Result<std::optional<KeyId>> { return readers_.take()->master(); });
    }

    Result<std::string> keep(const TenantId& tenant, const auth::WrappedKey& wrapped) override {
        const std::lock_guard lock{writing_};
        return guarded([&]() -> Result<std::string> {
            Transaction transaction{writer_.handle()};
            OpenChange opened{writer_.handle()};
            const auto master = opened.master();
            if (!master) opened.set_master(wrapped.master());
            if (master.value_or(wrapped.master()) != wrapped.master())
                return fail(Errc::conflict, "the master key has been changed");
            insert_key(writer_.handle(), tenant, wrapped);
            auto stored = stored_key(writer_.handle(), tenant);
            if (!stored) return fail(Errc::tenant_unavailable, "this tenant is not available");
            transaction.commit();
            return std::move(*stored);
        });
    }

    Result<void> change(const std::function<Result<void>(Change&)>& work) override {
        const std::lock_guard lock{writing_};
        return guarded([&]() -> Result<void> {
            Transaction transaction{writer_.handle()};
            {
                OpenChange opened{writer_.handle()};
                TENANTRY_TRY_VOID(work(opened));
            }
            transaction.commit();
            return {};
        });
    }

private:
    template <class Function>
    static auto guarded(Function function) -> decltype(function()) {
        try {
            return function();
        } catch (const SqliteFailure& failure) {
            return outcome_of(failure);
        }
    }

    ConnectionPool<Reader> readers_;
    std::mutex writing_;
    ControlConnection writer_;
};

}  // namespace

Result<std::unique_ptr<auth::TenantKeys>> open_tenant_keys(const std::filesystem::path& path,
                                                           std::chrono::milliseconds lock_timeout) {
    const auto name = path.string();
    if (auto latest = require_latest(name); !latest) return latest.error();
    try {
        return std::unique_ptr<auth::TenantKeys>{
            std::make_unique<SqliteTenantKeys>(name, lock_timeout)};
    } catch (const SqliteFailure& failure) {
        return opening_error(failure, name);
    }
}

}  // namespace tenantry::engine::sqlite
