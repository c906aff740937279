"""What can break in --postgres without anybody noticing before a long run: the load, pgbench's scripts
against the schema, and that they are Tenantry's own statements.

postgres_test.py PROGRAM, the tenantry to ask."""

import argparse
import json
import re
import sys
import tempfile
import unittest
import urllib.request
import uuid
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "bench"))
from harness import data, pgbench, postgres_data, postgres_report
from harness.cluster import Cluster, ticks_of
from harness.postgres_servers import TENANTRY_DATABASE, Tenantry

TENANTS, LEADS = data.tenant_names(2), 40
SECRET = "a" * 64
PROGRAM = Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else ROOT / "build" / "tenantry"

AS_LOADGEN = {  # its POST /api/leads, whose fields decide the columns
    "first_name": "Nora", "last_name": "Lindqvist", "email": "nora@created.example",
    "phone": "+14165550142", "property_address": "12 Harbour Street", "city": "Toronto",
    "province": "ON", "postal_code": "M5J 2N8", "property_type": "condo", "price_range": "500k-800k",
    "timeline": "1-3 months", "source": "website", "tags": ["first-time"], "metadata": {"beds": 2}}


def anonymous(sql):
    """A statement without its values: parameters, literals, and what the scripts compute them with."""
    for value in (r"lpad\([^()]*\)(::uuid)?", r"\('\{[^}]*\}'::text\[\]\)\[[^]]*\]", r"\$\d+(::\w+)?",
                  r"('[^']*' \|\| )?:\w+( \|\| '[^']*'| \+ 0\.25)?", r"(clock_timestamp|now)\(\)"):
        sql = re.sub(value, "?", sql)
    # What is left are literals, but for the second of a greatest(?, … + interval '…').
    sql = re.sub(r"(?<!interval )'[^']*'|\bNULL\b|(?<=LIMIT )\d+", "?", sql)
    return sql.strip().rstrip(";")


def statements_of(kind):
    lines = (ROOT / "bench" / "pgbench" / f"{kind}.sql").read_text().splitlines()
    return [anonymous(line) for line in lines if not line.startswith(("\\", "--"))]


class Pure(unittest.TestCase):
    def test_a_secured_script_enters_the_tenant_in_the_transaction_of_its_statements(self):
        script = "-- why\n\\set tenant random(1, 2)\nSELECT 1;\nSELECT 2;\n"
        self.assertEqual(pgbench.secured(script).splitlines(),
                         ["-- why", "\\set tenant random(1, 2)", "BEGIN;", pgbench.ENTER, "SELECT 1;",
                          "SELECT 2;", "COMMIT;"])

    def test_only_transactions_that_end_in_the_window_count(self):
        log = "0 1 110 0 10 900000\n0 2 120 0 11 000000\n1 3 130 0 11 500000\n1 4 140 0 12 000001\n0 5 1"
        self.assertEqual(list(pgbench.transactions_of(log, 10.9, 12)), [120, 130])

    def test_processor_time_is_found_behind_any_name_of_a_process(self):
        self.assertEqual(ticks_of("7 (a) b) S 3 1 1 0 -1 1 0 0 0 0 10 20 1 2 20 0 1 0 9"), (3, 30, 3))

    def test_servers_that_were_not_measured_leave_gaps_in_the_tables(self):
        one = {"rate": 10.0, "cpu_us": 9.0, "database_cpu_us": 31.0, "p50_us": 1, "p99_us": 2,
               "p999_us": 3}
        def rounds(*names):
            return {"rounds": [[one | {"scenario": name} for name in names]], "reports": []}
        result = {"servers": {"tenantry": rounds("get:64", "create:64"), "postgrest": rounds("get:64"),
                              "pgbench": rounds("get:64", "create:64")}}
        self.assertIn("| create | 64 | 10 | 10 | **1.00** |  |  |", postgres_report.rates_table(result))
        verdicts = {what: holds for what, _, holds in postgres_report.targets(result)}
        self.assertEqual(verdicts["get: 1.0 of pgbench's bare rate"], True)
        self.assertEqual(verdicts["get: at most 30 µs of PostgreSQL CPU"], False)
        fastest = "get: p99, each as fast as it can, no worse than the fastest peer's (PostgREST)"
        self.assertEqual(verdicts[fastest], True)
        self.assertEqual(len(verdicts), 5)
        slow = {"scenario": "get:64", "cpu_us": 18.0, "database_cpu_us": 31.0}
        result["servers"]["peer"] = {"rounds": [[one | slow]], "reports": []}
        verdicts = {what: holds for what, _, holds in postgres_report.targets(result)}
        self.assertEqual(verdicts["get: server CPU at most 0.53 of Fastify, bare"], True)
        self.assertEqual(verdicts["get: PostgreSQL CPU at most 0.97 of Fastify, bare"], False)
        for name, p99 in (("tenantry", (5, 7)), ("peer", (6, 4))):
            result["servers"][name]["equal_load"] = [[one | {"scenario": "get:64@70", "p99_us": each}]
                                                     for each in p99]
        self.assertEqual(postgres_report.targets(result)[-1],
                         ("get: p99 at equal load no worse than that of Fastify, bare",
                          "6 µs to 5 µs", False))
        self.assertIn("| get | 70 | Fastify, bare | 1 µs | 1 µs | 6 µs | 5 µs | 3 µs | 3 µs | **1.20** |",
                      postgres_report.equal_load_table(result))


