"""The race without a page: points, halves, two sessions from one start, and what is drawn of them."""

from typing import get_args

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestCentroid
from sklearn.svm import SVC, LinearSVC

from alwidgets.models.presets import LEARNERS, AtMostNeighbors, learner_of
from alwidgets.simulation.race import (
    GRID,
    Heat,
    Terms,
    halves,
    strategies_for,
)
from alwidgets.simulation.sketch import (
    MOST_POINTS,
    REACH,
    SHAPES,
    Drawing,
    ShapeName,
    shape_points,
)
from alwidgets.strategies import mix

CLASSES = ("orange", "blue")


def test_type_checkers_know_the_shapes():
    assert get_args(ShapeName) == SHAPES


def drawing_of(shape, n=80, classes=CLASSES, seed=0):
    X, codes = shape_points(shape, n, len(classes), seed)
    return Drawing(classes).drawn(X, [classes[code] for code in codes])


def terms(**changes):
    given = {
        "strategy": "margin",
        "learner": LogisticRegression(),
        "batch_size": 4,
        "cold_start": "random",
        "random_state": 0,
    } | changes
    return Terms(**given)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_has_its_points_in_the_square_and_comes_again_with_its_seed(shape):
    X, codes = shape_points(shape, 61, 2, 3)
    assert X.shape == (61, 2)
    assert set(codes) == {0, 1}
    assert np.abs(X).max() <= REACH
    again, other = shape_points(shape, 61, 2, 3)[0], shape_points(shape, 61, 2, 4)[0]
    assert np.array_equal(X, again)
    assert not np.array_equal(X, other)


def test_blobs_have_one_for_each_class():
    assert set(shape_points("blobs", 40, 5, 0)[1]) == set(range(5))


def test_strokes_come_one_after_another_and_the_last_is_undone():
    drawing = Drawing(CLASSES).drawn([[0, 1]], "blue").drawn([[1, 2], [2, 3]], ["orange", "blue"])
    assert drawing.codes.tolist() == [1, 0, 1]
    assert drawing.X.tolist() == [[0, 1], [1, 2], [2, 3]]
    assert drawing.without_last().codes.tolist() == [1]
    assert Drawing(CLASSES).without_last().codes.tolist() == []


def test_points_beyond_the_square_widen_it():
    assert Drawing(CLASSES).reach == REACH
    assert Drawing(CLASSES).drawn([[0, -20]], "blue").reach == pytest.approx(21)


@pytest.mark.parametrize(
    ("points", "labels", "error"),
    [
        ([[0, np.nan]], "blue", "points has a value that is not a number"),
        ([[0, np.inf]], "blue", "points has a value that is not a number"),
        ([[0, 1e300]], "blue", "points has a value that is not a number within 1,000,000 of 0"),
        ([[0, 1, 2]], "blue", r"points has shape \(1, 3\)"),
        ([], "blue", r"points has shape \(0,\)"),
        ("mouse", "blue", "points is 'mouse'; expected numbers"),
        ([[0, "x"]], "blue", "expected numbers, two a point"),
        ([[0, 1]], "green", "labels has 'green'; expected one of"),
        ([[0, 1]], ["blue", "blue"], "points has 1 rows but labels has 2"),
        (np.zeros((MOST_POINTS, 2)), "blue", "expected at most 5000 in all"),
    ],
)
def test_what_cannot_be_drawn_is_told(points, labels, error):
    with pytest.raises(ValueError, match=error):
        Drawing(CLASSES).drawn([[0, 0]], "blue").drawn(points, labels)


@pytest.mark.parametrize(
    ("drawing", "error"),
    [
        (Drawing(CLASSES), "nothing is drawn; expected points of at least two classes"),
        (Drawing(CLASSES).drawn(np.zeros((9, 2)), "blue"), "only blue is drawn"),
        (Drawing(CLASSES).drawn(np.eye(2), "blue").drawn(np.ones((9, 2)), "orange"), "blue has 2 points"),
    ],
)
def test_a_drawing_that_no_race_can_be_run_on_is_told(drawing, error):
    with pytest.raises(ValueError, match=error):
        Heat(drawing, terms())


