import threading

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.svm import SVC

import alwidgets as alw
from alwidgets.session import view_of


@pytest.fixture
def made(make_session, blobs):
    """A map of a session with a model."""
    shown = alw.PoolMap(make_session().run(blobs[1], 12))
    assert shown.wait(60)
    return shown


@pytest.fixture
def say(page):
    """A function that delivers a message, with row numbers in its binary part, and returns the replies."""

    def deliver(widget, rows=None, /, **message):
        before = len(page.sent)
        buffers = [] if rows is None else [memoryview(np.array(rows, "<u4").tobytes())]
        widget._handle_msg({"content": {"data": {"method": "custom", "content": message}}, "buffers": buffers})
        return page.sent[before:]

    return deliver


def numbers(buffer, dtype):
    return np.frombuffer(bytes(buffer), dtype)


def unlabeled(session, n):
    return np.flatnonzero(view_of(session).codes < 0)[:n]


def test_a_page_that_opens_gets_points_labels_predictions_and_selection(made, say):
    made.select([3, 1, 3])
    sent = {content["kind"]: buffers for content, buffers in say(made, kind="need_points")}
    assert list(sent) == ["points", "labels", "predictions", "selected"]
    xy = numbers(sent["points"][0], "<f4").reshape(2, 120)
    assert np.allclose(np.corrcoef(xy[0], made.projection[:, 0])[0, 1], 1)
    session = made.session
    rows, codes = numbers(sent["labels"][0], "<u4"), numbers(sent["labels"][1], "<i2")
    assert rows.tolist() == sorted(session.labels["item"])
    assert [session.classes[code] for code in codes] == session.labels.set_index("item")["label"][rows].tolist()
    proba = session.learner.predict_proba(session.X)
    assert np.array_equal(numbers(sent["predictions"][0], "<i2"), proba.argmax(axis=1))
    expected = 255 * (1 - np.abs(proba[:, 0] - proba[:, 1]))
    assert np.abs(numbers(sent["predictions"][1], np.uint8) - expected).max() <= 0.5 + 1e-6
    assert numbers(sent["selected"][0], "<u4").tolist() == [3, 1]


def test_labels_and_retrains_are_followed_wherever_they_come_from(made, page, blobs):
    page.sent.clear()
    (row,) = unlabeled(made.session, 1)
    made.session.teach(row, "left")
    labels = [buffers for content, buffers in page.sent if content["kind"] == "labels"]
    assert [numbers(part, kind).tolist() for part, kind in zip(labels[0], ("<u4", "<i2"), strict=True)] == [[row], [0]]
    made.session.undo()
    assert numbers(page.sent[-1][1][1], "<i2").tolist() == [-1]
    page.sent.clear()
    made.session.run(blobs[1], 4)
    assert made.wait(60)
    predicted = [buffers for content, buffers in page.sent if content["kind"] == "predictions"]
    assert numbers(predicted[-1][0], "<i2").tolist() == made.session.predictions().codes.tolist()
    page.sent.clear()
    made.session.teach(row, "left")
    assert made.wait(60)
    assert not [content for content, _ in page.sent if content["kind"] == "predictions"]


def test_the_pool_is_predicted_in_the_workers_thread(make_session, blobs):
    threads = []

    class Watched(LogisticRegression):
        def predict_proba(self, X):
            if len(X) == 120:
                threads.append(threading.current_thread())
            return super().predict_proba(X)

    session = make_session(learner=Watched()).run(blobs[1], 12)
    threads.clear()
    assert alw.PoolMap(session).wait(60)
    assert threads
    assert threading.current_thread() not in threads


def test_colors_are_chosen_in_python_and_on_the_page(made, page):
    assert made.color == "uncertainty"
    made.color = "label"
    assert (made.color, made._color) == ("label", "label")
    assert page.say(made, kind="color", color="prediction") == []
    assert made.color == "prediction"
    with pytest.raises(
        ValueError, match=r"color is 'red'; expected one of \['label', 'prediction', 'uncertainty', 'part'\]"
    ):
        made.color = "red"
    with pytest.raises(ValueError, match="color is 'red'"):
        alw.PoolMap(made.session, color="red")
    assert made.color == "prediction"


