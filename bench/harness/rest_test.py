"""What can break in --rest without anybody noticing before a long run: the tables, the rows that both
databases are to have, whose rows a token of the peer's reaches, and that Tenantry answers what is asked.

rest_test.py PROGRAM, the tenantry to ask."""

import json
import sys
import tempfile
import unittest
import urllib.request
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "bench"))
from harness import data, rest, rest_data, rest_report
from harness.cluster import Cluster
from harness.postgres_servers import PEER_DATABASE, TENANTRY_DATABASE
from harness.servers import Failure

TENANTS, LEADS = data.tenant_names(2), 40
SECRET = "a" * 64
PROGRAM = Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else ROOT / "build" / "tenantry"


def measured(scenario, cpu_us, database_cpu_us=100.0, rate=10.0):
    return {"scenario": scenario, "rate": rate, "cpu_us": cpu_us, "database_cpu_us": database_cpu_us,
            "p50_us": 1, "p99_us": 2, "p999_us": 3}


def result_of(**servers):
    return {"servers": {name: {"rounds": rounds, "reports": []} for name, rounds in servers.items()},
            "machine": {"cores": 2, "cpu": "a processor", "kernel": "6", "compiler": "g++", "node": "v20"},
            "tenants": 2, "leads_per_tenant": 40, "rounds": 2, "seconds": 1, "fsync_us": 100,
            "quick": False, "busy": 0, "postgres": "15", "events_per_lead": 2, "approvals_per_lead": 1}


class Pure(unittest.TestCase):
    def test_each_request_has_a_target(self):
        self.assertEqual(list(rest_report.TARGETS), rest.SCENARIOS)

    def test_a_ratio_is_the_median_of_the_rounds(self):
        result = result_of(
            tenantry=[[measured("get:16", 100)], [measured("get:16", 50)], [measured("get:16", 80)]],
            postgrest=[[measured("get:16", 400)], [measured("get:16", 400)], [measured("get:16", 400)]])
        [one] = rest_report.postgres_report.scenarios(result)
        self.assertEqual(rest_report.ratio_of_cpu(one), 5)
        self.assertEqual(rest_report.per_cpu_second(one, "tenantry"), 12_500)
        self.assertAlmostEqual(rest_report.ratio_of_cpu(one, with_database=True), 500 / 180)

    def test_the_table_says_whether_a_target_holds(self):
        result = result_of(tenantry=[[measured("page:64", 100), measured("insert:64", 100)]],
                           postgrest=[[measured("page:64", 498), measured("insert:64", 300)]])
        _, _, page, insert = rest_report.comparison_table(result)
        self.assertEqual(page, "| page | 64 | 10 | 10 | **1.00** | 10,000 | 2,008 | **4.98** | 5 | **no** "
                               "| 2.99 |")
        self.assertTrue(insert.endswith("| **3.00** | 3 | yes | 2.00 |"), insert)

    def test_one_server_alone_is_compared_with_none(self):
        text = rest_report.markdown(result_of(postgrest=[[measured("get:16", 400)]]))
        self.assertNotIn("target", text)
        self.assertIn("| get | 16 | 10 | 400.0 µs | 100.0 µs |", text)

    def test_rows_are_compared_whatever_their_order(self):
        self.assertEqual(rest.in_order([{"id": "b", "events": [{"id": 2}, {"id": 1}]}, {"id": "a"}]),
                         [{"id": "a"}, {"id": "b", "events": [{"id": 1}, {"id": 2}]}])
        self.assertEqual(rest.in_order({"tags": ["z", "a"]}), {"tags": ["z", "a"]})
        self.assertEqual(rest.in_order([]), [])


