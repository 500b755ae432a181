"""The race as a widget: every control has a method, and every message of the page an answer."""

import re

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw
from alwidgets.simulation.race import GRID
from alwidgets.strategies import ColdStart, mix


@pytest.fixture
def race():
    made = alw.Race(random_state=1).add_shape("moons", 80)
    yield made
    made.close()


def state(race):
    return race._points, race._settings, race._race, race._active_map, race._random_map


def test_what_is_drawn_is_what_is_shown():
    race = alw.Race(classes=("a", "b", "c")).draw([[0, 1], [1, 1]], "c").draw([[2, 2]], ["a"])
    assert race._points == [[0, 1, 2], [1, 1, 2], [2, 2, 0]]
    assert race._classes == ["a", "b", "c"]
    assert race.y.tolist() == ["c", "c", "a"]
    assert race.undo().X.tolist() == [[0, 1], [1, 1]]
    assert len(race.clear().X) == 0
    assert race.sentence == "Draw points of two classes, or add a shape."


def test_points_may_be_given(blobs):
    X, y = blobs
    race = alw.Race(X[:, :2], y, classes=["left", "right"]).step(2)
    assert np.array_equal(race.X, X[:, :2])
    assert race.y.tolist() == y.tolist()
    assert race.curves["n_labeled"].tolist() == [4, 8]


def test_classes_that_are_not_given_are_those_of_the_labels():
    X = np.random.default_rng(0).normal(size=(12, 2))
    race = alw.Race(X, np.array([2, 0, 1] * 4))
    assert race._classes == ["0", "1", "2"]
    assert race.y.tolist() == [2, 0, 1] * 4
    assert alw.Race(X, ["blue"] * 12)._classes == alw.Race()._classes == ["orange", "blue"]


def test_the_same_shape_again_has_other_points_and_after_undo_the_same():
    race = alw.Race(random_state=3).add_shape("blobs", 40)
    first = race.X
    both = race.add_shape("blobs", 40).X
    assert len(np.unique(both, axis=0)) == 80
    assert np.array_equal(race.undo().X, first)
    assert np.array_equal(race.add_shape("blobs", 40).X, both)
    assert np.array_equal(alw.Race().add_shape("blobs", 40, random_state=3).X, first)


def test_a_step_shows_labels_boundaries_scores_and_how_it_stands(race):
    assert race._race["running"] is False
    assert race._active_map == b""
    race.step(3)
    shown = race._race
    assert (shown["n_labeled"], shown["n_asked"], len(shown["measured"]), shown["n_newest"]) == (12, 40, 40, 4)
    rows = [row for row, _ in shown["labeled"][0]]
    assert set(rows) <= set(race.asked)
    assert [race.y[row] for row in rows] == [race._classes[code] for _, code in shown["labeled"][0]]
    assert shown["curves"] == race.curves.to_numpy().tolist()
    assert shown["scores"] == race.curves[["active", "random"]].iloc[-1].tolist()
    assert len(race._active_map) == len(race._random_map) == 2 * GRID * GRID
    assert race.sentence.startswith("12 labels each: margin ")
    assert "of the 40 points that are never asked" in race.sentence
    assert repr(race).startswith("Race(80 points, margin against random, logistic regression; 12 labels each")


def test_before_two_classes_have_a_label_there_is_no_score():
    race = alw.Race(batch_size=1).add_shape("blobs", 40).step()
    assert race._race["scores"] == [None, None]
    assert race._race["curves"] == []
    assert race.sentence.startswith("1 labels each, by the same start. There is a model as soon as")
    assert len(race.curves) == 0


def test_play_runs_to_the_end_or_to_a_number_of_labels(race):
    assert race.play(10).n_labeled == 12
    assert race.play(10).n_labeled == 12
    assert race.play().n_labeled == 40
    assert race._race["finished"]
    assert race.curves["active"].iloc[-1] == race.curves["random"].iloc[-1]


def test_reset_is_the_same_race_again(race):
    before = race.play(20).curves
    assert race.reset().n_labeled == 0
    assert not race._race["running"]
    assert race.play(20).curves.equals(before)


