"""A session over a project of Label Studio: its questions brought there, the answers fetched, the next brought."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote

from alwidgets.bridges import hints, labeling_config, listing
from alwidgets.bridges.client import Client, LabelStudioError, unlike_a_token
from alwidgets.bridges.files import Uploads
from alwidgets.bridges.outcomes import Pushed, Status
from alwidgets.bridges.people import check_names
from alwidgets.bridges.tasks import Quarantined, StudioTask, account_of, data_of, read, record_of
from alwidgets.io.accounts import name_of
from alwidgets.io.fields import fields_of
from alwidgets.io.records import AnswerRecord, moment
from alwidgets.session.receiving import Received
from alwidgets.session.session import view_of
from alwidgets.utils.checks import as_whole_number, check_count, check_positive
from alwidgets.utils.text import sanitize, type_name

if TYPE_CHECKING:
    from alwidgets.annotation.team import Team
    from alwidgets.session.session import Session

__all__ = ["LabelStudio", "Pushed", "Status"]

_LOG = logging.getLogger(__name__)
# A change has its time before others can see it: each look goes back a little, and now and then far enough for one
# that had to wait for the database.
_OVERLAP, _LONG_OVERLAP, _LONG_EVERY = 0.5, 60.0, 30.0
# Nobody can ask who has a task open. One that is withdrawn is shown to nobody else from then on, and whoever has it
# open has so many seconds to answer it before it is deleted.
_GRACE = 600.0
# Of a session's id, in the title of its project, of which there may be 50 characters.
_N_ID, _N_NAME = 12, 30
# Without a wait, in which nothing happens, between two tries of a server that is away.
_LONGEST_PAUSE = 30.0


@dataclass(frozen=True, slots=True)
class _Order:
    """In which order tasks are to be asked: a version of it, the model's round, and the scores that are new in it."""

    version: str
    round: int
    is_new: bool
    added: Mapping[int, float]

    def prediction(self, score: float) -> dict[str, Any]:
        """Return a prediction that says no more than a score: without a result nothing is shown."""
        return {"result": [], "score": score, "model_version": self.version}


