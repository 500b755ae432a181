"""Every kernel on numbers that overflow, vanish or are none: it refuses them in words, or answers with numbers.

`python -W error -m tests.kernels.hostile_numbers` prints what went wrong, one line each; a warning is an error there.
Which operations of a BLAS raise floating-point flags depends on the processor: OPENBLAS_CORETYPE chooses another.
"""

import sys
import traceback
import warnings

import numpy as np

from alwidgets import kernels
from alwidgets.kernels.distances import nearest_to_mean, row_norms, squared_distances
from alwidgets.kernels.weak_labels import triplet_accuracy

# Wide and long enough for the blocked paths of a BLAS, and small.
SHAPES = ((300, 7), (1, 1))


def rng():
    return np.random.default_rng(0)


def matrices(shape):
    """Yield (name, matrix) of numbers that squares, sums and differences may not survive."""
    X = rng().normal(size=shape)
    yield "ordinary", X
    for value in (np.inf, -np.inf, np.nan):
        yield f"{value} in a row", with_one(X, value)
        yield f"only {value}", np.full(shape, value)
    for scale in (1e300, 1.7e308, 1e200, 1e160, 1e100, 1e-160, 1e-200, 1e-308, 5e-324):
        yield f"times {scale}", X * scale if scale < 1e308 else np.sign(X) * scale
        yield f"one row of {scale}", with_one(X, scale)
        yield f"only {scale}", np.full(shape, scale)
    yield "mixed sizes", X * np.resize([1e300, 1e-300, 1.0, 1e-320], shape)
    yield "far from 0", X + 1e16
    yield "zeros", np.zeros(shape)
    yield "minus zeros", -np.zeros(shape)
    yield "whole numbers", np.full(shape, np.iinfo(np.int64).min)
    yield "float32", X.astype(np.float32)
    yield "float32, large", np.full(shape, 3e38, np.float32) * np.sign(X).astype(np.float32)
    yield "float32, small", np.full(shape, 1e-45, np.float32)
    yield "float32 with inf", with_one(X, np.inf).astype(np.float32)
    yield "no rows", X[:0]
    yield "no columns", X[:, :0]


