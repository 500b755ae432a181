"""Labels from functions that vote or abstain: which class, and where to ask.

`L` is the matrix of their votes: one row a sample, one column a function, class numbers, -1 where it abstains.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from alwidgets.kernels.arrays import Workspace, check_nonnegative, check_proba, quiet
from alwidgets.kernels.disagreement import (
    agreement,
    agreement_totals,
    check_n_classes,
    check_votes,
    earlier_equal_votes,
    vote_tiles,
)
from alwidgets.types import BoolArray, FloatArray, IntArray

# An accuracy follows from how three functions agree with each other.
_FEWEST_FUNCTIONS = 3
# A function speaks of a class to which it gives at least this share of what all functions together give to it.
_SPEAKS = 0.1
# What is thought of a function before its votes are looked at: where the classes are equally frequent, so large a share
# of its votes is right. That counts as so many votes in each class or, of one that does not speak of every class, as so
# many samples of each, but not more than this share of those there are.
_PRIOR_RIGHT, _PRIOR_VOTES, _PRIOR_SAMPLES, _PRIOR_SHARE = 0.7, 10, 100, 0.25
# Functions repeat each other where they vote on the same samples, correlated by so much more than most pairs.
_DEPENDENT = 0.2
_ROUNDING = 1e-12


@quiet
def majority_vote(L: IntArray, n_classes: int) -> FloatArray:
    r"""Return the share of the votes that each class gets.

    .. math:: p_{ic} = V_{ic} / \sum_k V_{ik}

    where :math:`V_{ic}` is the number of functions that vote for class c on sample i.

    Parameters
    ----------
    L : ndarray of shape (n_samples, n_functions)
        Class numbers, 0 to n_classes - 1; -1 abstains.
    n_classes : int
        How many classes there are, whether voted for or not.

    Returns
    -------
    proba : ndarray of shape (n_samples, n_classes)
        float64, rows sum to 1; uniform where all abstain.
        O(n_samples * (n_functions + n_classes)) time.

    Raises
    ------
    ValueError
        If `L` is not a matrix of whole numbers, or holds one that is neither a class nor -1; the message names the row.
    TypeError
        If `n_classes` is not a whole number.

    Examples
    --------
    >>> majority_vote(np.array([[0, 0, 0, 1], [1, -1, -1, -1], [-1, -1, -1, -1]]), 2)
    array([[0.75, 0.25],
           [0.  , 1.  ],
           [0.5 , 0.5 ]])
    """
    n_classes = check_n_classes(n_classes)
    proba = np.empty((len(check_votes(L, "L")), n_classes))
    for rows, tile in _position_tiles(L, n_classes):
        n_rows = tile.shape[1]
        # One bin a sample and class, and one for the abstentions of the sample.
        bins = tile + np.arange(n_rows) * (n_classes + 1)
        counts = np.bincount(bins.ravel(), minlength=n_rows * (n_classes + 1)).reshape(n_rows, -1)[:, :n_classes]
        n_votes = counts.sum(axis=1, keepdims=True)
        proba[rows] = np.where(n_votes > 0, counts / np.maximum(n_votes, 1), 1 / n_classes)
    return proba


@quiet
def dawid_skene(
    L: IntArray, n_classes: int, *, max_iter: int = 100, tol: float = 1e-5, smoothing: float = 0.01
) -> FloatArray:
    r"""Return the class probabilities under a confusion matrix for each function, fitted by expectation-maximization.

    .. math:: p_{ik} \propto \pi_k \prod_{m: L_{im} \ge 0} (\theta^m_{k, L_{im}})^{w_m}
              \prod_{m \in S} (c^m_{ik})^{w_m}, \qquad
              \pi_k = \frac{1}{n} \sum_i p_{ik}, \qquad
              \theta^m_{kl} = \frac{s + a_m q^m_{kl} + \sum_{i: L_{im} = l} p_{ik}}
              {C s + a_m + \sum_{i: L_{im} \ge 0} p_{ik}}

    where :math:`p_{ik}` is the probability of class k for sample i, :math:`L_{im}` the vote of function m,
    :math:`\pi` the class balance, :math:`\theta^m_{kl}` how often function m says l where the class is k, n the
    number of samples, C the number of classes, and s the smoothing. The first :math:`p_{ik}` are the shares of the
    votes. Before they are looked at, 70 % of the votes are thought to be right: of the :math:`a_m` votes that this
    counts as, 10 in each class (a quarter of the function's votes where that is less), :math:`q^m_{kl}` are for l,
    among the classes that m votes for.

    Functions that repeat each other count as few: :math:`w_m = 1 / \sum_j r_{mj}`, where :math:`r_{mm} = 1` and
    :math:`r_{mj}` is the correlation of where m and j vote, rather than abstain, beyond what the first :math:`p_{ik}`
    explain and beyond the median over all pairs, as on some samples all functions find it easy to vote; less than 0.2
    counts as none.

    An abstention of a function that votes for every class is not evidence. S are the other functions, such as one that
    says "spam" or nothing (they give some class less than a tenth of the share that it has of all votes): their
    silence tells. For these :math:`c^m_{ik}` is how often function m votes where the class is k, if it votes on sample
    i, and one minus that if it abstains; it is counted like :math:`\theta`, beside 100 samples of each class (a
    quarter of n where that is less), on which 70 % of the votes would be right if the classes were equally frequent.

    Where no function votes for some class, such as for "no spam", all functions are in S, and silence speaks for it:
    the first :math:`p_{ik}` of a sample on which all abstain are shared out among such classes, and at most the wrong
    30 % of a function's votes are thought to be as frequent in such a class as anywhere.

    Parameters
    ----------
    L : ndarray of shape (n_samples, n_functions)
        Class numbers, 0 to n_classes - 1; -1 abstains.
    n_classes : int
        How many classes there are, whether voted for or not.
    max_iter : int
        The most iterations.
    tol : float
        Stop when an iteration adds less than this to the mean log-likelihood of a sample, in nats.
    smoothing : float
        Votes added to each entry of the confusion matrices; above 0.

    Returns
    -------
    proba : ndarray of shape (n_samples, n_classes)
        float64, rows sum to 1; where all abstain the class balance, or what the silence of those in S tells.
        O(n_samples * n_functions * n_classes) time an iteration, beside
        O(n_samples * n_functions ** 2) once.

    Raises
    ------
    ValueError
        If `L` is not a matrix of whole numbers, or holds one that is neither a class nor -1 (the message names the
        row), `max_iter` is negative, or `smoothing` is not above 0.
    TypeError
        If `n_classes` or `max_iter` is not a whole number.

    References
    ----------
    .. [1] Dawid & Skene (1979), Maximum likelihood estimation of observer error-rates using the EM algorithm,
           Applied Statistics 28(1), 20-28.

    Examples
    --------
    The third function always errs, which makes its votes as good as the others':

    >>> L = np.array([[0, 0, 1], [1, 1, 0], [0, 0, 1], [1, 1, 0], [-1, -1, 0]])
    >>> dawid_skene(L, 2).argmax(axis=1)
    array([0, 1, 0, 1, 1])

    Each function says one class or nothing:

    >>> L = np.array([[1, -1, -1], [-1, 1, -1], [-1, -1, 0], [1, 1, -1], [-1, -1, 0]] * 50)
    >>> dawid_skene(L, 2)[:3].round(1)
    array([[0., 1.],
           [0., 1.],
           [1., 0.]])

    No function votes for class 0, so silence does:

    >>> L = np.array([[1, 1, -1], [-1, 1, 1], [-1, -1, -1], [-1, -1, -1], [-1, -1, -1]] * 50)
    >>> dawid_skene(L, 2).argmax(axis=1)[:5]
    array([1, 1, 0, 0, 0])
    """
    if not smoothing > 0:
        raise ValueError(f"smoothing is {smoothing}; expected more than 0.")
    max_iter = check_nonnegative(max_iter, "max_iter")
    proba = _first_shares(L, n_classes)
    weights = _weights(L, proba)[:, None, None]
    likelihood = -np.inf
    for _ in range(max_iter):
        balance, evidence = _fitted(L, proba, smoothing)
        before, likelihood = likelihood, _put_posterior(L, proba, balance, weights * evidence)
        if likelihood - before < tol:
            break
    return proba


@quiet
def triplet(L: IntArray, n_classes: int, *, class_balance: FloatArray | None = None) -> FloatArray:
    r"""Return the class probabilities under one accuracy for each function, found in closed form.

    .. math:: p_{ik} \propto \pi_k \prod_{m: L_{im} \ge 0}
              \begin{cases} a_m & L_{im} = k \\ (1 - a_m) / (C - 1) & L_{im} \ne k \end{cases}

    where :math:`p_{ik}` is the probability of class k for sample i, :math:`L_{im}` the vote of function m,
    :math:`a_m` its accuracy as `triplet_accuracy` finds it, :math:`\pi` the class balance and C the number of
    classes. An abstention is not evidence, nor is the vote of a function whose accuracy cannot be told.

    Parameters
    ----------
    L : ndarray of shape (n_samples, n_functions)
        Class numbers, 0 to n_classes - 1; -1 abstains.
    n_classes : int
        How many classes there are, whether voted for or not.
    class_balance : ndarray of shape (n_classes,), optional
        How frequent each class is. Left out, it is the one that fits the shares of the votes best (least squares),
        given the accuracies.

    Returns
    -------
    proba : ndarray of shape (n_samples, n_classes)
        float64, rows sum to 1; the class balance where all abstain.
        O(n_samples * n_functions * n_classes * n_functions) time, beside O(n_functions ** 3).

    Raises
    ------
    ValueError
        If `L` is not a matrix of whole numbers, holds one that is neither a class nor -1 (the message names the row),
        has fewer than three functions or only such as vote for one class, or `class_balance` is not a distribution
        over the classes.
    TypeError
        If `n_classes` is not a whole number.

    References
    ----------
    .. [1] Fu, Chen, Sala, Hooper, Fatahalian & Re (2020), Fast and three-rious: speeding up weak supervision with
           triplet methods, ICML.

    Examples
    --------
    >>> y = np.arange(16) % 2
    >>> right = np.column_stack([np.arange(16) % 4 > 0, np.arange(16) // 4 > 0, np.full(16, True)])
    >>> L = np.where(right, y[:, None], 1 - y[:, None])
    >>> bool((triplet(L, 2).argmax(axis=1) == y).all())
    True
    """
    n_classes = check_n_classes(n_classes)
    if class_balance is not None:
        class_balance = check_proba(np.reshape(class_balance, (1, -1)), "class_balance")[0]
        if len(class_balance) != n_classes:
            raise ValueError(f"class_balance has {len(class_balance)} numbers; expected {n_classes}, one a class.")
    together, alike, votes = _vote_counts(L, n_classes)
    proba = np.empty((len(L), n_classes))
    skill = np.nan_to_num(_skill(together, alike, n_classes))
    # No function is surer than its number of votes can show; one at chance stays there.
    doubt = 0.5 / (together.diagonal() + 1)
    right = np.clip(_accuracy(skill, n_classes), np.minimum(doubt, 1 / n_classes), 1 - doubt)
    wrong = (1 - right) / max(1, n_classes - 1)
    confusion = np.where(np.eye(n_classes, dtype=bool), right[:, None, None], wrong[:, None, None])
    balance = _balance(skill, votes) if class_balance is None else class_balance
    _put_posterior(L, proba, balance, _no_evidence_of_silence(np.log(confusion)))
    return proba


@quiet
def triplet_accuracy(L: IntArray, n_classes: int) -> FloatArray:
    r"""Estimate the accuracy of each function from the agreement between functions, without labels.

    .. math:: a_m = \frac{1 + (C - 1) s_m}{C}, \qquad
              |s_m| = \operatorname*{median}_{j, k} \sqrt{\left| \frac{e_{mj} e_{mk}}{e_{jk}} \right|}, \qquad
              e_{jk} = \frac{C g_{jk} - 1}{C - 1}

    where :math:`a_m` is the accuracy of function m, C the number of classes, :math:`s_m` its skill (0 by chance, 1
    when always right), and :math:`g_{jk}` the share of the samples on which both j and k vote where they vote
    alike. With two classes :math:`e_{jk}` is the mean product of votes written as -1 and 1; with more it is the
    same moment of each class against the rest, summed over the classes. It holds for functions that are independent
    given the class, whose errors favor no class, and that abstain whatever the class. The functions are taken to
    be better than chance on the whole, which decides the signs.

    Parameters
    ----------
    L : ndarray of shape (n_samples, n_functions)
        Class numbers, 0 to n_classes - 1; -1 abstains.
    n_classes : int
        How many classes there are, whether voted for or not.

    Returns
    -------
    accuracy : ndarray of shape (n_functions,)
        float64 in [0, 1]; NaN for a function that never votes together with two others that do so as well.
        O(n_samples * n_functions ** 2 * n_classes) time, beside O(n_functions ** 3).

    Raises
    ------
    ValueError
        If `L` is not a matrix of whole numbers, holds one that is neither a class nor -1 (the message names the row),
        has fewer than three functions, or each votes for one class only.
    TypeError
        If `n_classes` is not a whole number.

    References
    ----------
    .. [1] Fu, Chen, Sala, Hooper, Fatahalian & Re (2020), Fast and three-rious: speeding up weak supervision with
           triplet methods, ICML.

    Examples
    --------
    >>> y = np.arange(16) % 2
    >>> right = np.column_stack([np.arange(16) % 4 > 0, np.arange(16) // 4 > 0, np.full(16, True)])
    >>> L = np.where(right, y[:, None], 1 - y[:, None])
    >>> triplet_accuracy(L, 2).round(2)
    array([0.75, 0.75, 1.  ])
    """
    n_classes = check_n_classes(n_classes)
    together, alike, _ = _vote_counts(L, n_classes)
    return _accuracy(_skill(together, alike, n_classes), n_classes)


@quiet
def conflict(L: IntArray) -> FloatArray:
    r"""Compute the disagreement of the functions that vote on each sample.

    .. math:: u_i = -\frac{1}{\ln \min(V_i, C)} \sum_c \frac{V_{ic}}{V_i} \ln \frac{V_{ic}}{V_i}

    where :math:`V_{ic}` is the number of functions that vote for class c on sample i, :math:`V_i` the number of
    those that vote at all, C the number of classes that occur in `L`, and :math:`0 \ln 0 = 0`.

    Parameters
    ----------
    L : ndarray of shape (n_samples, n_functions)
        Class numbers from 0; -1 abstains.

    Returns
    -------
    utility : ndarray of shape (n_samples,)
        float64 in [0, 1], larger = ask sooner; 0 where fewer than two functions vote: nothing conflicts (see
        `abstained`). O(n_samples * n_functions ** 2) time.

    Raises
    ------
    ValueError
        If `L` is not a matrix of whole numbers, or holds one below -1; the message names the row.

    Examples
    --------
    >>> conflict(np.array([[0, 1, -1], [1, 1, 1], [-1, -1, -1]]))
    array([1., 0., 0.])
    """
    n_classes = _largest_class(L) + 1
    n_functions = L.shape[1]
    utility = np.empty(len(L))
    totals = agreement_totals(n_functions)
    largest = _largest_entropies(n_functions, _n_seen(L, n_classes))
    work = Workspace()
    for rows, tile in vote_tiles(L, n_classes, "L", lowest=-1):
        voted = tile < n_classes
        n_votes = voted.sum(axis=0)
        # Abstentions are not alike.
        alike = earlier_equal_votes(tile, work) * voted
        total = agreement(alike, totals, work, work("total", n_votes.shape, np.float64))
        np.minimum((totals[n_votes] - total) / largest[n_votes], 1, out=utility[rows])
    return utility


@quiet
def abstained(L: IntArray) -> FloatArray:
    """Return the share of the functions that abstain.

    Parameters
    ----------
    L : ndarray of shape (n_samples, n_functions)
        Class numbers from 0; -1 abstains.

    Returns
    -------
    utility : ndarray of shape (n_samples,)
        float64 in [0, 1], larger = ask sooner; 1 where nothing is known.

    Raises
    ------
    ValueError
        If `L` is not a matrix of whole numbers, or holds one below -1; the message names the row.

    Examples
    --------
    >>> abstained(np.array([[0, -1], [1, 1], [-1, -1]]))
    array([0.5, 0. , 1. ])
    """
    n_classes = _largest_class(L) + 1
    utility = np.empty(len(L))
    for rows, tile in vote_tiles(L, n_classes, "L", lowest=-1):
        np.mean(tile >= n_classes, axis=0, out=utility[rows])
    return utility


@quiet
def function_report(L: IntArray, y: IntArray | None = None) -> dict[str, FloatArray]:
    """Report the coverage, overlaps, conflicts and accuracy of each function.

    Parameters
    ----------
    L : ndarray of shape (n_samples, n_functions)
        Class numbers from 0; -1 abstains.
    y : ndarray of shape (n_samples,), optional
        The classes that are known, -1 where not.

    Returns
    -------
    report : dict of str to ndarray of shape (n_functions,)
        ``"coverage"``, ``"overlaps"`` and ``"conflicts"``: the share of the samples on which the function votes,
        votes together with another one, and votes together with one that says otherwise (NaN without samples);
        ``"accuracy"``: the share of its votes on known samples that are right (NaN without such a vote).

    Raises
    ------
    ValueError
        If `L` is not a matrix of whole numbers, holds one below -1 (the message names the row), or `y` is not a row of
        such numbers, one for each sample.

    Examples
    --------
    >>> report = function_report(np.array([[0, 0], [1, 0], [1, -1], [-1, -1]]), y=np.array([0, 1, -1, 1]))
    >>> for name, values in report.items():
    ...     print(name, values)
    coverage [0.75 0.5 ]
    overlaps [0.5 0.5]
    conflicts [0.25 0.25]
    accuracy [1.  0.5]
    """
    n_classes = _largest_class(L) + 1
    y = _check_y(y, len(L))
    # Rows: votes, votes beside another, votes against another, votes on known samples, right votes.
    counts = np.zeros((5, L.shape[1]))
    for rows, tile in vote_tiles(L, n_classes, "L", lowest=-1):
        voted = tile < n_classes
        overlaps = voted & (voted.sum(axis=0) > 1)
        # An abstention is the largest number of the tile.
        conflicts = overlaps & (tile.min(axis=0) < (tile * voted).max(axis=0))
        judged = voted & (y[rows] >= 0)
        kinds = (voted, overlaps, conflicts, judged, judged & (tile == y[rows]))
        counts += [kind.sum(axis=1) for kind in kinds]
    coverage, overlap, conflicting = _shares(counts[:3], np.full((3, 1), len(L)))
    accuracy = _shares(counts[4], counts[3])
    return {"coverage": coverage, "overlaps": overlap, "conflicts": conflicting, "accuracy": accuracy}


def _first_shares(L: IntArray, n_classes: int) -> FloatArray:
    """Return the shares of the votes; where all abstain, of the classes that no function votes for, if there are."""
    proba = majority_vote(L, n_classes)
    occurs, silent = np.zeros(proba.shape[1] + 1, np.bool_), np.empty(len(proba), np.bool_)
    for rows, tile in _position_tiles(L, n_classes):
        occurs[tile] = True
        silent[rows] = (tile == n_classes).all(axis=0)
    unvoted = ~occurs[:-1]
    if unvoted.any() and not unvoted.all():
        proba[silent] = unvoted / unvoted.sum()
    return proba


def _position_tiles(L: IntArray, n_classes: int) -> Iterator[tuple[slice, IntArray]]:
    """Yield (rows, function-major tile of positions in a table with a column a class and a last for abstentions)."""
    for rows, tile in vote_tiles(L, n_classes, "L", lowest=-1, n_columns=n_classes + 1):
        yield rows, np.minimum(tile, n_classes).astype(np.intp)


def _weights(L: IntArray, proba: FloatArray) -> FloatArray:
    """Weigh the votes of each function; 1 if its votes are independent of those of the others."""
    n_functions, n_classes = L.shape[1], proba.shape[1]
    counts, totals = _vote_counts_by_class(L, proba), proba.sum(axis=0)
    voting = _shares(counts[:, :, :n_classes].sum(axis=2), np.tile(totals, (n_functions, 1)))
    products = np.zeros((n_functions, n_functions))
    for rows, tile in _position_tiles(L, n_classes):
        unexplained = (tile < n_classes) - np.nan_to_num(voting) @ proba[rows].T
        products += unexplained @ unexplained.T
    # Of one that votes everywhere, or just where the class says, nothing but rounding errors is left.
    left = products.diagonal() > _ROUNDING * len(L)
    size = np.sqrt(np.where(left, products.diagonal(), 0))
    correlation = np.nan_to_num(_shares(products, np.outer(size, size)))
    pairs = correlation[np.triu_indices(n_functions, 1)]
    usual = max(0.0, float(np.median(pairs))) if pairs.size else 0.0
    # Rounded, so that what is just as large as the limit is so on every processor.
    excess = np.round(correlation - usual, 9)
    shared = np.where(excess < _DEPENDENT, 0.0, excess)
    np.fill_diagonal(shared, 1)
    weights: FloatArray = 1 / shared.sum(axis=1)
    return weights


def _vote_counts_by_class(L: IntArray, proba: FloatArray) -> FloatArray:
    """Return on how many samples of each class each function gives each vote, the last an abstention."""
    n_classes = proba.shape[1]
    counts = np.zeros((L.shape[1], n_classes, n_classes + 1))
    for rows, tile in _position_tiles(L, n_classes):
        weights = np.ascontiguousarray(proba[rows].T)
        for function, positions in enumerate(tile):
            for c, weight in enumerate(weights):
                counts[function, c] += np.bincount(positions, weight, minlength=n_classes + 1)
    return counts


def _fitted(L: IntArray, proba: FloatArray, smoothing: float) -> tuple[FloatArray, FloatArray]:
    """Return the class balance, and the logarithm of how likely each vote, the last an abstention, is in each class."""
    n_samples, n_classes = proba.shape
    counts = _vote_counts_by_class(L, proba)
    balance = proba.sum(axis=0) / max(1, n_samples)
    votes = counts[:, :, :n_classes].sum(axis=1)
    confusion = counts[:, :, :n_classes] + smoothing + _prior_votes(votes)
    confusion /= confusion.sum(axis=2, keepdims=True)
    evidence = _no_evidence_of_silence(np.log(confusion))
    tells = _silence_tells(votes)
    coverage = _coverage(counts[tells], balance, smoothing, unvoted=~votes.any(axis=0))
    evidence[tells, :, :n_classes] += np.log(coverage)[:, :, None]
    evidence[tells, :, n_classes] = np.log1p(-coverage)
    return balance, evidence


def _prior_right(n_classes: int) -> FloatArray:
    """Return the prior distribution of votes for each class."""
    right = np.full((n_classes, n_classes), (1 - _PRIOR_RIGHT) / max(1, n_classes - 1))
    np.fill_diagonal(right, _PRIOR_RIGHT)
    return right


def _prior_votes(votes: FloatArray) -> FloatArray:
    """Return the expected votes of each function in each class, for functions that vote for it."""
    n_classes = votes.shape[1]
    right = _prior_right(n_classes) * (votes > 0)[:, None, :]
    n_votes = np.minimum(_PRIOR_VOTES, _PRIOR_SHARE * votes.sum(axis=1))[:, None, None]
    return np.asarray(n_votes * np.nan_to_num(_shares(right, right.sum(axis=2, keepdims=True))))


def _no_evidence_of_silence(log_confusion: FloatArray) -> FloatArray:
    return np.pad(log_confusion, ((0, 0), (0, 0), (0, 1)))


def _silence_tells(votes: FloatArray) -> BoolArray:
    """Return a mask of the functions that vote on some classes only, so that abstaining is informative."""
    share = votes.sum(axis=0) / max(1.0, float(votes.sum()))
    # Of a class that no function votes for, none speaks.
    speaks = (votes > 0) & (votes >= _SPEAKS * share * votes.sum(axis=1, keepdims=True))
    tells: BoolArray = votes.any(axis=1) & ~speaks.all(axis=1)
    return tells


def _coverage(counts: FloatArray, balance: FloatArray, smoothing: float, *, unvoted: BoolArray) -> FloatArray:
    """Estimate the rate at which each function votes in each class, in (0, 1)."""
    n_classes = len(balance)
    votes, n_samples = counts[:, :, :n_classes], counts.sum(axis=2)
    right = _prior_right(n_classes)
    n_all = n_samples.sum(axis=1, keepdims=True)
    prior = np.minimum(_PRIOR_SAMPLES, _PRIOR_SHARE * n_all)
    share_of_all = votes.sum(axis=1) / np.maximum(n_all, 1)
    expected = np.minimum(share_of_all / np.maximum(right @ balance, np.finfo(np.float64).tiny) @ right, 1)
    # Where a class is rare, wrong votes alone would fill it: silence would speak against the class that has no votes.
    wrong = (1 - _PRIOR_RIGHT) * share_of_all.sum(axis=1, keepdims=True)
    expected = np.where(unvoted, np.minimum(expected, wrong), expected)
    seen = votes.sum(axis=2) + smoothing + prior * expected
    return np.asarray(seen / (n_samples + 2 * smoothing + prior))


def _put_posterior(L: IntArray, proba: FloatArray, balance: FloatArray, evidence: FloatArray) -> float:
    """Put the class probabilities given the votes into `proba`; return the mean log-likelihood of a sample."""
    n_classes = len(balance)
    # A class without a share stays possible where nothing else is left.
    log_balance = np.log(np.maximum(balance, np.finfo(np.float64).tiny))
    likelihood = 0.0
    for rows, tile in _position_tiles(L, n_classes):
        joint = np.repeat(log_balance[:, None], tile.shape[1], axis=1)
        for log_of_vote, positions in zip(evidence, tile, strict=True):
            joint += log_of_vote.take(positions, axis=1)
        top = joint.max(axis=0)
        joint -= top
        np.exp(joint, out=joint)
        total = joint.sum(axis=0)
        likelihood += float((top + np.log(total)).sum())
        np.divide(joint, total, out=proba[rows].T)
    return likelihood / max(1, len(proba))


def _vote_counts(L: IntArray, n_classes: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return on how many samples two functions both vote, vote alike, and how often each votes for each class."""
    n_functions = check_votes(L, "L").shape[1]
    if n_functions < _FEWEST_FUNCTIONS:
        raise ValueError(
            f"L has {n_functions} functions; expected {_FEWEST_FUNCTIONS} or more, as an accuracy follows from how "
            "three agree. Use majority_vote or dawid_skene."
        )
    together, alike = np.zeros((2, n_functions, n_functions))
    votes = np.zeros((n_functions, n_classes))
    for _, tile in vote_tiles(L, n_classes, "L", lowest=-1):
        # Counts within a tile are exact in float32.
        voted = (tile < n_classes).astype(np.float32)
        together += voted @ voted.T
        for c in range(n_classes):
            chosen = (tile == c).astype(np.float32)
            alike += chosen @ chosen.T
            votes[:, c] += chosen.sum(axis=1)
    n_told, meet = np.count_nonzero(votes, axis=1), np.count_nonzero(np.triu(together, 1))
    if n_told.max(initial=0) == 1 and n_classes > 1 and meet:
        raise ValueError(
            "each function of L votes for one class only; expected functions that tell classes apart, as an accuracy "
            "follows from how often they agree. Use dawid_skene, for which silence counts."
        )
    return together, alike, votes


def _skill(together: FloatArray, alike: FloatArray, n_classes: int) -> FloatArray:
    """Return each function's skill, 0 by chance and 1 when always right; NaN where no triplet tells it."""
    if n_classes == 1:
        return np.ones(len(together))
    moments = (n_classes * _shares(alike, together) - 1) / (n_classes - 1)
    size = np.array([_median_over_triplets(moments, i) for i in range(len(moments))])
    skill: FloatArray = np.clip(size, 0, 1) * _signs(moments, size)
    return skill


def _median_over_triplets(moments: FloatArray, i: int) -> float:
    others = np.delete(np.arange(len(moments)), i)
    first, second = others[np.array(np.triu_indices(len(others), 1))]
    products, rest = np.abs(moments[i, first] * moments[i, second]), np.abs(moments[first, second])
    known = np.isfinite(products) & (rest > 0)
    return float(np.median(np.sqrt(products[known] / rest[known]))) if known.any() else np.nan


def _signs(moments: FloatArray, size: FloatArray) -> FloatArray:
    """Return 1 for functions better than chance and -1 for worse ones, with the better ones prevailing."""
    known = np.nan_to_num(moments)
    np.fill_diagonal(known, np.nan_to_num(size) ** 2)
    # The moments are the products of the skills: a matrix of rank one, apart from the noise.
    direction = np.linalg.eigh(known)[1][:, -1]
    direction *= 1 if direction.sum() >= 0 else -1
    # What is 0 but for rounding shares no sample with the rest.
    signs: FloatArray = np.where(direction < -1e-9, -1.0, 1.0)  # noqa: PLR2004
    return signs


def _accuracy(skill: FloatArray, n_classes: int) -> FloatArray:
    accuracy: FloatArray = np.maximum((1 + (n_classes - 1) * skill) / n_classes, 0)
    return accuracy


def _balance(skill: FloatArray, votes: FloatArray) -> FloatArray:
    """Return the class balance that explains best, by least squares, how often each class is voted for."""
    n_samples_voted, n_classes = votes.sum(axis=1, keepdims=True), votes.shape[1]
    # A function of skill s votes for a class of share b in a share (1 - s) / C + s b of its votes.
    excess = votes - n_samples_voted * (1 - skill[:, None]) / n_classes
    weight = (n_samples_voted[:, 0] * skill**2).sum()
    if weight == 0:
        return np.full(n_classes, 1 / n_classes)
    balance: FloatArray = np.maximum(skill @ excess / weight, 0.5 / (n_samples_voted.max() + 1))
    balance /= balance.sum()
    return balance


def _largest_class(L: Any) -> int:
    return int(check_votes(L, "L").max(initial=-1))


def _n_seen(L: IntArray, n_classes: int) -> int:
    """Count the classes that occur."""
    if n_classes > L.size:
        return len(np.unique(L[L >= 0]))
    seen = np.zeros(n_classes, np.bool_)
    for _, tile in vote_tiles(L, n_classes, "L", lowest=-1):
        seen[tile[tile < n_classes]] = True
    return int(seen.sum())


def _largest_entropies(n_functions: int, n_seen: int) -> FloatArray:
    """Return V times the largest entropy of V votes, for V from 0 to `n_functions`; 1 where it would be 0."""
    n_votes = np.arange(n_functions + 1)
    largest = n_votes * np.log(np.maximum(np.minimum(n_votes, n_seen), 1))
    return np.where(largest > 0, largest, 1.0)


def _check_y(y: Any, n_samples: int) -> IntArray:
    if y is None:
        return np.full(n_samples, -1)
    if not isinstance(y, np.ndarray) or y.shape != (n_samples,) or y.dtype.kind not in "iub":
        shape, dtype = getattr(y, "shape", type(y).__name__), getattr(y, "dtype", None)
        raise ValueError(f"y has shape {shape} and dtype {dtype}; expected class numbers, shape ({n_samples},).")
    return y


def _shares(parts: FloatArray, wholes: FloatArray) -> FloatArray:
    """Return parts / wholes, NaN where there is no whole."""
    shares = np.full(parts.shape, np.nan)
    np.divide(parts, wholes, out=shares, where=wholes > 0)
    return shares
