import json
import os
import subprocess
import sys
import warnings
from collections import Counter
from copy import deepcopy
from functools import partial

import joblib
import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, make_scorer
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import LinearSVC

import alwidgets as alw
from alwidgets.models.presets import LEARNERS
from alwidgets.simulation.recognition import part_hash

#: What strategies below did: questions they were asked, and the question at which they are interrupted.
ASKED = Counter()
INTERRUPTED_AT = []


def counted(view):
    ASKED["counted"] += 1
    if ASKED["counted"] in INTERRUPTED_AT:
        raise KeyboardInterrupt
    return view.proba[:, 0]


@pytest.fixture(autouse=True)
def nobody_asked():
    ASKED.clear()
    INTERRUPTED_AT.clear()


def run(blobs, **changes):
    given = {"learner": GaussianNB(), "strategies": ["margin", "random"], "n_runs": 2, "n_labels": 24}
    if "cache" in changes:
        # For the strategies of this file.
        given["cache_key"] = "1"
    return alw.simulate(*blobs, **given | changes)


class Fails(ClassifierMixin, BaseEstimator):
    """Cannot be fitted on an odd number of samples."""

    def __init__(self, when=None):
        self.when = when

    def fit(self, X, y):
        if self.when is None or len(y) in self.when:
            raise ValueError("no luck")
        self.inner_ = GaussianNB().fit(X, y)
        self.classes_ = self.inner_.classes_
        return self

    def predict(self, X):
        return self.inner_.predict(X)

    def predict_proba(self, X):
        return self.inner_.predict_proba(X)


def test_each_strategy_meets_each_learner_and_batch_size(blobs):
    learners = {"bayes": GaussianNB(), "logistic": LogisticRegression()}
    result = run(blobs, learner=learners, batch_size=[8, 12])
    keys = result.curves.groupby(["strategy", "learner", "batch_size"])["n_labeled"].unique().map(list)
    assert len(keys) == 8
    assert keys["margin", "bayes", 12] == [12, 24]
    assert keys["random", "logistic", 8] == [8, 16, 24]
    alone = run(blobs, learner=LogisticRegression(), batch_size=8).curves
    among = result.curves[(result.curves["learner"] == "logistic") & (result.curves["batch_size"] == 8)]
    assert sorted(among["score"]) == sorted(alone["score"])
    assert len(result.summary()) == 8
    names = {line.name for line in result.plot().data if line.showlegend}
    assert "margin, bayes, batches of 12" in names


def test_the_last_labels_are_learned_when_they_are_no_whole_batch(blobs):
    curves = run(blobs, n_labels=20).curves
    assert curves.groupby(["strategy", "run"])["n_labeled"].apply(list).tolist() == [[8, 16, 20]] * 4


def test_the_result_is_the_same_for_any_number_of_processes(blobs):
    one = run(blobs, strategies=["margin", "random", "badge"])
    two = run(blobs, strategies=["margin", "random", "badge"], n_jobs=2)
    assert one.curves.equals(two.curves)


def test_finished_runs_are_not_run_again(blobs, tmp_path):
    first = run(blobs, strategies=[counted], cache=tmp_path / "runs")
    n_asked = ASKED["counted"]
    second = run(blobs, strategies=[counted], cache=tmp_path / "runs")
    assert ASKED["counted"] == n_asked > 0
    assert first.curves.equals(second.curves)
    run(blobs, strategies=[counted], n_runs=3, cache=tmp_path / "runs")
    assert n_asked < ASKED["counted"] < 2 * n_asked


@pytest.mark.parametrize(
    "change",
    [
        {"learner": GaussianNB(var_smoothing=1e-3)},
        {"n_labels": 16},
        {"batch_size": 4},
        {"random_state": 5},
        {"scoring": "f1_macro"},
        {"annotator": alw.SimulatedAnnotator(noise=0.1)},
    ],
)
def test_a_run_that_differs_in_anything_is_another(blobs, tmp_path, change):
    run(blobs, strategies=[counted], cache=tmp_path)
    n_asked = ASKED["counted"]
    kept = run(blobs, strategies=[counted], cache=tmp_path, **change)
    assert ASKED["counted"] > n_asked
    assert kept.curves.equals(run(blobs, strategies=[counted], **change).curves)