def with_one(X, value):
    X = X.copy()
    X[len(X) // 2, -1] = value
    return X


def probabilities(n_rows, n_classes=3):
    """Yield (name, probabilities) at the edges of what a model may say, and beyond."""
    proba = rng().dirichlet(np.ones(n_classes), n_rows)
    certain = np.eye(n_classes)[np.arange(n_rows) % n_classes]
    yield "ordinary", proba
    yield "certain", certain
    yield "uniform", np.full((n_rows, n_classes), 1 / n_classes)
    yield "nearly certain", np.where(certain > 0, 1.0, 5e-324)
    yield "a little below 0", certain + np.resize([9e-4, -9e-4], (n_rows, n_classes)) * (n_classes > 1)
    yield "float32", proba.astype(np.float32)
    yield "float32, denormal", np.where(certain > 0, 1.0, 1e-45).astype(np.float32)
    for value in (np.nan, np.inf, -np.inf, 1e300, -1.0):
        yield f"{value} in a row", with_one(proba, value)
        yield f"float32 with {value}", with_one(proba, min(value, 3e38)).astype(np.float32)
    yield "no rows", proba[:0]
    yield "one class", np.ones((n_rows, 1))


def calls():
    """Yield (what, function without arguments) for every kernel and every hostile input."""
    for shape in SHAPES:
        n = shape[0]
        proba = rng().dirichlet(np.ones(3), n)
        utility = np.linspace(0, 1, n)
        for name, X in matrices(shape):
            yield from _of_matrix(name, X, proba[: len(X)], utility[: len(X)])
        for name, hostile in probabilities(n):
            yield from _of_proba(name, hostile, rng().normal(size=(len(hostile), shape[1])))
        for name, scores in matrices(shape):
            yield from _of_scores(name, scores)
    for name, L in votes():
        yield from _of_votes(name, L)


def votes():
    L = rng().integers(-1, 3, (200, 5))
    yield "ordinary", L
    yield "no rows", L[:0]
    yield "all abstain", np.full((20, 5), -1)
    yield "one class", np.zeros((20, 5), int)
    yield "one function each", np.where(np.eye(20, 5) > 0, 1, -1)
    yield "numbers with a fraction", L + 0.5
    yield "not a number", np.full((20, 5), np.nan)
    yield "classes that are none", L + 7
    yield "very large", np.full((20, 5), np.iinfo(np.int64).max)


def _of_matrix(name, X, proba, utility):
    half = len(X) // 2
    parts = (X[:half], X[half:])
    table = {
        "badge": lambda: kernels.badge(X, proba, 10, rng()),
        "k_center": lambda: kernels.k_center(*parts, 10),
        "k_center, nothing labeled": lambda: kernels.k_center(X, X[:0], 10),
        "ranked_batch": lambda: kernels.ranked_batch(utility[:half], *parts, 10),
        "ranked_batch, nothing labeled": lambda: kernels.ranked_batch(utility, X, X[:0], 10),
        "duplicated": lambda: kernels.duplicated(X, 0.9),
        "information_density": lambda: kernels.information_density(X),
        "information_density, euclidean": lambda: kernels.information_density(X, "euclidean"),
        "contrastive": lambda: kernels.contrastive(parts[0], proba[:half], parts[1], proba[half:]),
        "expected_gradient_length": lambda: kernels.expected_gradient_length(X, proba),
        "expected_error_one_step": lambda: kernels.expected_error_one_step(
            X[:9], proba[:9], X[:9], proba[:9], X, proba
        ),
        "k_means": lambda: may_overflow(kernels.k_means(X, 3, rng())[1]),
        "k_means_batch": lambda: kernels.k_means_batch(X, 3, rng()),
        "typiclust": lambda: kernels.typiclust(*parts, 3, rng()),
        "prob_cover": lambda: kernels.prob_cover(*parts, 3, 1.0),
        "cover_radius": lambda: may_overflow(kernels.cover_radius(X, 3, rng())),
        "most_uncertain_linear": lambda: kernels.most_uncertain_linear(
            kernels.entropy, X, np.arange(len(X)), (np.ones((3, X.shape[1])), np.zeros(3)), 5, rng()
        ),
        "most_uncertain_linear, two classes": lambda: kernels.most_uncertain_linear(
            kernels.margin, X, np.arange(len(X)), (np.ones((1, X.shape[1])), np.zeros(1)), 5, rng()
        ),
    }
    for kernel, call in table.items():
        yield f"{kernel}: {name} {X.shape}", call
    if np.isfinite(X).all():
        yield f"squared_distances: {name} {X.shape}", lambda: may_overflow(squared_distances(X, X[:3]))
        yield f"row_norms: {name} {X.shape}", lambda: may_overflow(row_norms(X))
        if len(X):
            yield f"nearest_to_mean: {name} {X.shape}", lambda: nearest_to_mean(X)


def _of_votes(name, L):
    of_classes = (
        kernels.majority_vote, kernels.dawid_skene, kernels.triplet, triplet_accuracy, kernels.vote_entropy,
        kernels.variation_ratio,
    )  # fmt: skip
    table = {kernel.__name__: lambda kernel=kernel: may_be_unknown(kernel(L, 3)) for kernel in of_classes}
    table |= {kernel.__name__: lambda kernel=kernel: kernel(L) for kernel in (kernels.abstained, kernels.conflict)}
    table["function_report"] = lambda: may_be_unknown(list(kernels.function_report(L).values()))
    for kernel, call in table.items():
        yield f"{kernel}: {name}", call


def _of_proba(name, proba, X):
    table = {kernel.__name__: lambda kernel=kernel: kernel(proba) for kernel in (
        kernels.least_confidence, kernels.margin, kernels.ratio, kernels.entropy, kernels.set_entropy,
        kernels.set_least_confidence, kernels.set_ratio, kernels.expected_f,
    )}  # fmt: skip
    table |= {
        "consensus_entropy": lambda: kernels.consensus_entropy([proba, proba[::-1]]),
        "kl_to_consensus": lambda: kernels.kl_to_consensus([proba, proba[::-1]]),
        "kl_to_consensus, largest": lambda: kernels.kl_to_consensus([proba, proba[::-1]], "max"),
        "badge": lambda: kernels.badge(X, proba, 10, rng()),
        "contrastive": lambda: kernels.contrastive(X, proba, X[:5], proba[:5]),
        "expected_gradient_length": lambda: kernels.expected_gradient_length(X, proba),
        "expected_error": lambda: kernels.expected_error(proba[:3], lambda _i, _c: proba),
        "expected_error_one_step": lambda: kernels.expected_error_one_step(
            X[:9], proba[:9], X[:9], proba[:9], X, proba
        ),
    }
    for kernel in (kernels.least_confidence, kernels.margin, kernels.ratio, kernels.entropy):
        table[f"most_uncertain by {kernel.__name__}"] = lambda kernel=kernel: kernels.most_uncertain(
            kernel, proba, 5, rng()
        )
    for kernel, call in table.items():
        yield f"{kernel}: {name} {proba.shape}", call


def _of_scores(name, scores):
    single = scores.reshape(-1)
    table = {
        "top_k": lambda: kernels.top_k(single, 5, rng()),
        "power_sample": lambda: kernels.power_sample(np.abs(single), 5, rng()),
        "draw_probability": lambda: may_be_unknown(
            kernels.draw_probability(np.abs(single), np.arange(len(single))[:3])
        ),
        "decision_margin": lambda: may_overflow(kernels.decision_margin(scores)),
        "decision_margin, two classes": lambda: may_overflow(kernels.decision_margin(single)),
    }
    table |= {kernel.__name__: lambda kernel=kernel: may_overflow(kernel(scores)) for kernel in (
        kernels.binary_minimum, kernels.avg_confidence, kernels.max_score, kernels.avg_score, kernels.max_loss,
        kernels.mean_max_loss,
    )}  # fmt: skip
    for kernel, call in table.items():
        yield f"{kernel}: {name} {scores.shape}", call


def may_overflow(values):
    """Let a number that no float holds be infinite; NaN stays what it is."""
    return np.nan_to_num(values, nan=np.nan)


def may_be_unknown(values):
    return np.nan_to_num(values)


def wrong(result):
    """Return whether a result is not a finite numbers."""
    parts = result if isinstance(result, tuple | list) else (result,)
    return any(not np.isfinite(np.asarray(part, float)).all() for part in parts)


def problems():
    """Yield a line for each call that warns, fails otherwise than in words, or gives what is not a number."""
    for what, call in calls():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                if wrong(call()):
                    yield f"{what}: gives what is not a finite number"
        except (ValueError, TypeError) as error:
            if "expected" not in str(error):
                yield f"{what}: {type(error).__name__}: {error}"
        except Exception as error:  # noqa: BLE001 - a warning, or what else must not leave a kernel
            frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "alwidgets" in frame.filename]
            place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
            yield f"{what}: {type(error).__name__}: {error} ({place})"


if __name__ == "__main__":
    found = list(problems())
    print("\n".join(found))
    sys.exit(bool(found))
