#include "schema/postgres_schema.hpp"

#include "schema/migrations.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace tenantry::schema {
namespace {

constexpr std::string_view control_namespace = "tenantry";

/// Beside those of keys: named by the first of their columns.
struct ControlIndex {
    std::string_view table;
    std::string_view columns;
};
constexpr std::array control_indexes{
    ControlIndex{"memberships", "user_id"},     ControlIndex{"api_keys", "tenant_id"},
    ControlIndex{"tenant_keys", "master_id"},   ControlIndex{"audit_log", "tenant_id, seq"},
    ControlIndex{"accounts", "managed_by"},     ControlIndex{"auth_sessions", "user_id"},
    ControlIndex{"auth_sessions", "tenant_id"}, ControlIndex{"refresh_tokens", "session_id"},
    ControlIndex{"mail_tokens", "email"},       ControlIndex{"mail_tokens", "tenant_id"},
    ControlIndex{"sign_up_rules", "domain"},
};

std::string quoted(std::string_view name) { return fmt::format("\"{}\"", name); }

std::string literal(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') out += c;
        out += c;
    }
    return out + '\'';
}

std::string decimal_text(const Column& column, std::int64_t unscaled) {
    std::string out;
    append_decimal(out, {unscaled, column.options().scale});
    return out;
}

/// A default of the catalog as an SQL literal.
std::string literal_of(const Value& value) {
    if (const auto* array = std::get_if<TextArray>(&value)) {
        if (!array->empty()) std::abort();  // none of the built-in columns has such a default
        return "'{}'";
    }
    const bool bare = std::holds_alternative<bool>(value) ||
                      std::holds_alternative<std::int64_t>(value) ||
                      std::holds_alternative<Decimal>(value);
    return bare ? to_text(value) : literal(to_text(value));
}

/// What other writers than this server may leave to the database.
std::string default_of(const Relation& relation, const Column& column) {
    if (!relation.is_tally() && &column == &relation.id()) return " DEFAULT gen_random_uuid()";
    if (column.options().default_value)
        return " DEFAULT " + literal_of(*column.options().default_value);
    const bool written = column.name() == "created_at" || column.name() == "updated_at";
    return written ? " DEFAULT now()" : "";
}

bool kept_by_triggers(const Relation& relation) {
    return relation.is_tally() || relation.name() == "changes";
}

std::string check_of(const Relation& relation, const Column& column) {
    const auto name = quoted(column.name());
    const auto& options = column.options();
    // What triggers keep has the tenants of rows that have been looked at.
    if (&column == &relation.tenant_id())
        return kept_by_triggers(relation) ? "" : fmt::format("length({}) BETWEEN 1 AND 255", name);
    // What an array may hold, the server alone checks.
    if (!options.allowed.empty() && column.type() == ColumnType::text) {
        std::vector<std::string> words;
        words.reserve(options.allowed.size());
        for (const auto& word : options.allowed) words.push_back(literal(word));
        return fmt::format("{} IN ({})", name, fmt::join(words, ", "));
    }
    if (options.range) {
        return fmt::format("{} BETWEEN {} AND {}", name, decimal_text(column, options.range->least),
                           decimal_text(column, options.range->most));
    }
    if (options.format == Format::email) return fmt::format("{0} = lower({0})", name);
    if (column.type() == ColumnType::text_array) {
        return fmt::format(
            "coalesce(array_ndims({0}), 1) = 1 AND array_position({0}, NULL) IS NULL", name);
    }
    return {};
}

/// Rules between columns, which the catalog doesn't know.
std::vector<std::string_view> rules_of(const Relation& relation) {
    if (relation.name() != "approvals") return {};
    return {"(status = 'pending') = (reviewed_at IS NULL)",
            "(reviewed_at IS NULL) = (reviewed_by IS NULL)",
            "(status = 'rejected') = (rejection_reason IS NOT NULL)",
            "(status = 'sent') = (sent_at IS NOT NULL)"};
}

std::string column_definition(const Relation& relation, const Column& column) {
    return fmt::format("{} {}{}{}", quoted(column.name()), postgres_type(column),
                       column.nullable() ? "" : " NOT NULL", default_of(relation, column));
}

