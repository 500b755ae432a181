"""Turns come one at a time, wherever the thread that takes or ends one is interrupted."""

import contextlib
import itertools
import sys
import threading

import pytest

from alwidgets.loop.turns import GivenUpError, Turns


@contextlib.contextmanager
def free(_turns):
    """Nobody has a turn."""
    yield lambda: None


@contextlib.contextmanager
def own(turns):
    """This thread has one."""
    with turns.taken():
        yield lambda: None


@contextlib.contextmanager
def of_another(turns):
    """Another thread has one until it is told to end it."""
    begun, over = threading.Event(), threading.Event()

    def hold():
        with turns.taken():
            begun.set()
            over.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    begun.wait()
    yield over.set
    over.set()
    holder.join()


def interrupted(call, nth):
    """Call with an interrupt where Python takes the n-th: as a function begins, or behind one that is in C."""
    left = itertools.count(nth, -1)

    def profile(_frame, event, _):
        if event in ("call", "c_return") and next(left) == 1:
            raise KeyboardInterrupt

    sys.setprofile(profile)
    try:
        call()
    except KeyboardInterrupt as error:
        return error
    finally:
        sys.setprofile(None)
    return None


def take(turns):
    with turns.taken(30.0):
        pass


def another_takes(turns, seconds=5.0):
    taken = []

    def go():
        with contextlib.suppress(TimeoutError), turns.taken(seconds):
            taken.append(True)

    thread = threading.Thread(target=go)
    thread.start()
    thread.join()
    return bool(taken)


@pytest.mark.parametrize("situation", [free, own, of_another])
def test_an_interrupt_wherever_a_turn_is_taken_or_ends_leaves_none_behind(situation):
    # What is kept of an error, as a notebook keeps the last, keeps what its frames hold.
    errors = []
    for nth in itertools.count(1):
        turns = Turns()
        with situation(turns) as end:
            end()
            error = interrupted(lambda turns=turns: take(turns), nth)
        errors.append(error)
        assert another_takes(turns), nth
        if error is None:
            break
    assert len(errors) > 8


def test_another_thread_waits_until_the_outermost_turn_of_this_one_ends():
    turns = Turns()
    with turns.taken():
        with turns.taken():
            assert not another_takes(turns, 0.0)
        assert not another_takes(turns, 0.0)
    assert another_takes(turns)


def test_who_waits_too_long_is_told_why():
    turns = Turns()
    with turns.taken():
        told = []

        def go():
            try:
                with turns.taken(0.0, lambda: "a fit runs"):
                    pass
            except TimeoutError as error:
                told.append(str(error))

        thread = threading.Thread(target=go)
        thread.start()
        thread.join()
    assert told == ["a fit runs"]
    assert another_takes(turns)


def test_what_was_given_up_keeps_nobody_out_and_ends_without_ending_another():
    turns = Turns()
    before = turns.current
    with turns.taken():
        turns.check(before)
        turns.give_up()
        with pytest.raises(GivenUpError):
            turns.check(before)
        assert another_takes(turns)
        with of_another(turns):
            assert not another_takes(turns, 0.0)
        # It comes back, and its next turn is as anybody's.
        with turns.taken():
            assert not another_takes(turns, 0.0)
        assert another_takes(turns)


def test_turns_of_many_threads_come_one_at_a_time():
    turns, within, most = Turns(), [], []

    def go():
        for _ in range(200):
            with turns.taken():
                within.append(None)
                most.append(len(within))
                within.pop()

    threads = [threading.Thread(target=go) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 1200
