"""Questions before there is a model: they cover the pool, whatever the pool is made of."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_array, csr_array, csr_matrix
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from alwidgets.data.pool import as_samples
from alwidgets.strategies import Features, PoolView
from alwidgets.strategies import cold_start as module
from alwidgets.strategies.cold_start import diverse_start
from alwidgets.strategies.features import features_of

TOPICS = ["cat dog pet", "sun rain wind", "car bus train", "tea milk juice", "red green blue"]


def clusters(n_clusters=10, size=12, seed=0):
    generator = np.random.default_rng(seed)
    centers = generator.permutation(n_clusters * 3)[:n_clusters, None] * 20.0 + np.array([[0.0, 5.0]])
    which = generator.permutation(np.repeat(np.arange(n_clusters), size))
    return centers[which] + generator.normal(size=(n_clusters * size, 2)), which


def fresh(X, labeled=(), seed=0, estimator=None):
    labeled = np.array(labeled, np.intp)
    candidates = np.setdiff1d(np.arange(X.shape[0]), labeled)
    rng, labels = np.random.default_rng(seed), np.repeat("a", len(labeled))
    return PoolView(X, candidates, labeled, labels, None, None, rng, embedding=Features(X, estimator))


def start(X, n, labeled=(), seed=0):
    return diverse_start(fresh(X, labeled, seed), n)


def as_csr_with_nan(X):
    X = csr_matrix(X)
    X.data[::17] = np.nan
    return X


@pytest.mark.parametrize("seed", range(8))
def test_ten_questions_cover_ten_clusters(seed):
    X, which = clusters(seed=seed)
    assert set(which[start(X, 10, seed=seed).rows]) == set(range(10))


def test_questions_three_at_a_time_cover_every_cluster_too():
    X, which = clusters(size=30)
    labeled = []
    for step in range(4):
        labeled += start(X, 3, labeled, seed=step).rows.tolist()
    assert len(set(labeled)) == 12
    assert len(set(which[labeled[:9]])) == 9
    assert set(which[labeled]) == set(range(10))


def test_larger_clusters_come_first_with_their_share_as_utility():
    which = np.repeat([0, 1, 2], [10, 60, 30])
    X = np.random.default_rng(0).normal(size=(100, 2)) + which[:, None] * 30
    choice = start(X, 3)
    assert which[choice.rows].tolist() == [1, 2, 0]
    np.testing.assert_allclose(choice.utility, [0.6, 0.3, 0.1])


def test_a_cluster_that_is_labeled_comes_last():
    X, which = clusters(n_clusters=4)
    known = [int(np.flatnonzero(which == k)[0]) for k in (1, 3)]
    rows = start(X, 2, known).rows
    assert set(which[rows]) == {0, 2}


def test_each_cluster_gives_the_member_nearest_to_its_center():
    X, which = clusters(n_clusters=5, size=40)
    # The features are compared in units of their spread.
    X = X / X.std(axis=0)
    for row in start(X, 5).rows:
        members = np.flatnonzero(which == which[row])
        distance = np.linalg.norm(X[members] - X[members].mean(axis=0), axis=1)
        assert row == members[distance.argmin()]


@pytest.mark.parametrize("units", [1e-9, 1e9])
def test_features_in_other_units_ask_the_same(units):
    X, _ = clusters()
    plain = start(X, 10).rows
    np.testing.assert_array_equal(start(X * [units, 1.0], 10).rows, plain)


ODD = {
    "constant": np.ones((30, 3)),
    "one constant feature": np.column_stack([np.zeros(30), np.arange(30.0)]),
    "two distinct rows": np.repeat([[0.1, 0.2], [0.7, 0.9]], 15, axis=0),
    "nearly one row": 0.1 + 1e-14 * np.random.default_rng(0).normal(size=(30, 3)),
    "nearly two rows": np.repeat([[0.0], [1.0]], 15, axis=0) + 1e-12 * np.random.default_rng(0).normal(size=(30, 2)),
    "all NaN": np.full((30, 2), np.nan),
    "a NaN column": np.column_stack([np.full(30, np.nan), np.arange(30.0)]),
    "some NaN": np.where(np.random.default_rng(0).random((30, 4)) < 0.3, np.nan, np.arange(120.0).reshape(30, 4)),
    "integers": np.arange(60).reshape(30, 2),
    "booleans": np.random.default_rng(0).random((30, 5)) < 0.5,
    "float32": np.random.default_rng(0).normal(size=(30, 2)).astype(np.float32),
    "huge": 1e150 * np.random.default_rng(0).normal(size=(30, 2)),
    "sparse": csr_matrix(np.diag(np.arange(30.0))),
    "sparse array": csr_array(np.diag(np.arange(30))),
    "sparse, all zero": csr_matrix((30, 4)),
    "sparse with NaN": as_csr_with_nan(np.diag(np.arange(1.0, 31.0))),
    "sparse duplicates": csr_matrix(np.repeat(np.eye(3), 10, axis=0)),
    "DataFrame": pd.DataFrame({"a": range(30), "b": [True, False, True] * 10}, index=[5] * 30),
    "nullable DataFrame": pd.DataFrame({"a": pd.array([1, None, 3] * 10, dtype="Int64")}),
}


@pytest.mark.parametrize("labeled", [(), (0, 3, 29)], ids=["nothing labeled", "three labeled"])
@pytest.mark.parametrize("X", ODD.values(), ids=ODD)
def test_features_of_any_kind_give_distinct_unlabeled_rows_and_no_warning(X, labeled):
    for n in (1, 5, 30):
        choice = diverse_start(fresh(X, labeled), n)
        rows = choice.rows.tolist()
        assert len(set(rows)) == len(rows) == min(n, 30 - len(labeled))
        assert not set(rows) & set(labeled)
        np.testing.assert_array_equal(rows, diverse_start(fresh(X, labeled), n).rows)
        assert np.isfinite(choice.utility).all()


def test_of_rows_that_are_alike_one_is_asked_before_the_others():
    X = np.repeat(np.arange(6.0), 10)[:, None]
    first = start(X, 8).rows[:6]
    assert sorted(X[first, 0]) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("most", [40, 100])
def test_a_large_pool_is_sampled_and_still_gives_what_is_wanted(most, monkeypatch):
    monkeypatch.setattr(module, "_MOST_ROWS", most)
    X, which = clusters(size=50)
    assert len(set(start(X, 300).rows.tolist())) == 300
    if most == 100:
        assert set(which[start(X, 10).rows]) == set(range(10))


def test_more_questions_than_clusters_go_round_the_clusters(monkeypatch):
    monkeypatch.setattr(module, "_MOST_CLUSTERS", 10)
    X, which = clusters()
    rows = start(X, 30).rows
    assert np.bincount(which[rows[:10]]).tolist() == [1] * 10
    assert np.bincount(which[rows]).tolist() == [3] * 10


def test_a_large_problem_is_clustered_in_mini_batches_and_still_covered():
    X, which = clusters(size=2500)
    rows = start(X, 10).rows
    assert len(X) * 10 > 200_000
    assert set(which[rows]) == set(range(10))
    np.testing.assert_array_equal(rows, start(X, 10).rows)


def test_another_seed_orders_equal_clusters_otherwise():
    X, which = clusters()
    assert len({tuple(which[start(X, 10, seed=seed).rows]) for seed in range(5)}) > 1


TEXTS = as_samples([TOPICS[i % 5] + " " + TOPICS[i % 5].split()[i % 3] for i in range(60)])


@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(TfidfVectorizer(), LogisticRegression()),
        CalibratedClassifierCV(make_pipeline(TfidfVectorizer(), LogisticRegression())),
        # What needs labels is left out, what comes before it is not.
        make_pipeline(TfidfVectorizer(), SelectKBest(k=2), LogisticRegression()),
        make_pipeline(TfidfVectorizer(), FunctionTransformer(coo_array), LogisticRegression()),
    ],
    ids=["Pipeline", "wrapped Pipeline", "supervised step", "COO"],
)
def test_texts_are_compared_behind_their_vectorizer(estimator):
    rows = diverse_start(fresh(TEXTS, estimator=estimator), 5).rows
    assert sorted(row % 5 for row in rows) == [0, 1, 2, 3, 4]
    assert not hasattr(estimator, "classes_")


def test_texts_without_a_vectorizer_are_drawn_at_random():
    assert features_of(TEXTS, LogisticRegression()) is None
    draws = [diverse_start(fresh(TEXTS, seed=seed), 5) for seed in range(200)]
    assert np.isnan(draws[0].utility).all()
    assert {row for draw in draws for row in draw.rows.tolist()} == set(range(60))
    np.testing.assert_array_equal(draws[3].rows, diverse_start(fresh(TEXTS, seed=3), 5).rows)


def test_a_pipeline_of_numbers_scales_as_it_says():
    X = np.random.default_rng(0).normal(size=(20, 3)) * [1, 10, 100]
    expected = StandardScaler().fit_transform(X)
    np.testing.assert_array_equal(features_of(X, make_pipeline(StandardScaler(), LogisticRegression())), expected)


@pytest.mark.parametrize("step", [SelectKBest(k=1), FunctionTransformer(lambda X: 1 / 0)], ids=["supervised", "broken"])
def test_a_step_that_cannot_be_fitted_without_labels_leaves_the_numbers_as_they_are(step):
    X = np.random.default_rng(0).normal(size=(20, 3))
    found = features_of(X, make_pipeline(step, LogisticRegression()))
    assert np.array_equal(found, X)
    assert np.shares_memory(found, X)


MIXED = pd.DataFrame({"size": [1.0, 50.0, 99.0] * 10, "color": ["red", "green", "blue"] * 10})


def test_a_mixed_table_is_compared_behind_its_encoder_and_else_drawn_at_random():
    assert features_of(MIXED, LogisticRegression()) is None
    encode = make_column_transformer((OneHotEncoder(), ["color"]), remainder="passthrough")
    for steps in ([encode], [encode.set_output(transform="default"), StandardScaler(with_mean=False)]):
        rows = diverse_start(fresh(MIXED, estimator=make_pipeline(*steps, LogisticRegression())), 3).rows
        assert sorted(MIXED["color"].iloc[rows]) == ["blue", "green", "red"]


def test_a_step_that_gives_no_numbers_is_not_measured():
    passed = make_pipeline(FunctionTransformer(lambda X: X), LogisticRegression())
    assert features_of(MIXED, passed) is None
    assert features_of(TEXTS, passed) is None


def test_no_candidates_give_no_questions():
    X, _ = clusters()
    assert diverse_start(replace(fresh(X), candidates=np.empty(0, np.intp)), 4).rows.shape == (0,)
