"""The default cold start: it covers the pool, then it is never far behind chance, whatever class is rare."""

import numpy as np

from alwidgets.strategies import Features, PoolView
from alwidgets.strategies.choose import choose, named

N = 600


def first_hit(X, y, seed, cold_start):
    features, labeled = Features(X), np.empty(0, int)
    while True:
        rest = np.setdiff1d(np.arange(N), labeled)
        rng = np.random.default_rng([seed, len(labeled)])
        view = PoolView(X, rest, np.sort(labeled), y[np.sort(labeled)], np.array([0, 1]), None, rng, embedding=features)
        rows = choose(named(cold_start), view, 8).rows
        if y[rows].any():
            return len(labeled) + int(np.argmax(y[rows])) + 1
        labeled = np.concatenate([labeled, rows])


def pool(seed):
    """A class of one in a hundred that lies apart."""
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(N, 4)), np.zeros(N, int)
    y[rng.choice(N, 6, replace=False)] = 1
    X[y == 1] = X[y == 1] * 0.1 + 5
    return X, y


def test_the_first_of_a_rare_class_that_lies_apart_comes_far_sooner_than_by_chance():
    by_chance, mixed = (
        np.median([first_hit(*pool(seed), seed, how) for seed in range(9)]) for how in ("random", "mixed")
    )
    assert mixed < 0.5 * by_chance


def test_after_the_first_no_sample_is_drawn_much_less_often_than_by_chance():
    X = np.random.default_rng(0).normal(size=(N, 4))
    middle = np.argsort(np.linalg.norm(X, axis=1))[: N // 2]
    features, labeled = Features(X), np.arange(10)
    rest, drawn = np.setdiff1d(np.arange(N), labeled), []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        view = PoolView(X, rest, labeled, np.zeros(10), np.array([0, 1]), None, rng, embedding=features)
        drawn += choose(named("mixed"), view, 80).rows.tolist()
    # Seven of eight are uniform draws: the middle, which is never the farthest, has seven eighths of its share.
    share = np.isin(drawn, middle).mean() / np.isin(rest, middle).mean()
    assert 0.8 < share < 0.95


def test_the_first_four_a_class_cover_the_pool():
    X = np.repeat(np.arange(8.0) * 100, 10)[:, None] + np.tile(np.arange(10.0), 8)[:, None] / 100
    view = PoolView(X, np.arange(80), np.empty(0, int), X[:0, 0], np.array([0, 1]), None, np.random.default_rng(0),
                    embedding=Features(X))  # fmt: skip
    assert sorted(choose(named("mixed"), view, 8).rows // 10) == list(range(8))


def test_texts_that_nothing_makes_numbers_of_are_drawn_at_random():
    texts = np.array([f"text {k}" for k in range(40)])
    view = PoolView(texts, np.arange(40), np.empty(0, int), texts[:0], np.array(["a", "b"]), None,
                    np.random.default_rng(0))  # fmt: skip
    assert len(set(choose(named("mixed"), view, 40).rows.tolist())) == 40
