"""Progress and advice of a session, computed from its log and its engine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from alwidgets.annotation.decisions import decide, settled_as_of, votes_to_decide, with_settled
from alwidgets.data import pool
from alwidgets.journal.state import SKIPPED, State
from alwidgets.loop import training
from alwidgets.loop.cold_start import phase_of, waits_for
from alwidgets.loop.searching import n_at_most_of, search_of
from alwidgets.loop.training import can_fit
from alwidgets.scoring.baseline import Baseline, BaselineSource, Efficiency, efficiency
from alwidgets.session.core import Core
from alwidgets.session.progress import SCORED_AGAIN, Advice, Found, Progress, advise
from alwidgets.stopping import History
from alwidgets.utils.checks import check_count
from alwidgets.utils.text import replace_surrogates


def progress_of(core: Core) -> Progress:
    """Return the current progress of a session."""
    with core.log.lock:
        state, engine = core.log.state, core.engine
        learned = state.rounds[-1].record.n_labeled if state.rounds else 0
        return Progress(
            n_samples=state.n_samples,
            n_labeled=state.n_labeled,
            n_skipped=int(np.count_nonzero((state.status == SKIPPED) & ~state.copied)),
            n_pending=len(state.pending),
            class_counts=_class_counts(state),
            round=state.round,
            n_learned=learned,
            n_behind=max(0, state.n_labeled - learned),
            n_changed=len(state.relearn),
            phase=phase_of(engine.setup, state),
            labels_per_minute=engine.labels_per_minute,
            busy=engine.busy_since is not None,
            busy_since=engine.busy_since,
            error=" ".join(filter(None, (engine.error or state.failure, engine.samples.written_to))),
            notices=tuple(engine.notices.values()),
            saved_as=replace_surrogates(core.log.path.name) if core.log.path else None,
            n_events=state.n_events,
            n_copies=int(np.count_nonzero(state.copied)),
            waits_for=waits_for(engine.setup, state),
            n_only=state.n_only,
        )


def _class_counts(state: State) -> tuple[int, ...]:
    """Count the samples of each class; of a team by the consensus that the newest model learned, which is there."""
    counts = list(state.class_counts)
    for row, code in settled_as_of(state):
        if state.codes[row] >= 0 and not state.copied[row]:
            counts[state.codes[row]] -= 1
            if code >= 0:
                counts[code] += 1
    return tuple(counts)


def in_short(core: Core) -> str:
    """Describe a session in a line: where it is kept, its round, labels and score."""
    progress, rounds = progress_of(core), known_rounds_of(core)
    name = f"{progress.saved_as!r}" if progress.saved_as else "in memory"
    score = ""
    if rounds and rounds[-1].measured:
        score = f", {rounds[-1].metric} {rounds[-1].score:.2f} {rounds[-1].score_kind}"
    elif rounds and rounds[-1].problem:
        score = f", {rounds[-1].problem}"
    labeled = f"{progress.n_labeled} of {progress.n_samples} samples labeled"
    return f"Session({name}, round {progress.round}, {labeled}{score})"


def training_set(core: Core) -> tuple[Any, Any]:
    """Return (X, y) of the labeled samples that train, by ascending row."""
    core.check_pool()
    with core.log.lock:
        state = core.log.state
        team = core.engine.team
        votes, targets = votes_to_decide(state, team), state.targets
        rows, codes = training.training_set(state)
    if votes is not None:
        rows, codes = with_settled(rows, codes, decide(votes, team).differing(votes.majority))
    return pool.take(core.setup.X, rows), targets.y(codes)


def rounds_of(core: Core) -> History:
    """Return the rounds so far, those scored again first that a correction has outdated."""
    core.engine.rounds.correct()
    with core.log.lock:
        return core.engine.rounds.history


def known_rounds_of(core: Core) -> History:
    """Return the rounds as far as they are known, waiting for nothing."""
    core.engine.wake_if_outdated()
    with core.log.lock:
        return core.engine.rounds.history


def advice_of(core: Core) -> Advice:
    """Return the current advice of the stopping rule."""
    # Not under the lock: rounds that a correction has outdated are scored again without it.
    rounds = rounds_of(core)
    with core.engine.callbacks.within():
        return _advise(core, rounds)


def known_advice_of(core: Core) -> Advice:
    """Return the stopping rule's advice from the rounds scored so far; to stop only once all are scored."""
    with core.log.lock:
        outdated = core.engine.rounds.outdated
    rounds = known_rounds_of(core)
    with core.engine.callbacks.within():
        advice = _advise(core, rounds)
    return replace(advice, stop=False, sentence=SCORED_AGAIN) if outdated else advice


def random_baseline(core: Core, source: BaselineSource | None, n_runs: int) -> Baseline:
    """Estimate the scores that randomly drawn labels would have reached, and keep it."""
    core.engine.callbacks.check_outside("random_baseline")
    if source not in (None, "audit", "simulated"):
        raise ValueError(f"source is {source!r}; expected 'audit', 'simulated', or None for the better one.")
    core.log.check_open()
    core.baseline = core.inspector.random_baseline(source, check_count("n_runs", n_runs))
    core.notify()
    return core.baseline


def efficiency_of(core: Core) -> Efficiency | None:
    """Compare a session with its random baseline; None before there is one."""
    every = rounds_of(core)
    # Where the newest model cannot be scored, what those before it saved says nothing of it.
    rounds = [] if every and every[-1].problem else [item for item in every if item.n_labeled and item.measured]
    if core.baseline is None or not rounds:
        return None
    n_labeled, score = zip(*((item.n_labeled, item.score) for item in rounds), strict=True)
    return efficiency(np.array(n_labeled), np.array(score), core.baseline)


def _advise(core: Core, rounds: History) -> Advice:
    with core.log.lock:
        exhausted = core.engine.exhausted
        # Asked only where it matters: it looks at all labels.
        possible = bool(rounds) or not exhausted or can_fit(core.setup.model_spec, core.log.state)
        found = found_of(core)
    rule = core.engine.settings.rule
    # A criterion may take its time, and whoever looks twice at the same rounds is told the same.
    known = core.advised
    if known is None or known[0] is not rule or known[1:5] != (rounds, exhausted, possible, found):
        advice = advise(rule, rounds, exhausted=exhausted, can_fit=possible, found=found)
        core.advised = known = (rule, rounds, exhausted, possible, found, advice)
    return known[5]


def found_of(core: Core) -> Found | None:
    """Return the count of what a session that seeks a class has found; None of another. Under the lock."""
    state = core.log.state
    search = search_of(core.setup, state)
    if search is None:
        return None
    n_read = len(search.read)
    n_samples = n_read + len(search.unread)
    # A round tells it of its own.
    n_at_most = None if state.rounds else n_at_most_of(search)
    return Found(search.label, len(search.found), n_read, n_samples, n_at_most, state.n_samples - n_samples)
