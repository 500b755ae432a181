"""The session's model as a classifier of other libraries, which show it features where it wants samples.

Every point that such a library shows is looked up in the pool: the model sees the sample behind it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone

from alwidgets.strategies.pool_view import PoolView
from alwidgets.types import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class PoolSamples:
    """The candidates and, behind them, what is labeled: as points, and as what the model sees.

    Parameters
    ----------
    view : PoolView
        The pool, and the model.
    """

    view: PoolView

    def __deepcopy__(self, memo: Any) -> PoolSamples:
        # Other libraries copy classifiers freely; the pool stays one.
        return self

    @cached_property
    def points(self) -> FloatArray:
        """Features, float64, an array that belongs to whoever asked for it."""
        return np.array(self.view.features.at(self._rows), np.float64, order="C")

    @cached_property
    def codes(self) -> IntArray:
        """Positions in ``view.classes`` of the labels."""
        code_of = {label: code for code, label in enumerate(np.asarray(self.view.classes).tolist())}
        return np.array([code_of[label] for label in np.asarray(self.view.labels).tolist()], np.intp)

    def seen_by(self, learner: Any) -> PoolSamples:
        """Return the same samples with another model."""
        return PoolSamples(replace(self.view, learner=learner, embedding=self.view.features))

    def rows(self, points: Any) -> IntArray:
        """Return the row numbers in the pool behind points; where several samples are one point, the first.

        Raises
        ------
        ValueError
            If a point is not a sample.
        """
        keys = [point.tobytes() for point in np.asarray(points, np.float64)]
        unknown = next((i for i, key in enumerate(keys) if key not in self._row_of), None)
        if unknown is not None:
            raise ValueError(
                f"the strategy asks the model about point {unknown} of {len(keys)}, which is not a sample of the pool; "
                "expected one that only asks about samples. Use another strategy."
            )
        return np.array([self._row_of[key] for key in keys], np.intp)

    def proba(self, points: Any) -> FloatArray:
        """Return the model's class probabilities, columns as in ``view.classes``."""
        return self.view.proba_of(self.rows(points))

    def labeled(self, points: Any, codes: Any) -> bool:
        """Return whether these are the labeled samples with their labels, which the model has learned."""
        first = len(self.view.candidates)
        return np.array_equal(points, self.points[first:]) and np.array_equal(codes, self.codes)

    @cached_property
    def _rows(self) -> IntArray:
        return np.concatenate([self.view.candidates, self.view.labeled])

    @cached_property
    def _row_of(self) -> dict[bytes, int]:
        # Backward, so that the first of several stays.
        return {self.points[i].tobytes(): int(self._rows[i]) for i in range(len(self._rows) - 1, -1, -1)}


class PoolClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A scikit-learn classifier of points that is the session's model, or a new one like it.

    Parameters
    ----------
    samples : PoolSamples
        Where points are looked up.
    """

    def __init__(self, samples: PoolSamples) -> None:
        self.samples = samples

    def fit(self, X: Any, y: Any, sample_weight: None = None) -> PoolClassifier:  # noqa: ARG002 - theirs
        """Take the session's model where it would learn what that has learned; else fit another."""
        if self.samples.labeled(X, y):
            self.classes_ = np.arange(len(self.samples.view.classes))
            self._refitted = None
            return self
        learner = self.samples.view.learner
        # Of a committee, another model like its first member.
        learner = getattr(learner, "learner_list", [learner])[0]
        X_seen = self.samples.view.take(self.samples.rows(X))
        self._refitted = clone(getattr(learner, "estimator", learner)).fit(X_seen, np.asarray(y, np.intp))
        self.classes_ = self._refitted.classes_
        return self

    def predict_proba(self, X: Any) -> FloatArray:
        """Return class probabilities, columns as in `classes_`."""
        if self._refitted is None:
            return self.samples.proba(X)
        proba: FloatArray = self._refitted.predict_proba(self.samples.view.take(self.samples.rows(X)))
        return proba

    def predict(self, X: Any) -> IntArray:
        """Return the most probable class."""
        codes: IntArray = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return codes


def skactiveml_model(parameter: str, samples: PoolSamples) -> Any:
    """Return the session's model as what this parameter of scikit-activeml's `query` takes, fitted."""
    if parameter == "ensemble":
        members = [samples.seen_by(member) for member in samples.view.learner.learner_list]
        return [_skactiveml_classifier(each) for each in members]
    return _skactiveml_classifier(samples)


def _skactiveml_classifier(samples: PoolSamples) -> Any:
    from skactiveml.classifier import SklearnClassifier

    made = SklearnClassifier(PoolClassifier(samples), classes=np.arange(len(samples.view.classes)))
    return made.fit(samples.points[len(samples.view.candidates) :], samples.codes.astype(float))


@dataclass(frozen=True)
class SmallTextClassifier:
    """The session's model as a classifier of small-text.

    Parameters
    ----------
    samples : PoolSamples
        Where points are looked up.
    """

    samples: PoolSamples

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.samples.view.classes)

    def predict_proba(self, dataset: Any) -> FloatArray:
        """Return class probabilities, a column a class."""
        return self.samples.proba(dataset.x)

    def embed(self, dataset: Any, return_proba: bool = False, pbar: Any = None) -> Any:  # noqa: ARG002 - theirs
        """Return the features, and the class probabilities when they are wanted."""
        return (dataset.x, self.predict_proba(dataset)) if return_proba else dataset.x


def small_text_dataset(samples: PoolSamples) -> Any:
    """Return the samples as a data set of small-text; what has no label says so."""
    from small_text import LABEL_UNLABELED, SklearnDataset

    y = np.append(np.full(len(samples.view.candidates), LABEL_UNLABELED), samples.codes)
    return SklearnDataset(samples.points, y, target_labels=np.arange(len(samples.view.classes)))
