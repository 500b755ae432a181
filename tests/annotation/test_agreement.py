"""Agreement between annotators: published examples, a slow implementation, and what cannot be measured."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.metrics import cohen_kappa_score

import alwidgets as alw
from alwidgets.annotation.agreement import (
    alpha_interval,
    fleiss_kappa,
    krippendorff_alpha,
    label_counts,
    percent_agreement,
)
from tests.annotation.tables import drawn, table_of

# Krippendorff (2011), example C: four observers, twelve units, five values.
KRIPPENDORFF = {
    "A": "1 2 3 3 2 1 4 1 2 . . .",
    "B": "1 2 3 3 2 2 4 1 2 5 . 3",
    "C": ". 3 3 3 2 3 4 2 2 5 1 .",
    "D": "1 2 3 3 2 4 4 1 2 5 1 .",
}
# Fleiss (1971) as it is mostly quoted: ten items, fourteen raters, five classes.
FLEISS = np.array(
    [
        [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ]
)  # fmt: skip
# How often each of the 117 texts of example-datasets/pydata-ams-2023.jsonl (explosion/prodigy-recipes, MIT) was
# accepted and rejected, going by the last answer of each annotator.
PYDATA = """
33:6 25:13 6:33 37:2 35:4 4:35 32:5 39:2 40:1 17:18 4:34 4:30 33:3 15:20 22:11 29:8 29:7 3:35 33:5 29:7 32:4 26:7 23:8
1:36 7:28 3:34 34:3 4:32 19:12 35:2 28:5 3:30 30:3 7:24 3:28 28:3 32:1 28:5 5:27 23:7 25:5 32:1 3:27 28:3 4:26 27:3
3:26 17:10 3:26 27:4 29:0 23:4 3:26 2:27 5:23 3:22 29:1 4:23 4:22 26:2 3:23 27:2 21:5 24:4 25:2 5:23 0:25 21:5 7:16
4:17 2:23 23:3 13:8 1:22 3:19 2:19 9:12 3:18 11:10 21:1 19:2 3:17 1:20 15:6 3:17 0:17 0:17 14:2 2:15 14:2 3:12 1:15
15:2 6:10 12:4 14:3 15:1 1:16 16:1 15:2 13:1 0:13 9:3 11:2 11:2 12:1 12:1 0:13 5:7 11:1 5:7 10:2 11:2 11:2 3:9 9:3 4:6
"""


def alpha_by_pairs(codes, n_classes, level="nominal"):
    """Alpha as disagreement observed within items over that of any two answers, pair by pair."""
    units = [[code for code in row if code >= 0] for row in codes.tolist()]
    units = [unit for unit in units if len(unit) > 1]
    everything = [code for unit in units for code in unit]

    def delta(c, k):
        if level == "nominal":
            return float(c != k)
        low, high = min(c, k), max(c, k)
        between = [everything.count(g) for g in range(low, high + 1)]
        return (sum(between) - (between[0] + between[-1]) / 2) ** 2

    observed = sum(delta(c, k) / (len(unit) - 1) for unit in units for c, k in permutations(unit, 2))
    by_chance = sum(delta(c, k) for c, k in permutations(everything, 2)) / max(1, len(everything) - 1)
    return 1 - observed / by_chance if by_chance else None


def fleiss_by_pairs(codes, n_classes):
    units = [[code for code in row if code >= 0] for row in codes.tolist()]
    units = [unit for unit in units if len(unit) > 1]
    if not units or len({len(unit) for unit in units}) > 1:
        return None
    everything = [code for unit in units for code in unit]
    by_chance = sum((everything.count(c) / len(everything)) ** 2 for c in range(n_classes))
    equal = np.mean([np.mean([c == k for c, k in permutations(unit, 2)]) for unit in units])
    return (equal - by_chance) / (1 - by_chance) if len(set(everything)) > 1 else None


matrices = st.integers(2, 5).flatmap(
    lambda n_classes: st.tuples(
        st.just(n_classes),
        arrays.arrays(
            np.intp, st.tuples(st.integers(1, 7), st.integers(1, 5)), elements=st.integers(-1, n_classes - 1)
        ),
    )
)


def test_the_example_of_krippendorff_has_his_alphas():
    table = table_of(KRIPPENDORFF)
    assert alw.agreement(table).alpha == pytest.approx(0.743, abs=5e-4)
    assert alw.agreement(table, classes=list("12345"), level="ordinal").alpha == pytest.approx(0.815, abs=5e-4)


def test_the_example_of_fleiss_has_his_kappa():
    assert fleiss_kappa(FLEISS) == pytest.approx(0.210, abs=5e-4)


def test_three_items_by_hand():
    # Alike on two of three: observed 1/3 differ; 3 a and 3 b: two of them differ with chance 3/5.
    found = alw.agreement(table_of({"x": "a b a", "y": "a b b"}))
    assert found.alpha == pytest.approx(1 - (1 / 3) / (3 / 5))
    assert found.fleiss_kappa == pytest.approx((2 / 3 - 1 / 2) / (1 - 1 / 2))
    assert found.percent == pytest.approx(2 / 3)
    # x says a twice of three times and y once: by chance alike with 2/3 1/3 + 1/3 2/3.
    assert found.pairs["kappa"].tolist() == [pytest.approx((2 / 3 - 4 / 9) / (1 - 4 / 9))]


def test_a_real_export_of_42_annotators_has_its_alpha():
    counts = np.array([pair.split(":") for pair in PYDATA.split()], int)
    assert (len(counts), counts.sum()) == (117, 3040)
    assert krippendorff_alpha(counts) == pytest.approx(0.519161, abs=5e-7)


@settings(max_examples=200)
@given(matrices)
def test_alpha_and_kappa_are_those_of_counting_pair_by_pair(drawn_matrix):
    n_classes, codes = drawn_matrix
    counts = label_counts(codes, n_classes)
    for level in ("nominal", "ordinal"):
        assert krippendorff_alpha(counts, level) == pytest.approx(alpha_by_pairs(codes, n_classes, level), abs=1e-12)
    assert fleiss_kappa(counts) == pytest.approx(fleiss_by_pairs(codes, n_classes), abs=1e-12)


def test_cohens_kappa_is_measured_on_the_items_that_both_answered():
    table, _ = drawn(60, [0.9, 0.6, 0.7], seed=3)
    found = alw.agreement(table).pairs
    assert found[["annotator", "other"]].to_numpy().tolist() == [["a0", "a1"], ["a0", "a2"], ["a1", "a2"]]
    for pair in found.itertuples():
        both = table[table["annotator"].isin([pair.annotator, pair.other])].pivot_table(
            index="item", columns="annotator", values="label"
        )
        first, second = both.dropna().astype(int).to_numpy().T
        assert pair.n_shared == len(first)
        assert pair.percent == pytest.approx(np.mean(first == second))
        assert pair.kappa == pytest.approx(cohen_kappa_score(first, second), abs=1e-12)


def test_an_annotator_who_errs_agrees_least_with_the_others():
    table, _ = drawn(300, [0.95, 0.95, 0.5, 0.95], seed=1)
    annotators = alw.agreement(table).annotators
    assert annotators["percent"].idxmin() == "a2"
    assert annotators["n_answers"].to_dict() == table.groupby("annotator").size().to_dict()


def test_the_order_of_the_rows_and_the_names_do_not_matter():
    table, _ = drawn(80, [0.9, 0.6, 0.7], seed=5)
    other = table.sample(frac=1, random_state=0)
    other["annotator"] = other["annotator"].map({"a0": 7, "a1": "x", "a2": ("t",)})
    for name in ("alpha", "percent", "fleiss_kappa"):
        assert getattr(alw.agreement(other), name) == pytest.approx(getattr(alw.agreement(table), name), abs=1e-12)


def test_the_last_answer_of_an_annotator_stands_and_a_skip_is_none():
    rows = [(1, "x", "a"), (1, "x", "b"), (1, "y", "b"), (2, "x", "a"), (2, "x", None), (2, "y", "a")]
    found = alw.agreement(pd.DataFrame(rows, columns=["item", "annotator", "label"]))
    assert (found.n_answers, found.n_doubled, found.percent) == (3, 1, 1.0)


def test_a_label_of_several_classes_is_one_label_as_a_list_too():
    table = pd.DataFrame({"item": [1, 1, 2, 2], "annotator": list("xyxy"), "label": [["a", "b"], ("a", "b"), (), []]})
    assert (alw.agreement(table).percent, alw.agreement(table).alpha) == (1.0, 1.0)


def test_labels_of_different_types_are_different_labels():
    rows = [(1, "x", 1), (1, "y", True), (2, "x", 1), (2, "y", 1)]
    table = pd.DataFrame({"item": [1, 1, 2, 2], "annotator": list("xyxy")})
    table["label"] = pd.Series([row[2] for row in rows], dtype=object)
    assert alw.agreement(table).percent == 0.5


def test_ordinal_agreement_counts_a_near_answer_for_more_than_a_far_one():
    order = ["poor", "fair", "good", "best"]
    near = table_of({"x": "poor fair good best poor", "y": "fair fair good best poor"})
    far = table_of({"x": "poor fair good best poor", "y": "best fair good best poor"})
    of_near, of_far = (alw.agreement(each, classes=order, level="ordinal").alpha for each in (near, far))
    assert of_near > of_far
    assert alw.agreement(near, level="nominal").percent == alw.agreement(far, level="nominal").percent


def test_the_interval_holds_alpha_is_the_same_again_and_narrows_with_more_items():
    widths = []
    for n_items in (40, 400):
        table, _ = drawn(n_items, [0.8, 0.8, 0.8], coverage=1.0)
        found = alw.agreement(table)
        low, high = found.alpha_interval
        assert low < found.alpha < high
        assert alw.agreement(table).alpha_interval == (low, high)
        assert alw.agreement(table, random_state=1).alpha_interval != (low, high)
        widths.append(high - low)
    assert widths[1] < widths[0] / 2


def test_the_interval_covers_the_alpha_of_all_items_about_as_often_as_it_says():
    table, _ = drawn(4000, [0.75, 0.75, 0.75], coverage=1.0)
    counts = pd.crosstab(table["item"], table["label"]).to_numpy()
    of_all, rng = krippendorff_alpha(counts), np.random.default_rng(0)
    intervals = [alpha_interval(counts[rng.choice(4000, 100)], random_state=each) for each in range(60)]
    assert 0.85 <= np.mean([low <= of_all <= high for low, high in intervals]) <= 1


@pytest.mark.parametrize(
    ("letters", "why"),
    [
        ({"x": "a b a"}, "no item was answered by two"),
        ({"x": "a . b", "y": ". a ."}, "no item was answered by two"),
        ({"x": "a a", "y": "a a"}, "all answers to items that two answered are one class"),
        ({"x": "a a b", "y": "a a ."}, "all answers to items that two answered are one class"),
    ],
)
def test_what_cannot_be_measured_is_neither_0_nor_1(letters, why):
    found = alw.agreement(table_of(letters))
    assert found.alpha is found.fleiss_kappa is found.alpha_interval is None
    assert found.not_measured["alpha"] == found.not_measured["fleiss_kappa"] == why
    assert f"Krippendorff's alpha (nominal): not measured ({why})" in repr(found)
    assert found.pairs["kappa"].isna().all()


def test_equal_answers_of_one_class_alone_are_told_as_equal():
    found = alw.agreement(table_of({"x": "a a", "y": "a a"}))
    assert (found.percent, found.alpha) == (1.0, None)
    assert percent_agreement(np.array([[1, 0]])) is None


def test_fleiss_kappa_needs_equally_many_answers_and_says_so():
    found = alw.agreement(table_of({"x": "a b a", "y": "a b b", "z": "a . ."}))
    assert found.fleiss_kappa is None
    assert found.not_measured["fleiss_kappa"] == "items have from 2 to 3 answers, it needs equally many of each"
    assert found.alpha is not None


def test_an_interval_needs_ten_items_and_two_classes_in_the_resamples():
    few = alw.agreement(table_of({"x": "a b a", "y": "a b b"}))
    assert few.not_measured["alpha_interval"] == "3 items were answered by two, it needs 10"
    rare = alw.agreement(table_of({"x": "a " * 30 + "b", "y": "a " * 30 + "b"}))
    assert (rare.alpha, rare.alpha_interval) == (1.0, None)
    assert rare.not_measured["alpha_interval"] == "too many resamples have one class alone"


def test_an_empty_table_has_no_agreement():
    found = alw.agreement(pd.DataFrame(columns=["item", "annotator", "label"]))
    assert (found.n_answers, found.alpha, found.percent) == (0, None, None)
    assert "0 answers of 0 annotators" in repr(found)


def test_the_result_cannot_be_changed():
    with pytest.raises(AttributeError):
        alw.agreement(table_of(KRIPPENDORFF)).alpha = 1.0


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda t: t.to_dict(), TypeError, "answers is a dict; expected a DataFrame with the columns item, annotator"),
        (lambda t: t.rename(columns={"label": "y"}), ValueError, r"no column label, but \['item', 'annotator', 'y'\]"),
        (lambda t: t.assign(annotator=None), ValueError, "row 0 of answers has the annotator None; expected who"),
        (lambda t: t.assign(item=[[1]] * len(t)), ValueError, r"row 0 of answers has the item \[1\]; expected who"),
        (lambda t: t.assign(label=[{1}] * len(t)), ValueError, r"a label is \{1\}; expected a class"),
    ],
)
def test_a_table_that_is_none_is_refused_in_words(change, error, message):
    with pytest.raises(error, match=message):
        alw.agreement(change(table_of(KRIPPENDORFF)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"level": "interval"}, r"level is 'interval'; expected one of \['nominal', 'ordinal'\]"),
        ({"level": "ordinal"}, r"the classes are not numbers; pass classes=\[...\] in their order"),
        ({"classes": ["1", "2"]}, r"row 2 of answers has the label '3'; expected one of \['1', '2'\]"),
        ({"classes": ["1", "1"]}, r"classes is \['1', '1'\]; expected each of them once"),
        ({"random_state": -1}, "random_state is -1; expected an integer of at least 0"),
    ],
)
def test_options_that_are_none_are_refused_in_words(options, message):
    with pytest.raises(ValueError, match=message):
        alw.agreement(table_of(KRIPPENDORFF), **options)
