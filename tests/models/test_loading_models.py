"""A model that was exported predicts as its session did, without it; what is damaged or foreign is refused unopened."""

import hashlib
import json
import os
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

import alwidgets as alw
from alwidgets.models import saved
from alwidgets.models.encoded import Encoded
from alwidgets.models.saved import ModelError

skops_io = pytest.importorskip("skops.io")
TREE = "sklearn.tree._tree.Tree"


@pytest.fixture
def folder(make_session, blobs, tmp_path):
    return make_session().run(blobs[1], 16).export_model(tmp_path / "model")


def resealed(folder, **changes):
    """Change what model.json says, as somebody would who knows how it is made."""
    file = folder / "model.json"
    told = json.loads(file.read_text()) | changes
    del told["hash"]
    if (folder / "model.skops").exists() and "checksum" not in changes:
        told["checksum"] = hashlib.sha256((folder / "model.skops").read_bytes()).hexdigest()
    file.write_text(json.dumps({**told, "hash": saved._seal(told)}))
    return folder


@pytest.mark.parametrize("learner", [
    LogisticRegression(), KNeighborsClassifier(3, algorithm="brute"), alw.committee(GaussianNB(), n_members=3),
    alw.committee([GaussianNB(), LogisticRegression()]),
], ids=lambda learner: type(learner).__name__)  # fmt: skip
def test_it_predicts_as_the_session_does(make_session, blobs, tmp_path, learner):
    session = make_session(learner=learner).run(blobs[1], 16)
    model = alw.load_model(session.export_model(tmp_path / "model"))
    np.testing.assert_array_equal(model.predict(blobs[0]), session.learner.predict(blobs[0]))
    np.testing.assert_array_equal(model.predict_proba(blobs[0]), session.learner.predict_proba(blobs[0]))
    assert model.predict_labels(blobs[0].tolist()) == session.learner.predict(blobs[0]).tolist()
    assert (model.classes, model.round) == (("left", "right"), session.rounds[-1].round)
    assert model.training_set == session.versions["training_set"].iloc[-1]
    assert model.session_id == session.session_id


@pytest.mark.parametrize("classes", [[7, 3], [2.0, 1.0], [True, False], ["b", "a"]], ids=str)
def test_labels_are_the_plain_values_of_the_session_in_its_order(make_session, blobs, tmp_path, classes):
    y = [classes[label == "right"] for label in blobs[1]]
    session = make_session(classes=[*classes, *{str: ["c"]}.get(type(classes[0]), [])], test=None).run(y, 16)
    model = alw.load_model(session.export_model(tmp_path / "model"))
    labels = model.predict_labels(blobs[0])
    assert labels == [session.suggestion(row).label for row in range(len(labels))]
    assert {type(label) for label in labels} == {type(classes[0])}
    proba = model.predict_proba(blobs[0])
    assert proba.shape == (120, len(session.classes))
    np.testing.assert_array_equal(model.classes_[proba.argmax(axis=1)], labels)


@pytest.mark.parametrize("learner", [
    OneVsRestClassifier(LogisticRegression()), MultiOutputClassifier(GaussianNB()),
    KNeighborsClassifier(3, algorithm="brute"),
], ids=lambda learner: type(learner).__name__)  # fmt: skip
def test_a_multilabel_one_predicts_what_the_session_does_in_its_form(make_session, rng, tmp_path, learner):
    X = rng.normal(size=(60, 3))
    y = (X[:, :2] > 0).astype(int)
    session = make_session(X=X, classes=["cat", "dog"], learner=learner, task="multi", test=(X[:9], y[:9]))
    session.run(y, 20)
    session.add_class("cow")
    model = alw.load_model(session.export_model(tmp_path / "model"))
    assert model.multilabel
    np.testing.assert_array_equal(model.predict(X)[:, :2], session.learner.predict(X))
    assert model.predict(X).shape == model.predict_proba(X).shape == (60, 3)
    assert model.predict_labels(X) == [session.suggestion(row).label for row in range(60)]


def test_texts_and_columns_come_as_they_were_in_the_pool(make_session, blobs, tmp_path):
    texts = [f"{'good fine' if label == 'left' else 'bad poor'} {row}" for row, label in enumerate(blobs[1])]
    session = make_session(X=texts, learner=make_pipeline(TfidfVectorizer(), LogisticRegression()), test=None)
    model = alw.load_model(session.run(blobs[1], 16).export_model(tmp_path / "texts"))
    assert model.predict_labels(["good fine", "bad poor"]) == ["left", "right"]
    frame = pd.DataFrame(blobs[0], columns=list("abcd"))
    session = make_session(X=frame, test=None).run(blobs[1], 16)
    model = alw.load_model(session.export_model(tmp_path / "columns"))
    np.testing.assert_array_equal(model.predict(frame), model.predict(blobs[0]))
    np.testing.assert_array_equal(model.predict(frame), session.learner.predict(frame))


