"""The pool map as a person uses it: a real JupyterLab, the mouse and the keyboard."""

import json
import math
import re
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from keys import SHORTCUTS

pytestmark = [pytest.mark.browser, pytest.mark.one_kernel]

SESSION = """
import alwidgets as alw, json, numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
X, y = load_digits(return_X_y=True)
X /= 16
truth = np.where(y > 4, "ham", "spam")
session = alw.Session(X[:600], items=[f"sample {i}" for i in range(600)], classes=["ham", "spam"], batch_size=500,
                      learner=LogisticRegression(), test=(X[600:900], truth[600:900]), random_state=0)
session.run(truth[:600], 20)
session.retrain()
shown = alw.PoolMap(session)
shown
"""
# Two by two the samples are the same.
MANY = """
import alwidgets as alw, json, numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
X = np.repeat(load_digits().data[:40] / 16, 2, axis=0)
session = alw.Session(X, items=[f"sample {i}" for i in range(80)], classes=[f"kind {i:03}" for i in range(300)],
                      learner=LogisticRegression(), random_state=0)
shown = alw.PoolMap(session, color="label")
shown
"""
HAS_FOCUS = "() => document.querySelector('.alw-map').contains(document.activeElement)"
WIDTH = """() => {
  const { range } = document.querySelector('.alw-map .alw-plot').layout.xaxis;
  return range[1] - range[0];
}"""
DRAWN = "(color) => document.querySelector('.alw-map .alw-plot')?.dataset.color === color"


@pytest.fixture
def opened(open_notebook, page):
    notebook = open_notebook(SESSION, "1 + 1")
    notebook.run_all()
    page.wait_for_function(DRAWN, arg="uncertainty")
    page.locator(".alw-map").scroll_into_view_if_needed()
    return notebook


def told(notebook, expression):
    return json.loads(notebook.execute(f"print(json.dumps({expression}))"))


def selected(notebook, n_rows):
    """Return what is selected; the kernel may run code before it handles what the page sent before."""
    end = time.monotonic() + 30
    while len(rows := told(notebook, "shown.selected.tolist()")) != n_rows:
        assert time.monotonic() < end, rows
    return rows


def place_of(page, row):
    """Return where a sample lies on the page."""
    return page.evaluate(
        """(row) => {
          const plot = document.querySelector('.alw-map .alw-plot');
          const { left, top } = plot.querySelector('.nsewdrag').getBoundingClientRect();
          const trace = plot.data.find(({ customdata }) => customdata?.includes(row));
          const i = trace.customdata.indexOf(row);
          const { xaxis, yaxis } = plot._fullLayout;
          return [left + xaxis.d2p(trace.x[i]), top + yaxis.d2p(trace.y[i])];
        }""",
        row,
    )


def test_in_a_narrow_cell_the_samples_take_what_they_need_below_the_map(opened, page):
    aside, plot = page.locator(".alw-map-aside"), page.locator(".alw-map .alw-plot")
    assert aside.bounding_box()["height"] == plot.bounding_box()["height"]
    page.locator(".alw-map").evaluate("(map) => (map.style.maxWidth = '374px')")
    page.wait_for_function("() => document.querySelector('.alw-map-aside').offsetHeight < 160")
    assert aside.bounding_box()["y"] > plot.bounding_box()["y"] + plot.bounding_box()["height"]
    told(opened, "shown.inspect([3])")
    page.locator(".alw-map-one").get_by_text("row 3", exact=True).wait_for()
    height = aside.bounding_box()["height"]
    told(opened, "shown.inspect([5])")
    page.locator(".alw-map-one").get_by_text("row 5", exact=True).wait_for()
    # Walking from one to the next, nothing moves.
    assert aside.bounding_box()["height"] == height
    assert page.locator(".alw-map-one").evaluate("(one) => one.parentElement.scrollHeight - one.offsetHeight") == 0


