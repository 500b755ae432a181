"""A session with a team: who is asked what, what the answers amount to, and that nothing of it is lost."""

import shutil
import threading
import warnings
from collections import Counter

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw
from alwidgets.io import AnswerRecord
from alwidgets.journal.events import GoldSet, TeamSet, Trained
from alwidgets.loop.dealing import Dealing
from tests.faults.processes import Labeling
from tests.faults.sample import Y, answer_next, ended, opened

PEOPLE = ["a1", "a2", "a3"]


def team(**changes):
    return alw.Team(**{"annotators": PEOPLE, "experts": ["e1"], "answers": 2, "at_most": 3} | changes)


@pytest.fixture
def make_team_session(make_session):
    def make(rules=None, **changes):
        return make_session(**{"team": rules or team(), "audit": 0} | changes)

    return make


def rounds_of_answers(session, truth, n, right=None, seed=0):
    """Let everybody answer n questions in turn, each right so often; return what was asked of whom."""
    rng, asked = np.random.default_rng(seed), Counter()
    for _ in range(n):
        for name in PEOPLE:
            for item in session.query(1, annotator=name).tolist():
                wrong = next(label for label in session.classes if label != truth[item])
                good = rng.random() < (right or {}).get(name, 1.0)
                session.teach(item, str(truth[item]) if good else wrong, annotator=name, seconds=2.0)
                asked[item, name] += 1
        session.wait()
    return asked


def how_of(session, item):
    row = session.labels.set_index("item").loc[item]
    return row["label"], row["n_answers"], round(row["share"], 2), row["how"]


# What the answers amount to


def test_the_label_is_what_most_say_and_says_how_sure_that_is(make_team_session):
    session = make_team_session()
    session.teach(3, "left", annotator="a1")
    assert how_of(session, 3) == ("left", 1, 1.0, "single")
    session.teach(3, "right", annotator="a2")
    assert session.labels.empty
    session.teach(3, "right", annotator="a3")
    assert how_of(session, 3) == ("right", 3, 0.67, "consensus")
    answers = session.answers
    assert answers[["item", "annotator", "label", "standing"]].to_numpy().tolist() == [
        [3, "a1", "left", True], [3, "a2", "right", True], [3, "a3", "right", True],
    ]  # fmt: skip


def test_before_the_first_answer_nothing_is_measured_and_every_table_has_its_columns(make_team_session):
    session = make_team_session()
    assert session.labels.columns.tolist()[-3:] == ["n_answers", "share", "how"]
    assert session.answers.empty
    assert session.disputed().empty
    assert session.team.agreement.alpha is None
    assert session.team.annotators["n_answers"].tolist() == [0, 0, 0, 0]
    assert session.team.annotators[["seconds", "gold", "quality", "percent"]].isna().to_numpy().all()


def test_multilabel_answers_and_identical_samples_have_a_consensus_too():
    X = np.vstack([np.eye(6), np.eye(6)[:1]])
    learner = OneVsRestClassifier(LogisticRegression())
    session = alw.Session(X, classes=["a", "b", "c"], task="multi", learner=learner, team=team(), audit=0)
    session.teach(0, ["a", "b"], annotator="a1")
    session.teach(0, ["b", "a"], annotator="a2")
    assert how_of(session, 0) == (("a", "b"), 2, 1.0, "consensus")
    assert how_of(session, 6) == how_of(session, 0)
    session.teach(0, [], annotator="a1")
    assert session.labels.empty
    session.settle(0, ["c"], annotator="e1")
    assert how_of(session, 6) == (("c",), 3, 1.0, "settled")


def test_a_correction_of_ones_own_is_no_second_vote(make_team_session):
    session = make_team_session()
    for label in ("left", "right"):
        session.teach(3, label, annotator="a1")
    assert how_of(session, 3) == ("right", 1, 1.0, "single")
    assert session.answers["standing"].tolist() == [False, True]


def test_without_a_team_labels_are_as_they_were(make_session):
    session = make_session()
    session.teach(3, "left", annotator="a1")
    session.teach(3, "right", annotator="a2")
    assert session.labels["label"].tolist() == ["right"]
    assert not {"n_answers", "share", "how"} & set(session.labels.columns)
    assert session.answers["annotator"].tolist() == ["a1", "a2"]
    assert session.team is None
    assert session.disputed().empty


