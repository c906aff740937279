#include "control/audit.hpp"

#include "base/text.hpp"

#include <limits>

namespace tenantry::engine::control {
namespace {

Cell text_or_null(std::string_view text) { return text.empty() ? Cell{} : cell(text); }

AuditRecord record_at(const Rows& rows, std::size_t i) {
    return {rows.integer(i, 0),       rows.time(i, 1).value(),  rows.text(i, 2), rows.text(i, 3),
            rows.optional_text(i, 4), rows.optional_text(i, 5), rows.text(i, 6)};
}

}  // namespace

void append_entry(Session& db, const AuditEntry& entry) {
    db.run(
        "INSERT INTO @audit_log (at, actor, action, tenant_id, target, detail)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        {entry.at, cell(entry.actor), cell(entry.action), text_or_null(entry.tenant),
         text_or_null(entry.target), cell(entry.detail)});
}

void append_act(Session& db, std::string_view actor, const Act& act) {
    append_entry(db, {.at = system_clock().now(),
                      .actor = actor,
                      .action = act.action,
                      .tenant = act.tenant ? std::string_view{act.tenant->text()} : "",
                      .target = act.target,
                      .detail = act.detail});
}

std::optional<AuditRecord> read_receipt(Session& db, std::string_view number) {
    // The deletion's beginning is there under the same name, with an empty detail.
    const auto rows = db.run(
        "SELECT seq, at, actor, action, tenant_id, target, detail FROM @audit_log"
        " WHERE tenant_id = $1 AND action = 'tenant.delete' AND CAST(detail AS text) <> '{}'"
        " ORDER BY seq DESC LIMIT 1",
        {"deleted:" + std::string{number}});
    if (rows.empty()) return std::nullopt;
    return record_at(rows, 0);
}

std::vector<AuditRecord> read_audit(Session& db, const AuditCriteria& criteria) {
    std::vector<Cell> values{criteria.before.value_or(std::numeric_limits<std::int64_t>::max()),
                             static_cast<std::int64_t>(criteria.limit)};
    if (criteria.tenant) values.push_back(cell(criteria.tenant->text()));
    const auto rows = db.run(
        criteria.tenant ? "SELECT seq, at, actor, action, tenant_id, target, detail FROM @audit_log"
                          " WHERE seq < $1 AND tenant_id = $3 ORDER BY seq DESC LIMIT $2"
                        : "SELECT seq, at, actor, action, tenant_id, target, detail FROM @audit_log"
                          " WHERE seq < $1 ORDER BY seq DESC LIMIT $2",
        values);
    std::vector<AuditRecord> records;
    records.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) records.push_back(record_at(rows, i));
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

}  // namespace tenantry::engine::control
