"""Forty bad inputs, as a table: each works, or is refused with the words that name the cause; nothing changes then."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

import alwidgets as alw
from alwidgets.session import view_of
from alwidgets.utils import files
from tests.conftest import on_trial

X = np.random.default_rng(7).normal(size=(60, 4))
Y = np.where(X[:, 0] > 0, "cat", "dog")
CLASSES = ["cat", "dog"]
TEXTS = np.array([f"{'meow' if y == 'cat' else 'woof'} {i} \u05e9\u202e \U0001f408 nul\0" for i, y in enumerate(Y)])


def holed(value, dtype=np.float64):
    changed = X.astype(dtype)
    changed[7, 2] = value
    return changed


class Lies(GaussianNB):
    """A learner whose probabilities are what they should not be."""

    def __init__(self, lie="sum"):
        super().__init__()
        self.lie = lie

    def predict_proba(self, X):
        proba = super().predict_proba(X)
        return {"sum": proba * 6, "nan": proba * np.nan, "columns": np.hstack([proba, proba]), "negative": -proba}[
            self.lie
        ]


class Mute(Perceptron):
    """A learner without probabilities and decision values."""

    decision_function = property()


def made(**changes):
    given = {
        "X": X,
        "classes": CLASSES,
        "learner": LogisticRegression(),
        "batch_size": 4,
        "random_state": 0,
        "audit": 0,
    }
    return alw.Session(**given | changes)


def taught(n=12, **changes):
    """Return a session with so many labels, and the model of the newest batch."""
    return made(**changes).run(Y, n)


def read_only(values):
    values.flags.writeable = False
    return values


def one_class(learner):
    """Ten labels of one class: questions go on, no model is made of them, and none is missed."""
    session = made(learner=learner)
    for row in np.flatnonzero(Y == "cat")[:10]:
        session.teach(int(row), "cat")
    asked = session.query()
    return len(asked) == 4 and session.progress.round == 0 and session.progress.error == ""


def a_class_appears():
    session = made(classes=["cat", "dog", "bird"]).run(Y, 12)
    assert session.learner.classes_.tolist() == CLASSES
    for row in session.query(4):
        session.teach(int(row), "bird")
    return sorted(session.retrain() and session.learner.classes_) == ["bird", *CLASSES]


def the_last_label_stands():
    session = made()
    session.teach(3, "cat")
    session.teach(3, "dog")
    return session.labels[["item", "label"]].to_numpy().tolist() == [[3, "dog"]] and session.progress.n_labeled == 1


def ties_are_broken_at_random():
    session = made(strategy=lambda view: np.zeros(len(view.candidates))).run(Y, 12)
    return view_of(session).queue != sorted(view_of(session).queue) or view_of(session).queue[0] > 4


def huge_numbers():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # scikit-learn's own sums overflow
        return made(X=(X * 8e37).astype(np.float32), learner=RandomForestClassifier(3), cold_start="random").run(Y, 12)


# case -> what to do; it has to work, and what it returns has to be true.
WORKS = {
    "NaN with a learner that takes it": lambda: (
        len(made(X=holed(np.nan), learner=HistGradientBoostingClassifier(max_iter=2)).run(Y, 8).labels) == 8
    ),
    "pool smaller than a batch": lambda: len(made(X=X[:3], batch_size=8).query()) == 3,
    "exhausted pool": lambda: len(made(X=X[:9]).run(Y[:9]).query()) == 0,
    "no seed at all": lambda: len(made().query()) == 4,
    "one class so far, logistic regression": lambda: one_class(LogisticRegression()),
    "one class so far, forest": lambda: one_class(RandomForestClassifier(3)),
    "a class appears later": a_class_appears,
    "same sample taught twice, other label": the_last_label_stands,
    "a pool of duplicates": lambda: len(made(X=np.ones((60, 4))).query(5)) == 1,
    "a pool of duplicates, each asked": lambda: len(set(made(X=np.ones((60, 4)), duplicates="ask").query(5))) == 5,
    "no predict_proba": lambda: len(taught(learner=Perceptron()).labels) == 12,
    "sparse CSR": lambda: len(taught(X=sparse.csr_matrix(X)).labels) == 12,
    "sparse COO": lambda: len(taught(X=sparse.coo_matrix(X)).labels) == 12,
    "DataFrame with another index": lambda: len(taught(X=pd.DataFrame(X, index=range(60, 0, -1))).labels) == 12,
    "raw texts: unicode, NUL, right to left": lambda: (
        len(
            taught(
                X=list(TEXTS), learner=make_pipeline(TfidfVectorizer(), LogisticRegression()), cold_start="random"
            ).labels
        )
        == 12
    ),
    "class names of numpy": lambda: len(made(classes=np.array(CLASSES)).run(np.array(Y, dtype=np.str_), 8).labels) == 8,
    "read-only, non-contiguous pool": lambda: len(taught(X=read_only(np.asfortranarray(X)[::1, ::-1])).labels) == 12,
    "bool classes": lambda: len(made(classes=[False, True]).run(Y == "cat", 8).labels) == 8,
    "all tied: not the first rows": ties_are_broken_at_random,
    "cold start with an unfitted learner": lambda: made(learner=LogisticRegression()).progress.phase == "cold start",
    "float32 near overflow": lambda: len(huge_numbers().labels) == 12,
    "fewer labels than asked for": lambda: len(made(X=X[:5]).run(Y[:5], 50).labels) == 5,
}

# case -> what to do with a session of 12 labels, the error, and its words.
REFUSED = {
    "NaN in the pool": (lambda s: made(X=holed(np.nan)), ValueError, "X row 7, column 2 is nan"),
    "inf in the pool": (lambda s: made(X=holed(np.inf)), ValueError, "X row 7, column 2 is inf"),
    "empty pool": (lambda s: made(X=X[:0]), ValueError, "X has no rows"),
    "batch of 0": (lambda s: made(batch_size=0), ValueError, "batch_size is 0"),
    "batch of -1": (lambda s: made(batch_size=-1), ValueError, "batch_size is -1"),
    "query of -1": (lambda s: s.query(-1), ValueError, "n is -1; expected a whole number of at least 1"),
    "fit with one class": (
        lambda s: (only := made(), only.teach(0, "cat"), only.retrain()),
        ValueError,
        r"the labels that train are {'cat': 1, 'dog': 0}; expected labels of at least two classes",
    ),
    "undeclared class": (lambda s: s.teach(40, "bird"), ValueError, "label 'bird' is unknown; expected one of"),
    "text label into int classes": (lambda s: made(classes=[0, 1]).teach(0, "cat"), ValueError, "'cat' is unknown"),
    "number as text": (lambda s: made(classes=[0, 1]).teach(0, "1"), ValueError, "Did you mean 1, of type int"),
    "bool into int classes": (lambda s: made(classes=[0, 1]).teach(0, True), ValueError, "label True is unknown"),
    "NaN label": (lambda s: s.teach(40, np.nan), ValueError, "label nan is unknown"),
    "None label": (lambda s: s.teach(40, None), ValueError, "label None is unknown"),
    "pd.NA label": (lambda s: s.teach(40, pd.NA), ValueError, "label <NA> is unknown"),
    "several labels at once": (lambda s: s.teach(40, CLASSES), ValueError, "label .* is unknown"),
    "several items at once": (lambda s: s.teach([40, 41], "cat"), TypeError, r"item is \[40, 41\]; expected a row"),
    "wrong number of labels": (lambda s: s.run(Y[:-1]), ValueError, "X has 60 rows but oracle has 59 labels"),
    "labels of two columns": (
        lambda s: s.run(np.array([Y, Y]).T),
        ValueError,
        "oracle has shape .* expected one label a row",
    ),
    "margin without scores": (lambda s: made(learner=Mute(), strategy="margin"), ValueError, "Mute has no .*margin"),
    "entropy without probabilities": (
        lambda s: made(learner=Perceptron(), strategy="entropy"),
        ValueError,
        "Perceptron has no predict_proba",
    ),
    "probabilities sum to 6": (
        lambda s: model_that("sum"),
        ValueError,
        r"row 0 of X the probabilities \[0. 6.\]; expected numbers that sum to 1",
    ),
    "probabilities are NaN": (
        lambda s: model_that("nan"),
        ValueError,
        r"row 0 of X the probabilities \[nan nan\]; expected",
    ),
    "probabilities are negative": (
        lambda s: model_that("negative"),
        ValueError,
        r"row 0 of X the probabilities \[-0. -1.\]",
    ),
    "too many columns of probabilities": (
        lambda s: model_that("columns"),
        ValueError,
        r"predict_proba returned shape \(\d+, 4\) for \d+ samples",
    ),
    "one number a sample": (lambda s: made(X=X[:, 0]), ValueError, r"X has shape \(60,\)"),
    "three dimensions": (lambda s: made(X=X.reshape(60, 2, 2)), ValueError, r"X has shape \(60, 2, 2\)"),
    "texts without a Pipeline": (
        lambda s: (t := made(X=list(TEXTS)), t.teach(0, "cat"), t.teach(1, "dog"), t.retrain()),
        ValueError,
        "could not convert string to float: .*meow|woof",
    ),
    "object column with a word": (
        lambda s: made(X=np.array([[1.0, "x"], *[[1.0, 2.0]] * 59], dtype=object)),
        ValueError,
        "X has dtype object; expected numbers. Pass",
    ),
    "missing word in a list of texts": (
        lambda s: made(X=["a", None, "b"] * 20),
        TypeError,
        "X row 1 is None; expected a str",
    ),
    "ragged rows": (lambda s: made(X=[[1.0, 2.0], [3.0]] * 30), ValueError, "X is a list of rows of different lengths"),
    "feature count differs": (lambda s: made(test=(X[:, :3], Y)), ValueError, "X has 4 features but X_test has 3"),
    "columns in another order": (
        lambda s: made(X=pd.DataFrame(X, columns=[*"abcd"]), test=(pd.DataFrame(X, columns=[*"abdc"]), Y)),
        ValueError,
        "X has columns",
    ),
    "item of another pool": (lambda s: s.teach(60, "cat"), ValueError, "item is 60; expected a row number of X"),
    "a round that never was": (lambda s: s.rollback(99), ValueError, "there is no round 99; expected one of"),
    "a round below zero": (lambda s: s.rollback(-1), ValueError, "round is -1"),
    "closed session": (lambda s: (other := made(), other.close(), other.teach(0, "cat")), ValueError, "is closed"),
    "adjust what is not a setting": (lambda s: s.adjust(price=1), ValueError, "there is no setting 'price'"),
    "adjust to a negative price": (lambda s: s.adjust(cost_per_label=-1), ValueError, "cost_per_label is -1"),
    "branch onto itself": (lambda s: s.branch("."), ValueError, "which exists; expected the name of a new folder"),
}


def model_that(lie):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return made(learner=Lies(lie), strategy="entropy", cold_start="random", test=(X, Y), scoring="accuracy").run(
            Y, 12
        )


@pytest.mark.parametrize("case", WORKS)
def test_it_works(case):
    assert WORKS[case]()


@pytest.fixture
def session(tmp_path):
    session = made(journal=tmp_path / "a.alw").run(Y, 12)
    yield session
    session.close()


def everything(session, tmp_path):
    files = {file: file.read_bytes() for file in tmp_path.rglob("*.json*")}
    return session.events, view_of(session).queue, session.progress, session.labels.to_csv(), id(session.learner), files


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_by_name_and_nothing_has_changed(session, tmp_path, case):
    call, error, words = REFUSED[case]
    before = everything(session, tmp_path)
    with pytest.raises(error, match=words):
        call(session)
    assert everything(session, tmp_path) == before


class Interrupt:
    """Raises KeyboardInterrupt once, on the call with this number, before or after what it stands for."""

    def __init__(self, call, at, *, after=False):
        self.call, self.left, self.after = call, at, after

    def __call__(self, *given):
        self.left -= 1
        if self.left == 0 and not self.after:
            raise KeyboardInterrupt
        done = self.call(*given)
        if self.left == 0:
            raise KeyboardInterrupt
        return done


def cell(tmp_path, **changes):
    """What a notebook's cell does, each time it is run: the session, and three manual labels."""
    session = made(journal=tmp_path / "a.alw", **changes)
    for row in (50, 51, 52):
        session.teach(row, Y[row], event_id=f"manual {row}")
    missing = 15 - session.progress.n_labeled
    return session.run(Y, missing) if missing else session


