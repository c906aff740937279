#include "engine/postgres/audit.hpp"

#include "engine/postgres/migrate.hpp"
#include "postgres/role_facts.hpp"
#include "postgres/session.hpp"
#include "postgres/views.hpp"
#include "schema/lead_schema.hpp"
#include "schema/postgres_schema.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace tenantry::engine::postgres {
namespace {

using Findings = std::vector<Finding>;

/// Which of the names that a check returns is the table's that it is about.
enum class About { first, second, database };

/// A check as a query that returns what is wrong: the thing's name, and perhaps another one.
struct Check {
    const char* sql;
    const char* problem;  // {0}, {1}: the names; {2}: the role
    const char* remedy;
    About about = About::first;
};

// Tables with rows of tenants: those of the catalog, and whatever else has a tenant_id and can be
// touched by the role, or is where clients look for relations. The platform's own records are no
// such tables.
constexpr std::string_view tenant_tables_sql = R"sql(
WITH tenant_tables AS (
  SELECT c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity, a.attnum AS tenant,
         a.attnotnull
  FROM pg_class c
  JOIN pg_namespace s ON s.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
  WHERE c.relkind IN ('r', 'p') AND s.nspname NOT IN ('pg_catalog', 'information_schema')
    AND NOT (s.nspname = 'tenantry' AND c.relname IN
             ('tenants', 'memberships', 'api_keys', 'tenant_keys', 'audit_log',
              'auth_sessions', 'mail_tokens', 'sign_up_rules'))
    AND (s.nspname = 'public'
         OR has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')))
)sql";

// The condition as the server prints it back; of a varchar with a cast, which changes nothing.
constexpr std::string_view condition =
    "(tenant_id = NULLIF(current_setting(''app.tenant_id''::text, true), ''''::text))";

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> sql_words{
    {{"{condition}", condition},
     {"{varchar}", "((tenant_id)::text"},
     {"{text}", "(tenant_id"},
     {"{runs_as_caller}", runs_as_caller}}};

const std::array checks{
    Check{"SELECT oid::regclass::text, '' FROM tenant_tables WHERE NOT relrowsecurity",
          "row-level security is off on {0}", "ALTER TABLE {0} ENABLE ROW LEVEL SECURITY"},
    Check{"SELECT oid::regclass::text, '' FROM tenant_tables WHERE NOT relforcerowsecurity",
          "row-level security is not forced on {0}", "ALTER TABLE {0} FORCE ROW LEVEL SECURITY"},
    Check{"SELECT oid::regclass::text, '' FROM tenant_tables WHERE NOT attnotnull",
          "tenant_id may be null in {0}", "ALTER TABLE {0} ALTER COLUMN tenant_id SET NOT NULL"},
    Check{"SELECT t.oid::regclass::text, '' FROM tenant_tables t JOIN pg_attribute a "
          "ON a.attrelid = t.oid AND a.attnum = t.tenant JOIN pg_collation l "
          "ON l.oid = a.attcollation WHERE NOT l.collisdeterministic",
          "tenant_id of {0} has a collation by which different tenants are equal",
          "DROP POLICY IF EXISTS tenantry_isolation ON {0}; ALTER TABLE {0} ALTER COLUMN tenant_id "
          "TYPE varchar(255) COLLATE \"C\"; then ask again"},
    Check{
        "SELECT t.oid::regclass::text, '' FROM tenant_tables t WHERE NOT EXISTS (SELECT FROM "
        "pg_policy p WHERE p.polrelid = t.oid AND p.polname = 'tenantry_isolation' "
        "AND p.polcmd = '*' AND p.polpermissive "
        "AND EXISTS (SELECT FROM unnest(p.polroles) r WHERE r = 0 OR pg_has_role(r, 'USAGE')) "
        "AND replace(pg_get_expr(p.polqual, p.polrelid), '{varchar}', '{text}') = '{condition}' "
        "AND replace(pg_get_expr(p.polwithcheck, p.polrelid), '{varchar}', '{text}') "
        "= '{condition}')",
        "{0} has no policy tenantry_isolation that holds the role {2} to its tenant",
        "DROP POLICY IF EXISTS tenantry_isolation ON {0}; CREATE POLICY tenantry_isolation ON {0} "
        "FOR ALL TO {2} USING ({3}) WITH CHECK ({3})"},
    Check{"SELECT t.oid::regclass::text, quote_ident(p.polname) FROM tenant_tables t "
          "JOIN pg_policy p ON p.polrelid = t.oid "
          "WHERE p.polname <> 'tenantry_isolation' AND p.polpermissive "
          "AND EXISTS (SELECT FROM unnest(p.polroles) r WHERE r = 0 OR pg_has_role(r, 'USAGE'))",
          "the policy {1} on {0} lets the role {2} see more than its tenant",
          "DROP POLICY {1} ON {0}"},
    Check{"SELECT t.oid::regclass::text, i.indexrelid::regclass::text FROM tenant_tables t "
          "JOIN pg_index i ON i.indrelid = t.oid WHERE (i.indisunique OR i.indisexclusion) "
          "AND NOT t.tenant = ANY ((i.indkey::int2[])[:i.indnkeyatts - 1])",
          "the unique index {1} of {0} has no tenant_id: a conflict would tell of another tenant's "
          "row",
          "drop {1} (ALTER TABLE {0} DROP CONSTRAINT, or DROP INDEX) and make it anew with "
          "tenant_id in front"},
    Check{"SELECT t.oid::regclass::text, quote_ident(k.conname) FROM tenant_tables t "
          "JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f' "
          "JOIN tenant_tables target ON target.oid = k.confrelid "
          "WHERE NOT (t.tenant = ANY (k.conkey) AND target.tenant = ANY (k.confkey))",
          "the foreign key {1} of {0} has no tenant_id: it could refer to another tenant's row",
          "ALTER TABLE {0} DROP CONSTRAINT {1}; then add it anew with tenant_id in front"},
    Check{"SELECT t.oid::regclass::text, p FROM tenant_tables t, unnest(ARRAY['TRUNCATE', "
          "'REFERENCES', 'TRIGGER']) p WHERE has_table_privilege(t.oid, p)",
          "the role {2} has {1} on {0}, which row-level security doesn't watch",
          "REVOKE {1} ON {0} FROM {2}, PUBLIC"},
    // Of a Supabase project, which gives both roles all rights on what is made in public.
    Check{
        "SELECT t.oid::regclass::text, r.rolname::text FROM tenant_tables t, pg_roles r "
        "WHERE r.rolname IN ('anon', 'authenticated') "
        "AND has_table_privilege(r.oid, t.oid, 'TRUNCATE, REFERENCES, TRIGGER')",
        "the role {1} of the project's Data API has rights on {0} that row-level security doesn't "
        "watch",
        "REVOKE TRUNCATE, REFERENCES, TRIGGER ON {0} FROM {1}, PUBLIC"},
    Check{"SELECT t.oid::regclass::text, quote_ident(p.polname) FROM tenant_tables t "
          "JOIN pg_policy p ON p.polrelid = t.oid "
          "JOIN pg_roles r ON r.oid = ANY (p.polroles) AND r.rolname IN ('anon', 'authenticated') "
          "WHERE p.polpermissive AND NOT (p.polname IN ('tenantry_members_read', "
          "'tenantry_members_write') AND pg_get_expr(p.polqual, p.polrelid) LIKE "
          "'(tenant_id = ( SELECT tenantry.member_tenant(%) AS member_tenant))')",
          "the policy {1} on {0} lets the project's Data API see more than a tenant",
          "DROP POLICY {1} ON {0}; then run as the owner: tenantry migrate"},
    Check{
        "SELECT quote_ident(nspname), '' FROM pg_namespace WHERE nspname IN ('public', 'tenantry') "
        "AND has_schema_privilege(oid, 'CREATE')",
        "the role {2} may create objects in the schema {0}",
        "REVOKE CREATE ON SCHEMA {0} FROM {2}, PUBLIC", About::database},
    Check{"SELECT DISTINCT v.oid::regclass::text, t.oid::regclass::text FROM tenant_tables t "
          "JOIN pg_depend d ON d.refobjid = t.oid AND d.classid = 'pg_rewrite'::regclass "
          "JOIN pg_rewrite w ON w.oid = d.objid JOIN pg_class v ON v.oid = w.ev_class "
          "WHERE v.relkind IN ('v', 'm') AND has_table_privilege(v.oid, 'SELECT') "
          "AND (v.relkind = 'm' OR NOT {runs_as_caller})",
          "the view {0} reads {1} with its owner's rights",
          "ALTER VIEW {0} SET (security_invoker = true); or REVOKE ALL ON {0} FROM {2}, PUBLIC",
          About::second},
    Check{"SELECT f.oid::regprocedure::text, '' FROM pg_proc f "
          "JOIN pg_namespace s ON s.oid = f.pronamespace WHERE f.prosecdef "
          "AND s.nspname NOT IN ('pg_catalog', 'information_schema') "
          "AND has_function_privilege(f.oid, 'EXECUTE') AND has_schema_privilege(s.oid, 'USAGE') "
          "AND NOT EXISTS (SELECT FROM unnest(f.proconfig) o WHERE o LIKE 'search_path=%')",
          "the function {0} runs with its owner's rights and without a search_path of its own",
          "ALTER FUNCTION {0} SET search_path = pg_catalog; or REVOKE EXECUTE ON FUNCTION {0} FROM "
          "{2}, PUBLIC",
          About::database},
};

/// Releases that have all published fixes to row-level security, of each major version.
constexpr std::array<std::pair<int, int>, 3> fixed_releases{{{15, 14}, {16, 10}, {17, 6}}};

void check_version(Findings& out, int version) {
    const int major = version / 10'000;
    const int minor = version % 10'000;
    const auto found = std::ranges::find(fixed_releases, major, &std::pair<int, int>::first);
    if (found == fixed_releases.end() || minor >= found->second) return;
    out.push_back(
        {fmt::format("PostgreSQL {}.{} has known holes in its row-level security", major, minor),
         fmt::format("-- update the server to {}.{} or newer", major, found->second)});
}

std::string role_remedy(const pg::Rows& facts, const std::string& role) {
    if (pg::boolean_at(facts, 0, 1) || pg::boolean_at(facts, 0, 2))
        return fmt::format(
            "ALTER ROLE {0} NOSUPERUSER NOBYPASSRLS; or, better, serve as the role "
            "that tenantry migrate makes",
            role);
    if (const auto roles = pg::text_at(facts, 0, 3); !roles.empty())
        return fmt::format("REVOKE {} FROM {}", roles, role);
    if (!pg::text_at(facts, 0, 4).empty())
        return "-- serve as the role that tenantry migrate makes, and not as the owner";
    return fmt::format("ALTER ROLE {} RESET row_security", role);
}

std::string filled(std::string_view form, const pg::Rows& rows, std::size_t row,
                   const std::string& role) {
    return fmt::format(fmt::runtime(form), pg::text_at(rows, row, 0), pg::text_at(rows, row, 1),
                       role, schema::postgres_policy_condition);
}

void run_check(Findings& out, pg::Client& client, const Check& check, const std::string& role) {
    auto sql = std::string{tenant_tables_sql} + check.sql;
    for (const auto& [name, text] : sql_words) {
        for (auto at = sql.find(name); at != std::string::npos; at = sql.find(name))
            sql.replace(at, name.size(), text);
    }
    const auto found = client.run(sql + " ORDER BY 1, 2");
    for (std::size_t row = 0; row < found.rows.size(); ++row) {
        out.push_back({filled(check.problem, found.rows, row, role),
                       filled(check.remedy, found.rows, row, role),
                       check.about == About::database
                           ? std::string{}
                           : pg::text_at(found.rows, row, check.about == About::first ? 0 : 1)});
    }
}

/// Whether it is one of the catalog's, as the server prints its name.
bool is_own(std::string_view table) {
    return std::ranges::any_of(
        schema::tenant_tables(schema::lead_catalog()), [&](const schema::Relation* relation) {
            return table ==
                   fmt::format("{}.{}", schema::postgres_namespace(*relation), relation->name());
        });
}

/// A table of ours that isn't there, or that the role can't see, is the migration's to mend.
void check_tables(Findings& out, pg::Client& client) {
    for (const auto* table : schema::tenant_tables(schema::lead_catalog())) {
        pg::Arguments arguments;
        arguments.add_text(schema::postgres_name(*table));
        const auto found = client.run(
            "SELECT coalesce(has_table_privilege(to_regclass($1), 'SELECT'), false)", arguments);
        if (pg::boolean_at(found.rows, 0, 0)) continue;
        out.push_back({fmt::format("{} is missing, or not granted to this role",
                                   schema::postgres_name(*table)),
                       "-- run as the owner: tenantry migrate"});
    }
}

}  // namespace

Findings audit(pg::Client& client) {
    Findings out;
    check_version(out, client.server_version());
    const auto facts = client.run(role_facts_sql);
    const auto role = pg::quoted_identifier(pg::text_at(facts.rows, 0, 0));
    if (const auto objection = role_objection(facts.rows)) {
        out.push_back({objection->message, role_remedy(facts.rows, role)});
        // To a superuser all is granted: the other checks would say nothing of use.
        return out;
    }
    check_tables(out, client);
    for (const auto& check : checks) run_check(out, client, check, role);
    return out;
}

Result<Findings> audit(const pg::Url& url, std::chrono::milliseconds patience) {
    return reading_client(url, patience,
                          [](pg::Client& client) -> Result<Findings> { return audit(client); });
}

bool is_about_others(const Finding& finding) {
    return !finding.table.empty() && !is_own(finding.table);
}

Result<void> require_fit(const pg::Url& url, std::chrono::milliseconds patience) {
    auto findings = reading_client(url, patience, [&](pg::Client& client) -> Result<Findings> {
        TENANTRY_TRY_VOID(require_latest(client, url));
        return audit(client);
    });
    if (!findings) return findings.error();
    std::erase_if(*findings, is_about_others);
    if (findings->empty()) return {};
    std::vector<std::string> lines;
    lines.reserve(findings->size());
    for (const auto& finding : *findings)
        lines.push_back(fmt::format("{}; mend it with: {}", finding.problem, finding.remedy));
    return unusable(
        url, fmt::format("the database doesn't keep tenants apart: {}", fmt::join(lines, " | ")));
}

}  // namespace tenantry::engine::postgres
