"""How the load generator is built and run."""

import contextlib
import json
import subprocess

from .servers import Failure, call, command

PREPARE_MS = 4000  # unreported load before all scenarios: caches fill, a JIT compiler gets its time


def stop(process):
    if process.poll() is None:
        process.kill()
        process.wait()


class LoadGenerator:
    def __init__(self, root, folder, target="bench_loadgen"):
        """Builds it, optimised, from the checkout `root`; what the compiler says goes to `folder`."""
        log = folder / "loadgen-build.txt"
        log.unlink(missing_ok=True)
        call("cmake", "--preset", "release", "-DTENANTRY_BUILD_BENCH=ON", log=log, cwd=root)
        call("cmake", "--build", "--preset", "release", "--target", target, log=log, cwd=root)
        self.program = root / "build" / "release" / "bin" / target

    @contextlib.contextmanager
    def started(self, *words, niceness=0):
        process = subprocess.Popen(command("nice", "-n", niceness, self.program, *words),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        try:
            yield process
        finally:
            stop(process)

    def measure(self, server, address, data_folder, scenarios, seconds, seed, options=(), show=None):
        """Runs `scenarios`, each of `seconds`, against `server` at `address` (port, process id).
        Returns what was measured, one dictionary a scenario, and calls `show` with each as it comes."""
        port, pid = address
        duration_ms = int(seconds * 1000)
        results = []
        with self.started("--port", port, "--pid", pid, "--data", data_folder, "--seed", seed,
                          "--warm-up-ms", duration_ms // 6, "--duration-ms", duration_ms, *options,
                          *scenarios) as process:
            for line in process.stdout:
                results.append(json.loads(line))
                if show:
                    show(results[-1])
            if process.wait() != 0:
                raise Failure(f"the load generator refused {server.name}; see above, and {server.log}")
        return results