std::string column_list(const ColumnList& columns) {
    std::string out = "\"tenant_id\"";
    for (const Column* column : columns) out += ", " + quoted(column->name());
    return out;
}

struct Constraint {
    std::string name;
    std::string definition;
};

void add_foreign_keys(std::vector<Constraint>& out, const Relation& relation) {
    for (const auto& key : relation.foreign_keys()) {
        const auto column = quoted(key.column->name());
        const auto action = key.on_delete == OnDelete::cascade
                                ? std::string{"CASCADE"}
                                : fmt::format("SET NULL ({})", column);
        out.push_back(
            {key.name, fmt::format("FOREIGN KEY (\"tenant_id\", {}) REFERENCES {} (\"tenant_id\", "
                                   "\"id\") ON DELETE {}",
                                   column, postgres_name(*key.target), action)});
    }
    // A number given is no change of the key, so this costs a look-up for a tenant's first change.
    if (!relation.is_tally() || relation.name() == "tenant_heads") {
        out.push_back({relation.name() + "_tenant_id_fkey",
                       "FOREIGN KEY (\"tenant_id\") REFERENCES \"tenantry\".\"tenants\" (\"id\")"});
    }
}

std::vector<Constraint> constraints_of(const Relation& relation) {
    std::vector<Constraint> out;
    ColumnList primary;
    for (const auto& column : relation.key()) primary.push_back(&column);
    out.push_back(
        {relation.name() + "_pkey", fmt::format("PRIMARY KEY ({})", column_list(primary))});
    for (const auto& key : relation.unique_keys()) {
        std::string name = relation.name();
        for (const Column* column : key.columns) name += '_' + column->name();
        out.push_back({name + "_key", fmt::format("UNIQUE ({})", column_list(key.columns))});
    }
    add_foreign_keys(out, relation);
    for (const auto& column : relation.columns()) {
        if (auto check = check_of(relation, column); !check.empty())
            out.push_back({fmt::format("{}_{}_check", relation.name(), column.name()),
                           fmt::format("CHECK ({})", check)});
    }
    int number = 0;
    for (const auto rule : rules_of(relation))
        out.push_back({fmt::format("{}_rule_{}_check", relation.name(), ++number),
                       fmt::format("CHECK ({})", rule)});
    return out;
}

void add_table(std::string& out, const Relation& relation, bool fresh) {
    const auto name = postgres_name(relation);
    std::vector<std::string> parts;
    for (const auto& column : relation.columns())
        parts.push_back("  " + column_definition(relation, column));
    const auto constraints = constraints_of(relation);
    for (const auto& constraint : constraints)
        parts.push_back(
            fmt::format("  CONSTRAINT {} {}", quoted(constraint.name), constraint.definition));
    out += fmt::format("CREATE TABLE {}{} (\n{}\n);\n", fresh ? "" : "IF NOT EXISTS ", name,
                       fmt::join(parts, ",\n"));
    if (fresh) return;
    if (kept_by_triggers(relation)) {  // up to version 5
        out += fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS \"{}_tenant_id_check\";\n",
                           name, relation.name());
    }
    for (const auto& column : relation.columns())
        out += fmt::format("ALTER TABLE {} ADD COLUMN IF NOT EXISTS {};\n", name,
                           column_definition(relation, column));
    for (const auto& constraint : constraints) {
        out += fmt::format(
            "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE conrelid = "
            "'{0}'::regclass AND conname = '{1}') THEN ALTER TABLE {0} ADD CONSTRAINT \"{1}\" {2}; "
            "END IF; END $$;\n",
            name, constraint.name, constraint.definition);
    }
}

void add_indexes(std::string& out, const Relation& relation) {
    for (const auto& index : relation.indexes()) {
        std::string columns = "\"tenant_id\"";
        for (const auto& [column, descending] : index.columns)
            columns += fmt::format(", {}{}", quoted(column->name()), descending ? " DESC" : "");
        out +=
            fmt::format("CREATE INDEX IF NOT EXISTS \"idx_{}_{}\" ON {} ({});\n", relation.name(),
                        index.columns.front().column->name(), postgres_name(relation), columns);
    }
}

}  // namespace

int latest_version() { return sqlite_migrations().back().version; }

