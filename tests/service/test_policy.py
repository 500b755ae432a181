"""The policy of a session that is served: what is due when, what it does, and that all of it is recorded."""

import logging
import threading

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import alwidgets as alw
from alwidgets.service import orchestration
from alwidgets.service.orchestration import Situation, due, seconds_left

X = np.random.default_rng(0).normal(size=(80, 3))


def acts(policy, **situation):
    return [str(act) for act in due(policy, Situation(**{"now": 6000.0} | situation))]


class Bridge:
    """A tool that answers are fetched from, which may be away."""

    def __init__(self, away=False):
        self.steps, self.away = threading.Semaphore(0), away

    def step(self):
        self.steps.release()
        if self.away:
            raise ConnectionError("the server is away")


def test_answers_that_wait_for_long_are_learned():
    policy = alw.Policy(retrain_minutes=10)
    assert acts(policy, n_untried=3, untried_since=5401.0) == []
    assert acts(policy, n_untried=3, untried_since=5400.0) == [
        "retrain: 3 answers wait, the first for 10 minutes."
    ]  # fmt: skip
    assert acts(policy) == []
    # What could not be fitted a minute ago is not tried again at once.
    assert acts(policy, n_untried=3, untried_since=1000.0, tried_at=5940.0) == []


def test_a_part_that_moved_is_learned_as_soon_as_there_is_an_answer():
    policy = alw.Policy(retrain_on_drift=True)
    assert acts(policy, drifted="monday is otherwise.") == []
    assert acts(policy, drifted="monday is otherwise.", n_untried=1) == ["retrain: monday is otherwise."]
    assert acts(alw.Policy(), drifted="monday is otherwise.", n_untried=1) == []
    # A fit that failed is tried again, and not all the time.
    assert acts(policy, drifted="monday is otherwise.", n_untried=1, fit_failed_at=5941.0) == []
    assert acts(policy, drifted="monday is otherwise.", n_untried=1, fit_failed_at=5940.0) != []


def test_bridges_are_stepped_with_every_model_and_every_so_many_minutes():
    policy = alw.Policy(push_to=Bridge(), push_minutes=2)
    assert acts(policy) == ["push: nothing was brought yet."]
    assert acts(policy, round=3, stepped_round=2, stepped_at=5999.0) == ["push: round 3 ranks the questions anew."]
    assert acts(policy, round=3, stepped_round=3, stepped_at=5881.0) == []
    assert acts(policy, round=3, stepped_round=3, stepped_at=5880.0) == ["push: 2 minutes have passed."]


def test_the_hook_is_told_of_each_turn_of_the_advice_once():
    policy = alw.Policy(on_stop=print)
    assert acts(policy, stop=True, advice="You may stop.") == ["stop: You may stop."]
    assert acts(policy, stop=True, told_to_stop=True) == []
    assert acts(policy, advice="Go on.", told_to_stop=True) == ["go on: Go on."]
    assert acts(alw.Policy(), stop=True) == []


def test_a_hook_that_failed_is_told_again_a_minute_later():
    policy = alw.Policy(on_stop=print)
    assert acts(policy, stop=True, hook_failed_at=5941.0) == []
    assert acts(policy, stop=True, hook_failed_at=5940.0, advice="You may stop.") == ["stop: You may stop."]
    # What it never heard is not withdrawn either.
    assert acts(policy, stop=False, hook_failed_at=5000.0) == []


def test_nothing_is_looked_at_before_something_may_be_due():
    policy = alw.Policy(retrain_minutes=10, push_to=[Bridge()], push_minutes=5)
    assert seconds_left(policy, Situation(now=100.0, stepped_at=90.0)) == 290.0
    assert seconds_left(policy, Situation(now=100.0, stepped_at=90.0, n_untried=1, untried_since=5.0)) == 290.0
    assert seconds_left(policy, Situation(now=800.0, stepped_at=790.0, n_untried=1, untried_since=300.0)) == 100.0
    assert seconds_left(alw.Policy(retrain_minutes=10), Situation(now=100.0)) is None
    moved = Situation(now=100.0, n_untried=1, drifted="monday is otherwise.", fit_failed_at=70.0)
    assert seconds_left(alw.Policy(retrain_on_drift=True), moved) == 30.0
    assert seconds_left(alw.Policy(on_stop=print), Situation(now=100.0, stop=True, hook_failed_at=50.0)) == 10.0


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"retrain_minutes": 0}, ValueError), ({"retrain_minutes": "10"}, TypeError), ({"push_to": 3}, TypeError),
        ({"push_to": [Bridge(), None]}, TypeError), ({"push_minutes": -1}, ValueError), ({"on_stop": "x"}, TypeError),
        ({"retrain_on_drift": "yes"}, TypeError), ({"dry_run": 1}, TypeError),
    ],
)  # fmt: skip
def test_what_is_no_policy_is_refused(arguments, error):
    with pytest.raises(error, match=next(iter(arguments))):
        alw.Policy(**arguments)


