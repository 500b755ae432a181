"""Every wrong argument: what got what, and nothing has changed."""

import numpy as np
import pandas as pd
import pytest
from modAL.models import ActiveLearner
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Perceptron, Ridge

from alwidgets.session import view_of

X = np.arange(480.0).reshape(120, 4)


def holed(value):
    changed = X.copy()
    changed[7, 2] = value
    return changed


MAKING = [
    ({"items": ["a"] * 119}, ValueError, "X has 120 rows but items has 119; give one item per row"),
    ({"items": 5}, TypeError, "items is an int; expected a sequence or a DataFrame"),
    ({"X": holed(np.nan)}, ValueError, "X row 7, column 2 is nan; expected a finite number. Drop or impute"),
    ({"X": holed(np.inf)}, ValueError, "X row 7, column 2 is inf; expected a finite number"),
    ({"X": X[:0]}, ValueError, "X has no rows; expected at least one sample"),
    ({"X": []}, ValueError, "X has no rows"),
    ({"X": X.reshape(120, 2, 2)}, ValueError, r"X has shape \(120, 2, 2\); expected \(n_samples, n_features\)"),
    ({"X": 5}, TypeError, "X is an int; expected an array"),
    ({"classes": []}, ValueError, r"classes is \[\]; expected at least two classes"),
    ({"classes": ["left"]}, ValueError, r"classes is \['left'\]; expected at least two"),
    ({"classes": "left"}, TypeError, "classes is 'left'; expected a list"),
    ({"classes": {"left", "right"}}, TypeError, "classes is {.*expected a list"),
    ({"classes": ["left", "right", "left"]}, ValueError, "classes has 'left' more than once"),
    ({"classes": [1, "1"]}, ValueError, "classes has 1 more than once; expected distinct names, also as text"),
    ({"classes": ["left", " "]}, ValueError, "one is blank"),
    ({"classes": ["left", None]}, TypeError, "classes has None; expected str, int, float or bool"),
    ({"classes": [0, np.nan]}, ValueError, "classes has nan; expected names, finite numbers"),
    ({"classes": [0, "right"]}, ValueError, r"classes is \[0, 'right'\]; expected one kind"),
    ({"classes": [0.5, 1.5]}, ValueError, r"classes is \[0.5, 1.5\]; expected whole numbers, .*as text"),
    ({"batch_size": 0}, ValueError, "batch_size is 0; expected a whole number of at least 1"),
    ({"batch_size": -1}, ValueError, "batch_size is -1"),
    ({"batch_size": "8"}, TypeError, "batch_size is '8'"),
    ({"batch_size": 2.0}, TypeError, "batch_size is 2.0"),
    ({"batch_size": True}, TypeError, "batch_size is True"),
    ({"learner": Ridge()}, TypeError, r"learner is Ridge\(\); expected a scikit-learn classifier"),
    ({"learner": LogisticRegression}, TypeError, r"learner is the class LogisticRegression; expected an object"),
    ({"learner": Perceptron(), "strategy": "entropy"}, ValueError, "Perceptron has no predict_proba, which 'entropy'"),
    ({"strategy": "margni"}, ValueError, "Unknown strategy 'margni'; expected one of"),
    ({"strategy": 5}, TypeError, "strategy is 5; expected one of"),
    ({"budget": 0}, ValueError, "budget labels is 0; expected a number above 0"),
    ({"budget": "300"}, TypeError, "budget is '300'; expected a Budget, or a number of labels"),
    ({"budget": True}, TypeError, "budget is True"),
    ({"budget": 2.5}, TypeError, "budget is 2.5"),
    ({"audit": 1}, ValueError, "audit is 1; expected a share of the questions"),
    ({"audit": -0.1}, ValueError, "audit is -0.1"),
    ({"audit": np.nan}, ValueError, "audit is nan"),
    ({"audit": "0.1"}, ValueError, "audit is '0.1'"),
    ({"test": X}, TypeError, r"test is an ndarray; expected a pair \(X_test, y_test\)"),
    ({"test": (X, ["left"])}, ValueError, "X_test has 120 rows but y_test has 1"),
    ({"test": (X[:, :3], ["left"] * 120)}, ValueError, "X has 4 features but X_test has 3"),
    ({"test": (X, ["up"] * 120)}, ValueError, "y_test has the label 'up'; expected only the classes"),
    ({"test": (X, [None, "left"] * 60)}, ValueError, "y_test has the label None"),
    ({"test": (X, np.array([["left"] * 2] * 120))}, ValueError, r"y_test has shape \(120, 2\); expected one label per"),
    ({"test": (holed(np.nan), ["left"] * 120)}, ValueError, "X_test row 7, column 2 is nan"),
    ({"test": (pd.DataFrame(X), ["left"] * 120)}, TypeError, "X and X_test are of different kinds"),
    (
        {"X": pd.DataFrame(X, columns=[*"abcd"]), "test": (pd.DataFrame(X, columns=[*"abdc"]), ["left"] * 120)},
        ValueError,
        r"X has columns \['a', 'b', 'c', 'd'\] but X_test has",
    ),
    ({"random_state": -1}, ValueError, "random_state is -1; expected an integer of at least 0, or None"),
    ({"random_state": 1.5}, ValueError, "random_state is 1.5"),
    ({"random_state": True}, ValueError, "random_state is True"),
    ({"ids": ["a"] * 120}, ValueError, "ids has 'a' more than once"),
    ({"ids": ["a"]}, ValueError, "X has 120 rows but ids has 1; give one id per row"),
    ({"ids": 5}, TypeError, "ids is 5; expected one id per row of X"),
    ({"stop": "plateu"}, ValueError, "Unknown stopping criterion 'plateu'"),
    ({"render": "text"}, TypeError, "render is 'text'; expected a function"),
    ({"annotator": 5}, TypeError, "annotator is 5; expected a str"),
    ({"journal": 5}, TypeError, "journal is 5; expected the name of a folder"),
    ({"journal": ""}, TypeError, "journal is ''; expected the name of a folder"),
    (
        {"learner": ActiveLearner(LogisticRegression(), X_training=X[:4], y_training=["left", "up"] * 2)},
        ValueError,
        "the learner was taught 'up', which is not one of the classes",
    ),
]


