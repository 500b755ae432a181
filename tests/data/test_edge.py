"""Data of any library, in every place where a session takes some."""

import io

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

import alwidgets as alw
from alwidgets.data import conversion
from alwidgets.data.pool import as_samples
from alwidgets.renderers import render

X = np.column_stack([np.arange(12.0) * 2 % 7, np.arange(12.0)])
Y = np.array(["no", "yes"])[(X[:, 0] > 3).astype(int)]
TEXTS = [f"text number {row}" for row in range(12)]


def polars_frame(values):
    return pytest.importorskip("polars").DataFrame(values, schema=["a", "b"])


def polars_series(values):
    return pytest.importorskip("polars").Series("a", list(values))


def arrow_table(values):
    return pytest.importorskip("pyarrow").table({"a": values[:, 0], "b": values[:, 1]})


def arrow_column(values):
    return pytest.importorskip("pyarrow").chunked_array([list(values)])


def arrow_array(values):
    return pytest.importorskip("pyarrow").array(list(values))


def tensor(values):
    return pytest.importorskip("torch").tensor(values, requires_grad=True)


def dataset_column(values):
    return pytest.importorskip("datasets").Dataset.from_dict({"a": list(values)})["a"]


def made(X=X, **given):
    return alw.Session(X, **{"classes": ["no", "yes"], "learner": GaussianNB(), "random_state": 0} | given)


@pytest.mark.parametrize("hold", [polars_frame, arrow_table, tensor, dataset_column, pd.DataFrame, sp.csr_matrix])
def test_samples_of_any_library_are_the_same_samples(hold):
    samples = as_samples(hold(X))
    values = samples.to_numpy() if conversion.is_frame(samples) else conversion.dense(samples)
    np.testing.assert_array_equal(values, X)


@pytest.mark.parametrize("hold", [polars_series, arrow_column, arrow_array, dataset_column, pd.Series, pd.Index])
def test_texts_of_any_library_are_texts(hold):
    assert as_samples(hold(TEXTS)).tolist() == TEXTS


def test_a_column_of_texts_is_texts_also_in_an_array_and_for_a_learner_that_reads_texts_in_a_frame():
    assert as_samples(np.array(TEXTS)[:, None]).tolist() == TEXTS
    frame = pd.DataFrame({"text": TEXTS})
    learner = make_pipeline(TfidfVectorizer(), LogisticRegression())
    session = made(frame[["text"]], learner=learner, test=(frame[["text"]], Y), audit=0).run(Y, 8)
    assert session.item(3) == TEXTS[3]
    assert session.rounds[-1].score_n == 12
    assert made(frame[["text"]].assign(text=range(12))).X.shape == (12, 1)


@pytest.mark.parametrize("hold", [polars_frame, arrow_table])
def test_rows_of_a_table_are_shown_as_rows(hold):
    session = made(items=hold(X))
    assert render(session.item(1)) == alw.Row((("a", "2"), ("b", "1")))


@pytest.mark.parametrize(
    "hold",
    [
        list, np.array, pd.Series, pd.Index, pd.Categorical, polars_series, arrow_column, arrow_array, dataset_column,
        lambda y: np.array(y)[:, None], lambda y: pd.DataFrame({"label": y}),
        lambda y: polars_series(y).to_frame("label"),
    ],
)  # fmt: skip
def test_labels_and_ids_of_any_library_are_labels_and_ids(hold):
    session = made(batch_size=4, test=(X, hold(Y)), ids=hold([f"id {row}" for row in range(12)])).run(hold(Y), 6)
    assert [Y[row] for row in session.labels["item"]] == session.labels["label"].tolist()
    assert session.labels["sample"].tolist() == [f"id {row}" for row in session.labels["item"]]
    assert session.rounds[-1].score_n == 12


