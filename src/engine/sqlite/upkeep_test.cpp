#include "engine/sqlite/upkeep.hpp"

#include "engine/sqlite/snapshot.hpp"
#include "engine/test_database.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sqlite3.h>

#include <fstream>

namespace tenantry::engine::sqlite {
namespace {

using tenantry::engine::testing::no_deadline;
using tenantry::engine::testing::TestDatabase;
using tenantry::engine::testing::wait_for;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class UpkeepTest : public ::testing::Test {
protected:
    void add_agent(std::string_view tenant, std::string_view name) {
        const auto& agents = schema::lead_catalog().relation("agents");
        query::Insert insert{.relation = &agents,
                             .columns = {&agents.column("name"), &agents.column("email")}};
        insert.rows.push_back({schema::Text{name}, schema::Text{std::string{name} + "@a.example"}});
        database_.run(std::move(insert), database_.scope(tenant)).value();
    }
    void execute(const char* sql) const {
        sqlite3* raw = nullptr;
        ASSERT_EQ(sqlite3_open(database_.path().c_str(), &raw), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(raw, sql, nullptr, nullptr, nullptr), SQLITE_OK);
        sqlite3_close(raw);
    }
    /// An empty file, as whoever wants a copy makes it.
    std::filesystem::path file(std::string_view name) const {
        auto path = database_.path().parent_path() / name;
        std::ofstream{path};
        return path;
    }

    TestDatabase database_;
};

TEST_F(UpkeepTest, ACopyIsTheDatabaseInOneFile) {
    add_agent("acme", "ann");
    const auto copy = file("copy.db");
    copy_database(database_.path(), copy, {}).value();
    const auto found = inspect_file(copy, "copy.db").value();
    EXPECT_EQ(found.schema_version, schema_version(database_.path()).value().latest);
    EXPECT_EQ(found.bytes, std::filesystem::file_size(copy));
    EXPECT_FALSE(std::filesystem::exists(copy.string() + "-wal"));
    EXPECT_FALSE(std::filesystem::exists(copy.string() + "-shm"));
    EXPECT_FALSE(std::filesystem::exists(copy.string() + "-journal"));
    EXPECT_EQ(examine(copy).value().damage, std::vector<std::string>{});
}

TEST_F(UpkeepTest, WhatIsNoDatabaseIsNotPassed) {
    EXPECT_EQ(inspect_file(database_.path().parent_path() / "gone", "gone").error().code,
              Errc::not_found);
    EXPECT_THAT(inspect_file(file("empty"), "empty").error().message, HasSubstr("empty: is no"));
    const auto text = file("text");
    std::ofstream{text} << std::string(10'000, 'x');
    EXPECT_THAT(inspect_file(text, "text").error().message, HasSubstr("not an SQLite database"));
    EXPECT_EQ(copy_database(text, file("out"), {}).error().code, Errc::storage_unusable);
}

TEST_F(UpkeepTest, AnExaminationOfASoundDatabaseFindsNothing) {
    add_agent("acme", "ann");
    const auto found = examine(database_.path()).value();
    EXPECT_THAT(found.damage, IsEmpty());
    EXPECT_THAT(found.deleting, IsEmpty());
    EXPECT_THAT(found.wrong_tallies, IsEmpty());
    EXPECT_EQ(found.dangling, 0);
    EXPECT_FALSE(found.statistics);
    EXPECT_EQ(found.unscrubbed, 0);
    EXPECT_GT(found.last_written, Timestamp{});
}

TEST_F(UpkeepTest, AnExaminationFindsWhatIsWrong) {
    add_agent("acme", "ann");
    execute("UPDATE t_row_counts SET n = 7; ANALYZE; UPDATE tenants SET status = 'deleting';");
    execute(
        "UPDATE t_agents SET active_leads = 3;"
        "INSERT INTO audit_log (at, actor, action) VALUES (1, 'x', 'tenant.delete')");
    const auto found = examine(database_.path()).value();
    EXPECT_EQ(found.wrong_tallies,
              (std::vector<std::string>{"figures of agents", "rows by relation"}));
    EXPECT_TRUE(found.statistics);
    EXPECT_EQ(found.deleting, std::vector<std::string>{"acme"});
    EXPECT_EQ(found.unscrubbed, 1);
}

TEST_F(UpkeepTest, ScrubbingGivesRoomBackAndHarmsNoOpenConnection) {
    for (int i = 0; i < 500; ++i) add_agent("acme", "agent" + std::to_string(i));
    const auto& agents = schema::lead_catalog().relation("agents");
    database_.run(query::Delete{.relation = &agents}, database_.scope("acme")).value();
    scrub(database_.path(), std::chrono::seconds{5}).value();
    EXPECT_EQ(std::filesystem::file_size(database_.path().string() + "-wal"), 0U);
    add_agent("acme", "later");
    EXPECT_THAT(examine(database_.path()).value().damage, IsEmpty());
}

TEST_F(UpkeepTest, ASnapshotStaysAsItWasAndIsOnlyRead) {
    add_agent("acme", "before");
    const auto snapshot = open_snapshot(schema::lead_catalog(), database_.path()).value();
    add_agent("acme", "after");
    const auto scope = database_.scope("acme");
    const auto& agents = schema::lead_catalog().relation("agents");
    const auto plan = [&](query::Request request) {
        auto planned = query::plan(std::move(request), {system_clock().now(), new_uuid}).value();
        return query::scope_plan(std::move(planned), scope).value();
    };
    query::Read read{.relation = &agents, .projection = {&agents.column("name")}};
    const auto rows = wait_for(snapshot->run(plan(read), no_deadline)).value().rows;
    ASSERT_EQ(rows.row_count(), 1U);
    EXPECT_EQ(rows.value(0, "name"), schema::Value{schema::Text{"before"}});
    EXPECT_EQ(
        wait_for(snapshot->run(plan(query::Delete{.relation = &agents}), no_deadline)).error().code,
        Errc::bad_request);
}

}  // namespace
}  // namespace tenantry::engine::sqlite
