"""A model is asked once for each sample, whoever wants to know: questions, criteria, and what was answered since."""

from dataclasses import asdict, replace
from typing import ClassVar

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, NuSVC

from alwidgets.data.labels import LabelEncoding
from alwidgets.loop import stop_set
from alwidgets.loop.stop_set import predict_stop_set
from alwidgets.strategies import PoolView, pool_view
from tests.conftest import on_trial

CLASSES = np.array(["left", "right"])


def view_of(model, X, rows, labels=CLASSES):
    return PoolView(X, np.asarray(rows), np.arange(0), labels[:0], CLASSES, model, np.random.default_rng(0))


class Counting(GaussianNB):
    """Keeps the rows that it was asked for since it was fitted."""

    asked: ClassVar = []

    def fit(self, X, y):
        if not on_trial():
            self.asked.append([])
        return super().fit(X, y)

    def predict_proba(self, X):
        if not on_trial():
            self.asked[-1].append(X.tobytes())
        return super().predict_proba(X)


@pytest.mark.parametrize("n_labels", [16, 100])
def test_questions_and_criteria_ask_a_model_once_for_each_sample(make_session, blobs, n_labels):
    X, y = blobs
    Counting.asked.clear()
    make_session(learner=Counting(), stop="stabilizing_predictions", test=None, audit=0).run(y, n_labels)
    width = X[0].nbytes
    for asked in Counting.asked[1:-1]:
        # The model before is asked for the batch that was answered since, and the folds of the score are others.
        of_pool = [content for content in asked if len(content) > 10 * width]
        rows = [content[i : i + width] for content in of_pool for i in range(0, len(content), width)]
        assert len(rows) == len(set(rows)), len(of_pool)


def test_views_of_other_candidates_share_what_was_said_and_those_of_another_model_or_pool_do_not(blobs):
    X, y = blobs
    model, other = (GaussianNB(var_smoothing=smoothing).fit(X, y) for smoothing in (1e-9, 1.0))
    expected = model.predict_proba(X)
    for first in (range(120), range(40), [*range(120), 7, 3], range(119, -1, -1)):
        view = view_of(model, X, first)
        assert np.array_equal(view.proba, expected[list(first)])
        for rows in ([5, 3, 3, 119], range(60, 90), range(120), range(119, -1, -1), [*range(120), 7, 3]):
            part = view.with_candidates(np.asarray(rows))
            assert np.array_equal(part.proba, expected[list(rows)])
        assert np.array_equal(replace(view, learner=other).proba, other.predict_proba(X)[list(first)])
        assert np.array_equal(replace(view, X=2 * X).proba, model.predict_proba(2 * X)[list(first)])


def test_what_is_too_large_is_not_kept(blobs, monkeypatch):
    X, y = blobs
    monkeypatch.setattr(pool_view, "_MOST_KEPT", 0)
    model = GaussianNB().fit(X, y)
    view = view_of(model, X, range(120))
    assert np.array_equal(view.proba, model.predict_proba(X))
    assert np.array_equal(view.with_candidates(np.arange(3)).proba, model.predict_proba(X)[:3])


@pytest.mark.parametrize(
    "model",
    [SVC(), SVC(kernel="linear"), SVC(class_weight="balanced"), NuSVC(nu=0.2), make_pipeline(StandardScaler(), SVC())],
    ids=str,
)
def test_a_kernel_machine_predicts_by_the_sign_of_its_decision(blobs, model):
    X, y = blobs
    model.fit(X, y)
    seen = predict_stop_set(view_of(model, X, range(120)), np.arange(120), LabelEncoding(CLASSES))
    assert np.array_equal(CLASSES[seen.codes], model.predict(X))
    assert stop_set._predicts_by_sign(model)


def test_on_the_border_it_predicts_the_second_class():
    X = np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, 0.0], [0.0, 3.0]])
    model = SVC(kernel="linear").fit(X[:2], CLASSES)
    assert not np.any(model.decision_function(X[2:]))
    seen = predict_stop_set(view_of(model, X, range(4)), np.arange(4), LabelEncoding(CLASSES))
    assert CLASSES[seen.codes].tolist() == model.predict(X).tolist() == ["left", "right", "right", "right"]


class Contrary(SVC):
    """A kernel machine that predicts otherwise than by the sign."""

    def predict(self, X):
        return CLASSES[1 - np.searchsorted(CLASSES, super().predict(X))]


def test_one_that_was_made_of_it_is_asked(blobs):
    X, y = blobs
    model = Contrary().fit(X, y)
    seen = predict_stop_set(view_of(model, X, range(120)), np.arange(120), LabelEncoding(CLASSES))
    assert np.array_equal(CLASSES[seen.codes], model.predict(X))


class Same(SVC):
    """No other machine, and not known to be none."""


def test_what_is_known_of_answers_is_what_the_model_before_says_when_it_is_asked(make_session, blobs, monkeypatch):
    y = blobs[1]

    def told():
        session = make_session(learner=Same(), stop="stabilizing_predictions").run(y, 40)
        return repr([asdict(made.signals) for made in session.rounds]), [
            made.signals.n_answered for made in session.rounds
        ]

    known, counts = told()
    assert sum(counts) > 20
    monkeypatch.setattr(stop_set, "_answered", lambda job, view: predict_stop_set(
        replace(view, learner=job.learner), job.answered, job.targets))  # fmt: skip
    assert told()[0] == known
