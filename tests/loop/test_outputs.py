"""What is not a prediction fails the round with a sentence, and is never counted as a wrong answer."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

import alwidgets as alw
from alwidgets.data.label_kinds import MULTICLASS
from tests.conftest import on_trial


class Odd(LogisticRegression):
    """Predicts what is made of the right answer."""

    def __init__(self, made=None):
        super().__init__()
        self.made = made

    def predict(self, X):
        predicted = super().predict(X)
        # A session would refuse it when it is made: what is tried here is a model that turns odd later.
        return predicted if on_trial() else self.made(predicted)


def nothing(y):
    return None


def nones(y):
    return np.full(len(y), None)


def other_words(y):
    return np.char.add("it is ", y)


def floats(y):
    return np.linspace(0, 1, len(y))


def one_missing(y):
    return y[1:]


def two_columns(y):
    return np.stack([y, y], axis=1)


def lists(y):
    found = np.empty(len(y), object)
    found[:] = [[label] for label in y]
    return found


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (nothing, "predict of Odd returned None for 24 samples; expected one class a sample"),
        (nones, "the model predicts None for 24 of 24 samples; expected one of the classes ['left', 'right']"),
        (other_words, "the model predicts 'it is "),
        (floats, "the model predicts 0.0 for 24 of 24 samples"),
        (one_missing, "predict of Odd returned shape (23,) for 24 samples; expected one class a sample"),
        (two_columns, "predict of Odd returned shape (24, 2) for 24 samples"),
        (lists, "the model predicts ["),
    ],
)
def test_it_fails_the_round_on_a_test_set(make_session, blobs, made, told):
    session = make_session(learner=Odd(made))
    with pytest.warns(RuntimeWarning, match="Fitting Odd on 4 labels failed: "):
        session.run(blobs[1], 4)
    assert told in session.progress.error
    assert session.history.empty
    assert session.progress.n_labeled == 4
    assert not session.advice.stop


@pytest.mark.parametrize("made", [nothing, nones, other_words, floats, one_missing, two_columns])
@pytest.mark.parametrize("audit", [0, 0.5])
def test_it_fails_the_round_where_there_is_none(make_session, blobs, made, audit):
    session = make_session(learner=Odd(made), test=None, audit=audit)
    with pytest.warns(RuntimeWarning, match="Fitting Odd on"):
        session.run(blobs[1], 12)
    assert session.history.empty


def test_one_column_is_flattened(make_session, blobs):
    columns = make_session(learner=Odd(lambda y: y[:, None])).run(blobs[1], 12)
    flat = make_session().run(blobs[1], 12)
    assert columns.history["score"].tolist() == flat.history["score"].tolist()
    assert columns.history["score"].iloc[-1] > 0.8


def test_the_rounds_before_go_on_when_a_later_model_says_something_else(make_session, blobs):
    broken = []
    session = make_session(learner=Odd(lambda y: None if broken else y)).run(blobs[1], 8)
    broken.append(True)
    with pytest.warns(RuntimeWarning, match="predict of Odd returned None"):
        session.run(blobs[1], 4)
    assert session.history["n_labeled"].tolist() == [4, 8]
    broken.clear()
    assert session.retrain().score > 0.8
    assert session.progress.error == ""


def test_an_indicator_matrix_may_be_sparse_but_has_nothing_but_zeros_and_ones(blobs):
    X, y = blobs
    sets = np.stack([y == "left", y == "right"], axis=1).astype(int)

    class Sets(OneVsRestClassifier):
        made = staticmethod(csr_array)

        def predict(self, X):
            return super().predict(X) if on_trial() else type(self).made(super().predict(X))

    def session():
        return alw.Session(
            X, classes=["l", "r"], learner=Sets(LogisticRegression()), task="multi", test=(X, sets), random_state=0
        )

    assert session().run(sets, 16).history["score"].iloc[-1] > 0.8
    Sets.made = staticmethod(lambda y: y * 0.7)
    with pytest.warns(RuntimeWarning, match=r"expected 0 or 1 for each class"):
        assert session().run(sets, 16).history.empty


def test_one_row_a_sample():
    assert MULTICLASS.as_predictions(np.array([[1], [0]]), 2).tolist() == [1, 0]
    with pytest.raises(ValueError, match=r"predict of the model returned shape \(2,\) for 3 samples"):
        MULTICLASS.as_predictions([1, 0], 3)
