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

from tests.benchmarks import least_work
from tests.benchmarks.side_by_side import N_ROUNDS, SLOW_SECONDS, markdown, table

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
Here it takes {log64:.1f} and {log32:.1f} ns. What a kernel of the table above cannot do without are these calls of
NumPy, each timed alone on tiles that are in the cache ("read" is what comes from memory):

{least}

* Every row is read, and checked: its sum (a product with ones), the smallest number, the ends of the sums. "Where" is a
  comparison for each row. Logarithms are taken of few rows, and only those are scored exactly.
* The two largest of ten take 26 minima and maxima a row, on numbers that lie class-major ("turn").
* KL to consensus takes members + 1 logarithms of each probability; nothing is left out or approximated.

Tried, and slower or no faster: probabilities made whole numbers of 16 bits before they are turned, in lanes of 4 and 8
bytes (two largest in half the time, but 2.3 ms to make them); columns read in strides of the input without a copy (16
against 7 ms for a million rows of ten); one product for the sums of several rows at a time (2 to 4 ms against 1.6);
minimum and maximum beside each other by sorting networks (26 calls a row either way); tiles half and twice as large;
a bound by the largest probability before any copy (of a million rows drawn from Dirichlet(1) no tile is without one
that may be among the best). Bounds of the last round that hold while weights move little are not used: a kernel has
probabilities alone, and where the model is linear reading the pool is what is left.
"""


def logarithm():
    """Return what a logarithm takes, in ns."""
    costs = {}
    for bits, dtype in ((64, np.float64), (32, np.float32)):
        numbers = np.random.default_rng(0).random(81_920).astype(dtype)
        out, times = np.empty_like(numbers), []
        for _ in range(N_ROUNDS):
            start = time.process_time()
            for _ in range(100):
                np.log(numbers, out=out)
            times.append(time.process_time() - start)
        costs[f"log{bits}"] = statistics.median(times) / (100 * len(numbers)) * 1e9
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
    least = markdown(least_work.COLUMNS, least_work.least_work(rows))
    made = TEXT.format(
        rounds=N_ROUNDS, slow=SLOW_SECONDS, machine=machine(), table=table(rows), least=least, **logarithm()
    )
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(made)
