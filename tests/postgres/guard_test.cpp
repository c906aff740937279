/// The database alone: statements that our own code would never send, as the application role.

#include "fixture.hpp"

#include "schema/postgres_schema.hpp"

#include <fmt/format.h>

namespace tenantry::engine::postgres {
namespace {

class GuardTest : public PostgresTest {
protected:
    GuardTest() {
        script(
            "INSERT INTO tenantry.tenants (id, name, created_at, updated_at) VALUES "
            "('a', 'A', now(), now()), ('b', 'B', now(), now());"
            "INSERT INTO leads (tenant_id, first_name, email) VALUES ('a', 'of a', "
            "'x@example.com'),"
            " ('b', 'of b', 'x@example.com');"
            "INSERT INTO agents (tenant_id, id, name, email) VALUES"
            " ('a', '00000000-0000-7000-8000-000000000001', 'A', 'a@example.com')");
    }

    /// What tenant b, or none, gets to see.
    static std::string as(pg::Client& client, const std::string& tenant, const std::string& sql) {
        client.script("BEGIN");
        pg::Arguments arguments;
        arguments.add_text(tenant);
        client.run("SELECT set_config('app.tenant_id', $1, true)", arguments);
        std::string out;
        try {
            const auto answer = client.run(sql);
            for (std::size_t row = 0; row < answer.rows.size(); ++row)
                out += pg::text_at(answer.rows, row, 0) + ';';
            out += fmt::format("{}", answer.affected);
            client.script("COMMIT");
        } catch (const pg::ClientError& error) {
            out = error.failure().sqlstate;
            client.script("ROLLBACK");
        }
        return out;
    }
};

TEST_F(GuardTest, WithoutATenantThereIsNothing) {
    auto client = connect();
    for (const auto* relation : schema::tenant_tables(schema::lead_catalog())) {
        const auto sql =
            fmt::format("SELECT count(*)::text FROM {}", schema::postgres_name(*relation));
        EXPECT_EQ(pg::text_at(client.run(sql).rows, 0, 0), "0") << sql;
    }
    EXPECT_EQ(as(client, "", "SELECT first_name FROM leads"), "0");
    EXPECT_EQ(as(client, "", "INSERT INTO leads (tenant_id, first_name) VALUES ('', 'x')"),
              "42501");
}

TEST_F(GuardTest, AStatementWithoutItsPredicateTouchesOwnRowsAlone) {
    auto client = connect();
    EXPECT_EQ(as(client, "b", "SELECT first_name FROM leads"), "of b;1");
    EXPECT_EQ(as(client, "b", "SELECT first_name FROM leads WHERE tenant_id = 'a' OR true"),
              "of b;1");
    EXPECT_EQ(as(client, "b", "SELECT n::text FROM tenantry.lead_counts"), "1;1");
    EXPECT_EQ(as(client, "b", "UPDATE leads SET city = 'taken'"), "1");
    EXPECT_EQ(as(client, "b", "DELETE FROM agents"), "0");
    EXPECT_EQ(ask("SELECT count(*) FROM leads WHERE city = 'taken'"), "1");
    EXPECT_EQ(ask("SELECT count(*) FROM agents"), "1");
}

TEST_F(GuardTest, NoRowIsWrittenForOrMovedToAnotherTenant) {
    auto client = connect();
    EXPECT_EQ(as(client, "b", "INSERT INTO leads (tenant_id, first_name) VALUES ('a', 'x')"),
              "42501");
    EXPECT_EQ(as(client, "b", "UPDATE leads SET tenant_id = 'a'"), "42501");
    EXPECT_EQ(
        as(client, "b", "UPDATE leads SET assigned_agent = '00000000-0000-7000-8000-000000000001'"),
        "23503");
    EXPECT_EQ(as(client, "b", "INSERT INTO tenantry.lead_counts VALUES ('a', 'new', 5)"), "42501");
}

TEST_F(GuardTest, TheTenantEndsWithItsTransaction) {
    auto client = connect();
    EXPECT_EQ(as(client, "b", "SELECT first_name FROM leads"), "of b;1");
    EXPECT_EQ(client.run("SELECT first_name FROM leads").rows.size(), 0U);
}

TEST_F(GuardTest, TheRoleHasNoOtherRights) {
    auto client = connect();
    for (const auto* sql :
         {"TRUNCATE leads", "CREATE TABLE public.mine (x int)",
          "ALTER TABLE leads DISABLE ROW LEVEL SECURITY", "DROP POLICY tenantry_isolation ON leads",
          "CREATE TRIGGER t AFTER INSERT ON leads EXECUTE "
          "FUNCTION tenantry.touch()",
          "SET ROLE tenantry_owner", "SET SESSION AUTHORIZATION postgres",
          "UPDATE events SET content = ''", "DELETE FROM tenantry.audit_log",
          "INSERT INTO tenantry.schema_version VALUES (99)", "CREATE SCHEMA mine",
          "COPY leads FROM PROGRAM 'true'", "ALTER ROLE tenantry_app BYPASSRLS"}) {
        EXPECT_EQ(refusal(client, sql), "42501") << sql;
    }
    // Turned off by the session itself, the policies refuse instead of filtering.
    EXPECT_EQ(refusal(client, "SET row_security = off; SELECT * FROM leads"), "42501");
}

TEST_F(GuardTest, WhatIsWrittenOnceStandsWhoeverWrites) {
    script("INSERT INTO events (tenant_id, type, timestamp) VALUES ('a', 'note', now())");
    auto owner = connect("postgres");
    EXPECT_EQ(refusal(owner, "UPDATE events SET content = 'x'"), "P0001");
    EXPECT_EQ(refusal(owner, "UPDATE leads SET created_at = created_at - interval '1 day'"),
              "P0001");
}

TEST_F(GuardTest, TalliesFollowWhoeverWrites) {
    const auto counts = [&] {
        return ask(
            "SELECT string_agg(tenant_id || status || n, ' ' ORDER BY tenant_id, status) FROM "
            "tenantry.lead_counts");
    };
    EXPECT_EQ(counts(), "anew1 bnew1");
    script(
        "UPDATE leads SET status = 'converted', assigned_agent = "
        "'00000000-0000-7000-8000-000000000001' WHERE tenant_id = 'a'");
    EXPECT_EQ(counts(), "aconverted1 bnew1");
    EXPECT_EQ(ask("SELECT active_leads || ' ' || conversion_rate FROM agents"), "0 100.00");
    script("DELETE FROM leads");
    EXPECT_EQ(counts(), "");
    EXPECT_EQ(ask("SELECT active_leads || ' ' || conversion_rate FROM agents"), "0 0.00");
    EXPECT_EQ(ask("SELECT (SELECT count(*) FROM tenantry.lead_days) + (SELECT count(*) FROM "
                  "tenantry.agent_leads) + (SELECT count(*) FROM tenantry.lead_sources)"),
              "0");
}

// One lead that is nobody's is recorded and counted by a shorter way than all else.
TEST_F(GuardTest, TalliesAreThoseOfARecountAfterEveryChangeOfALead) {
    const auto tallies = [&] {
        return ask(
            "SELECT concat((SELECT string_agg(status || n, ' ' ORDER BY status) FROM "
            "tenantry.lead_counts WHERE tenant_id = 'a'), '; ', (SELECT string_agg(source || n, "
            "' ' ORDER BY source) FROM tenantry.lead_sources WHERE tenant_id = 'a'), '; ', "
            "(SELECT sum(created) || ' ' || sum(converted) FROM tenantry.lead_days WHERE tenant_id "
            "= 'a'), '; ', (SELECT string_agg(concat(agent, ' ', assigned, ' ', active, ' ', "
            "converted), ' ') FROM tenantry.agent_leads))");
    };
    const auto recount = [&] {
        return ask(
            "SELECT concat((SELECT string_agg(status || n, ' ' ORDER BY status) FROM (SELECT "
            "status, count(*) n FROM leads WHERE tenant_id = 'a' GROUP BY 1) x), '; ', (SELECT "
            "string_agg(source || n, ' ' ORDER BY source) FROM (SELECT coalesce(source, '') source,"
            " count(*) n FROM leads WHERE tenant_id = 'a' GROUP BY 1) x), '; ', (SELECT count(*) "
            "|| ' ' || count(*) FILTER (WHERE status = 'converted') FROM leads WHERE tenant_id = "
            "'a'), '; ', (SELECT string_agg(concat(assigned_agent, ' ', n, ' ', active, ' ', "
            "converted), ' ') FROM (SELECT assigned_agent, count(*) n, count(*) FILTER (WHERE "
            "status IN ('new', 'contacted', 'qualified')) active, count(*) FILTER (WHERE status = "
            "'converted') converted FROM leads WHERE assigned_agent IS NOT NULL GROUP BY 1) x))");
    };
    script("DELETE FROM tenantry.changes");
    const std::string agent = "'00000000-0000-7000-8000-000000000001'";
    const auto insert = [](const std::string& rows) {
        return "INSERT INTO leads (tenant_id, first_name, status, source, assigned_agent) VALUES " +
               rows;
    };
    const auto update = [](const std::string& change) {
        return "UPDATE leads SET " + change + " WHERE tenant_id = 'a' AND first_name = 'two'";
    };
    std::size_t changes = 0;
    for (const auto& [statement, rows] : std::vector<std::pair<std::string, std::size_t>>{
             {insert("('a', 'two', 'new', NULL, NULL)"), 1},
             {insert("('a', 'three', 'converted', 'web', NULL)"), 1},
             {insert("('a', 'four', 'new', 'web', " + agent + ")"), 1},
             {insert("('a', 'five', 'closed', 'fair', NULL), ('a', 'six', 'converted', '', " +
                     agent + ")"),
              2},
             {update("status = 'contacted'"), 1},
             {update("status = 'contacted', updated_at = updated_at"), 1},
             {update("status = 'converted'"), 1},
             {update("status = 'qualified', source = 'web'"), 1},
             {update("status = 'converted', city = 'Oslo'"), 1},
             {update("status = 'new', id = '00000000-0000-7000-8000-000000000009'"), 1},
             {update("source = NULL"), 1},
             {update("source = ''"), 1},
             {update("city = 'Rome'"), 1},
             {update("status = 'closed', assigned_agent = " + agent), 1},
             {update("status = 'converted'"), 1},
             {update("city = 'Oslo'"), 1},
             {update("status = 'new', assigned_agent = NULL"), 1},
             {"UPDATE leads SET city = 'Bern' WHERE tenant_id = 'a'", 6},
             {"UPDATE leads SET status = 'closed', id = gen_random_uuid() WHERE tenant_id = 'a'",
              6},
             {"UPDATE leads SET status = 'new' WHERE false", 0},
             {"DELETE FROM leads WHERE tenant_id = 'a' AND first_name = 'two'", 1},
             {"DELETE FROM leads WHERE tenant_id = 'a' AND assigned_agent IS NOT NULL", 2}}) {
        script(statement);
        EXPECT_EQ(tallies(), recount()) << statement;
        changes += rows;
        EXPECT_EQ(ask("SELECT count(*) FROM tenantry.changes WHERE relation = 'leads'"),
                  std::to_string(changes))
            << statement;
    }
    EXPECT_EQ(ask("SELECT count(*) FROM tenantry.lead_counts WHERE n <= 0"), "0");
}

}  // namespace
}  // namespace tenantry::engine::postgres
