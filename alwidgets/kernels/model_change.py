"""Expected change of the model, or reduction of its expected error, by a label."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from alwidgets.kernels.arrays import (
    check_matrix,
    check_pair,
    check_proba,
    check_proba_tile,
    in_units,
    proba_matrix,
    quiet,
    softmax,
    tiles,
)
from alwidgets.types import FloatArray, IntArray

_TOO_LARGE = (
    "X and X_labeled hold numbers too large to square in float32; expected features of ordinary size. Standardize "
    "them, as with StandardScaler."
)
# Newton steps in place of a refit. Four rank candidates as the exact refit does (0.99 rank correlation).
_N_STEPS = 4
# A label less probable than this is taken to change nothing; it could move the expected error by this share only.
_RARE = 1e-3
# Steps are taken in single precision: its rounding is a thousandth of what is left after four steps.
_WORK = np.float32
# A class above this share has no rival; below it 1 - 2 p does not cancel.
_SURE = 0.75
# The least curvature a labeled row gives, so that a model certain of everything can still be changed.
_LEAST_CURVATURE = 1e-6


@quiet
def expected_gradient_length(X: FloatArray, proba: FloatArray, normalize: bool = False) -> FloatArray:
    r"""Return the expected length of the gradient a label would give to softmax regression.

    .. math:: u_i = \lVert \tilde x_i \rVert_2 \sum_y p_{iy} \sqrt{(1 - p_{iy})^2 + \sum_{j \ne y} p_{ij}^2}

    where :math:`\tilde x_i` is row i of `X` with a 1 appended for the intercept and :math:`p_{iy}` the probability
    of class y. The sum over the labeled rows is left out: a fitted model has no gradient left there.

    Parameters
    ----------
    X : ndarray of shape (n_candidates, n_features)
        What the linear model sees: for a pipeline, the input of its last step.
    proba : ndarray of shape (n_candidates, n_classes)
        Class probabilities; rows sum to 1.
    normalize : bool, default False
        Leave out the length of :math:`\tilde x_i`, which outweighs the rest unless features are standardized.

    Returns
    -------
    utility : ndarray of shape (n_candidates,)
        At least 0, larger = ask sooner; 0 when the model is certain. With two classes it is
        :math:`2\sqrt 2\, p (1 - p) \lVert \tilde x \rVert`: :math:`\sqrt 2` times the gradient of a logistic
        model with a single weight vector, the same order. O(n_candidates * (n_features + n_classes)) time.

    Raises
    ------
    ValueError
        If `X` is not a finite matrix, or `proba` holds no probabilities for each of its rows.

    References
    ----------
    .. [1] Settles, Craven & Ray (2007), Multiple-instance active learning, NIPS.
    .. [2] Settles & Craven (2008), An analysis of active learning strategies for sequence labeling tasks, EMNLP.

    Examples
    --------
    >>> expected_gradient_length(np.array([[0.0], [0.0]]), np.array([[0.5, 0.5], [1.0, 0.0]])).round(3)
    array([0.707, 0.   ])
    """
    X = check_matrix(X, "X")
    proba = proba_matrix(proba)
    if len(proba) != len(X):
        raise ValueError(f"proba has {len(proba)} rows; expected {len(X)}, one for each sample.")
    utility, largest = np.empty(len(X), X.dtype), np.finfo(X.dtype).max
    for rows in tiles(len(X), proba.shape[1]):
        tile = np.ascontiguousarray(proba[rows].T)
        check_proba_tile(proba, rows.start, tile.sum(axis=0), tile.min(axis=0))
        utility[rows] = _gradient_lengths(tile)
    if not normalize:
        for rows in tiles(len(X), X.shape[1]):
            utility[rows] *= np.minimum(_lengths_with_intercept(X[rows]), largest)
    return np.minimum(utility, largest)


def expected_error(proba: FloatArray, proba_after: Callable[[int, int], FloatArray], loss: str = "log") -> FloatArray:
    r"""Return minus the error to be expected once each candidate is labeled and the model refitted.

    .. math:: u_i = -\sum_c p_{ic} \frac{1}{m} \sum_{u=1}^{m} \ell(p^{+ic}_u)

    where :math:`p_{ic}` is the present probability of class c for candidate i, :math:`p^{+ic}_u` the probabilities
    of evaluation row u by the model refitted with candidate i labeled c, m the number of evaluation rows, and
    :math:`\ell(p)` is :math:`-\sum_c p_c \ln p_c` ("log") or :math:`1 - \max_c p_c` ("zero_one").

    Parameters
    ----------
    proba : ndarray of shape (n_candidates, n_classes)
        What the present model says of the candidates; rows sum to 1.
    proba_after : callable (i, c) -> ndarray of shape (n_evaluation, n_classes)
        Refits with candidate i labeled as the c-th class and predicts the evaluation rows. Called once for each
        pair that is not impossible. Which rows are evaluated is up to it: with the candidate among them, its own
        doubt counts as error that the label removes; without, only what it teaches about others counts.
    loss : {"log", "zero_one"}, default "log"
        The error of a row of probabilities: its entropy in nats, or the chance that the best guess is wrong.

    Returns
    -------
    utility : ndarray of shape (n_candidates,)
        In [-ln n_classes, 0] or [1/n_classes - 1, 0], larger = ask sooner. As many refits as there are pairs.

    Raises
    ------
    ValueError
        If `proba` or the result of `proba_after` is not of probabilities, there is no evaluation row, or the loss is
        unknown.

    References
    ----------
    .. [1] Roy & McCallum (2001), Toward optimal active learning through sampling estimation of error
           reduction, ICML, 441-448.

    Examples
    --------
    >>> after = {0: np.array([[0.5, 0.5]]), 1: np.array([[0.9, 0.1]])}
    >>> expected_error(np.full((2, 2), 0.5), lambda i, c: after[i], loss="zero_one").round(3)
    array([-0.5, -0.1])
    """
    proba = check_proba(proba)
    error = _check_loss(loss)
    utility = np.zeros(len(proba), proba.dtype)
    for i, c in np.argwhere(proba > 0).tolist():
        after = _check_some(check_proba(proba_after(i, c), f"proba_after({i}, {c})"), "proba_after")
        utility[i] -= proba[i, c] * _mean_of(error, after)
    return utility


@quiet
def expected_error_one_step(
    X: FloatArray,
    proba: FloatArray,
    X_eval: FloatArray,
    proba_eval: FloatArray,
    X_labeled: FloatArray,
    proba_labeled: FloatArray,
    C: float = 1.0,
    loss: str = "log",
) -> FloatArray:
    r"""Approximate `expected_error` for a linear softmax model, without refitting it.

    In place of each refit, weights make four Newton steps on the objective of ``LogisticRegression``,

    .. math:: \sum_{i \in L} -\ln p_i(y_i) - \ln p_x(c) + \frac{1}{2 C} \lVert W \rVert^2,

    where L is the labeled set, x the candidate, c its label and W the weights without the intercept. Each step is
    taken in the plane of the gradient, preconditioned class by class, and of the step before, and is bounded so
    that the objective falls.

    Parameters
    ----------
    X, proba : ndarray of shape (n_candidates, n_features) and (n_candidates, n_classes)
        Candidates as the linear model sees them (for a pipeline, the input of its last step), and what it says.
    X_eval, proba_eval : ndarray of shape (n_evaluation, n_features) and (n_evaluation, n_classes)
        Rows whose error is to fall, a sample of the pool. Candidates may be among them.
    X_labeled, proba_labeled : ndarray of shape (n_labeled, n_features) and (n_labeled, n_classes)
        What the model was fitted on, and what it says of it. Its labels are not needed: at the optimum the
        gradient is known to be 0.
    C : float, default 1.0
        Inverse strength of the penalty of the fitted model. As scikit-learn does, two classes share one vector.
    loss : {"log", "zero_one"}, default "log"
        As in `expected_error`.

    Returns
    -------
    utility : ndarray of shape (n_candidates,)
        In [-ln n_classes, 0] or [1/n_classes - 1, 0], larger = ask sooner. On standardized digits, iris and wine
        its rank correlation with exact refits is 0.99 and more. With n_pairs = the (candidate, label) pairs more
        probable than 0.001 and D = n_features + 1: O(n_classes * D * (D^2 + n_pairs * (D + n_labeled +
        n_evaluation))) time, O(n_classes * D^2 + n_labeled * D) memory.

    Raises
    ------
    ValueError
        If rows, features or classes of the arrays do not match, there is no labeled or evaluation row, `C` is not
        above 0 and finite, or the loss is unknown.

    See Also
    --------
    expected_error : any model, by exact refits.

    References
    ----------
    .. [1] Roy & McCallum (2001), Toward optimal active learning through sampling estimation of error
           reduction, ICML, 441-448.
    .. [2] Sun & Tran-Dinh (2019), Generalized self-concordant functions, Mathematical Programming 178, 145-213
           (the bound of a step).

    Examples
    --------
    >>> X, doubt = np.array([[1.0], [3.0]]), np.full((2, 2), 0.5)
    >>> expected_error_one_step(X, doubt, X, doubt, -X, doubt).round(2)
    array([-0.4 , -0.43])
    """
    error = _check_loss(loss)
    if not 0 < C < np.inf:
        raise ValueError(f"C is {C}; expected a number above 0, as LogisticRegression has.")
    X, X_eval = check_pair(X, X_eval, "X_eval")
    X, X_labeled = check_pair(X, X_labeled)
    proba = check_proba(proba, n_rows=len(X))
    proba_eval = _check_proba_of(proba_eval, "proba_eval", _check_some(X_eval, "X_eval"), proba)
    proba_labeled = _check_proba_of(proba_labeled, "proba_labeled", _check_some(X_labeled, "X_labeled"), proba)
    try:
        fit = _Fit.of(X_labeled, proba_labeled, C)
    except np.linalg.LinAlgError:
        raise ValueError(_TOO_LARGE) from None
    present = _mean_error(error, fit, X_eval, proba_eval, np.zeros((proba.shape[1], 1, X.shape[1] + 1), _WORK))[0]
    expected = np.full(len(X), present)
    for rows, labels in _pairs(proba, fit):
        change = _change(fit, fit.with_intercept(X[rows]), proba[rows].T.astype(_WORK), labels)
        fall = _mean_error(error, fit, X_eval, proba_eval, change) - present
        np.add.at(expected, rows, proba[rows, labels] * fall)
    if not np.isfinite(expected).all():
        raise ValueError(_TOO_LARGE)
    return np.asarray(0 - expected, X.dtype)


@quiet
def _mean_of(error: Callable[[FloatArray], FloatArray], proba: FloatArray) -> float:
    return float(error(_logarithm(proba.T)).mean())


def _gradient_lengths(proba: FloatArray) -> FloatArray:
    """Return the sum over y of p_y |p - e_y| for each column of a class-major tile."""
    # 1 - 2 p_y + sum_j p_j^2 cancels to nothing for a class that is nearly certain: it is set apart, and its square
    # never added to the others'. There is one at most, as rows sum to 1.
    largest = proba.max(axis=0)
    sure = np.where(largest > _SURE, largest, 0)
    others = np.where(proba > _SURE, 0, proba)
    rest = np.einsum("ci,ci->i", others, others)
    lengths = rest + sure * sure + 1 - 2 * others
    np.sqrt(lengths, out=lengths)
    return np.asarray(np.einsum("ci,ci->i", others, lengths) + sure * np.sqrt((1 - sure) ** 2 + rest))


def _lengths_with_intercept(X: FloatArray) -> FloatArray:
    unit, (scaled,) = in_units(X)
    # Beside 1, small squares may well be lost.
    return np.asarray(unit * np.sqrt(unit**-2 + _squares(scaled))) if unit > 1 else np.sqrt(1 + _squares(X))


def _squares(X: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("ij,ij->i", X, X))


@dataclass(frozen=True, slots=True)
class _Fit:
    """A fitted linear softmax model, around the mean of its labeled rows; class-major."""

    center: FloatArray  # (n_features,)
    X: FloatArray  # (n_labeled, D), with the column of the intercept
    proba: FloatArray  # (n_classes, n_labeled)
    penalty: FloatArray  # (D,)
    inverse: FloatArray  # (n_classes, D, D): of the Hessian's diagonal blocks

    @classmethod
    def of(cls, X: FloatArray, proba: FloatArray, C: float) -> _Fit:
        # A constant added to a feature is taken up by the intercept: the optimum is that of centered features.
        center = X.mean(axis=0, dtype=np.float64)
        X, shares = _with_intercept(X - center), np.ascontiguousarray(proba.T, np.float64)
        # With two classes scikit-learn penalises w once, where softmax would penalise w/2 and -w/2.
        penalty = np.full(X.shape[1], (2 if len(shares) == 2 else 1) / C)  # noqa: PLR2004
        penalty[-1] = 0
        curvature = np.maximum(shares * (1 - shares), _LEAST_CURVATURE)
        inverse = np.empty((len(shares), X.shape[1], X.shape[1]))
        for c, weights in enumerate(curvature):
            inverse[c] = np.linalg.inv((X.T * weights) @ X + np.diag(penalty))
        return cls(center, X.astype(_WORK), shares.astype(_WORK), penalty.astype(_WORK), inverse.astype(_WORK))

    def with_intercept(self, X: FloatArray) -> FloatArray:
        return _with_intercept(X - self.center).astype(_WORK)


def _with_intercept(X: FloatArray) -> FloatArray:
    return np.column_stack([X, np.ones(len(X))])


def _pairs(proba: FloatArray, fit: _Fit) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield tiles of (candidate, label) pairs that are not rare."""
    rows, labels = np.nonzero(proba >= _RARE)
    for tile in tiles(len(rows), proba.shape[1] * max(fit.X.shape)):
        yield rows[tile], labels[tile]


