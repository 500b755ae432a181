"""Turns of pages: one after the other, in the order in which they came, answers before news."""

import threading

import pytest

from alwidgets.service.pace import Pace


def test_those_who_wait_come_in_their_order_and_news_after_them():
    pace, order, waits = Pace(), [], threading.Semaphore(0)
    assert pace.take_if_free(lambda: None)
    threads = []
    for name in "abc":
        threads.append(threading.Thread(target=pace.do, args=[lambda name=name: order.append(name)]))
        threads[-1].start()
        while len(pace._acts) < len(threads):
            pass
    assert not pace.take_if_free(waits.release)
    pace.give()
    for thread in threads:
        thread.join(30)
    # It is called once nobody works on the session.
    assert waits.acquire(timeout=30)
    assert order == ["a", "b", "c"]
    assert pace.take_if_free(waits.release)
    pace.give()
    assert not waits.acquire(blocking=False)


def test_an_error_is_raised_where_it_was_asked_for_and_gives_the_turn_back():
    pace = Pace()
    with pytest.raises(ZeroDivisionError):
        pace.do(lambda: 1 / 0)
    assert pace.take_if_free(lambda: None)
