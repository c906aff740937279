/// Each gap that the audit knows is made, found, and mended by what the audit says.

#include "fixture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace tenantry::engine::postgres {
namespace {

class AuditOf : public PostgresTest {
protected:
    std::vector<Finding> findings(const std::string& role = "tenantry_app") const {
        return audit(url(role)).value();
    }
    /// The one finding there is, and none once its SQL has been run.
    void expect_mended(const std::string& gap, const std::string& problem) {
        script(gap);
        const auto found = findings();
        ASSERT_EQ(found.size(), 1U) << gap;
        EXPECT_EQ(found[0].problem, problem);
        const auto refused = require_fit(url());
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Errc::storage_unusable);
        EXPECT_NE(refused.error().message.find(problem), std::string::npos);
        EXPECT_NE(refused.error().message.find(found[0].remedy), std::string::npos);
        script(found[0].remedy);
        EXPECT_TRUE(findings().empty()) << found[0].remedy;
    }
};

TEST_F(AuditOf, AMigratedDatabaseFindsNothing) {
    EXPECT_TRUE(findings().empty());
    EXPECT_TRUE(require_fit(url()));
}

TEST_F(AuditOf, RowLevelSecurityThatIsOffOrNotForced) {
    expect_mended("ALTER TABLE leads DISABLE ROW LEVEL SECURITY",
                  "row-level security is off on public.leads");
    expect_mended("ALTER TABLE events NO FORCE ROW LEVEL SECURITY",
                  "row-level security is not forced on public.events");
    expect_mended("ALTER TABLE tenantry.lead_counts DISABLE ROW LEVEL SECURITY",
                  "row-level security is off on tenantry.lead_counts");
}

TEST_F(AuditOf, PoliciesThatAreMissingOrLooser) {
    const std::string missing =
        "public.leads has no policy tenantry_isolation that holds the role \"tenantry_app\" to its "
        "tenant";
    expect_mended("DROP POLICY tenantry_isolation ON leads", missing);
    expect_mended("ALTER POLICY tenantry_isolation ON leads USING (true)", missing);
    expect_mended(
        "ALTER POLICY tenantry_isolation ON leads USING (tenant_id = "
        "current_setting('app.tenant_id'))",
        missing);
    expect_mended(
        "CREATE POLICY reports ON leads FOR SELECT USING (true)",
        "the policy reports on public.leads lets the role \"tenantry_app\" see more than its "
        "tenant");
}

TEST_F(AuditOf, KeysWithoutTheTenant) {
    script("CREATE UNIQUE INDEX leads_phone ON leads (phone)");
    auto found = findings();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].problem,
              "the unique index public.leads_phone of public.leads has no tenant_id: a conflict "
              "would tell of "
              "another tenant's row");
    script("DROP INDEX leads_phone; CREATE UNIQUE INDEX ON leads (tenant_id, id, phone)");
    EXPECT_TRUE(findings().empty());
    // What an index only carries along is no part of its key; an exclusion is a key as well.
    script(
        "CREATE UNIQUE INDEX carried ON leads (phone) INCLUDE (tenant_id);"
        "ALTER TABLE events ADD CONSTRAINT excluded EXCLUDE (source WITH =)");
    found = findings();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_TRUE(found[0].problem.starts_with("the unique index public.excluded of public.events"));
    EXPECT_TRUE(found[1].problem.starts_with("the unique index public.carried of public.leads"));
    script("DROP INDEX carried; ALTER TABLE events DROP CONSTRAINT excluded");
    // The target of such a key must be unique by itself, which is found as well.
    script(
        "ALTER TABLE agents ADD CONSTRAINT agents_id UNIQUE (id);"
        "ALTER TABLE events ADD CONSTRAINT by_id FOREIGN KEY (agent_id) REFERENCES agents (id)");
    found = findings();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[1].problem,
              "the foreign key by_id of public.events has no tenant_id: it could refer to another "
              "tenant's "
              "row");
}

TEST_F(AuditOf, RightsThatRowLevelSecurityDoesNotWatch) {
    for (const auto* right : {"TRUNCATE", "REFERENCES", "TRIGGER"}) {
        expect_mended(
            fmt::format("GRANT {} ON leads TO tenantry_app", right),
            fmt::format("the role \"tenantry_app\" has {} on public.leads, which row-level "
                        "security doesn't watch",
                        right));
    }
    expect_mended("GRANT CREATE ON SCHEMA public TO PUBLIC",
                  "the role \"tenantry_app\" may create objects in the schema public");
}

