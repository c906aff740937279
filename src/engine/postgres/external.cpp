#include "postgres/external.hpp"

#include "engine/postgres/audit.hpp"
#include "postgres/session.hpp"
#include "postgres/views.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace tenantry::engine::postgres {
namespace {

using schema::Column;
using schema::ColumnType;
using schema::Relation;
using Findings = std::vector<Finding>;

// Tables and views of the schema `public`, but those that belong to extensions.
constexpr std::string_view tables_sql = R"sql(
SELECT c.oid::bigint, c.relname::text, c.oid::regclass::text, c.relkind::text,
       a.attnum IS NOT NULL, coalesce(a.atttypid IN ('text'::regtype, 'varchar'::regtype), false),
       has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE'), current_user::text
FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
WHERE s.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                  AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY c.relname)sql";

// The primary key's columns have their places in it, the others 0.
constexpr std::string_view columns_sql = R"sql(
SELECT a.attrelid::bigint, a.attname::text, format_type(a.atttypid, a.atttypmod),
       a.attnotnull, a.attgenerated <> '' OR a.attidentity = 'a', a.attnum::bigint,
       coalesce(array_position((i.indkey::int2[])[:i.indnkeyatts - 1], a.attnum), 0)::bigint
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace s ON s.oid = c.relnamespace
LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
WHERE s.nspname = 'public' AND c.relkind IN ('r', 'p', 'v') AND a.attnum > 0
  AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum)sql";

// What ON CONFLICT can name: unique, of plain columns, of all rows, and checked at once.
constexpr std::string_view keys_sql = R"sql(
SELECT i.indrelid::bigint, i.indexrelid::bigint, a.attname::text
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace s ON s.oid = c.relnamespace
CROSS JOIN LATERAL unnest((i.indkey::int2[])[:i.indnkeyatts - 1]) WITH ORDINALITY AS k (number, place)
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
WHERE s.nspname = 'public' AND i.indisunique AND NOT i.indisprimary AND i.indimmediate
  AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
ORDER BY i.indrelid, i.indexrelid, k.place)sql";

// A row for each column but tenant_id of a foreign key that has that as well, and how many it has.
constexpr std::string_view foreign_keys_sql = R"sql(
SELECT k.conrelid::bigint, k.conname::text, a.attname::text, t.relname::text, b.attname::text,
       k.confdeltype IN ('n', 'd'), cardinality(k.conkey)::bigint, k.confrelid::bigint
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace s ON s.oid = c.relnamespace
JOIN pg_class t ON t.oid = k.confrelid JOIN pg_namespace u ON u.oid = t.relnamespace
CROSS JOIN LATERAL generate_subscripts(k.conkey, 1) AS i (place)
JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[i.place]
JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[i.place]
WHERE k.contype = 'f' AND s.nspname = 'public' AND u.nspname = 'public' AND k.conparentid = 0
  AND a.attname <> 'tenant_id'
  AND EXISTS (SELECT FROM generate_subscripts(k.conkey, 1) AS j (place)
              JOIN pg_attribute x ON x.attrelid = k.conrelid AND x.attnum = k.conkey[j.place]
              JOIN pg_attribute y ON y.attrelid = k.confrelid AND y.attnum = k.confkey[j.place]
              WHERE x.attname = 'tenant_id' AND y.attname = 'tenant_id')
ORDER BY k.conrelid, k.conname)sql";

struct Table {
    std::int64_t oid;
    std::string name;
    std::string shown;  // with its schema
    std::string kind;   // as in pg_class
    bool has_tenant;
    bool tenant_is_text;
    bool granted;
    std::string role;

    bool is_view() const { return kind == "v"; }
};

/// Rows that belong to a table, in their order.
using RowsOf = std::map<std::int64_t, std::vector<std::size_t>>;

RowsOf by_table(const pg::Rows& rows) {
    RowsOf out;
    for (std::size_t row = 0; row < rows.size(); ++row)
        out[pg::integer_at(rows, row, 0)].push_back(row);
    return out;
}

