"""One label of several answers: majority, weights, Dawid and Skene, a function; and how good annotators are."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import alwidgets as alw
from alwidgets.annotation.dawid_skene import fit_dawid_skene
from alwidgets.data.votes import Verdict, vote
from alwidgets.scoring.intervals import wilson_interval
from tests.annotation.tables import drawn, table_of


def accuracy(labels, truth):
    return np.mean([label == truth[item] for item, label in labels.items()])


def test_the_majority_labels_ties_do_not_and_each_label_says_how_it_came():
    found = alw.consensus(table_of({"x": "a a a .", "y": "a b . b", "z": "b . . b"}))
    assert found.labels["label"].tolist() == ["a", None, "a", "b"]
    assert found.labels["how"].tolist() == ["consensus", "tie", "single", "consensus"]
    assert found.labels["n_answers"].tolist() == [3, 2, 1, 2]
    assert found.labels["share"].tolist() == [2 / 3, 1 / 2, 1, 1]


def test_an_item_that_was_only_skipped_is_unanswered_and_has_no_share():
    found = alw.consensus(pd.DataFrame({"item": [1, 2], "annotator": ["x", "x"], "label": ["a", None]}))
    assert found.labels.loc[2, "how"] == "unanswered"
    assert found.labels.loc[2, "label"] is None
    assert math.isnan(found.labels.loc[2, "share"])


@settings(max_examples=100)
@given(st.dictionaries(st.integers(0, 6), st.sampled_from(["a", "b", "c"])))
def test_a_vote_is_that_of_counting_and_no_order_of_answers_changes_it(answers):
    verdict = vote(answers)
    counts = {label: list(answers.values()).count(label) for label in set(answers.values())}
    best = [label for label, n in counts.items() if n == max(counts.values())]
    assert verdict.label == (best[0] if len(best) == 1 else None)
    assert verdict.n_answers == len(answers)
    if answers:
        assert verdict.share == pytest.approx(max(counts.values()) / len(answers))
    for order in itertools.islice(itertools.permutations(answers.items()), 24):
        again = vote(dict(order))
        assert (again.label, again.how) == (verdict.label, verdict.how)


def test_weights_decide_and_equal_sums_tie_whatever_the_roundings():
    assert vote({"x": "a", "y": "b"}, {"x": 2}) == Verdict("a", 2 / 3, 2, "consensus")
    assert vote({"x": "a", "y": "a", "z": "b"}, {"x": 0.1, "y": 0.2, "z": 0.3}).how == "tie"
    table = table_of({"x": "a b", "y": "b a", "z": "b a"})
    found = alw.consensus(table, weights={"x": 3})
    assert (found.method, found.labels["label"].tolist()) == ("weights", ["a", "b"])
    assert found.differing.index.tolist() == [0, 1]
    assert "other than the majority: 2" in repr(found)


def test_labels_that_are_equal_but_of_different_types_do_not_add_up():
    assert vote({"x": 1, "y": True, "z": 1}).label == 1
    assert vote({"x": 1, "y": True}).how == "tie"


def test_labels_of_several_classes_are_voted_on_as_a_whole():
    table = pd.DataFrame({"item": [0] * 3, "annotator": list("xyz"), "label": [("a", "b"), ["a", "b"], ("a",)]})
    assert alw.consensus(table).labels["label"].tolist() == [("a", "b")]
    assert alw.consensus(table, lambda given: ["a"]).labels["label"].tolist() == [("a",)]


def test_a_function_of_ones_own_decides():
    def unanimous(answers):
        return next(iter(answers.values())) if len(set(answers.values())) == 1 else None

    found = alw.consensus(table_of({"x": "a a .", "y": "a b b", "z": "a a ."}), unanimous)
    assert found.method == "unanimous"
    assert found.labels["label"].tolist() == ["a", None, "b"]
    assert found.labels["how"].tolist() == ["consensus", "tie", "single"]
    assert found.differing.index.tolist() == [1]


def test_what_a_function_returns_must_be_a_label():
    with pytest.raises(ValueError, match=r"method returns 'q' for the answers \{'x': 'a'\}; expected one of \['a'\]"):
        alw.consensus(table_of({"x": "a"}), lambda answers: "q")


def test_nobody_is_judged_by_their_own_answer():
    found = alw.consensus(table_of({"x": "a a b", "y": "a b .", "z": "a b ."})).annotators
    # x is judged on two items, where y and z agree; the third nobody else answered.
    assert found.loc["x", ["n_answers", "n_judged", "quality"]].tolist() == [3, 2, 0.5]
    # On the second item x and z differ without y, so that y is judged on the first alone.
    assert found.loc["y", ["n_judged", "quality"]].tolist() == [1, 1.0]
    low, high = wilson_interval(1, 2)
    assert found.loc["x", ["low", "high"]].tolist() == [low, high]


def test_who_shares_no_item_has_no_quality():
    found = alw.consensus(table_of({"x": "a a .", "y": "a b .", "z": ". . a"}))
    assert found.annotators.loc["z", ["quality", "low", "high"]].isna().all()
    assert "z: not measured (no answer to an item on which others have a label)" in repr(found)


def test_the_labels_go_into_a_session(make_session):
    rows = [(item, who, "left" if item < 3 else "right") for item in range(6) for who in ("x", "y")]
    rows.append((6, "x", "left"))
    rows += [(7, "x", "left"), (7, "y", "right")]
    found = alw.consensus(pd.DataFrame(rows, columns=["item", "annotator", "label"]))
    session = make_session(labels=found.labels["label"].to_dict())
    labels = session.labels.set_index("item")["label"]
    assert labels.to_dict() == {0: "left", 1: "left", 2: "left", 3: "right", 4: "right", 5: "right", 6: "left"}


def slow_dawid_skene(codes, n_classes, n_iter):
    """The formulas with loops and probabilities as they are, no logarithms."""
    n_items, n_annotators = codes.shape
    p = np.array([[np.sum(row == k) / np.sum(row >= 0) for k in range(n_classes)] for row in codes])
    for _ in range(n_iter):
        balance = p.mean(axis=0)
        theta = np.zeros((n_annotators, n_classes, n_classes))
        for i, a in zip(*np.nonzero(codes >= 0), strict=True):
            theta[a, :, codes[i, a]] += p[i]
        theta = np.maximum(theta, 1e-10)
        theta /= theta.sum(axis=2, keepdims=True)
        for i in range(n_items):
            p[i] = balance
            for a in range(n_annotators):
                if codes[i, a] >= 0:
                    p[i] *= theta[a, :, codes[i, a]]
            p[i] /= p[i].sum()
    return p


@pytest.mark.parametrize("seed", range(3))
def test_dawid_and_skene_is_that_of_the_formulas(seed):
    table, _ = drawn(80, [0.9, 0.7, 0.6, 0.8], seed=seed)
    codes = table.pivot_table(index="item", columns="annotator", values="label").fillna(-1).to_numpy(int)
    for n_iter in (1, 7):
        model = fit_dawid_skene(codes, 3, max_iter=n_iter, tol=0.0)
        assert model.n_iter == n_iter
        np.testing.assert_allclose(model.proba, slow_dawid_skene(codes, 3, n_iter), atol=1e-9)


def test_the_likelihood_never_falls():
    table, _ = drawn(100, [0.9, 0.7, 0.6], seed=4)
    codes = table.pivot_table(index="item", columns="annotator", values="label").fillna(-1).to_numpy(int)

    def log_likelihood(model):
        rows, columns = np.nonzero(codes >= 0)
        log_p = np.tile(np.log(model.balance), (len(codes), 1))
        np.add.at(log_p, rows, np.log(model.confusion[columns, :, codes[rows, columns]]))
        return np.log(np.exp(log_p).sum(axis=1)).sum()

    reached = [log_likelihood(fit_dawid_skene(codes, 3, max_iter=n, tol=0.0)) for n in range(1, 30)]
    assert (np.diff(reached) > -1e-9).all()


def test_dawid_and_skene_beats_the_majority_where_annotators_differ_much():
    table, truth = drawn(400, [0.95, 0.95, 0.4, 0.4, 0.4], coverage=1.0, seed=2)
    by_model, by_majority = (alw.consensus(table, method) for method in ("dawid_skene", "majority"))
    assert by_model.method == "dawid_skene"
    assert accuracy(by_model.labels["label"], truth) > accuracy(by_majority.labels["label"], truth) + 0.05
    assert len(by_model.differing) > 0


def test_the_qualities_are_near_the_true_ones_and_their_intervals_mostly_hold_them():
    right, held = [0.9, 0.75, 0.6, 0.85], []
    for seed in range(15):
        table, _ = drawn(400, right, coverage=0.9, seed=seed)
        found = alw.consensus(table, "dawid_skene").annotators
        assert np.abs(found["quality"].to_numpy()[np.argsort(found.index)] - right).max() < 0.12
        held += [found.loc[f"a{a}", "low"] <= share <= found.loc[f"a{a}", "high"] for a, share in enumerate(right)]
    assert np.mean(held) > 0.75


def test_the_same_answers_give_the_same_bits():
    table, _ = drawn(300, [0.9, 0.7, 0.6], seed=8)
    first, second = (alw.consensus(table, "dawid_skene") for _ in range(2))
    pd.testing.assert_frame_equal(first.labels, second.labels, check_exact=True)
    pd.testing.assert_frame_equal(first.annotators, second.annotators, check_exact=True)


def test_a_class_that_nobody_said_is_no_label():
    table, _ = drawn(300, [0.9, 0.7, 0.6], coverage=1.0, seed=8)
    found = alw.consensus(table, "dawid_skene", classes=[0, 1, 2, 3])
    assert found.method == "dawid_skene"
    assert 3 not in found.labels["label"].tolist()


@pytest.mark.parametrize(
    ("n_items", "right", "why"),
    [
        (100, [0.9, 0.9], "2 annotators share items; dawid_skene needs 3"),
        (20, [0.9, 0.9, 0.9], "60 answers are to shared items; dawid_skene needs 90, 10 for each of 3 annotators"),
    ],
)
def test_too_few_doubled_answers_give_the_majority_and_say_so(n_items, right, why):
    table, _ = drawn(n_items, right, coverage=1.0)
    found = alw.consensus(table, "dawid_skene")
    assert found.method == "majority"
    assert found.reason.startswith(f"majority, since {why}")
    assert found.reason in repr(found)
    assert not len(found.differing)


def test_an_item_that_nobody_answered_has_no_label_of_the_model_either():
    table, _ = drawn(200, [0.9, 0.7, 0.6], coverage=1.0, seed=8)
    skipped = pd.DataFrame({"item": [999], "annotator": ["a0"], "label": [None]})
    found = alw.consensus(pd.concat([table.astype(object), skipped]), "dawid_skene").labels
    assert found.loc[999, "how"] == "unanswered"
    assert found.loc[999, "label"] is None


def test_an_empty_table_has_no_labels():
    empty = pd.DataFrame(columns=["item", "annotator", "label"])
    for method in ("majority", "dawid_skene"):
        assert repr(alw.consensus(empty, method)).startswith("labels of 0 items by majority: none")


@pytest.mark.parametrize(
    ("method", "options", "error", "message"),
    [
        ("most", {}, ValueError, r"method is 'most'; expected one of \['majority', 'dawid_skene'\], or a function"),
        ("majority", {"weights": {"q": 1}}, ValueError, r"weights has 'q'; expected annotators: \['x'\]"),
        ("majority", {"weights": {"x": 0}}, ValueError, "weights of 'x' is 0; expected a number above 0. To leave"),
        ("majority", {"weights": {"x": "1"}}, TypeError, "weights of 'x' is '1'; expected a number above 0"),
        ("dawid_skene", {"weights": {"x": 1}}, ValueError, "weights are given for method 'dawid_skene'; they are for"),
        ("majority", {"classes": ["b"]}, ValueError, r"row 0 of answers has the label 'a'; expected one of \['b'\]"),
    ],
)
def test_bad_input_is_refused_in_words(method, options, error, message):
    with pytest.raises(error, match=message):
        alw.consensus(table_of({"x": "a"}), method, **options)


@pytest.mark.parametrize(("n_right", "n"), [(0, 5), (9, 10), (50, 100), (10, 10)])
def test_the_interval_of_wilson_ends_where_the_test_of_a_share_does(n_right, n):
    for limit in wilson_interval(n_right, n):
        assert 0 <= limit <= 1
        # The score test of the limit has the critical value 1.96, unless nothing lies beyond.
        if 0 < limit < 1:
            assert abs(n_right / n - limit) / math.sqrt(limit * (1 - limit) / n) == pytest.approx(1.959964, abs=1e-5)
