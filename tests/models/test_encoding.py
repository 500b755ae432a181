"""Texts are encoded once, and what an encoder gave outlives whoever called it."""

import io
import runpy
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import numpy as np
import pytest
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import alwidgets as alw
from alwidgets.models import kept_values

TEXTS = [f"text {i} {'spam' if i % 3 else 'ham'}" for i in range(600)]


class Seen:
    """What the encoders were given, and whether they fail, in containers: those of a class make no other encoder."""

    texts: ClassVar[Counter[str]] = Counter()
    broken: ClassVar[list[bool]] = []


def lengths(texts):
    assert isinstance(texts, list)
    Seen.texts.update(texts)
    return [[len(text), text.count("spam")] for text in texts]


class Lengths(TransformerMixin, BaseEstimator):
    def __init__(self, word="spam"):
        self.word = word

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        self.loaded_ = "a model that is loaded when it is first needed"
        if Seen.broken and TEXTS[300] in list(X):
            raise ConnectionError("no more calls today")
        Seen.texts.update(X)
        return np.array([[len(text), text.count(self.word)] for text in X], np.float32)


@pytest.fixture(autouse=True)
def _nothing_seen():
    Seen.texts.clear()
    Seen.broken.clear()


@pytest.fixture
def slow(monkeypatch):
    """Whatever time it takes is long, and everything is written as soon as it is known."""
    for name in ("_SLOW", "_OFTEN", "_SHARE"):
        monkeypatch.setattr(kept_values, name, 0.0)


def called_once(texts):
    return set(Seen.texts) == set(texts) and set(Seen.texts.values()) == {1}


def test_numbers_are_those_of_the_encoder_in_the_order_of_the_texts():
    X = alw.encoded(TEXTS, lengths)
    assert X.tolist() == [[len(text), text.count("spam")] for text in TEXTS]
    assert not X.flags.writeable


def test_texts_that_are_the_same_are_encoded_once():
    X = alw.encoded([*TEXTS, *TEXTS[:20], TEXTS[3]], lengths)
    assert called_once(TEXTS)
    assert np.array_equal(X[600:620], X[:20])
    assert np.array_equal(X[620], X[3])


def test_a_session_encodes_texts_that_are_the_same_once():
    texts = [*TEXTS[:60], *TEXTS[:30]]
    made = alw.Session(
        texts, classes=["ham", "spam"], learner=make_pipeline(Lengths(), LogisticRegression()),
        test=(TEXTS[50:80], [text.split()[2] for text in TEXTS[50:80]]), random_state=0,
    )  # fmt: skip
    made.run(oracle=[text.split()[2] for text in texts], n_labels=24)
    assert called_once(TEXTS[:80])


def test_sparse_features_and_transformers_are_fine():
    X = alw.encoded(TEXTS, HashingVectorizer(n_features=64))
    assert issparse(X)
    assert abs(X - HashingVectorizer(n_features=64).transform(TEXTS)).max() == 0
    fitted = TfidfVectorizer().fit(TEXTS)
    assert abs(alw.encoded(TEXTS, fitted) - fitted.transform(TEXTS)).max() == 0


@pytest.mark.usefixtures("slow")
def test_what_is_kept_in_a_folder_is_not_encoded_again(tmp_path):
    X = alw.encoded(TEXTS[:400], lengths, tmp_path)
    assert np.array_equal(alw.encoded(TEXTS, lengths, tmp_path)[:400], X)
    assert np.array_equal(alw.encoded(TEXTS[::-1], lengths, tmp_path)[::-1][:400], X)
    assert called_once(TEXTS)


@pytest.mark.usefixtures("slow")
def test_an_encoder_that_fails_goes_on_where_it_was(tmp_path):
    Seen.broken.append(True)
    with pytest.raises(ConnectionError):
        alw.encoded(TEXTS, Lengths(), tmp_path)
    assert 0 < len(Seen.texts) < 600
    Seen.broken.clear()
    assert len(alw.encoded(TEXTS, Lengths(), tmp_path)) == 600
    assert called_once(TEXTS)


SCRIPT = """
import sys
import alwidgets as alw
from alwidgets.models import kept_values

TEXTS = [f"text {i}" for i in range(600)]

def encode(texts):
    print(len(texts), flush=True)
    if "text 599" in texts:
        sys.stdin.read()
    return [[len(text)] for text in texts]

if __name__ == "__main__":
    kept_values._SLOW = kept_values._OFTEN = kept_values._SHARE = 0.0
    alw.encoded(TEXTS, encode, sys.argv[1])
"""


