/// The program over a PostgreSQL database.

#include "engine/postgres_cluster.hpp"
#include "engine/tls_cluster.hpp"
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

/// TLS and a pooler before the database, as at Neon.
class BehindAPooler : public ProgramTest {
protected:
    using Cluster = engine::testing::TlsCluster;

    BehindAPooler() : cluster_{Cluster::instance()}, database_{cluster_.create_database(false)} {
        environment_["TENANTRY_JWT_SECRET"] = "a secret for tests, 32 bytes or more";
    }
    ~BehindAPooler() override { cluster_.drop_database(database_); }

    std::string direct(const char* role, std::string options = {}) const {
        return cluster_.url(database_, {.role = role, .options = std::move(options)}).secret_text();
    }
    std::string pooled(const char* role, std::string options = {}) const {
        return cluster_
            .url(database_, {.role = role,
                             .host = Cluster::pooled_host,
                             .port = cluster_.pooler_port(),
                             .options = std::move(options)})
            .secret_text();
    }

    Cluster& cluster_;
    std::string database_;
};

TEST_F(BehindAPooler, IsMigratedDirectlyAndServedThroughThePooler) {
    environment_["TENANTRY_DATABASE"] = pooled(Cluster::owner);
    const auto message = refused(1, {"migrate"});
    EXPECT_TRUE(holds(message, {"ep-quiet-sea-pooler.neon.test", "pooler", "--database-direct"}));
    EXPECT_FALSE(holds(message, {"hunter2"}));

    environment_["TENANTRY_DATABASE_DIRECT"] = direct(Cluster::owner);
    const auto made = done({"migrate"});
    EXPECT_TRUE(
        holds(made, {"Made postgres://tenantry_owner@ep-quiet-sea.neon.test", "with schema version",
                     "TENANTRY_DATABASE='postgres://tenantry_app@ep-quiet-sea-pooler.neon.test",
                     "TENANTRY_DATABASE_DIRECT='postgres://tenantry_app@ep-quiet-sea.neon.test"}));
    EXPECT_FALSE(holds(made, {"hunter2"}));
    const auto again = done_json({"migrate"}).as_object();
    EXPECT_TRUE(again.at("application_direct").as_string().starts_with("postgres://tenantry_app@"));

    environment_["TENANTRY_DATABASE"] = pooled(Cluster::app);
    environment_["TENANTRY_DATABASE_DIRECT"] = direct(Cluster::app);
    EXPECT_EQ(done({"tenant", "create", "acme"}), "Created tenant acme\n");
    EXPECT_TRUE(holds(done({"doctor"}), {"row-level security holds this role"}));
    support::Running server{launch({"serve", "--listen", "127.0.0.1:0"})};
    EXPECT_TRUE(server.read_line().starts_with("Listening on http://127.0.0.1:"));
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait().code, 0);
    EXPECT_FALSE(holds(done({"config"}), {"hunter2"}));
}

TEST_F(BehindAPooler, WhatIsWrongWithTheConnectionIsOneSentence) {
    const auto said = [&](const std::string& url) {
        environment_["TENANTRY_DATABASE"] = url;
        const auto message = refused(1, {"tenant", "list"});
        EXPECT_FALSE(holds(message, {"hunter2"}));
        return message;
    };
    EXPECT_TRUE(holds(said(direct(Cluster::app, "sslmode=verify-full")),
                      {"root certificate file", "sslrootcert=system"}));
    EXPECT_TRUE(holds(said(direct(Cluster::app, "sslrootcert=system")),
                      {"certificate verify failed", "sslrootcert"}));
    EXPECT_TRUE(holds(said(pooled(Cluster::app, "sslmode=require&channel_binding=require")),
                      {"channel binding", "leave it out"}));
}

}  // namespace
}  // namespace tenantry::cli
