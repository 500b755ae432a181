"""Strategies made of strategies do what they say, in a view and in a session."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

import alwidgets as alw
from alwidgets import Session
from alwidgets.kernels import margin
from alwidgets.loop.plan import model_spec
from alwidgets.models.modal import ActiveLearner
from alwidgets.models.spec import committee
from alwidgets.strategies import (
    NAMED,
    ColdStart,
    Features,
    PoolView,
    distinct,
    mix,
    per_cost,
    phases,
    power,
    stratified,
    transfer,
    weighted_k_means,
)
from alwidgets.strategies.choose import choose, named, strategy_name


class Given(ClassifierMixin, BaseEstimator):
    """A model whose probability of the second class is the first column."""

    classes_ = np.arange(2)

    def fit(self, X, y):
        return self

    def predict_proba(self, X):
        p = np.asarray(X)[:, 0]
        return np.column_stack([1 - p, p])

    def predict(self, X):
        return self.predict_proba(X).argmax(axis=1)


def view_of(X, labeled=(), labels=None, seed=0, learner=None, **more):
    labeled = np.array(labeled, np.intp)
    return PoolView(
        X=X,
        candidates=np.setdiff1d(np.arange(len(X)), labeled),
        labeled=labeled,
        labels=np.zeros(len(labeled), int) if labels is None else labels,
        classes=np.arange(2),
        learner=Given() if learner is None else learner,
        rng=np.random.default_rng(seed),
        **more,
    )


def first(view):
    return view.X[view.candidates, 0]


class Block:
    """Asks the lowest rows of one half of the pool."""

    def __init__(self, half):
        self.half = half

    def select(self, view, n):
        mine = np.flatnonzero(view.candidates >= 500) if self.half else np.flatnonzero(view.candidates < 500)
        return mine[:n]


# power


def test_a_power_of_the_utility_is_drawn_in_proportion_to_it():
    X = np.array([[0.1], [0.2], [0.7]])
    draws = [choose(power(first), view_of(X, seed=seed), 1).rows[0] for seed in range(1200)]
    np.testing.assert_allclose(np.bincount(draws) / 1200, X[:, 0], atol=0.05)


def test_a_large_exponent_asks_the_best_and_a_small_one_anything():
    X = np.linspace(0.1, 1, 10)[:, None]
    best = [choose(power(first, 1000), view_of(X, seed=seed), 1).rows[0] for seed in range(20)]
    anything = [choose(power(first, 1e-6), view_of(X, seed=seed), 1).rows[0] for seed in range(100)]
    assert set(best) == {9}
    assert set(anything) == set(range(10))


def test_utilities_below_nothing_are_moved_before_they_are_drawn_from():
    X = np.array([[-5.0], [-4.0], [-5.0]])
    assert {choose(power(first), view_of(X, seed=seed), 1).rows[0] for seed in range(30)} == {1}


# weighted_k_means


def test_a_clustered_batch_is_of_the_best_and_spread_over_them():
    generator = np.random.default_rng(0)
    place = np.repeat([0.0, 50.0, 100.0, 150.0], 30)
    X = np.column_stack([np.where(place == 150, 0.01, 0.5), place + generator.normal(size=120)])
    rows = choose(weighted_k_means("entropy"), view_of(X, embedding=Features(X[:, 1:])), 3).rows
    assert sorted(place[rows]) == [0.0, 50.0, 100.0]


# distinct


def test_near_duplicates_are_skipped_and_come_last():
    angles = np.deg2rad([0, 1, 2, 90, 91, 180])
    X = np.column_stack([np.linspace(1, 0.5, 6), np.cos(angles), np.sin(angles)])
    view = view_of(X, embedding=Features(X, embed=lambda X: X[:, 1:]))
    assert choose(distinct(first, 0.99), view, 3).rows.tolist() == [0, 3, 5]
    assert choose(distinct(first, 0.99), view, 6).rows.tolist() == [0, 3, 5, 1, 2, 4]


def test_it_looks_on_until_enough_differ_before_it_gives_near_duplicates():
    # The best forty are the same two samples, twenty times each.
    angles = np.deg2rad([0.0, 20.0] * 20 + [40.0, 60.0, 80.0, 0.0])
    X = np.column_stack([np.linspace(1, 0.5, 44), np.cos(angles), np.sin(angles)])
    view = view_of(X, embedding=Features(X, embed=lambda X: X[:, 1:]))
    assert choose(distinct(first, 0.99), view, 4).rows.tolist() == [0, 1, 40, 41]
    assert choose(distinct(first, 0.99), view, 6).rows.tolist() == [0, 1, 40, 41, 42, 2]


def test_what_is_like_a_labeled_sample_is_skipped():
    angles = np.deg2rad([0, 1, 90, 180])
    X = np.column_stack([np.linspace(1, 0.5, 4), np.cos(angles), np.sin(angles)])
    view = view_of(X, [0], embedding=Features(X, embed=lambda X: X[:, 1:]))
    assert choose(distinct(first, 0.99), view, 3).rows.tolist() == [2, 3, 1]


def test_what_is_like_a_skipped_sample_only_is_asked():
    angles = np.deg2rad([0, 10, 20, 30, 40])
    X = np.column_stack([np.linspace(1, 0.5, 5), np.cos(angles), np.sin(angles)])
    view = view_of(X, embedding=Features(X, embed=lambda X: X[:, 1:]))
    assert choose(distinct(first, np.cos(np.deg2rad(15))), view, 3).rows.tolist() == [0, 2, 4]


def test_samples_of_zeros_are_duplicates_of_each_other_alone():
    X = np.array([[0.9, 0, 0], [0.8, 0, 0], [0.7, 1, 0], [0.6, 0, 1]])
    view = view_of(X, embedding=Features(X, embed=lambda X: X[:, 1:]))
    assert choose(distinct(first), view, 3).rows.tolist() == [0, 2, 3]


@settings(max_examples=40)
@given(st.lists(st.integers(0, 11), min_size=1, max_size=24), st.integers(1, 8), st.integers(0, 5))
def test_of_those_looked_at_no_two_alike_are_asked_while_others_are_left(hours, n, n_labeled):
    angles = np.array(hours) * np.pi / 6
    X = np.column_stack([np.linspace(1, 0.5, len(hours)), np.cos(angles), np.sin(angles)])
    labeled = range(min(n_labeled, len(hours) - 1))
    view = view_of(X, labeled, embedding=Features(X, embed=lambda X: X[:, 1:]))
    rows = choose(distinct(first, 0.99), view, n).rows.tolist()
    seen, expected, late = {hours[row] for row in labeled}, [], []
    for row in view.candidates[: 4 * n].tolist():
        (late if hours[row] in seen else expected).append(row)
        seen.add(hours[row])
    assert rows == (expected + late)[:n]


# mix


@settings(max_examples=40)
@given(st.integers(1, 60), st.floats(0.02, 0.98), st.integers(0, 9))
def test_in_a_batch_the_shares_are_kept_to_one_question(n, share, seed):
    low, high = Block(half=False), Block(half=True)
    rows = choose(mix({low: share, high: 1 - share}), view_of(np.zeros((1000, 1)), seed=seed), n).rows
    assert abs(np.count_nonzero(rows < 500) - n * share) < 1 + 1e-9


@pytest.mark.parametrize("n", [1, 2, 3])
def test_over_many_batches_smaller_than_the_parts_the_shares_are_kept(n):
    strategy = mix({Block(half=False): 9, Block(half=True): Fraction(1)})
    view = view_of(np.zeros((1000, 1)))
    rows = np.concatenate([choose(strategy, view, n).rows for _ in range(1200 // n)])
    np.testing.assert_allclose(np.mean(rows < 500), 0.9, atol=0.03)


def test_a_part_never_asks_what_another_has_asked():
    X = np.linspace(0, 0.5, 40)[:, None]
    rows = choose(mix({"margin": 1, "entropy": 1, "least_confidence": 1}), view_of(X), 12).rows
    assert set(rows.tolist()) == set(range(28, 40))


def test_a_mix_asks_its_parts_for_the_best_first():
    X = np.linspace(0, 0.5, 40)[:, None]
    assert choose(mix({"margin": 1}), view_of(X), 4).rows.tolist() == [39, 38, 37, 36]


# phases


@pytest.mark.parametrize(("n_labels", "asked"), [(5, "low"), (6, "high")])
def test_the_second_phase_begins_at_the_label_that_is_said(n_labels, asked):
    strategy = phases(Block(half=False), Block(half=True), labels_per_class=3)
    rows = choose(strategy, view_of(np.zeros((1000, 1)), range(n_labels)), 2).rows
    assert ("low" if (rows < 500).all() else "high") == asked


# per_cost


def test_utility_is_divided_by_the_cost_of_the_row():
    X = np.array([[0.5], [0.5], [0.4], [0.1]])
    cost = [9.0, 2.0, 1.0, 0.05]
    choice = choose(per_cost(first, pd.Series(cost, index=[3, 2, 1, 0])), view_of(X, [0]), 3)
    assert choice.rows.tolist() == [3, 2, 1]
    np.testing.assert_allclose(choice.utility, [2.0, 0.4, 0.25])


def test_what_was_not_looked_at_stays_last_however_cheap():
    X = np.array([[0.5], [0.2], [-np.inf]])
    assert choose(per_cost(first, [100.0, 50.0, 1e-9]), view_of(X), 3).rows.tolist()[2] == 2


TEXTS = np.array([" ".join(["word"] * n) for n in [2, 30] * 30], object)


def even(view):
    return np.ones(len(view.candidates))


def test_longer_texts_take_longer_and_are_asked_later():
    labeled = np.arange(20)
    seconds = np.where(labeled % 2, 30.0, 3.0)
    view = view_of(TEXTS, labeled, seconds=seconds, embedding=Features(TEXTS))
    rows = choose(per_cost(even), view, 20).rows
    assert (rows % 2 == 0).all()


def test_features_tell_how_long_an_answer_takes():
    X = np.random.default_rng(0).normal(size=(80, 3))
    labeled = np.arange(40)
    view = view_of(X, labeled, seconds=np.exp(2 + X[:40, 1]))
    rows = choose(per_cost(even), view, 10).rows
    assert set(rows.tolist()) == set((np.argsort(X[40:, 1])[:10] + 40).tolist())


@pytest.mark.parametrize(
    "seconds", [None, np.full(20, np.nan), np.r_[np.arange(1.0, 10.0), np.zeros(11)]], ids=["no", "NaN", "nine"]
)
def test_too_few_measurements_change_nothing(seconds):
    X = np.random.default_rng(0).uniform(size=(60, 2))
    view = view_of(X, range(20), seconds=seconds)
    rows = choose(per_cost("margin"), view, 8).rows
    np.testing.assert_array_equal(rows, choose(NAMED["margin"], view, 8).rows)


def test_samples_that_nothing_describes_cost_the_same():
    frame = pd.DataFrame({"p": np.linspace(0, 0.5, 40), "kind": ["a", "b"] * 20})
    view = view_of(frame, range(20), seconds=np.arange(1.0, 21.0))
    rows = choose(per_cost(lambda view: view.take(view.candidates)["p"]), view, 3).rows
    assert rows.tolist() == [39, 38, 37]


def test_one_answer_that_took_forever_does_not_price_a_sample_out_of_reach():
    X = np.linspace(0, 1, 30)[:, None] ** 4
    view = view_of(X, range(15), seconds=np.exp(20 * X[:15, 0]))
    utility = choose(per_cost(even), view, 15).utility
    seconds = np.exp(20 * X[:15, 0])
    assert utility.min() >= 1 / seconds.max() - 1e-12


# transfer


@pytest.mark.parametrize("strategy", ["margin", "entropy", "least_confidence", "ratio"])
def test_borrowed_probabilities_ask_what_their_own_model_would(strategy):
    X = np.random.default_rng(0).uniform(size=(50, 2))
    own = view_of(X, range(5))
    borrowed = view_of(X, range(5), learner=GaussianNB())
    rows = choose(transfer(Given().predict_proba(X), strategy), borrowed, 10).rows
    np.testing.assert_array_equal(rows, choose(NAMED[strategy], own, 10).rows)


@pytest.mark.parametrize("reader", ["badge", "information_density", mix({"margin": 1, "random": 1}), distinct("ratio")])
def test_borrowed_probabilities_are_read_by_strategies_of_every_kind(reader):
    X = np.random.default_rng(0).uniform(size=(50, 2))
    borrowed = replace(view_of(X), learner=None)
    assert len(choose(transfer(Given().predict_proba(X), reader), borrowed, 10).rows) == 10


def test_the_first_questions_may_come_from_another_model():
    X = np.random.default_rng(0).uniform(size=(50, 2))
    session = alw.Session(
        X,
        classes=[0, 1],
        learner=GaussianNB(),
        cold_start=transfer(Given().predict_proba(X)),
        batch_size=4,
        random_state=0,
        audit=0,
    )
    assert set(session.query().tolist()) == set(np.argsort(abs(X[:, 0] - 0.5))[:4].tolist())


# stratified


@settings(max_examples=40)
@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=40), st.integers(1, 40), st.integers(0, 9))
def test_groups_take_turns(groups, n, seed):
    rows = choose(stratified(groups), view_of(np.zeros((len(groups), 1)), seed=seed), n).rows
    given_, there = Counter(groups[row] for row in rows), Counter(groups)
    unfinished = [given_[group] for group in there if given_[group] < there[group]]
    assert max(given_.values()) <= min(unfinished, default=len(groups)) + 1


def test_a_group_with_fewer_labels_comes_first_then_the_larger():
    groups = ["a"] * 10 + ["b"] * 20 + ["c"] * 5
    view = view_of(np.zeros((35, 1)), [0, 1, 30])
    rows = choose(stratified(groups), view, 4).rows
    # Labeled are two of a, none of b, one of c.
    assert [groups[row] for row in rows] == ["b", "b", "c", "b"]


def test_groups_may_be_numbers_and_missing():
    groups = pd.Series([1.0, np.nan, 1.0, np.nan, 2.0], dtype=object)
    rows = choose(stratified(groups), view_of(np.zeros((5, 1))), 3).rows
    assert len({str(groups[row]) for row in rows}) == 3


# Mistakes

MISTAKES = [
    (lambda: power("badge"), ValueError, "'badge' chooses batches as a whole; expected a strategy that gives"),
    (lambda: power(mix({"margin": 1})), ValueError, r"'mix\(margin 1\)' chooses batches as a whole"),
    (lambda: weighted_k_means("k_center"), ValueError, "'k_center' chooses batches as a whole"),
    (lambda: per_cost("typiclust"), ValueError, "'typiclust' chooses batches as a whole"),
    (lambda: power("margin", 0), ValueError, "exponent is 0; expected a number above 0"),
    (lambda: power("margin", np.inf), ValueError, "exponent is inf"),
    (lambda: power("margin", "2"), ValueError, "exponent is '2'"),
    (lambda: distinct("margin", 0), ValueError, "threshold is 0; expected a cosine similarity above 0"),
    (lambda: distinct("margin", 1.1), ValueError, "threshold is 1.1"),
    (lambda: distinct("margins"), ValueError, "Unknown strategy 'margins'"),
    (lambda: mix({}), TypeError, "shares is {}; expected a mapping such as"),
    (lambda: mix(["margin"]), TypeError, "expected a mapping such as"),
    (lambda: mix({"margin": 0}), ValueError, "the share of 'margin' is 0; expected a number above 0"),
    (lambda: mix({"margin": True}), ValueError, "the share of 'margin' is True"),
    (lambda: mix({"margin": np.nan}), ValueError, "the share of 'margin' is nan"),
    (lambda: mix({"margin": "half"}), ValueError, "the share of 'margin' is 'half'"),
    (lambda: phases("margin", "margins"), ValueError, "Unknown strategy 'margins'"),
    (lambda: phases("margin", "entropy", -1), ValueError, "labels_per_class is -1; expected 0 or more"),
    (lambda: phases("margin", "entropy", 0), ValueError, "labels_per_class is 0; expected at least 1"),
    (lambda: per_cost("margin", [1.0, 0.0]), ValueError, "a value that is not a finite number above 0"),
    (lambda: per_cost("margin", [1.0, np.nan]), ValueError, "a value that is not a finite number above 0"),
    (lambda: transfer(np.full((3, 2), 0.4)), ValueError, "proba row 0 is .*expected probabilities that sum to 1"),
    (lambda: transfer([[0.5, np.nan]]), ValueError, "proba row 0"),
    (lambda: transfer(np.full((3, 2), 0.5), "bald"), ValueError, "'bald' needs more than probabilities"),
    (lambda: transfer(np.full((3, 2), 0.5), "expected_error"), ValueError, "'expected_error' needs more than"),
    (
        lambda: transfer(np.full((3, 2), 0.5), mix({"margin": 1, "vote_entropy": 1})),
        ValueError,
        "'vote_entropy' needs more than probabilities",
    ),
    (lambda: stratified([[1], [2]]), ValueError, r"groups has shape \(2, 1\); expected one group per row"),
    (lambda: stratified([]), ValueError, "expected one group per row of X"),
    (lambda: ColdStart("margin"), ValueError, "'margin' needs a model, .* expected one of .*'typiclust'.*stratified"),
    (lambda: ColdStart(distinct(power("bald"))), ValueError, "'bald' needs a model"),
    (lambda: ColdStart(phases("random", "entropy")), ValueError, "'entropy' needs a model"),
    (lambda: ColdStart("random", labels_per_class=0), ValueError, "labels_per_class is 0; expected at least 1"),
    (lambda: ColdStart("kmeans"), ValueError, "Unknown strategy 'kmeans'"),
]


@pytest.mark.parametrize(("make", "error", "cure"), MISTAKES)
def test_a_mistake_is_named_when_the_strategy_is_made(make, error, cure):
    with pytest.raises(error, match=cure):
        make()


@pytest.mark.parametrize(
    ("strategy", "cure"),
    [
        (per_cost(first, [1.0, 2.0]), "cost has 2 values but X has 3 rows; give one per row"),
        (stratified(["a", "b"]), "groups has 2 values but X has 3 rows; give one per row"),
        (transfer(np.full((2, 2), 0.5)), r"proba has shape \(2, 2\) for 3 samples and 2 classes"),
        (transfer(np.full((3, 3), 1 / 3)), r"proba has shape \(3, 3\) for 3 samples and 2 classes"),
    ],
)
def test_values_of_another_pool_are_refused(strategy, cure):
    with pytest.raises(ValueError, match=cure):
        choose(strategy, view_of(np.zeros((3, 1))), 1)


NEEDS = [
    (mix({"entropy": 1, "random": 1}), LinearSVC(), "LinearSVC has no predict_proba, which 'entropy' needs; use 'ma"),
    (distinct(power("ratio")), LinearSVC(), "LinearSVC has no predict_proba, which 'ratio' needs"),
    (phases("typiclust", "badge"), LinearSVC(), "LinearSVC has no predict_proba, which 'badge' needs"),
    (per_cost("bald"), LogisticRegression(), "single model, and 'bald' needs several .*alwidgets.committee"),
    (mix({"vote_entropy": 1}), GaussianNB(), r"GaussianNB is a single model.*committee\(GaussianNB\(\), n_members=5\)"),
    ("consensus_entropy", committee(LinearSVC()), "no predict_proba, which .*wrap each member"),
    ("expected_error_one_step", GaussianNB(), "GaussianNB is not, .*, a LogisticRegression .*'expected_error'"),
    (
        "expected_error_one_step",
        LogisticRegression(class_weight="balanced"),
        "default penalty, intercept and class weights",
    ),
    (
        "expected_error_one_step",
        LogisticRegression(solver="liblinear"),
        "does not end in, a LogisticRegression with its default",
    ),
]


@pytest.mark.parametrize(("strategy", "learner", "cure"), NEEDS)
def test_a_learner_that_lacks_what_a_part_needs_is_refused_when_the_session_is_made(strategy, learner, cure, blobs):
    with pytest.raises(ValueError, match=cure):
        alw.Session(blobs[0], classes=["left", "right"], learner=learner, strategy=strategy)


def test_borrowed_probabilities_need_none_of_the_learner_s():
    strategy = transfer(np.full((3, 2), 0.5), "entropy")
    assert model_spec(LinearSVC(), strategy).strategy is strategy


class OnTexts(ClassifierMixin, BaseEstimator):
    """A classifier of texts without a Pipeline."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return np.full((len(X), len(self.classes_)), 1 / len(self.classes_))

    def predict(self, X):
        return self.classes_[np.zeros(len(X), int)]


