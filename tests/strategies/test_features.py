"""Where samples are compared: in which numbers, in which units, and without a copy of the pool."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array, csr_matrix
from scipy.sparse import random as random_sparse
from sklearn.calibration import CalibratedClassifierCV
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from alwidgets.data.pool import as_samples
from alwidgets.models.modal import ActiveLearner, Committee
from alwidgets.strategies import Features

X = np.random.default_rng(0).normal(size=(50, 3)) * [1, 100, 1e-6] + [0, 1e5, 3]
ROWS = np.array([4, 0, 17])


def standardized(X):
    """By the textbook."""
    return (X - np.nanmean(X, axis=0)) / np.nanstd(X, axis=0)


def test_columns_are_compared_in_units_of_their_spread():
    np.testing.assert_allclose(Features(X).at(ROWS), standardized(X)[ROWS], atol=1e-9)


def test_the_units_are_those_of_the_pool_whichever_rows_are_asked_for():
    features = Features(X)
    np.testing.assert_array_equal(features.at(np.arange(50))[ROWS], features.at(ROWS))


def test_a_constant_column_says_nothing():
    constant = np.column_stack([X, np.full(50, 0.1)])
    np.testing.assert_array_equal(Features(constant).at(ROWS)[:, 3], 0)


@pytest.mark.parametrize("kind", [np.int8, np.uint16, bool, np.float16])
def test_numbers_of_any_kind_are_compared_alike(kind):
    numbers = np.random.default_rng(0).integers(0, 2, (50, 4)).astype(kind)
    np.testing.assert_allclose(Features(numbers).at(ROWS), standardized(numbers.astype(float))[ROWS], atol=1e-9)


def test_single_precision_stays_single():
    single = X.astype(np.float32)
    assert Features(single).at(ROWS).dtype == np.float32
    assert Features(X).at(ROWS).dtype == np.float64
    np.testing.assert_allclose(Features(single).at(ROWS), standardized(single.astype(float))[ROWS], atol=1e-4)


def test_missing_values_are_the_mean_of_their_column():
    missing = X.copy()
    missing[4, 1] = missing[30, 0] = np.nan
    points = Features(missing).at(ROWS)
    expected = np.nan_to_num(standardized(missing))[ROWS]
    np.testing.assert_allclose(points, expected, atol=1e-9)


def test_a_table_is_compared_as_its_numbers_are():
    frame = pd.DataFrame(X, columns=["a", "a", "b"], index=[7] * 50)
    np.testing.assert_allclose(Features(frame).at(ROWS), Features(X).at(ROWS), atol=1e-7)
    nullable = pd.DataFrame({"a": pd.array([1, None, 3] * 10, dtype="Int64")})
    assert Features(nullable).at(np.array([1])).tolist() == [[0.0]]


WRAPPED = [
    ActiveLearner,
    CalibratedClassifierCV,
    lambda model: GridSearchCV(model, {}),
    lambda model: Committee([ActiveLearner(model)]),
]


@pytest.mark.parametrize("wrap", WRAPPED)
def test_what_a_pipeline_makes_of_samples_is_compared_as_it_is(wrap):
    pipeline = make_pipeline(StandardScaler(with_std=False), LogisticRegression())
    np.testing.assert_allclose(Features(X, wrap(pipeline)).at(ROWS), (X - X.mean(axis=0))[ROWS])
    assert not hasattr(pipeline, "classes_")


def test_what_embed_makes_of_samples_is_compared_as_it_is():
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    np.testing.assert_array_equal(Features(X, pipeline, lambda X: 3 * X[:, :2]).at(ROWS), 3 * X[ROWS, :2])


def test_embed_is_called_once_with_the_pool():
    calls = []
    features = Features(X, embed=lambda X: calls.append(X) or X)
    features.at(ROWS)
    features.at(ROWS)
    assert len(calls) == 1
    assert np.shares_memory(calls[0], X)


def test_embed_may_give_sparse_rows():
    points = Features(X, embed=csr_matrix).at(ROWS)
    np.testing.assert_array_equal(points, X[ROWS])


@pytest.mark.parametrize("form", [csr_matrix, csr_array])
def test_narrow_sparse_samples_are_compared_as_they_are(form):
    sparse = np.maximum(X, np.median(X, axis=0)) - np.median(X, axis=0)
    np.testing.assert_array_equal(Features(form(sparse)).at(ROWS), sparse[ROWS])


def test_wide_sparse_samples_keep_their_distances_in_their_main_components():
    generator = np.random.default_rng(0)
    wide = random_sparse(60, 2000, density=0.02, random_state=generator, format="csr")
    points = Features(wide).at(np.arange(60))
    assert points.shape == (60, 60)
    dense = wide.toarray()
    np.testing.assert_allclose(points @ points.T, dense @ dense.T, atol=1e-8)


def test_wide_sparse_samples_are_reduced_to_a_hundred_numbers():
    wide = random_sparse(300, 5000, density=0.01, random_state=np.random.default_rng(0), format="csr")
    features = Features(wide)
    assert features.at(np.arange(5)).shape == (5, 100)
    np.testing.assert_array_equal(features.at(np.arange(5)), Features(wide).at(np.arange(5)))


def test_texts_are_compared_behind_their_vectorizer_and_not_at_all_without():
    texts = as_samples(["tea milk", "tea milk", "car bus"])
    points = Features(texts, make_pipeline(TfidfVectorizer(), LogisticRegression())).at(np.arange(3))
    np.testing.assert_array_equal(points[0], points[1])
    assert points[0] @ points[2] == 0
    with pytest.raises(ValueError, match=r"are not numbers and cannot be compared; give `embed=`"):
        Features(texts, LogisticRegression()).at(np.arange(3))


def test_what_is_known_of_a_pool_is_found_once():
    features, calls = Features(X), []
    assert [features.known("radius", lambda: calls.append(1) or 0.5) for _ in range(3)] == [0.5] * 3
    assert len(calls) == 1


def test_a_sample_of_the_pool_is_the_same_whenever_asked():
    features = Features(X)
    rows = features.sample(10)
    np.testing.assert_array_equal(rows, features.sample(10))
    assert len(set(rows.tolist())) == 10
    assert features.sample(500).tolist() == list(range(50))


@pytest.mark.parametrize("kind", ["array", "memmap", "float32 memmap"])
def test_rows_are_taken_without_a_copy_of_the_pool(kind, tmp_path, monkeypatch):
    pool = np.random.default_rng(0).normal(size=(100_000, 16))
    if kind != "array":
        np.save(tmp_path / "X.npy", pool.astype(np.float32 if kind.startswith("float32") else np.float64))
        pool = np.load(tmp_path / "X.npy", mmap_mode="r")
    monkeypatch.setattr("alwidgets.data.kinds._BLOCK_BYTES", 2**17)
    features = Features(pool)
    tracemalloc.start()
    points = features.at(np.arange(0, 100_000, 1000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert points.shape == (100, 16)
    assert peak < pool.nbytes / 4


@settings(max_examples=40)
@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(0, 2))
def test_the_unit_of_a_column_changes_no_distance(shift, scale, column):
    moved = np.random.default_rng(1).normal(size=(30, 3))
    plain = Features(moved).at(np.arange(30))
    moved[:, column] = moved[:, column] * scale + shift * scale
    np.testing.assert_allclose(Features(moved).at(np.arange(30)), plain, atol=1e-6)


def test_a_large_pool_is_measured_on_a_sample(monkeypatch):
    X = np.random.default_rng(0).normal(size=(5000, 3)) * [1, 10, 100] + [5, 0, -7]
    whole = Features(X).at(np.arange(200))
    monkeypatch.setattr("alwidgets.strategies.features._MOST_MEASURED", 1000)
    sampled = Features(X)
    np.testing.assert_allclose(sampled.at(np.arange(200)), whole, atol=0.3)
    np.testing.assert_array_equal(sampled.at(np.arange(200)), Features(X).at(np.arange(200)))
