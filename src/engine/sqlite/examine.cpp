#include "engine/sqlite/upkeep.hpp"
#include "sqlite/errors.hpp"
#include "sqlite/handles.hpp"
#include "sqlite/migrate.hpp"

#include <fmt/format.h>

#include <array>

namespace tenantry::engine::sqlite {
namespace {

constexpr int lock_timeout_ms = 5000;

/// A tally as the triggers keep it, and as a recount gives it.
struct Recount {
    std::string_view tally;
    std::string_view kept;
    std::string_view counted;
};

constexpr std::array recounts = std::to_array<Recount>({
    {"leads by status", "SELECT tenant_id, status, n FROM t_lead_counts",
     "SELECT tenant_id, status, count(*) FROM t_leads GROUP BY 1, 2"},
    {"leads by source", "SELECT tenant_id, source, n FROM t_lead_sources",
     "SELECT tenant_id, coalesce(source, ''), count(*) FROM t_leads GROUP BY 1, 2"},
    {"leads by day", "SELECT tenant_id, day, created, converted FROM t_lead_days",
     "SELECT tenant_id, (created_at - 86399999999 * (created_at < 0)) / 86400000000, count(*), "
     "sum(status = 'converted') FROM t_leads GROUP BY 1, 2"},
    {"leads by agent", "SELECT tenant_id, agent, assigned, active, converted FROM t_agent_leads",
     "SELECT tenant_id, assigned_agent, count(*), sum(status IN ('new', 'contacted', "
     "'qualified')), sum(status = 'converted') FROM t_leads WHERE assigned_agent IS NOT NULL "
     "GROUP BY 1, 2"},
    {"figures of agents", "SELECT tenant_id, id, active_leads, conversion_rate FROM t_agents",
     "SELECT a.tenant_id, a.id, coalesce(sum(l.status IN ('new', 'contacted', 'qualified')), 0), "
     "CASE count(l.id) WHEN 0 THEN 0 ELSE (20000 * sum(l.status = 'converted') + count(l.id)) / "
     "(2 * count(l.id)) END FROM t_agents a LEFT JOIN t_leads l ON l.tenant_id = a.tenant_id AND "
     "l.assigned_agent = a.id GROUP BY 1, 2"},
    {"approvals by status", "SELECT tenant_id, status, n FROM t_approval_counts",
     "SELECT tenant_id, status, count(*) FROM t_approvals GROUP BY 1, 2"},
    {"rows by relation", "SELECT tenant_id, relation, n FROM t_row_counts",
     "SELECT tenant_id, 'agents', count(*) FROM t_agents GROUP BY 1 UNION ALL "
     "SELECT tenant_id, 'events', count(*) FROM t_events GROUP BY 1 UNION ALL "
     "SELECT tenant_id, 'contacts', count(*) FROM t_contacts GROUP BY 1 UNION ALL "
     "SELECT tenant_id, 'icp_profiles', count(*) FROM t_icp_profiles GROUP BY 1 UNION ALL "
     "SELECT tenant_id, 'identities', count(*) FROM t_identities GROUP BY 1 UNION ALL "
     "SELECT tenant_id, 'approvals', count(*) FROM t_approvals GROUP BY 1"},
});

std::vector<std::string> texts(sqlite3* db, std::string_view query) {
    const auto statement = prepare(db, query);
    std::vector<std::string> out;
    while (step(statement.get())) out.emplace_back(column_text(statement.get(), 0));
    return out;
}

std::vector<std::string> wrong_tallies(sqlite3* db) {
    std::vector<std::string> wrong;
    for (const auto& [tally, kept, counted] : recounts) {
        const auto differences = query_integer(
            db, fmt::format("WITH kept AS ({}), counted AS ({}) SELECT (SELECT count(*) FROM "
                            "(SELECT * FROM kept EXCEPT SELECT * FROM counted)) + (SELECT "
                            "count(*) FROM (SELECT * FROM counted EXCEPT SELECT * FROM kept))",
                            kept, counted));
        if (differences != 0) wrong.emplace_back(tally);
    }
    return wrong;
}

Examination look(sqlite3* db) {
    Examination found;
    // One state for all that follows; a server may be writing.
    execute(db, "BEGIN");
    for (auto& line : texts(db, "PRAGMA quick_check(5)")) {
        if (line != "ok") found.damage.push_back(std::move(line));
    }
    found.dangling = query_integer(db, "SELECT count(*) FROM pragma_foreign_key_check");
    found.statistics =
        query_integer(db, "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'sqlite_stat%'") > 0;
    found.deleting = texts(db, "SELECT id FROM tenants WHERE status = 'deleting' ORDER BY id");
    found.unscrubbed = query_integer(
        db,
        "SELECT count(*) FROM audit_log WHERE action = 'tenant.delete' AND seq > coalesce((SELECT "
        "max(json_extract(detail, '$.through')) FROM audit_log WHERE action = 'database.scrub'), "
        "0)");
    found.tenant_keys = query_integer(db, "SELECT count(*) FROM tenant_keys");
    found.last_written = Timestamp{std::chrono::microseconds{query_integer(
        db,
        "SELECT max(at) FROM (SELECT max(updated_at) AS at FROM tenants UNION ALL SELECT "
        "max(updated_at) FROM users UNION ALL SELECT max(at) FROM audit_log)")}};
    found.wrong_tallies = wrong_tallies(db);
    return found;
}

}  // namespace

Result<Examination> examine(const std::filesystem::path& path) {
    const auto name = path.string();
    if (auto latest = require_latest(name); !latest) return latest.error();
    try {
        const auto db = open_database(name, SQLITE_OPEN_READONLY, lock_timeout_ms);
        return look(db.get());
    } catch (const SqliteFailure& failure) {
        return opening_error(failure, name);
    }
}

}  // namespace tenantry::engine::sqlite