def test_a_group_is_labeled_where_there_is_no_label_and_undone_at_once(made):
    session, before = made.session, view_of(made.session).codes
    known = int(np.flatnonzero(before == 1)[0])
    rows = [known, *unlabeled(session, 9).tolist()]
    made.select(rows)
    assert made.selected.tolist() == rows
    assert made.label("left").tolist() == rows[1:]
    assert view_of(session).codes[rows].tolist() == [1] + [0] * 9
    assert set(session.labels.set_index("item").loc[rows[1:], "via"]) == {"map"}
    assert made._undoable["n"] == 9
    assert made.undo() == rows[:0:-1]
    assert np.array_equal(view_of(session).codes, before)
    assert made.undo() == []


def test_a_group_is_undone_and_answers_given_since_stay(made):
    first, *rows = unlabeled(made.session, 4).tolist()
    made.label("left", rows)
    made.session.teach(first, "right")
    assert sorted(made.undo()) == sorted(rows)
    assert view_of(made.session).codes[first] == 1
    assert (view_of(made.session).codes[rows] == -1).all()


def test_groups_are_undone_one_after_the_other(made):
    rows = unlabeled(made.session, 3).tolist()
    made.label("left", rows[:2])
    made.label("right", rows[1:], relabel=True)
    assert view_of(made.session).codes[rows].tolist() == [0, 1, 1]
    made.undo()
    assert view_of(made.session).codes[rows].tolist() == [0, 0, -1]
    made.undo()
    assert view_of(made.session).codes[rows].tolist() == [-1] * 3


def test_what_was_selected_is_asked_next(made):
    rows = unlabeled(made.session, 3).tolist()
    made.select(rows)
    assert made.enqueue().tolist() == rows
    assert view_of(made.session).queue[:3] == rows


def test_only_what_was_selected_is_asked_until_all_may_be_again(made, say):
    rows = unlabeled(made.session, 3).tolist()
    made.select(rows)
    assert made.ask_only().tolist() == rows
    assert made._n_only == 3
    assert set(made.session.query(3)) == set(rows)
    *_, (reply, _) = say(made, kind="ask_only", event_id="a", rows=None)
    assert reply["text"] == "all may be asked again"
    assert made._n_only == 0


def test_a_map_of_nobody_in_a_team_offers_no_labels_and_takes_none(make_session, say):
    shown = alw.PoolMap(make_session(team=alw.Team(["ann", "bob"]), audit=0))
    assert shown._may == ["ask_only", "enqueue"]
    *_, (reply, _) = say(shown, kind="label", event_id="a", rows=[3], value=0, relabel=False)
    assert reply["kind"] == "refused"
    assert "expected who of the team answers" in reply["error"]
    assert alw.PoolMap(shown.session, annotator="ann")._may == ["ask_only", "enqueue", "label", "undo"]


def test_what_is_looked_at_is_told_without_its_content(make_session, blobs, page):
    session = make_session(items=[f"secret {i}" for i in range(120)]).run(blobs[1], 12)
    made = alw.PoolMap(session)
    assert made.wait(60)
    made.inspect(range(100))
    assert [fact["row"] for fact in made._shown] == list(range(48))
    labeled = int(session.labels["item"].iloc[0])
    made.inspect(labeled)
    suggestion = session.suggestion(labeled)
    assert made._shown == [
        {
            "row": labeled,
            "label": session.classes.index(blobs[1][labeled]),
            "prediction": session.classes.index(suggestion.label),
            "confidence": pytest.approx(suggestion.confidence),
        }
    ]
    assert "secret" not in str(made.get_state())
    assert page.say(made, kind="need", items=[labeled]) == [
        {"kind": "payload", "item": labeled, "payload": {"type": "text", "text": f"secret {labeled}"}}
    ]
    made.inspect([])
    assert made._shown == []


def test_the_most_uncertain_are_shown_one_after_the_other_and_then_again(made):
    uncertainty = made.session.predictions().uncertainty
    rows = unlabeled(made.session, 120)
    order = rows[np.argsort(-uncertainty[rows], kind="stable")].tolist()
    assert [made.inspect_uncertain() for _ in range(len(order) + 1)] == [*order, order[0]]


def test_without_a_model_there_is_nothing_uncertain(make_session, page):
    made = alw.PoolMap(make_session())
    assert made.wait(60)
    with pytest.raises(ValueError, match="there is no model yet; expected one that gives probabilities"):
        made.inspect_uncertain()
    (reply,) = page.say(made, kind="uncertain")
    assert reply["error"].startswith("there is no model yet;")