def test_drawing_more_starts_over(race):
    race.step().draw([[0, 0]], "blue")
    assert (race.n_labeled, race._race["running"], race._active_map) == (0, False, b"")


def test_what_is_run_is_chosen_by_name_or_as_an_object_that_can_be_chosen_again_by_its_name(race):
    spread = mix({"margin": 0.5, "k_center": 0.5})
    race.choose(strategy=spread, learner=GaussianNB(), batch_size=5, cold_start=ColdStart("typiclust"), random_state=7)
    name = "mix(margin 0.5, k_center 0.5)"
    assert race._settings == {
        "strategy": name, "learner": "GaussianNB", "batch_size": 5, "cold_start": "typiclust", "random_state": 7,
    }  # fmt: skip
    race.choose(strategy="entropy", learner="k-NN")
    assert {name, "entropy"} <= set(race._options["strategy"])
    race.choose(strategy=name, learner="GaussianNB")
    assert race.view.terms.strategy is spread
    assert isinstance(race.step().sessions[0].learner.estimator, GaussianNB)
    assert race.curves["n_labeled"].tolist() == [5]


def test_the_strategies_that_are_offered_suit_the_learner(race):
    assert "entropy" in race._options["strategy"]
    assert "entropy" not in race.choose(learner="SVC rbf")._options["strategy"]


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"learner": "SVC rbf", "strategy": "entropy"}, "SVC has no predict_proba"),
        ({"learner": "perceptron"}, "learner is 'perceptron'; expected one of"),
        ({"strategy": "guess"}, "Unknown strategy 'guess'"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"speed": 3}, "setting is 'speed'; expected one of"),
        ({"random_state": None}, "random_state is None"),
    ],
)
def test_settings_that_cannot_be_are_told_and_change_nothing(race, page, settings, error):
    race.step()
    before = state(race)
    with pytest.raises(ValueError, match=error):
        race.choose(**settings)
    (reply,) = page.say(race, kind="choose", settings=settings, id=5)
    assert reply["kind"] == "problem"
    assert reply["error"].startswith(error)
    assert state(race) == before


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"X": [[0, 0]]}, "one of X and y is given without the other"),
        ({"X": [[0, np.nan]], "y": ["blue"]}, "points has a value that is not a number"),
        ({"X": [[0, 1]], "y": [1]}, r"classes is \[1\]; expected at least two classes"),
        ({"X": [[0, 1]], "y": [1], "classes": ["a", "b"]}, r"labels has 1; expected one of \['a', 'b'\]"),
        ({"X": np.eye(7, 2), "y": range(7)}, "classes has 7 names; expected 2 to 6"),
        ({"classes": ["a"]}, "expected at least two classes"),
        ({"classes": list("abcdefg")}, "classes has 7 names; expected 2 to 6"),
        ({"learner": "svm"}, "learner is 'svm'"),
    ],
)
def test_what_a_race_cannot_begin_with_is_told(given, error):
    with pytest.raises(ValueError, match=error):
        alw.Race(**given)


def test_too_little_that_is_drawn_is_told_and_can_be_mended(page):
    race = alw.Race().draw(np.eye(2), "orange")
    with pytest.raises(ValueError, match="only orange is drawn"):
        race.step()
    (reply,) = page.say(race, kind="step", id=1)
    assert reply["error"].startswith("only orange is drawn; expected points of at least two classes.")
    race.add_shape("blobs", 40)
    assert page.say(race, kind="step", id=2) == [{"kind": "done", "id": 2}]
    assert race.n_labeled == 4


def test_every_control_of_the_page_is_a_method(page):
    race = alw.Race()
    done = [
        page.say(race, kind="draw", points=[[-1, 0], [0, 0]], code=1, id=1),
        page.say(race, kind="shape", shape="circles", n=60, id=2),
        page.say(race, kind="shape", shape="moons", n=60, id=3),
        page.say(race, kind="undo", id=4),
        page.say(race, kind="choose", settings={"learner": "SVC rbf"}, id=5),
        page.say(race, kind="step", id=6),
    ]
    assert done == [[{"kind": "done", "id": number}] for number in range(1, 7)]
    again = alw.Race().draw([[-1, 0], [0, 0]], "blue").add_shape("circles", 60).choose(learner="SVC rbf").step()
    assert state(again) == state(race)
    page.say(race, kind="reset")
    assert race.n_labeled == 0
    page.say(race, kind="clear")
    assert race._points == []


