"""modAL on today's scikit-learn, NumPy and pandas: what fails or errs with its own classes works with ours."""

import copy
import os
import pickle
import random
import subprocess
import sys
import threading
import warnings
from functools import partial
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from modAL.batch import uncertainty_batch_sampling
from modAL.disagreement import consensus_entropy_sampling, max_disagreement_sampling, vote_entropy_sampling
from modAL.models import ActiveLearner as TheirLearner
from modAL.models import BayesianOptimizer, CommitteeRegressor
from modAL.models import Committee as TheirCommittee
from modAL.uncertainty import entropy_sampling, margin_sampling, uncertainty_sampling
from scipy.sparse import csr_array, csr_matrix
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin, clone, is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.ensemble import (
    BaggingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.validation import check_is_fitted

import alwidgets as alw
from alwidgets.data.pool import as_samples, stack, take
from alwidgets.loop.plan import model_spec
from alwidgets.models.encoded import Encoded
from alwidgets.models.modal import ActiveLearner, Committee
from alwidgets.models.presets import LEARNERS
from alwidgets.session.session import Session
from alwidgets.strategies import NAMED, PoolView
from alwidgets.strategies.as_modal import AsModal, OwnStrategy
from alwidgets.strategies.choose import choose
from tests.conftest import on_trial

IRIS, CODES = load_iris(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "virginica"])[CODES]
SEED = np.r_[0:3, 50:53, 100:103]
FRAME = pd.DataFrame(IRIS, columns=["sl", "sw", "pl", "pw"])
NUMBERED = pd.DataFrame(IRIS)
TEXTS = [f"{word} {i % 7}" for i, word in enumerate(["cheap prize", "lunch meeting", "red car"] * 10)]
TEXT_LABELS = np.array(["spam", "work", "ad"] * 10)


def taught(estimator=None, X=IRIS, y=NAMES, rows=SEED, **given):
    return ActiveLearner(estimator or GaussianNB(), X_training=take(X, rows), y_training=y[rows], **given)


def committee(*estimators, X=IRIS, y=NAMES, **given):
    estimators = estimators or (GaussianNB(), KNeighborsClassifier(3), DecisionTreeClassifier(random_state=0))
    return Committee([taught(estimator, X, y) for estimator in estimators], **given)


# What teaches -----------------------------------------------------------------------------------------------------


FORMS = {
    "array": IRIS,
    "csr_matrix": csr_matrix(IRIS),
    "csr_array": csr_array(IRIS),
    "DataFrame": FRAME,
    "integer columns": NUMBERED,
    "odd index": FRAME.set_axis(np.arange(150) % 7),
}


