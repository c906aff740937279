/// Hostile SQL through the guard itself, as tenant B, in two worlds that differ only in tenant A's
/// rows. Whatever B tries, the answers of the two worlds must be the same to the byte, and A's rows
/// must stand as they were.

#include "engine/test_database.hpp"
#include "sqlite/guarded_connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

namespace tenantry::engine::sqlite {
namespace {

using Mode = Guard::Mode;

constexpr std::string_view a_lead = "aaaaaaaa-0000-7000-8000-000000000001";
constexpr std::string_view b_lead = "bbbbbbbb-0000-7000-8000-000000000001";
constexpr std::string_view b_agent = "bbbbbbbb-0000-7000-8000-00000000000a";

constexpr std::string_view rows_of_a = R"sql(
INSERT INTO t_agents (tenant_id, id, name, email, created_at, updated_at) VALUES
  ('tenant-a', 'aaaaaaaa-0000-7000-8000-00000000000a', 'Agent of A', 'agent@a.example', 1, 1);
INSERT INTO t_leads (tenant_id, id, first_name, last_name, email, city, status, assigned_agent, score, created_at, updated_at) VALUES
  ('tenant-a', 'aaaaaaaa-0000-7000-8000-000000000001', 'Secret', 'OfA', 'secret@a.example', 'Hidden', 'qualified',
   'aaaaaaaa-0000-7000-8000-00000000000a', 9900, 10, 10),
  ('tenant-a', 'aaaaaaaa-0000-7000-8000-000000000002', 'Second', 'OfA', 'shared@example.com', 'Hidden', 'new', NULL, 100, 11, 11),
  ('tenant-a', 'bbbbbbbb-0000-7000-8000-000000000001', 'Same', 'Id', 'same-id@a.example', 'Hidden', 'new', NULL, 1, 12, 12);
INSERT INTO t_events (tenant_id, id, lead_id, type, content, timestamp, created_at, updated_at) VALUES
  ('tenant-a', 'aaaaaaaa-0000-7000-8000-0000000000e1', 'aaaaaaaa-0000-7000-8000-000000000001', 'note', 'secret event', 5, 5, 5);
)sql";

constexpr std::string_view rows_of_b = R"sql(
INSERT INTO t_agents (tenant_id, id, name, email, created_at, updated_at) VALUES
  ('tenant-b', 'bbbbbbbb-0000-7000-8000-00000000000a', 'Agent of B', 'agent@b.example', 1, 1);
INSERT INTO t_leads (tenant_id, id, first_name, last_name, email, city, status, assigned_agent, score, created_at, updated_at) VALUES
  ('tenant-b', 'bbbbbbbb-0000-7000-8000-000000000001', 'Own', 'OfB', 'own@b.example', 'Known', 'new',
   'bbbbbbbb-0000-7000-8000-00000000000a', 5000, 20, 20),
  ('tenant-b', 'bbbbbbbb-0000-7000-8000-000000000002', 'Other', 'OfB', 'other@b.example', 'Known', 'contacted', NULL, NULL, 21, 21);
INSERT INTO t_events (tenant_id, id, lead_id, type, content, timestamp, created_at, updated_at) VALUES
  ('tenant-b', 'bbbbbbbb-0000-7000-8000-0000000000e1', 'bbbbbbbb-0000-7000-8000-000000000001', 'note', 'own event', 6, 6, 6);
)sql";

constexpr std::string_view everything_of_a = R"sql(
SELECT group_concat(quote(tenant_id) || quote(id) || quote(first_name) || quote(email) || quote(city) || quote(status) ||
                    quote(assigned_agent) || quote(score) || quote(updated_at)) FROM (SELECT * FROM t_leads WHERE tenant_id = 'tenant-a' ORDER BY id)
UNION ALL SELECT group_concat(quote(id) || quote(name) || quote(email)) FROM t_agents WHERE tenant_id = 'tenant-a'
UNION ALL SELECT group_concat(quote(id) || quote(content) || quote(lead_id)) FROM t_events WHERE tenant_id = 'tenant-a'
UNION ALL SELECT group_concat(status || n) FROM t_lead_counts WHERE tenant_id = 'tenant-a')sql";

