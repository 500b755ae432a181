"""What a session is given it lends to learners, scores, strategies and renderers, and none of them can write to it.

A learner that writes into its input gives the same numbers, to the last bit, as one that copies it.
"""

import contextlib
import re

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler

import alwidgets as alw
from alwidgets.annotation import weak_labels
from alwidgets.data.lending import lent, private, read_only
from alwidgets.strategies import PoolView
from tests.faults.in_place import COLUMNS, DENSE_ONLY, KINDS, LEARNERS, Halved, dense, linear, sparse_like

# Every learner with the three usual kinds; the others with one that is scikit-learn's and those of a user's own.
FEW = ("largest", "own", "votes", "kernel")
PAIRS = [
    (name, kind)
    for name in LEARNERS
    for kind in KINDS
    if (kind in ("array", "csr", "frame") or name in FEW)
    and not (name in DENSE_ONLY and kind in ("csr", "csr array", "unsorted"))
]
MEASURED = {
    "test": lambda X, y: {"test": (X, y)},
    "audit": lambda X, y: {"audit": 0.4},
    "folds": lambda X, y: {"audit": 0},
}


@pytest.mark.filterwarnings("ignore:Pipeline writes into")
@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_a_learner_that_writes_into_its_input_is_scored_as_one_that_copies(blobs, tmp_path, kind, name):
    X, y = sparse_like(blobs[0]), blobs[1]
    found = {}
    for copy in (True, False):
        made, held_out = KINDS[kind](X[:80], tmp_path), KINDS[kind](X[80:], tmp_path)
        for measured, settings in MEASURED.items():
            session = alw.Session(
                made, classes=["left", "right"], learner=LEARNERS[name](copy), batch_size=8, random_state=0, stop=None,
                **settings(held_out, y[80:]),
            )  # fmt: skip
            session.run(y[:80], 16)
            found[copy, measured] = (
                session.labels["item"].tolist(),
                session.history[["score", "score_low", "score_high"]].to_numpy().tolist(),
            )
        assert np.array_equal(dense(made), X[:80])
        assert np.array_equal(dense(held_out), X[80:])
    for measured in MEASURED:
        assert repr(found[True, measured]) == repr(found[False, measured]), measured


@pytest.mark.parametrize("kind", ["array", "csr", "frame", "frame of columns"])
@pytest.mark.parametrize("name", ["largest", "own", "votes"])
def test_simulations_of_such_a_learner_are_those_of_one_that_copies(blobs, kind, name):
    X, y = sparse_like(blobs[0]), blobs[1]
    made = KINDS[kind](X, None)
    curves = [
        alw.simulate(made, y, learner=LEARNERS[name](copy), n_labels=24, batch_size=8, n_runs=2, strategies=["margin"])
        for copy in (True, False)
    ]
    assert (
        curves[0]
        .curves.drop(columns="learner", errors="ignore")
        .equals(curves[1].curves.drop(columns="learner", errors="ignore"))
    )
    assert np.array_equal(dense(made), X)


@pytest.mark.filterwarnings("ignore:Pipeline writes into")
@pytest.mark.parametrize("strategy", ["expected_error", "information_density", "expected_gradient_length", "badge"])
def test_strategies_that_fit_and_transform_themselves_see_what_was_given(blobs, strategy):
    X, y = blobs
    asked = []
    for copy in (True, False):
        X_pool = X.copy()
        learner = make_pipeline(Halved(copy=copy), MaxAbsScaler(copy=copy), linear())
        session = alw.Session(X_pool, classes=["left", "right"], learner=learner, strategy=strategy, random_state=0)
        asked.append(session.run(y, 24).labels["item"].tolist())
        assert np.array_equal(X_pool, X)
    assert asked[0] == asked[1]


def zero_samples(view):
    if isinstance(view.X, np.ndarray):
        view.X[:] = 0
    elif isinstance(view.X, pd.DataFrame):
        view.X.iloc[:, :] = 0.0
    else:
        view.X.data[:] = 0
    return view.proba[:, 0]


def set_a_column(view):
    if isinstance(view.X, pd.DataFrame):
        view.X["a"] = 0.0
    else:
        zero_samples(view)
    return view.proba[:, 0]


def zero_candidates(view):
    view.candidates[:] = 0
    return view.proba[:, 0]


def zero_labels(view):
    view.labels[:] = "left"
    return view.proba[:, 0]


def sort_probabilities(view):
    view.proba.sort(axis=1)
    return view.proba[:, 0]


