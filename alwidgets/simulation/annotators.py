"""Simulated annotators, who err, skip, take time and cost money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from alwidgets.data.label_kinds import is_indicator
from alwidgets.data.labels import label_of, plain_labels
from alwidgets.session.oracle import SimulatedAnswers
from alwidgets.types import FloatArray, Label

# Half of all answers take longer than the median, one in six longer than this many times it.
_SPREAD = 1.5


@dataclass(frozen=True, eq=False)
class SimulatedAnnotator:
    """An annotator for simulations, who errs, skips, takes time and costs money.

    Parameters
    ----------
    noise : float, dict or array-like of shape (n_classes, n_classes)
        How often an answer is wrong: one share, class -> share, or a confusion matrix, whose row i says how often each
        class is answered for a sample of class i. A wrong answer that no matrix tells is any other class alike. In a
        multilabel task, how often each class is told wrong, there or not: one share, or class -> share.
    seconds : float, optional
        How long an answer takes, the median: times are log-normal, one in six 1.5 times as long or longer.
    skip_rate : float
        How often "cannot tell" is answered.
    cost : float, optional
        Price of a label.

    Raises
    ------
    ValueError, TypeError
        If a rate is not in [0, 1], a row of the matrix does not sum to 1, or time or price are below 0.

    Examples
    --------
    >>> y = np.repeat(["ham", "spam"], 500)
    >>> answers = SimulatedAnnotator(noise={"ham": 0.0, "spam": 0.2}).answers(y, random_state=0)
    >>> given = np.array([answers(item) for item in range(1000)])
    >>> int(np.sum(given[:500] != "ham")), bool(75 < np.sum(given[500:] != "spam") < 125)
    (0, True)
    """

    noise: Any = 0.0
    seconds: float | None = None
    skip_rate: float = 0.0
    cost: float | None = None

    def __post_init__(self) -> None:
        if isinstance(self.noise, Mapping):
            for label, share in self.noise.items():
                _check_rate(f"noise of {label!r}", share)
        elif isinstance(self.noise, Sequence | np.ndarray) and not isinstance(self.noise, str):
            _check_confusion(self.noise)
        else:
            _check_rate("noise", self.noise)
        _check_rate("skip_rate", self.skip_rate)
        for name in ("seconds", "cost"):
            value = getattr(self, name)
            if value is not None and not (_is_number(value) and 0 <= value < float("inf")):
                raise ValueError(f"{name} is {value!r}; expected a number of at least 0, or None.")

    def answers(
        self, y: Any, *, classes: Sequence[Label] | None = None, random_state: int | Sequence[int] = 0
    ) -> SimulatedAnswers:
        """Simulate the answers of this annotator for samples with known labels.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            The true labels; in a multilabel task an indicator matrix.
        classes : sequence, optional
            The possible answers, in the order of a confusion matrix; default the sorted labels.
        random_state : int or sequence of int
            Seeds errors, skips and times. The answer for a sample depends on nothing else, so that strategies
            compared with each other meet the same annotator.

        Returns
        -------
        answers : SimulatedAnswers
            For `Session.run(oracle=...)`. O(n_samples n_classes).

        Raises
        ------
        ValueError
            If a label is not one of the classes, or the noise is that of other classes.

        Examples
        --------
        >>> SimulatedAnnotator(noise={"dog": 1.0}).answers([[1, 0], [0, 1]], classes=["cat", "dog"])(0)
        ('cat', 'dog')
        >>> SimulatedAnnotator(skip_rate=1.0).answers(["ham", "spam"])(0) is None
        True
        """
        truth, rng = plain_labels(y), np.random.default_rng(random_state)
        drawn, skipped, pace = rng.random(truth.shape), rng.random(len(truth)), rng.standard_normal(len(truth))
        said = self._sets(truth, classes, drawn) if is_indicator(truth) else self._classes(truth, classes, drawn)
        given = (None if skip else label for label, skip in zip(said, skipped < self.skip_rate, strict=True))
        seconds = None if self.seconds is None else tuple((self.seconds * _SPREAD**pace).tolist())
        return SimulatedAnswers(tuple(given), seconds)

    def _classes(self, y: Any, classes: Sequence[Label] | None, drawn: FloatArray) -> list[Label]:
        labels = y.tolist()
        known = np.unique(y).tolist() if classes is None else np.asarray(classes).tolist()
        code_of = {label: code for code, label in enumerate(known)}
        unknown = next((label for label in labels if label not in code_of), None)
        if unknown is not None:
            raise ValueError(f"y has the label {unknown!r}; expected only the classes {known}.")
        edges = np.cumsum(self._confusion(known), axis=1)[[code_of[label] for label in labels]]
        # Rounding may leave the last edge below 1.
        codes = np.minimum((drawn[:, None] >= edges).sum(axis=1), len(known) - 1).tolist()
        return [known[code] for code in codes]

    def _sets(self, y: Any, classes: Sequence[Label] | None, drawn: FloatArray) -> list[Label]:
        known = list(range(y.shape[1])) if classes is None else np.asarray(classes).tolist()
        if y.shape[1] != len(known) or not np.isin(y, (0, 1)).all():
            raise ValueError(f"y has shape {y.shape}; expected 0 and 1, a column for each of the classes {known}.")
        if np.ndim(self.noise):
            raise ValueError(
                f"noise has shape {np.shape(self.noise)} in a multilabel task; expected a share, or a dict "
                "of class -> share: how often each class is told wrong."
            )
        return [label_of(row, known) for row in (y == 1) ^ (drawn < self._wrong(known))]

    def _confusion(self, classes: list[Label]) -> FloatArray:
        """Return the confusion matrix of the annotator."""
        n = len(classes)
        if np.ndim(self.noise):
            matrix = np.asarray(self.noise, np.float64)
            if len(matrix) != n:
                raise ValueError(f"noise has shape {matrix.shape} for {n} classes, {classes}; expected ({n}, {n}).")
            return matrix
        wrong, others = self._wrong(classes), np.full((n, n), 1.0) - np.eye(n)
        return np.diag(1 - wrong) + others * (wrong / max(n - 1, 1))[:, None]

    def _wrong(self, classes: list[Label]) -> FloatArray:
        """Return the error rate for each class."""
        if not isinstance(self.noise, Mapping):
            return np.full(len(classes), float(self.noise))
        unknown = next((label for label in self.noise if label not in classes), None)
        if unknown is not None:
            raise ValueError(f"noise has the class {unknown!r}; expected only the classes {classes}.")
        return np.array([float(self.noise.get(label, 0.0)) for label in classes])


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _check_rate(name: str, value: Any) -> None:
    if not _is_number(value):
        raise TypeError(f"{name} is {value!r}; expected a share of the answers, from 0 to 1.")
    if not 0 <= value <= 1:
        raise ValueError(f"{name} is {value!r}; expected a share of the answers, from 0 to 1.")


def _check_confusion(noise: Any) -> None:
    try:
        matrix = np.asarray(noise)
    except ValueError:
        raise ValueError(f"noise is {noise!r}, whose rows differ in length; expected (n_classes, n_classes).") from None
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.dtype.kind not in "fiub":  # noqa: PLR2004
        raise ValueError(f"noise has shape {matrix.shape}; expected a share, a dict, or (n_classes, n_classes) shares.")
    if not ((matrix >= 0) & (matrix <= 1)).all() or not np.allclose(matrix.sum(axis=1), 1):
        raise ValueError(f"noise is {matrix.tolist()}; expected shares from 0 to 1 whose rows sum to 1.")
