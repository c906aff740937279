/// What goes wrong around the program: each ends in one sentence that says what to do, an exit
/// code, and every file as it was.

#include "program_test.hpp"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

namespace tenantry::cli {
namespace {

struct CloseDatabase {
    void operator()(sqlite3* db) const noexcept { sqlite3_close(db); }
};

class Trouble : public ProgramTest {
protected:
    void make_database() const {
        done({"tenant", "create", "acme"});
        done({"import", "leads", example("harborview-leads.csv"), "--tenant", "acme"});
    }

    std::unique_ptr<sqlite3, CloseDatabase> open() const {
        sqlite3* raw = nullptr;
        EXPECT_EQ(sqlite3_open(path("tenantry.db").c_str(), &raw), SQLITE_OK);
        return std::unique_ptr<sqlite3, CloseDatabase>{raw};
    }
    void execute(const char* sql) const {
        EXPECT_EQ(sqlite3_exec(open().get(), sql, nullptr, nullptr, nullptr), SQLITE_OK);
    }

    /// All commands that open the database.
    static std::vector<Arguments> commands() {
        return {
            {"migrate"},
            {"tenant", "create", "acme"},
            {"tenant", "list"},
            {"tenant", "delete", "acme", "--yes-delete", "acme"},
            {"user", "create", "--tenant", "acme", "--email", "a@b.example", "--role", "viewer"},
            {"token", "--tenant", "acme", "--user", "u", "--role", "viewer"},
            {"import", "leads", example("harborview-leads.csv"), "--tenant", "acme"},
            {"export", "--tenant", "acme"},
            {"serve", "--listen", "127.0.0.1:0"},
            {"serve", "--migrate", "--listen", "127.0.0.1:0"}};
    }

