"""What every strategy owes a session, asked of every named one, of users' own, and of those made of others."""

from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from modAL.batch import uncertainty_batch_sampling
from modAL.uncertainty import entropy_sampling
from scipy.sparse import csr_array, csr_matrix
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from alwidgets import kernels
from alwidgets.data.label_kinds import MULTICLASS
from alwidgets.data.pool import as_samples, take
from alwidgets.models.modal import ActiveLearner, Committee
from alwidgets.strategies import (
    NamedStrategy,
    PoolView,
    StrategyName,
    distinct,
    from_modal,
    from_skactiveml,
    from_small_text,
    mix,
    per_cost,
    phases,
    power,
    stratified,
    transfer,
    weighted_k_means,
)
from alwidgets.strategies import rules as module
from alwidgets.strategies.choose import choose, chooses_batches, resolve, strategy_name
from alwidgets.strategies.named import NAMED as ALL

# small-text's own.
pytestmark = pytest.mark.filterwarnings("ignore:The function get_flattened_unique_labels:DeprecationWarning")

# Those for labels of one class; what is only for many has its own tests.
NAMED = {name: strategy for name, strategy in ALL.items() if MULTICLASS in strategy.kinds}
WORDS = ["ham", "spam", "parcel", "fee", "meeting", "lunch", "win", "prize"]
KINDS = ["array", "memmap", "csr_matrix", "csr_array", "DataFrame", "texts"]
N = 60
CLASSES = np.array(["ham", "spam"])
PRICES = np.random.default_rng(8).uniform(1, 9, N)
SOURCE = np.random.default_rng(9).dirichlet(np.ones(2), N)
GROUPS = np.arange(N) % 4


def toward_the_mean(view):
    """A plain function of a view, as a user writes it."""
    return -abs(view.proba.max(axis=1) - 0.5)


@dataclass(frozen=True)
class Spread:
    """An object with `select`, as a user writes it."""

    def select(self, view, n):
        return kernels.k_center(view.features.at(view.candidates), view.features.at(view.labeled), n)


def every(order=None, n_classes=2):
    """Every strategy there is, for the pool in this order."""
    order = np.arange(N) if order is None else order
    source = SOURCE if n_classes == 2 else np.random.default_rng(9).dirichlet(np.ones(n_classes), N)
    own = {"a function": toward_the_mean, "an object": Spread()}
    made = [
        power("margin"),
        power("bald", 2.0),
        weighted_k_means("entropy"),
        distinct("margin", 0.9),
        distinct("badge"),
        distinct(mix({"entropy": 1, "k_center": 1})),
        mix({"margin": 0.7, "typiclust": 0.3}),
        phases("typiclust", "margin", 1),
        phases("k_center", "vote_entropy", 1000),
        per_cost("entropy", PRICES[order]),
        per_cost("margin", "seconds"),
        per_cost(first_column, PRICES[order]),
        transfer(source[order], "entropy"),
        stratified(GROUPS[order]),
    ]
    return {**NAMED, **own, **{strategy_name(each): each for each in (*made, *adapted())}}


def adapted():
    """Strategies of other libraries, of those that are installed."""
    made = [from_modal(entropy_sampling), from_modal(uncertainty_batch_sampling)]
    if find_spec("skactiveml"):
        from skactiveml.pool import CoreSet, UncertaintySampling

        made += [from_skactiveml(CoreSet()), from_skactiveml(UncertaintySampling(method="entropy"))]
    if find_spec("small_text"):
        from small_text import BreakingTies

        made += [from_small_text(BreakingTies())]
    return made


def first_column(view):
    """A utility below 0 of the best."""
    return -view.proba[:, 0]


EVERY = every()
every_strategy = pytest.mark.parametrize("name", EVERY)