def test_a_classifier_that_is_fitted_on_codes_gives_the_classes(blobs, tmp_path):
    X, y = blobs
    estimator = Encoded(GaussianNB()).fit(X, y)
    about = {
        "classes": ["left", "right"], "multilabel": False, "round": 1, "training_set": "", "session": "",
        "libraries": {},
    }  # fmt: skip
    assert saved.write_model(tmp_path, [estimator], about) == []
    np.testing.assert_array_equal(alw.load_model(tmp_path).predict(X), estimator.predict(X))


def test_the_folder_of_a_whole_export_has_the_model_as_well(make_session, blobs, tmp_path):
    session = make_session().run(blobs[1], 16)
    model = alw.load_model(session.export(tmp_path / "out"))
    np.testing.assert_array_equal(model.predict(blobs[0]), session.learner.predict(blobs[0]))


def test_labels_since_the_last_fit_are_learned_before_the_model_is_written(make_session, blobs, tmp_path):
    session = make_session().run(blobs[1], 16)
    session.teach(int(session.query()[0]), "left")
    model = alw.load_model(session.export_model(tmp_path / "model"))
    assert session.progress.n_behind == 0
    assert model.round == session.rounds[-1].round


def test_trees_are_opened_only_where_their_type_is_named(make_session, blobs, tmp_path):
    session = make_session(learner=RandomForestClassifier(3)).run(blobs[1], 16)
    folder = session.export_model(tmp_path / "model")
    with pytest.raises(ModelError, match=rf"model.skops is made of \['{TREE}'\] too.*trust whoever made the folder"):
        alw.load_model(folder)
    model = alw.load_model(folder, trusted=[TREE])
    np.testing.assert_array_equal(model.predict(blobs[0]), session.learner.predict(blobs[0]))
    assert f"trusted=['{TREE}']" in (folder / "README.md").read_text()
    assert json.loads((folder / "model.json").read_text())["types"] == [TREE]


def test_before_there_is_a_model_or_without_skops_nothing_is_written(make_session, blobs, tmp_path, monkeypatch):
    session = make_session(test=None, audit=0.0)
    with pytest.raises(ValueError, match=r"there is no model yet; retrain\(\) first"):
        session.export_model(tmp_path / "model")
    session.run(blobs[1], 16)
    folder = session.export_model(tmp_path / "there")
    with pytest.raises(FileExistsError, match="expected the name of a new folder"):
        session.export_model(folder)
    for module in ("alwidgets.session.export.find_spec", "alwidgets.models.saved.find_spec"):
        monkeypatch.setattr(module, lambda name: None)
    with pytest.raises(ImportError, match=r'pip install "alwidgets\[models\]"'):
        session.export_model(tmp_path / "model")
    with pytest.raises(ImportError, match=r'pip install "alwidgets\[models\]"'):
        alw.load_model(folder)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["there"]


@pytest.mark.parametrize("name", ["model.skops", "model.json"])
def test_every_byte_that_is_changed_is_found(folder, name):
    whole = (folder / name).read_bytes()
    for place in np.linspace(0, len(whole) - 1, 25).astype(int).tolist():
        changed = bytearray(whole)
        changed[place] ^= 4
        (folder / name).write_bytes(changed)
        with pytest.raises(ModelError, match=r"model\.(skops|json) cannot be opened"):
            alw.load_model(folder)
    (folder / name).write_bytes(whole)
    alw.load_model(folder)