class OnACluster(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        made = tempfile.TemporaryDirectory(prefix="tenantry-bench-")
        cls.addClassCleanup(made.cleanup)
        cls.folder = Path(made.name)
        cls.folder.chmod(0o755)  # for PostgreSQL's user
        data.make(cls.folder / "data", len(TENANTS), LEADS, 1)
        cls.cluster = Cluster(cls.folder / "cluster", {"fsync": "off", "shared_buffers": "32MB"})
        cls.enterClassContext(cls.cluster.running())
        cls.tenantry = rest.Tenantry(ROOT, cls.folder, SECRET, cls.cluster, PROGRAM)
        cls.tenantry.load(cls.folder / "data", TENANTS, cls.folder / "leads.tsv", rest_data.related_sql())
        rest.RestPeers(ROOT, cls.folder, cls.cluster).load(cls.folder / "data", TENANTS,
                                                           rest_data.related_sql())

    def lead(self):
        return (self.folder / "leads.tsv").read_text().split("\t")[1]

    def rows(self, database, relation):
        return self.cluster.script(
            database, f"SELECT tenant_id, id, md5((to_jsonb(r) - 'updated_at')::text) FROM {relation} r "
                      "ORDER BY 1, 2;").splitlines()

    def test_both_databases_have_the_same_rows(self):
        for relation, each in (("leads", 1), ("events", rest_data.EVENTS),
                               ("approvals", rest_data.APPROVALS)):
            rows = self.rows(TENANTRY_DATABASE, f"public.{relation}")
            self.assertEqual(len(rows), len(TENANTS) * LEADS * each)
            self.assertEqual(rows, self.rows(PEER_DATABASE, relation))

    def as_peer(self, sql, tenant=TENANTS[0]):
        """As PostgREST does for a token of the tenant's; nothing of it stays."""
        claims = json.dumps({"tenant_id": tenant, "role": "operator"})
        return self.cluster.script(PEER_DATABASE, "SET SESSION AUTHORIZATION authenticator;\nBEGIN;\n"
                                   "SET LOCAL ROLE operator;\n"
                                   f"SELECT set_config('request.jwt.claims', '{claims}', true);\n"
                                   f"{sql}\nROLLBACK;\n").splitlines()[1:]

    def test_a_token_of_the_peers_reaches_its_tenants_rows_alone(self):
        for relation in ("leads", "events", "approvals"):
            self.assertEqual(self.as_peer(f"SELECT DISTINCT tenant_id FROM {relation};"), [TENANTS[0]])
        self.assertEqual(self.as_peer("INSERT INTO leads (first_name) VALUES ('a') RETURNING tenant_id;"),
                         [TENANTS[0]])
        with self.assertRaisesRegex(Failure, "row-level security"):
            self.as_peer(f"INSERT INTO leads (tenant_id, first_name) VALUES ('{TENANTS[1]}', 'a');")
        self.assertEqual(self.as_peer("WITH u AS (UPDATE leads SET city = 'x' RETURNING 1) "
                                      "SELECT count(*) FROM u;"), [str(LEADS)])

    def post(self, port, prefer, row):
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/rest/v1/leads", method="POST", data=json.dumps(row).encode(),
            headers={"Authorization": f"Bearer {data.token(SECRET, TENANTS[0])}", "Prefer": prefer,
                     "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()

    def test_tenantry_answers_what_the_load_generator_asks(self):
        with self.tenantry.running() as (port, _):
            def rows(kind):
                path = rest.SAMPLES[kind].format(lead=self.lead())
                return rest.ask(self.tenantry, port, path, TENANTS[0])
            self.assertEqual([row["id"] for row in rows("get")], [self.lead()])
            self.assertEqual({row["status"] for row in rows("page")}, {"new"})
            embedded = rows("embed")
            self.assertEqual(len(embedded), 10)
            for row in embedded:
                self.assertEqual((len(row["events"]), len(row["approvals"])),
                                 (rest_data.EVENTS, rest_data.APPROVALS))
            self.assertEqual(self.post(port, "return=minimal", {"first_name": "Nora"}), (201, b""))
            status, body = self.post(port, "resolution=merge-duplicates,return=minimal",
                                     {"id": self.lead(), "first_name": "Nora", "status": "closed"})
            self.assertIn(status, (200, 201))
            self.assertEqual(body, b"")
            self.assertEqual(rows("get")[0]["status"], "closed")


if __name__ == "__main__":
    unittest.main()