def test_undo_undoes_ones_own_and_the_others_stand(make_session):
    session = make_session()
    session.teach(3, "left", annotator="a1")
    session.teach(3, "right", annotator="a2")
    assert session.undo(annotator="a1") == [3]
    assert session.labels[["label", "annotator"]].to_numpy().tolist() == [["right", "a2"]]
    assert session.undo(annotator="a1") == []
    session.teach(3, "left", annotator="a1")
    assert session.undo(annotator="a1") == [3]
    assert session.labels["label"].tolist() == ["right"]


def test_in_a_team_only_an_expert_undoes_what_another_said(make_team_session):
    session = make_team_session()
    session.teach(3, "left", annotator="a1", event_id="mine")
    session.teach(4, "left", annotator="a2")
    with pytest.raises(ValueError, match="the answer to item 3 is by 'a1'; expected one by 'a2', or an expert"):
        session.undo(target="mine", annotator="a2")
    assert session.undo(target="mine", annotator="e1") == [3]
    assert session.undo(annotator="a1") == []
    assert session.undo(annotator="a2") == [4]


def test_a_second_answer_of_another_is_agreement_between_them_and_not_with_oneself(make_session):
    session = make_session()
    session.teach(3, "left", annotator="a1")
    session.request_repeats([3])
    session.answer_repeat(3, "right", annotator="a2")
    assert session.agreement.n == 0
    session.answer_repeat(3, "left", annotator="a1")
    assert (session.agreement.n, session.agreement.n_agreeing) == (1, 1)
    standing = session.answers.query("standing")
    assert standing[["annotator", "label"]].to_numpy().tolist() == [["a1", "left"], ["a2", "right"]]
    assert session.answers["second"].tolist() == [False, False, True]


def test_in_a_team_a_repeat_is_a_second_answer_only_of_who_gave_a_first(make_team_session):
    session = make_team_session()
    session.teach(3, "left", annotator="a1")
    session.request_repeats([3])
    session.answer_repeat(3, "left", annotator="a2")
    assert how_of(session, 3) == ("left", 2, 1.0, "consensus")
    session.answer_repeat(3, "right", annotator="a1")
    assert session.agreement.n == 1
    assert how_of(session, 3) == ("left", 2, 1.0, "consensus")


def test_two_who_answer_at_once_are_two_answers_and_no_race(make_team_session):
    session = make_team_session()
    known = session.progress.n_events
    session.teach(3, "left", annotator="a1", as_of=known)
    session.teach(3, "left", annotator="a2", as_of=known)
    session.teach(3, "right", annotator="a2", as_of=known)
    assert how_of(session, 3) == ("left", 2, 1.0, "consensus")
    assert session.repeats[["first", "second"]].to_numpy().tolist() == [["left", "right"]]


# Disputes


def test_a_tie_is_asked_again_until_the_most_then_an_expert_settles_it_and_an_answer_reopens_it(make_team_session):
    session = make_team_session(team(annotators=["a1", "a2"], answers=2, at_most=2))
    session.teach(3, "left", annotator="a1", seconds=4.0)
    session.teach(3, "right", annotator="a2")
    session.note(3, "blurred", annotator="a2")
    (row,) = session.disputed().to_dict("records")
    assert row == {
        "item": 3, "n_answers": 2, "share": 0.5, "answers": {"a1": "left", "a2": "right"},
        "seconds": {"a1": 4.0, "a2": None}, "note": "blurred", "flag": "",
    }  # fmt: skip
    assert 3 in session.query(5, annotator="e1")
    session.settle(3, "right", annotator="e1", reason="edge is sharp", event_id="once")
    session.settle(3, "right", annotator="e1", reason="edge is sharp", event_id="once")
    assert how_of(session, 3) == ("right", 3, 1.0, "settled")
    assert session.disputed().empty
    assert session.audit_log["note"].tolist()[-1] == "edge is sharp"
    session.teach(3, "left", annotator="a2")
    assert how_of(session, 3) == ("left", 3, 0.67, "consensus")
    session.undo(annotator="a2")
    assert how_of(session, 3)[3] == "settled"


def test_what_has_no_label_is_in_no_table_of_labels(make_team_session, tmp_path):
    session = make_team_session(team(annotators=["a1", "a2"], at_most=2, gold={5: "left"}))
    for item in (3, 4, 5):
        session.teach(item, "left", annotator="a1")
    session.teach(3, "right", annotator="a2")
    session.teach(5, "left", annotator="a2")
    assert session.review()["item"].tolist() == session.labels["item"].tolist() == [4]
    assert session.to_frame()["label"].notna().sum() == 1
    folder = session.export(tmp_path / "out", model=False)
    assert (folder / "labels.csv").read_text().count("\n") == 2


