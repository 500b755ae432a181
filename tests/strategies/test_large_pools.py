"""A pool that is scored a block at a time gives the picks of one that is scored at once, with its ties."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import alwidgets as alw
from alwidgets.data import kinds
from alwidgets.data.label_kinds import MULTICLASS
from alwidgets.data.pool import as_samples
from alwidgets.models.introspection import bears_threads
from alwidgets.strategies import NAMED, large_pools
from alwidgets.strategies.choose import choose
from alwidgets.strategies.features import Features
from alwidgets.strategies.pool_view import PoolView
from alwidgets.utils import threads
from tests.data.test_blocks import Own

rng = np.random.default_rng(0)
# Each sample comes three times, in blocks far from each other: ties are everywhere.
X = np.tile(rng.normal(size=(400, 3)), (3, 1))
y = np.array(["a", "b", "c"])[np.argmax(X @ rng.normal(size=(3, 3)), axis=1)]

FEATURES = Features(X)


@pytest.fixture
def make_large(monkeypatch):
    """A function that makes all pools large, in blocks of 100 rows, scored by two threads."""

    def make():
        monkeypatch.setattr(large_pools, "_LARGE_BYTES", 0)
        monkeypatch.setattr(kinds, "_BLOCK_BYTES", 100 * X.itemsize * X.shape[1])
        monkeypatch.setattr(threads, "n_cores", lambda: 2)

    return make


def view(learner, candidates=None):
    candidates = np.arange(20, len(X)) if candidates is None else candidates
    classes = np.array(["a", "b", "c"])
    # Units of the features are summed up by blocks too: those of one way for both.
    FEATURES.at(candidates[:1])
    return PoolView(X, candidates, np.arange(20), y[:20], classes, learner, np.random.default_rng(1), FEATURES)


def learner_for(strategy):
    members = [GaussianNB().fit(X[:20], y[:20]), RandomForestClassifier(5, random_state=0).fit(X[:20], y[:20])]
    if any(each.startswith("vote") for each in strategy.needs):
        return alw.Committee([alw.ActiveLearner(each, X_training=X[:20], y_training=y[:20]) for each in members])
    return LogisticRegression().fit(X[:20], y[:20]) if strategy.linear else members[1]


EXACT = [each for each in NAMED.values() if each.in_blocks == "exact" and MULTICLASS in each.kinds]


@pytest.mark.parametrize("strategy", EXACT, ids=lambda each: each.name)
def test_what_is_exact_gives_the_same_picks(strategy, make_large):
    learner, candidates = learner_for(strategy), np.flatnonzero(np.arange(len(X)) % 7 > 0)
    for rows in (candidates, candidates[:130]):
        before = choose(strategy, view(learner, rows), 30)
        make_large()
        after = choose(strategy, view(learner, rows), 30)
        np.testing.assert_array_equal(after.rows, before.rows)
        np.testing.assert_allclose(after.utility, before.utility)


def test_what_compares_all_candidates_chooses_among_a_random_sample_and_says_so(make_large, monkeypatch):
    make_large()
    monkeypatch.setattr(large_pools, "MOST_COMPARED", 50)
    monkeypatch.setattr("alwidgets.strategies.choose.MOST_COMPARED", 50)
    seen = []
    strategy = NAMED["typiclust"]
    monkeypatch.setattr(
        "alwidgets.strategies.rules.kernels.typiclust", lambda X, _, n, rng: seen.append(len(X)) or np.arange(n)
    )
    choose(strategy, view(None), 10)
    chosen = choose(strategy, replace(view(None), X=as_samples(Own(X), allow_nan=False, texts=False)), 10).rows
    assert seen == [len(X) - 20, 50]
    assert len(set(chosen.tolist()) & set(range(20, len(X)))) == 10
    with pytest.warns(UserWarning, match="'typiclust' compares all .* of the 1,200 samples of X it chooses among"):
        alw.Session(Own(X), classes=["a", "b", "c"], learner=GaussianNB(), strategy="typiclust", audit=0)


@pytest.mark.parametrize("size", [1, 1e200, 1e-200])
@pytest.mark.parametrize("n", [1, 7, 150])
@pytest.mark.parametrize("name", ["k_center", "badge"])
def test_passes_over_the_blocks_give_the_picks_of_an_array(name, n, size, make_large, monkeypatch):
    # Few rows are looked at together, and few proposals taken from old distances.
    monkeypatch.setattr("alwidgets.kernels.distances.TILE_NUMBERS", 300)
    points = np.concatenate([X, rng.normal(size=(800, 3)) ** 3]) * size
    learner = LogisticRegression().fit(X[:20], y[:20])
    candidates = np.flatnonzero(np.arange(len(points)) % 7 > 0)
    for labeled in (np.arange(0), np.arange(0, 200, 7)):
        given = replace(
            view(learner, candidates), X=points, labeled=labeled, labels=y[labeled],
            embedding=Features(points, None, lambda X: X), source_proba=learner.predict_proba(points / size),
        )  # fmt: skip
        expected = choose(NAMED[name], given, n).rows
        make_large()
        held = as_samples(Own(points, 130))
        found = choose(NAMED[name], replace(given, X=held, rng=np.random.default_rng(1)), n).rows
        np.testing.assert_array_equal(found, expected)
        monkeypatch.undo()
        monkeypatch.setattr("alwidgets.kernels.distances.TILE_NUMBERS", 300)


@pytest.mark.parametrize("name", ["k_center", "badge"])
def test_a_pool_in_blocks_asks_as_the_array_by_features_and_model_of_its_own(name, make_large):
    def session(X):
        made = alw.Session(
            X, classes=["a", "b", "c"], learner=RandomForestClassifier(5, random_state=0), strategy=name, audit=0,
            random_state=0, cold_start=alw.strategies.ColdStart("k_center", labels_per_class=2),
        )  # fmt: skip
        made.run(y, n_labels=40)
        return made.labels["item"].tolist()

    before = session(X)
    make_large()
    assert session(Own(X, 130)) == before


def test_what_looks_at_all_candidates_of_an_array_never_looks_at_a_block_alone(make_large):
    learner = learner_for(NAMED["information_density"])
    before = choose(NAMED["information_density"], view(learner), 30).rows
    make_large()
    np.testing.assert_array_equal(choose(NAMED["information_density"], view(learner), 30).rows, before)


class Counting(GaussianNB):
    """A learner of one's own, of which it is not known whether several threads may ask it at once."""

    asked_by = set()  # noqa: RUF012 - of all copies

    def predict_proba(self, X):
        self.asked_by.add(threading.current_thread().name)
        return super().predict_proba(X)


def test_only_learners_that_bear_it_are_asked_in_threads(make_large):
    make_large()
    assert bears_threads(make_pipeline(StandardScaler(), GaussianNB()))
    assert not bears_threads(Counting())
    assert not bears_threads(make_pipeline(StandardScaler(), Counting()))
    choose(NAMED["margin"], view(Counting().fit(X[:20], y[:20])), 5)
    assert Counting.asked_by == {threading.current_thread().name}


def test_a_row_with_a_bad_probability_is_named_by_its_number_in_the_pool(make_large):
    class Bad(GaussianNB):
        def predict_proba(self, X):
            proba = super().predict_proba(X)
            proba[np.all(X == BAD, axis=1)] = 2
            return proba

    BAD = X[777]
    make_large()
    with pytest.raises(ValueError, match="the model gives row 777 of X the probabilities"):
        choose(NAMED["entropy"], view(Bad().fit(X[:20], y[:20]), np.arange(500, len(X))), 5)
