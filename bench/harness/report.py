"""From measurements to tables, and the verdict on the targets."""

import json
import os
import platform
import subprocess
from statistics import median


def files_line(server, round_number, one):
    return (f"{round_number}  {server:8}  {one['scenario']:20} {one['rate']:9,} rows/s   "
            f"cpu {one['cpu_us']:6.2f} us a row")


def line(server, round_number, one):
    return (f"{round_number}  {server:8}  {one['scenario']:20} {one['rate']:9.0f}/s   "
            f"cpu {one['cpu_us']:7.1f} us   p50 {one['p50_us']:8.0f}  p99 {one['p99_us']:8.0f}  "
            f"p999 {one['p999_us']:8.0f} us")


def first_line(*words):
    try:
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "unknown"


def machine():
    with open("/proc/cpuinfo") as file:
        models = [text.split(":", 1)[1].strip() for text in file if text.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "compiler": first_line("g++", "--version"),
        "node": first_line("node", "--version"),
    }


class Scenario:
    """The rounds of one scenario, by server. `part` is "rounds" (requests) or "files"."""

    def __init__(self, result, part, name):
        self.name = name
        self.rounds = {
            server: [one for measured in of[part] for one in measured if one["scenario"] == name]
            for server, of in result["servers"].items()}

    def median(self, server, key):
        return median(one[key] for one in self.rounds[server])

    def ratio(self, key, one="tenantry", other="peer"):
        """One over the other: the median of the rounds' ratios, so that a slow spell of the machine
        touches one of them."""
        pairs = zip(self.rounds[one], self.rounds[other])
        return median(ours[key] / theirs[key] for ours, theirs in pairs)


def scenarios(result, part="rounds"):
    rounds = next(iter(result["servers"].values()))[part]
    return [Scenario(result, part, one["scenario"]) for one in rounds[0]] if rounds else []


def table(head, alignment, rows):
    return ["| " + " | ".join(cells) + " |" for cells in [head, alignment, *rows]]


def ratio_table(result):
    def cells(one):
        return [*one.name.split(":"),
                f"{one.median('tenantry', 'rate'):,.0f}", f"{one.median('peer', 'rate'):,.0f}",
                f"**{one.ratio('rate'):.2f}**",
                f"{one.median('tenantry', 'cpu_us'):.1f} µs", f"{one.median('peer', 'cpu_us'):.1f} µs",
                f"{one.ratio('cpu_us'):.2f}"]
    head = ["scenario", "connections", "Tenantry req/s", "peer req/s", "**ratio**",
            "Tenantry CPU", "peer CPU", "CPU ratio"]
    return table(head, ["---"] + ["--:"] * 7, map(cells, scenarios(result)))


def server_table(result, server):
    def cells(one):
        times = [f"{one.median(server, key):,.0f} µs" for key in ("p50_us", "p99_us", "p999_us")]
        return [*one.name.split(":"), f"{one.median(server, 'rate'):,.0f}",
                f"{one.median(server, 'cpu_us'):.1f} µs", *times]
    head = [server, "connections", "req/s", "CPU a request", "p50", "p99", "p99.9"]
    return table(head, ["---"] + ["--:"] * 6, map(cells, scenarios(result)))


def files_table(result):
    """Of both servers beside each other, or of the one that was measured."""
    servers = list(result["servers"])
    both = len(servers) == 2

    def row(one):
        def cells(key, form, unit):
            return [f"{one.median(server, key):{form}}{unit}" for server in servers]
        ratios = {key: [f"{one.ratio(key):.2f}"] if both else [] for key in ("rate", "cpu_us")}
        return [one.name, *cells("rate", ",.0f", ""), *(f"**{text}**" for text in ratios["rate"]),
                *cells("cpu_us", ".1f", " µs"), *ratios["cpu_us"]]
    names = [server.replace("tenantry", "Tenantry") for server in servers]
    head = [f"{result['import_rows']:,} leads over HTTP", *(f"{name} rows/s" for name in names),
            *["**ratio**"] * both, *(f"{name} CPU a row" for name in names), *["CPU ratio"] * both]
    return table(head, ["---"] + ["--:"] * (len(head) - 1), map(row, scenarios(result, "files")))


