"""Pools that lie in blocks elsewhere: a user's own object, files, and what becomes a memory map first."""

import copy
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw
from alwidgets.data import blocks as module
from alwidgets.data.blocks import Blocks
from alwidgets.data.kinds import pool_of
from alwidgets.data.pool import as_samples
from alwidgets.journal.errors import JournalError
from tests.data.test_parts import KEYS

WHOLE = np.arange(60.0).reshape(20, 3)
RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3))
y = np.where(X[:, 0] > 0, "yes", "no")


class Own:
    """A pool of one's own, which counts what is read of it."""

    def __init__(self, X, step=7, fingerprint=None):
        self.X, self.step, self.said = X, step, fingerprint
        self.n_rows, self.n_read, self.fails = len(X), 0, False

    def take(self, rows):
        # As where a file is damaged: some rows can still be read.
        if self.fails and len(rows) > 1:
            raise RuntimeError("no such device")
        self.n_read += len(rows)
        return self.X[rows]

    def blocks(self):
        return [slice(start, min(start + self.step, self.n_rows)) for start in range(0, self.n_rows, self.step)]

    def fingerprint(self):
        return self.said


@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_rows_are_taken_as_of_an_array(key):
    assert np.array_equal(Blocks(Own(WHOLE))[key], WHOLE[key])


def test_a_block_that_is_gone_through_in_small_steps_is_read_once():
    own = Own(WHOLE)
    X = Blocks(own)
    before = own.n_read
    assert [X[start : start + 2].tolist() for start in range(0, 20, 2)] == WHOLE.reshape(10, 2, 3).tolist()
    assert own.n_read - before <= 20 + 7
    with pytest.raises(ValueError, match="read-only"):
        X[0:2][0, 0] = 1


def test_it_is_copied_as_what_it_is_of():
    assert np.array_equal(copy.deepcopy(Blocks(Own(WHOLE)))[3:9], WHOLE[3:9])


def test_a_session_takes_it_asks_as_of_the_array_and_is_opened_again(tmp_path):
    def make(X, journal=None):
        return alw.Session(
            X, classes=["no", "yes"], learner=LogisticRegression(), audit=0.3, random_state=0, journal=journal
        )

    own, plain = make(Own(X), tmp_path / "a.alw"), make(X)
    for session in (own, plain):
        session.run(y, 30)
    assert own.query(5).tolist() == plain.query(5).tolist()
    np.testing.assert_array_equal(own.history["score"], plain.history["score"])
    own.extend(X[:10] + 5, source="monday")
    asked = own.query(5).tolist()
    own.close()
    again = make(alw.Parts(Blocks(Own(X)), X[:10] + 5), tmp_path / "a.alw")
    assert again.query(5).tolist() == asked


