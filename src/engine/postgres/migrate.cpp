#include "engine/postgres/migrate.hpp"

#include "base/random.hpp"
#include "base/text.hpp"
#include "postgres/session.hpp"
#include "schema/lead_schema.hpp"
#include "schema/postgres_schema.hpp"

#include <fmt/format.h>

#include <utility>

namespace tenantry::engine::postgres {
namespace {

constexpr int server_version_least = 150'000;
constexpr std::int64_t migration_lock = 0x54454E59;  // "TENY"
constexpr std::size_t password_bytes = 24;

/// 0 where there is nothing of ours.
int version_in(pg::Client& client) {
    const auto there = client.run(
        "SELECT to_regclass('tenantry.schema_version') IS NOT NULL, "
        "to_regnamespace('tenantry') IS NOT NULL AND "
        "NOT has_schema_privilege(to_regnamespace('tenantry')::oid, 'USAGE')");
    if (pg::boolean_at(there.rows, 0, 1))
        throw pg::ClientError{
            {.sqlstate = "42501", .message = "this role may not use the schema tenantry"}};
    if (!pg::boolean_at(there.rows, 0, 0)) return 0;
    const auto version =
        client.run("SELECT coalesce(max(version), 0) FROM tenantry.schema_version");
    return static_cast<int>(pg::integer_at(version.rows, 0, 0));
}

/// The schema is written for a session with our settings, and a lent one may have any others.
Result<void> check_session(const pg::Client& client, const pg::Url& url) {
    if (!client.pooled()) return {};
    return unusable(url,
                    "at the other end is a pooler, and the schema is made over a connection to the "
                    "database itself: give that one as --database-direct or "
                    "TENANTRY_DATABASE_DIRECT (at Neon, the host without -pooler)");
}

Result<void> check_server(pg::Client& client, const pg::Url& url) {
    if (client.server_version() < server_version_least)
        return unusable(url, fmt::format("the server is PostgreSQL {}; 15 or newer is needed",
                                         client.server_version() / 10'000));
    const auto encoding = client.run(
        "SELECT pg_encoding_to_char(encoding)::text FROM pg_database "
        "WHERE datname = current_database()");
    const auto name = pg::text_at(encoding.rows, 0, 0);
    if (name == "UTF8") return {};
    return unusable(url, fmt::format("the database's encoding is {}; make one with ENCODING 'UTF8' "
                                     "TEMPLATE template0",
                                     name));
}

Result<SchemaVersion> check_version(pg::Client& client, const pg::Url& url) {
    const SchemaVersion version{version_in(client), schema::latest_version()};
    if (version.current <= version.latest) return version;
    return unusable(
        url,
        fmt::format("has schema version {}, newer than this program's {}; use a newer tenantry",
                    version.current, version.latest));
}

struct RoleFacts {
    bool exists = false;
    bool bypasses = false;
};

RoleFacts facts_of(pg::Client& client, std::string_view role) {
    pg::Arguments arguments;
    arguments.add_text(role);
    const auto found = client.run(
        "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = $1::text", arguments);
    if (found.rows.size() == 0) return {};
    return {true, pg::boolean_at(found.rows, 0, 0)};
}

/// One that changes letters beyond ASCII, code point by code point where there is such.
Result<std::string> folding_collation(pg::Client& client, const pg::Url& url) {
    const auto found = client.run(
        "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.collname) FROM pg_collation c "
        "JOIN pg_namespace n ON n.oid = c.collnamespace "
        "JOIN unnest(ARRAY['pg_c_utf8', 'C.utf8', 'C.UTF-8', 'en_US.utf8', 'und-x-icu']) "
        "WITH ORDINALITY AS wanted (name, place) ON wanted.name = c.collname "
        "WHERE n.nspname = 'pg_catalog' AND c.collencoding IN (-1, pg_char_to_encoding('UTF8')) "
        "ORDER BY wanted.place LIMIT 1");
    if (found.rows.size() == 0)
        return unusable(url, "the server has no collation that knows letters beyond ASCII");
    return pg::text_at(found.rows, 0, 0);
}

std::string role_sql(const std::string& role, std::string_view password) {
    return fmt::format(
        "CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS "
        "NOINHERIT PASSWORD {};\n",
        pg::quoted_identifier(role), pg::quoted_literal(password));
}

/// Everything but the role, for the owner.
std::string schema_sql(const std::string& role, const std::string& database, int from,
                       const std::string& collation) {
    auto sql = fmt::format(
        "ALTER ROLE {0} SET plan_cache_mode = 'force_generic_plan';\n"
        "GRANT CONNECT ON DATABASE {1} TO {0};\n",
        pg::quoted_identifier(role), pg::quoted_identifier(database));
    sql += schema::postgres_schema_sql(schema::lead_catalog(), role, from == 0);
    sql += fmt::format(
        "CREATE OR REPLACE FUNCTION tenantry.folded(needle text) RETURNS text\n"
        "LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT lower(needle COLLATE {0}) $$;\n"
        // Plain ASCII is folded several times faster without a locale, to the same.
        "CREATE OR REPLACE FUNCTION tenantry.contains_folded(haystack text, folded_needle text)\n"
        "RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$\n"
        "  SELECT strpos(CASE WHEN octet_length(haystack) = length(haystack)\n"
        "    THEN lower(haystack COLLATE \"C\") COLLATE {0} ELSE lower(haystack COLLATE {0}) END,\n"
        "    folded_needle) > 0\n$$;\n",
        collation);
    sql += fmt::format("INSERT INTO tenantry.schema_version (version) VALUES ({});\n",
                       schema::latest_version());
    return sql;
}

std::string database_name(pg::Client& client) {
    return pg::text_at(client.run("SELECT current_database()::text").rows, 0, 0);
}

/// A Supabase project has these roles, and a Data API that runs as them.
bool has_data_api(pg::Client& client) {
    const auto roles =
        client.run("SELECT count(*) = 2 FROM pg_roles WHERE rolname IN ('anon', 'authenticated')");
    return pg::boolean_at(roles.rows, 0, 0);
}

bool data_api_is_isolated(pg::Client& client) {
    const auto policies =
        client.run("SELECT count(*) FROM pg_policy WHERE polname LIKE 'tenantry\\_members\\_%'");
    return static_cast<std::size_t>(pg::integer_at(policies.rows, 0, 0)) >=
           schema::postgres_data_api_policies(schema::lead_catalog());
}

struct Prepared {
    SchemaVersion before;
    RoleFacts role;
    bool data_api;
    std::string sql;  // empty: nothing to be done
};

/// What is to be done, as seen within the transaction that is open.
Result<Prepared> prepare(pg::Client& client, const pg::Url& owner, const MigrateOptions& options) {
    TENANTRY_TRY_VOID(check_server(client, owner));
    TENANTRY_TRY(version, check_version(client, owner));
    Prepared prepared{.before = version,
                      .role = facts_of(client, options.role),
                      .data_api = has_data_api(client),
                      .sql = {}};
    if (prepared.role.bypasses) {
        return unusable(owner,
                        fmt::format("the role {0} bypasses row-level security; run: ALTER ROLE {0} "
                                    "NOSUPERUSER NOBYPASSRLS; or give another one by --role",
                                    pg::quoted_identifier(options.role)));
    }
    if (version.current < version.latest) {
        TENANTRY_TRY(collation, folding_collation(client, owner));
        prepared.sql = schema_sql(options.role, database_name(client), version.current, collation);
    }
    if (prepared.data_api && (!prepared.sql.empty() || !data_api_is_isolated(client)))
        prepared.sql += schema::postgres_data_api_sql(schema::lead_catalog());
    return prepared;
}

/// What a failed statement means to whoever runs it.
Error explain(const pg::Url& owner, const pg::Failure& failure) {
    if (failure.sqlstate == "42P07" || failure.sqlstate == "42P06" || failure.sqlstate == "42710")
        return unusable(owner, failure.message +
                                   "; it is not of this program's making: use another database, or "
                                   "move it away");
    if (failure.sqlstate == "42501")
        return unusable(
            owner,
            failure.message + "; migrate as the role that owns the database and may create roles");
    return unusable(owner, failure.message);
}

Result<Migrated> migrate_locked(pg::Client& client, const pg::Url& owner,
                                const MigrateOptions& options) {
    pg::Transaction transaction{client};
    pg::Arguments lock;
    lock.add_integer(migration_lock);
    client.run("SELECT pg_advisory_xact_lock($1::bigint)", lock);
    TENANTRY_TRY(prepared, prepare(client, owner, options));
    const bool make_role = !prepared.role.exists;
    const auto password =
        options.password ? *options.password : encode_base64url(random_bytes(password_bytes));
    if (make_role) client.script(role_sql(options.role, password));
    if (!prepared.sql.empty()) client.script(prepared.sql);
    if (make_role && prepared.before.current == prepared.before.latest) {
        client.script(schema::postgres_grants_sql(schema::lead_catalog(), options.role));
        for (const auto* table : schema::tenant_tables(schema::lead_catalog()))
            client.script(schema::postgres_isolation_sql(*table, options.role));
    }
    transaction.commit();
    return Migrated{prepared.before, make_role, prepared.data_api,
                    owner.with_login(options.role, make_role ? password : std::string{})};
}

}  // namespace

Result<Migrated> migrate(const pg::Url& owner, const MigrateOptions& options) {
    return with_client(owner, options.patience, [&](pg::Client& client) -> Result<Migrated> {
        TENANTRY_TRY_VOID(check_session(client, owner));
        try {
            return migrate_locked(client, owner, options);
        } catch (const pg::ClientError& error) {
            return explain(owner, error.failure());
        }
    });
}

Result<std::string> plan_migration(const pg::Url& owner, const MigrateOptions& options) {
    return with_client(owner, options.patience, [&](pg::Client& client) -> Result<std::string> {
        TENANTRY_TRY_VOID(check_session(client, owner));
        TENANTRY_TRY(prepared, prepare(client, owner, options));
        if (prepared.sql.empty()) return std::string{};
        std::string sql =
            "BEGIN;\n" + fmt::format("SELECT pg_advisory_xact_lock({});\n", migration_lock);
        if (!prepared.role.exists) sql += role_sql(options.role, "<password>");
        return sql + prepared.sql + "COMMIT;\n";
    });
}

Result<SchemaVersion> schema_version(const pg::Url& url, std::chrono::milliseconds patience) {
    return reading_client(url, patience,
                          [&](pg::Client& client) { return check_version(client, url); });
}

Result<void> require_latest(pg::Client& client, const pg::Url& url) {
    TENANTRY_TRY(version, check_version(client, url));
    if (version.current == version.latest) return {};
    return unusable(url, fmt::format("has schema version {}, this program needs {}; run as its "
                                     "owner: tenantry migrate --database postgres://…",
                                     version.current, version.latest));
}

}  // namespace tenantry::engine::postgres
