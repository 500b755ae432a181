"""What is on screen at once, on each screen, and that nothing moves while a person labels."""

import json

import pytest
from lab import DRAWN_TWICE, Card

pytestmark = [pytest.mark.browser, pytest.mark.one_kernel]

DIGITS = """
import alwidgets as alw
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
digits = load_digits()
X, y = digits.data / 16, digits.target
session = alw.Session(X[:600], digits.images[:600], classes=range(10), learner=LogisticRegression(), batch_size=10,
                      test=(X[600:900], y[600:900]), budget=alw.Budget(labels=60, cost_per_label=0.1), random_state=0)
session
"""
SEEN = """(selectors) => {
  const shown = document.querySelector('.alw-workbench').closest('.jp-WindowedPanel-outer');
  const view = shown.getBoundingClientRect();
  return selectors.map((selector) => [selector, document.querySelector(selector).getBoundingClientRect()])
    .filter(([, { top, bottom, height }]) => !(height > 0 && top >= view.top && bottom <= view.bottom))
    .map(([selector, { top, bottom }]) => [selector, top, bottom, view.top, view.bottom]);
}"""
SHIFTS = """() => {
  window.shifts = [];
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => window.shifts.push([
    entry.value, entry.sources.map(({ node }) => node?.className || node?.parentElement?.outerHTML?.slice(0, 200)),
  ]))).observe({ type: 'layout-shift', buffered: false });
}"""
PLACES = """() => [
  '.alw-card', '.alw-answers', '.alw-actions', '.alw-plot', '.alw-verdict', '.alw-facts',
].map((selector) => {
  const { x, y, width, height } = document.querySelector(selector).getBoundingClientRect();
  return [selector, x, y, width, height];
})"""


@pytest.fixture
def opened(open_notebook, page):
    notebook = open_notebook(DIGITS.strip().removesuffix("session"), "session")
    notebook.run_all()
    page.wait_for_function("() => document.querySelector('.alw-plot')?.dataset.rounds !== undefined")
    notebook.card = Card(page).wait()
    yield notebook
    page.set_viewport_size({"width": 1400, "height": 950})


def resize(page, width, height):
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate(DRAWN_TWICE)
    page.evaluate("() => document.querySelector('.alw-labeler').scrollIntoView({ block: 'end' })")
    page.evaluate(DRAWN_TWICE)


def test_sample_answers_curve_and_advice_are_seen_at_once_and_the_sample_takes_what_is_free(opened, page):
    whole = [".alw-card", ".alw-answers", ".alw-actions", ".alw-foot", ".alw-plot", ".alw-verdict", ".alw-facts"]
    resize(page, 1366, 768)
    assert page.evaluate(SEEN, whole) == []
    small = page.locator(".alw-card").bounding_box()["height"]
    resize(page, 1920, 1080)
    assert page.evaluate(SEEN, whole) == []
    assert page.locator(".alw-card").bounding_box()["height"] - small > 250


def test_alone_the_sample_has_the_whole_width_and_all_comes_back(opened, page):
    resize(page, 1366, 768)
    opened.card.root.focus()
    width = page.locator(".alw-card").bounding_box()["width"]
    page.keyboard.press("v")
    assert not page.locator(".alw-plot").is_visible()
    assert page.locator(".alw-card").bounding_box()["width"] > 1.4 * width
    page.keyboard.press("v")
    assert page.locator(".alw-card").bounding_box()["width"] == width


def test_in_a_low_view_the_sample_shrinks_and_the_answers_stay(opened, page):
    resize(page, 1366, 470)
    assert page.evaluate(SEEN, [".alw-card", ".alw-answers", ".alw-actions"]) == []


def test_zoomed_to_twice_its_size_a_window_shows_sample_and_answers_together(opened, page):
    resize(page, 683, 384)
    assert page.evaluate(SEEN, [".alw-header", ".alw-card", ".alw-answers", ".alw-actions"]) == []
    assert page.locator(".alw-card img").bounding_box()["height"] > 80


def test_on_a_phone_sample_and_answers_are_on_one_screen_and_a_finger_hits_them(opened, page):
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    resize(page, 390, 844)
    assert page.evaluate(SEEN, [".alw-header", ".alw-card", ".alw-answers"]) == []
    sizes = page.locator(".alw-answers button").evaluate_all("(all) => all.map((each) => each.offsetHeight)")
    assert min(sizes) >= 44
    # Five and five, like two hands.
    tops = page.locator(".alw-answers button").evaluate_all("(all) => all.map((each) => each.offsetTop)")
    assert [tops.count(top) for top in sorted(set(tops))] == [5, 5]
    assert page.evaluate("() => document.querySelector('.alw-labeler').scrollWidth <= innerWidth")


def test_nothing_moves_over_sixty_answers_with_their_retrains_and_the_advice_to_stop(opened, page):
    resize(page, 1366, 768)
    truth = json.loads(opened.execute("import json; print(json.dumps(y.tolist()))"))
    card = opened.card
    card.root.focus()
    before = page.evaluate(PLACES)
    page.evaluate(SHIFTS)
    for _ in range(60):
        item = card.item
        card.press(str(truth[item]))
        page.wait_for_function("(row) => document.querySelector('.alw-labeler').dataset.item !== row", arg=str(item))
        card.wait()
    card.settled()
    opened.execute("session.wait()")
    page.get_by_text("You may stop: budget.").first.wait_for()
    page.wait_for_function("() => Number(document.querySelector('.alw-plot').dataset.rounds) >= 4")
    page.evaluate(DRAWN_TWICE)
    assert page.evaluate(PLACES) == before
    assert page.evaluate("() => window.shifts") == []
