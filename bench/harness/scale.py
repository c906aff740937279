"""What size costs. The same requests go to the ordinary database, to a tenant of a million leads, and
to the ten thousand small tenants that share a file with it; and what the server needs of memory."""

import http.client
import json
import secrets
from concurrent.futures import ThreadPoolExecutor

from . import data, report
from .compare import conditions
from .loadgen import PREPARE_MS, LoadGenerator
from .servers import Failure, Tenantry

SCENARIOS = ["get", "page", "create", "update", "mixed", "dashboard"]
CONNECTIONS = [16, 64]
LARGE = "large"
SMALL_LEADS = 5
MAKERS = 8  # connections that make the small tenants
NAMES = {"ordinary": "ordinary", "large": "large tenant", "small": "small tenants"}


def memory(pid):
    """In MiB: what is in memory, how much of it is the process's own rather than the mapped database,
    and the most that was in memory so far."""
    with open(f"/proc/{pid}/status") as file:
        fields = dict(line.split(":", 1) for line in file)
    return {key: int(fields[key].split()[0]) / 1024 for key in ("VmRSS", "RssAnon", "VmHWM")}


class TenantMaker:
    """One connection that makes tenants, as an operator would, and their leads, as they would."""

    def __init__(self, port, operator_key, secret):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.operator_key = operator_key
        self.secret = secret

    def post(self, path, bearer, body):
        self.connection.request("POST", path, json.dumps(body), {
            "Authorization": f"Bearer {bearer}", "Content-Type": "application/json"})
        response = self.connection.getresponse()
        answer = response.read()
        if response.status != 201:
            raise Failure(f"POST {path} is answered with {response.status}: {answer.decode()[:300]}")
        return json.loads(answer)

    def make(self, names):
        """Returns the lines of leads.tsv."""
        lines = []
        for name in names:
            self.post("/admin/v1/tenants", self.operator_key, {"id": name, "name": name})
            token = data.token(self.secret, name)
            for lead in data.few_leads(name, SMALL_LEADS):
                made = self.post("/api/leads", token, lead)
                lines.append(data.known_line(name, made["id"], lead["status"], lead["email"]))
        return lines


class Scale:
    def __init__(self, arguments, root, folder):
        self.arguments = arguments
        self.data = {name: folder / "data" / ("" if name == "ordinary" else name) for name in NAMES}
        self.small = [f"s{n:05}" for n in range(1, arguments.small_tenants + 1)]
        print("Building the load generator", flush=True)
        self.load_generator = LoadGenerator(root, folder)
        print("Making the data", flush=True)
        secret = secrets.token_hex(32)
        data.make(self.data["ordinary"], arguments.tenants, arguments.leads, arguments.import_rows)
        data.make_large(self.data["large"], LARGE, arguments.large_leads)
        self.data["small"].mkdir(exist_ok=True)
        data.write_tokens(self.data["ordinary"], secret, data.tenant_names(arguments.tenants))
        data.write_tokens(self.data["large"], secret, [LARGE])
        data.write_tokens(self.data["small"], secret, self.small)
        self.server = Tenantry(root, folder, secret, arguments.program)
        self.result = conditions(arguments, folder) | {
            "tenants": arguments.tenants,
            "leads_per_tenant": arguments.leads,
            "large_leads": arguments.large_leads,
            "small_tenants": arguments.small_tenants,
            "small_leads": SMALL_LEADS,
            "servers": {name: {"rounds": []} for name in NAMES},
            "memory": [],
        }

    def make_small_tenants(self, folder):
        key = self.server.operator_key(folder)
        with self.server.serving(folder) as (port, _), ThreadPoolExecutor(MAKERS) as pool:
            parts = [self.small[i::MAKERS] for i in range(MAKERS)]
            made = list(pool.map(
                lambda part: TenantMaker(port, key, self.server.secret).make(part), parts))
        # In the order of tokens.tsv; each tenant's leads are together already.
        lines = sorted((line for part in made for line in part), key=lambda line: line.split("\t")[0])
        (self.data["small"] / "leads.tsv").write_text("".join(lines))

    def prepare(self):
        print("Preparing the ordinary database", flush=True)
        self.server.build()
        self.server.load(self.data["ordinary"], self.arguments.tenants)
        print("Preparing the large one", flush=True)
        folder = self.server.folder / "scale"
        self.server.make_database(folder)
        self.server.add_tenants(folder, [LARGE])
        self.server.import_leads(folder, [(LARGE, self.data["large"].with_suffix(".csv"))])
        self.make_small_tenants(folder)
        for name, database in (("ordinary", "loaded"), ("scale", "scale")):
            size = (self.server.folder / database / "tenantry.db").stat().st_size
            self.result[f"{name}_bytes"] = size

    def measure(self, address, name, round_number):
        kinds = [kind for kind in SCENARIOS if kind in (self.arguments.scenario or SCENARIOS)]
        scenarios = [f"{kind}:{n}" for kind in kinds for n in CONNECTIONS]

        def show(one):
            print(report.line(name, round_number, one), flush=True)
        measured = self.load_generator.measure(
            self.server, address, self.data[name], scenarios, self.arguments.seconds, round_number,
            ["--prepare-ms", PREPARE_MS], show)
        self.result["servers"][name]["rounds"].append(measured)

    def run(self):
        self.prepare()
        for round_number in range(1, self.arguments.rounds + 1):
            needed = {}
            for database, names in (("loaded", ["ordinary"]), ("scale", ["large", "small"])):
                with self.server.running(database) as address:
                    needed[f"{database} start"] = memory(address[1])
                    for name in names:
                        self.measure(address, name, round_number)
                        needed[name] = memory(address[1])
            self.result["memory"].append(needed)
        return self.result


