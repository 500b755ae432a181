"""docs/comparison.md: how strategies were compared with random drawing, and what came of it."""

from pathlib import Path

import numpy as np

from alwidgets.simulation.statistics import ranked
from tests.benchmarks.comparison_sets import LEARNERS, SETS
from tests.benchmarks.page import machine, version

PATH = Path(__file__).parent.parent.parent / "docs" / "comparison.md"
CELL = ["data", "learner", "batch_size"]
VERDICTS = ("better", "no difference", "worse")
TEXT = """\
<!-- Written by `python -m tests.benchmarks.comparison --write`: change it there. -->

# Active learning beside random drawing

What each strategy saves, and where it saves nothing, in {n_sessions:,} sessions with known labels:

    python -m tests.benchmarks.comparison --runs {n_runs} --write

The command writes this page. In two processes it takes about half an hour for twelve splits; with `--cache FOLDER` it
goes on where it was interrupted.

## In short

{short}

## Where it does not help

A cell is a data set, a model and a batch size. Of {n_cells} cells, these are the {n_without} in which fewer than half
of the strategies are better than random drawing, the worst first. Behind a strategy stands by how many points its
accuracy, averaged over the labels, differs from that of random drawing.

{without}

## Where it helps

The other cells:

{helps}

## By strategy

In how many cells each is better than random drawing, cannot be told from it, or is worse; how many of the splits it
wins, ties and loses; and the mean difference in points.

{by_strategy}

## Ranks

Mean ranks over the pairs of data set and model, 1 = best, each by the mean area over the splits. Two strategies differ
(Nemenyi, 5 %) when their ranks are farther apart than the critical difference; those that share a letter do not. The
pairs are few and share data sets, so the true critical difference is larger: counted by data sets alone it would be
{cd_sets:.1f}.

{ranks}

## Labels saved

The share of the labels of random drawing that a strategy saves on the way to the score that random drawing has at half
of its labels, or at its end where that is less, and then at its end, with the 95 % interval of 500 resamples of the
splits. Negative: it needs more labels.
"not reached": it does not get there with as many labels. No interval: too few of the resamples get there.

{savings}

## How it was measured

* Sessions are those of `alwidgets.simulate`, {n_runs} splits a cell: three fifths of the samples are the pool, the
  accuracy is that on the rest. All strategies meet the same splits. {labels}.
* Until each class has a label, all of them, random drawing too, ask by clusters (the default cold start), so only what
  comes after that is compared.
* `committee` asks what a {committee} disagree on (`vote_entropy`); the model that is scored is that of the cell.
* A strategy is *better* or *worse* where Wilcoxon's signed-rank test of the areas under the curves, paired by split,
  says so at 5 %, after Benjamini and Hochberg over all {n_tests} tests of this page. "No difference" is what {n_runs}
  splits cannot tell, which need not be none: the least p-value that they can have is {least_p:.4f}, and it takes a
  strategy that is ahead, or behind, on every split. The largest adjusted p-value of those called better or worse is
  {largest_p:.3f}: close to 0.05 means that few splits more, or less, may change the verdicts.
* With two classes `margin`, `least_confidence` and `entropy` order the pool alike: there they are one strategy, counted
  three times.
* Models have their defaults but for: {models}.

| data | what | samples |
| --- | --- | --- |
{sets}

The docstrings are those of the versions below; others have other texts.

## Machine

{machine}
"""


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, cells)) + " |" for cells in lines)


def named(rows):
    """Return strategies with how many points each differs by, the best first."""
    ordered = rows.sort_values("difference", ascending=False)
    return ", ".join(f"{row.strategy} {100 * row.difference:+.1f}" for row in ordered.itertuples()) or "none"


def cells(tested):
    """Return the cells in which few strategies help, and the others, as rows of a table; the worst first."""
    groups = sorted(tested.groupby(CELL, sort=False), key=lambda group: better_less_worse(group[1]))
    few, many = [], []
    for key, group in groups:
        row = (*key, *(named(group[group["verdict"] == verdict]) for verdict in reversed(VERDICTS)))
        (few if 2 * sum(group["verdict"] == "better") < len(group) else many).append(row)
    return few, many


def better_less_worse(group):
    return sum(group["verdict"] == "better") - sum(group["verdict"] == "worse"), group["difference"].mean()


def by_strategy(tested):
    rows = []
    for name, group in tested.groupby("strategy"):
        counts = [sum(group["verdict"] == verdict) for verdict in VERDICTS]
        splits = " / ".join(str(int(group[part].sum())) for part in ("wins", "ties", "losses"))
        rows.append((name, *counts, splits, f"{100 * group['difference'].mean():+.2f}"))
    rows.sort(key=lambda row: row[1] - row[3], reverse=True)
    return table(("strategy", *VERDICTS, "splits won / tied / lost", "points"), rows)


def ranks_of(rows, size):
    """Return the ranks of the strategies over pairs of data set and model."""
    areas = rows[rows["batch_size"] == size].pivot_table("area", ["data", "learner"], "strategy", sort=False)
    return ranked(list(areas.columns), areas.to_numpy())