def test_a_run_on_other_samples_or_labels_is_another(blobs, tmp_path):
    X, y = blobs
    run(blobs, strategies=[counted], cache=tmp_path)
    n_asked = ASKED["counted"]
    other = np.where(np.arange(120) == 7, np.where(y == "left", "right", "left"), y)
    run((X, other), strategies=[counted], cache=tmp_path)
    assert ASKED["counted"] == 2 * n_asked
    run((X * 2, y), strategies=[counted], cache=tmp_path)
    assert ASKED["counted"] == 3 * n_asked


def test_a_strategy_that_was_rewritten_needs_another_key(blobs, tmp_path):
    run(blobs, strategies=[counted], cache=tmp_path)
    n_asked = ASKED["counted"]
    run(blobs, strategies=[counted], cache=tmp_path, cache_key="2")
    assert ASKED["counted"] == 2 * n_asked


class Halved(GaussianNB):
    """A learner of one's own."""


def half(X):
    return X / 2


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"strategies": ["margin", counted]}, "counted"),
        ({"learner": Halved()}, "Halved"),
        ({"learner": make_pipeline(FunctionTransformer(half), GaussianNB())}, "half"),
        ({"scoring": make_scorer(counted)}, "counted"),
        ({"strategies": [partial(counted)]}, "counted"),
    ],
)
def test_code_of_ones_own_is_kept_only_under_a_key(blobs, tmp_path, given, name):
    with pytest.raises(ValueError, match=f"cache cannot tell when the code of {name} changes; give cache_key='v1'"):
        run(blobs, cache=tmp_path, cache_key=None, **given)
    assert not list(tmp_path.iterdir())


def test_what_libraries_have_needs_no_key(blobs, tmp_path):
    given = {
        "learner": make_pipeline(StandardScaler(), LogisticRegression()),
        "strategies": ["margin", alw.strategies.power("entropy", 1)],
        "scoring": make_scorer(f1_score, average="macro", pos_label="left"), "cache": tmp_path, "cache_key": None,
    }  # fmt: skip
    first = run(blobs, **given)
    n_kept = len(list(tmp_path.iterdir()))
    assert run(blobs, **given).curves.equals(first.curves)
    assert len(list(tmp_path.iterdir())) == n_kept == 4


def test_a_key_of_the_cache_is_a_text(blobs, tmp_path):
    with pytest.raises(TypeError, match="cache_key is 3; expected a text, such as 'v1', or None"):
        run(blobs, cache=tmp_path, cache_key=3)


def test_a_hash_is_the_same_in_every_process():
    code = (
        "from sklearn.linear_model import LogisticRegression\n"
        "from alwidgets.simulation.recognition import part_hash\n"
        "print(part_hash([LogisticRegression(C=2, class_weight={'b': 1, 'a': 2}), {'u', 'v', 'w', 'x'}], None))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1


class Remembers:
    """Asks the first row, then the next ones, whatever it was asked before."""

    def __init__(self):
        self.n = 0

    def select(self, view, n):
        self.n += 1
        return (np.arange(n) + 3 * self.n) % len(view.candidates)


def test_a_strategy_that_remembers_does_not_remember_other_runs(blobs):
    strategy = Remembers()
    assert run(blobs, strategies=[strategy]).curves.equals(run(blobs, strategies=[strategy]).curves)


class Weighs:
    def __init__(self, weight):
        self.weight = weight

    def __call__(self, view):
        return self.weight * view.proba[:, 0]

    def asked(self, view):
        return self(view)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Weighs(1), Weighs(-1)),
        (Weighs(1).asked, Weighs(-1).asked),
        (partial(Weighs.asked, Weighs(1)), partial(Weighs.asked, Weighs(-1))),
        (alw.strategies.power("entropy", 1), alw.strategies.power("entropy", 2)),
        (np.log1p, np.expm1),
        ({1: np.arange(3)}, {1: np.arange(3.0)}),
        (LogisticRegression(C=1), LogisticRegression(C=2)),
        ({"a", "b"}, {"a", "c"}),
        (1, True),
    ],
)
def test_what_differs_is_told_apart_and_what_does_not_is_the_same(first, second):
    assert part_hash(first, "1") != part_hash(second, "1")
    assert part_hash(first, "1") == part_hash(deepcopy(first), "1")


def test_what_cannot_be_recognized_is_not_kept(blobs, tmp_path):
    with pytest.raises(TypeError, match=r"cache cannot recognize .*Define its functions and classes by name"):
        run(blobs, strategies=[lambda view: view.proba[:, 0]], cache=tmp_path)
    assert not list(tmp_path.iterdir())