class LabelStudio:
    """A session's questions, labeled in a project of Label Studio with the session's model in the loop.

    Nothing is remembered beside the session and the project: every task has the id of its sample, so that after a kill
    at any moment a new `LabelStudio` on the session goes on where this one was. Whatever call fails, the session and
    what was fetched are as they were, and the same call can be made again.

    Parameters
    ----------
    session : Session
        Whose questions. Its model is fitted in the background whenever enough answers came.
    url : str
        Address of Label Studio, such as ``"http://localhost:8080"``.
    token : str
        A personal access token, or a legacy token. It is kept in memory alone, and shown nowhere.
    project : int, optional
        Number of an existing project whose labeling config has the session's classes; default the project of this
        session, which is made when there is none.
    n_tasks : int, optional
        How many tasks are to be open at a time; default two batches. A few for each annotator. With a team so many that
        nobody has answered, beside those that want more answers.
    annotators : mapping of str to str, optional
        E-mail address over there -> name in the session, of a team too. Whoever is not in it answers under the address.

    Raises
    ------
    ValueError, TypeError
        If an argument is not what it should be, or the project asks for something else.
    LabelStudioError
        If the server is away or refused the token. It has a `status`, 0 where no answer came.

    Attributes
    ----------
    project : int
        Number of the project.
    session : Session
        Whose questions.

    Examples
    --------
    >>> studio = LabelStudio(session, "http://localhost:8080", token)  # doctest: +SKIP
    >>> studio.run(until=200)  # doctest: +SKIP
    LabelStudio('http://localhost:8080/projects/3/data', 16 tasks open, 203 answers, 0 quarantined)
    """

    def __init__(
        self,
        session: Session,
        url: str,
        token: str,
        project: int | None = None,
        *,
        n_tasks: int | None = None,
        annotators: Mapping[str, str] | None = None,
    ) -> None:
        client = _connected(session, url, token, project)
        # What is raised may be printed with what this frame holds.
        del url, token
        if isinstance(client, Exception):
            del session, project
            raise client
        number = None if project is None else as_whole_number(project)
        self.n_tasks = (
            2 * int(session.init_params["batch_size"]) if n_tasks is None else check_count("n_tasks", n_tasks)
        )
        self._team = None if session.team is None else session.team.members
        self._given_names = check_names(annotators, self._team)
        self.session, self._view = session, view_of(session)
        self._client = client
        self._lock = threading.RLock()
        self._user = self._client.call("GET", "/api/current-user/whoami", what="Asking who this is")
        if not isinstance(self._user, Mapping) or "email" not in self._user:
            raise ValueError(f"what answers at {self._client.url} is not Label Studio; expected its address.")
        self._names: dict[int, str] = {}
        self._status, self._listeners = Status(), list[Callable[[], None]]()
        # What is over there, as far as it was looked at.
        self._is_known = False
        self._tasks: dict[int, StudioTask] = {}
        self._quarantined: dict[tuple[int, int], Quarantined] = {}
        self._newest, self._looked_far_at = 0.0, 0.0
        # Since when tasks are withdrawn.
        self._withdrawn: dict[int, float] = {}
        # The scores by which tasks are asked, and the model they are of.
        self._version, self._round, self._scores = "", -1, dict[int, float]()
        found = self._own_project() if number is None else self._got(number)
        self.project = int(found["id"])
        self._uploads = Uploads(self._client, self.project, session.media_root)
        # A project has one number here, and may have another one once its server was moved.
        made_at = sha256(str(found["created_at"]).encode()).hexdigest()[:6]
        self._source = f"label_studio project {self.project} ({made_at})"
        self._is_own = self._short_id in found["title"] or session.session_id in found["description"]
        self._config, self._classes = "", tuple[Any, ...]()
        self._fit(found)
        # Who only pulls leaves the project as it is.
        self._to_set = {name: value for name, value in self._settings.items() if found.get(name) != value}
        self._view.set_prefetch(self.n_tasks)

    # What a user reads

    @property
    def url(self) -> str:
        """Address of the project, where annotators label."""
        return f"{self._client.url}/projects/{self.project}/data"

    @property
    def status(self) -> Status:
        """State of the project, as far as was looked at; asks nobody and waits for nothing."""
        return self._status

    @property
    def quarantined(self) -> tuple[Quarantined, ...]:
        """Answers over there that do not fit and were not taken in, each with the reason, as far as was fetched."""
        return self._status.quarantined

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call a function whenever `status` is another, from any thread; return a function that ends that."""
        self._listeners.append(listener)

        def remove() -> None:
            with suppress(ValueError):
                self._listeners.remove(listener)

        return remove

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        # A bridge knows no widget; the package has one for it.
        import alwidgets

        return alwidgets.LabelStudioPanel(self)._repr_mimebundle_(**kwargs)

    def __repr__(self) -> str:
        now = self._status
        return (
            f"LabelStudio({self.url!r}, {now.n_open} tasks open, {now.n_answers} answers, "
            f"{len(now.quarantined)} quarantined)"
        )

    def __reduce__(self) -> NoReturn:
        raise TypeError("this holds a token, which is written to no file; make it again where it is needed.")

    # What it does

    def pull(self) -> Received:
        """Fetch what is new over there: answers, skips, corrections and deletions, of all annotators.

        Returns
        -------
        received : Received
            What became of them; those that do not fit are in `quarantined` until they are corrected there.

        Raises
        ------
        LabelStudioError
            If the server is away, the token has ended or the project was deleted; nothing has changed then.
        """
        with self._lock, self._told():
            return self._pull(everything=not self._is_known)

    def push(self, n: int | None = None) -> Pushed:
        """Bring the session's questions, in their order, and withdraw those that are not questions any more.

        Parameters
        ----------
        n : int, optional
            How many are to be open; default `n_tasks`. A large number brings so many in one call.

        Returns
        -------
        pushed : Pushed
            What was brought and withdrawn. Costs a call, and up to three more where there is anything new.

        Raises
        ------
        LabelStudioError
            As of `pull`; what was brought is found by the next call.
        ValueError
            If the classes over there are others since, or a sample has not what the project shows.
        """
        wanted = self.n_tasks if n is None else check_count("n", n)
        with self._lock, self._told():
            if not self._is_known:
                self._pull(everything=True)
            found = self._got(self.project, "?include=id,label_config,task_number")
            self._fit(found)
            if self._to_set:
                self._patch(self._to_set, "Setting up")
                self._to_set = {}
            if found["task_number"] != len(self._tasks):
                # Somebody deleted tasks, or brought some.
                self._pull(everything=True)
            rows = self._asked(wanted)
            try:
                return self._push(rows)
            except BaseException:
                # What was done of it is over there to be seen; in which order is not.
                self._is_known, self._round = False, -1
                raise

    def step(self) -> tuple[Received, Pushed]:
        """Pull, then push; the session's model is fitted in the background when it is due.

        Returns
        -------
        received : Received
            As of `pull`.
        pushed : Pushed
            As of `push`.
        """
        return self.pull(), self.push()

    def run(
        self, until: int | Callable[[Session], bool] | None = None, *, poll_seconds: float = 1.0, push: bool = True
    ) -> LabelStudio:
        """Step again and again, while annotators label; a server that is away is waited for.

        Where the session is served with `ml_backend=True` and the project knows its address, every answer there ends
        the pause at once.

        Parameters
        ----------
        until : int or callable, optional
            Number of labeled samples, or a function of the session that says when to end; default until the stopping
            rule advises to stop. It ends in any case when every sample has an answer, and can be interrupted.
        poll_seconds : float
            Pause between two looks.
        push : bool
            Whether questions are brought. Without, answers are only fetched, and the project keeps its own tasks, order
            and settings.

        Returns
        -------
        self : LabelStudio

        Raises
        ------
        LabelStudioError
            If the token has ended or the project was deleted.
        """
        ended, pause = _ended(until), check_positive("poll_seconds", poll_seconds)
        waited, look = pause, self.step if push else self.pull
        with hints.awaited(self.session.session_id) as news:
            while True:
                # What comes while this looks may be too late for it.
                news.clear()
                try:
                    look()
                    waited = pause
                except LabelStudioError as error:
                    if not error.may_pass:
                        raise
                    if waited == pause:
                        _LOG.warning("%s It is tried again.", error)
                    waited = min(2 * waited, max(pause, _LONGEST_PAUSE))
                if ended(self.session):
                    return self
                news.wait(waited)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell the listeners how a call ended."""
        problem = ""
        try:
            yield
        except (LabelStudioError, ValueError) as error:
            problem = str(error)
            raise
        finally:
            self._status = Status(
                n_open=self._n_open(),
                n_answers=sum(len(task.records) + len(task.unreadable) for task in self._tasks.values()),
                quarantined=tuple(self._quarantined[key] for key in sorted(self._quarantined)),
                problem=problem,
            )
            for listener in tuple(self._listeners):
                listener()

    # The project

    @property
    def _short_id(self) -> str:
        return self.session.session_id[:_N_ID]

    def _got(self, number: int, fields: str = "") -> Any:
        what, of = f"Looking at project {number}", f"project {number} at {self._client.url}"
        return self._client.call("GET", f"/api/projects/{number}/{fields}", what=what, of=of)

    def _own_project(self) -> Any:
        """Return the project of this session, which its title names; a new one where there is none."""
        found = self._client.call(
            "GET", f"/api/projects/?title={quote(self._short_id)}&page_size=100", what="Looking for the project"
        )
        if found["results"]:
            # Of two, which a kill may leave, always the same.
            return min(found["results"], key=lambda each: each["id"])
        session = self.session
        name = sanitize(session.progress.saved_as or "alwidgets").removesuffix(".alw")[:_N_NAME]
        fields = self._fields(0)
        config = labeling_config.made(session.task.kind, session.classes, fields, session.task.question)
        body = {
            "title": f"{name} {self._short_id}",
            "description": f"Questions of the alwidgets session {session.session_id}.",
            "label_config": config,
            "expert_instruction": session.task.instructions,
            "show_instruction": bool(session.task.instructions),
            **self._settings,
        }
        return self._client.call("POST", "/api/projects/", body, what="Making a project")

    @property
    def _settings(self) -> dict[str, Any]:
        return {
            # Which is by the lowest score first.
            "sampling": "Uncertainty sampling",
            # A prediction that is shown is chosen already: its own key takes the choice away, and what is then saved
            # is an answer without a class. Nor is anybody to be led by the model.
            "show_collab_predictions": False,
            # Only where no class at all is an answer.
            "enable_empty_annotation": self.session.task.multilabel,
            **({} if self._team is None else self._of_team(self._team)),
        }

    @staticmethod
    def _of_team(team: Team) -> dict[str, Any]:
        # Not to know is not an answer: the task is asked of others.
        return {"maximum_annotations": team.answers, "skip_queue": "REQUEUE_FOR_OTHERS"}

    def _patch(self, body: Mapping[str, Any], what: str) -> Any:
        of = f"project {self.project}"
        return self._client.call("PATCH", f"/api/projects/{self.project}/", body, what=f"{what} {of}", of=of)

    def _fit(self, found: Mapping[str, Any]) -> None:
        """Look whether the project asks what the session asks, and add the classes that the session has since."""
        classes, config = self.session.classes, found["label_config"]
        if (config, classes) == (self._config, self._classes):
            return
        try:
            control = labeling_config.fitted(config, self.session.task.kind, classes, may_lack=self._is_own)
        except ValueError as error:
            raise ValueError(f"project {self.project} at {self._client.url} asks something else: {error}") from None
        new = [name for name in classes if str(name) not in control.classes] if control.tag == "Choices" else []
        if new:
            config = labeling_config.with_classes(config, control, new)
            config = self._patch({"label_config": config}, "Adding a class to")["label_config"]
        self._control, self._config, self._classes = control, config, classes

    # Pulling

    def _pull(self, *, everything: bool) -> Received:
        now = time.monotonic()
        far = everything or now - self._looked_far_at > _LONG_EVERY
        since = 0.0 if everything else self._newest - (_LONG_OVERLAP if far else _OVERLAP)
        listed = listing.changed_since(self._client, self.project, since)
        known = {} if everything else self._tasks
        changed = [each for each in listed if getattr(known.get(each["id"]), "updated_at", "") != each["updated_at"]]
        self._learn_names(changed)
        listing.add_shown(self._client, self.project, changed)
        new = {each["id"]: self._task(each) for each in changed}
        tasks = known | new
        rows = {task.row for task in new.values()} - {None}
        touched = [task for task in tasks.values() if task.id in new or task.row in rows]
        received, quarantined = self._received(touched) if touched else (Received(0, 0), [])
        kept = {} if everything else {key: each for key, each in self._quarantined.items() if key[0] in tasks}
        of_touched = {task.id for task in touched}
        self._quarantined = {key: each for key, each in kept.items() if key[0] not in of_touched}
        self._quarantined |= {(each.task, each.annotation): each for each in quarantined}
        self._tasks, self._is_known = tasks, True
        self._newest = max([self._newest, *(moment(each["updated_at"]) or 0.0 for each in changed)])
        self._looked_far_at = now if far else self._looked_far_at
        return received

    def _learn_names(self, listed: Iterable[Mapping[str, Any]]) -> None:
        who = {account_of(annotation) for task in listed for annotation in task["annotations"]} - {None}
        if who - self._names.keys():
            users = self._client.call("GET", "/api/users/", what="Fetching who answered")
            self._names |= {user["id"]: name_of(user["email"], self._given_names) for user in users}

    def _task(self, listed: Mapping[str, Any]) -> StudioTask:
        data = listed["data"]
        return StudioTask(
            id=listed["id"],
            updated_at=listed["updated_at"],
            row=self._view.row_of(record_of(data)),
            is_ours=data.get("alw_session") == self.session.session_id,
            **read(listed, self._control, self._source, self._names),
        )

    def _received(self, touched: Sequence[StudioTask]) -> tuple[Received, list[Quarantined]]:
        """Have the session take in all answers to some samples; what it had and is not among them was deleted."""
        records = [record for task in touched for record in task.records]
        rows = {task.row for task in touched if task.row is not None}
        none = [AnswerRecord(sample=self.session.sample_id(row), answer=None, source=self._source) for row in rows]
        received = self.session.receive([*records, *none], complete=True)
        of_annotation = {record.id: task.id for task in touched for record in task.records}
        quarantined = [
            Quarantined(
                of_annotation[refused.record.id], int(refused.record.id), refused.record.sample,
                refused.record.annotator, refused.reason,
            )
            for refused in received.refused
        ]  # fmt: skip
        unreadable = [each for task in touched for each in task.unreadable]
        return replace(received, n_known=received.n_known - len(none)), [*quarantined, *unreadable]

    # Pushing

    @property
    def _done(self) -> set[int | None]:
        """Rows that are not asked again over there: a team asks until the session has enough answers."""
        return set() if self._team else {task.row for task in self._tasks.values() if task.is_answered}

    def _open(self) -> dict[int, int]:
        """Return the tasks that may be asked by their rows, the first of several to a row."""
        done, found = self._done, dict[int, int]()
        for number in sorted(self._tasks):
            row = self._tasks[number].row
            if row is not None and row not in done:
                found.setdefault(row, number)
        return found

    def _n_open(self) -> int:
        return sum(
            number not in self._withdrawn and not (self._team and self._tasks[number].is_labeled)
            for number in self._open().values()
        )

    def _asked(self, n: int) -> dict[int, int]:
        """Return the rows that are to be open over there, best first, and how many answers each lacks.

        So many of them are fresh, beside those that are there already.
        """
        # What was answered by something that does not fit is not asked again until that is put right there.
        done = self._done
        n_stuck = sum(row in done for row in self._view.queue)
        wanted = self._view.wanted(n + n_stuck)
        fresh = [row for row in self._view.queue if row not in done]
        later = set(fresh[n:]) - self._open().keys()
        return {row: lacks for row, lacks in wanted.items() if row not in done and row not in later}

    def _push(self, rows: Mapping[int, int]) -> Pushed:
        there = self._open()
        new = [row for row in rows if row not in there]
        wanted = {there[row] for row in rows if row in there}
        unwanted = [task.id for task in self._tasks.values() if not task.is_answered and task.id not in wanted]
        order = self._order(list(rows), there, unwanted)
        imported = self._imported(new, order) if new else {}
        if self._team:
            self._set_overlap(rows, {**there, **imported})
        self._tell_order(order, there, imported)
        now, ours = time.monotonic(), [number for number in unwanted if self._tasks[number].is_ours]
        before = self._withdrawn
        self._withdrawn = {number: before.get(number, now) for number in ours}
        old = [number for number, since in self._withdrawn.items() if now - since >= _GRACE]
        deleted, gone = listing.deleted(self._client, self.project, old)
        for number in (*deleted, *gone):
            del self._tasks[number], self._withdrawn[number]
        return Pushed(len(new), len(rows), len(self._withdrawn.keys() - before.keys()), len(deleted))

    def _set_overlap(self, rows: Mapping[int, int], numbers: Mapping[int, int]) -> None:
        """Have each task asked of as many people as its sample lacks answers, and of nobody where it has enough."""
        asked = {numbers[row]: lacks for row, lacks in rows.items()}
        for number, task in tuple(self._tasks.items()):
            n_people = task.n_people + asked.get(number, 0)
            has_enough = number not in asked
            if task.row is None or (has_enough and not task.is_answered):
                continue
            if task.is_labeled != has_enough or (task.overlap != n_people and not has_enough):
                now = replace(task, overlap=max(1, n_people), is_labeled=has_enough)
                body = {"overlap": now.overlap, "is_labeled": now.is_labeled}
                what, of = "Setting how many people are asked", f"project {self.project}"
                self._client.call("PATCH", f"/api/tasks/{number}/", body, what=what, of=of)
                self._tasks[number] = now

    def _fields(self, row: int) -> dict[str, Any]:
        return fields_of(self.session.item(row)) or {"text": f"sample {row}"}

    def _imported(self, rows: Sequence[int], order: _Order) -> dict[int, int]:
        """Bring samples as tasks with their scores, all or none; return the numbers of the tasks by row."""
        tasks = [{"data": self._data(row), "predictions": [order.prediction(order.added[row])]} for row in rows]
        place = f"/api/projects/{self.project}/import?return_task_ids=true"
        made = self._client.call("POST", place, tasks, what="Bringing tasks", of=f"project {self.project}")
        numbers = dict(zip(rows, made["task_ids"], strict=True))
        for row, number in numbers.items():
            overlap = 1 if self._team is None else self._team.answers
            self._tasks[number] = StudioTask(number, "", row, is_ours=True, is_answered=False, overlap=overlap)
        return numbers

    def _data(self, row: int) -> dict[str, Any]:
        shown = data_of(self._uploads.with_addresses(self._fields(row)), self._control.shows)
        own = {"alw_id": self.session.sample_id(row), "alw_row": row, "alw_session": self.session.session_id}
        return shown | own

    def _order(self, rows: Sequence[int], there: Mapping[int, int], unwanted: Iterable[int]) -> _Order:
        """Return the scores that have tasks asked in an order, and no others while there are any of them.

        Only tasks with a prediction of the project's model version are asked by their score. One that is withdrawn has
        none in the next version.
        """
        scores, model = self._scores, self.session.progress.round
        known = [scores[there[row]] for row in rows if there.get(row) in scores]
        new = [row for row in rows if there.get(row) not in scores]
        behind = rows[len(known) :] == new and known == sorted(known)
        is_new = model != self._round or not behind or not scores.keys().isdisjoint(unwanted)
        version = f"round-{model} {secrets.token_hex(3)}" if is_new else self._version
        first, told = (0, rows) if is_new else (len(scores), new)
        # From 0 up to 1: one outside is dropped.
        added = {row: 1 - 1 / (1 + place) for place, row in enumerate(told, start=first)}
        return _Order(version, model, is_new and bool(rows), added)

    def _tell_order(self, order: _Order, there: Mapping[int, int], imported: Mapping[int, int]) -> None:
        """Give the tasks that were there a score, as the new ones have, and have the project go by it."""
        told = [
            {"task": there[row], **order.prediction(score)} for row, score in order.added.items() if row not in imported
        ]
        if told:
            place = f"/api/projects/{self.project}/import/predictions"
            self._client.call("POST", place, told, what="Bringing the order", of=f"project {self.project}")
        if order.is_new:
            self._patch({"model_version": order.version}, "Setting the order of")
        numbers = {**there, **imported}
        before = {} if order.is_new else self._scores
        self._version, self._round = order.version, order.round
        self._scores = {**before, **{numbers[row]: score for row, score in order.added.items()}}


