"""The rounds of a session as they are known: those that a correction has outdated are scored again."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter

import numpy as np

from alwidgets.annotation.pace import team_pace
from alwidgets.journal.log import EventLog
from alwidgets.loop.callbacks import Callbacks
from alwidgets.loop.rescoring import Corrected, Correction, Version, corrected, correction
from alwidgets.loop.settings import LoopSettings
from alwidgets.scoring.scores import Metric
from alwidgets.stopping import History, Round


class Rounds:
    """The rounds so far, with scores of the audit as it is answered now.

    Parameters
    ----------
    log : EventLog
        What happened.
    settings : LoopSettings
        Budget and rule.
    batch_size : int
        Answers between two retrains.
    metrics : sequence of Metric
        What is measured.
    callbacks : Callbacks
        Told that scorers and criteria of the user's are called.
    """

    def __init__(
        self, log: EventLog, settings: LoopSettings, batch_size: int, metrics: Sequence[Metric], callbacks: Callbacks
    ) -> None:
        self._log = log
        self._settings = settings
        self._batch_size = batch_size
        self._metrics = metrics
        self._callbacks = callbacks
        self._correcting = threading.Lock()  # taken before the log's lock, never after
        self._corrector: int | None = None  # the thread that has it
        self._corrected = Corrected()
        self._known: dict[str, Round] = {}  # those that corrections changed, by the id of their event

    @property
    def history(self) -> History:
        """Rounds so far and what is spent by now; as they were until `correct` is done, if `outdated`. Under the lock.

        What waits for nothing reads this.
        """
        if not self._log.state.corrected_at:
            return self._recorded
        rounds = tuple(self._known.get(made.id, made.record) for made in self._log.state.rounds)
        return replace(self._recorded, rounds=rounds)

    @property
    def outdated(self) -> bool:
        """True if rounds have to be scored, or read, again since an audit answer was corrected. Under the lock."""
        return bool(self._log.state.corrected_at) and self._corrected.version != self._version

    def correct(self) -> None:
        """Score again what corrections have changed, without the log's lock; at once where there is nothing."""
        if self._corrector == threading.get_ident():
            # A scorer or a criterion that asks for the rounds gets them as they are known.
            return
        with self._log.lock:
            # Who holds the lock must not wait here for one that waits for it.
            if not self.outdated:
                return
        with self._correcting:
            self._corrector = threading.get_ident()
            try:
                while (job := self._correction()) is not None:
                    with self._callbacks.within():
                        found = corrected(job, self._corrected)
                    pairs = zip(job.trained, found.rounds, strict=True)
                    changed = {trained.id: made for trained, made in pairs if made is not trained.record}
                    with self._log.lock:
                        self._corrected, self._known = found, changed
            finally:
                self._corrector = None

    @property
    def _recorded(self) -> History:
        """The rounds as they were when they were made. Under the lock."""
        state = self._log.state
        known = [trained.upto for trained in state.rounds]
        return History(
            tuple(map(attrgetter("record"), state.rounds)),
            self._settings.budget,
            state.n_labeled,
            state.seconds,
            self._batch_size,
            state.n_samples - int(np.count_nonzero(state.copied)),
            state.n_timed,
            None if state.team is None else state.n_given,
            team_pace(state),
            tuple((bisect_left(known, state.seen[each.id]), each.n_rows) for each in state.added.values()),
        )

    @property
    def _version(self) -> Version:
        state, settings = self._log.state, self._settings
        return Version(state.corrected_at, state.round, len(state.rounds), settings.budget, settings.rule)

    def _correction(self) -> Correction | None:
        with self._log.lock:
            if not self.outdated:
                return None
            return correction(self._version, self._log.state, self._recorded, self._metrics)
