"""Events of a journal are kept in columns, and folded hundreds at once, as if each had been folded by itself."""

import json
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alwidgets.data.label_kinds import BOTH_KINDS, MULTILABEL
from alwidgets.journal.columns import Stretch, stretches
from alwidgets.journal.decode import RecordError, from_record
from alwidgets.journal.encode import to_record
from alwidgets.journal.events import (
    Asked,
    AuditSet,
    ClassAdded,
    Failed,
    Flagged,
    Labeled,
    Repeated,
    RepeatsRequested,
    RolledBack,
    Skipped,
    Trained,
    Undone,
)
from alwidgets.journal.fold import fold_records
from alwidgets.journal.past import Events
from alwidgets.journal.standing import CANDIDATE, Lasting, Standing
from alwidgets.journal.state import State, fold
from alwidgets.stopping import Round
from tests.session.test_session import facts

N_SAMPLES = 8
ROWS = st.integers(0, N_SAMPLES - 1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["item", "label", "at"])


@given(st.lists(st.dictionaries(NAMES, JSON, max_size=3), max_size=30))
def test_records_come_out_of_columns_as_they_went_in(records):
    [stretch] = stretches(records) if records else [Stretch([])]
    assert repr(list(stretch.records())) == repr(records)
    assert [repr(stretch[place]) for place in range(len(stretch))] == list(map(repr, records))
    assert repr(list(stretch.records(1, 3))) == repr(records[1:3])


@pytest.mark.parametrize(
    "values", [[1, 1.0, True, "1"], [0.0, -0.0], [2**63, 1], [None, 0.5], [[], [1]], [[1], [True]], [{}, {"a": None}]]
)
def test_values_that_are_equal_and_not_the_same_are_not_confused(values):
    records = [{"value": value} for value in values] * 3
    assert repr(list(Stretch(records).records())) == repr(records)


def label(labels):
    names = st.sampled_from(["a", "b", "c"])
    sets = st.lists(names, unique=True, max_size=3).map(lambda each: tuple(sorted(each)))
    return sets if labels is MULTILABEL else names


@st.composite
def histories(draw, labels):
    """Events that can follow each other: what the fold does not allow is left out."""
    made, state = [], State(N_SAMPLES, ("a", "b", "c"), labels)
    kinds = ["asked"] * 3 + ["labeled"] * 8 + ["skipped"] * 2 + ["trained"] * 2
    rare = ["undone", "flagged", "look again", "looked again", "failed", "audit", "class", "copies", "back", "again"]
    frequent_only = draw(st.booleans())
    for number in range(draw(st.integers(1, 60))):
        kind = draw(st.sampled_from(kinds if frequent_only else kinds + rare))
        event = draw(one(kind, f"e{number}", labels, made))
        try:
            state.apply(event)
        except (ValueError, LookupError):
            state = fold(made, N_SAMPLES, ("a", "b", "c"), labels)
        else:
            made.append(event)
    return made


def one(kind, name, labels, made):
    given = {"id": st.just(name), "at": st.sampled_from([0.5, 2.0, 3])}
    rounds = sum(event.kind == "trained" for event in made)
    answer = given | {
        "item": ROWS, "annotator": st.sampled_from([None, "ann"]), "shown_at": st.sampled_from([None, 1.5]),
        "seconds": st.sampled_from([None, 0.1, 0.7, 300.0]), "round": st.just(rounds),
        "via": st.sampled_from(["", "map"]),
    }  # fmt: skip
    labeled = answer | {"label": label(labels), "sample": st.just("s")}
    before = st.sampled_from([event.id for event in made] or ["none"])
    if kind == "asked":
        return st.lists(ROWS, max_size=4).flatmap(lambda items: st.builds(
            Asked, **given, items=st.just(tuple(items)),
            utility=lists_of(st.sampled_from([None, 0.5, -1.0]), items), audit=lists_of(st.booleans(), items),
            withdrawn=st.lists(ROWS, max_size=2).map(tuple), round=st.just(rounds),
            strategy=st.sampled_from(["margin", "random"]), chosen=st.booleans(),
            probability=st.just(()) | lists_of(st.sampled_from([None, 0.25]), items),
        ))  # fmt: skip
    if kind == "trained":
        said = st.tuples(st.integers(0, 2)) if labels is MULTILABEL else st.integers(0, 2)
        record = Round(rounds + 1, 1, 1, 0.5, float("nan"), 0.6, "audit", 0, 0.1, 0.5, 0.0, "margin")
        return st.builds(
            Trained, **given, upto=st.integers(0, len(made)), seed=st.just(1), training_set=st.just("h"),
            record=st.just(record), tested=st.lists(st.tuples(ROWS, said), max_size=2).map(tuple),
        )  # fmt: skip
    return {
        "labeled": st.builds(Labeled, **labeled),
        "skipped": st.builds(Skipped, **answer, unsure=st.booleans()),
        "copies": st.builds(Labeled, **labeled | {"copies": st.lists(ROWS, max_size=2, unique=True).map(tuple)}),
        "undone": st.builds(Undone, **given, target=before | st.sampled_from(["e5", "e30"])),
        "flagged": st.builds(Flagged, **given, item=ROWS, note=st.just("odd"), annotator=st.none()),
        "look again": st.builds(RepeatsRequested, **given, items=st.lists(ROWS, max_size=2).map(tuple)),
        "looked again": st.builds(Repeated, **answer, label=label(labels)),
        "failed": st.builds(Failed, **given, upto=st.integers(0, len(made)), error=st.just("why")),
        "audit": st.builds(AuditSet, **given, mode=st.sampled_from(["ended", "test_then_train"])),
        "class": st.builds(ClassAdded, **given, label=st.sampled_from(["a", "d"]), annotator=st.none()),
        "back": st.builds(RolledBack, **given, round=st.sampled_from([None, *range(1, rounds + 1)])),
        "again": st.builds(Labeled, **labeled | {"id": before}),
    }[kind]