def targets(result):
    """(Target, what was measured, whether it holds). All but the import's are at 64 connections."""
    if "tenantry" not in result["servers"]:
        return []
    at_64 = {one.name.removesuffix(":64"): one for one in scenarios(result) if one.name.endswith(":64")}
    checks = []
    for kind, limit in (("get", 20), ("page", 150)):
        if kind in at_64:
            cpu = at_64[kind].median("tenantry", "cpu_us")
            checks.append((f"{kind}: under {limit} µs of CPU", f"{cpu:.1f} µs", cpu < limit))
    if "peer" in result["servers"]:
        for kind, one in at_64.items():
            ratio = one.ratio("rate")
            checks.append((f"{kind}: 2.5 times the peer's throughput", f"{ratio:.2f}", ratio >= 2.5))
    imports = result["servers"]["tenantry"]["import_rows_per_s"]
    if imports:
        rate = median(imports)
        checks.append(("import: at least 40,000 rows/s", f"{rate:,.0f} rows/s", rate >= 40_000))
    return checks


def targets_table(head, checks):
    """`checks`: (the target, what was measured, whether it holds)."""
    rows = [[what, value, "yes" if holds else "**no**"] for what, value, holds in checks]
    return table([head, "measured", "holds"], ["---", "--:", "---"], rows)


def conditions(result):
    of = result["machine"]
    lines = [
        f"{of['cores']} cores of {of['cpu']}, Linux {of['kernel']}; {of['compiler']}; "
        f"Node.js {of['node']}. {result['tenants']} tenants of {result['leads_per_tenant']:,} leads; "
        f"{result['rounds']} round(s) of {result['seconds']:g} s a scenario. Appending 4 KiB durably "
        f"(fdatasync) takes {result['fsync_us']:,.0f} µs on this disk (median).",
    ]
    if result["quick"]:
        lines.append("A quick run: too short to judge by.")
    if result["busy"] > 0.5:
        lines.append("Something else kept the machine busy when the run began "
                     f"(load average {result['busy']}).")
    if result.get("peer_group_commit"):
        lines.append("The peer commits concurrent writes together.")
    return lines


def imports(result):
    lines = []
    for name, server in result["servers"].items():
        imports, load = server["import_rows_per_s"], server.get("load_rows_per_s")
        facts = [f"{median(imports):,.0f} rows/s in a timed import"] if imports else []
        facts += [f"{load:,} rows/s over the whole load"] if load else []
        if facts:
            lines.append(f"{name}: {', '.join(facts)}.")
    return lines


def markdown(result):
    blocks = [conditions(result) + imports(result)]
    checks = targets(result)
    if checks:
        blocks.append(targets_table("target, at 64 connections", checks))
    if len(result["servers"]) == 2 and scenarios(result):
        blocks.append(ratio_table(result))
    if scenarios(result, "files"):
        blocks.append(files_table(result))
    if scenarios(result):
        blocks += [server_table(result, name) for name in result["servers"]]
    return text_of(blocks)


def text_of(blocks):
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def update(path, mark, tables):
    """Replaces what stands between the two marks of this name in `path`."""
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    before, rest = path.read_text().split(begin, 1)
    after = rest.split(end, 1)[1]
    path.write_text(f"{before}{begin}\n\n{tables}\n{end}{after}")


def publish(arguments, root, folder, name, mark, result, tables):
    """Writes `name`.json and `name`.md into `folder`, and `tables` between their marks in the docs if
    that is asked for."""
    (folder / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")
    (folder / f"{name}.md").write_text(tables)
    if arguments.update_docs:
        update(root / "docs" / "benchmarks.md", mark, tables)
