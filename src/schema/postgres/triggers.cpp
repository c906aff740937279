// What the database itself keeps true, whoever writes: updated_at, what stands once it is written,
// and the tallies.
//
// A tally is kept by statement: one trigger for each kind of change looks at the rows that came and
// went, sums them up and adds the sums, in the order of their keys, so that two writers never wait
// for each other crosswise. Functions run with the rights of the one who writes, under the same
// policies.

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

// {rows}: each row that came with d = 1, each that went with d = -1.
constexpr std::string_view lead_tallies = R"sql(
CREATE OR REPLACE FUNCTION tenantry.tally_leads_{op}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  {guard}
  INSERT INTO tenantry.lead_counts AS t (tenant_id, status, n)
    SELECT r.tenant_id, r.status, sum(r.d) FROM ({rows}) r
    GROUP BY r.tenant_id, r.status HAVING sum(r.d) <> 0 ORDER BY r.tenant_id, r.status
    ON CONFLICT (tenant_id, status) DO UPDATE SET n = t.n + excluded.n;
  INSERT INTO tenantry.lead_sources AS t (tenant_id, source, n)
    SELECT r.tenant_id, coalesce(r.source, ''), sum(r.d) FROM ({rows}) r
    GROUP BY 1, 2 HAVING sum(r.d) <> 0 ORDER BY 1, 2
    ON CONFLICT (tenant_id, source) DO UPDATE SET n = t.n + excluded.n;
  INSERT INTO tenantry.lead_days AS t (tenant_id, day, created, converted)
    SELECT r.tenant_id, (r.created_at AT TIME ZONE 'UTC')::date - DATE '1970-01-01',
           sum(r.d), sum(CASE WHEN r.status = 'converted' THEN r.d ELSE 0 END)
    FROM ({rows}) r GROUP BY 1, 2
    HAVING sum(r.d) <> 0 OR sum(CASE WHEN r.status = 'converted' THEN r.d ELSE 0 END) <> 0
    ORDER BY 1, 2
    ON CONFLICT (tenant_id, day) DO UPDATE
      SET created = t.created + excluded.created, converted = t.converted + excluded.converted;
  IF EXISTS (SELECT FROM ({rows}) r WHERE r.assigned_agent IS NOT NULL) THEN
    INSERT INTO tenantry.agent_leads AS t (tenant_id, agent, assigned, active, converted)
      SELECT r.tenant_id, r.assigned_agent, sum(r.d),
             sum(CASE WHEN r.status IN ('new', 'contacted', 'qualified') THEN r.d ELSE 0 END),
             sum(CASE WHEN r.status = 'converted' THEN r.d ELSE 0 END)
      FROM ({rows}) r WHERE r.assigned_agent IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
      ON CONFLICT (tenant_id, agent) DO UPDATE SET assigned = t.assigned + excluded.assigned,
        active = t.active + excluded.active, converted = t.converted + excluded.converted;
    UPDATE public.agents a SET active_leads = t.active,
        conversion_rate =
          CASE WHEN t.assigned > 0 THEN round(100.0 * t.converted / t.assigned, 2) ELSE 0 END
      FROM tenantry.agent_leads t
      WHERE a.tenant_id = t.tenant_id AND a.id = t.agent AND (t.tenant_id, t.agent) IN
        (SELECT r.tenant_id, r.assigned_agent FROM ({rows}) r);
  END IF;
  {ends}
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER leads_tally_{op} AFTER {op} ON public.leads {tables}
  FOR EACH STATEMENT EXECUTE FUNCTION tenantry.tally_leads_{op}();
)sql";

// Most leads come one by one and are nobody's.
constexpr std::string_view one_lead = R"sql(DECLARE
    one record;
  BEGIN
    SELECT (SELECT count(*) FROM new_rows) AS found, n.tenant_id, n.status,
           coalesce(n.source, '') AS source, n.assigned_agent,
           (n.created_at AT TIME ZONE 'UTC')::date - DATE '1970-01-01' AS day,
           CASE WHEN n.status = 'converted' THEN 1 ELSE 0 END AS converted
      INTO one FROM new_rows n LIMIT 1;
    IF one.found = 1 AND one.assigned_agent IS NULL THEN
      WITH counted AS (
        INSERT INTO tenantry.lead_counts AS t (tenant_id, status, n)
          VALUES (one.tenant_id, one.status, 1)
          ON CONFLICT (tenant_id, status) DO UPDATE SET n = t.n + 1),
      sources AS (
        INSERT INTO tenantry.lead_sources AS t (tenant_id, source, n)
          VALUES (one.tenant_id, one.source, 1)
          ON CONFLICT (tenant_id, source) DO UPDATE SET n = t.n + 1)
      INSERT INTO tenantry.lead_days AS t (tenant_id, day, created, converted)
        VALUES (one.tenant_id, one.day, 1, one.converted)
        ON CONFLICT (tenant_id, day) DO UPDATE
          SET created = t.created + 1, converted = t.converted + excluded.converted;
      RETURN NULL;
    END IF;
  END;)sql";