def test_after_an_interrupt_the_same_call_goes_on(blobs, tmp_path):
    run(blobs, strategies=["random", counted], n_runs=2)
    n_before = ASKED["counted"]
    ASKED.clear()
    expected = run(blobs, strategies=["random", counted], n_runs=3)
    n_last = ASKED["counted"] - n_before
    ASKED.clear()
    # At the first question of the third run.
    INTERRUPTED_AT.append(n_before + 1)
    with pytest.raises(KeyboardInterrupt) as interrupt:
        run(blobs, strategies=["random", counted], n_runs=3, cache=tmp_path)
    assert "5 of 6 runs are done and kept in" in interrupt.value.__notes__[0]
    INTERRUPTED_AT.clear()
    ASKED.clear()
    result = run(blobs, strategies=["random", counted], n_runs=3, cache=tmp_path)
    assert ASKED["counted"] == n_last
    assert result.curves.equals(expected.curves)


def test_an_interrupt_without_a_cache_says_how_to_keep_runs(blobs):
    INTERRUPTED_AT.append(1)
    with pytest.raises(KeyboardInterrupt) as interrupt:
        run(blobs, strategies=["random", counted])
    assert "1 of 4 runs were done, and no curve is kept; give cache=" in interrupt.value.__notes__[0]


INTERRUPTED = """
import os, signal, sys
from sklearn.datasets import load_iris
import alwidgets as alw

def asked(view):
    open(os.path.join("workers", str(os.getpid())), "w").close()
    if os.path.exists("armed") and len(os.listdir("runs")) > 2:
        os.remove("armed")
        os.killpg(0, signal.SIGINT)
    return view.rng.random(len(view.candidates))

if __name__ == "__main__":
    for folder in ("runs", "workers", "armed"):
        os.mkdir(folder) if folder != "armed" else open(folder, "w").close()
    given = {"learner": "k-NN", "strategies": [asked], "n_labels": 8, "cache": "runs", "cache_key": "1"}
    given |= {"n_jobs": int(sys.argv[1])}
    try:
        alw.simulate(*load_iris(return_X_y=True), n_runs=500, **given)
    except KeyboardInterrupt as interrupt:
        kept = sorted(name for name in os.listdir("runs") if name.endswith(".json"))
        print(interrupt.__notes__[0].split(" runs")[0] == f"{len(kept)} of 500", len(kept) < 100)
        for pid in {int(name) for name in os.listdir("workers")} - {os.getpid()}:
            try:
                os.kill(pid, 0)
                print("a process is left")
            except ProcessLookupError:
                pass
        result = alw.simulate(*load_iris(return_X_y=True), n_runs=5, **given | {"n_jobs": 1})
        print(result.summary()["n_runs"].tolist(), set(kept) <= set(os.listdir("runs")))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no process groups")
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_real_interrupt_ends_all_processes_and_counts_what_is_kept(tmp_path, n_jobs):
    (tmp_path / "script.py").write_text(INTERRUPTED)
    done = subprocess.run(
        [sys.executable, "script.py", str(n_jobs)],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
        capture_output=True, text=True, check=False, start_new_session=True, timeout=120,
    )  # fmt: skip
    assert done.stdout.splitlines() == ["True True", "[5] True"], done.stderr


def test_each_run_keeps_a_journal_that_a_session_opens_and_that_is_replayed(blobs, tmp_path):
    X, y = blobs
    result = run(blobs, strategies=["margin", counted], batch_size=[8, 12], journal=tmp_path / "runs")
    assert result.curves.equals(run(blobs, strategies=["margin", counted], batch_size=[8, 12]).curves)
    names = {f"{name}, GaussianNB, batches of {size}, run {k}.alw" for name in ("margin", "counted") for size in (8, 12)
             for k in (0, 1)}  # fmt: skip
    assert {path.name for path in (tmp_path / "runs").iterdir()} == names | {"run 0.npy", "run 1.npy"}
    rows = np.load(tmp_path / "runs" / "run 1.npy")
    rest = np.setdiff1d(np.arange(len(X)), rows)
    path = tmp_path / "runs" / "margin, GaussianNB, batches of 8, run 1.alw"
    assert alw.verify(path).sound
    again = alw.Session(X[rows], classes=["left", "right"], learner=GaussianNB(), journal=path)
    labels = again.labels
    assert labels["label"].tolist() == y[rows][labels["item"]].tolist()
    assert len(labels) == 24
    again.close()
    given = {"strategy": "random", "learner": GaussianNB(), "test": (X[rest], y[rest])}
    replayed = alw.replay(path, X=X[rows], **given).curves.query("strategy == 'as it was'")
    was = result.curves.query("strategy == 'margin' and batch_size == 8 and run == 1")
    assert replayed["score"].tolist() == was["score"].tolist()


def test_a_strategy_whose_name_is_a_path_keeps_its_journal_in_the_folder(blobs, tmp_path):
    def strategy(view):
        return view.proba[:, 0]

    strategy.__name__ = "../up?"
    run(blobs, strategies=[strategy], n_runs=1, n_labels=8, journal=tmp_path / "runs")
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]
    assert len(list((tmp_path / "runs").glob("*.alw"))) == 1


def test_journals_are_neither_written_over_nor_kept_beside_a_cache(blobs, tmp_path):
    given = {"strategies": ["random"], "n_labels": 8, "n_runs": 1, "journal": tmp_path / "runs"}
    run(blobs, **given)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(ValueError, match="runs', which exists; expected the name of a new folder"):
        run(blobs, **given)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    with pytest.raises(ValueError, match="cache and journal are both given; expected one of them"):
        run(blobs, **given | {"journal": tmp_path / "others"}, cache=tmp_path / "kept")
    with pytest.raises(ValueError, match="n_jobs is 0"):
        run(blobs, **given | {"journal": tmp_path / "others"}, n_jobs=0)
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]


def changed(file, **changes):
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def other_format(file):
    changed(file, format=0)


def other_libraries(file):
    kept = json.loads(file.read_text())
    changed(file, libraries=kept["libraries"] | {"numpy": "1.0"})


def another_score(file):
    kept = json.loads(file.read_text())
    kept["run"]["curve"]["score"][0] = 0.123
    changed(file, run=kept["run"])


def torn(file):
    file.write_text(file.read_text()[:100])


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (other_format, "1 is of another version of alwidgets"),
        (other_libraries, "1 was made with other versions of numpy"),
        (another_score, "1 is damaged"),
        (torn, "1 cannot be read"),
    ],
)
def test_a_kept_run_that_cannot_be_trusted_is_said_and_run_again(blobs, tmp_path, spoil, why):
    expected = run(blobs, strategies=[counted], cache=tmp_path)
    n_asked = ASKED["counted"]
    spoil(next(tmp_path.glob("*.json")))
    ASKED.clear()
    with pytest.warns(RuntimeWarning, match=f"1 of the 2 runs are in .* but cannot be used: {why}. They are run again"):
        result = run(blobs, strategies=[counted], cache=tmp_path)
    assert 0 < ASKED["counted"] < n_asked
    assert result.curves.equals(expected.curves)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(blobs, strategies=[counted], cache=tmp_path)


def test_a_file_is_no_cache(blobs, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="which is a file; expected the name of a folder"):
        run(blobs, cache=tmp_path / "file")


def sometimes(view):
    ASKED["sometimes"] += 1
    if ASKED["sometimes"] == 1:
        raise OSError("the disk was full")
    return view.proba[:, 0]


def test_a_lost_run_is_run_again_where_the_others_are_kept(blobs, tmp_path):
    first = run(blobs, strategies=[sometimes], cache=tmp_path)
    assert first.failures["run"].tolist() == [0]
    n_asked = ASKED["sometimes"]
    second = run(blobs, strategies=[sometimes], cache=tmp_path)
    assert second.failures.empty
    assert second.curves["run"].unique().tolist() == [0, 1]
    assert ASKED["sometimes"] - n_asked == n_asked - 1
    run(blobs, strategies=[sometimes], cache=tmp_path)
    assert ASKED["sometimes"] == 2 * n_asked - 1


def test_what_fails_is_kept_as_failed_and_the_others_go_on(blobs):
    result = run(blobs, learner={"good": GaussianNB(), "bad": Fails()})
    assert set(result.curves["learner"]) == {"good"}
    assert result.failures[["strategy", "learner", "run"]].apply(tuple, axis=1).tolist() == [
        ("margin", "bad", 0), ("random", "bad", 0), ("margin", "bad", 1), ("random", "bad", 1),
    ]  # fmt: skip
    assert result.failures["lost"].all()
    assert result.failures["error"].str.contains("Fitting Fails on .* labels failed: ValueError: no luck").all()
    summary = result.summary().set_index(["strategy", "learner"])
    assert summary["n_failed"].to_dict()["margin", "bad"] == 2
    assert summary["n_runs"].to_dict() == {key: 2 * (key[1] == "good") for key in summary.index}
    assert np.isnan(summary["area_under_curve"]["margin", "bad"])


def test_a_strategy_that_does_not_suit_one_learner_fails_with_it_and_the_others_go_on(blobs):
    result = run(blobs, learner=[LinearSVC(), GaussianNB()], strategies=["entropy", "random"])
    assert set(result.curves.groupby(["strategy", "learner"]).groups) == {
        ("random", "LinearSVC"), ("entropy", "GaussianNB"), ("random", "GaussianNB"),
    }  # fmt: skip
    assert result.failures[["strategy", "learner", "run", "lost"]].to_numpy().tolist() == [
        ["entropy", "LinearSVC", 0, True], ["entropy", "LinearSVC", 1, True],
    ]  # fmt: skip
    assert result.failures["error"].str.contains("LinearSVC has no predict_proba, which 'entropy' needs").all()
    assert result.summary().set_index(["strategy", "learner"])["n_runs"].to_dict()["random", "LinearSVC"] == 2


def test_a_learner_that_only_random_sampling_suits_may_stand_in_a_list(blobs):
    result = run(blobs, learner=[NearestCentroid(), GaussianNB()], strategies=["random"])
    assert set(result.curves["learner"]) == {"NearestCentroid", "GaussianNB"}


def test_learners_go_by_the_names_that_they_have_in_a_race(blobs):
    by_name = run(blobs, learner=["k-NN", "forest"], strategies=["random"])
    given = run(blobs, learner={name: LEARNERS[name] for name in ("k-NN", "forest")}, strategies=["random"])
    assert set(by_name.curves["learner"]) == {"k-NN", "forest"}
    assert by_name.curves.equals(given.curves)


def test_fewer_processes_than_cores_are_as_joblib_counts_them(blobs):
    # However few cores there are, one process is left.
    for n_jobs in (-joblib.cpu_count(), -100):
        assert run(blobs, n_jobs=n_jobs).curves.equals(run(blobs).curves)


def test_a_failure_that_was_overcome_is_told_and_the_curve_stays(blobs):
    result = run(blobs, learner=Fails(when=(16,)), strategies=["random"], n_runs=1)
    assert result.curves["n_labeled"].tolist() == [8, 24]
    assert result.failures[["n_labeled", "lost"]].to_numpy().tolist() == [[16, False]]


def test_a_strategy_that_fails_loses_its_run_only(blobs):
    def broken(view):
        raise ZeroDivisionError("no divisor")

    result = run(blobs, strategies=[broken, "random"])
    assert set(result.curves["strategy"]) == {"random"}
    assert result.failures["error"].str.contains("ZeroDivisionError: no divisor").all()
    assert set(result.failures["strategy"]) == {"broken"}
    assert result.ranks().names == ("random",)


def test_when_everything_fails_the_error_says_why(blobs):
    with pytest.raises(
        ValueError, match=r"none of 4 runs has a curve; the first failed with: Fitting Fails on .* no luck"
    ):
        run(blobs, learner=Fails())


def test_a_learner_that_needs_more_labels_than_there_are_says_so(blobs):
    with pytest.raises(ValueError, match=r"none of 1 runs has a curve; the first failed with: .*n_neighbors"):
        run(blobs, learner=KNeighborsClassifier(50), strategies=["random"], n_runs=1)


def test_another_metric_is_what_is_compared(blobs):
    result = run(blobs, scoring="f1_macro")
    assert result.metric == result.plot().layout.yaxis.title.text == "f1_macro"


def test_progress_is_shown_when_it_is_wanted_and_not_else(blobs, capsys):
    run(blobs)
    assert capsys.readouterr() == ("", "")
    run(blobs, progress=True)
    assert "4/4" in capsys.readouterr().err


def test_progress_without_tqdm_names_the_extra(blobs, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(ImportError, match=r"progress=True needs tqdm: pip install alwidgets\[progress\]"):
        run(blobs, progress=True)
