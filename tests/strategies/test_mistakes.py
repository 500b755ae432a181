"""A user's mistakes, each named with its cure."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_iris
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsOneClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC, NuSVC

from alwidgets.loop.plan import model_spec
from alwidgets.models.modal import ActiveLearner, Committee
from alwidgets.strategies import NAMED, PoolView
from alwidgets.strategies.choose import choose, resolve

X, Y = load_iris(return_X_y=True)


@pytest.fixture(scope="module")
def view():
    return PoolView(
        X=X,
        candidates=np.arange(100, 110),
        labeled=np.arange(100),
        labels=Y[:100],
        classes=np.arange(3),
        learner=GaussianNB().fit(X, Y),
        rng=np.random.default_rng(0),
    )


class Picks:
    """Returns what it was made with."""

    def __init__(self, rows):
        self.rows = rows

    def select(self, view, n):
        return self.rows


UTILITIES = [
    (np.zeros(3), ValueError, r"mine returned shape \(3,\); expected one utility per candidate, \(10,\)"),
    (np.zeros((10, 1)), ValueError, r"mine returned shape \(10, 1\); expected one utility"),
    (0.5, ValueError, r"mine returned shape \(\); expected one utility"),
    (None, ValueError, r"mine returned shape \(\); expected one utility"),
    ([1, 2, [3]] * 3, TypeError, "mine returned .*; expected one number for each candidate"),
    (["a"] * 10, TypeError, "expected one number for each candidate"),
    (np.where(np.arange(10) == 4, np.nan, 1.0), ValueError, "mine returned NaN for row 104 of X; expected a number"),
]


@pytest.mark.parametrize(("utility", "error", "cure"), UTILITIES)
def test_a_utility_function_that_returns_something_else_is_told(view, utility, error, cure):
    def mine(view):
        return utility

    with pytest.raises(error, match=cure):
        choose(mine, view, 3)


@pytest.mark.parametrize("utility", [range(10), np.arange(10, dtype=np.float32), [-np.inf] * 9 + [np.inf]])
def test_a_utility_function_may_return_any_numbers(view, utility):
    assert choose(lambda view: utility, view, 1).rows.tolist() == [109]


SELECTIONS = [
    ([1, 2], ValueError, r"Picks.select returned shape \(2,\); expected 3 row numbers, shape \(3,\)"),
    ([1, 2, 3, 4], ValueError, "expected 3 row numbers"),
    ([[1, 2, 3]], ValueError, r"shape \(1, 3\); expected 3 row numbers"),
    (None, ValueError, "expected 3 row numbers"),
    ([1, 2, [3]], TypeError, "expected 3 row numbers"),
    ([1.0, 2.0, 3.0], TypeError, "Picks.select returned dtype float64; expected row numbers into view.candidates"),
    (["a", "b", "c"], TypeError, "expected row numbers into view.candidates"),
    ([True, False, True], TypeError, "returned dtype bool; expected row numbers"),
    ([0, 1, 10], ValueError, "returned 10, which is not a candidate; .* view.candidates, 0 to 9"),
    ([0, -1, 2], ValueError, "returned -1, which is not a candidate"),
    ([100, 101, 102], ValueError, "returned 100, which is not a candidate; expected row numbers into view.candidates"),
    ([5, 2, 5], ValueError, "returned 5 more than once; expected distinct rows"),
]


@pytest.mark.parametrize(("rows", "error", "cure"), SELECTIONS)
def test_a_batch_strategy_that_returns_something_else_is_told(view, rows, error, cure):
    with pytest.raises(error, match=cure):
        choose(Picks(rows), view, 3)


@pytest.mark.parametrize("rows", [[7, 2, 0], (7, 2, 0), np.array([7, 2, 0], np.uint8)])
def test_a_batch_strategy_s_order_is_kept(view, rows):
    assert choose(Picks(rows), view, 3).rows.tolist() == [107, 102, 100]


def test_a_strategy_s_own_exception_passes_through_untouched(view):
    boom = KeyError("mine")
    calls = []

    def mine(view):
        calls.append(view)
        raise boom

    class Mine:
        select = staticmethod(lambda view, n: mine(view))

    for strategy in (mine, Mine()):
        with pytest.raises(KeyError) as caught:
            choose(strategy, view, 3)
        assert caught.value is boom
        assert caught.value.__cause__ is None
    assert len(calls) == 2


def test_an_unknown_name_lists_the_names_there_are():
    with pytest.raises(
        ValueError, match=r"Unknown strategy 'margins'; expected one of .*'entropy', .*'margin'"
    ) as caught:
        resolve("margins", LogisticRegression())
    assert all(repr(name) in str(caught.value) for name in NAMED)


@pytest.mark.parametrize(
    ("strategy", "cure"),
    [
        (Picks, r"strategy is the class Picks; expected an object: Picks\(\)"),
        (None, "strategy is None; expected one of .*a function of a PoolView, or an object with a `select` method"),
        (7, "strategy is 7; expected one of"),
    ],
)
def test_what_is_no_strategy_is_refused(strategy, cure):
    with pytest.raises(TypeError, match=cure):
        resolve(strategy, LogisticRegression())


class Hard(ClassifierMixin, BaseEstimator):
    """A classifier that can only predict."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


