#include "engine/tenure_store.hpp"

#include "base/random.hpp"
#include "control/audit.hpp"
#include "control/stores.hpp"
#include "control/tenure_marks.hpp"
#include "engine/executor.hpp"
#include "schema/json.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <optional>
#include <utility>
#include <vector>

namespace tenantry::engine::control {
namespace {

namespace json = boost::json;

std::string new_ticket() {
    std::string text;
    append_uuid(text, new_uuid());
    return text;
}

Error no_such_tenant(const TenantId& id) {
    return fail(Errc::not_found,
                fmt::format("there is no tenant {}; see: tenantry tenant list", id.text()),
                "tenant");
}

Error taken(const TenantId& id, auth::TenantStatus status) {
    if (status == auth::TenantStatus::deleting) {
        return fail(Errc::unique_violation,
                    fmt::format("a tenant {0} is there half-way, being imported or deleted; if "
                                "nothing is at work on it, clear it away with: tenantry tenant "
                                "delete {0}",
                                id.text()),
                    "tenant");
    }
    return fail(Errc::unique_violation,
                fmt::format("a tenant {} exists already; import under another id", id.text()),
                "tenant");
}

/// A tenant's record as far as arriving and leaving go.
struct Found {
    auth::TenantStatus status;
    json::object settings;
};

RowCounts counts_of(const json::object& settings) {
    RowCounts counts;
    const auto* mark = settings.if_contains("removal");
    const auto* object = mark != nullptr ? mark->if_object() : nullptr;
    const auto* rows = object != nullptr ? object->if_contains("rows") : nullptr;
    if (rows == nullptr || !rows->is_object()) return counts;
    for (const auto& [relation, count] : rows->get_object()) {
        if (count.is_int64()) counts[std::string{relation}] = count.get_int64();
    }
    return counts;
}

json::object to_json(const RowCounts& counts) {
    json::object out;
    for (const auto& [relation, rows] : counts) out[relation] = rows;
    return out;
}

json::object removal_settings(const Removal& removal) {
    json::object mark{{"receipt", removal.receipt}, {"actor", removal.actor}};
    if (!removal.rows.empty()) mark["rows"] = to_json(removal.rows);
    return {{"removal", std::move(mark)}};
}

class SessionTenureStore final : public TenureStore {
public:
    explicit SessionTenureStore(SessionHandle session) : session_{std::move(session)} {}

    Result<std::string> begin_import(const TenantId& id, std::string_view name) override {
        return in_transaction([&](Timestamp now) -> Result<std::string> {
            if (const auto found = find(id)) return taken(id, found->status);
            auto ticket = new_ticket();
            const auto settings =
                json::serialize(json::object{{"import", json::object{{"ticket", ticket}}}});
            db().run(
                "INSERT INTO @tenants (id, name, status, settings, created_at, updated_at) VALUES "
                "($1, $2, 'deleting', $3, $4, $4)",
                {id.text(), cell(name), settings, now});
            return ticket;
        });
    }

    Result<TenantRecord> finish_import(const TenantId& id, std::string_view ticket,
                                       std::string_view actor) override {
        return in_transaction([&](Timestamp now) -> Result<TenantRecord> {
            const auto found = find(id);
            if (!found) return no_such_tenant(id);
            if (marked(found->settings, "import", "ticket") != ticket) return not_ours(id);
            db().run(
                "UPDATE @tenants SET status = 'active', settings = '{}', updated_at = $2 WHERE id "
                "= $1",
                {id.text(), now});
            append_audit(now, actor, "tenant.import", id.text(), {});
            return record(id);
        });
    }

    Result<Removal> begin_removal(const TenantId& id, std::string_view actor) override {
        return in_transaction([&](Timestamp now) -> Result<Removal> {
            const auto found = find(id);
            if (!found) return no_such_tenant(id);
            Removal removal{.receipt = marked(found->settings, "removal", "receipt"),
                            .actor = marked(found->settings, "removal", "actor"),
                            .rows = counts_of(found->settings)};
            if (removal.receipt.empty()) removal.receipt = new_ticket();
            if (removal.actor.empty()) removal.actor = actor;
            set_leaving(id, removal, now);
            return removal;
        });
    }

    Result<std::vector<UnfinishedRemoval>> unfinished_removals() override {
        return guarded([&]() -> Result<std::vector<UnfinishedRemoval>> {
            const auto rows =
                db().run("SELECT id, settings FROM @tenants WHERE status = 'deleting' ORDER BY id");
            std::vector<UnfinishedRemoval> unfinished;
            for (std::size_t i = 0; i < rows.size(); ++i) {
                const auto settings = settings_in(rows.text(i, 1));
                if (marked(settings, "removal", "receipt").empty()) continue;
                unfinished.push_back({TenantId::parse(rows.text(i, 0)).value(),
                                      marked(settings, "removal", "actor")});
            }
            return unfinished;
        });
    }

    Result<void> keep_counts(const TenantId& id, const Removal& removal) override {
        return in_transaction([&](Timestamp now) -> Result<void> {
            TENANTRY_TRY_VOID(check_removal(id, removal));
            set_leaving(id, removal, now);
            return {};
        });
    }

    Result<Forgotten> finish_removal(const TenantId& id, const Removal& removal,
                                     std::string_view actor) override {
        return in_transaction([&](Timestamp now) -> Result<Forgotten> {
            TENANTRY_TRY_VOID(check_removal(id, removal));
            Forgotten forgotten{.at = now};
            forgotten.memberships = count("memberships", id);
            forgotten.api_keys = count("api_keys", id);
            forgotten.key_destroyed = count("tenant_keys", id) > 0;
            const auto users = members_of_nothing_else(id);
            forgotten.users = static_cast<std::int64_t>(users.size());
            TENANTRY_TRY_VOID(delete_tenant(id));
            for (const auto& user : users) blank_user(user, now);
            const auto name = "deleted:" + removal.receipt;
            redact_audit(id, name);
            append_audit(now, actor, "tenant.delete", name,
                         {{"rows", to_json(removal.rows)},
                          {"memberships", forgotten.memberships},
                          {"api_keys", forgotten.api_keys},
                          {"users", forgotten.users},
                          {"key_destroyed", forgotten.key_destroyed}});
            return forgotten;
        });
    }

