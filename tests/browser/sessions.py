"""A small session for a cell, and what it wrote to disk."""

import json

SMALL_SESSION = """
import alwidgets as alw, numpy as np, threading, time
from sklearn.datasets import load_digits
from sklearn.naive_bayes import GaussianNB
X, y = load_digits(return_X_y=True)
session = alw.Session(X[:600], items=[f"sample {i}" for i in range(600)], classes=["ham", "spam"], learner=GaussianNB(),
                      test=(X[600:800], np.where(y[600:800] > 4, "ham", "spam")), journal="small.alw", random_state=0)
session
"""


def events_of(folder):
    lines = [json.loads(line) for file in folder.glob("*.alw/events/*.jsonl") for line in file.read_text().splitlines()]
    return sorted(lines, key=lambda line: line["number"])


def labels_of(folder):
    return [(line["item"], line["label"]) for line in events_of(folder) if line["kind"] == "labelled"]
