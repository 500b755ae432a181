"""Contestants of one piece of work, timed in turns in one process, and what comes of it as rows of a table."""

import contextlib
import statistics
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import astuple, dataclass

import numpy as np
from threadpoolctl import threadpool_limits

N_ROUNDS = 5
# A peer that takes longer than this runs once, and not again for its memory.
SLOW_SECONDS = 10
# Longer than OpenBLAS's threads wait for more work before they sleep.
SETTLING_SECONDS = 0.2
COLUMNS = ("work", "ours", "peer", "ratio", "passes", "goal", "reached", "peak memory, ours / peer")


@dataclass(frozen=True)
class Row:
    """A line of the table, as text."""

    work: str
    ours: str
    peer: str = ""
    ratio: str = ""
    passes: str = ""
    goal: str = ""
    reached: str = ""
    memory: str = ""


@dataclass(frozen=True)
class Peer:
    """Another library's way to do the work, and how many times ours should be as fast."""

    name: str
    run: Callable
    goal: float | None = None


@dataclass(frozen=True)
class Case:
    """A piece of work: ours, the peers', and the limits.

    `reads` is what has to be read at least: one pass over it is its maximum. `product` are two matrices whose
    product does not get around it. With `same_picks` both must return the same rows, in any order.
    """

    work: str
    ours: Callable
    peers: tuple = ()
    reads: np.ndarray | None = None
    product: tuple | None = None
    most_passes: float | None = None
    most_megabytes: float | None = None
    same_picks: bool = False
    threads_at_default: bool = False


@dataclass(frozen=True)
class Times:
    """Medians of one contestant, in seconds."""

    cpu: float
    wall: float
    once: bool


class SideBySide:
    """Runs cases at their full sizes, or in small for a smoke test."""

    def __init__(self, *, quick):
        self.n_rounds = 1 if quick else N_ROUNDS
        self._shrink = 100 if quick else 1

    def size(self, full):
        """Return a number of rows, labels or picks."""
        return full if self._shrink == 1 else max(full // self._shrink, 10)

    def compare(self, case):
        """Yield a row for each peer; one row for a case without."""
        with contextlib.nullcontext() if case.threads_at_default else threadpool_limits(1):
            settling = SETTLING_SECONDS if case.threads_at_default else 0
            times, results = timed(contestants(case), self.n_rounds, settling)
            megabytes = {name: peak_megabytes(run) for name, run in solvers(case).items() if not times[name].once}
        for i, peer in enumerate(case.peers or (None,)):
            # What is asked of ours alone stands in the case's first row.
            yield row(case, peer, times, results, megabytes, own_goals=i == 0)


def solvers(case):
    return {"ours": case.ours, **{peer.name: peer.run for peer in case.peers}}


def contestants(case):
    limits = {}
    if case.reads is not None:
        limits["one pass"] = case.reads.max
    if case.product is not None:
        limits["one GEMM"] = lambda: np.matmul(*case.product)
    return solvers(case) | limits


def timed(runs, n_rounds, settling=0):
    """Return each contestant's median times and its result; they take turns.

    BLAS threads spin on for a while after the work is done; `settling` seconds of that are charged to the one who
    woke them, and not to the next.
    """
    measured, results = {name: [] for name in runs}, {}
    for _ in range(n_rounds):
        for name, run in runs.items():
            if measured[name] and measured[name][0][0] > SLOW_SECONDS:
                continue
            wall, cpu = time.perf_counter(), time.process_time()
            results[name] = run()
            wall = time.perf_counter() - wall
            time.sleep(settling)
            measured[name].append((time.process_time() - cpu, wall))
    return {name: medians(pairs, n_rounds) for name, pairs in measured.items()}, results


def medians(pairs, n_rounds):
    cpu, wall = (statistics.median(times) for times in zip(*pairs, strict=True))
    return Times(cpu, wall, once=len(pairs) < n_rounds)


def peak_megabytes(run):
    """Return the most memory that Python and NumPy held at a time beyond what was there before."""
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def row(case, peer, times, results, megabytes, *, own_goals):
    ours = times["ours"]
    goals = peer_goals(case, peer, times, results)
    if own_goals:
        goals += limit_goals(case, times, megabytes)
    return Row(
        work=case.work,
        ours=duration(ours, case),
        peer=f"{peer.name} {duration(times[peer.name], case)}" if peer else "",
        ratio=f"{times[peer.name].cpu / ours.cpu:,.1f}" if peer else "",
        passes=in_limits(times),
        goal=", ".join(text for text, _ in goals),
        reached=("yes" if all(reached for _, reached in goals) else "no") if goals else "",
        memory=" / ".join(in_megabytes(megabytes.get(name)) for name in ["ours", *([peer.name] if peer else [])]),
    )


def in_megabytes(value):
    return "not measured" if value is None else f"{value:,.1f} MB" if value < 10 else f"{value:,.0f} MB"


def peer_goals(case, peer, times, results):
    goals = []
    if peer and peer.goal:
        goals.append((f"{peer.goal:g} x", times[peer.name].cpu / times["ours"].cpu >= peer.goal))
    if peer and case.same_picks:
        n_same, n = len(set(results["ours"].tolist()) & set(results[peer.name].tolist())), len(results["ours"])
        goals.append((f"same picks ({n_same:,} of {n:,})", n_same == n))
    return goals


def limit_goals(case, times, megabytes):
    goals = []
    if case.most_passes:
        passes = times["ours"].cpu / times["one pass"].cpu
        goals.append((f"at most {case.most_passes:g} passes", passes <= case.most_passes))
    if case.most_megabytes:
        goals.append((f"under {case.most_megabytes:g} MB", megabytes["ours"] < case.most_megabytes))
    return goals


def in_limits(times):
    """Return our time in passes over what is read and, where there is one, in matrix products."""
    ours, parts = times["ours"].cpu, []
    if "one pass" in times:
        parts.append(f"{ours / times['one pass'].cpu:,.1f}")
    if "one GEMM" in times:
        parts.append(f"{ours / times['one GEMM'].cpu:,.1f} GEMM")
    return "; ".join(parts)


def duration(times, case):
    text = seconds(times.cpu)
    if case.threads_at_default:
        text += f" (wall {seconds(times.wall)})"
    return text + (" (once)" if times.once else "")


def seconds(value):
    return f"{value:,.2f} s" if value >= 1 else f"{value * 1000:,.3g} ms"


def table(rows):
    """Return the rows as a Markdown table."""
    return markdown(COLUMNS, map(astuple, rows))


def markdown(columns, rows):
    """Return rows of text under their columns as a Markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
