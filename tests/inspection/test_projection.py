import warnings

import numpy as np
import pytest
from scipy import sparse
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from alwidgets.inspection.projection import in_unit_square, project
from alwidgets.strategies import Features


def test_without_a_projection_the_map_shows_the_two_main_components(blobs):
    X, _ = blobs
    expected = PCA(2).fit_transform((X - X.mean(axis=0)) / X.std(axis=0))
    assert np.allclose(project(X, Features(X)), expected)


def test_the_same_pool_gives_the_same_map_also_a_large_one(rng):
    X = rng.normal(size=(25_000, 3)).astype(np.float32)
    first = project(X, Features(X))
    assert first.shape == (25_000, 2)
    assert np.isfinite(first).all()
    assert np.array_equal(first, project(X, Features(X)))


def test_sparse_samples_are_laid_out(rng):
    X = sparse.random(300, 1000, 0.02, format="csr", rng=rng)
    points = project(X, Features(X))
    assert points.shape == (300, 2)
    assert (points.std(axis=0) > 0).all()


def test_texts_are_laid_out_by_what_the_pipeline_makes_of_them():
    texts = np.array(["red apple", "green apple", "fast car", "slow car"] * 5, object)
    learner = make_pipeline(TfidfVectorizer(), LogisticRegression())
    points = project(texts, Features(texts, learner))
    assert np.array_equal(points[:4], points[4:8])
    # Apples lie with apples.
    assert np.linalg.norm(points[0] - points[1]) < np.linalg.norm(points[0] - points[2])


@pytest.mark.parametrize("X", [np.ones((5, 3)), np.arange(5.0)[:, None], np.ones((1, 4))], ids=["alike", "thin", "one"])
def test_a_pool_without_two_directions_is_flat_and_says_nothing(X):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        points = project(X, Features(X))
    assert points.shape == (len(X), 2)
    assert np.isfinite(points).all()
    assert np.abs(points[:, 1]).max() < 1e-9


def test_points_and_functions_are_taken_as_they_are(blobs):
    X, _ = blobs
    assert np.array_equal(project(X, Features(X), X[:, :2].tolist()), X[:, :2])
    assert np.array_equal(project(X, Features(X), lambda X: X[:, 2:]), X[:, 2:])


@pytest.mark.parametrize(
    ("projection", "error"),
    [
        (np.ones((3, 2)), r"projection has shape \(3, 2\).*; expected numbers of shape \(120, 2\)"),
        (np.ones((120, 3)), r"projection has shape \(120, 3\)"),
        (lambda X: X[:, 0], r"projection has shape \(120,\)"),
        (np.full((120, 2), "a"), r"projection has shape \(120, 2\) and dtype <U1; expected numbers"),
        (np.where(np.arange(240).reshape(120, 2) == 7, np.nan, 0.0), r"projection has \[0.0, nan\] in row 3; expected"),
        (np.full((120, 2), -np.inf), r"projection has \[-inf, -inf\] in row 0; expected finite numbers"),
        ("pca", r"projection has shape \(\)"),
    ],
)
def test_what_is_no_projection_is_refused(blobs, projection, error):
    X, _ = blobs
    with pytest.raises(ValueError, match=error):
        project(X, Features(X), projection)


def test_samples_that_cannot_be_compared_are_refused_with_what_to_pass():
    texts = np.array(["a", "b", "c"], object)
    with pytest.raises(ValueError, match="not numbers and cannot be laid out; pass `projection=`"):
        project(texts, Features(texts))
    assert project(texts, Features(texts), [[0, 1], [2, 3], [4, 5]]).tolist() == [[0, 1], [2, 3], [4, 5]]


def test_points_on_the_page_lie_in_the_unit_square_whatever_their_numbers():
    points = np.array([[1e9, -1.7e308], [1e9 + 1, 1.7e308], [1e9 + 2, 0]])
    assert in_unit_square(points).tolist() == [[0, 0], [0.5, 1], [1, 0.5]]
    assert in_unit_square(points).dtype == np.float32