# In a session -----------------------------------------------------------------------------------------------------


@pytest.fixture
def opened(tmp_path):
    sessions = []

    def make(**changes):
        given = {"classes": ["left", "right"], "learner": LogisticRegression(), "audit": 0, "random_state": 0}
        sessions.append(alw.Session(X, **given | {"journal": tmp_path / "a.alw"} | changes))
        return sessions[-1]

    yield make
    for session in sessions:
        session.close()


@pytest.fixture
def told():
    """A function that waits until a session has done so many things by its policy, and returns them."""

    def wait(session, n):
        news = threading.Semaphore(0)
        unfollow = session.on_event(lambda event: news.release() if event.kind == "acted" else None)
        try:
            while len(found := [event for event in session.events if event.kind == "acted"]) < n:
                assert news.acquire(timeout=60)
            return [(event.act, event.outcome) for event in found]
        finally:
            unfollow()

    return wait


def enough(history):
    return alw.Reading("enough", None, None, True, "Enough.")


def answer(session, rows):
    for row in rows:
        session.teach(row, ("left", "right")[row % 2])


def test_what_it_does_is_recorded_with_the_reason_and_done_once(opened, serve, told):
    session, bridge = opened(retrain_every="manual"), Bridge()
    serve(session, policy=alw.Policy(retrain_minutes=1e-4, push_to=bridge, push_minutes=1e6))
    assert told(session, 1) == [("push", "")]
    answer(session, range(4))
    assert told(session, 3)[:3] == [("push", ""), ("retrain", ""), ("push", "")]
    assert session.rounds[-1].round >= 1
    assert [bridge.steps.acquire(timeout=0) for _ in range(2)] == [True, True]
    whys = [event.why for event in session.events if event.kind == "acted"]
    assert whys[0] == "nothing was brought yet."
    assert "wait, the first for 0 minutes." in whys[1]
    assert whys[2] == "round 1 ranks the questions anew."


def test_a_server_that_is_away_and_a_hook_that_fails_harm_nothing_and_are_told(opened, serve, told):
    calls = []

    def hook(session):
        calls.append(session.progress.n_labeled)
        raise KeyError("nobody to tell")

    session = opened(stop=enough, retrain_every=4)
    serve(session, policy=alw.Policy(push_to=Bridge(away=True), push_minutes=1e-3, on_stop=hook))
    answer(session, range(8))
    found = told(session, 3)
    assert {act for act, _ in found} >= {"push", "stop"}
    outcomes = dict(found)
    assert "the server is away" in outcomes["push"]
    assert "nobody to tell" in outcomes["stop"]
    assert len(calls) == 1
    assert session.progress.n_labeled == 8


def test_a_hook_that_raises_is_called_until_it_does_not_and_each_outcome_is_recorded_once(
    opened, serve, told, monkeypatch
):
    monkeypatch.setattr(orchestration, "_AGAIN_SECONDS", 0.01)
    calls = []

    def hook(session):
        calls.append(session.progress.n_labeled)
        if len(calls) < 4:
            raise KeyError("nobody to tell" if len(calls) < 3 else "nobody yet")

    session = opened(stop=enough, retrain_every=4)
    serve(session, policy=alw.Policy(on_stop=hook))
    answer(session, range(8))
    found = told(session, 3)
    assert [act for act, _ in found] == ["stop"] * 3
    assert ["nobody to tell" in found[0][1], "nobody yet" in found[1][1], found[2][1]] == [True, True, ""]
    assert len(calls) == 4


def test_a_hook_that_raised_is_called_again_when_the_service_is_started_again(opened, serve, told):
    stop = {"stop": enough, "retrain_every": 4}
    session = opened(**stop)

    def hook(session):
        raise KeyError("nobody to tell")

    serve(session, policy=alw.Policy(on_stop=hook))
    answer(session, range(8))
    told(session, 1)
    session.close()
    again, calls = opened(**stop), threading.Semaphore(0)
    serve(again, policy=alw.Policy(on_stop=lambda session: calls.release()))
    assert calls.acquire(timeout=60)
    assert [outcome == "" for _, outcome in told(again, 2)] == [False, True]


