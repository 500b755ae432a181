"""Listeners hear every event once and in order, whatever thread recorded it and whatever they do."""

import threading

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw


def test_every_event_is_heard_once_and_in_order(make_session, blobs):
    session, heard = make_session(), []
    session.on_event(heard.append)
    session.run(blobs[1], 24)
    session.flag(3, "odd")
    session.undo()
    assert tuple(heard) == session.events


def test_many_threads_are_heard_in_the_order_of_the_journal():
    session = alw.Session(np.eye(200), classes=["a", "b"], learner=GaussianNB(), audit=0, batch_size=1000)
    heard, threads = [], set()

    def listener(event):
        heard.append(event)
        threads.add(threading.get_ident())

    session.on_event(listener)
    teachers = [
        threading.Thread(target=lambda some=some: [session.teach(row, "a") for row in some])
        for some in np.arange(200).reshape(4, 50).tolist()
    ]
    for teacher in teachers:
        teacher.start()
    for teacher in teachers:
        teacher.join()
    assert session.wait(30)
    assert tuple(heard) == session.events


def test_only_what_comes_from_now_on_is_heard_until_it_is_removed(tmp_path):
    def opened():
        return alw.Session(np.eye(6), classes=["a", "b"], learner=GaussianNB(), journal=tmp_path / "a.alw")

    opened().teach(0, "a")
    session, heard = opened(), []
    remove = session.on_event(heard.append)
    session.teach(1, "b")
    remove()
    remove()
    session.teach(2, "a")
    assert [event.item for event in heard] == [1]


def test_nobody_who_hears_or_reads_of_an_event_can_change_what_happened(blobs, tmp_path):
    X, y = blobs
    given = {"classes": ["left", "right"], "learner": GaussianNB(), "random_state": 0, "batch_size": 4}
    session, refused = alw.Session(X, **given, journal=tmp_path / "a.alw"), []

    def change(event):
        for name, value in (("settings", {"cost_per_label": (None, 99.0)}), ("libraries", {"python": "2.7"})):
            if hasattr(event, name):
                with pytest.raises(TypeError, match="cannot be changed; change a copy"):
                    getattr(event, name).update(value)
                refused.append(name)

    session.on_event(change)
    session.run(y, 8)
    session.adjust(cost_per_label=0.2)
    assert set(refused) == {"settings", "libraries"}
    with pytest.raises(TypeError, match="cannot be changed"):
        session.versions["libraries"].iloc[0]["python"] = "2.7"
    session.rollback(1)
    assert session.budget.cost_per_label == 0.2
    events = repr(tuple(session.events))  # no score that was not measured equals another
    session.close()
    assert repr(tuple(alw.Session(X, **given, journal=tmp_path / "a.alw").events)) == events


def test_a_listener_that_raises_harms_nothing_and_hears_on(make_session, caplog):
    session, heard, others = make_session(), [], []

    def fails(event):
        heard.append(event.item)
        raise RuntimeError("no such tracker")

    session.on_event(fails)
    session.on_event(others.append)
    session.teach(1, "left")
    session.teach(2, "left")
    assert heard == [event.item for event in others] == [1, 2]
    assert "no such tracker" in caplog.text
    assert session.labels["item"].tolist() == [1, 2]


def test_what_a_listener_records_is_heard_after_what_it_was_told(make_session):
    session, heard = make_session(), []

    def answers_once_more(event):
        heard.append((event.kind, event.item))
        if event.kind == "labeled" and event.item == 1:
            session.teach(2, "right")

    session.on_event(answers_once_more)
    session.teach(1, "left")
    session.flag(1)
    assert heard == [("labeled", 1), ("labeled", 2), ("flagged", 1)]


def test_a_branch_has_listeners_of_its_own(make_session, tmp_path):
    session, heard = make_session(), []
    session.on_event(heard.append)
    branch = session.branch(tmp_path / "b.alw")
    branch.teach(1, "left")
    assert heard == []