# Chosen at random, by a seed: the order of the rows is part of what a seed means.
DRAWN = {
    "random": "it is a draw",
    "mixed": "most of it is a draw",
    "badge": "k-means++ draws what it asks in proportion to the distance",
    "power(margin)": "draws in proportion to the utility",
    "power(bald)": "draws in proportion to the utility",
    "distinct(badge)": "what it looks through is drawn",
    "mix(margin 0.7, typiclust 0.3)": "whose turn it is is drawn",
    "distinct(mix(entropy 0.5, k_center 0.5))": "whose turn it is is drawn",
    "stratified": "it draws within each group",
}
# k-means starts from rows that are drawn, and ends in a clustering that depends on them.
CLUSTERED = {"k_means", "typiclust", "weighted_k_means", "weighted_k_means(entropy)", "phases(typiclust, margin)"}
# Few members' votes, and counts of what is covered, tie.
TIED = {"vote_entropy", "variation_ratio", "prob_cover"}
# Their utility of a candidate depends on which others there are.
RELATIVE = {"random", "expected_error", "expected_error_one_step", "information_density", "per_cost(first_column)"}


@pytest.fixture(autouse=True)
def few_refits(monkeypatch):
    """Look at fewer candidates than there are, which costs less and shows what becomes of the others."""
    monkeypatch.setattr(module, "_MOST_REFITTED", 6)
    monkeypatch.setattr(module, "_MOST_STEPPED", 6)