def _connected(session: Any, url: Any, token: Any, project: Any) -> Client | Exception:
    """Return the client, or the error in the arguments, without the frames that hold the token."""
    try:
        _check_session(session)
        _check_project(project)
        return Client(url, token)
    except (TypeError, ValueError) as error:
        error.__context__ = None
        return error.with_traceback(None)


def _check_project(project: Any) -> None:
    if project is not None and as_whole_number(project) is None:
        raise TypeError(f"project is {unlike_a_token(project)}; expected the number of one, or None.")


def _check_session(session: Any) -> None:
    if not hasattr(session, "receive"):
        raise TypeError(f"session is {type_name(session)}; expected a Session.")
    if session.closed or session.read_only:
        state = "is closed" if session.closed else "only reads"
        raise ValueError(f"the session {state}; label where it is open to write.")


def _ended(until: Any) -> Callable[[Session], bool]:
    """Return the function of a session that says when to end."""
    if until is None:
        return lambda session: bool(session.advice.stop) or _is_exhausted(session)
    if callable(until):
        return lambda session: bool(until(session)) or _is_exhausted(session)
    n_labels = check_count("until", until)
    return lambda session: session.progress.n_labeled >= n_labels or _is_exhausted(session)


def _is_exhausted(session: Session) -> bool:
    progress = session.progress
    return progress.n_labeled + progress.n_skipped + progress.n_copies >= progress.n_samples