@pytest.mark.parametrize("kind", ["array", "memory map", "csr", "csr array", "frame", "frame of columns"])
@pytest.mark.parametrize("strategy", [zero_samples, set_a_column, zero_candidates, zero_labels, sort_probabilities])
def test_a_strategy_that_writes_into_its_view_fails_and_is_told(blobs, tmp_path, kind, strategy):
    X, y = blobs
    made = KINDS[kind](X, tmp_path)
    session = alw.Session(made, classes=["left", "right"], learner=linear(), strategy=strategy, random_state=0)
    with pytest.raises(ValueError, match=r"read-only|wrote into view.X"):
        session.run(y, 24)
    assert f"Strategy '{strategy.__name__}' failed: ValueError" in session.progress.error
    assert np.array_equal(dense(made), X)
    assert np.array_equal(dense(session.X), X)


def set_data(X):
    if isinstance(X, pd.DataFrame):
        X.columns = [str(i) for i in range(X.shape[1])]
    elif isinstance(X, np.ndarray):
        X.shape = (X.size, 1)
    else:
        X.data = np.zeros_like(X.data)


def set_type(X):
    if isinstance(X, pd.DataFrame):
        X.columns.name = X.index.name = "mine"
    elif isinstance(X, np.ndarray):
        X.dtype = np.dtype(f"i{X.itemsize}")
    else:
        X.data.shape = (X.nnz, 1)


def shrink(X):
    if isinstance(X, pd.DataFrame):
        del X[X.columns[-1]]
    elif isinstance(X, np.ndarray):
        X.strides = (0,) * X.ndim
    else:
        X.resize(5, 1)


def rename_in_place(X):
    if isinstance(X, pd.DataFrame):
        with contextlib.suppress(ValueError):  # newer releases of pandas refuse it
            X.columns.values[0], X.index.values[0] = "mine", 7  # noqa: PD011 - what others do


REBOUND = [set_data, set_type, shrink, rename_in_place]


class Rebinding(TransformerMixin, BaseEstimator):
    """A transformer that copies its input, and then sets, resizes or retypes what it was given."""

    def __init__(self, rebind):
        self.rebind = rebind

    def fit(self, X, y=None):
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        made = X.copy()
        self.rebind(X)
        return made


def as_it_is(X):
    pass


@pytest.mark.filterwarnings("ignore:Pipeline writes into", "ignore:Setting the (dtype|shape|strides)")
@pytest.mark.parametrize("kind", ["array", "memory map", "csr", "csr array", "frame", "frame of columns"])
@pytest.mark.parametrize("rebind", REBOUND)
def test_a_learner_that_sets_parts_of_its_input_changes_its_own_wrapper_only(blobs, tmp_path, rebind, kind):
    X, y = sparse_like(blobs[0]), blobs[1]
    made, held_out = KINDS[kind](X[:80], tmp_path), KINDS[kind](X[80:], tmp_path)
    found = []
    for what in (as_it_is, rebind):
        session = alw.Session(
            made, classes=["left", "right"], learner=make_pipeline(Rebinding(what), linear()), batch_size=8,
            test=(held_out, y[80:]), strategy="information_density", random_state=0, stop=None,
        ).run(y[:80], 24)  # fmt: skip
        session.retrain()
        assert session.progress.error == ""
        found.append((session.labels["item"].tolist(), session.history["score"].tolist()))
        for given, values in ((made, X[:80]), (held_out, X[80:]), (session.X, X[:80])):
            assert np.array_equal(dense(given), values)
            assert given.shape == values.shape
    assert repr(found[0]) == repr(found[1])
    if kind == "frame":
        assert (list(made.columns), made.columns.name, made.index.name) == (COLUMNS, None, None)


@pytest.mark.filterwarnings("ignore:Setting the (dtype|shape|strides)")
@pytest.mark.parametrize("kind", ["array", "csr", "csr array"])
@pytest.mark.parametrize("rebind", REBOUND)
@pytest.mark.parametrize("place", [lambda view: view.X, lambda view: view.features.raw])
def test_a_strategy_that_sets_parts_of_its_view_changes_its_own_view_only(blobs, tmp_path, place, rebind, kind):
    X, y = sparse_like(blobs[0]), blobs[1]
    made, found = KINDS[kind](X, tmp_path), []

    for what in (as_it_is, rebind):

        def strategy(view, what=what):
            utility = view.proba[:, 0].copy()
            with contextlib.suppress(ValueError):  # of a matrix rows are taken by writing where they end
                what(place(view))
            for part in (view.classes, view.labels, view.proba, view.labeled):
                if what is not as_it_is:
                    part.shape = (1, part.size)
            return utility

        session = alw.Session(made, classes=["left", "right"], learner=linear(), strategy=strategy, random_state=0)
        session.run(y, 24)
        session.retrain()
        found.append((session.labels["item"].tolist(), session.history["score"].tolist()))
        assert np.array_equal(dense(made), X)
        assert np.array_equal(dense(session.X), X)
        assert list(session.classes) == ["left", "right"]
    assert repr(found[0]) == repr(found[1])