class World {
public:
    explicit World(bool with_a) {
        migrate(path_).value();
        auto db = open_database(path_.string(), SQLITE_OPEN_READWRITE, 1000);
        execute(db.get(),
                "PRAGMA foreign_keys = ON;"
                "INSERT INTO tenants (id, name, created_at, updated_at) VALUES ('tenant-a', 'A', "
                "1, 1), ('tenant-b', 'B', 1, 1);");
        // A's rows come first and in between, so that row numbers differ as well.
        if (with_a) execute(db.get(), std::string{rows_of_a});
        execute(db.get(), std::string{rows_of_b});
        db.reset();
        reader_ = std::make_unique<GuardedConnection>(path_.string(), schema::lead_catalog(),
                                                      GuardedConnection::Access::read_only,
                                                      std::chrono::seconds{1});
        writer_ = std::make_unique<GuardedConnection>(path_.string(), schema::lead_catalog(),
                                                      GuardedConnection::Access::read_write,
                                                      std::chrono::seconds{1});
    }

    /// What B sees of the statement: rows, or the error's text, and then all of B's rows. Each
    /// attack starts from the same state.
    std::string attack(Mode mode, const std::string& text) {
        if (mode != Mode::write) return attempt(*reader_, mode, text);
        writer_->begin_write();
        auto answer = attempt(*writer_, mode, text);
        if (!writer_->in_transaction()) return answer + "\n(the transaction was taken back)";
        answer +=
            "\n--\n" +
            attempt(*writer_, Mode::read,
                    "SELECT * FROM leads ORDER BY id; SELECT * FROM agents ORDER BY id;"
                    "SELECT * FROM events ORDER BY id; SELECT * FROM lead_counts ORDER BY status;");
        // The moment of the attack, which `updated_at` tells, is all that may differ.
        static const std::regex now{"\\b1[0-9]{15}\\b"};
        return std::regex_replace(answer, now, "NOW") + everything_of_a_after_commit();
    }

    std::string state_of_a() const {
        const auto db = open_database(path_.string(), SQLITE_OPEN_READONLY, 1000);
        const auto statement = prepare(db.get(), everything_of_a);
        std::string out;
        while (step(statement.get())) out += std::string{column_text(statement.get(), 0)} + '\n';
        return out;
    }

private:
    static std::string attempt(GuardedConnection& connection, Mode mode, const std::string& text) {
        try {
            return connection.run_text(TenantId::parse("tenant-b").value(), mode, text);
        } catch (const SqliteFailure& failure) {
            static const std::regex suffix{"\\$[0-9a-f]{32}"};
            return "refused: " + std::regex_replace(failure.message(), suffix, "$$N");
        }
    }

    /// Commits what B did, notes whether A's rows stand, and takes B's rows back to what they were.
    std::string everything_of_a_after_commit() {
        const auto before = state_of_a();
        writer_->savepoint();
        writer_->release_savepoint();
        writer_->commit();
        const auto after = state_of_a();
        restore_b();
        return before == after ? "" : "A'S ROWS CHANGED:\n" + after;
    }

    void restore_b() {
        writer_.reset();
        auto db = open_database(path_.string(), SQLITE_OPEN_READWRITE, 1000);
        execute(db.get(),
                "PRAGMA foreign_keys = ON; BEGIN IMMEDIATE;"
                "DELETE FROM t_events WHERE tenant_id = 'tenant-b'; DELETE FROM t_leads WHERE "
                "tenant_id = 'tenant-b';"
                "DELETE FROM t_agents WHERE tenant_id = 'tenant-b'; DELETE FROM t_lead_counts "
                "WHERE tenant_id = 'tenant-b';" +
                    std::string{rows_of_b} + "COMMIT;");
        db.reset();
        writer_ = std::make_unique<GuardedConnection>(path_.string(), schema::lead_catalog(),
                                                      GuardedConnection::Access::read_write,
                                                      std::chrono::seconds{1});
    }

    testing::TempDirectory directory_;
    std::filesystem::path path_ = directory_.path() / "world.db";
    std::unique_ptr<GuardedConnection> reader_;
    std::unique_ptr<GuardedConnection> writer_;
};

