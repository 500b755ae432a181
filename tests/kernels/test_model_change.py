"""Expected model change against numeric gradients and exact refits."""

import tracemalloc
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax
from scipy.stats import spearmanr
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from alwidgets.kernels import model_change
from alwidgets.kernels.arrays import TILE_NUMBERS
from alwidgets.kernels.model_change import expected_error, expected_error_one_step, expected_gradient_length


def probabilities(n_rows, n_classes, seed=0):
    return np.random.default_rng(seed).dirichlet(np.full(n_classes, 0.5), n_rows)


def gradient_lengths(X, proba):
    utility = []
    for x, p in zip(X, proba, strict=True):
        gradients = [np.outer(p - np.eye(len(p))[y], [*x, 1]) for y in range(len(p))]
        utility.append(sum(p[y] * np.linalg.norm(gradient) for y, gradient in enumerate(gradients)))
    return np.array(utility)


def test_it_is_the_length_of_the_numeric_gradient():
    generator = np.random.default_rng(0)
    X, weights = generator.normal(size=(5, 2)), generator.normal(size=(3, 3))
    proba = np.exp(log_softmax(np.column_stack([X, np.ones(5)]) @ weights.T, axis=1))
    utility = expected_gradient_length(X, proba)
    for x, p, found in zip(X, proba, utility, strict=True):
        lengths = []
        for y in range(3):
            slopes = []
            for i in range(9):
                nudge = np.zeros(9)
                nudge[i] = 1e-6
                up, down = (-log_softmax((weights + s * nudge.reshape(3, 3)) @ [*x, 1])[y] for s in (1, -1))
                slopes.append((up - down) / 2e-6)
            lengths.append(np.linalg.norm(slopes))
        assert found == pytest.approx(p @ lengths, abs=1e-8)


@pytest.mark.parametrize("n_classes", [1, 2, 5, 100])
@pytest.mark.parametrize("n_rows", [0, 1, 50])
def test_the_gradient_length_is_that_of_every_label_weighed(n_rows, n_classes):
    X, proba = np.random.default_rng(1).normal(size=(n_rows, 3)), probabilities(n_rows, n_classes)
    np.testing.assert_allclose(expected_gradient_length(X, proba), gradient_lengths(X, proba), atol=1e-12)


def test_rows_over_several_tiles_are_each_scored_once():
    n_rows = 2 * TILE_NUMBERS // 100 + 1
    X, proba = np.random.default_rng(1).normal(size=(n_rows, 3)), probabilities(n_rows, 100)
    alone = [expected_gradient_length(X[i : i + 1], proba[i : i + 1])[0] for i in range(n_rows)]
    np.testing.assert_allclose(expected_gradient_length(X, proba), alone)


def test_two_classes_give_root_two_times_the_gradient_of_a_single_vector():
    X, proba = np.random.default_rng(1).normal(size=(20, 3)), probabilities(20, 2)
    single = 2 * proba.prod(axis=1) * np.linalg.norm(np.column_stack([X, np.ones(20)]), axis=1)
    np.testing.assert_allclose(expected_gradient_length(X, proba), np.sqrt(2) * single)


def test_normalized_it_does_not_see_the_features():
    proba = probabilities(20, 4)
    X = np.random.default_rng(1).normal(scale=100, size=(20, 3))
    normalized = expected_gradient_length(X, proba, normalize=True)
    np.testing.assert_allclose(normalized, expected_gradient_length(np.zeros_like(X), proba))


def test_a_certain_model_is_not_changed():
    assert expected_gradient_length(np.ones((3, 2)), np.eye(3)).tolist() == [0, 0, 0]


@pytest.mark.parametrize("doubt", [1e-6, 1e-4, 1e-2, 0.2499, 0.2501, 0.4])
def test_a_nearly_certain_model_loses_nothing_in_single_precision(doubt):
    proba = np.array([[1 - doubt, doubt / 3, 2 * doubt / 3]], np.float32)
    X = np.zeros((1, 2), np.float32)
    utility = expected_gradient_length(X, proba)
    assert utility.dtype == np.float32
    np.testing.assert_allclose(utility, gradient_lengths(X.astype(float), proba.astype(float)), rtol=1e-6)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=6).filter(lambda values: sum(values) > 0.01))
@settings(max_examples=50)
def test_any_doubt_gives_a_length_between_nothing_and_the_longest(values):
    proba = np.array([values]) / sum(values)
    utility = expected_gradient_length(np.zeros((1, 1)), proba)
    np.testing.assert_allclose(utility, gradient_lengths(np.zeros((1, 1)), proba), atol=1e-12)
    assert 0 <= utility[0] <= np.sqrt(2)