TEST_F(AuditOf, ViewsAndFunctionsWithTheirOwnersRights) {
    script(
        "CREATE VIEW lead_names AS SELECT first_name FROM leads;"
        "GRANT SELECT ON lead_names TO tenantry_app");
    auto found = findings();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].problem,
              "the view public.lead_names reads public.leads with its owner's rights");
    script("ALTER VIEW lead_names SET (security_invoker = true)");
    EXPECT_TRUE(findings().empty());
    script(
        "CREATE FUNCTION leads_of_all() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS "
        "'SELECT count(*) FROM public.leads'");
    found = findings();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(
        found[0].problem,
        "the function public.leads_of_all() runs with its owner's rights and without a search_path "
        "of its own");
    script("ALTER FUNCTION leads_of_all() SET search_path = pg_catalog");
    EXPECT_TRUE(findings().empty());
}

TEST_F(AuditOf, ATableOfAnotherProgramThatHoldsTenantsRows) {
    for (const auto* type : {"text", "varchar(255)"}) {
        script(
            fmt::format("CREATE TABLE notes (tenant_id {} NOT NULL, text text);"
                        "ALTER TABLE notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;"
                        "GRANT SELECT ON notes TO tenantry_app",
                        type));
        const auto found = findings();
        ASSERT_EQ(found.size(), 1U);
        EXPECT_EQ(found[0].table, "public.notes");
        EXPECT_EQ(found[0].problem,
                  "public.notes has no policy tenantry_isolation that holds the role "
                  "\"tenantry_app\" to its tenant");
        EXPECT_TRUE(is_about_others(found[0]));
        EXPECT_TRUE(require_fit(url())) << "it isn't served, and the rest is";
        script(found[0].remedy);
        EXPECT_TRUE(findings().empty());
        script("DROP TABLE notes");
    }
}

TEST_F(AuditOf, TenantsThatACollationTakesForOne) {
    script(
        "CREATE COLLATION anycase (provider = icu, locale = 'und-u-ks-level2', deterministic = "
        "false);"
        "CREATE TABLE notes (tenant_id text COLLATE anycase NOT NULL, id int,"
        "PRIMARY KEY (tenant_id, id))");
    const auto found = findings();
    ASSERT_FALSE(found.empty());
    const auto named = std::ranges::find(
        found, "tenant_id of public.notes has a collation by which different tenants are equal",
        &Finding::problem);
    EXPECT_NE(named, found.end());
}

TEST_F(AuditOf, RolesThatRowLevelSecurityDoesNotHold) {
    const auto problem = [&](const std::string& role) {
        const auto found = findings(role);
        return found.size() == 1 ? found[0].problem : fmt::format("{} findings", found.size());
    };
    EXPECT_EQ(problem("postgres"),
              "the role postgres is a superuser, whom row-level security doesn't hold");
    EXPECT_TRUE(problem("tenantry_owner")
                    .starts_with("the role tenantry_owner owns, or can become the owner of, "));
    script(
        "CREATE ROLE bypassing LOGIN BYPASSRLS; CREATE ROLE member LOGIN;"
        "GRANT bypassing TO member; CREATE ROLE heir LOGIN; GRANT tenantry_owner TO heir");
    EXPECT_EQ(problem("bypassing"),
              "the role bypassing has BYPASSRLS: row-level security doesn't hold it");
    EXPECT_EQ(problem("member"),
              "the role member can become bypassing, which row-level security doesn't hold");
    EXPECT_TRUE(problem("heir").starts_with("the role heir owns, or can become the owner of, "));
    script("DROP ROLE bypassing, member, heir");
}

TEST_F(AuditOf, TheEngineRefusesToOpenAndConnectionsToServe) {
    const Options owner{.url = url("tenantry_owner")};
    EXPECT_EQ(PostgresEngine::open(schema::lead_catalog(), owner).error().code,
              Errc::storage_unusable);
    // Altered while the server runs: new connections are asked again.
    testing::AnyDatabase database{testing::EngineKind::postgres};
    const auto scope = database.scope("acme");
    script("ALTER ROLE tenantry_app BYPASSRLS");
    EXPECT_THROW(
        database.run(query::Read{.relation = &schema::lead_catalog().relation("leads")}, scope),
        Fault);
    script("ALTER ROLE tenantry_app NOBYPASSRLS");
    // Once it has been looked at again, all is well.
    const auto works = [&] {
        try {
            return database
                .run(query::Read{.relation = &schema::lead_catalog().relation("leads")}, scope)
                .has_value();
        } catch (const Fault&) {
            return false;
        }
    };
    while (!works()) std::this_thread::sleep_for(std::chrono::milliseconds{2});
}

}  // namespace
}  // namespace tenantry::engine::postgres
