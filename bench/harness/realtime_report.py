"""The tables of --realtime, and the verdict on its targets."""

from . import report

NAMES = {"tenantry_sqlite": "Tenantry, SQLite", "tenantry_postgres": "Tenantry, PostgreSQL", "peer": "peer"}
CPU_US_MAX, P99_MS_MAX = 6, 5
WRONG = ("lost", "doubled", "leaked")
GIB = 1 << 30


def per_delivery(one, whose, alone=None):
    """Microseconds of CPU time a delivery; without those of the same changes with no followers, if
    these are given."""
    seconds = one[f"{whose}_cpu_s"]
    if alone:
        seconds -= alone[f"{whose}_cpu_s"] * one["changes"] / alone["changes"]
    return seconds / one["delivered"]["count"] * 1e6 if one["delivered"]["count"] else 0.0


def per_subscriber(idle):
    """Bytes, from few subscribers to many: what the first ones warm up isn't theirs."""
    _, (few, before), (many, after) = idle
    return (after - before) / (many - few)


def in_a_gib(idle):
    """Subscribers, if they go on to cost what they did."""
    (_, bare), *_ = idle
    return int((GIB - bare) / per_subscriber(idle))


def line(server, round_number, measured):
    one = measured["followed"]
    times = one["delivered"]
    wrong = "  ".join(f"{name} {one[name]}" for name in WRONG)
    cpu = f"{per_delivery(one, 'server'):5.2f} + {per_delivery(one, 'database'):5.2f}"
    return (f"{round_number}  {server:17}  {times['count'] / one['elapsed_s']:6.0f}/s   "
            f"cpu {cpu} us a delivery   p50 {times['p50_us']:6.0f}  p99 {times['p99_us']:7.0f}  "
            f"max {times['max_us']:7.0f} us   {wrong}")


def idle_line(server, idle):
    return (f"idle  {server:17}  {', '.join(f'{size / 2**20:.1f} MiB at {count}' for count, size in idle)}: "
            f"{per_subscriber(idle):,.0f} bytes a subscriber")


class Measured:
    """One server's rounds."""

    def __init__(self, result, server):
        self.server = server
        self.rounds = result["servers"][server]["rounds"]
        self.idle = result["servers"][server]["idle"]

    @property
    def name(self):
        return NAMES[self.server]

    def values(self, of):
        return [of(one["followed"], one["alone"]) for one in self.rounds]

    def median(self, of):
        return report.median(self.values(of))

    def total(self, name):
        return sum(one["followed"][name] for one in self.rounds)

    def ratios(self, peer, *each):
        """The medians of the rounds' ratios to the peer, as cells: none without one."""
        if peer is None:
            return []
        if peer.server == self.server:
            return [""] * len(each)
        pairs = [zip(self.values(of), peer.values(of)) for of in each]
        return [f"**{report.median(ours / theirs for ours, theirs in one):.2f}**" for one in pairs]


def server_cpu(one, _):
    return per_delivery(one, "server")


def own_cpu(one, alone):
    return per_delivery(one, "server", alone)


def all_cpu(one, _):
    return per_delivery(one, "server") + per_delivery(one, "database")


def time_of(what, key):
    return lambda one, _: one[what][key]


def milliseconds(us):
    return f"{us / 1000:.2f} ms"


def targets(every):
    """(Target, what was measured, whether it holds) of Tenantry."""
    for one in every:
        if one.server == "peer":
            continue
        p99 = one.median(time_of("delivered", "p99_us"))
        wrong = [one.total(name) for name in WRONG]
        for of, words in ((server_cpu, "the PATCHes themselves included"), (own_cpu, "not included")):
            cpu = one.median(of)
            yield (f"{one.name}: under {CPU_US_MAX} µs of CPU a delivery, {words}", f"{cpu:.2f} µs",
                   cpu < CPU_US_MAX)
        yield f"{one.name}: p99 under {P99_MS_MAX} ms", milliseconds(p99), p99 < P99_MS_MAX * 1000
        yield (f"{one.name}: none lost, doubled or leaked", "/".join(f"{count:,}" for count in wrong),
               not any(wrong))