def samples(kind, folder):
    """The same numbers in every form, or texts; and labels that follow from them."""
    generator = np.random.default_rng(0)
    if kind == "texts":
        texts = [" ".join(generator.choice(WORDS, 6)) for _ in range(N)]
        return texts, np.array(["spam" if "prize" in text else "ham" for text in texts])
    X = generator.normal(size=(N, 4))
    X[X < -1] = 0
    X = X.astype(np.float32).astype(np.float64)
    np.save(folder / "X.npy", X)
    made = {
        "array": lambda: X,
        "memmap": lambda: np.load(folder / "X.npy", mmap_mode="r"),
        "csr_matrix": lambda: csr_matrix(X),
        "csr_array": lambda: csr_array(X),
        "DataFrame": lambda: pd.DataFrame(X, columns=list("abcd"), index=np.repeat([7, 3], N // 2)),
    }
    return made[kind](), np.where(X[:, 0] > 0, "spam", "ham")


def view_of(X, y, *steps, classes=CLASSES):
    """A pool of which rows 0, 3, 6 ... are labeled and rows 1, 4, 7 ... may not be asked."""
    X = as_samples(X)
    labeled = np.arange(0, N, 3)
    estimator = make_pipeline(*steps, LogisticRegression()) if steps else LogisticRegression()
    return PoolView(
        X=X,
        candidates=np.arange(2, N, 3),
        labeled=labeled,
        labels=y[labeled],
        classes=classes,
        learner=ActiveLearner(estimator, X_training=take(X, labeled), y_training=y[labeled]),
        rng=np.random.default_rng(5),
        seconds=np.random.default_rng(6).uniform(1, 20, len(labeled)),
    )


@pytest.fixture(scope="module", params=KINDS)
def any_view(request, tmp_path_factory):
    """A pool of every kind."""
    steps = [TfidfVectorizer()] if request.param == "texts" else []
    return view_of(*samples(request.param, tmp_path_factory.mktemp("pool")), *steps)


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    """A pool of numbers."""
    return view_of(*samples("array", tmp_path_factory.mktemp("pool")))


def votes(strategy):
    """Whether it, or a part of it, asks for the votes of a committee."""
    if isinstance(strategy, NamedStrategy):
        return "vote" in "".join(strategy.needs)
    return any(map(votes, getattr(strategy, "parts", ())))


def learner_for(strategy, learner):
    """The learner, or a committee of three where that is what it takes."""
    if not votes(strategy):
        return learner
    X, y = learner.X_training, learner.y_training
    fitted = [ActiveLearner(learner.estimator, X_training=X, y_training=y)]
    for seed in range(2):
        estimator = clone(learner.estimator)
        fitted.append(ActiveLearner(estimator, X_training=X, y_training=y, bootstrap_init=True, random_state=seed))
    return Committee(fitted)


def asked(strategy, view, n, seed=5):
    """What it asks of a view, with a fitted learner that suits it."""
    learner = view.learner if hasattr(view.learner, "learner_list") else learner_for(strategy, view.learner)
    return choose(resolve(strategy, learner), replace(view, rng=np.random.default_rng(seed), learner=learner), n)


@every_strategy
def test_of_any_pool_it_asks_as_many_candidates_as_wanted_each_once_and_changes_nothing(name, any_view):
    for values in (any_view.candidates, any_view.labeled, any_view.labels, any_view.seconds, any_view.X):
        if isinstance(values, np.ndarray):
            values.setflags(write=False)
    content = any_view.X.data if hasattr(any_view.X, "indptr") else any_view.X
    before = content.copy()
    rows = asked(EVERY[name], any_view, 8).rows
    assert len(set(rows.tolist())) == len(rows) == 8
    assert set(rows.tolist()) <= set(any_view.candidates.tolist())
    assert rows.dtype.kind == "i"
    assert (content == before).all(axis=None)


@every_strategy
@pytest.mark.parametrize("n", [0, 1, 20, 500])
def test_a_batch_as_large_as_the_candidates_or_larger_is_all_of_them(name, view, n):
    rows = asked(EVERY[name], view, n).rows
    assert len(set(rows.tolist())) == len(rows) == min(n, len(view.candidates))
    assert set(rows.tolist()) <= set(view.candidates.tolist())


@every_strategy
def test_the_same_seed_asks_the_same(name, view):
    first, second = asked(EVERY[name], view, 10), asked(EVERY[name], view, 10)
    np.testing.assert_array_equal(first.rows, second.rows)
    np.testing.assert_array_equal(first.utility, second.utility)


@every_strategy
def test_utilities_belong_to_the_rows_best_first(name, view):
    strategy, choice = EVERY[name], asked(EVERY[name], view, 10)
    assert choice.utility.shape == choice.rows.shape
    if chooses_batches(strategy):
        assert np.isnan(choice.utility).all()
        return
    assert (choice.utility[1:] <= choice.utility[:-1]).all()
    if name not in RELATIVE:
        alone = [asked(strategy, replace(view, candidates=np.array([row])), 1).utility[0] for row in choice.rows]
        np.testing.assert_allclose(choice.utility, alone, atol=1e-12)


@every_strategy
@pytest.mark.parametrize("row", [0, N - 1])
def test_one_candidate_is_asked(name, view, row):
    assert asked(EVERY[name], replace(view, candidates=np.array([row])), 3).rows.tolist() == [row]


@every_strategy
def test_every_row_may_be_a_candidate(name, view):
    everything = replace(view, candidates=np.arange(N))
    assert sorted(asked(EVERY[name], everything, N).rows.tolist()) == list(range(N))


@every_strategy
def test_no_candidates_no_questions(name, view):
    assert asked(EVERY[name], replace(view, candidates=np.empty(0, np.intp)), 3).rows.shape == (0,)


@pytest.mark.parametrize("name", [name for name in EVERY if name not in {*DRAWN, *CLUSTERED, *TIED}])
def test_the_order_of_the_rows_does_not_matter(name, view):
    order = np.random.default_rng(3).permutation(N)
    place = np.argsort(order)
    labeled, candidates = np.sort(place[view.labeled]), np.sort(place[view.candidates])
    labels_of = dict(zip(view.labeled.tolist(), view.labels.tolist(), strict=True))
    seconds_of = dict(zip(view.labeled.tolist(), view.seconds.tolist(), strict=True))
    learner = learner_for(EVERY[name], view.learner)
    shuffled = replace(
        view,
        X=view.X[order],
        candidates=candidates,
        labeled=labeled,
        labels=np.array([labels_of[row] for row in order[labeled].tolist()]),
        seconds=np.array([seconds_of[row] for row in order[labeled].tolist()]),
        learner=learner,
    )
    rows = asked(EVERY[name], replace(view, learner=learner), 6).rows
    # With the same model; and another seed, which orders ties alone.
    np.testing.assert_array_equal(order[asked(every(order)[name], shuffled, 6, seed=11).rows], rows)


@pytest.mark.parametrize("name", DRAWN)
def test_what_is_drawn_differs_from_seed_to_seed(name, view):
    assert len({tuple(asked(EVERY[name], view, 6, seed=seed).rows.tolist()) for seed in range(4)}) > 1


@pytest.mark.parametrize("name", ["vote_entropy", "variation_ratio"])
def test_of_votes_the_order_of_the_rows_changes_no_utility(name, view):
    everything = replace(view, candidates=np.arange(N), learner=learner_for(NAMED[name], view.learner))
    order = np.random.default_rng(3).permutation(N)
    plain, shuffled = asked(NAMED[name], everything, N), asked(NAMED[name], replace(everything, X=view.X[order]), N)
    by_row, by_place = plain.utility[np.argsort(plain.rows)], shuffled.utility[np.argsort(shuffled.rows)]
    np.testing.assert_array_equal(by_row[order], by_place)


# What an object of a user's own does with ties is its own affair, and what another library does is its.
OTHERS = {"an object", *map(strategy_name, adapted())}


@pytest.mark.parametrize("name", [name for name in EVERY if name not in OTHERS])
def test_where_everything_ties_the_seed_decides(name, view):
    alike = np.ones((N, 4))
    learner = ActiveLearner(LogisticRegression(), X_training=alike[: len(view.labels)], y_training=view.labels)
    tied = replace(view, X=alike, learner=learner, seconds=np.ones(len(view.labels)))
    strategy = EVERY[name]
    if name in ("transfer(entropy)", "per_cost(entropy)", "per_cost(first_column)"):
        even = np.full((N, 2), 0.5)
        strategy = transfer(even, "entropy") if name.startswith("t") else per_cost(strategy.part, np.ones(N))
    draws = [asked(strategy, tied, 5, seed=seed).rows.tolist() for seed in (0, 0, 1, 2)]
    assert draws[0] == draws[1]
    assert len(set(map(tuple, draws))) > 1


@every_strategy
def test_single_and_double_precision_ask_the_same(name, view):
    learner = learner_for(EVERY[name], view.learner)
    # Few labels leave clusters large: both of a cluster of two are as near to its center, and rounding would decide.
    few = {"labeled": view.labeled[:6], "labels": view.labels[:6], "seconds": view.seconds[:6]}
    double = replace(view, learner=learner, candidates=np.setdiff1d(np.arange(N), view.labeled[:6]), **few)
    single = replace(double, X=view.X.astype(np.float32))
    np.testing.assert_array_equal(asked(EVERY[name], single, 5).rows, asked(EVERY[name], double, 5).rows)


@every_strategy
def test_a_hundred_classes_are_enough_for_none_to_fail(name, view):
    classes = np.arange(100)
    y = np.arange(N) // 3 % 9
    many = view_of(view.X, y, classes=classes)
    rows = asked(every(n_classes=100)[name], many, 6).rows
    assert len(set(rows.tolist())) == 6


# small-text looks for a second column, which a session always has.
TWO_COLUMNS = {name for name in EVERY if getattr(EVERY[name], "linear", False) or name.startswith("small-text")}


@pytest.mark.parametrize("name", [name for name in EVERY if name not in TWO_COLUMNS])
@pytest.mark.parametrize("declared", [["ham", "spam"], ["ham"]], ids=["two declared", "one declared"])
def test_a_model_that_knows_one_class_only_asks_all_the_same(name, declared, view):
    labels = np.repeat("ham", len(view.labels))
    learner = ActiveLearner(GaussianNB(), X_training=view.X[view.labeled], y_training=labels)
    one = replace(view, labels=labels, classes=np.array(declared), learner=learner)
    rows = asked(every(n_classes=len(declared))[name], one, 6).rows
    assert len(set(rows.tolist())) == 6


class Broken(ClassifierMixin, BaseEstimator):
    """A model that gives one row of the pool what are not probabilities."""

    def __init__(self, at=0.0, gives=(0.5, 0.5)):
        self.at, self.gives = at, gives

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        proba = np.full((len(X), 2), 0.5)
        proba[X[:, 0] == self.at] = self.gives
        return proba

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def reads_probabilities(strategy):
    """Whether it, or a part that has its turn here, asks the session's model for probabilities."""
    if isinstance(strategy, NamedStrategy):
        return bool({"predict_proba", "vote_proba"} & set(strategy.needs)) and not strategy.linear
    if strategy in (toward_the_mean, first_column):
        return True
    return any(map(reads_probabilities, getattr(strategy, "parts", ())))


BROKEN = {"NaN": (np.nan, np.nan), "half NaN": (0.5, np.nan), "sum": (0.7, 0.7), "negative": (-0.5, 1.5)}


@pytest.mark.parametrize("name", [name for name, strategy in EVERY.items() if reads_probabilities(strategy)])
@pytest.mark.parametrize("gives", BROKEN.values(), ids=BROKEN)
def test_what_are_no_probabilities_is_refused_with_its_row(name, gives, view):
    strategy, bad = EVERY[name], int(view.candidates[7])
    if name == "phases(typiclust, margin)":
        strategy = phases("random", "margin")
        view = replace(view, labeled=np.tile(view.labeled, 3), labels=np.tile(view.labels, 3))
    y = view.labels
    model = ActiveLearner(Broken(view.X[bad, 0], gives), X_training=view.X[view.labeled], y_training=y)
    with pytest.raises(ValueError, match=rf"row {bad} of X .*expected numbers that sum to 1"):
        asked(strategy, replace(view, learner=model), 8)


def test_probabilities_of_another_shape_are_refused(view):
    class Short(Broken):
        def predict_proba(self, X):
            return super().predict_proba(X)[1:]

    class Wide(Broken):
        def predict_proba(self, X):
            return np.full((len(X), 3), 1 / 3)

    for estimator in (Short(), Wide()):
        learner = estimator.fit(view.X, np.arange(N) % 2)
        with pytest.raises(ValueError, match=r"predict_proba returned shape .* for 20 samples and 2 classes"):
            choose(NAMED["margin"], replace(view, classes=np.arange(2), learner=learner), 3)


def test_no_strategy_escapes_this_suite():
    marks = {
        name
        for name, function in globals().items()
        if name.startswith("test_") and any(mark is every_strategy.mark for mark in getattr(function, "pytestmark", ()))
    }
    assert len(marks) == 9
    assert list(EVERY)[: len(NAMED)] == list(NAMED)
    assert set(DRAWN) | CLUSTERED | TIED | RELATIVE <= set(EVERY)
    assert all(name == strategy.name and strategy.when and strategy.cost for name, strategy in ALL.items())


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
def test_a_pool_read_in_chunks_predicts_as_a_whole_one(share, monkeypatch, any_view):
    candidates = np.sort(np.random.default_rng(2).choice(N, int(share * N), replace=False))
    whole = replace(any_view, candidates=candidates).proba
    monkeypatch.setattr("alwidgets.data.kinds._BLOCK_BYTES", 200)
    np.testing.assert_allclose(replace(any_view, candidates=candidates).proba, whole, atol=1e-12)


def test_the_names_that_a_type_checker_knows_are_those_that_there_are():
    assert get_args(StrategyName) == tuple(ALL)
