"""Work in threads gives what it gives without them, in the same order, and one error ends it."""

import threading

import pytest

from alwidgets.utils import threads
from alwidgets.utils.threads import in_threads


@pytest.mark.parametrize("n_cores", [1, 3])
@pytest.mark.parametrize("n_items", [0, 1, 2, 50])
def test_results_come_in_the_order_of_the_items(monkeypatch, n_cores, n_items):
    monkeypatch.setattr(threads, "n_cores", lambda: n_cores)
    assert list(in_threads(lambda item: item + 1, range(n_items))) == list(range(1, n_items + 1))


def test_as_many_work_at_once_as_there_are_cores(monkeypatch):
    monkeypatch.setattr(threads, "n_cores", lambda: 2)
    both = threading.Barrier(2, timeout=60)
    list(in_threads(lambda _: both.wait(), range(4)))


def test_after_an_error_nothing_new_is_begun(monkeypatch):
    monkeypatch.setattr(threads, "n_cores", lambda: 2)
    begun = []

    def work(item):
        begun.append(item)
        if item == 1:
            raise OSError("the disk is gone")
        return item

    with pytest.raises(OSError, match="the disk is gone"):
        list(in_threads(work, range(1000)))
    assert len(begun) < 20
