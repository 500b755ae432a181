"""A team at work: who is there and on what, what each did and how well, how they agree, what they dispute."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from alwidgets.data.labels import in_words
from alwidgets.renderers.texts import visible
from alwidgets.session import Session
from alwidgets.utils.checks import check_share
from alwidgets.utils.errors import format_error
from alwidgets.utils.threads import started
from alwidgets.views import messages
from alwidgets.views.fields import value_of
from alwidgets.views.labeling import FASTEST
from alwidgets.views.messages import Done
from alwidgets.views.payloads import payloads_of
from alwidgets.views.sent import Dispute, PairShown, PersonShown, TeamAgreement, TeamShown, TeamState
from alwidgets.views.view import Handlers, Send, View, signed

if TYPE_CHECKING:
    import pandas as pd

    from alwidgets.annotation.agreement import InterAnnotatorAgreement
    from alwidgets.annotation.leases import Lease
    from alwidgets.session.presence import Presence
    from alwidgets.session.team import SessionTeam
    from alwidgets.types import Class, Renderer

# Of more, some are shown: all of them are in `Session.disputed`.
_MOST_DISPUTES = 30
_WITHOUT = (
    "This session has no team: one person's last answer is the label. "
    "Session(..., team=alwidgets.Team(['ann', 'bob'])) makes it one of several people."
)
_MEASURES = {
    "alpha": "Krippendorff's alpha", "percent": "equal answers", "fleiss_kappa": "Fleiss' kappa",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Standing:
    """Figures of a team after so many events."""

    n_events: int
    annotators: pd.DataFrame
    agreement: InterAnnotatorAgreement
    consensus: str
    disputed: pd.DataFrame


class TeamView(View):
    """The people of a session's team, and what can be done about their answers; nobody is blocked by it.

    The figures are `Session.team` and `Session.disputed`, worked out beside everything else while somebody looks; what
    a message does is `Session.team.weigh`, `ask_again` or `ask_more`, `Session.settle` and `undo`.

    Parameters
    ----------
    session : Session
        The session of the team.
    send, changed : callable
        As of a `View`.
    threshold : float, optional
        Least share of right answers that is good enough: of who is surely below it, words say so. None says it of
        nobody.
    render : callable, optional
        item -> what to show of what is disputed; default the session's `render`.
    annotator : str, optional
        Whose page it is, as of a `View`.
    """

    def __init__(
        self,
        session: Session,
        send: Send,
        changed: Callable[[], None],
        *,
        threshold: float | None = 0.8,
        render: Renderer | None = None,
        annotator: str | None = None,
    ) -> None:
        super().__init__(session, send, changed, annotator=annotator)
        if threshold is not None:
            check_share("threshold", threshold)
        self._threshold = threshold
        self._renderer = render or session.render
        self._changes = 0
        self._known: _Standing | None = None
        self._turn = threading.Lock()
        self._wanted = False
        self._teller: threading.Thread | None = None

    def refresh(self) -> TeamState:
        """Return that there is something new; the figures are asked for."""
        self._changes += 1
        return {"changes": self._changes}

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until what was asked for is told; return False when the timeout (seconds) ran out first."""
        teller = self._teller
        if teller is not None:
            teller.join(timeout)
        return teller is None or not teller.is_alive()

    def figures(self) -> TeamShown:
        """Return all that is shown of the team; O(n_answers), and the resamples of alpha's interval."""
        team, classes = self.session.team, self.session.classes
        names = [visible(str(name)) for name in classes]
        shown: TeamShown = {
            "kind": "team", "without": _WITHOUT, "classes": names, "people": [], "others": [], "experts": [],
            "agreement": None, "consensus": "", "disputes": [], "n_disputed": 0,
        }  # fmt: skip
        if team is None:
            return shown
        known = self._standing(team)
        present = team.present
        people = _people(known.annotators, present, team.active, self._threshold)
        in_team = {person["name"] for person in people}
        found = known.disputed.head(_MOST_DISPUTES).to_dict("records")
        return {
            **shown,
            "without": "",
            "people": people,
            "others": [each.name for each in present if each.name not in in_team],
            "experts": [name for name in team.members.experts if self.annotator in (None, name)],
            "agreement": _agreement(known.agreement),
            "consensus": known.consensus,
            "disputes": [_dispute(row, classes) for row in found],
            "n_disputed": len(known.disputed),
        }

    def _standing(self, team: SessionTeam) -> _Standing:
        """Return the figures that come of the answers, worked out anew only when something happened."""
        n_events, known = len(self.session.events), self._known
        if known is None or known.n_events != n_events:
            known = _Standing(n_events, team.annotators, team.agreement, str(team.consensus), self.session.disputed())
            self._known = known
        return known

    # Requests

    def _look(self, _message: messages.Message) -> None:
        """Tell the figures, beside the handler: answers must not wait for it. Once for many who ask meanwhile."""
        with self._turn:
            self._wanted = True
            if self._teller is not None:
                return
            self._teller = started(self._tell, "alwidgets-team")
            is_alone = self._teller is None
        if is_alone:
            self._tell()

    def _tell(self) -> None:
        while self._is_wanted():
            try:
                self.send(self.figures(), [])
            except Exception as error:  # noqa: BLE001 - a user's function may make the labels, and nobody above tells
                if not self.session.closed:
                    self.send({"kind": "problem", "error": format_error(error, "Looking at the team")}, [])

    def _is_wanted(self) -> bool:
        with self._turn:
            wanted, self._wanted = self._wanted, False
            if not wanted:
                self._teller = None
            return wanted

    def _need(self, message: messages.Need) -> None:
        for payload, buffers in payloads_of(self.session, message["items"], self._renderer):
            self.send(payload, buffers)

    REQUESTS: ClassVar[Handlers] = {"look": (messages.Message, _look), "need": (messages.Need, _need)}

    # Changes

    @property
    def _team(self) -> SessionTeam:
        team = self.session.team
        if team is None:
            raise ValueError(_WITHOUT)
        return team

    def _weigh(self, message: messages.Weigh) -> Done:
        of, weight = message["of"], message["weight"]
        # A weight that is not a number is refused by the session.
        self._team.weigh(of, weight, reason=message["reason"], **signed(message))  # type: ignore[arg-type]
        return {"text": f"answers of {of} count as usual" if weight == 1 else f"answers of {of} count {weight:g}"}

    def _ask_again(self, message: messages.AskAgain) -> Done:
        of, team, details = message["of"], self._team, {"reason": message["reason"], **signed(message)}
        if message["on"]:
            if team.ask_again(of, **details) or team.asked_again(of):
                return {"text": f"what {of} answered is asked of one more person"}
            return {"text": f"nothing is asked again: all that {of} answered is settled, or everybody has answered it"}
        team.ask_more(team.asked_again(of), None, **details)
        return {"text": f"what {of} answered is asked as usual"}

    def _settle(self, message: messages.Settle) -> Done:
        item, label = message["item"], message["value"]
        self.session.settle(item, label, reason=message["reason"], **signed(message))
        said = "no label" if label is None else in_words(tuple(label) if isinstance(label, list) else label)
        return {"text": f"row {item} settled: {said}"}

    def _reopen(self, message: messages.OfItem) -> Done:
        item = message["item"]
        settlement = self.view_model.settlement(item)
        if settlement is not None:
            self.session.undo(target=settlement.answer, **signed(message))
        return {"text": f"row {item} is not settled any more"}

    CHANGES: ClassVar[Handlers] = {
        "weigh": (messages.Weigh, _weigh),
        "ask_again": (messages.AskAgain, _ask_again),
        "settle": (messages.Settle, _settle),
        "reopen": (messages.OfItem, _reopen),
    }


