"""Information density against all pairs."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist

from alwidgets.kernels.arrays import TILE_NUMBERS
from alwidgets.kernels.density import information_density

METRICS = pytest.mark.parametrize("metric", ["cosine", "euclidean"])


def all_pairs(X, metric):
    X = X.astype(float)
    if metric == "euclidean":
        return (1 / (1 + cdist(X, X))).mean(axis=1)
    lengths = np.linalg.norm(X, axis=1, keepdims=True)
    unit = np.divide(X, lengths, out=np.zeros_like(X), where=lengths > 0)
    return (unit @ unit.T).mean(axis=1)


def points(n_rows, n_columns, seed=0):
    return np.random.default_rng(seed).normal(size=(n_rows, n_columns)) + 0.5


@METRICS
@pytest.mark.parametrize("n_columns", [1, 3, 70])
@pytest.mark.parametrize("n_rows", [1, 2, 50, int(TILE_NUMBERS**0.5), 2 * int(TILE_NUMBERS**0.5) + 1])
def test_it_gives_what_all_pairs_give(metric, n_rows, n_columns):
    X = points(n_rows, n_columns)
    np.testing.assert_allclose(information_density(X, metric), all_pairs(X, metric), rtol=1e-10, atol=1e-12)


def test_cosine_over_several_tiles_gives_what_all_pairs_give():
    X = points(3000, 100)
    np.testing.assert_allclose(information_density(X), all_pairs(X, "cosine"), atol=1e-12)


def test_it_ranks_as_modal_does():
    modal = pytest.importorskip("modAL.density")
    X = points(200, 5)
    np.testing.assert_allclose(information_density(X, "euclidean"), modal.information_density(X, "euclidean"))


@METRICS
def test_no_rows_have_no_density(metric):
    assert information_density(np.empty((0, 3)), metric).shape == (0,)


@METRICS
def test_rows_that_are_all_alike_are_as_dense_as_can_be(metric):
    np.testing.assert_allclose(information_density(np.full((7, 3), 0.1), metric), 1, rtol=1e-12)


def test_a_row_of_zeros_is_like_nothing_by_cosine():
    np.testing.assert_allclose(information_density(np.array([[0.0, 0.0], [3.0, 4.0]])), [0, 0.5])


@METRICS
def test_rows_without_columns_are_scored(metric):
    expected = 0 if metric == "cosine" else 1
    assert information_density(np.empty((3, 0)), metric).tolist() == [expected] * 3


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_cosine_of_tiny_and_huge_rows_is_that_of_their_directions(dtype):
    directions = points(20, 4)
    limits = np.finfo(dtype)
    scale = np.where(np.arange(20) % 2, limits.max / 1e3, limits.tiny * 1e3)[:, None]
    X = (directions * scale).astype(dtype)
    np.testing.assert_allclose(information_density(X), all_pairs(directions, "cosine"), atol=1e-5)


@pytest.mark.parametrize("offset", [1e3, 1e8])
def test_the_euclidean_density_far_from_the_origin_is_that_near_it(offset):
    X = points(60, 3).astype(np.float32).astype(float)
    X = X + offset - offset
    np.testing.assert_allclose(information_density(X + offset, "euclidean"), all_pairs(X, "euclidean"), rtol=1e-9)


@METRICS
def test_single_precision_gives_the_same_order(metric):
    X = points(300, 8).astype(np.float32)
    single, double = information_density(X, metric), information_density(X.astype(float), metric)
    assert single.dtype == np.float32
    assert double.dtype == np.float64
    np.testing.assert_allclose(single, double, atol=1e-6)
    assert np.argsort(-single)[:20].tolist() == np.argsort(-double)[:20].tolist()


def test_near_duplicates_in_single_precision_are_told_apart():
    X = np.float32(1000) + np.array([[0.0], [0.001], [0.004]], np.float32)
    np.testing.assert_allclose(information_density(X, "euclidean"), all_pairs(X, "euclidean"), rtol=1e-6)


@METRICS
@given(arrays(np.float64, st.tuples(st.integers(1, 12), st.integers(1, 4)), elements=st.integers(-5, 5).map(float)))
@settings(max_examples=40)
def test_any_points_with_duplicates_and_zeros_are_scored_in_range(metric, X):
    density = information_density(X, metric)
    np.testing.assert_allclose(density, all_pairs(X, metric), rtol=1e-6, atol=1e-7)
    assert ((density >= (-1 if metric == "cosine" else 0)) & (density <= 1 + 1e-12)).all()


@METRICS
def test_the_order_of_rows_does_not_matter(metric):
    X = points(500, 4)
    np.testing.assert_allclose(information_density(X[::-1], metric)[::-1], information_density(X, metric), rtol=1e-12)


@METRICS
def test_a_read_only_memmap_or_strided_input_is_scored_and_left_alone(metric, tmp_path):
    X = points(40, 5)
    mapped = np.memmap(tmp_path / "X", np.float64, "w+", shape=X.shape)
    mapped[:] = X
    mapped.setflags(write=False)
    expected = information_density(X, metric)
    np.testing.assert_array_equal(information_density(mapped, metric), expected)
    for layout in (np.asfortranarray(X), np.repeat(X, 2, axis=0)[::2]):
        np.testing.assert_allclose(information_density(layout, metric), expected)
    np.testing.assert_array_equal(mapped, X)


@METRICS
def test_whole_numbers_are_scored(metric):
    X = np.arange(12).reshape(4, 3)
    np.testing.assert_allclose(information_density(X, metric), all_pairs(X, metric))


@pytest.mark.parametrize(("metric", "n_rows"), [("cosine", 200_000), ("euclidean", 3000)])
def test_memory_is_one_number_a_row_and_a_few_tiles(metric, n_rows):
    X = points(n_rows, 16).astype(np.float32)
    tracemalloc.start()
    information_density(X, metric)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # A copy of X is 12.8 MB, all pairs of 3000 rows are 72 MB.
    assert peak < 8 * n_rows + 6e6


@pytest.mark.parametrize(
    ("X", "metric", "cure"),
    [
        (np.ones((2, 2)), "manhattan", "metric is 'manhattan'; expected one of 'cosine', 'euclidean'"),
        (np.array([[1.0], [np.nan]]), "cosine", "X row 1 is not finite"),
        (np.ones(3), "euclidean", "expected an array of numbers"),
    ],
)
def test_a_wrong_argument_is_refused(X, metric, cure):
    with pytest.raises(ValueError, match=cure):
        information_density(X, metric)
