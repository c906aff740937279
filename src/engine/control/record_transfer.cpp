#include "engine/record_transfer.hpp"

#include "control/audit.hpp"
#include "control/stores.hpp"
#include "control/tenure_marks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <span>

namespace tenantry::engine::control {
namespace {

/// A control relation's columns; times are told apart, since not every database has them.
struct Column {
    std::string_view name;
    bool is_time = false;
};
constexpr std::array tenant_columns{Column{"name"}, Column{"status"}, Column{"settings"},
                                    Column{"created_at", true}, Column{"updated_at", true}};
constexpr std::array user_columns{Column{"id"}, Column{"email"}, Column{"name"},
                                  Column{"created_at", true}, Column{"updated_at", true}};
constexpr std::array membership_columns{Column{"tenant_id"}, Column{"user_id"}, Column{"role"},
                                        Column{"created_at", true}};
constexpr std::array key_columns{Column{"id"},
                                 Column{"tenant_id"},
                                 Column{"name"},
                                 Column{"role"},
                                 Column{"prefix"},
                                 Column{"hash"},
                                 Column{"created_at", true},
                                 Column{"created_by"},
                                 Column{"expires_at", true},
                                 Column{"revoked_at", true},
                                 Column{"last_used_at", true}};
constexpr std::array account_columns{
    Column{"user_id"},          Column{"password"},        Column{"email_confirmed_at", true},
    Column{"managed_by"},       Column{"user_metadata"},   Column{"last_sign_in_at", true},
    Column{"created_at", true}, Column{"updated_at", true}};
constexpr std::array sign_up_columns{Column{"tenant_id"}, Column{"domain"}, Column{"role"},
                                     Column{"confirm"}, Column{"created_at", true}};
constexpr std::array data_key_columns{Column{"tenant_id"}, Column{"master_id"}, Column{"wrapped"},
                                      Column{"created_at", true}};

std::string names_of(std::span<const Column> columns) {
    std::string out;
    for (const auto& column : columns)
        out += fmt::format("{}{}", out.empty() ? "" : ", ", column.name);
    return out;
}

RecordRows rows_of(const Rows& found, std::span<const Column> columns) {
    RecordRows out;
    out.reserve(found.size());
    for (std::size_t row = 0; row < found.size(); ++row) {
        auto& values = out.emplace_back();
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (found.is_null(row, i)) {
                values.emplace_back();
            } else if (columns[i].is_time) {
                values.emplace_back(found.time(row, i).value());
            } else {
                values.emplace_back(found.text(row, i));
            }
        }
    }
    return out;
}

std::vector<Cell> cells_of(const std::vector<RecordValue>& row) {
    std::vector<Cell> out;
    out.reserve(row.size());
    for (const auto& value : row)
        std::visit([&](const auto& each) { out.emplace_back(each); }, value);
    return out;
}

const std::string& text_in(const std::vector<RecordValue>& row, std::size_t column) {
    return std::get<std::string>(row.at(column));
}

class SessionRecordTransfer final : public RecordTransfer {
public:
    explicit SessionRecordTransfer(SessionHandle session) : session_{std::move(session)} {}

    Result<std::vector<TenantId>> tenants() override {
        return guarded([&]() -> Result<std::vector<TenantId>> {
            const auto rows =
                db().run("SELECT id FROM @tenants WHERE status <> 'deleting' ORDER BY id");
            std::vector<TenantId> out;
            out.reserve(rows.size());
            for (std::size_t i = 0; i < rows.size(); ++i)
                out.push_back(TenantId::parse(rows.text(i, 0)).value());
            return out;
        });
    }

    Result<Presence> presence(const TenantId& id) override {
        return guarded([&]() -> Result<Presence> {
            const auto rows =
                db().run("SELECT status, settings FROM @tenants WHERE id = $1", {id.text()});
            if (rows.empty()) return Presence::absent;
            if (rows.text(0, 0) != "deleting") return Presence::there;
            return ticket_in(rows.text(0, 1)).empty() ? Presence::leaving : Presence::arriving;
        });
    }

    Result<TenantRecords> read(const TenantId& id) override {
        return guarded([&]() -> Result<TenantRecords> {
            const ReadTransaction transaction{db()};
            TenantRecords out;
            out.tenant = select("tenants", tenant_columns, "id = $1", id);
            if (out.tenant.empty())
                return fail(Errc::not_found, fmt::format("there is no tenant {}", id.text()),
                            "tenant");
            out.users = select(
                "users", user_columns,
                "id IN (SELECT user_id FROM @memberships WHERE tenant_id = $1) ORDER BY id", id);
            out.memberships = select("memberships", membership_columns, "tenant_id = $1", id);
            // One that another tenant manages stays there; its user has the mailbox.
            out.accounts = select("accounts", account_columns,
                                  "user_id IN (SELECT user_id FROM @memberships WHERE tenant_id = "
                                  "$1) AND coalesce(managed_by, $1) = $1 ORDER BY user_id",
                                  id);
            out.sign_up_rules = select("sign_up_rules", sign_up_columns, "tenant_id = $1", id);
            out.keys = select("api_keys", key_columns, "tenant_id = $1 ORDER BY id", id);
            out.data_key = select("tenant_keys", data_key_columns, "tenant_id = $1", id);
            out.master = master();
            return out;
        });
    }

