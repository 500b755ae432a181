"""View model of a session for the widgets: queue, keys, notes, and values available without waiting."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import islice
from typing import TYPE_CHECKING, Any

from alwidgets.inspection.answers_table import answers_frame, answers_of
from alwidgets.inspection.label_issues import LabelIssues
from alwidgets.inspection.suggestion import Suggestion
from alwidgets.io.records import AnswerRecord
from alwidgets.journal.events import Answer, Decided, Event, Settled
from alwidgets.journal.parts import Growth, growth_of
from alwidgets.journal.state import CANDIDATE, PENDING
from alwidgets.loop.dealing import wanted_of
from alwidgets.loop.restore import model_of
from alwidgets.session.core import Core
from alwidgets.session.progress import Advice
from alwidgets.session.standing import known_advice_of, known_rounds_of
from alwidgets.stopping import History
from alwidgets.strategies import Features
from alwidgets.types import IntArray
from alwidgets.utils.checks import check_count

if TYPE_CHECKING:
    import pandas as pd


class ViewModel:
    """Read a session as a page needs it; nothing here waits for a fit.

    Parameters
    ----------
    core : Core
        The parts of the session.
    """

    def __init__(self, core: Core) -> None:
        self._core = core

    @property
    def rounds(self) -> History:
        """The rounds as far as they are known: while `outdated`, scores are as they were before a correction."""
        return known_rounds_of(self._core)

    @property
    def growth(self) -> tuple[Growth, ...]:
        """The parts that were added to the pool, each with where on the learning curve that was."""
        with self._core.log.lock:
            return growth_of(self._core.log.state)

    @property
    def outdated(self) -> bool:
        """True if rounds are being scored again, since the answer to an audit question was corrected."""
        with self._core.log.lock:
            return self._core.engine.rounds.outdated

    @property
    def advice(self) -> Advice:
        """Advice of the stopping rule from the rounds scored so far; never to stop while `outdated`."""
        return known_advice_of(self._core)

    @property
    def queue(self) -> list[int]:
        """The pending rows, best first; asks for nothing."""
        with self._core.log.lock:
            return list(self._core.log.state.pending)

    def wanted(self, n: int) -> dict[int, int]:
        """Have `n` questions pending, and return the rows to be asked, best first, with the answers that each lacks.

        With a team these are gold, then what has answers already and wants more, then what nobody has answered; see
        `wanted_of`. May wait for a fit.
        """
        core = self._core
        core.check_ready("query")
        core.engine.query(n)
        core.engine.warn(stacklevel=3)
        with core.log.lock:
            return wanted_of(core.log.state, core.engine.team, core.setup.random_state, n)

    def questions(self, annotator: str | None, n: int) -> list[int]:
        """Return the questions of an annotator: with a team up to `n` rows that are before them alone, else `queue`.

        Claims what is pending as needed, waits for nothing, and renews nothing: see `renew`.
        """
        dealing = self._core.dealing
        return self.queue if dealing is None or annotator is None else dealing.claim(annotator, n)

    def renew(self, annotator: str) -> list[int]:
        """Keep what is before somebody there, as long as their page lives; return it."""
        return [] if self._core.dealing is None else self._core.dealing.renew(annotator)

    def release(self, annotator: str) -> None:
        """Free what is before somebody whose page was closed."""
        if self._core.dealing is not None:
            self._core.dealing.release(annotator)

    def enter(self, name: str) -> Callable[[], None]:
        """Note that somebody has opened a page; return what notes that it is closed."""
        return self._core.presences.enter(name)

    def repeats(self, annotator: str | None) -> list[int]:
        """Return the rows that somebody is to answer a second time: in a team those that they had answered."""
        with self._core.log.lock:
            state = self._core.log.state
            return [row for row in state.pending_repeats if state.team is None or annotator in state.given(row)]

    def remarks(self, annotator: str | None) -> dict[int, tuple[str, str]]:
        """Return the note of each sample that has one, and that of its flag.

        In a team nobody sees what others wrote before they have answered themselves; experts see all, and so does
        who says no name.
        """
        team = self._core.engine.team
        with self._core.log.lock:
            state = self._core.log.state
            both = {row: (state.notes.get(row, ""), state.flags.get(row, "")) for row in {*state.notes, *state.flags}}
            if team is not None and annotator is not None and annotator not in team.experts:
                both = {row: self._seen(remark, row, annotator) for row, remark in both.items()}
        return {row: remark for row, remark in both.items() if any(remark)}

    def _seen(self, remark: tuple[str, str], row: int, annotator: str | None) -> tuple[str, str]:
        """Return the notes that an annotator may see, of an item and of its flag. Under the lock."""
        state = self._core.log.state
        if annotator in state.given(row):
            return remark
        note, flag = remark
        mine = state.noted_by.get(row) == annotator, state.flagged_by.get(row) == annotator
        return note if mine[0] else "", flag if mine[1] else ""

    def flagged(self, annotator: str | None) -> list[int]:
        """Return the rows that are flagged, as far as somebody may know it; see `remarks`."""
        team = self._core.engine.team
        with self._core.log.lock:
            state = self._core.log.state
            if team is None or annotator is None or annotator in team.experts:
                return list(state.flags)
            return [row for row in state.flags if annotator in (state.flagged_by[row], *state.given(row))]

    def is_done(self, annotator: str | None) -> bool:
        """Return whether there is nothing left that could be asked of somebody."""
        with self._core.log.lock:
            state, status = self._core.log.state, self._core.log.state.status
            if ((status == CANDIDATE) | (status == PENDING)).any():
                return False
            return all(annotator in state.given(row) for row in state.missing)

    @property
    def withdrawn(self) -> list[int]:
        """Rows that were pending lately, and are candidates again because a newer model ranks them lower."""
        with self._core.log.lock:
            state = self._core.log.state
            return [row for row in state.withdrawn if state.status[row] == CANDIDATE]

    @property
    def model_name(self) -> str:
        """Name of the learner's estimator."""
        return self._core.setup.model_spec.name

    @property
    def lock_owner(self) -> str:
        """The kernel that prevents this one from writing: process, machine, since when; empty if there is none."""
        return self._core.log.lock_owner

    @property
    def last_decision(self) -> Decided | None:
        """The newest decision to stop or to go on; None before there is one."""
        with self._core.log.lock:
            decisions = self._core.log.state.decisions
            return decisions[-1] if decisions else None

    @property
    def codes(self) -> IntArray:
        """The position of each row's label in the classes; -1 where there is none."""
        with self._core.log.lock:
            return self._core.log.state.codes.copy()

    @property
    def features(self) -> Features:
        """Feature space in which samples are compared."""
        return self._core.setup.features

    def row_of(self, record: AnswerRecord) -> int | None:
        """Return the row of the sample that another tool names; None where it is not in the pool."""
        rows = self._core.rows_of_ids
        return rows.get(record.sample, rows.get(record.content))

    def recent(self, n: int, annotator: str | None = None) -> list[Answer]:
        """Return the last answers that stand, newest first; with a name those that somebody gave."""
        with self._core.log.lock:
            newest = self._core.log.state.answers.newest()
            return list(islice((each for each in newest if annotator in (None, each.annotator)), n))

    def answers(self, items: list[int]) -> pd.DataFrame:
        """Return the answers to some samples as `Session.review` does, in this order, with what is known so far."""
        issues = self._core.inspector.label_issues(wait=False)
        with self._core.log.lock:
            known = answers_of(self._core.log.state)
        return answers_frame(known, issues, items)

    def label_issues(self, *, wait: bool = True) -> LabelIssues | None:
        """Return the predictions for the answered samples, as shown in the review; None before the first model."""
        return self._core.inspector.label_issues(wait=wait)

    def settlement(self, item: int) -> Settled | None:
        """Return the settlement of an item; None where there is none, or somebody answered since."""
        item = self._core.check_item(item)
        with self._core.log.lock:
            state = self._core.log.state
            return None if state.team is None else state.settlement(item)

    def is_repeat(self, event_id: str) -> bool:
        """Return whether an answer was kept as a second one, which leaves the item's label as it is."""
        with self._core.log.lock:
            return event_id in self._core.log.state.repeat_answers

    def is_audit(self, item: int) -> bool:
        """Return whether an item is an audit question, or gold: its answer measures, so nothing may lead it."""
        item = self._core.check_item(item)
        with self._core.log.lock:
            state = self._core.log.state
            return item in state.gold or (bool(state.audit[item]) and state.audit_mode != "ended")

    def has_learned_of_others(self, item: int, annotator: str | None) -> bool:
        """Return whether others of a team gave an item a label: of it the model says what they said."""
        item = self._core.check_item(item)
        with self._core.log.lock:
            state = self._core.log.state
            return state.team is not None and bool(state.codes[item] >= 0 and state.votes(item).keys() - {annotator})

    @property
    def newest_model(self) -> tuple[int, str] | None:
        """Round of the newest model that stands, and the hash of what it learned from; None before the first."""
        with self._core.log.lock:
            rounds = self._core.log.state.rounds
            return (rounds[-1].record.round, rounds[-1].training_set) if rounds else None

    @property
    def n_events(self) -> int:
        """Number of events until now."""
        with self._core.log.lock:
            return self._core.log.state.n_events

    def recorded(self, event_id: str) -> Event | None:
        """Return the event that has this id, None where there is none."""
        with self._core.log.lock:
            return self._core.log.state.recorded(event_id)

    def suggestions(self, items: list[int]) -> list[Suggestion]:
        """Return the labels that the newest model suggests for some samples; none before there is a model.

        Nothing may lead the answer to an audit question or to gold: such a sample has none.
        """
        return self._core.inspector.suggestions([item for item in items if not self.is_audit(item)])

    def at_hand(self, number: int) -> Any:
        """Return the learner of a round if that is the newest and there; None otherwise."""
        return self._core.engine.at_hand(number)

    def model_of(self, number: int) -> Any:
        """Return the learner of a round, whether or not it stands; one that is not at hand is fitted anew."""
        learner = self.at_hand(number)
        return model_of(self._core.setup, self._core.log, number) if learner is None else learner

    def round_after(self, n_events: int) -> int:
        """Return the newest standing round after a number of events; 0 before the first."""
        with self._core.log.lock:
            rounds = self._core.log.state_after(n_events).rounds
            return rounds[-1].record.round if rounds else 0

    def set_prefetch(self, n: int) -> None:
        """Keep at least `n` questions pending from now on, more when answers are fast and fits are slow."""
        self._core.engine.set_prefetch(check_count("n", n))

    def calling(self) -> AbstractContextManager[None]:
        """Mark a block in which something of the user's is called that must not wait for the session: a renderer."""
        return self._core.engine.callbacks.within()

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call a function after every change, from any thread; return what ends that."""
        return self._core.listeners.on_change(listener)
