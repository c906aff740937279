/// The program over a PostgreSQL database.

#include "engine/postgres_cluster.hpp"
#include "program_test.hpp"

#include <csignal>

namespace tenantry::cli {
namespace {

class OnPostgres : public ProgramTest {
protected:
    OnPostgres()
        : cluster_{engine::testing::PostgresCluster::instance()},
          database_{cluster_.create_database(false)} {
        environment_["TENANTRY_JWT_SECRET"] = "a secret for tests, 32 bytes or more";
        use("tenantry_owner");
    }
    ~OnPostgres() override { cluster_.drop_database(database_); }

    void use(const std::string& role) {
        environment_["TENANTRY_DATABASE"] = cluster_.url(database_, role).secret_text();
    }

    engine::testing::PostgresCluster& cluster_;
    std::string database_;
};

TEST_F(OnPostgres, IsMigratedByItsOwnerAndUsedByTheRoleThatMakes) {
    const auto plan = done({"migrate", "--plan", "--role", "app_of_cli"});
    EXPECT_TRUE(holds(plan, {"BEGIN;", "CREATE ROLE \"app_of_cli\"", "CREATE POLICY", "COMMIT;"}));
    EXPECT_TRUE(holds(refused(1, {"tenant", "list"}), {"tenantry migrate"}));

    const auto made = done({"migrate", "--role", "app_of_cli"});
    EXPECT_TRUE(
        holds(made, {"Made postgres://tenantry_owner@/", "with schema version",
                     "Made the role app_of_cli", "TENANTRY_DATABASE='postgres://app_of_cli:"}));
    EXPECT_TRUE(holds(done({"migrate", "--role", "app_of_cli"}), {"already"}));
    EXPECT_EQ(done({"migrate", "--plan", "--role", "app_of_cli"}), "-- nothing is to be done\n");

    // The owner is not held by row-level security.
    EXPECT_TRUE(holds(refused(1, {"serve", "--listen", "127.0.0.1:0"}), {"owns"}));
    const auto at = made.find("postgres://app_of_cli:");
    environment_["TENANTRY_DATABASE"] = made.substr(at, made.find('\'', at) - at);
    EXPECT_EQ(done({"tenant", "create", "acme"}), "Created tenant acme\n");
    EXPECT_TRUE(holds(done({"doctor"}), {"row-level security holds this role"}));
    cluster_.script(database_, "DROP OWNED BY app_of_cli; DROP ROLE app_of_cli");
}

TEST_F(OnPostgres, ServesImportsAndMovesTenants) {
    done({"migrate"});
    use("tenantry_app");
    done({"tenant", "create", "acme"});
    EXPECT_TRUE(
        holds(done({"import", "leads", example("harborview-leads.csv"), "--tenant", "acme"}),
              {"Imported"}));
    done({"tenant", "export", "acme", "--output", "acme.tar.gz"});
    done({"tenant", "import", "acme.tar.gz", "--tenant", "copy"});
    // The same archive from either engine.
    environment_.erase("TENANTRY_DATABASE");
    done({"tenant", "import", "acme.tar.gz", "--tenant", "copy"});
    EXPECT_EQ(done({"export", "--tenant", "copy"}).size(), [&] {
        use("tenantry_app");
        return done({"export", "--tenant", "copy"}).size();
    }());
    EXPECT_TRUE(holds(done({"tenant", "delete", "copy", "--yes-delete", "copy"}), {"receipt"}));

    support::Running server{launch({"serve", "--listen", "127.0.0.1:0"})};
    EXPECT_TRUE(server.read_line().starts_with("Listening on http://127.0.0.1:"));
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait().code, 0);
}

TEST_F(OnPostgres, WhatIsForFilesSaysWhatToDoInstead) {
    done({"migrate"});
    use("tenantry_app");
    EXPECT_TRUE(holds(refused(2, {"backup", "x.db"}), {"pg_dump"}));
    EXPECT_TRUE(holds(refused(2, {"restore", "x.db"}), {"pg_restore"}));
    EXPECT_TRUE(holds(refused(2, {"scrub"}), {"VACUUM"}));
    EXPECT_TRUE(holds(refused(2, {"serve", "--migrate"}), {"as its owner"}));
}

}  // namespace
}  // namespace tenantry::cli
