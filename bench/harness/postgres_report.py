"""The tables of --postgres, and the verdict on its targets."""

from . import report

NAMES = {
    "tenantry": "Tenantry",
    "pgbench": "pgbench, bare",
    "pgbench_rls": "pgbench, row-level security",
    "peer": "Fastify, bare",
    "peer_rls": "Fastify, row-level security",
    "postgrest": "PostgREST",
}
PEERS = ("peer", "peer_rls", "postgrest")
OTHERS = ("pgbench", "pgbench_rls", *PEERS)


def line(server, round_number, one):
    return (f"{round_number}  {server:11}  {one['scenario']:14} {one['rate']:7.0f}/s   "
            f"cpu {one['cpu_us']:6.1f} + {one['database_cpu_us']:6.1f} us   "
            f"p50 {one['p50_us']:6.0f}  p99 {one['p99_us']:7.0f}  p999 {one['p999_us']:7.0f} us")


def scenarios(result):
    """All that any of the servers was measured with, in the order of the one with most."""
    longest = max((of["rounds"][0] for of in result["servers"].values()), key=len)
    return [report.Scenario(result, "rounds", one["scenario"]) for one in longest]


def has(scenario, server):
    return bool(scenario.rounds.get(server))


def present(result, names):
    return [name for name in names if name in result["servers"]]


def fastest_peer(scenario):
    measured = [name for name in PEERS if has(scenario, name)]
    return max(measured, key=lambda name: scenario.median(name, "rate"), default=None)


# The targets of processor time are of a machine on which the bare Fastify took this much for a get.
# Beside that, in the same run, they hold or don't on any machine.
FASTIFY_GET = {"cpu_us": 38, "database_cpu_us": 31}


def targets_at_64(kind, one):
    """(Target, what was measured, whether it holds) of one kind of request."""
    if has(one, "pgbench"):
        ratio, least = one.ratio("rate", "tenantry", "pgbench"), 1.0 if kind == "get" else 0.9
        if kind != "mixed":
            yield f"{kind}: {least} of pgbench's bare rate", f"{ratio:.2f}", ratio >= least
    if kind == "get":
        for whose, key, most in (("server", "cpu_us", 20), ("PostgreSQL", "database_cpu_us", 30)):
            cpu = one.median("tenantry", key)
            yield f"get: at most {most} µs of {whose} CPU", f"{cpu:.1f} µs", cpu <= most
            if has(one, "peer"):
                ratio, share = one.ratio(key), most / FASTIFY_GET[key]
                yield (f"get: {whose} CPU at most {share:.2f} of {NAMES['peer']}", f"{ratio:.2f}",
                       ratio <= share)
    if peer := fastest_peer(one):
        ours, theirs = one.median("tenantry", "p99_us"), one.median(peer, "p99_us")
        yield (f"{kind}: p99, each as fast as it can, no worse than the fastest peer's ({NAMES[peer]})",
               f"{ours:,.0f} µs to {theirs:,.0f} µs", ours <= theirs)


def at_equal_load(result):
    """(Kind of request, name of the peer, requests a second, {"tenantry" or "peer": {key: median}})."""
    def by_kind(rounds):
        kinds = {}
        for one in (one for measured in rounds for one in measured):
            kinds.setdefault(one["scenario"].split(":")[0], []).append(one)
        return kinds
    measured = {name: by_kind(of.get("equal_load", [])) for name, of in result["servers"].items()}
    for kind, ours in measured.get("tenantry", {}).items():
        for peer in PEERS:
            if theirs := measured.get(peer, {}).get(kind):
                load = report.median(float(one["scenario"].split("@")[1]) for one in ours)
                yield kind, peer, load, {
                    name: {key: report.median(one[key] for one in rounds)
                           for key in ("p50_us", "p99_us", "p999_us")}
                    for name, rounds in (("tenantry", ours), ("peer", theirs))}


