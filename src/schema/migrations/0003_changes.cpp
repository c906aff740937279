#include "migrations/steps.hpp"

#include <fmt/format.h>

#include <string>

namespace tenantry::schema {
namespace {

// Each change gets its tenant's next number. Images have the stored form of each value, but JSON
// inline.
constexpr std::string_view tables = R"sql(
CREATE TABLE t_tenant_heads (
  tenant_id TEXT NOT NULL PRIMARY KEY REFERENCES tenants (id),
  seq INTEGER NOT NULL,
  epoch TEXT NOT NULL
) STRICT;
CREATE TABLE t_changes (
  tenant_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  relation TEXT NOT NULL,
  op TEXT NOT NULL,
  row_id TEXT NOT NULL,
  row TEXT,
  old TEXT,
  committed_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, seq)
) STRICT;

-- What goes with an agent is a change of each row, so it counts as one.
DROP TRIGGER agents_release;
CREATE TRIGGER agents_release BEFORE DELETE ON t_agents BEGIN
  UPDATE t_leads SET assigned_agent = NULL,
      updated_at = max(updated_at + 1,
        CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000)
    WHERE tenant_id = OLD.tenant_id AND assigned_agent = OLD.id;
  UPDATE t_events SET agent_id = NULL WHERE tenant_id = OLD.tenant_id AND agent_id = OLD.id;
END;
)sql";

// {0} relation, {1} operation, {2} NEW or OLD, {3} condition, {4} and {5} images.
constexpr std::string_view trigger = R"sql(
CREATE TRIGGER {0}_changes_{1} AFTER {1} ON t_{0} {3}BEGIN
  INSERT INTO t_tenant_heads (tenant_id, seq, epoch)
    VALUES ({2}.tenant_id, 1, lower(hex(randomblob(8))))
    ON CONFLICT (tenant_id) DO UPDATE SET seq = seq + 1;
  INSERT INTO t_changes (tenant_id, seq, relation, op, row_id, row, old, committed_at)
    SELECT tenant_id, seq, '{0}', '{1}', {2}.id, {4}, {5},
           CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000
    FROM t_tenant_heads WHERE tenant_id = {2}.tenant_id;
END;
)sql";

struct Recorded {
    std::string_view relation;
    std::string_view plain;    // columns, as they are stored
    std::string_view json;     // columns that hold JSON
    std::string_view updates;  // which of them are recorded: a trigger's WHEN, or nothing
};

// An update that leaves updated_at as it is sets off another one, of updated_at, which is recorded
// then. The figures that the server keeps of an agent don't, and events have no such trigger.
constexpr std::string_view touched = "WHEN NEW.updated_at > OLD.updated_at ";
constexpr Recorded recorded[] = {
    {"agents",
     "id name email phone license_number brokerage active_leads conversion_rate status created_at "
     "updated_at",
     "specialties",
     "WHEN NEW.updated_at > OLD.updated_at OR NEW.active_leads <> OLD.active_leads "
     "OR NEW.conversion_rate <> OLD.conversion_rate "},
    {"leads",
     "id first_name last_name email phone property_address city province postal_code property_type "
     "price_range timeline source status assigned_agent score last_contacted_at created_at "
     "updated_at",
     "tags metadata", touched},
    {"events", "id lead_id agent_id type source content direction timestamp created_at updated_at",
     "data metadata", ""},
    {"contacts", "id lead_id channel identifier display_name verified created_at updated_at",
     "metadata", touched},
    {"icp_profiles",
     "id name description max_leads_per_day discovery_frequency confidence_threshold "
     "exclude_duplicates enrichment_enabled created_at updated_at",
     "criteria_locations criteria_investment criteria_professional criteria_behavior "
     "criteria_platforms",
     touched},
    // Without cookies and credentials.
    {"identities", "id platform profile_url auth_status last_used_at created_at updated_at",
     "metadata", touched},
    {"approvals",
     "id lead_id type channel subject content status ai_score reviewed_by reviewed_at "
     "rejection_reason sent_at created_at updated_at",
     "metadata", touched},
};

void append_members(std::string& out, std::string_view names, std::string_view form) {
    while (!names.empty()) {
        const auto name = names.substr(0, names.find(' '));
        out += out.empty() ? "" : ", ";
        out += fmt::format(fmt::runtime(form), name);
        names.remove_prefix(std::min(names.size(), name.size() + 1));
    }
}

std::string image(const Recorded& of, std::string_view row) {
    std::string members;
    append_members(members, of.plain, fmt::format("'{{0}}', {}.{{0}}", row));
    append_members(members, of.json, fmt::format("'{{0}}', json({}.{{0}})", row));
    return fmt::format("json_object({})", members);
}

std::string triggers() {
    std::string out;
    for (const auto& of : recorded) {
        const auto add = [&](std::string_view op, std::string_view row, std::string_view when,
                             const std::string& now, const std::string& before) {
            out += fmt::format(trigger, of.relation, op, row, when, now, before);
        };
        add("insert", "NEW", "", image(of, "NEW"), "NULL");
        add("update", "NEW", of.updates, image(of, "NEW"), image(of, "OLD"));
        add("delete", "OLD", "", "NULL", image(of, "OLD"));
    }
    return out;
}

}  // namespace

std::string_view migration_3() {
    static const std::string sql = std::string{tables} + triggers();
    return sql;
}

}  // namespace tenantry::schema
