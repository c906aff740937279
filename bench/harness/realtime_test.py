"""The arithmetic and the tables of --realtime."""

import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from harness import realtime_report

MIB = 1 << 20


def times(count, us):
    return {"count": count, "p50_us": us, "p99_us": 2 * us, "max_us": 3 * us}


def measured(changes, deliveries, server_cpu_s, us=1000.0, lost=0):
    return {
        "changes": changes, "elapsed_s": 10.0, "delivered_bytes": 2000 * deliveries,
        "delivered": times(deliveries, us), "answered": times(changes, us), "made_late": times(changes, 50.0),
        "server_cpu_s": server_cpu_s, "database_cpu_s": 0.0, "loadgen_cpu_s": 0.1, "other_cpu_s": 2.5,
        "expected": deliveries, "got": deliveries - lost, "lost": lost, "doubled": 0, "leaked": 0}


def server(cpu_s, us, lost=0):
    followed = measured(2000, 100_000, cpu_s, us, lost)
    return {"rounds": [{"alone": measured(2000, 0, 0.3), "followed": followed}] * 3,
            "idle": [(0, 24 * MIB), (1000, 40 * MIB), (8000, 40 * MIB + 7000 * 10_000)]}


def result(**servers):
    return {
        "machine": {"cpu": "a processor", "cores": 2, "kernel": "6", "compiler": "g++", "node": "20"},
        "tenants": 20, "leads_per_tenant": 1000, "rounds": 3, "seconds": 10, "fsync_us": 100.0,
        "quick": False, "busy": 0.1, "postgres": "15", "subscribers": 1000, "changes_a_second": 200,
        "servers": servers}


def row(tables, begin):
    return next(line for line in tables.splitlines() if line.startswith(f"| {begin}"))


class Report(unittest.TestCase):
    def test_processor_time_is_told_with_and_without_what_the_changes_cost(self):
        followed, alone = measured(2000, 100_000, 0.8), measured(1000, 0, 0.15)
        self.assertAlmostEqual(realtime_report.per_delivery(followed, "server"), 8.0)
        self.assertAlmostEqual(realtime_report.per_delivery(followed, "server", alone), 5.0)
        self.assertEqual(realtime_report.per_delivery(alone, "server"), 0.0)

    def test_a_subscriber_costs_what_many_cost_more_than_few(self):
        idle = server(1, 1)["idle"]
        self.assertEqual(realtime_report.per_subscriber(idle), 10_000)
        self.assertEqual(realtime_report.in_a_gib(idle), 1000 * MIB // 10_000)

    def test_a_target_holds_only_if_what_was_measured_is_below(self):
        tables = realtime_report.markdown(result(tenantry_sqlite=server(0.8, 2400.0, lost=1)))
        included = "Tenantry, SQLite: under 6 µs of CPU a delivery, the PATCHes themselves included"
        self.assertEqual(row(tables, included), f"| {included} | 8.00 µs | **no** |")
        self.assertTrue(row(tables, "Tenantry, SQLite: under 6 µs of CPU a delivery, not").endswith(
            "| 5.00 µs | yes |"))
        self.assertTrue(row(tables, "Tenantry, SQLite: p99").endswith("| 4.80 ms | yes |"))
        self.assertTrue(row(tables, "Tenantry, SQLite: none").endswith("| 3/0/0 | **no** |"))

    def test_ratios_are_to_the_peer_and_left_out_without_it(self):
        both = realtime_report.markdown(result(tenantry_postgres=server(0.5, 500.0), peer=server(1.0, 1000.0)))
        self.assertIn("**p50 to the peer's**", both)
        self.assertTrue(row(both, "Tenantry, PostgreSQL | 0.50 ms").startswith(
            "| Tenantry, PostgreSQL | 0.50 ms | 1.00 ms | 1.50 ms | **0.50** | **0.50** | 10,000 |"))
        alone = realtime_report.markdown(result(peer=server(1.0, 1000.0)))
        self.assertNotIn("to the peer's", alone)
        self.assertNotIn("| target |", alone)

    def test_every_table_has_as_many_cells_as_its_head(self):
        tables = realtime_report.markdown(result(
            tenantry_sqlite=server(0.5, 1.0), tenantry_postgres=server(0.5, 1.0), peer=server(1.0, 1.0)))
        for block in tables.split("\n\n"):
            lines = [line for line in block.splitlines() if line.startswith("|")]
            self.assertLessEqual(len({line.count("|") for line in lines}), 1, block)

    def test_what_else_the_machine_did_is_told(self):
        tables = realtime_report.markdown(result(peer=server(1.0, 1000.0)))
        self.assertIn("other programs took 0.25 cores of the machine (median; 0.25 at the most)", tables)


if __name__ == "__main__":
    unittest.main()