    std::int64_t last_removal() override {
        try {
            return db()
                .run("SELECT coalesce(max(seq), 0) FROM @audit_log WHERE action = 'tenant.delete'")
                .integer(0, 0);
        } catch (const Failure& failure) {
            throw Fault{std::string{"last removal: "} + failure.what()};
        }
    }

    Result<void> note_scrub(std::int64_t through, std::string_view actor) override {
        return in_transaction([&](Timestamp now) -> Result<void> {
            append_audit(now, actor, "database.scrub", {}, {{"through", through}});
            return {};
        });
    }

private:
    Session& db() const { return *session_; }

    /// All or nothing: an error takes back what was done before it.
    template <class Function>
    auto in_transaction(Function function) -> decltype(function(Timestamp{})) {
        return guarded([&] {
            Transaction transaction{db()};
            auto result = function(system_clock().now());
            if (result) transaction.commit();
            return result;
        });
    }

    std::optional<Found> find(const TenantId& id) {
        const auto rows =
            db().run("SELECT status, settings FROM @tenants WHERE id = $1", {id.text()});
        if (rows.empty()) return std::nullopt;
        return Found{tenant_status_of(rows.text(0, 0)), settings_in(rows.text(0, 1))};
    }

    TenantRecord record(const TenantId& id) {
        const auto rows = db().run(
            "SELECT name, status, created_at, updated_at FROM @tenants WHERE id = $1", {id.text()});
        return {id, rows.text(0, 0), tenant_status_of(rows.text(0, 1)), rows.time(0, 2).value(),
                rows.time(0, 3).value()};
    }

    Result<void> check_removal(const TenantId& id, const Removal& removal) {
        const auto found = find(id);
        if (!found) return no_such_tenant(id);
        if (found->status == auth::TenantStatus::deleting &&
            marked(found->settings, "removal", "receipt") == removal.receipt) {
            return {};
        }
        return not_ours(id);
    }

    void set_leaving(const TenantId& id, const Removal& removal, Timestamp now) {
        db().run(
            "UPDATE @tenants SET status = 'deleting', settings = $2, updated_at = $3 WHERE id = $1",
            {id.text(), json::serialize(removal_settings(removal)), now});
    }

    /// `table` is one of this file's own words.
    std::int64_t count(std::string_view table, const TenantId& id) {
        return db()
            .run(fmt::format("SELECT count(*) FROM @{} WHERE tenant_id = $1", table), {id.text()})
            .integer(0, 0);
    }

    std::vector<std::string> members_of_nothing_else(const TenantId& id) {
        const auto rows = db().run(
            "SELECT user_id FROM @memberships m WHERE tenant_id = $1 AND NOT EXISTS (SELECT 1 FROM "
            "@memberships o WHERE o.user_id = m.user_id AND o.tenant_id <> $1)",
            {id.text()});
        std::vector<std::string> users;
        users.reserve(rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i) users.push_back(rows.text(i, 0));
        return users;
    }

    Result<void> delete_tenant(const TenantId& id) {
        try {
            db().run("DELETE FROM @tenants WHERE id = $1", {id.text()});
            return {};
        } catch (const Failure& failure) {
            if (!failure.is_foreign_key()) throw;
            return fail(Errc::conflict, fmt::format("the tenant {} has rows left", id.text()),
                        "tenant");
        }
    }

    void blank_user(const std::string& user, Timestamp now) {
        db().run("UPDATE @users SET email = $2, name = '', updated_at = $3 WHERE id = $1",
                 {user, user + "@deleted.invalid", now});
    }

    void redact_audit(const TenantId& id, const std::string& name) {
        db().run(
            "UPDATE @audit_log SET tenant_id = $2, target = NULL, detail = '{}' WHERE tenant_id = "
            "$1",
            {id.text(), name});
        db().run("UPDATE @audit_log SET target = $2 WHERE target = $1", {id.text(), name});
    }

    void append_audit(Timestamp now, std::string_view actor, std::string_view action,
                      std::string_view tenant, const json::object& detail) {
        append_entry(db(), {.at = now,
                            .actor = actor,
                            .action = action,
                            .tenant = tenant,
                            .detail = json::serialize(detail)});
    }

    SessionHandle session_;
};

}  // namespace

json::object settings_in(std::string_view text) {
    const auto settings = schema::read_json(text);
    return settings && settings->is_object() ? settings->get_object() : json::object{};
}

std::string marked(const json::object& settings, std::string_view kind, std::string_view member) {
    const auto* mark = settings.if_contains(kind);
    const auto* object = mark != nullptr ? mark->if_object() : nullptr;
    const auto* value = object != nullptr ? object->if_contains(member) : nullptr;
    const auto* text = value != nullptr ? value->if_string() : nullptr;
    return text != nullptr ? std::string{*text} : std::string{};
}

Error not_ours(const TenantId& id) {
    return fail(Errc::conflict,
                fmt::format("somebody else is at work on the tenant {}; see: tenantry tenant show "
                            "{}",
                            id.text(), id.text()),
                "tenant");
}

std::unique_ptr<TenureStore> make_tenure_store(SessionHandle session) {
    return std::make_unique<SessionTenureStore>(std::move(session));
}

}  // namespace tenantry::engine::control