ColumnType type_of(std::string_view native) {
    if (native.ends_with(']')) return ColumnType::native;  // an array
    if (native == "text" || native.starts_with("character varying")) return ColumnType::text;
    if (native == "uuid") return ColumnType::uuid;
    if (native == "bigint") return ColumnType::integer;
    if (native == "boolean") return ColumnType::boolean;
    if (native == "jsonb") return ColumnType::json;
    return ColumnType::native;
}

class Introspector {
public:
    Introspector(pg::Client& client, const schema::Catalog& built_in)
        : client_{client},
          built_in_{built_in},
          findings_{audit(client)},
          tables_{read_tables(client)},
          lacks_of_views_{lacks_of_views(client, findings_)},
          columns_{client.run(std::string{columns_sql}).rows},
          keys_{client.run(std::string{keys_sql}).rows},
          foreign_keys_{client.run(std::string{foreign_keys_sql}).rows},
          columns_of_{by_table(columns_)} {}

    Introspection run(const std::vector<std::string>& functions) {
        Introspection out;
        auto catalog = std::make_shared<schema::Catalog>(built_in_);
        std::map<std::int64_t, Relation*> made;
        std::vector<const Table*> fit;
        for (const auto& table : tables_) {
            if (is_built_in(table)) continue;
            auto lacks = check(table);
            if (lacks.empty()) {
                fit.push_back(&table);
            } else if (table.granted || table.has_tenant) {
                out.unfit.push_back({table.name, std::move(lacks)});
            }
        }
        for (const auto* table : referenced_first(std::move(fit))) {
            if (table->is_view()) {
                catalog->add_view(table->name, columns(*table).columns);
            } else {
                made[table->oid] = &add(*catalog, *table);
            }
        }
        add_keys(made);
        add_foreign_keys(*catalog, made);
        add_functions(client_, findings_, functions, *catalog, out.unfit_functions);
        out.catalog = std::move(catalog);
        return out;
    }

    std::optional<Findings> check(std::string_view name) const {
        const auto found = std::ranges::find(tables_, name, &Table::name);
        if (found == tables_.end()) return std::nullopt;
        if (is_built_in(*found)) return of_table(found->shown);
        return check(*found);
    }

private:
    static std::vector<Table> read_tables(pg::Client& client) {
        const auto rows = client.run(std::string{tables_sql}).rows;
        std::vector<Table> out;
        out.reserve(rows.size());
        for (std::size_t row = 0; row < rows.size(); ++row) {
            out.push_back({.oid = pg::integer_at(rows, row, 0),
                           .name = pg::text_at(rows, row, 1),
                           .shown = pg::text_at(rows, row, 2),
                           .kind = pg::text_at(rows, row, 3),
                           .has_tenant = pg::boolean_at(rows, row, 4),
                           .tenant_is_text = pg::boolean_at(rows, row, 5),
                           .granted = pg::boolean_at(rows, row, 6),
                           .role = pg::quoted_identifier(pg::text_at(rows, row, 7))});
        }
        return out;
    }

    /// Whether `table` has a foreign key to another one of `others`.
    bool refers_to_any(const Table& table, const std::vector<const Table*>& others) const {
        for (std::size_t row = 0; row < foreign_keys_.size(); ++row) {
            const auto target = pg::integer_at(foreign_keys_, row, 7);
            if (pg::integer_at(foreign_keys_, row, 0) != table.oid || target == table.oid) continue;
            if (std::ranges::any_of(others, [&](const auto* o) { return o->oid == target; }))
                return true;
        }
        return false;
    }

    /// By name, but what others refer to before them; in a circle, by name.
    std::vector<const Table*> referenced_first(std::vector<const Table*> tables) const {
        std::vector<const Table*> out;
        out.reserve(tables.size());
        while (!tables.empty()) {
            auto next = std::ranges::find_if(
                tables, [&](const auto* table) { return !refers_to_any(*table, tables); });
            if (next == tables.end()) next = tables.begin();
            out.push_back(*next);
            tables.erase(next);
        }
        return out;
    }

