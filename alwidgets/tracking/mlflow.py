"""Sessions in MLflow: a run a session, a version of a registered model a round, an alias on the one in use."""

from __future__ import annotations

import logging
import shutil
import tempfile
import threading
import weakref
from collections import OrderedDict
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alwidgets.journal.events import Decided, Drifted, Event, Extended, RolledBack, Trained
from alwidgets.session.export import about_model, write_journal
from alwidgets.session.session import view_of
from alwidgets.session.validation import check_round
from alwidgets.tracking.facts import metrics_of, params_of
from alwidgets.tracking.model_files import NotSentError, write_folder
from alwidgets.tracking.sender import Sender
from alwidgets.tracking.server import Server, prepare
from alwidgets.utils.text import sanitize, short_repr

if TYPE_CHECKING:
    from alwidgets.session.session import Session

__all__ = ["Tracking", "track"]

_LOG = logging.getLogger(__name__)
# Models that wait to be sent and are not to be fitted anew.
_MOST_KEPT = 8
# By the session's id: a session that was reopened has the run of the one before.
_TRACKED: weakref.WeakValueDictionary[str, Tracking] = weakref.WeakValueDictionary()


def __dir__() -> list[str]:
    return __all__


def track(
    session: Session,
    *,
    experiment: str = "alwidgets",
    register: str | None = None,
    alias: str = "champion",
    uri: str | None = None,
    run_name: str | None = None,
) -> Tracking:
    """Track a session in MLflow from now on, and send what happened before.

    A thread of its own sends; labeling never waits for it. What a server that is away did not get is kept, since the
    journal has it, and is sent when the server is back or the session is tracked again: a session has one run, which
    is found by the session's id. What is sent, and what never is, says ``docs/tracking.md``. Takes seconds where MLflow
    has not been imported yet or the SQLite file is new.

    Parameters
    ----------
    session : Session
        Whose rounds are logged: metrics by number of labels, parameters, hashes of the pool and of each training set,
        and, when it is closed, its journal as an artifact.
    experiment : str
        Name of MLflow's experiment; made if it is not there.
    register : str, optional
        Name of the registered model of which the model of each round becomes a version, written with skops.
    alias : str
        Points to the version in use; moved by ``session.decide("stop")`` and `Tracking.promote`, by nothing else.
    uri : str, optional
        Tracking server or database, such as ``"http://localhost:5000"`` or ``"sqlite:///mlflow.db"``; default what
        MLflow is set to.
    run_name : str, optional
        What MLflow shows; default the name of the journal.

    Returns
    -------
    tracking : Tracking
        Says how far it is.

    Raises
    ------
    ImportError
        If MLflow is not installed.
    ValueError, TypeError
        If the session is closed, only reads, or is tracked already, or a name is not valid.
    """
    names = {"experiment": experiment, "register": register, "alias": alias, "uri": uri, "run_name": run_name}
    for name, value in names.items():
        may_be_none = name not in ("experiment", "alias")
        if not ((value is None and may_be_none) or (isinstance(value, str) and value.strip())):
            raise TypeError(f"{name} is {short_repr(value)}; expected a name.")
    if find_spec("mlflow") is None or find_spec("skops") is None:
        raise ImportError('MLflow or skops is not installed; pip install "alwidgets[mlflow]".')
    if session.closed or session.read_only:
        raise ValueError(
            f"the session {'is closed' if session.closed else 'only reads'}; track it where it is open to write."
        )
    before = _TRACKED.get(session.session_id)
    if before is not None and before.of(session) and not before.closed:
        raise ValueError("the session is tracked already; close() that tracking first.")
    # It takes seconds, and would slow the labeling down if a thread beside it did it.
    import_module("mlflow")
    prepare(uri)
    made = Tracking(session, Place(uri, experiment, register, alias, run_name), before)
    _TRACKED[session.session_id] = made
    return made


@dataclass(frozen=True)
class Place:
    """Connection of a session to where it is tracked; see `track`."""

    uri: str | None
    experiment: str
    register: str | None
    alias: str
    run_name: str | None