COMPARES = [
    "typiclust",
    "badge",
    distinct("margin"),
    mix({"margin": 1, "k_center": 1}),
    phases("typiclust", "margin"),
    transfer(np.full((60, 2), 0.5), "badge"),
    distinct(mix({"margin": 1})),
]


@pytest.mark.parametrize("strategy", COMPARES, ids=strategy_name)
def test_texts_that_cannot_be_compared_are_refused_when_the_session_is_made(strategy):
    def session(**more):
        given = {"classes": ["a", "b"], "learner": OnTexts(), "audit": 0, "random_state": 0, "duplicates": "ask"}
        return alw.Session(list(TEXTS), **given, **more)

    with pytest.raises(ValueError, match="compares samples, and these are not numbers; expected `embed=`"):
        session(strategy=strategy)
    with_numbers = session(strategy=strategy, embed=lambda texts: np.array([[len(text), 1.0] for text in texts]))
    assert len(with_numbers.query()) == 8


def test_a_cold_start_that_compares_texts_is_refused_too():
    with pytest.raises(ValueError, match="'typiclust' compares samples, and these are not numbers"):
        alw.Session(list(TEXTS), classes=["a", "b"], learner=OnTexts(), cold_start="typiclust")


@pytest.mark.parametrize(
    ("embed", "cure"),
    [
        (lambda X: X[:5], r"embed returned shape \(5, 4\)"),
        (lambda X: X[:, 0], r"embed returned shape \(120,\)"),
        (lambda X: X.astype(str), r"embed returned shape \(120, 4\) and dtype <U"),
    ],
)
def test_what_embed_returns_is_checked(embed, cure, make_session):
    with pytest.raises(ValueError, match=cure):
        make_session(embed=embed).query()