def cost_table(result):
    def cells(one):
        costs = [f"{one.median('ordinary', 'cpu_us'):.1f} µs"]
        for name in ("large", "small"):
            costs += [f"{one.median(name, 'cpu_us'):.1f} µs", f"**{one.ratio('cpu_us', name, 'ordinary'):.2f}**"]
        rates = [f"{one.median('ordinary', 'rate'):,.0f}"]
        rates += [f"{one.ratio('rate', name, 'ordinary'):.2f}" for name in ("large", "small")]
        return [*one.name.split(":"), *costs, *rates]
    head = ["scenario", "connections", "CPU, ordinary", "large tenant", "**ratio**", "small tenants",
            "**ratio**", "req/s, ordinary", "large, ratio", "small, ratio"]
    return report.table(head, ["---"] + ["--:"] * 9, map(cells, report.scenarios(result)))


def memory_table(result):
    def row(what, name):
        of = {key: report.median(needed[name][key] for needed in result["memory"])
              for key in ("VmRSS", "RssAnon", "VmHWM")}
        return [what, *(f"{value:,.0f} MiB" for value in of.values())]
    rows = [row("ordinary, after the start", "loaded start"), row("after the load", "ordinary"),
            row("large and small, after the start", "scale start"),
            row("after the load on the large tenant", "large"),
            row("after the load on the small ones", "small")]
    return report.table(["the server's memory", "resident", "of it its own", "most so far"],
                        ["---", "--:", "--:", "--:"], rows)


def markdown(result):
    def size(name):
        return f"{result[name + '_bytes'] / (1 << 20):,.0f} MiB"
    blocks = [
        report.conditions(result) + [
            f"Beside them: one tenant of {result['large_leads']:,} leads and {result['small_tenants']:,} "
            f"of {result['small_leads']}, in one file of {size('scale')}; the ordinary one has "
            f"{size('ordinary')}."],
        cost_table(result), memory_table(result)]
    return report.text_of(blocks)


def run(arguments, root, folder):
    """Measures, writes scale.json and scale.md into `folder`, returns the tables."""
    result = Scale(arguments, root, folder).run()
    tables = markdown(result)
    report.publish(arguments, root, folder, "scale", "scale", result, tables)
    return tables
