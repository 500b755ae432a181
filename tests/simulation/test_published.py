"""Numbers of Lu, Li & Lin (2023), arXiv:2306.08954, and the protocol behind them."""

import re
from typing import get_args

import numpy as np
import pytest
from sklearn.datasets import dump_svmlight_file, load_breast_cancer
from sklearn.preprocessing import StandardScaler

import alwidgets as alw
from alwidgets.simulation.protocols import PROTOCOLS, ProtocolName, PublishedName
from tests.benchmarks.published import TOLERANCE, Line, main, table

#: Area under the curve of US-C on wdbc, seeds 0 to 5, as published.
US_C = [0.97213, 0.97495, 0.97090, 0.94278, 0.97169, 0.95274]


def test_margin_sampling_meets_the_published_area_of_every_seed():
    X, y = load_breast_cancer(return_X_y=True)
    result = alw.simulate(X, y, protocol="lu2023", strategies=["US-C"], n_runs=6)
    areas = [PROTOCOLS["lu2023"].area(run["n_labeled"], run["score"]) for _, run in result.curves.groupby("run")]
    assert areas == pytest.approx(US_C, abs=1e-4)
    summary = result.summary()
    assert summary["area_under_curve"][0] == pytest.approx(np.mean(US_C), abs=1e-4)
    assert summary["learner"][0] == "SVC"
    assert result.curves.groupby("run")["n_labeled"].agg(["min", "max"]).to_numpy().tolist() == [[20, 341]] * 6


def test_type_checkers_know_the_protocols_and_the_strategies_of_each():
    assert get_args(ProtocolName) == tuple(PROTOCOLS)
    assert get_args(PublishedName) == tuple(PROTOCOLS["lu2023"].strategies)


def test_every_strategy_of_the_paper_starts_with_the_same_labels():
    X, y = load_breast_cancer(return_X_y=True)
    small = StandardScaler().fit_transform(X)[:100, :5], y[:100]
    result = alw.simulate(*small, protocol="lu2023", n_runs=1)
    assert list(result.curves["strategy"].unique()) == ["Uniform", "US-C", "US-NC", "QBC", "Core-Set"]
    ends = result.curves.groupby("strategy")["score"].agg(["first", "last"])
    assert ends["first"].nunique() == ends["last"].nunique() == 1
    assert result.curves["n_labeled"].tolist() == list(range(20, 61)) * 5
    held_against = result.summary().set_index("strategy")["target"]
    assert held_against.isna().to_dict() == {name: name == "Uniform" for name in held_against.index}
    own = alw.simulate(*small, protocol="lu2023", strategies=["margin"], n_runs=1)
    assert own.curves["score"].tolist() == result.curves[result.curves["strategy"] == "US-C"]["score"].tolist()


def test_seeds_whose_first_labels_are_of_one_class_are_left_out():
    X, y = np.random.default_rng(0).normal(size=(200, 3)), np.arange(200) % 12 == 0
    result = alw.simulate(X, y, protocol="lu2023", strategies=["Uniform"], n_runs=3)
    split = PROTOCOLS["lu2023"].split
    assert result.curves["run"].unique().tolist() == [run for run in range(50) if split(y, 0, run) is not None][:3]
    rare = np.zeros((2000, 1)), np.arange(2000) == 0
    with pytest.raises(ValueError, match=r"only [012] of 30 splits start with labels of two classes; expected 3"):
        alw.simulate(*rare, protocol="lu2023", strategies=["Uniform"], n_runs=3)


def test_texts_are_not_scaled():
    with pytest.raises(ValueError, match="expected an array of numbers, which 'lu2023' scales"):
        alw.simulate(["ham"] * 50 + ["spam"] * 50, [0, 1] * 50, protocol="lu2023", strategies=["Uniform"], n_runs=1)


def test_a_line_of_the_table_says_whether_the_number_is_met():
    drawn = Line("wdbc", "Uniform", 100, 100, 0.9539, 0.013, (0.9519, 0.0130))
    assert drawn.limit == pytest.approx(2 * 0.013 * np.sqrt(2 / 100))
    assert drawn.met == "yes"
    fixed = Line("wdbc", "US-C", 100, 100, 0.9539, 0.013, (0.9519, 0.0130))
    assert (fixed.limit, fixed.met) == (TOLERANCE, "no")
    assert Line("wdbc", "US-C", 10, 100, 0.9539, 0.013, (0.9519, 0.0130)).met == "needs 100 seeds"
    assert Line("mine", "US-C", 10, 100, 0.9, 0.01, None).met == "not known"
    assert (
        table([fixed]).splitlines()[2].startswith("| wdbc | US-C | 100 | 0.9539 ± 0.0130 | 0.9519 ± 0.0130 | +0.0020")
    )


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (["--data", "no such file.svm"], "--data cannot be read: .*no such file.svm"),
        (["--seeds", "0"], "--seeds is 0; expected at least 1"),
        (["--no-wdbc"], "--no-wdbc leaves nothing to run"),
    ],
)
def test_what_cannot_be_run_is_told_before_anything_is(given, why, capsys):
    with pytest.raises(SystemExit):
        main(given)
    said = capsys.readouterr()
    assert not said.out
    assert re.search(why, said.err)


def test_files_can_be_run_without_wdbc(tmp_path, rng, capsys):
    X = rng.normal(size=(60, 3))
    dump_svmlight_file(X, X[:, 0] > 0, str(tmp_path / "mine-scaled.svm"))
    assert main(["--no-wdbc", "--seeds", "1", "--data", str(tmp_path / "mine-scaled.svm")]) == 0
    rows = [line.split(" | ")[0] for line in capsys.readouterr().out.splitlines()[2:]]
    assert rows == ["| mine"] * 5


@pytest.mark.parametrize(
    ("y", "why"),
    [
        (
            np.arange(60) % 3,
            "y has 3 classes, one class a sample; expected two, one a sample, which protocol 'lu2023' is for",
        ),
        (np.eye(2, dtype=int)[np.arange(60) % 2], "y has 2 classes, any number of classes a sample; expected two"),
    ],
)
def test_other_labels_than_of_two_classes_are_not_those_of_the_paper(y, why, rng):
    with pytest.raises(ValueError, match=why):
        alw.simulate(rng.normal(size=(60, 3)), y, protocol="lu2023", strategies=["Uniform"], n_runs=1)
