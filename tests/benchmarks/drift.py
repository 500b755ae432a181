"""How often drift is seen, and how often where there is none: python -m tests.benchmarks.drift [--n N] [--write].

Prints the share of alarms over N streams of a kind and the seconds of CPU a test takes; --write puts the table into
docs/drift.md.
"""

import argparse
import time
from pathlib import Path

import numpy as np

import alwidgets as alw

PAGE = Path(__file__).resolve().parents[2] / "docs" / "drift.md"
BEGIN, END = "<!-- written by tests.benchmarks.drift -->\n", "<!-- until here -->\n"
N, WIDTH, LEVEL = 1000, 64, 0.05


def normal(rng):
    return rng.normal(size=(N, WIDTH))


def four_columns(rng):
    return normal(rng) + np.r_[np.full(4, 0.3), np.zeros(WIDTH - 4)]


def correlated(rng):
    X = normal(rng)
    X[:, 1] = 0.8 * X[:, 0] + 0.6 * X[:, 1]
    return X


def flag(rng):
    return (rng.random((100, 1)) < 0.2).astype(float)


KINDS = {
    "nothing": (normal, normal),
    "nothing, 100 against 100 of one column with two values": (flag, flag),
    "4 columns by 0.3 standard deviations": (normal, four_columns),
    "all columns by 0.08": (normal, lambda rng: normal(rng) + 0.08),
    "two columns correlated by 0.8": (normal, correlated),
}


def measured(n):
    """Yield what moved, the share of alarms, and the seconds of CPU of a test."""
    for name, (before, now) in KINDS.items():
        since, alarms = time.process_time(), 0
        for seed in range(n):
            rng = np.random.default_rng(seed)
            alarms += alw.drift(before(rng), now(rng), level=LEVEL, random_state=seed).moved
        yield name, alarms / n, (time.process_time() - since) / n


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, default=200, help="streams of each kind")
    parser.add_argument("--write", action="store_true", help="put the table into docs/drift.md")
    given = parser.parse_args()
    table = f"| what moved | alarms in % of {given.n} | CPU s |\n|---|---|---|\n"
    for name, share, seconds in measured(given.n):
        print(f"{name:60} {share:6.1%} {seconds:6.2f} s", flush=True)
        table += f"| {name} | {100 * share:.1f} | {seconds:.2f} |\n"
    if given.write:
        before, _, rest = PAGE.read_text().partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{table}\n{END}{rest.partition(END)[2]}")


if __name__ == "__main__":
    main()