def _people(
    frame: pd.DataFrame, present: Sequence[Presence], active: Sequence[Lease], threshold: float | None
) -> list[PersonShown]:
    here = {each.name: each for each in present}
    before: dict[str, list[int]] = {}
    for lease in active:
        before.setdefault(lease.annotator, []).append(lease.item)
    found: list[PersonShown] = []
    for row in frame.reset_index().to_dict("records"):
        each: dict[Any, Any] = {name: None if value != value else value for name, value in row.items()}  # noqa: PLR0124
        name = each["annotator"]
        person: PersonShown = {
            "name": name,
            "role": each["role"],
            "n_pages": here[name].n_pages if name in here else 0,
            "since": here[name].since if name in here else None,
            "items": before.get(name, []),
            "n_answers": each["n_answers"],
            "n_skipped": each["n_skipped"],
            "seconds": each["seconds"],
            "pace": each["pace"] if (each["pace"] or 0) <= FASTEST else None,
            "last_active": None if each["last_active"] is None else each["last_active"].timestamp(),
            "percent": each["percent"],
            "quality": each["quality"],
            "quality_interval": None if each["quality"] is None else (each["low"], each["high"]),
            "n_gold": each["n_gold"],
            "n_right": each["n_right"],
            "gold": each["gold"],
            "gold_interval": None if each["gold"] is None else (each["gold_low"], each["gold_high"]),
            "weight": each["weight"],
            "n_asked_again": each["n_asked_again"],
            "warning": "",
        }
        person["warning"] = _warning(person, threshold)
        found.append(person)
    return found


