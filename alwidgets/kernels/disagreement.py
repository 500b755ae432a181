"""Disagreement of committee members about each candidate.

Every function returns one utility per candidate, larger = ask sooner. Votes are class numbers, one column a
member; probabilities are one matrix a member.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np

from alwidgets.kernels.arrays import (
    PROBA_TOLERANCE,
    TILE_NUMBERS,
    check_nonnegative,
    check_proba_tile,
    proba_matrix,
    quiet,
    tiles,
)
from alwidgets.types import FloatArray, IntArray

# A tile meets a dozen short calls a member: the usual size would spend its time between them.
_NUMBERS_IN_TILE = 2 * TILE_NUMBERS
# The most entries of a lookup table: one table serves a committee of seven.
_TABLE_ENTRIES = 8192


@quiet
def vote_entropy(votes: IntArray, n_classes: int) -> FloatArray:
    r"""Return the entropy of the members' votes, as a share of the largest possible.

    .. math:: u_i = -\frac{1}{\ln \min(M, C)} \sum_c \frac{V_{ic}}{M} \ln \frac{V_{ic}}{M}

    where :math:`V_{ic}` is the number of members that vote for class c on candidate i, M the number of members,
    C the number of classes, and :math:`0 \ln 0 = 0`.

    Parameters
    ----------
    votes : ndarray of shape (n_candidates, n_members)
        Class numbers, 0 to n_classes - 1. The transpose of a members-first array does as well.
    n_classes : int
        How many classes there are, whether voted for or not.

    Returns
    -------
    utility : ndarray of shape (n_candidates,)
        float64 in [0, 1], larger = ask sooner; 0 when all agree, 1 when the votes are spread as far as they can be.
        Candidates whose votes split alike tie exactly. O(n_candidates * n_members ** 2) time, whatever the number
        of classes.

    Raises
    ------
    ValueError
        If `votes` is not a matrix of whole numbers, or holds one that is not a class; the message names the row.
    TypeError
        If `n_classes` is not a whole number.

    References
    ----------
    .. [1] Dagan & Engelson (1995), Committee-based sampling for training probabilistic classifiers, ICML.
    .. [2] Seung, Opper & Sompolinsky (1992), Query by committee, COLT, 287-294.

    Examples
    --------
    >>> vote_entropy(np.array([[0, 0], [0, 1]]), 3)
    array([0., 1.])
    """
    n_classes = check_n_classes(n_classes)
    n_members = check_votes(votes, "votes").shape[1]
    utility = np.empty(len(votes))
    totals = agreement_totals(n_members)
    # One member, or one class, leaves nothing to differ about.
    largest = n_members * np.log(min(n_members, n_classes)) or 1.0
    for rows, tile in vote_tiles(votes, n_classes):
        out = np.subtract(totals[-1], agreement(earlier_equal_votes(tile), totals), out=utility[rows])
        out /= largest
        # Rounding may lead past the end of the range.
        np.minimum(out, 1, out=out)
    return utility


@quiet
def variation_ratio(votes: IntArray, n_classes: int) -> FloatArray:
    r"""Return the share of the members that do not vote for the most popular class.

    .. math:: u_i = 1 - \max_c V_{ic} / M

    where :math:`V_{ic}` is the number of members that vote for class c on candidate i, and M the number of members.

    Parameters
    ----------
    votes : ndarray of shape (n_candidates, n_members)
        Class numbers, 0 to n_classes - 1. The transpose of a members-first array does as well.
    n_classes : int
        How many classes there are, whether voted for or not.

    Returns
    -------
    utility : ndarray of shape (n_candidates,)
        float64 in [0, 1 - 1 / n_members], larger = ask sooner; 0 when all agree.
        O(n_candidates * n_members ** 2) time, whatever the number of classes.

    Raises
    ------
    ValueError
        If `votes` is not a matrix of whole numbers, or holds one that is not a class; the message names the row.
    TypeError
        If `n_classes` is not a whole number.

    References
    ----------
    .. [1] Freeman (1965), Elementary applied statistics, Wiley.

    Examples
    --------
    >>> variation_ratio(np.array([[0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 2]]), 3)
    array([0.  , 0.25, 0.5 ])
    """
    n_classes = check_n_classes(n_classes)
    n_members = check_votes(votes, "votes").shape[1]
    utility = np.empty(len(votes))
    for rows, tile in vote_tiles(votes, n_classes):
        # The last voter of the most popular class has all its other voters before it.
        others = n_members - 1 - earlier_equal_votes(tile).max(axis=0).astype(np.float64)
        np.divide(others, n_members, out=utility[rows])
    return utility


@quiet
def consensus_entropy(probas: FloatArray | Sequence[FloatArray]) -> FloatArray:
    r"""Return the entropy of the members' mean probabilities, as a share of the largest possible.

    .. math:: u_i = -\frac{1}{\ln C} \sum_c \bar p_{ic} \ln \bar p_{ic}, \qquad
              \bar p_{ic} = \frac{1}{M} \sum_m p_{mic}

    where :math:`p_{mic}` is the probability that member m gives class c for candidate i, M the number of members,
    C the number of classes, and :math:`0 \ln 0 = 0`.

    Parameters
    ----------
    probas : sequence of ndarray of shape (n_candidates, n_classes)
        Class probabilities, one matrix a member, or an array of shape (n_members, n_candidates, n_classes).

    Returns
    -------
    utility : ndarray of shape (n_candidates,)
        In [0, 1], larger = ask sooner; 1 for a uniform mean, 0 when all members are certain of the same class.
        O(n_members * n_candidates * n_classes) time, O(n_candidates) memory.

    Raises
    ------
    ValueError
        If there is no member, two differ in shape, or one holds a row that is not a distribution; the message names
        the member and the row.

    References
    ----------
    .. [1] Settles (2009), Active learning literature survey, University of Wisconsin-Madison, TR 1648.

    Examples
    --------
    >>> consensus_entropy([np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])])
    array([0., 1.])
    """
    members, utility = _check_members(probas)
    n_classes = members[0].shape[1]
    ones = np.ones(n_classes, utility.dtype)
    scale = 1 / np.log(n_classes) if n_classes > 1 else 0.0
    for rows, _, mean in _member_tiles(members, utility.dtype):
        logs = _log(mean, np.empty_like(mean))
        logs *= mean
        # A row may sum to a little more than 1. Taken from 0, the sum of a certain row is 0 and not -0.
        np.clip(0 - (logs @ ones) * scale, 0, 1, out=utility[rows])
    return utility


@quiet
def kl_to_consensus(probas: FloatArray | Sequence[FloatArray], reduce: Literal["mean", "max"] = "mean") -> FloatArray:
    r"""Compute the Kullback-Leibler divergence of the members' probabilities from their mean, in nats.

    .. math:: u_i = \frac{1}{M} \sum_m \mathrm{KL}(p_{mi} \Vert \bar p_i), \qquad
              \mathrm{KL}(p \Vert q) = \sum_c p_c \ln \frac{p_c}{q_c}

    where :math:`p_{mi}` are the class probabilities that member m gives candidate i, :math:`\bar p_i` their mean
    over the M members, and :math:`0 \ln 0 = 0`; with ``reduce="max"`` the largest term instead of their mean. The
    mean is what a vote of the committee would tell about which member is right: BALD over the committee.

    Parameters
    ----------
    probas : sequence of ndarray of shape (n_candidates, n_classes)
        Class probabilities, one matrix a member, or an array of shape (n_members, n_candidates, n_classes).
    reduce : {"mean", "max"}
        Over the members.

    Returns
    -------
    utility : ndarray of shape (n_candidates,)
        Nats, larger = ask sooner; in [0, ln min(n_members, n_classes)] for the mean, [0, ln n_members] for the
        largest; 0 when all members agree, even if each is unsure.
        O(n_members * n_candidates * n_classes) time, O(n_candidates) memory.

    Raises
    ------
    ValueError
        If `reduce` is unknown, there is no member, two differ in shape, or one holds a row that is not a distribution;
        the message names the member and the row.

    References
    ----------
    .. [1] McCallum & Nigam (1998), Employing EM and pool-based active learning for text classification, ICML.
    .. [2] Houlsby, Huszar, Ghahramani & Lengyel (2011), Bayesian active learning for classification and preference
           learning, arXiv:1112.5745.

    Examples
    --------
    >>> kl_to_consensus([np.array([[0.5, 0.5], [1.0, 0.0]]), np.array([[0.5, 0.5], [0.0, 1.0]])]).round(4)
    array([0.    , 0.6931])
    """
    if reduce not in ("mean", "max"):
        raise ValueError(f"reduce is {reduce!r}; expected 'mean' or 'max'.")
    members, utility = _check_members(probas)
    ones = np.ones(members[0].shape[1], utility.dtype)
    gather = np.add if reduce == "mean" else np.maximum
    for rows, tile, mean in _member_tiles(members, utility.dtype):
        _log(mean, mean)
        logs, out = np.empty_like(mean), utility[rows]
        for proba in tile:
            _log(proba, logs)
            logs -= mean
            logs *= proba
            gather(out, logs @ ones, out=out)
        if reduce == "mean":
            out /= len(members)
        # Rounding may lead below 0.
        np.maximum(out, 0, out=out)
    return utility


def check_n_classes(n_classes: Any) -> int:
    """Return a number of classes as an int; raise TypeError if it is not a whole number, ValueError below 1."""
    count = check_nonnegative(n_classes, "n_classes")
    if count == 0:
        raise ValueError("n_classes is 0; expected 1 or more.")
    return count


def check_votes(votes: Any, name: str) -> IntArray:
    """Return votes as they are, their values not looked at.

    Raises
    ------
    ValueError
        If they are not a matrix of integers; the message names the first row with a fraction or NaN.
    """
    if not isinstance(votes, np.ndarray) or votes.ndim != 2 or votes.shape[1] == 0:  # noqa: PLR2004
        shape = getattr(votes, "shape", type(votes).__name__)
        raise ValueError(f"{name} has shape {shape}; expected a matrix, one row a sample and one column a voter.")
    if votes.dtype.kind not in "iub":
        # NaN differs from itself.
        row = int(np.argmax((votes != np.floor(votes)).any(axis=1))) if votes.dtype.kind == "f" and len(votes) else 0
        raise ValueError(
            f"{name} has dtype {votes.dtype}, as in row {row}: {votes[row : row + 1]}; expected class numbers, as "
            "integers. Encode the labels as positions in the list of classes."
        )
    return votes


def vote_tiles(
    votes: IntArray, n_classes: int, name: str = "votes", lowest: int = 0, n_columns: int = 0
) -> Iterator[tuple[slice, IntArray]]:
    """Yield (rows, voter-major tile of small unsigned integers), each tile checked.

    Where `lowest` allows a vote of -1, it becomes the largest of the integers. A caller that makes more numbers a
    row than there are voters says so with `n_columns`.
    """
    # Wide enough for one number more than there are classes, so that -1 becomes none of them.
    code = np.min_scalar_type(n_classes)
    for rows in tiles(len(votes), max(votes.shape[1], n_columns), _NUMBERS_IN_TILE):
        tile = votes[rows]
        if tile.min() < lowest or tile.max() >= n_classes:
            row = rows.start + int(np.flatnonzero(((tile < lowest) | (tile >= n_classes)).any(axis=1))[0])
            raise ValueError(
                f"{name} row {row} is {np.array2string(votes[row], threshold=6)}; expected class numbers from "
                f"{lowest} to {n_classes - 1}. Encode the labels as positions in the list of classes."
            )
        yield rows, np.ascontiguousarray(tile.astype(code).T)


def earlier_equal_votes(tile: IntArray) -> IntArray:
    """Count the earlier voters that agree with each vote of a voter-major tile."""
    n_voters, n_rows = tile.shape
    alike = np.zeros(tile.shape, np.min_scalar_type(n_voters))
    same = np.empty(n_rows, np.bool_)
    for voter in range(1, n_voters):
        for earlier in range(voter):
            np.equal(tile[earlier], tile[voter], out=same)
            alike[voter] += same.view(np.uint8)
    return alike


def agreement_totals(n_voters: int) -> FloatArray:
    """Return k ln k for k from 0 to `n_voters`, on a grid on which their sums and differences are exact.

    Without the grid, candidates whose votes split alike would differ by rounding instead of being tied.
    """
    k = np.arange(n_voters + 1)
    totals = k * np.log(np.maximum(k, 1))
    grain = np.spacing(totals[-1])
    exact: FloatArray = np.rint(totals / grain) * grain
    return exact


def agreement(alike: IntArray, totals: FloatArray) -> FloatArray:
    """Return the sum over the classes of V ln V, where V is the number of votes of a class.

    A vote that finds k others alike before it adds (k + 1) ln (k + 1) - k ln k. The numbers of several voters make
    one key into a table of sums: a look-up costs a fraction of a logarithm.
    """
    steps = np.diff(totals)
    total = np.zeros(alike.shape[1])
    table, key = np.zeros(1), np.zeros(alike.shape[1], np.uint32)
    for n_before, found in enumerate(alike[1:], 1):
        if len(table) * (n_before + 1) > _TABLE_ENTRIES:
            total += table.take(key)
            table, key = np.zeros(1), np.zeros_like(key)
        table = np.add.outer(table, steps[: n_before + 1]).ravel()
        key *= n_before + 1
        key += found
    total += table.take(key)
    return total


def _check_members(probas: Any) -> tuple[list[FloatArray], FloatArray]:
    """Return the members' matrices, their values not looked at, and zeros for their utilities."""
    members = [proba_matrix(proba, f"probas[{i}]") for i, proba in enumerate(probas)]
    if not members:
        raise ValueError("probas is empty; expected the probabilities of at least one member.")
    for i, member in enumerate(members):
        if member.shape != members[0].shape:
            raise ValueError(
                f"probas[{i}] has shape {member.shape} and probas[0] {members[0].shape}; expected the same candidates "
                "and classes. Give a class that a member does not know a column of zeros."
            )
    return members, np.zeros(len(members[0]), np.result_type(*members))


