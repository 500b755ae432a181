"""A team at work: who is there and on what, what each did and how well, how they agree, what they dispute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from alwidgets.journal.shared import FEWEST_DOUBLED
from alwidgets.renderers.texts import visible
from alwidgets.session import Session
from alwidgets.utils.checks import check_share
from alwidgets.views import disputes, messages
from alwidgets.views.disputes import disputes_of
from alwidgets.views.figures_view import FiguresView
from alwidgets.views.labeling import FASTEST
from alwidgets.views.messages import Done
from alwidgets.views.payloads import payloads_of
from alwidgets.views.sent import PairShown, PersonShown, TeamAgreement, TeamShown
from alwidgets.views.view import Handlers, Send, signed

if TYPE_CHECKING:
    import pandas as pd

    from alwidgets.annotation.agreement import InterAnnotatorAgreement
    from alwidgets.annotation.leases import Lease
    from alwidgets.session.presence import Presence
    from alwidgets.session.team import SessionTeam
    from alwidgets.types import Renderer

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
    second_answers: str
    disputed: pd.DataFrame


class TeamView(FiguresView):
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

    LOOKING = "Looking at the team"
    THREAD = "alwidgets-team"

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
        self.check_member()
        if threshold is not None:
            check_share("threshold", threshold)
        self._threshold = threshold
        self._renderer = render or session.render
        self._known: _Standing | None = None

    def figures(self) -> TeamShown:
        """Return all that is shown of the team; O(n_answers), and the resamples of alpha's interval."""
        team = self.session.team
        names = [visible(str(name)) for name in self.session.classes]
        shown: TeamShown = {
            "kind": "team", "without": _WITHOUT, "classes": names, "people": [], "others": [], "experts": [],
            "agreement": None, "consensus": "", "second_answers": "", "disputes": [], "n_disputed": 0,
        }  # fmt: skip
        if team is None:
            return shown
        known = self._standing(team)
        present = team.present
        people = _people(known.annotators, present, team.active, self._threshold)
        in_team = {person["name"] for person in people}
        of_disputes = disputes_of(self.session, known.disputed, self.annotator)
        return {
            **shown,
            "without": "",
            "people": people,
            "others": [each.name for each in present if each.name not in in_team],
            "experts": of_disputes["experts"],
            "agreement": _agreement(known.agreement),
            "consensus": known.consensus,
            "second_answers": known.second_answers,
            "disputes": of_disputes["disputes"],
            "n_disputed": of_disputes["n_disputed"],
        }

    def _standing(self, team: SessionTeam) -> _Standing:
        """Return the figures that come of the answers, worked out anew only when something happened."""
        n_events, known = len(self.session.events), self._known
        if known is None or known.n_events != n_events:
            second = _second_answers(team, multilabel=self.session.task.multilabel)
            known = _Standing(
                n_events, team.annotators, team.agreement, str(team.consensus), second, self.session.disputed()
            )
            self._known = known
        return known

    # Requests

    def _look(self, _message: messages.Message) -> None:
        self._teller.want()

    def _need(self, message: messages.Need) -> None:
        for payload, buffers in payloads_of(self.session, message["items"], self._renderer, message["side"]):
            self.send(payload, buffers)

    REQUESTS: ClassVar[Handlers] = {
        "look": (messages.Message, _look),
        "need": (messages.Need, _need),
        **disputes.REQUESTS,
    }

    # Changes

    @property
    def _team(self) -> SessionTeam:
        team = self.session.team
        if team is None:
            raise ValueError(_WITHOUT)
        return team

    def _weigh(self, message: messages.Weigh) -> Done:
        of, weight = message["of"], message["weight"]
        if self.session.team is None:
            raise ValueError(_WITHOUT)
        # A weight that is not a number is refused by the session.
        untold = self.view_model.weigh(of, weight, reason=message["reason"], **signed(message))  # type: ignore[arg-type]
        counted = f"answers of {of} count as usual" if weight == 1 else f"answers of {of} count {weight:g}"
        return {"text": f"{counted}, which {untold}" if untold else counted}

    def _ask_again(self, message: messages.AskAgain) -> Done:
        of, team, details = message["of"], self._team, {"reason": message["reason"], **signed(message)}
        if message["on"]:
            if team.ask_again(of, **details) or team.asked_again(of):
                return {"text": f"what {of} answered is asked of one more person"}
            return {"text": f"nothing is asked again: all that {of} answered is settled, or everybody has answered it"}
        team.ask_more(team.asked_again(of), None, **details)
        return {"text": f"what {of} answered is asked as usual"}

    CHANGES: ClassVar[Handlers] = {
        "weigh": (messages.Weigh, _weigh),
        "ask_again": (messages.AskAgain, _ask_again),
        **disputes.CHANGES,
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


def _second_answers(team: SessionTeam, *, multilabel: bool) -> str:
    """Describe the worth of a second answer beside a new sample; empty where there can be none."""
    if multilabel or len(team.members.annotators) == 1:
        return ""
    found = team.second_answers
    if found is None:
        return f"Worth of a second answer beside a new sample: not measured, it takes {FEWEST_DOUBLED} items with two."
    return f"Worth of a second answer beside a new sample: {found}."


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
