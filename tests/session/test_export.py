import json
import os
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import alwidgets as alw
from alwidgets.io import read_labels
from alwidgets.session import export
from tests.documentation.examples import examples_of

FILES = {
    "README.md", "card.md", "labels.csv", "labels.jsonl", "history.csv", "versions.csv", "decisions.csv",
    "requirements.txt", "session.alw",
}  # fmt: skip


@pytest.fixture
def session(make_session, blobs, tmp_path):
    session = make_session(
        journal=tmp_path / "a.alw", audit=0.3, budget=alw.Budget(labels=99, cost_per_label=0.25, currency="EUR")
    ).run(blobs[1], 24)
    session.teach(int(session.query()[0]), "left", annotator="=ann", seconds=30)
    session.flag(1, "@odd")
    session.skip(int(session.query()[0]))
    session.decide("stop", "enough | <b>now</b>\n# really")
    return session


def test_an_export_has_the_labels_the_tables_and_the_pages(session, tmp_path):
    folder = session.export(tmp_path / "out", model=False)
    optional = {"labels.parquet"}
    assert {file.name for file in folder.iterdir()} - optional == FILES
    for name in ("labels.csv", "labels.jsonl"):
        pd.testing.assert_frame_equal(read_labels(folder / name), session.labels, check_exact=True)
    assert pd.read_csv(folder / "history.csv")["score"].tolist() == session.history["score"].tolist()
    assert pd.read_csv(folder / "versions.csv")["training_set"].tolist() == session.versions["training_set"].tolist()
    assert pd.read_csv(folder / "decisions.csv")["decision"].tolist() == ["stop"]
    table = (folder / "README.md").read_text().partition("|---|---|\n")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(.+?)`", table, flags=re.MULTILINE)) == {file.name for file in folder.iterdir()}


@pytest.mark.parametrize("error", [ImportError("no engine"), UnicodeEncodeError("utf-8", "\ud83d", 0, 1, "half")])
def test_what_parquet_cannot_hold_stops_no_export(session, tmp_path, monkeypatch, error):
    def fails(*args, **options):
        raise error

    monkeypatch.setattr(pd.DataFrame, "to_parquet", fails)
    folder = session.export(tmp_path / "out")
    assert {file.name for file in folder.iterdir()} >= FILES
    assert "labels.parquet" not in (folder / "README.md").read_text()


@pytest.mark.parametrize("in_memory", [False, True])
def test_the_session_goes_on_from_the_exported_journal(make_session, blobs, tmp_path, in_memory):
    session = make_session(**({} if in_memory else {"journal": tmp_path / "a.alw"}))
    folder = session.run(blobs[1], 16).export(tmp_path / "out")
    assert alw.verify(folder / "session.alw").sound
    resumed = make_session(journal=folder / "session.alw")
    assert not resumed.read_only
    assert resumed.session_id == session.session_id
    assert resumed.events == session.events
    assert resumed.run(blobs[1], 8).labels["item"].tolist() == session.run(blobs[1], 8).labels["item"].tolist()


def test_a_session_without_a_label_can_be_exported(make_session, tmp_path):
    folder = make_session(random_state=3).export(tmp_path / "out")
    assert read_labels(folder / "labels.csv").empty
    session = make_session(journal=folder / "session.alw", random_state=3)
    session.teach(0, "left")
    assert alw.verify(folder / "session.alw").sound


def test_the_card_says_what_the_labels_are(session, tmp_path):
    card = (session.export(tmp_path / "out") / "card.md").read_text()
    n_audit, last = int(session.labels["audit"].sum()), session.history.iloc[-1]
    assert card.startswith("# What is in this folder\n\n25 labels of 120 samples, written on 20")
    for line in (
        "kind: array, shape [120, 4]",
        f"fingerprint: {session.identity['pool']['content']}",
        *(f"- {name}: {n}" for name, n in session.labels["label"].value_counts().items()),
        "skipped, since nobody could tell: 1",
        r"oracle (24), \=ann (1)",
        f"- margin: {(session.labels['strategy'] == 'margin').sum()} labels",
        f"audit: {n_audit} of the 25 labels",
        f"learns from {25 - n_audit} of the labels",
        f"- accuracy {last['score']:.3f}, 95 % interval",
        "measured on 24 held-out samples",
        "- 25 answers, 0.5 minutes measured\n- 6.25 EUR",
        "They are not a random sample",
        f"- numpy {np.__version__}",
    ):
        assert line in card, line


def test_nothing_that_a_user_typed_is_markup_in_the_card(session, tmp_path):
    card = (session.export(tmp_path / "out") / "card.md").read_text()
    assert r"enough \| \<b\>now\<\/b\> \# really" in card
    assert "<b>" not in card


def test_the_requirements_are_exact(session, tmp_path):
    lines = (session.export(tmp_path / "out") / "requirements.txt").read_text().splitlines()
    assert lines[0].startswith("# Python 3.")
    assert f"numpy=={np.__version__}" in lines
    assert all(re.fullmatch(r"[\w.-]+==[\w.+!-]+", line) for line in lines[1:])


def test_an_existing_target_is_refused_and_left_alone(session, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="out exists; expected the name of a new folder"):
        session.export(tmp_path / "out")
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["mine.txt"]
    with pytest.raises(FileNotFoundError, match="make it first"):
        session.export(tmp_path / "no" / "such")
    with pytest.raises(TypeError, match="folder is None; expected the name of a new folder"):
        session.export(None)


@pytest.mark.parametrize("step", ["write_table", "_write_model", "_facts", "verify"])
@pytest.mark.parametrize("error", [OSError("no space"), KeyboardInterrupt()])
def test_an_export_that_fails_leaves_nothing_behind(session, tmp_path, monkeypatch, step, error):
    def fails(*args, **options):
        raise error

    before = {file.name for file in tmp_path.iterdir()}
    with monkeypatch.context() as patch:
        patch.setattr(export, step, fails)
        with pytest.raises(type(error)):
            session.export(tmp_path / "out")
    assert {file.name for file in tmp_path.iterdir()} == before
    session.export(tmp_path / "out")


def test_the_folder_is_its_owners(session, tmp_path):
    folder = session.export(tmp_path / "out")
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_copy_that_is_not_sound_is_not_exported(session, tmp_path):
    file = max((tmp_path / "a.alw" / "events").iterdir(), key=lambda file: file.stat().st_size)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(alw.journal.JournalError, match="the copy of the journal is not sound"):
        session.export(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_readme_of_an_export_works_as_it_stands(session, tmp_path, blobs):
    folder = session.export(tmp_path / "out")
    session.close()
    code = "".join(examples_of((folder / "README.md").read_text()))
    np.save(tmp_path / "X.npy", blobs[0])
    before = (
        "import numpy as np\nfrom sklearn.linear_model import LogisticRegression\n"
        f"X, classes, learner = np.load({str(tmp_path / 'X.npy')!r}), ['left', 'right'], LogisticRegression()\n"
    )
    after = "\nprint(len(labels), len(session.labels))\nsession.close()"
    environment = {**os.environ, "PYTHONPATH": str(export.Path(alw.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", before + code + after],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.split() == ["25", "25"], done.stderr


def test_the_exported_model_predicts_as_the_session_does(make_session, blobs, tmp_path):
    io = pytest.importorskip("skops.io")
    session = make_session().run(blobs[1], 16)
    folder = session.export(tmp_path / "out", model=True)
    model = io.load(folder / "model.skops", trusted=[])
    np.testing.assert_array_equal(model.predict(blobs[0]), session.learner.predict(blobs[0]))
    assert re.search(r"^skops==", (folder / "requirements.txt").read_text(), flags=re.MULTILINE)
    committee = make_session(learner=alw.committee([GaussianNB(), LogisticRegression()])).run(blobs[1], 16)
    models = io.load(committee.export(tmp_path / "committee") / "model.skops", trusted=[])
    assert [type(each) for each in models] == [GaussianNB, LogisticRegression]


def test_a_model_that_cannot_be_written_is_said_or_refused(make_session, blobs, tmp_path):
    pytest.importorskip("skops")
    learner = make_pipeline(FunctionTransformer(lambda X: X), LogisticRegression())
    session = make_session(learner=learner, test=None, audit=0.0)
    with pytest.raises(ValueError, match="there is no model yet"):
        session.export(tmp_path / "none", model=True)
    session.run(blobs[1], 16)
    folder = session.export(tmp_path / "out")
    said = "could not be written" in (folder / "README.md").read_text()
    assert said != (folder / "model.skops").exists()


def test_a_model_asked_for_without_skops_names_the_extra(session, tmp_path, monkeypatch):
    monkeypatch.setattr(export, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r'pip install "alwidgets\[models\]"'):
        session.export(tmp_path / "out", model=True)
    folder = session.export(tmp_path / "out")
    assert not (folder / "model.skops").exists()
    assert "alwidgets[models]" in (folder / "README.md").read_text()


def test_samples_are_not_exported(make_session, tmp_path):
    pool = [f"secret text {i}" for i in range(20)]
    texts = make_pipeline(FunctionTransformer(lengths), LogisticRegression())
    session = make_session(X=pool, learner=texts, test=None)
    session.teach(0, "left")
    folder = session.export(tmp_path / "out")
    content = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert b"secret text" not in content
    assert json.loads((folder / "session.alw" / "session.json").read_text())["pool"]["kind"] == "texts"


def lengths(texts):
    return np.array([[len(text)] for text in texts])


class WithKey(GaussianNB):
    """A classifier that asks a service."""

    def __init__(self, api_key=None):
        super().__init__()
        self.api_key = api_key


def test_a_model_with_a_secret_is_only_written_when_asked_for(make_session, blobs, tmp_path):
    pytest.importorskip("skops")
    session = make_session(learner=WithKey(api_key="k-1234")).run(blobs[1], 8)
    folder = session.export(tmp_path / "out")
    assert not (folder / "model.skops").exists()
    for page in ("card.md", "README.md"):
        assert "the learner holds what looks like a secret" in (folder / page).read_text()
    assert (session.export(tmp_path / "asked", model=True) / "model.skops").exists()
    without = make_session(learner=WithKey()).run(blobs[1], 8).export(tmp_path / "without")
    assert (without / "model.skops").exists()
    assert "a model may hold some of those that it learned from" in (without / "card.md").read_text()


@pytest.mark.parametrize(
    "options",
    [
        {"headers": [{"X-API-Key": "k-1234"}]},
        ["https://anna:pssst@host"],
        {"retries": 3, "note": "hf_" + "aB3dE" * 6},
        "k9T2vQ8xZr4LmW7pBn3J",
        {"auth": ("anna", "pssst")},
    ],
)
def test_what_the_journal_would_hide_leaves_in_no_model_file(make_session, blobs, tmp_path, options):
    pytest.importorskip("skops")
    learner = make_pipeline(FunctionTransformer(kw_args={"options": options}, func=same), GaussianNB())
    folder = make_session(learner=learner).run(blobs[1], 8).export(tmp_path / "out")
    assert not (folder / "model.skops").exists()
    assert "the learner holds what looks like a secret" in (folder / "README.md").read_text()


def test_a_model_with_a_secret_is_not_exported_alone(make_session, blobs, tmp_path):
    pytest.importorskip("skops")
    session = make_session(learner=WithKey(api_key="k-1234")).run(blobs[1], 8)
    with pytest.raises(ValueError, match=r"looks like a secret.*export\(folder, model=True\) if the file may have it"):
        session.export_model(tmp_path / "model")
    assert not list(tmp_path.iterdir())


def same(X, options):
    return X
