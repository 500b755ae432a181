"""Classifiers by name, to try one without importing its class."""

from __future__ import annotations

from typing import Any

from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from alwidgets.utils.text import short_repr


class AtMostNeighbors(KNeighborsClassifier):  # type: ignore[misc]  # scikit-learn has no types
    """k-nearest neighbors that also works with fewer samples than k."""

    def kneighbors(self, X: Any = None, n_neighbors: int | None = None, return_distance: bool = True) -> Any:
        """Return the neighbors of each sample, as many as there are."""
        n_known = self.n_samples_fit_ - (X is None)
        return super().kneighbors(X, min(n_neighbors or self.n_neighbors, n_known), return_distance)


#: Name -> classifier.
LEARNERS: dict[str, Any] = {
    "logistic regression": LogisticRegression(max_iter=1000),
    "SVC rbf": SVC(C=10, break_ties=True),
    "k-NN": AtMostNeighbors(5, weights="distance"),
    "forest": RandomForestClassifier(20),
}


def learner_of(learner: Any) -> Any:
    """Return the classifier behind a name, or the one given.

    Raises
    ------
    ValueError
        If there is no such name.

    Examples
    --------
    >>> learner_of("k-NN")
    AtMostNeighbors(weights='distance')
    """
    if isinstance(learner, str) and learner not in LEARNERS:
        raise ValueError(f"learner is {short_repr(learner)}; expected one of {list(LEARNERS)}, or a classifier.")
    return LEARNERS[learner] if isinstance(learner, str) else learner
