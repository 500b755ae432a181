"""One answer an item, two or three? python -m tests.benchmarks.consensus [--seeds N] [--quick] [--write].

Five simulated annotators give 600 answers, about items that a LogisticRegression is least sure of; what is held out
measures the model that learns from their consensus. Prints the mean accuracy over the seeds, and writes the table into
docs/team.md with --write. --quick runs 150 answers and two seeds, to see that it works.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_digits, make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_limits

import alwidgets as alw
from alwidgets.data.votes import vote
from alwidgets.journal.shared import ENOUGH_AGREED, FEWEST_DOUBLED, STILL_DOUBLED

PAGE = Path(__file__).resolve().parents[2] / "docs" / "team.md"
BEGIN, END = "<!-- written by tests.benchmarks.consensus -->\n", "<!-- until here -->\n"
N_ANNOTATORS, AT_MOST, BATCH = 5, 5, 25
NOISE = {"0.95": np.full(5, 0.95), "0.6 to 0.95": np.linspace(0.6, 0.95, 5), "0.65": np.full(5, 0.65)}
# Answers to begin with, None for two until people agree, whether a tie is asked on, and what is made of the answers.
POLICIES = {
    "one each": (1, False, "majority"),
    "two, more on disagreement": (2, True, "majority"),
    "the default": (None, True, "majority"),
    "same, Dawid-Skene": (2, True, "dawid_skene"),
    "three, majority": (3, False, "majority"),
    "three, Dawid-Skene": (3, False, "dawid_skene"),
}
# Another answer for a known item or a new item, whichever the model and those who answered are less sure of.
ACTIVE_LAB = "ActiveLab"


def digits():
    X, y = load_digits(return_X_y=True)
    return X / 16, y


def binary():
    return make_classification(
        3000, n_features=20, n_informative=8, n_clusters_per_class=3, class_sep=0.9, random_state=0
    )


DEFAULT = list(POLICIES).index("the default")
SETS = {"digits": digits, "two classes": binary}


class People:
    """Annotators who are right so often, and give an item the same answer whenever they are asked."""

    def __init__(self, y, right, rng):
        n_classes = int(y.max()) + 1
        wrong = (y + rng.integers(1, n_classes, (N_ANNOTATORS, len(y)))) % n_classes
        self.said = np.where(rng.random((N_ANNOTATORS, len(y))) < right[:, None], y, wrong)
        self.order = rng.permuted(np.tile(np.arange(N_ANNOTATORS), (len(y), 1)), axis=1)

    def answers(self, item, n_first, *, on):
        """Yield (annotator, label) until the policy has enough."""
        given = {}
        for annotator in self.order[item, : AT_MOST if on else n_first].tolist():
            if len(given) >= n_first and vote(given).label is not None:
                return
            given[annotator] = int(self.said[annotator, item])
            yield annotator, given[annotator]


def run(X, y, right, policy, seed, n_answers):
    """Return the accuracy on held-out samples after so many answers."""
    n_first, on, method = policy
    X_pool, X_test, y_pool, y_test = train_test_split(X, y, test_size=0.4, stratify=y, random_state=seed)
    people, rng = People(y_pool, right, np.random.default_rng([seed, 1])), np.random.default_rng([seed, 2])
    rows, asked, model = [], set(), None
    n_doubled = n_agreed = 0
    while len(rows) < n_answers:
        left = np.setdiff1d(np.arange(len(y_pool)), sorted(asked))
        if model is None:
            items = rng.choice(left, min(BATCH, len(left)), replace=False)
        else:
            items = left[alw.kernels.top_k(alw.kernels.margin(model.predict_proba(X_pool[left])), BATCH, rng)]
        for item in items.tolist():
            if len(rows) < n_answers:
                asked.add(item)
                agreed = n_doubled >= FEWEST_DOUBLED and n_agreed >= ENOUGH_AGREED * n_doubled
                wanted = n_first or (1 if agreed and len(asked) % STILL_DOUBLED else 2)
                said = list(people.answers(item, wanted, on=on))
                rows += [(item, *answer) for answer in said]
                n_doubled += len(said) > 1
                n_agreed += len(said) > 1 and said[0][1] == said[1][1]
        labels = alw.consensus(pd.DataFrame(rows, columns=["item", "annotator", "label"]), method).labels["label"]
        known = labels[[label is not None for label in labels]]
        if len(set(known)) > 1:
            model = LogisticRegression(max_iter=500).fit(X_pool[known.index.to_numpy()], known.to_numpy(int))
    return model.score(X_test, y_test)


def run_active_lab(X, y, right, seed, n_answers):
    """Return the accuracy after so many answers, each to the item whose label is least sure (Goh & Mueller, 2023)."""
    X_pool, X_test, y_pool, y_test = train_test_split(X, y, test_size=0.4, stratify=y, random_state=seed)
    people, rng = People(y_pool, right, np.random.default_rng([seed, 1])), np.random.default_rng([seed, 2])
    said = np.full((N_ANNOTATORS, len(y_pool)), -1)
    items, model, n_given = rng.choice(len(y_pool), BATCH, replace=False), None, 0
    while n_given < n_answers:
        for item in items[: n_answers - n_given].tolist():
            annotator = people.order[item, np.count_nonzero(said[:, item] >= 0)]
            said[annotator, item] = people.said[annotator, item]
            n_given += 1
        counts = np.stack([np.count_nonzero(said == code, axis=0) for code in range(int(y.max()) + 1)], axis=1)
        # Ties go to what the model says, once there is one.
        labels = (counts + (0 if model is None else 0.5 * model_proba(model, X_pool, counts))).argmax(axis=1)
        known = np.flatnonzero(counts.any(axis=1))
        if len(set(labels[known].tolist())) > 1:
            model = LogisticRegression(max_iter=500).fit(X_pool[known], labels[known])
            sure = certainty_of_labels(said, counts, labels, model_proba(model, X_pool, counts))
            sure[counts.sum(axis=1) == N_ANNOTATORS] = np.inf
            items = np.lexsort((rng.random(len(sure)), sure))[:BATCH]
        else:
            items = rng.choice(np.setdiff1d(np.arange(len(y_pool)), known), BATCH, replace=False)
    return model.score(X_test, y_test)


def model_proba(model, X, counts):
    """Return probabilities of all classes, those that the model has not met too."""
    proba = np.zeros(counts.shape)
    proba[:, model.classes_] = model.predict_proba(X)
    return proba


def certainty_of_labels(said, counts, labels, proba):
    """Return how sure the label of each item is, by its answers, who gave them and the model; low ones are asked."""
    n_classes, given = counts.shape[1], said >= 0
    known, several = given.any(axis=0), given.sum(axis=0) > 1
    shares = np.bincount(labels[known], minlength=n_classes) / known.sum()
    beyond = max(1 - shares.max(), 1e-6)
    right = (said == labels) & given
    of_several = (given & several).sum(axis=1)
    agreement = np.where(of_several, (right & several).sum(axis=1) / np.maximum(of_several, 1), 1 - beyond / 2)
    mean = right[given].mean()
    weights = np.clip(1 - (1 - agreement) / beyond, 1e-6, None)
    of_model = np.mean(proba.argmax(axis=1)[known] == labels[known])
    weight = max(1 - (1 - of_model) / beyond, 1e-6) * np.sqrt(given.sum() / known.sum())
    like = np.where(right, mean, (1 - mean) / max(n_classes - 1, 1)) * given
    top = np.where(known, proba[np.arange(len(labels)), labels], proba.max(axis=1))
    typical = weights.mean()
    total = weight * top + weights @ like + typical / n_classes
    return total / (weight + weights @ given + typical)


def table(n_seeds, n_answers):
    """Yield the lines of the table, and at last the settings in which the default is clearly worse than one each."""
    head = ["data, annotators right", *POLICIES, ACTIVE_LAB, "default less one"]
    yield f"| {' | '.join(head)} |\n|{' --- |' * len(head)}\n"
    for data, load in SETS.items():
        X, y = load()
        for name, right in NOISE.items():
            scores = np.array(
                [
                    [
                        *(run(X, y, right, each, seed, n_answers) for each in POLICIES.values()),
                        run_active_lab(X, y, right, seed, n_answers),
                    ]
                    for seed in range(n_seeds)
                ]
            )
            means, gain = scores.mean(axis=0), scores[:, DEFAULT] - scores[:, 0]
            error = gain.std(ddof=1) / np.sqrt(n_seeds)
            cells = " | ".join(f"**{mean:.3f}**" if mean == means.max() else f"{mean:.3f}" for mean in means)
            worse = ", worse" if gain.mean() + 2 * error < 0 else ""
            yield f"| {data}, {name} | {cells} | {gain.mean():+.3f} ± {error:.3f}{worse} |\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    lines = []
    # One thread: the models are small, and threads that wait for each other take several times as long.
    with threadpool_limits(1):
        for line in table(2, 150) if arguments.quick else table(arguments.seeds, 600):
            print(line, end="", flush=True)
            lines.append(line)
    if arguments.write:
        text = PAGE.read_text(encoding="utf-8")
        before, _, rest = text.partition(BEGIN)
        PAGE.write_text(before + BEGIN + "".join(lines) + END + rest.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    main()
