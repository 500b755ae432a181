"""Versions: every round can be compared, brought back and branched from."""

import inspect
import json

import numpy as np
import pytest

import alwidgets as alw
from alwidgets.journal.errors import JournalError
from alwidgets.journal.events import RolledBack, Trained
from alwidgets.journal.files import Journal
from alwidgets.session import view_of
from alwidgets.session.versions import Changes


@pytest.fixture
def session(make_session, blobs, tmp_path):
    return make_session(journal=tmp_path / "a.alw").run(blobs[1], 40)


def test_every_round_is_a_version_with_what_it_takes_to_make_it_again(session):
    versions = session.versions
    assert versions["round"].tolist() == list(range(1, 11))
    assert versions["stands"].all()
    assert versions["training_set"].nunique() == 10
    assert versions["model_spec"].unique().tolist() == ["LogisticRegression(), strategy: margin"]
    assert {"python", "numpy", "scikit-learn", "modAL-python", "alwidgets"} <= set(versions["libraries"][9])
    assert versions["score"].tolist() == session.history["score"].tolist()


@pytest.mark.parametrize("number", [1, 4, 10])
def test_a_rollback_brings_back_labels_questions_and_the_same_model(session, blobs, make_session, tmp_path, number):
    then = session._core.log.state.at_round(number)
    X = blobs[0]
    expected = session._core.setup.model_spec.fit(
        X[then.training_rows()], then.targets.y(then.codes[then.training_rows()]), then.rounds[-1].seed
    ).predict_proba(X)
    found = session.rollback(number)
    assert (found.round, found.same_training_set, found.same_predictions) == (number, True, True)
    assert session.progress.round == number
    assert session.progress.n_labeled == then.n_labeled
    # What the worker asks meanwhile comes behind.
    assert view_of(session).queue[: len(then.pending)] == then.pending
    assert session.learner.predict_proba(X) == pytest.approx(expected)
    assert session.versions["stands"].tolist() == [i < number for i in range(10)]
    # The story goes on from there, with rounds of new numbers, and is the same after a restart.
    session.run(blobs[1], 8)
    assert session.history["round"].tolist() == [*range(1, number + 1), 11, 12]
    again = make_session(journal=tmp_path / "a.alw")
    assert again.history.equals(session.history)
    assert again.labels.equals(session.labels)


def test_a_changed_model_spec_is_recorded_again_on_a_branch_from_before_it(session, blobs, make_session, tmp_path):
    session.close()
    again = make_session(journal=tmp_path / "a.alw", strategy="entropy").run(blobs[1], 8)
    again.rollback(2)
    again.run(blobs[1], 8)
    again.close()
    trained = [event for event in again.events if isinstance(event, Trained)]
    asking = [event.model_spec.rpartition(" ")[2] for event in trained]
    assert asking == ["margin", *[""] * 9, "entropy", "", "entropy", ""]
    assert [bool(event.libraries) for event in trained] == [True, *[False] * 13]


def test_what_was_rolled_back_can_be_brought_back(session):
    labels = session.labels
    session.rollback(3)
    assert len(session.labels) == 12
    session.rollback(10)
    assert session.labels.equals(labels)


def test_a_rollback_undone_brings_answers_back_that_no_round_had_learned(session, blobs):
    session.teach(119, blobs[1][119])
    before = session.labels
    session.rollback(3)
    assert session.rollback().round == 10
    assert session.labels.equals(before)


def test_there_is_no_rollback_to_undo_at_first(session):
    with pytest.raises(ValueError, match="there was no rollback to undo"):
        session.rollback()


def test_an_unknown_round_changes_nothing(session):
    n_events = len(session.events)
    with pytest.raises(ValueError, match="there is no round 11; expected one of"):
        session.rollback(11)
    with pytest.raises(ValueError, match="there is no round 0"):
        session.diff(0, 1)
    assert len(session.events) == n_events


def test_a_diff_lists_what_was_added_removed_and_changed(make_session, blobs):
    session = make_session(test=None, audit=0).run(blobs[1], 8)
    row = int(session.labels["item"][0])
    other = {"left": "right", "right": "left"}[blobs[1][row]]
    session.teach(row, other)
    session.run(blobs[1], 4)
    changes = session.diff(1, session.progress.round)
    assert changes.query("change == 'changed'")[["item", "first", "second"]].values.tolist() == [
        [row, blobs[1][row], other]
    ]
    assert (changes["change"] == "added").sum() == len(session._core.log.state.at_round(3).training_rows()) - 4
    back = session.diff(session.progress.round, 1)
    assert sorted(back["change"].unique()) == ["changed", "removed"]
    assert session.diff(2, 2).empty


def test_every_argument_but_the_pool_may_be_another_in_a_branch():
    arguments = set(inspect.signature(alw.Session).parameters) - {"X", "ids", "journal"}
    assert set(Changes.__annotations__) == arguments


