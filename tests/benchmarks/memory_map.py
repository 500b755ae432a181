"""A pool in a file, scored by a linear model in a process of its own, beside reading the file once.

python -m tests.benchmarks.memory_map score|read|max FILE N_ROWS does one of these and prints what it took.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.benchmarks.side_by_side import Row, seconds

ROOT = Path(__file__).parent.parent.parent
N_FEATURES, N_CLASSES, N_CHOSEN = 64, 10, 1000
MOST_READINGS, MOST_MEGABYTES = 1.2, 200
CHUNK_ROWS, BUFFER_BYTES = 100_000, 2**22
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def score(path, n_rows):
    from alwidgets import kernels

    rng = np.random.default_rng(0)
    X = np.memmap(path, np.float32, "r", shape=(n_rows, N_FEATURES))
    weights = rng.standard_normal((N_CLASSES, N_FEATURES)), rng.standard_normal(N_CLASSES)
    candidates = np.arange(n_rows)
    start = time.perf_counter()
    kernels.most_uncertain_linear(kernels.margin, X, candidates, weights, min(N_CHOSEN, n_rows), rng)
    return time.perf_counter() - start


def read(path, n_rows):
    buffer = bytearray(BUFFER_BYTES)
    start = time.perf_counter()
    with path.open("rb", buffering=0) as file:
        while file.readinto(buffer):
            pass
    return time.perf_counter() - start


def maximum(path, n_rows):
    X = np.memmap(path, np.float32, "r", shape=(n_rows, N_FEATURES))
    start = time.perf_counter()
    X.max()
    return time.perf_counter() - start


TASKS = {"score": score, "read": read, "max": maximum}


def peak_resident_megabytes():
    """Return the most memory that was ever resident in this process: the kernel keeps count."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in status.splitlines() if line.startswith("VmHWM"))


def in_new_process(task, path, n_rows):
    command = [sys.executable, "-m", "tests.benchmarks.memory_map", task, str(path), str(n_rows)]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | ONE_THREAD, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def write_pool(path, n_rows):
    rng = np.random.default_rng(0)
    with path.open("wb") as file:
        for start in range(0, n_rows, CHUNK_ROWS):
            shape = (min(CHUNK_ROWS, n_rows - start), N_FEATURES)
            (rng.standard_normal(shape, dtype=np.float32) / 8).tofile(file)
        file.flush()
        os.fsync(file.fileno())


def forget(path):
    """Have the system drop the file from its page cache."""
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def in_turns(tasks, path, n_rows, n_rounds, *, cold):
    """Return each task's median seconds and the largest memory of any run."""
    runs = {task: [] for task in tasks}
    for _ in range(n_rounds):
        for task in tasks:
            if cold:
                forget(path)
            runs[task].append(in_new_process(task, path, n_rows))
    medians = {task: statistics.median(run["seconds"] for run in of_task) for task, of_task in runs.items()}
    return medians, {task: max(run["megabytes"] for run in of_task) for task, of_task in runs.items()}


def memory_map(side):
    """Yield the rows of a pool in a file, cold and warm."""
    n_rows = side.size(10_000_000)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pool.f32"
        write_pool(path, n_rows)
        work = f"memory map {n_rows:,} x {N_FEATURES} float32, linear model, margin, top {N_CHOSEN:,}"
        yield from cold_row(work, *in_turns(("read", "score"), path, n_rows, side.n_rounds, cold=True))
        in_new_process("read", path, n_rows)
        yield from warm_rows(work, *in_turns(("read", "max", "score"), path, n_rows, side.n_rounds, cold=False))


def cold_row(work, times, megabytes):
    readings = times["score"] / times["read"]
    yield Row(
        work=f"{work}; not in the page cache",
        ours=f"wall {seconds(times['score'])}",
        peer=f"reading the file once, wall {seconds(times['read'])}",
        ratio=f"{1 / readings:.2f}",
        passes=f"{readings:.2f}",
        goal=f"at most {MOST_READINGS} readings, under {MOST_MEGABYTES} MB",
        reached="yes" if readings <= MOST_READINGS and megabytes["score"] < MOST_MEGABYTES else "no",
        memory=f"{megabytes['score']:,.0f} / {megabytes['read']:,.0f} MB resident in all",
    )


def warm_rows(work, times, megabytes):
    names = {"read": "reading the file once", "max": "`X.max()` of the map"}
    for task, name in names.items():
        yield Row(
            work=f"{work}; in the page cache",
            ours=f"wall {seconds(times['score'])}",
            peer=f"{name}, wall {seconds(times[task])}",
            ratio=f"{times[task] / times['score']:.2f}",
            passes=f"{times['score'] / times[task]:.2f}",
            memory=f"{megabytes['score']:,.0f} / {megabytes[task]:,.0f} MB resident in all",
        )


def main():
    task, path, n_rows = sys.argv[1:]
    elapsed = TASKS[task](Path(path), int(n_rows))
    print(json.dumps({"seconds": elapsed, "megabytes": peak_resident_megabytes()}))


if __name__ == "__main__":
    main()
