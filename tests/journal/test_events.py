import dataclasses
import json
import math

import pytest

from alwidgets.journal.decode import from_record
from alwidgets.journal.encode import to_record
from alwidgets.journal.events import (
    Adjusted,
    Asked,
    AskedMore,
    AskedOnly,
    AuditSet,
    Decided,
    Failed,
    Flagged,
    GoldSet,
    Labeled,
    RolledBack,
    Settled,
    Skipped,
    TeamSet,
    Trained,
    Undone,
    WeightSet,
)
from alwidgets.journal.state import CANDIDATE, fold
from alwidgets.scoring.scores import ClassScore, Score
from alwidgets.stopping import Round, Signals
from alwidgets.types import Reading

READING = Reading("plateau", None, 0.005, fired=False, why="needs 6")
ROUND = Round(
    1, 8, 7, math.nan, math.nan, math.nan, "audit", 0, 0.1, 9.5, 0.0, "margin", (READING,), "f1_macro",
    (Score(math.nan, math.nan, math.nan, "audit", 0, "f1_macro"),), (ClassScore("spam", 0.5, math.nan, 4),),
    Signals(n_watched=100, kappa=0.5),
)  # fmt: skip
ANSWER = {"item": 3, "annotator": None, "seconds": 1.5, "shown_at": None, "round": 0}
EVENTS = [
    Asked(id="a", at=1.0, items=(3, 4), utility=(0.25, None), audit=(False, True), withdrawn=(), round=0, strategy="x"),
    Labeled(id="b", at=2.0, label="ham\u2028\ud800", sample="s", **ANSWER),
    Skipped(id="c", at=3.0, **ANSWER),
    Flagged(id="d", at=4.0, item=3, note="odd", annotator="ann"),
    Undone(id="e", at=5.0, target="c"),
    Trained(id="f", at=6.0, upto=4, seed=1, training_set="h", record=ROUND, tested=((3, 1),)),
    Failed(id="g", at=7.0, upto=4, error="why"),
    AuditSet(id="h", at=8.0, mode="ended"),
    Decided(id="i", at=9.0, decision="stop", reason="enough", advice="stop", n_labeled=1, annotator=None),
    Adjusted(id="j", at=10.0, settings={"labels": [None, 20]}),
    RolledBack(id="k", at=11.0, round=1),
    AskedOnly(id="r", at=11.5, items=(3, 4), withdrawn=(5,), annotator="ann"),
]
OF_A_TEAM = [
    TeamSet(
        id="l", at=12.0, annotators=("a1", "a2"), experts=("e1",), answers=2, at_most=2, audit_answers=2,
        consensus="majority", gold_share=0.1, lease_seconds=60.0,
    ),
    GoldSet(id="m", at=13.0, items=(5, 6), labels=("spam", "ham\u2028\ud800")),
    Settled(id="n", at=14.0, item=3, label=None, annotator="e1", reason="no idea", answer="b", n_answers=2),
    AskedMore(id="o", at=15.0, items=(3,), answers=2, reason="odd", annotator="e1"),
    WeightSet(id="p", at=16.0, of="a1", weight=0.5, annotator="e1"),
    Trained(
        id="q", at=17.0, upto=4, seed=1, training_set="h", record=ROUND, consensus="dawid_skene",
        settled_as=((3, 1), (4, -1)),
    ),
]  # fmt: skip


@pytest.mark.parametrize("event", [*EVENTS, *OF_A_TEAM], ids=lambda event: event.kind)
def test_an_event_comes_back_from_a_line_of_json(event):
    line = json.dumps(to_record(event), allow_nan=False)
    assert "\n" not in line
    assert repr(from_record(json.loads(line))) == repr(event)


@pytest.mark.parametrize("event", [*EVENTS, *OF_A_TEAM], ids=lambda event: event.kind)
def test_a_record_that_lacks_a_field_is_named(event):
    missing = dataclasses.MISSING
    optional = {item.name for item in dataclasses.fields(event) if {item.default, item.default_factory} != {missing}}
    for name in to_record(event).keys() - optional:
        record = {key: value for key, value in to_record(event).items() if key != name}
        expected = "event kind is None" if name == "kind" else f"{event.kind} event lacks '{name}'; expected"
        with pytest.raises(ValueError, match=expected):
            from_record(record)


def test_every_event_counts_once_in_the_state():
    counted = [event for event in EVENTS if not isinstance(event, RolledBack)]  # which goes by the number of events
    once = fold(counted, 9, ("ham\u2028\ud800", "spam"))
    twice = fold([event for event in counted for _ in range(2)], 9, ("ham\u2028\ud800", "spam"))
    assert (once.n_events, twice.n_events) == (11, 22)
    names = ("pending", "answers", "flags", "seconds", "n_asked", "failure", "class_counts", "round", "adjusted")
    for name in (*names, "audit_mode", "decisions"):
        assert getattr(once, name) == getattr(twice, name)
    assert once.pending == [4]
    assert once.n_labeled == 1
    assert once.seconds == 3.0
    assert once.flags == {3: "odd"}


def test_a_round_is_ranked_once_it_has_asked_and_unlearned_answers_outlive_an_older_fit():
    state = fold(EVENTS[:2], 9, ("ham\u2028\ud800", "spam"))
    assert state.unlearned == [2]
    state.apply(Trained(id="t", at=0.0, upto=1, seed=0, training_set="", record=ROUND))
    assert (state.round, state.ranked, state.unlearned) == (1, 0, [2])
    state.apply(
        Asked(id="u", at=0.0, items=(5,), utility=(1.0,), audit=(False,), withdrawn=(4,), round=1, strategy="x")
    )
    assert (state.ranked, state.pending) == (1, [5])
    assert state.status[4] == CANDIDATE


def test_an_undo_of_what_is_not_there_changes_nothing():
    state = fold([EVENTS[0], Undone(id="x", at=0.0, target="never")], 9, ("a", "b"))
    assert (state.pending, state.unlearned) == ([3, 4], [])


def test_a_round_of_a_journal_from_before_there_were_signals_is_read_with_none():
    record = to_record(Trained(id="f", at=6.0, upto=4, seed=1, training_set="h", record=ROUND, tested=((3, 1),)))
    for name in ("metric", "scores", "per_class", "signals"):
        del record["record"][name]
    read = from_record(record).record
    assert (read.metric, read.scores, read.per_class, read.signals) == ("accuracy", (), (), Signals())
