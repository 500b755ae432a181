"""Finding a rare class: python -m tests.benchmarks.find_rare (first, rules, audit, asreview, apart).

- first: after how many questions each cold start finds the first of the class, beside drawing at random
- rules: how often each rule of stopping reaches recall 0.95, and how much is read, over 200 sessions
- audit: what uniform draws tell of recall and of the ranking, beside as many from strata of the model's score
- asreview: recall after a tenth of the pool, and work saved over sampling at recall 0.95, beside ASReview's simulation
  on the same features; needs `pip install asreview dmba==0.2.4`, in an environment of its own
- apart: the same of each part of the difference alone, in a plain loop: uncertain questions, random ones, the model;
  needs dmba too
"""

import multiprocessing
import os
import sys
import warnings

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

import alwidgets as alw
from alwidgets.stopping import drawn_recall, knee, knee_budget, quant_ci, recall_test
from alwidgets.strategies import Features, PoolView
from alwidgets.strategies.choose import choose, named
from tests.benchmarks.rare_apart import WAYS, order_of, pool_of
from tests.benchmarks.rare_audit import audited, rows_of
from tests.benchmarks.rare_pools import DRAWN, REAL

N_PROCESSES = 2
N_SAMPLES = 2000
TARGET = 0.95
# Cold starts, and seeds of each pool.
COLD_STARTS = ("random", "mixed", "k_means", "k_center")
N_FIRST, MOST_FIRST = 11, 400
# Sessions that are read to the end, a round each 40 answers.
N_EACH, N_RARE, BATCH = 40, 40, 40
# Seeds of each pool that is read beside ASReview.
N_BESIDE = 4
RULES = {
    "recall_test": recall_test, "drawn_recall": drawn_recall, "knee": knee, "knee_budget": knee_budget,
    "quant_ci": quant_ci,
}  # fmt: skip


def learner():
    """Return the learner that the documentation recommends."""
    return LinearSVC(C=0.01, class_weight="balanced")


def probable_learner():
    """Return one with probabilities, which one of the rules of stopping reads."""
    return LogisticRegression(C=0.1, class_weight="balanced", max_iter=500)


def features_of(X):
    return TfidfVectorizer(sublinear_tf=True).fit_transform(X) if isinstance(X, list) else X


def in_two(work, jobs):
    """Yield `work(job)` of each, in the order of the jobs."""
    os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    with multiprocessing.get_context("spawn").Pool(N_PROCESSES) as processes:
        yield from processes.imap(work, jobs, chunksize=4)


def table(head, rows):
    print("\n| " + " | ".join(head) + " |\n" + "|---" * len(head) + "|")
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |", flush=True)


# The first of the class


def first_found(job):
    """Return how many questions a cold start takes to the first of the class, in batches of 8; 400 for more."""
    pool, n_rare, cold_start, seed = job
    X, y = DRAWN[pool](N_SAMPLES, n_rare, seed)
    X = features_of(X)
    features, labeled = Features(X), np.empty(0, np.intp)
    while True:
        view = PoolView(
            X, np.setdiff1d(np.arange(N_SAMPLES), labeled), np.sort(labeled), y[np.sort(labeled)], np.array([0, 1]),
            None, np.random.default_rng([seed, len(labeled)]), embedding=features,
        )  # fmt: skip
        rows = choose(named(cold_start), view, 8).rows
        hits = np.flatnonzero(y[rows])
        if len(hits) or len(labeled) + 8 >= MOST_FIRST:
            return len(labeled) + (hits[0] + 1 if len(hits) else 8)
        labeled = np.concatenate([labeled, rows])


def first(n_seeds=N_FIRST):
    jobs = [(pool, 20, start, seed) for pool in DRAWN for start in COLD_STARTS for seed in range(n_seeds)]
    found = np.reshape(list(in_two(first_found, jobs)), (len(DRAWN), len(COLD_STARTS), n_seeds))
    print(f"questions to the first of 20 in {N_SAMPLES:,} samples, median of {n_seeds} seeds")
    table(
        ["pool", *COLD_STARTS],
        [[pool, *(f"{n:.0f}" for n in medians)] for pool, medians in zip(DRAWN, np.median(found, axis=2), strict=True)],
    )
    table(["", *COLD_STARTS], [["all pools", *(f"{np.median(found[:, k]):.0f}" for k in range(len(COLD_STARTS)))]])


# Rules of stopping


def stopped(job):
    """Read a pool to the end; return recall and share read when each rule first fired, and when 0.95 was reached."""
    pool, seed = job
    X, y = DRAWN[pool](N_SAMPLES, N_RARE, 1000 + seed)
    session = alw.Session(
        features_of(X), classes=[0, 1], learner=probable_learner(), find=1, batch_size=BATCH, random_state=seed,
        stop=alw.stopping.any_of("budget"), scoring="accuracy",
    )  # fmt: skip
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        while len(RULES.keys() - found.keys()) and len(session.labels) < N_SAMPLES:
            session.run(y, BATCH)
            labels = session.labels
            recall, share = (labels["label"] == 1).sum() / N_RARE, len(labels) / N_SAMPLES
            if recall >= TARGET:
                found.setdefault("reached", (recall, share))
            for name, rule in RULES.items():
                if name not in found and rule(session.rounds).fired:
                    found[name] = recall, share
    # A rule that never fires has everything read.
    return {**dict.fromkeys(("reached", *RULES), (1.0, 1.0)), **found}