@pytest.mark.parametrize(("changes", "error", "message"), MAKING)
def test_a_session_of_wrong_arguments_is_refused_and_writes_nothing(make_session, tmp_path, changes, error, message):
    with pytest.raises(error, match=message):
        make_session(**({"X": X, "test": None, "journal": tmp_path / "a.alw"} | changes))
    assert list(tmp_path.iterdir()) == []


ITEMS = [
    (120, ValueError, "item is 120; expected a row number of X, 0 to 119"),
    (-1, ValueError, "item is -1"),
    (True, TypeError, "item is True"),
    (np.bool_(True), TypeError, r"item is (np\.)?True"),
    (1.0, TypeError, "item is 1.0"),
    ("1", TypeError, "item is '1'"),
    (None, TypeError, "item is None"),
]
CALLS = [
    *((lambda s, i=item: s.teach(i, "left"), error, message) for item, error, message in ITEMS),
    *((lambda s, i=item: s.skip(i), error, message) for item, error, message in ITEMS[:2]),
    *((lambda s, i=item: s.flag(i), error, message) for item, error, message in ITEMS[:2]),
    *((lambda s, i=item: s.item(i), error, message) for item, error, message in ITEMS[:2]),
    (lambda s: s.teach(1, "up"), ValueError, r"label 'up' is unknown; expected one of \['left', 'right'\]\."),
    (lambda s: s.teach(1, None), ValueError, "label None is unknown"),
    (lambda s: s.teach(1, float("nan")), ValueError, "label nan is unknown"),
    (lambda s: s.teach(1, ["left"]), ValueError, r"label \['left'\] is unknown"),
    (lambda s: s.teach(1, np.datetime64("2026-01-01")), ValueError, "label .*2026-01-01.* is unknown"),
    (lambda s: s.teach(1, "left", seconds="3"), TypeError, "seconds is '3'; expected a number of seconds, or None"),
    (lambda s: s.teach(1, "left", shown_at=True), TypeError, "shown_at is True; expected a number of seconds"),
    (lambda s: s.teach(1, "left", annotator=b"ann"), TypeError, "annotator is b'ann'; expected a str"),
    (lambda s: s.teach(1, "left", event_id=""), TypeError, "event_id is ''; expected a str that is not empty"),
    (lambda s: s.teach(1, "left", event_id=[1]), TypeError, r"event_id is \[1\]"),
    (lambda s: s.teach(1, "left", round=-1), ValueError, "round is -1; expected a whole number"),
    (lambda s: s.flag(1, annotator=5), TypeError, "annotator is 5"),
    (lambda s: s.query(0), ValueError, "n is 0; expected a whole number of at least 1"),
    (lambda s: s.query("8"), TypeError, "n is '8'"),
    (lambda s: view_of(s).set_prefetch(0), ValueError, "n is 0"),
    (lambda s: s.undo(0), ValueError, "steps is 0"),
    (lambda s: s.undo(event_id=5), TypeError, "event_id is 5"),
    (lambda s: s.run(["left"] * 119), ValueError, "X has 120 rows but oracle has 119 labels; give one per row"),
    (lambda s: s.run("left"), TypeError, "oracle is 'left'; expected the labels of all rows, a dict"),
    (lambda s: s.run(5), TypeError, "oracle is 5"),
    (lambda s: s.run({"a": "left"}), TypeError, "item is 'a'; expected a row number of X"),
    (lambda s: s.run(["up"] * 120), ValueError, "label 'up' is unknown"),
    (lambda s: s.run(["left"] * 120, 0), ValueError, "n_labels is 0"),
    (lambda s: s.retrain(), ValueError, r"the labels that train are {'left': 1, 'right': 0}; expected labels of at"),
    (lambda s: s.learner.query(s.X), NotFittedError, "LogisticRegression has not been fitted.*teach it samples of two"),
]


