#include "fixture.hpp"

#include "schema/migrations.hpp"
#include "schema/postgres_schema.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <map>
#include <thread>

namespace tenantry::engine::postgres {
namespace {

class MigrateTest : public PostgresTest {
protected:
    MigrateTest() : PostgresTest{false} {}
};

TEST_F(MigrateTest, MakesTheSchemaOnceAndThenLeavesItAlone) {
    EXPECT_EQ(schema_version(url("tenantry_owner"))->current, 0);
    const auto first = migrate(url("tenantry_owner")).value();
    EXPECT_EQ(first.before.current, 0);
    EXPECT_EQ(first.before.latest, schema::latest_version());
    EXPECT_FALSE(first.role_made) << "the cluster has it already";
    EXPECT_EQ(first.application.option("user"), "tenantry_app");
    const auto again = migrate(url("tenantry_owner")).value();
    EXPECT_EQ(again.before.current, schema::latest_version());
    auto client = connect();
    EXPECT_TRUE(require_latest(client, url()));
    EXPECT_TRUE(audit(url())->empty());
}

TEST_F(MigrateTest, RunTwiceAtOnceItIsDoneOnce) {
    std::vector<Result<Migrated>> results(2, fail(Errc::bad_value, "not run"));
    {
        std::vector<std::jthread> threads;
        for (auto& result : results)
            threads.emplace_back([&] { result = migrate(url("tenantry_owner")); });
    }
    ASSERT_TRUE(results[0]) << results[0].error().message;
    ASSERT_TRUE(results[1]) << results[1].error().message;
    EXPECT_NE(results[0]->before.current, results[1]->before.current);
    EXPECT_EQ(ask("SELECT count(*) FROM tenantry.schema_version"), "1");
}

TEST_F(MigrateTest, MakesARoleWithAPasswordAndExactlyItsRights) {
    const auto migrated = migrate(url("tenantry_owner"), {.role = "app_of_test"}).value();
    EXPECT_TRUE(migrated.role_made);
    EXPECT_GE(migrated.application.option("password").size(), 32U);
    EXPECT_EQ(
        ask("SELECT rolsuper::text || rolbypassrls || rolcreaterole || rolcreatedb || rolinherit "
            "FROM pg_roles WHERE rolname = 'app_of_test'"),
        "falsefalsefalsefalsefalse");
    EXPECT_TRUE(audit(url("app_of_test"))->empty());
    script("DROP OWNED BY app_of_test; DROP ROLE app_of_test");
}

TEST_F(MigrateTest, ThePlanIsTheSqlThatWouldRun) {
    const auto plan = plan_migration(url("tenantry_owner"), {.role = "planned"}).value();
    EXPECT_EQ(ask("SELECT to_regnamespace('tenantry') IS NULL"), "true") << "only shown";
    EXPECT_NE(plan.find("CREATE ROLE \"planned\" LOGIN NOSUPERUSER"), std::string::npos);
    EXPECT_NE(plan.find("CREATE POLICY \"tenantry_isolation\" ON \"public\".\"leads\""),
              std::string::npos);
    auto owner = connect("tenantry_owner");
    owner.script(plan);
    EXPECT_TRUE(audit(url("planned"))->empty());
    EXPECT_EQ(plan_migration(url("tenantry_owner"), {.role = "planned"}).value(), "");
    script("DROP OWNED BY planned; DROP ROLE planned");
}

TEST_F(MigrateTest, WhatIsMissingIsAddedByTheNext) {
    migrate(url("tenantry_owner")).value();
    script(
        "ALTER TABLE leads DROP COLUMN timeline; DROP INDEX idx_leads_status;"
        "ALTER TABLE leads DROP CONSTRAINT leads_status_check; DROP TABLE contacts;"
        "UPDATE tenantry.schema_version SET version = 1");
    EXPECT_EQ(migrate(url("tenantry_owner"))->before.current, 1);
    EXPECT_TRUE(audit(url())->empty());
    EXPECT_EQ(ask("SELECT count(*) FROM pg_indexes WHERE indexname = 'idx_leads_status'"), "1");
    EXPECT_EQ(ask("SELECT count(*) FROM pg_constraint WHERE conname = 'leads_status_check'"), "1");
    EXPECT_EQ(ask("SELECT to_regclass('contacts') IS NOT NULL"), "true");
}

TEST_F(MigrateTest, RefusesInWordsAndChangesNothing) {
    const auto refused = [&](const std::string& role, const MigrateOptions& options = {}) {
        const auto result = migrate(url(role), options);
        return result ? std::string{"done"} : result.error().message;
    };
    script("CREATE TABLE public.leads (x int)");
    EXPECT_NE(
        refused("tenantry_owner").find("relation \"leads\" already exists; it is not of this"),
        std::string::npos);
    EXPECT_EQ(ask("SELECT to_regnamespace('tenantry') IS NULL"), "true");
    script("DROP TABLE public.leads; CREATE ROLE stranger LOGIN; CREATE ROLE mighty BYPASSRLS");
    EXPECT_NE(refused("stranger").find("migrate as the role that owns"), std::string::npos);
    EXPECT_NE(refused("tenantry_owner", {.role = "mighty"}).find("bypasses row-level security"),
              std::string::npos);
    EXPECT_NE(refused("no_such_role").find("no_such_role"), std::string::npos);
    migrate(url("tenantry_owner")).value();
    script("UPDATE tenantry.schema_version SET version = 99");
    EXPECT_NE(refused("tenantry_owner").find("newer than this program's"), std::string::npos);
    script("DROP ROLE stranger, mighty");
}

/// Columns by table, "name nullable" in the order of their names.
using Columns = std::map<std::string, std::string>;

Columns columns_in_sqlite() {
    sqlite3* db = nullptr;
    sqlite3_open(":memory:", &db);
    for (const auto& migration : schema::sqlite_migrations())
        sqlite3_exec(db, std::string{migration.sql}.c_str(), nullptr, nullptr, nullptr);
    Columns columns;
    const auto collect = [](void* into, int, char** cells, char**) {
        (*static_cast<Columns*>(into))[cells[0]] += fmt::format("{} {}, ", cells[1], cells[2]);
        return 0;
    };
    sqlite3_exec(
        db,
        "SELECT iif(t.name GLOB 't_*', substr(t.name, 3), t.name), c.name, "
        "iif(c.\"notnull\", 'not null', 'null') FROM sqlite_schema t, "
        "pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT GLOB 'sqlite_*' "
        "ORDER BY 1, 2",
        collect, &columns, nullptr);
    sqlite3_close(db);
    return columns;
}

TEST_F(MigrateTest, BothEnginesHaveTheSameTablesAndColumns) {
    migrate(url("tenantry_owner")).value();
    auto client = connect("postgres");
    const auto found = client.run(
        "SELECT table_name::text, column_name::text, "
        "CASE is_nullable WHEN 'NO' THEN 'not null' ELSE 'null' END "
        "FROM information_schema.columns WHERE table_schema IN ('public', 'tenantry') "
        "AND table_name <> 'schema_version' "
        // A file is near enough to be asked each time.
        "AND column_name <> 'standing_version' ORDER BY 1, column_name COLLATE \"C\"");
    Columns columns;
    for (std::size_t row = 0; row < found.rows.size(); ++row) {
        columns[pg::text_at(found.rows, row, 0)] += fmt::format(
            "{} {}, ", pg::text_at(found.rows, row, 1), pg::text_at(found.rows, row, 2));
    }
    EXPECT_EQ(columns, columns_in_sqlite());
}

}  // namespace
}  // namespace tenantry::engine::postgres