def lists_of(values, items):
    return st.lists(values, min_size=len(items), max_size=len(items)).map(tuple)


def test_an_answer_that_was_undone_before_and_after_it_came_does_not_count():
    given = {"at": 0.5, "item": 0, "annotator": None, "seconds": None, "shown_at": None, "round": 0}
    events = [
        Undone(id="early", at=0.5, target="late"),
        Labeled(id="late", label="a", sample="s", **given),
        Undone(id="again", at=0.5, target="late"),
        Labeled(id="other", label="b", sample="s", **given | {"item": 1}),
    ]
    records = [json.loads(json.dumps(to_record(event))) for event in events]
    state = State(N_SAMPLES, ("a", "b", "c"), BOTH_KINDS[0])
    state.apply_all(Stretch(records))
    assert facts(state) == facts(fold(events, N_SAMPLES, ("a", "b", "c"), BOTH_KINDS[0]))
    assert list(state.answers) == ["other"]
    assert state.status[0] == CANDIDATE


@pytest.mark.parametrize("kind", BOTH_KINDS, ids=["one class", "many classes"])
@settings(max_examples=25)
@given(data=st.data())
def test_events_folded_from_columns_give_the_state_that_they_give_one_by_one(kind, data):
    events = data.draw(histories(kind))
    size = data.draw(st.integers(1, len(events)))
    records = [json.loads(json.dumps(to_record(event))) for event in events]
    state = State(N_SAMPLES, ("a", "b", "c"), kind)
    for start in range(0, len(records), size):
        state.apply_all(Stretch(records[start : start + size]))
    one_by_one = fold(map(from_record, records), N_SAMPLES, ("a", "b", "c"), kind)
    assert facts(state) == facts(one_by_one)
    assert dict(state.answers) == dict(one_by_one.answers)
    assert dict(state.questions) == dict(one_by_one.questions)
    for trained in one_by_one.rounds:
        number = trained.record.round
        assert facts(state.at_round(number))["codes"] == facts(one_by_one.at_round(number))["codes"]
    then = len(events) // 2
    before = fold(map(from_record, records[:then]), N_SAMPLES, ("a", "b", "c"), kind)
    assert np.array_equal(state.after(then).status, before.status)


def answers(n, **changes):
    """Records of one answer a row."""
    given = {"annotator": None, "seconds": 1.5, "shown_at": None, "round": 0, "label": "a", "sample": ""} | changes
    return [to_record(Labeled(id=f"{row}", at=1.0, item=row, **given)) for row in range(n)]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("item", 900, "item is 900; expected a row of the pool, which has 800"),
        ("item", -1, "item is -1"),
        ("item", True, "item is True"),
        ("label", "z", "label 'z' of row 700 is not one of the classes"),
        ("label", ["a"], "was given in a task of another kind"),
        ("seconds", "1", "seconds is '1'; expected a number, or null"),
        ("seconds", float("inf"), "seconds is inf"),
        ("at", 1e10, "at is 10000000000.0; expected seconds since 1970"),
        ("round", -1, "round is -1"),
        ("annotator", 3, "annotator is 3"),
        ("via", None, "via is None"),
        ("id", 7, "id is 7"),
        ("kind", ["labeled"], "event kind is"),
        ("sample", None, "sample is None"),
    ],
)
def test_one_wrong_value_among_hundreds_is_found_at_its_place(name, value, message):
    records = answers(800)
    records[700][name] = value
    with pytest.raises(RecordError, match=message) as raised:
        fold_records(records, State(800, ("a", "b")))
    assert raised.value.place == 700


