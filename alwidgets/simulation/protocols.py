"""Simulation protocols: the splits, the initial labels, and the summary of a curve."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np

from alwidgets.data.kinds import pool_of
from alwidgets.data.label_kinds import MULTICLASS, LabelKind
from alwidgets.loop.plan import model_spec
from alwidgets.models.spec import ModelSpec, committee
from alwidgets.scoring.efficiency import area
from alwidgets.strategies import PoolView
from alwidgets.strategies.choose import utility_of
from alwidgets.types import FloatArray, IntArray
from alwidgets.utils.streams import stream
from alwidgets.utils.text import type_name

#: Share of the samples that are the pool; the others are the held-out set.
POOL_SHARE = 0.6
_N_START = 20
#: The protocols by name, and the names that the paper has for its strategies: for editors and type checkers.
ProtocolName: TypeAlias = Literal["lu2023"]
PublishedName: TypeAlias = Literal["Uniform", "US-C", "US-NC", "QBC", "Core-Set"]


@dataclass(frozen=True, eq=False)
class Split:
    """One way to cut the samples.

    Parameters
    ----------
    pool, test : ndarray
        Row numbers.
    start : tuple of int
        Positions in the pool that are labeled before anything is asked.
    """

    pool: IntArray
    test: IntArray
    start: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Protocol:
    """Protocol of a simulation.

    Parameters
    ----------
    name : str
        What `protocol=` takes; empty for the usual one.
    split : callable
        (labels, seed, run) -> Split, or None where this run cannot be.
    prepared : callable
        (X of the pool, X of the held-out set) -> both as the learner sees them.
    area : callable
        (n_labeled, score) -> float, the area under a curve.
    learner : callable
        () -> the learner; None where the caller gives one.
    strategies : dict
        The paper's name -> () -> strategy.
    baseline : str
        The strategy that others are held against.
    binary : bool
        Whether it is for two classes, one a sample.
    """

    name: str
    split: Callable[[Any, int, int], Split | None]
    prepared: Callable[[Any, Any], tuple[Any, Any]]
    area: Callable[[Any, Any], float]
    learner: Callable[[], Any] | None
    strategies: dict[str, Callable[[], Any]]
    baseline: str
    binary: bool = False

    def check(self, classes: Sequence[Any], kind: LabelKind) -> None:
        """Raise if the labels do not suit the protocol."""
        if self.binary and (kind is not MULTICLASS or len(classes) != 2):  # noqa: PLR2004 - what binary means
            what = f"{len(classes)} classes, {kind.described} a sample"
            raise ValueError(f"y has {what}; expected two, one a sample, which protocol {self.name!r} is for.")


@dataclass(frozen=True, eq=False)
class AskedBy:
    """A strategy that asks by other models than the session's, fitted to the same labels at every question.

    Parameters
    ----------
    name : str
        What it is called.
    model_spec : ModelSpec
        The models and their strategy.
    """

    name: str
    model_spec: ModelSpec

    @property
    def __name__(self) -> str:
        return self.name

    def __call__(self, view: PoolView) -> FloatArray:
        """Return one utility per candidate."""
        seed = int(view.rng.integers(2**30))
        learner = self.model_spec.fit(view.take(view.labeled), view.labels, seed)
        return utility_of(self.model_spec.strategy, replace(view, learner=learner))


def protocol_of(name: str | None) -> Protocol:
    """Return the protocol of this name; of None the usual one."""
    if name is not None and name not in PROTOCOLS:
        raise ValueError(f"protocol is {name!r}; expected one of {sorted(PROTOCOLS)}, or None for the usual one.")
    return _USUAL if name is None else PROTOCOLS[name]


def _usual_split(labels: Any, seed: int, run: int) -> Split:
    rows = stream("split", seed, run).permutation(len(labels))
    pool, test = np.split(rows, [int(POOL_SHARE * len(rows))])
    return Split(pool, test)


def _lu_split(labels: Any, seed: int, run: int) -> Split | None:
    """Return the split of a seed, None when its first labels are of one class: the authors leave such seeds out."""
    rows = np.arange(len(labels))
    stream("published split", seed + run).shuffle(rows)
    pool, test = np.split(rows, [int(POOL_SHARE * len(rows))])
    order = np.arange(len(pool))
    # They shuffle the rows of the pool themselves, by a generator that starts anew.
    stream("published split", seed + run).shuffle(order)
    start = tuple(order[:_N_START].tolist())
    return Split(pool, test, start) if len(np.unique(labels[pool[list(start)]])) > 1 else None


def _as_they_are(X_pool: Any, X_test: Any) -> tuple[Any, Any]:
    return X_pool, X_test


def _scaled(X_pool: Any, X_test: Any) -> tuple[Any, Any]:
    from sklearn.preprocessing import StandardScaler

    if pool_of(X_pool).kind != "array":
        raise TypeError(f"X is {type_name(X_pool)}; expected an array of numbers, which 'lu2023' scales.")
    scaler = StandardScaler().fit(X_pool)
    return scaler.transform(X_pool), scaler.transform(X_test)


def _lu_area(n_labeled: Any, score: Any) -> float:
    """Return the trapezoids over the scores, that of the first labels left out, divided by how many scores there are.

    One label lies between two scores.
    """
    y = np.asarray(score, np.float64)[np.argsort(n_labeled)][1:]
    return float(np.sum((y[1:] + y[:-1]) / 2) / len(y)) if len(y) else float("nan")


def _rbf_svm() -> Any:
    from sklearn.svm import SVC

    return SVC(gamma="auto")


def _by_logistic_regression() -> AskedBy:
    from sklearn.linear_model import LogisticRegression

    return AskedBy("US-NC", model_spec(LogisticRegression(C=0.1), "entropy"))


def _by_committee() -> AskedBy:
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import SVC

    members = [LogisticRegression(), SVC(kernel="linear"), SVC(), LinearDiscriminantAnalysis()]
    return AskedBy("QBC", model_spec(committee(members), "vote_entropy"))


_USUAL = Protocol("", _usual_split, _as_they_are, area, None, {}, "random")

#: Lu, Li & Lin (2023), Re-benchmarking pool-based active learning for binary classification, arXiv:2306.08954.
_LU2023 = Protocol(
    "lu2023",
    _lu_split,
    _scaled,
    _lu_area,
    _rbf_svm,
    {
        "Uniform": lambda: "random",
        "US-C": lambda: "margin",
        "US-NC": _by_logistic_regression,
        "QBC": _by_committee,
        "Core-Set": lambda: "k_center",
    },
    "Uniform",
    binary=True,
)

PROTOCOLS = {protocol.name: protocol for protocol in (_LU2023,)}
