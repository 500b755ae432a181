"""Every classifier of scikit-learn, and those of other packages that are installed, in a session.

Each learns in 40 labels, or is refused with what to do.
"""

import re

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from threadpoolctl import threadpool_limits

import alwidgets as alw
from tests.learners.catalog import INSTALLED, OTHERS, SCIKIT_LEARN


@pytest.fixture(autouse=True)
def _one_thread():
    # More of them wait for each other on machines that do other things.
    with threadpool_limits(1):
        yield


# What a library says of few samples, of itself or of its next release is not what is tested.
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.filterwarnings("error:.*trial fit")]

N_LABELS, BATCH_SIZE = 40, 8
NAMES = ["cat", "cow", "dog"]


def clouds(n=240, seed=0):
    """Three clouds of positive numbers, far apart: X of shape (n, 4) and the code of each."""
    codes = np.arange(n) % 3
    X = np.abs(np.random.default_rng(seed).normal(0, 0.3, (n, 4))) + 2 * np.eye(4)[codes]
    # Networks of 32 bits take no other numbers.
    return X.astype(np.float32), codes


X, CODES = clouds()
POOL, TEST = slice(0, 160), slice(160, 240)
CASES = [*SCIKIT_LEARN, *(case for cases in INSTALLED.values() for case in cases)]
WORKS = [case for case in CASES if case.works]


def of(cases):
    return pytest.mark.parametrize("case", cases, ids=[case.name for case in cases])


def made(case, y, classes, learner=None, **changes):
    given = {
        "X": X[POOL], "classes": classes, "learner": case.make() if learner is None else learner,
        "test": (X[TEST], y[TEST]), "batch_size": BATCH_SIZE, "random_state": 0, "stop": None,
    } | changes  # fmt: skip
    return alw.Session(**given)


