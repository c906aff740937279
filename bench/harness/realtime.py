"""What it costs to tell subscribers of changes, and how soon they know: Tenantry on SQLite and on
PostgreSQL, and a peer in Node.js over the same PostgreSQL that is fed by LISTEN and NOTIFY."""

import contextlib
import json
import resource
import secrets
import time

from . import data, postgres_servers, realtime_report, report, servers
from .cluster import Cluster
from .compare import conditions
from .loadgen import LoadGenerator
from .postgres_servers import PEER_DATABASE, Fastify, Peers
from .servers import Failure

SCENARIOS = []  # none to choose from
TENANTS, LEADS = 20, 1000
SUBSCRIBERS, CHANGES_A_SECOND = 1000, 200
ROUNDS, SECONDS, QUICK_SECONDS = 3, 10, 2
WARM_UP_SECONDS = 3  # unreported changes: caches fill, a JIT compiler gets its time
IDLE = (1000, 8000)  # subscribers between which memory is measured
OTHER_FILES = 500  # of a process, besides its sockets
SETTLE_SECONDS = 2


class TenantryOnSqlite(servers.Tenantry):
    name = "tenantry_sqlite"


class TenantryOnPostgres(postgres_servers.Tenantry):
    name = "tenantry_postgres"


class Peer(Fastify):
    """The bare peer of --postgres with its WebSockets."""

    def __init__(self, root, folder, secret, peers):
        super().__init__(root, folder, secret, peers, rls=False)

    def serve_command(self, folder, port):
        return [*super().serve_command(folder, port), "--realtime"]


def memory(pid):
    """In bytes: what is in memory, pages that are shared counted by their part."""
    with open(f"/proc/{pid}/smaps_rollup") as file:
        fields = dict(line.split(":", 1) for line in file if line.startswith("Pss:"))
    return int(fields["Pss"].split()[0]) * 1024