def _change(fit: _Fit, z: FloatArray, proba: FloatArray, labels: IntArray) -> FloatArray:
    """Return the change of the weights, (n_classes, n_pairs, D), when each `z` is learned with its label.

    The pair's own sample is the last of the columns of everything that has one a sample.
    """
    n_classes, n_pairs = proba.shape
    samples = (n_classes, n_pairs, len(fit.X) + 1)
    share, target = np.empty(samples, _WORK), np.zeros(samples, _WORK)
    share[:, :, :-1] = target[:, :, :-1] = fit.proba[:, None]
    share[:, :, -1] = proba
    target[labels, np.arange(n_pairs), -1] = 1
    logits = _logarithm(share)
    weights = (n_classes, *z.shape)
    change, step, shift = np.zeros(weights, _WORK), np.zeros(weights, _WORK), np.zeros(samples, _WORK)
    inverse_z = z @ fit.inverse
    leverage = (inverse_z * z).sum(axis=2)
    for _ in range(_N_STEPS):
        residual = share - target
        gradient = _transposed(fit, z, residual) + fit.penalty * change
        direction = gradient @ fit.inverse
        # The curvature of the new sample has rank one in each class: Sherman and Morrison's formula.
        curvature = share[:, :, -1] * (1 - share[:, :, -1])
        direction -= (curvature * (direction * z).sum(axis=2) / (1 + curvature * leverage))[:, :, None] * inverse_z
        # What is added to every class changes no probability, and would only pile up.
        direction -= direction.mean(axis=0)
        step, shift = _newton_step(
            (direction, step), (_logits(fit, z, direction), shift), share, residual, fit.penalty, change
        )
        change += step
        logits += shift
        share = softmax(logits)
    return change


