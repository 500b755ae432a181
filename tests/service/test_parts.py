"""The parts of a page: review, curve, map and stopping panel, for those who may, each when it is looked at."""

import gzip
import hashlib
from base64 import b64encode

import numpy as np
import plotly.offline
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

import alwidgets as alw
from alwidgets.views.plotly_js import plotly_js, plotly_styles
from tests.service.visitor import ask


@pytest.fixture
def page(make_session, serve):
    return serve(make_session(batch_size=4, audit=0), ["ann"], experts=["eve"], viewers=["vic"])


def test_a_part_is_made_when_it_is_looked_at_and_again_over_another_connection(page, visit):
    eve = visit(page.links["eve"]).open()
    eve.label(3)
    assert not any(eve.states[part] for part in ("review", "curve", "map", "stopping"))
    assert eve.look_at("curve")["_caption"].startswith("The first score comes with")
    assert eve.look_at("stopping")["_advice"]["rows"]
    eve.open()
    assert eve.look_at("curve")["_axes"] == ["labels"]


def test_the_curve_has_what_the_widget_has_and_follows_the_session(page, visit, blobs):
    _, y = blobs
    vic = visit(page.links["vic"]).open()
    assert not vic.look_at("curve")["_measured"]
    for item in (0, 1, 2, 3, 4, 5, 6, 7):
        page.session.teach(item, y[item])
    page.session.wait()
    vic.hear_until(lambda: vic.states["curve"]["_measured"])
    here = alw.LearningCurve(page.session)
    assert vic.states["curve"]["_caption"] == here._caption
    vic.hear_until(lambda: vic.states["curve"]["_figure"] == here._figure)
    here.close()


def test_the_map_is_sent_as_bytes_and_an_expert_labels_what_lies_together(page, visit):
    eve = visit(page.links["eve"]).open()
    assert eve.look_at("map")["_n_samples"] == 120
    eve.say({"kind": "need_points"}, "map")
    eve.hear_until(lambda: any(said["kind"] == "points" for said, _ in eve.heard))
    (points,) = next(buffers for said, buffers in eve.heard if said["kind"] == "points")
    assert np.frombuffer(points, "<f4").shape == (240,)
    said = {"kind": "label", "event_id": "g", "value": 1, "rows": [5, 6], "relabel": False}
    assert eve.reply(said, "map")["kind"] == "ack"
    assert page.session.labels[["item", "label", "annotator"]].values.tolist() == [
        [5, "right", "eve"], [6, "right", "eve"],
    ]  # fmt: skip


def test_an_expert_settles_how_the_session_goes_on(page, visit):
    eve = visit(page.links["eve"]).open()
    said = {"kind": "decide", "event_id": "d", "decision": "stop", "reason": "enough"}
    assert eve.reply(said, "stopping")["kind"] == "ack"
    # The worker may have asked meanwhile.
    assert [event.annotator for event in page.session.events if event.kind == "decided"] == ["eve"]


def test_what_an_expert_wants_asked_alone_is_before_them_at_once(page, visit, blobs):
    eve, ann = visit(page.links["eve"]).open(), visit(page.links["ann"]).open()
    page.session.run(blobs[1], 8)
    page.session.wait()
    eve.hear_until(lambda: eve.states["labeler"]["_queue"])
    ann.hear_until(lambda: ann.states["labeler"]["_queue"])
    before = ann.states["labeler"]["_queue"]
    assert eve.reply({"kind": "ask_only", "event_id": "o", "rows": list(range(60, 90))}, "labeler")["kind"] == "ack"
    eve.hear_until(lambda: len(eve.states["labeler"]["_only"]["items"]) == 6)
    assert eve.states["labeler"]["_queue"] == eve.states["labeler"]["_only"]["items"]
    assert ann.states["labeler"]["_queue"] == before
    assert "ask_only" not in ann.states["labeler"]["_may"]


class ByLength(ClassifierMixin, BaseEstimator):
    """A learner of texts that makes no numbers of them which anybody else sees."""

    def fit(self, X, y):
        self.classes_, self.longest_ = np.unique(y), max(map(len, X))
        return self

    def predict_proba(self, X):
        share = np.array([min(1.0, len(text) / self.longest_) for text in X])
        return np.column_stack([share, *[(1 - share) / max(1, len(self.classes_) - 1)] * (len(self.classes_) - 1)])

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def test_a_map_that_cannot_be_drawn_says_why_and_all_else_goes_on(make_session, serve, visit):
    texts = ["a" * (i + 1) for i in range(40)]
    page = serve(make_session(X=texts, learner=ByLength(), test=None, audit=0), experts=["eve"])
    eve = visit(page.links["eve"]).open()
    eve.say({"kind": "there"}, "map")
    eve.hear_until(lambda: eve.problems)
    assert "The samples are not numbers and cannot be laid out" in eve.problems[0]
    assert eve.label(3)["kind"] == "ack"


def test_samples_of_several_classes_have_no_map(make_session, serve, visit):
    page = serve(
        make_session(task="multi", learner=OneVsRestClassifier(LogisticRegression()), test=None, audit=0),
        experts=["eve"],
    )
    assert "map" not in [part["name"] for part in visit(page.links["eve"]).enter().json()["parts"]]


def test_plotly_is_that_of_the_installed_package_and_is_sent_packed_and_once(page):
    assert plotly_js().decode() == plotly.offline.get_plotlyjs()
    plain = ask(page.url + "plotly.js")
    assert plain.body == plotly_js()
    packed = ask(page.url + "plotly.js", **{"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.body) == plotly_js()
    assert ask(page.url + "plotly.js", **{"If-None-Match": packed.headers["Etag"]}).status == 304


def test_the_policy_allows_the_stylesheets_of_plotly_by_name_and_no_others(page):
    policy = ask(page.url).headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    # An empty one, which is then filled rule by rule.
    assert plotly_styles()[0] == ""
    for style in plotly_styles():
        assert f"'sha256-{b64encode(hashlib.sha256(style.encode()).digest()).decode()}'" in policy
        assert not style or style in plotly_js().decode()
