"""The bare NumPy calls that a kernel cannot do without, timed alone: what is left if all else cost nothing."""

import re
import statistics
import time

import numpy as np

from alwidgets.kernels.arrays import Workspace
from alwidgets.kernels.disagreement import earlier_equal_votes
from alwidgets.kernels.screening import any_of_row
from alwidgets.kernels.uncertainty import rows_per_tile, two_largest
from tests.benchmarks.side_by_side import N_ROUNDS

N_ROWS, N_CLASSES, N_MEMBERS = 1_000_000, 10, 5
N_TILE_VOTES = 52_428
COLUMNS = ("work", "calls", "together", "the goal")


def milliseconds(run, n_tile, n_rows=N_ROWS):
    """Return the CPU time of a call for each tile of a million rows; fewer are counted as if there were as many."""
    tiles = [slice(first, first + n_tile) for first in range(0, n_rows - n_tile + 1, n_tile)]
    times = []
    for _ in range(N_ROUNDS):
        start = time.process_time()
        for tile in tiles:
            run(tile)
        times.append(time.process_time() - start)
    return statistics.median(times) * 1e3 * N_ROWS / (len(tiles) * n_tile)


def of_probabilities(dtype, n_classes=N_CLASSES, n_rows=N_ROWS):
    """Return what each call takes in a cached tile of this type; "read" is the sum of rows as they come from memory."""
    proba = np.random.default_rng(0).dirichlet(np.ones(n_classes), n_rows).astype(dtype)
    by_class = np.asfortranarray(proba).T
    n_tile = rows_per_tile(n_classes)
    rows = proba[:n_tile].copy()
    turned = np.ascontiguousarray(rows.T)
    ones, work = np.ones(n_classes, dtype), Workspace()
    one = work("one a row", (n_tile,), dtype)
    flags, flag = work("flags", rows.shape, np.bool_), work("flag", (n_tile,), np.bool_)
    flags_turned = np.zeros(turned.shape, np.bool_)
    same, same_turned = work("same", rows.shape, dtype), work("same turned", turned.shape, dtype)
    single = work("single", rows.shape, np.float32)
    calls = {
        "read": lambda tile: np.matmul(proba[tile], ones, out=one),
        "read by class": lambda tile: np.matmul(ones, by_class[:, tile], out=one),
        "convert": lambda tile: np.copyto(single, proba[tile], casting="same_kind"),
        "sum": lambda _: np.matmul(rows, ones, out=one),
        "sum by class": lambda _: np.matmul(ones, turned, out=one),
        "turn": lambda _: np.copyto(same_turned, rows.T),
        "smallest": lambda _: rows.min(),
        "ends": lambda _: (one.max(), one.min()),
        "compare": lambda _: np.greater(rows, dtype(0.17), out=flags),
        "any": lambda _: any_of_row(flags, work),
        "any by class": lambda _: np.logical_or.reduce(flags_turned, axis=0, out=flag),
        "where": lambda _: (np.less_equal(one, dtype(0), out=flag), flag.any()),
        "two largest": lambda _: two_largest(turned, work),
        "square": lambda _: np.multiply(rows, rows, out=same),
        "arithmetic": lambda _: np.subtract(rows, rows, out=same),
        "logarithm": lambda _: np.log(rows, out=same),
    }
    return {name: milliseconds(call, n_tile, n_rows) for name, call in calls.items()}


def of_votes():
    """Return what each call takes for votes of five members."""
    votes = np.random.default_rng(0).integers(N_CLASSES, size=(N_ROWS, N_MEMBERS))
    small = votes[:N_TILE_VOTES].astype(np.uint8)
    turned, table = np.ascontiguousarray(small.T), np.random.default_rng(0).random(120)
    work = Workspace()
    key, one = np.zeros(N_TILE_VOTES, np.uint32), work("one", (N_TILE_VOTES,), np.float64)
    calls = {
        "read": lambda tile: votes[tile].view(np.uint64).max(),
        "convert": lambda tile: np.copyto(small, votes[tile], casting="unsafe"),
        "turn": lambda _: np.copyto(turned, small.T),
        "count alike": lambda _: earlier_equal_votes(turned, work),
        "look up": lambda _: table.take(key, out=one, mode="clip"),
    }
    return {name: milliseconds(call, N_TILE_VOTES) for name, call in calls.items()}


def least_work(rows):
    """Yield a line for each piece of work: its calls, what they take together, and what its goals leave for them.

    `rows` are those of the page's table, of which the goals come.
    """
    single, double, votes = of_probabilities(np.float32), of_probabilities(np.float64), of_votes()

    def line(work, calls, *milliseconds):
        return work, calls, f"{sum(milliseconds):.3g} ms", ", ".join(goals_in_milliseconds(rows, work))

    def of(cost, *names):
        return sum(cost[name] for name in names)

    check = of(single, "smallest", "ends", "where")
    # Of float64, all is done on numbers made float32.
    for layout, read in {
        "float64": double["convert"] + single["sum"],
        "float32": single["read"],
        "float32 class-major": single["read by class"],
    }.items():
        columns = "major" in layout
        work = f"top 100 of {N_ROWS:,} x {N_CLASSES}, {layout} in"
        squares = of(single, "square", "sum by class" if columns else "sum")
        if not columns:
            yield line(f"entropy, {work}", "read, sum, smallest, ends, where; squares, their sum", read, check, squares)
        turn = 0 if columns else single["turn"]
        calls = f"read, sum, smallest, ends, where; {'' if columns else 'turn, '}two largest"
        yield line(f"margin, {work}", calls, read, check, turn, single["two largest"])
        any_above = of(single, "compare", "any by class" if columns else "any")
        calls = "read, sum, smallest, ends, where; compare, any of a row"
        yield line(f"least confidence, {work}", calls, read, check, any_above)
    for layout, cost in (("float64", of_probabilities(np.float64, 100, 200_000)), ("float32", None)):
        many = of_probabilities(np.float32, 100, 200_000)
        read = cost["convert"] + many["sum"] if cost else many["read"]
        work = f"hundred classes, margin, top 100 of {N_ROWS:,} x 100, {layout} in"
        parts = read, of(many, "smallest", "ends", "where"), many["turn"], many["two largest"]
        yield line(work, "read, sum, smallest, ends, where; turn, two largest", *parts)
    members = f"{N_ROWS:,} x {N_MEMBERS} members, {N_CLASSES} classes"
    yield line(f"vote entropy, {members}, int64 in", ", ".join(votes), *votes.values())
    for layout, cost in (("float64", double), ("float32", single)):
        each = of(cost, "read", "smallest", "ends", "logarithm", "sum") + 3 * cost["arithmetic"]
        calls = "a member: read, sum, smallest, ends, into the mean, logarithm, difference, product, sum; logarithm"
        for reduce in ("max", "mean"):
            work = f"KL to consensus, {reduce}, {members}, {layout} in"
            yield line(work, calls, N_MEMBERS * each, cost["logarithm"])


def goals_in_milliseconds(rows, work):
    """Return the times that the goals of a piece of work allow."""
    for row in rows:
        goal = re.match(r"([\d.]+) x", row.goal)
        if row.work == work and goal:
            ours = float(row.ours.split()[0]) * (1 if " ms" in row.ours else 1e3)
            yield f"{ours * float(row.ratio.replace(',', '')) / float(goal[1]):.3g} ms"
