import threading
from typing import ClassVar

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from alwidgets.journal.state import LABELED, fold
from alwidgets.loop.worker import Background
from alwidgets.session import view_of
from tests.conftest import on_trial


@pytest.fixture
def gated():
    """A classifier class whose fits wait until told to go on, and fail while told to."""

    class Gated(LogisticRegression):
        started = threading.Semaphore(0)
        go = threading.Event()
        broken = threading.Event()
        threads: ClassVar = []

        def fit(self, X, y):
            if on_trial():
                return super().fit(X, y)
            kind = type(self)
            kind.threads.append(threading.current_thread())
            kind.started.release()
            assert kind.go.wait(30)
            if kind.broken.is_set():
                raise ValueError("the features went bad")
            return super().fit(X, y)

    yield Gated
    Gated.go.set()


def label_rows(session, y, rows):
    for row in rows:
        session.teach(int(row), y[row])


def both_classes(y, n=4):
    """Return n rows with both classes among them."""
    return np.concatenate([np.flatnonzero(y == "left")[: n // 2], np.flatnonzero(y == "right")[: n - n // 2]])


def workers():
    return [thread for thread in threading.enumerate() if thread.name == "alwidgets-trainer"]


def test_answers_during_a_fit_are_kept_and_learned_by_the_next(make_session, blobs, gated):
    y = blobs[1]
    session = make_session(learner=gated())
    label_rows(session, y, both_classes(y))
    assert gated.started.acquire(timeout=30)
    assert session.progress.busy
    during = [row for row in range(120) if row not in both_classes(y)][:3]
    label_rows(session, y, during)
    assert session.progress.n_labeled == 7
    assert (session.progress.round, session.progress.n_behind) == (0, 7)
    assert len(workers()) == 1
    gated.go.set()
    assert session.wait(30)
    assert (session.progress.n_learned, session.progress.n_behind) == (4, 3)
    assert not session.progress.busy
    assert workers() == []
    label_rows(session, y, [next(row for row in range(60, 120) if row not in session.labels["item"].tolist())])
    assert session.wait(30)
    assert session.history["n_learned"].tolist() == [4, 8]
    assert threading.main_thread() not in gated.threads


def test_waiting_has_a_timeout(make_session, blobs, gated):
    session = make_session(learner=gated())
    assert session.wait(0)
    label_rows(session, blobs[1], both_classes(blobs[1]))
    assert gated.started.acquire(timeout=30)
    assert not session.wait(0)
    assert session.progress.busy


def test_a_failed_fit_keeps_the_labels_says_why_and_is_tried_again(make_session, blobs, gated, tmp_path):
    y = blobs[1]
    gated.go.set()
    gated.broken.set()
    session = make_session(learner=gated(), journal=tmp_path / "a.alw")
    label_rows(session, y, both_classes(y))
    assert session.wait(30)
    error = session.progress.error
    assert "Fitting Gated on 4 labels failed: ValueError: the features went bad (line " in error
    assert "of fit). The labels are kept; the next batch tries again." in error
    assert session.progress.n_labeled == 4
    assert session.history.empty
    session.close()
    session = make_session(learner=gated(), journal=tmp_path / "a.alw")
    assert session.progress.error == error
    gated.broken.clear()
    label_rows(session, y, range(100, 104))
    assert session.wait(30)
    assert session.progress.error == ""
    assert session.history["n_labeled"].tolist() == [8]


def test_run_warns_of_a_failed_fit_at_the_line_that_called_it(make_session, blobs, gated):
    gated.go.set()
    gated.broken.set()
    session = make_session(learner=gated())
    with pytest.warns(RuntimeWarning, match="the features went bad") as caught:
        session.run(blobs[1], 8)
    assert caught[0].filename == __file__
    assert session.progress.n_labeled == 8
    with pytest.raises(ValueError, match="the features went bad"):
        session.retrain()
    assert session.progress.error
    gated.broken.clear()
    assert session.retrain().round == 1
    assert session.progress.error == ""


def test_a_fit_that_ends_the_thread_does_not_end_the_session(make_session, blobs):
    y = blobs[1]
    calls = []

    class Leaves(LogisticRegression):
        def fit(self, X, y):
            calls.append(on_trial())
            if calls.count(False) == 1:
                raise SystemExit
            return super().fit(X, y)

    session = make_session(learner=Leaves())
    label_rows(session, y, both_classes(y))
    assert session.wait(30)
    assert "SystemExit" in session.progress.error
    assert not session.progress.busy
    label_rows(session, y, [100])
    assert session.wait(30)
    assert (session.progress.round, session.progress.error) == (1, "")


def test_a_failing_strategy_keeps_labels_is_told_and_retried_after_the_next_answer(make_session, blobs):
    y = blobs[1]
    broken = threading.Event()
    broken.set()

    def moody(view):
        if broken.is_set():
            raise ZeroDivisionError("no mood")
        return view.proba[:, 0]

    session = make_session(strategy=moody)
    label_rows(session, y, both_classes(y))
    assert session.wait(30)
    assert "Strategy 'moody' failed: ZeroDivisionError: no mood (line " in session.progress.error
    assert (session.progress.n_labeled, session.progress.round) == (4, 1)
    with pytest.raises(ZeroDivisionError, match="no mood"):
        session.query()
    with pytest.raises(ZeroDivisionError, match="no mood"):
        session.run(y, 4)
    broken.clear()
    label_rows(session, y, [100])
    assert session.wait(30)
    assert session.progress.error == ""
    assert len(session.query()) == 4
    assert session.events[-1].strategy == "moody"


def test_a_session_closed_during_a_fit_drops_what_it_finds(make_session, blobs, gated, tmp_path):
    session = make_session(learner=gated(), journal=tmp_path / "a.alw")
    label_rows(session, blobs[1], both_classes(blobs[1]))
    assert gated.started.acquire(timeout=30)
    session.close()
    files = {file: file.read_bytes() for file in (tmp_path / "a.alw" / "events").iterdir()}
    gated.go.set()
    assert session.wait(30)
    assert workers() == []
    assert session.progress.round == 0
    assert files == {file: file.read_bytes() for file in (tmp_path / "a.alw" / "events").iterdir()}


def test_many_threads_teach_at_once_and_nothing_is_lost(make_session, blobs):
    y = blobs[1]
    session = make_session(audit=0.2)
    view_of(session).set_prefetch(10)
    errors = []

    def annotate(rows):
        try:
            label_rows(session, y, rows)
            view_of(session).queue, session.labels, session.history, session.advice, session.progress
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=annotate, args=(range(start, 120, 8),)) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert session.wait(60)
    assert errors == []
    assert session.progress.n_labeled == 120
    state = session._core.log.state
    again = fold(session.events, 120, state.classes)
    assert np.array_equal(again.codes, state.codes)
    assert (again.status == LABELED).all()
    assert again.pending == state.pending == []
    assert session.labels.set_index("item")["label"].sort_index().tolist() == y.tolist()


def test_predicting_during_a_refit_never_sees_a_half_fitted_model(make_session, blobs):
    X, y = blobs
    session = make_session(learner=RandomForestClassifier(10), batch_size=2).run(y, 8)
    done, faults = threading.Event(), []

    def predict():
        while not done.is_set():
            learner = session.learner
            proba = learner.predict_proba(X)
            if proba.shape != (120, len(learner.classes_)) or not np.allclose(proba.sum(axis=1), 1):
                faults.append(proba)

    threads = [threading.Thread(target=predict) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(8):
        label_rows(session, y, session.query())
    session.wait()
    done.set()
    for thread in threads:
        thread.join()
    assert faults == []
    assert session.progress.round > 6


def test_the_queue_never_runs_dry_while_a_fit_takes_its_time(make_session, blobs, gated):
    y = blobs[1]
    session = make_session(learner=gated(), batch_size=8)
    view_of(session).set_prefetch(24)
    assert session.wait(30)
    assert len(view_of(session).queue) == 24
    answered = 0
    while answered < 60:
        assert view_of(session).queue
        session.teach(view_of(session).queue[0], y[view_of(session).queue[0]])
        answered += 1
    assert gated.started.acquire(timeout=30)
    assert session.progress.round == 0
    assert not gated.started.acquire(blocking=False)


def test_where_questions_are_kept_ready_nobody_waits_for_a_fit(make_session, blobs, gated):
    y = blobs[1]
    session = make_session(learner=gated(), audit=0)
    gated.go.set()
    label_rows(session, y, both_classes(y))
    assert session.wait(30)
    view_of(session).set_prefetch(4)
    assert session.wait(30)
    gated.go.clear()
    label_rows(session, y, view_of(session).queue[:4])
    assert all(gated.started.acquire(timeout=30) for _ in range(2))
    asked = session.query(100)
    assert session.progress.busy
    assert len(asked) == 100
    assert session.events[-1].round == 1
    assert view_of(session).queue[:100] == asked.tolist()
    gated.go.set()
    assert session.wait(30)
    assert session.progress.round == 2
    assert session.events[-1].round == 2


def test_a_script_is_asked_the_same_however_long_a_fit_takes(make_session, blobs, gated):
    y = blobs[1]

    def asked(delay):
        session = make_session(learner=gated(), audit=0)
        label_rows(session, y, both_classes(y))
        opener = threading.Timer(delay, gated.go.set)
        opener.start()
        rows = session.query(6).tolist()
        opener.join()
        gated.go.clear()
        return rows

    gated.go.clear()
    assert asked(0.3) == asked(0.0)


def test_a_script_is_not_asked_what_a_fit_that_is_due_withdraws(make_session, blobs, gated):
    y = blobs[1]
    session = make_session(learner=gated(), audit=0)
    before = session.query().tolist()
    gated.go.clear()
    label_rows(session, y, [row for row in range(60) if row not in before][:4])
    threading.Timer(0.3, gated.go.set).start()
    asked = session.query().tolist()
    assert session.progress.round == 1
    assert session.wait(30)
    assert session.query().tolist() == asked != before


def test_a_branch_asks_at_once_what_its_newest_model_asks(make_session, blobs, tmp_path):
    y = blobs[1]
    session = make_session(audit=0, journal=tmp_path / "a.alw")
    before = session.query().tolist()
    label_rows(session, y, [row for row in range(60) if row not in before][:4])
    session.wait()
    branch = session.branch(tmp_path / "b.alw", round=1)
    asked = branch.query().tolist()
    branch.wait()
    assert branch.query().tolist() == asked == session.query().tolist()
    branch.close()


def test_a_new_model_ranks_anew_all_but_the_next_two_and_the_audit_questions(make_session, blobs, gated):
    y = blobs[1]
    session = make_session(learner=gated(), audit=0.2, batch_size=8)
    view_of(session).set_prefetch(24)
    assert session.wait(30)
    while not session._core.engine._due():
        session.teach(view_of(session).queue[0], y[view_of(session).queue[0]])
    assert gated.started.acquire(timeout=30)
    before = view_of(session).queue
    audit = [row for row in before if session._core.log.state.audit[row]]
    gated.go.set()
    assert session.wait(30)
    asked = next(event for event in session.events if event.kind == "asked" and event.withdrawn)
    kept = [row for row in before if row in before[:2] or row in audit]
    assert view_of(session).queue[: len(kept)] == kept
    assert audit
    assert set(asked.withdrawn) == set(before) - set(kept)
    assert len(view_of(session).queue) >= 24
    assert asked.round == 1


def test_more_can_be_asked_than_is_looked_ahead(make_session):
    session = make_session()
    view_of(session).set_prefetch(5)
    assert session.wait(30)
    assert len(session.query(40)) == 40


def test_an_interrupt_in_run_leaves_a_session_that_goes_on(make_session, blobs):
    y = blobs[1]
    session = make_session()

    def oracle(item):
        if session.progress.n_labeled == 9:
            raise KeyboardInterrupt
        return y[item]

    with pytest.raises(KeyboardInterrupt):
        session.run(oracle, 20)
    assert session.progress.n_labeled == 9
    session.run(y, 3)
    assert session.history["n_labeled"].tolist() == [4, 8, 12]


def test_an_interrupt_in_a_fit_leaves_the_labels_and_the_fit_due(make_session, blobs):
    calls = []

    class Interrupted(LogisticRegression):
        def fit(self, X, y):
            calls.append(on_trial())
            if calls.count(False) == 1:
                raise KeyboardInterrupt
            return super().fit(X, y)

    session = make_session(learner=Interrupted())
    with pytest.raises(KeyboardInterrupt):
        session.run(blobs[1], 8)
    assert not session.progress.busy
    n_labeled = session.progress.n_labeled
    assert session.wait(30)
    session.run(blobs[1], 8)
    assert session.progress.n_labeled == n_labeled + 8
    assert session.progress.round >= 2


def test_work_asked_for_while_it_is_done_is_done_once_more():
    began, go, times = threading.Semaphore(0), threading.Event(), []

    def work():
        times.append(1)
        began.release()
        assert go.wait(30)

    background = Background(work)
    background.wake()
    assert began.acquire(timeout=30)
    for _ in range(5):
        background.wake()
    go.set()
    assert background.wait(30)
    assert len(times) == 2
    background.wake()
    assert background.wait(30)
    assert len(times) == 3


def test_a_model_that_cannot_predict_yet_is_a_failed_fit_and_the_next_batch_tries_again(make_session, blobs):
    session = make_session(learner=KNeighborsClassifier(15), test=None, audit=0.1)
    with pytest.warns(
        RuntimeWarning, match="Fitting KNeighborsClassifier on .* failed: ValueError: Expected n_neighbors"
    ):
        session.run(blobs[1], 40)
    assert session.progress.n_labeled == 40
    assert session.progress.error == ""
    assert session.history["n_learned"].min() >= 15


def test_views_follow_a_script_round_by_round(make_session, blobs):
    session = make_session()
    rounds = []
    view_of(session).on_change(lambda: rounds.append(session.progress.round))
    session.run(blobs[1], 12)
    assert {1, 2, 3} <= set(rounds)
