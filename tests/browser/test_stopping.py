"""The stopping panel and the learning curve as a person uses them: a real JupyterLab, keys and buttons."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = [pytest.mark.browser, pytest.mark.one_kernel]

SESSION = """
import alwidgets as alw, numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
X, y = load_digits(return_X_y=True)
X /= 16
truth = np.where(y > 4, "ham", "spam")
session = alw.Session(X[:600], classes=["ham", "spam"], learner=LogisticRegression(), test=(X[600:900], truth[600:900]),
                      stop=alw.any_of("budget", "plateau", "target"), budget=alw.Budget(labels=200),
                      random_state=0)
session.run(truth[:600], 112)
session
"""
ROUNDS_DRAWN = "(n) => Number(document.querySelector('.alw-plot')?.dataset.rounds ?? 0) === n"


def told(notebook, expression):
    """Return what the kernel says a session is."""
    return json.loads(notebook.execute(f"import json; print(json.dumps({expression}))"))


@pytest.fixture
def opened(open_notebook, page):
    """A notebook whose session has fourteen rounds, with its panel and its curve drawn."""
    notebook = open_notebook(SESSION, "1 + 1")
    notebook.run_all()
    page.wait_for_function(ROUNDS_DRAWN, arg=14)
    page.locator(".alw-criteria > summary").click()
    return notebook


def test_the_picture_that_a_curve_leaves_in_a_saved_notebook_is_not_shown_beside_it(open_notebook, page):
    notebook = open_notebook(SESSION.strip().removesuffix("session") + "alw.LearningCurve(session)")
    notebook.run_all()
    page.wait_for_function(ROUNDS_DRAWN, arg=14)
    still = page.locator("[data-of=curve]")
    assert (still.count(), still.is_visible()) == (1, False)
    # There is no widget any more, as where a notebook was opened without its kernel.
    page.locator(".alw-curve").evaluate("(curve) => curve.remove()")
    still.get_by_role("img", name="Learning curve: accuracy").wait_for()


def type_into(page, label, text):
    field = page.get_by_label(label, exact=True)
    field.click()
    page.keyboard.press("Control+a")
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    return field


def test_prices_thresholds_and_decisions_are_set_by_keyboard_and_no_key_reaches_the_notebook(opened, page):
    cells, counts = opened.cells(), page.locator(".jp-InputPrompt").all_inner_texts()
    panel = page.locator(".alw-stopping")
    verdict = panel.locator(".alw-verdict")
    assert verdict.inner_text().startswith("Keep going: the next 50 labels should bring")

    # The field of the budget's row is the budget, with its unit beside it.
    budget_row = panel.locator("tr", has=page.get_by_label("budget in labels"))
    assert budget_row.locator(".alw-value").inner_text().split() == ["112", "of", "labels", "(56", "%)"]
    type_into(page, "budget in labels", "400")
    budget_row.get_by_text("labels (28 %)").wait_for()
    assert told(opened, "[session.budget.labels, session.advice.stop]") == [400, False]
    type_into(page, "budget in labels", "60")
    panel.get_by_text("You may stop: budget").first.wait_for()
    assert told(opened, "[[r.value, r.threshold] for r in session.advice.readings if r.name == 'budget']") == [
        [112 / 60, 1]
    ]
    assert panel.locator("tr.alw-fired th").first.inner_text() == "budget"

    panel.get_by_text("prices, limits and rule").click()
    type_into(page, "cost per label", "0.5")
    type_into(page, "currency", "xdd00mb")
    panel.locator(".alw-facts").get_by_text("25 xdd00mb").wait_for()
    type_into(page, "predictions in production", "10000")
    type_into(page, "cost per error", "2")
    panel.locator(".alw-facts").get_by_text("they are worth").wait_for()
    assert told(opened, "[session.budget.cost_per_label, session.budget.error_cost]") == [0.5, 20000]
    panel.get_by_label("stop when this fires").select_option("2")
    panel.get_by_text("rule: at least 2 of: budget, plateau, target").wait_for()
    assert not verdict.inner_text().startswith("You may stop")

    # Refused: the reason is shown and the field goes back; then another one is taken.
    for text, why in [("-1", "Not changed: cost_per_label is -1;"), ("1e", "Not changed: that is not a number.")]:
        field = type_into(page, "cost per label", text)
        panel.get_by_role("alert").get_by_text(why).wait_for()
        assert field.input_value() == "0.5"
    type_into(page, "cost per label", "0.25")
    panel.locator(".alw-facts").get_by_text("12.50 xdd00mb").wait_for()
    assert not panel.get_by_role("alert").is_visible()
    field.focus()
    page.keyboard.press("ArrowDown")
    panel.get_by_role("alert").get_by_text("Not changed: cost_per_label is -0.75;").wait_for()
    page.keyboard.press("Tab")
    assert field.input_value() == "0.25"

    panel.get_by_text("record decision").click()
    type_into(page, "reason of the decision", "good enough <b>for now</b>")
    panel.get_by_role("button", name="stop", exact=True).focus()
    page.keyboard.press("Enter")
    panel.get_by_text("Decided at 112 labels: stop. good enough <b>for now</b>").wait_for()
    panel.get_by_role("button", name="go on").click()
    panel.get_by_text("Decided at 112 labels: go on.").wait_for()
    assert told(opened, "session.decisions[['decision', 'reason']].values.tolist()") == [
        ["stop", "good enough <b>for now</b>"],
        ["go on", ""],
    ]

    assert opened.cells() == cells
    assert page.locator(".jp-InputPrompt").all_inner_texts() == counts
    assert page.locator(".jp-Dialog").count() == 0


def test_advice_to_stop_is_put_off_for_fifty_labels_and_can_be_seen_all_the_same(opened, page):
    verdict, may_stop = page.locator(".alw-verdict"), page.locator(".alw-may-stop")
    later = page.get_by_role("button", name="remind me in 50")
    assert later.count() == 0
    opened.execute("session.adjust(labels=60)")
    later.wait_for()
    assert may_stop.is_visible()
    before = [page.locator(f".alw-stopping > {part}").bounding_box() for part in (".alw-facts", ".alw-criteria")]
    later.click()
    assert verdict.inner_text() == "Advice to stop is put off until 162 labels."
    assert not may_stop.is_visible()
    assert page.locator(".alw-sentence").inner_text().startswith("You may stop: budget")
    page.get_by_role("button", name="show the advice").click()
    assert verdict.inner_text() == "You may stop: budget."
    later.click()
    after = [page.locator(f".alw-stopping > {part}").bounding_box() for part in (".alw-facts", ".alw-criteria")]
    assert after == before
    opened.execute("session.run(truth[:600], 49)")
    page.wait_for_function(ROUNDS_DRAWN, arg=20)
    assert not may_stop.is_visible()
    opened.execute("session.run(truth[:600], 1)")
    may_stop.wait_for()
    verdict.get_by_text("You may stop: budget.").wait_for()


def test_the_curve_keeps_its_zoom_over_a_retrain_and_shows_the_baseline_after_its_button(opened, page):
    x_range = "() => document.querySelector('.alw-plot').layout.xaxis.range"
    # Comes into view and to rest before it is measured.
    page.locator(".alw-plot .nsewdrag").first.hover()
    page.evaluate(
        """() => {
          const plot = document.querySelector('.alw-plot');
          const box = plot.querySelector('.nsewdrag').getBoundingClientRect();
          window.dragged = [box.left, box.top, box.width, box.height];
        }"""
    )
    left, top, width, height = page.evaluate("() => window.dragged")
    page.mouse.move(left + width * 0.2, top + height / 2)
    page.mouse.down()
    page.mouse.move(left + width * 0.5, top + height / 2, steps=5)
    page.mouse.up()
    page.wait_for_function("() => !document.querySelector('.alw-plot').layout.xaxis.autorange")
    zoomed = page.evaluate(x_range)
    opened.execute("session.run(truth[:600], 8)")
    page.wait_for_function(ROUNDS_DRAWN, arg=15)
    assert page.evaluate(x_range) == pytest.approx(zoomed)

    names = "() => [...document.querySelectorAll('.alw-plot .legendtext')].map((text) => text.textContent)"
    assert page.evaluate(names) == ["accuracy", "projection"]
    page.get_by_role("button", name="random baseline").click()
    page.wait_for_function("() => document.querySelectorAll('.alw-plot .legendtext').length === 3")
    assert page.evaluate(names) == ["accuracy", "projection", "random, simulated"]
    page.get_by_text("random sampling, simulated, to a score of").first.wait_for()
    page.get_by_role("button", name="random baseline", exact=True).wait_for()
    assert page.evaluate(x_range) == pytest.approx(zoomed)

    opened.execute("session.adjust(cost_per_label=0.5, currency='EUR')")
    page.get_by_label("x axis", exact=True).select_option("cost")
    page.get_by_text("cost in EUR").wait_for()
    with page.expect_download() as saved:
        page.get_by_role("button", name="table").click()
    assert saved.value.suggested_filename == "learning_curve.csv"
    with page.expect_download() as saved:
        page.get_by_role("button", name="image").click()
    assert saved.value.suggested_filename == "learning_curve.png"


def test_axe_finds_nothing_in_panel_and_curve_with_everything_open(opened, page):
    opened.execute("session.random_baseline(n_runs=2); session.adjust(cost_per_label=0.5); session.decide('go on')")
    page.wait_for_function("() => document.querySelectorAll('.alw-plot .legendtext').length === 3")
    page.locator(".alw-stopping details").evaluate_all("(all) => all.forEach((each) => { each.open = true; })")
    type_into(page, "cost per label", "-1")
    page.locator(".alw-stopping .alw-problem").wait_for()
    for _ in opened.looks():
        for part in (".alw-stopping", ".alw-curve"):
            results = Axe().run(page, context=part)
            assert results.violations_count == 0, results.generate_report()


LINES = """(all) => all.map((element) => {
  const range = document.createRange();
  range.selectNodeContents(element);
  return range.getClientRects().length;
})"""


def test_every_number_is_seen_whole_on_a_small_screen_and_no_name_is_broken(opened, page):
    page.set_viewport_size({"width": 1366, "height": 768})
    fields = page.locator(".alw-stopping .alw-value input")
    assert "0.005" in fields.evaluate_all("(all) => all.map((field) => field.value)")
    assert fields.evaluate_all("(all) => all.filter((field) => field.scrollWidth > field.clientWidth).length") == 0
    assert set(page.locator(".alw-stopping th").evaluate_all(LINES)) == {1}
