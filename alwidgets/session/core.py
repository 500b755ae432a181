"""Shared parts of a session: its setup, its log and its engine."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from alwidgets.data import pool
from alwidgets.data.kinds import pool_of
from alwidgets.inspection.drift import Drift
from alwidgets.io.fields import shown_ids
from alwidgets.journal.events import Event
from alwidgets.journal.group_commit import GroupCommit
from alwidgets.journal.log import EventLog, new_id
from alwidgets.journal.state import State
from alwidgets.loop.dealing import Dealing
from alwidgets.loop.engine import Engine
from alwidgets.loop.setup import Setup
from alwidgets.loop.sharing import Sharing
from alwidgets.models import keeping
from alwidgets.scoring.baseline import Baseline
from alwidgets.session import label_validation, row_validation, validation
from alwidgets.session.inspector import Inspector
from alwidgets.session.listeners import Listeners
from alwidgets.session.presence import Presences
from alwidgets.session.progress import Advice, Found
from alwidgets.session.task import Task
from alwidgets.stopping import History, Rule
from alwidgets.types import Label

_Value = TypeVar("_Value")


class Core:
    """The parts of a session, handed to the function that does the work of each of its methods.

    Parameters
    ----------
    setup : Setup
        The checked arguments that the engine needs.
    owner : Session
        The session whose parts these are.
    task : Task
        What the annotator is asked.
    n_declared : int
        How many classes the session was made with; those added since come behind.
    init_params : dict
        The arguments as they were given.
    annotator : str or None
        Who answers, unless an answer says otherwise.
    ids : tuple of str or None
        The samples' own ids.
    order : tuple of (str, index) or None
        The index that data beside the pool must share, and whose it is.
    items : sequence
        What is shown of each row.
    """

    log: EventLog
    answers: GroupCommit
    engine: Engine
    inspector: Inspector
    listeners: Listeners
    dealing: Dealing | None = None
    sharing: Sharing | None = None

    def __init__(  # noqa: PLR0913 - one keyword each for what the session was made with
        self,
        setup: Setup,
        *,
        owner: Any,
        task: Task,
        n_declared: int,
        init_params: dict[str, Any],
        annotator: str | None,
        ids: tuple[str, ...] | None,
        order: tuple[str, Any] | None,
        items: Any,
    ) -> None:
        self.setup = setup
        self.owner = owner
        self.task = task
        self.kind = task.label_kind
        self.n_declared = n_declared
        self.init_params = init_params
        self.annotator = annotator
        self.ids = ids
        self.order = order
        self.items = items
        self.baseline: Baseline | None = None
        self.growing = threading.RLock()  # held while samples are added; taken before the log's lock, never after
        # How some samples differ from those before them, by their first row and the one behind their last.
        self.sample_drifts: dict[tuple[int, int], Drift] = {}
        # The advice that was given last, behind what it was given on.
        self.advised: tuple[Rule, History, bool, bool, Found | None, Advice] | None = None
        self.presences = Presences(self.notify)
        # Never changed, but replaced.
        self.remapped: Mapping[Any, str] = MappingProxyType({})

    def start(self, log: EventLog) -> None:
        """Take the log that was opened, and begin to work on it."""
        self.log = log
        self.answers = GroupCommit(log)
        self.engine = Engine(self.setup, log, self.notify)
        self.inspector = Inspector(log, self.engine)
        self.listeners = Listeners(log, self.engine.callbacks)

    @property
    def n_samples(self) -> int:
        """The rows of the pool."""
        return self.log.state.n_samples

    @property
    def classes(self) -> tuple[Any, ...]:
        """The possible answers, those that were added among them."""
        return self.log.state.classes

    @cached_property
    def fingerprint(self) -> dict[str, Any]:
        """Fingerprint of the samples that the pool began with, at first access; they may be modified later."""
        return pool_of(pool_of(self.setup.X).first(self.setup.n_first)).fingerprint()

    def identity(self, classes: tuple[Any, ...]) -> dict[str, Any]:
        """Return the identity of the session: fingerprint of the pool, classes, seed."""
        return {"pool": self.fingerprint, "classes": list(classes), "random_state": self.setup.random_state}

    def sample_id(self, item: int) -> str:
        """Return the id of a row: its own, or the hash of what is in it."""
        return self.ids[item] if self.ids is not None else pool.sample_id(self.setup.X, item)

    @cached_property
    def rows_of_ids(self) -> Mapping[str, int]:
        """Rows by the ids of their samples, and by the hash of the text that is shown of them; the first of equal ones.

        Costs a hash of every sample.
        """
        self.check_pool()
        known = list(self.ids) if self.ids is not None else pool.sample_ids(self.setup.X)
        found: dict[str, int] = {}
        for row, name in enumerate((*known, *shown_ids(self.items, self.setup.X))):
            found.setdefault(name, row % len(known))
        return MappingProxyType(found)

    def of_state(self, read: Callable[[State], _Value]) -> _Value:
        """Read the state under the lock, and return the result."""
        with self.log.lock:
            return read(self.log.state)

    def check_ready(self, name: str) -> None:
        """Raise if a method that waits for the session is called from within it, or on a closed one."""
        self.engine.callbacks.check_outside(name)
        self.log.check_open()

    def check_pool(self) -> None:
        """Raise the error of a closed session if the pool was released."""
        if self.setup.X is None:
            self.log.check_open()

    def check_item(self, item: Any) -> int:
        """Validate a row number of the pool."""
        return row_validation.check_item(item, self.n_samples)

    def check_label(self, label: Any) -> Label:
        """Validate a label: one of the classes, or in a multilabel task a set of them."""
        code_of = self.log.state.code_of
        return label_validation.check_label(label, self.classes, code_of, self.kind)

    def name_of(self, annotator: Any, event_id: str | None = None) -> str | None:
        """Return the annotator's name: the given one, or the session's; with a team one of it.

        Who has left the team since may send again what is recorded of them.
        """
        name = validation.check_annotator(annotator) or self.annotator
        if name is not None and self.engine.team is not None and not self._is_of(event_id, name):
            self.engine.team.role(name)
        return name

    def _is_of(self, event_id: str | None, name: str) -> bool:
        """Return whether an id is that of something that somebody did."""
        if not isinstance(event_id, str):
            return False
        with self.log.lock:
            return getattr(self.log.state.recorded(event_id), "annotator", None) == name

    def answering(self, annotator: Any, event_id: str | None = None) -> Any:
        """Return the name of who answers, which with a team there must be."""
        name = self.name_of(annotator, event_id)
        if name is None and self.engine.team is not None:
            people = ", ".join((*self.engine.team.annotators, *self.engine.team.experts))
            raise ValueError(f"annotator is None; expected who of the team answers: {people}.")
        return name

    def record(self, kind: type[Event], **values: Any) -> None:
        """Record one event, now, and go on from it."""
        with self.log.lock:
            self.log.check_open()
            self.log.record(kind(id=new_id(), at=time.time(), **values))
        self.engine.changed()

    def keep_features(self, folder: Path | None) -> None:
        """Have features of texts that take long to compute kept in the session's folder."""
        if folder is not None:
            keeping.write_to(self.setup.model_spec, folder)

    def let_go(self) -> None:
        """Release the pool and everything computed from it, once the session is closed."""
        self.notify()
        self.engine.let_go()
        self.setup = self.engine.setup
        self.init_params = {
            name: value for name, value in self.init_params.items() if name not in ("X", "items", "embed")
        }
        self.items = None

    def notify(self) -> None:
        """Notify the listeners of a change."""
        self.listeners.notify()
