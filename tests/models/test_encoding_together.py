"""Processes that encode into one folder share the work: each text is encoded once, whoever of them is killed."""

import contextlib
import subprocess
import sys
import threading
from collections import Counter
from typing import ClassVar

import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.frozen import FrozenEstimator

import alwidgets as alw
from alwidgets.models import kept_claims, kept_files, kept_values
from alwidgets.models.step_hash import name_of
from alwidgets.utils import files

SCRIPT = """
import sys
import threading
import numpy as np
import alwidgets as alw
from alwidgets.models import kept_values
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline


class Lengths(TransformerMixin, BaseEstimator):
    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        numbers = [int(text.split()[1]) for text in X]
        # A new learner is tried on a few texts before the session is there.
        tried = threading.current_thread().name == "alwidgets-trial"
        print("tries" if tried else "encodes", *numbers, flush=True)
        if not tried and not {30, *range(200, 220)}.isdisjoint(numbers):
            print("stands", flush=True)
            sys.stdin.readline()
        return np.array([[len(text), int(text.split()[1])] for text in X])


def told(wait):
    def waits(*args):
        print("waits", flush=True)
        return wait(*args)
    return waits


if __name__ == "__main__":
    kept_values._SLOW = kept_values._OFTEN = kept_values._SHARE = 0.0
    kept_values._MOST_AT_ONCE = 8
    kept_values.KeptValues._wait = told(kept_values.KeptValues._wait)
    folder, way, first, last = sys.argv[1:]
    texts = [f"text {i}" for i in range(int(first), int(last))]
    if way == "encoded":
        X = alw.encoded(texts, Lengths(), folder)
    else:
        session = alw.Session(
            texts, classes=[0, 1], learner=make_pipeline(Lengths(), LogisticRegression()), journal=folder,
            random_state=0,
        )
        X = session._core.setup.model_spec.template.kept.values.of_pool()
    print("has", *(int(row[1]) for row in X), flush=True)
"""


