"""Agreement of predictions against scikit-learn, small-text, and manual sums."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score, f1_score

from alwidgets.kernels.agreement import cohen_kappa, expected_f, f_change

of_two_lists = pytest.mark.parametrize("kernel", [cohen_kappa, f_change])


def two_lists(n, n_classes, seed=0):
    generator = np.random.default_rng(seed)
    a = generator.integers(0, n_classes, n)
    return a, np.where(generator.random(n) < 0.6, a, generator.integers(0, n_classes, n))


def test_the_textbook_table_gives_its_kappa():
    # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: observed 0.7, by chance 0.5.
    a = np.repeat([0, 0, 1, 1], [20, 5, 10, 15])
    b = np.repeat([0, 1, 0, 1], [20, 5, 10, 15])
    assert cohen_kappa(a, b, 2) == pytest.approx(0.4, abs=1e-15)


@settings(max_examples=60)
@given(st.data())
def test_kappa_and_f_are_those_of_scikit_learn(data):
    n_classes = data.draw(st.integers(2, 6))
    codes = st.lists(st.integers(0, n_classes - 1), min_size=12, max_size=12)
    a, b = np.array(data.draw(codes)), np.array(data.draw(codes))
    present = np.union1d(a, b)
    assert f_change(a, b, n_classes) == pytest.approx(1 - f1_score(a, b, labels=present, average="macro"), abs=1e-12)
    if not np.array_equal(a, b):
        assert cohen_kappa(a, b, n_classes) == pytest.approx(cohen_kappa_score(a, b), abs=1e-12)


def test_the_change_of_f_of_two_classes_is_small_texts_for_either_class_in_turn():
    small_text = pytest.importorskip("small_text.stopping_criteria", exc_type=ImportError)
    a, b = two_lists(200, 2)
    of_each = []
    for flipped in (False, True):
        criterion = small_text.DeltaFScore(2)
        criterion.stop(predictions=1 - a if flipped else a)
        criterion.stop(predictions=1 - b if flipped else b)
        of_each += criterion.delta_history
    assert f_change(a, b, 2) == pytest.approx(np.mean(of_each), abs=1e-12)


@pytest.mark.parametrize("codes", [[0], [2, 2, 2], [0, 1, 2, 0]])
def test_equal_predictions_agree_fully_and_change_nothing(codes):
    assert cohen_kappa(np.array(codes), np.array(codes), 3) == 1
    assert f_change(np.array(codes), np.array(codes), 3) == 0


def test_predictions_without_a_class_in_common_agree_less_than_chance():
    assert cohen_kappa(np.array([0, 1]), np.array([1, 0]), 2) == -1
    assert f_change(np.array([0, 0]), np.array([1, 1]), 2) == 1
    assert cohen_kappa(np.array([0, 0]), np.array([1, 1]), 2) == 0


def test_no_predictions_change_nothing_but_have_no_kappa():
    none = np.empty(0, int)
    assert f_change(none, none, 3) == 0
    with pytest.raises(ValueError, match=r"a and b are empty; expected at least one prediction"):
        cohen_kappa(none, none, 3)


@of_two_lists
def test_neither_the_order_of_the_two_nor_the_names_of_the_classes_nor_unused_ones_matter(kernel):
    a, b = two_lists(300, 5)
    names = np.random.default_rng(1).permutation(5)
    assert kernel(a, b, 5) == pytest.approx(kernel(b, a, 5), abs=1e-15)
    assert kernel(a, b, 5) == pytest.approx(kernel(names[a], names[b], 9), abs=1e-15)


@of_two_lists
@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.uint64, ">i4"])
def test_integers_of_any_kind_are_read(kernel, dtype):
    a, b = two_lists(200, 100)
    assert kernel(a.astype(dtype), b.astype(dtype), 100) == kernel(a, b, 100)


@of_two_lists
@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        (np.array([0, 1]), np.array([0]), "a has 2 predictions and b 1; expected the same samples"),
        (np.array([0, 3]), np.array([0, 1]), r"a\[1\] is 3; expected class numbers from 0 to 2"),
        (np.array([0, 1]), np.array([-1, 1]), r"b\[0\] is -1; expected class numbers"),
        (np.array([0.0, 1.0]), np.array([0, 1]), r"a is of shape \(2,\) and dtype float64; expected class numbers"),
        (np.array([0, 1]), [0, 1], "b is of list; expected class numbers"),
    ],
)
def test_what_is_no_list_of_classes_is_refused_and_named(kernel, a, b, message):
    with pytest.raises(ValueError, match=message):
        kernel(a, b, 3)


def expected_f_by_hand(proba):
    right, wrong, missed = (np.zeros(proba.shape[1]) for _ in range(3))
    for row in proba:
        guess = int(np.argmax(row))
        for c, p in enumerate(row):
            if c == guess:
                right[c] += p
                wrong[c] += 1 - p
            else:
                missed[c] += p
    either = 2 * right + wrong + missed
    return np.mean([2 * r / e for r, e in zip(right, either, strict=True) if e > 0])


@pytest.mark.parametrize("n_classes", [2, 3, 7])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_expected_f_is_that_of_counting_row_by_row(n_classes, dtype):
    proba = np.random.default_rng(n_classes).dirichlet(np.full(n_classes, 0.4), 60).astype(dtype)
    assert expected_f(proba) == pytest.approx(expected_f_by_hand(proba), abs=1e-5 if dtype is np.float32 else 1e-12)


def test_the_expected_f_is_what_labels_drawn_from_the_probabilities_give_on_the_whole():
    generator = np.random.default_rng(0)
    proba = generator.dirichlet([0.5, 0.5], 4000)
    drawn = [(generator.random(4000) < proba[:, 1]).astype(int) for _ in range(20)]
    measured = np.mean([f1_score(y, proba.argmax(axis=1), average="macro") for y in drawn])
    assert expected_f(proba) == pytest.approx(measured, abs=0.005)


def test_a_certain_model_expects_no_error_also_where_a_class_has_no_probability():
    assert expected_f(np.eye(4)[[0, 2, 2]]) == 1
    assert expected_f(np.full((5, 1), 1.0)) == 1


@pytest.mark.parametrize("proba", [np.array([[np.nan, 1.0]]), np.array([[0.5, 0.6]]), np.empty((0, 2)), np.zeros(3)])
def test_what_is_no_distribution_has_no_expected_f(proba):
    with pytest.raises(ValueError, match=r"proba (row 0 is|has no row|has shape)"):
        expected_f(proba)
