"""Our label model beside that of Snorkel, and the majority: python -m tests.benchmarks.weak_labels.

Draws votes of labeling functions of which the classes are known, prints for each way to draw them the mean accuracy
where somebody votes, and how long a model took. Without Snorkel, which needs torch, its column stays empty:
pip install snorkel torch.
"""

import argparse
import statistics
import time
from functools import partial

import numpy as np

from alwidgets.weak_labels import probabilities
from tests.benchmarks.weak_votes import accuracy, one_sided, repeated, two_sided

N_SAMPLES, N_SEEDS, N_REPEATS = 2000, 10, 3
RARE, THREE = (0.85, 0.15), (0.6, 0.3, 0.1)
KINDS = {
    "two-sided": (partial(two_sided, N_SAMPLES, 10), 2),
    "two-sided, classes of 85 % and 15 %": (partial(two_sided, N_SAMPLES, 10, balance=RARE), 2),
    "two-sided, classes of 60 %, 30 % and 10 %": (partial(two_sided, N_SAMPLES, 10, balance=THREE), 3),
    "one-sided": (partial(one_sided, N_SAMPLES, 10), 2),
    "one-sided, classes of 85 % and 15 %": (partial(one_sided, N_SAMPLES, 10, balance=RARE), 2),
    "one-sided, classes of 60 %, 30 % and 10 %": (partial(one_sided, N_SAMPLES, 12, balance=THREE), 3),
}
COVERAGES = (0.3, 0.1)


def kinds():
    """Yield name, function (coverage, seed) -> Votes and number of classes; also of functions that repeat one."""
    for name, (draw, n_classes) in KINDS.items():
        yield name, draw, n_classes
    for sides, draw in (("two-sided", two_sided), ("one-sided", one_sided)):
        for poor, right in (("", (0.6, 0.95)), ("poor, ", (0.55, 0.75))):
            few = partial(draw, N_SAMPLES, 10 - N_REPEATS, right=right)
            yield f"{sides}, {poor}{N_REPEATS} of 10 repeat a fourth", partial(with_repeats, few), 2


def with_repeats(draw, coverage, seed):
    return repeated(draw(coverage, seed), N_REPEATS, seed)


def snorkel_s(*, told):
    """Return Snorkel's label model as (L, balance, seed) -> proba, told how frequent the classes are or not."""
    from snorkel.labeling.model import LabelModel

    def proba(L, balance, seed):
        model = LabelModel(cardinality=len(balance), verbose=False)
        model.fit(L, class_balance=list(balance) if told else None, seed=seed, progress_bar=False)
        return model.predict_proba(L)

    return proba


def models():
    """Return the contestants: name -> (L, balance, seed) -> proba."""
    found = {
        "`dawid_skene`": lambda L, balance, _seed: probabilities(L, len(balance)),
        "`majority`": lambda L, balance, _seed: probabilities(L, len(balance), "majority"),
    }
    try:
        import torch

        torch.set_num_threads(1)
        found |= {"Snorkel": snorkel_s(told=False), "Snorkel, told": snorkel_s(told=True)}
    except ImportError as error:
        print(f"Snorkel is left out ({error}): pip install snorkel torch")
    return found


def measured(contestants, n_seeds):
    """Print a line of the table for each way to draw; return the seconds that each contestant took for a matrix."""
    seconds = {name: [] for name in contestants}
    for name, draw, n_classes in kinds():
        for coverage in COVERAGES:
            scores = {each: [] for each in (*contestants, "best")}
            for seed in range(n_seeds):
                L, y, best = draw(coverage, seed)
                balance = np.bincount(y, minlength=n_classes) / len(y)
                scores["best"].append(accuracy(best, y, L))
                for each, model in contestants.items():
                    begin = time.perf_counter()
                    proba = model(L, balance, seed)
                    seconds[each].append(time.perf_counter() - begin)
                    scores[each].append(accuracy(proba.argmax(axis=1), y, L))
            cells = " | ".join(f"{np.mean(values):.3f}" for values in scores.values())
            print(f"| {name} | {coverage} | {cells} |", flush=True)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one seed: to see that it works")
    arguments = parser.parse_args()
    contestants = models()
    print(f"| functions | coverage | {' | '.join(contestants)} | best possible |")
    print(f"| --- | --- | {' | '.join('---' for _ in contestants)} | --- |")
    seconds = measured(contestants, 1 if arguments.quick else N_SEEDS)
    print(*(f"{name}: {taken:.3f} s a matrix" for name, taken in seconds.items()), sep="\n")


if __name__ == "__main__":
    main()
