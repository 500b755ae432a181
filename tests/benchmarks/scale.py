"""A pool on disk scored by one thread, by one a core, and by two workers of Dask: python -m tests.benchmarks.scale.

A linear model of 10 classes, margin, the 1,000 best of N x 64 in float32. The arms take turns, ratios are medians of
those of a turn, and picks must be the same. Prints seconds, those of CPU of all processes, and the most anonymous
memory of this one. Dask is measured where `distributed` is installed. With --simulate, what `simulate` sends over Dask:
all that goes over this machine's loopback, so run it where nobody else does, as under `unshare -n`.
"""

import argparse
import contextlib
import importlib.util
import statistics
import tempfile
import threading
import time
from pathlib import Path

import joblib
import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

import alwidgets as alw
from alwidgets import kernels
from alwidgets.kernels.screening import LinearScreen, spans
from alwidgets.strategies.elsewhere import Elsewhere
from alwidgets.utils import threads

WIDTH, N_CLASSES, N_CHOSEN, CHUNK, N_WORKERS = 64, 10, 1000, 250_000, 2
RNG = np.random.default_rng(1)
WEIGHTS = RNG.standard_normal((N_CLASSES, WIDTH)), RNG.standard_normal(N_CLASSES)


def write(path, n_rows):
    rng = np.random.default_rng(0)
    sizes = [min(CHUNK, n_rows - start) for start in range(0, n_rows, CHUNK)]
    return alw.io.to_memory_map((rng.standard_normal((size, WIDTH), dtype=np.float32) for size in sizes), path)


class Anonymous:
    """The most anonymous memory of this process while it is entered, in MB."""

    def __enter__(self):
        self.most, self._over = 0.0, threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()
        return self

    def _watch(self):
        while not self._over.wait(0.02):
            lines = Path("/proc/self/status").read_text().splitlines()
            now = next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1e3
            self.most = max(self.most, now)

    def __exit__(self, *_):
        self._over.set()
        self._watcher.join()


def in_threads(X, candidates, n_threads):
    threads.n_cores = lambda: n_threads
    return kernels.most_uncertain_linear(
        kernels.margin, X, candidates, WEIGHTS, N_CHOSEN, np.random.default_rng(2)
    )  # fmt: skip


def in_workers(X, candidates, executor):
    away = Elsewhere(executor)
    screen = LinearScreen(kernels.margin, WEIGHTS, N_CHOSEN, dense=True)
    best = away.best(X, candidates, spans(candidates, WIDTH), screen, N_CHOSEN)
    assert best is not None, away.problem
    return best.take(np.random.default_rng(2))


@contextlib.contextmanager
def dask():
    """Yield the client of a cluster on this machine, None where there is none."""
    if importlib.util.find_spec("distributed") is None:
        yield None
        return
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=N_WORKERS, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        yield client


def cpu(client):
    """Return the seconds of CPU of this process and of the workers."""
    away = 0.0 if client is None else sum(client.run(time.process_time).values())
    return time.process_time() + away


def compared(n_rows, n_turns, folder):
    """Print what each arm takes."""
    n_cores = threads.n_cores()
    with tempfile.TemporaryDirectory(dir=folder) as made, threadpool_limits(1), dask() as client:
        X, candidates = write(Path(made) / "X.npy", n_rows), np.arange(n_rows)
        arms = {"1 thread": lambda: in_threads(X, candidates, 1)}
        arms[f"{n_cores} threads"] = lambda: in_threads(X, candidates, n_cores)
        if client is not None:
            executor = client.get_executor()
            arms[f"Dask, {N_WORKERS} workers"] = lambda: in_workers(X, candidates, executor)
        expected = {name: arm() for name, arm in arms.items()}["1 thread"]
        taken = {name: [] for name in arms}
        with Anonymous() as memory:
            for _ in range(n_turns):
                for name, arm in arms.items():
                    before, since = cpu(client), time.perf_counter()
                    found = arm()
                    taken[name].append((time.perf_counter() - since, cpu(client) - before))
                    np.testing.assert_array_equal(found, expected)
    walls = {name: [wall for wall, _ in each] for name, each in taken.items()}
    for name, each in taken.items():
        wall, seconds = np.median(each, axis=0)
        print(f"{name}: {wall:.2f} s (best {min(walls[name]):.2f}), {seconds:.2f} s of CPU, median of {n_turns}")
    one, many, *away = walls
    print(f"{many}: {ratio(walls[one], walls[many]):.2f} x as fast as {one}; {memory.most:.0f} MB anonymous at most")
    for name in away:
        print(f"{name}: {ratio(walls[name], walls[many]):.2f} x the time of {many}, warm")


def ratio(first, second):
    return statistics.median(a / b for a, b in zip(first, second, strict=True))


def loopback():
    """Return the MB that were received over the loopback since the machine was started."""
    lines = Path("/proc/net/dev").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.strip().startswith("lo:")) / 1e6


def simulated():
    """Print what goes to the workers of Dask when `simulate` runs on them."""
    X = np.random.default_rng(0).normal(size=(75_000, WIDTH))
    with dask(), joblib.parallel_config(backend="dask"):
        before = loopback()
        alw.simulate(X, (X[:, 0] > 0).astype(int), learner=LogisticRegression(), n_runs=6, n_labels=16)
        print(f"12 runs on {X.nbytes / 1e6:.0f} MB sent {loopback() - before:.0f} MB")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--folder", default=None, help="where to write the pool; 2.6 GB for the default")
    parser.add_argument("--simulate", action="store_true", help="what simulate sends, and nothing else")
    given = parser.parse_args()
    if given.simulate:
        simulated()
    else:
        compared(given.rows, given.turns, given.folder)


if __name__ == "__main__":
    main()