NEITHER = r"a model that gives neither probabilities nor a decision function suits 'random', .*'vote_entropy' with"
NO_PROBABILITIES = "use 'margin' or wrap it in CalibratedClassifierCV."
MISSING = [
    (LinearSVC(), "entropy", f"LinearSVC has no predict_proba, which 'entropy' needs; {NO_PROBABILITIES}"),
    (
        LinearSVC(),
        "least_confidence",
        f"LinearSVC has no predict_proba, which 'least_confidence' needs; {NO_PROBABILITIES}",
    ),
    (make_pipeline(StandardScaler(), SVC()), "entropy", f"Pipeline has no predict_proba, .*; {NO_PROBABILITIES}"),
    (ActiveLearner(SVC()), "entropy", f"SVC has no predict_proba, .*; {NO_PROBABILITIES}"),
    (Hard(), "margin", f"Hard has no predict_proba or decision_function, .* needs; {NEITHER}"),
    (Hard(), "entropy", f"Hard has no predict_proba, which 'entropy' needs; {NEITHER}"),
    (Committee([ActiveLearner(Hard())]), "margin", f"Committee has no .*; {NEITHER}"),
    (
        Committee([ActiveLearner(LinearSVC())]),
        "entropy",
        "Committee has no .*; wrap each member in CalibratedClassifierCV",
    ),
    (VotingClassifier([("a", GaussianNB())]), "margin", r"needs; give voting='soft', .* or make a committee"),
]


@pytest.mark.parametrize(("learner", "strategy", "cure"), MISSING, ids=str)
def test_an_estimator_without_what_the_strategy_needs_is_refused_at_once(learner, strategy, cure):
    with pytest.raises(ValueError, match=f"{cure}"):
        model_spec(learner, strategy)


@pytest.mark.parametrize("learner", [Hard(), LinearSVC(), SVC(decision_function_shape="ovo")], ids=str)
def test_a_strategy_that_needs_no_model_takes_any(learner):
    assert model_spec(learner, "random").strategy is NAMED["random"]


OVO = [
    SVC(decision_function_shape="ovo"),
    NuSVC(decision_function_shape="ovo"),
    make_pipeline(StandardScaler(), SVC(decision_function_shape="ovo")),
    GridSearchCV(SVC(decision_function_shape="ovo"), {"C": [1, 2]}),
    ActiveLearner(SVC(decision_function_shape="ovo")),
]


@pytest.mark.parametrize("learner", OVO, ids=str)
def test_margin_refuses_one_decision_value_a_pair_of_classes(learner):
    with pytest.raises(ValueError, match=r"one decision value a pair .*; 'margin' needs one a class: set .*='ovr'"):
        model_spec(learner, "margin")


def test_with_probabilities_the_pairs_do_no_harm():
    assert model_spec(CalibratedClassifierCV(SVC(decision_function_shape="ovo")), "margin").strategy is NAMED["margin"]


def test_margin_refuses_decisions_that_are_not_one_a_class(view):
    class Pairs(LinearSVC):
        def decision_function(self, X):
            return np.zeros((len(X), 6))

    learner = Pairs().fit(X, np.arange(150) % 4)
    strange = PoolView(X, view.candidates, view.labeled, view.labels, np.arange(4), learner, view.rng)
    with pytest.raises(ValueError, match=r"has 6 columns for 4 classes; .*CalibratedClassifierCV"):
        choose(NAMED["margin"], strange, 3)


def test_one_against_one_with_a_value_a_class_is_taken(view):
    learner = OneVsOneClassifier(LinearSVC()).fit(X, Y)
    pairs = PoolView(X, view.candidates, view.labeled, view.labels, view.classes, learner, view.rng)
    assert len(choose(resolve("margin", learner), pairs, 3).rows) == 3


def test_probabilities_without_a_model_say_what_to_do(view):
    empty = PoolView(X, view.candidates, view.labeled, view.labels, view.classes, None, view.rng)
    with pytest.raises(ValueError, match=r"no fitted model yet, .*label at least one sample of two classes"):
        choose(NAMED["margin"], empty, 3)


def test_a_model_with_an_undeclared_class_is_named(view):
    two = PoolView(X, view.candidates, view.labeled, view.labels, np.arange(2), view.learner, view.rng)
    with pytest.raises(ValueError, match=r"the model knows the class 2; expected only \[0, 1\]"):
        choose(NAMED["margin"], two, 3)
