"""The signals of a round against manual sums, SciPy and scikit-learn."""

import dataclasses

import numpy as np
import pytest
from scipy.stats import entropy as scipy_entropy
from sklearn.metrics import cohen_kappa_score
from sklearn.svm import SVC

from alwidgets.stopping import ModelOutputs, Signals
from alwidgets.stopping.signals import signals

YES = np.array([True, True, False])
PROBA = np.array([[0.9, 0.1], [0.6, 0.4], [0.5, 0.5]])


def seen(**given):
    usual = {
        "stop_set": ModelOutputs(np.array([0, 0, 0]), PROBA),
        "unlabeled": YES,
        "before": None,
        "batch": None,
        "answered": None,
        "answered_codes": None,
        "n_classes": 2,
    }
    return signals(**(usual | given))


def bits(*rows):
    return np.array([scipy_entropy(row, base=len(row)) for row in rows])


def test_probabilities_are_read_on_the_unlabeled_rows_only():
    told = seen()
    assert (told.n_watched, told.n_unlabeled) == (3, 2)
    assert told.entropy == pytest.approx(bits([0.9, 0.1], [0.6, 0.4]).mean())
    assert told.max_entropy == pytest.approx(bits([0.6, 0.4])[0])
    assert told.confidence == pytest.approx(0.75)
    assert told.confidence_variance == pytest.approx(0.0225)
    assert told.expected_error == pytest.approx(0.25)
    # Class 0 is predicted twice and expected 1.5 times, right 1.5 times; class 1 is missed.
    assert told.expected_f == pytest.approx((2 * 1.5 / 3.5 + 0) / 2)
    assert told.kappa is told.batch_entropy is told.agreement is told.inside_margin is told.answered_right is None


def test_the_batch_has_signals_of_its_own_and_may_hold_the_least_sure_row():
    told = seen(batch=ModelOutputs(np.array([1, 0]), np.array([[0.0, 1.0], [0.5, 0.5]])))
    assert told.batch_entropy == pytest.approx(0.5)
    assert told.batch_variance == pytest.approx(0.0625)
    assert told.max_entropy == pytest.approx(1)
    assert told.entropy == seen().entropy


def test_two_models_are_compared_on_all_rows_labeled_ones_too():
    before, now = np.array([0, 1, 1, 2, 2, 0]), np.array([0, 1, 2, 2, 2, 1])
    told = seen(stop_set=ModelOutputs(now), unlabeled=np.zeros(6, bool), before=before, n_classes=3)
    assert told.kappa == pytest.approx(cohen_kappa_score(before, now))
    assert told.changed == pytest.approx(2 / 6)
    # F of the classes: 2 / 3, 1 / 2 and 4 / 5.
    assert told.f_change == pytest.approx(1 - (2 / 3 + 1 / 2 + 4 / 5) / 3)
    assert told.entropy is None


def test_answers_are_held_against_the_model_that_had_not_seen_them():
    proba = np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8], [0.0, 1.0]])
    told = seen(answered=ModelOutputs(proba.argmax(axis=1), proba), answered_codes=np.array([0, 1, 0, 1]))
    assert (told.n_answered, told.answered_right) == (4, 0.5)
    unsure = bits(*proba)
    assert told.contradiction == pytest.approx((unsure[1] + unsure[2]) / unsure.mean())


@pytest.mark.parametrize(("given", "contradiction"), [([0, 1], 0.0), ([1, 1], None)])
def test_a_certain_model_is_contradicted_not_at_all_or_beyond_measure(given, contradiction):
    told = seen(answered=ModelOutputs(np.array([0, 1]), np.eye(2)), answered_codes=np.array(given))
    assert told.contradiction == contradiction


def test_a_committee_agrees_as_far_as_its_votes_have_no_entropy():
    stop_set = ModelOutputs(np.array([0, 0, 0]), votes=np.array([[0, 0], [0, 1], [1, 1]]))
    told = seen(stop_set=stop_set, batch=ModelOutputs(np.array([0]), votes=np.array([[1, 0]])))
    assert told.agreement == pytest.approx(0.5)
    assert told.batch_agreement == pytest.approx(0)
    assert told.entropy is None