def test_points_inside_a_lasso_are_labeled_and_undone_in_one_go(opened, page):
    box = page.locator(".alw-map .nsewdrag").bounding_box()
    x, y, radius = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, 0.45 * box["height"]
    before = told(opened, "alw.session.view_of(session).codes.tolist()")
    page.mouse.move(x + radius, y)
    page.mouse.down()
    for i in range(1, 25):
        page.mouse.move(x + radius * math.cos(i * math.pi / 12), y + radius * math.sin(i * math.pi / 12))
    page.mouse.up()
    bar = page.locator(".alw-map-bar")
    height = page.locator(".alw-map").evaluate("(map) => map.offsetHeight")
    bar.locator("strong").get_by_text(re.compile(r"^\d+ selected")).wait_for()
    rows = told(opened, "shown.selected.tolist()")
    open_rows = [row for row in rows if before[row] < 0]
    assert len(open_rows) > 50
    assert bar.locator("strong").inner_text().startswith(f"{len(rows)} selected")
    # So many are labeled only after the number was confirmed.
    assert page.locator(".alw-map").evaluate("(map) => map.offsetHeight") == height
    bar.locator(".alw-answers button", has_text="ham").click()
    assert told(opened, "alw.session.view_of(session).codes.tolist()") == before
    page.keyboard.press("Enter")
    page.locator(".alw-map-spoken").get_by_text(f"{len(open_rows)} labeled as ham").wait_for()
    after = told(opened, "alw.session.view_of(session).codes.tolist()")
    assert [row for row in range(600) if after[row] != before[row]] == sorted(open_rows)
    assert {after[row] for row in open_rows} == {0}
    page.get_by_role("button", name=f"undo {len(open_rows)} labels").click()
    page.locator(".alw-map-spoken").get_by_text(f"{len(open_rows)} labels undone").wait_for()
    assert told(opened, "alw.session.view_of(session).codes.tolist()") == before

    bar.get_by_role("button", name="inspect").click()
    page.locator(".alw-map-cell").nth(47).get_by_text("sample").wait_for()
    bar.get_by_role("button", name="ask these next").click()
    page.locator(".alw-map-spoken").get_by_text("queued next").wait_for()
    assert told(opened, "alw.session.view_of(session).queue")[: len(open_rows)] == open_rows
    bar.get_by_role("button", name="ask only these").click()
    page.locator(".alw-map-spoken").get_by_text(f"only these {len(open_rows)}").wait_for()
    assert set(told(opened, "session.query(9).tolist()")) <= set(open_rows)
    page.get_by_role("button", name=f"only {len(open_rows)} chosen samples are asked: ask all again").click()
    page.locator(".alw-map-spoken").get_by_text("all may be asked again").wait_for()
    assert told(opened, "session.progress.n_only") == 0
    # The key goes on to the next one after the button that was pressed has gone.
    page.locator(".alw-map-cell button").first.click()
    title = page.locator(".alw-map-one > strong")
    title.get_by_text(f"row {rows[0]}", exact=True).wait_for()
    page.keyboard.press("ArrowRight")
    title.get_by_text(f"row {rows[1]}", exact=True).wait_for()
    bar.get_by_role("button", name="clear").click()
    bar.get_by_text("Nothing is selected").wait_for()
    assert selected(opened, 0) == []


def test_a_click_shows_the_sample_and_a_button_labels_it(opened, page):
    x, y = place_of(page, 123)
    page.mouse.move(x - 4, y)
    page.mouse.move(x, y)
    glance = page.locator(".alw-map-peek")
    glance.get_by_text(re.compile(r"^sample \d+$")).wait_for()
    glance.get_by_text(re.compile(r"^row \d+, no label, model: ")).wait_for()
    page.mouse.click(x, y)
    one = page.locator(".alw-map-one")
    glance.wait_for(state="hidden")
    one.get_by_text("% sure").wait_for()
    (row,) = told(opened, "[fact['row'] for fact in shown._shown]")
    one.get_by_text(f"sample {row}", exact=True).wait_for()
    one.locator(".alw-answers button", has_text="spam").click()
    one.get_by_text("label: spam").wait_for()
    assert told(opened, f"session.labels.set_index('item').loc[{row}, ['label', 'via']].tolist()") == ["spam", "map"]