    bool is_built_in(const Table& table) const {
        const auto* relation = built_in_.find(table.name);
        return relation != nullptr && !relation->internal();
    }

    /// Also what is wrong with the database as a whole: then no table is fit.
    Findings of_table(std::string_view shown) const {
        Findings out;
        std::ranges::copy_if(findings_, std::back_inserter(out), [&](const Finding& finding) {
            return finding.table.empty() || finding.table == shown;
        });
        return out;
    }

    Findings check(const Table& table) const {
        const auto& shown = table.shown;
        if (table.kind != "r" && table.kind != "p" && !table.is_view()) {
            return {{fmt::format("{} is neither a table nor a view", shown),
                     "-- make it a table or a view, or a function that reads it", shown}};
        }
        if (built_in_.find(table.name) != nullptr || !is_plain(table.name)) {
            return {{fmt::format("{} has a name that can't be served", shown),
                     fmt::format("ALTER TABLE {} RENAME TO …", shown), shown}};
        }
        if (!table.has_tenant) {
            const auto remedy =
                table.is_view()
                    ? std::string{"-- let it select the tenant_id of its rows as well"}
                    : fmt::format(
                          "ALTER TABLE {} ADD COLUMN tenant_id VARCHAR(255) NOT NULL; with "
                          "a value in the rows that are there",
                          shown);
            return {{fmt::format("{} has no tenant_id", shown), remedy, shown}};
        }
        auto out = of_table(shown);
        if (table.is_view()) {
            const auto& lacks = lacks_of_views_.at(table.oid);
            out.insert(out.end(), lacks.begin(), lacks.end());
        }
        check_columns(out, table);
        if (!table.granted) {
            const auto* rights = table.is_view() ? "SELECT" : "SELECT, INSERT, UPDATE, DELETE";
            out.push_back({fmt::format("the role {} has no rights on {}", table.role, shown),
                           fmt::format("GRANT {} ON {} TO {}", rights, shown, table.role), shown});
        }
        return out;
    }

    void check_columns(Findings& out, const Table& table) const {
        const auto& shown = table.shown;
        if (!table.tenant_is_text) {
            out.push_back(
                {fmt::format("tenant_id of {} is no text", shown),
                 table.is_view()
                     ? std::string{"-- let it select tenant_id as its tables have it"}
                     : fmt::format("ALTER TABLE {} ALTER COLUMN tenant_id TYPE varchar(255)",
                                   shown),
                 shown});
        }
        std::size_t key = 0;
        for (const auto row : columns_of_.at(table.oid)) {
            const auto name = pg::text_at(columns_, row, 1);
            if (pg::integer_at(columns_, row, 6) > 0 && name != "tenant_id") ++key;
            if (is_plain(name)) continue;
            out.push_back({fmt::format("{} has a column whose name can't be served", shown),
                           fmt::format("ALTER TABLE {} RENAME COLUMN {} TO …", shown,
                                       pg::quoted_identifier(name)),
                           shown});
        }
        if (key == 0 && !table.is_view()) {
            out.push_back({fmt::format("{} has no primary key beside tenant_id", shown),
                           fmt::format("ALTER TABLE {} ADD PRIMARY KEY (tenant_id, id)", shown),
                           shown});
        }
    }

    Column column_at(std::size_t row) const {
        Column::Options options{.nullable = !pg::boolean_at(columns_, row, 3)};
        if (pg::boolean_at(columns_, row, 4)) options.origin = schema::Origin::server;
        return external_column(pg::text_at(columns_, row, 1), pg::text_at(columns_, row, 2),
                               std::move(options));
    }

    struct Columns {
        std::vector<Column> columns{};
        std::size_t key = 0;  // how many behind tenant_id
    };