def test_half_of_each_class_is_asked_and_the_other_half_only_measures():
    codes = np.repeat([0, 1, 2], [40, 10, 4])
    asked, measured = halves(codes, 5)
    assert np.bincount(codes[asked]).tolist() == np.bincount(codes[measured]).tolist() == [20, 5, 2]
    assert sorted([*asked, *measured]) == list(range(54))
    assert halves(codes, 6)[0].tolist() != asked.tolist()


def test_both_start_with_the_same_labels_and_go_their_own_ways_then():
    heat = Heat(drawing_of("moons"), terms()).step()
    first = [session.labels["item"].tolist() for session in heat.sessions]
    assert first[0] == first[1]
    heat.step().step()
    later = [set(session.labels["item"]) for session in heat.sessions]
    assert later[0] != later[1]
    curves = heat.curves()
    assert curves["n_labeled"].tolist() == [4, 8, 12]
    assert curves["active"][0] == curves["random"][0]


@pytest.mark.parametrize("seed", range(4))
def test_to_look_at_the_question_changes_nothing(seed):
    lone = Drawing(CLASSES).drawn(np.random.default_rng(0).normal(size=(60, 2)), ["orange"] * 52 + ["blue"] * 8)
    looked, unseen = (Heat(lone, terms(random_state=seed)) for _ in range(2))
    for _ in range(4):
        assert looked.question in looked.asked
        looked.step()
        unseen.step()
    assert looked.curves().equals(unseen.curves())
    # However long it takes until both classes have a label, the two retrain at the same numbers of labels.
    assert looked.curves().notna().all(axis=None)


def test_scores_are_accuracies_on_the_points_that_are_never_asked():
    drawing = drawing_of("overlap")
    heat = Heat(drawing, terms()).step().step()
    X, y = drawing.X[heat.measured], np.array(CLASSES)[drawing.codes[heat.measured]]
    for name, session in zip(("active", "random"), heat.sessions, strict=True):
        assert heat.curves()[name].iloc[-1] == np.mean(session.learner.predict(X) == y)
        assert len(session.X) == len(heat.asked)


def test_a_race_ends_with_equal_labels_and_hence_equal_scores():
    heat = Heat(drawing_of("blobs", 40), terms(batch_size=7))
    while not heat.finished:
        heat.step()
    last = heat.curves().iloc[-1]
    assert (last["n_labeled"], last["active"]) == (20, last["random"])
    assert heat.question is None
    assert heat.step().n_labeled == 20
    with pytest.raises(ValueError, match="every point is labeled"):
        heat.answer("blue")


def test_the_same_seed_is_the_same_race():
    one, two, other = (Heat(drawing_of("circles"), terms(random_state=seed)).step().step() for seed in (3, 3, 4))
    assert one.curves().equals(two.curves())
    assert one.asked.tolist() != other.asked.tolist()


def test_answers_of_a_person_train_the_strategys_model_and_the_known_ones_the_other():
    drawing = drawing_of("blobs")
    heat = Heat(drawing, terms(batch_size=2))
    for _ in range(6):
        row = heat.question
        heat.answer("orange" if drawing.codes[row] else "blue")  # always wrong
    assert heat.n_labeled == 6
    truth = dict(enumerate(heat.truth))
    active, by_chance = (session.labels for session in heat.sessions)
    assert not any(truth[item] == label for item, label in zip(active["item"], active["label"], strict=True))
    assert all(truth[item] == label for item, label in zip(by_chance["item"], by_chance["label"], strict=True))
    with pytest.raises(ValueError, match="label is 'green'"):
        heat.answer("green")
    # A step goes on to the next retrain, from within a batch too.
    heat.answer("blue")
    assert heat.step().n_labeled == 8