def test_a_branch_starts_with_the_same_story_and_goes_its_own_way(session, blobs, tmp_path):
    branch = session.branch(tmp_path / "entropy.alw", strategy="entropy")
    assert branch.labels.equals(session.labels)
    assert branch.session_id != session.session_id
    n_before = len(session.events)
    branch.run(blobs[1], 8)
    assert branch.history["strategy"].tolist()[-1] == "entropy"
    assert len(session.events) == n_before
    assert alw.verify(tmp_path / "entropy.alw").sound
    early = session.branch(tmp_path / "early.alw", round=2)
    assert early.progress.round == 2
    with pytest.raises(ValueError, match="which exists; expected the name of a new folder"):
        session.branch(tmp_path / "entropy.alw")
    for made in (branch, early):
        made.close()


def test_a_session_in_memory_can_be_branched_into_a_journal(make_session, blobs, tmp_path):
    session = make_session().run(blobs[1], 8)
    branch = session.branch(tmp_path / "kept.alw")
    assert branch.labels.equals(session.labels)
    branch.close()
    assert make_session(journal=tmp_path / "kept.alw").labels.equals(session.labels)


def test_undo_after_a_rollback_undoes_an_answer_that_stands(session):
    session.rollback(2)
    last = session.labels["item"].tolist()[-1]
    assert session.undo() == [last]
    assert len(session.labels) == 7


def test_the_audit_log_tells_who_did_what_and_why(make_session):
    session = make_session(annotator="anna")
    session.teach(3, "left", seconds=1.5)
    session.skip(4, annotator="ben")
    session.flag(3, "odd")
    session.undo()
    session.adjust(cost_per_label=0.2)
    session.decide("go on", "cheap")
    log = session.audit_log
    assert log["what"].tolist() == ["labeled", "skipped", "flagged", "undone", "adjusted", "decided"]
    assert log["annotator"].tolist()[:3] == ["anna", "ben", "anna"]
    assert log["item"].tolist()[:3] == [3, 4, 3]
    assert log["note"].tolist()[-1] == "cheap"
    assert log["seconds"][0] == 1.5


def test_secrets_in_a_learners_parameters_reach_no_version(make_session, blobs, tmp_path):
    from sklearn.linear_model import LogisticRegression

    class Remote(LogisticRegression):
        def __init__(self, url="", api_key="", C=1.0):
            super().__init__(C=C)
            self.url, self.api_key = url, api_key

    learner = Remote("https://anna:pssst@models.example", "k-123")
    session = make_session(learner=learner, journal=tmp_path / "a.alw").run(blobs[1], 8)
    everything = b"".join(file.read_bytes() for file in (tmp_path / "a.alw").rglob("*") if file.is_file())
    for text in (everything.decode(), repr(session), session.versions.to_csv(), repr(session.events)):
        assert "pssst" not in text
        assert "k-123" not in text
    assert "api_key=***" in session.versions["model_spec"][0]


def test_rolling_back_beside_a_running_worker_leaves_the_newest_state(make_session, blobs):
    session = make_session(batch_size=2)
    view_of(session).set_prefetch(4)
    for i in range(30):
        row = int(session.query()[0])
        session.teach(row, blobs[1][row])
        if i == 20:
            session.wait()
            session.rollback(1)
    session.wait()
    assert session.progress.error == ""
    assert np.all(np.diff(session.history["round"]) > 0)


def standing(session):
    state = session._core.log.state
    names = (
        "pending",
        "questions",
        "answers",
        "rounds",
        "unlearned",
        "seconds",
        "n_events",
        "returned",
        "class_counts",
    )
    arrays = ("status", "codes", "audit", "tested", "tested_at", "changed_at")
    return [getattr(state, name) for name in names], [getattr(state, name).tolist() for name in arrays]


def rolled_back(number, target):
    return RolledBack(id=f"rollback {number}", at=0.0, round=target)


def test_two_hundred_rollbacks_are_quick_and_the_same_when_opened_again(session, make_session, tmp_path):
    before = session.labels
    session._core.log.record(*(rolled_back(number, (3, 8, None, None)[number % 4]) for number in range(200)))
    assert session.labels.equals(before)
    session._core.log.record(*(rolled_back(number, number % 10 + 1) for number in range(200, 400)))
    assert session.labels.equals(before[:40])
    expected = standing(session)
    again = make_session(journal=tmp_path / "a.alw")
    assert standing(again) == expected


def test_each_rollback_is_undone_in_turn(session):
    states = [session.labels]
    for number in (5, 3, 8):
        session.rollback(number)
        states.append(session.labels)
    for expected in states[-2::-1]:
        session.rollback()
        assert session.labels.equals(expected)
    with pytest.raises(ValueError, match="there was no rollback to undo"):
        session.rollback()


def test_a_label_given_twice_counts_once_also_after_a_rollback(session, blobs):
    session.teach(119, blobs[1][119], event_id="once")
    session.rollback(3)
    session.teach(119, blobs[1][119], event_id="once")
    assert 119 not in session.labels["item"].tolist()
    session.rollback(10)
    assert 119 not in session.labels["item"].tolist()