def test_everything_is_reached_by_keyboard_and_no_key_reaches_the_notebook(opened, page):
    assert page.get_by_role("button", name="Share").count() == 0
    cells, counts = opened.cells(), page.locator(".jp-InputPrompt").all_inner_texts()
    opened.execute("shown.select([7, 300, 20])")
    field = page.get_by_label("row", exact=True)
    field.focus()
    page.keyboard.type("300")
    page.keyboard.press("Enter")
    title = page.locator(".alw-map-one > strong")
    title.get_by_text("row 300", exact=True).wait_for()
    for key, row in [("ArrowRight", 20), ("ArrowDown", 7), ("ArrowLeft", 20)]:
        page.get_by_role("button", name="close").focus()
        page.keyboard.press(key)
        title.get_by_text(f"row {row}", exact=True).wait_for()
    page.get_by_role("button", name="close").focus()
    page.keyboard.press("Enter")
    title.wait_for(state="hidden")
    page.get_by_role("button", name="next most uncertain").focus()
    page.keyboard.press("Enter")
    most = told(
        opened,
        "int(np.flatnonzero((codes := alw.session.view_of(session).codes) < 0)"
        "[np.argmax(session.predictions().uncertainty[codes < 0])])",
    )
    title.get_by_text(f"row {most}", exact=True).wait_for()
    page.get_by_label("color:").select_option("label")
    page.wait_for_function(DRAWN, arg="label")
    words = page.locator(".alw-map .alw-plot").get_attribute("aria-label")
    assert words.startswith("Map of 600 samples by label. no label: 580; ham: ")
    page.locator(".alw-map .alw-plot").focus()
    for key in SHORTCUTS:
        page.keyboard.press(key)
    assert page.evaluate(HAS_FOCUS)
    page.locator(".alw-map .alw-plot").focus()
    # Out of the selection, then of the map.
    page.keyboard.press("Escape")
    assert page.evaluate(HAS_FOCUS)
    page.locator(".alw-map-bar").get_by_text("Nothing is selected").wait_for()
    page.keyboard.press("Escape")
    assert not page.evaluate(HAS_FOCUS)
    page.locator(".alw-map select").focus()
    for _ in range(60):
        page.keyboard.press("Tab")
        if not page.evaluate(HAS_FOCUS):
            break
    else:
        pytest.fail("Tab never leaves the map")
    assert opened.cells() == cells
    assert page.locator(".jp-InputPrompt").all_inner_texts() == counts
    assert page.locator(".jp-Dialog").count() == 0


def test_the_cursor_goes_from_point_to_point_and_shows_and_selects_them(opened, page):
    plot, spoken = page.locator(".alw-map .alw-plot"), page.locator(".alw-map-spoken")
    cells = opened.cells()

    def row_said():
        found = re.match(r"row (\d+), (no label|label: \w+), model: \w+, uncertainty", spoken.inner_text())
        assert found, spoken.inner_text()
        return int(found[1])

    plot.focus()
    for key, axis, sign in [("ArrowRight", 0, 1), ("ArrowUp", 1, -1), ("ArrowLeft", 0, -1), ("ArrowDown", 1, 1)]:
        before = place_of(page, row_said())
        page.keyboard.press(key)
        place = place_of(page, row_said())
        assert sign * (place[axis] - before[axis]) >= 8
        box = plot.locator(".shapelayer path").last.bounding_box()
        assert [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2] == pytest.approx(place, abs=2)
    glance = page.locator(".alw-map-peek")
    glance.get_by_text(f"sample {row_said()}", exact=True).wait_for()
    page.keyboard.press("Enter")
    glance.wait_for(state="hidden")
    page.locator(".alw-map-one > strong").get_by_text(f"row {row_said()}", exact=True).wait_for()
    page.locator(".alw-map-one").get_by_text(f"sample {row_said()}", exact=True).wait_for()
    page.keyboard.press("Space")
    here = row_said()
    assert selected(opened, 1) == [here]
    assert spoken.inner_text().endswith(", selected; 1 selected")
    # Quicker than the kernel tells back.
    on_the_way = [here]
    for key in ("Shift+ArrowRight", "Shift+ArrowUp", "Shift+ArrowRight"):
        page.keyboard.press(key)
        on_the_way.append(row_said())
    page.keyboard.press("Space")
    there = row_said()
    assert selected(opened, 3) == on_the_way[:-1]
    page.keyboard.press("g")
    page.keyboard.press("g")
    grown = selected(opened, int(re.fullmatch(r"(\d+) selected", spoken.inner_text())[1]))
    assert {*on_the_way} <= {*grown}
    near = place_of(page, there)
    assert all(math.dist(place_of(page, row), near) <= 34 for row in grown if row not in on_the_way)

    page.keyboard.press("+")
    assert page.evaluate(WIDTH) == pytest.approx(0.53)
    opened.execute("shown.color = 'label'")
    page.wait_for_function(DRAWN, arg="label")
    assert page.evaluate(WIDTH) == pytest.approx(0.53)
    page.keyboard.press("+")
    assert re.fullmatch(r"closer, \d+ points? in view", spoken.inner_text())
    page.keyboard.press("Home")
    assert page.evaluate(WIDTH) == pytest.approx(1.06)
    assert spoken.inner_text() == "the whole map, 600 points in view"
    page.keyboard.press("-")
    assert spoken.inner_text() == "no farther, 600 points in view"

    page.keyboard.press("Escape")
    assert selected(opened, 0) == []
    assert page.evaluate(HAS_FOCUS)
    page.keyboard.press("Escape")
    assert not page.evaluate(HAS_FOCUS)
    assert spoken.inner_text() == ""
    assert plot.locator(".shapelayer path").count() == 1
    assert opened.cells() == cells