struct Attack {
    Mode mode;
    std::string text;
};

std::vector<Attack> reads() {
    std::vector<std::string> texts{
        // forgotten predicates
        "SELECT * FROM leads ORDER BY id",
        "SELECT count(*) FROM leads",
        "SELECT count(*), sum(score), max(email) FROM leads",
        "SELECT * FROM lead_counts ORDER BY status",
        "SELECT sum(n) FROM lead_counts",
        "SELECT * FROM agents",
        "SELECT * FROM events",
        "SELECT * FROM leads WHERE tenant_id = 'tenant-a'",
        "SELECT * FROM leads WHERE tenant_id IN ('tenant-a', 'tenant-b') ORDER BY id",
        "SELECT * FROM leads WHERE 1 = 1 OR tenant_id = 'tenant-a' ORDER BY id",
        "SELECT * FROM leads WHERE id = 'aaaaaaaa-0000-7000-8000-000000000001'",
        "SELECT email FROM leads ORDER BY created_at LIMIT 1",
        "SELECT email FROM leads ORDER BY created_at LIMIT 100 OFFSET 2",
        "SELECT DISTINCT city FROM leads ORDER BY city",
        "SELECT city, count(*) FROM leads GROUP BY city HAVING count(*) > 0 ORDER BY city",
        // the tables beneath
        "SELECT * FROM t_leads",
        "SELECT * FROM main.t_leads",
        "SELECT count(*) FROM main.t_leads",
        "SELECT 1 FROM main.t_leads LIMIT 1",
        "SELECT * FROM main.t_lead_counts",
        "SELECT * FROM main.t_leads AS leads",
        "SELECT * FROM \"main\".\"t_leads\" INDEXED BY idx_leads_status WHERE status = 'new'",
        "SELECT * FROM temp.leads ORDER BY id",
        "SELECT * FROM main.leads",
        // names that imitate ours
        "WITH leads AS (SELECT * FROM main.t_leads) SELECT * FROM leads",
        "WITH \"leads$00000000000000000000000000000000\" AS (SELECT * FROM main.t_leads) SELECT * "
        "FROM \"leads$00000000000000000000000000000000\"",
        "WITH t_leads AS (SELECT * FROM leads) SELECT * FROM t_leads ORDER BY id",
        "WITH t_leads AS (SELECT * FROM main.t_leads) SELECT * FROM t_leads",
        "WITH leads AS MATERIALIZED (SELECT tenant_id FROM t_leads) SELECT * FROM leads",
        "WITH leads_count_insert AS (SELECT * FROM main.t_leads) SELECT * FROM leads_count_insert",
        "WITH RECURSIVE r(x) AS (SELECT email FROM leads UNION SELECT first_name FROM leads) "
        "SELECT * FROM r ORDER BY x",
        "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT count(*) FROM r",
        "SELECT * FROM (SELECT * FROM main.t_leads) AS leads",
        // subqueries
        "SELECT (SELECT email FROM main.t_leads LIMIT 1)",
        "SELECT (SELECT email FROM leads WHERE tenant_id = 'tenant-a')",
        "SELECT EXISTS (SELECT 1 FROM leads WHERE email = 'secret@a.example')",
        "SELECT EXISTS (SELECT 1 FROM main.t_leads WHERE email = 'secret@a.example')",
        "SELECT 'tenant-a' IN (SELECT tenant_id FROM main.t_leads)",
        "SELECT ('tenant-a', 'secret@a.example') IN (SELECT tenant_id, email FROM main.t_leads)",
        "SELECT 'tenant-a' IN (SELECT tenant_id FROM leads)",
        "SELECT 'tenant-a' IN main.t_leads",
        "SELECT * FROM leads WHERE id IN (SELECT id FROM main.t_leads)",
        "SELECT l.email, e.content FROM leads l LEFT JOIN events e ON e.id IS NOT NULL ORDER BY 1, "
        "2",
        "SELECT l.email FROM leads l CROSS JOIN main.t_leads t",
        "SELECT * FROM leads UNION SELECT * FROM main.t_leads",
        "SELECT email FROM leads UNION ALL SELECT email FROM leads WHERE tenant_id <> 'tenant-b'",
        "SELECT email FROM leads EXCEPT SELECT email FROM leads WHERE city = 'Hidden'",
        "SELECT email, row_number() OVER (ORDER BY created_at) FROM leads",
        "SELECT max(rowid) FROM leads",
        // row numbers, sequences, counters
        "SELECT rowid FROM leads",
        "SELECT oid, _rowid_ FROM leads",
        "SELECT rowid FROM main.t_leads",
        "SELECT last_insert_rowid(), changes(), total_changes()",
        "SELECT * FROM sqlite_sequence",
        // the schema and the machine
        "SELECT * FROM sqlite_schema",
        "SELECT * FROM sqlite_master",
        "SELECT sql FROM temp.sqlite_schema",
        "SELECT name FROM sqlite_temp_master WHERE name LIKE 'leads%'",
        "SELECT * FROM pragma_table_info('t_leads')",
        "SELECT * FROM pragma_database_list",
        "SELECT * FROM dbstat",
        "SELECT * FROM sqlite_stat1",
        "SELECT * FROM json_each('[1]')",
        "SELECT sqlite_version(), sqlite_source_id()",
        "SELECT load_extension('x')",
        "SELECT readfile('/etc/passwd')",
        "SELECT hex(randomblob(4)) IS NULL",
        "SELECT fts3_tokenizer('simple')",
        "SELECT * FROM tenants",
        "SELECT * FROM users",
        "SELECT * FROM memberships",
        "SELECT * FROM api_keys",
        "SELECT hash FROM api_keys WHERE tenant_id = 'tenant-b'",
        "SELECT * FROM tenant_keys",
        "SELECT * FROM audit_log",
        "SELECT seq FROM sqlite_sequence",
        "SELECT * FROM main.tenants WHERE id = 'tenant-a'",
        "SELECT current_tenant()",
        "SELECT * FROM leads WHERE tenant_id <> current_tenant()",
        // statements that are no reads
        "ATTACH DATABASE 'other.db' AS other",
        "ATTACH DATABASE ':memory:' AS other",
        "DETACH DATABASE main",
        "PRAGMA table_info(t_leads)",
        "PRAGMA query_only = OFF",
        "PRAGMA writable_schema = ON",
        "PRAGMA foreign_keys = OFF",
        "PRAGMA recursive_triggers = OFF",
        "PRAGMA database_list",
        "PRAGMA journal_mode",
        "PRAGMA data_version",
        "PRAGMA page_count",
        "PRAGMA freelist_count",
        "VACUUM",
        "VACUUM INTO 'copy.db'",
        "ANALYZE",
        "REINDEX",
        "BEGIN",
        "COMMIT",
        "SAVEPOINT x",
        "EXPLAIN QUERY PLAN SELECT * FROM leads",
        "EXPLAIN SELECT * FROM leads",
        "CREATE TABLE x (y)",
        "CREATE TEMP TABLE leads (y)",
        "CREATE TEMP VIEW spy AS SELECT * FROM main.t_leads",
        "CREATE TEMP TRIGGER spy BEFORE INSERT ON main.t_leads BEGIN SELECT 1; END",
        "DROP VIEW leads",
        "DROP VIEW temp.leads",
        "DROP TABLE main.t_leads",
        "ALTER TABLE main.t_leads RENAME TO x",
        "INSERT INTO main.t_leads (tenant_id, id, first_name, created_at, updated_at) VALUES "
        "('tenant-b', 'x', 'x', 1, 1)",
        "UPDATE main.t_leads SET first_name = 'x'",
        "DELETE FROM main.t_leads",
        "SELECT * FROM leads; SELECT * FROM main.t_leads",
        "SELECT contains_folded(email, 'secret') FROM leads ORDER BY id",
    };
    std::vector<Attack> out;
    for (auto& text : texts) out.push_back({Mode::read, std::move(text)});
    return out;
}