def test_answers_of_another_tool_count_beside_those_of_others(make_team_session):
    session = make_team_session()
    session.teach(3, "left", annotator="a1")
    records = [
        AnswerRecord(sample=session.sample_id(3), answer=(label,), annotator=name, when=1.0)
        for name, label in (("a2", "right"), ("a3", "right"), ("zoe", "left"))
    ]
    received = session.receive(records)
    assert (received.n_taken, received.refused[0].reason[:19]) == (2, "annotator is 'zoe';")
    assert how_of(session, 3) == ("right", 3, 0.67, "consensus")


def test_an_item_can_be_settled_as_having_no_label(make_team_session):
    session = make_team_session()
    session.teach(3, "left", annotator="a1")
    session.settle(3, None, annotator="e1", reason="cut off")
    assert session.labels.empty
    assert session.progress.n_skipped == 1


def test_who_could_not_tell_is_none_of_the_answers_that_a_label_is_from(make_team_session):
    session = make_team_session()
    session.skip(3, annotator="a1")
    session.teach(3, "left", annotator="a2")
    assert how_of(session, 3)[1:] == (1, 1.0, "single")


def test_what_an_expert_settled_is_no_agreement(make_team_session):
    session = make_team_session(team(annotators=["a1", "a2"], at_most=2))
    for item in range(4):
        session.teach(item, "left", annotator="a1")
        session.teach(item, "right", annotator="a2")
        session.settle(item, "left", annotator="e1")
    assert (session.team.agreement.percent, session.team.agreement.n_doubled) == (0, 4)
    assert session.team.annotators["percent"].fillna(-1).tolist() == [0, 0, -1]
    assert session.team.annotators["n_answers"].tolist() == [4, 4, 4]


@pytest.mark.parametrize("consensus", ["dawid_skene", max])
def test_a_weight_that_changes_no_label_says_so(make_team_session, consensus):
    session = make_team_session(team(consensus=consensus))
    with pytest.warns(RuntimeWarning, match="the weight of a1 changes no label by .* 0 leaves the answers out"):
        session.team.weigh("a1", 0.5)
    session.team.weigh("a1", 0)


# Who is asked what


def test_an_item_is_before_at_most_as_many_as_answers_are_wanted_and_never_twice_before_one(make_team_session):
    session = make_team_session()
    before = {name: session.query(4, annotator=name).tolist() for name in PEOPLE}
    assert max(Counter(item for items in before.values() for item in items).values()) == 2
    assert session.query(4, annotator="a1").tolist() == before["a1"]
    item = before["a1"][0]
    session.teach(item, "left", annotator="a1")
    assert item not in session.query(10, annotator="a1")


def test_who_leaves_frees_what_was_before_them(make_team_session):
    session = make_team_session(team(answers=1))
    items = session.query(3, annotator="a1").tolist()
    assert not set(items) & set(session.query(3, annotator="a2").tolist())
    session.team.release("a1")
    session.team.release("a2")
    assert session.query(3, annotator="a3").tolist() == items


def test_what_expires_is_asked_of_others_and_a_late_answer_counts_once_as_late(make_team_session):
    session = make_team_session(team(answers=1))
    core, now = session._core, [0.0]
    core.dealing = Dealing(core.log, team(answers=1), 0, core.engine.query, 4, clock=lambda: now[0])
    (item,) = session.query(1, annotator="a1").tolist()
    now[0] = 100.0
    session.team.renew("a1")
    now[0] = 200.0
    assert item not in session.query(1, annotator="a2")
    now[0] = 300.0
    assert session.query(5, annotator="a2").tolist()[-1] == item or item in session.query(9, annotator="a2")
    session.teach(item, "left", annotator="a2")
    session.teach(item, "left", annotator="a1", event_id="late")
    session.teach(item, "left", annotator="a1", event_id="late")
    assert session.answers["late"].tolist() == [False, True]
    assert how_of(session, item) == ("left", 2, 1.0, "consensus")


def test_what_one_cannot_tell_is_asked_of_somebody_else_first(make_team_session):
    session = make_team_session()
    item, other = session.query(2, annotator="a1").tolist()
    session.teach(other, "left", annotator="a1")
    session.skip(item, unsure=True, annotator="a1")
    assert item not in session.query(9, annotator="a1")
    assert session.query(2, annotator="a2").tolist() == [item, other]
    assert session.progress.n_skipped == 0


