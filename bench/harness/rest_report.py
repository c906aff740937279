"""The tables of --rest, and the verdict on its targets."""

from . import postgres_report, report

# How many times PostgREST's requests for a second of the server's processor time.
TARGETS = {"get": 5, "page": 5, "embed": 3, "insert": 3, "upsert": 3}
SERVERS = ("tenantry", "postgrest")


def per_cpu_second(one, server):
    return report.median(1e6 / each["cpu_us"] for each in one.rounds[server])


def ratio_of_cpu(one, with_database=False):
    """Tenantry's requests a processor second over PostgREST's: the median of the rounds' ratios."""
    def cost(each):
        return each["cpu_us"] + (each["database_cpu_us"] if with_database else 0)
    pairs = zip(one.rounds["tenantry"], one.rounds["postgrest"])
    return report.median(cost(theirs) / cost(ours) for ours, theirs in pairs)


def comparison_table(result):
    def row(one):
        kind = one.name.split(":")[0]
        ratio, target = ratio_of_cpu(one), TARGETS[kind]
        rates = [f"{one.median(server, 'rate'):,.0f}" for server in SERVERS]
        costs = [f"{per_cpu_second(one, server):,.0f}" for server in SERVERS]
        return [*one.name.split(":"), *rates, f"**{one.ratio('rate', *SERVERS):.2f}**", *costs,
                f"**{ratio:.2f}**", f"{target}", "yes" if ratio >= target else "**no**",
                f"{ratio_of_cpu(one, with_database=True):.2f}"]
    head = ["request", "connections", "Tenantry req/s", "PostgREST req/s", "**ratio**",
            "Tenantry req/CPU-s", "PostgREST req/CPU-s", "**ratio**", "target", "holds",
            "ratio with PostgreSQL's CPU"]
    alignment = ["---"] + ["--:"] * 8 + ["---", "--:"]
    return report.table(head, alignment, map(row, postgres_report.scenarios(result)))


def markdown(result):
    blocks = [[*report.conditions(result),
               f"PostgreSQL {result['postgres']}, fsync and synchronous_commit on, over a Unix socket. "
               f"Each lead has {result['events_per_lead']} events and "
               f"{result['approvals_per_lead']} approval(s)."]]
    if all(server in result["servers"] for server in SERVERS):
        blocks.append(comparison_table(result))
    blocks += [postgres_report.server_table(result, name) for name in SERVERS if name in result["servers"]]
    return report.text_of(blocks)