def test_embed_is_where_samples_are_compared(make_session):
    far = np.zeros((120, 1))
    far[[17, 63]] = [[9.0], [-9.0]]
    session = make_session(embed=lambda X: far, cold_start="k_center", batch_size=3)
    assert {17, 63} < set(session.query().tolist())


@pytest.mark.parametrize("embed", [3, "tfidf", np.zeros((120, 2))])
def test_embed_must_be_a_function(embed, make_session):
    with pytest.raises(TypeError, match="expected a function X -> "):
        make_session(embed=embed)


# In a session

SESSIONS = [
    (power("margin", 2), "power(margin)"),
    (weighted_k_means("entropy"), "weighted_k_means(entropy)"),
    (distinct(mix({"margin": 3, "typiclust": 1})), "distinct(mix(margin 0.75, typiclust 0.25))"),
    (phases("typiclust", "margin", 4), "phases(typiclust, margin)"),
    (per_cost("margin"), "per_cost(margin)"),
    (stratified(np.arange(120) % 3), "stratified"),
    (transfer(np.full((120, 2), 0.5), "entropy"), "transfer(entropy)"),
]


@pytest.mark.parametrize(("strategy", "name"), SESSIONS)
def test_a_session_says_what_asked_and_repeats_itself(strategy, name, make_session, blobs):
    runs = [make_session(strategy=strategy).run(blobs[1], 20).labels for _ in range(2)]
    assert runs[0]["item"].tolist() == runs[1]["item"].tolist()
    assert set(runs[0]["strategy"]) == {"cold start", name}
    assert runs[0]["strategy"].iloc[-1] == name


