/// Hostile SQL as the application role, for tenant B, in two databases that differ only in tenant
/// A's rows. Whatever B's transaction tries, its answers must be the same in both, to the byte, and
/// A's rows must stand.

#include "attack_cases.hpp"
#include "fixture.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenantry::engine::postgres {
namespace {

constexpr auto tenants = R"sql(
INSERT INTO tenantry.tenants (id, name, created_at, updated_at) VALUES
  ('tenant-a', 'A', now(), now()), ('tenant-b', 'B', now(), now());)sql";

// {0}: the tenant's letter. Times are fixed, so that only what is asked differs.
constexpr auto rows_of = R"sql(
INSERT INTO public.agents (tenant_id, id, name, email, created_at, updated_at) VALUES
  ('tenant-{0}', '{1}-0000-7000-8000-00000000000a', 'Agent', 'agent@{0}.example', '2026-01-01Z', '2026-01-01Z');
INSERT INTO public.leads (tenant_id, id, first_name, last_name, email, city, status, assigned_agent, score, created_at, updated_at) VALUES
  ('tenant-{0}', '{1}-0000-7000-8000-000000000001', '{2}', 'Of{0}', '{3}@{0}.example', '{4}', 'qualified',
   '{1}-0000-7000-8000-00000000000a', 99, '2026-01-02Z', '2026-01-02Z'),
  ('tenant-{0}', '{1}-0000-7000-8000-000000000002', 'Second', 'Of{0}', 'other@{0}.example', '{4}', 'new', NULL, NULL, '2026-01-03Z', '2026-01-03Z');
INSERT INTO public.events (tenant_id, id, lead_id, type, content, timestamp, created_at, updated_at) VALUES
  ('tenant-{0}', '{1}-0000-7000-8000-0000000000e1', '{1}-0000-7000-8000-000000000001', 'note', '{2} event', '2026-01-04Z', '2026-01-04Z', '2026-01-04Z');)sql";

constexpr auto state = R"sql(
SELECT concat_ws(E'\n',
  (SELECT string_agg(t::text, E'\n' ORDER BY id) FROM (SELECT tenant_id, id, first_name, email, city, status, assigned_agent,
     score FROM public.leads) t WHERE tenant_id = '{0}'),
  (SELECT string_agg(t::text, E'\n' ORDER BY id) FROM (SELECT tenant_id, id, name, email, active_leads FROM public.agents) t
     WHERE tenant_id = '{0}'),
  (SELECT string_agg(t::text, E'\n' ORDER BY id) FROM (SELECT tenant_id, id, lead_id, content FROM public.events) t
     WHERE tenant_id = '{0}'),
  (SELECT string_agg(t::text, E'\n' ORDER BY status) FROM tenantry.lead_counts t WHERE tenant_id = '{0}')))sql";

std::string rows_of_a() {
    return fmt::format(rows_of, "a", "aaaaaaaa", "Secret", "secret", "Hidden");
}
std::string rows_of_b() { return fmt::format(rows_of, "b", "bbbbbbbb", "Own", "own", "Known"); }

class World {
public:
    explicit World(bool with_a) {
        // A's come first, so that places in the tables differ as well.
        superuser_.script(tenants + (with_a ? rows_of_a() : "") + rows_of_b() + "ANALYZE");
    }
    ~World() { cluster().drop_database(name_); }

    /// What B is told, and what B has afterwards.
    std::string attack(const std::string& sql) {
        // A new session each time: what one attack has set is none of the next one's.
        pg::Client client{{.url = cluster().url(name_, "tenantry_app")}};
        std::string out;
        try {
            client.script(
                "SET search_path = pg_catalog; BEGIN;"
                "SELECT set_config('app.tenant_id', 'tenant-b', true)");
            for (std::size_t from = 0; from < sql.size();) {
                const auto end = std::min(sql.find(";;", from), sql.size());
                append(out, client.run(sql.substr(from, end - from)));
                from = end + 2;
            }
            client.script("COMMIT");
        } catch (const pg::ClientError& error) {
            const std::string message = error.what();
            // Only the database's own name may differ.
            out += fmt::format("refused: {} {}", error.failure().sqlstate,
                               message.substr(0, message.find(name_)));
            client.script("ROLLBACK");
        }
        out += "\n--\n" + state_of("tenant-b");
        superuser_.script(restore_b());
        return out;
    }

    std::string state_of(const std::string& tenant) {
        return pg::text_at(superuser_.run(fmt::format(state, tenant)).rows, 0, 0);
    }

private:
    static testing::PostgresCluster& cluster() { return testing::PostgresCluster::instance(); }

    static void append(std::string& out, const pg::Answer& answer) {
        for (std::size_t row = 0; row < answer.rows.size(); ++row) {
            for (std::size_t column = 0; column < answer.rows.width(); ++column)
                out += fmt::format("{}|", answer.rows.cell(row, column).value_or("NULL"));
            out += '\n';
        }
        out += fmt::format("{}\n", answer.affected);
    }

    static std::string restore_b() {
        return "DELETE FROM public.events WHERE tenant_id = 'tenant-b';"
               "DELETE FROM public.leads WHERE tenant_id = 'tenant-b';"
               "DELETE FROM public.agents WHERE tenant_id = 'tenant-b';"
               "DELETE FROM tenantry.lead_counts WHERE tenant_id = 'tenant-b';" +
               rows_of_b();
    }

    std::string name_ = cluster().create_database(true);
    pg::Client superuser_{{.url = cluster().url(name_, "postgres")}};
};

class AttackTest : public ::testing::Test {
protected:
    void compare(const std::vector<std::string>& attacks) {
        const auto before = with_a_.state_of("tenant-a");
        ASSERT_THAT(before, ::testing::HasSubstr("secret@a.example"));
        for (const auto& sql : attacks) {
            const auto beside = with_a_.attack(sql);
            EXPECT_EQ(without_a_.attack(sql), beside) << sql;
            for (const auto* secret : {"secret@a.example", "Ofa", "Hidden", "Secret event"}) {
                // An answer may hold what the attacker wrote.
                if (sql.find(secret) != std::string::npos) continue;
                EXPECT_THAT(beside, ::testing::Not(::testing::HasSubstr(secret))) << sql;
            }
            ASSERT_EQ(with_a_.state_of("tenant-a"), before) << sql;
        }
    }

    World without_a_{false};
    World with_a_{true};
};

TEST_F(AttackTest, ReadsTellNothing) { compare(hostile_reads()); }

TEST_F(AttackTest, WritesReachNothingAndTellNothing) { compare(hostile_writes()); }

}  // namespace
}  // namespace tenantry::engine::postgres