    Result<void> finish(const TenantId& id, std::string_view ticket, const TenantRecords& records,
                        std::string_view actor) override {
        return guarded([&]() -> Result<void> {
            Transaction transaction{db()};
            const auto found = db().run(
                "SELECT settings FROM @tenants WHERE id = $1 AND status = 'deleting'", {id.text()});
            if (found.empty() || ticket_in(found.text(0, 0)) != ticket) return not_ours(id);
            TENANTRY_TRY_VOID(add_people(records));
            TENANTRY_TRY_VOID(add_data_key(records));
            for (const auto& key : records.keys) insert("api_keys", key_columns, key);
            auto values = cells_of(records.tenant.at(0));
            values.insert(values.begin(), id.text());
            db().run(
                "UPDATE @tenants SET name = $2, status = $3, settings = $4, created_at = $5, "
                "updated_at = $6 WHERE id = $1",
                values);
            append_entry(db(), {.at = system_clock().now(),
                                .actor = actor,
                                .action = "tenant.copy",
                                .tenant = id.text()});
            transaction.commit();
            return {};
        });
    }

    Result<RecordRows> read_platform_keys() override {
        return guarded([&]() -> Result<RecordRows> {
            return rows_of(
                db().run(fmt::format("SELECT {} FROM @api_keys WHERE tenant_id IS NULL ORDER BY id",
                                     names_of(key_columns))),
                key_columns);
        });
    }

    Result<std::size_t> add_platform_keys(const RecordRows& keys, std::string_view actor) override {
        return guarded([&]() -> Result<std::size_t> {
            Transaction transaction{db()};
            std::size_t added = 0;
            for (const auto& key : keys) {
                if (!db().run("SELECT 1 FROM @api_keys WHERE id = $1", {text_in(key, 0)}).empty())
                    continue;
                insert("api_keys", key_columns, key);
                append_entry(db(), {.at = system_clock().now(),
                                    .actor = actor,
                                    .action = "key.copy",
                                    .target = text_in(key, 0)});
                ++added;
            }
            transaction.commit();
            return added;
        });
    }

private:
    Session& db() const { return *session_; }

    RecordRows select(std::string_view table, std::span<const Column> columns,
                      std::string_view condition, const TenantId& id) {
        return rows_of(db().run(fmt::format("SELECT {} FROM @{} WHERE {}", names_of(columns), table,
                                            condition),
                                {id.text()}),
                       columns);
    }

    void insert(std::string_view table, std::span<const Column> columns,
                const std::vector<RecordValue>& row) {
        std::vector<std::string> places;
        for (std::size_t i = 1; i <= columns.size(); ++i) places.push_back(fmt::format("${}", i));
        db().run(fmt::format("INSERT INTO @{} ({}) VALUES ({})", table, names_of(columns),
                             fmt::join(places, ", ")),
                 cells_of(row));
    }

    std::optional<std::string> master() {
        const auto rows = db().run("SELECT id FROM @master_key WHERE one = 1");
        return rows.empty() ? std::nullopt : std::optional{rows.text(0, 0)};
    }

    static std::string ticket_in(std::string_view settings) {
        return marked(settings_in(settings), "import", "ticket");
    }

    /// A user who is there already, as a member of another tenant, stays as it is.
    Result<void> add_people(const TenantRecords& records) {
        for (const auto& user : records.users) {
            const auto there = db().run("SELECT 1 FROM @users WHERE id = $1", {text_in(user, 0)});
            if (!there.empty()) continue;
            const auto same =
                db().run("SELECT id FROM @users WHERE email = $1", {text_in(user, 1)});
            if (!same.empty()) {
                return fail(Errc::conflict,
                            fmt::format("the user {} has the address of the other database's user "
                                        "{}, and one person can't be two: change one of the "
                                        "addresses",
                                        text_in(user, 0), same.text(0, 0)),
                            "user");
            }
            insert("users", user_columns, user);
            for (const auto& account : records.accounts) {
                if (text_in(account, 0) == text_in(user, 0))
                    insert("accounts", account_columns, account);
            }
        }
        for (const auto& membership : records.memberships)
            insert("memberships", membership_columns, membership);
        for (const auto& rule : records.sign_up_rules)
            insert("sign_up_rules", sign_up_columns, rule);
        return {};
    }

    /// What is sealed stays as it is, so both databases must have the same master key.
    Result<void> add_data_key(const TenantRecords& records) {
        if (records.data_key.empty()) return {};
        const auto own = master();
        if (own && own != records.master) {
            return fail(Errc::conflict,
                        "the databases have different master keys, so what is sealed could not be "
                        "read; give both the same one first: tenantry master-key rotate",
                        "master_key");
        }
        if (!own && records.master) {
            db().run("INSERT INTO @master_key (one, id, since) VALUES (1, $1, $2)",
                     {*records.master, system_clock().now()});
        }
        insert("tenant_keys", data_key_columns, records.data_key.front());
        return {};
    }

    SessionHandle session_;
};

}  // namespace

std::unique_ptr<RecordTransfer> make_record_transfer(SessionHandle session) {
    return std::make_unique<SessionRecordTransfer>(std::move(session));
}

}  // namespace tenantry::engine::control
