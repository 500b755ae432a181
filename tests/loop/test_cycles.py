"""Cycles come one at a time, wherever the thread that takes or ends one is interrupted."""

import contextlib
import itertools
import sys
import threading

import pytest

from alwidgets.loop.cycles import Cycles, GivenUpError


@contextlib.contextmanager
def free(_cycles):
    """Nobody has a cycle."""
    yield lambda: None


@contextlib.contextmanager
def own(cycles):
    """This thread has one."""
    with cycles.taken():
        yield lambda: None


@contextlib.contextmanager
def of_another(cycles):
    """Another thread has one until it is told to end it."""
    begun, over = threading.Event(), threading.Event()

    def hold():
        with cycles.taken():
            begun.set()
            over.wait()

    blocker = threading.Thread(target=hold)
    blocker.start()
    begun.wait()
    yield over.set
    over.set()
    blocker.join()


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


def take(cycles):
    with cycles.taken(30.0):
        pass


def another_takes(cycles, seconds=5.0):
    taken = []

    def go():
        with contextlib.suppress(TimeoutError), cycles.taken(seconds):
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
        cycles = Cycles()
        with situation(cycles) as end:
            end()
            error = interrupted(lambda cycles=cycles: take(cycles), nth)
        errors.append(error)
        assert another_takes(cycles), nth
        if error is None:
            break
    assert len(errors) > 8


def test_another_thread_waits_until_the_outermost_turn_of_this_one_ends():
    cycles = Cycles()
    with cycles.taken():
        with cycles.taken():
            assert not another_takes(cycles, 0.0)
        assert not another_takes(cycles, 0.0)
    assert another_takes(cycles)


def test_who_waits_too_long_is_told_why():
    cycles = Cycles()
    with cycles.taken():
        told = []

        def go():
            try:
                with cycles.taken(0.0, lambda: "a fit runs"):
                    pass
            except TimeoutError as error:
                told.append(str(error))

        thread = threading.Thread(target=go)
        thread.start()
        thread.join()
    assert told == ["a fit runs"]
    assert another_takes(cycles)


def test_what_was_given_up_keeps_nobody_out_and_ends_without_ending_another():
    cycles = Cycles()
    before = cycles.current
    with cycles.taken():
        cycles.check(before)
        cycles.give_up()
        with pytest.raises(GivenUpError):
            cycles.check(before)
        assert another_takes(cycles)
        with of_another(cycles):
            assert not another_takes(cycles, 0.0)
        # It comes back, and its next cycle is as anybody's.
        with cycles.taken():
            assert not another_takes(cycles, 0.0)
        assert another_takes(cycles)


def test_cycles_of_many_threads_come_one_at_a_time():
    cycles, within, most = Cycles(), [], []

    def go():
        for _ in range(200):
            with cycles.taken():
                within.append(None)
                most.append(len(within))
                within.pop()

    threads = [threading.Thread(target=go) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 1200