std::vector<Attack> writes() {
    const std::string columns = "(tenant_id, id, first_name, email, created_at, updated_at)";
    std::vector<std::string> texts{
        // forgotten predicates
        "UPDATE main.t_leads SET first_name = 'taken'",
        "UPDATE main.t_leads SET status = 'closed'",
        "DELETE FROM main.t_leads",
        "DELETE FROM main.t_events",
        "DELETE FROM main.t_agents",
        "UPDATE main.t_leads SET first_name = 'taken' WHERE tenant_id = 'tenant-a'",
        "UPDATE main.t_leads SET first_name = 'taken' WHERE id = "
        "'aaaaaaaa-0000-7000-8000-000000000001'",
        "DELETE FROM main.t_leads WHERE id = 'aaaaaaaa-0000-7000-8000-000000000001'",
        "DELETE FROM main.t_leads WHERE tenant_id = 'tenant-a' RETURNING *",
        "UPDATE main.t_leads SET city = 'x' RETURNING tenant_id, email",
        "UPDATE main.t_leads SET city = 'x' WHERE 1 = 1 OR tenant_id = 'tenant-a' RETURNING email",
        "UPDATE main.t_leads SET score = (score / (score - 9900)) WHERE city = 'Hidden'",
        // moving rows between tenants
        "UPDATE main.t_leads SET tenant_id = 'tenant-a'",
        "UPDATE main.t_leads SET tenant_id = 'tenant-b' WHERE tenant_id = 'tenant-a'",
        "UPDATE main.t_leads SET tenant_id = 'tenant-a' WHERE id = "
        "'bbbbbbbb-0000-7000-8000-000000000002'",
        "UPDATE main.t_leads SET tenant_id = NULL",
        "UPDATE main.t_leads SET tenant_id = ''",
        "INSERT INTO main.t_leads " + columns +
            " VALUES ('tenant-a', 'x1', 'x', 'x1@example.com', 1, 1)",
        "INSERT INTO main.t_leads " + columns +
            " VALUES ('tenant-c', 'x1', 'x', 'x1@example.com', 1, 1)",
        "INSERT INTO main.t_leads " + columns + " VALUES (NULL, 'x1', 'x', 'x1@example.com', 1, 1)",
        "INSERT INTO main.t_leads " + columns + " VALUES ('', 'x1', 'x', 'x1@example.com', 1, 1)",
        "INSERT INTO main.t_leads " + columns +
            " VALUES ('TENANT-B', 'x1', 'x', 'x1@example.com', 1, 1)",
        // another tenant's keys: as if nobody had them
        "INSERT INTO main.t_leads " + columns +
            " VALUES ('tenant-b', 'aaaaaaaa-0000-7000-8000-000000000001', 'x', 'n@example.com', 1, "
            "1)",
        "INSERT INTO main.t_leads " + columns +
            " VALUES ('tenant-b', 'x1', 'x', 'secret@a.example', 1, 1)",
        "INSERT INTO main.t_leads " + columns +
            " VALUES ('tenant-b', 'x1', 'x', 'shared@example.com', 1, 1) RETURNING email",
        "INSERT OR REPLACE INTO main.t_leads " + columns +
            " VALUES ('tenant-b', 'aaaaaaaa-0000-7000-8000-000000000001', 'x', 'n@example.com', 1, "
            "1)",
        "INSERT OR REPLACE INTO main.t_leads " + columns +
            " VALUES ('tenant-b', 'x1', 'x', 'secret@a.example', 1, 1)",
        "INSERT OR REPLACE INTO main.t_leads " + columns +
            " VALUES ('tenant-a', 'aaaaaaaa-0000-7000-8000-000000000001', 'x', 'n@example.com', 1, "
            "1)",
        "REPLACE INTO main.t_leads " + columns +
            " VALUES ('tenant-a', 'x1', 'x', 'secret@a.example', 1, 1)",
        "INSERT OR IGNORE INTO main.t_leads " + columns +
            " VALUES ('tenant-a', 'aaaaaaaa-0000-7000-8000-000000000001', 'x', 'n@example.com', 1, "
            "1)",
        "INSERT OR IGNORE INTO main.t_leads " + columns +
            " VALUES ('tenant-b', 'x1', 'x', 'secret@a.example', 1, 1) RETURNING id",
        "INSERT INTO main.t_leads " + columns +
            " VALUES ('tenant-b', 'x1', 'x', 'secret@a.example', 1, 1) ON CONFLICT DO NOTHING "
            "RETURNING id",
        "INSERT INTO main.t_leads " + columns +
            " VALUES ('tenant-a', 'aaaaaaaa-0000-7000-8000-000000000001', 'x', 'n@example.com', 1, "
            "1)"
            " ON CONFLICT (tenant_id, id) DO UPDATE SET first_name = 'taken' RETURNING first_name, "
            "email",
        "INSERT INTO main.t_leads " + columns +
            " VALUES ('tenant-b', 'x1', 'x', 'secret@a.example', 1, 1)"
            " ON CONFLICT (tenant_id, email) DO UPDATE SET first_name = excluded.first_name "
            "RETURNING *",
        "INSERT INTO main.t_leads " + columns +
            " VALUES ('tenant-b', 'bbbbbbbb-0000-7000-8000-000000000001', 'x', 'n@example.com', 1, "
            "1)"
            " ON CONFLICT (tenant_id, id) DO UPDATE SET tenant_id = 'tenant-a'",
        "UPDATE OR REPLACE main.t_leads SET email = 'secret@a.example' WHERE email = "
        "'own@b.example' RETURNING email",
        "UPDATE OR IGNORE main.t_leads SET email = 'shared@example.com' WHERE email = "
        "'own@b.example' RETURNING email",
        "UPDATE OR ROLLBACK main.t_leads SET tenant_id = 'tenant-a' WHERE email = 'own@b.example'",
        "UPDATE OR FAIL main.t_leads SET tenant_id = 'tenant-a'",
        "UPDATE main.t_leads SET id = 'aaaaaaaa-0000-7000-8000-000000000001' WHERE email = "
        "'other@b.example' RETURNING id",
        "UPDATE OR REPLACE main.t_leads SET id = 'aaaaaaaa-0000-7000-8000-000000000001' WHERE "
        "email = 'other@b.example' RETURNING id",
        // foreign keys as oracles
        "UPDATE main.t_leads SET assigned_agent = 'aaaaaaaa-0000-7000-8000-00000000000a'",
        "UPDATE main.t_leads SET assigned_agent = 'aaaaaaaa-0000-7000-8000-00000000000a' WHERE "
        "email = 'own@b.example'",
        "INSERT INTO main.t_events (tenant_id, id, lead_id, type, timestamp, created_at, "
        "updated_at)"
        " VALUES ('tenant-b', 'e9', 'aaaaaaaa-0000-7000-8000-000000000001', 'note', 1, 1, 1)",
        "INSERT INTO main.t_events (tenant_id, id, lead_id, type, timestamp, created_at, "
        "updated_at)"
        " VALUES ('tenant-a', 'e9', 'aaaaaaaa-0000-7000-8000-000000000001', 'note', 1, 1, 1)",
        "DELETE FROM main.t_agents WHERE id = 'aaaaaaaa-0000-7000-8000-00000000000a'",
        "DELETE FROM main.t_leads WHERE email = 'own@b.example' RETURNING id",
        // row numbers
        "INSERT INTO main.t_leads (rowid, tenant_id, id, first_name, created_at, updated_at) "
        "VALUES (1, 'tenant-b', 'x1', 'x', 1, 1)",
        "INSERT INTO main.t_leads (rowid, tenant_id, id, first_name, created_at, updated_at) "
        "VALUES (3, 'tenant-b', 'x1', 'x', 1, 1)",
        "INSERT OR REPLACE INTO main.t_leads (rowid, tenant_id, id, first_name, created_at, "
        "updated_at) VALUES (1, 'tenant-b', 'x1', 'x', 1, 1)",
        "INSERT OR IGNORE INTO main.t_leads (oid, tenant_id, id, first_name, created_at, "
        "updated_at) VALUES (1, 'tenant-b', 'x1', 'x', 1, 1) RETURNING id",
        "INSERT INTO main.t_leads (_rowid_, tenant_id, id, first_name, created_at, updated_at) "
        "VALUES (9223372036854775807, 'tenant-b', 'x1', 'x', 1, 1)",
        "INSERT INTO main.t_leads " + columns +
            " VALUES ('tenant-b', 'x1', 'x', 'x1@example.com', 1, 1) RETURNING rowid",
        "UPDATE main.t_leads SET rowid = 1 WHERE email = 'own@b.example'",
        "UPDATE main.t_leads SET city = rowid",
        "DELETE FROM main.t_leads WHERE rowid = 1",
        "DELETE FROM main.t_leads WHERE _rowid_ < 100 RETURNING id",
        // subqueries in writes
        "UPDATE main.t_leads SET city = (SELECT max(email) FROM main.t_leads)",
        "UPDATE main.t_leads SET city = (SELECT max(email) FROM leads)",
        "UPDATE main.t_leads SET city = 'x' WHERE 'tenant-a' IN (SELECT tenant_id FROM "
        "main.t_leads)",
        "UPDATE main.t_leads SET city = 'x' WHERE ('tenant-a', 'secret@a.example') IN (SELECT "
        "tenant_id, email FROM main.t_leads)",
        "UPDATE main.t_leads SET city = 'x' WHERE 'tenant-a' IN (/* */ SELECT tenant_id FROM "
        "main.t_leads)",
        "UPDATE main.t_leads SET city = 'x' WHERE 'tenant-a' IN (sElEcT tenant_id FROM "
        "main.t_leads)",
        "UPDATE main.t_leads SET city = 'x' WHERE ('tenant-a', 'new', 1) IN main.t_lead_counts",
        "UPDATE main.t_leads SET city = 'x' WHERE 'tenant-a' IN main.tenants",
        "UPDATE main.t_leads SET city = 'x' WHERE EXISTS (SELECT 1 FROM main.t_leads WHERE "
        "tenant_id = 'tenant-a')",
        "DELETE FROM main.t_leads WHERE EXISTS (SELECT 1 FROM main.t_leads WHERE tenant_id = "
        "'tenant-a')",
        "UPDATE main.t_leads SET city = o.email FROM main.t_leads AS o",
        "UPDATE main.t_leads SET city = o.email FROM leads AS o",
        "INSERT INTO main.t_leads " + columns +
            " SELECT 'tenant-b', id, first_name, email, 1, 1 FROM main.t_leads WHERE tenant_id = "
            "'tenant-a'",
        "INSERT INTO main.t_leads SELECT * FROM main.t_leads",
        "INSERT INTO main.t_leads " + columns +
            " VALUES ('tenant-b', 'x1', (SELECT email FROM main.t_leads LIMIT 1), 'q@example.com', "
            "1, 1)",
        "WITH leads AS (SELECT * FROM main.t_leads) UPDATE main.t_leads SET city = (SELECT "
        "max(email) FROM leads)",
        "WITH leads_count_insert AS (SELECT * FROM main.t_leads) UPDATE main.t_leads SET city = "
        "'x' WHERE email IN leads_count_insert",
        "INSERT INTO main.t_leads " + columns +
            " VALUES ('tenant-b', 'x1', 'x', 'x1@example.com', 1, 1) RETURNING (SELECT max(email) "
            "FROM main.t_leads)",
        // views, rollups, control relations
        "UPDATE leads SET first_name = (SELECT max(email) FROM main.t_leads)",
        "INSERT INTO leads " + columns + " VALUES ('tenant-a', 'x1', 'x', 'x1@example.com', 1, 1)",
        "DELETE FROM leads",
        "UPDATE main.t_lead_counts SET n = 100",
        "INSERT INTO main.t_lead_counts VALUES ('tenant-b', 'won', 7)",
        "DELETE FROM main.t_lead_counts",
        "UPDATE main.tenants SET status = 'suspended' WHERE id = 'tenant-a'",
        "INSERT INTO main.memberships VALUES ('tenant-a', 'u', 'owner', 1)",
        "UPDATE main.api_keys SET revoked_at = NULL",
        "DELETE FROM main.audit_log",
        "DELETE FROM main.tenant_keys",
        "DELETE FROM main.tenants WHERE id = 'tenant-a'",
        "UPDATE main.users SET email = 'x@example.com'",
        "UPDATE sqlite_schema SET sql = ''",
        // several statements, transactions, settings
        "UPDATE main.t_leads SET city = 'x'; SELECT * FROM main.t_leads",
        "COMMIT; UPDATE main.t_leads SET city = 'x'",
        "ROLLBACK",
        "SAVEPOINT request",
        "RELEASE request",
        "PRAGMA recursive_triggers = OFF",
        "PRAGMA foreign_keys = OFF",
        "PRAGMA defer_foreign_keys = ON",
        "CREATE TRIGGER spy AFTER INSERT ON t_leads BEGIN SELECT 1; END",
        "DROP TRIGGER leads_count_insert",
        "ALTER TABLE main.t_leads ADD COLUMN spy TEXT",
        // errors that could tell
        "UPDATE main.t_events SET content = 'changed'",
        "UPDATE main.t_leads SET status = 'nonsense' WHERE tenant_id = 'tenant-a'",
        "UPDATE main.t_leads SET email = 'UPPER@A.EXAMPLE' WHERE tenant_id = 'tenant-a'",
        "UPDATE main.t_leads SET first_name = NULL WHERE tenant_id = 'tenant-a'",
        "UPDATE main.t_leads SET first_name = abs(-9223372036854775808) WHERE tenant_id = "
        "'tenant-a'",
    };
    std::vector<Attack> out;
    for (auto& text : texts) out.push_back({Mode::write, std::move(text)});
    return out;
}

