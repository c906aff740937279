#pragma once
/// The schema as PostgreSQL has it, made of the catalog: so the two engines can't drift apart. What
/// the catalog doesn't know (control relations, triggers that keep tallies) is written out.
///
/// Relations that clients name are in the schema `public`, where a project's other tools look for
/// them; tallies, what is internal and the control relations are in `tenantry`.
/// Threads: pure functions. All names are checked or quoted; nothing here comes from a request.

#include "schema/catalog.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tenantry::schema {

/// The version of the schema that this program works with, the same on every engine.
int latest_version();

/// `public` or `tenantry`.
std::string_view postgres_namespace(const Relation& relation) noexcept;
/// `"public"."leads"`.
std::string postgres_name(const Relation& relation);
/// Relations and tallies: all that hold tenants' rows.
std::vector<const Relation*> tenant_tables(const Catalog& catalog);

/// The native type, with its collation.
std::string postgres_type(const Column& column);

/// A table of the platform itself, in the schema `tenantry`.
struct ControlTable {
    std::string_view name;
    std::string_view definition;  // what stands between the parentheses
    std::string_view grants;      // what the application role may do: "SELECT, INSERT"
};
std::vector<ControlTable> postgres_control_tables();

/// What the application role may do with a tenant relation or tally: "SELECT, INSERT, …".
std::string_view postgres_grants(const Relation& relation) noexcept;

/// The name and the condition of the policy that each tenant table has, for USING and WITH CHECK.
inline constexpr std::string_view postgres_policy_name = "tenantry_isolation";
inline constexpr std::string_view postgres_policy_condition =
    "tenant_id = NULLIF(current_setting('app.tenant_id', true), '')";

/// Forced row-level security with that policy for `role`. To be run as the table's owner, again and
/// again if need be.
std::string postgres_isolation_sql(const Relation& relation, std::string_view role);
/// Exactly the grants that `role` needs.
std::string postgres_grants_sql(const Catalog& catalog, std::string_view role);

/// What makes a Supabase project's own Data API keep tenants apart, whose roles `anon` and
/// `authenticated` must exist: no rights for the first, and for the second those of a tenant's
/// member, as the token's `app_metadata.tenant_id` names the tenant. To be run as the owner, after
/// everything else, again and again if need be.
std::string postgres_data_api_sql(const Catalog& catalog);
/// How many policies named `tenantry_members…` there are afterwards.
std::size_t postgres_data_api_policies(const Catalog& catalog);

/// Functions and triggers: what stands, and tallies.
std::string postgres_triggers_sql(const Catalog& catalog);
/// Functions and triggers that record changes.
std::string postgres_changes_sql(const Catalog& catalog);

/// All of it: statements for the owner, in one transaction. `role`, the application role, must
/// exist. `fresh` when there is nothing of ours yet: then a table of the same name is an error;
/// otherwise what is there already is left as it is and what is missing is added.
std::string postgres_schema_sql(const Catalog& catalog, std::string_view role, bool fresh);

}  // namespace tenantry::schema