def check_learns(session, case, y, within=N_LABELS // BATCH_SIZE):
    session.run(y[POOL], N_LABELS)
    assert 1 <= len(session.rounds) <= within
    assert session.progress.error == ""
    predicted = session.learner.predict(X[TEST])
    accuracy = np.mean(predicted == y[TEST])
    assert session.rounds[-1].score == pytest.approx(accuracy)
    assert accuracy >= case.least
    return session


LABELS = {
    "text": (np.array(NAMES)[CODES], NAMES),
    "integers": (CODES, [0, 1, 2]),
    "other integers": (CODES * 4 - 1, [-1, 3, 7]),
}


@of(WORKS)
@pytest.mark.parametrize(("y", "classes"), LABELS.values(), ids=LABELS)
def test_it_learns_and_its_score_is_the_models_own(case, y, classes):
    session = check_learns(made(case, y, classes), case, y)
    # What the user takes away speaks of the session's classes.
    assert set(session.learner.estimator.predict(X[TEST]).reshape(-1).tolist()) <= set(classes)
    assert session.learner.classes_.tolist() == classes


@of(WORKS)
def test_a_class_that_never_comes_is_in_nobody_s_way(case):
    y = CODES * 1
    # The inner class has no label, nor has the last.
    y[y == 1] = 0
    session = made(case, y, [0, 1, 2, 3], cold_start=alw.strategies.ColdStart("k_means"))
    check_learns(session, case, y)
    assert session.learner.classes_.tolist() == [0, 2]
    found = session.predictions()
    assert set(found.codes.tolist()) <= {0, 2}


@of(WORKS)
def test_a_rollback_brings_the_same_predictions_and_the_answers_can_be_looked_over(case, tmp_path):
    y = LABELS["text"][0]
    session = made(case, y, NAMES, journal=tmp_path / "a.alw").run(y[POOL], N_LABELS - BATCH_SIZE)
    before, round_then = session.learner.predict(X), session.progress.round
    session.run(y[POOL], BATCH_SIZE)
    brought = session.rollback(round_then)
    assert (brought.same_training_set, brought.same_predictions) == (True, True)
    np.testing.assert_array_equal(session.learner.predict(X), before)
    answers = session.review()
    assert len(answers) == session.progress.n_labeled
    assert set(answers["predicted"].dropna()) <= set(NAMES)
    folder = session.export(tmp_path / "out")
    assert (folder / "card.md").read_text()
    session.close()
    again = made(case, y, NAMES, journal=tmp_path / "a.alw")
    np.testing.assert_array_equal(again.learner.predict(X), before)
    again.close()


@of(WORKS)
def test_it_is_simulated(case):
    y = LABELS["text"][0]
    result = alw.simulate(X, y, learner=case.make(), strategies=["random"], n_runs=1, n_labels=N_LABELS)
    assert not len(result.failures[result.failures["lost"]])
    assert result.curves["score"].iloc[-1] >= case.least


def passed_on(X):
    return X


@of(WORKS)
def test_it_learns_at_the_end_of_a_pipeline(case):
    y = LABELS["text"][0]
    check_learns(made(case, y, NAMES, make_pipeline(FunctionTransformer(passed_on), case.make())), case, y)


@of([case for case in WORKS if case.grid])
def test_it_learns_in_a_search(case):
    y = LABELS["text"][0]
    # Folds of two want two of each class: not all have them in the first batch.
    check_learns(made(case, y, NAMES, GridSearchCV(case.make(), case.grid, cv=2)), case, y)


@of(WORKS)
def test_it_learns_in_a_committee(case):
    y = LABELS["text"][0]
    learner = alw.committee(case.make(), n_members=2)
    check_learns(made(case, y, NAMES, learner, strategy="vote_entropy"), case, y)


MANY = [case for case in CASES if case.many]
SETS = np.stack([X[:, 0] > 1.2, X[:, 1] > 1.2, X[:, 3] > 0.2], axis=1).astype(int)


@of([*MANY, *(case for cases in INSTALLED.values() for case in cases)])
def test_it_learns_any_number_of_classes(case):
    learner = case.make() if case.many else MultiOutputClassifier(case.make())
    if not case.many and case.name in ("NeuralNetClassifier", "imblearn Pipeline", "BalancedRandomForestClassifier"):
        learner = OneVsRestClassifier(case.make())
    session = made(case, SETS, NAMES, learner, task="multi").run(SETS[POOL], N_LABELS)
    assert session.progress.error == ""
    right = session.learner.predict(X[TEST]) == SETS[TEST]
    assert session.rounds[-1].score == pytest.approx(right.all(axis=1).mean())
    assert right[:, :2].mean() >= case.least
    assert session.predictions().codes.shape == (160, 3)
    assert len(session.review()) == N_LABELS


REFUSED = [case for case in CASES if case.refused]


@of(REFUSED)
def test_it_is_refused_with_what_to_do_before_anything_is_written(case, tmp_path):
    y, bare = LABELS["text"][0], case.bare or case.make
    with pytest.raises((ValueError, TypeError), match=case.refused):
        made(case, y, NAMES, bare(), journal=tmp_path / "a.alw")
    assert not list(tmp_path.iterdir())


@of([case for case in CASES if case.refused.startswith("tells two classes apart")])
def test_it_learns_two_classes_and_more_in_what_it_is_told_to_be_wrapped_in(case):
    two = np.where(CODES == 0, "yes", "no")
    check_learns(made(case, two, ["no", "yes"]), case, two)
    y = LABELS["text"][0]
    check_learns(made(case, y, NAMES, OneVsRestClassifier(case.make())), case, y)


def test_members_of_a_hard_vote_learn_in_the_committee_it_is_told_of():
    case = next(case for case in CASES if case.name == "VotingClassifier")
    y = LABELS["text"][0]
    learner = alw.committee([member for _, member in case.make().estimators])
    check_learns(made(case, y, NAMES, learner, strategy="vote_entropy"), case, y)


def test_a_model_without_probabilities_learns_by_the_strategies_it_is_told_of():
    case = next(case for case in CASES if case.name == "OutputCodeClassifier")
    y = LABELS["text"][0]
    for strategy in ("random", "k_means", "k_center"):
        check_learns(made(case, y, NAMES, strategy=strategy), case, y)


@pytest.mark.skipif("skorch, torch" not in INSTALLED, reason="skorch is not installed")
def test_a_network_of_32_bits_is_told_before_anything_is_asked():
    case = OTHERS["skorch, torch"][0]
    with pytest.raises(ValueError, match=re.escape("numbers of 32 bits, and X has others: give X.astype(np.float32)")):
        made(case, CODES, [0, 1, 2], X=X[POOL].astype(np.float64), test=None)


@pytest.mark.skipif("skorch, torch" not in INSTALLED, reason="skorch is not installed")
def test_a_network_with_too_few_outputs_is_told_before_anything_is_asked():
    case = OTHERS["skorch, torch"][0]
    with pytest.raises(ValueError, match="has fewer outputs than there are classes: expected one for each"):
        made(case, CODES, [0, 1, 2, 3, 4])


@pytest.mark.skipif("skorch, torch" not in INSTALLED, reason="skorch is not installed")
def test_a_trial_leaves_torch_s_own_generator_as_it_was():
    import torch

    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    case = OTHERS["skorch, torch"][0]
    made(case, CODES, [0, 1, 2])
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("name", [name for name in OTHERS if name not in INSTALLED])
def test_another_package(name):
    pytest.skip(f"{name} is not installed; see tests/learners/README.md")
