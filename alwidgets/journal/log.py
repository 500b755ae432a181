"""The events of a session, in memory and on disk, and the state they amount to."""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections.abc import Callable
from pathlib import Path

from alwidgets.data.label_kinds import MULTICLASS, LabelKind
from alwidgets.journal.decode import RecordError
from alwidgets.journal.encode import to_record
from alwidgets.journal.errors import JournalError
from alwidgets.journal.events import Event
from alwidgets.journal.files import Journal
from alwidgets.journal.fold import fold_events, fold_stretches
from alwidgets.journal.past import Events
from alwidgets.journal.state import State
from alwidgets.types import Class, Label


class EventLog:
    """Record of events, which are written to disk before they take effect.

    Parameters
    ----------
    n_samples : int
        Rows that the pool began with.
    classes : tuple
        The declared classes.
    journal : Journal or None
        Where events are kept; those already there are folded in. None keeps them in memory.
    kind : LabelKind
        Whether a label is one class or any number.
    check : callable
        Called with what the events of the journal amount to, whenever they are read; what it raises leaves all as it
        was.

    Attributes
    ----------
    lock : RLock
        To be held around anything that reads and then records.
    state : State
        The fold of `events`.
    declared : tuple
        The classes that the session began with.
    events : Events
        What happened until now, oldest first.
    session_id : str
        Unique to the session, the same whenever its journal is opened.

    Raises
    ------
    JournalError
        If an event of the journal does not fit the session; the message names it.
    """

    def __init__(
        self,
        n_samples: int,
        classes: tuple[Class, ...],
        journal: Journal | None,
        kind: LabelKind = MULTICLASS,
        check: Callable[[State], object] = lambda _: None,
    ) -> None:
        self.lock = threading.RLock()
        self._n_begun, self._check = n_samples, check
        self.declared = tuple(journal.identity["classes"]) if journal else classes
        self.state = State(n_samples, self.declared, kind)
        self.journal = journal
        self.closed = False
        self.session_id = str(journal.identity["session"]) if journal else new_id()
        if journal is not None:
            self._fold(journal)

    def _fold(self, journal: Journal) -> None:
        state = self._nothing()
        try:
            fold_stretches(journal.taken(), state)
        except RecordError as error:
            raise JournalError(f"{journal.place_of(error.place)}: {error}") from error
        self._check(state)
        self.state = state

    def _nothing(self) -> State:
        return State(self._n_begun, self.declared, self.state.kind)

    @property
    def events(self) -> Events:
        """All events so far, oldest first. Under the lock."""
        return Events(self.state.past)

    @property
    def read_only(self) -> bool:
        """True if another kernel holds the session."""
        return self.journal is not None and self.journal.read_only

    @property
    def lock_owner(self) -> str:
        """Description of the owner that prevents this kernel from writing; empty if there is none."""
        return self.journal.lock_owner if self.journal is not None else ""

    @property
    def forbidden(self) -> str:
        """Reason why this process may only read the journal's folder; empty if it may write."""
        return self.journal.forbidden if self.journal is not None else ""

    def take_over(self) -> None:
        """Take the session over from the kernel that holds it, and read its events. Under the lock."""
        self.check_open()
        if self.journal is not None:
            self.journal.take_over(self._fold)

    def refresh(self) -> None:
        """Read the events that the owner has written since. Under the lock."""
        self.check_open()
        if self.journal is not None and self.read_only:
            self.journal.refresh()
            self._fold(self.journal)

    @property
    def path(self) -> Path | None:
        """Folder of the journal; None in memory."""
        return self.journal.path if self.journal else None

    def record(self, *events: Event) -> None:
        """Write the events to disk, all or none, then fold them in. Under the lock.

        Raises
        ------
        OSError
            If they cannot be written; nothing has changed then.
        ValueError
            If the log is closed.
        """
        self.check_open()
        known, written = self.events, self._n_written
        try:
            if self.journal is not None:
                self.journal.append(*map(to_record, events))
            for event in events:
                self.state.apply(event)
        except BaseException:
            # An interrupt may come too late to revoke what is on disk: the state follows the disk.
            late = self._n_written > written
            if late or len(self.state.past) != len(known):
                state = self._nothing()
                fold_events(known, state)
                for event in events if late else ():
                    state.apply(event)
                self.state = state
            raise

    @property
    def _n_written(self) -> int:
        return self.journal.n_written if self.journal else 0

    def check_open(self) -> None:
        """Raise ValueError when the log is closed."""
        if self.closed:
            raise ValueError(
                "this session is closed: the same journal was opened again, or close() was called. "
                "Use the newer session."
            )

    def state_after_fit(self, place: int) -> State:
        """Return the state that the model of one of the standing rounds was fitted on."""
        return self.state_after(self.state.rounds[place].upto)

    def state_after(self, n_events: int) -> State:
        """Return the state after a number of events."""
        return self.state.after(n_events)

    def close(self) -> None:
        """Close the file of the journal; nothing is recorded after that. Under the lock."""
        self.closed = True
        if self.journal is not None:
            self.journal.close()


def label_id(row: int, label: Label) -> str:
    """Return the id of the event by which a row has a label that came with the pool: the same whenever it is given."""
    return id_of(f"given {row} {label!r}")


def id_of(text: str) -> str:
    """Return the id of an event that is told from others by a text, the same for the same one."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def new_id() -> str:
    """Return an id that no other event has."""
    return uuid.uuid4().hex