class OnACluster(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        made = tempfile.TemporaryDirectory(prefix="tenantry-bench-")
        cls.addClassCleanup(made.cleanup)
        cls.folder = Path(made.name)
        cls.folder.chmod(0o755)  # for PostgreSQL's user
        data.make(cls.folder / "data", len(TENANTS), LEADS, 1)
        cls.cluster = Cluster(cls.folder / "cluster", {"fsync": "off", "shared_buffers": "32MB",
                                                       "log_min_duration_statement": "0"})
        cls.enterClassContext(cls.cluster.running())
        cls.tenantry = Tenantry(ROOT, cls.folder, SECRET, cls.cluster, PROGRAM)
        cls.tenantry.load(cls.folder / "data", TENANTS, cls.folder / "leads.tsv")

    def known(self):
        return [line.split("\t") for line in (self.folder / "leads.tsv").read_text().splitlines()]

    def test_the_load_generator_is_told_the_leads_that_pgbench_computes(self):
        keys = {(name, str(uuid.UUID(f"{postgres_data.UUID_BEGIN[:-10]}{key:010}")))
                for number, name in enumerate(TENANTS, 1) for n in range(LEADS)
                for key in [postgres_data.key(number, n, LEADS)]}
        self.assertEqual({(tenant, lead) for tenant, lead, *_ in self.known()}, keys)
        for kind in ("get", "update"):
            script = (ROOT / "bench" / "pgbench" / f"{kind}.sql").read_text()
            self.assertIn(f"* {postgres_data.MULTIPLIER} % {postgres_data.PRIME}", script)
            self.assertIn(postgres_data.uuid_sql(":key"), script)

    def test_every_script_runs_as_either_role(self):
        class Arguments:
            tenants, leads = len(TENANTS), LEADS
        for rls in (False, True):
            folder = self.folder / f"scripts-{rls}"
            bench = pgbench.Pgbench(ROOT, folder, self.cluster, Arguments, rls)
            with self.cluster.copy_of(TENANTRY_DATABASE) as database:
                for kind in (*pgbench.MIXED, "mixed"):
                    one = bench.measure_one(database, f"{kind}:2", 0.05)
                    self.assertGreater(one["requests"], 0, kind)
                made = self.cluster.script(
                    database, "SELECT count(*) FROM leads WHERE email LIKE 'new.%@created.example'")
                self.assertGreater(int(made), 0)

    def ask(self, port, method, path, body=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}{path}", method=method, data=body and json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {data.token(SECRET, TENANTS[0])}",
                     "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def test_the_scripts_are_the_servers_own_statements(self):
        lead = next(lead for tenant, lead, *_ in self.known() if tenant == TENANTS[0])
        with self.tenantry.running() as (port, _):
            self.assertEqual(self.ask(port, "GET", f"/api/leads/{lead}")["id"], lead)
            self.ask(port, "GET", "/api/leads?status=new&limit=20")
            self.ask(port, "PATCH", f"/api/leads/{lead}", {"status": "new", "score": 1.25})
            self.ask(port, "POST", "/api/leads", AS_LOADGEN)
        # The server calls its statements s1, s2, …; pgbench's have other names.
        sent = {anonymous(sql) for sql in re.findall(r"execute s\d+: (.*)", self.cluster.log.read_text())}
        for kind in pgbench.MIXED:
            for statement in statements_of(kind):
                self.assertIn(statement, sent)


if __name__ == "__main__":
    unittest.main()
