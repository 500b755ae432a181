"""A cycle on texts, beside a bare loop of the same Pipeline: python -m tests.benchmarks.texts.

With `--first-card` it only says how long a session of 100,000 texts takes until its first card.

Pipeline(TfidfVectorizer, LogisticRegression), margin, ten labels a cycle, 1,000 held-out texts. The bare loop fits the
Pipeline on the labeled texts, scores it, and asks what it is least certain of. With features of the labels the session
asks the same texts to the end, which is checked; with features of the pool it has another model, and the loops are
compared by their time alone. CPU seconds with one BLAS thread, median of cycles, all loops in one run.
"""

import statistics
import sys
import time

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits

import alwidgets as alw

N_TERMS, N_TEST, BATCH = 30_000, 1000, 10
N_FIRST, N_TURNS = 200, 15
GOALS = {"pool": 15, "labels": 4}
LARGE_GOAL = 0.5


def texts_of_two_topics(n, n_words, seed=0):
    """Return texts whose words have Zipf's frequencies, one in ten of them another in each topic, and the topics."""
    rng = np.random.default_rng(seed)
    terms = np.array([f"term{i}" for i in range(N_TERMS)], object)
    chances = 1 / np.arange(1, N_TERMS + 1)
    y = rng.integers(2, size=n)
    places = rng.choice(N_TERMS, (n, n_words), p=chances / chances.sum())
    topical = rng.random((n, n_words)) < 0.1
    places[topical] = (places[topical] // 2 * 2 + np.repeat(y, n_words).reshape(n, n_words)[topical]) % N_TERMS
    return [" ".join(terms[row]) for row in places], y


def learner():
    return make_pipeline(TfidfVectorizer(), LogisticRegression())


def session_cycles(texts, y, features, n_cycles):
    """Return a session and the CPU seconds of its cycles after the first labels."""
    answers = y[N_TEST:].tolist()
    start = time.process_time()
    session = alw.Session(
        texts[N_TEST:], classes=[0, 1], learner=learner(), features=features, batch_size=BATCH, stop="budget",
        test=(texts[:N_TEST], y[:N_TEST]), random_state=0,
    )  # fmt: skip
    session.run(oracle=answers.__getitem__, n_labels=N_FIRST)
    seconds = [time.process_time() - start]
    for _ in range(n_cycles):
        start = time.process_time()
        session.run(oracle=answers.__getitem__, n_labels=BATCH)
        seconds.append(time.process_time() - start)
    return session, seconds[0], seconds[1:]


def first_card(texts):
    """Return the seconds and the CPU seconds from a new session until a card shows one of the texts."""
    start, cpu = time.perf_counter(), time.process_time()
    session = alw.Session(texts, classes=range(2), learner=learner(), random_state=0)
    labeler = alw.Workbench.of(session).labeler
    assert len(session.query())
    assert labeler.get_state()
    taken = time.perf_counter() - start, time.process_time() - cpu
    session.close()
    return taken


def say_first_card():
    texts, _ = texts_of_two_topics(100_000, 200)
    seconds, cpu = first_card(texts)
    print(f"100,000 texts of 200 words: the first card after {seconds:.1f} s, {cpu:.1f} s of CPU, imports left out")


def bare_cycles(texts, y, labeled, n_cycles):
    """Return what a bare loop has labeled, its scores, and the CPU seconds of its cycles."""
    pool, labeled, scores, seconds = np.array(texts[N_TEST:], object), list(labeled), [], []
    answers = y[N_TEST:]
    for _ in range(n_cycles + 1):
        start = time.process_time()
        rows = np.sort(labeled)  # the order of the rows changes the last digits of a fit
        model = learner().fit(pool[rows], answers[rows])
        scores.append(model.score(texts[:N_TEST], y[:N_TEST]))
        proba = np.sort(model.predict_proba(pool), axis=1)
        margin = proba[:, -1] - proba[:, -2]
        margin[labeled] = np.inf
        labeled += np.argsort(margin, kind="stable")[:BATCH].tolist()
        seconds.append(time.process_time() - start)
    return labeled[:-BATCH], scores, seconds[1:]


def main():
    texts, y = texts_of_two_topics(20_000 + N_TEST, 60)
    exact, first, ours = session_cycles(texts, y, "labels", N_TURNS)
    answers = exact.labels["item"].tolist()
    labeled, scores, bare = bare_cycles(texts, y, answers[:N_FIRST], N_TURNS)
    same = [set(labeled[i : i + BATCH]) == set(answers[i : i + BATCH]) for i in range(N_FIRST, len(answers), BATCH)]
    assert all(same), "the two loops must ask the same texts"
    assert np.allclose(scores[1:], exact.history["score"].tail(N_TURNS))
    _, first_of_pool, of_pool = session_cycles(texts, y, "pool", N_TURNS)
    bare_cycle = statistics.median(bare)
    print(f"20,000 texts of 60 words, a cycle, CPU: bare Pipeline {1000 * bare_cycle:.0f} ms")
    for name, before, cycles in (("labels", first, ours), ("pool", first_of_pool, of_pool)):
        cycle = statistics.median(cycles)
        print(
            f'  features="{name}" {1000 * cycle:.0f} ms, {bare_cycle / cycle:.1f} x (goal {GOALS[name]} x); '
            f"the first {N_FIRST} labels {before:.1f} s"
        )
    texts, y = texts_of_two_topics(100_000 + N_TEST, 200)
    for name in ("pool", "labels"):
        _, before, cycles = session_cycles(texts, y, name, 5)
        goal = f" (goal {LARGE_GOAL} s)" if name == "pool" else ""
        print(
            f'100,000 texts of 200 words, features="{name}": a cycle {statistics.median(cycles):.2f} s{goal}; '
            f"the first {N_FIRST} labels {before:.0f} s"
        )


if __name__ == "__main__":
    with threadpool_limits(1):
        say_first_card()
        if "--first-card" not in sys.argv:
            main()