@pytest.mark.parametrize(("call", "error", "message"), CALLS)
def test_a_wrong_call_is_refused_and_changes_nothing(make_session, tmp_path, call, error, message):
    session = make_session(journal=tmp_path / "a.alw")
    session.query()
    session.teach(0, "left")
    before = session.events, view_of(session).queue, session.progress, session.labels.to_csv()
    files = {file: file.read_bytes() for file in tmp_path.rglob("*.json*")}
    with pytest.raises(error, match=message):
        call(session)
    assert (session.events, view_of(session).queue, session.progress, session.labels.to_csv()) == before
    assert {file: file.read_bytes() for file in tmp_path.rglob("*.json*")} == files
    session.teach(1, "right")
    assert session.progress.n_labeled == 2


def test_a_batch_larger_than_what_is_left_asks_what_is_left(make_session, blobs):
    session = make_session(X=blobs[0][:5], batch_size=50)
    assert sorted(session.query()) == [0, 1, 2, 3, 4]


def test_an_infinite_utility_asks_first_and_is_no_hindrance(make_session, blobs, tmp_path):
    def sure(view):
        return np.where(view.candidates == view.candidates.max(), np.inf, 0.0)

    session = make_session(strategy=sure, journal=tmp_path / "a.alw").run(blobs[1], 8)
    assert view_of(session).queue[0] == max(set(range(120)) - set(session.labels["item"]))
    assert view_of(make_session(strategy=sure, journal=tmp_path / "a.alw")).queue == view_of(session).queue


def test_a_modal_learner_taught_other_features_is_refused(make_session, blobs):
    X, y = blobs
    learner = ActiveLearner(LogisticRegression(), X_training=X[:10, :2], y_training=y[:10])
    with pytest.raises(ValueError, match=r"taught samples of shape \(10, 2\) but X has shape \(120, 4\)"):
        make_session(learner=learner)