@pytest.mark.parametrize("kind", ["own", "known by name", "h5py", "zarr"])
def test_a_pool_in_blocks_that_grew_is_opened_again_by_its_parts(kind, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST_READ", 100)

    def part(rows, name):
        if kind in ("h5py", "zarr"):
            (tmp_path / name).mkdir(exist_ok=True)
            return stored(kind, (30, 3), tmp_path / name, rows)
        return Own(rows, fingerprint=name if kind == "known by name" else None)

    def make(X):
        return alw.Session(
            X, classes=["no", "yes"], learner=GaussianNB(), audit=0, random_state=0, journal=tmp_path / "a.alw"
        )

    first, monday, tuesday = part(X, "first"), part(X[:50] + 1, "monday"), part(X[:40] + 2, "tuesday")
    session = make(first)
    session.run(y, 20)
    session.extend(monday, source="monday")
    session.extend(tuesday, source="tuesday")
    asked = session.query(5).tolist()
    session.close()
    assert make(alw.Parts(first, monday, tuesday)).query(5).tolist() == asked
    with pytest.raises(JournalError, match="are not the samples of part 'tuesday'"):
        make(alw.Parts(first, monday, part(X[:40] + 3, "wednesday")))


def test_it_is_known_by_the_fingerprint_it_gives_else_by_its_numbers():
    def content(**options):
        return pool_of(as_samples(Own(WHOLE, **options))).fingerprint()["content"]

    assert content() == content(step=3) == pool_of(WHOLE).fingerprint()["content"]
    assert content(fingerprint="today") == content(fingerprint="today") != content(fingerprint="tomorrow")


def test_a_block_that_cannot_be_read_while_it_is_scored_is_told_and_nothing_is_lost():
    own = Own(X)
    session = alw.Session(own, classes=["no", "yes"], learner=GaussianNB(), audit=0, batch_size=5, random_state=0)
    session.run(y, 20)
    own.fails = True

    def go_on():
        for _ in range(12):
            (row,) = session.query(1).tolist()
            session.teach(row, y[row])

    with pytest.raises(OSError, match=r"rows .* of X cannot be read: a RuntimeError: no such device. Nothing is lost"):
        go_on()
    n_labels = len(session.labels)
    assert n_labels >= 20
    own.fails = False
    session.retrain()
    go_on()
    assert len(session.labels) == n_labels + 12


@pytest.mark.parametrize(
    ("changes", "error", "match"),
    [
        ({"n_rows": 21, "blocks": lambda: [slice(0, 20)]}, ValueError, "blocks of X end at row 20, and n_rows is 21"),
        ({"n_rows": 2.5}, TypeError, "n_rows of X is 2.5; expected a whole number"),
        ({"blocks": lambda: [slice(0, 5), slice(6, 20)]}, ValueError, r"gave slice\(6, 20, None\) after row 5"),
        ({"blocks": lambda: [3]}, ValueError, "blocks of X gave 3 after row 0; expected slices"),
        ({"take": lambda rows: WHOLE[rows, 0]}, ValueError, r"take gave .* as shape \(1,\)"),
        ({"take": lambda rows: WHOLE}, ValueError, r"as shape \(20, 3\) and dtype float64; expected 1 rows"),
    ],
)  # fmt: skip
def test_what_does_not_give_its_rows_is_refused(changes, error, match):
    own = Own(WHOLE)
    for name, value in changes.items():
        setattr(own, name, value)
    with pytest.raises(error, match=match):
        as_samples(own)


def test_all_rows_at_once_are_refused_where_they_are_too_many(monkeypatch):
    monkeypatch.setattr(module, "MOST_WHOLE", 100)
    with pytest.raises(ValueError, match="all 20 rows of X were asked for at once"):
        np.asarray(Blocks(Own(WHOLE)))


@pytest.mark.parametrize("library", ["h5py", "zarr"])
@pytest.mark.parametrize("chunks", [(6, 3), (50, 2)])
def test_a_large_dataset_of_a_file_stays_there_and_a_small_one_is_read(library, chunks, tmp_path, monkeypatch):
    given = stored(library, chunks, tmp_path)
    assert isinstance(as_samples(given), np.ndarray)
    monkeypatch.setattr(module, "MOST_READ", 100)
    held = as_samples(given)
    assert isinstance(held, Blocks)
    assert np.array_equal(held[[5, 119, 5]], X[[5, 119, 5]])
    assert np.array_equal(held[:], X)
    session = alw.Session(given, classes=["no", "yes"], learner=GaussianNB(), audit=0, random_state=0)
    plain = alw.Session(X, classes=["no", "yes"], learner=GaussianNB(), audit=0, random_state=0)
    for each in (session, plain):
        each.run(y, 25)
    assert session.query(3).tolist() == plain.query(3).tolist()


def stored(library, chunks, folder, X=X):
    package = pytest.importorskip(library)
    if library == "h5py":
        with package.File(folder / "X.h5", "w") as file:
            file.create_dataset("X", data=X, chunks=(min(chunks[0], 120), chunks[1]))
        return package.File(folder / "X.h5")["X"]
    made = package.create_array(folder / "X.zarr", shape=X.shape, chunks=chunks, dtype="f8")
    made[:] = X
    return made


def test_a_graph_of_dask_is_refused_with_what_to_do_and_becomes_a_memory_map(tmp_path):
    array, frame = pytest.importorskip("dask.array"), pytest.importorskip("dask.dataframe")
    whole = pd.DataFrame(X, columns=list("abc"))
    for number, given in enumerate((array.from_array(X, chunks=(50, 2)), frame.from_pandas(whole, npartitions=3))):
        with pytest.raises(TypeError, match=r"of dask, .*alwidgets.io.to_memory_map\(X, 'X.npy'\) writes it to disk"):
            alw.Session(given, classes=["no", "yes"], learner=GaussianNB())
        mapped = alw.io.to_memory_map(given, tmp_path / f"{number}.npy")
        assert isinstance(mapped, np.memmap)
        assert np.array_equal(mapped, X)


def test_a_folder_of_parquet_becomes_a_memory_map(tmp_path):
    pytest.importorskip("pyarrow")
    folder = tmp_path / "parts"
    folder.mkdir()
    for number in range(2):
        rows = slice(60 * number, 60 * number + 60)
        pd.DataFrame(X[rows], columns=list("abc")).to_parquet(folder / f"{number}.parquet")
    with pytest.raises(TypeError, match=r"X is the path .*to_memory_map\('.*parts', 'X.npy'\) makes a memory map"):
        alw.Session(folder, classes=["no", "yes"], learner=GaussianNB())
    assert np.array_equal(alw.io.to_memory_map(folder, tmp_path / "X.npy"), X)


def test_files_of_parquet_come_in_the_order_of_their_numbers_and_each_with_the_columns_of_the_first(tmp_path):
    pytest.importorskip("pyarrow")
    folder = tmp_path / "parts"
    folder.mkdir()
    for number in range(12):
        rows = slice(10 * number, 10 * number + 10)
        pd.DataFrame(X[rows], columns=list("abc")).to_parquet(folder / f"part.{number}.parquet")
    assert np.array_equal(alw.io.to_memory_map(folder, tmp_path / "X.npy"), X)
    for columns in (list("ab"), list("abcd"), list("acb")):
        pd.DataFrame(np.ones((2, len(columns))), columns=columns).to_parquet(folder / "part.12.parquet")
        (folder / "README.md").touch()
        with pytest.raises(ValueError, match=r"block 12 has . columns .*; expected 3 .* as in the first"):
            alw.io.to_memory_map(folder, tmp_path / "X.npy")


@pytest.mark.parametrize(
    ("name", "match"),
    [("readme.txt", "has no file whose name ends in .parquet"), ("k=1/a.parquet", "with a column in")],
)
def test_a_folder_that_does_not_have_all_in_files_of_parquet_is_refused(name, match, tmp_path):
    pytest.importorskip("pyarrow")
    (tmp_path / "parts" / name).parent.mkdir(parents=True)
    (tmp_path / "parts" / name).touch()
    with pytest.raises(ValueError, match=match):
        alw.io.to_memory_map(tmp_path / "parts", tmp_path / "X.npy")


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_blocks_are_written_one_after_the_other(tmp_path, dtype):
    # Above 10 rows the head of the file says more digits than at first.
    mapped = alw.io.to_memory_map(iter(np.split(WHOLE.astype(dtype), 4)), tmp_path / "X.npy")
    assert mapped.dtype == (np.float32 if dtype is np.float32 else np.float64)
    assert np.array_equal(np.load(tmp_path / "X.npy"), WHOLE)
    assert not mapped.flags.writeable


@pytest.mark.parametrize(
    ("blocks", "error", "match"),
    [
        ([], ValueError, "source has no rows"),
        ([WHOLE, WHOLE[:, :2]], ValueError, "block 1 has 2 columns ; expected 3"),
        ([WHOLE.astype(str)], ValueError, "block 0 has shape .* expected numbers"),
        ([pd.DataFrame({"a": ["x"]})], ValueError, "column 'a' of block 0 has dtype .*; expected numbers"),
        ([pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]})], ValueError, r"1 columns \['b'\]; expected 1 \['a'\]"),
        ([WHOLE.astype(np.float32), WHOLE], ValueError, "block 1 has dtype float64, which float32 of the first"),
        (3, TypeError, "source is an int; expected arrays or DataFrames"),
        (Path("nowhere.parquet"), (FileNotFoundError, ImportError), "nowhere.parquet|pyarrow"),
    ],
)  # fmt: skip
def test_what_is_no_matrix_of_numbers_leaves_no_file(blocks, error, match, tmp_path):
    with pytest.raises(error, match=match):
        alw.io.to_memory_map(blocks, tmp_path / "X.npy")
    assert list(tmp_path.iterdir()) == []


