"""Rows in several arrays are taken as those of one array, and never copied as a whole unless all are asked for."""

import copy

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

import alwidgets as alw
from alwidgets.data.copies import copies_of, more_copies
from alwidgets.data.parts import Joined
from alwidgets.data.pool import joined, take
from alwidgets.strategies.choose import choose

WHOLE = np.arange(60.0).reshape(20, 3)
KEYS = [
    3, -1, slice(None), slice(2, 5), slice(4, 15), slice(17, 3, -4), slice(5, 5), [1, 19, 8], np.array([19, 0]), [],
    WHOLE[:, 0] > 30, (slice(None), 1), (slice(4, 15), [0, 2]), ([1, 2, 15], [0, 1, 0]), (5, 1), (3, slice(1, 3)),
    (WHOLE[:, 0] > 30, 0), (slice(None), None, 0), Ellipsis, np.int64(7), [[1, 2], [18, 0]],
]  # fmt: skip


@pytest.fixture
def parts():
    return alw.Parts(WHOLE[:7], WHOLE[7:9], WHOLE[9:])


@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_rows_are_taken_as_of_an_array(parts, key):
    assert np.array_equal(parts[key], WHOLE[key])


@pytest.mark.parametrize("key", [20, -21, [0, 20], [-21], np.ones(19, bool), [0.5]], ids=repr)
def test_rows_that_are_not_there_are_refused(parts, key):
    with pytest.raises(IndexError):
        parts[key]


def test_rows_of_one_part_that_follow_each_other_are_a_view(parts):
    assert np.shares_memory(parts[9:15], WHOLE)
    assert not np.shares_memory(parts[5:15], WHOLE)


def test_whatever_else_is_asked_of_it_is_that_of_an_array(parts):
    assert (parts.shape, parts.ndim, parts.dtype, len(parts), parts.size, parts.nbytes) == (
        (20, 3), 2, WHOLE.dtype, 20, 60, WHOLE.nbytes,
    )  # fmt: skip
    assert np.array_equal(parts.mean(axis=0), WHOLE.mean(axis=0))
    assert np.array_equal(parts @ np.ones(3) + 1, WHOLE @ np.ones(3) + 1)
    assert np.array_equal(np.linalg.norm(parts, axis=1), np.linalg.norm(WHOLE, axis=1))
    assert np.array_equal(np.asarray(parts, np.float32), WHOLE.astype(np.float32))
    assert [row.tolist() for row in parts] == WHOLE.tolist()
    assert np.array_equal(copy.deepcopy(parts), WHOLE)
    assert not hasattr(parts, "iloc")


@pytest.mark.parametrize(
    ("arrays", "error", "match"),
    [
        ((), ValueError, "no array"),
        ((WHOLE, WHOLE[:, :2]), ValueError, r"part 1 has dtype float64 and rows of shape \(2,\)"),
        ((WHOLE, WHOLE.astype(int)), ValueError, "part 1 has dtype int64"),
        ((WHOLE, WHOLE.tolist()), TypeError, "part 1 is a list"),
        ((WHOLE[0],), TypeError, r"part 0 is .* of shape \(3,\)"),
    ],
)
def test_arrays_that_do_not_go_together_are_refused(arrays, error, match):
    with pytest.raises(error, match=match):
        alw.Parts(*arrays)


@pytest.mark.parametrize("shown", [None, [f"item {i % 4}" for i in range(300)]])
def test_copies_in_what_was_added_are_those_of_a_pool_given_whole(rng, shown):
    X = rng.integers(0, 6, (300, 2)).astype(float)
    before, after = (None, None) if shown is None else (shown[:200], shown[200:])
    X_all, shown_all = joined(X[:200], X[200:]), None if shown is None else joined(before, after)
    found = more_copies(copies_of(X[:200], before), X_all, shown_all, X[200:], after)
    expected = copies_of(X, shown)
    assert np.array_equal(found.first, expected.first)
    assert found.any
    again = more_copies(found, joined(X_all, X[:9]), None, X[:9], None) if shown is None else found
    assert np.array_equal(again.first[300:], expected.first[:9][: len(again.first) - 300])


def test_a_pool_in_parts_is_scored_as_one_array(rng):
    X = rng.normal(size=(3000, 5))
    whole = alw.strategies.PoolView(
        X=X, candidates=np.arange(3000), labeled=np.arange(4), labels=np.array([0, 1, 0, 1]), classes=np.array([0, 1]),
        learner=None, rng=np.random.default_rng(0),
    )  # fmt: skip
    parts = alw.strategies.PoolView(
        X=alw.Parts(X[:1234], X[1234:]), candidates=whole.candidates, labeled=whole.labeled, labels=whole.labels,
        classes=whole.classes, learner=None, rng=np.random.default_rng(0),
    )  # fmt: skip
    assert np.array_equal(take(parts.X, np.arange(0, 3000, 7)), X[::7])
    for name in ("k_center", "typiclust", "random"):
        chosen = [choose(alw.strategies.NAMED[name], view, 20).rows for view in (whole, parts)]
        assert np.array_equal(*chosen)


@pytest.mark.parametrize(
    "estimator",
    [
        LogisticRegression(), GaussianNB(), KNeighborsClassifier(), RandomForestClassifier(5), SVC(),
        HistGradientBoostingClassifier(max_iter=2), make_pipeline(StandardScaler(), LinearSVC()),
    ],
    ids=lambda estimator: type(estimator).__name__,
)  # fmt: skip
def test_estimators_take_it_as_an_array(rng, estimator):
    X = rng.normal(size=(60, 3))
    parts, y = alw.Parts(X[:20], X[20:]), (X[:, 0] > 0).astype(int)
    fitted = clone(estimator).fit(parts, y)
    assert np.array_equal(fitted.predict(parts), fitted.predict(X))


def test_a_modal_learner_queries_it(rng):
    X = rng.normal(size=(60, 3))
    learner = alw.ActiveLearner(LogisticRegression(), X_training=X[:10], y_training=(X[:10, 0] > 0).astype(int))
    parts = alw.Parts(X[:20], X[20:])
    assert np.array_equal(learner.predict(parts), learner.predict(X))
    assert learner.query(parts, n_instances=3)[0].tolist() == learner.query(X, n_instances=3)[0].tolist()
    assert np.array_equal(alw.Parts(parts, X[:5]), np.concatenate([X, X[:5]]))


def test_items_of_as_many_parts_as_a_stream_has_are_read():
    items = Joined(range(1), range(1, 2))
    for k in range(2, 2000):
        items = Joined(items, range(k, k + 1))
    assert [items[0], items[-1], items[1000]] == [0, 1999, 1000]
    assert items[998:1001] == [998, 999, 1000]