def idle_counts(quick):
    """As many subscribers as wanted, or as this process's children may have open files."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    few, many = (SUBSCRIBERS // 5, SUBSCRIBERS) if quick else IDLE
    if most != resource.RLIM_INFINITY:
        many = min(many, (most - OTHER_FILES) // TENANTS * TENANTS)
    if many <= few:
        raise Failure(f"--realtime needs more open files than {most}: raise it (ulimit -n)")
    return few, many


class Comparison:
    def __init__(self, arguments, root, folder):
        self.arguments = arguments
        self.idle_counts = idle_counts(arguments.quick)
        self.folder = folder / "realtime"
        self.folder.mkdir(exist_ok=True)
        print("Building the load generator", flush=True)
        self.load_generator = LoadGenerator(root, folder, "bench_realtime")
        print("Making the data", flush=True)
        self.tenants = data.tenant_names(TENANTS)
        # The same leads have other ids in PostgreSQL.
        self.data = {kind: self.folder / f"data-{kind}" for kind in ("sqlite", "postgres")}
        secret = secrets.token_hex(32)
        data.make(self.data["sqlite"], TENANTS, LEADS, import_rows=1)  # of which no use is made
        for each in self.data.values():
            each.mkdir(exist_ok=True)
            data.write_tokens(each, secret, self.tenants)
        self.cluster = Cluster(self.folder / "cluster", {"shared_buffers": "256MB"})
        self.make_servers(arguments, root, folder, secret)
        self.result = conditions(arguments, folder) | {
            "tenants": TENANTS, "leads_per_tenant": LEADS, "subscribers": SUBSCRIBERS,
            "changes_a_second": CHANGES_A_SECOND,
            "servers": {server.name: {"rounds": [], "idle": []} for server in self.servers}}

    def make_servers(self, arguments, root, folder, secret):
        program = arguments.program
        self.sqlite = TenantryOnSqlite(root, self.folder, secret, program)
        self.postgres = TenantryOnPostgres(root, self.folder, secret, self.cluster, program)
        programs = folder / "postgres"  # the peer's, shared with --postgres
        programs.mkdir(exist_ok=True)
        self.peers = Peers(root, programs, self.cluster)
        self.peer = Peer(root, self.folder, secret, self.peers)
        ours = [self.sqlite, self.postgres] if arguments.only != "peer" else []
        self.servers = ours + ([self.peer] if arguments.only != "tenantry" else [])

    def prepare(self):
        """Tenantry on PostgreSQL is loaded in any case: that tells which ids the leads have."""
        print("Loading the databases", flush=True)
        if self.sqlite in self.servers:
            self.sqlite.build()
            self.sqlite.load(self.data["sqlite"], TENANTS)
        self.postgres.load(self.data["sqlite"], self.tenants, self.data["postgres"] / "leads.tsv")
        if self.peer in self.servers:
            self.peers.build()
            self.peers.load(self.data["sqlite"], self.tenants)
            self.cluster.script(PEER_DATABASE, (self.peers.sources / "realtime.sql").read_text())
        self.result["postgres"] = self.cluster.script("postgres", "SHOW server_version;").strip()

    def started(self, server, address, subscribers, *options):
        port, pid = address
        kind = "sqlite" if server is self.sqlite else "postgres"
        database = ["--database-pid", self.cluster.pid] if kind == "postgres" else []
        return self.load_generator.started("--port", port, "--pid", pid, *database, "--data",
                                           self.data[kind], "--subscribers", subscribers, *options)

    def refused(self, server):
        return Failure(f"the load generator refused {server.name}; see above, and {server.log}")

    def changes(self, server, address, subscribers, seed):
        seconds = {"--warm-up-ms": WARM_UP_SECONDS, "--duration-ms": self.arguments.seconds}
        options = [word for name, value in seconds.items() for word in (name, int(value * 1000))]
        with self.started(server, address, subscribers, "--rate", CHANGES_A_SECOND, "--seed", seed,
                          *options) as process:
            printed, _ = process.communicate()
            if process.returncode != 0:
                raise self.refused(server)
        return json.loads(printed)

    def measure(self, server, round_number):
        """First the changes alone, which tells what a PATCH costs that nobody follows."""
        with server.running() as address:
            measured = {"alone": self.changes(server, address, 0, 2 * round_number),
                        "followed": self.changes(server, address, SUBSCRIBERS, 2 * round_number + 1)}
        print(realtime_report.line(server.name, round_number, measured), flush=True)
        self.result["servers"][server.name]["rounds"].append(measured)

    @contextlib.contextmanager
    def idle(self, server, address, subscribers):
        with self.started(server, address, subscribers, "--idle") as process:
            if process.stdout.readline() != "joined\n":
                raise self.refused(server)
            time.sleep(SETTLE_SECONDS)
            yield
            process.terminate()
            if process.wait(30) != 0:
                raise self.refused(server)

    def measure_idle(self, server):
        few, many = self.idle_counts
        with server.running() as address:
            measured = [(0, memory(address[1]))]
            with self.idle(server, address, few):
                measured.append((few, memory(address[1])))
                with self.idle(server, address, many - few):
                    measured.append((many, memory(address[1])))
        print(realtime_report.idle_line(server.name, measured), flush=True)
        self.result["servers"][server.name]["idle"] = measured

    def run(self):
        with self.cluster.running():
            self.prepare()
            for round_number in range(1, self.arguments.rounds + 1):
                for server in self.servers:
                    self.measure(server, round_number)
            for server in self.servers:
                self.measure_idle(server)
        return self.result


def run(arguments, root, folder):
    """Measures, writes realtime.json and realtime.md into `folder`, returns the tables."""
    result = Comparison(arguments, root, folder).run()
    tables = realtime_report.markdown(result)
    report.publish(arguments, root, folder, "realtime", "realtime", result, tables)
    return tables
