"""Answers of many threads at once: written and synced together, acknowledged after that, each as if it came alone."""

import errno
import os
import sys
import threading
import time

import pytest

N_THREADS = 12


def is_waiting(thread):
    frame = sys._current_frames().get(thread.ident)
    return frame is not None and frame.f_code.co_name == "wait"


def all_wait(threads):
    """Wait until all threads wait for another one."""
    deadline = time.monotonic() + 20
    while not all(map(is_waiting, threads)):
        assert time.monotonic() < deadline, "not all threads came to wait for one that writes"
        os.sched_yield()


class Answers:
    """Answers by threads of their own: one whose write is held up, and the others that come meanwhile."""

    def __init__(self, session, patch, answer, *, fail_at=None):
        self.session, self.answer, self.fail_at = session, answer, fail_at
        self.sync, self.n_syncs, self.n_done_at = os.fdatasync, 0, []
        self.done, self.errors = [], []
        self.rest = [threading.Thread(target=self._run, args=(n,)) for n in range(1, N_THREADS)]
        first = threading.Thread(target=self._run, args=(0,))
        self.writers = {first, *self.rest}
        patch.setattr(os, "fdatasync", self._sync)
        first.start()
        for thread in (first, *self.rest):
            thread.join(20)

    def _run(self, n):
        try:
            self.answer(n)
        except OSError as error:
            self.errors.append((n, error))
        else:
            self.done.append(n)

    def _sync(self, descriptor):
        if threading.current_thread() in self.writers:
            self.n_syncs += 1
            self.n_done_at.append(len(self.done))
            if self.n_syncs == 1:
                for thread in self.rest:
                    thread.start()
                all_wait(self.rest)
            if self.n_syncs == self.fail_at:
                raise OSError(errno.ENOSPC, "No space left on device")
        self.sync(descriptor)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.alw"


@pytest.fixture
def session(make_session, path):
    return make_session(journal=path, batch_size=100, audit=0)


def test_answers_that_come_while_one_is_written_are_synced_together_and_none_is_acknowledged_before(
    session, make_session, path, monkeypatch
):
    with monkeypatch.context() as patch:
        answers = Answers(session, patch, lambda n: session.teach(n, "left", event_id=f"id {n}"))
    assert sorted(answers.done) == list(range(N_THREADS))
    assert answers.n_syncs == 2
    assert answers.n_done_at[0] == 0
    # The first one may have returned by then; of the others none has.
    assert answers.n_done_at[1] <= 1
    assert sorted(session.labels["item"]) == list(range(N_THREADS))
    resumed = make_session(journal=path, batch_size=100, audit=0)
    assert resumed.events == session.events
    assert resumed.recovery_message == ""


def test_one_of_them_is_told_that_the_disk_failed_and_the_others_are_written(session, make_session, path, monkeypatch):
    with monkeypatch.context() as patch:
        answers = Answers(session, patch, lambda n: session.teach(n, "left", event_id=f"id {n}"), fail_at=2)
    [(failed, error)] = answers.errors
    assert error.errno == errno.ENOSPC
    assert sorted(session.labels["item"]) == sorted(set(range(N_THREADS)) - {failed}) == sorted(answers.done)
    session.teach(failed, "left", event_id=f"id {failed}")
    assert session.progress.n_labeled == N_THREADS
    assert make_session(journal=path, batch_size=100, audit=0).events == session.events


def test_answers_to_one_item_are_written_one_after_the_other_and_the_first_one_is_its_label(session, monkeypatch):
    with monkeypatch.context() as patch:
        answers = Answers(session, patch, lambda n: session.teach(5, "left" if n else "right", as_of=0))
    assert answers.n_syncs == N_THREADS
    assert session.labels["label"].tolist() == ["right"]
    assert session.agreement.n == N_THREADS - 1


def test_what_is_said_twice_at_once_counts_once(session, monkeypatch):
    with monkeypatch.context() as patch:
        answers = Answers(session, patch, lambda n: session.teach(n // 2, "left", event_id=f"id {n // 2}"))
    assert not answers.errors
    assert session.progress.n_labeled == N_THREADS // 2


def test_who_waits_while_the_session_is_closed_is_told(session, monkeypatch):
    refused = []

    def answer(n):
        try:
            session.teach(n, "left")
        except ValueError as error:
            refused.append(str(error))

    with monkeypatch.context() as patch:
        writes = session._core.log.record

        def closes(*events):
            writes(*events)
            # The others wait for this one by then.
            session._core.log.close()

        patch.setattr(session._core.log, "record", closes)
        answers = Answers(session, patch, answer)
    assert (len(answers.done), len(refused)) == (N_THREADS, N_THREADS - 1)
    assert all("closed" in each for each in refused)