@pytest.mark.parametrize("hold", [tensor, lambda y: y[:, None], lambda y: sp.csr_matrix(y[:, None]), sp.coo_array])
def test_numbers_of_classes_come_from_tensors_and_from_matrices_of_one_column(hold):
    codes = (Y == "yes").astype(float)
    session = made(classes=[0, 1]).run(hold(codes), 6)
    assert [codes[row] for row in session.labels["item"]] == session.labels["label"].tolist()


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT])
@pytest.mark.parametrize(
    "hold",
    [
        list,
        pd.Series,
        lambda values: np.array(values, object),
        lambda values: dict(enumerate(values)),
        lambda values: {row: label for row, label in enumerate(values) if isinstance(label, str)},
        lambda values: values.__getitem__,
    ],
    ids=["list", "Series", "array", "dict", "dict without them", "function"],
)
def test_a_label_that_is_missing_skips_the_sample(missing, hold):
    values = [missing if row % 3 == 0 else label for row, label in enumerate(Y)]
    session = made(audit=0).run(hold(values), 8)
    assert (session.labels["item"] % 3 > 0).all()
    assert session.progress.n_labeled == 8


def test_whole_numbers_with_gaps_are_the_classes_that_they_were():
    values = np.where(np.arange(12) % 3 == 0, np.nan, (Y == "yes").astype(float))
    session = made(classes=[0, 1], audit=0).run(values, 8)
    assert set(map(type, session.labels["label"].tolist())) == {int}


SETS = np.array([[1, 0, 1], [0, 1, 0], [1, 1, 0], [0, 0, 0]] * 3)


def many(**given):
    return made(classes=["a", "b", "c"], task="multi", learner=OneVsRestClassifier(LogisticRegression()), **given)


@pytest.mark.parametrize(
    "hold",
    [
        sp.csr_matrix, lambda y: pd.DataFrame(y, columns=list("abc")), lambda y: pd.DataFrame(y, columns=list("abc"))[
            ["c", "a", "b"]
        ], lambda y: pytest.importorskip("polars").DataFrame(y, schema=list("abc"))[["b", "c", "a"]],
        lambda y: pd.DataFrame(y, columns=list("abc")).astype("boolean"),
    ],
)  # fmt: skip
def test_the_columns_of_an_indicator_are_matched_to_the_classes_by_name(hold):
    session = many(test=(X, hold(SETS)), audit=0).run(hold(SETS), 12)
    expected = [tuple(np.array(list("abc"))[SETS[row] == 1]) for row in session.labels["item"]]
    assert session.labels["label"].tolist() == expected
    np.testing.assert_array_equal(session._core.setup.test[1], SETS)


@pytest.mark.parametrize("columns", [[0, 1, 2], ["a", "b", "d"], ["a", "b", "b"]])
def test_an_indicator_whose_columns_are_no_classes_is_refused(columns):
    with pytest.raises(ValueError, match=r"oracle has the columns .*expected one for each class, .*Rename them"):
        many().run(pd.DataFrame(SETS, columns=columns), 4)


def test_a_row_of_an_indicator_that_is_missing_skips_the_sample_and_half_a_row_is_refused():
    gaps = SETS.astype(float)
    gaps[::4] = np.nan
    session = many(audit=0).run(pd.DataFrame(gaps, columns=list("abc")), 8)
    assert (session.labels["item"] % 4 > 0).all()
    gaps[1, 0] = np.nan
    with pytest.raises(ValueError, match="expected an indicator matrix of 0 and 1"):
        many().run(gaps, 4)


@pytest.mark.parametrize(
    ("oracle", "error", "message"),
    [
        ({"no": 3}, TypeError, "item is 'no'; expected a row number of X, 0 to 11"),
        ({12: "no"}, ValueError, "item is 12; expected a row number of X, 0 to 11"),
        ({3: "maybe"}, ValueError, "label 'maybe' is unknown; expected one of"),
        (sp.csr_matrix(np.ones(12)), TypeError, r"is sparse, of shape \(1, 12\); pass toarray\(\) of it"),
        (iter(Y), TypeError, "oracle is an? .*iterator; .*Make a list of it first"),
        (pd.DataFrame({"a": Y, "b": Y}), TypeError, "oracle is a DataFrame; expected the labels of all rows"),
        (SETS, ValueError, r"oracle has shape \(12, 3\); expected one label a row.*task='multi'"),
    ],
)
def test_what_holds_no_labels_is_refused_in_few_words(oracle, error, message):
    with pytest.raises(error, match=message) as raised:
        made().run(oracle, 4)
    assert len(str(raised.value)) < 700


