"""What a user may write, with types: no checker finds fault with any of it. Checked, never run."""

from enum import Enum
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import alwidgets as alw
from alwidgets.session import Session
from alwidgets.stopping import Criterion
from alwidgets.strategies import BatchStrategy, PoolView, Strategy


class Kind(Enum):
    HAM = "ham"
    SPAM = "spam"


def near_boundary(view: PoolView) -> NDArray[np.float64]:
    utility: NDArray[np.float64] = -abs(view.proba.max(axis=1) - 0.5)
    return utility


def as_a_list(view: alw.strategies.PoolView) -> list[float]:
    return [0.0] * len(view.candidates)


def as_a_series(view: PoolView) -> "pd.Series[float]":
    return pd.Series(view.proba.max(axis=1))


def as_modal_has_it(learner: object, X_pool: NDArray[np.float64], n_instances: int = 1) -> NDArray[np.intp]:
    return np.arange(n_instances)


class Spread:
    def select(self, view: PoolView, n: int) -> alw.types.IntArray:
        return alw.kernels.k_center(view.X[view.candidates], view.X[view.labeled], n)


class FirstRows:
    def select(self, view: PoolView, n: int) -> list[int]:
        return list(range(n))


def enough(history: alw.stopping.History) -> alw.Reading | None:
    n = history.n_labeled
    return None if len(history) < 2 else alw.Reading("enough", n, 50, n >= 50, "50 labels will do", below=False)


def photo(item: Path) -> alw.Image:
    return alw.Image(item.read_bytes(), alt=item.name)


def words(item: Path) -> str:
    return item.read_text()


class Own:
    """A classifier of one's own, with the types that scikit-learn's have in their stubs."""

    def fit(self, X: NDArray[np.float64], y: NDArray[np.intp], sample_weight: list[float] | None = None) -> "Own":
        return self

    def predict(self, X: NDArray[np.float64]) -> NDArray[np.intp]:
        return np.zeros(len(X), np.intp)


class Tensor:
    """As torch, polars and SciPy hold samples: with a shape, and no more in common."""

    shape: tuple[int, int] = (4, 2)


class Rows:
    """As torch and datasets hold items: a length, and rows by their numbers."""

    def __len__(self) -> int:
        return 4

    def __getitem__(self, row: int) -> str:
        return str(row)


def truth(item: int) -> str | None:
    return "ham" if item % 2 else None


def names_in_a_loop() -> None:
    names: tuple[alw.strategies.StrategyName, ...] = ("margin", "entropy")
    for name in names:
        alw.Session(np.eye(4), classes=[0, 1], learner="forest", strategy=name).close()


def calls_that_are_right() -> None:
    X = np.eye(4)
    strategies: list[Strategy] = [near_boundary, as_a_list, as_a_series, as_modal_has_it, Spread(), FirstRows()]
    batch: BatchStrategy = Spread()
    rule: Criterion = enough
    session = alw.Session(
        X,
        [Path("a"), Path("b")],
        classes=["ham", "spam"],
        learner="forest",
        strategy=near_boundary,
        cold_start=Spread(),
        budget=alw.Budget(labels=300),
        stop=alw.any_of(enough, "budget", alw.all_of("plateau", partial(alw.stopping.target, threshold=0.9))),
        render=photo,
        task=alw.Task("yes_no", keys={"skip": "s", "spam": "x"}),
    )
    same: Session = session.run(truth, n_labels=4)
    for strategy in strategies:
        alw.Session(X, classes=Kind, learner="forest", strategy=strategy, render=words, stop=None).close()
    texts = ["lunch?", "WIN"]
    for samples in (X, pd.DataFrame(X), np.memmap("X", mode="w+", shape=(4, 2)), Tensor(), texts, X.tolist()):
        alw.Session(samples, classes=[0, 1], learner=Own(), test=(samples, [0, 1])).close()
        alw.simulate(samples, [0, 1], learner=[Own(), "forest"])
    for items in (X, pd.DataFrame(X), pd.Series(texts), Rows(), texts, tuple(texts), range(4)):
        alw.Session(X, items, classes=[0, 1], learner=make_pipeline(StandardScaler(), LogisticRegression())).close()
    for known in ({0: "a"}, [None, "a"], np.array([0, 1]), pd.Series(["a"]), pd.DataFrame(X)):
        alw.Session(X, classes=["a", "b"], learner=alw.committee(Own(), n_members=3), labels=known).close()
    alw.replay(session, X=X, learner=Own(), test=(X, [0, 1]))
    alw.simulate(X, [0, 1], learner={"own": Own(), "forest": "forest"})
    for classes in (range(10), np.array([0, 1]), ("a", "b"), pd.Series(["a", "b"]), [True, False]):
        alw.Session(X, classes=classes, learner="forest").close()
    for oracle in (["ham", None], {0: "ham"}, np.array([0, 1]), pd.Series(["ham"]), [["a"], []], truth):
        session.run(oracle)
    for row in session.query(4):
        session.teach(row, "ham")
    session.teach(0, "ham", seconds=2.5, event_id="once")
    session.teach(0, ["a", "b"], suggested=Kind.HAM)
    session.enqueue([1, 2])
    session.enqueue(np.array([1, 2]))
    session.ask_only([1, 2])
    session.ask_only(None)
    session.request_repeats(0.1)
    session.adjust(cost_per_label=0.15, needs="any", thresholds={"plateau": 0.01})
    session.decide("stop", "good enough")
    session.review("ham", sort="suspicious", wait=False)
    cost: float = session.budget.spent(3)
    labels: pd.DataFrame = session.labels
    compared = alw.simulate(X, [0, 1], strategies=["margin", near_boundary], n_runs=3)
    published = alw.simulate(X, [0, 1], strategies=["US-C", "Core-Set", "entropy"], protocol="lu2023")
    alw.Race().add_shape("moons")
    mixed = alw.strategies.mix({"margin": 0.5, Spread(): 0.5})
    alw.Race(strategy=alw.strategies.power("entropy"))
    alw.Labeler(session, render=words)
