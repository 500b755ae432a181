"""Tables of answers: small ones written as letters, and drawn ones."""

import numpy as np
import pandas as pd


def table_of(letters):
    """One row an answer; of each annotator a text with a letter an item, "." where there is none."""
    rows = [
        (item, annotator, label)
        for annotator, text in letters.items()
        for item, label in enumerate(text.split())
        if label != "."
    ]
    return pd.DataFrame(rows, columns=["item", "annotator", "label"])


def drawn(n_items, right, n_classes=3, coverage=0.6, seed=0):
    """Draw answers of annotators who are right so often; return table and true classes."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, n_classes, n_items)
    rows = []
    for annotator, share in enumerate(right):
        for item in np.flatnonzero(rng.random(n_items) < coverage).tolist():
            wrong = (truth[item] + rng.integers(1, n_classes)) % n_classes
            rows.append((item, f"a{annotator}", int(truth[item] if rng.random() < share else wrong)))
    return pd.DataFrame(rows, columns=["item", "annotator", "label"]), truth
