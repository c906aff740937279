#include "postgres/role_facts.hpp"

#include <fmt/format.h>

namespace tenantry::engine::postgres {

// Roles that this one is a member of count as well: SET ROLE makes it one of them. On Supabase and
// Neon the roles of the console bypass row-level security, which is the ordinary first mistake.
const std::string role_facts_sql = R"sql(
SELECT current_user::text,
       r.rolsuper,
       r.rolbypassrls,
       (SELECT string_agg(quote_ident(o.rolname), ', ' ORDER BY o.rolname) FROM pg_roles o
        WHERE o.oid <> r.oid AND (o.rolsuper OR o.rolbypassrls) AND NOT r.rolsuper
          AND pg_has_role(r.oid, o.oid, 'MEMBER')),
       (SELECT min(c.oid::regclass::text) ||
               CASE count(*) WHEN 1 THEN '' ELSE ' and ' || count(*) - 1 || ' other tables' END
        FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid AND p.polname = 'tenantry_isolation'
        WHERE c.relowner = r.oid
           OR (NOT r.rolsuper AND pg_has_role(r.oid, c.relowner, 'MEMBER'))),
       current_setting('row_security') = 'on'
FROM pg_roles r WHERE r.rolname = current_user)sql";

std::optional<pg::Failure> role_objection(const pg::Rows& facts) {
    const auto because = [](std::string why) {
        return std::optional{pg::Failure{.message = std::move(why)}};
    };
    if (facts.size() != 1) return because("the role of the connection can't be looked up");
    const auto role = pg::text_at(facts, 0, 0);
    if (pg::boolean_at(facts, 0, 1))
        return because(
            fmt::format("the role {} is a superuser, whom row-level security doesn't hold", role));
    if (pg::boolean_at(facts, 0, 2))
        return because(
            fmt::format("the role {} has BYPASSRLS: row-level security doesn't hold it", role));
    if (const auto roles = pg::text_at(facts, 0, 3); !roles.empty())
        return because(fmt::format(
            "the role {} can become {}, which row-level security doesn't hold", role, roles));
    if (const auto tables = pg::text_at(facts, 0, 4); !tables.empty())
        return because(
            fmt::format("the role {} owns, or can become the owner of, {}", role, tables));
    if (!pg::boolean_at(facts, 0, 5)) return because("row_security is off on this connection");
    return std::nullopt;
}

pg::Segment role_greeting() {
    pg::Segment segment;
    segment.calls.push_back({.text = role_facts_sql});
    return segment;
}

std::optional<pg::Failure> greeting_objection(const pg::Outcome& outcome) {
    return role_objection(outcome.answers[0].rows);
}

}  // namespace tenantry::engine::postgres
