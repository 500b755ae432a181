import json
import threading

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import alwidgets as alw
from alwidgets.session import view_of


def told(page, labeler, **message):
    """Say something that is answered beside the handler, and return the answer."""
    before = len(page.sent)
    page.say(labeler, **message)
    for thread in threading.enumerate():
        if thread.name.startswith("labeler "):
            thread.join()
    (reply,) = [content for content, _ in page.sent[before:]]
    return reply


@pytest.fixture
def trained(make_session, blobs):
    """A card on a session with a model, that may suggest."""
    _, y = blobs

    def make(**changes):
        session = make_session(**{"task": alw.Task(suggest="on demand"), "audit": 0, "batch_size": 1000} | changes)
        for item in range(40):
            session.teach(item, str(y[item]))
        session.retrain()
        return alw.Labeler(session)

    return make


class Hanging(LogisticRegression):
    hangs, over, started = threading.Event(), threading.Event(), threading.Event()

    def fit(self, X, y):
        if self.hangs.is_set():
            self.started.set()
            self.over.wait(60)
        return super().fit(X, y)


def test_a_fit_that_hangs_is_given_up_when_the_card_is_told_to(make_session, blobs, page):
    # Eight answers are one batch: a fit that began on fewer would have another one come after it, and hang as well.
    session = make_session(learner=Hanging(), batch_size=8)
    labeler = alw.Labeler(session)
    Hanging.hangs.set()
    for item in range(8):
        session.teach(item, str(blobs[1][item]))
    assert Hanging.started.wait(30)
    assert labeler._status["busy"]
    assert {"kind": "ack", "event_id": "a"} in page.say(labeler, kind="abandon_fit", event_id="a")
    # Not for the fit, which goes on hanging, but for the questions that are chosen now.
    assert session.wait(30)
    assert not session.progress.busy
    assert "given up" in labeler._status["error"]
    Hanging.hangs.clear()
    Hanging.over.set()


def test_the_model_answers_when_it_is_asked(trained, page):
    labeler = trained()
    reply = told(page, labeler, kind="suggest", item=60)
    suggestion = labeler.session.suggestion(60)
    assert reply == {
        "kind": "suggest",
        "item": 60,
        "value": labeler.session.classes.index(suggestion.label),
        "text": str(suggestion),
    }


def test_below_its_threshold_the_model_says_nothing(trained, page):
    labeler = trained(task=alw.Task(suggest=1.0))
    assert told(page, labeler, kind="suggest", item=60)["value"] is None


def test_without_a_model_or_where_it_is_not_wanted_the_reason_is_told(make_session, page):
    never = alw.Labeler(make_session())
    assert "Task(suggest='on demand')" in told(page, never, kind="suggest", item=3)["text"]
    none_yet = alw.Labeler(make_session(task=alw.Task(suggest="on demand")))
    assert told(page, none_yet, kind="suggest", item=3)["text"] == "There is no model yet."


def test_an_audit_question_is_neither_led_nor_explained(trained, page):
    labeler = trained(test=None, audit=0.5)
    session = labeler.session
    session.query(20)
    audit = next(row for row in view_of(session).queue if view_of(session).is_audit(row))
    assert told(page, labeler, kind="suggest", item=audit)["value"] is None
    assert "kept blind" in told(page, labeler, kind="why", item=audit)["text"]
    other = next(row for row in view_of(session).queue if not view_of(session).is_audit(row))
    assert "least certain of" in told(page, labeler, kind="why", item=other)["text"]


def test_what_cannot_be_told_is_said(trained, page, monkeypatch):
    labeler = trained()

    def broken(item, annotator):
        raise RuntimeError("no such thing")

    monkeypatch.setattr(labeler.session, "explain", broken)
    assert told(page, labeler, kind="why", item=60)["text"] == "RuntimeError: no such thing"


def test_near_duplicates_of_a_sample_are_told(make_session, page):
    X = np.random.default_rng(0).normal(size=(120, 8))
    X[[7, 33]] = X[5]
    labeler = alw.Labeler(make_session(X=X, test=None, audit=0))
    assert told(page, labeler, kind="near_duplicates", item=5) == {
        "kind": "near_duplicates",
        "item": 5,
        "items": [7, 33],
        "n": 2,
    }


