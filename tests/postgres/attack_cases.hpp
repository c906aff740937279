#pragma once
/// Hostile statements that the application role runs for tenant B beside tenant A
/// (attack_test.cpp). What no policy can hide is left out: the role may enter another tenant by the
/// setting itself, and the places of rows (ctid) and the sizes of tables are the database's own.
/// Nor what only shuts it out: a role may change its own settings, which no session of ours keeps.
/// `;;` stands between statements that follow each other in one transaction.

#include <string>
#include <vector>

namespace tenantry::engine::postgres {

inline std::vector<std::string> hostile_reads() {
    return {
        // forgotten predicates
        "SELECT * FROM public.leads ORDER BY id",
        "SELECT count(*), sum(score), max(email) FROM public.leads",
        "SELECT * FROM tenantry.lead_counts ORDER BY status",
        "SELECT sum(n) FROM tenantry.lead_counts",
        "SELECT * FROM public.agents",
        "SELECT * FROM public.events",
        "TABLE public.leads",
        "SELECT * FROM ONLY public.leads ORDER BY id",
        "SELECT * FROM public.leads WHERE tenant_id = 'tenant-a'",
        "SELECT * FROM public.leads WHERE tenant_id IN ('tenant-a', 'tenant-b') ORDER BY id",
        "SELECT * FROM public.leads WHERE true OR tenant_id = 'tenant-a' ORDER BY id",
        "SELECT * FROM public.leads WHERE id = 'aaaaaaaa-0000-7000-8000-000000000001'",
        "SELECT email FROM public.leads ORDER BY created_at LIMIT 1",
        "SELECT email FROM public.leads ORDER BY created_at LIMIT 100 OFFSET 2",
        "SELECT email FROM public.leads ORDER BY created_at FETCH FIRST 5 ROWS WITH TIES",
        "SELECT city, count(*) FROM public.leads GROUP BY city ORDER BY city",
        "SELECT city FROM public.leads GROUP BY ROLLUP (city) ORDER BY city",
        "SELECT * FROM public.leads ORDER BY id FOR UPDATE",
        "SELECT * FROM public.leads WHERE tenant_id = 'tenant-a' FOR SHARE NOWAIT",
        // conditions that run before the policy's, if they could
        "SELECT id FROM public.leads WHERE 1 / (CASE WHEN tenant_id = 'tenant-a' THEN 0 ELSE 1 "
        "END) "
        "= 1 ORDER BY id",
        "SELECT id FROM public.leads WHERE (email || '')::text ~ 'secret' ORDER BY id",
        "SELECT id FROM public.leads WHERE CASE WHEN city = 'Hidden' THEN email::int = 1 ELSE true "
        "END ORDER BY id",
        "SELECT id FROM public.leads WHERE tenantry.contains_folded(email, 'secret')",
        "SELECT id FROM public.leads WHERE email::uuid IS NOT NULL AND tenant_id = 'tenant-a'",
        // names that imitate ours, subqueries, joins
        "WITH leads AS (SELECT * FROM public.leads) SELECT * FROM leads ORDER BY id",
        "WITH leads AS MATERIALIZED (SELECT tenant_id FROM public.leads) SELECT * FROM leads",
        "WITH RECURSIVE r(x) AS (SELECT email FROM public.leads UNION SELECT l.first_name FROM r, "
        "public.leads l) SELECT * FROM r ORDER BY x",
        "SELECT (SELECT email FROM public.leads WHERE tenant_id = 'tenant-a' LIMIT 1)",
        "SELECT EXISTS (SELECT FROM public.leads WHERE email = 'secret@a.example')",
        "SELECT 'tenant-a' IN (SELECT tenant_id FROM public.leads)",
        "SELECT ('tenant-a', 'secret@a.example') IN (SELECT tenant_id, email FROM public.leads)",
        "SELECT l.email, e.content FROM public.leads l LEFT JOIN public.events e ON true ORDER BY "
        "1, 2",
        "SELECT l.email, x.email FROM public.leads l, LATERAL (SELECT email FROM public.leads) x "
        "ORDER BY 1, 2",
        "SELECT l.email FROM public.leads l FULL JOIN public.agents a ON a.tenant_id <> "
        "l.tenant_id "
        "ORDER BY 1",
        "SELECT email FROM public.leads UNION ALL SELECT email FROM public.leads WHERE tenant_id "
        "<> "
        "'tenant-b'",
        "SELECT email FROM public.leads EXCEPT SELECT email FROM public.leads WHERE city = "
        "'Hidden'",
        "SELECT email, row_number() OVER (ORDER BY created_at) FROM public.leads",
        "SELECT array_agg(email ORDER BY email), json_agg(first_name ORDER BY email) FROM "
        "public.leads",
        "SELECT ts.* FROM public.leads ts TABLESAMPLE SYSTEM (100) ORDER BY id",
        "SELECT query_to_xml('SELECT email FROM public.leads ORDER BY 1', true, false, '')",
        "SELECT table_to_xml('public.leads', true, false, '') IS NULL",
        "SELECT cursor_to_xml('none', 1, true, false, '')",
        // what the planner and the catalog know
        "SELECT * FROM pg_stats WHERE tablename IN ('leads', 'agents', 'events', 'lead_counts')",
        "SELECT * FROM pg_statistic",
        "SELECT most_common_vals FROM pg_stats WHERE tablename = 'leads'",
        "SELECT * FROM pg_authid",
        "SELECT rolpassword FROM pg_authid",
        "SELECT setconfig FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase "
        "WHERE d.datname = current_database()",
        // the platform's own records that nothing asks for
        "SELECT prosecdef FROM pg_proc WHERE pronamespace = 'tenantry'::regnamespace AND prosecdef",
        "SELECT lo_import('/etc/passwd')",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_ls_dir('.')",
        "SELECT pg_read_binary_file('PG_VERSION')",
        "COPY public.leads TO PROGRAM 'cat'",
        "COPY public.leads TO '/tmp/leads'",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT dblink_connect('')",
        "SELECT pg_sleep(0) FROM public.leads WHERE tenant_id = 'tenant-a'",
        "SELECT pg_advisory_xact_lock(1) FROM public.leads WHERE tenant_id = 'tenant-a'",
        // around the policy
        "SET LOCAL row_security = off;; SELECT * FROM public.leads",
        "SET LOCAL ROLE tenantry_owner;; SELECT * FROM public.leads",
        "SET LOCAL ROLE postgres",
        "SET SESSION AUTHORIZATION postgres",
        "SET LOCAL session_replication_role = replica",
        "SET LOCAL search_path = pg_temp, public;; SELECT * FROM leads ORDER BY id",
        "DECLARE c CURSOR FOR SELECT * FROM public.leads;; FETCH ALL FROM c",
        "DO $$ BEGIN PERFORM 1 FROM public.leads WHERE tenant_id = 'tenant-a'; IF FOUND THEN RAISE "
        "'seen'; END IF; END $$",
    };
}

inline std::vector<std::string> hostile_writes() {
    const std::string insert =
        "INSERT INTO public.leads (tenant_id, id, first_name, email) VALUES ";
    return {
        // forgotten predicates
        "UPDATE public.leads SET first_name = 'taken'",
        "UPDATE public.leads SET status = 'closed'",
        "DELETE FROM public.leads",
        "DELETE FROM public.events",
        "DELETE FROM public.agents",
        "UPDATE public.leads SET first_name = 'taken' WHERE tenant_id = 'tenant-a'",
        "UPDATE public.leads SET city = 'x' WHERE true OR tenant_id = 'tenant-a' RETURNING email",
        "DELETE FROM public.leads WHERE id = 'aaaaaaaa-0000-7000-8000-000000000001' RETURNING *",
        "UPDATE public.leads SET score = score / (score - 99) WHERE city = 'Hidden'",
        "UPDATE public.leads SET first_name = NULL WHERE tenant_id = 'tenant-a'",
        "UPDATE public.leads SET status = 'nonsense' WHERE tenant_id = 'tenant-a'",
        "UPDATE public.leads SET city = o.email FROM public.leads AS o WHERE o.tenant_id <> "
        "'tenant-b' RETURNING public.leads.city",
        "DELETE FROM public.leads l USING public.agents a WHERE a.tenant_id = 'tenant-a'",
        "MERGE INTO public.leads l USING (VALUES ('tenant-a')) v (t) ON l.tenant_id = v.t WHEN "
        "MATCHED THEN DELETE",
        "MERGE INTO public.leads l USING (VALUES ('aaaaaaaa-0000-7000-8000-000000000001'::uuid)) v "
        "(id) ON l.id = v.id WHEN MATCHED THEN UPDATE SET city = 'x' WHEN NOT MATCHED THEN INSERT "
        "(tenant_id, id, first_name) VALUES ('tenant-a', v.id, 'x')",
        // moving rows between tenants
        "UPDATE public.leads SET tenant_id = 'tenant-a'",
        "UPDATE public.leads SET tenant_id = 'tenant-b' WHERE tenant_id = 'tenant-a'",
        "UPDATE public.leads SET tenant_id = NULL",
        "UPDATE public.leads SET tenant_id = ''",
        insert + "('tenant-a', 'cccccccc-0000-7000-8000-000000000001', 'x', 'x1@example.com')",
        insert + "('tenant-c', 'cccccccc-0000-7000-8000-000000000001', 'x', 'x1@example.com')",
        insert + "('', 'cccccccc-0000-7000-8000-000000000001', 'x', 'x1@example.com')",
        insert + "('TENANT-B', 'cccccccc-0000-7000-8000-000000000001', 'x', 'x1@example.com')",
        insert + "(NULL, 'cccccccc-0000-7000-8000-000000000001', 'x', 'x1@example.com')",
        // another tenant's keys: as if nobody had them
        insert + "('tenant-b', 'aaaaaaaa-0000-7000-8000-000000000001', 'x', 'n@example.com')",
        insert + "('tenant-b', 'cccccccc-0000-7000-8000-000000000001', 'x', 'secret@a.example')",
        insert +
            "('tenant-b', 'cccccccc-0000-7000-8000-000000000001', 'x', 'secret@a.example') ON "
            "CONFLICT DO NOTHING RETURNING id",
        insert +
            "('tenant-a', 'aaaaaaaa-0000-7000-8000-000000000001', 'x', 'n@example.com') ON "
            "CONFLICT DO NOTHING RETURNING id",
        insert +
            "('tenant-a', 'aaaaaaaa-0000-7000-8000-000000000001', 'x', 'n@example.com') ON "
            "CONFLICT (tenant_id, id) DO UPDATE SET first_name = 'taken' RETURNING email",
        insert +
            "('tenant-b', 'cccccccc-0000-7000-8000-000000000001', 'x', 'secret@a.example') ON "
            "CONFLICT (tenant_id, email) DO UPDATE SET first_name = excluded.first_name "
            "RETURNING first_name, email",
        insert +
            "('tenant-b', 'bbbbbbbb-0000-7000-8000-000000000001', 'x', 'n@example.com') ON "
            "CONFLICT (tenant_id, id) DO UPDATE SET tenant_id = 'tenant-a'",
        "UPDATE public.leads SET email = 'secret@a.example' WHERE email = 'own@b.example' "
        "RETURNING "
        "email",
        "UPDATE public.leads SET id = 'aaaaaaaa-0000-7000-8000-000000000001' WHERE email = "
        "'other@b.example' RETURNING id",
        // foreign keys as oracles
        "UPDATE public.leads SET assigned_agent = 'aaaaaaaa-0000-7000-8000-00000000000a'",
        "INSERT INTO public.events (tenant_id, lead_id, type, timestamp) VALUES ('tenant-b', "
        "'aaaaaaaa-0000-7000-8000-000000000001', 'note', now())",
        "INSERT INTO public.events (tenant_id, lead_id, type, timestamp) VALUES ('tenant-a', "
        "'aaaaaaaa-0000-7000-8000-000000000001', 'note', now())",
        "DELETE FROM public.agents WHERE id = 'aaaaaaaa-0000-7000-8000-00000000000a'",
        // subqueries in writes
        "UPDATE public.leads SET city = (SELECT max(email) FROM public.leads)",
        "UPDATE public.leads SET city = 'x' WHERE 'tenant-a' IN (SELECT tenant_id FROM "
        "public.leads)",
        "UPDATE public.leads SET city = 'x' WHERE ('tenant-a', 'new') IN (SELECT tenant_id, status "
        "FROM tenantry.lead_counts)",
        "INSERT INTO public.leads (tenant_id, first_name) SELECT 'tenant-b', email FROM "
        "public.leads WHERE tenant_id = 'tenant-a' RETURNING first_name",
        "INSERT INTO public.leads SELECT * FROM public.leads",
        "WITH gone AS (DELETE FROM public.leads RETURNING email) SELECT * FROM gone ORDER BY 1",
        "WITH w AS (UPDATE public.leads SET city = 'x' RETURNING tenant_id, email) SELECT * FROM w "
        "ORDER BY 2",
        // tallies and the platform's records
        "UPDATE tenantry.lead_counts SET n = 100 WHERE tenant_id = 'tenant-a'",
        "INSERT INTO tenantry.lead_counts VALUES ('tenant-a', 'won', 7)",
        "DELETE FROM tenantry.lead_counts WHERE tenant_id = 'tenant-a'",
        "UPDATE tenantry.row_counts SET n = 0 WHERE tenant_id <> 'tenant-b'",
        "DELETE FROM tenantry.audit_log",
        "INSERT INTO tenantry.schema_version VALUES (99)",
        // other rights
        "TRUNCATE public.leads",
        "TRUNCATE public.leads CASCADE",
        "LOCK TABLE tenantry.schema_version IN ACCESS EXCLUSIVE MODE",
        "ALTER TABLE public.leads DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE public.leads NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY tenantry_isolation ON public.leads",
        "CREATE POLICY open ON public.leads USING (true)",
        "CREATE TABLE public.spy (x int)",
        "CREATE SCHEMA spy",
        "CREATE FUNCTION public.spy() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
        "CREATE TRIGGER spy AFTER INSERT ON public.leads EXECUTE FUNCTION tenantry.touch()",
        "CREATE RULE spy AS ON INSERT TO public.leads DO ALSO SELECT 1",
        "CREATE INDEX spy ON public.leads ((1 / length(email)))",
        "CREATE STATISTICS spy ON city, email FROM public.leads",
        "CREATE PUBLICATION spy FOR TABLE public.leads",
        "CREATE EXTENSION dblink",
        "COMMENT ON TABLE public.leads IS 'spy'",
        "ALTER FUNCTION tenantry.touch() OWNER TO tenantry_app",
        "ALTER ROLE tenantry_app BYPASSRLS",
        "GRANT tenantry_owner TO tenantry_app",
        "GRANT SELECT ON public.leads TO PUBLIC",
        "REASSIGN OWNED BY tenantry_owner TO tenantry_app",
        "SECURITY LABEL ON TABLE public.leads IS 'x'",
        "ANALYZE public.leads",
        "COPY public.leads (tenant_id, first_name) FROM PROGRAM 'echo tenant-a'",
        "NOTIFY spy, 'x'",
        "PREPARE TRANSACTION 'spy'",
    };
}

}  // namespace tenantry::engine::postgres