    /// Every command is refused with these words and leaves the database's bytes alone.
    void all_refused(std::initializer_list<std::string_view> words) const {
        const auto before = support::read_file(path("tenantry.db"));
        for (const auto& command : commands()) {
            EXPECT_TRUE(holds(refused(1, command), {"tenantry.db"})) << command.front();
            EXPECT_TRUE(holds(refused(1, command), words)) << command.front();
        }
        EXPECT_EQ(support::read_file(path("tenantry.db")), before);
        EXPECT_FALSE(std::filesystem::exists(path("tenantry.db.jwt-secret")));
    }
};

TEST_F(Trouble, AFileThatIsNoDatabase) {
    support::write_file(path("tenantry.db"), std::string(10'000, 'x'));
    all_refused({"not an SQLite database", "name another file"});
}

TEST_F(Trouble, AnotherProgramsDatabase) {
    execute("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1);");
    all_refused({"another program's database", "name another file"});
}

TEST_F(Trouble, ADatabaseOfANewerProgram) {
    make_database();
    execute("PRAGMA user_version = 999;");
    all_refused({"schema version 999, newer than this program's", "use a newer tenantry"});
}

TEST_F(Trouble, ADamagedDatabase) {
    make_database();
    auto bytes = support::read_file(path("tenantry.db"));
    std::fill(bytes.begin() + 100, bytes.end(), '\xAA');
    support::write_file(path("tenantry.db"), bytes);
    all_refused({"is damaged", "restore it from a backup"});
}

TEST_F(Trouble, ADatabaseCutShort) {
    make_database();
    std::filesystem::resize_file(path("tenantry.db"), 20'000);
    all_refused({"is damaged", "restore it from a backup"});
}

TEST_F(Trouble, ADatabaseWithDamagedRows) {
    make_database();
    auto bytes = support::read_file(path("tenantry.db"));
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 8), bytes.end(), '\xAA');
    support::write_file(path("tenantry.db"), bytes);
    const auto ended = run({"export", "--tenant", "acme", "--output", "out.csv"});
    EXPECT_EQ(ended.code, 1);
    EXPECT_TRUE(ended.err.starts_with("tenantry: ") && !ended.err.empty());
    EXPECT_FALSE(std::filesystem::exists(path("out.csv")));
    EXPECT_EQ(support::read_file(path("tenantry.db")), bytes);
}

TEST_F(Trouble, NoDatabaseYet) {
    for (const auto& command : commands()) {
        if (command.front() == "migrate" || command.front() == "serve" || command[1] == "create")
            continue;
        if (command.front() == "user") continue;
        EXPECT_TRUE(holds(refused(1, command),
                          {"no such file", "tenantry migrate --database sqlite:tenantry.db"}))
            << command.front();
    }
    EXPECT_EQ(folder_.names(), std::vector<std::string>{}) << "asking makes nothing";
}

TEST_F(Trouble, NoFolderForTheDatabase) {
    environment_["TENANTRY_DATABASE"] = "sqlite:gone/tenantry.db";
    for (const auto& command : commands()) {
        EXPECT_TRUE(holds(refused(1, command), {"gone", "does not exist", "make it first"}))
            << command.front();
    }
    EXPECT_EQ(folder_.names(), std::vector<std::string>{});
}

TEST_F(Trouble, AFolderInPlaceOfTheDatabase) {
    std::filesystem::create_directory(path("tenantry.db"));
    for (const auto& command : commands())
        EXPECT_TRUE(holds(refused(1, command), {"is a directory"})) << command.front();
}

TEST_F(Trouble, AFolderThatCannotBeWrittenTo) {
    ASSERT_EQ(::chmod(folder_.path().c_str(), 0555), 0);
    for (const auto& command : commands()) {
        const bool makes =
            command.front() == "migrate" || command.front() == "serve" || command[1] == "create";
        if (!makes || command.front() == "user") continue;
        auto launched = launch(command);
        launched.unprivileged = true;
        EXPECT_TRUE(holds(refused(1, launched), {"can't be written to"})) << command.front();
    }
    EXPECT_EQ(folder_.names(), std::vector<std::string>{});
}

TEST_F(Trouble, ADatabaseThatMayNotBeRead) {
    make_database();
    ASSERT_EQ(::chmod(path("tenantry.db").c_str(), 0000), 0);
    for (const auto& command : commands()) {
        auto launched = launch(command);
        launched.unprivileged = true;
        EXPECT_TRUE(holds(refused(1, launched), {"tenantry.db"})) << command.front();
    }
}

TEST_F(Trouble, ALockHeldByAnotherProcess) {
    make_database();
    const auto holder = open();
    ASSERT_EQ(sqlite3_exec(holder.get(), "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr), SQLITE_OK);
    support::write_file(path("one.csv"), "first_name,email\nAnn,ann@example.com\n");
    EXPECT_TRUE(holds(
        refused(1, {"import", "leads", "one.csv", "--tenant", "acme", "--lock-timeout", "10ms"}),
        {"another process holds", "lock", "try again"}));
    EXPECT_TRUE(holds(refused(1, {"tenant", "create", "beta"}),
                      {"another process holds", "lock", "try again"}));
    ASSERT_EQ(sqlite3_exec(holder.get(), "COMMIT", nullptr, nullptr, nullptr), SQLITE_OK);
    EXPECT_EQ(done({"import", "leads", "one.csv", "--tenant", "acme"}),
              "Imported 1 of 1 rows into acme\n");
}

// A limit on the size of files stands in for a full disk: writes fail half-way.
TEST_F(Trouble, AFullDiskLosesNothing) {
    make_database();
    done({"tenant", "create", "beta"});
    const auto before = done({"export", "--tenant", "acme"});
    const Arguments import{"import", "leads", example("plateau-leads-crm-export.csv"), "--tenant",
                           "beta"};
    auto cramped = launch(import);
    cramped.file_bytes_max = 128UL * 1024;
    EXPECT_TRUE(holds(refused(1, cramped), {"disk"}));
    EXPECT_EQ(done({"export", "--tenant", "beta", "--format", "ndjson"}), "") << "all or nothing";
    EXPECT_EQ(done({"export", "--tenant", "acme"}), before);
    EXPECT_EQ(done(import), "Imported 2000 of 2000 rows into beta\n");
}

TEST_F(Trouble, AFullDiskIsNoObstacleOnceThereIsRoom) {
    auto cramped = launch({"migrate"});
    cramped.file_bytes_max = 16UL * 1024;
    EXPECT_TRUE(holds(refused(1, cramped), {"disk"}));
    done({"migrate"});
    done({"tenant", "create", "acme"});
}

// One letter of space: the secret file either stands whole or isn't there.
TEST_F(Trouble, AFullDiskLeavesNoHalfMadeSecret) {
    done({"tenant", "create", "acme"});
    auto cramped = launch({"token", "--tenant", "acme", "--user", "u", "--role", "viewer"});
    cramped.unprivileged = false;
    cramped.file_bytes_max = 10;
    const auto ended = support::run(cramped);
    EXPECT_EQ(ended.code, 1);
    EXPECT_EQ(ended.out, "");
    for (const auto& name : folder_.names())
        EXPECT_EQ(name.find("jwt-secret"), std::string::npos) << name;
}

}  // namespace
}  // namespace tenantry::cli
