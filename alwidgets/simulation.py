"""Sessions against known labels: which strategy would have won."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from alwidgets.arguments import checked_count, checked_seed
from alwidgets.efficiency import area
from alwidgets.pool import as_samples, n_rows, take
from alwidgets.session import Session
from alwidgets.strategies import strategy_name
from alwidgets.targets import is_many
from alwidgets.types import Strategy

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Comparison:
    """Learning curves of several strategies on the same splits.

    Parameters
    ----------
    curves : DataFrame
        One row a strategy, run and round: strategy, run, n_labelled, score.
    metric : str
        What the score is.
    """

    curves: pd.DataFrame
    metric: str = "accuracy"

    def summary(self) -> pd.DataFrame:
        """Return one row a strategy, best first: mean area under the curve, its SD, and the last score.

        The area is that of the score against the number of labels, divided by the range of labels: an
        accuracy averaged over the whole budget.
        """
        import pandas as pd

        rows = []
        for strategy, part in self.curves.groupby("strategy", sort=False):
            runs = [run.sort_values("n_labelled") for _, run in part.groupby("run")]
            areas = [area(run["n_labelled"].to_numpy(), run["score"].to_numpy()) for run in runs]
            last = float(np.mean([run["score"].iloc[-1] for run in runs]))
            rows.append((strategy, float(np.mean(areas)), float(np.std(areas)), last, len(runs)))
        columns = ["strategy", "area_under_curve", "area_sd", "last_score", "n_runs"]
        frame = pd.DataFrame(rows, columns=columns)
        return frame.sort_values("area_under_curve", ascending=False, ignore_index=True)

    def regret(self) -> pd.DataFrame:
        """Return the score lost against the best strategy at equal labels: strategy, n_labelled, regret.

        Scores are means over the runs, between two rounds on the line that joins them, wherever all have one.
        """
        import pandas as pd

        runs = [(strategy, run) for (strategy, _), run in self.curves.groupby(["strategy", "run"], sort=False)]
        first = max((run["n_labelled"].min() for _, run in runs), default=0)
        last = min((run["n_labelled"].max() for _, run in runs), default=0)
        n_labelled = np.unique(self.curves["n_labelled"])
        n_labelled = n_labelled[(n_labelled >= first) & (n_labelled <= last)]
        scores: dict[Any, list[Any]] = {}
        for strategy, run in runs:
            scores.setdefault(strategy, []).append(np.interp(n_labelled, run["n_labelled"], run["score"]))
        means = {strategy: np.mean(each, axis=0) for strategy, each in scores.items()}
        best = np.max(list(means.values()), axis=0)
        parts = [
            pd.DataFrame({"strategy": strategy, "n_labelled": n_labelled, "regret": best - mean})
            for strategy, mean in means.items()
        ]
        return pd.concat(parts, ignore_index=True)

    def plot(self) -> Any:
        """Return a plotly Figure: mean score against labels, a line a strategy."""
        from plotly import graph_objects as go

        means = self.curves.groupby(["strategy", "n_labelled"], sort=False)["score"].mean().reset_index()
        figure = go.Figure()
        for strategy, part in means.groupby("strategy", sort=False):
            figure.add_scatter(x=part["n_labelled"].tolist(), y=part["score"].tolist(), name=str(strategy))
        return figure.update_layout(xaxis_title="labels", yaxis_title=self.metric, yaxis_tickformat=".0%")


def simulate(
    X: Any,
    y: Any,
    *,
    learner: Any,
    strategies: Sequence[str | Strategy] = ("margin", "random"),
    n_runs: int = 10,
    n_labels: int = 100,
    batch_size: int = 8,
    random_state: int = 0,
) -> Comparison:
    """Run sessions against known labels, every strategy on the same splits.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        Samples; in each run three fifths are the pool and the rest the held-out set.
    y : array-like of shape (n_samples,) or (n_samples, n_classes)
        Their labels; of many labels a sample an indicator matrix.
    learner : classifier or Pipeline
        Cloned for every session.
    strategies : sequence of str, callable or object with `select`
        What to compare.
    n_runs : int
        Splits.
    n_labels : int
        Labels a session gives.
    batch_size : int
        Answers between two retrains.
    random_state : int
        Seeds splits and sessions.

    Returns
    -------
    Comparison
        Curves, `summary()` and `plot()`.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> X, y = load_iris(return_X_y=True)
    >>> result = simulate(X, y, learner=GaussianNB(), n_runs=2, n_labels=24)
    >>> sorted(result.summary()["strategy"])
    ['margin', 'random']
    """
    import pandas as pd

    names = checked_strategies(strategies)
    seed = checked_seed(random_state)
    if seed is None:
        raise ValueError("random_state is None; expected an int of at least 0, so that the splits can be repeated.")
    if checked_count("n_labels", n_labels) < checked_count("batch_size", batch_size):
        raise ValueError(
            f"n_labels is {n_labels} but batch_size is {batch_size}; expected labels for a round at least."
        )
    samples, labels = as_samples(X, allow_nan=True), np.asarray(y)
    if labels.ndim not in (1, 2) or len(labels) != n_rows(samples):
        raise ValueError(f"X has {n_rows(samples)} rows but y has shape {labels.shape}; give one label per row.")
    if int(0.6 * len(labels)) < batch_size:
        raise ValueError(
            f"X has {len(labels)} rows, of which three fifths are the pool; expected a pool of at least batch_size, "
            f"{batch_size}."
        )
    parts = []
    for run in range(checked_count("n_runs", n_runs)):
        rows = np.random.default_rng((seed, run)).permutation(len(labels))
        pool_rows, test_rows = np.split(rows, [int(0.6 * len(rows))])
        for name, strategy in zip(names, strategies, strict=True):
            session = Session(
                take(samples, pool_rows),
                classes=np.arange(labels.shape[1]) if is_many(labels) else np.unique(labels),
                task="multi" if is_many(labels) else "single",
                learner=learner,
                strategy=strategy,
                batch_size=batch_size,
                test=(take(samples, test_rows), labels[test_rows]),
                random_state=seed + run,
            ).run(labels[pool_rows], min(n_labels, len(pool_rows)))
            parts.append(session.history[["n_labelled", "score"]].assign(strategy=name, run=run))
    return Comparison(pd.concat(parts, ignore_index=True)[["strategy", "run", "n_labelled", "score"]])


def checked_strategies(strategies: Any) -> list[str]:
    """Return what to call each of these strategies; no two have the same name."""
    if isinstance(strategies, str) or not hasattr(strategies, "__len__") or not len(strategies):
        raise TypeError(f"strategies is {strategies!r}; expected a list of at least one, such as ['margin', 'random'].")
    names = [strategy if isinstance(strategy, str) else strategy_name(strategy) for strategy in strategies]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"strategies has {name!r} more than once; expected different names, one line each.")
    return names
