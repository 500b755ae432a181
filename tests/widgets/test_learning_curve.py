import io
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from alwidgets.stopping import Budget
from alwidgets.widgets.learning_curve import LearningCurve


@pytest.fixture
def curve(make_session, blobs):
    return LearningCurve(make_session(batch_size=8).run(blobs[1], 24))


def joined(curve):
    assert curve.view.wait(60)
    return curve


def test_the_figure_follows_every_round(curve, blobs):
    assert curve._figure["data"][1]["x"] == [8, 16, 24]
    assert curve._caption.startswith(f"accuracy {curve.session.rounds[-1].score:.2f} (")
    curve.session.run(blobs[1], 8)
    assert curve._figure["data"][1]["x"] == [8, 16, 24, 32]


def test_an_answer_between_two_rounds_draws_nothing_anew(curve, blobs):
    before = curve._figure
    item = int(curve.session.query()[0])
    curve.session.teach(item, blobs[1][item])
    assert curve._figure is before


def test_the_axes_are_those_there_is_something_to_show_on(make_session, blobs, page):
    session = make_session(batch_size=8).run(blobs[1], 8)
    curve = LearningCurve(session)
    assert curve._axes == ["labels"]
    session.adjust(cost_per_label=0.5, currency="EUR")
    assert curve._axes == ["labels", "cost"]
    assert page.say(curve, kind="against", against="cost") == []
    assert curve._figure["data"][1]["x"] == [4]
    assert curve._figure["layout"]["xaxis"]["title"]["text"] == "cost in EUR"
    item = int(session.query()[0])
    session.teach(item, blobs[1][item], seconds=30)
    session.retrain()
    curve.show_against("minutes")
    assert curve._axes == ["labels", "cost", "minutes"]
    assert curve._figure["data"][1]["x"] == [0, 0.5]
    # What is shown stays to be chosen.
    curve.show_against("cost")
    session.adjust(cost_per_label=0)
    assert "cost" in curve._axes


def test_a_new_price_moves_the_rounds_that_are_shown_against_money(make_session, blobs):
    curve = LearningCurve(make_session(budget=Budget(cost_per_label=1.0)).run(blobs[1], 4), against="cost")
    assert curve._figure["data"][1]["x"] == [4]
    curve.session.adjust(cost_per_label=2)
    assert curve._figure["data"][1]["x"] == [8]


def test_what_is_no_axis_is_refused(make_session):
    with pytest.raises(ValueError, match="against is 'euros'; expected one of"):
        LearningCurve(make_session(), against="euros")


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ({}, "message field kind is None; expected a text."),
        ({"kind": "draw"}, "message kind is 'draw'; expected one of ['need_plotly', 'against', 'baseline', 'save', 't"),
        ({"kind": "save"}, "what is None; expected one of"),
        ({"kind": "save", "what": ["page"]}, "what is ['page']; expected one of"),
        ({"kind": "save", "what": "pages"}, "what is 'pages'; expected one of ['page', 'table']."),
        ({"kind": "against"}, "against is None; expected one of ['labels', 'cost', 'minutes']"),
        ({"kind": "against", "against": "euros"}, "against is 'euros'"),
        ({"kind": "against", "against": ["labels"]}, "against is ['labels']"),
        ({"kind": "against", "against": "x" * 10_000}, "against is 'xxx"),
    ],
)
def test_a_wrong_message_is_answered_with_the_reason_and_changes_nothing(curve, page, message, error):
    before = curve._figure, curve._against, curve._busy, curve.session.events
    (reply,) = page.say(curve, **message)
    assert reply["kind"] == "problem"
    assert reply["error"].startswith(error)
    assert len(reply["error"]) < 300
    assert (curve._figure, curve._against, curve._busy, curve.session.events) == before


def test_plotly_is_sent_when_the_page_asks_for_it(curve, page):
    assert page.say(curve, kind="need_plotly") == [{"kind": "plotly"}]
    _, (library,) = page.sent[-1]
    assert b"plotly.js" in bytes(library)[:200]


def test_the_baseline_is_fitted_beside_everything_else_and_then_shown(curve, page):
    assert page.say(curve, kind="baseline") == []
    joined(curve)
    assert curve.view._baseline_thread.name == "alwidgets-baseline"
    assert not curve._busy
    assert "random, simulated" in [trace["name"] for trace in curve._figure["data"]]
    assert curve._caption.endswith(curve.session.efficiency.sentence)
    assert "simulated" in curve._caption


