"""How each of the two servers is built, loaded, started and stopped."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from . import data

QUOTA_SECONDS = 2  # until a running server surely holds a new quota


class Failure(Exception):
    """Something that ends the run, in words."""


def command(*words):
    """`words`, to be ended by the kernel should this process vanish without a word."""
    return ["setpriv", "--pdeathsig", "KILL", "--", *map(str, words)]


def inherited():
    """This process's environment without settings of Tenantry's, which would change what is measured."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TENANTRY_")}


def call(*words, log, **options):
    """Runs to the end and returns the seconds that took."""
    begin = time.monotonic()
    with open(log, "ab") as file:
        done = subprocess.run(command(*words), stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                              **options)
    if done.returncode != 0:
        raise Failure(f"{words[0]} failed with {done.returncode}\n{tail(log)}")
    return time.monotonic() - begin


def tail(log, lines=15):
    text = log.read_text(errors="replace").splitlines()[-lines:] if log.exists() else []
    return "\n".join([f"the end of {log}:", *text])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One of the two. Its databases: `loaded`, with the benchmark's tenants, never served; `served`,
    a copy of it made for each round; `imports`, for timed imports."""

    name = ""
    knows_quotas = False
    ready_path = "/readyz"
    ends_with = (0,)  # when it is asked to end

    def __init__(self, root, folder, secret):
        self.root = root
        self.folder = folder / self.name
        self.secret = secret
        self.log = self.folder / "log.txt"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    def build(self):
        """Makes it ready to run."""

    def make_database(self, folder):
        """An empty database in `folder`."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()

    def add_tenants(self, folder, tenants):
        """Tenants without leads."""

    def import_leads(self, folder, files):
        """Imports (tenant, CSV file) pairs; returns the seconds of the importing processes."""
        raise NotImplementedError

    def serve_command(self, folder, port):
        raise NotImplementedError

    def environment(self):
        raise NotImplementedError

    def load(self, data_folder, tenants):
        folder = self.folder / "loaded"
        self.make_database(folder)
        names = data.tenant_names(tenants)
        self.add_tenants(folder, names)
        return self.import_leads(folder, [(name, data_folder / f"{name}.csv") for name in names])

    @contextlib.contextmanager
    def empty_database(self):
        """The folder of a database with one tenant, `import`, which has nothing."""
        folder = self.folder / "imports"
        self.make_database(folder)
        self.add_tenants(folder, ["import"])
        yield folder
        shutil.rmtree(folder)

    def timed_import(self, file):
        """Seconds of one process that imports `file`."""
        with self.empty_database() as folder:
            return self.import_leads(folder, [("import", file)])

    @contextlib.contextmanager
    def running(self, database="loaded"):
        """Serves a fresh copy of the database; yields (port, process id)."""
        folder = self.folder / "served"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder / database, folder)
        os.sync()  # neither server pays for writing out the copy
        with self.serving(folder) as address:
            yield address
        shutil.rmtree(folder)

    @contextlib.contextmanager
    def serving(self, folder):
        """Serves the database in `folder`; yields (port, process id)."""
        port = free_port()
        with open(self.log, "ab") as log:
            process = subprocess.Popen(
                command(*self.serve_command(folder, port)), cwd=folder, start_new_session=True,
                env=inherited() | self.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self.await_ready(process, port)
            yield port, process.pid
            process.send_signal(signal.SIGTERM)
            if process.wait(timeout=30) not in self.ends_with:
                raise Failure(f"{self.name} ended with {process.returncode}\n{tail(self.log)}")
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()

    def await_ready(self, process, port):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise Failure(f"{self.name} ended with {process.returncode}\n{tail(self.log)}")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}{self.ready_path}", timeout=5):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.05)
        raise Failure(f"{self.name} is not ready after 30 s\n{tail(self.log)}")


