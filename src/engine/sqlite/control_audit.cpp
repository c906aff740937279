#include "sqlite/control_audit.hpp"

#include "base/text.hpp"
#include "sqlite/control_connection.hpp"

#include <limits>

namespace tenantry::engine::sqlite {
namespace {

std::optional<std::string> text_or_null(sqlite3_stmt* row, int column) {
    if (sqlite3_column_type(row, column) == SQLITE_NULL) return std::nullopt;
    return std::string{column_text(row, column)};
}

AuditRecord record_at(sqlite3_stmt* row) {
    return {sqlite3_column_int64(row, 0),
            column_time(row, 1).value(),
            std::string{column_text(row, 2)},
            std::string{column_text(row, 3)},
            text_or_null(row, 4),
            text_or_null(row, 5),
            std::string{column_text(row, 6)}};
}

}  // namespace

void append_entry(sqlite3* db, const AuditEntry& entry) {
    const auto insert =
        prepare(db,
                "INSERT INTO audit_log (at, actor, action, tenant_id, target, detail)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
    bind_integer(insert.get(), 1, entry.at.time_since_epoch().count());
    bind_text(insert.get(), 2, entry.actor);
    bind_text(insert.get(), 3, entry.action);
    if (!entry.tenant.empty()) bind_text(insert.get(), 4, entry.tenant);
    if (!entry.target.empty()) bind_text(insert.get(), 5, entry.target);
    bind_text(insert.get(), 6, entry.detail);
    step(insert.get());
}

void append_act(sqlite3* db, std::string_view actor, const Act& act) {
    append_entry(db, {.at = system_clock().now(),
                      .actor = actor,
                      .action = act.action,
                      .tenant = act.tenant ? std::string_view{act.tenant->text()} : "",
                      .target = act.target,
                      .detail = act.detail});
}

std::optional<AuditRecord> read_receipt(sqlite3* db, std::string_view number) {
    // The deletion's beginning is there under the same name, with an empty detail.
    const auto select =
        prepare(db,
                "SELECT seq, at, actor, action, tenant_id, target, detail FROM audit_log"
                " WHERE tenant_id = ?1 AND action = 'tenant.delete' AND detail <> '{}'"
                " ORDER BY seq DESC LIMIT 1");
    const auto name = "deleted:" + std::string{number};
    bind_text(select.get(), 1, name);
    if (!step(select.get())) return std::nullopt;
    return record_at(select.get());
}

std::vector<AuditRecord> read_audit(sqlite3* db, const AuditCriteria& criteria) {
    const auto select =
        prepare(db, criteria.tenant
                        ? "SELECT seq, at, actor, action, tenant_id, target, detail FROM audit_log"
                          " WHERE seq < ?1 AND tenant_id = ?3 ORDER BY seq DESC LIMIT ?2"
                        : "SELECT seq, at, actor, action, tenant_id, target, detail FROM audit_log"
                          " WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2");
    bind_integer(select.get(), 1,
                 criteria.before.value_or(std::numeric_limits<std::int64_t>::max()));
    bind_integer(select.get(), 2, static_cast<std::int64_t>(criteria.limit));
    if (criteria.tenant) bind_text(select.get(), 3, criteria.tenant->text());
    std::vector<AuditRecord> records;
    while (step(select.get())) records.push_back(record_at(select.get()));
    return records;
}

std::string detail_of(
    std::initializer_list<std::pair<std::string_view, std::string_view>> members) {
    std::string detail = "{";
    for (const auto& [name, value] : members) {
        if (detail.size() > 1) detail += ',';
        append_json_string(detail, name);
        detail += ':';
        append_json_string(detail, value);
    }
    return detail + "}";
}

}  // namespace tenantry::engine::sqlite
