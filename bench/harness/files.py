"""Files of leads over HTTP: rows a second on their way in and out, and what each costs the server."""

import http.client
import json
import os
import time

from . import data
from .servers import Failure

TIMES = 2  # an export is taken this often; the faster one counts, so that both servers are warm
BLOCK = 1 << 20


def cpu_seconds(pid):
    """User and system time of a process so far, all threads."""
    with open(f"/proc/{pid}/stat") as file:
        user, system = file.read().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


class Client:
    def __init__(self, server, address):
        self.server = server
        self.port, self.pid = address
        self.headers = {"Authorization": f"Bearer {data.token(server.secret, 'import')}"}

    def request(self, method, path, body=None, headers=None):
        """Returns (the answer's body, seconds, the server's CPU seconds)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600, blocksize=BLOCK)
        cpu, begin = cpu_seconds(self.pid), time.perf_counter()
        connection.request(method, path, body, self.headers | (headers or {}))
        response = connection.getresponse()
        blocks = []
        while block := response.read(BLOCK):
            blocks.append(block)
        seconds, cpu = time.perf_counter() - begin, cpu_seconds(self.pid) - cpu
        connection.close()
        answer = b"".join(blocks)
        if response.status != 200:
            raise Failure(f"{self.server.name} answers {method} {path} with {response.status}: "
                          f"{answer[:300].decode(errors='replace')}")
        return answer, seconds, cpu


def check_report(server, answer, rows):
    report = json.loads(answer)
    if (report["rows"], report["imported"], report["refused_rows"]) != (rows, rows, 0):
        raise Failure(f"{server.name} was to import {rows} rows: {answer[:600].decode()}")


def check_export(server, kind, answer, rows):
    """As many lines as there are leads, each with the one tenant's marker."""
    lines = answer.count(b"\n") - (kind == "csv")
    own, all_markers = answer.count(b"tenant=import"), answer.count(b"tenant=")
    if not lines == own == all_markers == rows:
        raise Failure(f"{server.name} was to export {rows} leads as {kind}: {lines} lines, "
                      f"{all_markers} markers, {own} of them the tenant's")


def measure(server, file, rows):
    """Imports `file`, which has `rows` leads, into an empty tenant, and exports it again. Returns one
    dictionary each: `scenario`, `rate` (rows a second), `cpu_us` (the server's CPU time a row)."""
    def result(scenario, seconds, cpu):
        return {"scenario": scenario, "rate": round(rows / seconds), "cpu_us": round(cpu / rows * 1e6, 2)}

    with server.empty_database() as folder, server.serving(folder) as address:
        client = Client(server, address)
        with open(file, "rb") as body:
            answer, *times = client.request(
                "POST", "/api/leads/import", body,
                {"Content-Type": "text/csv", "Content-Length": str(os.path.getsize(file))})
        check_report(server, answer, rows)
        results = [result("import", *times)]
        for kind in ("csv", "ndjson"):
            taken = []
            for _ in range(TIMES):
                answer, *times = client.request("GET", f"/api/leads/export?format={kind}")
                check_export(server, kind, answer, rows)
                taken.append(times)
            results.append(result(f"export as {kind.upper()}", *min(taken)))
    return results