class Tracking:
    """A session that is tracked in MLflow; made by `track`.

    Attributes
    ----------
    run_id : str or None
        MLflow's run; None until the server has answered.
    versions : dict of int to str
        Round -> version of the registered model, as far as they are there.
    not_sent : dict of int to str
        Round -> why its model is not registered.
    closed : bool
        Whether nothing is sent any more.
    """

    def __init__(self, session: Session, place: Place, before: Tracking | None = None) -> None:
        self.versions: dict[int, str] = {}
        self.not_sent: dict[int, str] = {}
        self.closed = False
        self._session = session
        self._view = view_of(session)
        self._place = place
        self._before = before
        # What is asked of the session when it may be closed.
        self._params, self._pool = params_of(session), session.identity["pool"]
        self._texts = session.X if self._pool["kind"] == "texts" else None
        self._server: Server | None = None
        self._run_id: str | None = None
        self._n_sent = self._n_known = self._n_kept = 0
        self._training_sets: dict[int, str] = {}
        self._decision: tuple[str, int] | None = None
        self._lock = threading.Lock()
        self._learners: OrderedDict[int, Any] = OrderedDict()
        self._promotions: list[tuple[int, Future[str]]] = []
        self._ending = False
        self._sender = Sender(self._bring, "Sending to MLflow")
        self._removes = (session.on_event(self._hear), self._view.on_change(self._look))
        self._sender.wake()

    def of(self, session: Session) -> bool:
        """Return whether it is this session, and not one that was open before with the same journal."""
        return self._session is session

    @property
    def run_id(self) -> str | None:
        """MLflow's run; None until the server has answered."""
        return self._run_id

    @property
    def problem(self) -> str:
        """Reason why waiting items could not be sent yet; empty if they could."""
        return self._sender.problem

    @property
    def n_waiting(self) -> int:
        """Events of the session that were not sent yet."""
        return len(self._session.events) - self._n_sent

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until all that happened until now was sent.

        Parameters
        ----------
        timeout : float, optional
            Seconds.

        Returns
        -------
        sent : bool
            False when the server is away, as `problem` says, or the timeout ran out first; it is sent later then.
        """
        return self._sender.wait(timeout)

    def promote(self, round: int, *, timeout: float = 60.0) -> str:  # noqa: A002 - the glossary's word
        """Point the alias to the model of a round, which becomes the one in use; back to an earlier one as well.

        Parameters
        ----------
        round : int
            One of `Session.versions`.
        timeout : float
            Seconds to wait for the server.

        Returns
        -------
        version : str
            That of the registered model.

        Raises
        ------
        ValueError
            If there is no such round, its model cannot be registered, or `register` was not given.
        RuntimeError
            If the server refused it or is away; the alias is where it was.
        TimeoutError
            If it does not answer in time: the alias may still be moved when it does.
        """
        if self._place.register is None:
            raise ValueError("nothing is registered; track the session with register= and the name of a model.")
        if self.closed:
            raise ValueError("this tracking is closed; track the session again.")
        number, asked = check_round(round), Future[str]()
        if number not in set(self._session.versions["round"]):
            raise ValueError(f"round is {number}; expected one of session.versions.")
        with self._lock:
            self._promotions.append((number, asked))
        self._sender.wake()
        self._sender.hurry()
        try:
            return asked.result(timeout)
        except FutureTimeoutError:
            with self._lock:
                self._promotions = [each for each in self._promotions if each[1] is not asked]
            raise TimeoutError(
                f"MLflow did not answer within {timeout:g} s; {self.problem or 'it may still move the alias.'}"
            ) from None

    def close(self, timeout: float | None = 30.0) -> bool:
        """Send what waits and the journal, end the run, and send no more; the session goes on.

        Parameters
        ----------
        timeout : float, optional
            Seconds to wait for the server; None waits until it has all.

        Returns
        -------
        sent : bool
            Whether all was sent; what was not is sent when the session is tracked again.
        """
        if self.closed:
            return not self.problem
        self._ending = True
        self._sender.wake()
        sent = self._sender.wait(timeout)
        self._let_go()
        self._sender.stop()
        return sent

    def __repr__(self) -> str:
        state = "closed" if self.closed else self.problem or f"{self.n_waiting} events wait"
        return f"Tracking(run {self.run_id}, {len(self.versions)} versions, {state})"

    # In the cycle: nothing here calls MLflow.

    def _hear(self, event: Event) -> None:
        if isinstance(event, Trained) and self._place.register is not None:
            number = event.record.round
            learner = self._view.at_hand(number)
            if learner is not None:
                with self._lock:
                    self._learners[number] = learner
                    while len(self._learners) > _MOST_KEPT:
                        self._learners.popitem(last=False)
        self._sender.wake()

    def _look(self) -> None:
        if self._session.closed and not self._ending:
            self._ending = True
            self._sender.wake()

    # In the thread that sends.

    def _bring(self) -> bool:
        """Bring MLflow up to date with the session: what the journal has and the run does not; say if that is all."""
        try:
            server = self._server or self._opened()
            self._send_events(server)
            if self._place.register is not None:
                self._register_rounds(server)
                self._follow_decision(server)
                self._promote_asked(server)
            if self._ending and not self.closed:
                self._send_journal(server)
                server.end()
        except BaseException as error:
            self._refuse_asked(error)
            # What the server has by now is looked up anew: an answer of it may have been lost.
            self._server = None
            raise
        over = self._ending and self._session.closed
        if over:
            self._let_go()
        return over

    def _opened(self) -> Server:
        if self._before is not None:
            # It goes on with what it does, no further: what it did not send is found out anew.
            self._before.drop()
            self._before = None
        place, session = self._place, self._session
        server = Server(place.uri, place.experiment, session.session_id, place.register)
        name = place.run_name or (session.journal.stem if session.journal else session.session_id[:8])
        server.open_run(name, self._params, self._pool)
        if place.register is not None:
            self.versions = server.versions()
        known = [number for number, event in enumerate(session.events, 1) if event.id == server.sent]
        self._n_known = max(known, default=0)
        self._server, self._run_id = server, str(server.run.info.run_id)
        return server

    def _send_events(self, server: Server) -> None:
        events, newest = self._session.events, ""
        while self._n_sent < len(events):
            event = events[self._n_sent]
            if isinstance(event, Trained):
                self._training_sets[event.record.round] = event.training_set
            if isinstance(event, Decided) and event.decision == "stop":
                self._decision = (event.id, self._n_sent + 1)
            # What an earlier process sent is only looked at.
            if isinstance(event, Trained | RolledBack | Decided | Extended | Drifted) and self._n_sent >= self._n_known:
                self._send(server, event)
                newest = event.id
            self._n_sent += 1
        if newest:
            server.tag(sent=newest)

    def _send(self, server: Server, event: Event) -> None:
        if isinstance(event, Trained):
            server.log_round(event, metrics_of(event))
        elif isinstance(event, RolledBack):
            server.tag(rolled_back_to="the round before" if event.round is None else str(event.round))
        elif isinstance(event, Decided):
            server.tag(decision=event.decision)
        elif isinstance(event, Extended):
            server.log_part(event.source, event.content, event.first, event.n_rows)
            if self._texts is not None and not self._session.closed:
                self._texts = self._session.X
        elif isinstance(event, Drifted):
            server.tag(drifted=f"{event.part}: {event.of}")

    def _register_rounds(self, server: Server) -> None:
        for number in sorted(self._training_sets.keys() - self.versions.keys() - self.not_sent.keys()):
            with self._lock:
                learner = self._learners.pop(number, None)
            try:
                self.versions[number] = self._registered(server, number, learner)
            except NotSentError as error:
                self.not_sent[number] = sanitize(str(error))
                _LOG.warning("The model of round %d is not sent to MLflow: %s.", number, self.not_sent[number])

    def _registered(self, server: Server, number: int, learner: Any) -> str:
        with tempfile.TemporaryDirectory() as parent:
            folder = Path(parent) / "model"
            if learner is None:
                learner = self._made_anew(number)
            about = about_model(self._session, learner, number, self._training_sets[number])
            write_folder(folder, learner, about, self._texts)
            try:
                return server.register(folder, number, self._training_sets[number])
            except BaseException:
                with self._lock:
                    self._learners[number] = learner
                raise

    def _made_anew(self, number: int) -> Any:
        try:
            return self._view.model_of(number)
        except Exception as error:
            why = "the session was closed before; track it again when it is open" if self._session.closed else error
            raise NotSentError(f"its model cannot be made anew: {why}") from error

    def _follow_decision(self, server: Server) -> None:
        if self._decision is None:
            return
        event_id, n_events = self._decision
        if event_id != server.decided:
            number = self._view.round_after(n_events)
            if number in self.versions:
                server.point(self._place.alias, self.versions[number])
            else:
                _LOG.warning("The alias %r stays: round %d has no model in MLflow.", self._place.alias, number)
            server.tag(decided=event_id)
        self._decision = None

    def _promote_asked(self, server: Server) -> None:
        with self._lock:
            # A round that is so new that it was not looked at yet comes with the next look, which was asked for too.
            asked = [each for each in self._promotions if each[0] in self._training_sets]
            self._promotions = [each for each in self._promotions if each not in asked]
        for number, reply in asked:
            version = self.versions.get(number)
            if version is None:
                reply.set_exception(
                    ValueError(f"the model of round {number} is not registered: {self.not_sent[number]}.")
                )
                continue
            try:
                server.point(self._place.alias, version)
            except BaseException:
                with self._lock:
                    self._promotions.append((number, reply))
                raise
            reply.set_result(version)

    def _refuse_asked(self, error: BaseException) -> None:
        with self._lock:
            asked, self._promotions = self._promotions, []
        for _, each in asked:
            why = sanitize(f"{type(error).__name__}: {error}")
            each.set_exception(RuntimeError(f"MLflow could not move the alias, which is where it was: {why}"))

    def _send_journal(self, server: Server) -> None:
        n_events = len(self._session.events)
        if n_events == self._n_kept:
            return
        with tempfile.TemporaryDirectory() as parent:
            write_journal(self._session, Path(parent) / "session.alw")
            # One file, which replaces that of an earlier end: of two journals in one folder neither would be sound.
            server.keep(shutil.make_archive(f"{parent}/session.alw", "zip", parent, "session.alw"))
        self._n_kept = n_events

    def drop(self) -> None:
        """Send no more, and return when nothing is being sent."""
        self._let_go()
        self._sender.stop()
        self._sender.join()

    def _let_go(self) -> None:
        self.closed = True
        for remove in self._removes:
            remove()
        self._texts = None