def letters(ranks):
    """Return for each strategy the letters of the groups within which none differs."""
    ends = [int(np.sum(ranks.mean_rank <= rank + ranks.critical_difference)) for rank in ranks.mean_rank]
    starts = [i for i, end in enumerate(ends) if i == 0 or end > ends[i - 1]]
    groups = [(letter, start, ends[start]) for letter, start in zip("abcdefghi", starts, strict=False)]
    return ["".join(letter for letter, low, high in groups if low <= i < high) for i in range(len(ends))]


def ranking(rows, sizes):
    parts = []
    for size in sizes:
        ranks = ranks_of(rows, size)
        said = zip(ranks.names, (f"{rank:.2f}" for rank in ranks.mean_rank), letters(ranks), strict=True)
        parts.append(
            f"Batches of {size}: critical difference {ranks.critical_difference:.2f} over {ranks.n} pairs, Friedman's "
            f"p = {ranks.p:.1g}.\n\n{table(('strategy', 'mean rank', 'does not differ'), said)}"
        )
    return "\n\n".join(parts)


def saved(row, moment):
    share, low, high = (getattr(row, f"{part}_{moment}") for part in ("saved", "low", "high"))
    if not np.isfinite(share):
        return "not reached"
    return f"{100 * share:.0f} %" + (f" ({100 * low:.0f} to {100 * high:.0f})" if np.isfinite(low) else "")


def savings(tested, sizes):
    names = list(dict.fromkeys(tested["strategy"]))
    parts = []
    for size in sizes:
        for moment, said in (("half", "half of the labels"), ("end", "the end")):
            lines = []
            for key, group in tested[tested["batch_size"] == size].groupby(["data", "learner"], sort=False):
                of = {row.strategy: row for row in group.itertuples()}
                target = f"{group[f'target_{moment}'].iloc[0]:.3f}"
                lines.append((*key, target, *(saved(of[name], moment) for name in names)))
            head = ("data", "model", "accuracy", *names)
            parts.append(f"Batches of {size}, the accuracy of random drawing at {said}:\n\n{table(head, lines)}")
    return "\n\n".join(parts)


def in_short(tested):
    """Return what is to be said first, of numbers alone."""
    n, shares = len(tested), tested["verdict"].value_counts(normalize=True)
    better, neither, worse = (f"{100 * shares.get(verdict, 0.0):.0f} %" for verdict in VERDICTS)
    margin = tested[tested["strategy"] == "margin"]["verdict"].value_counts()
    lines = [
        f"* In {n} comparisons with random drawing a strategy is better in {better}, worse in {worse}, and cannot be"
    ]
    lines.append(f"  told from it in {neither}.")
    lines.append(
        f"* `margin`, the first to try, is better in {margin.get('better', 0)} cells, cannot be told from it in "
        f"{margin.get('no difference', 0)}, and is worse in {margin.get('worse', 0)}."
    )
    for part, said in (("learner", "model"), ("data", "data set")):
        better = tested.groupby(part)["verdict"].agg(lambda verdicts: (verdicts == "better").mean())
        worse = tested.groupby(part)["verdict"].agg(lambda verdicts: (verdicts == "worse").mean())
        each = (
            f"{name} {100 * better[name]:.0f} % and {100 * worse[name]:.0f} %" for name in dict.fromkeys(tested[part])
        )
        lines.append(f"* Better and worse by {said}: {'; '.join(each)}.")
    return "\n".join(lines)


def write(rows, n_runs, n_labels):
    """Write the page."""
    tested = rows[rows["strategy"] != "random"]
    few, many = cells(tested)
    head = ("data", "model", "batch", *reversed(VERDICTS))
    n_cells, k = len(few) + len(many), rows["strategy"].nunique()
    loaded = {name: each.load()[1] for name, each in SETS.items()}
    labels = "; ".join(f"batches of {size} give {n} labels" for size, n in n_labels.items())
    PATH.write_text(
        TEXT.format(
            n_sessions=len(rows) * n_runs,
            short=in_short(tested),
            n_cells=n_cells,
            n_without=len(few),
            without=table(head, few),
            helps=table(head, many),
            by_strategy=by_strategy(tested),
            cd_sets=ranked(list(range(k)), np.tile(np.arange(k, dtype=float), (len(SETS), 1))).critical_difference,
            ranks=ranking(rows, n_labels),
            savings=savings(tested, n_labels),
            n_runs=n_runs,
            labels=labels[0].upper() + labels[1:],
            committee=f"{', a '.join(list(LEARNERS)[:-1])} and {list(LEARNERS)[-1]}",
            n_tests=len(tested),
            least_p=2 / 2**n_runs,
            largest_p=tested.loc[tested["verdict"] != "no difference", "p"].max(),
            models=", ".join(f"`{model}`" for model in list(LEARNERS.values())[:-1]),
            sets="\n".join(f"| {name} | {each.said} | {len(loaded[name])} |" for name, each in SETS.items()),
            machine=f"{machine()}\n* {version('pandas')}, which has some of the docstrings",
        )
    )