def test_many_classes_are_found_by_name_and_pages_and_digits_label_what_is_seen(open_notebook, page):
    opened = open_notebook(MANY)
    opened.run_all()
    page.wait_for_function(DRAWN, arg="label")
    plot, spoken = page.locator(".alw-map .alw-plot"), page.locator(".alw-map-spoken")
    title, bar = page.locator(".alw-map-one > strong"), page.locator(".alw-map-bar")

    def labels():
        codes = "alw.session.view_of(session).codes"
        given = f"[[row, str(session.classes[code])] for row, code in enumerate({codes}) if code >= 0]"
        return told(opened, given)

    plot.focus()
    here = int(re.match(r"row (\d+),", spoken.inner_text())[1])
    other = here ^ 1
    assert "1 of 2 samples here" in spoken.inner_text()
    # Nothing is shown yet.
    page.keyboard.press("1")
    spoken.get_by_text("no sample is shown").wait_for()
    page.keyboard.press("Enter")
    page.locator(".alw-map-one").get_by_text(f"sample {here}", exact=True).wait_for()
    page.keyboard.press("PageDown")
    page.keyboard.press("2")
    spoken.get_by_text("1 labeled as kind 011").wait_for()
    # What lies there as well, with a class that is found.
    page.keyboard.press("Enter")
    page.locator(".alw-map-one").get_by_text(f"sample {other}", exact=True).wait_for()
    page.keyboard.press("/")
    page.keyboard.type("271")
    page.keyboard.press("Enter")
    spoken.get_by_text("1 labeled as kind 271").wait_for()
    assert labels() == sorted([[here, "kind 011"], [other, "kind 271"]])
    # The keys are the map's again; where the cursor is not on what is shown, no class is meant.
    page.keyboard.press("ArrowRight")
    page.keyboard.press("1")
    spoken.get_by_text("which is not shown").wait_for()
    page.keyboard.press("Space")
    (away,) = selected(opened, 1)
    page.keyboard.press("b")
    assert bar.evaluate("(bar) => bar === document.activeElement")
    page.keyboard.press("3")
    spoken.get_by_text("1 labeled as kind 002").wait_for()
    assert labels() == sorted([[here, "kind 011"], [other, "kind 271"], [away, "kind 002"]])
    page.keyboard.press("Escape")
    # Ten classes, what finds and turns, what walks: no stop for each of three hundred.
    assert plot.evaluate("(plot) => plot === document.activeElement")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('.alw-answers') !== null")
    assert page.locator(".alw-map .alw-answers button").count() == 20
    title.get_by_text(f"row {other}").wait_for()


def test_the_map_follows_a_retrain_and_comes_back_after_a_reload(opened, page):
    words = "() => document.querySelector('.alw-map .alw-plot').getAttribute('aria-label')"
    opened.execute("shown.color = 'prediction'; shown.select(range(30))")
    page.wait_for_function(DRAWN, arg="prediction")
    opened.execute(
        "[session.teach(row, 'ham') for row in np.flatnonzero(alw.session.view_of(session).codes < 0)[:200]]; "
        "session.retrain()"
    )
    opened.execute("shown.wait()")
    n_ham = told(opened, "int((session.predictions().codes == 0).sum())")
    page.wait_for_function(f"() => ({words})().includes('ham: {n_ham}')")
    opened.save()
    # JupyterLab had plotly.js; without its extension the kernel sends it.
    sent = "__import__('alwidgets.views.plotly_js', fromlist=['plotly_js']).plotly_js.cache_info().misses"
    assert told(opened, sent) == 0
    page.route("**/jupyterlab-plotly/**", lambda route: route.abort())
    opened.reload()
    page.wait_for_function(DRAWN, arg="prediction")
    assert f"ham: {n_ham}" in page.evaluate(words)
    assert told(opened, sent) == 1
    page.locator(".alw-map-bar strong").get_by_text("30 selected").wait_for()


def test_axe_finds_nothing_in_the_map_with_everything_open(opened, page):
    for shown in ("7", "range(60)"):
        opened.execute(f"shown.color = 'label'; shown.select(range(100)); shown.inspect({shown})")
        page.wait_for_function(DRAWN, arg="label")
        page.locator(".alw-map-bar .alw-answers button", has_text="ham").click()
        page.locator(".alw-map-confirm button").first.wait_for()
        page.locator(".alw-map-sample:visible").get_by_text("sample 7", exact=True).first.wait_for()
        for _ in opened.looks():
            results = Axe().run(page, context=".alw-map")
            assert results.violations_count == 0, results.generate_report()
        page.get_by_role("button", name="cancel").click()
