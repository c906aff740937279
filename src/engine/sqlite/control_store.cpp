#include "engine/control_store.hpp"

#include "base/random.hpp"
#include "base/text.hpp"
#include "engine/executor.hpp"
#include "engine/sqlite/sqlite_engine.hpp"
#include "sqlite/control_connection.hpp"
#include "sqlite/errors.hpp"
#include "sqlite/migrate.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace tenantry::engine {

std::string_view name_of(auth::TenantStatus status) noexcept {
    switch (status) {
    case auth::TenantStatus::active: return "active";
    case auth::TenantStatus::suspended: return "suspended";
    case auth::TenantStatus::deleting: return "deleting";
    }
    std::abort();
}

namespace sqlite {
namespace {

constexpr std::chrono::milliseconds lock_timeout{5000};

std::int64_t now_micros() { return system_clock().now().time_since_epoch().count(); }

Timestamp time_at(sqlite3_stmt* row, int column) {
    return Timestamp{std::chrono::microseconds{sqlite3_column_int64(row, column)}};
}

TenantRecord tenant_at(sqlite3_stmt* row) {
    return {TenantId::parse(column_text(row, 0)).value(), std::string{column_text(row, 1)},
            tenant_status_of(column_text(row, 2)), time_at(row, 3), time_at(row, 4)};
}

MemberRecord member_at(sqlite3_stmt* row) {
    return {UserId::parse(column_text(row, 0)).value(), std::string{column_text(row, 1)},
            std::string{column_text(row, 2)}, TenantId::parse(column_text(row, 3)).value(),
            parse_role(column_text(row, 4)).value()};
}

Error no_such_tenant(const TenantId& id) {
    return fail(Errc::not_found,
                fmt::format("there is no tenant {}; see: tenantry tenant list", id.text()),
                "tenant");
}

/// A transaction that is taken back unless it was committed.
class Transaction {
public:
    explicit Transaction(sqlite3* db) : db_{db} { execute(db_, "BEGIN IMMEDIATE"); }
    ~Transaction() {
        if (sqlite3_get_autocommit(db_) == 0)
            sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
    }
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit() { execute(db_, "COMMIT"); }

private:
    sqlite3* db_;
};

class SqliteControlStore final : public ControlStore {
public:
    explicit SqliteControlStore(const std::string& path)
        : connection_{path, ControlConnection::Access::read_write, lock_timeout} {}

    Result<TenantRecord> create_tenant(const TenantId& id, std::string_view name) override {
        return guarded([&]() -> Result<TenantRecord> {
            Transaction transaction{db()};
            if (find_tenant(id))
                return fail(Errc::unique_violation,
                            fmt::format("the tenant {} exists already", id.text()), "tenant");
            const auto insert = prepare(
                db(),
                "INSERT INTO tenants (id, name, created_at, updated_at) VALUES (?1, ?2, ?3, ?3)");
            bind_text(insert.get(), 1, id.text());
            bind_text(insert.get(), 2, name);
            bind_integer(insert.get(), 3, now_micros());
            step(insert.get());
            transaction.commit();
            return *find_tenant(id);
        });
    }

    std::vector<TenantRecord> list_tenants() override {
        const auto select = prepare(
            db(), "SELECT id, name, status, created_at, updated_at FROM tenants ORDER BY id");
        std::vector<TenantRecord> tenants;
        while (step(select.get())) tenants.push_back(tenant_at(select.get()));
        return tenants;
    }

    Result<TenantRecord> tenant(const TenantId& id) override {
        return guarded([&]() -> Result<TenantRecord> {
            auto found = find_tenant(id);
            if (!found) return no_such_tenant(id);
            return *found;
        });
    }

    Result<void> set_tenant_status(const TenantId& id, auth::TenantStatus status) override {
        return guarded([&]() -> Result<void> {
            Transaction transaction{db()};
            const auto found = find_tenant(id);
            if (!found) return no_such_tenant(id);
            if (found->status == auth::TenantStatus::deleting &&
                status != auth::TenantStatus::deleting) {
                return fail(
                    Errc::conflict,
                    fmt::format(
                        "the tenant {} is being deleted; finish with: tenantry tenant delete {}",
                        id.text(), id.text()));
            }
            const auto update =
                prepare(db(), "UPDATE tenants SET status = ?2, updated_at = ?3 WHERE id = ?1");
            bind_text(update.get(), 1, id.text());
            bind_text(update.get(), 2, name_of(status));
            bind_integer(update.get(), 3, now_micros());
            step(update.get());
            transaction.commit();
            return {};
        });
    }

