"""What one tenant feels of another: the latencies of its requests alone, beside one that hammers, and
beside one that hammers and has a quota."""

import contextlib
import json
import signal

from . import report
from .compare import conditions, make_ready
from .data import tenant_names
from .loadgen import PREPARE_MS
from .servers import Failure

HAMMERING, MEASURED = "1-1", "2-2"  # places of the tenants; the third and the others warm the server up
HAMMERING_NAME = tenant_names(1)[0]
HAMMER = "pages-and-creates:64"
FELT = ["get:4"]
QUOTA = 100  # requests a second, of the tenant that hammers
PHASES = ["alone", "beside", "with quota"]
SCENARIOS = []  # none to choose from
RATIO_MAX = 1.33


class Fairness:
    def __init__(self, arguments, root, folder):
        self.arguments = arguments
        self.data = folder / "data"
        self.load_generator, self.servers = make_ready(arguments, root, folder)
        self.result = conditions(arguments, folder) | {
            "tenants": arguments.tenants,
            "leads_per_tenant": arguments.leads,
            "servers": {server.name: {"rounds": []} for server in self.servers},
        }

    @contextlib.contextmanager
    def hammering(self, server, address, *options):
        """The other tenant asks as fast as it can until the block ends. Yields a dictionary, which has
        what the load generator printed of it after that.

        It gives way to everything else where processors are short: in life it runs on a machine of its
        own, and what is to be felt is what it does to the server."""
        port, pid = address
        measured = {}
        with self.load_generator.started(
                "--port", port, "--pid", pid, "--data", self.data, "--tenants", HAMMERING,
                "--until-stopped", *options, HAMMER, niceness=19) as process:
            if process.stdout.readline() != "measuring\n":
                raise Failure(f"the load generator refused {server.name}; see above, and {server.log}")
            yield measured
            process.send_signal(signal.SIGTERM)
            printed, _ = process.communicate(timeout=60)
            if process.returncode != 0:
                raise Failure(f"the load generator refused {server.name}; see above, and {server.log}")
            measured |= json.loads(printed)

    @contextlib.contextmanager
    def warm(self, server, round_number):
        """Serves fresh data, warmed up by the other tenants. Yields the address and a function that
        measures what a tenant feels."""
        with server.running() as address:
            def felt_by(tenants, *options):
                return self.load_generator.measure(
                    server, address, self.data, FELT, self.arguments.seconds, round_number,
                    ["--tenants", tenants, *options])
            felt_by(f"3-{self.arguments.tenants}", "--prepare-ms", PREPARE_MS)
            yield address, felt_by

    def measure(self, server, round_number):
        with self.warm(server, round_number) as (address, felt_by):
            measured = {"alone": felt_by(MEASURED)}
            with self.hammering(server, address) as hammer:
                measured["beside"] = felt_by(MEASURED)
        if server.knows_quotas:
            with self.warm(server, round_number) as (address, felt_by):
                server.limit_requests(HAMMERING_NAME, QUOTA)
                with self.hammering(server, address, "--quota"):
                    measured["with quota"] = felt_by(MEASURED)
        return measured | {"hammer": hammer}

    def run(self):
        for server in self.servers:
            print(f"Preparing {server.name}", flush=True)
            server.build()
            server.load(self.data, self.arguments.tenants)
        for round_number in range(1, self.arguments.rounds + 1):
            for server in self.servers:
                measured = self.measure(server, round_number)
                for phase in PHASES:
                    for one in measured.get(phase, []):
                        print(phase.ljust(10), report.line(server.name, round_number, one), flush=True)
                print("other     ", report.line(server.name, round_number, measured["hammer"]), flush=True)
                self.result["servers"][server.name]["rounds"].append(measured)
        return self.result


class Felt:
    """The rounds of one scenario on one server."""

    def __init__(self, rounds, index):
        self.rounds = [{phase: one[phase][index] for phase in PHASES if phase in one} for one in rounds]

    def has(self, phase):
        return all(phase in one for one in self.rounds)

    def of(self, phase, key):
        return report.median(one[phase][key] for one in self.rounds)

    def ratio(self, phase, key):
        return report.median(one[phase][key] / one["alone"][key] for one in self.rounds)


def felt_table(result):
    rows = []
    for server, measured in result["servers"].items():
        hammer = report.median(one["hammer"]["rate"] for one in measured["rounds"])
        for index, name in enumerate(FELT):
            one = Felt(measured["rounds"], index)
            for phase in filter(one.has, PHASES):
                other = {"alone": 0, "beside": hammer, "with quota": QUOTA}[phase]
                rows.append([server, *name.split(":"), phase, f"{one.of(phase, 'rate'):,.0f}",
                             *(f"{one.of(phase, key):,.0f} µs" for key in ("p50_us", "p99_us")),
                             f"**{one.ratio(phase, 'p99_us'):.2f}**", f"{other:,.0f}"])
    head = ["server", "scenario", "connections", "the other", "req/s", "p50", "p99",
            "**p99 ratio**", "the other's req/s"]
    return report.table(head, ["---"] * 2 + ["--:", "---"] + ["--:"] * 5, rows)


def markdown(result):
    blocks = [report.conditions(result)]
    ours = result["servers"].get("tenantry")
    if ours:
        checks = []
        for index, name in enumerate(FELT):
            kind = name.split(":")[0]
            for phase, words in (("with quota", f"and has a quota of {QUOTA} a second"),
                                 ("beside", "and has none")):
                ratio = Felt(ours["rounds"], index).ratio(phase, "p99_us")
                checks.append((f"{kind}: p99 at most {RATIO_MAX} times that alone, where it hammers "
                               f"{words}", f"{ratio:.2f}", ratio <= RATIO_MAX))
        blocks.append(report.targets_table("target, beside a tenant that hammers", checks))
    return report.text_of([*blocks, felt_table(result)])


def run(arguments, root, folder):
    """Measures, writes fairness.json and fairness.md into `folder`, returns the tables."""
    result = Fairness(arguments, root, folder).run()
    tables = markdown(result)
    report.publish(arguments, root, folder, "fairness", "fairness", result, tables)
    return tables
