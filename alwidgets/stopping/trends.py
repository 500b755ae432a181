"""Criteria that wait for a series to turn, or to stop rising."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from alwidgets.stopping.history import History
from alwidgets.stopping.readings import number, tail, unread
from alwidgets.types import Reading


def gradient(history: History, *, threshold: float = 5e-5, window: int = 10) -> Reading:
    r"""Fire when the F that the model expects is the highest so far, and hardly rises.

    .. math:: g = m_t - m_{t-1}

    where :math:`m_t` is the median of the expected F of the last 10 rounds at round t. Fires when :math:`m_t` exceeds
    all medians before it and :math:`0 < g < 5 \cdot 10^{-5}`. Rounds without an expected F are left out.

    Parameters
    ----------
    history : History
        The rounds so far.
    threshold : float
        The rise a round below which to fire.
    window : int
        Rounds of a median: 100 for single answers, 10 for batches of about 10.

    Returns
    -------
    reading : Reading
        The value is g; a fall, or a rise below an earlier height, does not fire. O(n_rounds * window).

    Raises
    ------
    ValueError
        If `window` is below 1.

    References
    ----------
    .. [1] Laws & Schuetze (2008), Stopping criteria for active learning of named entity recognition, COLING, 465-472.

    Examples
    --------
    >>> from alwidgets.stopping import Budget
    >>> gradient(History((), Budget(), n_labeled=0, seconds=0.0)).why
    'needs 11 rounds with an expected F, has 0'
    """
    if window < 1:
        raise ValueError(f"window is {window!r}; expected 1 or more rounds.")
    known = [f for item in history.rounds if (f := number(item.signals.expected_f)) is not None]
    if not tail(history, "expected_f", 1) or len(known) <= window:
        reading = unread("gradient", threshold, history, "expected_f")
        early = f"needs {window + 1} rounds with an expected F, has {len(known)}"
        return replace(reading, why=early) if reading.possible else reading
    medians = np.median(np.lib.stride_tricks.sliding_window_view(known, window), axis=1)
    slope, highest = float(medians[-1] - medians[-2]), bool(medians[-1] > medians[:-1].max())
    where = "its highest so far" if highest else "below its highest"
    why = f"expected F changed by {slope:+.5f} in a round, to {medians[-1]:.4f}, {where}"
    return Reading("gradient", slope, threshold, highest and slope < threshold, why)


def confidence_peak(history: History, *, threshold: float = 0.0, window: int = 3) -> Reading:
    """Fire when the model grows less sure of the unlabeled: its mean confidence fell 3 rounds running.

    Confidence is the largest probability. Once it has peaked, further answers tell the model little but noise.

    Parameters
    ----------
    history : History
        The rounds so far.
    threshold : float
        The fall above which a round counts.
    window : int
        In how many rounds running.

    Returns
    -------
    reading : Reading
        The value is the smallest fall of these rounds, negative where one of them brought a rise. O(window).

    Raises
    ------
    ValueError
        If `window` is below 1.

    References
    ----------
    .. [1] Vlachos (2008), A stopping criterion for active learning, Computer Speech and Language 22, 295-312.

    Examples
    --------
    >>> from alwidgets.stopping import Budget
    >>> confidence_peak(History((), Budget(), n_labeled=0, seconds=0.0)).why
    'needs 4 measured rounds in a row, has 0'
    """
    return _falls("confidence_peak", history, "confidence", "mean confidence", threshold, window)


def variance_model(history: History, *, threshold: float = 0.0, window: int = 2) -> Reading:
    """Fire when the model is about equally sure of all unlabeled rows: the variance of its confidence fell twice.

    Confidence is the largest probability. Its variance rises while the model learns some rows and not yet the others.
    With many classes it may fall twice by chance in the first rounds: ask for a fall of some size, or for `patience`.

    Parameters
    ----------
    history : History
        The rounds so far.
    threshold : float
        The fall above which a round counts.
    window : int
        In how many rounds running.

    Returns
    -------
    reading : Reading
        The value is the smallest fall of these rounds, negative where one of them brought a rise. O(window).

    Raises
    ------
    ValueError
        If `window` is below 1.

    References
    ----------
    .. [1] Ghayoomi (2010), Using variance as a stopping criterion for active learning of frame assignment, NAACL-HLT
           workshop on active learning for NLP, 1-9.

    Examples
    --------
    >>> from alwidgets.stopping import Budget
    >>> variance_model(History((), Budget(), n_labeled=0, seconds=0.0)).why
    'needs 3 measured rounds in a row, has 0'
    """
    return _falls("variance_model", history, "confidence_variance", "the variance of confidence", threshold, window)


def contradictory_information(history: History, *, threshold: float = 0.0, window: int = 3) -> Reading:
    """Fire when answers contradict the model less and less: the contradiction fell 3 rounds running.

    An answer contradicts by as much as the model was unsure of it and wrong; see `Signals.contradiction`. The value
    is the smallest fall of the last 3 rounds, negative where one of them brought a rise.

    Parameters
    ----------
    history : History
        The rounds so far.
    threshold : float
        The fall above which a round counts.
    window : int
        In how many rounds running.

    Returns
    -------
    reading : Reading
        O(window).

    Raises
    ------
    ValueError
        If `window` is below 1.

    References
    ----------
    .. [1] Vlachos (2008), A stopping criterion for active learning, Computer Speech and Language 22, 295-312.

    Examples
    --------
    >>> from alwidgets.stopping import Budget
    >>> contradictory_information(History((), Budget(), n_labeled=0, seconds=0.0)).why
    'needs 4 measured rounds in a row, has 0'
    """
    return _falls("contradictory_information", history, "contradiction", "the contradiction", threshold, window)


def _falls(name: str, history: History, signal: str, said: str, threshold: float, window: int) -> Reading:
    """Return the reading of a criterion that fires when a signal falls round after round."""
    if window < 1:
        raise ValueError(f"window is {window!r}; expected 1 or more rounds.")
    values = tail(history, signal, window + 1)
    if len(values) <= window:
        return unread(name, threshold, history, signal, window + 1, below=False)
    value = min(before - after for before, after in pairwise(values))
    how = f"fell by {value:.3g} or more in each" if value > 0 else f"did not fall ({0 - value:+.3g}) in one"
    why = f"{said} {how} of the last {window} rounds"
    return Reading(name, value, threshold, value > threshold, why, below=False)
