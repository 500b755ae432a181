"""A session on a million samples that is given 10,000 more, beside reading these once.

``python -m tests.benchmarks.extend`` prints what it takes, and fails where it takes more than it may, or where the
session that is opened again with the whole pool asks something else.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

import alwidgets as alw

N_BEFORE, N_NEW, N_FEATURES, N_PARTS = 1_000_000, 10_000, 64, 7
MOST_READINGS, MOST_SECONDS = 1.2, 0.05


def reading(X):
    start = time.perf_counter()
    np.ascontiguousarray(X).sum()
    return time.perf_counter() - start


def main():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((N_BEFORE + N_PARTS * N_NEW, N_FEATURES), np.float32)
    given = {"classes": [0, 1], "learner": LogisticRegression(), "random_state": 0}
    took, cpu, read, asked = [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        journal = Path(folder) / "pool.alw"
        session = alw.Session(X[:N_BEFORE].copy(), journal=journal, **given)
        label(session, X, 8)
        for first in range(N_BEFORE, len(X), N_NEW):
            X_new = X[first : first + N_NEW].copy()
            read.append(reading(X_new))
            start, before = time.perf_counter(), time.thread_time()
            session.extend(X_new)
            took.append(time.perf_counter() - start)
            cpu.append(time.thread_time() - before)
            session.wait()
        label(session, X, 8)
        asked.append(session.query().tolist())
        session.close()
        session = alw.Session(X, journal=journal, **given)
        asked.append(session.query().tolist())
        session.close()
    may = MOST_READINGS * statistics.median(read) + MOST_SECONDS
    same = asked[0] == asked[1]
    print(f"{N_BEFORE:,} x {N_FEATURES} float32, {N_NEW:,} added {N_PARTS} times; ms")
    for name, each in (("wall", took), ("CPU", cpu), ("reading", read)):
        first, middle, least = (1e3 * value for value in (each[0], statistics.median(each), min(each)))
        print(f"{name:<8} first {first:6.1f}, median {middle:6.1f}, least {least:6.1f}")
    print(f"may take {1e3 * may:.1f}")
    print("opened again with the whole pool it asks " + ("the same" if same else f"{asked[1]}, and not {asked[0]}"))
    # Whatever else the machine does makes it longer.
    return min(took) <= may and same


def label(session, X, n):
    for _ in range(n):
        row = int(session.query()[0])
        session.teach(row, int(X[row, 0] > 0))
        session.wait()


if __name__ == "__main__":
    sys.exit(not main())
