#include "sqlite/migrate.hpp"

#include "engine/test_database.hpp"
#include "schema/migrations.hpp"
#include "sqlite/handles.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <thread>

namespace tenantry::engine::sqlite {
namespace {

using ::testing::HasSubstr;

class MigrateTest : public ::testing::Test {
protected:
    DatabaseHandle open() {
        return open_database(path_.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, 1000);
    }
    void write_file(std::string_view bytes) { std::ofstream{path_, std::ios::binary} << bytes; }

    testing::TempDirectory directory_;
    std::filesystem::path path_ = directory_.path() / "new.db";
};

TEST_F(MigrateTest, MakesAFileOfTheNewestVersionThatOnlyItsOwnerReads) {
    EXPECT_EQ(migrate(path_).value().current, 0);
    const auto version = schema_version(path_).value();
    EXPECT_EQ(version.current, version.latest);
    EXPECT_EQ(std::filesystem::status(path_).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(MigrateTest, ASecondRunChangesNothing) {
    migrate(path_).value();
    const auto version = migrate(path_).value();
    EXPECT_EQ(version.current, version.latest);
}

TEST_F(MigrateTest, RunsFromManyPlacesAtOnce) {
    std::vector<std::thread> threads;
    std::vector<Result<SchemaVersion>> results(4, SchemaVersion{});
    for (auto& result : results) threads.emplace_back([&result, this] { result = migrate(path_); });
    for (auto& thread : threads) thread.join();
    for (const auto& result : results) EXPECT_TRUE(result) << result.error().message;
}

TEST_F(MigrateTest, RefusesWhatIsNoDatabase) {
    write_file(
        "this is a text file, and a rather long one at that, so that it can't be taken for an "
        "empty database at all, "
        "not even by one who looks at its first page only");
    const auto error = migrate(path_).error();
    EXPECT_EQ(error.code, Errc::storage_unusable);
    EXPECT_THAT(error.message, HasSubstr("is not an SQLite database"));
    EXPECT_EQ(SqliteEngine::open(schema::lead_catalog(), {.path = path_}).error().code,
              Errc::storage_unusable);
}

TEST_F(MigrateTest, RefusesAnotherProgramsDatabaseAndLeavesItAlone) {
    execute(open().get(), "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1);");
    EXPECT_THAT(migrate(path_).error().message, HasSubstr("another program's database"));
    EXPECT_EQ(query_integer(open().get(), "SELECT count(*) FROM sqlite_schema"), 1);
    EXPECT_EQ(query_integer(open().get(), "PRAGMA user_version"), 0);
}

TEST_F(MigrateTest, RefusesANewerVersion) {
    migrate(path_).value();
    execute(open().get(), "PRAGMA user_version = 999;");
    EXPECT_THAT(migrate(path_).error().message, HasSubstr("newer than this program's"));
    EXPECT_THAT(SqliteEngine::open(schema::lead_catalog(), {.path = path_}).error().message,
                HasSubstr("newer"));
}

TEST_F(MigrateTest, AFileCutShortIsNamedAsDamaged) {
    migrate(path_).value();
    std::filesystem::resize_file(path_, 5000);
    EXPECT_EQ(migrate(path_).error().code, Errc::storage_unusable);
}

TEST_F(MigrateTest, AMissingDirectoryAndADirectoryAreNamed) {
    EXPECT_THAT(migrate(directory_.path() / "missing" / "x.db").error().message,
                HasSubstr("does not exist"));
    EXPECT_THAT(migrate(directory_.path()).error().message, HasSubstr("is a directory"));
}

TEST_F(MigrateTest, AMissingFileIsNotMadeByOpening) {
    EXPECT_EQ(SqliteEngine::open(schema::lead_catalog(), {.path = path_}).error().code,
              Errc::not_found);
    EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(MigrateTest, AnotherProgramsExclusiveLockIsNamed) {
    migrate(path_).value();
    const auto holder = open();
    execute(holder.get(), "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;");
    const auto opened = SqliteEngine::open(
        schema::lead_catalog(), {.path = path_, .lock_timeout = std::chrono::milliseconds{10}});
    EXPECT_EQ(opened.error().code, Errc::storage_busy);
    EXPECT_THAT(opened.error().message, HasSubstr("another process holds its lock"));
}

/// A database of version 1 with rows in it: all of them are there afterwards, and tallied.
TEST_F(MigrateTest, UpgradesTheFirstVersionWithoutLoss) {
    const auto db = open();
    execute(db.get(), std::string{schema::sqlite_migrations()[0].sql});
    execute(db.get(),
            fmt::format("PRAGMA application_id = {}; PRAGMA user_version = 1;", application_id));
    execute(db.get(), R"sql(
INSERT INTO tenants (id, name, created_at, updated_at) VALUES ('a', 'A', 1, 1), ('b', 'B', 1, 1);
INSERT INTO t_agents (tenant_id, id, name, email, created_at, updated_at)
  VALUES ('a', 'g1', 'Gus', 'gus@example.com', 1, 1);
INSERT INTO t_leads (tenant_id, id, first_name, source, status, assigned_agent, created_at, updated_at)
  VALUES ('a', '1', 'x', 'web', 'converted', 'g1', 86400000000, 1), ('a', '2', 'y', NULL, 'new', 'g1', 1, 1),
         ('a', '3', 'z', 'web', 'new', NULL, -1, 1), ('b', '1', 'w', 'web', 'closed', NULL, 1, 1);
UPDATE t_leads SET status = 'qualified' WHERE id = '3';
INSERT INTO t_events (tenant_id, id, lead_id, type, timestamp, created_at, updated_at)
  VALUES ('a', 'e1', '1', 'call', 1, 1, 1);
)sql");
    const auto rows = [&](const std::string& select) {
        std::string out;
        const auto statement = prepare(db.get(), select);
        while (step(statement.get())) {
            for (int i = 0; i < sqlite3_column_count(statement.get()); ++i)
                out += std::string{column_text(statement.get(), i)} + ' ';
            out += "/ ";
        }
        return out;
    };
    const auto leads = rows("SELECT * FROM t_leads ORDER BY tenant_id, id");
    EXPECT_EQ(migrate(path_).value().current, 1);
    EXPECT_EQ(rows("SELECT * FROM t_leads ORDER BY tenant_id, id"), leads);
    EXPECT_EQ(rows("SELECT id FROM t_events"), "e1 / ");
    EXPECT_EQ(rows("SELECT * FROM t_lead_counts"),
              "a converted 1 / a new 1 / a qualified 1 / b closed 1 / ");
    EXPECT_EQ(rows("SELECT * FROM t_lead_sources ORDER BY 1, 2"), "a  1 / a web 2 / b web 1 / ");
    EXPECT_EQ(rows("SELECT * FROM t_lead_days"), "a -1 1 0 / a 0 1 0 / a 1 1 1 / b 0 1 0 / ");
    EXPECT_EQ(rows("SELECT id, active_leads, conversion_rate, updated_at FROM t_agents"),
              "g1 1 5000 1 / ");
    EXPECT_EQ(rows("SELECT * FROM t_row_counts"), "a agents 1 / a events 1 / ");
}

/// What the catalog says and what the migrations made, side by side.
TEST_F(MigrateTest, TheTablesAreWhatTheCatalogSays) {
    migrate(path_).value();
    const auto db = open();
    for (const auto& relation : schema::lead_catalog().relations()) {
        const auto info = prepare(db.get(), "SELECT name, \"notnull\" FROM pragma_table_info('t_" +
                                                relation->name() + "') ORDER BY cid");
        for (const auto& column : relation->columns()) {
            ASSERT_TRUE(step(info.get())) << relation->name() << '.' << column.name();
            EXPECT_EQ(column_text(info.get(), 0), column.name());
            EXPECT_EQ(sqlite3_column_int(info.get(), 1) == 0, column.nullable())
                << relation->name() << '.' << column.name();
        }
        EXPECT_FALSE(step(info.get()));
    }
}

TEST_F(MigrateTest, EveryKeyAndIndexOfATenantRelationLeadsWithTheTenant) {
    migrate(path_).value();
    const auto db = open();
    const auto indexes = prepare(
        db.get(),
        "SELECT t.name, i.name, (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno LIMIT 1)"
        " FROM sqlite_schema t, pragma_index_list(t.name) i WHERE t.type = 'table' AND t.name LIKE "
        "'t\\_%' ESCAPE '\\'");
    std::set<std::string> seen;
    while (step(indexes.get())) {
        seen.insert(std::string{column_text(indexes.get(), 0)});
        EXPECT_EQ(column_text(indexes.get(), 2), "tenant_id") << column_text(indexes.get(), 1);
    }
    std::set<std::string> expected;
    for (const auto& relation : schema::lead_catalog().relations())
        expected.insert("t_" + relation->name());
    for (const auto& tally : schema::lead_catalog().tallies())
        expected.insert("t_" + tally->name());
    EXPECT_EQ(seen, expected);
    const auto keys = prepare(db.get(),
                              "SELECT t.name, min(f.\"from\" = 'tenant_id' AND f.\"to\" IN "
                              "('tenant_id', 'id')) FROM sqlite_schema t,"
                              " pragma_foreign_key_list(t.name) f WHERE t.name LIKE 't\\_%' ESCAPE "
                              "'\\' AND f.seq = 0 GROUP BY t.name, f.id");
    while (step(keys.get()))
        EXPECT_EQ(sqlite3_column_int(keys.get(), 1), 1) << column_text(keys.get(), 0);
}

}  // namespace
}  // namespace tenantry::engine::sqlite
