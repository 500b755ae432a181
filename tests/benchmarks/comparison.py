"""Strategies beside random drawing: python -m tests.benchmarks.comparison [--cache FOLDER] [--runs N] [--write].

Six data sets, three models, questions one by one and in tens; `--write` writes docs/comparison.md. With `--cache` an
interrupted run goes on where it was.
"""

import argparse
import sys
import time

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

import alwidgets as alw
from alwidgets.loop.plan import model_spec
from alwidgets.models.spec import committee
from alwidgets.simulation import Comparison
from alwidgets.simulation.protocols import AskedBy
from tests.benchmarks.comparison_page import write
from tests.benchmarks.comparison_sets import LEARNERS, SETS

N_RUNS = 12
# Batch size -> labels a session.
N_LABELS = {1: 50, 10: 100}
NAMED = (
    "random", "margin", "least_confidence", "entropy", "information_density", "weighted_k_means", "badge", "k_center",
)  # fmt: skip


def strategies():
    """Return what is compared; the committee's models are others than the one that is scored."""
    return [*NAMED, AskedBy("committee", model_spec(committee(list(LEARNERS.values())), "vote_entropy"))]


def compared(name, n_runs, cache):
    """Yield batch size, learner and Comparison of a data set."""
    X, y = SETS[name].load()
    for size, n_labels in N_LABELS.items():
        result = alw.simulate(
            X, y, learner=LEARNERS, strategies=strategies(), n_runs=n_runs, n_labels=n_labels, batch_size=size,
            cache=cache, n_jobs=2, progress=sys.stderr.isatty(),
        )  # fmt: skip
        if len(result.failures):
            sys.exit(f"{name}: {len(result.failures)} runs failed.\n{result.failures.to_string()}")
        for learner, curves in result.curves.groupby("learner", sort=False):
            yield size, learner, Comparison(curves, result.metric)


def targets_of(result):
    """Return the scores that random drawing has at half of its labels, at most that at the end, and at the end."""
    mean = result.curves.query("strategy == 'random'").groupby("n_labeled")["score"].mean()
    half = np.interp(mean.index[-1] / 2, mean.index, mean)
    # As the ends are smoothed where labels are counted.
    end = float(mean.iloc[-2:].mean())
    # A curve that falls does not hold what it had on the way.
    return {"half": min(float(half), end), "end": end}


def rows_of(name, n_runs, cache):
    """Yield one row a strategy, model and batch size of a data set: areas, tests against random, and savings."""
    for size, learner, result in compared(name, n_runs, cache):
        targets, summary = targets_of(result), result.summary().set_index("strategy")
        wins = result.wins().query("against == 'random'").set_index("strategy")
        savings = result.savings(list(targets.values()))
        at = {"data": name, "learner": learner, "batch_size": size}
        for strategy, row in summary.iterrows():
            found = at | {
                "strategy": strategy,
                "area": row["area_under_curve"],
                "p": row.get("p_wilcoxon", float("nan")),
            }
            if strategy != "random":
                found |= wins.loc[strategy, ["wins", "ties", "losses", "difference"]].to_dict()
            for (moment, target), (_, saved) in zip(
                targets.items(), savings[savings["strategy"] == strategy].iterrows(), strict=False
            ):
                found |= {f"target_{moment}": target, f"saved_{moment}": saved["label_savings"]}
                found |= {f"low_{moment}": saved["savings_low"], f"high_{moment}": saved["savings_high"]}
            yield found


def judged(rows):
    """Return the rows with what the tests say of each: better, no difference or worse than random.

    The p-values are those of all rows together, after Benjamini and Hochberg.
    """
    rows, tested = rows.copy(), rows["strategy"] != "random"
    rows.loc[tested, "p"] = false_discovery_control(rows.loc[tested, "p"])
    # Up to the level, as Benjamini and Hochberg have it; of few splits many have the least p-value there is.
    differs = rows["p"].round(12) <= 0.05
    rows["verdict"] = np.select(
        [differs & (rows["difference"] > 0), differs & (rows["difference"] < 0)], ["better", "worse"], "no difference"
    )
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", help="folder of finished runs")
    parser.add_argument("--runs", type=int, default=N_RUNS, help="splits; fewer than 10 tell hardly anything")
    parser.add_argument("--write", action="store_true", help="write docs/comparison.md")
    args = parser.parse_args()
    start, found = time.monotonic(), []
    for name in SETS:
        found += rows_of(name, args.runs, args.cache)
        print(f"{name}: {(time.monotonic() - start) / 60:.1f} min", flush=True)
    rows = judged(pd.DataFrame(found))
    print(pd.crosstab(rows["strategy"], rows["verdict"]).to_string())
    if args.write:
        write(rows, args.runs, N_LABELS)


if __name__ == "__main__":
    main()
