"""Average precision of a class as a scorer, whatever the classes are called and however many there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from sklearn.metrics import average_precision_score

from alwidgets.types import FloatArray

#: Random questions of the class that it is measured from: the interval of one or two rarely holds the truth.
FEWEST_OF_CLASS = 5


@dataclass(frozen=True)
class AveragePrecision:
    """Score how early the samples of a class come when all are ranked by how probably they are of it.

    Parameters
    ----------
    label : str, int, float or bool
        The class.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> X, y = np.array([[0.0], [1.0], [5.0], [6.0]]), np.array(["ham", "ham", "spam", "spam"])
    >>> AveragePrecision("spam")(GaussianNB().fit(X, y), X, y)
    1.0
    """

    # As scikit-learn's scorers have it: predictions are enough, and it is defined with several classes only.
    _score_func: ClassVar = staticmethod(average_precision_score)

    label: Any

    def lacking(self, y: Any) -> str:
        """Say when it will be measured, where random questions met too few of the class; empty if enough."""
        n = int(np.count_nonzero(np.asarray(y) == self.label))
        if n >= FEWEST_OF_CLASS:
            return ""
        return f"{{}} is measured from {FEWEST_OF_CLASS} random questions of {self.label!r} on; {n} met so far"

    def __call__(self, estimator: Any, X: Any, y: Any, sample_weight: FloatArray | None = None) -> float:
        """Return the average precision of a fitted estimator; NaN where no sample is of the class."""
        known = np.asarray(estimator.classes_).tolist()
        if self.label not in known:
            return np.nan
        place = known.index(self.label)
        if hasattr(estimator, "predict_proba"):
            score = np.asarray(estimator.predict_proba(X))[:, place]
        else:
            decision = np.asarray(estimator.decision_function(X))
            score = decision[:, place] if decision.ndim > 1 else (decision if place else -decision)
        of_class = np.asarray(y) == self.label
        if not of_class.any():
            return np.nan
        return float(average_precision_score(of_class, score, sample_weight=sample_weight))