def _warning(person: PersonShown, threshold: float | None) -> str:
    """Return that somebody is surely below what is good enough, and that nothing follows of itself; empty if not."""
    by_gold = person["gold_interval"] is not None
    interval = person["gold_interval"] if by_gold else person["quality_interval"]
    if threshold is None or interval is None or interval[1] >= threshold:
        return ""
    if by_gold:
        measured = f"{person['n_right']} of {person['n_gold']} gold answers right"
    else:
        measured = f"{_percent(person['quality'] or 0)} of the answers are what the others amount to"
    surely = f"Surely below {_percent(threshold)}: {measured}"
    return f"{surely} (95 % interval {100 * interval[0]:.0f} to {_percent(interval[1])}). " + (
        "Nobody is blocked; what follows is for you to decide."
        if person["weight"] == 1
        else f"Their answers count {person['weight']:g}, as you decided."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _agreement(found: InterAnnotatorAgreement) -> TeamAgreement:
    pairs: list[PairShown] = [
        {
            "names": (row["annotator"], row["other"]),
            "n_shared": row["n_shared"],
            "percent": row["percent"],
            "kappa": None if row["kappa"] != row["kappa"] else row["kappa"],
        }
        for row in found.pairs.to_dict("records")
    ]
    return {
        "n_answers": found.n_answers,
        "n_items": found.n_items,
        "n_doubled": found.n_doubled,
        "measures": [(words, _measure(found, name)) for name, words in _MEASURES.items()],
        "pairs": pairs,
    }


def _measure(found: InterAnnotatorAgreement, name: str) -> str:
    value = getattr(found, name)
    if value is None:
        return f"not measured: {found.not_measured[name]}"
    if name == "percent":
        return _percent(value)
    if name != "alpha":
        return f"{value:.2f}"
    interval = found.alpha_interval
    kind = "" if found.level == "nominal" else f", {found.level}"
    if interval is None:
        return f"{value:.2f}{kind} (no interval: {found.not_measured['alpha_interval']})"
    return f"{value:.2f}{kind} (95 % interval {interval[0]:.2f} to {interval[1]:.2f})"


def _dispute(row: dict[Any, Any], classes: tuple[Class, ...]) -> Dispute:
    answers = [
        (name, None if label is None else value_of(label, classes), row["seconds"][name])
        for name, label in row["answers"].items()
    ]
    return {"item": row["item"], "answers": answers, "note": row["note"], "flag": row["flag"]}