def test_a_new_model_takes_nothing_away_that_is_before_somebody(make_team_session, blobs):
    session = make_team_session(team(answers=1), batch_size=8)
    for item in range(12):
        session.teach(item, str(blobs[1][item]), annotator="a1")
    held = {name: session.query(4, annotator=name).tolist() for name in PEOPLE}
    session.retrain()
    for name in PEOPLE:
        assert session.query(4, annotator=name).tolist() == held[name]


def test_three_threads_label_without_that_an_item_vanishes_or_is_answered_too_often(make_team_session, blobs):
    session, y = make_team_session(batch_size=4), blobs[1]
    vanished, errors, barrier = [], [], threading.Barrier(3)

    def work(name):
        try:
            barrier.wait()
            before = []
            for _ in range(25):
                items = session.query(3, annotator=name).tolist()
                vanished.extend(set(before) - set(items))
                if not items:
                    break
                session.teach(items[0], str(y[items[0]]), annotator=name)
                before = items[1:]
        except Exception as error:  # noqa: BLE001 - told by the thread that waits
            errors.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in PEOPLE]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session.wait()
    assert errors == []
    assert vanished == []
    answers = session.answers
    assert len(answers) == 75
    assert not answers["late"].any()
    assert answers.groupby("item").size().max() == 2


# Gold, quality, weights


def test_gold_is_asked_as_often_as_it_should_and_neither_trains_nor_measures(make_team_session, blobs):
    gold = {item: str(blobs[1][item]) for item in range(20)}
    session = make_team_session(team(gold=gold, gold_share=0.2), audit=0.2, test=None)
    rounds_of_answers(session, blobs[1], 20)
    answers = session.answers
    for name in PEOPLE:
        assert answers[answers["annotator"] == name]["item"].isin(list(gold)).sum() == 4
    assert not session.labels["item"].isin(list(gold)).any()
    state = session._core.log.state
    assert not set(state.training_rows().tolist()) & set(gold)
    assert not set(state.audit_rows().tolist()) & set(gold)
    assert session.team.gold(0.9)["n_right"].tolist() == [4, 4, 4]


def test_each_person_is_measured_and_shown_and_nobody_is_blocked(make_team_session, blobs):
    gold = {item: str(blobs[1][item]) for item in range(30)}
    session = make_team_session(team(gold=gold, gold_share=0.3))
    rounds_of_answers(session, blobs[1], 30, {"a3": 0.4})
    people = session.team.annotators
    assert list(people.index) == [*PEOPLE, "e1"]
    assert people["n_answers"].tolist() == [30, 30, 30, 0]
    assert people["seconds"].tolist()[:3] == [2.0, 2.0, 2.0]
    assert people["quality"].idxmin() == people["percent"].idxmin() == people["gold"].idxmin() == "a3"
    assert np.isnan(people.loc["e1", "quality"])
    assert session.team.gold(0.9)["below"].tolist() == [False, False, True]
    assert session.team.agreement.n_annotators == 3
    assert "a1, a2, a3" in repr(session.team)
    assert len(session.query(2, annotator="a3")) == 2


def test_weights_and_more_answers_are_recorded_and_undone(make_team_session):
    session = make_team_session(team(annotators=["a1", "a2", "a3", "a4"], at_most=4))
    for name, label in (("a1", "left"), ("a2", "right"), ("a3", "right")):
        session.teach(3, label, annotator=name)
    session.team.weigh("a1", 3, reason="knows best", annotator="e1")
    assert how_of(session, 3) == ("left", 3, 0.6, "consensus")
    session.team.weigh("a1", 1)
    assert how_of(session, 3)[0] == "right"
    session.team.ask_more([3], 4, reason="odd")
    assert 3 in session.query(2, annotator="a4")
    kept = [item for item in session.query(2, annotator="a4").tolist() if item != 3]
    assert session.team.asked_again("a1") == [3]
    session.team.ask_more([3], None)
    # What is before them besides stays there.
    assert [lease.item for lease in session.team.active] == kept
    assert session.query(1, annotator="a4").tolist() == kept
    assert session.team.asked_again("a1") == []


