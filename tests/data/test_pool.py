"""Pools of every kind: taken as they are or refused with the place named, and recognized again."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from alwidgets.data import kinds
from alwidgets.data.kinds import pool_of
from alwidgets.data.pool import (
    as_samples,
    n_rows,
    sample_id,
    take,
)

X = np.random.default_rng(0).normal(size=(12, 3))
X[X < -0.5] = 0
TEXTS = ["buy now", "lunch?", "", "buy now", "über", "日本語", "a\x1eb", "\ud800"]


def memmap(values, folder):
    np.save(folder / "X.npy", values)
    return np.load(folder / "X.npy", mmap_mode="r")


@pytest.mark.parametrize(
    "given",
    [
        X,
        X.astype(np.float32),
        np.asfortranarray(X),
        X[:, ::2],
        X[::-1],
        X > 0,
        X.astype(int),
        np.eye(2, dtype=np.uint8),
    ],
)
def test_an_array_is_taken_as_it_is(given):
    assert as_samples(given) is given


def test_a_data_frame_a_csr_matrix_and_an_array_of_texts_are_taken_as_they_are():
    for samples in (pd.DataFrame(X), sp.csr_matrix(X), sp.csr_array(X), np.array(TEXTS, object), np.array(TEXTS[:5])):
        assert as_samples(samples) is samples


def test_a_memory_map_is_read_in_chunks_and_never_copied_whole(tmp_path, monkeypatch):
    mapped = memmap(X, tmp_path)
    monkeypatch.setattr(kinds, "_BLOCK_BYTES", 48)
    read = []

    class Watched(np.memmap):
        def __getitem__(self, rows):
            part = super().__getitem__(rows)
            read.append(getattr(part, "nbytes", 0))
            return part

    stop_set = mapped.view(Watched)
    assert as_samples(stop_set) is stop_set
    pool_of(stop_set).fingerprint()
    assert max(read[:6]) == 48
    assert sum(read[:6]) == X.nbytes


@pytest.mark.parametrize(
    "form", [sp.csc_matrix, sp.coo_matrix, sp.lil_matrix, sp.csc_array, sp.coo_array, sp.dia_array]
)
def test_other_sparse_forms_become_csr(form):
    samples = as_samples(form(X))
    assert samples.format == "csr"
    np.testing.assert_array_equal(take(samples, np.array([4, 1])).toarray(), X[[4, 1]])


@pytest.mark.parametrize(
    "given",
    [TEXTS, tuple(TEXTS), np.array(TEXTS, object), pd.Series(TEXTS[:7], index=[5] * 7), list(map(np.str_, TEXTS))],
    ids=["list", "tuple", "array", "Series", "str_"],
)
def test_texts_of_any_kind_become_an_array_of_texts(given):
    samples = as_samples(given)
    assert pool_of(samples).kind == "texts"
    assert samples.tolist() == list(given)
    assert take(samples, np.array([4, 0])).tolist() == ["über", "buy now"]


@pytest.mark.skipif(not hasattr(np.dtypes, "StringDType"), reason="NumPy 1 has no strings of its own")
def test_numpy_s_own_strings_become_texts():
    samples = as_samples(np.array(["a", "bb"], dtype=np.dtypes.StringDType()))
    assert samples.tolist() == ["a", "bb"]
    assert sample_id(samples, 1) == sample_id(as_samples(["a", "bb"]), 1)


@pytest.mark.parametrize("given", [X.tolist(), [tuple(row) for row in X], list(X)], ids=["lists", "tuples", "arrays"])
def test_a_list_of_rows_becomes_an_array(given):
    np.testing.assert_array_equal(as_samples(given), X)


def test_a_matrix_becomes_an_array():
    samples = as_samples(X.view(np.matrix))
    assert type(samples) is np.ndarray


NOT_SAMPLES = [
    (5, TypeError, "X is an int; expected an array, a sparse matrix, a DataFrame or a list of str"),
    ("text", TypeError, "X is a str; expected an array"),
    (None, TypeError, "X is None"),
    ({"a": [1]}, TypeError, "X is a dict"),
    ({"a", "b"}, TypeError, "X is a set"),
    (np.array(5.0), TypeError, "X is an ndarray; expected an array"),
    (iter(TEXTS), TypeError, "X is a list_iterator"),
    (np.ma.masked_array(X, X > 0), TypeError, "X is a masked array, .*fill it first"),
    ([], ValueError, "X has no rows; expected at least one sample"),
    ((), ValueError, "X has no rows"),
    (np.empty((0, 3)), ValueError, "X has no rows"),
    (np.empty((3, 0)), ValueError, "X has no columns; .* at least one feature"),
    (pd.DataFrame({"a": []}), ValueError, "X has no rows"),
    (pd.DataFrame(index=range(3)), ValueError, "X has no columns"),
    (sp.csr_matrix((0, 3)), ValueError, "X has no rows"),
    (np.array([], object), ValueError, "X has no rows"),
    (np.arange(3.0), ValueError, r"X has shape \(3,\) and dtype float64; expected \(n_samples, n_features\)"),
    (
        [1, 2, 3],
        ValueError,
        r"X has shape \(3,\) and dtype int64; expected \(n_samples, n_features\), or str for texts",
    ),
    (pd.Series([1.0, 2.0]), ValueError, r"X has shape \(2,\) and dtype float64"),
    ([b"a", b"b"], ValueError, r"X has shape \(2,\) and dtype \|S1; expected"),
    (
        np.zeros((4, 8, 8)),
        ValueError,
        r"X has shape \(4, 8, 8\); .*Flatten each sample into a row, and pass .* `items`",
    ),
    (sp.coo_array(np.arange(3.0)), ValueError, r"X has shape \(3,\); expected \(n_samples, n_features\)"),
    ([[1, 2], [3]], ValueError, "X is a list of rows of different lengths; expected the same for each"),
    (["a", 5, "b"], TypeError, "X row 1 is 5; expected a str, as in the other rows"),
    ([5, "a"], TypeError, "X row 0 is 5; expected a str"),
    (["a", None], TypeError, "X row 1 is None; expected a str"),
    ([None, "a"], TypeError, "X row 0 is None; expected a str"),
    (["a", float("nan")], TypeError, "X row 1 is nan; expected a str"),
    (["a", ["b"]], TypeError, r"X row 1 is \['b'\]; expected a str"),
    (np.array(["a", 5], object), TypeError, "X row 1 is 5; expected a str"),
    (pd.Series(["a", None]), TypeError, "X row 1 is (nan|None); expected a str"),
    ([{"text": "a"}], TypeError, "X row 0 is {'text': 'a'}; expected a str"),
    ([["a", "b"], ["c", "d"]], ValueError, "X has dtype <U1; expected numbers. Pass mixed columns as a DataFrame"),
    (np.array([[1, "a"]], object), ValueError, "X has dtype object; expected numbers"),
    (np.ones((2, 2), complex), ValueError, "X has dtype complex128; expected numbers"),
]


@pytest.mark.parametrize(("given", "error", "cure"), NOT_SAMPLES, ids=range(len(NOT_SAMPLES)))
def test_what_is_no_pool_is_refused(given, error, cure):
    with pytest.raises(error, match=f"^{cure}"):
        as_samples(given)


def test_the_name_given_is_the_name_in_the_error():
    with pytest.raises(ValueError, match=r"^X_test has no rows"):
        as_samples([], name="X_test")


KINDS = {
    "array": lambda X, folder: X,
    "float32": lambda X, folder: X.astype(np.float32),
    "Fortran": lambda X, folder: np.asfortranarray(X),
    "memmap": memmap,
    "list": lambda X, folder: X.tolist(),
    "csr": lambda X, folder: sp.csr_matrix(X),
    "csc": lambda X, folder: sp.csc_array(X),
    "DataFrame": lambda X, folder: pd.DataFrame(X, index=[3, 3, *range(10)]),
    "same names": lambda X, folder: pd.DataFrame(X, columns=[0, 2, 2]),
    "nullable": lambda X, folder: pd.DataFrame(X).astype("Float64"),
}
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@every_kind
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("row", [0, 7, 11])
def test_what_is_not_finite_is_named_with_its_row_and_column(kind, value, row, tmp_path, monkeypatch):
    monkeypatch.setattr(kinds, "_BLOCK_BYTES", 60)
    broken = X.copy()
    broken[row, 2] = value
    shown = "(nan|<NA>)" if np.isnan(value) else value
    with pytest.raises(
        ValueError, match=f"^X row {row}, column 2 is {shown}; expected a finite number. Drop or impute"
    ):
        as_samples(kind(broken, tmp_path))


@every_kind
def test_an_estimator_that_accepts_nan_gets_it_but_no_infinity(kind, tmp_path):
    broken = X.copy()
    broken[4, 1] = np.nan
    assert n_rows(as_samples(kind(broken, tmp_path), allow_nan=True)) == 12
    broken[9, 0] = np.inf
    with pytest.raises(ValueError, match=r"^X row 9, column 0 is inf; expected a finite number"):
        as_samples(kind(broken, tmp_path), allow_nan=True)


def test_values_whose_sum_overflows_are_finite():
    huge = np.full((3, 2), 1.5e308)
    assert as_samples(huge) is huge


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_missing_text_or_category_in_a_table_is_named(missing):
    table = pd.DataFrame({"size": [1, 2], "color": ["red", missing], "kind": pd.Categorical(["a", None])})
    with pytest.raises(ValueError, match=r"^X row 1, column 'color' is (nan|None|<NA>); expected"):
        as_samples(table)
    with pytest.raises(ValueError, match=r"^X row 1, column 'kind' is"):
        as_samples(table[["kind"]])
    assert as_samples(table, allow_nan=True) is table


def test_a_mixed_table_is_taken_by_position_whatever_its_index():
    table = pd.DataFrame({"size": [1.0, 2.0, 3.0], "color": ["red", "green", "blue"]}, index=["b", "b", "a"])
    assert as_samples(table) is table
    assert take(table, np.array([2, 0]))["color"].tolist() == ["blue", "red"]


SAME = {
    "C": X,
    "Fortran": np.asfortranarray(X),
    "strided": np.repeat(X, 2, axis=0)[::2],
    "reversed twice": X[::-1].copy()[::-1],
    "list": X.tolist(),
    "matrix": X.view(np.matrix),
}


@pytest.mark.parametrize("given", SAME.values(), ids=SAME)
def test_the_same_numbers_in_another_layout_are_the_same_samples(given, tmp_path):
    samples = as_samples(given)
    for row in range(12):
        assert sample_id(samples, row) == sample_id(X, row)
    assert pool_of(samples).fingerprint() == pool_of(X).fingerprint() == pool_of(memmap(X, tmp_path)).fingerprint()


def test_sparse_rows_are_the_same_samples_however_they_are_stored():
    plain = sp.csr_matrix(X)
    halves = sp.coo_matrix((np.repeat(plain.data / 2, 2), tuple(np.repeat(plain.nonzero(), 2, axis=1))), X.shape)
    doubled = sp.csr_matrix(
        (np.repeat(plain.data / 2, 2), np.repeat(plain.indices, 2), plain.indptr * 2), shape=X.shape
    )
    zeros = plain.copy()
    zeros.indices, zeros.data, zeros.indptr = np.tile([2, 1, 0], 12), X[:, ::-1].ravel().copy(), np.arange(0, 37, 3)
    before = zeros.data.copy()
    for other in (sp.csc_array(X), sp.csr_array(X), halves, doubled, zeros):
        samples = as_samples(other)
        assert [sample_id(samples, row) for row in range(12)] == [sample_id(plain, row) for row in range(12)]
        assert pool_of(samples).fingerprint() == pool_of(plain).fingerprint()
    np.testing.assert_array_equal(zeros.data, before)


def test_the_index_of_a_table_is_no_part_of_a_sample():
    plain = pd.DataFrame(X, columns=list("abc"))
    other = plain.set_axis([9, 9, *range(10)])
    assert [sample_id(other, row) for row in range(12)] == [sample_id(plain, row) for row in range(12)]
    assert pool_of(other).fingerprint() == pool_of(plain).fingerprint()
    assert pool_of(plain.rename(columns={"a": "z"})).fingerprint() != pool_of(plain).fingerprint()


def test_texts_are_the_same_samples_in_a_list_an_object_array_and_a_str_array():
    texts = ["buy now", "lunch?", "", "über", "a\x1eb"]
    forms = [as_samples(form) for form in (texts, np.array(texts, object), np.array(texts), pd.Series(texts))]
    assert len({tuple(sample_id(form, row) for row in range(5)) for form in forms}) == 1
    assert len({pool_of(form).fingerprint()["content"] for form in forms}) == 1
    assert len({sample_id(forms[0], row) for row in range(5)}) == 5


def test_ids_and_fingerprints_stay_the_same_from_release_to_release():
    numbers = np.arange(6.0).reshape(3, 2)
    pools = {
        "array": numbers,
        "sparse": sp.csr_matrix(numbers),
        "DataFrame": pd.DataFrame(numbers, columns=["a", "b"]),
        "texts": as_samples(["a", "b", "c"]),
    }
    found = {kind: (sample_id(X, 1), pool_of(X).fingerprint()["content"][:8]) for kind, X in pools.items()}
    assert found == {
        "array": ("cdf3a570f8111852", "84a6e8b7"),
        "sparse": ("41f4311019e5dff9", "a17b8308"),
        "DataFrame": ("9530949668901755", "2854834a"),
        "texts": ("6f05a38663673dd0", "321cf312"),
    }
    assert [pool_of(X).fingerprint()["kind"] for X in pools.values()] == list(pools)


def test_the_same_row_twice_has_one_id():
    samples = as_samples(TEXTS)
    assert sample_id(samples, 0) == sample_id(samples, 3)
    assert len({sample_id(samples, row) for row in range(8)}) == 7


SMALL = hnp.arrays(np.float64, (4, 3), elements=st.sampled_from([0.0, 1.0, -2.5, 1e300]))


@pytest.mark.parametrize("kind", ["array", "csr", "DataFrame", "same names"])
@given(values=SMALL, row=st.integers(0, 3), column=st.integers(0, 2))
def test_one_changed_number_changes_the_pool_and_that_row_only(kind, values, row, column):
    make = {**KINDS, "DataFrame": lambda X, folder: pd.DataFrame(X)}[kind]
    changed = values.copy()
    changed[row, column] += 1 if abs(values[row, column]) < 1e10 else -1e300
    before, after = make(values, None), make(changed, None)
    assert pool_of(before).fingerprint()["content"] != pool_of(after).fingerprint()["content"]
    differs = [sample_id(before, i) != sample_id(after, i) for i in range(4)]
    assert differs == [i == row for i in range(4)]


@given(st.lists(st.text(alphabet="a\x1e1:", max_size=3), min_size=1, max_size=4), st.data())
def test_other_texts_are_another_pool(texts, data):
    others = data.draw(st.lists(st.text(alphabet="a\x1e1:", max_size=3), min_size=len(texts), max_size=len(texts)))
    same = pool_of(as_samples(texts)).fingerprint() == pool_of(as_samples(others)).fingerprint()
    assert same == (texts == others)


def test_a_large_pool_is_recognized_by_some_of_its_rows(monkeypatch):
    monkeypatch.setattr(kinds, "_FINGERPRINT_BYTES", 1000)
    monkeypatch.setattr(kinds, "_FINGERPRINT_ROWS", 16)
    large = np.arange(4000.0).reshape(-1, 2)
    first_changed, last_changed, between = large.copy(), large.copy(), large.copy()
    first_changed[0], last_changed[-1], between[1] = -1, -1, -1
    assert pool_of(large).fingerprint() == pool_of(between).fingerprint()
    assert (
        len({pool_of(values).fingerprint()["content"] for values in (large, first_changed, last_changed, large[:-1])})
        == 4
    )


@pytest.mark.parametrize("chunk_bytes", [1, 100, 10**6])
@pytest.mark.parametrize(
    "given", [X, sp.csr_matrix(X), pd.DataFrame(X), np.array(TEXTS, object)], ids=lambda X: type(X).__name__
)
def test_chunks_cover_the_rows_once(given, chunk_bytes, monkeypatch):
    monkeypatch.setattr(kinds, "_BLOCK_BYTES", chunk_bytes)
    rows = [row for part in pool_of(given).blocks() for row in range(part.start, part.stop)]
    assert rows == list(range(n_rows(given)))