class Attacks : public ::testing::Test {
protected:
    void compare(const std::vector<Attack>& attacks) {
        const auto before = with_a_.state_of_a();
        EXPECT_THAT(before, ::testing::HasSubstr("secret@a.example"));
        for (const auto& [mode, text] : attacks) {
            const auto alone = without_a_.attack(mode, text);
            const auto beside = with_a_.attack(mode, text);
            EXPECT_EQ(alone, beside) << text;
            for (const auto* secret : {"secret@a.example", "OfA", "Hidden", "secret event"}) {
                // An answer may hold what the attacker wrote.
                if (text.find(secret) != std::string::npos) continue;
                EXPECT_THAT(beside, ::testing::Not(::testing::HasSubstr(secret))) << text;
            }
        }
        EXPECT_EQ(with_a_.state_of_a(), before);
    }

    World without_a_{false};
    World with_a_{true};
};

TEST_F(Attacks, ReadsAnswerAsIfTheOtherTenantHadNothing) { compare(reads()); }

TEST_F(Attacks, WritesAnswerAsIfTheOtherTenantHadNothingAndChangeNoneOfItsRows) {
    compare(writes());
}

TEST_F(Attacks, OwnRowsAreReachedSoThatSilenceIsNotTheReason) {
    EXPECT_EQ(with_a_.attack(Mode::read, "SELECT count(*) FROM leads"), "2\n");
    EXPECT_EQ(with_a_.attack(Mode::read, "SELECT sum(n) FROM lead_counts"), "2\n");
    EXPECT_THAT(
        with_a_.attack(Mode::write, "UPDATE main.t_leads SET city = 'Moved' RETURNING email"),
        ::testing::StartsWith("own@b.example\nother@b.example\n"));
    EXPECT_THAT(with_a_.attack(Mode::write, "DELETE FROM main.t_agents RETURNING id"),
                ::testing::StartsWith(std::string{b_agent}));
}

TEST_F(Attacks, AnInsertOfASharedAddressWorksBesideTheOtherTenants) {
    const auto answer = with_a_.attack(
        Mode::write,
        "INSERT INTO main.t_leads (tenant_id, id, first_name, email, created_at, updated_at)"
        " VALUES ('tenant-b', '" +
            std::string{a_lead} + "', 'x', 'shared@example.com', 1, 1) RETURNING email");
    EXPECT_THAT(answer, ::testing::StartsWith("shared@example.com\n"));
    EXPECT_THAT(answer, ::testing::HasSubstr(std::string{b_lead}));
}

TEST_F(Attacks, NothingRunsOnceTheGuardIsClosed) {
    EXPECT_THAT(with_a_.attack(Mode::closed, "SELECT 1"), ::testing::StartsWith("refused"));
    EXPECT_THAT(with_a_.attack(Mode::control, "SELECT * FROM leads"),
                ::testing::StartsWith("refused"));
}

}  // namespace
}  // namespace tenantry::engine::sqlite