@pytest.mark.parametrize(
    "learner",
    [*LEARNERS.values(), SVC(), SVC(decision_function_shape="ovo"), LinearSVC(), NearestCentroid()],
    ids=lambda learner: type(learner).__name__,
)
@pytest.mark.parametrize("classes", [CLASSES, ("a", "b", "c")], ids=len)
def test_a_class_is_ahead_where_it_is_predicted(learner, classes):
    heat = Heat(drawing_of("blobs", 90, classes), terms(strategy="random", learner=learner))
    assert heat.leads(heat.active) is None
    for _ in range(4):
        heat.step()
    leads = heat.leads(heat.active)
    assert leads.shape == (len(classes), GRID, GRID)
    at = (np.arange(GRID) + 0.5) / GRID * 2 * heat.reach - heat.reach
    for row, column in [(0, 0), (10, 80), (80, 10), (50, 50), (95, 95)]:
        (label,) = heat.active.learner.predict([[at[column], at[row]]])
        best = leads[:, row, column]
        assert best[classes.index(label)] == best.max()
    assert np.abs(leads).max() == 127


def test_a_class_that_was_drawn_and_has_no_label_yet_is_ahead_nowhere():
    classes = ("a", "b", "c")
    rare = np.random.default_rng(0).normal([2, 2], 0.1, (4, 2))
    drawing = drawing_of("blobs", 200, ("a", "b", "c")[:2])
    heat = Heat(Drawing(classes, drawing.strokes).drawn(rare, "c"), terms())
    heat.step()
    assert set(heat.active.labels["label"]) == {"a", "b"}
    assert (heat.leads(heat.active)[2] == -127).all()


def test_a_class_that_was_not_drawn_is_no_class_of_the_race():
    heat = Heat(drawing_of("blobs", 60, ("a", "b")), terms())
    three = Drawing(("a", "x", "b"), tuple((X, 2 * codes) for X, codes in drawing_of("blobs", 60, ("a", "b")).strokes))
    other = Heat(three, terms())
    assert other.active.classes == ("a", "b")
    assert other.drawn.tolist() == [0, 2]
    assert heat.step().curves().equals(other.step().curves())


def test_neighbors_make_do_with_fewer_samples():
    model = AtMostNeighbors(5, weights="distance").fit([[0.0], [1.0]], ["a", "b"])
    assert model.predict([[0.1], [0.9]]).tolist() == ["a", "b"]
    assert model.kneighbors()[1].tolist() == [[1], [0]]
    heat = Heat(drawing_of("blobs"), terms(learner=model, batch_size=1))
    while len(heat.curves()) < 2:
        heat.step()
    assert heat.curves()["n_labeled"].diff().iloc[-1] == 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"batch_size": 0}, "batch_size is 0"),
        ({"random_state": None}, "random_state is None"),
        ({"random_state": -1}, "random_state is -1"),
        ({"strategy": "guess"}, "Unknown strategy 'guess'"),
        ({"strategy": "entropy", "learner": SVC()}, "SVC has no predict_proba"),
        ({"cold_start": "margin"}, "'margin' needs a model"),
    ],
)
def test_terms_that_no_race_can_be_run_with_are_told(changes, error):
    with pytest.raises(ValueError, match=error):
        terms(**changes)


def test_strategies_are_offered_that_suit_the_learner():
    assert {"margin", "entropy", "badge", "random"} <= set(strategies_for(LogisticRegression()))
    assert not {"bald", "expected_error"} & set(strategies_for(LogisticRegression()))
    assert "entropy" not in strategies_for(SVC())
    with pytest.raises(ValueError, match=r"learner is 'svm'; expected one of \['logistic regression'"):
        learner_of("svm")


def test_four_blobs_in_a_cross_are_found_by_spread_where_margin_alone_is_sure_too_soon():
    areas = {}
    for strategy in ("margin", mix({"margin": 0.5, "k_center": 0.5})):
        heat = Heat(drawing_of("xor", 240), terms(strategy=strategy, learner=LEARNERS["k-NN"], random_state=3))
        for _ in range(6):
            heat.step()
        areas[strategy] = heat.curves()["active"].mean()
    alone, mixed = areas.values()
    assert mixed > alone + 0.1
