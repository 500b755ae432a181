import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from alwidgets.scores import accuracy, accuracy_interval, cross_validated


@pytest.mark.parametrize("n", [1, 7, 40, 1000])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_the_interval_is_scipys_exact_one(n, confidence):
    for k in {0, 1, n // 3, n - 1, n}:
        exact = binomtest(k, n).proportion_ci(confidence, method="exact")
        assert accuracy_interval(k, n, confidence=confidence) == pytest.approx((exact.low, exact.high), abs=1e-12)


def test_accuracy_counts_what_is_right_and_is_nan_on_nothing(blobs):
    X, y = blobs
    learner = LogisticRegression().fit(X[:20], y[:20])
    score = accuracy(learner, X[20:], y[20:], "held out")
    assert score.value == pytest.approx(learner.score(X[20:], y[20:]))
    assert (score.low, score.high) == accuracy_interval(round(score.value * 100), 100)
    nothing = accuracy(learner, X[:0], y[:0], "audit")
    assert (nothing.kind, nothing.n) == ("audit", 0)
    assert np.isnan([nothing.value, nothing.low, nothing.high]).all()


def test_cross_validation_is_scikit_learns_on_stratified_folds(blobs):
    X, y = blobs
    folds = StratifiedKFold(5, shuffle=True, random_state=3)
    expected = cross_val_score(LogisticRegression(), X, y, cv=folds).mean()
    score = cross_validated(LogisticRegression(), X, y, seed=3)
    assert (score.value, score.kind, score.n) == (pytest.approx(expected), "cross-validated", 120)


def test_a_class_with_one_label_leaves_nothing_to_cross_validate(blobs):
    X, y = blobs
    rows = np.r_[np.flatnonzero(y == "left")[:5], np.flatnonzero(y == "right")[:1]]
    assert np.isnan(cross_validated(LogisticRegression(), X[rows], y[rows], seed=0).value)


def test_a_model_that_fails_on_the_smaller_folds_opens_its_round_all_the_same(make_session, blobs):
    session = make_session(learner=KNeighborsClassifier(4), test=None, audit=0, batch_size=4).run(blobs[1], 4)
    assert session.progress.error == ""
    assert session.history["score"].isna().tolist() == [True]