def rules(n_each=N_EACH):
    ended = list(in_two(stopped, [(pool, seed) for seed in range(n_each) for pool in DRAWN]))
    rows = []
    for name in RULES:
        recall, share = np.array([each[name] for each in ended]).T
        reached = recall >= TARGET - 1e-9
        worst = min(np.mean(reached[k :: len(DRAWN)]) for k in range(len(DRAWN)))
        rows.append([
            f"`{name}`", f"{reached.mean():.1%}", f"{worst:.0%}", f"{recall.mean():.3f}", f"{recall.min():.2f}",
            f"{np.median(share):.0%}", f"{share.mean():.0%}",
        ])  # fmt: skip
    known = np.mean([each["reached"][1] for each in ended])
    print(f"{len(ended)} sessions, {N_RARE} of {N_SAMPLES:,} samples sought; who knew would stop at {known:.0%}")
    table(["rule", "reached 0.95", "on the worst pool", "mean recall", "least", "median read", "mean read"], rows)


# Uniform draws and strata


def audit(n_each=N_EACH):
    rows = []
    for strata in (False, True):
        jobs = [(pool, seed, strata) for pool in DRAWN for seed in range(n_each)]
        rows += [["strata" if strata else "uniform", *row] for row in rows_of(list(in_two(audited, jobs)))]
    print(f"{n_each * len(DRAWN)} sessions each, {N_RARE} of {N_SAMPLES:,} samples sought")
    table(
        [
            "audit", "read", "of the class among its draws", "found", "surely found", "holds", "width of the interval",
            "covers", "AP is measured", "its width", "covers",
        ],
        rows,
    )  # fmt: skip


# Beside ASReview


def ours(X, y, seed, start, **given):
    """Return the order in which a session with a first sample of each class reads the pool."""
    session = alw.Session(
        X, classes=[0, 1], find=1, batch_size=1, stop=None, random_state=seed, scoring="accuracy",
        labels={int(row): int(y[row]) for row in start}, **{"learner": learner()} | given,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        while session.labels["label"].sum() < TARGET * y.sum() or len(session.labels) < len(y) // 10:
            session.run(y, 5)
    return session.labels["item"].to_numpy()


def theirs(X, y, seed, start):
    """Return the order in which ASReview's default model reads the pool, from the same two samples."""
    from asreview.learner import ActiveLearningCycle
    from asreview.models.balancers import Balanced
    from asreview.models.classifiers import SVM
    from asreview.models.queriers import Max
    from asreview.simulation.simulate import Simulate

    svm = SVM(loss="squared_hinge", C=0.11, random_state=seed)
    cycle = ActiveLearningCycle(querier=Max(), classifier=svm, balancer=Balanced(ratio=9.8))
    simulation = Simulate(X, y, [cycle], skip_transform=True, print_progress=False)
    simulation.label(start.tolist())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        simulation.review()
    return simulation._results["record_id"].to_numpy()


def curve(order, y):
    """Return the recall at a tenth of the pool, and the work saved over sampling at 0.95."""
    found = np.cumsum(y[order]) / y.sum()
    n_read = int(np.argmax(found >= TARGET)) + 1
    tenth = found[min(len(y) // 10, len(found)) - 1]
    return float(tenth), TARGET - n_read / len(y)


def beside(job):
    """Return what `curve` does of each way to read a pool; None is ASReview's, others are arguments of a session."""
    pool, n_rare, seed, ways = job
    X, y, start = pool_of(pool, n_rare, seed)
    read = [theirs(X, y, seed, start) if way is None else ours(X, y, seed, start, **way) for way in ways]
    return [curve(order, y) for order in read]


def read_by(ways, n_seeds):
    """Return the pools, and the means over the seeds, shape (n_pools, n_ways, 2)."""
    pools = [(pool, n_rare) for pool in DRAWN | REAL for n_rare in (20, 2)]
    jobs = [(pool, n_rare, seed, ways) for pool, n_rare in pools for seed in range(n_seeds)]
    print(f"from one sample of each class, {N_SAMPLES:,} samples, mean of {n_seeds} seeds")
    return pools, np.reshape(list(in_two(beside, jobs)), (len(pools), n_seeds, len(ways), 2)).mean(axis=1)


def asreview(n_seeds=N_BESIDE):
    pools, found = read_by(({}, {"audit": 0}, None), n_seeds)
    rows = [[*pool, *(f"{value:.3f}" for value in each.T.ravel())] for pool, each in zip(pools, found, strict=True)]
    names = ["ours", "without audit", "ASReview"]
    table(
        ["pool", "sought", *(f"{name}: {what}" for what in ("recall at 10 %", "saved at 0.95") for name in names)],
        [*rows, ["mean", "", *(f"{value:.3f}" for value in found.mean(axis=0).T.ravel())]],
    )


def apart_curve(job):
    return curve(*order_of(job))


def apart(n_seeds=N_BESIDE):
    pools = [(pool, n_rare) for pool in DRAWN | REAL for n_rare in (20, 2)]
    print(f"from one sample of each class, {N_SAMPLES:,} samples, mean of {len(pools)} pools and {n_seeds} seeds")
    jobs = [(*pool, seed, way) for way in WAYS for pool in pools for seed in range(n_seeds)]
    found = np.reshape(list(in_two(apart_curve, jobs)), (len(WAYS), -1, 2)).mean(axis=1)
    table(
        ["", "recall at 10 %", "saved at 0.95"],
        [[way.name, f"{tenth:.3f}", f"{saved:.3f}"] for way, (tenth, saved) in zip(WAYS, found, strict=True)],
    )


if __name__ == "__main__":
    for name in sys.argv[1:] or ["first", "rules", "audit"]:
        {"first": first, "rules": rules, "audit": audit, "asreview": asreview, "apart": apart}[name]()