@pytest.mark.parametrize("cold_start", ["random", "typiclust", ColdStart(stratified(np.arange(120) % 3)), Block(False)])
def test_the_first_questions_are_chosen_as_told(cold_start, make_session):
    rows = make_session(cold_start=cold_start).query()
    assert len(set(rows.tolist())) == 4
    if isinstance(cold_start, Block):
        assert rows.tolist() == [0, 1, 2, 3]


def test_the_cold_start_lasts_until_every_class_has_its_labels(make_session, blobs):
    session = make_session(cold_start=ColdStart("random", labels_per_class=5)).run(blobs[1], 32)
    asked = session.labels
    counts = np.array([[(asked["label"][:i] == c).sum() for c in ("left", "right")] for i in range(0, 32, 4)]).min(
        axis=1
    )
    by_batch = asked["strategy"].to_numpy()[::4]
    np.testing.assert_array_equal(by_batch == "cold start", counts < 5)


@pytest.mark.parametrize("cold_start", ["margin", power("entropy"), "k-means", 3, Block])
def test_what_cannot_start_cold_is_refused_when_the_session_is_made(cold_start, make_session):
    with pytest.raises((ValueError, TypeError), match="expected"):
        make_session(cold_start=cold_start)


def test_texts_behind_a_vectorizer_need_no_embedding():
    texts = [f"{word} number {i}" for i, word in enumerate(["ham", "spam"] * 20)]
    session = alw.Session(
        texts,
        classes=["ham", "spam"],
        learner=make_pipeline(TfidfVectorizer(), LogisticRegression()),
        strategy=distinct("badge"),
        cold_start="typiclust",
        random_state=0,
        audit=0,
    )
    session.run(lambda item: texts[item].split()[0], 24)
    assert session.labels["strategy"].iloc[-1] == "distinct(badge)"


