"""Tenantry on PostgreSQL beside pgbench with its statements and beside other servers, over one cluster
that the harness starts. The processor time of the database is told apart from the servers'."""

import contextlib
import http.client
import secrets
import threading
import time

from . import data, postgres_data, postgres_report, report
from .cluster import Cluster
from .compare import conditions
from .loadgen import PREPARE_MS, LoadGenerator
from .pgbench import Pgbench
from .postgres_servers import TENANTRY_DATABASE, Fastify, Peers, PostgREST, Tenantry
from .servers import Failure

SCENARIOS = ["get", "page", "create", "update", "mixed"]
CONNECTIONS = [1, 16, 64]
FELT = "get:64"  # what is measured beside the slow reports
REPORTERS = 2  # connections that ask for them
ROUNDS, SECONDS = 2, 1
EQUAL_CONNECTIONS = 64
EQUAL_SHARE = 0.7  # of what the slower of two servers can do; above, its queue is all there is to see


class Reports:
    """The reporting tenant asks for one report after another while the block lasts: a search through all
    of its leads, which no index leads to."""

    PATH = "/api/leads?search=nobody-is-called-this&limit=20"

    def __init__(self, server, port):
        self.server = server
        self.port = port
        self.headers = {"Authorization": f"Bearer {data.token(server.secret, postgres_data.REPORTING)}"}
        self.ended = threading.Event()
        self.seconds = []
        self.wrong = None

    def ask(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while not self.ended.is_set() and self.wrong is None:
            begin = time.perf_counter()
            try:
                connection.request("GET", self.PATH, headers=self.headers)
                response = connection.getresponse()
                answer = response.read()
            except OSError as error:
                self.wrong = f"it broke off: {error}"
                return
            if response.status != 200 or b'"total":0' not in answer:
                self.wrong = f"{response.status} {answer[:300].decode(errors='replace')}"
            self.seconds.append(time.perf_counter() - begin)

    @contextlib.contextmanager
    def asked_for(self):
        threads = [threading.Thread(target=self.ask) for _ in range(REPORTERS)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self.ended.set()
            for thread in threads:
                thread.join()
        if self.wrong:
            raise Failure(f"{self.server.name} refused a report: {self.wrong}")


class Comparison:
    """`--rest` is one, too."""

    name = "postgres"
    all_kinds, connections = SCENARIOS, CONNECTIONS
    tenants_max = 100

    def __init__(self, arguments, root, folder):
        self.arguments = arguments
        self.kinds = [kind for kind in self.all_kinds if kind in (arguments.scenario or self.all_kinds)]
        self.folder = folder / self.name
        self.folder.mkdir(exist_ok=True)
        print("Building the load generator", flush=True)
        self.load_generator = LoadGenerator(root, folder)
        print("Making the data", flush=True)
        self.csv = folder / "data"
        self.data = self.folder / "data"
        self.data.mkdir(exist_ok=True)
        self.tenants = data.tenant_names(min(arguments.tenants, self.tenants_max))
        secret = secrets.token_hex(32)
        data.make(self.csv, arguments.tenants, arguments.leads, arguments.import_rows)
        data.write_tokens(self.data, secret, self.tenants)
        buffers = "256MB" if arguments.quick else "1GB"
        self.cluster = Cluster(self.folder / "cluster", {"shared_buffers": buffers})
        self.make_contestants(root, folder, secret)
        self.result = conditions(arguments, folder) | {
            "tenants": len(self.tenants), "leads_per_tenant": arguments.leads, "servers": {},
            "reporting_leads": arguments.leads * postgres_data.REPORTING_COPIES}

    def make_contestants(self, root, folder, secret):
        self.peers = Peers(root, self.folder, self.cluster)
        self.tenantry = Tenantry(root, self.folder, secret, self.cluster, self.arguments.program)
        only = self.arguments.only
        self.servers, self.pgbenches = [], []
        if only in (None, "tenantry"):
            self.servers.append(self.tenantry)
        if only in (None, "pgbench"):
            self.pgbenches = [Pgbench(root, self.tenantry.folder, self.cluster, self.arguments, rls)
                              for rls in (False, True)]
        if only in (None, "peer"):
            self.peers.build()
            self.servers += [Fastify(root, self.folder, secret, self.peers, rls) for rls in (False, True)]
            if self.peers.postgrest() and self.scenarios(PostgREST.only):
                self.servers.append(PostgREST(root, self.folder, secret, self.peers))

    def prepare(self, after=""):
        """`after`: SQL that makes more of the leads."""
        print("Loading PostgreSQL", flush=True)
        begin = time.monotonic()
        self.tenantry.load(self.csv, self.tenants, self.data / "leads.tsv", after)
        if any(server is not self.tenantry for server in self.servers):
            self.peers.load(self.csv, self.tenants, after)
        self.result["load_s"] = round(time.monotonic() - begin, 1)
        self.result["postgres"] = self.cluster.script("postgres", "SHOW server_version;").strip()
        for each in [*self.servers, *self.pgbenches]:
            self.result["servers"][each.name] = {"rounds": [], "reports": [], "equal_load": []}

    def scenarios(self, of=None):
        return [f"{kind}:{n}" for kind in self.kinds if of is None or kind in of
                for n in self.connections]

    def shown(self, name, round_number):
        def show(one):
            print(postgres_report.line(name, round_number, one), flush=True)
        return show

    def load(self, server, address, scenarios, round_number, *options, show=None):
        return self.load_generator.measure(
            server, address, self.data, scenarios, self.arguments.seconds, round_number,
            ["--database-pid", self.cluster.pid, *server.options, *options], show)

    def measure_server(self, server, round_number):
        """The reports first: the writes of the other scenarios are known to one load generator only."""
        with server.running() as address:
            if server.only is None and "get" in self.kinds:
                self.measure_beside_reports(server, address, round_number)
            measured = self.load(server, address, self.scenarios(server.only), round_number, "--prepare-ms",
                                 self.prepare_ms(), show=self.shown(server.name, round_number))
        self.result["servers"][server.name]["rounds"].append(measured)

    def measure_beside_reports(self, server, address, round_number):
        _, alone = self.load(server, address, [FELT, FELT], round_number)  # the first warms it up
        with Reports(server, address[0]).asked_for() as reports:
            [beside] = self.load(server, address, [FELT], round_number)
        for when, one in (("alone", alone), ("beside", beside)):
            print(when.ljust(7), postgres_report.line(server.name, round_number, one), flush=True)
        self.result["servers"][server.name]["reports"].append(
            {"alone": alone, "beside": beside, "seconds": reports.seconds})

    def measure_at_equal_load(self, round_number):
        """Tenantry and the fastest peer once more, kind by kind: with the same requests a second for both,
        not with as many as each can answer."""
        chosen = {}
        for kind in self.kinds:
            one = report.Scenario(self.result, "rounds", f"{kind}:{EQUAL_CONNECTIONS}")
            if (peer := postgres_report.fastest_peer(one)) and postgres_report.has(one, "tenantry"):
                slower = min(one.median(name, "rate") for name in ("tenantry", peer))
                scenario = f"{kind}:{EQUAL_CONNECTIONS}@{EQUAL_SHARE * slower:.0f}"
                for name in ("tenantry", peer):
                    chosen.setdefault(name, []).append(scenario)
        for server in self.servers:
            if server.name in chosen:
                with server.running() as address:
                    measured = self.load(server, address, chosen[server.name], round_number,
                                         "--prepare-ms", self.prepare_ms(),
                                         show=self.shown(server.name, round_number))
                self.result["servers"][server.name]["equal_load"].append(measured)

    def prepare_ms(self):
        return 1000 if self.arguments.quick else PREPARE_MS

    def measure_pgbench(self, pgbench, round_number):
        with self.cluster.copy_of(TENANTRY_DATABASE) as database:
            measured = pgbench.measure(database, self.scenarios(), self.arguments.seconds,
                                       self.shown(pgbench.name, round_number))
        self.result["servers"][pgbench.name]["rounds"].append(measured)

    def run(self):
        with self.cluster.running():
            self.prepare()
            for round_number in range(1, self.arguments.rounds + 1):
                for server in self.servers[:1]:
                    self.measure_server(server, round_number)
                for pgbench in self.pgbenches:
                    self.measure_pgbench(pgbench, round_number)
                for server in self.servers[1:]:
                    self.measure_server(server, round_number)
                self.measure_at_equal_load(round_number)
        return self.result


def run(arguments, root, folder):
    """Measures, writes postgres.json and postgres.md into `folder`, returns the tables."""
    result = Comparison(arguments, root, folder).run()
    tables = postgres_report.markdown(result)
    report.publish(arguments, root, folder, "postgres", "postgres", result, tables)
    return tables
