"""A session that seeks a class: what is known of it, and what a new model makes of the rest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from alwidgets.journal.parts import asked_on_arrival
from alwidgets.journal.state import LABELED, SKIPPED, State
from alwidgets.loop.job import Job, Search
from alwidgets.loop.setup import Setup
from alwidgets.scoring.by_part import strata_of
from alwidgets.scoring.found import most_by_draws
from alwidgets.stopping import Signals
from alwidgets.strategies import PoolView
from alwidgets.strategies.finding import certainty


def search_of(setup: Setup, state: State) -> Search | None:
    """Return the answers so far about the class that is sought, None where none is. Under the lock."""
    label = setup.find
    if label is None:
        return None
    own = ~state.copied
    read = ((state.status == LABELED) | (state.status == SKIPPED)) & own
    of_class = read & (state.status == LABELED) & (state.codes == state.code_of(label))
    unread = own & ~read
    if state.duplicates == "carry" and setup.copies.any:
        # One answer tells of all of them.
        unread = setup.copies.once(unread)
    # What a rule asked as it came was drawn of what it asked alone.
    draws = np.setdiff1d(state.audit_rows(), asked_on_arrival(state))
    # Those since the pool grew: what came was in no draw before.
    draws = draws[state.asked[draws] > (state.n_asked_before[-1] if state.n_asked_before else 0)]
    draws = draws[np.argsort(state.asked[draws], kind="stable")]
    # Labels that nobody asked for come before all draws.
    before, gone = (np.searchsorted(np.sort(state.asked[rows]), state.asked[draws]) for rows in (of_class, read))
    return Search(
        label=label,
        found=np.flatnonzero(of_class),
        read=np.flatnonzero(read),
        unread=np.flatnonzero(unread),
        hit=of_class[draws],
        before=before,
        n_left=np.count_nonzero(read | unread) - gone,
    )


def n_at_most_of(search: Search) -> int | None:
    """Return the most samples of the class that there can be by random questions; None before the first of them."""
    if not len(search.hit):
        return None
    n_found, n_unread = len(search.found), len(search.unread)
    return most_by_draws(search.hit, search.before, search.n_left, n_found=n_found, n_unread=n_unread)


def with_search(job: Job, view: PoolView, signals: Signals) -> Signals:
    """Return the signals of a round with those of the class that is sought, as far as the model tells any."""
    search = job.search
    if search is None:
        return signals
    each = (search.found, search.read, search.unread)
    n_found, n_read, n_unread = map(len, each)
    strata = strata_of(job.parts)
    ends = np.cumsum([n for _, n in strata])
    counts = [np.diff(np.searchsorted(rows, ends), prepend=0) for rows in each]
    of_strata = zip(np.diff(ends, prepend=0), *counts, strict=True)
    found = replace(
        signals, n_found=n_found, n_read=n_read, n_unread=n_unread, n_at_most=n_at_most_of(search),
        strata=tuple(tuple(map(int, of_one)) for of_one in of_strata),
    )  # fmt: skip
    try:
        return _expected(search, view, found)
    except Exception:  # noqa: BLE001 - whatever a user's estimator raises; the criteria then say that they cannot tell
        return found


def _expected(search: Search, view: PoolView, signals: Signals) -> Signals:
    """Add what the model expects of the read and the unread; nothing of one without probabilities."""
    if not hasattr(view.learner, "predict_proba"):
        return signals
    read, unread = (certainty(search.label)(view.with_candidates(rows)) for rows in (search.read, search.unread))
    return replace(
        signals,
        expected_read=float(read.sum()),
        expected_unread=float(unread.sum()),
        variance_read=float((read * (1 - read)).sum()),
        variance_unread=float((unread * (1 - unread)).sum()),
    )