def test_a_model_without_probabilities_is_as_uncertain_as_it_is_near_its_boundary(make_session, blobs):
    session = make_session(learner=Perceptron()).run(blobs[1], 12)
    found = session.predictions()
    distance = np.abs(session.learner.estimator.decision_function(session.X))
    assert np.allclose(found.uncertainty, 1 / (1 + distance))
    assert found.confidence is None
    assert [session.classes[code] for code in found.codes] == session.learner.predict(session.X).tolist()


def test_a_model_that_tells_no_uncertainty_is_said_to_tell_none(make_session, rng):
    X, y = rng.normal(size=(120, 4)), np.resize(["a", "b", "c", "d"], 120)
    learner = SVC(decision_function_shape="ovo")
    session = make_session(X=X, classes=["a", "b", "c", "d"], learner=learner, test=(X, y), strategy="random").run(
        y, 40
    )
    made = alw.PoolMap(session)
    assert made.wait(60)
    assert session.predictions().uncertainty is None
    with pytest.raises(ValueError, match="the model provides no uncertainty"):
        made.inspect_uncertain()


def test_a_model_that_cannot_predict_the_pool_is_told_until_one_can(make_session, blobs):
    class Moody(LogisticRegression):
        happy = True

        def predict_proba(self, X):
            if not Moody.happy:
                raise RuntimeError("out of memory")
            return super().predict_proba(X)

    session = make_session(learner=Moody()).run(blobs[1], 12)
    Moody.happy = False
    made = alw.PoolMap(session)
    assert made.wait(60)
    assert made._problem.startswith("Predicting the pool failed: RuntimeError: out of memory")
    Moody.happy = True
    session.run(blobs[1], 4)
    assert made.wait(60)
    assert made._problem == ""


def test_a_class_that_is_added_can_be_given(made):
    made.session.add_class("middle")
    assert made._classes == ["left", "right", "middle"]
    assert made.label("middle", unlabeled(made.session, 2)).size == 2


@pytest.mark.parametrize("rows", [120, -1, [0, 2**63], "all", [0.5], [[1]], [[1], [1, 2]], None, [True], ["1"], [None]])
def test_what_is_no_row_is_refused_and_nothing_changes(made, rows):
    made.select([5])
    before = made.session.events
    for act in (made.select, made.inspect, lambda rows: made.label("left", [rows] if rows is None else rows)):
        with pytest.raises((ValueError, TypeError), match=r"rows (is|has) .*; expected row numbers of X, 0 to 119\."):
            act(rows)
    assert made.selected.tolist() == [5]
    assert (made._shown, made.session.events) == ([], before)


def test_an_unknown_label_and_an_empty_selection_are_refused(made):
    before = made.session.events
    with pytest.raises(ValueError, match="label 'up' is unknown"):
        made.label("up", unlabeled(made.session, 3))
    for act in (made.enqueue, lambda: made.label("left")):
        with pytest.raises(ValueError, match="nothing is selected; select samples first, or pass rows"):
            act()
    assert made.session.events == before
    assert made._undoable == {"group": None, "n": 0}


LABEL = {"kind": "label", "event_id": "a", "value": 1, "relabel": False, "rows": [1]}


@pytest.mark.parametrize(
    ("rows", "message", "error"),
    [
        (None, {}, "message field kind is None"),
        (None, {"kind": "draw"}, "message kind is 'draw'; expected one of"),
        (None, {"kind": "color", "color": ["label"]}, "color is ['label']"),
        (None, {"kind": "select"}, "message has 0 binary parts; expected one"),
        ([500], {"kind": "select"}, "rows has 500"),
        (None, LABEL | {"value": 2}, "the class is 2; expected the number of a class, 0 to 1"),
        (None, LABEL | {"value": True}, "the class is True; expected the number of a class, 0 to 1"),
        (None, LABEL | {"relabel": None}, "message field relabel is None"),
        (None, LABEL | {"event_id": None}, "message field event_id is None"),
        (None, LABEL | {"rows": None}, "rows is None; expected row numbers of X, 0 to 119."),
        (None, LABEL | {"rows": [500]}, "rows has 500; expected row numbers of X, 0 to 119."),
        (
            None,
            {"kind": "enqueue", "event_id": "a", "rows": [0.5]},
            "rows is [0.5]; expected row numbers of X, 0 to 119.",
        ),
        (None, {"kind": "undo", "event_id": "a"}, "message field target is None"),
        (None, {"kind": "undo", "event_id": "a", "target": "b"}, "the labels 'b' were not given on this map"),
        (None, {"kind": "need", "items": [120]}, "item is 120"),
        (None, {"kind": "need", "items": [0] * 65}, "items has 65 rows"),
    ],
)
def test_a_wrong_message_is_answered_with_the_reason_and_changes_nothing(made, say, rows, message, error):
    before = made.session.events, made.color, made._shown
    ((reply, _),) = say(made, rows, **message)
    assert reply["kind"] in ("problem", "refused")
    assert reply["error"].startswith(error)
    assert (made.session.events, made.color, made._shown) == before
    assert not made.selected.size