def _logits(fit: _Fit, z: FloatArray, weights: FloatArray) -> FloatArray:
    """Compute the logits of the labeled rows and of each pair's own row."""
    n_classes, n_pairs, n_columns = weights.shape
    logits = np.empty((n_classes, n_pairs, len(fit.X) + 1), _WORK)
    logits[:, :, :-1] = (weights.reshape(-1, n_columns) @ np.ascontiguousarray(fit.X.T)).reshape(n_classes, n_pairs, -1)
    logits[:, :, -1] = (weights * z).sum(axis=2)
    return logits


def _transposed(fit: _Fit, z: FloatArray, residual: FloatArray) -> FloatArray:
    """Apply the transpose of `_logits` to a residual: the gradient."""
    return np.asarray(residual[:, :, :-1] @ fit.X + residual[:, :, -1:] * z)


def _newton_step(
    directions: tuple[FloatArray, FloatArray],
    shifts: tuple[FloatArray, FloatArray],
    share: FloatArray,
    residual: FloatArray,
    penalty: FloatArray,
    change: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return each pair's Newton step in the plane of two directions, and the shift of logits it makes."""
    slopes = [
        _dot(residual, shift) + _dot(penalty * change, direction)
        for direction, shift in zip(directions, shifts, strict=True)
    ]
    centered = [shift - (share * shift).sum(axis=0) for shift in shifts]
    curvatures = [
        _dot(share * centered[i], centered[j]) + _dot(penalty * directions[i], directions[j])
        for i, j in ((0, 0), (0, 1), (1, 1))
    ]
    first, second = (size[:, None] for size in _plane_minimum(slopes, curvatures))
    shift = first * shifts[0] + second * shifts[1]
    # A full step can overshoot where curvature grows. The objective is self-concordant in the largest change of a
    # logit against another of its row, and falls for certain with a step shortened by ln(1 + d) / d.
    reach = (shift.max(axis=0) - shift.min(axis=0)).max(axis=1)
    bound = _ratio(np.log1p(reach), reach)[:, None]
    return bound * (first * directions[0] + second * directions[1]), bound * shift


def _plane_minimum(slopes: Sequence[FloatArray], curvatures: Sequence[FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Return the coordinates of the least value of a quadratic in two directions, which may be one direction."""
    straight, cross, other = curvatures
    left = other - _ratio(cross, straight) * cross
    left[left <= 1e-10 * other] = 0
    second = _ratio(_ratio(cross, straight) * slopes[0] - slopes[1], left)
    return -_ratio(slopes[0] + cross * second, straight), second


def _ratio(dividend: FloatArray, divisor: FloatArray) -> FloatArray:
    """Return the quotient, 0 where the divisor is 0."""
    return np.divide(dividend, divisor, out=np.zeros_like(divisor), where=divisor > 0)


def _dot(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return the scalar product over everything but the pairs."""
    return np.asarray(np.einsum("ckm,ckm->k", a, b))


def _logarithm(proba: FloatArray) -> FloatArray:
    """Return logarithms that are finite also for impossible classes."""
    return np.log(np.maximum(proba, np.finfo(proba.dtype).tiny))


def _entropy(logits: FloatArray) -> FloatArray:
    logits = logits - logits.max(axis=0)
    share = np.exp(logits)
    total = share.sum(axis=0)
    return np.asarray(np.log(total) - (share * logits).sum(axis=0) / total)


def _risk(logits: FloatArray) -> FloatArray:
    return np.asarray(1 - 1 / np.exp(logits - logits.max(axis=0)).sum(axis=0))


_ERRORS = {"log": _entropy, "zero_one": _risk}


def _mean_error(
    error: Callable[[FloatArray], FloatArray], fit: _Fit, X: FloatArray, proba: FloatArray, change: FloatArray
) -> FloatArray:
    """Return the mean error over the rows of `X`, for each pair's change of weights."""
    n_classes, n_pairs, n_columns = change.shape
    total = np.zeros(n_pairs)
    for rows in tiles(len(X), n_classes * n_pairs):
        shift = change.reshape(-1, n_columns) @ np.ascontiguousarray(fit.with_intercept(X[rows]).T)
        logits = shift.reshape(n_classes, n_pairs, -1)
        logits += _logarithm(proba[rows].T.astype(_WORK))[:, None]
        total += error(logits).sum(axis=1, dtype=np.float64)
    return total / len(X)


def _check_loss(loss: Any) -> Callable[[FloatArray], FloatArray]:
    if loss not in _ERRORS:
        raise ValueError(f"loss is {loss!r}; expected one of {', '.join(map(repr, _ERRORS))}.")
    return _ERRORS[loss]


def _check_some(values: FloatArray, name: str) -> FloatArray:
    if not len(values):
        raise ValueError(f"{name} has no rows; expected at least one.")
    return values


def _check_proba_of(values: Any, name: str, X: FloatArray, proba: FloatArray) -> FloatArray:
    """Return the probabilities of the rows of `X`, of the same classes as `proba`."""
    checked = check_proba(values, name, len(X))
    if checked.shape[1] != proba.shape[1]:
        raise ValueError(
            f"{name} has {checked.shape[1]} classes but proba has {proba.shape[1]}; expected those of one model."
        )
    return checked
