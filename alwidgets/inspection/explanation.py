"""Explanation of why a sample is asked: prediction, utility, neighbors and density."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from alwidgets import kernels
from alwidgets.data.labels import in_words, label_of
from alwidgets.kernels.distances import squared_distances
from alwidgets.strategies import NAMED, NamedStrategy, PoolView
from alwidgets.strategies.choose import chooses_batches, utility_of
from alwidgets.strategies.protocols import Strategy
from alwidgets.types import Label

_N_NEIGHBORS = 3
# A sample's density is told against that of so many others.
_COMPARED = 2000
# Strategies whose first question is the least certain one, alone or in others.
_OF_UNCERTAINTY = ("margin", "entropy", "least_confidence", "ratio")
# Two classes whose probabilities are so near each other are about equal.
_NEARLY = 0.05
# What lies less densely than all but this share of the pool is unusual.
_RARE = 0.2


@dataclass(frozen=True, slots=True)
class Neighbor:
    """A labeled sample near another.

    Parameters
    ----------
    item : int
        Its row number.
    label : str, int, float, bool or tuple of these
        Its label.
    distance : float
        Euclidean, between the features in which the session compares samples.
    """

    item: int
    label: Label
    distance: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Explanation of why a sample is asked.

    Parameters
    ----------
    item : int
        Its row number.
    strategy : str
        What chooses the questions now; of the cold start, also its rule.
    utility : float or None
        What the strategy makes of it, larger = ask sooner; None where it gives no utilities: it chooses batches as a
        whole, or at random, or there is no model yet.
    rank : int or None
        Its place among all that is not answered, itself among them; 1 is asked first. None without a utility.
    n_candidates : int
        How many these are.
    probabilities : dict or None
        Class -> what the model makes of it, most probable first; None where it gives no probabilities.
    votes : dict or None
        Class -> how many members of a committee vote for it; None for a single model.
    neighbors : tuple of Neighbor
        The nearest labeled samples, nearest first; empty where samples cannot be compared.
    density : float or None
        Share of the pool that lies less densely, 0 to 1: near 0 it is an outlier, near 1 typical. None where samples
        cannot be compared.

    Examples
    --------
    >>> print(Explanation(7, "margin", 0.9, 1, 120, {"ham": 0.55, "spam": 0.45}, None, (), None))
    row 7: 55:45 between ham and spam: the least certain of 120
    """

    item: int
    strategy: str
    utility: float | None
    rank: int | None
    n_candidates: int
    probabilities: dict[Label, float] | None
    votes: dict[Label, int] | None
    neighbors: tuple[Neighbor, ...]
    density: float | None

    def __str__(self) -> str:
        parts = [self._certainty() or self.strategy]
        if self.votes:
            parts.append("votes " + ", ".join(f"{label} {n}" for label, n in self.votes.items()))
        if self.neighbors:
            parts.append("near " + ", ".join(f"row {near.item} ({in_words(near.label)})" for near in self.neighbors))
        if self.density is not None and (rare := _rarity(self.density)):
            parts.append(rare)
        return f"row {self.item}: " + "; ".join(parts)

    def _certainty(self) -> str:
        """Describe the prediction and its rank in words; empty if neither is known."""
        said = _balance(self.probabilities) if self.probabilities else ""
        if self.rank is None:
            return f"{said}, asked by {self.strategy}" if said else ""
        place = "" if self.rank == 1 else f"{_ordinal(self.rank)} "
        unsure = any(name in self.strategy for name in _OF_UNCERTAINTY)
        ranked = f"the {place}least certain of {self.n_candidates:,}"
        if not unsure:
            ranked = f"asked {place or 'first '}of {self.n_candidates:,} by {self.strategy}"
        return f"{said}: {ranked}" if said else ranked


def _balance(probabilities: dict[Label, float]) -> str:
    """Describe the two most probable classes in words."""
    if len(probabilities) < 2:  # noqa: PLR2004 - nothing to hold it against
        return ", ".join(f"{in_words(label)} {share:.2f}" for label, share in probabilities.items())
    (first, most), (second, next_most) = list(probabilities.items())[:2]
    if len(probabilities) == 2:  # noqa: PLR2004
        percent = round(100 * most)
        return f"{percent}:{100 - percent} between {in_words(first)} and {in_words(second)}"
    equal = " (nearly equal)" if most - next_most < _NEARLY else ""
    return f"{in_words(first)} {most:.2f} against {in_words(second)} {next_most:.2f}{equal}"


def _ordinal(n: int) -> str:
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n:,}{ending}"


def _rarity(density: float) -> str:
    """Describe the density of a sample in words; empty if it is neither rare nor typical."""
    if density < _RARE:
        return "a rather unusual sample"
    return "a typical sample" if density > 1 - _RARE else ""


def explain(item: int, view: PoolView, strategy: NamedStrategy | Strategy, phase: str) -> Explanation:
    """Explain a sample; the view's candidates are all unanswered samples and the sample itself."""
    # Inside a strategy made of others is the one whose utilities decide.
    while hasattr(strategy, "asks_by"):
        strategy, view = strategy.asks_by(view)
    utility, rank = _standing(item, view, strategy)
    alone = replace(view, candidates=np.array([item]))
    return Explanation(
        item=item,
        strategy=phase,
        utility=utility,
        rank=rank,
        n_candidates=len(view.candidates),
        probabilities=_probabilities(alone),
        votes=_votes(alone),
        neighbors=_neighbors(item, view),
        density=_density(item, view),
    )


def _standing(item: int, view: PoolView, strategy: NamedStrategy | Strategy) -> tuple[float | None, int | None]:
    if chooses_batches(strategy) or strategy is NAMED["random"]:
        return None, None
    utility = utility_of(strategy, view)
    own = utility[np.searchsorted(view.candidates, item)]
    return float(own), 1 + int(np.count_nonzero(utility > own))


def _probabilities(alone: PoolView) -> dict[Label, float] | None:
    own = hasattr(alone.learner, "predict_proba") and _is_fitted(alone.learner)
    if not own and alone.source_proba is None:
        return None
    proba = alone.proba[0]
    labels: list[Any] = np.asarray(alone.classes).tolist()
    return {labels[code]: float(proba[code]) for code in np.argsort(-proba, kind="stable")}


def _votes(alone: PoolView) -> dict[Label, int] | None:
    if not hasattr(alone.learner, "learner_list") or not _is_fitted(alone.learner):
        return None
    labels: list[Any] = np.asarray(alone.classes).tolist()
    return dict(Counter(labels[code] for code in alone.votes[0]).most_common())


def _is_fitted(learner: Any) -> bool:
    return learner is not None and bool(learner.__sklearn_is_fitted__())


def _neighbors(item: int, view: PoolView) -> tuple[Neighbor, ...]:
    others = np.flatnonzero(view.labeled != item)
    if view.features.raw is None or not len(others):
        return ()
    here, labeled = view.features.at(np.array([item])), view.features.at(view.labeled[others])
    distance = np.sqrt(squared_distances(labeled, here)[:, 0])
    nearest = np.argsort(distance, kind="stable")[:_N_NEIGHBORS]
    labels = view.labels[others]
    return tuple(
        Neighbor(int(view.labeled[others[i]]), label_of(labels[i], view.classes), float(distance[i])) for i in nearest
    )


def _density(item: int, view: PoolView) -> float | None:
    if view.features.raw is None:
        return None
    sample = view.features.sample(_COMPARED)
    sample = np.append(sample[sample != item], item)
    density = kernels.information_density(view.features.at(sample))
    return float(np.mean(density[:-1] < density[-1])) if len(sample) > 1 else None
