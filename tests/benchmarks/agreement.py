"""Agreement and consensus beside other libraries: python -m tests.benchmarks.agreement.

Draws tables of answers and prints the largest difference to krippendorff (alpha, nominal and ordinal), statsmodels
(Fleiss' kappa), scikit-learn (Cohen's kappa) and crowd-kit (Dawid and Skene, majority), with how long each took. What
is not installed is left out: pip install krippendorff statsmodels crowd-kit. Fails if a difference is larger than
1e-9, of Dawid and Skene 1e-6.
"""

import importlib
import itertools
import sys
import time

import numpy as np
import pandas as pd

import alwidgets as alw
from alwidgets.annotation.agreement import fleiss_kappa, krippendorff_alpha, label_counts
from alwidgets.annotation.dawid_skene import fit_dawid_skene

N_TABLES, N_ITER = 40, 100
EXACT, ITERATED = 1e-9, 1e-6


def tables(*, full):
    """Yield codes and number of classes: 2 to 6 classes, 3 to 12 annotators, with gaps unless full."""
    for seed in range(N_TABLES):
        rng = np.random.default_rng(seed)
        n_items, n_annotators, n_classes = (int(rng.integers(*ends)) for ends in ((20, 400), (3, 13), (2, 7)))
        truth = rng.choice(n_classes, n_items, p=rng.dirichlet(np.full(n_classes, 2)))
        right = rng.uniform(0.5, 0.95, n_annotators)
        said = rng.integers(0, n_classes, (n_items, n_annotators))
        codes = np.where(rng.random((n_items, n_annotators)) < right, truth[:, None], said)
        if not full:
            codes = np.where(rng.random(codes.shape) < rng.uniform(0.3, 0.9), codes, -1)
        yield codes[(codes >= 0).any(axis=1)], n_classes


def long(codes):
    rows, columns = np.nonzero(codes >= 0)
    return pd.DataFrame({"item": rows, "annotator": columns, "label": codes[rows, columns]})


def of_krippendorff(level):
    theirs = importlib.import_module("krippendorff").alpha

    def pair(codes, n_classes):
        data = np.where(codes >= 0, codes, np.nan).T
        return (
            lambda: krippendorff_alpha(label_counts(codes, n_classes), level),
            lambda: theirs(data, level_of_measurement=level, value_domain=list(range(n_classes))),
        )

    return pair


def of_fleiss():
    theirs = importlib.import_module("statsmodels.stats.inter_rater").fleiss_kappa

    def pair(codes, n_classes):
        counts = label_counts(codes, n_classes)
        return (lambda: fleiss_kappa(counts)), (lambda: theirs(counts, method="fleiss"))

    return pair


def of_cohen():
    theirs = importlib.import_module("sklearn.metrics").cohen_kappa_score

    def pair(codes, _n_classes):
        order = long(codes)["annotator"].unique()
        pairs = [codes[:, pair] for pair in itertools.combinations(order, 2)]
        both = [pair[(pair >= 0).all(axis=1)] for pair in pairs if (pair >= 0).all(axis=1).any()]
        # Those of one class alone are measured by neither.
        return (
            lambda: np.array(alw.agreement(long(codes)).pairs["kappa"].dropna()),
            lambda: [kappa for each in both if not np.isnan(kappa := theirs(*each.T))],
        )

    return pair


def of_dawid_skene():
    theirs = importlib.import_module("crowdkit.aggregation").DawidSkene

    def pair(codes, n_classes):
        table = long(codes).rename(columns={"item": "task", "annotator": "worker"})
        # As many iterations of both, wherever they would end.
        return (
            lambda: fit_dawid_skene(codes, n_classes, max_iter=N_ITER, tol=-1.0).proba,
            lambda: (
                theirs(n_iter=N_ITER, tol=-np.inf)
                .fit_predict_proba(table)
                .reindex(index=range(len(codes)), columns=range(n_classes), fill_value=0.0)
                .to_numpy()
            ),
        )

    return pair


def of_majority():
    theirs = importlib.import_module("crowdkit.aggregation").MajorityVote

    def pair(codes, _n_classes):
        table = long(codes)
        # They draw among those that tie.
        how = alw.consensus(table).labels["how"]
        told = how.index[how != "tie"]
        return (
            lambda: alw.consensus(table).labels.loc[told, "label"].to_numpy(int),
            lambda: theirs().fit_predict(table.rename(columns={"item": "task", "annotator": "worker"})).loc[told],
        )

    return pair


LINES = {
    "alpha, nominal (krippendorff)": (lambda: of_krippendorff("nominal"), False, EXACT),
    "alpha, ordinal (krippendorff)": (lambda: of_krippendorff("ordinal"), False, EXACT),
    "Fleiss' kappa (statsmodels)": (of_fleiss, True, EXACT),
    "Cohen's kappa (scikit-learn)": (of_cohen, False, EXACT),
    "Dawid and Skene (crowd-kit)": (of_dawid_skene, False, ITERATED),
    "majority (crowd-kit)": (of_majority, False, EXACT),
}


def timed(call):
    begin = time.perf_counter()
    value = np.asarray(call(), np.float64)
    return value, time.perf_counter() - begin


def main():
    print(f"largest difference over {N_TABLES} tables, and seconds for all of them\n")
    print("| measure | largest difference | allowed | ours | theirs |\n| --- | --- | --- | --- | --- |")
    failed = False
    for name, (make, full, allowed) in LINES.items():
        try:
            pair = make()
        except ImportError as error:
            print(f"| {name} | left out: {error} | | | |")
            continue
        largest, seconds = 0.0, np.zeros(2)
        for codes, n_classes in tables(full=full):
            (ours, first), (theirs, second) = map(timed, pair(codes, n_classes))
            assert ours.shape == theirs.shape, name
            largest = max(largest, float(np.abs(ours - theirs).max(initial=0)))
            seconds += first, second
        failed |= not largest <= allowed
        print(f"| {name} | {largest:.1e} | {allowed:.0e} | {seconds[0]:.3f} | {seconds[1]:.3f} |", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
