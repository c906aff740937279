#include "recording.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace tenantry::schema {
namespace {

constexpr std::string_view recording_form = R"sql(
CREATE OR REPLACE FUNCTION tenantry.{name}_{op}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  one record;
BEGIN
  {look}
  IF one.more IS NULL THEN RETURN NULL; END IF;
  IF NOT one.more THEN
    {unchanged}
    {instead_for_one}
    WITH {head}
    {record_one};
    {after_one}
  ELSE
    {record_many}
    {after_many}
  END IF;
  {at_the_end}
  RETURN NULL;
END $$;
)sql";

// {0} insert or delete, {1} its transition table, {2} the image that it has.
constexpr std::string_view many_images = R"sql(
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
                     ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING);)sql";

// The two transition tables have the rows in the same order.
constexpr std::string_view many_updates = R"sql(
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
      FROM changed c JOIN heads h ON h.tenant_id = c.tenant_id;)sql";

std::string_view rows_of(RowChange change) {
    return change == RowChange::remove ? "old_rows o" : "new_rows n";
}

std::string_view images_of(RowChange change) {
    switch (change) {
    case RowChange::insert: return "\"row\"";
    case RowChange::update: return "\"row\", old";
    case RowChange::remove: return "old";
    }
    std::abort();
}

std::string look_at_one(RowChange change, std::string_view columns) {
    const bool update = change == RowChange::update;
    const auto rows = rows_of(change);
    return fmt::format(
        "SELECT EXISTS (SELECT FROM {0} OFFSET 1) AS more, {1}.tenant_id, {1}.id, "
        "to_jsonb({1}) AS image{2}{3} INTO one FROM {0}{4} LIMIT 1;",
        rows, rows.back(), update ? ", to_jsonb(o) AS old_image" : "", columns,
        update ? ", old_rows o" : "");
}

/// An update that leaves the row as it was is no change.
std::string_view leave_unchanged(RowChange change) {
    return change == RowChange::update ? "IF one.image = one.old_image THEN RETURN NULL; END IF;"
                                       : "";
}

std::string record_many(RowChange change) {
    if (change == RowChange::update) return std::string{many_updates};
    const auto rows = rows_of(change);
    return fmt::format(many_images, name_of(change), rows.substr(0, rows.find(' ')),
                       images_of(change));
}

}  // namespace

std::string_view name_of(RowChange change) noexcept {
    switch (change) {
    case RowChange::insert: return "insert";
    case RowChange::update: return "update";
    case RowChange::remove: return "delete";
    }
    std::abort();
}

std::string_view transition_tables(RowChange change) noexcept {
    switch (change) {
    case RowChange::insert: return "NEW TABLE AS new_rows";
    case RowChange::update: return "OLD TABLE AS old_rows NEW TABLE AS new_rows";
    case RowChange::remove: return "OLD TABLE AS old_rows";
    }
    std::abort();
}

std::string_view signed_rows(RowChange change) noexcept {
    switch (change) {
    case RowChange::insert: return "SELECT n.*, 1 AS d FROM new_rows n";
    case RowChange::update:
        return "SELECT n.*, 1 AS d FROM new_rows n UNION ALL SELECT o.*, -1 AS d FROM old_rows o";
    case RowChange::remove: return "SELECT o.*, -1 AS d FROM old_rows o";
    }
    std::abort();
}

std::string record_one(RowChange change) {
    return fmt::format(
        R"sql(INSERT INTO tenantry.changes
          (tenant_id, seq, relation, op, row_id, {1}, committed_at)
        SELECT one.tenant_id, h.seq, TG_TABLE_NAME, '{0}', one.id,
               one.image - TG_ARGV[0]::text[]{2}, clock_timestamp() FROM head h)sql",
        name_of(change), images_of(change),
        change == RowChange::update ? ", one.old_image - TG_ARGV[0]::text[]" : "");
}

std::string recording_function(std::string_view name, RowChange change, const Besides& besides) {
    return fmt::format(
        recording_form, fmt::arg("name", name), fmt::arg("op", name_of(change)),
        fmt::arg("look", look_at_one(change, besides.columns)),
        fmt::arg("unchanged", leave_unchanged(change)),
        fmt::arg("instead_for_one", besides.instead_for_one), fmt::arg("head", head_of_one),
        fmt::arg("record_one", record_one(change)), fmt::arg("after_one", besides.after_one),
        fmt::arg("record_many", record_many(change)), fmt::arg("after_many", besides.after_many),
        fmt::arg("at_the_end", besides.at_the_end));
}

}  // namespace tenantry::schema