def delivery_table(every, peer):
    def row(one):
        times = [milliseconds(one.median(time_of("delivered", key))) for key in ("p50_us", "p99_us")]
        times.append(milliseconds(max(one.values(time_of("delivered", "max_us")))))
        ratios = one.ratios(peer, *(time_of("delivered", key) for key in ("p50_us", "p99_us")))
        rate = one.median(lambda each, _: each["delivered"]["count"] / each["elapsed_s"])
        counts = [f"{one.total(name):,}" for name in ("expected", "got", *WRONG)]
        return [one.name, *times, *ratios, f"{rate:,.0f}", *counts]
    ratios = ["**p50 to the peer's**", "**p99 to the peer's**"] if peer else []
    head = ["from when the PATCH was due", "p50", "p99", "max", *ratios, "deliveries/s", "expected", "got",
            *WRONG]
    return report.table(head, ["---"] + ["--:"] * (len(head) - 1), map(row, every))


def cpu_table(every, peer):
    def row(one):
        cells = [one.name]
        for whose in ("server", "database"):
            def own(each, alone, whose=whose):
                return per_delivery(each, whose, alone)
            if whose == "database" and one.server == "tenantry_sqlite":
                cells += ["", ""]
                continue
            total = one.median(lambda each, _, whose=whose: per_delivery(each, whose))
            cells += [f"{total:.2f} µs", f"{one.median(own):.2f} µs"]
        loadgen = one.median(lambda each, _: per_delivery(each, "loadgen"))
        return [*cells, *one.ratios(peer, server_cpu, all_cpu), f"{loadgen:.2f} µs"]
    ratios = ["**server, to the peer's**", "**with PostgreSQL**"] if peer else []
    head = ["CPU a delivery", "server", "without the PATCH", "PostgreSQL", "without the PATCH", *ratios,
            "load generator"]
    return report.table(head, ["---"] + ["--:"] * (len(head) - 1), map(row, every))


def patch_table(every):
    def row(one):
        def times(what, *keys):
            return [milliseconds(one.median(time_of(what, key))) for key in keys]
        alone = [milliseconds(one.median(lambda _, each, key=key: each["answered"][key]))
                 for key in ("p50_us", "p99_us")]
        size = one.median(lambda each, _: each["delivered_bytes"] / max(each["delivered"]["count"], 1))
        return [one.name, *times("answered", "p50_us", "p99_us"), *alone,
                *times("made_late", "p99_us", "max_us"), f"{size:,.0f}"]
    head = ["from when the PATCH was due to its answer", "p50", "p99", "p50, nobody follows", "p99",
            "load generator late, p99", "max", "bytes a message"]
    return report.table(head, ["---"] + ["--:"] * (len(head) - 1), map(row, every))


def memory_table(every, peer):
    def row(one):
        sizes = [f"{size / 2**20:,.0f} MiB" for _, size in one.idle]
        ratio = [] if peer is None else [""]
        if peer and peer is not one:
            ratio = [f"**{per_subscriber(one.idle) / per_subscriber(peer.idle):.2f}**"]
        return [one.name, *sizes, f"{per_subscriber(one.idle):,.0f}", *ratio, f"{in_a_gib(one.idle):,}"]
    counts = [f"{count:,} idle" if count else "started" for count, _ in every[0].idle]
    head = ["memory (PSS)", *counts, "bytes a subscriber", *(["**to the peer's**"] if peer else []),
            "would fit into 1 GiB"]
    return report.table(head, ["---"] + ["--:"] * (len(head) - 1), map(row, every))


def others_line(every):
    """How busy the machine was with other things while it was measured, in cores."""
    def of(one, _):
        return one["other_cpu_s"] / one["elapsed_s"]
    cores = [each for one in every for each in one.values(of)]
    return (f"Meanwhile other programs took {report.median(cores):.2f} cores of the machine "
            f"(median; {max(cores):.2f} at the most): latencies have that in them.")


def conditions(result, every):
    rate = result["changes_a_second"]
    each = result["subscribers"] // result["tenants"]
    return [
        *report.conditions(result),
        f"PostgreSQL {result['postgres']}, fsync and synchronous_commit on, over a Unix socket.",
        f"{result['subscribers']:,} subscribers, {each} of each tenant; {rate} changes a second, one every "
        f"{1000 / rate:g} ms, of random tenants: {rate * each:,} deliveries a second.",
        others_line(every)]


def markdown(result):
    every = [Measured(result, name) for name in NAMES if name in result["servers"]]
    # To compare with; alone it isn't.
    peer = next((one for one in every if one.server == "peer" and len(every) > 1), None)
    blocks = [conditions(result, every)]
    if checks := list(targets(every)):
        blocks.append(report.targets_table("target", checks))
    blocks += [delivery_table(every, peer), cpu_table(every, peer), patch_table(every),
               memory_table(every, peer)]
    return report.text_of(blocks)