def _member_tiles(
    members: list[FloatArray], dtype: np.dtype[Any]
) -> Iterator[tuple[slice, list[FloatArray], FloatArray]]:
    """Yield (rows, one tile a member, their mean), each tile checked."""
    n_rows, n_classes = members[0].shape
    # Tiles of all members, their mean and the logarithms are in cache together.
    for rows in tiles(n_rows, (len(members) + 2) * n_classes, _NUMBERS_IN_TILE):
        tile = [_proba_tile(member, rows, f"probas[{i}]", dtype) for i, member in enumerate(members)]
        mean = tile[0].copy()
        for proba in tile[1:]:
            mean += proba
        mean /= len(members)
        yield rows, tile, mean


def _proba_tile(proba: FloatArray, rows: slice, name: str, dtype: np.dtype[Any]) -> FloatArray:
    """Return rows of probabilities, checked, with what is a little below 0 raised to it."""
    tile = proba[rows].astype(dtype, copy=False)
    smallest = tile.min()
    # A minimum of each row costs far more than the one of the tile, and is needed only to name the row.
    lows = smallest.reshape(1) if smallest >= -PROBA_TOLERANCE else tile.min(axis=1)
    sums = tile @ np.ones(tile.shape[1], dtype)
    check_proba_tile(proba, rows.start, sums, lows, name)
    return tile if smallest >= 0 else np.maximum(tile, 0)


def _log(proba: FloatArray, out: FloatArray) -> FloatArray:
    """Put the logarithms into `out`, finite at 0, so that 0 ln 0 is 0."""
    tiny = np.finfo(proba.dtype).tiny
    # Looking for a zero is cheaper than raising every number.
    return np.log(proba if proba.min() >= tiny else np.maximum(proba, tiny, out=out), out=out)
