#!/usr/bin/env python3
"""A thousand subscribers of one tenant stop reading while it changes 20 MB of rows. The server's
memory stays within what docs/realtime.md states, those who read get every change in its order, and
those who don't are cut off.

Usage: stalled.py PROGRAM WORK
"""

import http.client
import json
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import threading
import time

from subscriber import Subscriber

STALLED = 1000
CHANGES = 300
METADATA = "x" * 30_000
MIB = 1024 * 1024
# What may wait for a tenant's clients, in buffers that grow by doubling; a message for each of them;
# what a server keeps of a tenant's latest changes; and something for the allocator.
BOUND = (2 * 64 + 16 + 16) * MIB + STALLED * 2 * len(METADATA)
CEILING = 120  # seconds; far more than anything here takes


def run(program, *arguments):
    return subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout


class Server:
    def __init__(self, program, database):
        self.process = subprocess.Popen(
            [program, "serve", "--listen", "127.0.0.1:0", "--database", database, "--metrics", "on"],
            stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            found = re.match(r"Listening on http://127\.0\.0\.1:(\d+)$", line)
            if found:
                self.port = int(found[1])
                return
        raise RuntimeError("the server ended before it listened")

    def memory(self):
        """Bytes of its own, without the database's file, which is mapped."""
        rollup = pathlib.Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return sum(1024 * int(kib) for kib in re.findall(r"^(?:Anonymous|Shmem):\s+(\d+)", rollup, re.M))

    def connections(self):
        client = http.client.HTTPConnection("127.0.0.1", self.port)
        client.request("GET", "/metrics")
        page = client.getresponse().read().decode()
        client.close()
        return int(re.search(r"^tenantry_http_connections (\d+)", page, re.M)[1])

    def stop(self):
        self.process.terminate()
        return self.process.wait()


def change_leads(port, token):
    """One lead, changed again and again; each change holds the row before and after it."""
    client = http.client.HTTPConnection("127.0.0.1", port)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def call(method, path, body):
        client.request(method, path, json.dumps(body), headers)
        answer = client.getresponse()
        text = answer.read()
        assert answer.status < 300, text
        return json.loads(text)

    lead = call("POST", "/api/leads", {"first_name": "0", "metadata": {"x": METADATA}})
    for i in range(1, CHANGES):
        call("PATCH", f"/api/leads/{lead['id']}", {"first_name": str(i)})


def watch(server, until, highest):
    while not until.is_set():
        highest[0] = max(highest[0], server.memory())
        time.sleep(0.05)


def check(server, token):
    reader = Subscriber(server.port, token)
    stalled = [Subscriber(server.port, token, window=4096) for _ in range(STALLED)]
    before = server.memory()
    done = threading.Event()
    highest = [before]
    watcher = threading.Thread(target=watch, args=(server, done, highest))
    writer = threading.Thread(target=change_leads, args=(server.port, token))
    watcher.start()
    writer.start()
    try:
        got = [change["record"]["first_name"] for change in reader.changes(CHANGES)]
        assert got == [str(i) for i in range(CHANGES)], got
        writer.join()
        ceiling = time.monotonic() + CEILING
        while server.connections() > 2:  # the reader's and this question's
            assert time.monotonic() < ceiling, "those who don't read are still connected"
            time.sleep(0.2)
    finally:
        done.set()
        watcher.join()
    grown = highest[0] - before
    print(f"{STALLED} subscribers that stopped reading: {before >> 20} MiB before, "
          f"{grown >> 20} MiB more at the most (bound {BOUND >> 20} MiB)")
    assert grown <= BOUND
    for subscriber in [reader, *stalled]:
        subscriber.close()


def main():
    program, work = sys.argv[1], pathlib.Path(sys.argv[2])
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, STALLED + 100)), hard))
    database = f"sqlite:{work}/tenantry.db"
    run(program, "migrate", "--database", database)
    run(program, "tenant", "create", "acme", "--database", database)
    token = run(program, "token", "--tenant", "acme", "--user", "tester", "--role", "admin",
                "--expires", "1h", "--database", database).strip()
    server = Server(program, database)
    try:
        check(server, token)
    finally:
        code = server.stop()
    assert code == 0, f"the server ended with {code}"


main()