// Most changes of a lead touch no tally, and most of the others are one lead's new status: of that
// the sums are known, and only a count that has come to zero can have to go. The two statuses are
// counted in the order of their keys, too.
constexpr std::string_view lead_guard = R"sql(DECLARE
    one record;
    step integer;
    least_n bigint;
  BEGIN
    SELECT count(*) AS leads, count(o.assigned_agent) + count(n.assigned_agent) AS agents,
           min(n.tenant_id) AS tenant, min(o.status) AS was, min(n.status) AS is_now,
           min(coalesce(o.source, '')) AS source_was, min(coalesce(n.source, '')) AS source_is,
           (min(n.created_at) AT TIME ZONE 'UTC')::date - DATE '1970-01-01' AS day
      INTO one FROM old_rows o JOIN new_rows n USING (tenant_id, id)
      WHERE (o.status, o.source, o.assigned_agent)
        IS DISTINCT FROM (n.status, n.source, n.assigned_agent);
    IF one.leads = 0 THEN RETURN NULL; END IF;
    IF one.leads = 1 AND one.agents = 0 AND one.was <> one.is_now
        AND one.source_was = one.source_is THEN
      step := CASE WHEN one.was < one.is_now THEN 1 ELSE -1 END;
      WITH changed AS (
        INSERT INTO tenantry.lead_counts AS t (tenant_id, status, n)
          VALUES (one.tenant, least(one.was, one.is_now), -step),
                 (one.tenant, greatest(one.was, one.is_now), step)
          ON CONFLICT (tenant_id, status) DO UPDATE SET n = t.n + excluded.n RETURNING t.n)
        SELECT min(n) INTO least_n FROM changed;
      IF least_n = 0 THEN
        DELETE FROM tenantry.lead_counts
          WHERE tenant_id = one.tenant AND status = one.was AND n = 0;
      END IF;
      IF 'converted' IN (one.was, one.is_now) THEN
        INSERT INTO tenantry.lead_days AS t (tenant_id, day, created, converted)
          VALUES (one.tenant, one.day, 0, CASE WHEN one.is_now = 'converted' THEN 1 ELSE -1 END)
          ON CONFLICT (tenant_id, day) DO UPDATE SET converted = t.converted + excluded.converted;
      END IF;
      RETURN NULL;
    END IF;
  END;)sql";

// A tally's row goes when its counts are all zero, so that nothing is left of a tenant whose rows
// are gone.
constexpr std::string_view lead_ends = R"sql(DELETE FROM tenantry.lead_counts t USING ({rows}) r
    WHERE t.tenant_id = r.tenant_id AND t.status = r.status AND t.n = 0;
  DELETE FROM tenantry.lead_sources t USING ({rows}) r
    WHERE t.tenant_id = r.tenant_id AND t.source = coalesce(r.source, '') AND t.n = 0;
  DELETE FROM tenantry.lead_days t USING ({rows}) r
    WHERE t.tenant_id = r.tenant_id
      AND t.day = (r.created_at AT TIME ZONE 'UTC')::date - DATE '1970-01-01' AND t.created = 0;
  DELETE FROM tenantry.agent_leads t USING ({rows}) r
    WHERE t.tenant_id = r.tenant_id AND t.agent = r.assigned_agent AND t.assigned = 0;)sql";

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
CREATE OR REPLACE TRIGGER approvals_tally_{op} AFTER {op} ON public.approvals {tables}
  FOR EACH STATEMENT EXECUTE FUNCTION tenantry.tally_approvals_{op}();
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
CREATE OR REPLACE TRIGGER {relation}_rows_{op} AFTER {op} ON public.{relation} {tables}
  FOR EACH STATEMENT EXECUTE FUNCTION tenantry.tally_rows_{op}();
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

struct Change {
    std::string_view op;
    std::string_view rows;
    std::string_view tables;
};
constexpr Change changes[] = {
    {"insert", "SELECT n.*, 1 AS d FROM new_rows n", "REFERENCING NEW TABLE AS new_rows"},
    {"delete", "SELECT o.*, -1 AS d FROM old_rows o", "REFERENCING OLD TABLE AS old_rows"},
    {"update", "SELECT n.*, 1 AS d FROM new_rows n UNION ALL SELECT o.*, -1 AS d FROM old_rows o",
     "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows"},
};

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

/// `guard`: what may answer at once; `ends`: lets go of what has come to zero.
std::string filled(std::string_view form, const Change& change, std::string_view guard,
                   std::string_view ends) {
    std::string text{form};
    text = replaced(std::move(text), "{guard}", guard);
    text = replaced(std::move(text), "{ends}", change.op == "insert" ? "" : ends);
    text = replaced(std::move(text), "{op}", change.op);
    text = replaced(std::move(text), "{tables}", change.tables);
    return replaced(std::move(text), "{rows}", change.rows);
}

std::string_view lead_guard_of(const Change& change) {
    if (change.op == "insert") return one_lead;
    return change.op == "update" ? lead_guard : "";
}

}  // namespace

std::string postgres_triggers_sql(const Catalog& catalog) {
    std::string out{functions};
    out += standings;
    for (const auto* name : {"leads", "contacts", "icp_profiles", "identities", "approvals"})
        out += fmt::format(touch_trigger, name);
    for (const auto& change : changes) {
        out += filled(lead_tallies, change, lead_guard_of(change), lead_ends);
        out += filled(approval_tally, change, "", approval_ends);
        if (change.op == "update") continue;  // no row changes its tenant
        out += filled(row_tally, change, "", row_ends);
        for (const auto& relation : catalog.relations()) {
            // Leads are counted by status, and nobody asks how many internal rows there are.
            if (relation->internal() || relation->name() == "leads") continue;
            out +=
                replaced(filled(row_tally_trigger, change, "", ""), "{relation}", relation->name());
        }
    }
    return out;
}

}  // namespace tenantry::schema
