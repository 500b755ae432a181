"""The uncertainty kernels against SciPy and against one line of arithmetic a row."""

import numpy as np
import pytest
from scipy.stats import entropy as scipy_entropy

from alwidgets.kernels import decision_margin, entropy, least_confidence, margin, ratio
from alwidgets.kernels.uncertainty import rows_per_tile


def gap(row):
    first, second = sorted([*row, 0.0], reverse=True)[:2]
    return first - second


MANUAL = {
    least_confidence: lambda proba: np.array([1 - max(row) for row in proba]),
    margin: lambda proba: np.array([1 - gap(row) for row in proba]),
    ratio: lambda proba: np.array([sorted([*row, 0.0])[-2] / max(row) for row in proba]),
    entropy: lambda proba: scipy_entropy(proba, axis=1) / max(np.log(proba.shape[1]), 1e-9),
}
of_probabilities = pytest.mark.parametrize("kernel", MANUAL, ids=lambda kernel: kernel.__name__)


def probabilities(n_rows, n_classes, dtype=np.float64):
    generator = np.random.default_rng(n_rows + n_classes)
    proba = generator.dirichlet(np.full(n_classes, 0.5), n_rows)
    # The corners too: certain rows and a tie.
    proba[: min(n_rows, n_classes)] = np.eye(min(n_rows, n_classes), n_classes)
    proba[-1] = 1 / n_classes
    return proba.astype(dtype)


@of_probabilities
@pytest.mark.parametrize("n_classes", [1, 2, 3, 100])
@pytest.mark.parametrize("n_rows", [1, 50])
def test_a_kernel_gives_what_the_formula_gives(kernel, n_rows, n_classes):
    proba = probabilities(n_rows, n_classes)
    np.testing.assert_allclose(kernel(proba), MANUAL[kernel](proba), atol=1e-12)


@of_probabilities
@pytest.mark.parametrize("beyond", [-1, 0, 1])
def test_rows_over_several_tiles_are_each_scored_once(kernel, beyond):
    n_classes = 100
    n_rows = 2 * rows_per_tile(n_classes) + beyond
    proba = probabilities(n_rows, n_classes)
    np.testing.assert_allclose(kernel(proba), MANUAL[kernel](proba), atol=1e-12)


@of_probabilities
def test_a_row_wider_than_a_tile_is_scored(kernel):
    proba = probabilities(2, 200_000)
    np.testing.assert_allclose(kernel(proba), MANUAL[kernel](proba), atol=1e-9)


@of_probabilities
def test_float32_gives_what_float64_gives(kernel):
    single = kernel(probabilities(500, 7, np.float32))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, kernel(probabilities(500, 7)), atol=2e-6)


@of_probabilities
@pytest.mark.parametrize("layout", ["C", "F", "strided"])
def test_a_read_only_input_of_any_layout_is_scored_and_left_alone(kernel, layout):
    proba = probabilities(40, 5)
    given = np.repeat(proba, 2, axis=0)[::2] if layout == "strided" else np.array(proba, order=layout)
    given.setflags(write=False)
    np.testing.assert_array_equal(kernel(given), kernel(proba))
    np.testing.assert_array_equal(given, proba)


@of_probabilities
def test_no_rows_give_no_utilities(kernel):
    assert kernel(np.empty((0, 3))).shape == (0,)


@of_probabilities
@pytest.mark.parametrize(
    "row",
    [[np.nan, 0.5, 0.5], [0.5, 0.2, 0.2], [0.5, 0.5, 0.5], [0, 0, 0], [np.inf, -np.inf, 1], [2, -1, 0]],
    ids=["NaN", "too little", "too much", "nothing", "infinite", "negative"],
)
@pytest.mark.parametrize("where", [0, 3, 70_000])
def test_a_row_that_is_no_distribution_is_refused_and_named(kernel, row, where):
    proba = np.full((70_001, 3), 1 / 3)
    proba[where] = row
    with pytest.raises(ValueError, match=rf"^proba row {where} is .*sum to 1. Look at the model"):
        kernel(proba)


@of_probabilities
@pytest.mark.parametrize("proba", [np.zeros(3), np.zeros((2, 2, 2)), [[0.5, 0.5]]], ids=["1-D", "3-D", "list"])
def test_what_is_no_matrix_is_refused(kernel, proba):
    with pytest.raises(ValueError, match=r"expected \(n_candidates, n_classes\)"):
        kernel(proba)


@of_probabilities
def test_utilities_stay_between_nothing_and_one(kernel):
    utility = kernel(probabilities(2000, 4))
    assert utility.min() == 0
    assert utility.max() == pytest.approx(0.75 if kernel is least_confidence else 1)


@of_probabilities
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    "row",
    [[1.0009, -0.0009, 0], [1.0009], [0.9991], [0.333, 0.333, 0.333], [0.5005, 0.5004, -0.0009], [-0.0009, 1.0001]],
)
def test_what_is_off_within_the_tolerance_stays_between_nothing_and_the_most(kernel, row, dtype):
    utility = kernel(np.array([row, row], dtype))
    most = 1 - dtype(1 / len(row)) if kernel is least_confidence else 1
    assert utility.min() >= 0
    assert utility.max() <= most


def test_all_of_them_rank_two_classes_alike():
    generator = np.random.default_rng(0)
    smaller = generator.permutation(np.linspace(0.001, 0.499, 250))
    share = np.where(generator.random(250) < 0.5, smaller, 1 - smaller)
    proba = np.column_stack([share, 1 - share])
    orders = [np.argsort(kernel(proba)).tolist() for kernel in MANUAL]
    assert all(order == orders[0] for order in orders)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
@pytest.mark.parametrize("shape", [(30,), (30, 1), (30, 2), (30, 9), (30_000, 9), (0, 3)])
def test_decision_margin_is_minus_the_gap_to_the_boundary(shape, dtype):
    decision = np.random.default_rng(3).normal(scale=5, size=shape).astype(dtype)
    decision.setflags(write=False)
    if decision.ndim == 1 or shape[1] == 1:
        expected = -np.abs(decision.ravel())
    else:
        ordered = np.sort(decision, axis=1)
        expected = ordered[:, -2] - ordered[:, -1]
    np.testing.assert_array_equal(decision_margin(decision), expected)


@pytest.mark.parametrize(
    ("decision", "row"),
    [
        (np.array([0.0, np.nan]), 1),
        (np.array([[0.0, 1.0], [2.0, 1.0], [1.0, np.nan]]), 2),
        (np.array([[np.inf, np.inf]]), 0),
    ],
)
def test_a_decision_that_is_no_number_is_refused_and_named(decision, row):
    with pytest.raises(ValueError, match=f"decision has NaN in row {row}; .*Look at the model"):
        decision_margin(decision)


def test_a_decision_of_three_dimensions_is_refused():
    with pytest.raises(ValueError, match=r"shape \(2, 2, 2\); expected \(n_candidates,\)"):
        decision_margin(np.zeros((2, 2, 2)))


def test_a_decision_in_whole_numbers_is_taken_for_what_it_is():
    np.testing.assert_array_equal(decision_margin(np.array([2, 0], np.uint8)), [-2, 0])
    np.testing.assert_array_equal(decision_margin(np.array([True, False])), [-1, 0])


def test_of_very_many_columns_few_rows_are_taken_at_a_time():
    assert rows_per_tile(10_000) * 10_000 < 1e6
    assert rows_per_tile(10**9) == 1
