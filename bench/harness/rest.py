"""Tenantry's /rest/v1 beside a real PostgREST: the same requests, of the same rows, in one cluster that
the harness starts. The processor time of the database is told apart from the servers'."""

import json
import urllib.request

from . import data, postgres, postgres_servers, report, rest_data, rest_report
from .postgres_servers import Peers
from .servers import Failure

SCENARIOS = ["get", "page", "embed", "insert", "upsert"]
CONNECTIONS = [16, 64]
ROUNDS, SECONDS = 2, 2
CHECK = "get:16"  # behind the others, and in no table: leads are as the upserts left them

# As the load generator asks, of the first tenant.
SAMPLES = {
    "get": "leads?id=eq.{lead}",
    "page": "leads?select=id,first_name,last_name,email,phone,city,status,score,source,tags,metadata,"
            "created_at&status=eq.new&order=created_at.desc&limit=25",
    "embed": "leads?select=*,approvals(*),events(*)&order=id&limit=10",
}


class Tenantry(postgres_servers.Tenantry):
    reporting = False
    path = "/rest/v1/"
    options = ("--rest", path)


class RestPeers(Peers):
    schema, finish = ["schema", "rest_schema"], ["finish", "rest_finish"]
    reporting = False


class PostgREST(postgres_servers.PostgREST):
    only = None
    path = "/"
    options = ("--rest", path)


def ask(server, port, path, tenant):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{server.path}{path}",
        headers={"Authorization": f"Bearer {data.token(server.secret, tenant)}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def in_order(value):
    """JSON with its arrays of rows in the order of their ids: those that are embedded have none."""
    if isinstance(value, list):
        items = [in_order(item) for item in value]
        has_ids = all(isinstance(item, dict) and "id" in item for item in items)
        return sorted(items, key=lambda item: item["id"]) if has_ids else items
    if isinstance(value, dict):
        return {name: in_order(item) for name, item in value.items()}
    return value


class Comparison(postgres.Comparison):
    name = "rest"
    all_kinds, connections = SCENARIOS, CONNECTIONS
    tenants_max = 20  # the rows that are embedded make them large

    def __init__(self, arguments, root, folder):
        super().__init__(arguments, root, folder)
        self.answers = {}

    def make_contestants(self, root, folder, secret):
        only = self.arguments.only
        programs = folder / "postgres"  # the peer's, shared with --postgres
        programs.mkdir(exist_ok=True)
        self.peers = RestPeers(root, programs, self.cluster)
        self.tenantry = Tenantry(root, self.folder, secret, self.cluster, self.arguments.program)
        self.pgbenches = []
        self.servers = [] if only == "peer" else [self.tenantry]
        if only != "tenantry":
            self.peers.build()
            if not self.peers.postgrest():
                raise Failure("PostgREST's package from npm has no program for this processor")
            self.servers.append(PostgREST(root, self.folder, secret, self.peers))

    def prepare(self):
        super().prepare(rest_data.related_sql())
        of = self.result
        of["events_per_lead"], of["approvals_per_lead"] = rest_data.EVENTS, rest_data.APPROVALS

    def check_answers(self, server, port):
        """Both servers show the same rows of the same databases."""
        lead = next(line.split("\t")[1] for line in (self.data / "leads.tsv").read_text().splitlines())
        for kind, path in SAMPLES.items():
            answer = in_order(ask(server, port, path.format(lead=lead), self.tenants[0]))
            if self.answers.setdefault(kind, answer) != answer:
                raise Failure(f"{server.name} answers {path} with other rows than the server before it")

    def check_inserted(self, server, measured):
        """What was acknowledged is there."""
        inserted = sum(one["requests"] for one in measured if one["scenario"].startswith("insert:"))
        there = int(self.cluster.script(server.database, "SELECT count(*) FROM public.leads "
                                                         "WHERE email LIKE 'new.%@created.example';"))
        if there < inserted:
            raise Failure(f"{server.name} has acknowledged {inserted} inserts and has {there}")

    def measure_at_equal_load(self, round_number):
        """The targets are of work done, not of time waited."""

    def measure_server(self, server, round_number):
        scenarios = self.scenarios()
        with server.running() as address:
            self.check_answers(server, address[0])
            measured = self.load(server, address, [*scenarios, CHECK], round_number, "--prepare-ms",
                                 self.prepare_ms(), show=self.shown(server.name, round_number))
            self.check_inserted(server, measured)
        self.result["servers"][server.name]["rounds"].append(measured[:len(scenarios)])


def run(arguments, root, folder):
    """Measures, writes rest.json and rest.md into `folder`, returns the tables."""
    result = Comparison(arguments, root, folder).run()
    tables = rest_report.markdown(result)
    report.publish(arguments, root, folder, "rest", "rest", result, tables)
    return tables