class Process:
    """A process that encodes texts, waits in the midst of number 30, and says what it does."""

    def __init__(self, tmp_path, rows, way="encoded"):
        script = tmp_path / "script.py"
        script.write_text(SCRIPT)
        self.encoded = Counter()
        self.running = subprocess.Popen(
            [sys.executable, "-W", "ignore", str(script), str(tmp_path / "kept"), way, *map(str, rows)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def until(self, word):
        """Read on to a line, and return its numbers."""
        for line in self.running.stdout:
            what, *numbers = line.split()
            self.encoded.update(map(int, numbers) if what == "encodes" else ())
            if what == word:
                return [*map(int, numbers)]
        raise AssertionError(f"it ended, and came to no line that begins with {word}")

    def go_on(self, n_times=1):
        self.running.stdin.write("\n" * n_times)
        self.running.stdin.flush()


@pytest.fixture
def process(tmp_path):
    with contextlib.ExitStack() as ended:

        def begin(*given):
            made = Process(tmp_path, *given)
            ended.enter_context(made.running)
            ended.callback(made.running.kill)
            return made

        yield begin


def claims(tmp_path):
    return list((tmp_path / "kept" / "features").glob("*.claim"))


def test_two_processes_encode_each_text_once(process, tmp_path):
    first = process((0, 60))
    first.until("stands")
    second = process((0, 60))
    second.until("waits")
    first.go_on()
    assert first.until("has") == second.until("has") == list(range(60))
    assert first.encoded == Counter(range(60))
    assert not second.encoded
    assert not claims(tmp_path)


def test_what_another_process_has_finished_is_taken_before_it_has_all(process):
    first = process((0, 60))
    first.until("stands")
    # Of these the last ones are at the encoder of the first.
    second = process((0, 32))
    second.until("waits")
    third = process((0, 20))
    assert third.until("has") == list(range(20))
    assert not third.encoded
    first.go_on()
    assert second.until("has") == list(range(32))
    assert not second.encoded


def test_a_process_does_not_wait_for_texts_that_nobody_else_encodes(process):
    first = process((0, 60))
    first.until("stands")
    second = process((40, 100))
    second.until("waits")
    assert second.encoded == Counter(range(60, 100))
    first.go_on()
    assert second.until("has") == list(range(40, 100))
    assert first.until("has") == list(range(60))
    assert first.encoded + second.encoded == Counter(range(100))


def test_who_waits_goes_on_where_one_that_is_killed_was(process, tmp_path):
    first = process((0, 60))
    first.until("stands")
    second = process((0, 60))
    second.until("waits")
    first.running.kill()
    second.go_on()
    assert second.until("has") == list(range(60))
    # Those that the first had written are the first's; the part in which it was killed is done again.
    assert second.encoded == Counter(range(24, 60))
    assert not claims(tmp_path)


def test_a_session_waits_for_what_is_encoded_beside_its_journal(process):
    first = process((0, 400))
    first.until("stands")
    session = process((0, 400), "session")
    session.until("waits")
    # At each part with one of the texts from 200 to 219.
    first.go_on(4)
    assert session.until("has") == list(range(400))
    assert not session.encoded


def test_a_session_that_only_reads_waits_for_the_one_that_writes(process):
    writer = process((0, 400), "session")
    writer.until("stands")
    reader = process((0, 400), "session")
    reader.until("waits")
    writer.go_on(4)
    assert reader.until("has") == writer.until("has") == list(range(400))
    assert not reader.encoded


class Seen:
    """What the encoder was given, and what it waits for, in containers: those of a class make no other encoder."""

    texts: ClassVar[Counter[str]] = Counter()
    events: ClassVar[dict[str, threading.Event]] = {}


class Numbers(TransformerMixin, BaseEstimator):
    def transform(self, X):
        Seen.texts.update(X)
        if "text 30" in X:
            Seen.events["in the midst"].set()
            assert Seen.events["go on"].wait(60)
        return np.array([[int(text.split()[1])] for text in X])


TEXTS = [f"text {i}" for i in range(60)]


@pytest.fixture(autouse=True)
def _afresh(monkeypatch):
    Seen.texts.clear()
    Seen.events.update({name: threading.Event() for name in ("in the midst", "go on")})
    monkeypatch.setattr(kept_values, "_SLOW", 0.0)


def encode(folder):
    return alw.encoded(TEXTS, Numbers(), folder)[:, 0].tolist()


def test_two_threads_of_a_process_encode_each_text_once(tmp_path, monkeypatch):
    found, wait, waits = [], kept_values.KeptValues._wait, threading.Event()
    monkeypatch.setattr(kept_values.KeptValues, "_wait", lambda *args: (waits.set(), wait(*args))[1])
    threads = [threading.Thread(target=lambda: found.append(encode(tmp_path))) for _ in range(2)]
    threads[0].start()
    assert Seen.events["in the midst"].wait(60)
    threads[1].start()
    assert waits.wait(60)
    Seen.events["go on"].set()
    for thread in threads:
        thread.join()
    assert found == [list(range(60))] * 2
    assert set(Seen.texts.values()) == {1}


def test_who_does_not_get_on_is_not_waited_for(tmp_path, monkeypatch):
    Seen.events["go on"].set()
    monkeypatch.setattr(kept_values, "_PATIENCE_ELSEWHERE", 0.0)
    name = name_of([FrozenEstimator(Numbers())])
    keys = kept_files.digests(TEXTS)[:, :8].copy().view("<u8").reshape(-1)
    with kept_claims.claimed(tmp_path, name, keys, may_write=True):
        assert encode(tmp_path) == list(range(60))


def test_where_files_cannot_be_locked_texts_are_encoded_as_ever(tmp_path, monkeypatch):
    def refused(*_, **__):
        raise OSError(37, "no locks available")

    Seen.events["go on"].set()
    monkeypatch.setattr(files, "lock", refused)
    assert encode(tmp_path) == list(range(60))
    assert not list((tmp_path / "features").glob("*.claim"))


@pytest.mark.parametrize(
    "content", [b"", b"\x01", b"x" * 24, np.array([1, 2**40], "<u8").tobytes()], ids=["none", "a byte", "other", "few"]
)
def test_a_file_that_is_nobodys_claim_is_not_waited_for(tmp_path, content):
    Seen.events["go on"].set()
    (tmp_path / "features").mkdir()
    name = name_of([FrozenEstimator(Numbers())])
    (tmp_path / "features" / f"{name}.0.claim").write_bytes(content)
    (tmp_path / "features" / f"{name}.1.claim").symlink_to("/dev/zero")
    assert encode(tmp_path) == list(range(60))


def test_nothing_is_left_in_a_folder_where_nothing_is_kept(tmp_path):
    keys = np.arange(5, dtype=np.uint64)
    with kept_claims.claimed(tmp_path, "steps", keys, may_write=True) as claim:
        assert claim.free.all()
        assert claim.file.exists()
        with kept_claims.claimed(tmp_path, "steps", keys[3:], may_write=True) as other:
            assert not other.free.any()
            assert other.others == (claim.file,)
        with kept_claims.claimed(tmp_path, "steps", keys, may_write=False) as reader:
            assert not reader.free.any()
    assert list(tmp_path.iterdir()) == []
