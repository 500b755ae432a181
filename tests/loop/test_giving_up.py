"""A fit that hangs can be given up, and nothing waits for it for ever; what a session calls does not wait for it."""

import threading
from typing import ClassVar

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import alwidgets as alw
from alwidgets.loop import engine


@pytest.fixture
def hanging():
    """A classifier class whose fits hang while it is told so, and end when all is over."""

    class Hanging(LogisticRegression):
        hangs = threading.Event()
        started = threading.Semaphore(0)
        over = threading.Event()
        ended = threading.Semaphore(0)
        threads: ClassVar = []

        def fit(self, X, y):
            kind = type(self)
            if kind.hangs.is_set():
                kind.threads.append(threading.current_thread())
                kind.started.release()
                assert kind.over.wait(60)
                kind.ended.release()
            return super().fit(X, y)

    yield Hanging
    Hanging.over.set()
    for thread in Hanging.threads:
        if thread is not threading.current_thread():
            thread.join(30)


def batch(y, n):
    """Return n rows of both classes."""
    return np.concatenate([np.flatnonzero(y == "left")[:n], np.flatnonzero(y == "right")[:n]])


def label(session, y, rows):
    for row in rows:
        session.teach(int(row), y[row])


@pytest.fixture
def hung(make_session, blobs, hanging, tmp_path):
    """A session whose first fit hangs in the background."""
    session = make_session(learner=hanging(), journal=tmp_path / "a.alw")
    hanging.hangs.set()
    label(session, blobs[1], batch(blobs[1], 2))
    assert hanging.started.acquire(timeout=30)
    return session


def test_labels_stay_and_the_next_batch_is_fitted_by_another_thread(hung, blobs, hanging):
    assert hung.progress.busy
    assert hung.progress.busy_since > 0
    assert hung.abandon_fit()
    progress = hung.progress
    assert (progress.busy, progress.busy_since, progress.n_labeled) == (False, None, 4)
    assert "Fitting Hanging on 4 labels was given up after " in progress.error
    assert "The labels are kept; the next batch tries again." in progress.error
    assert hung.wait(30)
    hanging.hangs.clear()
    label(hung, blobs[1], np.setdiff1d(batch(blobs[1], 4), batch(blobs[1], 2)))
    assert hung.wait(30)
    assert hung.history["n_learned"].tolist() == [8]
    assert hung.progress.error == ""
    known, events = hung.learner, hung.events
    hanging.over.set()
    for thread in hanging.threads:
        thread.join(30)
    assert hung.learner is known
    assert hung.events == events
    assert not hung.abandon_fit()


def test_it_is_written_down(hung, make_session, blobs, hanging, tmp_path):
    hung.abandon_fit()
    error = hung.progress.error
    hung.close()
    hanging.hangs.clear()
    again = make_session(learner=hanging(), journal=tmp_path / "a.alw")
    assert again.progress.error == error
    assert again.retrain().round == 1


def test_closing_waits_for_nothing(hung):
    hung.close()
    assert not hung.wait(0)


@pytest.mark.parametrize("call", ["export", "rollback"])
def test_what_needs_the_fit_to_end_says_so_and_changes_nothing(hung, call, tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "_PATIENCE", 0.0)
    events = hung.events
    with pytest.raises(TimeoutError, match=r"a fit of Hanging, for \d+ s is running .* abandon_fit\(\) to give it up"):
        hung.export(tmp_path / "out", model=False) if call == "export" else hung.rollback()
    assert hung.events == events
    assert not (tmp_path / "out").exists()
    hung.abandon_fit()
    if call == "export":
        assert (hung.export(tmp_path / "out", model=False) / "labels.csv").exists()


@pytest.mark.parametrize("call", ["export", "wait", "run", "query", "retrain"])
def test_who_waits_goes_on_when_it_is_given_up(hung, call, blobs, hanging, tmp_path):
    calls = {
        "export": lambda: hung.export(tmp_path / "out", model=False),
        "wait": hung.wait,
        "run": lambda: hung.run(blobs[1], 1),
        "query": lambda: hung.query(8),
        "retrain": hung.retrain,
    }
    done = threading.Event()

    def wait():
        calls[call]()
        done.set()

    thread = threading.Thread(target=wait)
    thread.start()
    assert not done.wait(0.2)
    hanging.hangs.clear()
    assert hung.abandon_fit()
    assert done.wait(30)
    thread.join(30)


def test_a_call_that_is_given_up_raises_when_it_comes_back(make_session, blobs, hanging):
    session = make_session(learner=hanging())
    session.run(blobs[1], 4)
    hanging.hangs.set()
    raised = []

    def retrain():
        try:
            session.retrain()
        except RuntimeError as error:
            raised.append(error)

    thread = threading.Thread(target=retrain)
    thread.start()
    assert hanging.started.acquire(timeout=30)
    assert session.abandon_fit()
    hanging.hangs.clear()
    assert session.retrain().round == 2
    hanging.over.set()
    thread.join(30)
    assert "given up by abandon_fit()" in str(raised[0])
    assert session.history["round"].tolist() == [1, 2]