def test_more_answers_and_that_it_is_as_usual_again_are_read_from_the_journal(make_team_session, path):
    session = make_team_session(journal=path)
    for item in (3, 4):
        for name in ("a1", "a2"):
            session.teach(item, "left", annotator=name)
    session.team.ask_again("a1", event_id="one")
    session.team.ask_again("a1", event_id="one")
    session.team.ask_more(3, None)
    ended(session)
    again = make_team_session(journal=path)
    assert again.team.asked_again("a1") == [4]
    assert again._core.log.state.missing == {4: 1}
    assert len([event for event in again.events if event.kind == "asked_more"]) == 2


def test_it_is_told_that_the_majority_stands_in_for_a_model_and_why(make_team_session, blobs):
    session = make_team_session(team(consensus="dawid_skene", answers=3))
    found = session.team.consensus
    assert (found.wanted, found.method, found.trained, found.n_differing) == ("dawid_skene", "majority", None, 0)
    assert str(found) == (
        "Labels are by the majority, not by Dawid and Skene's model: 0 annotators share items; dawid_skene needs 3, "
        "since two who differ do not tell which of them errs."
    )
    rounds_of_answers(session, blobs[1], 12)
    found = session.team.consensus
    assert (found.method, found.trained) == ("majority", "majority")
    assert "answers are to shared items; dawid_skene needs 60" in found.reason
    rounds_of_answers(session, blobs[1], 25)
    found = session.team.consensus
    assert (found.method, found.reason, found.trained) == ("dawid_skene", "", "dawid_skene")
    assert str(found).startswith("Labels are by Dawid and Skene's model; ")


def test_it_is_told_that_the_majority_stands_in_where_all_else_is_one_class(make_team_session):
    def lefts(given):
        return "left"

    session = make_team_session(team(consensus=lefts))
    for item, label in enumerate(["left", "right"]):
        for name in ("a1", "a2"):
            session.teach(item, label, annotator=name)
    assert session.team.consensus.reason == ("majority, since lefts finds one class alone, of which no model can learn")
    session.teach(1, "left", annotator="a2")
    assert session.team.consensus.wanted == "lefts"


def test_a_function_that_finds_no_label_at_all_is_not_said_to_find_one_class(make_team_session):
    def nothing(given):
        return None

    session = make_team_session(team(consensus=nothing))
    for item, label in enumerate(["left", "right"]):
        for name in PEOPLE[:2]:
            session.teach(item, label, annotator=name)
    assert session.team.consensus.reason == "majority, since nothing finds no label of any item"
    for item in range(2):
        session.settle(item, "left", annotator="e1")
    assert session.team.consensus.reason == ""


def test_an_answer_that_was_left_open_over_night_does_not_tell_how_long_one_takes(make_team_session):
    session = make_team_session()
    session.teach(3, "left", annotator="a1", seconds=1e9)
    assert session.team.annotators["seconds"].fillna(0).tolist() == [120, 0, 0, 0]


def test_one_of_anything_is_told_in_the_singular(make_team_session):
    session = make_team_session(team(annotators=["a1"], answers=1, experts=[]))
    session.teach(3, "left", annotator="a1")
    assert repr(session.team).startswith("Team of a1: 1 answer, ")
    assert repr(session.team.agreement).startswith("1 answer of 1 annotator to 1 item\n")
    with pytest.raises(ValueError, match="answers is 2, but the team has 1 annotator, who answer"):
        session.team.ask_more(3, 2)


def test_the_majority_that_was_asked_for_is_told_as_such(make_team_session):
    assert str(make_team_session().team.consensus) == "Labels are by the majority."


def test_what_measures_gets_its_own_number_of_answers(make_team_session, blobs):
    session = make_team_session(team(audit_answers=3, answers=1, at_most=3), audit=0.5, test=None)
    rounds_of_answers(session, blobs[1], 15)
    state, labels = session._core.log.state, session.labels
    assert labels[labels["audit"]]["n_answers"].min() == 3
    assert labels[~labels["audit"]]["n_answers"].max() == 1
    assert state.n_labeled == len(labels)


def test_the_budget_counts_answers(make_team_session, blobs):
    session = make_team_session(budget=alw.Budget(labels=30, cost_per_label=0.5), stop="budget")
    rounds_of_answers(session, blobs[1], 9)
    assert session.rounds.n_spent == 27
    assert not session.advice.stop
    assert session.rounds.cost == 13.5
    rounds_of_answers(session, blobs[1], 1)
    assert session.advice.stop
    assert "30 of 30 answers spent" in session.advice.sentence


# Opened again


def frames(session):
    return [
        frame.astype(object).where(frame.notna(), None).to_dict("list") for frame in (session.answers, session.labels)
    ]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "team.alw"


