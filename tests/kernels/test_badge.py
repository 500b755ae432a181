"""badge against k-means++ on gradients that are written out."""

import importlib
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from alwidgets.kernels.badge import badge

module = importlib.import_module("alwidgets.kernels.badge")


def gradients(X, proba):
    errors = proba - np.eye(proba.shape[1])[proba.argmax(axis=1)]
    return np.einsum("ic,ij->icj", errors, X).reshape(len(X), -1)


def weights(g, chosen):
    return ((g[:, None] - g[chosen]) ** 2).sum(axis=2).min(axis=1)


def brute_force(X, proba, n, rng):
    g = gradients(X, proba)
    chosen = [int((g**2).sum(axis=1).argmax())]
    while len(chosen) < n:
        weight = weights(g, chosen)
        chosen.append(int(rng.choice(len(g), p=weight / weight.sum())))
    return chosen


def pool(seed, n=30, n_features=3, n_classes=4):
    generator = np.random.default_rng(seed)
    return generator.normal(size=(n, n_features)), generator.dirichlet(np.full(n_classes, 0.5), n)


def groups(seed, n=30):
    """Three tight groups of gradients: once each has a pick, every bound from norms is far too high."""
    generator = np.random.default_rng(seed)
    X = np.repeat([[2.0, 0.0], [0.0, 1.5], [-1.0, -1.0]], n // 3, axis=0)
    proba = np.repeat([[0.6, 0.4], [0.55, 0.45], [0.3, 0.7]], n // 3, axis=0)
    return X + 0.05 * generator.normal(size=X.shape), proba


def test_the_first_row_has_the_longest_gradient():
    X, proba = pool(0)
    assert badge(X, proba, 1, np.random.default_rng(0)) == (gradients(X, proba) ** 2).sum(axis=1).argmax()


def test_of_longest_gradients_that_tie_the_lowest_row_is_first():
    X, proba = np.tile(pool(0, 1, 37)[0], (50, 1)), np.tile([0.5, 0.3, 0.2], (50, 1))
    assert badge(X, proba, 1, np.random.default_rng(0)).tolist() == [0]


def test_of_classes_that_tie_the_lowest_is_predicted():
    # With class 0 predicted row 0 points as row 1 does, so that row 2 alone is left to draw.
    X = np.array([[2.0], [2.0], [1.0]])
    proba = np.array([[0.5, 0.5], [0.5 + 1e-4, 0.5 - 1e-4], [0.5, 0.5]])
    assert {tuple(badge(X, proba, 2, np.random.default_rng(seed)).tolist()) for seed in range(20)} == {(0, 2)}
    # With class 1 predicted row 0 points the other way, and can be drawn after row 1.
    proba[:2] = [[0.5 - 1e-4, 0.5 + 1e-4], [0.5, 0.5]]
    assert {tuple(badge(X, proba, 2, np.random.default_rng(seed)).tolist()) for seed in range(20)} == {(1, 0), (1, 2)}


@pytest.mark.parametrize("make", [pool, groups])
def test_the_second_row_is_drawn_by_squared_distance(make):
    X, proba = make(1)
    g, n_runs = gradients(X, proba), 2000
    seconds = [badge(X, proba, 2, np.random.default_rng(seed))[1] for seed in range(n_runs)]
    weight = weights(g, [int((g**2).sum(axis=1).argmax())])
    possible = weight > 0
    counts = np.bincount(seconds, minlength=len(X))
    assert not counts[~possible].any()
    expected = n_runs * weight[possible] / weight.sum()
    assert chisquare(counts[possible], expected).pvalue > 0.001


@pytest.mark.parametrize("make", [pool, groups])
def test_every_row_is_in_as_often_as_with_gradients_written_out(make, monkeypatch):
    n_measured = []
    measure = module._Seeds.measure
    monkeypatch.setattr(module._Seeds, "measure", lambda self: (n_measured.append(1), measure(self)))
    X, proba = make(2)
    n, n_runs = 7, 1500
    counts = np.zeros((2, len(X)))
    for seed in range(n_runs):
        counts[0, badge(X, proba, n, np.random.default_rng(seed))] += 1
        counts[1, brute_force(X, proba, n, np.random.default_rng(n_runs + seed))] += 1
    ours, theirs = counts / n_runs
    noise = np.sqrt((ours * (1 - ours) + theirs * (1 - theirs)) / n_runs)
    assert (np.abs(ours - theirs) <= 4 * noise).all()
    # Groups wear the bounds out, so that distances must be measured again.
    assert n_measured or make is pool


def test_rows_are_drawn_one_after_the_other_by_the_distance_to_the_nearest():
    # The third row given the second, where the second is the likeliest: its exact probabilities.
    X, proba = groups(3)
    g = gradients(X, proba)
    first = int((g**2).sum(axis=1).argmax())
    runs = np.array([badge(X, proba, 3, np.random.default_rng(seed)) for seed in range(3000)])
    second = np.bincount(runs[:, 1]).argmax()
    thirds = runs[runs[:, 1] == second, 2]
    weight = weights(g, [first, second])
    likely = len(thirds) * weight / weight.sum() > 5
    counts = np.bincount(thirds, minlength=len(X))
    observed = [*counts[likely], counts[~likely].sum()]
    expected = np.array([*weight[likely], weight[~likely].sum()]) / weight.sum() * len(thirds)
    assert chisquare(observed, expected).pvalue > 0.001


def test_gradients_that_all_equal_a_chosen_one_are_drawn_alike():
    X, proba = np.ones((6, 2)), np.tile([0.6, 0.4], (6, 1))
    drawn = [badge(X, proba, 3, np.random.default_rng(seed)) for seed in range(1500)]
    assert all(len(set(rows.tolist())) == 3 for rows in drawn)
    assert {int(rows[0]) for rows in drawn} == {0}
    counts = np.bincount(np.concatenate([rows[1:] for rows in drawn]), minlength=6)
    # Two of five without replacement: less spread than two draws of one, so the test is strict enough.
    assert chisquare(counts[1:]).pvalue > 0.001


def test_rows_the_model_is_certain_of_are_drawn_when_nothing_else_is_left():
    X, proba = pool(4, 8)
    proba[3:] = np.eye(4)[0]
    rows = badge(X, proba, 8, np.random.default_rng(0)).tolist()
    assert sorted(rows) == list(range(8))
    # Certain rows have no gradient: one of them can be drawn by its distance, the others only at the end.
    assert sum(row >= 3 for row in rows[:4]) <= 1


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(0, 60), st.sampled_from([1, 2, 5, 100]))
def test_rows_are_distinct_and_as_many_as_asked_for(seed, n_rows, n, n_classes):
    generator = np.random.default_rng(seed)
    X = generator.integers(0, 2, (n_rows, 2)).astype(float)
    proba = np.eye(n_classes)[generator.integers(0, n_classes, n_rows)] / 2 + 0.5 / n_classes
    rows = badge(X, proba, n, generator)
    assert rows.dtype == np.intp
    assert len(set(rows.tolist())) == len(rows) == min(n, n_rows)


def test_a_distance_keeps_its_digits_where_gradients_nearly_agree():
    X, proba = pool(5)
    near_X, near_proba = X + 1e-7, proba + 1e-8 * np.array([1, -1, 0, 0])
    a, b = module._gradients(X, proba, slice(None)), module._gradients(near_X, near_proba, slice(None))
    expected = ((gradients(X, proba)[:, None] - gradients(near_X, near_proba)) ** 2).sum(axis=2)
    np.testing.assert_allclose(module._squared_distances(a, b), expected, rtol=1e-6)


def test_float32_draws_what_float64_draws():
    X, proba = (values.astype(np.float32) for values in pool(6, 5000))
    for n in (50, 400):
        single = badge(X, proba, n, np.random.default_rng(0))
        assert (single == badge(X.astype(float), proba.astype(float), n, np.random.default_rng(0))).all()


def test_the_same_generator_draws_the_same_rows():
    X, proba = pool(7)
    assert (badge(X, proba, 9, np.random.default_rng(3)) == badge(X, proba, 9, np.random.default_rng(3))).all()


@pytest.mark.parametrize("layout", ["F", "strided", "memmap"])
def test_a_read_only_input_of_any_layout_gives_the_same_rows_and_is_left_alone(layout, tmp_path):
    X, proba = pool(8)
    given_X, given_proba = (np.repeat(values, 2, axis=0)[::2] for values in (X, proba))
    if layout == "memmap":
        np.save(tmp_path / "X.npy", X)
        given_X = np.load(tmp_path / "X.npy", mmap_mode="r")
    elif layout == "F":
        given_X, given_proba = np.asfortranarray(X), np.asfortranarray(proba)
    given_X.setflags(write=False)
    given_proba.setflags(write=False)
    ours = badge(given_X, given_proba, 9, np.random.default_rng(0))
    assert (ours == badge(X, proba, 9, np.random.default_rng(0))).all()
    np.testing.assert_array_equal(given_proba, proba)


def test_the_gradients_are_never_made():
    X, proba = pool(9, 30_000, 64, 10)
    tracemalloc.start()
    badge(X.astype(np.float32), proba.astype(np.float32), 50, np.random.default_rng(0))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30_000 * 640 * 8 / 7


def test_no_rows_give_no_rows():
    assert badge(np.empty((0, 3)), np.empty((0, 2)), 4, np.random.default_rng(0)).shape == (0,)


@pytest.mark.parametrize(
    ("X", "proba", "n", "cure"),
    [
        (np.ones((3, 2)), np.full((2, 2), 0.5), 1, "proba has 2 rows; expected 3, one for each row of X"),
        (np.ones(3), np.ones((3, 1)), 1, "X is an ndarray of shape"),
        (np.ones((2, 1)), np.array([[1.0], [np.nan]]), 1, "proba row 1 is"),
        (
            np.ones((2, 1)),
            np.array([[1.0, 0.0], [0.7, 0.7]]),
            1,
            "proba row 1 is .* expected probabilities that sum to 1",
        ),
        (np.array([[np.inf]]), np.ones((1, 1)), 1, "X row 0 is not finite"),
        (np.ones((1, 1)), np.ones((1, 1)), -1, "n is -1; expected 0 or more"),
    ],
)
def test_a_wrong_argument_is_refused(X, proba, n, cure):
    with pytest.raises(ValueError, match=cure):
        badge(X, proba, n, np.random.default_rng(0))
