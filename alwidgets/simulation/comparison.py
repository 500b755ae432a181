"""Results of a simulation: curves and their summaries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from alwidgets.scoring.efficiency import Curve, deficiency
from alwidgets.simulation import display, figures
from alwidgets.simulation.protocols import protocol_of
from alwidgets.simulation.statistics import Ranks, Runs, paired, ranked, runs_of, savings, speed_up, within
from alwidgets.types import FloatArray
from alwidgets.utils.text import short_repr

if TYPE_CHECKING:
    import pandas as pd

_PARTS = ("strategy", "learner", "batch_size")
_N_TARGETS = 9
_TESTS = ("p_t", "p_wilcoxon")


def _no_failures() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(columns=[*_PARTS, "run", "n_labeled", "error", "lost"])


@dataclass(frozen=True, eq=False)
class Comparison:
    """Learning curves of several strategies on the same splits: what `simulate` and `replay` return.

    Curves of your own are compared likewise, after ``from alwidgets.simulation import Comparison``; they need no times
    or prices.

    Parameters
    ----------
    curves : DataFrame
        One row a round: strategy, learner, batch_size, run, n_labeled, score, and the annotator's seconds and cost,
        NaN where nobody measured or priced them. `learner` and `batch_size` may be left out. Of a team also n_answers,
        answers given by then, several a label, and consensus_accuracy, the share of the labels that are right.
    metric : str
        What the score is.
    failures : DataFrame
        One row a run in which something failed: strategy, learner, batch_size, run, n_labeled, error, and whether it
        is lost. Of a run that went on after a failed fit there are curves all the same.
    protocol : str
        Whose splits and areas these are; empty for the usual ones.
    baseline : str
        The strategy that others are held against where none is named; empty for that of the protocol, "random" for the
        usual one.

    Notes
    -----
    Means are over the splits that every strategy with a curve has, so that a run that is lost shifts none of them
    against another. Areas are over the labels that all curves of a split share, so that none profits from beginning
    later. Where curves have n_answers, what is said here of labels is of answers: they are what is paid for.

    Examples
    --------
    >>> import pandas as pd
    >>> own = {"strategy": ["mine"] * 3 + ["random"] * 3, "run": 0, "n_labeled": [10, 20, 30] * 2}
    >>> result = Comparison(pd.DataFrame(own | {"score": [0.7, 0.8, 0.9, 0.7, 0.75, 0.8]}))
    >>> result.summary()[["strategy", "area_under_curve", "label_savings"]].round(2).to_numpy().tolist()
    [['mine', 0.8, 0.5], ['random', 0.75, nan]]
    """

    curves: pd.DataFrame
    metric: str = "accuracy"
    failures: pd.DataFrame = field(default_factory=_no_failures)
    protocol: str = ""
    baseline: str = ""

    def __repr__(self) -> str:
        return display.as_text(*self._shown())

    def _repr_html_(self) -> str:
        return display.as_html(*self._shown())

    def summary(self, baseline: str | None = None, target: float | None = None) -> pd.DataFrame:
        """Return one row a strategy, learner and batch size, best first.

        Parameters
        ----------
        baseline : str, optional
            The strategy that others are held against, at the same learner and batch size; default `self.baseline`, if
            it is among them.
        target : float, optional
            The score that labels are saved on the way to; default the largest that both curves hold.

        Returns
        -------
        summary : DataFrame
            area_under_curve and area_sd, mean and standard deviation over the runs of the score averaged over the
            labels; alc, the same over the logarithm of the labels [1]_; last_score; of a team consensus_accuracy, the
            share of the labels that are right in the end; n_runs, the splits that these are means over, those that all
            strategies with a curve have; and n_failed. Areas are over the labels that all curves of a split share.
            Against the baseline: target, labels_needed, label_savings with its 95 % interval savings_low and
            savings_high (NaN below five splits), data_utilization_rate [2]_ (labels for each one of the baseline),
            speed_up (its inverse, the mean over scores from the first to the target), deficiency [3]_ (below 1 =
            better), and the p-values p_t and p_wilcoxon of the paired tests that the areas are equal, over the splits
            that both have. NaN where there is no baseline at that learner and batch size. Of a single split there are
            no p-values, and their columns are left out.

        Raises
        ------
        ValueError, TypeError
            If the baseline that is named is not one of the strategies, or the target is not a finite number.

        References
        ----------
        .. [1] Guyon, Cawley, Dror & Lemaire (2011), Results of the active learning challenge, JMLR Workshop and
               Conference Proceedings 16, 19-45.
        .. [2] Abe & Mamitsuka (1998), Query learning strategies using boosting and bagging, ICML, 1-9.
        .. [3] Baram, El-Yaniv & Luz (2004), Online choice of active learning algorithms, JMLR 5, 255-291.
        """
        import pandas as pd

        held_against = self._baseline if baseline is None else self._check_baseline(baseline)
        goal = None if target is None else _check_score("target", target)
        rows = []
        for key, runs in self._comparable.items():
            curves = [within(runs[run], span) for run, span in self._spans.items() if run in runs]
            areas = [self._area(curve) for curve in curves]
            row = dict(zip(self._parts, key, strict=True))
            row |= {"n_runs": len(runs), "n_failed": self._n_failed(key), "area_under_curve": _mean(areas)}
            # One tells no spread.
            row |= {"area_sd": float(np.std(areas)) if len(areas) > 1 else float("nan")}
            row |= {"alc": _mean([_log_area(*curve) for curve in curves])}
            row |= {"last_score": _mean([y[-1] for _, y in runs.values()])}
            row |= self._of_team(key)
            rows.append(row | self._against(key, held_against, goal))
        found = pd.DataFrame(rows).sort_values("area_under_curve", ascending=False, ignore_index=True)
        return self._as_tested(found)

    def savings(self, targets: Iterable[float] | None = None, baseline: str | None = None) -> pd.DataFrame:
        """Compute the labels that each strategy saves on the way to given scores.

        Parameters
        ----------
        targets : iterable of float, optional
            Scores of the mean curves; default nine, evenly spaced from where both curves have begun to the largest that
            both hold.
        baseline : str, optional
            The strategy whose labels are saved; default `self.baseline`.

        Returns
        -------
        savings : DataFrame
            strategy, learner, batch_size, target, labels_needed, baseline_needed, data_utilization_rate, label_savings,
            savings_low, savings_high (95 %, 500 resamples of the runs); NaN where a score is not reached, the last two
            also below five splits, too few to tell how far apart others would be.

        Raises
        ------
        ValueError, TypeError
            If the baseline is not one of the strategies, or a target is not a finite number.
        """
        import pandas as pd

        held_against = self._check_baseline(baseline)
        given = None if targets is None else _check_scores(targets)
        rows = []
        for key, other in self._with_baseline(held_against):
            ours, theirs = self._runs[key], self._runs[other]
            for target in _targets(ours, theirs).tolist() if given is None else given:
                found = {"target": target} | savings(ours, theirs, target)
                rows.append(dict(zip(self._parts, key, strict=True)) | found)
        columns = ["target", "labels_needed", "baseline_needed", "data_utilization_rate", "label_savings"]
        return pd.DataFrame(rows, columns=[*self._parts, *columns, "savings_low", "savings_high"])

    def wins(self) -> pd.DataFrame:
        """Return one row a pair of strategies: splits won, tied and lost by the area, and the paired tests.

        Areas are over the labels that all curves of a split share, and splits that both strategies have count.

        Returns
        -------
        wins : DataFrame
            strategy, against, n_runs, wins, ties, losses, difference, p_t, p_wilcoxon. A strategy is named with its
            learner and batch size where there are several. Of a single split there are no p-values.
        """
        import pandas as pd

        rows = []
        for key, name in self._names.items():
            for other, against in self._names.items():
                if key == other:
                    continue
                found = self._paired(key, other)
                rows.append(
                    (name, against, found.n, found.wins, found.ties, found.losses, found.difference, found.p_t,
                     found.p_wilcoxon)
                )  # fmt: skip
        columns = ["strategy", "against", "n_runs", "wins", "ties", "losses", "difference", *_TESTS]
        return self._as_tested(pd.DataFrame(rows, columns=columns))

    def ranks(self) -> Ranks:
        """Return the mean rank of each strategy by its area, and the difference that two must have to differ.

        Areas are over the labels that all curves of a split share. Splits that any strategy failed on are left out, and
        strategies that have no curve at all. The splits are of one data set: what is said of them need not hold for
        others.

        Returns
        -------
        ranks : Ranks

        Raises
        ------
        ValueError
            If no split has a curve of every strategy, or none at which they share labels.
        """
        keys = [key for key, runs in self._groups.items() if runs]
        areas = [self._areas[key] for key in keys]
        shared = [run for run in areas[0] if all(run in each for each in areas)]
        if not shared:
            raise ValueError(
                "no split has a curve of every strategy, at numbers of labels that they share; expected at least one. "
                "`failures` says which are lost."
            )
        values = np.array([[each[run] for each in areas] for run in shared])
        return ranked([self._names[key] for key in keys], values)

    def regret(self) -> pd.DataFrame:
        """Return the score lost against the best strategy at equal labels: strategy, n_labeled, regret.

        Of a team n_answers stands for n_labeled. Scores are means over the splits that every strategy with a curve has,
        between two rounds on the line that joins them, wherever all have one. A strategy is named with its learner and
        batch size where there are several.

        Raises
        ------
        ValueError
            If there is no such split.
        """
        import pandas as pd

        self._check_comparable()
        runs = [curve for group in self._comparable.values() for curve in group.values()]
        first = max((curve[0][0] for curve in runs), default=0)
        last = min((curve[0][-1] for curve in runs), default=0)
        n_labeled = np.unique(self.curves[self._spent])
        n_labeled = n_labeled[(n_labeled >= first) & (n_labeled <= last)]
        means = {
            self._names[key]: np.mean([np.interp(n_labeled, *curve) for curve in group.values()], axis=0)
            for key, group in self._comparable.items()
            if group
        }
        best = np.max(list(means.values()), axis=0)
        parts = [
            pd.DataFrame({"strategy": strategy, self._spent: n_labeled, "regret": best - mean})
            for strategy, mean in means.items()
        ]
        return pd.concat(parts, ignore_index=True)

    def plot(self, kind: str = "curves", *, baseline: str | None = None) -> Any:
        """Return a plotly Figure that can be read on light and on dark pages.

        Parameters
        ----------
        kind : {"curves", "savings", "ranks", "regret"}
            Mean score against labels with its 95 % band, over the splits that every strategy with a curve has; labels
            saved against the score; mean ranks, with a bar over those that do not differ; or the score lost against the
            best at equal labels.
        baseline : str, optional
            Whose labels are saved; default `self.baseline`.

        Returns
        -------
        figure : plotly.graph_objects.Figure

        Raises
        ------
        ValueError
            If there is no such picture, or what it shows cannot be found.
        """
        held_against = self._baseline if baseline is None else baseline
        unit = self._spent.removeprefix("n_").replace("labeled", "labels")
        pictures = {
            "curves": lambda: figures.curves(
                {self._names[key]: runs for key, runs in self._runs.items()}, self.metric, unit
            ),
            "savings": lambda: figures.savings(
                self._by_name(self.savings(baseline=baseline)), self.metric, held_against, unit
            ),
            "ranks": lambda: figures.ranks(self.ranks()),
            "regret": lambda: figures.regret(self.regret(), self.metric, unit),
        }
        if kind not in pictures:
            raise ValueError(f"kind is {kind!r}; expected one of {sorted(pictures)}.")
        self._check_comparable()
        return pictures[kind]()

    def _shown(self) -> tuple[list[str], pd.DataFrame]:
        against = self._baseline if any(key[0] == self._baseline for key in self._runs) else ""
        summary, failures = self.summary(), self._by_name(self.failures)
        return list(display.sentences(self.metric, self._n_splits, against, summary, failures)), summary

    @property
    def _n_splits(self) -> int:
        return len(self.curves["run"].unique())

    def _as_tested(self, found: pd.DataFrame) -> pd.DataFrame:
        """Return a table without its p-values where there is one split, which tests nothing."""
        return found if self._n_splits > 1 else found.drop(columns=list(_TESTS))

    @property
    def _parts(self) -> list[str]:
        return [name for name in _PARTS if name in self.curves]

    @property
    def _spent(self) -> str:
        """Column of what is paid for: labels, or the answers of a team."""
        return "n_answers" if "n_answers" in self.curves else "n_labeled"

    def _of_team(self, key: tuple[Any, ...]) -> dict[str, float]:
        if "consensus_accuracy" not in self.curves:
            return {}
        runs = self.curves[(self.curves[self._parts] == list(key)).all(axis=1)].groupby("run")["consensus_accuracy"]
        return {"consensus_accuracy": _mean([part.iloc[-1] for run, part in runs if run in self._comparable[key]])}

    @cached_property
    def _groups(self) -> dict[tuple[Any, ...], dict[Any, Curve]]:
        """Strategy, learner and batch size -> run -> (labels, scores); empty where every run failed."""
        columns = self.curves[[*self._parts, "run", self._spent, "score"]].sort_values(self._spent, kind="stable")
        groups: dict[tuple[Any, ...], dict[Any, Curve]] = {key: {} for key in self._keys()}
        for key, part in columns.groupby([*self._parts, "run"], sort=False):
            curve = part[self._spent].to_numpy(), part["score"].to_numpy()
            groups[tuple(key)[:-1]][key[-1]] = curve
        return {key: dict(sorted(runs.items())) for key, runs in groups.items()}

    @cached_property
    def _comparable(self) -> dict[tuple[Any, ...], dict[Any, Curve]]:
        """The groups with the splits that all of them have; one without any curve takes none from the others."""
        held = [set(runs) for runs in self._groups.values() if runs]
        shared = set.intersection(*held) if held else set()
        return {key: {run: runs[run] for run in runs if run in shared} for key, runs in self._groups.items()}

    def _check_comparable(self) -> None:
        if not any(self._comparable.values()):
            raise ValueError(
                "no split has a curve of every strategy; expected at least one to take means over. `failures` says why."
            )

    @cached_property
    def _spans(self) -> dict[Any, tuple[float, float]]:
        """Return the range of labels that all curves of a split share, by split; splits without one are left out."""
        curves: dict[Any, list[Any]] = {}
        for runs in self._groups.values():
            for run, (n_labeled, _) in runs.items():
                curves.setdefault(run, []).append(n_labeled)
        spans = {run: (float(max(n[0] for n in each)), float(min(n[-1] for n in each))) for run, each in curves.items()}
        return {run: (low, high) for run, (low, high) in spans.items() if low <= high}

    @cached_property
    def _areas(self) -> dict[tuple[Any, ...], dict[Any, float]]:
        return {
            key: {run: self._area(within(runs[run], self._spans[run])) for run in runs if run in self._spans}
            for key, runs in self._groups.items()
        }

    @property
    def _baseline(self) -> str:
        return self.baseline or protocol_of(self.protocol or None).baseline

    def _check_baseline(self, baseline: str | None) -> str:
        """Validate the name of the baseline; None for the default."""
        known, name = sorted({key[0] for key in self._groups}), self._baseline if baseline is None else baseline
        if name in known:
            return name
        if baseline is None:
            raise ValueError(f"there is no {name!r} here to hold others against; give baseline=..., one of {known}.")
        raise ValueError(f"baseline is {baseline!r}; expected one of {known}.")

    def _keys(self) -> Iterator[tuple[Any, ...]]:
        for frame in (self.curves, self.failures):
            if set(self._parts) <= set(frame):
                yield from frame[self._parts].drop_duplicates().itertuples(index=False, name=None)

    @cached_property
    def _names(self) -> dict[tuple[Any, ...], str]:
        """Names of the strategies, with learner and batch size if there are several."""
        several = {name: len({key[i] for key in self._groups}) > 1 for i, name in enumerate(self._parts)}
        names = {}
        for key in self._groups:
            part = dict(zip(self._parts, key, strict=True))
            name = str(part["strategy"])
            name += f", {part['learner']}" if several.get("learner") else ""
            names[key] = name + (f", batches of {part['batch_size']}" if several.get("batch_size") else "")
        return names

    @cached_property
    def _runs(self) -> dict[tuple[Any, ...], Runs]:
        return {key: runs_of(runs) for key, runs in self._comparable.items() if runs}

    def _by_name(self, frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
        return {self._names[tuple(key)]: part for key, part in frame.groupby(self._parts, sort=False)}

    def _area(self, curve: Curve) -> float:
        return protocol_of(self.protocol or None).area(*curve)

    def _n_failed(self, key: tuple[Any, ...]) -> int:
        lost = self.failures[self.failures["lost"].astype(bool)]
        return sum(each == key for each in lost[self._parts].itertuples(index=False, name=None))

    def _with_baseline(self, baseline: str) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
        """Give the strategies that have curves, each with the baseline of its learner and batch size."""
        for key in self._runs:
            other = (baseline, *key[1:])
            if key != other and other in self._runs:
                yield key, other

    def _paired(self, key: tuple[Any, ...], other: tuple[Any, ...]) -> Any:
        ours, theirs = self._areas[key], self._areas[other]
        both = [run for run in ours if run in theirs]
        return paired([ours[run] for run in both], [theirs[run] for run in both])

    def _against(self, key: tuple[Any, ...], baseline: str, target: float | None) -> dict[str, float]:
        names = ("target", "labels_needed", "label_savings", "savings_low", "savings_high", "data_utilization_rate")
        nothing = dict.fromkeys((*names, "speed_up", "deficiency", "p_t", "p_wilcoxon"), float("nan"))
        other = (baseline, *key[1:])
        if key == other or key not in self._runs or other not in self._runs:
            return nothing
        ours, theirs = self._runs[key], self._runs[other]
        targets, tests = _targets(ours, theirs), self._paired(key, other)
        goal = float(targets[-1]) if target is None else target
        found = {"target": goal} | savings(ours, theirs, goal)
        low, high = (edge(ours.n_labeled[i], theirs.n_labeled[i]) for edge, i in ((max, 0), (min, -1)))
        grid = np.union1d(ours.n_labeled, theirs.n_labeled)
        grid = grid[(grid >= low) & (grid <= high)]
        lacks = deficiency(*((grid, np.interp(grid, *each.mean)) for each in (ours, theirs))) if len(grid) else np.nan
        found |= {"speed_up": speed_up(ours, theirs, targets), "deficiency": lacks}
        return nothing | {name: found[name] for name in nothing if name in found} | {
            "p_t": tests.p_t, "p_wilcoxon": tests.p_wilcoxon,
        }  # fmt: skip


def _check_scores(targets: Any) -> list[float]:
    """Return scores, one or several."""
    several = targets if np.iterable(targets) and not isinstance(targets, str | bytes) else [targets]
    return [_check_score("a target", target) for target in several]


def _check_score(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} is {short_repr(value)}; expected a score, such as 0.9.")
    if not np.isfinite(score := float(value)):
        raise ValueError(f"{name} is {short_repr(value)}; expected a finite score, such as 0.9.")
    return score


def _targets(ours: Runs, theirs: Runs) -> FloatArray:
    """Return scores from where both curves have begun to the largest that both hold."""
    (_, first), (_, second) = ours.mean, theirs.mean
    # As `labels_needed` smooths the ends.
    high = min(float(np.mean(scores[-2:])) for scores in (first, second))
    low = min(max(float(np.mean(scores[:2])) for scores in (first, second)), high)
    return np.linspace(low, high, _N_TARGETS)


def _log_area(n_labeled: Any, score: Any) -> float:
    """Return the mean score over the logarithm of the labels; that of a single round is its score."""
    x, y = np.log2(np.asarray(n_labeled, np.float64)), np.asarray(score, np.float64)
    if len(x) < 2:  # noqa: PLR2004 - a single round spans no range
        return float(y[0])
    return float(np.sum(np.diff(x) * (y[1:] + y[:-1])) / 2 / (x[-1] - x[0]))


def _mean(values: Any) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