def test_what_is_opened_again_is_the_same(make_team_session, blobs, path):
    rules = team(gold={0: "left", 1: "right"}, gold_share=0.1)
    session = make_team_session(rules, journal=path)
    rounds_of_answers(session, blobs[1], 12, {"a3": 0.6})
    session.team.weigh("a3", 0.5)
    for item in session.disputed()["item"].tolist():
        session.settle(item, "left", annotator="e1")
    known, n_events = frames(session), session.progress.n_events
    ended(session)
    again = make_team_session(rules, journal=path)
    assert frames(again) == known
    assert again.progress.n_events == n_events
    assert again.rollback(again.progress.round).same_training_set
    assert alw.verify(path).sound


@pytest.mark.parametrize("consensus", ["dawid_skene", lambda given: given.get("a1", given.get("a2"))])
def test_a_model_of_other_labels_than_the_majoritys_is_refitted_exactly(make_team_session, blobs, path, consensus):
    rules = team(consensus=consensus, answers=3, at_most=3)
    session = make_team_session(rules, journal=path, learner=LogisticRegression())
    rounds_of_answers(session, blobs[1], 40, {"a1": 0.95, "a2": 0.75, "a3": 0.75}, seed=1)
    session.retrain()
    trained = [event for event in session.events if isinstance(event, Trained)]
    assert trained[-1].consensus == ("dawid_skene" if consensus == "dawid_skene" else "<lambda>")
    assert any(event.settled_as for event in trained)
    X, y = session.training_set()
    labels = session.labels.set_index("item")["label"]
    assert sorted(y.tolist()) == sorted(labels.tolist())
    coefficients = session.learner.estimator.coef_.copy()
    ended(session)
    again = make_team_session(rules, journal=path, learner=LogisticRegression())
    assert np.array_equal(again.learner.estimator.coef_, coefficients)
    found = again.rollback(trained[-1].record.round)
    assert found.same_training_set
    assert found.same_predictions
    assert len(X) == len(y)


def test_a_function_that_finds_one_class_alone_leaves_the_majority_to_train(make_team_session, blobs):
    session = make_team_session(team(consensus=lambda given: "left"))
    rounds_of_answers(session, blobs[1], 4)
    session.retrain()
    assert [event for event in session.events if isinstance(event, Trained)][-1].consensus == "majority"
    assert set(session.labels["label"]) == {"left", "right"}


def test_too_few_answers_for_a_model_of_annotators_are_counted(make_team_session, blobs):
    session = make_team_session(team(consensus="dawid_skene"))
    rounds_of_answers(session, blobs[1], 4)
    session.retrain()
    (*_, trained) = [event for event in session.events if isinstance(event, Trained)]
    assert (trained.consensus, trained.settled_as) == ("majority", ())


def test_a_journal_of_one_person_goes_on_with_a_team_and_nothing_is_lost(make_session, blobs, path):
    session = make_session(journal=path)
    for item in range(10):
        session.teach(item, str(blobs[1][item]), annotator="anna")
    known = session.labels["label"].tolist()
    ended(session)
    with pytest.warns(RuntimeWarning, match="10 samples were labeled before there was a team: they keep their labels"):
        session = make_session(journal=path, team=team())
    assert session.labels["label"].tolist() == known
    assert set(session.labels["how"]) == {"single"}
    assert not set(session.query(8, annotator="a1").tolist()) & set(range(10))
    session.teach(0, str(blobs[1][0]), annotator="a1")
    assert how_of(session, 0)[1:] == (2, 1.0, "consensus")
    session.team.ask_more(1, 2)
    assert 1 in session.query(1, annotator="a2")


def test_a_journal_of_a_team_goes_on_without_it_being_passed(make_session, make_team_session, blobs, path):
    rules = team(gold={0: "left"}, gold_share=0.1, consensus=lambda given: max(given.values()))
    session = make_team_session(rules, journal=path)
    rounds_of_answers(session, blobs[1], 5)
    known = session.answers
    ended(session)
    with pytest.warns(RuntimeWarning) as told:
        session = make_session(journal=path, audit=0)
    words = " ".join(str(each.message) for each in told)
    assert "labeled by a team (a1, a2, a3), and goes on by its rules" in words
    assert "came of the function '<lambda>', which no journal can hold" in words
    assert session.answers.equals(known)
    with pytest.raises(ValueError, match="annotator is None; expected who of the team answers: a1, a2, a3, e1"):
        session.teach(50, "left")
    ended(session)
    alone = make_session(journal=path, audit=0, team=alw.Team(["a1"], answers=1), annotator="a1")
    alone.teach(50, "left")
    assert how_of(alone, 50) == ("left", 1, 1.0, "single")