def test_the_button_pressed_twice_fits_once(curve, page, monkeypatch):
    import threading

    go, fitted = threading.Event(), []

    def slow():
        fitted.append(threading.current_thread())
        go.wait(60)

    monkeypatch.setattr(curve.session, "random_baseline", slow)
    page.say(curve, kind="baseline")
    first = curve.view._baseline_thread
    page.say(curve, kind="baseline")
    assert (curve._busy, curve.view._baseline_thread) == (True, first)
    go.set()
    joined(curve)
    assert (fitted, curve._busy) == ([first], False)
    page.say(curve, kind="baseline")
    assert joined(curve).view._baseline_thread is not first


def test_a_baseline_that_cannot_be_found_says_why_and_the_button_works_again(make_session, page):
    curve = LearningCurve(make_session(test=None, audit=0.1))
    page.say(curve, kind="baseline")
    joined(curve)
    (message,) = [content for content, _ in page.sent]
    assert message["kind"] == "problem"
    assert message["error"].startswith("No random baseline: there is no model yet;")
    assert not curve._busy


def test_whatever_an_estimator_raises_in_the_baseline_is_told(make_session, blobs, page):
    class Moody(LogisticRegression):
        happy = True

        def fit(self, X, y):
            if not Moody.happy:
                raise RuntimeError("out of memory")
            return super().fit(X, y)

    curve = LearningCurve(make_session(learner=Moody()).run(blobs[1], 8))
    Moody.happy = False
    page.say(curve, kind="baseline")
    joined(curve)
    assert page.sent[-1][0]["error"] == "No random baseline: out of memory"
    assert not curve._busy


def test_the_table_is_saved_as_csv(curve, page):
    assert page.say(curve, kind="save", what="table") == [
        {"kind": "file", "name": "learning_curve.csv", "mime": "text/csv"}
    ]
    table = pd.read_csv(io.BytesIO(bytes(page.sent[-1][1][0])))
    assert table["n_labeled"].tolist() == [8, 16, 24]
    assert np.allclose(table["score"], curve.session.history["score"])
    assert curve.to_frame().equals(curve.session.history)


def test_the_page_is_one_file_that_needs_no_network(curve, page, tmp_path):
    place = curve.to_html(tmp_path / "curve.html")
    written = place.read_text(encoding="utf-8")
    page.say(curve, kind="save", what="page")
    message, (sent,) = page.sent[-1]
    assert (message["name"], message["mime"]) == ("learning_curve.html", "text/html")
    for html in (written, bytes(sent).decode()):
        assert "<html>" in html[:40]
        # All of plotly.js is inside; nothing is fetched by the page itself.
        tags = re.findall(r"<(?:script|link|img|iframe|style)\b[^>]*>", html)
        assert tags
        assert not [tag for tag in tags if re.search(r"\b(src|href)\s*=", tag)]
        assert len(html) > 1_000_000
    assert [path.name for path in tmp_path.iterdir()] == ["curve.html"]


def test_the_caption_says_that_a_cross_validated_score_is_biased(make_session, blobs):
    curve = LearningCurve(make_session(test=None, audit=0))
    assert "It is cross-validated on the labels" in curve._caption
    curve.session.run(blobs[1], 24)
    assert curve._caption.endswith("cross-validated on 24 labels, biased: they were chosen")


def test_a_scorer_that_fails_is_named_in_the_caption(make_session, blobs):
    def broken(estimator, X, y):
        raise RuntimeError("no license")

    curve = LearningCurve(make_session(scoring=broken).run(blobs[1], 8))
    assert curve._caption == "broken failed: RuntimeError: no license"


def test_rounds_before_the_first_label_do_not_stand_in_the_way_of_the_efficiency(make_session, blobs):
    from modAL.models import ActiveLearner

    X, y = blobs
    session = make_session(learner=ActiveLearner(LogisticRegression(), X_training=X[:10], y_training=y[:10]))
    session.retrain()
    session.run(y, 24)
    session.random_baseline(n_runs=2)
    assert session.rounds[0].n_labeled == 0
    assert LearningCurve(session)._caption.endswith(session.efficiency.sentence)
