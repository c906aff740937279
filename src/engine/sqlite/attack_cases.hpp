#pragma once
/// Hostile statements that tenant B runs beside tenant A (attack_test.cpp).

#include "sqlite/guard.hpp"

#include <string>
#include <utility>
#include <vector>

namespace tenantry::engine::sqlite {

using Mode = Guard::Mode;

struct Attack {
    Mode mode;
    std::string text;
};

inline std::vector<Attack> reads() {
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

inline std::vector<Attack> writes() {
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
    for (auto& text : texts) {
        out.push_back({Mode::insert, text});
        out.push_back({Mode::write, std::move(text)});
    }
    const std::string begin = "INSERT INTO main.t_leads " + columns + " VALUES ";
    for (const std::string values : {
             "('tenant-a', 'x1', 'x', 'x1@example.com', 1, 1), (?1, ?2, ?3, ?4, ?5, ?6)",
             "(?1, ?2, ?3, (SELECT email FROM main.t_leads), ?5, ?6), (?1, ?2, ?3, ?4, ?5, ?6)",
             "(?1, ?2, ?3, ?4, ?5, ?6), (?1, ?2, ?3, email IN main.tenants, ?5, ?6)",
             "(?1, ?2, ?3, ?4, ?5, ?6) UNION ALL SELECT * FROM main.t_leads",
             "(?1, ?2, ?3, ?4, ?5, ?6), (?1, ?2, ?3, ?4, ?5, ?6) RETURNING *",
             "(?1, ?2, ?3, ?4, ?5, ?6), (?1, ?2, ?3, ?4, ?5, ?6); DELETE FROM main.t_leads",
             "(?1, ?2, ?3, ?4, ?5, ?6), (?1, ?2, ?3, ?4, ?5, ?6)",
             "(1, 2, 3, 4, 5, 6), (1, 3, 4, 5, 6, 7)",
         }) {
        out.push_back({Mode::insert, begin + values});
    }
    return out;
}

}  // namespace tenantry::engine::sqlite
