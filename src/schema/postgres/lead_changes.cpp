// Leads are recorded and counted by the same functions. The tallies' rows are written once the
// tenant's row in tenant_heads is locked, so no two writers wait for each other crosswise.

#include "postgres/recording.hpp"

#include <fmt/format.h>

namespace tenantry::schema {
namespace {

// {rows}: each row that came with d = 1, each that went with d = -1.
constexpr std::string_view tallies = R"sql(
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
  END IF;)sql";

// A tally's row goes when its counts are all zero, so that nothing is left of a tenant whose rows
// are gone.
constexpr std::string_view ends = R"sql(
  DELETE FROM tenantry.lead_counts t USING ({rows}) r
    WHERE t.tenant_id = r.tenant_id AND t.status = r.status AND t.n = 0;
  DELETE FROM tenantry.lead_sources t USING ({rows}) r
    WHERE t.tenant_id = r.tenant_id AND t.source = coalesce(r.source, '') AND t.n = 0;
  DELETE FROM tenantry.lead_days t USING ({rows}) r
    WHERE t.tenant_id = r.tenant_id
      AND t.day = (r.created_at AT TIME ZONE 'UTC')::date - DATE '1970-01-01' AND t.created = 0;
  DELETE FROM tenantry.agent_leads t USING ({rows}) r
    WHERE t.tenant_id = r.tenant_id AND t.agent = r.assigned_agent AND t.assigned = 0;)sql";

// Most leads come one by one and are nobody's: recorded and counted in one statement.
constexpr std::string_view look_inserted =
    R"sql(, n.status, coalesce(n.source, '') AS source, n.assigned_agent,
         (n.created_at AT TIME ZONE 'UTC')::date - DATE '1970-01-01' AS day,
         CASE WHEN n.status = 'converted' THEN 1 ELSE 0 END AS converted)sql";
constexpr std::string_view plain_insert = R"sql(IF one.assigned_agent IS NULL THEN
      WITH {head},
      recorded AS (
        {record_one}),
      counts AS (
        INSERT INTO tenantry.lead_counts AS t (tenant_id, status, n)
          SELECT one.tenant_id, one.status, 1 FROM head
          ON CONFLICT (tenant_id, status) DO UPDATE SET n = t.n + 1),
      sources AS (
        INSERT INTO tenantry.lead_sources AS t (tenant_id, source, n)
          SELECT one.tenant_id, one.source, 1 FROM head
          ON CONFLICT (tenant_id, source) DO UPDATE SET n = t.n + 1)
      INSERT INTO tenantry.lead_days AS t (tenant_id, day, created, converted)
        SELECT one.tenant_id, one.day, 1, one.converted FROM head
        ON CONFLICT (tenant_id, day) DO UPDATE
          SET created = t.created + 1, converted = t.converted + excluded.converted;
      RETURN NULL;
    END IF;)sql";

// Most updates touch no tally, and most of the others are one lead's new status: of that the sums
// are known, and only the count of what it was can have come to zero.
constexpr std::string_view look_updated =
    R"sql(, o.status AS was, n.status AS is_now,
         (n.created_at AT TIME ZONE 'UTC')::date - DATE '1970-01-01' AS day,
         (o.status, o.source, o.assigned_agent)
           IS DISTINCT FROM (n.status, n.source, n.assigned_agent) AS counted,
         o.source IS NOT DISTINCT FROM n.source
           AND o.assigned_agent IS NULL AND n.assigned_agent IS NULL AS plain)sql";
constexpr std::string_view plain_update = R"sql(IF one.counted AND one.plain THEN
    DECLARE
      ended text;  -- a status that no lead has any more
    BEGIN
      WITH {head},
      recorded AS (
        {record_one}),
      counts AS (
        INSERT INTO tenantry.lead_counts AS t (tenant_id, status, n)
          SELECT one.tenant_id, c.status, c.n
            FROM head, (VALUES (one.was, -1), (one.is_now, 1)) c (status, n)
          ON CONFLICT (tenant_id, status) DO UPDATE SET n = t.n + excluded.n
          RETURNING t.status, t.n)
      SELECT c.status INTO ended FROM counts c WHERE c.n = 0;
      IF ended IS NOT NULL THEN
        DELETE FROM tenantry.lead_counts t
          WHERE t.tenant_id = one.tenant_id AND t.status = ended AND t.n = 0;
      END IF;
      IF 'converted' IN (one.was, one.is_now) THEN
        INSERT INTO tenantry.lead_days AS t (tenant_id, day, created, converted)
          VALUES (one.tenant_id, one.day, 0, CASE WHEN one.is_now = 'converted' THEN 1 ELSE -1 END)
          ON CONFLICT (tenant_id, day) DO UPDATE SET converted = t.converted + excluded.converted;
      END IF;
      RETURN NULL;
    END;
    END IF;)sql";
constexpr std::string_view uncounted_one = "IF NOT one.counted THEN RETURN NULL; END IF;";
constexpr std::string_view uncounted_many = R"sql(IF NOT EXISTS (
        SELECT FROM old_rows o LEFT JOIN new_rows n USING (tenant_id, id)
          WHERE (o.status, o.source, o.assigned_agent)
            IS DISTINCT FROM (n.status, n.source, n.assigned_agent)) THEN
      RETURN NULL;
    END IF;)sql";

// Until version 7 leads were counted by functions of their own.
constexpr std::string_view earlier = R"sql(
DROP TRIGGER IF EXISTS leads_tally_{op} ON public.leads;
DROP FUNCTION IF EXISTS tenantry.tally_leads_{op}();
)sql";

std::string counted(RowChange change) {
    auto form = std::string{tallies};
    if (change != RowChange::insert) form += ends;
    return fmt::format(fmt::runtime(form), fmt::arg("rows", signed_rows(change)));
}

Besides counting(RowChange change) {
    Besides out{.at_the_end = counted(change)};
    const auto recording = [change](std::string_view form) {
        return fmt::format(fmt::runtime(form), fmt::arg("head", head_of_one),
                           fmt::arg("record_one", record_one(change)));
    };
    if (change == RowChange::insert) {
        out.columns = look_inserted;
        out.instead_for_one = recording(plain_insert);
    } else if (change == RowChange::update) {
        out.columns = look_updated;
        out.instead_for_one = recording(plain_update);
        out.after_one = uncounted_one;
        out.after_many = uncounted_many;
    }
    return out;
}

}  // namespace

std::string record_leads_sql() {
    std::string out;
    for (const auto change : row_changes) {
        out += recording_function("record_leads", change, counting(change));
        out += fmt::format(earlier, fmt::arg("op", name_of(change)));
    }
    return out;
}

}  // namespace tenantry::schema