def test_an_object_that_lacks_a_method_is_no_pool():
    with pytest.raises(TypeError, match="expected an array"):
        as_samples(SimpleNamespace(n_rows=3, take=None, blocks=None))


@pytest.mark.parametrize("held", ["a memory map", "parts", "h5py"])
def test_a_file_that_is_cut_or_closed_in_mid_score_is_told_and_answers_are_kept(held, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST_READ", 100)
    if held == "h5py":
        given = stored("h5py", (30, 3), tmp_path)
    else:
        np.save(tmp_path / "X.npy", X if held == "a memory map" else X[:70])
        given = np.load(tmp_path / "X.npy", mmap_mode="r")
        given = given if held == "a memory map" else alw.Parts(given, X[70:])

    def make(X):
        return alw.Session(
            X, classes=["no", "yes"], learner=LogisticRegression(), audit=0, batch_size=5, random_state=0,
            journal=tmp_path / "a.alw",
        )  # fmt: skip

    session = make(given)
    session.run(y, 40)
    if held == "h5py":
        given.file.close()
    else:
        os.truncate(tmp_path / "X.npy", 1000)
    with pytest.raises(OSError, match=r"Nothing is lost"):
        session.retrain()
    assert len(session.labels) == 40
    session.close()
    assert len(make(X).labels) == 40