def test_what_the_model_takes_for_a_class_is_told_the_surest_first_and_without_what_measures(trained, page):
    labeler = trained(test=None, audit=0.5)
    session = labeler.session
    session.query(20)
    reply = told(page, labeler, kind="only", value=1, words="")
    predictions, answered = session.predictions(), set(session.labels["item"])
    measured = [row for row in view_of(session).queue if view_of(session).is_audit(row)]
    like = [row for row in range(120) if row not in {*answered, *measured} and predictions.codes[row] == 1]
    assert {predictions.codes[row] for row in measured} == {0, 1}
    assert sorted(reply["items"]) == like
    assert len(like) == reply["n"] > 0
    sure = predictions.confidence[reply["items"]]
    assert sure.tolist() == sorted(sure.tolist(), reverse=True)


def test_what_has_some_words_is_told_also_within_a_class(trained, page):
    labeler = trained(items=[f"message {row} {'Refund' if row % 3 == 0 else ''}" for row in range(120)])
    every = told(page, labeler, kind="only", value=None, words="refund")
    assert every["items"]
    assert all(row % 3 == 0 for row in every["items"])
    some = told(page, labeler, kind="only", value=0, words="refund")
    assert set(some["items"]) < set(every["items"])
    none = told(page, labeler, kind="only", value=None, words="unheard of")
    assert (none["items"], none["text"]) == ([], "No sample without a label is like that.")


def test_without_a_model_no_class_is_told(make_session, page):
    reply = told(page, alw.Labeler(make_session()), kind="only", value=1, words="")
    assert (reply["items"], reply["text"]) == ([], "There is no model yet, which could take samples for a class.")


def test_questions_that_measure_are_answered_alone(trained, page):
    labeler = trained(test=None, audit=0.5)
    labeler.session.query(20)
    measured = [row for row in labeler._queue if view_of(labeler.session).is_audit(row)]
    assert measured
    assert labeler._alone == measured


def test_a_note_a_flag_with_one_and_its_end_are_messages(make_session, page):
    labeler = alw.Labeler(make_session())
    page.say(labeler, kind="note", event_id="n", item=3, note="smudged")
    page.say(labeler, kind="flag", event_id="f", item=4, on=True, note="odd")
    assert (labeler.session.notes, labeler.session.flags) == ({3: "smudged"}, {4: "odd"})
    assert labeler._flagged == [4]
    page.say(labeler, kind="flag", event_id="g", item=4, on=False)
    assert labeler._flagged == []


def test_a_note_comes_with_its_sample_and_pages_hear_of_each_change_and_no_trait_holds_it(make_session, page):
    session = make_session()
    session.note(3, "smudged")
    session.flag(4, "odd")
    labeler = alw.Labeler(session)
    replies = page.say(labeler, kind="need", items=[3, 4, 5])
    assert [reply["remark"] for reply in replies] == [("smudged", ""), ("", "odd"), ("", "")]
    session.note(4, "blurred")
    session.unflag(4)
    session.teach(5, "left")
    told = [content for content, _ in page.sent if content["kind"] == "remarks"]
    assert [content["remarks"] for content in told] == [[(4, "blurred", "odd")], [(4, "blurred", "")]]
    assert "blurred" not in json.dumps(labeler.get_state(), default=str)


@pytest.mark.parametrize("nothing", ["", "  "])
def test_a_note_that_is_emptied_is_none(make_session, page, nothing):
    session = make_session()
    labeler = alw.Labeler(session)
    session.note(3, "smudged")
    page.say(labeler, kind="note", event_id="n", item=3, note=nothing)
    assert session.notes == {}
    assert page.sent[-2][0] == {"kind": "remarks", "remarks": [(3, "", "")]}
    session.note(3, "smudged")
    session.note(3, nothing)
    assert session.notes == {}
    session.flag(3, nothing)
    assert session.flags == {3: ""}


def test_unsure_is_an_answer_of_its_own(make_session, page):
    labeler = alw.Labeler(make_session())
    page.say(labeler, kind="answer", event_id="a", item=3, value=None, unsure=True, round=0)
    assert labeler._recent[0] == ("a", 3, None, True)


