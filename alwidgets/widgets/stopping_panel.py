"""Whether further labels pay, in one sentence, and what each criterion says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from alwidgets.session import view_of
from alwidgets.stopping import History, Track, settings_of, threshold_setting, tracks
from alwidgets.utils.text import brief
from alwidgets.views.messages import field
from alwidgets.widgets.front_end import script, style
from alwidgets.widgets.session_control import SessionControl

if TYPE_CHECKING:
    from alwidgets.journal.events import Decided
    from alwidgets.session import Session

# A reason, and what goes with it; nothing that a person types into a field is longer.
_LONGEST_MESSAGE = 1000
_MOST_SETTINGS = 50
_PRICES = (
    "cost_per_label",
    "cost_per_hour",
    "currency",
    "n_predictions",
    "cost_per_error",
    "labels",
    "cost",
    "minutes",
)


class StoppingPanel(SessionControl):
    """Show the stopping rule's advice, and what each criterion says. It never locks the labeler.

    Prices, thresholds and the rule can be changed in it, which is `Session.adjust`; to stop or to go on can be put on
    record, which is `Session.decide`.

    Parameters
    ----------
    session : Session
        Whose rule.
    """

    _esm = script("panels/stopping_panel.js")
    _css = style("panels/stopping_panel.css")
    _advice = traitlets.Dict().tag(sync=True)

    def __init__(self, session: Session) -> None:
        super().__init__(session)

    def refresh(self) -> None:
        """Send the verdict, the criteria and the settings."""
        session = self.session
        advice, history = view_of(session).advice, view_of(session).rounds
        settings = settings_of(session.budget, session.rule)
        self._advice = {
            "stop": advice.stop,
            "sentence": advice.sentence,
            "rule": session.rule.sentence,
            "needs": session.rule.needs,
            "n_criteria": len(session.rule.criteria),
            "rows": [_row(track, settings, history) for track in tracks(advice.readings, history)],
            "prices": {name: settings[name] for name in _PRICES},
            "decided": _decided_in_words(session.last_decision),
        }

    def _adjust(self, event_id: str, content: dict[str, Any]) -> None:
        _check_length(content)
        settings = field(content, "settings", dict)
        if not _are_settings(settings):
            raise ValueError(f"settings is {brief(settings)}; expected names with a value each, and thresholds.")
        self.session.adjust(event_id=event_id, **settings)

    def _decide(self, event_id: str, content: dict[str, Any]) -> None:
        _check_length(content)
        decision: Any = content.get("decision")
        self.session.decide(decision, content.get("reason", ""), event_id=event_id)

    _CHANGES: ClassVar[dict[str, Callable[..., dict[str, Any] | None]]] = {"adjust": _adjust, "decide": _decide}


def _check_length(content: dict[str, Any]) -> None:
    if (length := len(str(content))) > _LONGEST_MESSAGE:
        raise ValueError(f"message has {length} characters; expected at most {_LONGEST_MESSAGE}.")


def _are_settings(settings: dict[Any, Any]) -> bool:
    """Return whether it has single values and thresholds; what they may be is the session's to say."""
    thresholds = settings.get("thresholds", {})
    others = {name: value for name, value in settings.items() if name != "thresholds"}
    return isinstance(thresholds, dict) and _are_single(thresholds) and _are_single(others)


def _are_single(values: dict[Any, Any]) -> bool:
    return len(values) <= _MOST_SETTINGS and all(
        isinstance(name, str) and (value is None or isinstance(value, str | int | float))
        for name, value in values.items()
    )


def _decided_in_words(decided: Decided | None) -> str:
    if decided is None:
        return ""
    return f"Decided at {decided.n_labelled} labels: {decided.decision}. {decided.reason}".rstrip()


def _limits(history: History) -> list[dict[str, Any]]:
    """Return what is spent of each limit of the budget; without any, of the labels, which have none."""
    prices = history.budget
    limits = [
        {"setting": "labels", "spent": history.n_labelled, "limit": prices.labels, "unit": "labels"},
        {"setting": "cost", "spent": history.cost, "limit": prices.cost, "unit": prices.currency},
        {"setting": "minutes", "spent": history.seconds / 60, "limit": prices.minutes, "unit": "minutes"},
    ]
    return [limit for limit in limits if limit["limit"] is not None] or limits[:1]


def _row(track: Track, settings: dict[str, Any], history: History) -> dict[str, Any]:
    row = asdict(track.reading)
    to_go = None if track.to_go is None else [track.to_go.value, track.to_go.low, track.to_go.high]
    editable = threshold_setting(track.reading.name) in settings
    limits = _limits(history) if track.reading.name == "budget" else None
    return row | {
        "values": list(track.values), "since": track.since, "to_go": to_go, "editable": editable, "limits": limits,
    }  # fmt: skip