    Result<void> forget_tenant(const TenantId& id) override {
        return guarded([&]() -> Result<void> {
            Transaction transaction{db()};
            const auto found = find_tenant(id);
            if (!found) return no_such_tenant(id);
            if (found->status != auth::TenantStatus::deleting)
                return fail(Errc::conflict, "only a tenant that is being deleted can be forgotten");
            const auto remove = prepare(db(), "DELETE FROM tenants WHERE id = ?1");
            bind_text(remove.get(), 1, id.text());
            step(remove.get());
            transaction.commit();
            return {};
        });
    }

    Result<MemberRecord> create_member(const TenantId& tenant, std::string_view email,
                                       std::string_view name, Role role) override {
        if (!is_email(email)) return fail(Errc::bad_value, "email is not an address", "email");
        const auto address = to_lower_ascii(email);
        return guarded([&]() -> Result<MemberRecord> {
            Transaction transaction{db()};
            if (!find_tenant(tenant)) return no_such_tenant(tenant);
            if (find_member(tenant, address)) {
                return fail(Errc::unique_violation,
                            fmt::format("{} is a member of {} already", address, tenant.text()),
                            "email");
            }
            insert_user(address, name);
            insert_membership(tenant, address, role);
            transaction.commit();
            return *find_member(tenant, address);
        });
    }

    Result<MemberRecord> member(const TenantId& tenant, std::string_view email_or_id) override {
        const auto key = to_lower_ascii(email_or_id);
        return guarded([&]() -> Result<MemberRecord> {
            auto found = find_member(tenant, key);
            if (!found)
                return fail(Errc::not_found, fmt::format("{} has no such member", tenant.text()),
                            "user");
            return *found;
        });
    }

    std::vector<MemberRecord> list_members(const TenantId& tenant) override {
        const auto select = prepare(db(),
                                    "SELECT u.id, u.email, u.name, m.tenant_id, m.role FROM "
                                    "memberships m JOIN users u ON u.id = m.user_id"
                                    " WHERE m.tenant_id = ?1 ORDER BY u.email");
        bind_text(select.get(), 1, tenant.text());
        std::vector<MemberRecord> members;
        while (step(select.get())) members.push_back(member_at(select.get()));
        return members;
    }

private:
    sqlite3* db() const { return connection_.handle(); }

    template <class Function>
    auto guarded(Function function) -> decltype(function()) {
        try {
            return function();
        } catch (const SqliteFailure& failure) {
            return outcome_of(failure);
        }
    }

    std::optional<TenantRecord> find_tenant(const TenantId& id) {
        const auto select = prepare(
            db(), "SELECT id, name, status, created_at, updated_at FROM tenants WHERE id = ?1");
        bind_text(select.get(), 1, id.text());
        if (!step(select.get())) return std::nullopt;
        return tenant_at(select.get());
    }

    std::optional<MemberRecord> find_member(const TenantId& tenant, std::string_view email_or_id) {
        const auto select = prepare(db(),
                                    "SELECT u.id, u.email, u.name, m.tenant_id, m.role FROM "
                                    "memberships m JOIN users u ON u.id = m.user_id"
                                    " WHERE m.tenant_id = ?1 AND (u.email = ?2 OR u.id = ?2)");
        bind_text(select.get(), 1, tenant.text());
        bind_text(select.get(), 2, email_or_id);
        if (!step(select.get())) return std::nullopt;
        return member_at(select.get());
    }

    /// A user may be known already as a member of another tenant.
    void insert_user(const std::string& email, std::string_view name) {
        const auto insert = prepare(db(),
                                    "INSERT INTO users (id, email, name, created_at, updated_at) "
                                    "VALUES (?1, ?2, ?3, ?4, ?4)"
                                    " ON CONFLICT (email) DO NOTHING");
        std::string id;
        append_uuid(id, new_uuid());
        bind_text(insert.get(), 1, id);
        bind_text(insert.get(), 2, email);
        bind_text(insert.get(), 3, name);
        bind_integer(insert.get(), 4, now_micros());
        step(insert.get());
    }

    void insert_membership(const TenantId& tenant, const std::string& email, Role role) {
        const auto insert = prepare(db(),
                                    "INSERT INTO memberships (tenant_id, user_id, role, created_at)"
                                    " SELECT ?1, id, ?3, ?4 FROM users WHERE email = ?2");
        bind_text(insert.get(), 1, tenant.text());
        bind_text(insert.get(), 2, email);
        bind_text(insert.get(), 3, tenantry::name_of(role));
        bind_integer(insert.get(), 4, now_micros());
        step(insert.get());
    }

    ControlConnection connection_;
};

}  // namespace

Result<std::unique_ptr<ControlStore>> open_control_store(const std::filesystem::path& path) {
    const auto name = path.string();
    if (auto latest = require_latest(name); !latest) return latest.error();
    try {
        return std::unique_ptr<ControlStore>{std::make_unique<SqliteControlStore>(name)};
    } catch (const SqliteFailure& failure) {
        return opening_error(failure, name);
    }
}

}  // namespace sqlite
}  // namespace tenantry::engine
