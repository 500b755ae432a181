"""Why a sample is asked, told of every kind of session."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

import alwidgets as alw
from alwidgets.inspection.explanation import Explanation
from alwidgets.models.spec import committee


@pytest.fixture(scope="module")
def pool():
    generator = np.random.default_rng(0)
    X = generator.normal(size=(120, 3)) + np.repeat([[0, 0, 0], [2, 2, 0]], 60, axis=0)
    X[7] = 50
    return X, np.repeat(["ham", "spam"], 60)


def labeled(pool, n=30, **options):
    X, y = pool
    options = {"learner": LogisticRegression(), "random_state": 0, "audit": 0} | options
    return alw.Session(X, classes=["ham", "spam"], **options).run(oracle=y, n_labels=n)


def test_the_next_question_ranks_first_by_its_utility(pool):
    session = labeled(pool)
    first, second = (session.explain(int(item)) for item in session.query(2))
    assert (first.rank, second.rank) == (1, 2)
    assert first.utility > second.utility
    assert first.n_candidates == 90
    assert first.strategy == "margin"


def test_utility_and_probabilities_are_those_of_the_model(pool):
    session = labeled(pool)
    candidates = np.setdiff1d(np.arange(120), session.labels["item"])
    proba = session.learner.predict_proba(pool[0])
    margin = 1 - np.abs(proba[:, 0] - proba[:, 1])
    for item in candidates[::9].tolist():
        told = session.explain(item)
        assert told.utility == pytest.approx(margin[item])
        assert told.rank == 1 + np.sum(margin[candidates] > margin[item])
        assert told.probabilities == pytest.approx(dict(zip(["ham", "spam"], proba[item], strict=True)))
        assert list(told.probabilities.values()) == sorted(told.probabilities.values(), reverse=True)


def test_neighbors_are_the_nearest_labeled_samples_with_their_labels(pool):
    session = labeled(pool)
    X, y = pool
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    items = np.sort(session.labels["item"])
    distance = np.linalg.norm(scaled[items] - scaled[100], axis=1)
    told = session.explain(100).neighbors
    nearest = [item for item in items[np.argsort(distance)] if item != 100][:3]
    assert [near.item for near in told] == nearest
    assert [near.label for near in told] == y[nearest].tolist()
    assert told[0].distance == pytest.approx(np.sort(distance[items != 100])[0])


def test_a_labeled_item_is_explained_too_and_is_no_neighbor_of_itself(pool):
    session = labeled(pool)
    item = int(session.labels["item"].iloc[0])
    told = session.explain(item)
    assert told.n_candidates == 91
    assert item not in [near.item for near in told.neighbors]


def test_density_tells_the_typical_from_the_outlier(pool):
    X = np.random.default_rng(1).normal(size=(150, 4)) + np.array([5, 5, 0, 0])
    X[3] = [-9, -9, 9, 9]
    session = alw.Session(
        X, classes=[0, 1], learner=LogisticRegression(), embed=lambda samples: samples, random_state=0
    )
    densities = [session.explain(item).density for item in range(0, 150, 3)]
    assert densities[1] == 0
    assert max(densities) > 0.9
    assert np.argsort(densities)[0] == 1


def test_before_there_is_a_model_only_the_pool_speaks(pool):
    told = alw.Session(pool[0], classes=["ham", "spam"], learner=LogisticRegression()).explain(5)
    assert told.strategy == "cold start, mixed"
    assert told.utility is told.rank is told.probabilities is told.votes is None
    assert told.neighbors == ()
    assert str(told).startswith("row 5: cold start, mixed")


@pytest.mark.parametrize(
    "strategy", ["badge", "random", alw.strategies.mix({"margin": 1, "random": 1})], ids=["badge", "random", "mix"]
)
def test_a_strategy_without_utilities_has_no_rank(pool, strategy):
    told = labeled(pool, strategy=strategy).explain(5)
    assert told.utility is told.rank is None
    assert told.probabilities


@pytest.mark.parametrize(
    "strategy",
    [
        alw.strategies.power("margin"),
        alw.strategies.distinct("margin"),
        alw.strategies.weighted_k_means("margin"),
        alw.strategies.phases("typiclust", "margin", 1),
        alw.strategies.distinct(alw.strategies.phases("typiclust", "margin", 1)),
    ],
    ids=lambda strategy: strategy.__name__,
)
def test_inside_a_strategy_made_of_others_the_one_that_ranks_speaks(pool, strategy):
    session = labeled(pool, strategy=strategy)
    proba = session.learner.predict_proba(pool[0])
    item = int(session.query(1)[0])
    assert session.explain(item).utility == pytest.approx(1 - abs(proba[item, 0] - proba[item, 1]))


def test_borrowed_probabilities_are_those_it_shows(pool):
    source = np.random.default_rng(0).dirichlet([1, 1], 120)
    transfer = alw.strategies.transfer(source, "margin")
    before = alw.Session(
        pool[0], classes=["ham", "spam"], learner=LogisticRegression(), cold_start=alw.strategies.ColdStart(transfer)
    ).explain(3)
    after = labeled(pool, strategy=transfer).explain(3)
    for told in (before, after):
        assert told.probabilities == pytest.approx(dict(zip(["ham", "spam"], source[3], strict=True)))
        assert told.utility == pytest.approx(1 - abs(source[3, 0] - source[3, 1]))
    assert before.strategy == "cold start, transfer(margin)"


def test_a_committee_shows_its_votes(pool):
    session = labeled(
        pool, learner=committee([LogisticRegression(), GaussianNB(), LinearSVC()]), strategy="vote_entropy", audit=0.2
    )
    X = pool[0]
    told = session.explain(11)
    assert sum(told.votes.values()) == 3
    votes = [member.predict(X[[11]])[0] for member in session.learner.learner_list]
    assert told.votes == dict(pd.Series(votes).value_counts())
    assert told.probabilities is None
    assert "votes " in str(told)


def test_texts_without_numbers_have_no_neighbors_and_texts_with_have():
    texts = [f"{word} {i}" for i in range(20) for word in ("win", "lunch")]
    y = np.array(["spam", "ham"] * 20)
    model = make_pipeline(TfidfVectorizer(), LogisticRegression())
    session = alw.Session(texts, classes=["ham", "spam"], learner=model, random_state=0).run(oracle=y, n_labels=12)
    told = session.explain(int(session.query(1)[0]))
    assert len(told.neighbors) == 3
    assert told.density is not None


def test_what_is_explained_changes_nothing(pool):
    session = labeled(pool)
    before, asked = session.events, session.query(4).tolist()
    session.explain(5)
    assert session.query(4).tolist() == asked
    assert session.events[: len(before)] == before


@pytest.mark.parametrize(("item", "error"), [(120, ValueError), (-1, ValueError), ("3", TypeError), (True, TypeError)])
def test_an_item_that_is_no_row_is_refused(pool, item, error):
    with pytest.raises(error, match="expected a row number of X, 0 to 119"):
        labeled(pool).explain(item)


def test_the_sentence_names_what_is_known(pool):
    session = labeled(pool)
    first, second = session.query(2).tolist()
    text = str(session.explain(first))
    assert re.match(rf"row {first}: (5\d:4\d|50:50) between (ham and spam|spam and ham): the least certain of 90", text)
    assert "near row" in text
    assert "the 2nd least certain of 90" in str(session.explain(second))
    # The sample far from all others.
    assert str(session.explain(7)).endswith("; a rather unusual sample")


def told_of(probabilities, **changes):
    given = {
        "item": 1, "strategy": "margin", "utility": 0.992, "rank": 1, "n_candidates": 278, "votes": None,
        "neighbors": (), "density": None,
    }  # fmt: skip
    return str(Explanation(probabilities=probabilities, **given | changes))


def test_the_sentence_never_makes_the_least_certain_sample_look_sure():
    assert told_of({"no": 0.501, "yes": 0.499}) == "row 1: 50:50 between no and yes: the least certain of 278"
    assert told_of({"a": 0.25, "b": 0.24, "c": 0.2, "d": 0.15}) == (
        "row 1: a 0.25 against b 0.24 (nearly equal): the least certain of 278"
    )
    assert told_of({"a": 0.5, "b": 0.3, "c": 0.2}, rank=12) == (
        "row 1: a 0.50 against b 0.30: the 12th least certain of 278"
    )


def test_what_another_strategy_ranks_is_not_called_least_certain():
    told = told_of({"no": 0.9, "yes": 0.1}, strategy="expected_error", rank=2)
    assert told == "row 1: 90:10 between no and yes: asked 2nd of 278 by expected_error"
    assert told_of(None, strategy="k_center", rank=1) == "row 1: asked first of 278 by k_center"
    assert told_of({"no": 0.9, "yes": 0.1}, strategy="badge", rank=None) == (
        "row 1: 90:10 between no and yes, asked by badge"
    )