def test_a_person_answers_the_question_that_is_ringed(race, page):
    page.say(race, kind="ask")
    ringed = race._race["question"]
    assert ringed == race.ask()
    code = 1 - race._points[ringed][2]  # on purpose not as it was drawn
    assert page.say(race, kind="answer", code=code, id=1) == [{"kind": "done", "id": 1}]
    assert race._race["labeled"][0] == [(ringed, code)]
    assert race._race["question"] != ringed
    ((row, known),) = race._race["labeled"][1]
    assert race.y[row] == race._classes[known]


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ({}, "message field kind is None; expected a text."),
        ({"kind": "jump"}, "message kind is 'jump'; expected one of"),
        ({"kind": "choose", "settings": []}, "message field settings is []; expected an object."),
        ({"kind": ["step"]}, "message field kind is ['step']; expected a text."),
        ({"kind": "step", "id": "first"}, "message field id is 'first'; expected an integer."),
        ({"kind": "draw", "points": [[0, 0]], "code": 2}, "the class is 2; expected the number of a class, 0 to 1."),
        ({"kind": "draw", "points": [[0, 0]], "code": True}, "the class is True"),
        ({"kind": "draw", "points": [[0, None]], "code": 0}, "points "),
        ({"kind": "draw", "points": [[0, 0]] * 5001, "code": 0}, "there are 80 points and 5001 more"),
        ({"kind": "draw", "code": 0}, "points is None; expected a list of points, two numbers each."),
        ({"kind": "shape", "shape": ["moons"], "n": 80}, "shape is ['moons']"),
        ({"kind": "shape", "shape": "moons", "n": 10**9}, "n is 1000000000; expected 8 to 5000"),
        ({"kind": "shape", "shape": "moons", "n": 1.5}, "n is 1.5; expected a whole number"),
        ({"kind": "answer", "code": "blue"}, "the class is 'blue'"),
    ],
)
def test_a_wrong_message_is_answered_with_the_reason_and_changes_nothing(race, page, message, error):
    before = state(race)
    (reply,) = page.say(race, **message)
    assert reply["kind"] == "problem"
    assert reply["error"].startswith(error)
    assert len(reply["error"]) < 400
    assert state(race) == before


class Tires(GaussianNB):
    """Cannot be fitted on more than some labels."""

    def __init__(self, most=0):
        super().__init__()
        self.most = most

    def fit(self, X, y):
        if len(y) > self.most:
            raise ValueError("too tired")
        return super().fit(X, y)


@pytest.mark.filterwarnings("ignore:Fitting .* failed:RuntimeWarning")
def test_a_fit_that_fails_is_said(race):
    race.choose(learner=Tires()).step(2)
    assert race.sentence == "8 labels each, and no model of margin and random: fitting failed."
    assert "too tired" in race._race["problem"]
    race.choose(learner=Tires(4)).step(2)
    assert race.sentence.startswith("8 labels each: margin ")
    assert race.sentence.endswith(" The last fit of margin and random failed, and an older model is scored.")
    assert "fail" not in race.choose(learner=GaussianNB()).step(2).sentence


def test_whatever_a_learner_raises_is_told(race, page):
    class Moody(GaussianNB):
        def predict_proba(self, X):
            raise RuntimeError("out of memory")

    race.choose(learner=Moody(), strategy="random")
    assert page.say(race, kind="step", id=1) == [{"kind": "problem", "error": "out of memory"}]


def test_a_model_that_cannot_draw_a_border_is_said_to_when_every_point_is_labeled():
    why = "this model cannot draw such a border"
    race = alw.Race(batch_size=20, random_state=0).add_shape("circles", 100).play(20)
    assert why not in race.sentence
    assert re.search(rf"With every point labeled, k-NN tells (9\d|100)%: {why}\.$", race.play().sentence)
    assert why not in race.choose(learner="SVC rbf").play().sentence
    # Noise is not the model's fault.
    assert why not in alw.Race(batch_size=20).add_shape("overlap", 200).play().sentence
