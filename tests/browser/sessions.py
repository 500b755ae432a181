"""A small session for a cell, and what it wrote to disk."""

import json

from lab import Card

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
    return [(line["item"], line["label"]) for line in events_of(folder) if line["kind"] == "labeled"]


def answer_in_one_of_two_cards(notebook, page):
    """Answer in the first card on a session, and see that the other goes on too and the answer counts once."""
    notebook.run_all()
    page.wait_for_function(
        "() => document.querySelectorAll('.alw-labeler[data-item]:not([data-item=\"\"])').length === 2"
    )
    card = Card(page).wait().focus()
    item = card.item
    card.press("1")
    card.settled()
    page.wait_for_function(
        "(row) => [...document.querySelectorAll('.alw-labeler')].every((card) => card.dataset.item !== row)",
        arg=str(item),
    )
    assert labels_of(notebook.folder) == [(item, "ham")]
