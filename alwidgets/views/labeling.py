"""The labeling card: questions kept ready, the last answers, where the session stands; and what every key does."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, cast

import numpy as np

from alwidgets.annotation.repeats import Agreement
from alwidgets.journal.events import Labeled
from alwidgets.renderers.texts import visible
from alwidgets.session import Session, view_of
from alwidgets.types import IntArray
from alwidgets.utils.text import sanitize, short_repr
from alwidgets.utils.threads import started
from alwidgets.views import messages
from alwidgets.views.fields import value_of
from alwidgets.views.messages import Done
from alwidgets.views.own_part import own_part
from alwidgets.views.payloads import payloads_of
from alwidgets.views.sent import NearDuplicates, OnlyThese, Sent, Suggested, Why
from alwidgets.views.states import LabelingState, RecentAnswer, StatusShown, TaskShown
from alwidgets.views.view import Handlers, Send, View, signed

if TYPE_CHECKING:
    from alwidgets.journal.events import Answer
    from alwidgets.types import Class, Renderer

_AHEAD = 24
# Questions before each person of a team: nobody else is asked them.
_BEFORE = 6
#: Labels a minute; faster were a script's, or answers that had waited and came at once.
FASTEST = 300
_RECENT = 24
# Larger pools are compared with a sample when it is asked for, not for every sample.
_FEW_TO_COMPARE = 20_000
_MOST_DUPLICATES = 47
_MOST_TILES = 48
_NO_REMARK = ("", "")
_NO_ROWS: IntArray = np.empty(0, np.intp)
_Reply: TypeAlias = tuple[Sent, list[bytes]]
# What else a reply has that could not be found.
_UNTOLD: dict[str, dict[str, Any]] = {"suggest": {"value": None}, "why": {}, "near_duplicates": {"items": [], "n": 0}}
# Questions from one repeat to the next.
_BETWEEN_REPEATS = 3


class LabelingView(View):
    """The questions of a session, one after the other, and the answers to them.

    Everything a message does is a method of the session: `teach`, `skip`, `flag`, `note`, `undo`, `add_class`,
    `suggestion`, `explain`, `near_duplicates`, `answer_repeat`, `remap`.

    Parameters
    ----------
    session : Session
        What to label.
    send, changed : callable
        As of a `View`.
    render : callable, optional
        item -> what to show; default the session's `render`.
    annotator : str, optional
        Whose card it is, as of a `View`; with a team, default the session's annotator, and it shows them nothing that
        others said of what they have not answered themselves.
    """

    def __init__(
        self,
        session: Session,
        send: Send,
        changed: Callable[[], None],
        *,
        render: Renderer | None = None,
        annotator: str | None = None,
    ) -> None:
        super().__init__(session, send, changed, annotator=annotator)
        self._renderer = render or session.render
        team = session.team
        # For one person the page says who it is, message by message.
        self._annotator = None if team is None else annotator or session.annotator
        self.annotator = self._annotator or self.annotator
        self.check_member()
        self._own = None if self.annotator is None else self.view_model.own_answers(self.annotator)
        self._n_before = _BEFORE
        # Notes and those of flags, as the page knows them.
        self._remarks = self.view_model.remarks(self._annotator)
        self.view_model.set_prefetch(max(_AHEAD, _BEFORE * self.view_model.n_people))

    @property
    def task(self) -> TaskShown:
        """The task, which stays as it is."""
        task = self.session.task
        return {
            "kind": task.kind,
            "question": task.question,
            "instructions": task.instructions,
            "suggest": task.suggest,
            "highlight": list(task.highlight),
            "near_duplicates": self.session.n_samples <= _FEW_TO_COMPARE,
        }

    def refresh(self) -> LabelingState:
        """Return queue, last answers and the figures of the header; send notes that changed."""
        session, keys = self.session, self.session.shortcuts
        who, agreement = self._annotator, session.agreement
        mine = self.annotator if self.view_model.n_people > 1 else who
        repeats = [] if self.nobodys else self.view_model.repeats(who)
        shown = status(session, agreement)
        if who is not None:
            shown["exhausted"] = self.view_model.is_done(who)
        if self._own is not None and self.view_model.is_one_of_several(self._own.annotator):
            shown = own_part(shown, self._own.counts(), stop=self.view_model.advice.stop)
        shown["waits"] = self._waits(who)
        questions = [] if self.nobodys else self.view_model.questions(mine, self._n_before)
        since, chosen = self.view_model.only_asked(questions)
        n_answers = shown["n_labeled"] + shown["n_skipped"] + agreement.n
        self._send_remarks()
        return {
            "classes": [visible(str(name)) for name in session.classes],
            "keys": {"classes": list(keys.classes), "actions": dict(keys.actions)},
            "status": shown,
            "recent": [self._in_short(answer) for answer in self.view_model.recent(_RECENT, mine)],
            "flagged": self.view_model.flagged(who),
            "withdrawn": self.view_model.withdrawn,
            "only": {"since": since, "items": chosen},
            "repeats": repeats,
            "alone": [item for item in questions if self.view_model.is_blind(item, who)],
            "queue": _mixed(questions, repeats, n_answers),
        }

    def _waits(self, who: str | None) -> str:
        """Return why there is no question, where it is not that one is being chosen."""
        team = self.session.team
        if team is not None and who in team.members.experts:
            return "Nothing is disputed now. What the team cannot agree on is asked here."
        return self.nobodys

    def _in_short(self, answer: Answer) -> RecentAnswer:
        value = value_of(answer.label, self.session.classes) if isinstance(answer, Labeled) else None
        return answer.id, answer.item, value, bool(getattr(answer, "unsure", False))

    def _send_remarks(self) -> None:
        """Send notes that changed: as a message, since what `refresh` returns may be saved with a notebook."""
        now = self.view_model.remarks(self._annotator)
        changed = {item for item, _ in now.items() ^ self._remarks.items()}
        if changed:
            remarks = [(item, *now.get(item, _NO_REMARK)) for item in sorted(changed)]
            self.send({"kind": "remarks", "remarks": remarks}, [])
        self._remarks = now

    # Changes

    def _answer(self, message: messages.GiveAnswer) -> Done | None:
        item, label = message["item"], message["value"]
        details = signed(message) | {
            "seconds": message["seconds"],
            "shown_at": message["shown_at"],
            "round": message["round"],
        }
        if message["again"]:
            self.session.answer_repeat(item, label, **details)
            return None
        details["as_of"] = message["as_of"]
        if label is None:
            self.session.skip(item, unsure=message["unsure"], **details)
        else:
            self.session.teach(item, label, via=message["via"], suggested=message["suggested"], **details)
        if not self.view_model.is_repeat(message["event_id"]):
            return None
        return {"notice": f"Row {item} had been labeled elsewhere; that label stays, yours is kept as a second answer."}

    def _undo(self, message: messages.UndoLast) -> Done:
        return {"items": self.session.undo(target=message["target"], **signed(message))}

    def _flag(self, message: messages.Flag) -> None:
        if message["on"]:
            self.session.flag(message["item"], message["note"], **signed(message))
        else:
            self.session.unflag(message["item"], **signed(message))

    def _note(self, message: messages.Note) -> None:
        self.session.note(message["item"], message["note"], **signed(message))

    def _add_class(self, message: messages.AddClass) -> None:
        name, classes = message["name"].strip(), self.session.classes
        if name not in map(str, classes):
            self.session.add_class(_of_kind(name, classes), annotator=message["annotator"])

    def _remap(self, message: messages.Remap) -> None:
        # A class may be called what an action is called. Keys are of the open session, and no event.
        self.session.remap({(message["what"], message["name"]): message["key"]})

    def _end_cold_start(self, message: messages.Change) -> None:
        self.session.end_cold_start(annotator=message["annotator"])

    def _take_over(self, _message: messages.Change) -> None:
        # It is the kernel that takes the journal, and the first line of its file says so.
        self.session.take_over()

    def _abandon_fit(self, message: messages.Change) -> None:
        self.session.abandon_fit(annotator=message["annotator"])

    def _ask_only(self, message: messages.AskOnly) -> None:
        self.session.ask_only(message["rows"], **signed(message))

    ANSWERS = frozenset({"answer", "undo"})
    CHANGES: ClassVar[Handlers] = {
        "answer": (messages.GiveAnswer, _answer),
        "undo": (messages.UndoLast, _undo),
        "flag": (messages.Flag, _flag),
        "note": (messages.Note, _note),
        "add_class": (messages.AddClass, _add_class),
        "remap": (messages.Remap, _remap),
        "take_over": (messages.Change, _take_over),
        "abandon_fit": (messages.Change, _abandon_fit),
        "end_cold_start": (messages.Change, _end_cold_start),
        "ask_only": (messages.AskOnly, _ask_only),
    }

    # Requests

    def _need(self, message: messages.Need) -> None:
        """Send what samples show, and what was written down about them."""
        for payload, buffers in payloads_of(self.session, message["items"], self._renderer, message["side"]):
            with self.lock:
                self.send({**payload, "remark": self._remarks.get(payload["item"], _NO_REMARK)}, buffers)

    def _ahead(self, message: messages.Ahead) -> None:
        n = min(message["n"], _MOST_TILES)
        self._n_before = max(self._n_before, n)
        # What is before one person is not before the others.
        self.view_model.set_prefetch(n * self.view_model.n_people)

    def _tell(self, message: messages.About) -> None:
        """Answer a question about a sample beside the handler: labels must not wait for it."""
        kind, item = message["kind"], message["item"]
        about = self._ABOUT[kind]

        def untold(text: str) -> Suggested | Why | NearDuplicates:
            return cast("Suggested | Why | NearDuplicates", {"kind": kind, "item": item, "text": text, **_UNTOLD[kind]})

        self._reply_beside(kind, lambda: (about(self, item), []), lambda text: (untold(text), []))

    def _only(self, message: messages.Only) -> None:
        """Tell which samples are as was asked, beside the handler too; all of them are in the binary part."""
        label, words = message["value"], message["words"]
        value = None if label is None else self.session.classes.index(label)

        def told(rows: IntArray, text: str) -> tuple[OnlyThese, list[bytes]]:
            found: OnlyThese = {
                "kind": "only", "value": value, "words": words, "items": rows[:_MOST_TILES].tolist(), "n": len(rows),
                "text": text,
            }  # fmt: skip
            return found, [rows.astype("<u4").tobytes()]

        def tell() -> tuple[OnlyThese, list[bytes]]:
            rows = self.view_model.unlabeled(label, words)
            if rows is None:
                return told(_NO_ROWS, "There is no model yet, which could take samples for a class.")
            return told(rows, "" if len(rows) else "No sample without a label is like that.")

        self._reply_beside("only", tell, lambda text: told(_NO_ROWS, text))

    def _reply_beside(self, kind: str, tell: Callable[[], _Reply], untold: Callable[[str], _Reply]) -> None:
        def reply() -> None:
            try:
                told = tell()
            except Exception as error:  # noqa: BLE001 - whatever a user's model raises is told
                told = untold(sanitize(f"{type(error).__name__}: {error}"))
            self.send(*told)

        if started(reply, f"labeler {kind}") is None:
            reply()

    def _suggestion(self, item: int) -> Suggested:
        wanted, value = self.session.task.suggest, None
        if wanted == "never":
            text = "No suggestions in this task; Task(suggest='on demand') allows them."
        elif self.view_model.is_blind(item, self._annotator):
            text = "No suggestion for this sample: some have none, so that scores stay honest."
        elif (found := self.session.suggestion(item, annotator=self._annotator)) is None:
            text = "There is no model yet."
        elif not isinstance(wanted, str) and (found.confidence is None or found.confidence < wanted):
            text = ""
        else:
            value, text = value_of(found.label, self.session.classes), str(found)
        return {"kind": "suggest", "item": item, "value": value, "text": text}

    def _why(self, item: int) -> Why:
        text = "Not told for this sample: some are kept blind, so that scores stay honest."
        if not self.view_model.is_blind(item, self._annotator):
            text = f"why: {self.session.explain(item, annotator=self._annotator)}"
        return {"kind": "why", "item": item, "text": text}

    def _near_duplicates(self, item: int) -> NearDuplicates:
        rows = self.session.near_duplicates(item)
        return {"kind": "near_duplicates", "item": item, "items": rows[:_MOST_DUPLICATES].tolist(), "n": len(rows)}

    # What a message can ask to be told of a sample.
    _ABOUT: ClassVar[dict[str, Callable[..., Suggested | Why | NearDuplicates]]] = {
        "suggest": _suggestion,
        "why": _why,
        "near_duplicates": _near_duplicates,
    }
    REQUESTS: ClassVar[Handlers] = {
        **dict.fromkeys(_ABOUT, (messages.About, _tell)),
        "need": (messages.Need, _need),
        "ahead": (messages.Ahead, _ahead),
        "only": (messages.Only, _only),
    }


def status(session: Session, agreement: Agreement) -> StatusShown:
    """Return the progress of a session for the card's header."""
    progress, budget, view_model = session.progress, session.budget, view_of(session)
    advice, n_spent = view_model.advice, view_model.rounds.n_spent
    pace = pace if (pace := round(progress.labels_per_minute or 0)) <= FASTEST else 0
    return {
        "saved_as": progress.saved_as,
        "round": progress.round,
        "n_events": progress.n_events,
        "n_labeled": progress.n_labeled,
        "n_skipped": progress.n_skipped,
        "n_samples": progress.n_samples,
        "budget": budget.labels,
        "cost": _cost_in_words(budget.spent(n_spent), budget.currency) if budget.cost_per_label else "",
        "counts": list(progress.class_counts),
        "n_learned": progress.n_learned,
        "n_behind": progress.n_behind,
        "n_changed": progress.n_changed,
        "phase": progress.phase,
        "waits_for": [visible(str(label)) for label in progress.waits_for],
        "n_only": progress.n_only,
        "labels_per_minute": pace,
        "minutes_left": max(0, budget.labels - n_spent) / pace if budget.labels and pace else 0,
        "agreement": str(agreement) if agreement.n else "",
        "busy": progress.busy,
        "error": progress.error,
        "recovery": session.recovery_message,
        # What is found so far is news all along, where that is the goal.
        "advice": advice.sentence if advice.stop or session.init_params["find"] is not None else "",
        "may_stop": advice.stop,
        "waits": "",
        "exhausted": progress.n_labeled + progress.n_skipped + progress.n_copies == progress.n_samples,
    }


def _cost_in_words(cost: float, currency: str) -> str:
    return f"{cost:.2f} {currency}" if currency else f"cost {cost:.2f}"


def _mixed(queue: list[int], repeats: list[int], n_answers: int) -> list[int]:
    """Interleave repeats with the questions, a few apart; the remaining ones follow the last question.

    Places are counted from the first answer on: counted from the next one, no answer would bring a repeat nearer.
    """
    mixed: list[int] = []
    waiting = iter(repeats)
    for item in queue:
        if (n_answers + len(mixed)) % (_BETWEEN_REPEATS + 1) == _BETWEEN_REPEATS:
            mixed.extend(islice(waiting, 1))
        mixed.append(item)
    return [*mixed, *islice(waiting, _AHEAD)]


def _of_kind(name: str, classes: tuple[Class, ...]) -> Class:
    """Convert a typed class name to the type of the other classes."""
    if all(isinstance(label, int) and not isinstance(label, bool) for label in classes):
        try:
            return int(name)
        except ValueError:
            raise ValueError(f"the class is {short_repr(name)}; expected a whole number, as the others are.") from None
    return name
