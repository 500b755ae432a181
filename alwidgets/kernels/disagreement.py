"""Disagreement of committee members about each candidate.

Every function returns one utility per candidate, larger = ask sooner. Votes are class numbers, one column a
member; probabilities are one matrix a member.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from alwidgets.kernels.arrays import (
    TILE_NUMBERS,
    Workspace,
    check_nonnegative,
    checked_rows,
    proba_matrix,
    quiet,
    row_sums,
    tiles,
)
from alwidgets.types import FloatArray, IntArray

# A tile meets a dozen short calls a member: the usual size would spend its time between them.
_NUMBERS_IN_TILE = 2 * TILE_NUMBERS
# Of the probabilities of all members: each is gone through alone, beside the mean and what is made of it.
_BYTES_IN_TILE = 4 * 2**20
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
    work = Workspace()

    def share(total: FloatArray) -> FloatArray:
        # Rounding may lead past the end of the range.
        shares: FloatArray = np.minimum((totals[-1] - total) / largest, 1)
        return shares

    for rows, tile in vote_tiles(votes, n_classes):
        agreement(earlier_equal_votes(tile, work), totals, work, utility[rows], share)
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
    work = Workspace()
    for rows, tile in vote_tiles(votes, n_classes):
        # The last voter of the most popular class has all its other voters before it.
        others = n_members - 1 - earlier_equal_votes(tile, work).max(axis=0).astype(np.float64)
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
    scale = 1 / np.log(n_classes) if n_classes > 1 else 0.0
    work = Workspace()
    for rows, _, mean in _member_tiles(members, utility.dtype, work):
        logs = _log(mean, work("logs", mean.shape, mean.dtype))
        logs *= mean
        # A row may sum to a little more than 1. Taken from 0, the sum of a certain row is 0 and not -0.
        np.clip(0 - row_sums(logs, work) * scale, 0, 1, out=utility[rows])
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
    work = Workspace()
    gather = np.add if reduce == "mean" else np.maximum
    for rows, tile, mean in _member_tiles(members, utility.dtype, work):
        _log(mean, mean)
        out = utility[rows]
        for proba, smallest in tile:
            logs = _log(proba, work("logs", mean.shape, mean.dtype), smallest)
            logs -= mean
            logs *= proba
            gather(out, row_sums(logs, work), out=out)
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
    """Yield (rows, voter-major tile of small unsigned integers), each tile checked; good until the next one.

    Where `lowest` allows a vote of -1, it becomes the largest of the integers. A caller that makes more numbers a
    row than there are voters says so with `n_columns`.
    """
    # Wide enough for one number more than there are classes, so that -1 becomes none of them.
    code, work = np.min_scalar_type(n_classes), Workspace()
    for rows in tiles(len(votes), max(votes.shape[1], n_columns), _NUMBERS_IN_TILE):
        tile = votes[rows]
        if not _within(tile, lowest, n_classes):
            row = rows.start + int(np.flatnonzero(((tile < lowest) | (tile >= n_classes)).any(axis=1))[0])
            raise ValueError(
                f"{name} row {row} is {np.array2string(votes[row], threshold=6)}; expected class numbers from "
                f"{lowest} to {n_classes - 1}. Encode the labels as positions in the list of classes."
            )
        # Numbers are converted faster in the order in which they lie, and turned round after that.
        small, turned = work("small", tile.shape, code), work("turned", tile.shape[::-1], code)
        np.copyto(small, tile, casting="unsafe")
        np.copyto(turned, small.T)
        yield rows, turned


def _within(tile: IntArray, lowest: int, n_classes: int) -> bool:
    """Return whether all votes are from the lowest to the last class."""
    if lowest == 0 and n_classes <= np.iinfo(np.int8).max:
        # Taken for unsigned, a number below 0 is a large one: once through instead of twice.
        return bool(tile.view(tile.dtype.str.replace("i", "u")).max() < n_classes)
    return bool(tile.min() >= lowest and tile.max() < n_classes)


def earlier_equal_votes(tile: IntArray, work: Workspace) -> IntArray:
    """Count the earlier voters that agree with each vote of a voter-major tile, in the workspace."""
    n_voters, n_rows = tile.shape
    alike = work("alike", tile.shape, np.min_scalar_type(n_voters))
    alike.fill(0)
    same = work("same", (n_rows,), np.bool_)
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


def agreement(
    alike: IntArray,
    totals: FloatArray,
    work: Workspace,
    out: FloatArray,
    then: Callable[[FloatArray], FloatArray] = np.asarray,
) -> FloatArray:
    """Put what a function says of the sum over the classes of V ln V into `out`; V is the number of votes of a class.

    A vote that finds k others alike before it adds (k + 1) ln (k + 1) - k ln k. The numbers of several voters make
    one key into a table of sums: a look-up costs a fraction of a logarithm. Of few voters the table has all sums there
    are, and the function is asked of these alone.
    """
    steps = np.diff(totals)
    key = work("key", alike.shape[1:], np.uint32)
    full: list[FloatArray] = []
    table = np.zeros(1)
    key.fill(0)
    for n_before, found in enumerate(alike[1:], 1):
        if len(table) * (n_before + 1) > _TABLE_ENTRIES:
            full.append(table.take(key))
            table = np.zeros(1)
            key.fill(0)
        table = np.add.outer(table, steps[: n_before + 1]).ravel()
        key *= n_before + 1
        key += found
    # Every key is within the table. A mode that looks at them first would do it on a copy.
    if not full:
        return then(table).take(key, out=out, mode="clip")
    table.take(key, out=out, mode="clip")
    for total in reversed(full):
        out += total
    out[...] = then(out)
    return out


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


class _MemberTile(NamedTuple):
    """Rows of a member's probabilities, with what is a little below 0 raised to it."""

    proba: FloatArray
    smallest: float


def _member_tiles(
    members: list[FloatArray], dtype: np.dtype[Any], work: Workspace
) -> Iterator[tuple[slice, list[_MemberTile], FloatArray]]:
    """Yield (rows, one tile a member, their mean), each tile checked; good until the next ones."""
    n_rows, n_classes = members[0].shape
    for rows in tiles(n_rows, (len(members) + 2) * n_classes * dtype.itemsize, _BYTES_IN_TILE):
        tile = [_member_tile(member, rows, i, dtype, work) for i, member in enumerate(members)]
        mean = work("mean", tile[0].proba.shape, dtype)
        np.copyto(mean, tile[0].proba)
        for member in tile[1:]:
            mean += member.proba
        mean /= len(members)
        yield rows, tile, mean


def _member_tile(proba: FloatArray, rows: slice, member: int, dtype: np.dtype[Any], work: Workspace) -> _MemberTile:
    tile = proba[rows]
    if tile.dtype != dtype:
        tile = work(f"member {member}", tile.shape, dtype)
        np.copyto(tile, proba[rows])
    _, smallest = checked_rows(proba, rows.start, row_sums(tile, work), tile, f"probas[{member}]")
    return _MemberTile(tile, smallest) if smallest >= 0 else _MemberTile(np.maximum(tile, 0), 0.0)


def _log(proba: FloatArray, out: FloatArray, smallest: float = 0.0) -> FloatArray:
    """Put the logarithms into `out`, finite at 0, so that 0 ln 0 is 0."""
    tiny = np.finfo(proba.dtype).tiny
    # The least number is seen beside no larger one.
    return np.log(proba if smallest >= tiny else np.add(proba, tiny, out=out), out=out)