def test_a_bridge_that_is_away_holds_up_no_other(opened, serve, told):
    away, there = Bridge(away=True), Bridge()
    session = opened(retrain_every="manual")
    serve(session, policy=alw.Policy(push_to=[away, there], push_minutes=1e6))
    ((act, outcome),) = told(session, 1)
    assert (act, outcome.count("the server is away")) == ("push", 1)
    assert there.steps.acquire(timeout=0)


def test_the_hook_is_not_told_again_when_the_service_is_started_again(opened, serve, told):
    calls = threading.Semaphore(0)
    stop = {"stop": enough, "retrain_every": 4}
    session = opened(**stop)
    serve(session, policy=alw.Policy(on_stop=lambda session: calls.release()))
    answer(session, range(8))
    told(session, 1)
    session.close()
    again, bridge = opened(**stop), Bridge()
    serve(again, policy=alw.Policy(on_stop=lambda session: calls.release(), push_to=bridge))
    assert told(again, 2) == [("stop", ""), ("push", "")]
    assert calls.acquire(timeout=0)
    assert not calls.acquire(timeout=0)


def test_a_dry_run_says_what_it_would_do_and_does_nothing(opened, serve, caplog):
    caplog.set_level(logging.INFO, "alwidgets.service.orchestration")
    session, bridge = opened(retrain_every="manual"), Bridge()
    said, both = [], threading.Event()

    def hear(record):
        said.append(record.getMessage().partition(":")[0])
        if {"Would retrain", "Would push"} <= set(said):
            both.set()
        return True

    caplog.handler.addFilter(hear)
    answer(session, range(4))
    serve(session, policy=alw.Policy(retrain_minutes=1e-4, push_to=bridge, dry_run=True))
    assert both.wait(60)
    assert sorted(said) == ["Would push", "Would retrain"]
    assert not session.rounds
    assert not bridge.steps.acquire(timeout=0)
    assert "acted" not in [event.kind for event in session.events]


def test_a_dry_run_tells_each_act_once_also_what_is_due_only_after_a_while(opened, serve, caplog):
    caplog.set_level(logging.INFO, "alwidgets.service.orchestration")
    session, bridge = opened(retrain_every="manual"), Bridge()
    pushed, retrains = threading.Event(), threading.Semaphore(0)

    def heard(record):
        if "Would push" in record.getMessage():
            pushed.set()
        if "Would retrain" in record.getMessage():
            retrains.release()
        return True

    caplog.handler.addFilter(heard)
    # A tenth of a second after the answers, of which nothing else comes.
    serve(session, policy=alw.Policy(retrain_minutes=0.1 / 60, push_to=bridge, push_minutes=0.1 / 60, dry_run=True))
    assert pushed.wait(60)
    answer(session, range(4))
    assert retrains.acquire(timeout=60)
    answer(session, range(4, 6))
    assert retrains.acquire(timeout=60)
    said = [record.getMessage() for record in caplog.records]
    assert [each.partition(":")[0] for each in said].count("Would push") == 1
    assert len(said) == len(set(said))
    assert not session.rounds


def test_a_part_of_the_pool_that_moved_is_found_and_learned(opened, serve, told):
    session = opened(retrain_every="manual", journal=None)
    session.extend(X + 3, source="monday")
    serve(session, policy=alw.Policy(retrain_on_drift=True))
    answer(session, range(4))
    assert told(session, 1) == [("retrain", "")]
    assert "monday" in next(event.why for event in session.events if event.kind == "acted")


# When a session retrains by itself --------------------------------------------------------------------------------


@pytest.mark.parametrize(("every", "rounds"), [(None, [4, 8, 12]), (6, [6, 12]), ("manual", [])])
def test_a_model_comes_with_so_many_answers_or_when_it_is_asked_for(opened, every, rounds):
    session = opened(batch_size=4, retrain_every=every, cold_start="random", journal=None)
    labels = np.array(["left", "right"] * 40)
    session.run(labels, n_labels=12)
    assert [made.n_labeled for made in session.rounds] == rounds
    session.retrain()
    assert session.rounds[-1].n_labeled == 12


@pytest.mark.parametrize(("every", "error"), [(0, ValueError), (2.5, TypeError), ("never", ValueError)])
def test_what_is_no_number_of_answers_is_refused(opened, every, error):
    with pytest.raises(error, match="retrain_every is"):
        opened(retrain_every=every)


def test_what_a_policy_did_is_in_the_journal_and_opens_with_it(opened, serve, told, tmp_path):
    session = opened()
    serve(session, policy=alw.Policy(push_to=Bridge(), push_minutes=1e6))
    told(session, 1)
    session.close()
    assert alw.verify(tmp_path / "a.alw").sound
    assert [event.act for event in opened().events if event.kind == "acted"] == ["push"]
