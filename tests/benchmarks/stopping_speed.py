"""What stopping criteria, the learning curve and its figure cost in CPU time."""

import statistics
import time
from dataclasses import dataclass, replace

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from alwidgets import Session
from alwidgets.loop.run import _view
from alwidgets.loop.stop_set import compare_on_stop_set
from alwidgets.scoring import curves
from alwidgets.stopping import CRITERIA, Budget, History, Round, any_of, next_labels
from alwidgets.views.figures import learning_curve
from tests.benchmarks.samples import embeddings

N_ROUNDS = 11
N_CLASSES = 10
BUDGET = Budget(cost_per_label=1.0, n_predictions=1000, cost_per_error=1.0)


@dataclass(frozen=True)
class Speed:
    """What was measured: rows of (work, milliseconds, most that it should take), and ms of reading all criteria."""

    rows: list
    reading: float
    n_rounds: int = N_ROUNDS


def speed(*, quick=False):
    """Measure everything, or in small."""
    n_pool, n_rounds = (1000, 20) if quick else (100_000, 1000)
    with threadpool_limits(1):
        rounds, reading = of_rounds(n_pool)
        rows = [
            *rounds,
            ("a learning curve's fit to 15 rounds, 200 resamples, and its band at 24 points", of_a_fit(), 100),
            (f"the figure of a session of {n_rounds:,} rounds, as JSON", of_a_figure(n_rounds), 50),
        ]
    return Speed(rows, reading)


def of_rounds(n_pool):
    """Return rows of what signals, their predictions and all criteria add to a round, and ms of the criteria alone."""
    X = embeddings(n_pool, 64)
    y = np.argmax(X[:, :N_CLASSES], axis=1)
    learners = {
        "logistic regression": LogisticRegression(max_iter=100),
        "forest of 50 trees": RandomForestClassifier(50, random_state=0),
    }
    rows = []
    for name, learner in learners.items():
        signals, reading = of_a_round(X, y, learner)
        what = f"what signals and all {len(CRITERIA)} criteria add to a round"
        rows.append((f"{what}, a pool of {n_pool:,} x {N_CLASSES} classes, {name}", signals + reading, 30))
    return rows, reading


def of_a_round(X, y, learner):
    """Return milliseconds of `compare_on_stop_set`, and of reading every criterion, in a session of 50 rounds."""
    session = Session(
        X,
        classes=list(range(N_CLASSES)),
        learner=learner,
        batch_size=10,
        budget=BUDGET,
        test=(X[:300], y[:300]),
        random_state=0,
    )
    session.run(y, 100)
    job, asked = session._core.engine._frozen(fit=True, wanted=10), session.query()
    view, rule = _view(job, session.learner), any_of(*CRITERIA)
    before = compare_on_stop_set(job, view, asked).codes
    job = replace(job, answered=job.rows[-10:], learner=session.learner, before=before)
    history = long_history(50, session.rounds[-1])

    def read():
        next_labels._fit.cache_clear()
        return rule.read(history)

    return milliseconds(lambda: compare_on_stop_set(job, view, asked)), milliseconds(read)


def of_a_fit():
    n = np.arange(10, 160, 10)
    score = 0.9 - 2 / n + np.random.default_rng(0).normal(0, 0.01, len(n))
    return milliseconds(
        lambda: curves.fit(n, score, rng=np.random.default_rng(0)).band(np.linspace(150, 300, 24)),
    )


def of_a_figure(n_rounds):
    history = long_history(n_rounds)

    def drawn():
        next_labels._fit.cache_clear()
        return learning_curve(history).to_json()

    return milliseconds(drawn)


def long_history(n_rounds, last=None):
    """Return a history of rounds whose accuracy rises, with the signals of `last` in every round."""
    noise = np.random.default_rng(0).normal(0, 0.01, n_rounds)
    rounds = []
    for i in range(n_rounds):
        n, score = 10 * (i + 1), float(0.88 - 2 / (10 * (i + 1)) + noise[i])
        limits = score - 0.04, score + 0.04
        rounds.append(Round(i + 1, n, n, score, *limits, "held out", 300, 0.1, 5.0 * n, 1.0 * n, "margin"))
    if last is not None:
        rounds = [replace(item, signals=last.signals) for item in rounds]
    return History(tuple(rounds), BUDGET, 10 * n_rounds, 50.0 * n_rounds, 10, 100_000)


def milliseconds(work):
    """Return the median CPU time of some work, after a first time that does not count."""
    work()
    times = []
    for _ in range(N_ROUNDS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return 1000 * statistics.median(times)