class Tenantry(Server):
    name = "tenantry"
    knows_quotas = True

    def __init__(self, root, folder, secret, program):
        super().__init__(root, folder, secret)
        self.program = program

    def build(self):
        if not self.program.exists():
            raise Failure(f"{self.program} is missing: run ./dev build, or add --only peer")

    def environment(self):
        return {"TENANTRY_JWT_SECRET": self.secret}  # not on the command line, where ps shows it

    def run(self, folder, *words):
        return call(self.program, *words, "--database", f"sqlite:{folder / 'tenantry.db'}",
                    log=self.log, cwd=folder, env=inherited() | self.environment())

    def operator_key(self, folder):
        """A new operator's key; not in the log, as it would be by `run`."""
        made = subprocess.run(
            command(self.program, "key", "create", "--operator", "--name", "bench",
                    "--database", f"sqlite:{folder / 'tenantry.db'}"),
            cwd=folder, env=inherited() | self.environment(), stdin=subprocess.DEVNULL,
            capture_output=True, text=True)
        if made.returncode != 0:
            raise Failure(f"no operator's key: {made.stderr.strip()}")
        return made.stdout.strip()

    def make_database(self, folder):
        super().make_database(folder)
        self.run(folder, "migrate")

    def add_tenants(self, folder, tenants):
        for name in tenants:
            self.run(folder, "tenant", "create", name, "--name", name)

    def import_leads(self, folder, files):
        return sum(self.run(folder, "import", "leads", file, "--tenant", tenant)
                   for tenant, file in files)

    def limit_requests(self, tenant, a_second):
        """Gives a tenant of the running server a quota, from when this returns."""
        self.run(self.folder / "served", "tenant", "set-quota", tenant,
                 "--requests-per-second", str(a_second))
        time.sleep(QUOTA_SECONDS)

    def serve_command(self, folder, port):
        return [self.program, "serve", "--database", f"sqlite:{folder / 'tenantry.db'}",
                "--listen", f"127.0.0.1:{port}"]


class Peer(Server):
    name = "peer"

    def __init__(self, root, folder, secret, group_commit):
        super().__init__(root, folder, secret)
        self.group_commit = group_commit
        self.users = folder / "data" / "users.tsv"
        self.program = folder / "peer-program"

    def build(self):
        """Installs the locked dependencies beside a copy of the sources, so that the checkout stays
        as it is. better-sqlite3 is compiled against the headers of the node in use."""
        source = self.root / "bench" / "peer"
        self.program.mkdir(exist_ok=True)
        node = subprocess.run(["node", "-p", "process.version + ' ' + process.execPath"], check=True,
                              capture_output=True, text=True).stdout
        stamp = self.program / "stamp"
        wanted = node + (source / "package-lock.json").read_text()
        for file in source.iterdir():
            if file.is_file():
                shutil.copy(file, self.program)
        if stamp.exists() and stamp.read_text() == wanted:
            return
        stamp.unlink(missing_ok=True)
        prefix = os.path.dirname(os.path.dirname(node.split()[1]))
        settings = {"npm_config_build_from_source": "true"}
        if os.path.exists(f"{prefix}/include/node/node.h"):
            settings["npm_config_nodedir"] = prefix
        call("npm", "ci", "--no-audit", "--no-fund", log=self.log, cwd=self.program,
             env=os.environ | settings)
        stamp.write_text(wanted)

    def environment(self):
        return {"PEER_JWT_SECRET": self.secret, "NODE_ENV": "production"}

    def load_tenants(self, folder, *arguments):
        return call("node", self.program / "load.js", "--database", folder / "peer.db",
                    "--users", self.users, *arguments, log=self.log)

    def add_tenants(self, folder, tenants):
        self.load_tenants(folder, *tenants)

    def import_leads(self, folder, files):
        return self.load_tenants(folder, *(f"{tenant}={file}" for tenant, file in files))

    def serve_command(self, folder, port):
        grouped = ["--group-commit"] if self.group_commit else []
        return ["node", self.program / "server.js", "--database", folder / "peer.db",
                "--port", port, *grouped]
