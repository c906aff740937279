// How the database records changes: by statement, in the transaction of the rows, whoever writes.
//
// The rows that a statement wrote get the next numbers of their tenant. The tenant's row in
// tenant_heads is locked for that until the end of the transaction, which puts the tenant's
// transactions in the order of their commits and leaves no number out; so a reader that has seen a
// number has seen all before it. These triggers come before those of the tallies (triggers of one
// kind run in the order of their names), so that two writers never wait for each other crosswise.
//
// Functions run with the rights of the one who writes, under the same policies.

#include "schema/postgres_schema.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenantry::schema {
namespace {

// TG_ARGV[0]: the columns that no image has.
// {0} insert or delete, {1} its transition table, {2} the image that it has.
//
// Nearly every statement writes one row. Each statement in a function costs about as much as the
// row itself, so that row has two: one looks at it, one gets its number and records it.
constexpr std::string_view record_one_image = R"sql(
CREATE OR REPLACE FUNCTION tenantry.record_{0}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  one record;
BEGIN
  SELECT (SELECT count(*) FROM {1}) AS found, w.tenant_id, w.id,
         to_jsonb(w) - TG_ARGV[0]::text[] AS image INTO one FROM {1} w LIMIT 1;
  IF one.found = 1 THEN
    WITH head AS (
      INSERT INTO tenantry.tenant_heads AS h (tenant_id, seq, epoch)
        VALUES (one.tenant_id, 1, substr(replace(gen_random_uuid()::text, '-', ''), 17))
        ON CONFLICT (tenant_id) DO UPDATE SET seq = h.seq + 1 RETURNING h.seq)
    INSERT INTO tenantry.changes (tenant_id, seq, relation, op, row_id, {2}, committed_at)
      SELECT one.tenant_id, h.seq, TG_TABLE_NAME, '{0}', one.id, one.image, clock_timestamp()
      FROM head h;
  ELSIF one.found > 1 THEN
    WITH heads AS (
      INSERT INTO tenantry.tenant_heads AS h (tenant_id, seq, epoch)
        SELECT w.tenant_id, count(*), substr(replace(gen_random_uuid()::text, '-', ''), 17)
        FROM {1} w GROUP BY w.tenant_id ORDER BY w.tenant_id
        ON CONFLICT (tenant_id) DO UPDATE SET seq = h.seq + excluded.seq
        RETURNING h.tenant_id, h.seq)
    INSERT INTO tenantry.changes (tenant_id, seq, relation, op, row_id, {2}, committed_at)
      SELECT r.tenant_id, h.seq - count(*) OVER own + row_number() OVER own,
             TG_TABLE_NAME, '{0}', r.id, r.image, clock_timestamp()
      FROM (SELECT w.tenant_id, w.id, to_jsonb(w) - TG_ARGV[0]::text[] AS image FROM {1} w) r
      JOIN heads h ON h.tenant_id = r.tenant_id
      WINDOW own AS (PARTITION BY r.tenant_id
                     ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING);
  END IF;
  RETURN NULL;
END $$;
)sql";

