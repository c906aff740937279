"""The comparison with the peer: the same load on both servers in turn."""

import os
import secrets
import time

from . import data, files, report
from .loadgen import PREPARE_MS, LoadGenerator
from .servers import Peer, Tenantry

KINDS = {  # of requests, and the connections that each is measured with
    "get": [1, 16, 64],
    "page": [1, 16, 64],
    "create": [1, 16, 64],
    "update": [1, 16, 64],
    "mixed": [1, 16, 64],
    "approvals": [16, 64],
    "create-with-event": [16, 64],
    "dashboard": [16, 64],  # when there are approvals and events to show
}
IMPORT, FILES = "import", "files"  # what is measured besides: see servers.timed_import, files
SCENARIOS = [*KINDS, IMPORT, FILES]


def fsync_seconds(folder, samples=200):
    """The median time to append 4 KiB to a file and have it on the disk."""
    path = folder / "fsync-probe"
    times = []
    with open(path, "wb", buffering=0) as file:
        for _ in range(samples):
            file.write(bytes(4096))
            begin = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - begin)
    path.unlink()
    return sorted(times)[samples // 2]


def conditions(arguments, folder):
    """What a report has to say of the circumstances."""
    return {
        "machine": report.machine(),
        "busy": round(os.getloadavg()[0], 2),
        "quick": arguments.quick,
        "rounds": arguments.rounds,
        "seconds": arguments.seconds,
        "fsync_us": round(fsync_seconds(folder) * 1e6, 1),
    }


def make_servers(arguments, root, folder, secret):
    servers = []
    if arguments.only != "peer":
        servers.append(Tenantry(root, folder, secret, arguments.program))
    if arguments.only != "tenantry":
        servers.append(Peer(root, folder, secret, arguments.peer_group_commit))
    return servers


def make_ready(arguments, root, folder):
    """Makes the data with its tokens; returns the load generator and the servers."""
    print("Building the load generator", flush=True)
    load_generator = LoadGenerator(root, folder)
    print("Making the data", flush=True)
    secret = secrets.token_hex(32)
    data.make(folder / "data", arguments.tenants, arguments.leads, arguments.import_rows)
    data.write_tokens(folder / "data", secret, data.tenant_names(arguments.tenants))
    return load_generator, make_servers(arguments, root, folder, secret)


class Comparison:
    def __init__(self, arguments, root, folder):
        self.arguments = arguments
        self.wanted = arguments.scenario or SCENARIOS
        self.kinds = [kind for kind in KINDS if kind in self.wanted]
        self.data = folder / "data"
        self.load_generator, self.servers = make_ready(arguments, root, folder)
        self.result = conditions(arguments, folder) | {
            "peer_group_commit": arguments.peer_group_commit,
            "tenants": arguments.tenants,
            "leads_per_tenant": arguments.leads,
            "import_rows": arguments.import_rows,
            "servers": {},
        }

    def prepare(self, server):
        print(f"Preparing {server.name}", flush=True)
        server.build()
        result = {"import_rows_per_s": [], "rounds": [], "files": []}
        if self.kinds:
            seconds = server.load(self.data, self.arguments.tenants)
            result["load_rows_per_s"] = round(self.arguments.tenants * self.arguments.leads / seconds)
        self.result["servers"][server.name] = result

    def measure_requests(self, server, round_number):
        if not self.kinds:
            return
        scenarios = [f"{kind}:{n}" for kind in self.kinds for n in KINDS[kind]]

        def show(one):
            print(report.line(server.name, round_number, one), flush=True)
        with server.running() as address:
            measured = self.load_generator.measure(
                server, address, self.data, scenarios, self.arguments.seconds, round_number,
                ["--prepare-ms", PREPARE_MS], show)
        self.result["servers"][server.name]["rounds"].append(measured)

    def measure_import(self, server):
        if IMPORT not in self.wanted:
            return
        rate = round(self.arguments.import_rows / server.timed_import(self.data / "import.csv"))
        self.result["servers"][server.name]["import_rows_per_s"].append(rate)

    def measure_files(self, server, round_number):
        if FILES not in self.wanted:
            return
        measured = files.measure(server, self.data / "import.csv", self.arguments.import_rows)
        for one in measured:
            print(report.files_line(server.name, round_number, one), flush=True)
        self.result["servers"][server.name]["files"].append(measured)

    def run(self):
        for server in self.servers:
            self.prepare(server)
        for round_number in range(1, self.arguments.rounds + 1):
            for server in self.servers:
                self.measure_requests(server, round_number)
            for server in self.servers:
                self.measure_import(server)
            for server in self.servers:
                self.measure_files(server, round_number)
        return self.result


def run(arguments, root, folder):
    """Measures, writes report.json and report.md into `folder`, returns the tables."""
    result = Comparison(arguments, root, folder).run()
    tables = report.markdown(result)
    report.publish(arguments, root, folder, "report", "results", result, tables)
    return tables