class Wrapping(Halved):
    """A transformer with a sentence of its own for whatever goes wrong."""

    def transform(self, X):
        try:
            return super().transform(X)
        except ValueError as error:
            raise RuntimeError("the samples cannot be halved") from error


@pytest.mark.parametrize("kind", ["array", "csr"])
def test_a_learner_that_says_in_its_own_words_that_it_cannot_write_is_lent_a_copy(blobs, kind):
    X, y = sparse_like(blobs[0]), blobs[1]
    made, asked = KINDS[kind](X, None), []
    for learner in (make_pipeline(Wrapping(copy=True), linear()), make_pipeline(Wrapping(copy=False), linear())):
        session = alw.Session(made, classes=["left", "right"], learner=learner, batch_size=8, random_state=0, stop=None)
        if asked:
            with pytest.warns(RuntimeWarning, match="Pipeline writes into"):
                session.run(y, 24)
        else:
            session.run(y, 24)
        asked.append(session.labels["item"].tolist())
        assert np.array_equal(dense(made), X)
    assert asked[0] == asked[1]


def test_a_learner_that_insists_is_lent_copies_which_is_told_once_and_counted(blobs):
    X, y = blobs
    with pytest.warns(RuntimeWarning, match="Pipeline writes into the samples it is given") as caught:
        session = alw.Session(
            X[:80],
            classes=["left", "right"],
            learner=LEARNERS["own"](copy=False),
            test=(X[80:], y[80:]),
            random_state=0,
        ).run(y[:80], 24)
    assert [warning.filename for warning in caught] == [__file__]
    (notice,) = session.progress.notices
    assert "writes into the samples it is given" in notice
    session.retrain()
    counts = [int(re.search(r"as it is: (\d+) until now", text)[1]) for text in (notice, *session.progress.notices)]
    assert counts[1] > counts[0] > 0


def test_one_that_does_not_is_lent_none(blobs):
    X, y = blobs
    session = alw.Session(X, classes=["left", "right"], learner=LEARNERS["largest"](copy=False), random_state=0)
    assert session.run(y, 24).progress.notices == ()


def test_scorers_embeddings_projections_and_labeling_functions_change_nothing(blobs):
    X, y = blobs
    before = X.copy()

    def scorer(estimator, X, y):
        X *= 0
        y[:] = "left"
        return float(np.mean(estimator.predict(X) == y))

    def embed(X):
        X -= X.mean(axis=0)
        return X

    session = alw.Session(
        X, classes=["left", "right"], learner=linear(), test=(X, y), random_state=0, scoring={"own": scorer},
        embed=embed, cold_start="k_means",
    )  # fmt: skip
    session.run(y, 16)

    def function(row):
        row[:] = 0

    with pytest.raises(ValueError, match="read-only"):
        weak_labels.label_matrix([function], X, ["left", "right"])
    assert np.array_equal(X, before)
    assert sorted(set(y.tolist())) == ["left", "right"]


@pytest.mark.parametrize("items", ["samples", "images", "frame"])
def test_renderers_change_no_item(blobs, items):
    X, _ = blobs
    given = {"samples": None, "images": np.zeros((120, 3, 3), np.uint8), "frame": pd.DataFrame(X, columns=COLUMNS)}[
        items
    ]
    session = alw.Session(X, given, classes=["left", "right"], learner=linear())
    item = session.item(0)
    if items == "frame":
        item["a"] = 7.0
    else:
        with pytest.raises(ValueError, match="read-only"):
            item[:] = 7
    assert not np.any(np.asarray(session.item(0)) == 7)
    assert given is None or not np.any(np.asarray(given) == 7)


def test_views_of_a_pool_share_its_memory(blobs):
    X = blobs[0]
    frame, sparse = pd.DataFrame(X), csr_matrix(X)
    assert np.shares_memory(read_only(X), X)
    assert np.shares_memory(read_only(sparse).data, sparse.data)
    assert np.shares_memory(lent(read_only(frame)).to_numpy(), frame.to_numpy())
    assert read_only(read_only(frame)) is not frame
    for made in (X, sparse, frame):
        assert not np.shares_memory(dense(private(made)), dense(made))


def test_a_frame_of_any_columns_is_the_same_when_it_is_lent_and_cannot_be_reached():
    frame = pd.DataFrame(
        {
            "number": [1.5, 2.5, np.nan],
            "count": [1, 2, 3],
            "flag": [True, False, True],
            "object": np.array([1, "x", None], object),
            "text": ["a", "b", "c"],
            "category": pd.Categorical(["u", "v", "u"]),
            "time": pd.date_range("2024-01-01", periods=3),
            "missing": pd.array([1, None, 3], dtype="Int64"),
        },
        index=[3, 1, 2],
    )
    frame = pd.concat([frame, frame[["number"]]], axis=1)  # two columns of one name
    before, sealed = frame.copy(), read_only(frame)
    pd.testing.assert_frame_equal(sealed, before)
    for place in range(frame.shape[1]):
        borrowed = lent(sealed)
        # Older releases of pandas write into columns that are not copied on write.
        with contextlib.suppress(ValueError):
            borrowed.iloc[0, place] = borrowed.iloc[1, place]
        pd.testing.assert_frame_equal(sealed, before)
        pd.testing.assert_frame_equal(frame, before)