def test_gradient_lengths_of_a_read_only_memmap_or_strided_input_are_the_same(tmp_path):
    X, proba = np.random.default_rng(1).normal(size=(30, 3)), probabilities(30, 4)
    mapped = np.memmap(tmp_path / "X", np.float64, "w+", shape=X.shape)
    mapped[:] = X
    mapped.setflags(write=False)
    strided = np.repeat(proba, 2, axis=1)[:, ::2]
    strided.setflags(write=False)
    expected = expected_gradient_length(X, proba)
    np.testing.assert_array_equal(expected_gradient_length(mapped, strided), expected)
    np.testing.assert_allclose(expected_gradient_length(np.asfortranarray(X), np.asfortranarray(proba)), expected)


@pytest.mark.parametrize(
    ("X", "proba", "cure"),
    [
        (np.ones((2, 2)), np.full((3, 2), 0.5), "proba has 3 rows; expected 2, one for each sample"),
        (np.array([[0.0], [np.nan]]), np.full((2, 2), 0.5), "X row 1 is not finite"),
        (np.ones((2, 1)), np.array([[0.5, 0.5], [np.nan, 1]]), "proba row 1 is .* sum to 1"),
        (np.ones((2, 1)), np.array([[0.5, 0.5], [2.0, -1]]), "proba row 1 is .* sum to 1"),
        (np.ones(2), np.full((2, 2), 0.5), "expected an array of numbers"),
    ],
)
def test_a_wrong_argument_of_the_gradient_length_is_refused(X, proba, cure):
    with pytest.raises(ValueError, match=cure):
        expected_gradient_length(X, proba)


def loss_of(proba, loss):
    logs = np.log(np.maximum(proba, 1e-300))
    return -(proba * logs).sum(axis=1).mean() if loss == "log" else 1 - proba.max(axis=1).mean()


class Task:
    """A real problem: a fitted model, its labeled rows and its candidates, which are the evaluation rows too."""

    def __init__(self, load, n_labeled, n_candidates, seed=0, C=1.0):
        X, y = load(return_X_y=True)
        X = StandardScaler().fit_transform(X)
        rows = np.random.default_rng(seed).permutation(len(X))
        seeds = [rows[y[rows] == label][0] for label in np.unique(y)]
        rows = np.array([*seeds, *(row for row in rows if row not in seeds)])
        labeled, candidates = np.split(rows[: n_labeled + n_candidates], [n_labeled])
        self.C, self.X, self.X_labeled, self.y_labeled = C, X[candidates], X[labeled], y[labeled]
        model = self.fit(self.X_labeled, self.y_labeled)
        self.proba, self.proba_labeled = model.predict_proba(self.X), model.predict_proba(self.X_labeled)

    def fit(self, X, y):
        with threadpool_limits(1):
            return LogisticRegression(C=self.C, tol=1e-6, max_iter=2000).fit(X, y)

    @cache  # noqa: B019
    def proba_after(self, i, c):
        X = np.vstack([self.X_labeled, self.X[i]])
        return self.fit(X, [*self.y_labeled, c]).predict_proba(self.X)

    def arguments(self):
        return self.X, self.proba, self.X, self.proba, self.X_labeled, self.proba_labeled, self.C


LOSSES = pytest.mark.parametrize("loss", ["log", "zero_one"])


@LOSSES
def test_the_expected_error_is_that_of_each_refit_weighed(loss):
    task = Task(load_iris, 10, 6)
    expected = [
        -sum(task.proba[i, c] * loss_of(task.proba_after(i, c), loss) for c in range(3)) for i in range(len(task.X))
    ]
    np.testing.assert_allclose(expected_error(task.proba, task.proba_after, loss), expected, rtol=1e-12)


def test_an_impossible_label_is_not_tried():
    tried = []

    def proba_after(i, c):
        tried.append((i, c))
        return np.array([[0.5, 0.5]])

    utility = expected_error(np.array([[1.0, 0.0], [0.5, 0.5]]), proba_after)
    assert tried == [(0, 0), (1, 0), (1, 1)]
    np.testing.assert_allclose(utility, -np.log(2))


def test_no_candidates_need_no_refit():
    assert expected_error(np.empty((0, 3)), lambda i, c: pytest.fail("a refit")).shape == (0,)


def test_a_certain_model_leaves_no_error():
    np.testing.assert_allclose(expected_error(np.array([[1.0, 0.0]]), lambda i, c: np.eye(2)), 0, atol=1e-300)


