"""What one tenant feels of another: the latencies of its requests alone, and beside one that hammers."""

import contextlib
import json
import signal

from . import report
from .compare import conditions, make_ready
from .loadgen import PREPARE_MS
from .servers import Failure

HAMMERING, MEASURED = "1-1", "2-2"  # places of the tenants; the third and the others warm the server up
HAMMER = "pages-and-creates:64"
FELT = ["get:4"]
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
    def hammering(self, server, address):
        """The other tenant asks as fast as it can until the block ends. Yields a dictionary, which has
        what the load generator printed of it after that.

        It gives way to everything else where processors are short: in life it runs on a machine of its
        own, and what is to be felt is what it does to the server."""
        port, pid = address
        measured = {}
        with self.load_generator.started(
                "--port", port, "--pid", pid, "--data", self.data, "--tenants", HAMMERING,
                "--until-stopped", HAMMER, niceness=19) as process:
            if process.stdout.readline() != "measuring\n":
                raise Failure(f"the load generator refused {server.name}; see above, and {server.log}")
            yield measured
            process.send_signal(signal.SIGTERM)
            printed, _ = process.communicate(timeout=60)
            if process.returncode != 0:
                raise Failure(f"the load generator refused {server.name}; see above, and {server.log}")
            measured |= json.loads(printed)

    def measure(self, server, round_number):
        with server.running() as address:
            def felt_by(tenants, *options):
                return self.load_generator.measure(
                    server, address, self.data, FELT, self.arguments.seconds, round_number,
                    ["--tenants", tenants, *options])
            felt_by(f"3-{self.arguments.tenants}", "--prepare-ms", PREPARE_MS)
            alone = felt_by(MEASURED)
            with self.hammering(server, address) as hammer:
                beside = felt_by(MEASURED)
        return {"alone": alone, "beside": beside, "hammer": hammer}

    def run(self):
        for server in self.servers:
            print(f"Preparing {server.name}", flush=True)
            server.build()
            server.load(self.data, self.arguments.tenants)
        for round_number in range(1, self.arguments.rounds + 1):
            for server in self.servers:
                measured = self.measure(server, round_number)
                for phase in ("alone", "beside"):
                    for one in measured[phase]:
                        print(phase.ljust(7), report.line(server.name, round_number, one), flush=True)
                print("other  ", report.line(server.name, round_number, measured["hammer"]), flush=True)
                self.result["servers"][server.name]["rounds"].append(measured)
        return self.result


class Felt:
    """The rounds of one scenario on one server."""

    def __init__(self, rounds, index):
        self.pairs = [(one["alone"][index], one["beside"][index]) for one in rounds]

    def alone(self, key):
        return report.median(alone[key] for alone, _ in self.pairs)

    def beside(self, key):
        return report.median(beside[key] for _, beside in self.pairs)

    def ratio(self, key):
        return report.median(beside[key] / alone[key] for alone, beside in self.pairs)


def felt_table(result):
    rows = []
    for server, measured in result["servers"].items():
        hammer = report.median(one["hammer"]["rate"] for one in measured["rounds"])
        for index, name in enumerate(FELT):
            one = Felt(measured["rounds"], index)
            rows.append([server, *name.split(":"),
                         *(f"{time:,.0f} µs" for key in ("p50_us", "p99_us")
                           for time in (one.alone(key), one.beside(key))),
                         f"**{one.ratio('p99_us'):.2f}**", f"{one.alone('rate'):,.0f}",
                         f"{one.beside('rate'):,.0f}", f"{hammer:,.0f}"])
    head = ["server", "scenario", "connections", "p50 alone", "beside", "p99 alone", "beside",
            "**p99 ratio**", "req/s alone", "beside", "the other's req/s"]
    return report.table(head, ["---"] * 2 + ["--:"] * 9, rows)


def markdown(result):
    blocks = [report.conditions(result)]
    ours = result["servers"].get("tenantry")
    if ours:
        checks = []
        for index, name in enumerate(FELT):
            ratio = Felt(ours["rounds"], index).ratio("p99_us")
            kind = name.split(":")[0]
            checks.append((f"{kind}: p99 at most {RATIO_MAX} times that alone", f"{ratio:.2f}",
                           ratio <= RATIO_MAX))
        blocks.append(report.targets_table("target, beside a tenant that hammers", checks))
    return report.text_of([*blocks, felt_table(result)])


def run(arguments, root, folder):
    """Measures, writes fairness.json and fairness.md into `folder`, returns the tables."""
    result = Fairness(arguments, root, folder).run()
    tables = markdown(result)
    report.publish(arguments, root, folder, "fairness", "fairness", result, tables)
    return tables
