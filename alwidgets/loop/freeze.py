"""Snapshot of the inputs of one training cycle, taken under the lock, so that the cycle runs without it."""

from __future__ import annotations

from typing import Any

import numpy as np

from alwidgets.annotation.decisions import settled_as_of, votes_to_decide
from alwidgets.annotation.team import Team
from alwidgets.data.lending import lent
from alwidgets.journal.parts import asked_on_arrival, parts_of
from alwidgets.journal.state import CANDIDATE, PENDING, State
from alwidgets.loop.cold_start import cold_start_of
from alwidgets.loop.job import Audit, Draws, Job
from alwidgets.loop.queue import Queue
from alwidgets.loop.searching import search_of
from alwidgets.loop.setup import Setup
from alwidgets.loop.training import training_set
from alwidgets.stopping import History, Rule
from alwidgets.strategies import PoolView
from alwidgets.types import IntArray
from alwidgets.utils.streams import stream


def freeze(  # noqa: PLR0913 - one keyword each for what a cycle depends on
    setup: Setup,
    state: State,
    queue: Queue,
    *,
    learner: Any,
    before: IntArray | None,
    history: History,
    rule: Rule,
    fit: bool,
    rerank: bool,
    wanted: int,
    team: Team | None = None,
) -> Job:
    """Return the job of a cycle after which as many questions as wanted are pending.

    Parameters
    ----------
    setup : Setup
        What the session was given.
    state : State
        What is known now.
    queue : Queue
        What is asked already.
    learner : learner or None
        The newest model.
    before : ndarray of int or None
        What it predicts for the stop set.
    history : History
        The rounds so far.
    rule : Rule
        What is read of them.
    fit : bool
        Whether a model is fitted first.
    rerank : bool
        Whether the pending questions that nobody has seen yet are ranked anew.
    wanted : int
        Questions to be pending.
    team : Team or None
        Whose answers become labels in another way than by counting them, if any.
    """
    free = state.only_of(queue.free(queue.kept()) if rerank else queue.candidates())
    rows, codes = training_set(state)
    key = (setup.random_state, state.n_events)
    return Job(
        X=setup.X,
        model_spec=setup.model_spec,
        targets=state.targets,
        rows=rows,
        codes=codes,
        audit=_audit(setup, state),
        test=setup.test,
        metrics=setup.metrics,
        stop_set=setup.stop_set,
        before=before,
        answered=_answered(state, rows),
        draws=_draws(setup, state, rows),
        candidates=np.flatnonzero(setup.copies.once(free) if queue.carries else free),
        n=queue.n_to_rank(wanted if rerank else wanted - len(state.pending)),
        wanted=wanted,
        rerank=rerank,
        batch_size=setup.batch_size,
        learner=learner,
        fit=fit,
        seed=int(stream("fit", *key).integers(2**30)),
        # What will have happened when the questions are asked: one more event, if this cycle trains.
        selection_key=(setup.random_state, state.n_events + fit),
        features=setup.features,
        seconds=state.seconds_of(rows),
        cold_start=cold_start_of(setup, state),
        history=history,
        rule=rule,
        upto=state.n_events,
        round=state.last_round + 1,
        consensus="majority" if state.team else "",
        votes=votes_to_decide(state, team) if fit else None,
        team=team,
        parts=parts_of(state),
        arrived=asked_on_arrival(state),
        search=search_of(setup, state),
        score_in=setup.score_in,
        only=state.only,
    )


def pool_view(setup: Setup, learner: Any, state: State) -> PoolView:
    """Return the pool as a model sees it, with every row a candidate, and the labels that the newest one learned."""
    targets, (rows, codes) = state.targets, training_set(state, settled_as_of(state))
    return PoolView(
        X=lent(setup.X),
        candidates=np.arange(state.n_samples),
        labeled=rows,
        labels=targets.y(codes),
        classes=targets.classes,
        learner=learner,
        rng=stream("questions", setup.random_state, state.n_events),
        embedding=setup.features,
        seconds=state.seconds_of(rows),
    )


def _answered(state: State, rows: IntArray) -> IntArray:
    """Return the training rows that the newest model has not seen; none where they come from a corner of the pool."""
    upto = state.rounds[-1].upto if state.rounds else 0
    return rows[(state.changed_at[rows] > upto) & ~state.audit[rows]] if not len(state.only) else rows[:0]


def _audit(setup: Setup, state: State) -> Audit:
    rows = state.audit_rows()
    mode = state.audit_mode if setup.audit else "off"
    return Audit(mode, rows, state.codes[rows], state.tested[rows], state.tested_at[rows])


def _draws(setup: Setup, state: State, rows: IntArray) -> Draws:
    """Return the training rows that were drawn with known probabilities, in the order of drawing."""
    drawn: list[tuple[int, float]] = []
    # They weigh a score on the labeled set, which nobody takes where there is a test set.
    if setup.test is None:
        trains, asked = set(rows.tolist()), state.questions.items()
        drawn = [(row, each.probability) for row, each in asked if each.probability and row in trains]
    n_left = int(np.count_nonzero((state.status == CANDIDATE) | (state.status == PENDING)))
    of_draws = np.array([row for row, _ in drawn], np.intp)
    since = state.asked[of_draws] > (state.n_asked_before[-1] if state.n_asked_before else 0)
    chances = np.array([chance for _, chance in drawn], np.float64)
    return Draws(of_draws[since], chances[since], n_left, of_draws[~since])