@pytest.mark.parametrize(
    ("after", "loss", "cure"),
    [
        (np.array([[0.5, 0.2]]), "log", r"proba_after\(0, 0\) row 0 is .* sum to 1"),
        (np.empty((0, 2)), "log", "proba_after has no rows; expected at least one"),
        (np.ones(2), "log", r"proba_after\(0, 0\) has shape \(2,\)"),
        (np.array([[0.5, 0.5]]), "binary", "loss is 'binary'; expected one of 'log', 'zero_one'"),
    ],
)
def test_a_wrong_refit_or_loss_is_refused(after, loss, cure):
    with pytest.raises(ValueError, match=cure):
        expected_error(np.full((1, 2), 0.5), lambda i, c: after, loss)


@pytest.mark.parametrize(
    ("load", "n_labeled", "n_candidates"),
    [(load_iris, 20, 40), (load_wine, 20, 40), (load_breast_cancer, 20, 40), (load_digits, 60, 20)],
)
def test_a_few_steps_rank_candidates_as_refits_do(load, n_labeled, n_candidates):
    task = Task(load, n_labeled, n_candidates)
    for loss in ("log", "zero_one"):
        exact = expected_error(task.proba, task.proba_after, loss)
        assert spearmanr(expected_error_one_step(*task.arguments(), loss), exact).statistic > 0.98


@pytest.mark.parametrize("C", [0.1, 3.0])
@pytest.mark.parametrize("load", [load_iris, load_breast_cancer], ids=["three classes", "two classes"])
def test_many_steps_arrive_where_scikit_learn_refits_to(monkeypatch, load, C):
    monkeypatch.setattr(model_change, "_N_STEPS", 12)
    monkeypatch.setattr(model_change, "_RARE", 0.0)
    task = Task(load, 25, 8, C=C)
    for loss in ("log", "zero_one"):
        exact = expected_error(task.proba, task.proba_after, loss)
        np.testing.assert_allclose(expected_error_one_step(*task.arguments(), loss), exact, atol=2e-5)


def test_each_step_lowers_the_objective(monkeypatch):
    task = Task(load_wine, 20, 10)
    fit = model_change._Fit.of(task.X_labeled, task.proba_labeled, 1.0)
    z, labels = fit.with_intercept(task.X), np.argmin(task.proba, axis=1)
    start = np.concatenate(
        [np.repeat(np.log(fit.proba)[:, None], 10, axis=1), np.log(task.proba.T)[:, :, None]], axis=2
    )
    target = np.repeat(np.append(fit.proba, np.zeros((3, 1)), axis=1)[:, None], 10, axis=1)
    target[labels, np.arange(10), -1] = 1
    before = -(target * start).sum(axis=(0, 2))
    for n_steps in range(1, 8):
        monkeypatch.setattr(model_change, "_N_STEPS", n_steps)
        change = model_change._change(fit, z, task.proba.T.astype(np.float32), labels).astype(float)
        logits = start + model_change._logits(fit, z, change)
        after = -(target * log_softmax(logits, axis=0)).sum(axis=(0, 2))
        after += 0.5 * (fit.penalty * change**2).sum(axis=(0, 2))
        assert (after < before).all()
        before = after + 1e-5


@pytest.fixture(scope="module")
def iris():
    return Task(load_iris, 15, 40)


def test_a_shift_of_the_features_changes_nothing(iris):
    X, proba, X_eval, proba_eval, X_labeled, proba_labeled, C = iris.arguments()
    shifted = expected_error_one_step(X + 1e6, proba, X_eval + 1e6, proba_eval, X_labeled + 1e6, proba_labeled, C)
    np.testing.assert_allclose(shifted, expected_error_one_step(*iris.arguments()), atol=1e-6)


def test_the_order_of_rows_and_classes_does_not_matter(iris):
    expected = expected_error_one_step(*iris.arguments())
    turned = [values[::-1] for values in iris.arguments()[:-1]]
    np.testing.assert_allclose(expected_error_one_step(*turned)[::-1], expected, atol=1e-6)
    X, proba, X_eval, proba_eval, X_labeled, proba_labeled, _ = iris.arguments()
    renamed = expected_error_one_step(X, proba[:, ::-1], X_eval, proba_eval[:, ::-1], X_labeled, proba_labeled[:, ::-1])
    np.testing.assert_allclose(renamed, expected, atol=1e-6)


