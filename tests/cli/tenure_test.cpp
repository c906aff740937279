/// A tenant's way out: archives, deletion, and what is left of it. And the database's: backup,
/// restore, doctor.

#include "program_test.hpp"

#include <boost/json/serialize.hpp>

#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>

namespace tenantry::cli {
namespace {

struct CloseDatabase {
    void operator()(sqlite3* db) const noexcept { sqlite3_close(db); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

class Tenure : public ProgramTest {
protected:
    void make_tenant(const std::string& id) const {
        done({"tenant", "create", id, "--name", "Acme Realty"});
        done({"import", "leads", example("harborview-leads.csv"), "--tenant", id});
    }
    std::string leads(const std::string& id) const {
        return done({"export", "--tenant", id, "--format", "ndjson"});
    }
    Database open() const {
        sqlite3* raw = nullptr;
        EXPECT_EQ(sqlite3_open(path("tenantry.db").c_str(), &raw), SQLITE_OK);
        return Database{raw};
    }
    void execute(const char* sql) const {
        EXPECT_EQ(sqlite3_exec(open().get(), sql, nullptr, nullptr, nullptr), SQLITE_OK);
    }
    support::Launch serve() const { return launch({"serve", "--listen", "127.0.0.1:0"}); }
    /// Once this returns, the server is up.
    static void wait_for(support::Running& server) {
        EXPECT_TRUE(server.read_line().starts_with("Listening on ")) << "no server";
    }
    static mode_t mode(const std::filesystem::path& path) {
        struct stat status{};
        EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
        return status.st_mode & 07777U;
    }

    struct Diagnosis {
        int code;
        std::map<std::string, std::string> levels;
        std::string text;
    };
    Diagnosis diagnose() const {
        const auto ended = run({"doctor", "--json"});
        EXPECT_EQ(ended.err, "");
        Diagnosis out{ended.code, {}, ended.out};
        const auto answer = boost::json::parse(ended.out);
        EXPECT_EQ(answer.at("well").as_bool(), ended.code == 0);
        for (const auto& check : answer.at("checks").as_array()) {
            out.levels[std::string{check.at("check").as_string()}] = check.at("level").as_string();
        }
        return out;
    }
};

std::string renamed(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
    return text;
}

TEST_F(Tenure, ATenantMovesInAnArchive) {
    make_tenant("acme");
    const auto exported = done_json({"tenant", "export", "acme", "--output", "acme.tar.gz"});
    EXPECT_EQ(exported.at("rows").at("leads"), 5000);
    EXPECT_EQ(mode(path("acme.tar.gz")), 0600U);
    EXPECT_EQ(folder_.names().size(), 2U) << "the database and the archive, no spool";

    const auto imported = done_json({"tenant", "import", "acme.tar.gz", "--tenant", "beta"});
    EXPECT_EQ(imported.at("name"), "Acme Realty");
    EXPECT_EQ(imported.at("archive_of"), "acme");
    EXPECT_EQ(imported.at("rows").at("leads"), 5000);
    EXPECT_EQ(leads("beta"),
              renamed(leads("acme"), "\"tenant_id\":\"acme\"", "\"tenant_id\":\"beta\""));

    // Into another database, which is made.
    environment_["TENANTRY_DATABASE"] = "sqlite:other.db";
    EXPECT_TRUE(
        holds(done({"tenant", "import", "acme.tar.gz", "--tenant", "acme", "--name", "New"}),
              {"Imported tenant acme with", "5000 leads"}));
    EXPECT_EQ(done_json({"tenant", "show", "acme"}).at("name"), "New");
    EXPECT_EQ(diagnose().levels.at("tallies"), "ok");
}

TEST_F(Tenure, ASuspendedTenantIsExportedAndOneThatIsBeingDeletedIsNot) {
    make_tenant("acme");
    done({"tenant", "suspend", "acme"});
    done({"tenant", "export", "acme", "--output", "acme.tar.gz"});
    execute("UPDATE tenants SET status = 'deleting'");
    std::filesystem::remove(path("acme.tar.gz"));
    refused(1, {"tenant", "export", "acme", "--output", "acme.tar.gz"});
    EXPECT_FALSE(std::filesystem::exists(path("acme.tar.gz")));
    EXPECT_TRUE(holds(refused(1, {"tenant", "export", "nobody", "--output", "x.tar.gz"}),
                      {"no tenant nobody"}));
}

TEST_F(Tenure, AnArchiveThatIsNoneIsRefusedAndLeavesNoTenant) {
    make_tenant("acme");
    done({"tenant", "export", "acme", "--output", "acme.tar.gz"});
    const auto archive = support::read_file(path("acme.tar.gz"));
    support::write_file(path("cut.tar.gz"), archive.substr(0, archive.size() / 2));
    support::write_file(path("text.tar.gz"), "hello");
    for (const char* file : {"cut.tar.gz", "text.tar.gz"}) {
        EXPECT_TRUE(holds(refused(1, {"tenant", "import", file, "--tenant", "beta"}),
                          {"damaged, cut off"}));
    }
    EXPECT_TRUE(holds(refused(1, {"tenant", "import", "gone.tar.gz", "--tenant", "beta"}),
                      {"doesn't exist"}));
    EXPECT_TRUE(holds(refused(1, {"tenant", "import", "acme.tar.gz", "--tenant", "acme"}),
                      {"acme exists already"}));
    EXPECT_EQ(done_json({"tenant", "list"}).as_array().size(), 1U);
}

TEST_F(Tenure, ADeletionBesideAServerLeavesNothingAndGivesAReceipt) {
    make_tenant("victim-tenant");
    make_tenant("acme");
    done({"user", "create", "--tenant", "victim-tenant", "--email", "zqxgone@a.example", "--role",
          "admin"});
    support::write_file(path("few.csv"),
                        "first_name,email,city\nzqxgone,zqxgone@b.example,zqxgone\n");
    done({"import", "leads", "few.csv", "--tenant", "victim-tenant"});
    std::filesystem::remove(path("few.csv"));
    const auto before = leads("acme");
    support::Running server{serve()};
    wait_for(server);
    const auto receipt =
        done_json({"tenant", "delete", "victim-tenant", "--yes-delete", "victim-tenant"});
    EXPECT_EQ(receipt.at("deleted"), "victim-tenant");
    EXPECT_EQ(receipt.at("rows").at("leads"), 5001);
    EXPECT_EQ(receipt.at("users"), 1);
    EXPECT_EQ(receipt.at("key_destroyed"), false);
    EXPECT_EQ(receipt.at("scrubbed"), true);
    std::string left;
    for (const char* name : {"tenantry.db", "tenantry.db-wal", "tenantry.db-shm"})
        left += support::read_file(path(name));
    EXPECT_EQ(left.find("victim-tenant"), std::string::npos);
    EXPECT_EQ(left.find("zqxgone"), std::string::npos);
    EXPECT_EQ(leads("acme"), before);
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait().code, 0);
    EXPECT_EQ(diagnose().levels.at("remains"), "ok");
}

TEST_F(Tenure, ADeletionThatCannotScrubSaysSo) {
    make_tenant("acme");
    auto reader = open();
    // Somebody looks at an old state for a long time.
    ASSERT_EQ(sqlite3_exec(reader.get(), "BEGIN; SELECT * FROM tenants", nullptr, nullptr, nullptr),
              SQLITE_OK);
    const auto ended = run(
        {"tenant", "delete", "acme", "--yes-delete", "acme", "--json", "--lock-timeout", "10ms"});
    EXPECT_EQ(ended.code, 1);
    const auto receipt = boost::json::parse(ended.out);
    EXPECT_EQ(receipt.at("rows").at("leads"), 5000);
    EXPECT_EQ(receipt.at("scrubbed"), false);
    EXPECT_TRUE(holds(ended.err, {"acme is deleted, but", "tenantry scrub"}));
    reader.reset();

    const auto diagnosis = diagnose();
    EXPECT_EQ(diagnosis.code, 0) << "a warning is no failure";
    EXPECT_EQ(diagnosis.levels.at("remains"), "warn");
    EXPECT_TRUE(holds(diagnosis.text, {"tenantry scrub"}));
    EXPECT_TRUE(holds(done({"scrub"}), {"Rewrote sqlite:tenantry.db", "nothing of deleted rows"}));
    EXPECT_EQ(diagnose().levels.at("remains"), "ok");
}

TEST_F(Tenure, ABackupIsMadeBesideAServerAndRestored) {
    make_tenant("acme");
    // Which makes the secret, and says so.
    EXPECT_EQ(run({"token", "--tenant", "acme", "--user", "u", "--role", "viewer"}).code, 0);
    const auto before = leads("acme");
    {
        support::Running server{serve()};
        wait_for(server);
        const auto made = done_json({"backup", "copy.db"});
        EXPECT_EQ(made.at("backup"), "copy.db");
        EXPECT_EQ(boost::json::serialize(made.at("keep_too")), R"(["tenantry.db.jwt-secret"])");
        EXPECT_EQ(mode(path("copy.db")), 0600U);
        EXPECT_FALSE(std::filesystem::exists(path("copy.db-wal")));
        EXPECT_TRUE(holds(refused(1, {"restore", "copy.db"}), {"is there already", "--replace"}));
        EXPECT_TRUE(holds(refused(1, {"restore", "copy.db", "--replace"}),
                          {"in use by another process", "stop the server"}));
        server.signal(SIGTERM);
        EXPECT_EQ(server.wait().code, 0);
    }
    done({"tenant", "delete", "acme", "--yes-delete", "acme"});
    EXPECT_TRUE(holds(done({"restore", "copy.db", "--replace"}), {"Restored sqlite:tenantry.db"}));
    EXPECT_EQ(leads("acme"), before);
    EXPECT_EQ(mode(path("tenantry.db")), 0600U);
    for (const auto& name : folder_.names())
        EXPECT_EQ(name.find("replaced"), std::string::npos) << name;

    environment_["TENANTRY_DATABASE"] = "sqlite:elsewhere.db";
    done({"restore", "copy.db"});
    EXPECT_EQ(leads("acme"), before);
}

TEST_F(Tenure, ADamagedDatabaseIsReplaced) {
    make_tenant("acme");
    const auto before = leads("acme");
    done({"backup", "copy.db"});
    support::write_file(path("tenantry.db"), std::string(10'000, 'x'));
    support::write_file(path("tenantry.db-wal"), std::string(10'000, 'y'));
    done({"restore", "copy.db", "--replace"});
    EXPECT_EQ(leads("acme"), before);
}

TEST_F(Tenure, WhatIsNoBackupIsNotRestored) {
    make_tenant("acme");
    done({"backup", "copy.db"});
    auto damaged = support::read_file(path("copy.db"));
    std::fill(damaged.begin() + 20'000, damaged.begin() + 60'000, '\xAA');
    support::write_file(path("damaged.db"), damaged);
    support::write_file(path("text.db"), "hello, this is text and no database at all");
    support::write_file(path("empty.db"), "");
    const auto before = leads("acme");
    const auto names = folder_.names();
    for (const char* file : {"damaged.db", "text.db", "empty.db", "gone.db"})
        EXPECT_TRUE(holds(refused(1, {"restore", file, "--replace"}), {file}));
    EXPECT_EQ(folder_.names(), names);
    EXPECT_EQ(leads("acme"), before);
    const auto held = open();
    sqlite3_exec(held.get(), "UPDATE tenants SET name = 'x'", nullptr, nullptr, nullptr);
    environment_["TENANTRY_DATABASE"] = "sqlite:elsewhere.db";
    EXPECT_TRUE(holds(refused(1, {"restore", "tenantry.db"}),
                      {"write-ahead log beside it", "tenantry backup"}));
}

TEST_F(Tenure, ABackupNeverGoesOverTheDatabase) {
    make_tenant("acme");
    EXPECT_TRUE(holds(refused(1, {"backup", "./tenantry.db"}), {"the database itself"}));
    environment_["TENANTRY_DATABASE"] = "sqlite:gone.db";
    EXPECT_TRUE(holds(refused(1, {"backup", "copy.db"}), {"no such file"}));
    EXPECT_FALSE(std::filesystem::exists(path("copy.db")));
}

TEST_F(Tenure, ADoctorLooksForTheMasterKeyWhereTheConfigurationSaysItIs) {
    make_tenant("acme");
    sqlite3_exec(open().get(),
                 "INSERT INTO tenant_keys (tenant_id, master_id, wrapped, created_at)"
                 " VALUES ('acme', 'm', 'w', 1)",
                 nullptr, nullptr, nullptr);
    EXPECT_EQ(diagnose().levels.at("master key"), "fail");
    environment_["TENANTRY_MASTER_KEY_FILE"] = "elsewhere.key";
    EXPECT_EQ(diagnose().levels.at("master key"), "fail");
    environment_.erase("TENANTRY_MASTER_KEY_FILE");
    environment_["TENANTRY_MASTER_KEY"] = std::string(64, 'a');
    EXPECT_EQ(diagnose().levels.at("master key"), "ok");
}

TEST_F(Tenure, ADoctorFindsNothingWrongWithAGoodDatabase) {
    make_tenant("acme");
    // Which makes the secret, and says so.
    EXPECT_EQ(run({"token", "--tenant", "acme", "--user", "u", "--role", "viewer"}).code, 0);
    const auto diagnosis = diagnose();
    EXPECT_EQ(diagnosis.code, 0);
    for (const auto& [check, level] : diagnosis.levels) {
        // The disk's room is not the test's doing.
        EXPECT_TRUE(level == "ok" || check == "disk") << check << diagnosis.text;
    }
    EXPECT_TRUE(holds(done({"doctor"}), {"ok  database", "ok  tallies", "ok  clock"}));
}

TEST_F(Tenure, ADoctorFindsWhatIsWrong) {
    make_tenant("acme");
    execute("UPDATE t_lead_counts SET n = n + 1; UPDATE tenants SET status = 'deleting';");
    execute("ANALYZE");
    execute(
        "PRAGMA foreign_keys = OFF; INSERT INTO t_events (tenant_id, id, lead_id, type, "
        "timestamp, created_at, updated_at) VALUES ('acme', 'x', 'nowhere', 't', 1, 1, 1);");
    execute("UPDATE tenants SET updated_at = 9000000000000000");
    execute("INSERT INTO tenant_keys VALUES ('acme', 'm', 'w', 1)");
    ASSERT_EQ(::chmod(path("tenantry.db").c_str(), 0644), 0);
    support::write_file(path("tenantry.db.jwt-secret"), "zqxsecret\n");
    ASSERT_EQ(::chmod(path("tenantry.db.jwt-secret").c_str(), 0600), 0);
    const auto diagnosis = diagnose();
    EXPECT_EQ(diagnosis.code, 1);
    for (const char* check :
         {"permissions", "tallies", "statistics", "references", "signing secret", "master key"}) {
        EXPECT_EQ(diagnosis.levels.at(check), "fail") << check;
    }
    for (const char* check : {"removals", "clock"})
        EXPECT_EQ(diagnosis.levels.at(check), "warn") << check;
    EXPECT_TRUE(holds(diagnosis.text, {"chmod 600 tenantry.db", "tenantry tenant delete acme",
                                       "leads by status", "DROP TABLE sqlite_stat1"}));
    EXPECT_FALSE(holds(diagnosis.text, {"zqxsecret"})) << "a secret is never shown";
}

TEST_F(Tenure, ADoctorSaysWhereThereIsNoDatabase) {
    const auto diagnosis = diagnose();
    EXPECT_EQ(diagnosis.code, 1);
    EXPECT_EQ(diagnosis.levels.at("database"), "fail");
    EXPECT_EQ(folder_.names(), std::vector<std::string>{});
}

}  // namespace
}  // namespace tenantry::cli