def test_a_class_is_added_once_and_of_the_kind_of_the_others(make_session, page):
    labeler = alw.Labeler(make_session(classes=[0, 1], test=None))
    page.say(labeler, kind="add_class", event_id="a", name=" 7 ")
    page.say(labeler, kind="add_class", event_id="b", name="7")
    assert labeler.session.classes == (0, 1, 7)
    (reply,) = page.say(labeler, kind="add_class", event_id="c", name="eggs")
    assert reply["error"] == "the class is 'eggs'; expected a whole number, as the others are."


def test_keys_are_set_by_message_and_by_method_and_conflicts_change_nothing(make_session, page):
    labeler = alw.Labeler(make_session())
    other = alw.Labeler(labeler.session)
    page.say(labeler, kind="remap", event_id="a", what="class", name="left", key="l")
    labeler.session.remap({"skip": "x"})
    assert labeler._keys["classes"] == other._keys["classes"] == ["l", "2"]
    assert labeler._keys["actions"]["skip"] == "x"
    (reply,) = page.say(labeler, kind="remap", event_id="b", what="class", name="left", key="x")
    assert "keys has 'x' for 'left' and for 'skip'" in reply["error"]
    assert labeler.session.shortcuts.classes == ("l", "2")


def test_a_class_is_added_whatever_keys_were_set_before(make_session, page):
    labeler = alw.Labeler(make_session())
    labeler.session.remap({"skip": "7"})
    page.say(labeler, kind="add_class", event_id="a", name="7")
    assert (labeler._classes, labeler._keys["classes"]) == (["left", "right", "7"], ["1", "2", "3"])


def test_a_class_that_the_task_has_no_use_for_is_refused(make_session, page):
    labeler = alw.Labeler(make_session(task="yes_no"))
    (reply,) = page.say(labeler, kind="add_class", event_id="a", name="maybe")
    assert "a task 'yes_no' expects 2" in reply["error"]
    assert labeler.session.classes == ("left", "right")


def test_a_repeat_is_neither_led_nor_explained(trained, page):
    labeler = trained(task=alw.Task(suggest=0.0))
    labeler.session.request_repeats([3])
    assert told(page, labeler, kind="suggest", item=3)["value"] is None
    assert "kept blind" in told(page, labeler, kind="why", item=3)["text"]
    assert told(page, labeler, kind="suggest", item=60)["value"] is not None


def test_repeats_are_mixed_among_the_questions_and_answered_as_such(make_session, page):
    session = make_session(audit=0, batch_size=1000)
    labeler = alw.Labeler(session)
    for item in range(40):
        session.teach(item, "left")
    session.wait()
    first, second = session.request_repeats([3, 5]).tolist()
    places = [labeler._queue.index(row) for row in (first, second)]
    assert places == [3, 7]
    assert labeler._repeats == [first, second]
    page.say(labeler, kind="answer", event_id="a", item=first, value=1, again=True, round=0)
    assert session.agreement.n == 1
    assert session.labels.set_index("item").loc[first, "label"] == "left"
    assert first not in labeler._queue


def test_time_that_is_left_follows_pace_and_budget(make_session):
    labeler = alw.Labeler(make_session(budget=50))
    assert labeler._status["minutes_left"] == 0


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"kind": "note", "item": 500, "note": "x"}, "item is 500; expected a row number of X"),
        ({"kind": "note", "item": 1, "note": 5}, "note is 5"),
        ({"kind": "add_class", "name": "  "}, "one is blank"),
        (
            {"kind": "remap", "what": "class", "name": "eggs", "key": "e"},
            "keys has 'eggs'; expected classes, or actions",
        ),
        ({"kind": "remap", "what": "class", "name": "left", "key": 7}, "message field key is 7; expected a text."),
        ({"kind": "answer", "item": 1, "value": 0, "round": 0, "via": "moon"}, "via is 'moon'; expected one of"),
        ({"kind": "answer", "item": 1, "value": 0, "round": 0, "suggested": 9}, "the class is 9; expected the number"),
        ({"kind": "answer", "item": 1, "value": [0], "round": 0}, "label ['left'] is unknown; expected one of"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(make_session, page, message, expected):
    labeler = alw.Labeler(make_session())
    events = labeler.session.events
    (reply,) = page.say(labeler, event_id="a", **message)
    assert reply["kind"] == "refused"
    assert expected in reply["error"]
    assert labeler.session.events == events