@pytest.mark.usefixtures("slow")
def test_an_encoder_that_was_killed_goes_on_where_it_was(tmp_path, capsys, monkeypatch):
    script, n_begun = tmp_path / "script.py", []
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(tmp_path / "kept")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as killed:
        while sum(n_begun) < 600:
            n_begun.append(int(killed.stdout.readline()))
        # It waits for the texts that it was given last.
        killed.kill()
    monkeypatch.setattr("sys.stdin", io.StringIO())
    made = runpy.run_path(str(script))
    assert len(alw.encoded(made["TEXTS"], made["encode"], tmp_path / "kept")) == 600
    assert sum(map(int, capsys.readouterr().out.split())) == n_begun[-1] < 600


@pytest.mark.usefixtures("slow")
@pytest.mark.parametrize("encoder", [Lengths(), FunctionTransformer(lambda X: lengths(list(X)))])
def test_a_session_does_not_call_the_encoder_again(tmp_path, encoder):
    texts, y = TEXTS[:90], [text.split()[2] for text in TEXTS[:90]]
    alw.encoded(texts, encoder, tmp_path / "j")
    for n_labels in (12, 24):
        made = alw.Session(
            texts, classes=["ham", "spam"], learner=make_pipeline(encoder, LogisticRegression()),
            journal=tmp_path / "j", random_state=0,
        )  # fmt: skip
        made.run(oracle=y, n_labels=n_labels)
        assert made.learner.estimator.predict(["a raw text nobody has seen"]).shape == (1,)
        made.close()
    assert {Seen.texts[text] for text in texts} == {1}


@pytest.mark.usefixtures("slow")
def test_samples_that_are_added_later_are_encoded_once(tmp_path):
    options = {
        "classes": ["ham", "spam"], "learner": make_pipeline(Lengths(), LogisticRegression()),
        "journal": tmp_path / "j", "random_state": 0,
    }  # fmt: skip
    made = alw.Session(TEXTS[:60], **options)
    made.run(oracle=lambda row: TEXTS[row].split()[2], n_labels=16)
    made.extend(TEXTS[60:90])
    made.run(oracle=lambda row: TEXTS[row].split()[2], n_labels=16)
    made.close()
    again = alw.Session(TEXTS[:90], **options)
    again.run(oracle=lambda row: TEXTS[row].split()[2], n_labels=8)
    assert called_once(TEXTS[:90])


@pytest.mark.parametrize("features", ["labels", "pool"])
def test_a_fit_in_another_process_gets_what_the_encoder_gave(features):
    told = [text.split()[2] for text in TEXTS]
    # A thread is sent the same bytes as a process, and its calls can be counted.
    with ThreadPoolExecutor(1) as elsewhere:
        made = alw.Session(
            TEXTS[:60], classes=["ham", "spam"], learner=make_pipeline(Lengths(), LogisticRegression()),
            test=(TEXTS[60:90], told[60:90]), features=features, fit_in=elsewhere, random_state=0,
        )  # fmt: skip
        made.run(oracle=told[:60], n_labels=24)
    assert made.history["score"].notna().all()
    assert called_once(TEXTS[:90])


@pytest.mark.usefixtures("slow")
def test_labeled_texts_of_a_learner_and_those_of_the_test_are_encoded_once(tmp_path):
    told = [text.split()[2] for text in TEXTS]
    for _ in range(2):
        learner = alw.ActiveLearner(make_pipeline(Lengths(), LogisticRegression()))
        learner.X_training, learner.y_training = np.array(TEXTS[90:96], object), np.array(told[90:96])
        made = alw.Session(
            TEXTS[:60], classes=["ham", "spam"], learner=learner, test=(TEXTS[60:90], told[60:90]), random_state=0,
            journal=tmp_path / "j",
        )  # fmt: skip
        made.run(oracle=told[:60], n_labels=16)
        made.close()
    assert called_once(TEXTS[:96])


def test_how_far_it_is_is_shown(capsys):
    alw.encoded([*TEXTS, TEXTS[0]], lengths, progress=True)
    assert "600/600" in capsys.readouterr().err