std::string_view postgres_namespace(const Relation& relation) noexcept {
    return relation.is_tally() || relation.internal() ? control_namespace : "public";
}

std::string postgres_name(const Relation& relation) {
    return fmt::format("\"{}\".\"{}\"", postgres_namespace(relation), relation.name());
}

std::vector<const Relation*> tenant_tables(const Catalog& catalog) {
    std::vector<const Relation*> out;
    for (const auto& relation : catalog.relations()) out.push_back(relation.get());
    for (const auto& tally : catalog.tallies()) out.push_back(tally.get());
    return out;
}

std::string postgres_type(const Column& column) {
    switch (column.type()) {
    case ColumnType::text:
    case ColumnType::sealed: return "text COLLATE \"C\"";
    case ColumnType::uuid: return "uuid";
    case ColumnType::integer: return "bigint";
    case ColumnType::numeric:
        return fmt::format("numeric({}, {})", column.options().precision, column.options().scale);
    case ColumnType::boolean: return "boolean";
    case ColumnType::timestamptz: return "timestamptz";
    case ColumnType::json: return "jsonb";
    case ColumnType::text_array: return "text[] COLLATE \"C\"";
    case ColumnType::native: return column.options().native_type;
    }
    std::abort();
}

std::string_view postgres_grants(const Relation& relation) noexcept {
    // What the deletion of an agent releases is done by the table's owner.
    if (relation.append_only() || relation.name() == "changes") return "SELECT, INSERT, DELETE";
    return "SELECT, INSERT, UPDATE, DELETE";
}

std::string postgres_isolation_sql(const Relation& relation, std::string_view role) {
    return fmt::format(
        "ALTER TABLE {0} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;\n"
        "DROP POLICY IF EXISTS \"{1}\" ON {0};\n"
        "CREATE POLICY \"{1}\" ON {0} FOR ALL TO {2} USING ({3}) WITH CHECK ({3});\n",
        postgres_name(relation), postgres_policy_name, quoted(role), postgres_policy_condition);
}

std::string postgres_grants_sql(const Catalog& catalog, std::string_view role) {
    const auto name = quoted(role);
    std::string out = fmt::format("GRANT USAGE ON SCHEMA \"public\", \"tenantry\" TO {};\n", name);
    const auto add = [&](const std::string& table, std::string_view grants) {
        out += fmt::format("REVOKE ALL ON {0} FROM {1};\nGRANT {2} ON {0} TO {1};\n", table, name,
                           grants);
    };
    for (const auto* relation : tenant_tables(catalog))
        add(postgres_name(*relation), postgres_grants(*relation));
    for (const auto& table : postgres_control_tables())
        add(fmt::format("\"tenantry\".{}", quoted(table.name)), table.grants);
    return out;
}

std::string postgres_schema_sql(const Catalog& catalog, std::string_view role, bool fresh) {
    std::string out =
        fresh ? "CREATE SCHEMA \"tenantry\";\n" : "CREATE SCHEMA IF NOT EXISTS \"tenantry\";\n";
    for (const auto& table : postgres_control_tables())
        out += fmt::format("CREATE TABLE {}\"tenantry\".\"{}\" (\n{}\n);\n",
                           fresh ? "" : "IF NOT EXISTS ", table.name, table.definition);
    for (const auto& [table, columns] : control_indexes) {
        out += fmt::format(
            "CREATE INDEX IF NOT EXISTS \"idx_{0}_{1}\" ON \"tenantry\".\"{0}\" ({2});\n", table,
            columns.substr(0, columns.find(',')), columns);
    }
    for (const auto* relation : tenant_tables(catalog)) {
        add_table(out, *relation, fresh);
        add_indexes(out, *relation);
        out += postgres_isolation_sql(*relation, role);
    }
    out +=
        "CREATE INDEX IF NOT EXISTS \"idx_lead_sources_n\" ON \"tenantry\".\"lead_sources\" "
        "(\"tenant_id\", \"n\" DESC, \"source\");\n";
    out += postgres_triggers_sql(catalog);
    out += postgres_changes_sql(catalog);
    out += postgres_grants_sql(catalog, role);
    return out;
}

}  // namespace tenantry::schema
