"""What every strategy owes a session, asked of every named one, of users' own, and of the cold start."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array, csr_matrix
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from alwidgets import kernels
from alwidgets.learners import ActiveLearner, Committee
from alwidgets.pool import as_samples, take
from alwidgets.strategies import (
    NAMED,
    PoolView,
    choose,
    chooses_batches,
    distinct,
    features_of,
    mix,
    per_cost,
    phases,
    power,
    resolve,
    strategy_name,
    stratified,
    transfer,
    weighted_k_means,
)

WORDS = ["ham", "spam", "parcel", "fee", "meeting", "lunch", "win", "prize"]
N = 90


def toward_the_mean(view):
    """A plain function of a view, as a user writes it."""
    return -abs(view.proba.max(axis=1) - 0.5)


@dataclass
class Spread:
    """An object with `select`, as a user writes it."""

    def select(self, view, n):
        features = features_of(take(view.X, np.concatenate([view.candidates, view.labelled])), view.learner)
        if hasattr(features, "toarray"):
            features = features.toarray()
        cut = len(view.candidates)
        return kernels.k_center(features[:cut], features[cut:], n)


PRICES = np.random.default_rng(8).uniform(1, 9, N)
SOURCE = np.random.default_rng(9).dirichlet(np.ones(2), N)
MADE = [
    power("margin"),
    power("bald", 2.0),
    weighted_k_means("entropy"),
    distinct("margin", 0.9),
    distinct("badge"),
    mix({"margin": 0.7, "typiclust": 0.3}),
    phases("typiclust", "margin", 1),
    phases("k_center", "vote_entropy", 1000),
    per_cost("entropy", PRICES),
    per_cost("margin", "seconds"),
    per_cost(lambda view: -view.proba[:, 0]),
    transfer(SOURCE, "entropy"),
    stratified(np.arange(N) % 4),
]
OWN = {"a function": toward_the_mean, "an object": Spread()}
EVERY = {**NAMED, **OWN, **{strategy.__name__ + f" {i}": strategy for i, strategy in enumerate(MADE)}}
every_strategy = pytest.mark.parametrize("strategy", EVERY.values(), ids=EVERY)
# Their utility of a candidate depends on which others there are.
RELATIVE = {"random", "expected_error", "expected_error_one_step", "information_density", "per_cost(<lambda>)"}


def samples(kind, folder):
    """The same numbers in every form, or texts; and labels that follow from them."""
    generator = np.random.default_rng(0)
    if kind == "texts":
        texts = [" ".join(generator.choice(WORDS, 6)) for _ in range(N)]
        return texts, np.array(["spam" if "prize" in text else "ham" for text in texts])
    X = generator.normal(size=(N, 4))
    X[X < -1] = 0
    np.save(folder / "X.npy", X)
    made = {
        "array": lambda: X,
        "memmap": lambda: np.load(folder / "X.npy", mmap_mode="r"),
        "csr_matrix": lambda: csr_matrix(X),
        "csr_array": lambda: csr_array(X),
        "DataFrame": lambda: pd.DataFrame(X, columns=list("abcd"), index=np.repeat([7, 3], N // 2)),
    }
    return made[kind](), np.where(X[:, 0] > 0, "spam", "ham")


@pytest.fixture(scope="module", params=["array", "memmap", "csr_matrix", "csr_array", "DataFrame", "texts"])
def view(request, tmp_path_factory):
    """A pool of every kind, of which rows 0, 3, 6 ... are labelled and rows 1, 4, 7 ... may not be asked."""
    X, y = samples(request.param, tmp_path_factory.mktemp("pool"))
    X = as_samples(X)
    labelled = np.arange(0, N, 3)
    steps = [TfidfVectorizer()] if request.param == "texts" else []
    estimator = make_pipeline(*steps, LogisticRegression())
    return PoolView(
        X=X,
        candidates=np.arange(2, N, 3),
        labelled=labelled,
        labels=y[labelled],
        classes=np.array(["ham", "spam"]),
        learner=ActiveLearner(estimator, X_training=take(X, labelled), y_training=y[labelled]),
        rng=np.random.default_rng(5),
        seconds=np.random.default_rng(6).uniform(1, 20, len(labelled)),
    )


def learner_for(strategy, learner):
    """The learner, or a committee of three where that is what it takes."""
    parts = getattr(strategy, "parts", (strategy,))
    if not any(part in NAMED.values() and "vote" in "".join(part.needs) for part in parts):
        return learner
    X, y = learner.X_training, learner.y_training
    fitted = [ActiveLearner(learner.estimator, X_training=X, y_training=y)]
    for seed in range(2):
        estimator = clone(learner.estimator)
        fitted.append(ActiveLearner(estimator, X_training=X, y_training=y, bootstrap_init=True, random_state=seed))
    return Committee(fitted)


def asked(strategy, view, n):
    learner = learner_for(strategy, view.learner)
    view = replace(view, rng=np.random.default_rng(5), learner=learner)
    return choose(resolve(strategy, learner), view, n)


@every_strategy
def test_it_asks_for_as_many_candidates_as_wanted_each_once(strategy, view):
    for n in (0, 1, 8, 500):
        rows = asked(strategy, view, n).rows
        assert len(rows) == min(n, len(view.candidates))
        assert len(set(rows.tolist())) == len(rows)
        assert set(rows.tolist()) <= set(view.candidates.tolist())
        assert rows.dtype.kind == "i"


@every_strategy
def test_the_same_seed_asks_the_same(strategy, view):
    first, second = asked(strategy, view, 10), asked(strategy, view, 10)
    np.testing.assert_array_equal(first.rows, second.rows)
    np.testing.assert_array_equal(first.utility, second.utility)


@every_strategy
def test_utilities_belong_to_the_rows_best_first(strategy, view):
    choice = asked(strategy, view, 10)
    assert choice.utility.shape == choice.rows.shape
    if chooses_batches(strategy):
        assert np.isnan(choice.utility).all()
        return
    assert (np.diff(choice.utility) <= 0).all()
    one_by_one = {row: asked(strategy, replace(view, candidates=np.array([row])), 1).utility[0] for row in choice.rows}
    if strategy_name(strategy) not in RELATIVE:
        np.testing.assert_allclose(choice.utility, list(one_by_one.values()), atol=1e-12)


@every_strategy
@pytest.mark.parametrize("row", [0, N - 1])
def test_one_candidate_is_asked(strategy, view, row):
    assert asked(strategy, replace(view, candidates=np.array([row])), 3).rows.tolist() == [row]


@every_strategy
def test_every_row_may_be_a_candidate(strategy, view):
    everything = replace(view, candidates=np.arange(N))
    assert sorted(asked(strategy, everything, N).rows.tolist()) == list(range(N))


@every_strategy
def test_no_candidates_no_questions(strategy, view):
    assert asked(strategy, replace(view, candidates=np.empty(0, np.intp)), 3).rows.shape == (0,)


@every_strategy
def test_it_changes_nothing_it_was_shown(strategy, view):
    for values in (view.candidates, view.labelled, view.labels, view.X):
        if isinstance(values, np.ndarray):
            values.setflags(write=False)
    content = view.X.data if hasattr(view.X, "indptr") else view.X
    before = content.copy()
    asked(strategy, view, 8)
    assert (content == before).all(axis=None)


def test_no_named_strategy_escapes_this_suite():
    marks = {
        name
        for name, function in globals().items()
        if name.startswith("test_") and any(mark is every_strategy.mark for mark in getattr(function, "pytestmark", ()))
    }
    assert len(marks) == 7
    assert list(EVERY)[: len(NAMED)] == list(NAMED)
    assert all(name == strategy.name and strategy.when and strategy.cost for name, strategy in NAMED.items())


@pytest.mark.parametrize("name", NAMED)
def test_a_named_strategy_needs_what_it_says(name):
    """An estimator with only the methods that `needs` lists is enough, whichever of them it has."""
    X, y = np.random.default_rng(1).normal(size=(30, 2)), np.arange(30) % 2
    for method in NAMED[name].needs or ("predict",):
        estimator = SVC() if method in {"decision_function", "vote"} else LogisticRegression()
        learner = learner_for(NAMED[name], ActiveLearner(estimator, X_training=X[:9], y_training=y[:9]))
        view = PoolView(X, np.arange(9, 30), np.arange(9), y[:9], np.arange(2), learner, np.random.default_rng(0))
        assert len(choose(resolve(name, learner), view, 4).rows) == 4


def test_margin_of_a_model_without_probabilities_asks_nearest_to_the_boundary():
    X = np.arange(-10.0, 10.0)[:, None] + 0.25
    learner = SVC(kernel="linear").fit(X, X[:, 0] > 0)
    view = PoolView(
        X, np.arange(20), np.arange(0), X[:0, 0], np.array([False, True]), learner, np.random.default_rng(0)
    )
    assert set(choose(NAMED["margin"], view, 2).rows.tolist()) == set(np.argsort(abs(learner.decision_function(X)))[:2])


def test_a_class_the_model_has_not_seen_has_probability_nothing():
    X = np.random.default_rng(1).normal(size=(40, 2))
    y = np.where(X[:, 0] > 0, "c", "a")
    learner = LogisticRegression().fit(X, y)
    view = PoolView(
        X, np.arange(5), np.arange(40), y, np.array(["d", "c", "b", "a"]), learner, np.random.default_rng(0)
    )
    a, c = learner.predict_proba(X[:5]).T
    np.testing.assert_array_equal(view.proba, np.column_stack([0 * a, c, 0 * a, a]))
    assert view.n_classes_seen == 2


@pytest.mark.parametrize("share", [0.2, 1.0])
def test_a_pool_read_in_chunks_predicts_as_a_whole_one(share, monkeypatch, view):
    candidates = np.sort(np.random.default_rng(2).choice(N, int(share * N), replace=False))
    whole = replace(view, candidates=candidates).proba
    monkeypatch.setattr("alwidgets.pool._CHUNK_BYTES", 200)
    np.testing.assert_allclose(replace(view, candidates=candidates).proba, whole, atol=1e-12)
