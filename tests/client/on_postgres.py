"""Runs a command with an empty PostgreSQL database and ends as it does.

on_postgres.py COMMAND...: its last argument will be the URL of the database for its owner. The cluster
is this run's own, in a temporary folder; whatever happens, it is stopped and removed in the end."""

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "bench"))
from harness.cluster import Cluster

# Nothing here has to outlive a power cut.
SETTINGS = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "32MB", "max_wal_size": "256MB"}


def run(*words):
    """The exit code of `words`, which are asked to end should this process be."""
    child = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", "--", *words], stdin=subprocess.DEVNULL)
    try:
        return child.wait()
    finally:
        child.terminate()
        child.wait()


def main():
    # Not the default, which would leave the cluster's folder behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="tenantry-client-") as made:
        folder = Path(made)
        folder.chmod(0o755)  # for PostgreSQL's user
        with Cluster(folder / "cluster", SETTINGS).running() as cluster:
            # The least that docs/postgres.md asks of an owner.
            cluster.script("postgres", "CREATE ROLE crm_owner LOGIN CREATEROLE;\n"
                                       "CREATE DATABASE crm OWNER crm_owner;\n"
                                       # For those that compare two.
                                       "CREATE DATABASE crm_beside OWNER crm_owner;")
            return run(*sys.argv[1:], cluster.url("crm_owner", "crm"))


if __name__ == "__main__":
    sys.exit(main())
