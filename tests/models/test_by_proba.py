"""Labels that are read off probabilities are those that the model predicts, or the model is asked itself."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from alwidgets.models.by_proba import labels_by_proba
from alwidgets.models.modal import ActiveLearner
from alwidgets.models.saved import LoadedModel
from alwidgets.service.models import predicted

FOLLOWING = [
    LogisticRegression(), LogisticRegression(C=1e6, max_iter=5000), GaussianNB(), MultinomialNB(),
    RandomForestClassifier(7, random_state=0), ExtraTreesClassifier(7, random_state=0),
    make_pipeline(StandardScaler(), LogisticRegression()),
]  # fmt: skip


def loaded(estimator, classes):
    return LoadedModel(ActiveLearner(estimator), tuple(classes), False, 1, "x", "y", {})


@pytest.mark.parametrize("classes", [["left", "right"], [3, 1, 2], [False, True], ["a", "b", "c", "unknown"]], ids=str)
@pytest.mark.parametrize("estimator", FOLLOWING, ids=lambda estimator: type(estimator).__name__)
def test_labels_that_follow_are_those_that_are_predicted(estimator, classes):
    rng = np.random.default_rng(0)
    X, seen = rng.integers(0, 4, (300, 3)).astype(float), [each for each in classes if each != "unknown"]
    y = np.array(seen)[(X.sum(axis=1) + rng.integers(0, 3, 300)).astype(int) % len(seen)]
    model = loaded(clone(estimator).fit(X[:100], y[:100]), classes)
    n_followed = 0
    for row in X[100:160]:
        proba = model.predict_proba(row[None])
        found, expected = labels_by_proba(model.learner, model.classes, proba), model.predict_labels(row[None])
        if found is not None:
            n_followed += 1
            assert found == expected
            assert type(found[0]) is type(expected[0])
    assert n_followed > 20
    both = predicted(_Has(model), X.tolist())
    assert both.labels == model.predict_labels(X)
    assert both.probabilities.tolist() == model.predict_proba(X).tolist()


class _Has:
    columns = None

    def __init__(self, model):
        self._model = model

    def current(self):
        return self._model


def test_two_classes_that_are_almost_as_probable_are_told_by_the_model():
    X = np.array([[-1.0], [1.0], [-1.0], [1.0]])
    model = loaded(LogisticRegression(fit_intercept=False).fit(X, [0, 1, 0, 1]), [0, 1])
    at = np.array([[1e-12], [-1e-12], [0.0]])
    assert model.predict_proba(at) == pytest.approx(0.5)
    assert labels_by_proba(model.learner, model.classes, model.predict_proba(at)) is None
    assert predicted(_Has(model), at.tolist()).labels == model.predict_labels(at) == [1, 0, 0]


class Contrary(LogisticRegression):
    """An estimator that predicts what it holds least probable."""

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmin(axis=1)]


class ContraryLearner(ActiveLearner):
    """A learner that does."""


@pytest.mark.parametrize(
    "estimator", [Contrary(), SVC(probability=True, random_state=0), KNeighborsClassifier(3)], ids=str
)
@pytest.mark.filterwarnings("ignore:The `probability` parameter")
def test_of_others_nothing_follows(estimator):
    X = np.random.default_rng(0).normal(size=(40, 2))
    model = loaded(estimator.fit(X, (X[:, 0] > 0).astype(int)), [0, 1])
    assert labels_by_proba(model.learner, model.classes, model.predict_proba(X)) is None
    assert predicted(_Has(model), X.tolist()).labels == model.predict_labels(X)


def test_of_a_learner_of_ones_own_nothing_follows():
    X = np.random.default_rng(0).normal(size=(40, 2))
    learner = ContraryLearner(LogisticRegression().fit(X, (X[:, 0] > 0).astype(int)))
    assert labels_by_proba(learner, [0, 1], learner.predict_proba(X)) is None


def test_several_labels_a_sample_do_not_follow():
    X = np.random.default_rng(0).normal(size=(40, 2))
    learner = ActiveLearner(RandomForestClassifier(5, random_state=0), X_training=X, y_training=(X > 0).astype(int))
    model = LoadedModel(learner, ("a", "b"), True, 1, "x", "y", {})
    assert predicted(_Has(model), X[:5].tolist()).labels == model.predict_labels(X[:5])