def test_seconds_spent_stay_spent_after_a_rollback(make_session, blobs):
    session = make_session()
    for row in session.query(8).tolist():
        session.teach(row, blobs[1][row], seconds=2.0)
    session.retrain()
    session.teach(119, blobs[1][119], seconds=5.0)
    session.rollback(session.progress.round)
    assert (session.rounds.n_labeled, session.rounds.seconds) == (8, 21.0)


def test_a_branch_counts_events_as_its_origin_does_and_says_where_it_comes_from(make_session, blobs, tmp_path):
    session = make_session(test=None, audit=0.3, audit_mode="test_then_train", journal=tmp_path / "b.alw")
    session.run(blobs[1], 24)
    branch = session.branch(tmp_path / "branch.alw", round=2)
    assert branch.history["n_labeled"].tolist() == [4, 8]
    assert branch.rollback(2).same_training_set
    assert [event.id for event in branch.events[:-2]] == [event.id for event in session.events]
    stored = json.loads((tmp_path / "branch.alw" / "session.json").read_bytes())
    assert stored["branched_from"] == {"session": session.session_id, "round": 2}
    branch.close()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"X": np.zeros((120, 4))}, "X is changed; expected the samples of this session"),
        ({"ids": list(range(120))}, "ids is changed"),
        ({"classes": ["right", "left"]}, "expected .*'left', 'right'.*, and more behind them"),
        ({"strategy": "nonsense"}, "nonsense"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"round": 99}, "there is no round 99"),
    ],
)
def test_a_branch_that_cannot_be_made_leaves_nothing_behind(session, tmp_path, changes, message):
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ValueError, match=message):
        session.branch(tmp_path / "branch.alw", **changes)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("error", [OSError("full"), KeyboardInterrupt()])
def test_a_branch_that_cannot_be_written_leaves_nothing_behind(session, tmp_path, monkeypatch, error):
    before = sorted(tmp_path.iterdir())

    def fails(*_):
        raise error

    monkeypatch.setattr(Journal, "append", fails)
    with pytest.raises(type(error)):
        session.branch(tmp_path / "branch.alw")
    assert sorted(tmp_path.iterdir()) == before


def test_a_branch_is_no_part_of_the_journal_it_comes_from(session, tmp_path):
    with pytest.raises(ValueError, match="in the session's own; expected a folder beside it"):
        session.branch(tmp_path / "a.alw" / "branch.alw")


def test_a_branch_may_have_more_classes_also_those_that_were_added(session, tmp_path):
    session.add_class("middle")
    branch = session.branch(tmp_path / "branch.alw", classes=["left", "right", "other"])
    assert branch.classes == ("left", "right", "middle", "other")
    branch.close()


def test_the_audit_log_says_who_took_what_back(make_session):
    session = make_session(annotator="ann")
    session.teach(7, "left", event_id="first")
    session.undo(target="first", annotator="bob")
    session.adjust(labels=30)
    log = session.audit_log
    assert log["what"].tolist() == ["labeled", "undone", "adjusted"]
    assert log["annotator"].tolist() == ["ann", "bob", "ann"]
    assert log["item"].tolist()[:2] == [7, 7]


def test_who_rolled_back_is_recorded(session):
    session.rollback(2, annotator="ann")
    assert session.audit_log["annotator"].tolist()[-1] == "ann"


def test_a_version_has_its_strategy_its_cost_and_all_metrics(make_session, blobs):
    session = make_session(scoring=["accuracy", "f1_macro"], budget=alw.Budget(cost_per_label=0.5)).run(blobs[1], 8)
    last = session.versions.iloc[-1]
    assert last["scores"].keys() == {"accuracy", "f1_macro"}
    assert (last["strategy"], last["cost"]) == (session.history["strategy"].iloc[-1], 4.0)


def test_a_model_that_predicts_otherwise_when_it_is_brought_back_warns(session, monkeypatch):
    monkeypatch.setattr("alwidgets.loop.restore.codes_hash", lambda _: "other")
    with pytest.warns(RuntimeWarning, match="round 3 was fitted again and predicts otherwise"):
        assert not session.rollback(3).same_predictions


def test_other_ids_than_those_that_were_answered_are_refused(make_session, tmp_path):
    ids = [f"s{row}" for row in range(120)]
    session = make_session(journal=tmp_path / "b.alw", ids=ids)
    session.teach(7, "left")
    with pytest.raises(JournalError, match="sample of row 7 had the id 's7', and ids has 's112'"):
        make_session(journal=tmp_path / "b.alw", ids=ids[::-1])
    session.close()
    assert len(make_session(journal=tmp_path / "b.alw", ids=ids).labels) == 1


def test_a_mark_can_be_taken_away(make_session, tmp_path):
    session = make_session(journal=tmp_path / "b.alw")
    session.flag(3, "odd")
    session.unflag(3, annotator="ann")
    n_events = len(session.events)
    session.unflag(4)
    assert (session.flags, len(session.events)) == ({}, n_events)
    assert session.audit_log["annotator"].tolist()[-1] == "ann"
    assert make_session(journal=tmp_path / "b.alw").flags == {}
