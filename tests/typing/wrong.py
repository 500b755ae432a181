"""Mistakes, one a line that ends in what a checker must say of it: a comment, `error: ` and words of the message."""

import numpy as np

import alwidgets as alw
from alwidgets.strategies import PoolView


def of_a_number(view: int) -> str:
    return str(view)


def of_words(view: PoolView) -> str:
    return "large"


def of_two(learner: object, X: object) -> str:
    return str(learner)


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


class OnlyFits:
    def fit(self, X: object, y: object) -> "OnlyFits":
        return self


def calls_that_are_wrong() -> None:
    X = np.eye(4)
    session = alw.Session(X, classes=["ham", "spam"], learner="forest")
    alw.Sesion  # error: Module has no attribute "Sesion"
    alw.kernels.k_centre  # error: Module has no attribute "k_centre"
    session.teech(0, "ham")  # error: "Session" has no attribute "teech"
    session.teach("wrong", "ham")  # error: incompatible type "str"; expected "int"
    session.teach(3, "ham", nonsense=1)  # error: Unexpected keyword argument "nonsense"
    session.teach(3)  # error: Missing positional argument "label"
    session.run(by_name)  # error: Argument 1 to "run"
    session.adjust(cost_per_lable=0.1)  # error: Unexpected keyword argument "cost_per_lable"
    session.adjust(thresholds=0.1)  # error: Argument "thresholds" to "adjust"
    session.teach(3, "ham", via="email")  # error: Argument "via" to "teach"
    session.branch("b.alw", strategie="margin")  # error: Unexpected keyword argument "strategie"
    session.branch("b.alw", strategy="margn")  # error: Argument "strategy" to "branch"
    alw.Race().choose(batchsize=3)  # error: Unexpected keyword argument "batchsize"
    alw.simulate(X, X, journal=3)  # error: Argument "journal" to "simulate"
    alw.simulate(X, [0, 1], learner="forest", protocol="lu2022")  # error: Argument "protocol" to "simulate"
    alw.Race().add_shape("moon")  # error: Argument 1 to "add_shape"
    alw.simulate(X, X, scoring=3)  # error: Argument "scoring" to "simulate"
    alw.strategies.distinct("margin", "wide")  # error: Argument 2 to "distinct"
    session.decide("halt")  # error: Argument 1 to "decide"
    session.review(sort="best")  # error: Argument "sort" to "review"
    session.progress.n_labelled  # error: "Progress" has no attribute "n_labelled"
    alw.Session(X, learner="forest")  # error: Missing named argument "classes"
    alw.Session(X, classes=3, learner="forest")  # error: Argument "classes" to "Session"
    alw.Session(X, classes=[0, 1], learner="forst")  # error: Argument "learner" to "Session"
    alw.Session(X, classes=[0, 1], learner="forest", stop="platau")  # error: Argument "stop" to "Session"
    alw.Session(X, classes=[0, 1], learner="forest", strategy=of_two)  # error: Argument "strategy" to "Session"
    alw.Session(X, classes=[0, 1], learner="forest", strategy="margn")  # error: Argument "strategy" to "Session"
    alw.Session(X, classes=[0, 1], learner="forest", cold_start="kmeans")  # error: Argument "cold_start" to "Session"
    alw.Session(X, classes=[0, 1], learner="forest", strategy=of_a_number)  # error: Argument "strategy" to "Session"
    alw.Session(X, classes=[0, 1], learner="forest", strategy=of_words)  # error: Argument "strategy" to "Session"
    alw.Session(X, classes=[0, 1], learner="forest", strategy=Backwards())  # error: Argument "strategy" to "Session"
    alw.Session(X, classes=[0, 1], learner="forest", strategy=Wordy())  # error: Argument "strategy" to "Session"
    alw.Session(X, classes=[0, 1], learner="forest", stop=fired)  # error: Argument "stop" to "Session"
    alw.Session(X, classes=[0, 1], learner="forest", stop=of_rounds)  # error: Argument "stop" to "Session"
    alw.Session(X, classes=[0, 1], learner="forest", render=needs_two)  # error: Argument "render" to "Session"
    alw.Session(X, classes=[0, 1], learner="SVC", audit_mode="hold back")  # error: Argument "audit_mode" to "Session"
    alw.Session(X, classes=[0, 1], learner="forest", task="multiple")  # error: Argument "task" to "Session"
    alw.Session(X, classes=[0, 1], learner=None)  # error: Argument "learner" to "Session"
    alw.Session(X, classes=[0, 1], learner=OnlyFits())  # error: Argument "learner" to "Session"
    alw.Session(X, classes=[0, 1], learner=OnlyFits)  # error: Argument "learner" to "Session"
    alw.Session(4, classes=[0, 1], learner="forest")  # error: Argument 1 to "Session"
    alw.Session({"a": [1.0]}, classes=[0, 1], learner="forest")  # error: Argument 1 to "Session"
    alw.Session(X, 4, classes=[0, 1], learner="forest")  # error: Argument 2 to "Session"
    alw.Session(X, {1, 2}, classes=[0, 1], learner="forest")  # error: Argument 2 to "Session"
    alw.Session(X, classes=[0, 1], learner="forest", test=X)  # error: Argument "test" to "Session"
    alw.Session(X, classes=[0, 1], learner="forest", labels=3)  # error: Argument "labels" to "Session"
    alw.simulate(4, [0, 1])  # error: Argument 1 to "simulate"
    alw.simulate(X, [0, 1], learner=OnlyFits())  # error: Argument "learner" to "simulate"
    alw.replay(session, learner=OnlyFits())  # error: Argument "learner" to "replay"
    alw.committee(OnlyFits())  # error: Argument 1 to "committee"
    alw.Labeler(X)  # error: Argument 1 to "Labeler"
    alw.Labeler(session, render=needs_two)  # error: Argument "render" to "Labeler"
    alw.load_model("model").predict(3)  # error: Argument 1 to "predict"
    alw.Budget(label=300)  # error: Unexpected keyword argument "label"
    alw.any_of(fired)  # error: Argument 1 to "any_of"
    alw.simulate(X, [0, 1], strategies=[of_words])  # error: List item 0 has incompatible type
    alw.Workbench(X)  # error: Argument 1 to "Workbench"

    alw.io.read_answers("export.json", format="label studio")  # error: Argument "format" to "read_answers"
    alw.io.write_labels(session, "labels.json", format="csv")  # error: Argument "format" to "write_labels"