def test_a_view_made_by_hand_is_read_only_too(blobs):
    X = blobs[0].copy()
    view = PoolView(X, np.arange(3), np.arange(0), np.empty(0), np.array(["l", "r"]), None, np.random.default_rng(0))
    for values in (view.X, view.candidates, view.classes):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = values[1]
    X[0] = 1.0  # its owner may


class Unsealing(TransformerMixin, BaseEstimator):
    """A transformer that makes its input writable, and writes into it."""

    def fit(self, X, y=None):
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        values = X if isinstance(X, np.ndarray) else X.data
        values.flags.writeable = True
        values *= 0.5
        return X


@pytest.mark.filterwarnings("ignore:Pipeline writes into")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("kind", ["array", "columns", "memory map", "csr", "csr array"])
def test_a_learner_that_makes_its_input_writable_is_lent_a_copy(blobs, tmp_path, kind, dtype):
    X, y = blobs[0].astype(dtype), blobs[1]
    made = KINDS[kind](X, tmp_path)
    asked = []
    for learner in (make_pipeline(Unsealing(), linear()), LEARNERS["own"](copy=True)):
        session = alw.Session(made, classes=["left", "right"], learner=learner, batch_size=8, random_state=0, stop=None)
        asked.append(session.run(y, 24).labels["item"].tolist())
        assert np.array_equal(dense(made), X)
    assert asked[0] == asked[1]


def unseal_candidates(view):
    view.candidates.flags.writeable = True
    view.candidates[...] = 0
    return view.proba[:, 0]


def write_behind_candidates(view):
    base = view.candidates.base
    base *= 0
    return view.proba[:, 0]


def write_behind_samples(view):
    base = view.X.base
    base *= 0
    return view.proba[:, 0]


@pytest.mark.parametrize("strategy", [unseal_candidates, write_behind_candidates, write_behind_samples])
def test_a_strategy_that_writes_behind_its_view_fails_and_changes_nothing(blobs, strategy):
    X, y = blobs[0].copy(), blobs[1]
    session = alw.Session(X, classes=["left", "right"], learner=linear(), strategy=strategy, random_state=0)
    with pytest.raises((ValueError, TypeError), match=r"WRITEABLE|memoryview"):
        session.run(y, 40)
    assert np.array_equal(X, blobs[0])


def behind(values):
    """Return the array that others are read-only wrappers of, as only a forger would."""
    while values.base is not None:
        values = values.base.obj
    return values


def test_the_candidates_of_a_view_are_its_own(blobs):
    rows = np.arange(3)
    view = PoolView(blobs[0], rows, rows[:0], np.empty(0), np.array(["l", "r"]), None, np.random.default_rng(0))
    behind(view.candidates)[...] = 0
    assert rows.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "X",
    [
        np.eye(3), np.asfortranarray(np.ones((3, 2), np.float32)), np.ones((6, 6))[::2, ::-1], np.array(["a", "bcd"]),
        np.array(["a", None], object), np.array([True]), np.empty((0, 3)), np.ones(3, ">f8"),
        np.array(["2020"], "M8[D]"), np.broadcast_to(1.0, (3, 3)),
    ],
)  # fmt: skip
def test_what_is_sealed_is_the_same_array_in_the_same_memory(X):
    sealed = read_only(X)
    assert (sealed.dtype, sealed.shape, sealed.strides) == (X.dtype, X.shape, X.strides)
    assert sealed.__array_interface__["data"][0] == X.__array_interface__["data"][0]
    assert not sealed.flags.writeable


def test_a_run_that_ends_short_while_samples_are_left_says_so(blobs):
    X, y = blobs

    def forge(view):
        behind(view.candidates)[...] = 0  # nobody can do so by chance
        return view.proba[:, 0]

    session = alw.Session(X, classes=["left", "right"], learner=linear(), strategy=forge, random_state=0)
    with pytest.warns(RuntimeWarning, match=r"run\(\) ended at \d+ of 40 labels.* samples that may be asked are left"):
        session.run(y, 40)
    assert session.progress.n_labeled < 40


def test_a_run_that_ends_since_all_is_answered_says_nothing(blobs):
    X, y = blobs
    session = alw.Session(X, classes=["left", "right"], learner=linear(), random_state=0)
    session.run(lambda item: y[item] if item % 2 else None, 100)
    assert session.progress.n_labeled < 100
