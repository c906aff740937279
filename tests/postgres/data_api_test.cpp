/// A Supabase project: its roles, the rights that it gives them on whatever is made, and what its
/// own Data API may do afterwards. A request of that API is a transaction with a role and the
/// claims of a verified token, as PostgREST makes it.

#include "fixture.hpp"

#include <fmt/format.h>

namespace tenantry::engine::postgres {
namespace {

constexpr auto of_a = R"({"sub":"s","role":"authenticated","app_metadata":{"tenant_id":"a"}})";
constexpr auto of_b = R"({"sub":"s","role":"authenticated","app_metadata":{"tenant_id":"b"}})";

class DataApiTest : public PostgresTest {
protected:
    DataApiTest() : PostgresTest{false} {
        script(
            "DO $$ BEGIN"
            " IF to_regrole('anon') IS NULL THEN"
            "  CREATE ROLE anon NOLOGIN NOINHERIT; CREATE ROLE authenticated NOLOGIN NOINHERIT;"
            "  CREATE ROLE service_role NOLOGIN NOINHERIT BYPASSRLS;"
            "  CREATE ROLE authenticator LOGIN NOINHERIT;"
            "  GRANT anon, authenticated, service_role TO authenticator;"
            "  CREATE ROLE project LOGIN CREATEROLE BYPASSRLS; END IF; END $$;"
            "GRANT CREATE ON DATABASE " +
            name_ +
            " TO project; GRANT ALL ON SCHEMA public TO project;"
            "GRANT USAGE ON SCHEMA public TO anon, authenticated, service_role;"
            "ALTER DEFAULT PRIVILEGES FOR ROLE project IN SCHEMA public GRANT ALL ON TABLES"
            " TO anon, authenticated, service_role;"
            "ALTER DEFAULT PRIVILEGES FOR ROLE project IN SCHEMA public GRANT ALL ON FUNCTIONS"
            " TO anon, authenticated, service_role");
        migrated_ = migrate(url("project"), {.role = "app_of_project"}).value();
        script(
            "INSERT INTO tenantry.tenants (id, name, created_at, updated_at) VALUES "
            "('a', 'A', now(), now()), ('b', 'B', now(), now());"
            "INSERT INTO leads (tenant_id, first_name, email) VALUES"
            " ('a', 'of a', 'x@example.com'), ('b', 'of b', 'x@example.com');"
            "INSERT INTO identities (tenant_id, platform) VALUES ('a', 'linkedin')");
    }
    ~DataApiTest() override { script("DROP OWNED BY app_of_project; DROP ROLE app_of_project"); }

    /// What a request comes to: the first cells and the number of rows, or the code of the refusal.
    std::string request(const std::string& claims, const std::string& sql,
                        const std::string& role = "authenticated") const {
        auto client = connect("authenticator");
        try {
            client.script("BEGIN; SET LOCAL ROLE " + role);
            pg::Arguments arguments;
            arguments.add_text(claims);
            client.run("SELECT set_config('request.jwt.claims', $1, true)", arguments);
            const auto answer = client.run(sql);
            std::string out;
            for (std::size_t row = 0; row < answer.rows.size(); ++row)
                out += pg::text_at(answer.rows, row, 0) + ';';
            out += fmt::format("{}", answer.affected);
            client.script("COMMIT");
            return out;
        } catch (const pg::ClientError& error) {
            return error.failure().sqlstate;
        }
    }