def test_a_candidate_is_scored_alone_as_among_others(iris):
    X, proba, *rest = iris.arguments()
    alone = [expected_error_one_step(X[i : i + 1], proba[i : i + 1], *rest)[0] for i in range(len(X))]
    np.testing.assert_allclose(alone, expected_error_one_step(X, proba, *rest), atol=1e-6)


def test_many_evaluation_rows_are_seen_once_each(iris):
    X, proba, X_eval, proba_eval, *rest = iris.arguments()
    many = expected_error_one_step(X, proba, np.tile(X_eval, (100, 1)), np.tile(proba_eval, (100, 1)), *rest)
    np.testing.assert_allclose(many, expected_error_one_step(*iris.arguments()), atol=1e-6)


def test_read_only_single_precision_gives_the_same_order(iris):
    given = [values.astype(np.float32) for values in iris.arguments()[:-1]]
    for values in given:
        values.setflags(write=False)
    single = expected_error_one_step(*given)
    assert single.dtype == np.float32
    double = expected_error_one_step(*(values.astype(float) for values in given))
    assert double.dtype == np.float64
    np.testing.assert_array_equal(np.argsort(-single, kind="stable"), np.argsort(-double, kind="stable"))


@LOSSES
def test_a_model_certain_of_everything_has_no_error_to_lose(loss):
    X, sure = np.arange(6.0)[:, None], np.eye(2)[[0, 0, 0, 1, 1, 1]]
    assert expected_error_one_step(X, sure, X, sure, X, sure, loss=loss).max() <= 0


def test_a_single_class_leaves_nothing_to_expect():
    X, sure = np.ones((4, 2)), np.ones((4, 1))
    assert expected_error_one_step(X, sure, X, sure, X, sure).tolist() == [0, 0, 0, 0]


def test_no_candidates_give_no_expected_errors(iris):
    _, _, *rest = iris.arguments()
    assert expected_error_one_step(np.empty((0, 4)), np.empty((0, 3)), *rest).shape == (0,)


def test_a_hundred_classes_and_constant_columns_are_scored():
    X, proba = np.ones((30, 3)), probabilities(30, 100)
    utility = expected_error_one_step(X, proba, X, proba, X, proba)
    assert np.isfinite(utility).all()
    assert ((-np.log(100) <= utility) & (utility < 0)).all()


@given(st.integers(0, 10_000), st.integers(2, 5), st.floats(-3, 3), st.floats(-3, 3))
@settings(max_examples=25)
def test_expected_errors_stay_in_their_range(seed, n_classes, scale, strength):
    generator = np.random.default_rng(seed)
    X, proba = 10**scale * generator.normal(size=(12, 3)), generator.dirichlet(np.full(n_classes, 0.3), 12)
    for loss, most in (("log", np.log(n_classes)), ("zero_one", 1 - 1 / n_classes)):
        utility = expected_error_one_step(X, proba, X, proba, X, proba, 10**strength, loss)
        assert ((-most - 1e-6 <= utility) & (utility <= 1e-6)).all()


def test_memory_does_not_grow_with_the_candidates():
    generator = np.random.default_rng(0)
    X, proba = generator.normal(size=(400, 20)), probabilities(400, 10)
    tracemalloc.start()
    expected_error_one_step(X, proba, X, proba, X[:50], proba[:50])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # All probabilities after all labels would be 64 MB in single precision.
    assert peak < 16e6


@pytest.mark.parametrize(
    ("place", "value", "cure"),
    [
        (1, np.full((3, 2), 0.5), "proba has 3 rows; expected 4"),
        (2, np.ones((4, 3)), "X_eval .*same number of columns"),
        (2, np.ones((0, 2)), "X_eval has no rows"),
        (3, np.full((4, 4), 0.25), "proba_eval has 4 classes but proba has 2"),
        (4, np.ones((4, 3)), "X_labeled .*same number of columns"),
        (4, np.ones((0, 2)), "X_labeled has no rows"),
        (4, np.full((4, 2), np.nan), "X_labeled row 0 is not finite"),
        (5, np.full((4, 2), 0.4), "proba_labeled row 0 is .* sum to 1"),
        (6, 0.0, "C is 0.0; expected a number above 0"),
        (6, np.inf, "C is inf; expected a number above 0"),
        (7, "entropy", "loss is 'entropy'; expected one of 'log', 'zero_one'"),
    ],
)
def test_a_wrong_argument_of_the_steps_is_refused(place, value, cure):
    X, proba = np.ones((4, 2)), np.full((4, 2), 0.5)
    given = [X, proba, X, proba, X, proba, 1.0, "log"]
    given[place] = value
    with pytest.raises(ValueError, match=cure):
        expected_error_one_step(*given)
