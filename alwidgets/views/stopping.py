"""Advice on further labels in one sentence, the reading of each criterion, and the settings of the rule."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, ClassVar, cast

from alwidgets.io.tables import csv_of
from alwidgets.stopping import History
from alwidgets.stopping.settings import settings_of, threshold_setting
from alwidgets.stopping.tracks import Track, tracks
from alwidgets.views import advice_words, messages
from alwidgets.views.states import AdviceShown, Criterion, Limit, StoppingState
from alwidgets.views.view import Handlers, View, signed

if TYPE_CHECKING:
    from alwidgets.journal.events import Decided

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


class StoppingView(View):
    """The advice of a session's stopping rule, and what each criterion says; nothing is locked by it.

    What a message does is `Session.adjust`, of prices, thresholds and the rule, or `Session.decide`.
    """

    def refresh(self) -> StoppingState:
        """Return the verdict, the criteria and the settings."""
        session = self.session
        advice, history = self.view_model.advice, self.view_model.rounds
        settings = settings_of(session.budget, session.rule)
        shown: AdviceShown = {
            "stop": advice.stop,
            "headline": advice_words.headline(advice, history, exhausted=self.view_model.is_done(None)),
            "facts": advice_words.facts(advice, history),
            "sentence": advice.sentence,
            "rule": session.rule.sentence,
            "needs": session.rule.needs,
            "n_criteria": len(session.rule.criteria),
            "rows": [_row(track, settings, history) for track in tracks(advice.readings, history)],
            "prices": {name: settings[name] for name in _PRICES},
            "decided": _decided_in_words(self.view_model.last_decision),
            "n_labeled": session.progress.n_labeled,
        }
        return {"advice": shown}

    def _adjust(self, message: messages.Adjust) -> None:
        details, settings = signed(message), message["settings"]
        for name in settings.keys() & details.keys():
            raise ValueError(f"there is no setting {name!r}; expected prices, limits, needs and thresholds.")
        self.session.adjust(**details, **settings)

    def _decide(self, message: messages.Decide) -> None:
        self.session.decide(message["decision"], message["reason"], **signed(message))

    def _save_labels(self, _message: messages.Message) -> None:
        self.send({"kind": "file", "name": "labels.csv", "mime": "text/csv"}, [csv_of(self.session.labels)])

    CHANGES: ClassVar[Handlers] = {
        "adjust": (messages.Adjust, _adjust),
        "decide": (messages.Decide, _decide),
    }
    REQUESTS: ClassVar[Handlers] = {"save_labels": (messages.Message, _save_labels)}


def _decided_in_words(decided: Decided | None) -> str:
    if decided is None:
        return ""
    return f"Decided at {decided.n_labeled} labels: {decided.decision}. {decided.reason}".rstrip()


def _limits(history: History) -> list[Limit]:
    """Return the amount spent of each limit of the budget; without limits, only the number of labels."""
    prices = history.budget
    limits: list[Limit] = [
        {
            "setting": "labels",
            "spent": history.n_spent,
            "limit": prices.labels,
            "unit": "labels" if history.n_answers is None else "answers",
        },
        {"setting": "cost", "spent": history.cost, "limit": prices.cost, "unit": prices.currency},
        {"setting": "minutes", "spent": history.seconds / 60, "limit": prices.minutes, "unit": "minutes"},
    ]
    return [limit for limit in limits if limit["limit"] is not None] or limits[:1]


def _row(track: Track, settings: dict[str, Any], history: History) -> Criterion:
    row = asdict(track.reading)
    to_go = None if track.to_go is None else (track.to_go.value, track.to_go.low, track.to_go.high)
    editable = threshold_setting(track.reading.name) in settings
    limits = _limits(history) if track.reading.name == "budget" else None
    more = {
        "values": list(track.values), "since": track.since, "to_go": to_go, "editable": editable, "limits": limits,
    }  # fmt: skip
    return cast("Criterion", row | more)
