"""The fold of answers of several annotators: without a team the last one is the label, with a team all amount to it."""

import contextlib
import itertools

import numpy as np
import pytest

from alwidgets.journal.columns import stretches
from alwidgets.journal.encode import to_record
from alwidgets.journal.events import (
    Asked,
    AskedMore,
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
from alwidgets.journal.standing import Standing
from alwidgets.journal.state import CANDIDATE, LABELED, OPEN, PENDING, SKIPPED, State, fold
from alwidgets.stopping import Round

N = 12
CLASSES = ("ham", "spam")
COUNT = itertools.count()


def said(item, annotator, label="ham", **more):
    """An answer; None for "cannot tell"."""
    fields = {
        "id": f"{annotator}-{item}-{next(COUNT)}", "at": 1.0, "item": item, "annotator": annotator, "seconds": 1.0,
        "shown_at": None, "round": 0,
    }  # fmt: skip
    return Skipped(**fields, **more) if label is None else Labeled(**fields, label=label, sample="s", **more)


def team(**changes):
    given = {
        "annotators": ("a1", "a2", "a3", "a4"), "experts": ("e1",), "answers": 2, "at_most": 4, "audit_answers": 2,
        "consensus": "majority", "gold_share": 0.0, "lease_seconds": 60.0,
    }  # fmt: skip
    return TeamSet(id=f"team {next(COUNT)}", at=0.0, **given | changes)


def asked(*items, audit=False):
    n = len(items)
    return Asked(
        id=f"asked {next(COUNT)}", at=0.0, items=items, utility=(None,) * n, audit=(audit,) * n, withdrawn=(), round=0,
        strategy="x",
    )  # fmt: skip


def folded(*events):
    return fold(events, N, CLASSES)


def undone(answer, annotator=None):
    return Undone(id=f"undo {next(COUNT)}", at=2.0, target=answer.id, annotator=annotator)


def same(first, second):
    """Whether two states stand for the same, to the last field."""
    for name in Standing.__dataclass_fields__:
        if name == "ballots":  # a memory of what was read
            continue
        a, b = getattr(first, name), getattr(second, name)
        if isinstance(a, np.ndarray):
            np.testing.assert_array_equal(a, b, err_msg=name)
        else:
            assert a == b, name


def test_without_a_team_the_last_answer_is_the_label_and_that_of_each_is_known():
    state = folded(said(3, "a1", "ham"), said(3, "a2", "spam"), said(3, "a1", "spam"), said(3, "a2", "ham"))
    assert state.label_at(3) == "ham"
    assert [state.past.event(number).label for number in state.given(3).values()] == ["spam", "ham"]


def test_without_a_team_undoing_ones_own_leaves_what_the_other_said():
    mine, other = said(3, "a1", "ham"), said(3, "a2", "spam")
    assert folded(mine, other, undone(mine)).label_at(3) == "spam"
    assert folded(mine, other, undone(other)).label_at(3) == "ham"


@pytest.mark.parametrize(
    ("answers", "status", "label", "missing"),
    [
        ([("a1", "ham")], LABELED, "ham", 1),
        ([("a1", "ham"), ("a2", "ham")], LABELED, "ham", 0),
        ([("a1", "ham"), ("a2", "spam")], OPEN, None, 1),
        ([("a1", "ham"), ("a2", "spam"), ("a3", "spam")], LABELED, "spam", 0),
        ([("a1", "ham"), ("a2", "spam"), ("a3", "spam"), ("a4", "ham")], OPEN, None, 0),
        ([("a1", None)], OPEN, None, 2),
        ([("a1", None), ("a2", "ham")], LABELED, "ham", 1),
        ([("a1", None), ("a2", None), ("a3", None), ("a4", None)], SKIPPED, None, 0),
        ([("a1", "ham"), ("a1", "spam")], LABELED, "spam", 1),
        ([("a1", None), ("a1", "spam"), ("a2", "spam")], LABELED, "spam", 0),
    ],
)
def test_all_answers_amount_to_the_label(answers, status, label, missing):
    state = folded(team(), asked(5), *(said(5, name, each) for name, each in answers))
    assert (state.status[5], state.label_at(5), state.missing.get(5, 0)) == (status, label, missing)
    assert state.pending == []
    assert state.n_labeled == (status == LABELED)
    assert sum(state.class_counts) == state.n_labeled


def test_what_measures_has_no_label_before_all_its_answers():
    state = folded(team(audit_answers=3), asked(5, audit=True), said(5, "a1"), said(5, "a2"))
    assert (state.status[5], state.missing) == (OPEN, {5: 1})
    state.apply(said(5, "a3", "spam"))
    assert state.label_at(5) == "ham"
    assert state.audit_answers == {5: [(5, 0)]}
    assert not state.corrected_at


def test_an_answer_that_changes_no_label_is_nothing_to_learn():
    state = folded(team(), said(5, "a1"))
    assert len(state.unlearned) == 1
    state.apply(said(5, "a2"))
    assert len(state.unlearned) == 1
    state.apply(said(5, "a3", "spam"))
    state.apply(said(5, "a4", "spam"))
    assert len(state.unlearned) == 2


def test_undoing_goes_to_what_the_others_say_and_then_to_the_question():
    first, second, third = said(5, "a1"), said(5, "a2", "spam"), said(5, "a3", "spam")
    state = folded(team(), asked(5, 6), first, second, third)
    assert state.label_at(5) == "spam"
    state.apply(undone(third))
    assert (state.status[5], state.missing) == (OPEN, {5: 1})
    state.apply(undone(first))
    assert (state.label_at(5), state.missing) == ("spam", {5: 1})
    state.apply(undone(second))
    assert (state.status[5], state.pending, state.missing) == (PENDING, [5, 6], {})
    assert state.n_labeled == 0


def test_a_settled_label_stands_until_somebody_answers_again():
    answers = [said(5, "a1"), said(5, "a2", "spam"), said(5, "a3"), said(5, "a4", "spam")]
    word = said(5, "e1", "spam")
    settled = Settled(id="s", at=3.0, item=5, label="spam", annotator="e1", reason="r", answer=word.id, n_answers=4)
    state = folded(team(), *answers, word, settled)
    assert (state.label_at(5), state.settlement(5)) == ("spam", settled)
    again = said(5, "a1", "ham")
    state.apply(again)
    assert state.settlement(5) is None
    state.apply(undone(again))
    assert state.settlement(5) == settled
    state.apply(undone(word))
    assert (state.settlement(5), state.status[5]) == (None, OPEN)


def test_where_a_second_settlement_is_undone_the_first_stands_again():
    words = said(5, "e1", "spam"), said(5, "e1", "ham")
    first, second = (
        Settled(id=f"s{at}", at=3.0, item=5, label=word.label, annotator="e1", reason="", answer=word.id, n_answers=2)
        for at, word in enumerate(words)
    )
    state = folded(team(), said(5, "a1"), said(5, "a2", "spam"), words[0], first, words[1], second)
    assert (state.settlement(5), state.label_at(5)) == (second, "ham")
    state.apply(undone(words[1]))
    assert (state.settlement(5), state.label_at(5)) == (first, "spam")
    state.apply(said(5, "a3", "ham"))
    assert state.settlement(5) is None


def test_an_item_tells_once_whether_people_agree_however_often_it_was_undone():
    state = folded(team(), said(5, "a1"))
    for _ in range(3):
        second = said(5, "a2")
        state.apply(second)
        assert (state.n_doubled, state.n_agreed) == (1, 1)
        state.apply(undone(second))
        assert (state.n_doubled, state.n_agreed) == (0, 0)
    state.apply(said(5, "a2", "spam"))
    assert (state.n_doubled, state.n_agreed) == (1, 0)
    state.apply(said(5, "a2", "ham"))
    assert (state.n_doubled, state.n_agreed) == (1, 1)


def test_a_settlement_does_not_tell_whether_people_agree():
    word = said(5, "e1", "ham")
    settled = Settled(id="s", at=3.0, item=5, label="ham", annotator="e1", reason="", answer=word.id, n_answers=1)
    state = folded(team(), said(5, "a1"), word, settled)
    assert (state.n_doubled, len(state.votes(5))) == (0, 2)


def test_weights_that_were_recorded_too_large_to_be_summed_are_folded_in_all_the_same():
    heavy = [WeightSet(id=f"w{name}", at=0.0, of=name, weight=1.7e308) for name in ("a1", "a2")]
    state = folded(team(), *heavy, said(5, "a1"), said(5, "a2"), said(5, "a3", "spam"))
    assert state.label_at(5) == "ham"


def test_gold_neither_trains_nor_is_asked_and_comes_back_when_it_is_none_any_more():
    given = said(4, "a1", "spam")
    state = folded(team(), asked(5, 6), given, GoldSet(id="g", at=0.0, items=(4, 5), labels=("ham", "spam")))
    assert (state.pending, state.status[4], state.status[5], state.n_labeled) == ([6], OPEN, OPEN, 0)
    state.apply(said(5, "a1"))
    state.apply(said(5, "a2"))
    assert (state.status[5], state.missing) == (OPEN, {})
    state.apply(GoldSet(id="h", at=0.0, items=(), labels=()))
    assert (state.label_at(4), state.label_at(5)) == ("spam", "ham")


def test_more_answers_can_be_asked_for_an_item():
    state = folded(team(), said(5, "a1"), said(5, "a2"), AskedMore(id="m", at=0.0, items=(5, 6), answers=3))
    assert state.missing == {5: 1}
    state.apply(said(6, "a1"))
    assert state.missing == {5: 1, 6: 2}


def test_weights_change_what_was_decided_and_can_be_set_back():
    state = folded(team(), said(5, "a1"), said(5, "a2", "spam"), said(5, "a3", "spam"))
    state.apply(WeightSet(id="w", at=0.0, of="a1", weight=3.0))
    assert state.label_at(5) == "ham"
    state.apply(WeightSet(id="x", at=0.0, of="a1", weight=0.0))
    assert state.label_at(5) == "spam"
    state.apply(WeightSet(id="y", at=0.0, of="a1", weight=1.0))
    assert (state.label_at(5), state.weights) == ("spam", {})


def test_a_label_that_does_not_count_is_none_and_what_the_others_could_not_tell_is_left():
    weightless = WeightSet(id="w", at=1.0, of="a3", weight=0.0)
    rules = team(annotators=("a1", "a2", "a3"), answers=1, at_most=2)
    skips = [said(3, "a1", None, unsure=True), said(3, "a2", None)]
    for events in ([*skips, said(3, "a3"), weightless], [weightless, *skips, said(3, "a3")]):
        state = folded(rules, asked(3), *events)
        assert (state.status[3], state.codes[3], state.n_labeled) == (SKIPPED, -1, 0)
        assert state.disputed() == [3]
    # Nobody else said anything: an expert is to.
    alone = folded(team(annotators=("a3",), answers=1, at_most=1), asked(3), said(3, "a3"), weightless)
    assert (alone.status[3], alone.n_labeled, alone.disputed()) == (OPEN, 0, [3])


def test_a_label_is_known_by_the_newest_answer_that_still_says_it():
    rules = team(answers=1)
    events = [said(3, "a1"), said(3, "a2"), said(3, "a2", None)]
    state = folded(rules, asked(3), *events)
    assert state.standing()[3].id == events[0].id
    heavier = WeightSet(id="w", at=1.0, of="a1", weight=2.0)
    state = folded(rules, asked(3), events[0], events[1], said(3, "a2", "spam"), heavier)
    assert (state.codes[3], state.standing()[3].annotator) == (0, "a1")


def test_what_was_labeled_before_the_team_keeps_its_one_answer():
    state = folded(said(5, None), said(6, "anna"), team())
    assert (state.label_at(5), state.label_at(6), state.missing) == ("ham", "ham", {})
    state.apply(said(5, "a1", "spam"))
    assert (state.status[5], state.missing) == (OPEN, {5: 1})


def test_an_answer_to_an_item_that_lacks_none_counts_and_is_late():
    third = said(5, "a3", "spam")
    state = folded(team(), said(5, "a1"), said(5, "a2"), third)
    assert state.late == {state.seen[third.id]}
    assert state.verdict(5).share == pytest.approx(2 / 3)


def test_identical_samples_have_what_all_answers_to_one_of_them_amount_to():
    first, second = said(3, "a1", copies=(7,)), said(3, "a2", "spam", copies=(7,))
    state = folded(team(), first, second)
    assert (state.status[7], state.missing) == (OPEN, {3: 1})
    state.apply(said(3, "a3", "spam", copies=(7,)))
    assert (state.label_at(3), state.label_at(7), bool(state.copied[7])) == ("spam", "spam", True)
    assert state.n_labeled == 1
    state.apply(said(7, "a1", "ham"))
    assert (bool(state.copied[7]), state.label_at(7), state.missing) == (False, "ham", {7: 1})
    assert state.training_rows().tolist() == [3, 7]


@pytest.mark.parametrize(
    ("before", "event", "why"),
    [
        ([], GoldSet(id="g", at=0.0, items=(4,), labels=("ham",)), "there is no team"),
        ([], AskedMore(id="m", at=0.0, items=(5,), answers=3), "there is no team"),
        ([team()], GoldSet(id="g", at=0.0, items=(4, 5), labels=("ham",)), "argument 2 is shorter"),
        ([team()], GoldSet(id="g", at=0.0, items=(4,), labels=("eggs",)), "not one of the classes"),
        (
            [team()],
            Settled(id="s", at=3.0, item=5, label="ham", annotator="e1", reason="", answer="b", n_answers=0),
            "an answer that there is not",
        ),
        ([team()], WeightSet(id="w", at=0.0, of="a1", weight=-1.0), "expected 0 or more"),
    ],
)
def test_events_that_cannot_follow_are_refused(before, event, why):
    with pytest.raises(ValueError, match=why):
        folded(*before, event)


def settling(rng, item, place):
    word = said(item, "e1", "spam" if rng.random() < 0.5 else None)
    label = getattr(word, "label", None)
    return [
        word,
        Settled(id=f"s{place}", at=0.0, item=item, label=label, annotator="e1", reason="", answer=word.id, n_answers=0),
    ]


def drawn_step(rng, events, place):
    """What may happen next to a team: a list of events, or none."""
    item, name, n = int(rng.integers(N)), f"a{rng.integers(1, 5)}", len(events)
    fits = [event.record.round for event in events if isinstance(event, Trained)]
    made = Round(place + 1, 1, 1, 0.5, 0.4, 0.6, "audit", 1, 0.1, 1.0, 0.0, "x")
    copies = (N - 1,) if item < 2 and rng.random() < 0.3 else ()
    answers = [event for event in events if isinstance(event, Labeled | Skipped)]
    steps = {
        "answer": lambda: [said(item, name, rng.choice(["ham", "spam", None], p=[0.4, 0.4, 0.2]), copies=copies)],
        "undo": lambda: [undone(answers[int(rng.integers(len(answers)))])],
        "settle": lambda: settling(rng, item, place),
        "more": lambda: [AskedMore(id=f"m{place}", at=0.0, items=(item,), answers=int(rng.integers(1, 5)))],
        "weight": lambda: [WeightSet(id=f"w{place}", at=0.0, of=name, weight=float(rng.choice([0, 0.5, 1, 2])))],
        "gold": lambda: [GoldSet(id=f"g{place}", at=0.0, items=(item,), labels=("spam",))],
        "ask": lambda: [asked(item, audit=bool(rng.random() < 0.3))],
        "fit": lambda: [Trained(id=f"t{place}", at=0.0, upto=n, seed=1, training_set="h", record=made)],
        "back": lambda: [RolledBack(id=f"b{place}", at=0.0, round=fits[-1])] if fits else [],
    }
    return steps[rng.choice([*steps, "answer", "answer", "answer", "answer", "ask", "ask"])]()


def drawn_events(rng, n):
    """A long story of a team, with all that can happen."""
    events = [said(0, "anna"), asked(*range(4)), team(audit_answers=3)]
    for place in range(n):
        step = drawn_step(rng, events, place)
        # What cannot follow is refused in a session too.
        with contextlib.suppress(ValueError):
            folded(*events, *step)
            events += step
    return events


@pytest.mark.parametrize("seed", range(6))
def test_whatever_a_team_did_opens_again_as_it_was(seed):
    events = drawn_events(np.random.default_rng(seed), 150)
    live = fold(events, N, CLASSES)
    read = State(N, CLASSES)
    for stretch in stretches(map(to_record, events)):
        read.apply_all(stretch)
    same(live, read)
    assert live.n_labeled == np.count_nonzero((live.status == LABELED) & ~live.copied)
    assert np.array_equal(live.codes >= 0, live.status == LABELED)
    given = [
        live.past.event(number)
        for row in range(N)
        for number in live.given(row).values()
        if live.past.event(number).item == row
    ]
    assert live.n_given == sum(isinstance(answer, Labeled) for answer in given)
    assert sorted(live.pending) == np.flatnonzero(live.status == PENDING).tolist()
    assert not any(live.status[row] == CANDIDATE for row in live.missing)
    for moment in range(3, len(events), 31):
        same(live.after(moment), read.after(moment))
