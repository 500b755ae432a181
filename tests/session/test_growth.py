"""What is looked at once for each id, class or label costs as many looks as there are, not their square."""

import time

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw
from alwidgets.annotation.repeats import agreement
from alwidgets.journal import events
from alwidgets.journal.events import Repeated
from alwidgets.journal.state import State
from alwidgets.session import label_validation, validation

_TIMES = 16


def growth(make, n):
    """Return how many times as long a call takes with 16 n things as with n: 16 if linear, 256 if square."""

    def least(n_things):
        call, taken = make(n_things), []
        for _ in range(5):
            start = time.thread_time_ns()
            call()
            taken.append(time.thread_time_ns() - start)
        return min(taken)

    return least(_TIMES * n) / least(n)


def ids_with_a_twin_at_the_end(n):
    ids = [*map(str, range(n - 1)), str(n - 2)]

    def call():
        with pytest.raises(ValueError, match="more than once"):
            validation.check_ids(ids, n)

    return call


def classes(n):
    names = [f"class {i}" for i in range(n)]
    return lambda: label_validation.check_class_names(names)


def labels_of_many_classes(n):
    names = [f"class {i}" for i in range(n)]
    return lambda: label_validation.as_indicator("y", [names[::-1], names], 2, names)


def labels_of_a_test_set(n):
    names = tuple(f"class {i}" for i in range(n))
    X = np.zeros((n, 1))
    return lambda: validation.check_test((X, np.array(names)), X, names, allow_nan=False)


def a_state_of_classes(n):
    names = tuple(f"class {i}" for i in range(n))
    return lambda: State(1, names)


def keys_of_a_session(n):
    names = [f"class {i}" for i in range(n)]
    session = alw.Session(np.zeros((4, 1)), classes=names, learner=GaussianNB(), random_state=0)
    return lambda: session.shortcuts


def repeats_of_many_classes(n):
    names = tuple(f"class {i}" for i in range(n))
    session = alw.Session(np.arange(n)[:, None], classes=names, learner=GaussianNB(), random_state=0, batch_size=n + 1)
    fields = {"annotator": None, "seconds": None, "shown_at": None, "round": 0}
    with session._core.log.lock:
        for row, name in enumerate(names):
            session._core.log.record(events.Labeled(id=f"a{row}", at=0.0, item=row, label=name, sample="", **fields))
            session._core.log.record(Repeated(id=f"b{row}", at=0.0, item=row, label=name, **fields))
    return lambda: agreement(session._core.log.state)


@pytest.mark.parametrize(
    ("make", "n"),
    [
        (ids_with_a_twin_at_the_end, 500),
        (classes, 500),
        (labels_of_many_classes, 200),
        (labels_of_a_test_set, 500),
        (a_state_of_classes, 1000),
        (keys_of_a_session, 500),
        (repeats_of_many_classes, 100),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_sixteen_times_as_many_take_far_less_than_their_square(make, n):
    assert growth(make, n) < 80
