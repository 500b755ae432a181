"""Strategies that find the samples of a rare class: the most probable first, and what the first one is found by."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar

import numpy as np

from alwidgets.data.conversion import dense
from alwidgets.data.kinds import pool_of
from alwidgets.data.parts import whole
from alwidgets.kernels.arrays import quiet
from alwidgets.models.introspection import classes_of
from alwidgets.strategies.combine import Mix, mix
from alwidgets.strategies.pool_view import PoolView
from alwidgets.types import AnyClass, FloatArray
from alwidgets.utils.text import short_repr


def certainty(label: AnyClass) -> Certainty:
    """Return a strategy that asks what is most probably of a class.

    Parameters
    ----------
    label : str, int, float or bool
        The class. Before one of its samples is labeled, the strategy asks at random.

    References
    ----------
    .. [1] Lewis & Gale (1994), A sequential algorithm for training text classifiers, SIGIR (relevance sampling).

    Examples
    --------
    >>> certainty("spam").__name__
    "certainty('spam')"
    """
    return Certainty(label.item() if isinstance(label, np.generic) else label)


def relevance(label: AnyClass, uncertain: Any = 0.1) -> Certainty | Mix:
    """Return a strategy that finds all samples of a class: it asks the most probable, and a share of uncertain ones.

    This is relevance feedback, or continuous active learning. The uncertain share teaches where the class ends, and
    meets samples of it that are unlike those that are known.

    Parameters
    ----------
    label : str, int, float or bool
        The class.
    uncertain : float
        Share of the questions chosen by "margin", at least 0 and below 1.

    Raises
    ------
    ValueError
        If `uncertain` is not such a share.

    References
    ----------
    .. [1] Cormack & Grossman (2014), Evaluation of machine-learning protocols for technology-assisted review in
           electronic discovery, SIGIR.

    Examples
    --------
    >>> relevance("spam").__name__
    "mix(certainty('spam') 0.9, margin 0.1)"
    """
    if isinstance(uncertain, bool) or not isinstance(uncertain, Real) or not 0 <= float(uncertain) < 1:
        raise ValueError(f"uncertain is {uncertain!r}; expected a share of the questions, at least 0 and below 1.")
    share = float(uncertain)
    return mix({certainty(label): 1 - share, "margin": share}) if share else certainty(label)


def like(examples: Any) -> Like:
    """Return a strategy that asks what is most like some examples; it needs no model.

    Parameters
    ----------
    examples : list of str, or array-like of shape (n_examples, n_features)
        Samples of the kind of the pool, which need not be in it: texts, or words that such texts have; rows of numbers.
        Texts are compared by their words, weighted by how rare each is in the pool (TF-IDF, cosine); numbers by
        Euclidean distance in units of the spread of each column. The most like any of the examples come first.

    Raises
    ------
    ValueError
        If there are none.

    Examples
    --------
    >>> like(["win a free prize", "claim your reward"]).__name__
    'like'
    """
    given = [examples] if isinstance(examples, str) else examples
    if not len(given):
        raise ValueError("examples is empty; expected at least one text, or row of numbers.")
    return Like(given)


@dataclass(frozen=True)
class Certainty:
    """See `certainty`."""

    needs: ClassVar = ("predict_proba", "decision_function")

    label: Any

    @property
    def __name__(self) -> str:
        return f"certainty({short_repr(self.label)})"

    def __call__(self, view: PoolView) -> FloatArray:
        """Return the score of the class for each candidate: its probability, or its decision value."""
        declared = np.asarray(view.classes).tolist()
        if self.label not in declared:
            raise ValueError(f"the class sought is {self.label!r}; expected one of {declared}.")
        if view.source_proba is not None or hasattr(view.learner, "predict_proba"):
            return np.asarray(view.proba[:, declared.index(self.label)], np.float64)
        known = np.asarray(classes_of(view.learner)).tolist()
        if self.label not in known:
            return np.zeros(len(view.candidates))
        decision = np.asarray(view.decision, np.float64)
        if decision.ndim > 1:
            return decision[:, known.index(self.label)]
        return decision if known.index(self.label) else -decision


@dataclass(frozen=True, eq=False)
class Like:
    """See `like`."""

    __name__: ClassVar = "like"

    examples: Any

    def __call__(self, view: PoolView) -> FloatArray:
        """Return the likeness of each candidate to the example that it is most like."""
        similarity: FloatArray = view.features.known(self, lambda: _similarity(view.X, self.examples))
        return similarity[view.candidates]


@quiet
def _similarity(X: Any, examples: Any) -> FloatArray:
    numbers = pool_of(X).numbers()
    if numbers is None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectorizer = TfidfVectorizer(sublinear_tf=True)
        texts = vectorizer.fit_transform(map(str, whole(X)))
        similar = dense(texts @ vectorizer.transform(map(str, examples)).T)
        return np.asarray(similar.max(axis=1), np.float64)
    points, wanted = np.asarray(dense(numbers), np.float64), np.atleast_2d(np.asarray(examples, np.float64))
    if wanted.shape[1:] != points.shape[1:]:
        raise ValueError(f"examples has shape {wanted.shape}; expected rows of {points.shape[1]} numbers, as X has.")
    spread = np.nanstd(points, axis=0)
    far = [np.linalg.norm((points - example) / np.where(spread > 0, spread, 1), axis=1) for example in wanted]
    nearest: FloatArray = np.min(far, axis=0)
    return -nearest