constexpr std::string_view record_update = R"sql(
-- The two transition tables have the rows in the same order.
CREATE OR REPLACE FUNCTION tenantry.record_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  one record;
BEGIN
  SELECT (SELECT count(*) FROM new_rows) AS found, n.tenant_id, n.id, to_jsonb(n) AS image,
         to_jsonb(o) AS old_image INTO one FROM new_rows n, old_rows o LIMIT 1;
  IF one.found = 1 THEN
    IF one.image = one.old_image THEN RETURN NULL; END IF;
    WITH head AS (
      INSERT INTO tenantry.tenant_heads AS h (tenant_id, seq, epoch)
        VALUES (one.tenant_id, 1, substr(replace(gen_random_uuid()::text, '-', ''), 17))
        ON CONFLICT (tenant_id) DO UPDATE SET seq = h.seq + 1 RETURNING h.seq)
    INSERT INTO tenantry.changes (tenant_id, seq, relation, op, row_id, "row", old, committed_at)
      SELECT one.tenant_id, h.seq, TG_TABLE_NAME, 'update', one.id,
             one.image - TG_ARGV[0]::text[], one.old_image - TG_ARGV[0]::text[],
             clock_timestamp()
      FROM head h;
  ELSIF one.found > 1 THEN
    WITH changed AS MATERIALIZED (
      SELECT n.place, n.tenant_id, n.id, n.image - TG_ARGV[0]::text[] AS image,
             o.image - TG_ARGV[0]::text[] AS old_image
      FROM (SELECT row_number() OVER () AS place, r.tenant_id, r.id, to_jsonb(r) AS image
            FROM new_rows r) n
      JOIN (SELECT row_number() OVER () AS place, to_jsonb(r) AS image FROM old_rows r) o
        USING (place)
      WHERE n.image <> o.image),
    heads AS (
      INSERT INTO tenantry.tenant_heads AS h (tenant_id, seq, epoch)
        SELECT c.tenant_id, count(*), substr(replace(gen_random_uuid()::text, '-', ''), 17)
        FROM changed c GROUP BY c.tenant_id ORDER BY c.tenant_id
        ON CONFLICT (tenant_id) DO UPDATE SET seq = h.seq + excluded.seq
        RETURNING h.tenant_id, h.seq)
    INSERT INTO tenantry.changes (tenant_id, seq, relation, op, row_id, "row", old, committed_at)
      SELECT c.tenant_id, h.seq - count(*) OVER (PARTITION BY c.tenant_id)
               + row_number() OVER (PARTITION BY c.tenant_id ORDER BY c.place),
             TG_TABLE_NAME, 'update', c.id, c.image, c.old_image, clock_timestamp()
      FROM changed c JOIN heads h ON h.tenant_id = c.tenant_id;
  END IF;
  RETURN NULL;
END $$;
)sql";

constexpr std::string_view triggers = R"sql(
CREATE OR REPLACE TRIGGER {0}_changes_insert AFTER INSERT ON public.{0}
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
  EXECUTE FUNCTION tenantry.record_insert('{1}');
CREATE OR REPLACE TRIGGER {0}_changes_update AFTER UPDATE ON public.{0}
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
  EXECUTE FUNCTION tenantry.record_update('{1}');
CREATE OR REPLACE TRIGGER {0}_changes_delete AFTER DELETE ON public.{0}
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT
  EXECUTE FUNCTION tenantry.record_delete('{1}');
CREATE OR REPLACE TRIGGER {0}_keeps_tenant BEFORE UPDATE OF tenant_id ON public.{0}
  FOR EACH ROW WHEN (NEW.tenant_id <> OLD.tenant_id)
  EXECUTE FUNCTION tenantry.stands('a row stays with its tenant', '42501');
CREATE OR REPLACE TRIGGER {0}_is_not_truncated BEFORE TRUNCATE ON public.{0}
  FOR EACH STATEMENT
  EXECUTE FUNCTION tenantry.stands('TRUNCATE would go unrecorded: use DELETE');
)sql";

std::string unrecorded(const Relation& relation) {
    std::string out = "{tenant_id";
    for (const auto& column : relation.columns()) {
        if (column.type() == ColumnType::sealed) out += ',' + column.name();
    }
    return out + '}';
}

}  // namespace

std::string postgres_changes_sql(const Catalog& catalog) {
    std::string out = fmt::format(record_one_image, "insert", "new_rows", "\"row\"");
    out += fmt::format(record_one_image, "delete", "old_rows", "old");
    out += record_update;
    for (const auto& relation : catalog.relations()) {
        if (!relation->internal())
            out += fmt::format(triggers, relation->name(), unrecorded(*relation));
    }
    return out;
}

}  // namespace tenantry::schema
