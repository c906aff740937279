"""A PostgreSQL cluster of the harness's own, on a socket in its folder: made anew, started, asked,
stopped. Durable as PostgreSQL is by default: an acknowledged write is on the disk."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path

from .servers import Failure, inherited, tail

SOCKET_PATH_MAX = 107 - len("/.s.PGSQL.5432")
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "1GB",
    # No checkpoint in the middle of one server's turn, and an autovacuum in none.
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "autovacuum_naptime": "1h",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "4GB",
    "random_page_cost": "1.1",
}


def find_programs():
    """The folder of the newest PostgreSQL that Debian has installed."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/pgbench")]
    if not found:
        raise Failure("PostgreSQL is not installed: apt-get install postgresql-15")
    return max(found, key=lambda path: int(path.parent.name.split(".")[0]))


def unprivileged(user, *words):
    """`words` as the user that PostgreSQL may run as (it refuses to be root), to be stopped by the
    kernel should this process vanish."""
    identity = ["--reuid", user, "--regid", user, "--clear-groups"] if user else []
    return ["setpriv", *identity, "--pdeathsig", "INT", "--", *map(str, words)]


def ticks_of(stat):
    """(parent, own ticks, those of children that have ended) from the text of /proc/PID/stat."""
    fields = stat.rsplit(")", 1)[1].split()
    user, system, ended_user, ended_system = map(int, fields[11:15])
    return int(fields[1]), user + system, ended_user + ended_system


def family_cpu_seconds(pid):
    """User and system time so far of a process and its children, also of those that have ended."""
    _, own, ended = ticks_of(Path(f"/proc/{pid}/stat").read_text())
    total = own + ended
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended since: then its parent has its time
            parent, own, _ = ticks_of(path.read_text())
            total += own if parent == pid else 0
    return total / os.sysconf("SC_CLK_TCK")


class Cluster:
    def __init__(self, folder, settings=None):
        self.folder = folder
        self.log = folder.with_name(folder.name + "-log.txt")
        self.settings = SETTINGS | (settings or {}) | {"unix_socket_directories": str(folder)}
        self.programs = find_programs()
        self.user = None
        self.process = None
        if len(str(folder)) > SOCKET_PATH_MAX:
            raise Failure(f"{folder} is too long a name for a socket's folder: move the checkout")
        if os.geteuid() == 0:
            self.user = next((name for name in ("postgres", "nobody") if self.is_user(name)), None)
            if self.user is None:
                raise Failure("there is no unprivileged user to run PostgreSQL as")

    @staticmethod
    def is_user(name):
        with contextlib.suppress(KeyError):
            return bool(pwd.getpwnam(name))
        return False

    @property
    def pid(self):
        """Of the first process, the parent of all others."""
        return self.process.pid

    def cpu_seconds(self):
        return family_cpu_seconds(self.pid)

    def url(self, role, database):
        return f"postgres://{role}@/{database}?host={self.folder}"

    @contextlib.contextmanager
    def running(self):
        self.make()
        with open(self.log, "ab") as log:
            words = [word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")]
            self.process = subprocess.Popen(
                unprivileged(self.user, self.programs / "postgres", "-D", self.folder / "data", *words),
                cwd="/", env=self.environment(), start_new_session=True, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log)
        try:
            self.await_ready()
            yield self
        finally:
            self.stop()
            shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self):
        return inherited() | {"LC_ALL": "C.UTF-8", "TZ": "UTC"}

    def make(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        if self.user:
            shutil.chown(self.folder, self.user, self.user)
        with open(self.log, "wb") as log:
            made = subprocess.run(
                unprivileged(self.user, self.programs / "initdb", "-D", self.folder / "data", "-U",
                             "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"),
                cwd="/", env=self.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if made.returncode != 0:
            raise Failure(f"initdb failed; user {self.user} must be able to enter {self.folder}\n"
                          f"{tail(self.log)}")

    def await_ready(self):
        """The first process says so in the eighth line of its pid file."""
        status = self.folder / "data" / "postmaster.pid"
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise Failure(f"PostgreSQL ended with {self.process.returncode}\n{tail(self.log)}")
            lines = status.read_text().splitlines() if status.exists() else []
            if len(lines) >= 8 and lines[7].startswith("ready"):
                return
            time.sleep(0.02)
        raise Failure(f"PostgreSQL is not ready after 30 s\n{tail(self.log)}")

    def stop(self):
        """Sessions are cut, what they have committed is written out."""
        for told, seconds in ((signal.SIGINT, 60), (signal.SIGQUIT, 10)):
            if self.process.poll() is None:
                self.process.send_signal(told)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(seconds)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def script(self, database, sql, cwd=None):
        """Runs SQL and psql's own commands as the superuser; returns what was printed."""
        done = subprocess.run(
            [self.programs / "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U",
             "postgres", "-d", database, "-f", "-"],
            input=sql, capture_output=True, text=True, cwd=cwd, env=self.environment())
        if done.returncode != 0:
            raise Failure(f"psql failed: {done.stderr.strip()[-2000:]}")
        return done.stdout

    @contextlib.contextmanager
    def copy_of(self, template):
        """Yields the name of a fresh copy of a database, all of which is in memory."""
        name = f"{template}_copy"
        # Copied as files: in the log it would be written twice.
        self.script("postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE);\n"
                                f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy;")
        self.script(name, "SELECT sum(bench.pg_prewarm(c.oid)) FROM pg_class c JOIN pg_namespace n"
                          " ON n.oid = c.relnamespace WHERE n.nspname IN ('public', 'tenantry')"
                          " AND c.relkind IN ('r', 'i') AND pg_relation_size(c.oid) > 0;")
        self.script("postgres", "CHECKPOINT;")
        try:
            yield name
        finally:
            self.script("postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE);")
