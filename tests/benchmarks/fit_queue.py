"""Fits by workers of Celery that are killed: python -m tests.benchmarks.fit_queue.

Twelve sessions ask for a fit of a second each at once; two workers fit, one at a time each, and four times the whole
tree of one is killed and another one started. Then: rounds that are lost, rounds that are recorded twice, how often
fits began, and how long all took. Needs redis-server, and Celery.
"""

import random
import sys
import tempfile
import time
from pathlib import Path

import cloudpickle
import numpy as np
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw
from tests.conftest import on_trial
from tests.loop.queue_servers import Redis, Worker

N_JOBS, N_KILLS, SECONDS = 12, 4, 1.0
cloudpickle.register_pickle_by_value(sys.modules[__name__])


class Slow(GaussianNB):
    """A learner whose fit takes a second, and is counted when it begins."""

    def __init__(self, begun=""):
        super().__init__()
        self.begun = begun

    def fit(self, X, y):
        if not on_trial():
            with Path(self.begun).open("ab") as file:
                file.write(b".")
            time.sleep(SECONDS)
        return super().fit(X, y)


def main():
    rng = np.random.default_rng(0)
    X, test = rng.normal(size=(40, 3)), (rng.normal(size=(20, 3)), np.arange(20) % 2)
    with tempfile.TemporaryDirectory() as place:
        folder, begun = Path(place) / "fits", Path(place) / "begun"
        redis = Redis().start()
        executor = alw.CeleryExecutor(folder, redis.url)
        workers = [Worker(folder, redis) for _ in range(2)]
        given = {"classes": [0, 1], "learner": Slow(str(begun)), "batch_size": 4, "test": test, "fit_in": executor}
        sessions = [alw.Session(X, **given, journal=Path(place) / f"{i}.alw") for i in range(N_JOBS)]
        start = time.monotonic()
        for session in sessions:
            for row in range(4):
                session.teach(row, row % 2)
        kills = 0
        while not all(session.rounds for session in sessions):
            time.sleep(0.05)
            n_begun = begun.stat().st_size if begun.exists() else 0
            if kills < N_KILLS and n_begun >= 2 * kills + 1:
                # While it fits, or the other one does.
                time.sleep(random.uniform(0, SECONDS))
                workers.pop(0).kill()
                workers.append(Worker(folder, redis))
                kills += 1
        for session in sessions:
            session.wait()
        seconds = time.monotonic() - start
        rounds = [sum(event.kind == "trained" for event in session.events) for session in sessions]
        print(
            f"{N_JOBS} fits of {SECONDS:.0f} s, {kills} workers killed with all their processes: {rounds.count(0)} "
            f"lost, {sum(n > 1 for n in rounds)} recorded twice; fits began {begun.stat().st_size} times; "
            f"{seconds:.0f} s; left in the folder: {len(list(folder.iterdir()))}"
        )
        for session in sessions:
            session.close()
        for each in workers:
            each.kill()
        redis.kill()


if __name__ == "__main__":
    main()