def test_a_selection_that_hangs_is_given_up_too(make_session, blobs):
    hangs, started, over = threading.Event(), threading.Event(), threading.Event()

    def slow(view):
        if hangs.is_set():
            started.set()
            assert over.wait(60)
        return view.proba[:, 0]

    session = make_session(strategy=slow)
    hangs.set()
    label(session, blobs[1], batch(blobs[1], 2))
    assert started.wait(30)
    assert session.abandon_fit()
    hangs.clear()
    assert session.query().size == 4
    over.set()


CALLS = {
    "run": lambda session, y: session.run(y, 1),
    "wait": lambda session, y: session.wait(),
    "export": lambda session, y: session.export("nowhere"),
    "retrain": lambda session, y: session.retrain(),
    "query": lambda session, y: session.query(),
    "rollback": lambda session, y: session.rollback(),
    "explain": lambda session, y: session.explain(3),
    "suggestion": lambda session, y: session.suggestion(3),
    "predictions": lambda session, y: session.predictions(),
    "random_baseline": lambda session, y: session.random_baseline("simulated", n_runs=1),
    "review": lambda session, y: session.review(),
}


def in_the_background(session, oracle, y):
    label(session, y, batch(y, 4))
    assert session.wait(60)


ROUND = {False: lambda session, oracle, y: session.run(oracle, 8), True: in_the_background}
PLACES = ("strategy", "learner", "metric", "criterion", "listener", "oracle", "embed")


def calling(call_it, returned):
    """Return a function that calls something before it returns."""

    def called(*args):
        call_it()
        return returned(*args)

    return called


class Calls(LogisticRegression):
    """A model whose fits call something."""

    def __init__(self, call_it=None):
        super().__init__()
        self.call_it = call_it

    def __sklearn_clone__(self):
        return Calls(self.call_it)

    def fit(self, X, y):
        self.call_it()
        return super().fit(X, y)


def calling_from(place, call_it):
    """Return the arguments of a session that calls something from there."""
    return {
        "strategy": {"strategy": calling(call_it, lambda view: view.proba[:, 0])},
        "learner": {"learner": Calls(call_it)},
        "metric": {"scoring": {"own": calling(call_it, lambda estimator, X, y: 0.5)}},
        "criterion": {"stop": calling(call_it, lambda history: None)},
        "embed": {"embed": calling(call_it, lambda X: X), "strategy": "k_means"},
    }.get(place, {})


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("place", "background"),
    [(place, after) for place in PLACES for after in (False, True) if place != "oracle"] + [("oracle", False)],
)
def test_what_a_session_calls_cannot_wait_for_it(make_session, blobs, call, place, background):
    y, sessions, told = blobs[1], [], []

    def call_it():
        if sessions:
            try:
                CALLS[call](sessions[0], y)
            except RuntimeError as error:
                told.append(str(error))

    session = make_session(**calling_from(place, call_it))
    sessions.append(session)
    if place == "listener":
        session.on_event(lambda event: call_it())
    ROUND[background](session, calling(call_it, lambda row: y[row]) if place == "oracle" else y, y)
    assert told
    assert all(each.startswith(f"{call}() was called from within a strategy, learner") for each in told)
    assert session.retrain().score > 0
    assert session.wait(30)


def test_what_a_session_calls_may_look_at_it_and_at_others(make_session, blobs):
    y, seen, sessions = blobs[1], [], []

    def looks(view):
        (session,) = sessions
        seen.append((session.progress.n_labeled, len(session.labels), len(session.history)))
        other = make_session().run(y, 4)
        assert len(other.query())
        return view.proba[:, 0]

    sessions.append(make_session(strategy=looks))
    sessions[0].run(y, 8)
    assert seen[0][0] == seen[0][1] == 4


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("shown", ["Labeler", "StoppingPanel", "Workbench"])
def test_a_criterion_that_a_widget_reads_cannot_wait_for_it(make_session, blobs, call, shown):
    y, sessions, told = blobs[1], [], []

    def call_it():
        if sessions:
            try:
                CALLS[call](sessions[0], y)
            except RuntimeError as error:
                told.append(str(error))

    session = make_session(stop=calling(call_it, lambda history: None)).run(y, 8)
    sessions.append(session)
    getattr(alw, shown)(session)
    assert told
    assert all(each.startswith(f"{call}() was called from within") for each in told)
    assert session.wait(30)


def test_a_renderer_cannot_wait_for_it(make_session):
    from alwidgets.renderers.messages import message_of

    session = make_session(render=lambda item: session.query())
    message, _ = message_of(session, 0, session.render)
    assert "RuntimeError: query() was called from within" in message["text"]


def test_a_criterion_that_fails_is_told_where_a_person_looks(make_session, blobs):
    def broken(history):
        raise ZeroDivisionError("no rounds")

    session = make_session(stop=broken)
    with pytest.warns(RuntimeWarning, match="The stopping criterion 'broken' failed: ZeroDivisionError") as caught:
        session.run(blobs[1], 8)
    assert [each.filename for each in caught] == [__file__]
    assert session.run(blobs[1], 4).advice.sentence.endswith(
        "The stopping criterion 'broken' failed: ZeroDivisionError: no rounds. It gives no advice."
    )
    assert not session.advice.stop
    assert "'broken' failed" in session.progress.notices[0]
