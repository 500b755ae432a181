"""The race as a person runs it: drawn with the mouse, played, and answered by key, in a real JupyterLab."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

RACE = """
import alwidgets as alw
race = alw.Race(random_state=1)
race
"""
ROUNDS = "(n) => Number(document.querySelector('.alw-race').dataset.rounds ?? 0) >= n"
# How many colors a panel has: a few without a boundary, many with the shades of two classes.
N_COLORS = """(number) => {
  const canvas = document.querySelectorAll('.alw-race canvas')[number];
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const colors = new Set();
  for (let at = 0; at < data.length; at += 4) if (data[at + 3]) colors.add(data.slice(at, at + 4).join());
  return colors.size;
}"""


def told(notebook, expression):
    """Return what the kernel says."""
    return json.loads(notebook.execute(f"import json; print(json.dumps({expression}))"))


def drag(page, *places):
    """Drag over the left panel; places are shares of its width and height."""
    box = page.locator(".alw-race canvas").first.bounding_box()
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=20)
    page.mouse.up()


def test_a_pool_is_drawn_raced_and_labeled_by_a_person(open_notebook, page):
    notebook = open_notebook(RACE, "1 + 1")
    notebook.run_all()
    race = page.locator(".alw-race")
    race.locator("canvas").first.wait_for()
    cells = notebook.cells()

    def button(name):
        return race.get_by_role("button", name=name, exact=True)

    # One class is not enough, which is said; the second one is chosen by its key.
    drag(page, (0.2, 0.2), (0.2, 0.8), (0.35, 0.3))
    page.wait_for_function("() => !document.querySelector('.alw-race .alw-tools:nth-of-type(3) button').disabled")
    button("step").click()
    race.get_by_role("alert").get_by_text("only orange is drawn; expected points of at least two classes.").wait_for()
    button("undo").focus()
    page.keyboard.press("2")
    drag(page, (0.8, 0.2), (0.8, 0.8), (0.65, 0.3))
    race.get_by_text("Who will win?").wait_for()
    counts = told(notebook, "[int((race.y == name).sum()) for name in ('orange', 'blue')]")
    assert min(counts) > 20
    assert told(notebook, "bool(race.X[race.y == 'orange'][:, 0].max() < race.X[race.y == 'blue'][:, 0].min())")
    before = [page.evaluate(N_COLORS, number) for number in (0, 1)]

    # Played until paused: boundaries and curves.
    button("play").click()
    page.wait_for_function(ROUNDS, arg=3)
    button("pause").click()
    button("play").wait_for()
    assert not race.get_by_role("alert").is_visible()
    for number in (0, 1):
        assert page.evaluate(N_COLORS, number) > before[number] + 50
    points = (
        "(of) => document.querySelector(`.alw-curves polyline[data-of=${of}]`).getAttribute('points').split(' ').length"
    )
    assert page.evaluate(points, "active") == page.evaluate(points, "random") >= 3
    race.get_by_text("of the").first.wait_for()

    # On a drawing that is being raced nothing is drawn; after a reset, labeled by key.
    n_points = told(notebook, "len(race.X)")
    drag(page, (0.5, 0.5), (0.6, 0.6))
    button("reset").click()
    race.get_by_text("Who will win?").wait_for()
    assert told(notebook, "len(race.X)") == n_points
    race.get_by_label("label it yourself").check()
    race.get_by_text("The ringed point is").wait_for()
    for n_labels in (1, 2):
        page.keyboard.press("1")
        race.get_by_text(f"{n_labels} labels each").first.wait_for()
    assert told(notebook, "race.sessions[0].labels['label'].tolist()") == ["orange", "orange"]

    # No mouse is needed: a ready-made shape, another model; a refused number is told and goes back.
    race.get_by_label("label it yourself").uncheck()
    race.get_by_label("shape", exact=True).select_option("circles")
    button("add shape").focus()
    page.keyboard.press("Enter")
    race.get_by_label("model", exact=True).select_option("k-NN")
    field = race.get_by_label("batch", exact=True)
    field.fill("-3")
    page.keyboard.press("Tab")
    race.get_by_role("alert").get_by_text("batch_size is -3").wait_for()
    page.wait_for_function("() => document.querySelector('.alw-race [aria-label=batch]').value === '4'")
    button("step").click()
    page.wait_for_function("() => document.querySelector('.alw-race .alw-sentence').textContent.startsWith('4 labels')")
    assert told(notebook, "repr(race)").startswith(
        f"Race({n_points + 200} points, margin against random, k-NN; 4 labels"
    )

    assert notebook.cells() == cells
    for _ in notebook.looks():
        results = Axe().run(page, context=".alw-race")
        assert results.violations_count == 0, results.generate_report()