def test_a_column_of_the_pool_may_say_what_samples_cost():
    generator = np.random.default_rng(3)
    frame = pd.DataFrame({"a": generator.normal(size=60), "words": generator.integers(1, 90, 60)})
    y = np.where(frame["a"] > 0, "left", "right")
    learner = make_pipeline(StandardScaler(), LogisticRegression())
    options = {"classes": ["left", "right"], "learner": learner, "audit": 0, "random_state": 0}
    asked = [
        Session(frame, strategy=per_cost("margin", cost), **options).run(y, 30).labels["item"].tolist()
        for cost in ("words", frame["words"])
    ]
    assert asked[0] == asked[1]
    named_wrong = Session(frame, strategy=per_cost("margin", "price"), **options)
    with pytest.raises(ValueError, match="cost is 'price'; expected 'seconds', a column of X, or one number per row"):
        named_wrong.run(y, 30)
    free = Session(frame.assign(words=0), strategy=per_cost("margin", "words"), **options)
    with pytest.raises(ValueError, match="column 'words' has a value that is not a finite number above 0"):
        free.run(y, 30)


@pytest.mark.parametrize("strategy", ["badge", "k_center"])
def test_a_table_that_is_not_all_numbers_is_refused_when_the_session_is_made(strategy):
    frame = pd.DataFrame({"a": range(9), "color": ["red", "green", "blue"] * 3})
    with pytest.raises(ValueError, match=f"'{strategy}' compares samples, and these are not numbers"):
        Session(frame, classes=["x", "y"], learner=DummyClassifier(), strategy=strategy)


@pytest.mark.parametrize("name", ["expected_error", "expected_error_one_step"])
def test_what_was_not_tried_follows_in_the_order_of_the_margin(name, monkeypatch):
    from alwidgets.strategies import rules

    for limit in ("_MOST_REFITS", "_MOST_REFITTED", "_FEWEST_REFITTED", "_MOST_STEPPED"):
        monkeypatch.setattr(rules, limit, 6)
    X, y = load_iris(return_X_y=True)
    labeled, candidates = np.arange(0, 150, 5), np.setdiff1d(np.arange(150), np.arange(0, 150, 5))
    learner = ActiveLearner(LogisticRegression(max_iter=500), X_training=X[labeled], y_training=y[labeled])
    rng = np.random.default_rng(0)
    view = PoolView(X, candidates, labeled, y[labeled], np.arange(3), learner, rng)
    rows = choose(named(name), view, 40).rows
    by_margin = candidates[np.argsort(-margin(view.proba))]
    assert set(rows[:6]) == set(by_margin[:6])
    assert rows[6:].tolist() == by_margin[6:40].tolist()
