"""Sessions to be labeled in Label Studio, and what annotators there do."""

import numpy as np
from sklearn.linear_model import LogisticRegression

import alwidgets as alw

CLASSES = ["ham", "spam"]
N_SAMPLES = 40


def in_order(view):
    """Ask by row, whatever the model: what is asked then depends on no library."""
    return -np.asarray(view.candidates, float)


def make(n=N_SAMPLES, **changes):
    """Return a session of texts, every third of which is spam."""
    X = np.column_stack([np.arange(n) % 3 == 0, np.linspace(0, 1, n)]).astype(float)
    given = {
        "X": X,
        "items": [f"text {row}" for row in range(n)],
        "classes": CLASSES,
        "learner": LogisticRegression(),
        "ids": [f"m{row}" for row in range(n)],
        "strategy": in_order,
        "cold_start": in_order,
        "batch_size": 4,
        "audit": 0,
        "random_state": 0,
        "stop": None,
    }
    return alw.Session(**given | changes)


def labels(session):
    """Return the label of each labeled row."""
    return dict(zip(session.labels["item"].tolist(), session.labels["label"].tolist(), strict=True))


def chosen(*names, control="label", shown="text", **more):
    """Return a result as the front end makes it."""
    return {
        "from_name": control, "to_name": shown, "type": "choices", "value": {"choices": list(names)},
        "origin": "manual", **more,
    }  # fmt: skip


def written(text):
    return {"from_name": "note", "to_name": "text", "type": "textarea", "value": {"text": [text]}, "origin": "manual"}
