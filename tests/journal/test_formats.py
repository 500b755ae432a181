"""A journal of every format that there was opens, with the same labels and the same next questions."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw
from alwidgets.journal.formats import FORMAT

FORMATS = Path(__file__).with_name("formats")


def pool():
    rng = np.random.default_rng(7)
    X = np.round(np.vstack([rng.normal(-1, 1, (40, 3)), rng.normal(1, 1, (40, 3))]), 3)
    X[41] = X[40]
    return X[rng.permutation(80)]


def test_there_is_a_journal_of_every_format():
    assert sorted(path.stem for path in FORMATS.glob("*.json")) == [f"format_{n}" for n in range(1, FORMAT + 1)]


@pytest.mark.parametrize("name", sorted(path.name for path in FORMATS.iterdir() if path.is_dir()))
def test_a_journal_of_an_older_format_opens_with_the_same_next_questions_and_goes_on(tmp_path, name):
    expected = json.loads((FORMATS / f"{name}.json").read_text())
    journal = tmp_path / "old.alw"
    shutil.copytree(FORMATS / name, journal)

    def opened():
        return alw.Session(
            pool(), classes=["ham", "spam"], learner=GaussianNB(), journal=journal, annotator="ann", audit=0.2,
            budget=alw.Budget(labels=60, cost_per_label=0.1), ids=[f"row {i}" for i in range(80)],
        )  # fmt: skip

    session = opened()
    assert session.query().tolist() == expected["query"]
    assert session.labels[["item", "label"]].to_numpy().tolist() == expected["labels"]
    assert list(session.classes) == expected["classes"]
    assert session.progress.round == expected["round"]
    assert session.budget.cost_per_label == 0.2
    assert session.versions["n_labeled"].tolist()[:3] == [8, 16, 24]
    assert (session.versions["model_spec"].str.startswith("GaussianNB()")).all()
    assert len(session.repeats) == 0 or session.repeats["item"].tolist()
    session.teach(expected["query"][0], "ham")
    session.close()
    assert alw.verify(journal).sound
    again = opened()
    assert again.query().tolist() == expected["query"][1:]
    assert again.session_id == session.session_id
