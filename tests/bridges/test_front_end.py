"""An answer of each kind, given on the real page of Label Studio in Chromium, is what the session takes it for."""

import re

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

import alwidgets as alw
from tests.bridges import backend_story, real
from tests.bridges.backend_story import ask_for_predictions, connected, trained
from tests.bridges.sample import labels, make

pytestmark = [pytest.mark.label_studio, pytest.mark.browser, pytest.mark.timeout(600)]

PAIRS = [(f"left {row}", f"right {row}") for row in range(6)]
ROWS = [{"size": row, "from": f"<{row}>"} for row in range(6)]


@pytest.fixture(scope="module")
def page(server):
    pytest.importorskip("playwright")
    from lab import chromium

    with chromium() as browser:
        context = browser.new_context(viewport={"width": 1400, "height": 950})
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.goto(f"{server.url}/user/login/")
        page.fill("input[name=email]", real.OWNER)
        page.fill("input[name=password]", real.PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url(lambda url: "login" not in url)
        yield page


def opened(page, studio):
    """Open the page on which tasks follow each other."""
    page.goto(f"{studio.url}?labeling=1")
    page.get_by_test_id("bottombar-submit-button").wait_for()


def choose(page, name):
    """Click on a class, behind whose name is its key."""
    page.get_by_text(re.compile(rf"^{name}(\[\w\])?$")).first.click()


def submit(page, studio):
    with page.expect_response(lambda answer: "/annotations" in answer.url and answer.request.method == "POST"):
        page.get_by_test_id("bottombar-submit-button").click()
    return studio.pull()


@pytest.mark.parametrize(
    ("changes", "press", "label"),
    [
        ({}, ["spam"], "spam"),
        ({"task": "multi", "learner": OneVsRestClassifier(LogisticRegression())}, ["ham", "spam"], ("ham", "spam")),
        ({"task": "multi", "learner": OneVsRestClassifier(LogisticRegression())}, [], ()),
        ({"task": "ordinal", "classes": [1, 2, 3]}, ["2"], 2),
        ({"task": "yes_no", "classes": ["no", "yes"]}, ["yes"], "yes"),
        ({"task": "pair", "classes": ["A", "B", "tie"], "items": PAIRS}, ["tie"], "tie"),
        ({"items": ROWS}, ["ham"], "ham"),
    ],
)
def test_a_choice_on_the_page_is_the_label(server, page, changes, press, label):
    session = make(6, **changes)
    studio = alw.LabelStudio(session, server.url, real.LEGACY)
    studio.push()
    opened(page, studio)
    for name in press:
        choose(page, name)
    received = submit(page, studio)
    assert received.refused == ()
    assert list(labels(session).values()) == [label]
    (row,) = session.labels.to_dict("records")
    assert row["annotator"] == real.OWNER
    assert row["seconds"] > 0
    session.close()


def test_a_side_of_a_pair_is_the_label(server, page):
    session = make(6, task="pair", classes=["A", "B"], items=PAIRS)
    studio = alw.LabelStudio(session, server.url, real.LEGACY)
    studio.push()
    opened(page, studio)
    page.get_by_text("right 0").first.click()
    assert submit(page, studio).refused == ()
    assert list(labels(session).values()) == ["B"]
    session.close()


def test_a_note_and_a_skip_come_along(server, page):
    session = make(6)
    studio = alw.LabelStudio(session, server.url, real.LEGACY)
    studio.push()
    opened(page, studio)
    choose(page, "ham")
    page.get_by_placeholder("Note").fill("because")
    page.keyboard.press("Shift+Enter")
    assert submit(page, studio).refused == ()
    assert list(session.notes.values()) == ["because"]
    with page.expect_response(lambda answer: "/annotations" in answer.url and answer.request.method == "POST"):
        page.get_by_test_id("bottombar-skip-button").click()
    assert studio.pull().n_taken == 1
    assert session.progress.n_skipped == 1
    session.close()


def test_a_pre_label_of_the_model_is_ticked_and_is_a_suggestion_once_it_was_taken(server, page):
    session, row = trained(), backend_story.ROWS[0]
    served = session.serve(ml_backend=True)
    with connected(server, served.ml_backend_url) as (project, _, _):
        ask_for_predictions(server, project)
        studio = alw.LabelStudio(session, server.url, real.LEGACY, project)
        studio.pull()
        opened(page, studio)
        said = session.suggestion(row).label
        assert submit(page, studio).refused == ()
        (label,) = session.labels[session.labels["item"] == row].to_dict("records")
        assert (label["label"], label["suggested"]) == (said, said)
    served.close()
    session.close()
