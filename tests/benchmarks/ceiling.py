"""How far the ceiling of a score is off: python -m tests.benchmarks.ceiling [--draws N].

Draws answers of people who are right so often, independently of each other, to the items of an audit, and compares the
ceiling that is worked out of them with the share of labels that are right; how often its interval holds the mean of
that share; and how long it takes.
"""

import argparse
import time

import numpy as np

from alwidgets.annotation.ceiling import score_ceiling
from alwidgets.data.votes import vote

# How often people are right, how many classes, answers to begin with and at most, and how frequent the classes are.
SETTINGS = [
    ((0.9, 0.9), 2, 2, 2, None),
    ((0.95, 0.95, 0.6), 2, 3, 3, None),
    ((0.95, 0.95, 0.9), 2, 3, 3, (0.9, 0.1)),
    ((0.98, 0.98, 0.98), 3, 2, 3, None),
    ((0.95, 0.9, 0.9, 0.5), 10, 2, 3, None),
    ((0.6, 0.7, 0.8, 0.9, 0.95), 4, 2, 4, None),
    ((0.8, 0.8, 0.8, 0.8, 0.8), 2, 3, 5, None),
    ((0.65, 0.65, 0.65, 0.65, 0.65), 2, 3, 5, None),
]
SIZES = (30, 100)


def answered(rng, truth, right, n_classes, answers, at_most):
    """Have people answer who are right so often, more of them on a tie; return codes, and labels with -1 for a tie."""
    codes, labels = np.full((len(truth), len(right)), -1), np.full(len(truth), -1)
    for item, true in enumerate(truth.tolist()):
        given = {}
        for person in rng.permutation(len(right))[:at_most].tolist():
            if len(given) >= answers and vote(given).label is not None:
                break
            wrong = (true + int(rng.integers(1, n_classes))) % n_classes
            codes[item, person] = given[person] = true if rng.random() < right[person] else wrong
        label = vote(given).label
        labels[item] = -1 if label is None else label
    return codes, labels


def drawn(right, n_classes, answers, at_most, balance, n_items, seed):
    """Return codes, labels with -1 where the answers tie, and the true classes."""
    rng = np.random.default_rng([seed, n_items])
    truth = rng.choice(n_classes, n_items, p=balance)
    return *answered(rng, truth, right, n_classes, answers, at_most), truth


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=100)
    n_draws = parser.parse_args().draws
    print("| right, classes, answers | items | labels right | ceiling | interval holds it | ms |")
    print("| --- | --- | --- | --- | --- | --- |")
    for setting in SETTINGS:
        right, n_classes, answers, at_most, balance = setting
        for n_items in SIZES:
            found, shares, begin = [], [], 0.0
            for seed in range(n_draws):
                codes, labels, truth = drawn(*setting, n_items, seed)
                shares.append(np.mean((labels == truth)[labels >= 0]))
                begin -= time.perf_counter()
                found.append(score_ceiling(codes, labels, n_classes))
                begin += time.perf_counter()
            share, value = np.mean(shares), np.mean([each.value for each in found])
            held = np.mean([each.low <= share <= each.high for each in found])
            name = f"{', '.join(map(str, right))}; {n_classes}{' uneven' if balance else ''}; {answers} to {at_most}"
            print(
                f"| {name} | {n_items} | {share:.3f} | {value:.3f} | {held:.0%} | {1000 * begin / n_draws:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