def test_the_team_is_on_record_once_and_again_where_it_changes(make_team_session, path):
    for rules in (team(), team(), team(answers=3), team(gold={0: "left"}), team(gold={0: "left"})):
        make_team_session(rules, journal=path).close()
    session = make_team_session(team(gold={0: "left"}), journal=path)
    kinds = [type(event) for event in session.events]
    assert (kinds.count(TeamSet), kinds.count(GoldSet)) == (3, 1)


def test_a_rollback_to_before_the_team_goes_on_with_it(make_session, blobs, path):
    session = make_session(journal=path)
    for item in range(8):
        session.teach(item, str(blobs[1][item]))
    session.wait()
    session.retrain()
    ended(session)
    with pytest.warns(RuntimeWarning, match="before there was a team"):
        session = make_session(journal=path, team=team(gold={50: "left"}))
    session.teach(20, "left", annotator="a1")
    session.rollback(1)
    assert session.query(1, annotator="a1").tolist()
    session.teach(21, "left", annotator="a1")
    assert how_of(session, 21)[3] == "single"
    ended(session)
    again = make_session(journal=path, team=team(gold={50: "left"}))
    assert how_of(again, 21)[3] == "single"


def test_two_copies_of_a_team_s_session_join_to_all_their_answers(make_team_session, tmp_path):
    copies = [tmp_path / "a.alw", tmp_path / "b.alw"]
    session = make_team_session(journal=copies[0])
    session.teach(3, "left", annotator="a1")
    ended(session)
    shutil.copytree(*copies)
    for path, name, label in ((copies[0], "a2", "left"), (copies[1], "a3", "right")):
        session = make_team_session(journal=path)
        session.teach(3, label, annotator=name)
        session.teach(4, label, annotator=name)
        session.teach(5, "left", annotator="a1", event_id=f"{name} of a1")
        session.settle(6, "right", annotator="e1")
        session.settle(7, "right", annotator="e1")
        session.undo(annotator="e1")
        ended(session)
    alw.merge(*copies, tmp_path / "both.alw")
    session = make_team_session(journal=tmp_path / "both.alw")
    assert how_of(session, 3) == ("left", 3, 0.67, "consensus")
    assert session.team.agreement.n_doubled == 2
    assert session.labels["item"].tolist() == [3, 5, 6]


def with_team(path):
    return opened(path, team=team(), audit=0, learner=GaussianNB())


def label_together(path, told):
    session = with_team(path)
    while True:
        for name in PEOPLE:
            for item in session.query(1, annotator=name).tolist():
                session.teach(item, str(Y[item]), annotator=name, event_id=f"{name}-{item}")
                told.send_bytes(f"{PEOPLE.index(name)}{item:04}".encode())


def test_a_team_whose_process_is_killed_loses_nothing_and_nothing_is_doubled(path):
    acknowledged = set()
    for _ in range(3):
        process = Labeling(label_together, path)
        acknowledged |= {process.heard() for _ in range(15)} | set(process.killed())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        session = with_team(path)
    answers = session.answers
    given = {
        10_000 * PEOPLE.index(name) + item for name, item in zip(answers["annotator"], answers["item"], strict=True)
    }
    assert len(acknowledged) >= 45
    assert acknowledged <= given
    assert len(answers) == len(given)
    assert answers.groupby("item").size().max() <= 2
    ended(session)


# Bad input


def test_a_team_is_checked_against_the_session(make_session):
    with pytest.raises(TypeError, match="with the names of the annotators"):
        make_session(team=PEOPLE)
    with pytest.raises(ValueError, match="gold of item 3 is 'eggs'; expected one of"):
        make_session(team=team(gold={3: "eggs"}))
    with pytest.raises(ValueError, match="gold has the item 999"):
        make_session(team=team(gold={999: "left"}))
    with pytest.raises(
        ValueError, match="item 3 and 1 more is in labels and in the gold of the team; expected it in one"
    ):
        make_session(team=team(gold={3: "left", 5: "left"}), labels={3: "left", 4: "left", 5: "right"})
    with pytest.raises(ValueError, match="annotator is 'zoe'; expected one of the team: 'a1', 'a2', 'a3', 'e1'"):
        make_session(team=team(), annotator="zoe")
    with pytest.raises(ValueError, match="in a multilabel task; expected 'majority'"):
        alw.Session(
            np.eye(4),
            classes=["a", "b"],
            learner=OneVsRestClassifier(LogisticRegression()),
            task="multi",
            team=team(consensus="dawid_skene"),
        )


