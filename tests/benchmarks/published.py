"""Beside published numbers: python -m tests.benchmarks.published [--data FILE ...] [--no-wdbc] [--seeds N] [--write].

Lu, Li & Lin (2023), Re-benchmarking pool-based active learning for binary classification, arXiv:2306.08954: the area
under the budget curve of five query strategies, by `alwidgets.simulate(protocol="lu2023")`. wdbc is scikit-learn's
`load_breast_cancer`; the other sets are svmlight files, such as those of the paper's own repository, and are known by
their names. `--write` writes docs/published.md.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, load_svmlight_file

import alwidgets as alw
from tests.benchmarks.published_values import PUBLISHED, STRATEGIES

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "published.md"
# What draws at random cannot meet a mean more closely than two standard errors of a difference of means.
DRAWN = ("Uniform", "QBC")
TOLERANCE = 5e-4

INTRODUCTION = """# Published numbers

What `alw.simulate(X, y, protocol="lu2023")` gives beside what Lu, Li and Lin published in *Re-benchmarking pool-based
active learning for binary classification* (2023, arXiv:2306.08954): the area under the budget curve, mean and standard
deviation over the seeds. Each seed holds out two fifths of the samples, starts with twenty labels, scales the features
by the pool, and asks one label a round of an SVC(kernel="rbf", gamma="auto", C=1) until the pool is empty.

Uniform draws at random; US-C asks what is nearest to the SVC's boundary (our `margin`); US-NC what a logistic
regression with C=0.1 is least sure of (`entropy`); QBC what a logistic regression, a linear and an RBF SVC and a linear
discriminant analysis disagree on (`vote_entropy`); Core-Set what is farthest from all labels (`k_center`).

A strategy that draws nothing is to meet the published mean within 0.0005, one that draws within two standard errors of
the difference of two such means.

The data are scikit-learn's `load_breast_cancer` (wdbc) and files of the paper's sets, from
github.com/SineZHAN/ComparativeSurveyIJCAI2021PoolBasedAL (`Dataset/dealeddata`), which keep their own terms and are not
part of this project. What is published of all 26 sets stands in `tests/benchmarks/published_values.py`.

The five strategies take 1.35 times the CPU time of their fits and test scores alone, 1.21 times with predicting the
pool (`python -m tests.benchmarks.simulation`, 2 cores, AMD EPYC).

`python -m tests.benchmarks.published --write --data FILE.txt ...` wrote this page.
"""


@dataclass(frozen=True)
class Line:
    """A strategy on a data set: ours, and the published."""

    data: str
    strategy: str
    n_seeds: int
    n_published: int
    mean: float
    sd: float
    published: tuple | None

    @property
    def limit(self):
        if self.published is None:
            return None
        return 2 * self.published[1] * np.sqrt(2 / self.n_seeds) if self.strategy in DRAWN else TOLERANCE

    @property
    def met(self):
        if self.published is None:
            return "not known"
        if self.strategy not in DRAWN and self.n_seeds < self.n_published:
            # Other seeds have another mean, however closely each of them is met.
            return f"needs {self.n_published} seeds"
        return "yes" if abs(self.mean - self.published[0]) <= self.limit else "no"

    def cells(self):
        there = "" if self.published is None else "{:.4f} ± {:.4f}".format(*self.published)
        apart = "" if self.published is None else f"{self.mean - self.published[0]:+.4f}"
        limit = "" if self.limit is None else f"{self.limit:.4f}"
        ours = f"{self.mean:.4f} ± {self.sd:.4f}"
        return self.data, self.strategy, str(self.n_seeds), ours, there, apart, limit, self.met


COLUMNS = ("data", "strategy", "seeds", "ours", "published", "difference", "allowed", "met")


def table(lines):
    """Return the lines as a Markdown table."""
    rows = [COLUMNS, ["---"] * len(COLUMNS), *(line.cells() for line in lines)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in rows)


def lines_of(name, X, y, n_seeds, **how):
    """Run every strategy and return a line for each."""
    n_published = 10 if len(y) >= 2000 else 100
    n_seeds = n_published if n_seeds is None else n_seeds
    result = alw.simulate(X, y, protocol="lu2023", strategies=STRATEGIES, n_runs=n_seeds, **how)
    if len(result.failures):
        print(result.failures.to_string(), file=sys.stderr)
    summary = result.summary(baseline="Uniform").set_index("strategy")
    for strategy in STRATEGIES:
        row = summary.loc[strategy]
        # Theirs is the standard deviation of a sample.
        sd = row["area_sd"] * np.sqrt(row["n_runs"] / max(row["n_runs"] - 1, 1))
        published = PUBLISHED.get(name, {}).get(strategy)
        yield Line(name, strategy, int(row["n_runs"]), n_published, row["area_under_curve"], sd, published)


def data_sets(files, *, wdbc=True):
    """Return name, X and y of wdbc, then of each file: all of them, so that a file that is missing is told first."""
    sets = [("wdbc", *load_breast_cancer(return_X_y=True))] if wdbc else []
    for file in files:
        X, y = load_svmlight_file(str(file))
        sets.append((Path(file).name.split("-")[0].split(".")[0].lower(), X.toarray(), y.astype(int)))
    return sets


def main(given=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="*", default=[], help="svmlight files")
    parser.add_argument("--no-wdbc", action="store_true", help="run the files alone")
    parser.add_argument("--seeds", type=int, help="default 100, of sets with 2,000 samples or more 10, as published")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--cache", help="folder of finished runs, to go on after an interrupt")
    parser.add_argument("--write", action="store_true", help="write docs/published.md")
    args = parser.parse_args(given)
    if args.seeds is not None and args.seeds < 1:
        parser.error(f"--seeds is {args.seeds}; expected at least 1")
    if args.no_wdbc and not args.data:
        parser.error("--no-wdbc leaves nothing to run; expected files by --data")
    try:
        sets = data_sets(args.data, wdbc=not args.no_wdbc)
    except (OSError, ValueError) as error:
        parser.error(f"--data cannot be read: {error}")
    lines = []
    for name, X, y in sets:
        lines += lines_of(name, X, y, args.seeds, n_jobs=args.jobs, cache=args.cache, progress=sys.stderr.isatty())
        print(table(lines[-len(STRATEGIES) :]), flush=True)
    if args.write:
        DOCUMENT.write_text(f"{INTRODUCTION}\n{table(lines)}\n")
    return int(any(line.met == "no" for line in lines))


if __name__ == "__main__":
    sys.exit(main())