def targets(result):
    checks = [check for one in scenarios(result) if one.name.endswith(":64") and has(one, "tenantry")
              for check in targets_at_64(one.name.split(":")[0], one)]
    for kind, peer, _, of in at_equal_load(result):
        ours, theirs = of["tenantry"]["p99_us"], of["peer"]["p99_us"]
        checks.append((f"{kind}: p99 at equal load no worse than that of {NAMES[peer]}",
                       f"{ours:,.0f} µs to {theirs:,.0f} µs", ours <= theirs))
    return checks


def equal_load_table(result):
    def row(kind, peer, load, of):
        return [kind, f"{load:,.0f}", NAMES[peer],
                *(f"{of[name][key]:,.0f} µs" for key in ("p50_us", "p99_us", "p999_us")
                  for name in ("tenantry", "peer")),
                f"**{of['tenantry']['p99_us'] / of['peer']['p99_us']:.2f}**"]
    head = ["equal load, 64 connections", "req/s", "peer", "p50 of Tenantry", "of the peer",
            "p99 of Tenantry", "of the peer", "p99.9 of Tenantry", "of the peer", "**p99 ratio**"]
    rows = [row(*each) for each in at_equal_load(result)]
    return report.table(head, ["---", "--:", "---"] + ["--:"] * 7, rows) if rows else []


def rates_table(result):
    """Tenantry's rate, and its ratio to each of the others'."""
    others = present(result, OTHERS)

    def row(one):
        cells = [*one.name.split(":"), f"{one.median('tenantry', 'rate'):,.0f}"]
        for name in others:
            cells += ([f"{one.median(name, 'rate'):,.0f}", f"**{one.ratio('rate', 'tenantry', name):.2f}**"]
                      if has(one, name) else ["", ""])
        return cells
    head = ["req/s", "connections", "Tenantry",
            *(cell for name in others for cell in (NAMES[name], "**ratio**"))]
    return report.table(head, ["---"] + ["--:"] * (len(head) - 1), map(row, scenarios(result)))


def server_table(result, server):
    def row(one):
        times = [f"{one.median(server, key):,.0f} µs" for key in ("p50_us", "p99_us", "p999_us")]
        own = one.median(server, "cpu_us")
        return [*one.name.split(":"), f"{one.median(server, 'rate'):,.0f}",
                f"{own:.1f} µs" if own else "", f"{one.median(server, 'database_cpu_us'):.1f} µs", *times]
    head = [NAMES[server], "connections", "req/s", "server CPU", "PostgreSQL CPU", "p50", "p99", "p99.9"]
    rows = [row(one) for one in scenarios(result) if has(one, server)]
    return report.table(head, ["---"] + ["--:"] * 7, rows)


def reports_table(result):
    def row(server, rounds):
        def of(when, key):
            return report.median(one[when][key] for one in rounds)
        ratio = report.median(one["beside"]["p999_us"] / one["alone"]["p999_us"] for one in rounds)
        seconds = [each for one in rounds for each in one["seconds"]]
        times = [f"{of(when, key):,.0f} µs" for key in ("p99_us", "p999_us") for when in ("alone", "beside")]
        return [NAMES[server], *times, f"**{ratio:.2f}**", f"{of('alone', 'rate'):,.0f}",
                f"{of('beside', 'rate'):,.0f}", f"{len(seconds)}", f"{report.median(seconds):.2f} s"]
    head = ["get, 64 connections", "p99 alone", "beside", "p99.9 alone", "beside", "**p99.9 ratio**",
            "req/s alone", "beside", "reports", "each"]
    rows = [row(name, of["reports"]) for name, of in result["servers"].items() if of["reports"]]
    return report.table(head, ["---"] + ["--:"] * 9, rows) if rows else []


def markdown(result):
    blocks = [[*report.conditions(result),
               f"PostgreSQL {result['postgres']}, fsync and synchronous_commit on, over a Unix socket."]]
    if checks := targets(result):
        blocks.append(report.targets_table("target, at 64 connections", checks))
    if "tenantry" in result["servers"] and len(result["servers"]) > 1:
        blocks.append(rates_table(result))
    if equal := equal_load_table(result):
        blocks.append(equal)
    if reports := reports_table(result):
        blocks.append(reports)
    blocks += [server_table(result, name) for name in NAMES if name in result["servers"]]
    return report.text_of(blocks)