def check_once(session, n_labeled=15):
    labeled = [event for event in session.events if event.kind == "labeled"]
    assert len({event.id for event in labeled}) == len(labeled)
    assert len({event.item for event in labeled}) == len(labeled) == session.progress.n_labeled == n_labeled
    rounds = [event.record.round for event in session.events if event.kind == "trained"]
    assert rounds == sorted(set(rounds))
    assert alw.verify(session._core.log.path).sound


@pytest.mark.parametrize("at", [1, 2, 3])
def test_an_interrupt_in_a_fit_and_the_cell_run_again_adds_nothing_twice(tmp_path, monkeypatch, at):
    class Fits(LogisticRegression):
        def fit(self, X, y):
            return super().fit(X, y) if on_trial() else inside(self, X, y)

    inside = Interrupt(LogisticRegression.fit, at)
    with pytest.raises(KeyboardInterrupt):
        cell(tmp_path, learner=Fits())
    check_once(cell(tmp_path, learner=Fits()))


@pytest.mark.parametrize("at", [1, 2])
def test_an_interrupt_in_a_strategy_and_the_cell_run_again_adds_nothing_twice(tmp_path, at):
    inside = Interrupt(lambda view: view.proba[:, 0], at)

    def strategy(view):
        return inside(view)

    with pytest.raises(KeyboardInterrupt):
        cell(tmp_path, strategy=strategy)
    check_once(cell(tmp_path, strategy=strategy))


@pytest.mark.parametrize("after", [False, True], ids=["before it is on disk", "after it is on disk"])
@pytest.mark.parametrize("at", [1, 2, 5, 9, 14])
def test_an_interrupt_in_a_write_and_the_cell_run_again_adds_nothing_twice(tmp_path, monkeypatch, at, after):
    with monkeypatch.context() as patch:
        patch.setattr(files, "write", Interrupt(files.write, at, after=after))
        with pytest.raises(KeyboardInterrupt):
            cell(tmp_path)
    check_once(cell(tmp_path))