@pytest.mark.parametrize("name", ["model.skops", "model.json"])
@pytest.mark.parametrize("what", ["nothing", "empty", "half", "a link", "a folder", "a pipe", "zeros"])
def test_what_is_no_such_file_is_refused_by_name_with_the_reason(folder, tmp_path, name, what):
    file = folder / name
    content = file.read_bytes()
    file.unlink()
    if what == "a link":
        (tmp_path / "elsewhere").write_bytes(content)
        file.symlink_to(tmp_path / "elsewhere")
    elif what == "a folder":
        file.mkdir()
    elif what == "a pipe":
        os.mkfifo(file)
    elif what != "nothing":
        file.write_bytes({"empty": b"", "half": content[: len(content) // 2], "zeros": bytes(10_000)}[what])
    with pytest.raises(ModelError, match=name.replace(".", r"\.")):
        alw.load_model(folder)


def test_an_older_export_is_refused_in_words(folder):
    (folder / "model.json").unlink()
    with pytest.raises(ModelError, match=r"kept neither checksum nor classes\. Export the model again, or open"):
        alw.load_model(folder)


def test_a_format_of_the_future_is_told_from_damage(folder):
    with pytest.raises(ModelError, match=r"has format 99; this alwidgets reads up to 1\. Upgrade alwidgets"):
        alw.load_model(resealed(folder, format=99))


@pytest.mark.parametrize("changes", [
    {"classes": ["left"]}, {"classes": [["left"], ["right"]]}, {"classes": "left"}, {"types": [1]},
    {"libraries": {"numpy": 1}}, {"multilabel": 1}, {"n_members": 0}, {"n_members": 2}, {"round": None},
], ids=str)  # fmt: skip
def test_values_that_cannot_be_are_refused_although_the_hash_is_right(folder, changes):
    with pytest.raises(ModelError, match="cannot be opened"):
        alw.load_model(resealed(folder, **changes))


@pytest.mark.parametrize("content", [b"[" * 100_000, b"1", b'{"format": 1}', b"\xff\xfe", b'{"format": NaN}'])
def test_what_is_not_ours_in_model_json_is_refused(folder, content):
    (folder / "model.json").write_bytes(content)
    with pytest.raises(ModelError, match=r"model\.json cannot be opened"):
        alw.load_model(folder)


def schema_of(folder):
    with zipfile.ZipFile(folder / "model.skops") as archive:
        return json.loads(archive.read("schema.json"))


def replaced(folder, schema):
    with zipfile.ZipFile(folder / "model.skops", "w") as archive:
        archive.writestr("schema.json", json.dumps(schema))
    return folder


@pytest.fixture
def trap(tmp_path, monkeypatch):
    """A module that tells when it is imported, and of which a file of a model speaks."""
    (tmp_path / "trap_of_a_model.py").write_text(
        f"open({str(tmp_path / 'sprung')!r}, 'w').close()\nclass Thing:\n    def predict(self, X):\n        return X\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path / "sprung"
    sys.modules.pop("trap_of_a_model", None)


@pytest.mark.parametrize("loader", ["ObjectNode", "TypeNode", "FunctionNode", "ReduceNode", "OperatorFuncNode"])
def test_a_type_that_nobody_named_is_not_even_imported(folder, trap, loader):
    schema = schema_of(folder) | {
        "__class__": "Thing", "__module__": "trap_of_a_model", "__loader__": loader, "content": None, "attrs": None,
    }  # fmt: skip
    # Whoever makes such a folder lists the type as well, and knows how the hash is made.
    resealed(replaced(folder, schema), types=["trap_of_a_model.Thing"])
    with pytest.raises(ModelError, match=r"model\.skops"):
        alw.load_model(folder)
    assert not trap.exists()
    assert "trap_of_a_model" not in sys.modules


def test_a_type_that_is_named_is_made(folder, trap):
    schema = schema_of(folder)
    schema |= {"__class__": "Thing", "__module__": "trap_of_a_model", "content": None}
    resealed(replaced(folder, schema))
    assert type(alw.load_model(folder, trusted=["trap_of_a_model.Thing"]).learner.estimator).__name__ == "Thing"
    assert trap.exists()


def test_a_pickle_or_a_bomb_with_the_right_checksum_is_not_opened(folder, monkeypatch):
    (folder / "model.skops").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(ModelError, match=r"model\.skops cannot be opened \(BadZipFile"):
        alw.load_model(resealed(folder))
    with zipfile.ZipFile(folder / "model.skops", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema.json", b" " * 2**22)
    monkeypatch.setattr(saved, "_MOST_UNPACKED", 2**20)
    with pytest.raises(ModelError, match="unpacked it has more than 1,048,576 bytes"):
        alw.load_model(resealed(folder))


def test_other_libraries_are_said_and_a_patch_of_python_is_not(folder):
    told = json.loads((folder / "model.json").read_text())["libraries"]
    told |= {"scikit-learn": "0.1", "no-such-package": "2.0", "alwidgets": "0.0.1", "python": f"{told['python']}.9"}
    with pytest.warns(RuntimeWarning, match=r"no-such-package 2\.0 then, none now; scikit-learn 0\.1 then") as said:
        alw.load_model(resealed(folder, libraries=told))
    assert len(said) == 1
    assert "python" not in str(said[0].message)
    assert "alwidgets" not in str(said[0].message)


@pytest.mark.parametrize("wrong", [None, 3, b"model"])
def test_what_is_no_name_of_a_folder_is_a_type_error(wrong):
    with pytest.raises(TypeError, match="expected the name of a folder with a model"):
        alw.load_model(wrong)


def test_no_folder_and_no_list_of_types_are_refused(tmp_path, folder):
    with pytest.raises(ModelError, match="nowhere is not a folder; expected one that export_model wrote"):
        alw.load_model(tmp_path / "nowhere")
    with pytest.raises(ModelError, match=r"model\.json cannot be opened|model\.json is missing"):
        alw.load_model(tmp_path)
    for wrong in (TREE, [str]):
        with pytest.raises(TypeError, match="expected a list of full names of types"):
            alw.load_model(folder, trusted=wrong)
