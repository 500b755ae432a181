"""Contrastive active learning against a loop over neighbors and against scikit-activeml."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import entropy
from sklearn.linear_model import LogisticRegression

from alwidgets.kernels.contrast import contrastive


def brute_force(X, proba, X_labeled, proba_labeled, n_neighbors):
    utility = []
    for x, p in zip(X.astype(float), proba.astype(float), strict=True):
        distance = ((X_labeled.astype(float) - x) ** 2).sum(axis=1)
        near = np.argsort(distance, kind="stable")[:n_neighbors]
        utility.append(np.mean([entropy(proba_labeled[j].astype(float), p) for j in near]))
    return np.array(utility)


def problem(n_rows=40, n_labeled=30, n_columns=3, n_classes=4, seed=0):
    generator = np.random.default_rng(seed)
    concentration = np.ones(n_classes)
    return (
        generator.normal(size=(n_rows, n_columns)),
        generator.dirichlet(concentration, n_rows),
        generator.normal(size=(n_labeled, n_columns)),
        generator.dirichlet(concentration, n_labeled),
    )


@pytest.mark.parametrize("n_neighbors", [1, 10, 30, 100])
@pytest.mark.parametrize("n_classes", [1, 2, 4, 100])
@pytest.mark.parametrize("n_columns", [1, 3, 200])
def test_it_gives_what_a_brute_force_gives(n_columns, n_classes, n_neighbors):
    given = problem(n_columns=n_columns, n_classes=n_classes)
    np.testing.assert_allclose(contrastive(*given, n_neighbors), brute_force(*given, n_neighbors), atol=1e-12)


@pytest.mark.parametrize("n_labeled", [1, 700, 3000])
def test_candidates_over_several_tiles_are_each_scored_once(n_labeled):
    given = problem(n_rows=450, n_labeled=n_labeled)
    np.testing.assert_allclose(contrastive(*given), brute_force(*given, 10), atol=1e-12)


def test_scikit_activeml_gives_the_same():
    pool = pytest.importorskip("skactiveml.pool")
    classifier = pytest.importorskip("skactiveml.classifier")
    X, _, X_labeled, _ = problem(n_classes=3)
    y = np.arange(30.0) % 3
    model = LogisticRegression().fit(X_labeled, y)
    _, utilities = pool.ContrastiveAL(nearest_neighbors_dict={"n_neighbors": 10}, random_state=0).query(
        np.vstack([X_labeled, X]),
        np.append(y, np.full(len(X), np.nan)),
        classifier.SklearnClassifier(LogisticRegression(), classes=[0, 1, 2]),
        return_utilities=True,
    )
    ours = contrastive(X, model.predict_proba(X), X_labeled, model.predict_proba(X_labeled))
    np.testing.assert_allclose(ours, utilities[0, 30:], rtol=1e-5)


def test_of_neighbors_at_the_same_distance_the_first_count():
    proba_labeled = np.array([[0.9, 0.1], [0.5, 0.5], [0.1, 0.9]])
    utility = contrastive(np.zeros((1, 1)), np.full((1, 2), 0.5), np.array([[1.0], [-1.0], [1.0]]), proba_labeled, 2)
    assert utility[0] == pytest.approx(entropy([0.9, 0.1], [0.5, 0.5]) / 2)


@given(st.integers(0, 10_000), st.integers(1, 6), st.floats(-1e6, 1e6))
@settings(max_examples=60)
def test_points_on_a_grid_with_many_ties_are_scored_exactly(seed, n_neighbors, offset):
    generator = np.random.default_rng(seed)
    shift = np.round(offset)
    X, X_labeled = (generator.integers(0, 3, (n, 2)) + shift for n in (8, 12))
    proba, proba_labeled = generator.dirichlet(np.ones(3), 8), generator.dirichlet(np.ones(3), 12)
    expected = brute_force(X - shift, proba, X_labeled - shift, proba_labeled, n_neighbors)
    np.testing.assert_allclose(contrastive(X, proba, X_labeled, proba_labeled, n_neighbors), expected, atol=1e-9)


def test_neighbors_closer_than_rounding_far_from_the_mean_are_told_apart():
    # Two tight clusters: the distances within one are lost in the squared norms.
    X_labeled = np.array([[1.0 + 3e-9], [1.0 + 1e-9], [-1.0], [1.0 + 2e-9]])
    proba_labeled = np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8], [0.7, 0.3]])
    utility = contrastive(np.array([[1.0]]), np.full((1, 2), 0.5), X_labeled, proba_labeled, 1)
    assert utility[0] == pytest.approx(0, abs=1e-15)


def test_candidates_the_model_sees_as_their_neighbors_have_no_contrast():
    X, _, X_labeled, _ = problem()
    assert (contrastive(X, np.full((40, 3), 1 / 3), X_labeled, np.full((30, 3), 1 / 3)) == 0).all()


def test_a_contradiction_is_finite():
    utility = contrastive(np.zeros((1, 1)), np.array([[1.0, 0.0]]), np.zeros((1, 1)), np.array([[0.0, 1.0]]))
    assert utility[0] == pytest.approx(-np.log(1e-12))


def test_single_precision_gives_the_same_order():
    given = [values.astype(np.float32) for values in problem(n_rows=300)]
    single, double = contrastive(*given), contrastive(*(values.astype(float) for values in given))
    assert single.dtype == np.float32
    assert double.dtype == np.float64
    np.testing.assert_allclose(single, double, rtol=1e-6)


def test_a_read_only_memmap_or_strided_input_is_scored_and_left_alone(tmp_path):
    X, proba, X_labeled, proba_labeled = problem()
    mapped = np.memmap(tmp_path / "X", np.float64, "w+", shape=X.shape)
    mapped[:] = X
    mapped.setflags(write=False)
    strided = np.repeat(X_labeled, 2, axis=0)[::2]
    strided.setflags(write=False)
    expected = contrastive(X, proba, X_labeled, proba_labeled)
    np.testing.assert_allclose(contrastive(mapped, np.asfortranarray(proba), strided, proba_labeled), expected)
    np.testing.assert_array_equal(mapped, X)


def test_no_candidates_have_no_contrast():
    _, _, X_labeled, proba_labeled = problem()
    assert contrastive(np.empty((0, 3)), np.empty((0, 4)), X_labeled, proba_labeled).shape == (0,)


@pytest.mark.parametrize("spread", [1.0, 0.0], ids=["apart", "all alike"])
def test_memory_is_a_few_tiles_and_the_labeled_rows(spread):
    X, proba, X_labeled, proba_labeled = problem(5000, 2000)
    tracemalloc.start()
    contrastive(spread * X, proba, spread * X_labeled, proba_labeled)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # All distances are 80 MB.
    assert peak < 20e6


@pytest.mark.parametrize(
    ("place", "value", "cure"),
    [
        (0, np.full((2, 1), np.nan), "X row 0 is not finite"),
        (1, np.full((3, 2), 0.5), "proba has 3 rows; expected 2"),
        (2, np.empty((0, 1)), "X_labeled has no rows; expected labeled samples"),
        (2, np.ones((2, 3)), "same number of columns"),
        (3, np.full((2, 2), 0.4), "proba_labeled row 0 is .* sum to 1"),
        (3, np.ones((2, 1)), "proba has 2 classes but proba_labeled has 1"),
        (4, 0, "n_neighbors is 0; expected 1 or more"),
        (4, -1, "n_neighbors is -1; expected"),
    ],
)
def test_a_wrong_argument_is_refused(place, value, cure):
    given = [np.ones((2, 1)), np.full((2, 2), 0.5), np.ones((2, 1)), np.full((2, 2), 0.5), 1]
    given[place] = value
    if place == 2 and not len(value):
        given[3] = np.empty((0, 2))
    with pytest.raises(ValueError, match=cure):
        contrastive(*given)


def test_a_number_of_neighbors_that_is_not_whole_is_refused():
    with pytest.raises(TypeError):
        contrastive(*problem(), n_neighbors=2.5)