@pytest.mark.parametrize("name", ["utility", "audit", "probability"])
def test_a_question_without_what_each_has_is_found_at_its_place(name):
    asked = Asked(
        id="q", at=1.0, items=(1, 2), utility=(0.5, None), audit=(True, False), withdrawn=(), round=0, strategy="x",
        probability=(0.5, 0.5),
    )  # fmt: skip
    records = [*answers(1), to_record(asked)]
    records[1][name] = records[1][name][:1]
    with pytest.raises(RecordError) as raised:
        fold_records(records, State(3, ("a", "b")))
    assert raised.value.place == 1


def test_what_an_event_changes_is_either_brought_back_by_a_rollback_or_stays():
    standing, lasting = ({each.name for each in fields(part)} for part in (Standing, Lasting))
    assert not standing & lasting
    assert vars(State(3, ("a", "b"))).keys() == standing | lasting


def test_a_rollback_brings_back_what_stood_and_nothing_else():
    given = {"annotator": None, "seconds": 1.5, "shown_at": None, "round": 0, "sample": "s"}
    record = Round(1, 1, 1, 0.5, 0.4, 0.6, "audit", 0, 0.1, 0.5, 0.0, "margin")
    asked = Asked(
        id="q", at=1.0, items=(1, 2, 3), utility=(0.5, None, 0.1), audit=(True, False, False), withdrawn=(), round=0,
        strategy="x",
    )  # fmt: skip
    before = [asked, Labeled(id="a", at=1.0, item=1, label="a", **given)]
    trained = Trained(id="t", at=1.0, upto=2, seed=1, training_set="h", record=record, tested=((1, 0),))
    after = [
        Labeled(id="b", at=1.0, item=2, label="b", copies=(4,), **given),
        Labeled(id="c", at=1.0, item=1, label="b", **given),
        Flagged(id="d", at=1.0, item=2, note="odd", annotator=None),
        AuditSet(id="e", at=1.0, mode="ended"),
        RepeatsRequested(id="f", at=1.0, items=(1,)),
        ClassAdded(id="g", at=1.0, label="c", annotator=None),
        Failed(id="h", at=1.0, upto=3, error="why"),
    ]
    stood, changed = fold([*before, trained], 5, ("a", "b")), fold([*before, trained, *after], 5, ("a", "b"))
    unlike = {name for name, value in facts(changed).items() if value != facts(stood)[name]}
    state = fold([*before, trained, *after, RolledBack(id="r", at=1.0, round=1)], 5, ("a", "b"))
    known = {"n_events", "seen", "past", "branches"}
    for each in fields(Standing):
        expected = facts(stood)[each.name]
        # A class that was found meanwhile has no samples.
        assert facts(state)[each.name] == (expected if each.name != "class_counts" else [*expected, 0]), each.name
    for each in fields(Lasting):
        assert each.name in known or facts(state)[each.name] == facts(changed)[each.name], each.name
    assert {
        "codes",
        "answered",
        "unlearned",
        "pending_repeats",
        "audit_mode",
        "failure",
        "flags",
        "seconds",
        "classes",
    } <= unlike


def test_events_are_a_sequence_that_nothing_changes():
    state = State(800, ("a", "b"))
    fold_records(answers(700), state)
    made = [from_record(record) for record in answers(720)]
    before = Events(state.past)
    for event in made[700:]:
        state.apply(event)
    events = Events(state.past)
    assert before == tuple(made[:700])
    assert events == tuple(made)
    assert events[:700] == before
    assert before != events
    assert (events[0], events[-1], events[650]) == (made[0], made[-1], made[650])
    assert events[695:705] == tuple(made[695:705])
    assert events[::-100] == tuple(made[::-100])
    assert events[5:5] == ()
    assert repr(events[:2]) == repr(tuple(made[:2]))
    assert list(reversed(before)) == made[699::-1]
    with pytest.raises(IndexError):
        events[720]