def test_who_is_not_in_the_team_changes_nothing(make_team_session):
    session = make_team_session()
    before = session.progress.n_events
    calls = [
        lambda name: session.teach(3, "left", annotator=name),
        lambda name: session.skip(3, annotator=name),
        lambda name: session.query(1, annotator=name),
        lambda name: session.undo(annotator=name),
        lambda name: session.flag(3, annotator=name),
        lambda name: session.settle(3, "left", annotator=name),
        session.team.release,
        lambda name: session.add_class("middle", annotator=name),
        lambda name: session.decide("stop", annotator=name),
        lambda name: session.enqueue([3], annotator=name),
        lambda name: session.end_cold_start(annotator=name),
        lambda name: session.note(3, "blurred", annotator=name),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="annotator is 'zoe'; expected one of the team"):
            call("zoe")
    for call in (*calls[:4], calls[5]):
        with pytest.raises(ValueError, match="annotator is None; expected"):
            call(None)
    assert session.progress.n_events == before


def test_who_is_no_expert_settles_nothing(make_team_session, make_session):
    session = make_team_session(team(gold={5: "left"}))
    with pytest.raises(ValueError, match="annotator is 'a1'; expected an expert of the team to settle: e1"):
        session.settle(3, "left", annotator="a1")
    with pytest.raises(ValueError, match="item 5 is gold"):
        session.settle(5, "left", annotator="e1")
    with pytest.raises(ValueError, match="has no team"):
        make_session().settle(3, "left", annotator="e1")
    with pytest.raises(ValueError, match="answers is 4, but the team has 3 annotators, who answer an item once each"):
        session.team.ask_more(3, 4)
    with pytest.raises(ValueError, match="item 5 is gold, which everybody is asked by gold_share"):
        session.team.ask_more([3, 5], 3)
    session.settle(4, "left", annotator="e1")
    events = session.progress.n_events
    with pytest.raises(ValueError, match="item 4 was settled by 'e1', and is asked of nobody"):
        session.team.ask_more([3, 4], 3)
    session.team.ask_more([3, 4, 5], None)
    assert session.progress.n_events == events + 1
    with pytest.raises(ValueError, match="weight is -1"):
        session.team.weigh("a1", -1)
    with pytest.raises(ValueError, match=r"weight is 1e\+308; expected a number from 0 to 1000"):
        session.team.weigh("a1", 1e308)
    with pytest.raises(TypeError, match="weight is 'much'"):
        session.team.weigh("a1", "much")


def test_a_clock_that_is_wrong_by_hours_and_a_closed_session(make_team_session):
    session = make_team_session()
    session.teach(3, "left", annotator="a1", shown_at=4e9, seconds=2.0)
    session.teach(3, "right", annotator="a1", shown_at=1e9, seconds=2.0)
    assert how_of(session, 3)[0] == "right"
    ended(session)
    with pytest.raises(ValueError, match="this session is closed"):
        session.query(1, annotator="a1")


def test_one_person_s_questions_are_those_of_ever(make_session):
    assert answer_next(opened(None)) == answer_next(opened(None))
    first, second = make_session(), make_session()
    assert first.query(4).tolist() == second.query(4, annotator="anybody").tolist()


class Slow(LogisticRegression):
    """A classifier whose fits wait while they are told to."""

    waits, goes_on = threading.Event(), threading.Event()

    def fit(self, X, y):
        if self.waits.is_set():
            assert self.goes_on.wait(60)
        return super().fit(X, y)


def test_nobody_of_a_team_waits_for_a_fit():
    X = np.random.default_rng(0).normal(size=(60, 2))
    team = alw.Team(["ann", "bob"], answers=1)
    session = alw.Session(X, classes=["a", "b"], learner=Slow(), team=team, audit=0, batch_size=4, random_state=0)
    Slow.waits.set()
    try:
        for place in range(12):
            for name in team.annotators:
                (item,) = session.query(1, annotator=name)
                session.teach(int(item), "ab"[place % 2], annotator=name)
        assert session.progress.busy
        assert session.progress.round == 0
    finally:
        Slow.waits.clear()
        Slow.goes_on.set()
    assert session.wait(60)
    assert session.progress.round > 0
    session.close()
