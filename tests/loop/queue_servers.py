"""A Redis server and workers of Celery, started for a test and ended with it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


class Redis:
    """A server that keeps nothing on disk: what it had is gone when it ends."""

    def __init__(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self):
        """Start it, and wait until it listens."""
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""], stdout=subprocess.PIPE
        )
        while b"Ready to accept connections" not in self.process.stdout.readline():
            assert self.process.poll() is None
        return self

    def kill(self):
        """End it with all that it holds."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Worker:
    """A worker of Celery with the processes that it starts, in a group of its own."""

    def __init__(self, folder, redis, code=None):
        command = ["-m", "alwidgets.service.command", "worker", str(folder), "--broker", redis.url]
        if code is not None:
            command = ["-c", code, str(folder), redis.url]
        self.process = subprocess.Popen(
            [sys.executable, *command], start_new_session=True, env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    @property
    def group(self):
        """Its group of processes."""
        return self.process.pid

    def kill(self):
        """Kill the whole tree."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def tell(pipe):
    """Say through a pipe which group of processes this is, once somebody listens."""
    with Path(pipe).open("wb", buffering=0) as file:
        file.write(b"%d " % os.getpgrp())


def heard(pipe, n=1):
    """Wait until so many have said something through a pipe; return their groups."""
    found = []
    while len(found) < n:
        found += map(int, Path(pipe).read_bytes().split())
    return found


def redis_or_skip():
    """Start a server, where there is one."""
    pytest.importorskip("celery")
    if shutil.which("redis-server") is None:
        pytest.skip("there is no redis-server here; tests/run.py installs Debian's package as root or with sudo")
    return Redis().start()
