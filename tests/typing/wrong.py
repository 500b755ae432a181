"""Mistakes, one a line that ends in what a checker must say of it: a comment, `error: ` and words of the message."""

import numpy as np

import alwidgets as alw
from alwidgets.strategies import PoolView


def of_a_number(view: int) -> str:
    return str(view)


def of_words(view: PoolView) -> str:
    return "large"


class Backwards:
    def select(self, n: int, view: PoolView) -> list[int]:
        return list(range(n))


class Wordy:
    def select(self, view: PoolView, n: int) -> list[str]:
        return ["first"] * n


def fired(history: alw.stopping.History) -> bool:
    return len(history) > 3


def of_rounds(history: list[float]) -> alw.Reading | None:
    return None


def needs_two(item: object, width: int) -> str:
    return str(item)[:width]


def by_name(item: str) -> str:
    return item


def calls_that_are_wrong() -> None:
    X = np.eye(4)
    session = alw.Session(X, classes=["ham", "spam"], learner=None)
    alw.Sesion  # error: Module has no attribute "Sesion"
    alw.kernels.k_centre  # error: Module has no attribute "k_centre"
    session.teech(0, "ham")  # error: "Session" has no attribute "teech"
    session.teach("wrong", "ham")  # error: incompatible type "str"; expected "int"
    session.teach(3, "ham", nonsense=1)  # error: Unexpected keyword argument "nonsense"
    session.teach(3)  # error: Missing positional argument "label"
    session.run(by_name)  # error: Argument 1 to "run"
    session.adjust(cost_per_lable=0.1)  # error: Unexpected keyword argument "cost_per_lable"
    session.adjust(thresholds=0.1)  # error: Argument "thresholds" to "adjust"
    session.decide("halt")  # error: Argument 1 to "decide"
    session.review(sort="best")  # error: Argument "sort" to "review"
    session.progress.n_labelled  # error: "Progress" has no attribute "n_labelled"
    alw.Session(X, learner=None)  # error: Missing named argument "classes"
    alw.Session(X, classes=3, learner=None)  # error: Argument "classes" to "Session"
    alw.Session(X, classes=[0, 1], learner=None, strategy=of_a_number)  # error: Argument "strategy" to "Session"
    alw.Session(X, classes=[0, 1], learner=None, strategy=of_words)  # error: Argument "strategy" to "Session"
    alw.Session(X, classes=[0, 1], learner=None, strategy=Backwards())  # error: Argument "strategy" to "Session"
    alw.Session(X, classes=[0, 1], learner=None, strategy=Wordy())  # error: Argument "strategy" to "Session"
    alw.Session(X, classes=[0, 1], learner=None, stop=fired)  # error: Argument "stop" to "Session"
    alw.Session(X, classes=[0, 1], learner=None, stop=of_rounds)  # error: Argument "stop" to "Session"
    alw.Session(X, classes=[0, 1], learner=None, render=needs_two)  # error: Argument "render" to "Session"
    alw.Session(X, classes=[0, 1], learner=None, audit_mode="hold back")  # error: Argument "audit_mode" to "Session"
    alw.Session(X, classes=[0, 1], learner=None, task="multiple")  # error: Argument "task" to "Session"
    alw.Budget(label=300)  # error: Unexpected keyword argument "label"
    alw.any_of(fired)  # error: Argument 1 to "any_of"
    alw.simulate(X, [0, 1], strategies=[of_words])  # error: List item 0 has incompatible type
    alw.Workbench(X)  # error: Argument 1 to "Workbench"
