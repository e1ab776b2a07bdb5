"""A Dask scheduler and its workers as processes of their own, on the loopback address."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import closing

PATIENCE_S = 120.0

TOWNS = ("east", "north", "west")
"""Names of the studies that they run."""


def free_port():
    """A port that nothing listens at."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class DaskProcesses:
    """Starts a scheduler, and workers by the port that each is known by; all are ended with it."""

    def __init__(self, folder, **settings):
        self._folder, self._settings = folder, settings
        self.port = free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.workers = {}
        self.scheduler = self._start("scheduler", "--port", self.port, "--dashboard-address", "127.0.0.1:0")
        stop = time.monotonic() + PATIENCE_S
        while time.monotonic() < stop:
            with closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise TimeoutError

    def add_worker(self, **environment):
        """A worker without a nanny, so that it stays dead once it is killed; its address."""
        port = free_port()
        address = f"tcp://127.0.0.1:{port}"
        options = ("--nthreads", 1, "--no-nanny", "--worker-port", port, "--local-directory", self._folder)
        self.workers[address] = self._start("worker", self.address, *options, **environment)
        return address

    def _start(self, kind, *options, **environment):
        words = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *options]
        local = ("--host", "127.0.0.1", "--no-dashboard")
        return subprocess.Popen(
            [str(word) for word in (*words, *local)],
            env={**os.environ, **self._settings, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def end(self):
        """End what still runs."""
        for process in (*self.workers.values(), self.scheduler):
            process.kill()
            process.wait()