    /// `tenant_id`, then the key in its order, then the others in theirs.
    Columns columns(const Table& table) const {
        auto rows = columns_of_.at(table.oid);
        const auto place = [&](std::size_t row) {
            const auto in_key = pg::integer_at(columns_, row, 6);
            const auto number = pg::integer_at(columns_, row, 5);
            if (pg::text_at(columns_, row, 1) == "tenant_id") return std::pair{0, number};
            return in_key > 0 ? std::pair{1, in_key} : std::pair{2, number};
        };
        std::ranges::sort(rows, {}, place);
        Columns out;
        out.columns.reserve(rows.size());
        for (const auto row : rows) {
            if (place(row).first == 1) ++out.key;
            out.columns.push_back(column_at(row));
        }
        return out;
    }

    Relation& add(schema::Catalog& catalog, const Table& table) const {
        auto [made, key] = columns(table);
        auto& relation = catalog.add_external(table.name, std::move(made), key);
        // Of what is partitioned, PostgreSQL 15 doesn't return the system's columns.
        if (table.kind == "r") relation.set_marks_merged();
        return relation;
    }

    void add_keys(const std::map<std::int64_t, Relation*>& made) const {
        std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::string>> keys;
        for (std::size_t row = 0; row < keys_.size(); ++row) {
            keys[{pg::integer_at(keys_, row, 0), pg::integer_at(keys_, row, 1)}].push_back(
                pg::text_at(keys_, row, 2));
        }
        for (auto& [place, names] : keys) {
            const auto relation = made.find(place.first);
            if (relation == made.end()) continue;
            std::erase(names, "tenant_id");
            if (names.empty()) continue;
            const std::vector<std::string_view> views{names.begin(), names.end()};
            relation->second->add_unique_key(views);
        }
    }

    void add_foreign_keys(const schema::Catalog& catalog,
                          const std::map<std::int64_t, Relation*>& made) const {
        for (std::size_t row = 0; row < foreign_keys_.size(); ++row) {
            const auto relation = made.find(pg::integer_at(foreign_keys_, row, 0));
            const auto* target = catalog.find(pg::text_at(foreign_keys_, row, 3));
            if (relation == made.end() || target == nullptr || target->internal()) continue;
            if (pg::integer_at(foreign_keys_, row, 6) != 2) continue;
            if (target->key().size() != 1 ||
                target->id().name() != pg::text_at(foreign_keys_, row, 4))
                continue;
            relation->second->add_foreign_key(
                {pg::text_at(foreign_keys_, row, 1),
                 &relation->second->column(pg::text_at(foreign_keys_, row, 2)), target,
                 pg::boolean_at(foreign_keys_, row, 5) ? schema::OnDelete::release
                                                       : schema::OnDelete::cascade});
        }
    }

    pg::Client& client_;
    const schema::Catalog& built_in_;
    Findings findings_;
    std::vector<Table> tables_;
    std::map<std::int64_t, Findings> lacks_of_views_;
    pg::Rows columns_;
    pg::Rows keys_;
    pg::Rows foreign_keys_;
    RowsOf columns_of_;
};

}  // namespace

bool is_plain(std::string_view name) {
    return std::ranges::none_of(
        name, [](char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; });
}

Column external_column(std::string name, std::string native, Column::Options options) {
    const auto type = type_of(native);
    options.bytes_max = external_bytes_max;
    options.may_be_blank = true;
    if (type == ColumnType::native) options.native_type = std::move(native);
    return {std::move(name), type, std::move(options)};
}

Result<Introspection> introspect(const pg::Url& url, const schema::Catalog& built_in,
                                 const std::vector<std::string>& functions,
                                 std::chrono::milliseconds patience) {
    return reading_client(url, patience, [&](pg::Client& client) -> Result<Introspection> {
        return Introspector{client, built_in}.run(functions);
    });
}

Result<std::optional<Findings>> check_table(const pg::Url& url, const schema::Catalog& built_in,
                                            std::string_view name,
                                            std::chrono::milliseconds patience) {
    return reading_client(url, patience,
                          [&](pg::Client& client) -> Result<std::optional<Findings>> {
                              return Introspector{client, built_in}.check(name);
                          });
}

}  // namespace tenantry::engine::postgres
