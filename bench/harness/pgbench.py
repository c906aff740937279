"""pgbench, with the statements that Tenantry sends: what PostgreSQL can do without a server before it,
and with the tenant's setting made in a transaction of its own, as one would by hand."""

import os
import signal
import subprocess
import time

from .cluster import family_cpu_seconds
from .servers import Failure, command, tail

MIXED = {"get": 800, "page": 150, "create": 25, "update": 25}
# As Tenantry's sessions have it: plans are made once.
OPTIONS = "-c plan_cache_mode=force_generic_plan -c jit=off"
ENTER = "SELECT set_config('app.tenant_id', lpad(:tenant, 4, 't00'), true);"
LONGEST = 600  # seconds; it is told to end before


def secured(script):
    """The script with its statements in one transaction that enters the tenant first."""
    lines = script.splitlines()
    first = next(i for i, line in enumerate(lines) if line and not line.startswith(("\\", "--")))
    return "\n".join([*lines[:first], "BEGIN;", ENTER, *lines[first:], "COMMIT;", ""])


def quantile(ordered, part):
    return ordered[min(int(part * len(ordered)), len(ordered) - 1)]


def transactions_of(text, begin, end):
    """Latencies, in microseconds, of the transactions in a log that ended within the times."""
    for line in text.splitlines():
        fields = line.split()
        if len(fields) >= 6 and begin < int(fields[4]) + int(fields[5]) / 1e6 <= end:
            yield int(fields[2])


class Pgbench:
    """Of one database: `bare` as a role that no policy holds, or `rls` as Tenantry's own."""

    def __init__(self, root, folder, cluster, arguments, rls):
        self.name = "pgbench_rls" if rls else "pgbench"
        self.cluster = cluster
        self.folder = folder / self.name
        self.log = self.folder / "log.txt"
        self.arguments = arguments
        self.role = "tenantry_app" if rls else "bench_bare"
        self.folder.mkdir(parents=True)
        for kind in MIXED:
            script = (root / "bench" / "pgbench" / f"{kind}.sql").read_text()
            (self.folder / f"{kind}.sql").write_text(secured(script) if rls else script)

    def command(self, database, kind, connections):
        kinds = MIXED if kind == "mixed" else {kind: 1}
        return command(
            self.cluster.programs / "pgbench", "-n", "-M", "prepared", "-h", self.cluster.folder, "-U",
            self.role, "-c", connections, "-j", min(connections, os.cpu_count()), "-T", LONGEST,
            "--log", "--log-prefix", self.folder / "transactions",
            "-D", f"tenants={self.arguments.tenants}", "-D", f"leads={self.arguments.leads}",
            *(f"--file={self.folder / name}.sql@{weight}" for name, weight in kinds.items()), database)

    def logs(self):
        return list(self.folder.glob("transactions.*"))

    def await_first(self, process):
        deadline = time.monotonic() + 30
        while not any(path.stat().st_size for path in self.logs()):
            if process.poll() is not None or time.monotonic() > deadline:
                raise Failure(f"pgbench did not begin\n{tail(self.log)}")
            time.sleep(0.01)

    def measure_one(self, database, scenario, seconds):
        """One dictionary, as the load generator prints them."""
        kind, connections = scenario.split(":")
        for path in self.logs():
            path.unlink()
        with open(self.log, "ab") as log:
            process = subprocess.Popen(
                self.command(database, kind, int(connections)), stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, env=self.cluster.environment() | {"PGOPTIONS": OPTIONS})
        try:
            self.await_first(process)
            time.sleep(seconds / 6)
            begin, cpu, own = time.time(), self.cluster.cpu_seconds(), family_cpu_seconds(process.pid)
            time.sleep(seconds)
            cpu, own = self.cluster.cpu_seconds() - cpu, family_cpu_seconds(process.pid) - own
            end = time.time()
            process.send_signal(signal.SIGALRM)  # its own clock's, at which it ends in good order
            if process.wait(30) != 0:
                raise Failure(f"pgbench ended with {process.returncode}\n{tail(self.log)}")
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        times = sorted(t for path in self.logs() for t in transactions_of(path.read_text(), begin, end))
        if not times:
            raise Failure(f"pgbench {scenario}: not one transaction in the time given\n{tail(self.log)}")
        return {"scenario": scenario, "requests": len(times), "rate": len(times) / (end - begin),
                "cpu_us": 0, "database_cpu_us": cpu / len(times) * 1e6,
                "loadgen_cpu_us": own / len(times) * 1e6,
                "p50_us": quantile(times, 0.5), "p99_us": quantile(times, 0.99),
                "p999_us": quantile(times, 0.999), "max_us": times[-1]}

    def measure(self, database, scenarios, seconds, show):
        results = []
        for scenario in scenarios:
            results.append(self.measure_one(database, scenario, seconds))
            show(results[-1])
        return results
