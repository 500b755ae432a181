import numpy as np
import plotly.graph_objects as go
import pytest
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.metrics import auc
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import LinearSVC

import alwidgets as alw


def near(view):
    return -abs(view.proba[:, 0] - 0.5)


class First:
    def select(self, view, n):
        return np.arange(n)


def run(blobs, **changes):
    return alw.simulate(*blobs, **({"learner": GaussianNB(), "n_runs": 2, "n_labels": 24} | changes))


def test_the_same_seed_gives_the_same_curves_and_another_one_others(blobs):
    first = run(blobs)
    assert first.curves.equals(run(blobs).curves)
    assert not first.curves.equals(run(blobs, random_state=1).curves)
    assert list(first.curves.columns) == [
        "strategy", "learner", "batch_size", "run", "n_labeled", "score", "seconds", "cost",
    ]  # fmt: skip


def test_strategies_meet_the_same_splits(blobs):
    curves = run(blobs, strategies=["margin", "random"], learner=LogisticRegression()).curves
    # Until a model has chosen, both have asked the same of the same pool.
    first = curves.groupby(["strategy", "run"], sort=False).first().reset_index()
    margin, random = (first[first["strategy"] == name].reset_index(drop=True) for name in ("margin", "random"))
    assert margin["score"].equals(random["score"])
    assert not curves[curves["run"] == 0].equals(curves[curves["run"] == 1].assign(run=0))


def test_the_summary_is_the_area_under_the_curve_best_first(blobs):
    result = run(blobs, strategies=["margin", near, First()])
    summary = result.summary()
    assert set(summary["strategy"]) == {"margin", "near", "First"}
    assert summary["area_under_curve"].is_monotonic_decreasing
    for row in summary.itertuples():
        part = result.curves[result.curves["strategy"] == row.strategy]
        areas = [auc(one["n_labeled"], one["score"]) / np.ptp(one["n_labeled"]) for _, one in part.groupby("run")]
        assert row.area_under_curve == pytest.approx(np.mean(areas))
        assert row.area_sd == pytest.approx(np.std(areas))
        assert row.last_score == pytest.approx(part.groupby("run")["score"].last().mean())
        assert row.n_runs == 2


def test_the_plot_has_a_line_a_strategy(blobs):
    figure = run(blobs, strategies=["margin", "random"]).plot()
    assert isinstance(figure, go.Figure)
    lines = [line for line in figure.data if line.showlegend]
    assert [line.name for line in lines] == ["margin", "random"]
    assert list(lines[0].x) == [8, 16, 24]


def test_more_labels_than_the_pool_has_label_all_of_it(blobs):
    assert run(blobs, n_labels=1000, n_runs=1).curves["n_labeled"].max() == 72


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"strategies": "margin"}, TypeError, "strategies is 'margin'; expected a list"),
        ({"strategies": []}, TypeError, r"strategies is \[\]; expected a list"),
        ({"strategies": [near, near]}, ValueError, "strategies has 'near' more than once"),
        ({"strategies": ["margni"]}, ValueError, r"Unknown strategy 'margni'; expected one of .*'margin'"),
        (
            {"strategies": ["vote_entropy"]},
            ValueError,
            "GaussianNB is a single model, and 'vote_entropy' needs several",
        ),
        ({"n_runs": 0}, ValueError, "n_runs is 0; expected a whole number of at least 1"),
        ({"n_labels": 4}, ValueError, "n_labels is 4 but batch_size is 8"),
        ({"random_state": None}, ValueError, "random_state is None; expected an integer"),
        ({"random_state": -1}, ValueError, "random_state is -1; expected an integer"),
        ({"y": [0, 1]}, ValueError, r"X has 120 rows but y has shape \(2,\)"),
        ({"y": ["left"] * 120}, ValueError, "expected at least two classes"),
        ({"y": [None, *["left", "right"] * 59, "left"]}, TypeError, r"labels of the types \['NoneType', 'str'\]"),
        ({"learner": None}, TypeError, "learner is missing; expected a classifier"),
        ({"learner": LogisticRegression}, TypeError, r"is the class LogisticRegression; expected an object"),
        (
            {"learner": [GaussianNB(), "SVC"]},
            ValueError,
            r"learner is 'SVC'; expected one of \['logistic",
        ),
        ({"learner": {"a": "SVC"}}, ValueError, r"learner is 'SVC'; expected one of \['logistic"),
        ({"learner": {"a": 3}}, TypeError, "learner is 3; expected a scikit-learn classifier"),
        ({"learner": ["forest", "forest"]}, ValueError, "'forest' more than once"),
        (
            {"learner": [LinearSVC(), Perceptron()], "strategies": ["entropy", "badge"]},
            ValueError,
            "LinearSVC has no predict_proba, which 'entropy' needs",
        ),
        ({"learner": [LinearSVC(), GaussianNB()], "strategies": ["entrpy"]}, ValueError, "Unknown strategy 'entrpy'"),
        ({"learner": []}, ValueError, r"learner is \[\]; expected at least one classifier"),
        ({"learner": [GaussianNB(), GaussianNB()]}, ValueError, "'GaussianNB' more than once; give a dict of name"),
        ({"batch_size": [4, 4]}, ValueError, r"batch_size is \[4, 4\]; expected different sizes"),
        ({"scoring": "accurracy"}, ValueError, "Unknown metric 'accurracy'"),
        ({"annotator": 0.1}, TypeError, "annotator is a float; expected one such as alw.SimulatedAnnotator"),
        (
            {"annotator": alw.SimulatedAnnotator(noise={"up": 0.1})},
            ValueError,
            r"^noise has the class 'up'; expected only",
        ),
        (
            {"y": [["left"], ["left", "right"]] * 60},
            ValueError,
            "list of rows that differ in length; expected a label a",
        ),
        ({"y": csr_matrix(np.eye(120, 2))}, TypeError, r"y is a csr_matrix; expected .*, such as y.toarray\(\)"),
        ({"y": 2 * np.eye(120, 2) - 1}, ValueError, r"y has shape \(120, 2\) and other values than 0 and 1; expected"),
        (
            {"annotator": alw.SimulatedAnnotator(noise=np.eye(3))},
            ValueError,
            r"^noise has shape \(3, 3\) for 2 classes",
        ),
        ({"n_jobs": 0}, ValueError, "n_jobs is 0; expected a number of processes, -1 for one a core, -2 for"),
        ({"n_jobs": True}, ValueError, "n_jobs is True; expected a number of processes"),
        ({"cache": 3}, TypeError, "cache is 3; expected the name of a folder"),
        ({"protocol": "lu2024"}, ValueError, r"protocol is 'lu2024'; expected one of \['lu2023'\]"),
        ({"protocol": "lu2023"}, ValueError, "fixes learner, n_labels, batch_size; leave out learner and n_labels"),
    ],
)
def test_what_cannot_be_compared_is_refused(blobs, changes, error, message):
    X, y = blobs
    with pytest.raises(error, match=message):
        alw.simulate(**({"X": X, "y": y, "learner": GaussianNB(), "n_runs": 1, "n_labels": 8} | changes))
