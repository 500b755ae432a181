"""Labels that follow from probabilities: of estimators that predict the class of which they are most certain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from alwidgets.models.modal import ActiveLearner
from alwidgets.types import Class, FloatArray, Label

# Below it two classes may be as near to each other as the numbers are exact, and the estimator is asked itself.
_LEAST_GAP = 1e-6
# Their subclasses may predict otherwise.
_ESTIMATORS: Final = frozenset({
    "sklearn.ensemble._forest.ExtraTreesClassifier", "sklearn.ensemble._forest.RandomForestClassifier",
    "sklearn.linear_model._logistic.LogisticRegression", "sklearn.naive_bayes.GaussianNB",
    "sklearn.naive_bayes.MultinomialNB",
})  # fmt: skip
_PIPELINE: Final = "sklearn.pipeline.Pipeline"


def labels_by_proba(learner: Any, classes: Sequence[Class], proba: FloatArray) -> list[Label] | None:
    """Return the labels that a model predicts of samples whose probabilities it has told, without asking it again.

    Parameters
    ----------
    learner : ActiveLearner or Committee
        The model, of one class a sample.
    classes : sequence of str, int, float or bool
        All classes, those that the model does not know among them.
    proba : ndarray of shape (n_samples, n_classes)
        Its probabilities, a column for each of them.

    Returns
    -------
    labels : list of str, int, float or bool, or None
        As the model predicts them; None where it is not known that they follow, or two classes are almost as probable.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> model = ActiveLearner(GaussianNB().fit([[0.0], [0.1], [9.0], [9.1]], ["a", "a", "b", "b"]))
    >>> labels_by_proba(model, ["a", "b"], model.predict_proba([[0.0], [9.0]]))
    ['a', 'b']
    """
    # A learner of the user's own may predict otherwise.
    last: Any = _last(learner.estimator) if type(learner) is ActiveLearner else None
    if _name(last) not in _ESTIMATORS:
        return None
    known = np.asarray(last.classes_).tolist()
    of_known = proba[:, [list(classes).index(label) for label in known]]
    if len(known) > 1:
        two = np.partition(of_known, -2, axis=1)[:, -2:]
        if not (two[:, 1] - two[:, 0] > _LEAST_GAP).all():
            return None
    return [known[place] for place in of_known.argmax(axis=1).tolist()]


def _last(estimator: Any) -> Any:
    return estimator.steps[-1][1] if _name(estimator) == _PIPELINE else estimator


def _name(value: Any) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"