def test_rows_inside_the_margin_are_those_that_scikit_learn_has_inside():
    generator = np.random.default_rng(0)
    X = generator.normal(size=(80, 2))
    machine = SVC(kernel="linear").fit(X[:30], X[:30, 0] > 0)
    rest, batch = X[30:70], X[70:]
    told = seen(
        stop_set=ModelOutputs(machine.predict(rest).astype(int), decision=machine.decision_function(rest)),
        unlabeled=np.ones(40, bool),
        batch=ModelOutputs(machine.predict(batch).astype(int), decision=machine.decision_function(batch)),
        n_support=len(machine.support_),
    )
    distance = (X[30:] @ machine.coef_[0] + machine.intercept_[0]) / np.linalg.norm(machine.coef_)
    assert told.inside_margin == np.sum(np.abs(distance) < 1 / np.linalg.norm(machine.coef_)) > 0
    assert told.n_support == len(machine.support_)


def test_one_of_several_machines_is_enough_to_be_inside():
    decision = np.array([[2.0, -2.0, -1.5], [2.0, -0.5, -3.0], [1.0, -1.0, -1.0]])
    told = seen(stop_set=ModelOutputs(np.zeros(3, int), decision=decision), unlabeled=np.ones(3, bool), n_classes=3)
    assert told.inside_margin == 1


BAD = np.array([[np.nan, 1.0], [0.5, 0.5], [0.5, 0.5]])


@pytest.mark.parametrize(
    "stop_set",
    [
        ModelOutputs(np.zeros(3, int), BAD, np.array([np.inf, 0, 0]), np.array([[0, 7], [0, 0], [0, 0]])),
        ModelOutputs(np.zeros(3, int), PROBA * 2, np.full(3, np.nan), np.full((3, 2), 0.5)),
        ModelOutputs(np.zeros(3, int), PROBA[:, :1], np.zeros(2), np.zeros((2, 2), int)),
        ModelOutputs(np.zeros(3, int), PROBA[:2], np.zeros((4, 2)), np.zeros((3, 0), int)),
        ModelOutputs(np.full(3, 9)),
        ModelOutputs(np.full(3, -1)),
    ],
    ids=["not finite", "no distributions", "too narrow", "too short", "no class", "minus one"],
)
def test_what_a_model_says_wrongly_is_told_as_nothing(stop_set):
    told = seen(
        stop_set=stop_set,
        before=np.full(3, 5),
        batch=stop_set,
        answered=stop_set,
        answered_codes=np.array([0, 1]),
    )
    assert dataclasses.replace(told, n_predicted=None) == Signals(n_watched=3, n_unlabeled=2)


@pytest.mark.parametrize(
    "given",
    [
        {"n_classes": 1, "before": np.zeros(3, int)},
        {"unlabeled": np.zeros(3, bool), "batch": ModelOutputs(np.empty(0, int), np.empty((0, 2)))},
        {"stop_set": ModelOutputs(np.empty(0, int), np.empty((0, 2))), "unlabeled": np.empty(0, bool)},
        {"unlabeled": np.zeros(3, bool), "before": np.zeros(2, int)},
    ],
    ids=["one class", "nothing unlabeled", "nothing watched", "other rows before"],
)
def test_where_there_is_nothing_to_tell_nothing_is_told(given):
    told = dataclasses.asdict(seen(**given))
    assert {name for name, value in told.items() if value is not None} == {
        "n_watched", "n_unlabeled", "n_answered", "n_predicted", "strata",
    }  # fmt: skip


# Of a class that is sought, which the models' outputs alone do not tell.
OF_A_SEARCH = {
    "n_found", "n_read", "n_unread", "n_at_most", "expected_read", "expected_unread", "variance_read",
    "variance_unread", "strata",
}  # fmt: skip
# Of a pool that grew.
OF_PARTS = {"unasked"}


def test_signals_are_plain_numbers_a_journal_can_hold():
    generator = np.random.default_rng(0)
    proba = generator.dirichlet(np.ones(3), 40).astype(np.float32)
    outputs = ModelOutputs(
        proba.argmax(axis=1), proba, generator.normal(size=(40, 3)), generator.integers(0, 3, (40, 4))
    )
    told = signals(
        stop_set=outputs,
        unlabeled=generator.random(40) < 0.5,
        before=generator.integers(0, 3, 40),
        batch=outputs,
        answered=outputs,
        answered_codes=generator.integers(0, 3, 40),
        n_classes=3,
        n_support=7,
    )
    values = {name: value for name, value in dataclasses.asdict(told).items() if name not in OF_A_SEARCH | OF_PARTS}
    assert {type(value) for value in values.values()} == {int, float}
    assert all(
        0 <= value <= 1 for name, value in values.items() if isinstance(value, float) and name != "contradiction"
    )
