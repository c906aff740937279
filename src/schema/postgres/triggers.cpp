// What the database itself keeps true, whoever writes: updated_at, what stands once it is written,
// and the tallies of everything but leads.
//
// A tally is kept by statement: one trigger for each kind of change looks at the rows that came and
// went, sums them up and adds the sums, in the order of their keys, so that two writers never wait
// for each other crosswise. Functions run with the rights of the one who writes, under the same
// policies.

#include "postgres/recording.hpp"
#include "schema/postgres_schema.hpp"

#include <fmt/format.h>

namespace tenantry::schema {
namespace {

constexpr std::string_view functions = R"sql(
CREATE OR REPLACE FUNCTION tenantry.must_match(n bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  IF n = 0 THEN RAISE EXCEPTION 'no row is as the request expects it' USING ERRCODE = 'TY404'; END IF;
  RETURN true;
END $$;

CREATE OR REPLACE FUNCTION tenantry.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := greatest(OLD.updated_at + interval '1 microsecond', clock_timestamp());
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION tenantry.stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = coalesce(TG_ARGV[1], 'P0001');
END $$;

CREATE OR REPLACE TRIGGER leads_created_once BEFORE UPDATE OF created_at ON public.leads
  FOR EACH ROW WHEN (NEW.created_at <> OLD.created_at)
  EXECUTE FUNCTION tenantry.stands('created_at stands');
CREATE OR REPLACE TRIGGER events_append_only
  BEFORE UPDATE OF tenant_id, id, lead_id, type, source, content, data, direction, timestamp,
                   metadata, created_at ON public.events
  FOR EACH ROW EXECUTE FUNCTION tenantry.stands('events are append-only');
CREATE OR REPLACE TRIGGER events_agent_stands BEFORE UPDATE OF agent_id ON public.events
  FOR EACH ROW WHEN (NEW.agent_id IS NOT NULL)
  EXECUTE FUNCTION tenantry.stands('events are append-only');
CREATE OR REPLACE TRIGGER approvals_are_decided_once BEFORE UPDATE OF status ON public.approvals
  FOR EACH ROW WHEN (NEW.status <> OLD.status
    AND NOT (OLD.status = 'pending' AND NEW.status IN ('approved', 'rejected'))
    AND NOT (OLD.status = 'approved' AND NEW.status IN ('sent', 'failed')))
  EXECUTE FUNCTION tenantry.stands('an approval is decided once');

-- The figures that the server keeps of an agent are no edit of the agent.
CREATE OR REPLACE TRIGGER agents_updated_at
  BEFORE UPDATE OF name, email, phone, license_number, brokerage, specialties, status ON public.agents
  FOR EACH ROW WHEN (NEW.updated_at <= OLD.updated_at) EXECUTE FUNCTION tenantry.touch();
)sql";

constexpr std::string_view touch_trigger = R"sql(
CREATE OR REPLACE TRIGGER {0}_updated_at BEFORE UPDATE ON public.{0}
  FOR EACH ROW WHEN (NEW.updated_at <= OLD.updated_at) EXECUTE FUNCTION tenantry.touch();
)sql";

constexpr std::string_view approval_tally = R"sql(
CREATE OR REPLACE FUNCTION tenantry.tally_approvals_{op}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO tenantry.approval_counts AS t (tenant_id, status, n)
    SELECT r.tenant_id, r.status, sum(r.d) FROM ({rows}) r
    GROUP BY r.tenant_id, r.status HAVING sum(r.d) <> 0 ORDER BY r.tenant_id, r.status
    ON CONFLICT (tenant_id, status) DO UPDATE SET n = t.n + excluded.n;
  {ends}
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER approvals_tally_{op} AFTER {op} ON public.approvals
  REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION tenantry.tally_approvals_{op}();
)sql";

constexpr std::string_view approval_ends =
    R"sql(DELETE FROM tenantry.approval_counts t USING ({rows}) r
    WHERE t.tenant_id = r.tenant_id AND t.status = r.status AND t.n = 0;)sql";

constexpr std::string_view row_tally = R"sql(
CREATE OR REPLACE FUNCTION tenantry.tally_rows_{op}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO tenantry.row_counts AS t (tenant_id, relation, n)
    SELECT r.tenant_id, TG_TABLE_NAME, sum(r.d) FROM ({rows}) r GROUP BY r.tenant_id
    ORDER BY r.tenant_id
    ON CONFLICT (tenant_id, relation) DO UPDATE SET n = t.n + excluded.n;
  {ends}
  RETURN NULL;
END $$;
)sql";

constexpr std::string_view row_ends =
    R"sql(DELETE FROM tenantry.row_counts t USING ({rows}) r
    WHERE t.tenant_id = r.tenant_id AND t.relation = TG_TABLE_NAME AND t.n = 0;)sql";

constexpr std::string_view row_tally_trigger = R"sql(
CREATE OR REPLACE TRIGGER {relation}_rows_{op} AFTER {op} ON public.{relation}
  REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION tenantry.tally_rows_{op}();
)sql";

// Whoever remembers how somebody stands to a tenant, or what a key is good for, remembers the
// tenant's standing_version with it: it is another one once that may have changed. One that is
// random never comes back, not even with a tenant of the same name.
constexpr std::string_view standings = R"sql(
CREATE OR REPLACE FUNCTION tenantry.standing_changed() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what was known of the principal no longer holds' USING ERRCODE = 'TY403';
END $$;

CREATE OR REPLACE FUNCTION tenantry.change_own_standing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.standing_version := gen_random_uuid();
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER tenants_standing
  BEFORE UPDATE OF id, status, settings ON tenantry.tenants
  FOR EACH ROW EXECUTE FUNCTION tenantry.change_own_standing();

CREATE OR REPLACE FUNCTION tenantry.change_standing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE tenantry.tenants SET standing_version = gen_random_uuid()
    WHERE id IN (OLD.tenant_id, NEW.tenant_id);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER memberships_standing AFTER INSERT OR UPDATE OR DELETE
  ON tenantry.memberships FOR EACH ROW EXECUTE FUNCTION tenantry.change_standing();
CREATE OR REPLACE TRIGGER api_keys_standing
  AFTER INSERT OR DELETE OR UPDATE OF tenant_id, role, hash, expires_at, revoked_at
  ON tenantry.api_keys FOR EACH ROW EXECUTE FUNCTION tenantry.change_standing();
)sql";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

/// `ends`: lets go of what has come to zero.
std::string filled(std::string_view form, RowChange change, std::string_view ends = {}) {
    std::string text{form};
    text = replaced(std::move(text), "{ends}", change == RowChange::insert ? "" : ends);
    text = replaced(std::move(text), "{op}", name_of(change));
    text = replaced(std::move(text), "{tables}", transition_tables(change));
    return replaced(std::move(text), "{rows}", signed_rows(change));
}

}  // namespace

std::string postgres_triggers_sql(const Catalog& catalog) {
    std::string out{functions};
    out += standings;
    for (const auto* name : {"leads", "contacts", "icp_profiles", "identities", "approvals"})
        out += fmt::format(touch_trigger, name);
    for (const auto change : row_changes) {
        out += filled(approval_tally, change, approval_ends);
        if (change == RowChange::update) continue;  // no row changes its tenant
        out += filled(row_tally, change, row_ends);
        for (const auto& relation : catalog.relations()) {
            // Leads are counted by status, and nobody asks how many internal rows there are.
            if (relation->internal() || relation->name() == "leads") continue;
            out += replaced(filled(row_tally_trigger, change), "{relation}", relation->name());
        }
    }
    return out;
}

}  // namespace tenantry::schema