def test_the_page_selects_labels_asks_and_undoes(made, say):
    session = made.session
    rows = unlabeled(session, 3).tolist()
    say(made, rows, kind="select")
    assert made.selected.tolist() == rows
    *_, (reply, _) = say(made, **LABEL | {"rows": rows[:2]})
    assert reply == {"kind": "ack", "event_id": "a", "text": "2 labeled as right"}
    *_, (reply, _) = say(made, kind="enqueue", event_id="b", rows=rows)
    assert reply["text"] == "queued next: 1"
    *_, (reply, _) = say(made, kind="undo", event_id="c", target=made._undoable["group"])
    assert reply["text"] == "2 labels undone"
    say(made, rows[:1], kind="inspect")
    assert [fact["row"] for fact in made._shown] == rows[:1]


def test_a_label_that_cannot_be_saved_is_told_and_those_before_can_be_undone(made, say, monkeypatch):
    teach, rows = made.session.teach, unlabeled(made.session, 3).tolist()

    def full(item, *details, **more):
        if item == rows[2]:
            raise OSError(28, "No space left on device")
        teach(item, *details, **more)

    monkeypatch.setattr(made.session, "teach", full)
    *_, (reply, _) = say(made, **LABEL | {"rows": rows, "value": 0})
    assert reply["retry"]
    assert "No space left on device" in reply["error"]
    assert reply["error"].endswith("2 of 3 were labeled before.")
    assert made._undoable["n"] == 2
    assert made.undo() == rows[1::-1]


def test_a_map_of_anything_but_a_session_is_refused():
    with pytest.raises(TypeError, match="session is an int; expected a Session"):
        alw.PoolMap(3)


def test_nothing_tells_which_samples_measure(make_session, blobs, say):
    session = make_session(test=None, audit=0.5).run(blobs[1], 20)
    made = alw.PoolMap(session)
    assert made.wait(60)
    rows = numbers(say(made, kind="need_points")[1][1][0], "<u4")
    assert sorted(rows) == sorted(session.labels["item"])
    made.inspect(range(40))
    assert {key for fact in made._shown for key in fact} == {"row", "label", "prediction", "confidence"}


@pytest.mark.parametrize("projection", [None, lambda X: X[:, :2]])
def test_samples_that_are_added_get_a_place_and_a_color(make_session, blobs, say, projection):
    X, y = blobs
    session = make_session(X=X[:80], test=(X[:9], y[:9])) if projection is None else make_session(X=X[:80], test=None)
    shown = alw.PoolMap(session.run(y[:80], 12), projection=projection)
    assert shown.wait(60)
    session.extend(X[80:] + 1e-9, source="monday")
    session.teach(100, y[100])
    assert shown.wait(60)
    assert shown.projection.shape == (120, 2)
    sent = {content["kind"]: buffers for content, buffers in say(shown, kind="need_points")}
    assert len(numbers(sent["points"][0], "<f4")) == 240
    assert len(numbers(sent["predictions"][0], "<i2")) == 120
    assert 100 in numbers(sent["labels"][0], "<u4")
    shown.inspect_uncertain()


def test_a_map_of_given_points_says_that_added_samples_have_none(make_session, blobs):
    X, y = blobs
    session = make_session(X=X[:80], test=None)
    shown = alw.PoolMap(session.run(y[:80], 12), projection=X[:80, :2])
    assert shown.wait(60)
    session.extend(X[80:])
    assert shown.wait(60)
    session.run(y, 8)
    assert shown.wait(60)
    assert "projection has shape (80, 2)" in shown._problem
    shown.label("left", [3])
    assert shown.projection.shape == (80, 2)


def test_a_pool_that_grew_can_be_colored_by_its_parts(make_session, blobs):
    session = make_session(X=blobs[0][:60], test=None)
    shown = alw.PoolMap(session)
    assert shown._parts == [("first", 60)]
    session.extend(blobs[0][60:], source="monday")
    assert shown.wait(60)
    assert shown._parts == [("first", 60), ("monday", 60)]
    shown.color = "part"
    assert shown._color == "part"