def test_a_dict_is_never_to_be_made_a_list_of_its_keys():
    with pytest.raises(TypeError, match=r"items is a dict; .* Make a list of its values first, in the order of the"):
        made(items=dict(enumerate(TEXTS)))


def test_what_holds_no_samples_is_refused_by_name_with_what_to_do():
    datasets = pytest.importorskip("datasets")
    with pytest.raises(TypeError, match=r"X is a Dataset; expected .*data\['text'\], or data.to_pandas"):
        as_samples(datasets.Dataset.from_dict({"a": TEXTS}))
    with pytest.raises(TypeError, match=r"X is a LazyFrame; expected .*Call its collect\(\) first"):
        as_samples(polars_frame(X).lazy())


@pytest.mark.parametrize(
    "take",
    [
        lambda frame, other: made(frame).run(other, 4),
        lambda frame, other: made(frame, items=other),
        lambda frame, other: made(frame, test=(frame, other)),
    ],
    ids=["oracle", "items", "test"],
)
def test_rows_in_another_order_than_those_of_the_pool_are_refused(take):
    frame, other = pd.DataFrame(X, index=range(100, 112)), pd.Series(Y, index=range(111, 99, -1))
    with pytest.raises(ValueError, match=r"has the index of X(_test)? in another order; .*\.loc\["):
        take(frame, other)
    assert made(frame).run(other.sort_index(), 4).progress.n_labeled == 4


TEXT_MODEL = make_pipeline(TfidfVectorizer(), LogisticRegression())


def texts_of(kind):
    texts = pd.Series(TEXTS, index=range(100, 112), name="text")
    return texts if kind == "Series" else texts.to_frame()


ANOTHER_ORDER = {
    "labels": lambda X, y: made(X, learner=TEXT_MODEL, labels=y),
    "oracle": lambda X, y: made(X, learner=TEXT_MODEL).run(y, 4),
    "test": lambda X, y: made(X, learner=TEXT_MODEL, test=(X + " z", y)),
    "items": lambda X, y: made(X, learner=TEXT_MODEL, items=y),
    "ids": lambda X, y: made(X, learner=TEXT_MODEL, ids=pd.Series(TEXTS, index=y.index)),
    "to_frame": lambda X, y: made(X, learner=TEXT_MODEL).to_frame(y.to_frame("answer")),
}


@pytest.mark.parametrize("take", ANOTHER_ORDER.values(), ids=ANOTHER_ORDER)
@pytest.mark.parametrize("kind", ["Series", "frame of one column"])
def test_rows_in_another_order_than_those_of_texts_are_refused(kind, take):
    texts, y = texts_of(kind), pd.Series(Y, index=range(100, 112))
    take(texts, y)
    with pytest.raises(ValueError, match=r"has the index of X(_test)? in another order; .*\.loc\["):
        take(texts, y[::-1])


def test_rows_in_another_order_than_those_of_the_items_are_refused_where_the_samples_have_none():
    items = pd.Series(TEXTS, index=range(100, 112))
    with pytest.raises(ValueError, match=r"labels has the index of items in another order; .*labels\.loc\[items"):
        made(X, items=items, labels=pd.Series(Y, index=items.index)[::-1])


def test_a_simulation_refuses_labels_in_another_order():
    frame, y = pd.DataFrame(X), pd.Series(Y)
    with pytest.raises(ValueError, match=r"y has the index of X in another order"):
        alw.simulate(frame, y[::-1], learner=GaussianNB())


def test_a_frame_of_polars_needs_no_pyarrow():
    frame = polars_frame(X)
    assert conversion.plain(frame).equals(pd.read_csv(io.StringIO(frame.write_csv())))
