"""The short way from a linear model to its most uncertain rows gives what the long way gives."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from alwidgets.models.modal import ActiveLearner, Committee
from alwidgets.models.softmax import softmax_weights
from alwidgets.strategies import NAMED, PoolView
from alwidgets.strategies.choose import choose

N = 400
X = np.random.default_rng(0).normal(size=(N, 5))
LATENT = X @ np.random.default_rng(1).normal(size=(5, 6)) + np.random.default_rng(2).normal(size=(N, 6))
UNCERTAIN = ["margin", "entropy", "least_confidence", "ratio"]


def labels(n_classes):
    return LATENT[:, :n_classes].argmax(axis=1)


class Cautious(LogisticRegression):
    """Predicts otherwise than the class it derives from."""

    def predict_proba(self, X):
        proba = super().predict_proba(X)
        return np.roll(proba, 1, axis=0)


def view_of(model, pool, n_classes, classes=None):
    labeled = np.arange(60)
    learner = ActiveLearner(model, X_training=X[labeled], y_training=labels(n_classes)[labeled])
    declared = np.arange(n_classes) if classes is None else classes
    return PoolView(
        pool, np.arange(60, N), labeled, labels(n_classes)[:60], declared, learner, np.random.default_rng(0)
    )


def expected(view, name, n):
    """The n most uncertain rows by what the model itself says, and their utilities."""
    utility = NAMED[name].rule(view)
    best = np.argsort(-utility, kind="stable")[:n]
    return view.candidates[best], utility[best]


TAKEN = {
    "two classes": (LogisticRegression(), 2),
    "three classes": (LogisticRegression(), 3),
    "six classes": (LogisticRegression(C=100), 6),
    "newton": (LogisticRegression(solver="newton-cg"), 3),
    "saga without penalty": (LogisticRegression(C=np.inf, max_iter=1000), 3),
    "liblinear with two classes": (LogisticRegression(solver="liblinear"), 2),
    "no intercept": (LogisticRegression(fit_intercept=False), 2),
    "class weights": (LogisticRegression(class_weight="balanced"), 3),
}


@pytest.fixture(params=["float64", "float32", "memmap", "Fortran", "every other column"])
def pool(request, tmp_path):
    """The same numbers, held in different ways."""
    if request.param == "memmap":
        np.save(tmp_path / "X.npy", X.astype(np.float32))
        return np.load(tmp_path / "X.npy", mmap_mode="r")
    if request.param == "every other column":
        return np.repeat(X, 2, axis=1)[:, ::2]
    return np.asfortranarray(X) if request.param == "Fortran" else X.astype(request.param)


@pytest.mark.parametrize("name", UNCERTAIN)
@pytest.mark.parametrize("kind", TAKEN)
def test_the_short_way_asks_what_the_model_itself_would(kind, name, pool):
    model, n_classes = TAKEN[kind]
    view = view_of(model, pool, n_classes)
    assert softmax_weights(view.learner, pool, view.classes) is not None
    choice = choose(NAMED[name], view, 25)
    rows, utility = expected(view, name, 25)
    np.testing.assert_array_equal(choice.rows, rows)
    np.testing.assert_allclose(choice.utility, utility, atol=1e-9)


@pytest.mark.parametrize("name", UNCERTAIN)
def test_candidates_that_are_few_are_asked_the_same_way(name):
    view = view_of(LogisticRegression(), X, 3)
    few = replace(view, candidates=view.candidates[::7])
    np.testing.assert_array_equal(choose(NAMED[name], few, 9).rows, expected(few, name, 9)[0])


@pytest.mark.parametrize("name", UNCERTAIN)
def test_rows_that_tie_are_all_found(name):
    pool = np.tile(X[:20], (20, 1))
    view = view_of(LogisticRegression(), pool, 2)
    choice = choose(NAMED[name], view, 34)
    np.testing.assert_allclose(choice.utility, expected(view, name, 34)[1], atol=1e-12)
    assert len(set(map(bytes, pool[choice.rows]))) == 2


NOT_TAKEN = {
    "derived class": (Cautious(), X, 3),
    "one against rest": (OneVsRestClassifier(LogisticRegression(solver="liblinear")), X, 3),
    "calibrated": (CalibratedClassifierCV(LogisticRegression(), cv=2), X, 3),
    "frozen": (FrozenEstimator(LogisticRegression().fit(X, labels(3))), X, 3),
    "other linear model": (SGDClassifier(loss="log_loss", random_state=0), X, 3),
    "Pipeline": (make_pipeline(StandardScaler(), LogisticRegression()), X, 3),
    "integers": (LogisticRegression(), (X * 100).astype(int), 3),
    "sparse": (LogisticRegression(), csr_matrix(X), 3),
    "DataFrame": (LogisticRegression(), pd.DataFrame(X), 3),
}


@pytest.mark.parametrize("kind", NOT_TAKEN)
# The model was fitted on an array.
@pytest.mark.filterwarnings("ignore:X has feature names")
def test_any_other_model_or_pool_is_asked_itself(kind):
    model, pool, n_classes = NOT_TAKEN[kind]
    view = view_of(model, pool, n_classes)
    assert softmax_weights(view.learner, pool, view.classes) is None
    np.testing.assert_array_equal(choose(NAMED["margin"], view, 10).rows, expected(view, "margin", 10)[0])


@pytest.mark.parametrize("classes", [np.arange(4), np.array([2, 1, 0]), np.array([0, 5, 1, 2])], ids=str)
def test_a_class_that_is_unseen_or_in_another_place_is_asked_of_the_model(classes):
    view = view_of(LogisticRegression(), X, 3, classes)
    assert softmax_weights(view.learner, X, classes) is None
    for name in UNCERTAIN:
        np.testing.assert_array_equal(choose(NAMED[name], view, 10).rows, expected(view, name, 10)[0])


@pytest.mark.parametrize("wrap", [lambda model: CalibratedClassifierCV(model, cv=2), OneVsRestClassifier])
def test_a_model_that_wraps_another_is_asked_itself_also_without_a_modal_learner(wrap):
    view = view_of(LogisticRegression(), X, 3)
    view = replace(view, learner=wrap(LogisticRegression()).fit(X[:60], labels(3)[:60]))
    for name in ("margin", "expected_error"):
        assert len(choose(NAMED[name], replace(view, candidates=np.arange(60, 64)), 2).rows) == 2
    np.testing.assert_array_equal(choose(NAMED["margin"], view, 10).rows, expected(view, "margin", 10)[0])


def test_a_committee_of_linear_models_is_asked_as_a_committee():
    view = view_of(LogisticRegression(), X, 3)
    other = ActiveLearner(LogisticRegression(C=0.01), X_training=X[:60], y_training=labels(3)[:60])
    committee = Committee([view.learner, other])
    view = replace(view, learner=committee)
    assert softmax_weights(committee, X, view.classes) is None
    np.testing.assert_array_equal(choose(NAMED["entropy"], view, 10).rows, expected(view, "entropy", 10)[0])


def test_borrowed_probabilities_come_before_the_weights():
    view = view_of(LogisticRegression(), X, 2)
    source = np.full((N, 2), [0.9, 0.1])
    source[70] = 0.5
    assert choose(NAMED["entropy"], replace(view, source_proba=source), 1).rows.tolist() == [70]


def test_a_model_gone_to_infinity_is_refused_with_the_row():
    view = view_of(LogisticRegression(), X, 3)
    view.learner.estimator.coef_[:] = np.nan
    with pytest.raises(ValueError, match="X row 60 gives no finite decision"):
        choose(NAMED["margin"], view, 5)
