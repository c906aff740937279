// A Supabase project serves its database by an API of its own, PostgREST, as the roles `anon` and
// `authenticated`, and gives these all rights on whatever is made in the schema public. They get
// here what a tenant's member may do through the server, and what the server alone can answer for
// (deciding on approvals, what is sealed) they don't get.

#include "schema/postgres_schema.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenantry::schema {
namespace {

// The rule of auth::ScopeIssuer: a signed token vouches for its subject, unless that is a user
// here, who must be a member, and whose role says whether to write. Only the service sets
// app_metadata.
constexpr std::string_view member_tenant = R"sql(
CREATE OR REPLACE FUNCTION tenantry.member_tenant(writes boolean) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT t.id
  FROM (SELECT nullif(current_setting('request.jwt.claims', true), '')::jsonb AS claims) token
  JOIN tenantry.tenants t ON t.id = token.claims -> 'app_metadata' ->> 'tenant_id'
    AND t.id = coalesce(token.claims ->> 'tenant_id', t.id)
  LEFT JOIN tenantry.users u ON u.id = CASE WHEN token.claims ->> 'sub' ~
    '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' THEN (token.claims ->> 'sub')::uuid END
  LEFT JOIN tenantry.memberships m ON m.tenant_id = t.id AND m.user_id = u.id
  WHERE t.status = 'active' AND (u.id IS NULL OR m.role IS NOT NULL)
    AND NOT (writes AND m.role IS NOT DISTINCT FROM 'viewer')
$$;
REVOKE ALL ON FUNCTION tenantry.member_tenant(boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenantry.member_tenant(boolean) TO authenticated;
GRANT USAGE ON SCHEMA public, tenantry TO authenticated;
)sql";

// As subqueries, so that the function runs once a statement.
constexpr std::string_view policies = R"sql(
DROP POLICY IF EXISTS "tenantry_members_read" ON {0};
CREATE POLICY "tenantry_members_read" ON {0} FOR SELECT TO authenticated
  USING (tenant_id = (SELECT tenantry.member_tenant(false)));
DROP POLICY IF EXISTS "tenantry_members_write" ON {0};
CREATE POLICY "tenantry_members_write" ON {0} FOR ALL TO authenticated
  USING (tenant_id = (SELECT tenantry.member_tenant(true)))
  WITH CHECK (tenant_id = (SELECT tenantry.member_tenant(true)));
)sql";

std::string open_columns(const Relation& relation) {
    std::string out;
    for (const auto& column : relation.columns()) {
        if (column.type() == ColumnType::sealed) continue;
        out += fmt::format("{}\"{}\"", out.empty() ? "" : ", ", column.name());
    }
    return out;
}

void add_grants(std::string& out, const Relation& relation) {
    const auto name = postgres_name(relation);
    const auto columns = open_columns(relation);
    out += fmt::format("GRANT SELECT ({}) ON {} TO authenticated;\n", columns, name);
    // Who decides on an approval is the server's word, not the client's.
    if (relation.name() == "approvals") return;
    out += fmt::format("GRANT INSERT ({}) ON {} TO authenticated;\n", columns, name);
    if (relation.append_only() || relation.name() == "changes") return;
    if (relation.is_log()) {
        out += fmt::format("GRANT UPDATE ({}) ON {} TO authenticated;\n", columns, name);
        return;
    }
    out += fmt::format("GRANT UPDATE ({0}), DELETE ON {1} TO authenticated;\n", columns, name);
}

}  // namespace

std::string postgres_data_api_sql(const Catalog& catalog) {
    std::string out{member_tenant};
    for (const auto& table : postgres_control_tables())
        out += fmt::format("REVOKE ALL ON \"tenantry\".\"{}\" FROM PUBLIC, anon, authenticated;\n",
                           table.name);
    for (const auto* relation : tenant_tables(catalog)) {
        const auto name = postgres_name(*relation);
        out += fmt::format("REVOKE ALL ON {} FROM PUBLIC, anon, authenticated;\n", name);
        if (relation->internal()) continue;
        out += fmt::format(policies, name);
        add_grants(out, *relation);
    }
    return out;
}

std::size_t postgres_data_api_policies(const Catalog& catalog) {
    const auto tables = tenant_tables(catalog);
    return 2 * static_cast<std::size_t>(std::ranges::count_if(
                   tables, [](const Relation* relation) { return !relation->internal(); }));
}

}  // namespace tenantry::schema