@pytest.mark.parametrize("X", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("as_y", [np.asarray, pd.Series, list], ids=["array", "Series", "list"])
def test_teach_adds_to_the_labeled_set_and_refits(X, as_y):
    estimator = KNeighborsClassifier(3)
    learner = ActiveLearner(estimator)
    for rows in (SEED, np.array([60, 110]), np.array([10])):
        learner.teach(take(X, rows), as_y(NAMES[rows]))
    rows = np.r_[SEED, 60, 110, 10]
    assert learner.X_training.shape == (12, 4)
    assert learner.y_training.tolist() == NAMES[rows].tolist()
    expected = KNeighborsClassifier(3).fit(IRIS[rows], NAMES[rows]).predict(IRIS)
    np.testing.assert_array_equal(learner.predict(X), expected)
    assert learner.score(X, NAMES) == np.mean(expected == NAMES)
    assert learner.estimator is estimator


def test_teach_adds_texts():
    learner = ActiveLearner(make_pipeline(TfidfVectorizer(), LogisticRegression()))
    learner.teach(TEXTS[:6], TEXT_LABELS[:6])
    learner.teach(TEXTS[6:9], list(TEXT_LABELS[6:9]))
    learner.teach(TEXTS[9], TEXT_LABELS[9])
    assert learner.X_training == TEXTS[:10]
    assert learner.score(TEXTS, TEXT_LABELS) == 1


ONE = {
    "array": (IRIS[3], IRIS[[3]]),
    "list": (IRIS[3].tolist(), IRIS[[3]]),
    "row of one": (IRIS[[3]], IRIS[[3]]),
    "csr_matrix": (csr_matrix(IRIS)[3], IRIS[[3]]),
    "csr_array": (csr_array(IRIS)[3], IRIS[[3]]),
    "Series": (FRAME.iloc[3], FRAME.iloc[[3]]),
}


@pytest.mark.parametrize(("one", "row"), ONE.values(), ids=ONE)
def test_teach_takes_one_sample_with_one_label(one, row):
    X = FRAME if isinstance(row, pd.DataFrame) else csr_matrix(IRIS) if hasattr(one, "toarray") else IRIS
    learner = taught(KNeighborsClassifier(), X=X)
    learner.teach(one, NAMES[3])
    added = take(learner.X_training, np.array([9]))
    np.testing.assert_array_equal(added.toarray() if hasattr(added, "toarray") else added, row)
    assert learner.y_training[9] == NAMES[3]


@pytest.mark.parametrize("one", ["cheap prize", ["cheap prize"], np.array(["cheap prize"], object)], ids=repr)
def test_teach_takes_one_text_with_one_label(one):
    learner = ActiveLearner(
        make_pipeline(TfidfVectorizer(), LogisticRegression()), X_training=TEXTS, y_training=TEXT_LABELS
    )
    learner.teach(one, "ad")
    assert learner.X_training[30:] == ["cheap prize"]


def test_fit_forgets_what_was_taught():
    learner = taught()
    assert learner.fit(IRIS[40:60], NAMES[40:60]) is learner
    assert learner.X_training.shape == (20, 4)
    assert learner.classes_.tolist() == ["setosa", "versicolor"]


def test_only_new_fits_the_new_samples_alone_and_keeps_none_of_them():
    learner, both = taught(), committee()
    for each in (learner, both):
        each.teach(IRIS[40:60], NAMES[40:60], only_new=True)
        assert each.classes_.tolist() == ["setosa", "versicolor"]
        assert each.X_training.shape == (9, 4)
        each.teach(IRIS[[60]], NAMES[[60]])
        assert each.X_training.shape == (10, 4)
        assert len(each.classes_) == 3


def test_a_label_longer_than_those_before_is_kept_whole():
    learner = taught(y=np.where(CODES > 0, "b", "a"))
    learner.teach(IRIS[[149]], np.array(["a long name"]))
    assert learner.classes_.tolist() == ["a", "a long name", "b"]


def test_keywords_of_fit_reach_the_estimator():
    weight = np.r_[np.zeros(3), np.ones(6)]
    learner = taught(sample_weight=weight)
    np.testing.assert_array_equal(learner.estimator.class_prior_[0], 0)


# All or nothing ---------------------------------------------------------------------------------------------------


def state(learner):
    members = getattr(learner, "learner_list", [learner])
    return [
        (len(each.y_training), each.X_training.shape, each.estimator.predict_proba(IRIS).tolist()) for each in members
    ]


class FailsFromTheTenth(GaussianNB):
    """A fit that fails halfway, once it has already replaced what it knew."""

    def fit(self, X, y):
        super().fit(X, y)
        if len(X) >= 10:
            self.theta_ = None
            raise RuntimeError("out of memory")
        return self


@pytest.mark.parametrize(
    "make",
    [
        lambda: taught(FailsFromTheTenth()),
        lambda: taught(make_pipeline(StandardScaler(), FailsFromTheTenth())),
        lambda: committee(GaussianNB(), KNeighborsClassifier(), FailsFromTheTenth()),
    ],
    ids=["learner", "Pipeline", "Committee"],
)
@pytest.mark.parametrize("how", ["teach", "fit", "only_new"])
def test_a_fit_that_fails_leaves_everything_as_it_was(make, how):
    learner = make()
    before = state(learner)
    X, y = IRIS[30:80], NAMES[30:80]
    with pytest.raises(RuntimeError, match="out of memory"):
        learner.fit(X, y) if how == "fit" else learner.teach(X, y, only_new=how == "only_new")
    assert state(learner) == before
    assert learner.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    assert learner.query(IRIS, n_instances=3)[0].shape == (3,)


def test_one_class_alone_is_refused_and_forgotten():
    learner = taught(LogisticRegression())
    before = state(learner)
    with pytest.raises(ValueError, match="at least 2 classes"):
        learner.fit(IRIS[:5], NAMES[:5])
    assert state(learner) == before


@pytest.mark.parametrize(
    ("X", "y", "cure"),
    [
        (IRIS[:3], NAMES[:2], "inconsistent numbers of samples"),
        (np.full((1, 4), np.nan), NAMES[:1], "contains NaN"),
        (IRIS[:2, :3], NAMES[:2], r"taught samples of shape \(4,\) but the new ones have \(3,\); expected the same"),
    ],
)
def test_samples_that_do_not_fit_are_refused_and_forgotten(X, y, cure):
    for learner in (taught(), committee()):
        before = state(learner)
        with pytest.raises(ValueError, match=cure):
            learner.teach(X, y)
        assert state(learner) == before


def test_missing_values_reach_an_estimator_that_accepts_them():
    """`force_all_finite` is a parameter of the learner, and no keyword of `fit`."""
    X = np.where(np.arange(600).reshape(150, 4) % 11 == 0, np.nan, IRIS)
    learner = taught(HistGradientBoostingClassifier(min_samples_leaf=1), X=X, force_all_finite=False)
    learner.teach(X[40:60], NAMES[40:60])
    assert learner.X_training.shape == (29, 4)


# What asks --------------------------------------------------------------------------------------------------------


BEST = {
    uncertainty_sampling: lambda proba: 1 - proba.max(axis=1),
    margin_sampling: lambda proba: np.sort(proba)[:, -2] - np.sort(proba)[:, -1],
    entropy_sampling: lambda proba: -(proba * np.log(np.maximum(proba, 1e-300))).sum(axis=1),
}


@pytest.mark.parametrize("n", [1, 2, 20, 120])
@pytest.mark.parametrize("tie_break", [False, True])
@pytest.mark.parametrize("strategy", BEST, ids=lambda strategy: strategy.__name__)
def test_modal_s_strategies_give_the_best_first(strategy, tie_break, n):
    for given in (strategy, partial(strategy, random_tie_break=tie_break)):
        learner = taught(query_strategy=given)
        tie = {} if isinstance(given, partial) else {"random_tie_break": tie_break}
        rows, samples = learner.query(IRIS, n_instances=n, **tie)
        utility = BEST[strategy](learner.predict_proba(IRIS))
        np.testing.assert_allclose(utility[rows], np.sort(utility)[::-1][:n], atol=1e-12)
        assert len(set(rows.tolist())) == n
        np.testing.assert_array_equal(samples, IRIS[rows])


@pytest.mark.parametrize("strategy", [vote_entropy_sampling, consensus_entropy_sampling, max_disagreement_sampling])
def test_a_committee_gives_the_best_first_with_its_metric(strategy):
    both = committee(query_strategy=strategy)
    rows, samples, metric = both.query(IRIS, n_instances=30, return_metrics=True)
    assert (np.diff(metric) <= 0).all()
    assert metric[0] > 0
    np.testing.assert_array_equal(samples, IRIS[rows])


@pytest.mark.parametrize("X", FORMS.values(), ids=FORMS)
def test_query_gives_rows_by_position_whatever_holds_them(X):
    expected = taught(KNeighborsClassifier(5)).query(IRIS, n_instances=6)[0]
    for learner in (
        taught(KNeighborsClassifier(5), X=X),
        committee(KNeighborsClassifier(5), X=X, query_strategy=uncertainty_sampling),
    ):
        rows, samples = learner.query(X, n_instances=6)
        np.testing.assert_array_equal(rows, expected)
        values = samples.toarray() if hasattr(samples, "toarray") else np.asarray(samples)
        np.testing.assert_array_equal(values, IRIS[expected])
        assert type(samples) is type(X)


def test_query_gives_texts():
    learner = ActiveLearner(
        make_pipeline(TfidfVectorizer(), LogisticRegression()), X_training=TEXTS[:9], y_training=TEXT_LABELS[:9]
    )
    pool = as_samples(TEXTS)
    rows, texts = learner.query(TEXTS, n_instances=4)
    assert texts == [TEXTS[row] for row in rows]
    again, same = learner.query(pool, n_instances=4)
    np.testing.assert_array_equal(again, rows)
    assert same.tolist() == texts


@pytest.mark.parametrize(
    "returned",
    [[5, 6], np.array([5, 6]), ([5, 6], [0.3, 0.2]), (np.array([5, 6]), np.array([0.3, 0.2]))],
    ids=["list", "array", "pair of lists", "pair of arrays"],
)
def test_two_rows_are_two_rows_and_a_strategy_is_called_once(returned):
    calls = []

    def mine(learner, X, n_instances=1):
        calls.append(n_instances)
        return returned

    for learner in (taught(query_strategy=mine), committee(query_strategy=mine)):
        rows, samples = learner.query(IRIS, n_instances=2)
        assert rows.tolist() == [5, 6]
        np.testing.assert_array_equal(samples, IRIS[[5, 6]])
    assert calls == [2, 2]


def test_a_single_row_number_is_a_batch_of_one():
    rows, samples = taught(query_strategy=lambda learner, X: np.argmax(X[:, 0])).query(IRIS)
    assert rows.tolist() == [np.argmax(IRIS[:, 0])]
    assert samples.shape == (1, 4)


def test_a_strategy_s_own_exception_reaches_the_user_once():
    calls = []

    def boom(learner, X, n_instances=1):
        calls.append(1)
        raise KeyError("mine")

    for learner in (taught(query_strategy=boom), committee(query_strategy=boom)):
        with pytest.raises(KeyError, match="mine"):
            learner.query(IRIS, n_instances=2)
    assert len(calls) == 2


def test_a_strategy_without_metrics_gives_none():
    learner = taught(query_strategy=lambda learner, X, n_instances=1: np.arange(n_instances))
    assert learner.query(IRIS, n_instances=3, return_metrics=True)[2] is None


@pytest.mark.parametrize("make", [taught, committee])
def test_more_than_the_pool_has_gives_the_pool_and_an_empty_one_nothing(make):
    learner = make()
    assert sorted(learner.query(IRIS[:5], n_instances=9)[0].tolist()) == [0, 1, 2, 3, 4]
    for X, n in ((IRIS[:0], 3), (IRIS[:0], 1), (IRIS, 0)):
        rows, samples = learner.query(X, n_instances=n)
        assert rows.shape == (0,)
        assert samples.shape == (0, 4)
    assert learner.query(FRAME[:0])[1].empty


@pytest.mark.parametrize("make", [taught, committee])
def test_the_second_argument_is_how_many_for_both(make):
    learner = make()
    np.testing.assert_array_equal(learner.query(IRIS, 3)[0], learner.query(IRIS, n_instances=3)[0])
    assert learner.query(IRIS[:2], 3)[0].shape == (2,)


def test_the_second_argument_may_have_any_name():
    assert taught(query_strategy=lambda learner, X, k: np.arange(k)).query(IRIS, 3)[0].tolist() == [0, 1, 2]


def test_what_was_never_taught_says_so():
    with pytest.raises(
        NotFittedError, match=r"GaussianNB has not been fitted, .*; teach it samples of two classes first"
    ):
        ActiveLearner(GaussianNB()).query(IRIS)
    with pytest.raises(NotFittedError, match=r"The committee has not been fitted, .*; teach it"):
        Committee([ActiveLearner(GaussianNB())]).query(IRIS)


@pytest.mark.parametrize("make", [taught, committee])
def test_ranked_batches_are_the_same_from_an_array_a_data_frame_and_a_list(make):
    expected = make(KNeighborsClassifier(5), query_strategy=uncertainty_batch_sampling).query(IRIS, n_instances=10)[0]
    assert len(set(expected.tolist())) == 10
    for X in (FRAME, NUMBERED, csr_matrix(IRIS)):
        learner = make(KNeighborsClassifier(5), X=X, query_strategy=uncertainty_batch_sampling)
        np.testing.assert_array_equal(learner.query(X, n_instances=10)[0], expected)
    listed = make(KNeighborsClassifier(5), query_strategy=uncertainty_batch_sampling)
    listed.fit(IRIS[SEED].tolist(), NAMES[SEED].tolist())
    rows, samples = listed.query(IRIS.tolist(), n_instances=10)
    np.testing.assert_array_equal(rows, expected)
    assert samples == IRIS[expected].tolist()


def test_a_committee_s_ranked_batch_keeps_away_from_what_it_knows():
    both = committee(query_strategy=uncertainty_batch_sampling)
    np.testing.assert_array_equal(both.X_training, IRIS[SEED])
    both.teach(IRIS[[77]], NAMES[[77]])
    assert both.X_training.shape == (10, 4)
    assert 77 not in both.query(IRIS, n_instances=5)[0]


@pytest.mark.parametrize("output", ["default", "pandas"])
def test_distances_behind_a_pipeline_s_preprocessing(output):
    steps = make_pipeline(StandardScaler().set_output(transform=output), KNeighborsClassifier(5))
    learner = taught(steps, X=FRAME, query_strategy=uncertainty_batch_sampling, on_transformed=True)
    scaled = StandardScaler().fit(IRIS[SEED]).transform(IRIS)
    plain = taught(KNeighborsClassifier(5), X=scaled, query_strategy=uncertainty_batch_sampling)
    np.testing.assert_array_equal(learner.query(FRAME, n_instances=8)[0], plain.query(scaled, n_instances=8)[0])


def test_a_mixed_table_is_queried_behind_its_encoder():
    table = FRAME.assign(color=np.where(CODES > 1, "red", "blue"))
    encode = make_column_transformer((OneHotEncoder(), ["color"]), remainder="passthrough")
    for strategy in (uncertainty_sampling, uncertainty_batch_sampling):
        learner = taught(make_pipeline(encode, GaussianNB()), X=table, query_strategy=strategy, on_transformed=True)
        rows, samples = learner.query(table, n_instances=4)
        assert samples.equals(table.iloc[rows])
        assert len(set(rows.tolist())) == 4


def test_our_strategies_drive_a_modal_learner():
    learner = taught(query_strategy=AsModal(NAMED["entropy"], random_state=3))
    rows, _, metric = learner.query(IRIS, n_instances=7, return_metrics=True)
    view = PoolView(IRIS, np.arange(150), SEED, NAMES[SEED], learner.classes_, learner, np.random.default_rng(3))
    np.testing.assert_array_equal(rows, choose(NAMED["entropy"], view, 7).rows)
    assert (np.diff(metric) <= 0).all()


# What scikit-learn and Jupyter ask of an object -------------------------------------------------------------------


@pytest.mark.parametrize(
    "make", [taught, committee, lambda: ActiveLearner(SVC()), lambda: Committee([ActiveLearner(SVC())])]
)
def test_it_can_be_shown_copied_and_read(make):
    learner = make()
    assert isinstance(learner, TheirLearner | TheirCommittee)
    assert repr(learner).startswith(type(learner).__name__ + "(")
    assert "<style" in learner._repr_html_()
    assert learner._repr_mimebundle_()["text/plain"] == repr(learner)
    assert is_classifier(learner)
    assert set(learner.get_params()) >= {"query_strategy", "on_transformed"}
    pickled = pickle.loads(pickle.dumps(learner))  # noqa: S301 - our own bytes
    for other in (clone(learner), copy.deepcopy(learner), pickled):
        assert repr(other) == repr(learner)
        assert other is not learner
        if learner.__sklearn_is_fitted__():
            np.testing.assert_array_equal(other.predict(IRIS), learner.predict(IRIS))
            other.teach(IRIS[[9]], NAMES[[9]])
            assert len(learner.X_training) == 9


def test_a_lambda_as_strategy_can_be_copied():
    learner = taught(query_strategy=lambda learner, X, n_instances=1: np.arange(n_instances))
    assert copy.deepcopy(learner).query(IRIS, 2)[0].tolist() == [0, 1]


def test_repr_says_what_it_holds():
    assert repr(taught()) == "ActiveLearner(GaussianNB(), n_labeled=9)"
    assert repr(ActiveLearner(SVC(C=2))) == "ActiveLearner(SVC(C=2), n_labeled=0)"
    assert repr(committee(GaussianNB())) == "Committee([ActiveLearner(GaussianNB(), n_labeled=9)])"


def test_parameters_reach_the_estimator():
    learner = taught(LogisticRegression()).set_params(estimator__C=3.0, on_transformed=True)
    assert learner.estimator.C == 3.0
    assert clone(learner).get_params()["estimator__C"] == 3.0
    assert clone(learner).on_transformed


def test_it_is_fitted_when_its_estimator_is():
    with pytest.raises(NotFittedError):
        check_is_fitted(ActiveLearner(GaussianNB()))
    with pytest.raises(NotFittedError):
        check_is_fitted(Committee([ActiveLearner(GaussianNB())]))
    check_is_fitted(taught())
    check_is_fitted(committee())
    check_is_fitted(ActiveLearner(GaussianNB().fit(IRIS, NAMES)))


def test_cross_validation_of_a_learner_is_stratified_and_forgets_what_it_was_taught():
    wrong = taught(KNeighborsClassifier(1), rows=np.arange(150), y=np.roll(NAMES, 50))
    # Iris is sorted by class: folds that were not stratified would hold out a class whole and score 0.
    np.testing.assert_array_equal(
        cross_val_score(wrong, IRIS, NAMES, cv=3), cross_val_score(KNeighborsClassifier(1), IRIS, NAMES, cv=3)
    )


def test_it_has_the_methods_its_estimator_has():
    assert hasattr(taught(), "predict_proba")
    assert not hasattr(taught(), "decision_function")
    assert not hasattr(taught(SVC()), "predict_proba")
    np.testing.assert_array_equal(
        taught(SVC()).decision_function(IRIS), SVC().fit(IRIS[SEED], NAMES[SEED]).decision_function(IRIS)
    )
    assert not hasattr(committee(SVC(), GaussianNB()), "predict_proba")


def test_an_array_in_place_of_the_table_it_was_taught_is_read_by_position():
    learner = taught(X=FRAME)
    for method in (learner.predict, learner.predict_proba, learner.transform_without_estimating):
        np.testing.assert_array_equal(method(IRIS), method(FRAME))
    assert learner.score(IRIS, NAMES) == learner.score(FRAME, NAMES)


# Committees -------------------------------------------------------------------------------------------------------


def test_a_committee_with_names_for_labels_votes_predicts_and_scores():
    both = committee()
    votes = both.vote(IRIS)
    assert votes.shape == (150, 3)
    for k, member in enumerate(both.learner_list):
        np.testing.assert_array_equal(votes[:, k], member.estimator.predict(IRIS))
    mean = np.mean([member.estimator.predict_proba(IRIS) for member in both.learner_list], axis=0)
    np.testing.assert_allclose(both.predict_proba(IRIS), mean)
    np.testing.assert_array_equal(both.predict(IRIS), both.classes_[mean.argmax(axis=1)])
    assert both.score(IRIS, NAMES) == np.mean(both.predict(IRIS) == NAMES)
    for X in (FRAME, IRIS.tolist()):
        np.testing.assert_array_equal(committee(X=FRAME).vote_proba(X), both.vote_proba(IRIS))


def test_vote_entropy_asks_where_the_members_differ_most():
    both = committee()
    rows, _, metric = both.query(IRIS, n_instances=10, return_metrics=True)
    distinct = np.array([len(set(votes)) for votes in both.vote(IRIS).tolist()])
    assert (metric > 0).tolist() == (distinct[rows] > 1).tolist()
    assert distinct[rows[0]] == distinct.max() > 1


def test_members_without_probabilities_vote():
    both = committee(SVC(), LinearSVC(), KNeighborsClassifier(3))
    votes = both.vote(IRIS)
    for row in np.flatnonzero((votes[:, 0] == votes[:, 1]) | (votes[:, 0] == votes[:, 2])):
        assert both.predict(IRIS[[row]])[0] == votes[row, 0]
    assert both.score(IRIS, NAMES) > 0.8
    assert both.query(IRIS, n_instances=3)[0].shape == (3,)


def test_members_that_know_different_classes_are_aligned():
    members = [taught(rows=np.r_[0:3, 50:53]), taught(rows=np.r_[50:53, 100:103])]
    both = Committee(members)
    assert both.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    proba = both.vote_proba(IRIS)
    np.testing.assert_array_equal(proba[:, 0, 2], 0)
    np.testing.assert_array_equal(proba[:, 1, 0], 0)
    np.testing.assert_allclose(both.predict_proba(IRIS).sum(axis=1), 1)


def test_bags_of_few_labels_hold_every_class():
    rows = np.array([0, 1, 50, 51])
    weights = set()
    for seed in range(50):
        learner = taught(LogisticRegression(), rows=rows, bootstrap_init=True, random_state=seed)
        assert learner.classes_.tolist() == ["setosa", "versicolor"]
        learner.teach(IRIS[[2]], NAMES[[2]], bootstrap=True)
        weights.add(learner.estimator.coef_[0, 0])
    assert len(weights) > 10
    both = Committee([taught(rows=rows, random_state=seed) for seed in range(3)])
    both.rebag()
    assert len({member.estimator.theta_[0, 0] for member in both}) > 1


@pytest.mark.parametrize("X", [FRAME, TEXTS], ids=["DataFrame", "texts"])
def test_bags_are_drawn_from_tables_and_texts(X):
    y = NAMES if X is FRAME else TEXT_LABELS
    steps = [] if X is FRAME else [TfidfVectorizer()]
    learner = ActiveLearner(make_pipeline(*steps, LogisticRegression(max_iter=1000)), random_state=0)
    learner.teach(X, y, bootstrap=True)
    assert learner.score(X, y) > 0.9


# Model specs ----------------------------------------------------------------------------------------------------------


def fitted(learner, strategy=None, X=IRIS, rows=SEED, seed=5):
    return model_spec(learner, strategy).fit(take(X, rows), NAMES[rows], seed)


def test_a_plain_estimator_becomes_a_modal_learner_that_asks_by_margin():
    made = model_spec(LogisticRegression(max_iter=1000), None)
    learner = made.fit(IRIS[SEED], NAMES[SEED], 0)
    assert made.strategy is NAMED["margin"]
    assert made.name == "LogisticRegression"
    assert made.y_seed is None
    assert isinstance(learner, TheirLearner)
    proba = np.sort(learner.predict_proba(IRIS))
    np.testing.assert_array_equal(learner.query(IRIS, n_instances=5)[0], np.argsort(proba[:, -1] - proba[:, -2])[:5])


def test_what_the_user_gave_is_never_fitted_or_changed():
    estimator = RandomForestClassifier(5)
    theirs = TheirLearner(GaussianNB(), X_training=IRIS[:60], y_training=NAMES[:60])
    before = theirs.predict_proba(IRIS)
    for given in (estimator, theirs):
        fitted(given)
    assert not hasattr(estimator, "classes_")
    assert estimator.random_state is None
    assert len(theirs.X_training) == 60
    np.testing.assert_array_equal(theirs.predict_proba(IRIS), before)


RANDOM = {
    "forest in a Pipeline": lambda: make_pipeline(StandardScaler(), RandomForestClassifier(5)),
    "SGD": SGDClassifier,
    "bags": lambda: BaggingClassifier(DecisionTreeClassifier(max_features=1), 5),
    "search": lambda: GridSearchCV(RandomForestClassifier(5), {"max_depth": [2, 3]}, cv=2),
    "generator given": lambda: RandomForestClassifier(5, random_state=np.random.RandomState(3)),
    "Committee": lambda: TheirCommittee(
        [TheirLearner(RandomForestClassifier(5)), TheirLearner(RandomForestClassifier(5))]
    ),
    "bagged Committee": lambda: Committee([ActiveLearner(GaussianNB(), bootstrap_init=True) for _ in range(3)]),
}


def output(learner):
    return learner.predict_proba(IRIS) if hasattr(learner, "predict_proba") else learner.decision_function(IRIS)


@pytest.mark.parametrize("make", RANDOM.values(), ids=RANDOM)
def test_the_same_data_and_seed_give_the_same_model(make):
    rows = np.arange(0, 150, 5)
    made = model_spec(make(), "random")
    first, second = (made.fit(IRIS[rows], NAMES[rows], 5) for _ in range(2))
    np.testing.assert_array_equal(output(first), output(second))
    if "RandomState" not in repr(made.estimator):
        assert not np.array_equal(output(first), output(made.fit(IRIS[rows], NAMES[rows], 6)))


def test_members_of_one_kind_differ():
    for make in (RANDOM["Committee"], RANDOM["bagged Committee"]):
        members = fitted(make(), rows=np.arange(0, 150, 5)).learner_list
        assert not np.array_equal(output(members[0]), output(members[1]))


def test_a_seed_that_is_given_is_kept():
    learner = fitted(make_pipeline(StandardScaler(), RandomForestClassifier(5, random_state=77)))
    assert learner.estimator[-1].random_state == 77


class OwnBags(BaggingClassifier):
    """Not scikit-learn's."""


class Locked(LogisticRegression):
    """Holds what cannot be copied."""

    def __init__(self, C=1.0):
        super().__init__(C=C)
        self._lock = threading.Lock()


@pytest.mark.parametrize("bags", [BaggingClassifier, OwnBags])
def test_every_part_without_a_seed_gets_one_in_the_order_of_their_names(bags):
    made = model_spec(make_pipeline(StandardScaler(), bags(DecisionTreeClassifier(), 5)), "random")
    for seed in (5, 9):
        model = made.fit(IRIS[SEED], NAMES[SEED], seed).estimator[-1]
        assert (model.estimator.random_state, model.random_state) == (seed, seed + 1)
    assert made.estimator[-1].random_state is None


@pytest.mark.parametrize("bags", [BaggingClassifier, OwnBags])
def test_no_two_models_of_a_spec_share_a_part(bags):
    made = model_spec(make_pipeline(StandardScaler(), bags(DecisionTreeClassifier(), 5)), "random")
    first, second = (made.fit(IRIS[rows], NAMES[rows], 5).estimator for rows in (SEED, SEED + 20))
    assert not np.array_equal(first[0].mean_, second[0].mean_)
    assert first[-1].estimator is not second[-1].estimator
    assert not hasattr(made.estimator[0], "mean_")


def test_a_model_is_cloned_in_its_own_way():
    frozen = FrozenEstimator(StandardScaler().fit(10 * IRIS))
    assert fitted(make_pipeline(frozen, LogisticRegression())).estimator[0] is frozen
    framed = fitted(make_pipeline(StandardScaler().set_output(transform="pandas"), LogisticRegression()))
    assert isinstance(framed.estimator[0].transform(IRIS), pd.DataFrame)
    assert fitted(Locked(C=0.5)).estimator.C == 0.5
    steps = make_pipeline(StandardScaler(), LogisticRegression())
    search = GridSearchCV(steps, {"logisticregression": [Locked(C=0.5)]}, cv=2)
    assert fitted(search).estimator.best_estimator_[-1].C == 0.5


def test_what_goes_wrong_in_a_fitted_model_is_told_as_it_is():
    with pytest.raises(ValueError, match="features"):
        fitted(LogisticRegression()).predict(IRIS[:, :2])


@pytest.mark.parametrize("X", FORMS.values(), ids=FORMS)
def test_the_seed_set_of_a_modal_learner_stays_in_every_training_set(X):
    theirs = TheirLearner(
        KNeighborsClassifier(3), X_training=IRIS[SEED], y_training=pd.Series(NAMES[SEED], index=SEED).to_numpy()
    )
    made = model_spec(theirs, None)
    rows = np.array([60, 110])
    for _ in range(2):
        learner = made.fit(take(X, rows), NAMES[rows], 0)
        assert learner.X_training.shape == (11, 4)
        assert learner.y_training.tolist() == [*NAMES[SEED], *NAMES[rows]]
        all_rows = np.r_[SEED, rows]
        expected = KNeighborsClassifier(3).fit(IRIS[all_rows], NAMES[all_rows]).predict(IRIS)
        np.testing.assert_array_equal(learner.predict(X), expected)
    assert made.y_seed.tolist() == NAMES[SEED].tolist()


def test_a_seed_set_of_texts_stays_too():
    pipeline = make_pipeline(TfidfVectorizer(), LogisticRegression())
    theirs = TheirLearner(pipeline, X_training=TEXTS[:6], y_training=TEXT_LABELS[:6])
    learner = model_spec(theirs, None).fit(as_samples(TEXTS)[6:9], TEXT_LABELS[6:9], 0)
    assert learner.X_training.tolist() == TEXTS[:9]


def test_each_member_of_a_committee_keeps_its_own_seed_set():
    own = [np.r_[0:3, 50:53], np.r_[50:55, 100:103]]
    theirs = TheirCommittee([TheirLearner(GaussianNB(), X_training=IRIS[rows], y_training=NAMES[rows]) for rows in own])
    made = model_spec(theirs, None)
    both = made.fit(IRIS[[9, 99]], NAMES[[9, 99]], 0)
    for rows, member in zip(own, both.learner_list, strict=True):
        assert member.y_training.tolist() == [*NAMES[rows], *NAMES[[9, 99]]]
    assert set(made.y_seed) == set(NAMES)
    assert made.name == "Committee"


def test_a_seed_set_with_other_features_is_refused():
    theirs = TheirLearner(GaussianNB(), X_training=IRIS[SEED][:, :3], y_training=NAMES[SEED])
    with pytest.raises(
        ValueError, match=r"taught samples of shape \(3,\) but the new ones have \(4,\); expected the same"
    ):
        fitted(theirs)


@pytest.mark.parametrize("n", [1, 2, 9])
def test_a_modal_learner_asks_by_its_own_strategy_unless_another_is_named(n):
    theirs = TheirLearner(
        KNeighborsClassifier(5), query_strategy=entropy_sampling, X_training=IRIS[SEED], y_training=NAMES[SEED]
    )
    made = model_spec(theirs, None)
    learner = made.fit(IRIS[[9]], NAMES[[9]], 0)
    candidates = np.arange(20, 150)
    view = PoolView(IRIS, candidates, SEED, NAMES[SEED], learner.classes_, learner, np.random.default_rng(0))
    own = choose(made.strategy, view, n)
    np.testing.assert_array_equal(own.rows, candidates[learner.query(IRIS[candidates], n_instances=n)[0]])
    assert isinstance(made.strategy, OwnStrategy)
    assert made.strategy.__name__ == "the learner's own"
    assert model_spec(theirs, "random").strategy is NAMED["random"]
    assert model_spec(theirs, "random").template.query_strategy is entropy_sampling


def test_ties_of_an_own_strategy_follow_the_session_s_seed_and_leave_numpy_s_alone():
    strategy = OwnStrategy()
    learner = taught(KNeighborsClassifier(1), query_strategy=partial(uncertainty_sampling, random_tie_break=True))

    def rows(seed):
        view = PoolView(IRIS, np.arange(150), SEED, NAMES[SEED], learner.classes_, learner, np.random.default_rng(seed))
        return tuple(choose(strategy, view, 5).rows)

    np.random.seed(1)  # noqa: NPY002 - what modAL draws from
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    assert rows(0) == rows(0)
    assert len({rows(seed) for seed in range(5)}) > 1
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


class Duck:
    """Has the methods, but not scikit-learn's base class."""

    def fit(self, X, y):
        return self

    def predict(self, X):
        return X


CLASSIFIER = (
    "expected a scikit-learn classifier, a Pipeline that ends in one, a modAL ActiveLearner or a modAL Committee"
)
JUNK = [
    (None, f"learner is None; {CLASSIFIER}"),
    (5, f"learner is 5; {CLASSIFIER}"),
    ([GaussianNB()], CLASSIFIER),
    (len, CLASSIFIER),
    (GaussianNB, r"learner is the class GaussianNB; expected an object: GaussianNB\(\)"),
    (TheirLearner, r"learner is the class ActiveLearner; expected an object"),
    (TheirLearner(GaussianNB), r"estimator is the class GaussianNB; expected an object: GaussianNB\(\)"),
    (Ridge(), rf"learner is Ridge\(\); {CLASSIFIER}"),
    (make_pipeline(StandardScaler(), Ridge()), CLASSIFIER),
    (make_pipeline(StandardScaler()), CLASSIFIER),
    (StandardScaler(), CLASSIFIER),
    (TheirLearner(Ridge()), rf"learner is Ridge\(\); {CLASSIFIER}"),
    (TheirCommittee([TheirLearner(Ridge())]), CLASSIFIER),
    (CommitteeRegressor([TheirLearner(GaussianProcessRegressor())]), CLASSIFIER),
    (BayesianOptimizer(GaussianProcessRegressor()), CLASSIFIER),
    (Duck(), r"learner is <.*Duck.*; .* derives from ClassifierMixin and BaseEstimator, in this order"),
    (make_pipeline(*[StandardScaler() for _ in range(9)], Ridge()), f"learner is a Pipeline; {CLASSIFIER}"),
]


@pytest.mark.parametrize(("given", "cure"), JUNK, ids=range(len(JUNK)))
def test_what_is_no_classifier_is_refused(given, cure):
    with pytest.raises(TypeError, match=cure):
        model_spec(given, None)


def test_a_classifier_of_the_user_s_own_is_taken():
    class Mine(ClassifierMixin, BaseEstimator):
        def fit(self, X, y):
            self.classes_ = np.unique(y)
            return self

        def predict(self, X):
            return np.full(len(X), self.classes_[0])

    assert set(fitted(Mine(), "random").predict(IRIS)) == {"setosa"}


class Filler(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return np.nan_to_num(X)


HOLES = pd.DataFrame(np.where(np.arange(600).reshape(150, 4) % 13 == 0, np.nan, IRIS), columns=list("abcd"))
LR = LogisticRegression(max_iter=1000)
FILLED = make_column_transformer((make_pipeline(SimpleImputer(), StandardScaler()), list("abcd")))
TREES = HistGradientBoostingClassifier(max_iter=3)
ALLOWS = [
    (TREES, True),
    (RandomForestClassifier(3), True),
    (make_pipeline(SimpleImputer(), LR), True),
    (make_pipeline(StandardScaler(), SimpleImputer(), LR), True),
    (make_pipeline(StandardScaler(), TREES), True),
    (make_pipeline("passthrough", SimpleImputer(), LR), True),
    (make_pipeline(FILLED, LR), True),
    (make_pipeline(FunctionTransformer(np.nan_to_num), LR), True),
    (make_pipeline(Filler(), LR), True),
    (CalibratedClassifierCV(make_pipeline(SimpleImputer(), LR), cv=2), True),
    (GridSearchCV(TREES, {}, cv=2), True),
    (VotingClassifier([("a", TREES)]), True),
    (Committee([ActiveLearner(TREES), ActiveLearner(RandomForestClassifier(3))]), True),
    (LR, False),
    (make_pipeline(StandardScaler(), LR), False),
    (make_pipeline(StandardScaler(), LR, memory=None), False),
    (make_pipeline(make_column_transformer((StandardScaler(), ["a"]), remainder="drop"), LR), True),
    (make_pipeline(make_column_transformer(("passthrough", ["a"])), LR), False),
    (Committee([ActiveLearner(TREES), ActiveLearner(GaussianNB())]), False),
]


@pytest.mark.parametrize(("learner", "allowed"), ALLOWS, ids=range(len(ALLOWS)))
def test_missing_values_are_allowed_where_something_takes_or_fills_them(learner, allowed):
    assert model_spec(learner, "random").allow_nan is allowed


@pytest.mark.parametrize("learner", [learner for learner, allowed in ALLOWS[:13] if allowed], ids=range(13))
def test_what_allows_missing_values_is_fitted_on_them(learner):
    made = model_spec(learner, "random")
    rows = np.arange(0, 150, 3)
    X = as_samples(HOLES, allow_nan=made.allow_nan)
    assert made.fit(take(X, rows), NAMES[rows], 0).score(X, NAMES) > 0.5


@pytest.mark.parametrize(
    "learner", [SVC(), make_pipeline(StandardScaler(), SVC()), CalibratedClassifierCV(LinearSVC(), cv=3)]
)
def test_support_vectors_are_asked_about_without_a_deprecated_parameter(learner):
    assert fitted(learner).query(IRIS, n_instances=4)[0].shape == (4,)


def test_stack_keeps_the_type_of_the_first_or_what_only_one_can_hold():
    assert stack(IRIS[:2], IRIS[2:4].tolist()).shape == (4, 4)
    assert stack([1, 2], [3]) == [1, 2, 3]
    assert stack(csr_matrix(IRIS[:2]), IRIS[2:4]).format == "csr"
    assert stack(IRIS[:2], csr_array(IRIS[2:4])).format == "csr"
    for first, second in ((FRAME[:2], IRIS[2:4]), (IRIS[:2], FRAME[2:4])):
        both = stack(first, second)
        assert both.columns.tolist() == ["sl", "sw", "pl", "pw"]
        np.testing.assert_array_equal(both, IRIS[:4])


# modAL itself -----------------------------------------------------------------------------------------------------


def test_nothing_of_modal_is_patched_and_no_torch_is_imported():
    program = """
        import sys, types
        import modAL, modAL.models, modAL.batch, modAL.disagreement, modAL.uncertainty, sklearn, numpy
        def everything():
            found = {}
            for name, module in sys.modules.items():
                if name.split(".")[0] in ("modAL",) or name in ("numpy", "sklearn.utils", "sklearn.utils.validation"):
                    for key, value in vars(module).items():
                        found[name, key] = id(value)
                        if isinstance(value, type) and value.__module__.startswith("modAL"):
                            found |= {(name, key, own): id(method) for own, method in vars(value).items()}
            return found
        before = everything()
        import alwidgets.models.modal
        after = everything()
        assert len(before) > 200
        changed = [key for key in before if before[key] != after.get(key)]
        assert not changed, changed
        assert not {"torch", "skorch", "modAL.cluster", "modAL.dropout", "modAL.expected_error"} & set(sys.modules)
    """
    program = "\n".join(line[8:] for line in program.splitlines())
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_committee_of_one_estimator_sees_bootstrap_samples_and_of_several_every_label(blobs):
    X, y = blobs
    from alwidgets.loop.plan import model_spec
    from alwidgets.models.spec import committee

    bagged = model_spec(committee(LogisticRegression(), n_members=4), "vote_entropy").fit(X, y, 0)
    coefs = {tuple(member.estimator.coef_.ravel()) for member in bagged.learner_list}
    assert len(coefs) == 4
    mixed = model_spec(committee([LogisticRegression(), GaussianNB()]), "bald").fit(X, y, 0)
    np.testing.assert_array_equal(mixed.learner_list[0].estimator.coef_, LogisticRegression().fit(X, y).coef_)


def test_every_bag_has_every_class_even_of_four_labels():
    from alwidgets.loop.plan import model_spec
    from alwidgets.models.spec import committee

    X, y = np.arange(8.0).reshape(4, 2), np.array([0, 0, 0, 1])
    for seed in range(30):
        fitted = model_spec(committee(LogisticRegression()), "bald").fit(X, y, seed)
        assert all(member.classes_.tolist() == [0, 1] for member in fitted.learner_list)


@pytest.mark.parametrize(
    ("arguments", "error", "cure"),
    [
        ((LogisticRegression(), 1), ValueError, "has 1 members; expected at least two"),
        (([LogisticRegression()],), ValueError, "has 1 members; expected at least two"),
        (([LogisticRegression(), GaussianNB()], 3), ValueError, "n_members is 3 with a list of 2 estimators"),
        (("margin",), ValueError, "learner is 'margin'; expected one of"),
        ((LogisticRegression,), TypeError, r"expected an object: LogisticRegression\(\)"),
    ],
)
def test_a_committee_that_cannot_disagree_is_refused(arguments, error, cure):
    from alwidgets.models.spec import committee

    with pytest.raises(error, match=cure):
        committee(*arguments)


@pytest.mark.parametrize("strategy", ["expected_error", "expected_error_one_step"])
def test_what_a_modal_learner_brought_is_part_of_the_refits(strategy):
    X, y = IRIS[50:], np.repeat(["b", "c"], 50)
    brought = TheirLearner(LogisticRegression(), X_training=X[[0, 1, 50, 51]], y_training=y[[0, 1, 50, 51]])
    session = Session(X, classes=["b", "c"], learner=brought, strategy=strategy, batch_size=2, audit=0)
    session.teach(5, "b")
    session.teach(6, "b")
    session.retrain()
    assert set(session.labels["label"]) == {"b"}
    assert len(session.query(2)) == 2
    assert session.progress.phase == strategy


def test_a_session_and_a_committee_take_the_names_of_a_race(make_session, blobs):
    named, given = (make_session(learner=each).run(blobs[1], 12) for each in ("k-NN", LEARNERS["k-NN"]))
    assert named.history["score"].tolist() == given.history["score"].tolist()
    assert alw.replay(named, strategy="random").curves.equals(alw.replay(given, strategy="random").curves)
    members = [type(each.estimator).__name__ for each in alw.committee(["forest", "k-NN"]).learner_list]
    assert members == ["RandomForestClassifier", "AtMostNeighbors"]
    with pytest.raises(
        ValueError, match=r"learner is 'svm'; expected one of \['logistic regression'.*, or a classifier"
    ):
        make_session(learner="svm")


# What a session finds out before it asks ---------------------------------------------------------------------------


def session_of(learner, X=IRIS, y=NAMES, **given):
    return Session(X, classes=np.unique(y).tolist(), learner=learner, random_state=0, stop=None, **given)


class Column(LogisticRegression):
    def predict(self, X):
        return super().predict(X)[:, None]


@pytest.mark.parametrize("given", [{"test": (IRIS, NAMES)}, {"audit": 0.2}, {"audit": 0}], ids=str)
def test_predictions_in_a_column_are_one_label_a_sample(given, tmp_path):
    one, other = (session_of(kind(max_iter=500), **given).run(NAMES, 48) for kind in (Column, LogisticRegression))
    assert [each.scores for each in one.rounds] == [each.scores for each in other.rounds]
    np.testing.assert_array_equal(one.predictions().codes, other.predictions().codes)
    np.testing.assert_array_equal(one.learner.predict(IRIS), other.learner.predict(IRIS))
    assert one.review()["predicted"].tolist() == other.review()["predicted"].tolist()


class Codes(LogisticRegression):
    """Takes 0, 1, 2, ... and nothing else, as XGBoost does."""

    def fit(self, X, y):
        if np.unique(y).tolist() != list(range(len(np.unique(y)))):
            raise ValueError("expected 0, 1, 2, ...")
        return super().fit(X, y)


ENCODED = {
    "bare": Codes(max_iter=500),
    "Pipeline": make_pipeline(StandardScaler(), Codes()),
    "search": GridSearchCV(Codes(max_iter=500), {"C": [1.0]}, cv=2),
    "modAL learner": TheirLearner(Codes(max_iter=500)),
    "committee": alw.committee(Codes(max_iter=500), n_members=2),
}


@pytest.mark.parametrize("y", [NAMES, CODES * 3, np.where(CODES == 1, 0, CODES)], ids=["text", "odd", "none of 1"])
@pytest.mark.parametrize("learner", ENCODED.values(), ids=ENCODED)
def test_a_model_that_takes_codes_alone_learns_any_classes_and_answers_with_them(learner, y):
    classes = sorted({*y.tolist(), *([1] if y.dtype.kind == "i" else [])})
    session = Session(
        IRIS, classes=classes, learner=learner, test=(IRIS, y), random_state=0, stop=None, duplicates="ask"
    )
    session.run(y, 48)
    assert session.progress.error == ""
    assert session.rounds[-1].score == np.mean(session.learner.predict(IRIS) == y) > 0.9
    member = getattr(session.learner, "learner_list", [session.learner])[0]
    assert set(member.estimator.predict(IRIS).tolist()) <= set(classes)
    assert session.learner.classes_.tolist() == np.unique(y).tolist()


def test_a_model_that_takes_any_labels_is_not_wrapped():
    learner = session_of(LogisticRegression(max_iter=500)).run(NAMES, 24).learner
    assert type(learner.estimator) is LogisticRegression


def test_weights_by_class_are_never_given_to_other_classes():
    learner = Codes(class_weight={"setosa": 1, "versicolor": 1, "virginica": 5})
    with pytest.warns(RuntimeWarning, match="expected 0, 1, 2"):
        session_of(learner)


class Strange(LogisticRegression):
    def __init__(self, what="shape"):
        super().__init__(max_iter=500)
        self.what = what

    def predict(self, X):
        said = super().predict(X)
        return {"shape": np.stack([said, said], 1), "words": np.repeat("other", len(X))}.get(self.what, said)

    def predict_proba(self, X):
        proba = super().predict_proba(X)
        return proba[:, :2] if self.what == "proba" else proba


class StrangeMachine(LinearSVC):
    def decision_function(self, X):
        return super().decision_function(X)[:, :2]

    def predict(self, X):
        return self.classes_[super().decision_function(X).argmax(axis=1)]


@pytest.mark.parametrize(
    ("learner", "cure"),
    [
        (Strange("shape"), r"predict of .* returned shape \(\d+, 2\) for \d+ samples; expected one class a sample"),
        (Strange("words"), "Strange predicts 'other' after a fit on .*; expected one of these classes"),
        (Strange("proba"), r"Strange.predict_proba returned shape .*; expected \(\d+, 3\): one row a sample"),
        (StrangeMachine(), r"StrangeMachine.decision_function returned shape .*: one row a sample, one column a class"),
        (LogisticRegression(C=-1), "its parameters are refused: InvalidParameterError: .*'C'"),
    ],
)
def test_what_no_labels_can_mend_is_refused_before_anything_is_written(learner, cure, tmp_path):
    with pytest.raises(ValueError, match=cure):
        session_of(learner, journal=tmp_path / "a.alw")
    assert not list(tmp_path.iterdir())


MIXED = FRAME.assign(color=np.where(CODES == 0, "red", "blue"))


@pytest.mark.parametrize(
    ("learner", "X", "cure"),
    [
        (
            LogisticRegression(),
            TEXTS * 5,
            r"texts need a vectorizer, such as make_pipeline\(TfidfVectorizer\(\), L",
        ),
        (make_pipeline(StandardScaler(), SVC()), TEXTS * 5, "texts need a vectorizer, such as .*, SVC"),
        (GridSearchCV(LogisticRegression(), {"C": [1]}), TEXTS * 5, "texts need a vectorizer"),
        (LogisticRegression(), MIXED, r"columns that are not numbers, \['color'\], .* encode them, .*OneHotEncoder"),
        (GaussianNB(), csr_matrix(IRIS), r"X is a sparse matrix, .* takes a dense one: give X.toarray\(\)"),
        (MultinomialNB(), IRIS - 5, r"takes no negative numbers, and X has some: .*MinMaxScaler\(clip=True\)"),
    ],
    ids=["texts", "texts in a Pipeline", "texts in a search", "words in a frame", "sparse", "negative"],
)
def test_samples_that_do_not_suit_the_learner_are_told_with_the_remedy(learner, X, cure):
    with pytest.raises(ValueError, match=cure):
        session_of(learner, X)


def test_a_fit_that_may_go_well_with_other_labels_is_let_through_and_said():
    class Picky(LogisticRegression):
        def fit(self, X, y):
            if len(y) > 30:
                raise RuntimeError("too many")
            return super().fit(X, y)

    with pytest.warns(RuntimeWarning, match="A trial fit of Picky .* failed: RuntimeError: too many.*keeps the labels"):
        session = session_of(Picky(max_iter=500))
    assert len(session.run(NAMES, 24).rounds) == 3


def test_a_fit_that_takes_long_is_given_up_and_said_and_its_labels_are_encoded_all_the_same(monkeypatch):
    monkeypatch.setattr("alwidgets.loop.conformance.PATIENCE", 0.01)
    go = threading.Event()

    class Slow(Codes):
        def fit(self, X, y):
            assert not on_trial() or go.wait(60)
            return super().fit(X, y)

    filters = list(warnings.filters)
    with pytest.warns(RuntimeWarning, match="A trial fit of Slow .* takes more than a second and was given up"):
        session = session_of(Slow(max_iter=500))
    assert warnings.filters == filters
    assert session.run(NAMES, 24).progress.round == 3
    assert set(session.learner.predict(IRIS)) <= set(NAMES)
    go.set()


class Network(LogisticRegression):
    """Like a network of `n_outputs`: it takes whole numbers for labels, none above its last output."""

    def __init__(self, n_outputs=2):
        super().__init__(max_iter=500)
        self.n_outputs = n_outputs

    def fit(self, X, y):
        if y.dtype.kind not in "iu":
            raise TypeError("can't convert np.ndarray of type numpy.str_")
        if y.max() >= self.n_outputs:
            raise IndexError(f"Target {y.max()} is out of bounds.")
        return super().fit(X, y)


class Proud(Network):
    def predict_proba(self, X):
        return super().predict_proba(X)[:, :2]


@pytest.mark.parametrize(
    ("learner", "cure"),
    [
        (Network(2), "Network has fewer outputs than there are classes: expected one for each"),
        (Proud(3), r"^Proud.predict_proba returned shape .*: one row a sample"),
    ],
)
def test_what_fails_with_names_and_with_codes_is_told_by_the_error_that_is_not_of_the_names(learner, cure):
    with pytest.raises(ValueError, match=cure):
        session_of(learner)


def test_a_trial_that_fails_both_ways_leaves_the_fits_to_try_both():
    class Few(Network):
        def fit(self, X, y):
            if y.dtype.kind in "iu" and len(y) > 30:
                raise RuntimeError("too many")
            return super().fit(X, y)

    with pytest.warns(RuntimeWarning, match="A trial fit of Few .* failed: RuntimeError: too many"):
        session = session_of(Few(3))
    assert session.run(NAMES, 24).progress.error == ""
    assert set(session.learner.predict(IRIS)) <= set(NAMES)


def test_a_fit_that_fails_after_a_trial_that_was_given_up_is_told_with_the_remedy(monkeypatch):
    monkeypatch.setattr("alwidgets.loop.conformance.PATIENCE", 0.01)
    go = threading.Event()

    class Single(Network):
        def fit(self, X, y):
            assert not on_trial() or go.wait(60)
            if X.dtype != np.float32:
                raise RuntimeError("mat1 and mat2 must have the same dtype, but got Double and Float")
            return super().fit(X, y)

    with pytest.warns(RuntimeWarning, match="was given up"):
        session = session_of(Single(3))
    go.set()
    with pytest.warns(RuntimeWarning, match=r"got Double and Float.*give X.astype\(np.float32\)"):
        session.run(NAMES, 8)
    assert "Single takes numbers of 32 bits" in session.progress.error
    with pytest.raises(RuntimeError, match="Double and Float") as raised:
        session.retrain()
    assert "give X.astype(np.float32)" in raised.value.__notes__[0]


@pytest.mark.parametrize("learner", [Strange("shape"), Network(3)], ids=["as it is", "encoded"])
def test_predictions_of_a_wrong_shape_are_told_with_the_name_once(learner, monkeypatch):
    said = type(learner).predict
    if isinstance(learner, Network):
        monkeypatch.setattr(Network, "predict", lambda self, X: np.stack([said(self, X)] * 2, axis=1))
    name = type(learner).__name__
    with pytest.raises(ValueError, match=rf"^predict of {name} returned shape [^:]*; expected one class a sample"):
        session_of(learner)


class Constant(GaussianNB):
    """Predicts the same whatever it is shown, on trial or after."""

    def __init__(self, said=0, *, takes="anything", later=False):
        super().__init__()
        self.said, self.takes, self.later = said, takes, later

    def fit(self, X, y):
        if self.takes == "codes" and np.asarray(y).dtype.kind not in "iu":
            raise ValueError("expected 0, 1, 2, ...")
        return super().fit(X, y)

    def predict(self, X):
        return super().predict(X) if self.later and on_trial() else np.full(len(X), self.said)


STRANGE = [-1, 0.3, 1.7, 1 + 2j, "2", 7, np.nan, None]


@pytest.mark.parametrize("takes", ["anything", "codes"])
@pytest.mark.parametrize("y", [NAMES, CODES], ids=["texts", "numbers"])
@pytest.mark.parametrize("said", STRANGE, ids=str)
def test_a_learner_that_predicts_no_class_and_no_code_is_refused(said, y, takes):
    with pytest.raises(ValueError, match=r"Constant.* predicts .*expected one of these"):
        session_of(Constant(said, takes=takes), y=y, test=(IRIS, y))


@pytest.mark.parametrize("said", STRANGE, ids=str)
def test_what_is_no_code_later_fails_the_round_and_is_not_scored(said):
    session = session_of(Constant(said, takes="codes", later=True), test=(IRIS, NAMES))
    with pytest.warns(RuntimeWarning, match="Constant predicts .* on the codes 0 to 2 of the classes"):
        session.run(NAMES, 24)
    assert not any(each.score is not None for each in session.rounds)


@pytest.mark.parametrize("said", [1, 1.0, np.int8(1), np.uint8(1)])
def test_codes_of_any_numeric_type_are_classes(said):
    model = Encoded(Constant(said)).fit(IRIS, NAMES)
    assert set(model.predict(IRIS)) == {"versicolor"}


def test_a_network_that_predicts_a_class_without_a_label_is_asked_for_the_next_best():
    class Network(GaussianNB):
        def predict(self, X):
            return np.full(len(X), 3)

        def predict_proba(self, X):
            return np.tile([0.1, 0.2, 0.1, 0.6], (len(X), 1))

    assert set(Encoded(Network()).fit(IRIS, NAMES).predict(IRIS)) == {"versicolor"}


def test_a_trial_draws_nothing_from_generators_that_others_draw_from():
    class Draws(GaussianNB):
        def fit(self, X, y):
            random.random()
            np.random.random()  # noqa: NPY002
            return super().fit(X, y)

    random.seed(3)
    np.random.seed(3)  # noqa: NPY002
    expected = random.random(), np.random.random()  # noqa: NPY002
    random.seed(3)
    np.random.seed(3)  # noqa: NPY002
    session_of(Draws())
    assert (random.random(), np.random.random()) == expected  # noqa: NPY002


def test_a_learner_is_tried_once_for_all_sessions_of_one_kind():
    class Counted(GaussianNB):
        trials: ClassVar = []

        def fit(self, X, y):
            if on_trial():
                self.trials.append(len(X))
            return super().fit(X, y)

    learner = Counted()
    alw.simulate(IRIS, NAMES, learner=learner, n_runs=3, n_labels=16)
    assert len(Counted.trials) == 1


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("hold", [lambda frame: frame, lambda frame: frame.astype("Float64")])
def test_missing_and_infinite_values_in_a_column_that_the_pipeline_drops_are_taken(value, hold):
    X = hold(FRAME.assign(note=np.where(CODES == 0, value, 1.0)))
    keeps = make_column_transformer(("passthrough", ["sl", "sw", "pl", "pw"]))
    test = (X, NAMES)
    session = session_of(make_pipeline(keeps, LogisticRegression(max_iter=500)), X, test=test).run(NAMES, 24)
    assert session.rounds[-1].score > 0.9
    with pytest.raises(ValueError, match=r"X row 0, column 'note' is (-?inf|nan|<NA>); expected a finite number"):
        session_of(LogisticRegression(), X)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("hold", [np.asarray, csr_matrix])
def test_missing_and_infinite_values_in_a_column_of_an_array_that_is_dropped_are_taken(value, hold):
    X = np.column_stack([IRIS, np.where(CODES == 0, value, 1.0)])
    keeps = make_column_transformer(("passthrough", [0, 1, 2, 3]))
    session = session_of(make_pipeline(keeps, LogisticRegression(max_iter=500)), hold(X), test=(hold(X), NAMES))
    assert session.run(NAMES, 24).rounds[-1].score > 0.9
    with pytest.raises(ValueError, match=r"X row 0, column 4 is (inf|nan); expected a finite number"):
        session_of(LogisticRegression(), hold(X))


class Own(LogisticRegression):
    def __repr__(self):
        return "Own()"


class Mute(LogisticRegression):
    def __repr__(self):
        raise RuntimeError("no words")


@pytest.mark.parametrize(("learner", "told"), [(Own(max_iter=500), "Own()"), (Mute(max_iter=500), "Mute(...)")])
def test_a_class_that_shows_itself_in_its_own_way_learns(learner, told):
    session = session_of(learner).run(NAMES, 24)
    assert len(session.rounds) == 3
    assert session.versions["model_spec"].iloc[-1] == f"{told}, strategy: margin"


@pytest.mark.filterwarnings("ignore")  # what scikit-learn says of folds without a class
def test_a_stack_without_a_final_estimator_learns_bare_and_within_others():
    stack_of = StackingClassifier([("a", GaussianNB()), ("b", DecisionTreeClassifier(random_state=0))], cv=2)
    for learner in (stack_of, make_pipeline(StandardScaler(), stack_of), alw.committee(stack_of, n_members=2)):
        session = session_of(learner, test=(IRIS, NAMES), duplicates="ask").run(NAMES, 32)
        assert session.rounds[-1].score > 0.9
    assert stack_of.final_estimator is None


def custom_query_strategy(classifier, X, a_keyword_argument=42):
    """modAL's documented template: it is told no number of instances."""
    return int(np.argmin(classifier.predict_proba(X).max(axis=1)))


@pytest.mark.parametrize(
    "given",
    [
        {"learner": GaussianNB(), "strategy": custom_query_strategy},
        {"learner": GaussianNB(), "strategy": alw.from_modal(custom_query_strategy)},
        {"learner": ActiveLearner(GaussianNB(), custom_query_strategy)},
        {"learner": TheirLearner(GaussianNB(), custom_query_strategy)},
    ],
    ids=["strategy", "from_modal", "ours", "modAL's"],
)
def test_modal_s_template_of_a_strategy_chooses_whole_batches(given):
    session = session_of(**given).run(NAMES, 40)
    assert session.progress.error == ""
    assert session.labels["item"].is_unique
    learner = session.learner
    rows = learner.query(IRIS, n_instances=3)[0] if "strategy" not in given else None
    if rows is not None:
        best = np.argsort(learner.predict_proba(IRIS).max(axis=1), kind="stable")[:3]
        assert rows.tolist() == best.tolist()


WITHOUT_MODAL = """
import sys
sys.modules["modAL"] = None
import importlib.util as util
found = util.find_spec
util.find_spec = lambda name, *args: None if name == "modAL" else found(name, *args)
import numpy as np
from sklearn.naive_bayes import GaussianNB
from sklearn.datasets import load_iris
import alwidgets as alw
X, y = load_iris(return_X_y=True)
for learner, strategy in (
    (GaussianNB(), None),
    (alw.ActiveLearner(GaussianNB()), None),
    (alw.committee(GaussianNB(), n_members=3), None),
    (GaussianNB(), lambda learner, X, n_instances=1: np.arange(n_instances)),
):
    session = alw.Session(X, classes=[0, 1, 2], learner=learner, strategy=strategy, random_state=0).run(y, 40)
    assert len(session.rounds) >= 3 and not session.progress.error, session.progress
learner = alw.ActiveLearner(GaussianNB(), X_training=X[::30], y_training=y[::30])
learner.teach(X[1:2], y[1:2])
assert learner.query(X, n_instances=3)[1].shape == (3, 4) and learner.score(X, y) > 0.5
both = alw.Committee([learner, learner])
both.teach(X[2:3], y[2:3])
both.rebag()
assert both.query(X, n_instances=2)[0].shape == (2,) and both.vote_proba(X).shape[1] == len(both) == 2
assert not any(name.startswith("modAL.") for name in sys.modules)
print("fine")
"""


def test_everything_but_modal_s_own_works_without_modal():
    done = subprocess.run([sys.executable, "-c", WITHOUT_MODAL], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "fine", done.stderr


def test_modal_is_imported_without_torch_and_has_it_when_it_asks(tmp_path):
    (tmp_path / "torch.py").write_text("is_tensor = lambda value: True\ncat = lambda blocks: 'joined'\n")
    code = (
        "import sys; from alwidgets.models.modal import ActiveLearner; import modAL.utils.data as data; "
        "print('torch' in sys.modules, data.data_vstack([object()]), 'torch' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert done.stdout.split() == ["False", "joined", "True"], done.stderr