    std::optional<Migrated> migrated_;
};

TEST_F(DataApiTest, IsHeldToTheTenantOfTheToken) {
    EXPECT_TRUE(migrated_->data_api);
    EXPECT_TRUE(audit(url("app_of_project"))->empty());
    EXPECT_EQ(plan_migration(url("project"), {.role = "app_of_project"}).value(), "");
    EXPECT_EQ(request(of_a, "SELECT first_name FROM leads"), "of a;1");
    EXPECT_EQ(request(of_b, "SELECT first_name FROM leads WHERE tenant_id = 'a' OR true"),
              "of b;1");
    EXPECT_EQ(request(of_b, "UPDATE leads SET city = 'taken'"), "1");
    EXPECT_EQ(request(of_b, "INSERT INTO leads (tenant_id, first_name) VALUES ('a', 'x')"),
              "42501");
    EXPECT_EQ(request(of_b, "UPDATE leads SET tenant_id = 'a'"), "42501");
    EXPECT_EQ(request(of_b, "DELETE FROM leads WHERE tenant_id = 'a'"), "0");
    EXPECT_EQ(ask("SELECT count(*) FROM leads WHERE city = 'taken'"), "1");
}

TEST_F(DataApiTest, WritesKeepTheTallies) {
    EXPECT_EQ(request(of_a, "INSERT INTO leads (tenant_id, first_name) VALUES ('a', 'x')"), "1");
    EXPECT_EQ(request(of_a, "UPDATE leads SET status = 'converted' WHERE first_name = 'x'"), "1");
    EXPECT_EQ(ask("SELECT string_agg(tenant_id || status || n, ' ' ORDER BY 1) FROM (SELECT "
                  "tenant_id, status, n FROM tenantry.lead_counts ORDER BY 1, 2) t"),
              "aconverted1 anew1 bnew1");
    EXPECT_EQ(request(of_a,
                      "INSERT INTO events (tenant_id, type, timestamp) VALUES "
                      "('a', 'note', now())"),
              "1");
    EXPECT_EQ(request(of_a, "UPDATE events SET content = ''"), "42501");
    EXPECT_EQ(request(of_a, "DELETE FROM leads"), "2");
}

TEST_F(DataApiTest, NobodyElseGetsAnything) {
    for (const auto* claims :
         {"", "{}", R"({"app_metadata":null})", R"({"app_metadata":{"tenant_id":null}})",
          R"({"app_metadata":{"tenant_id":["a"]}})", R"({"user_metadata":{"tenant_id":"a"}})",
          R"({"tenant_id":"a"})", R"({"app_metadata":{"tenant_id":"c"}})",
          R"({"tenant_id":"b","app_metadata":{"tenant_id":"a"}})"}) {
        EXPECT_EQ(request(claims, "SELECT first_name FROM leads"), "0") << claims;
        EXPECT_EQ(request(claims, "INSERT INTO leads (tenant_id, first_name) VALUES ('a', 'x')"),
                  "42501")
            << claims;
    }
    EXPECT_EQ(request(of_a, "SELECT first_name FROM leads", "anon"), "42501");
    // The server's own setting is nothing to it.
    EXPECT_EQ(request("{}", "SELECT set_config('app.tenant_id', 'a', true)"), "a;1");
    script("UPDATE tenantry.tenants SET status = 'suspended' WHERE id = 'a'");
    EXPECT_EQ(request(of_a, "SELECT first_name FROM leads"), "0");
}

TEST_F(DataApiTest, AUserOfTheServerMustBeAMember) {
    script(
        "INSERT INTO tenantry.users (id, email, created_at, updated_at) VALUES"
        " ('00000000-0000-7000-8000-00000000000a', 'ann@example.com', now(), now())");
    const std::string ann =
        R"({"sub":"00000000-0000-7000-8000-00000000000A","app_metadata":{"tenant_id":"a"}})";
    EXPECT_EQ(request(ann, "SELECT first_name FROM leads"), "0");
    script(
        "INSERT INTO tenantry.memberships (tenant_id, user_id, role, created_at) VALUES"
        " ('a', '00000000-0000-7000-8000-00000000000a', 'viewer', now())");
    EXPECT_EQ(request(ann, "SELECT first_name FROM leads"), "of a;1");
    EXPECT_EQ(request(ann, "UPDATE leads SET city = 'taken'"), "0");
    script("UPDATE tenantry.memberships SET role = 'operator'");
    EXPECT_EQ(request(ann, "UPDATE leads SET city = 'taken'"), "1");
}

TEST_F(DataApiTest, WhatTheServerAnswersForIsOutOfReach) {
    for (const auto* sql :
         {"SELECT cookies FROM identities", "SELECT * FROM identities", "TRUNCATE leads",
          "UPDATE approvals SET status = 'approved'", "SELECT id FROM tenantry.tenants",
          "SELECT hash FROM tenantry.api_keys", "SELECT wrapped FROM tenantry.tenant_keys",
          "SELECT 1 FROM tenantry.idempotency_keys"}) {
        EXPECT_EQ(request(of_a, sql), "42501") << sql;
    }
    EXPECT_EQ(request(of_a, "SELECT platform FROM identities"), "linkedin;1");
}

TEST_F(DataApiTest, TheAuditSeesWhatHasBeenOpenedAgain) {
    const auto problem = [&](const std::string& gap) {
        script(gap);
        const auto found = audit(url("app_of_project")).value();
        if (found.size() != 1) return fmt::format("{} findings", found.size());
        auto remedy = found[0].remedy.substr(0, found[0].remedy.find(';'));
        script(remedy);
        return found[0].problem;
    };
    EXPECT_EQ(problem("GRANT TRUNCATE ON leads TO authenticated"),
              "the role authenticated of the project's Data API has rights on public.leads that "
              "row-level "
              "security doesn't watch");
    EXPECT_EQ(
        problem("CREATE POLICY all_rows ON leads TO authenticated USING (true)"),
        "the policy all_rows on public.leads lets the project's Data API see more than a tenant");
    EXPECT_EQ(problem("ALTER POLICY tenantry_members_read ON leads USING (true)"),
              "the policy tenantry_members_read on public.leads lets the project's Data API see "
              "more than "
              "a tenant");
    // That one is gone now, and made again.
    migrate(url("project"), {.role = "app_of_project"}).value();
    EXPECT_EQ(request(of_a, "SELECT first_name FROM leads"), "of a;1");
}

}  // namespace
}  // namespace tenantry::engine::postgres