def test_two_who_want_the_same_wait_for_each_other(monkeypatch):
    monkeypatch.setattr(kept_values, "_PATIENCE", 0.05)
    monkeypatch.setattr(kept_values, "_SECONDS_A_PART", 0.0)
    started, waited = threading.Event(), threading.Event()

    class Slow(Lengths):
        def transform(self, X):
            started.set()
            # Longer in all than anybody's patience, and never so long without a text.
            waited.wait(0.01)
            return super().transform(X)

    made = alw.Session(TEXTS[:30], classes=["ham", "spam"], learner=make_pipeline(Slow(), LogisticRegression()))
    kept = made._core.setup.model_spec.template.kept
    other = threading.Thread(target=kept.start)
    other.start()
    assert started.wait(10)
    kept.start()
    other.join()
    assert called_once(TEXTS[:30])


@pytest.mark.parametrize(
    ("texts", "encoder", "error", "said"),
    [
        (np.eye(3), lengths, TypeError, "texts is an ndarray of shape \\(3, 3\\); expected a sequence of str"),
        ([], lengths, ValueError, "texts has no rows"),
        (TEXTS, "all-MiniLM", TypeError, "expected a function of a list of texts, or a transformer"),
        (TEXTS, Lengths, TypeError, "expected a function of a list of texts, or a transformer"),
        (TEXTS, lambda texts: [len(text) for text in texts], ValueError, "expected numbers, one row for each text"),
        (TEXTS, lambda texts: [[1, 2]], ValueError, "shape \\(1, 2\\) and dtype int64 for 8 texts"),
        (TEXTS, lambda texts: [["a"]] * len(texts), ValueError, "expected numbers"),
        (TEXTS, lambda texts: [[1]] * (len(texts) - 1) + [[1, 2]], ValueError, "expected numbers"),
    ],
)
def test_what_is_wrong_is_said(texts, encoder, error, said):
    with pytest.raises(error, match=said):
        alw.encoded(texts, encoder)


def test_an_encoder_that_nothing_tells_from_others_has_no_folder(tmp_path):
    lock = threading.Lock()

    def encode(texts):
        with lock:
            return [[len(text)] for text in texts]

    assert alw.encoded(TEXTS, encode).shape == (600, 1)
    with pytest.raises(ValueError, match="no hash to know its files by"):
        alw.encoded(TEXTS, encode, tmp_path)


def test_memory_that_an_encoder_writes_to_again_is_not_what_is_kept():
    buffer = np.ones((256, 2))

    def lengths_in(texts):
        out = buffer[: len(texts)]
        out[:, 0] = [len(text) for text in texts]
        return out

    assert alw.encoded(TEXTS, lengths_in)[:, 0].tolist() == [len(text) for text in TEXTS]


@pytest.mark.parametrize("encoder", [lambda texts: np.ones((len(texts), len(texts))), TfidfVectorizer().fit_transform])
def test_rows_that_depend_on_the_texts_beside_them_are_refused(encoder):
    with pytest.raises(ValueError, match="expected what it gives of a text to depend on that alone"):
        alw.encoded(TEXTS, encoder)


def test_a_folder_that_cannot_be_made_is_told_before_anything_is_encoded(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"where no file can be made .*give another one"):
        alw.encoded(TEXTS, lengths, tmp_path / "file")
    assert not Seen.texts


@pytest.mark.usefixtures("slow")
def test_a_disk_that_is_full_later_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(kept_values.kept_files, "write", lambda *_: False)
    with pytest.warns(UserWarning, match="is in memory alone"):
        assert len(alw.encoded(TEXTS, lengths, tmp_path)) == 600


def test_a_function_with_a_matrix_product_is_called_once_on_each_text():
    weights = np.random.default_rng(0).normal(size=(64, 384)).astype(np.float32)

    def encode(texts):
        lengths(list(texts))
        counts = [[text.count(chr(33 + letter)) for letter in range(64)] for text in texts]
        return np.tanh(np.array(counts, np.float32) @ weights)

    learner = make_pipeline(FunctionTransformer(encode), LogisticRegression())
    session = alw.Session(TEXTS, classes=["ham", "spam"], learner=learner, audit=0)
    session.run(oracle=["spam" if "spam" in text else "ham" for text in TEXTS], n_labels=24)
    session.close()
    session.wait()
    # The first few are looked at alone, too.
    assert max(Seen.texts.values()) <= 2
    assert sum(Seen.texts.values()) <= 600 + 3
