"""View model of a session for the widgets: queue, keys, notes, and values available without waiting."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from itertools import compress, islice
from time import time
from typing import TYPE_CHECKING, Any

import numpy as np

from alwidgets.inspection.answers_table import answers_frame
from alwidgets.inspection.label_issues import LabelIssues
from alwidgets.inspection.suggestion import Suggestion
from alwidgets.inspection.unlabeled import says
from alwidgets.io.records import AnswerRecord
from alwidgets.journal.events import Acted, Answer, Decided, Drifted, Event, Settled, Trained
from alwidgets.journal.log import new_id
from alwidgets.journal.parts import Growth, PoolPart, growth_of, parts_of, rows_of
from alwidgets.journal.state import CANDIDATE, PENDING
from alwidgets.loop.dealing import wanted_of
from alwidgets.loop.restore import model_of
from alwidgets.loop.sharing import Sharing
from alwidgets.session.blinding import is_blind, measures, repeats_of
from alwidgets.session.core import Core
from alwidgets.session.first_score import first_score
from alwidgets.session.own_answers import OwnAnswers
from alwidgets.session.progress import Advice, Found
from alwidgets.session.review import known_answers
from alwidgets.session.standing import found_of, known_advice_of, known_rounds_of
from alwidgets.session.weighing import weigh
from alwidgets.stopping import History
from alwidgets.strategies import Features
from alwidgets.types import Class, IntArray
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
    def parts(self) -> tuple[PoolPart, ...]:
        """The parts of the pool, in the order of their rows."""
        with self._core.log.lock:
            return parts_of(self._core.log.state)

    def rows_of_part(self, name: str) -> slice:
        """Return the rows of a part; ValueError if there is none of this name."""
        with self._core.log.lock:
            return rows_of(self._core.log.state, name)[1]

    @property
    def alarms(self) -> tuple[Drifted, ...]:
        """The alarms of drift so far, oldest first."""
        with self._core.log.lock:
            return tuple(self._core.log.state.alarms)

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
    def found(self) -> Found | None:
        """Count of what a session that seeks a class has found; None of another."""
        with self._core.log.lock:
            return found_of(self._core)

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
        """Return the questions of an annotator, where several people label up to `n` before them alone, else `queue`.

        Claims what is pending as needed, waits for nothing, and renews nothing: see `renew`.
        """
        core = self._core
        if core.sharing is not None:
            return core.sharing.claim(annotator, n)
        return self.queue if core.dealing is None or annotator is None else core.dealing.claim(annotator, n)

    def share(self, n_people: int, experts: Collection[str] = ()) -> Callable[[], None]:
        """Give each of several people without a team questions of their own; return what ends that.

        Experts among them may know what the others said.
        """
        core, sharing = self._core, Sharing(self._core.log, n_people, experts)
        core.sharing, core.engine.queue.held = sharing, sharing.held

        def end() -> None:
            if core.sharing is sharing:
                core.sharing, core.engine.queue.held = None, tuple

        return end

    @property
    def n_people(self) -> int:
        """Number of people whose questions are theirs alone; 1 where one person labels."""
        team, sharing = self._core.engine.team, self._core.sharing
        return len(team.annotators) if team is not None else sharing.n_people if sharing is not None else 1

    @property
    def lease_seconds(self) -> float | None:
        """Seconds that a question stays before somebody who does not answer; None where one person labels."""
        team, sharing = self._core.engine.team, self._core.sharing
        return team.lease_seconds if team is not None else None if sharing is None else sharing.seconds

    def renew(self, annotator: str) -> list[int]:
        """Keep what is before somebody there, as long as their page lives; return it."""
        leases = self._core.dealing or self._core.sharing
        return [] if leases is None else leases.renew(annotator)

    def release(self, annotator: str) -> None:
        """Free what is before somebody whose page was closed."""
        leases = self._core.dealing or self._core.sharing
        if leases is not None:
            leases.release(annotator)

    def enter(self, name: str) -> Callable[[], None]:
        """Note that somebody has opened a page; return what notes that it is closed."""
        return self._core.presences.enter(name)

    def is_one_of_several(self, annotator: str) -> bool:
        """Return whether others label too, whose answers somebody is not to know."""
        team, sharing = self._core.engine.team, self._core.sharing
        if team is not None:
            return annotator not in team.experts
        return sharing is not None and annotator not in sharing.experts

    def own_answers(self, annotator: str) -> OwnAnswers:
        """Return the count of somebody's answers, which goes on from where it was each time it is asked."""
        return OwnAnswers(self._core.log, annotator)

    def repeats(self, annotator: str | None) -> list[int]:
        """Return the rows that somebody is to answer a second time: in a team those that they had answered."""
        return self._core.of_state(lambda state: repeats_of(state, annotator))

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

    def only_asked(self, items: list[int]) -> tuple[int, list[int]]:
        """Return the event that said last what alone is asked, 0 for none, and which of some rows are among that."""
        since, only = self._core.of_state(lambda state: (state.only_since, state.only))
        return since, list(compress(items, np.isin(items, only).tolist()))

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
    def acts(self) -> tuple[Acted, ...]:
        """All that a policy did, oldest first."""
        with self._core.log.lock:
            return tuple(self._core.log.state.acts)

    def record_act(self, act: str, why: str, outcome: str = "") -> None:
        """Record that a policy did something."""
        with self._core.log.lock:
            if self._core.log.closed or self._core.log.read_only:
                return
            self._core.log.record(Acted(id=new_id(), at=time(), act=act, why=why, outcome=outcome))
        self._core.engine.changed()

    def fit_if_due(self) -> None:
        """Begin the fit that answers wait for, if there are enough, in the background."""
        self._core.engine.changed()

    @property
    def untried(self) -> tuple[int, float]:
        """Number of answers changed that no fit has tried, and the time of the first one, in seconds since 1970."""
        with self._core.log.lock:
            numbers = self._core.log.state.unlearned
            return (len(numbers), self._core.log.events[numbers[0] - 1].at) if numbers else (0, 0.0)

    @property
    def alarm(self) -> Drifted | None:
        """The newest alarm that a part of the pool is otherwise, if no model was fitted since."""
        with self._core.log.lock:
            state = self._core.log.state
            fitted_at = state.rounds[-1].at if state.rounds else 0.0
            return next((each for each in reversed(state.alarms) if each.at >= fitted_at), None)

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
        return answers_frame(known_answers(self._core, wait=False), issues, items)

    def label_issues(self, *, wait: bool = True) -> LabelIssues | None:
        """Return the predictions for the answered samples, as shown in the review; None before the first model."""
        return self._core.inspector.label_issues(wait=wait)

    def settlement(self, item: int) -> Settled | None:
        """Return the settlement of an item; None where there is none, or somebody answered since."""
        item = self._core.check_item(item)
        with self._core.log.lock:
            state = self._core.log.state
            return None if state.team is None else state.settlement(item)

    def weigh(self, of: str, weight: float, *, reason: str, annotator: str | None, event_id: str | None) -> str:
        """Weigh somebody's answers as `SessionTeam.weigh` does; return what it would warn of, empty if nothing."""
        return weigh(self._core, of, weight, reason=reason, annotator=annotator, event_id=event_id)

    def is_repeat(self, event_id: str) -> bool:
        """Return whether an answer was kept as a second one, which leaves the item's label as it is."""
        # One look, which needs no lock: whoever asks has had the answer recorded.
        return event_id in self._core.log.state.repeat_answers

    def is_audit(self, item: int) -> bool:
        """Return whether an item is an audit question, or gold: its answer measures, so nothing may lead it."""
        item = self._core.check_item(item)
        return self._core.of_state(lambda state: measures(state, item))

    def is_blind(self, item: int, annotator: str | None) -> bool:
        """Return whether somebody is told nothing of what the model says of an item before they have answered."""
        item = self._core.check_item(item)
        return self._core.of_state(lambda state: is_blind(state, item, annotator))

    def unlabeled(self, label: Class | None, words: str) -> IntArray | None:
        """Return rows without a label that may be asked: with some words, and of a class what the model takes for it.

        The surest come first; None where there is no model yet. What is asked to measure is not among them, nor what
        is before others.
        """
        core = self._core
        with core.log.lock:
            core.log.check_open()
            state, queue = core.log.state, core.engine.queue
            held = queue.held()
            free = queue.free([row for row in state.pending if measures(state, row) or row in held])
            free = state.only_of(free)
            rows = np.flatnonzero(core.setup.copies.once(free) if queue.carries else free)
        rows = rows[says(core.items, rows, words)]
        return rows if label is None else core.inspector.taken_for(rows, core.classes.index(label))

    @property
    def first_score(self) -> str:
        """Words for the wait for the first score; empty once there is one."""
        return first_score(self._core)

    @property
    def newest_model(self) -> tuple[int, str] | None:
        """Round of the newest model that stands, and the hash of what it learned from; None before the first."""
        with self._core.log.lock:
            rounds = self._core.log.state.rounds
            return (rounds[-1].record.round, rounds[-1].training_set) if rounds else None

    @property
    def last_round(self) -> int:
        """Highest round ever made, those that were rolled back among them; 0 before the first. O(rounds)."""
        with self._core.log.lock:
            return max((trained.record.round for trained in self._core.log.state.past.of(Trained)), default=0)

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

        Nothing may lead the answer to an audit question or to gold, nor, in a team, to what others have answered:
        such a sample has none. Nobody knows whom another tool shows it to.
        """
        with self._core.log.lock:
            state = self._core.log.state
            told = [item for item in items if not is_blind(state, self._core.check_item(item), None)]
        return self._core.inspector.suggestions(told)

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
