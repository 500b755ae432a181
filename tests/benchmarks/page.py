"""docs/speed.md: what was measured, where, and what came of it."""

import datetime as dt
import importlib.metadata
import os
import platform
import statistics
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info

from tests.benchmarks.side_by_side import N_ROUNDS, SLOW_SECONDS, table

PATH = Path(__file__).parent.parent.parent / "docs" / "speed.md"
PACKAGES = ("alwidgets", "numpy", "scipy", "scikit-learn", "modAL-python", "scikit-activeml", "small-text")
TEXT = """\
# Speed

Ours beside modAL, scikit-activeml, small-text and what the machine can do, in one run:

    pip install -e ".[bench]"
    python -m tests.benchmarks.kernels

The command writes this page. Ratios are taken inside one run; more is better.

## How it is measured

* CPU seconds (`time.process_time`), the contestants of a case taking turns, median of {rounds} rounds. A peer that
  takes longer than {slow} s runs once, which is marked, and not again for its memory. Only the memory map is measured
  in wall time.
* One thread for BLAS and OpenMP on both sides. The exception is the whole cycle, which is measured as a user would run
  it, all threads at their defaults; its wall times are given too, and the time that BLAS threads spin on after the work
  is counted to who woke them.
* A pass is `max()` over the array that ours reads; one GEMM is the matrix product that cannot be avoided. Both take
  turns with the contestants. "Passes" is our time in units of them.
* Peak memory is what Python and NumPy hold beyond their input (`tracemalloc`), each contestant in a run of its own. For
  the memory map it is all that was ever resident in a fresh process (`VmHWM`), interpreter, libraries and pages of the
  file included.
* modAL, scikit-activeml and small-text are their own functions, called with a stub that holds stored predictions, so
  that only what comes after prediction is timed; scikit-activeml selects with its `simple_batch`.
* Probabilities are drawn from Dirichlet(1); embeddings are points of length 1 around 50 centers, float32; 200 of them
  are labeled. Seeds are fixed. "In" is the array that ours gets; modAL gets its native float64 unless said.
* small-text's BADGE is in a module that needs torch. Its k-means++ needs none and is where the time goes: it is timed
  on gradients made beforehand, which its memory leaves out.
* scikit-activeml's TypiClust runs its default KMeans with a cluster for each row labeled or wanted, and the k
  neighbors named in the table; ours takes as many clusters, by mini-batches, and 20 neighbors.

## Machine

{machine}

## Results

{table}

## Where the limit lies

Goals were set on a processor with AVX-512, where NumPy takes a logarithm in about 1 ns (float64) and 0.5 ns (float32).
Here it takes {log64:.1f} and {log32:.1f} ns. Reductions along short rows cost most of all, so rows are copied
class-major first, at {copy64:.1f} ns a number (float64 to float32) or {copy32:.1f} ns (float32).

* Entropy, margin and least confidence at 10 classes: the copy alone is {copy64_ms:.0f} ms of a million float64 rows and
  {copy32_ms:.0f} ms of float32 ones; every row is also checked, which reads it twice more. Logarithms are
  taken of few rows.
* KL to consensus takes members + 1 logarithms of each probability, {kl64_ms:.0f} ms in float64 and {kl32_ms:.0f} ms in
  float32 for the case above; nothing is left out or approximated.
* Vote entropy: what is left is reading 40 MB of int64 and making bytes of them; votes that are bytes take half as long.
"""


def unit_costs():
    """Return what one number costs in ns: a logarithm, and a copy from row-major to class-major."""
    costs = {}
    for bits, dtype in ((64, np.float64), (32, np.float32)):
        rows = np.random.default_rng(0).random((1_000_000, 10)).astype(dtype)
        tile, ready = np.empty((10, 8192), np.float32), np.ascontiguousarray(rows[:8192].T)
        logarithms = np.empty_like(ready)
        logs, copies = [], []
        for _ in range(N_ROUNDS):
            start = time.process_time()
            for i in range(0, 100 * 8192, 8192):
                np.copyto(tile, rows[i : i + 8192].T, casting="same_kind")
            middle = time.process_time()
            for _ in range(100):
                np.log(ready, out=logarithms)
            copies.append(middle - start)
            logs.append(time.process_time() - middle)
        costs[f"copy{bits}"] = statistics.median(copies) / (100 * 81_920) * 1e9
        costs[f"log{bits}"] = statistics.median(logs) / (100 * 81_920) * 1e9
        costs[f"copy{bits}_ms"] = 10 * costs[f"copy{bits}"]
        costs[f"kl{bits}_ms"] = 60 * costs[f"log{bits}"]
    return costs


def machine():
    processor = f"{cpu()}, {os.cpu_count()} cores, {memory_gigabytes():.0f} GB"
    lines = [
        f"* {processor}; {dt.datetime.now(dt.UTC):%Y-%m-%d}, load average at the end {os.getloadavg()[0]:.1f}",
        f"* CPU features found by NumPy: {', '.join(cpu_features())}",
        f"* Python {platform.python_version()}, {', '.join(map(version, PACKAGES))}",
        f"* {', '.join(sorted(set(map(thread_pool, threadpool_info()))))}",
    ]
    return "\n".join(lines)


def cpu():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def memory_gigabytes():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def cpu_features():
    extensions = np.show_config(mode="dicts")["SIMD Extensions"]
    return extensions["baseline"] + extensions["found"]


def thread_pool(info):
    return f"{info['internal_api']} {info['version'] or ''}".strip()


def version(package):
    return f"{package} {importlib.metadata.version(package)}"


def write(rows):
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(
        TEXT.format(rounds=N_ROUNDS, slow=SLOW_SECONDS, machine=machine(), table=table(rows), **unit_costs())
    )
