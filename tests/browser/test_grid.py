"""The grid on a page of its own, by keys and clicks, as a card opens it."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from alwidgets.views.front_end import script, style

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang="en"><title>grid</title><body data-jp-theme-light="true"><style>%s</style>
<main></main><script type="module">%s
const asked = { payloads: new Map(), answers: [], said: [], n_closed: 0 };
const draw = (item) => {
  const payload = asked.payloads.get(item);
  if (!payload) return null;
  if (payload === "fails") throw new Error("This row has no picture.");
  const image = payload.startsWith("data:") ? make("img", "") : null;
  if (!image) return make("div", "alw-text", payload);
  image.alt = "a picture";
  image.src = payload;
  return image;
};
window.openGrid = (items, value, inShadow, classes, page) => {
  const root = make("div", "alw-root alw-labeler");
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Labeler");
  const place = document.querySelector("main");
  if (inShadow) place.attachShadow({ mode: "open" }).append(document.querySelector("style").cloneNode(true), root);
  else place.append(root);
  const grid = makeGrid({
    items, value, title: "Like the last one", classes, page, draw,
    keys: { classes: classes.slice(0, 10).map((_, i) => "1234567890"[i]), actions: { find: "/" } },
    done: (answers) => asked.answers.push(...answers.map(({ item, value }) => [item, value])),
    close: () => { asked.n_closed += 1; },
    say: (text) => asked.said.push(text),
  });
  root.append(grid.element);
  window.addEventListener("keydown", grid.onKey, true);
  window.grid = Object.assign(asked, grid);
  grid.focus();
};
window.asked = asked;
</script></body></html>"""
NO_PICTURE = "data:image/png;base64,AAAA"


class Grid:
    """The grid on a page, used by looking and by keys."""

    def __init__(self, page):
        self.page = page
        self.tiles = page.locator(".alw-tile")
        self.line = page.locator(".alw-grid-line")

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def wait_for_line(self, text):
        self.line.get_by_text(text).wait_for()

    def word(self, number):
        return self.tiles.nth(number - 1).locator(".alw-tile-word").inner_text()

    @property
    def answers(self):
        return [tuple(answer) for answer in self.page.evaluate("asked.answers")]

    @property
    def said(self):
        return self.page.evaluate("asked.said.at(-1)")


@pytest.fixture
def open_grid(page):
    """A function that opens a grid of samples, given as their texts; None is one that has not arrived."""

    def open_it(samples, value=None, *, all_seen=True, in_shadow=False, classes=("ham", "spam"), page_of_classes=0):
        page.set_content(
            PAGE
            % (
                style("common/sample.css", "common/answers.css", "labeler/labeler.css", "labeler/grid.css"),
                script("labeler/grid.js"),
            )
        )
        page.wait_for_function("() => window.asked")
        page.evaluate("(samples) => samples.forEach((sample, item) => asked.payloads.set(item, sample))", samples)
        given = [list(range(len(samples))), value, in_shadow, list(classes), page_of_classes]
        page.evaluate("(given) => openGrid(...given)", given)
        if all_seen:
            page.wait_for_function("() => !document.querySelector('.alw-unseen')")
        return Grid(page)

    return open_it


def texts(n):
    return [f"message {i}" for i in range(n)]


def test_one_class_is_given_to_all_but_the_exceptions(open_grid):
    grid = open_grid(texts(6))
    grid.press("2", "ArrowRight", "ArrowRight", "Space", "ArrowRight", "1", "Enter")
    assert grid.answers == [(0, 1), (2, 0), (3, 1), (4, 1), (5, 1)]
    assert grid.said == "labeled 5, 1 left"
    assert [grid.tiles.count(), grid.word(1)] == [1, "no class"]
    grid.press("Enter")
    assert len(grid.answers) == 5


def test_without_a_class_nothing_is_labeled_and_it_says_why(open_grid):
    grid = open_grid(texts(6))
    grid.press("Enter")
    assert grid.answers == []
    grid.wait_for_line("no class chosen for the tiles: nothing was labeled")
    assert grid.said == "no class chosen for the tiles: nothing was labeled"


def test_a_click_marks_and_the_keys_are_with_the_whole(open_grid):
    grid = open_grid(texts(6))
    grid.press("ArrowRight")
    grid.tiles.nth(3).click()
    grid.press("1")
    assert [grid.word(4), grid.word(1)] == ["left out", "ham"]
    assert grid.tiles.nth(3).get_attribute("aria-selected") == "false"
    grid.page.get_by_role("button", name="Enter label").click()
    assert [item for item, _ in grid.answers] == [0, 1, 2, 4, 5]


def test_a_key_or_a_click_that_bounces_on_a_tile_counts_once(open_grid, page):
    page.clock.install()
    grid = open_grid(texts(6), value=0)
    bounce = """(keys) => keys.forEach((key) => document.querySelector('.alw-tile').dispatchEvent(
      new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, composed: true })))"""
    grid.press("ArrowRight")
    page.evaluate(bounce, [" ", " "])
    assert grid.word(1) == "left out"
    page.clock.fast_forward(300)
    grid.press("Space")
    assert grid.word(1) == "ham"
    grid.tiles.nth(2).dblclick()
    assert grid.word(3) == "left out"
    # The tile's mark goes, and not the class of all with it; nor does the labeler hear of it.
    grid.press("ArrowRight", "Space")
    page.evaluate(bounce, ["Backspace", "Backspace"])
    assert [grid.word(1), grid.word(2)] == ["ham", "ham"]
    page.clock.fast_forward(300)
    grid.press("Backspace")
    assert grid.word(2) == "no class"
    held = """() => !document.body.dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Backspace', repeat: true, cancelable: true }))"""
    page.clock.fast_forward(300)
    assert page.evaluate(held)


def test_a_press_on_a_tile_that_is_no_click_changes_nothing(open_grid, page):
    grid = open_grid(texts(6))
    grid.tiles.nth(1).hover()
    page.mouse.down()
    grid.line.hover()
    page.mouse.up()
    grid.press("2")
    assert [grid.word(1), grid.word(2)] == ["spam", "spam"]


@pytest.mark.parametrize("in_shadow", [False, True])
def test_the_keys_stay_with_a_tile_when_the_card_shows_more(open_grid, page, in_shadow):
    grid = open_grid(texts(24), all_seen=not in_shadow, in_shadow=in_shadow)
    grid.press("ArrowRight")
    page.evaluate("grid.resize(24)")
    assert grid.tiles.first.evaluate("(tile) => tile.getRootNode().activeElement === tile")
    grid.press("2")
    assert [grid.tiles.count(), grid.word(1), grid.word(2)] == [24, "only this: spam", "no class"]


def test_tiles_below_are_labeled_only_after_they_were_seen(open_grid, page):
    page.set_viewport_size({"width": 500, "height": 500})
    grid = open_grid(texts(12), value=1, all_seen=False)
    page.wait_for_function("() => document.querySelectorAll('.alw-unseen').length < 12")
    assert page.locator(".alw-unseen").count() > 0
    rounds = 0
    while not grid.answers:
        unseen = page.locator(".alw-unseen").count()
        grid.press("Enter")
        assert grid.answers or grid.said == f"{unseen} not seen yet: nothing was labeled"
        page.wait_for_function(
            "(n) => document.querySelectorAll('.alw-unseen').length < n || asked.answers.length", arg=unseen
        )
        rounds += 1
    # Each time as many as the list can show, not one.
    assert 1 < rounds < 6
    assert len(grid.answers) == 12


def test_a_text_longer_than_its_tile_is_read_to_its_end_by_enter_before_it_is_labeled(open_grid, page):
    grid = open_grid(["short", "words " * 400, "many " * 400], value=1)
    grid.wait_for_line("2 to be read to the end")
    size = page.locator(".alw-grid").bounding_box()
    presses = 0
    while not grid.answers:
        grid.press("Enter")
        presses += 1
        assert presses < 60
        page.evaluate("() => new Promise(requestAnimationFrame)")
    assert grid.answers == [(0, 1), (1, 1), (2, 1)]
    assert presses > 6
    # What the pointer or the arrow keys are on is read in the same place, and nothing moves.
    grid = open_grid(["short", "words " * 400], value=1)
    grid.tiles.nth(1).hover()
    reading = page.locator(".alw-grid-reading")
    reading.get_by_text("words words").wait_for()
    page.mouse.wheel(0, 20_000)
    page.wait_for_function("() => !document.querySelector('.alw-unread')")
    assert page.locator(".alw-grid").bounding_box()["width"] == size["width"]
    grid.press("Enter")
    assert grid.answers == [(0, 1), (1, 1)]


def test_a_sample_that_has_not_arrived_is_not_labeled_before_it_has(open_grid, page):
    grid = open_grid([*texts(2), None], value=0, all_seen=False)
    grid.wait_for_line("1 not seen yet")
    assert "loading" in grid.tiles.nth(2).inner_text()
    grid.press("Enter")
    assert grid.answers == []
    page.evaluate("asked.payloads.set(2, 'message 2'); grid.redraw()")
    page.wait_for_function("() => !document.querySelector('.alw-unseen')")
    grid.press("Enter")
    assert [item for item, _ in grid.answers] == [0, 1, 2]


def test_what_cannot_be_drawn_says_why_and_is_left_out(open_grid):
    grid = open_grid(["fails", NO_PICTURE, "message"], value=0)
    grid.tiles.nth(0).get_by_text("This row has no picture.").wait_for()
    grid.tiles.nth(1).get_by_text("The image cannot be shown.").wait_for()
    grid.press("ArrowRight", "2", "Escape", "Enter")
    assert grid.answers == [(2, 0)]


def test_escape_returns_from_a_tile_with_its_mark_and_closes_from_the_whole(open_grid, page):
    grid = open_grid(texts(6), value=0)
    grid.press("ArrowRight", "Space", "Escape")
    assert [page.evaluate("asked.n_closed"), grid.word(1)] == [0, "left out"]
    grid.press("ArrowRight", "Backspace")
    assert grid.word(1) == "ham"
    grid.press("Escape")
    assert page.evaluate("asked.n_closed") == 1


def test_when_all_are_labeled_only_closing_is_left(open_grid, page):
    grid = open_grid(texts(2), value=0)
    grid.press("Enter")
    grid.wait_for_line("Nothing is left in this grid.")
    grid.press("1", "ArrowRight", "Escape")
    assert [len(grid.answers), page.evaluate("asked.n_closed")] == [2, 1]


def test_arrows_follow_the_columns_that_are_on_screen(open_grid, page):
    grid = open_grid(texts(12))
    grid.press("ArrowRight", "ArrowDown")
    columns = len({grid.tiles.nth(i).bounding_box()["x"] for i in range(12)})
    assert page.evaluate("document.activeElement.ariaLabel") == f"{columns + 1} of 12: message {columns}, no class"


def test_tab_leaves_the_tiles_for_the_classes(open_grid, page):
    grid = open_grid(texts(12))
    grid.press("ArrowRight", "Tab")
    assert page.evaluate("document.activeElement.textContent") == "1ham"
    grid.press("Enter")
    assert [grid.word(1), grid.word(2)] == ["only this: ham", "no class"]


def test_of_many_classes_each_has_a_key_on_its_page_or_is_found_by_its_name(open_grid, page):
    grid = open_grid(texts(6), classes=[f"kind {i:03}" for i in range(300)], page_of_classes=1)
    buttons = page.locator(".alw-answers button")
    assert [buttons.count(), buttons.first.inner_text()] == [10, "1\nkind 010"]
    grid.press("3")
    assert grid.word(1) == "kind 012"
    grid.press("ArrowRight", "PageDown", "1")
    assert [grid.word(1), grid.word(2)] == ["only this: kind 020", "kind 012"]
    grid.press("ArrowRight", "/", "2", "9", "9", "Enter")
    assert [grid.word(2), page.evaluate("document.activeElement.className")] == ["only this: kind 299", "alw-tile"]
    grid.press("/", "x", "Escape")
    assert [page.evaluate("asked.n_closed"), page.locator(".alw-find").input_value()] == [0, ""]
    grid.press("Escape", "Enter")
    assert grid.answers == [(0, 20), (1, 299), (2, 12), (3, 12), (4, 12), (5, 12)]


def test_more_and_fewer_tiles(open_grid):
    grid = open_grid(texts(48))
    counts = []
    for key in ("+", "+", "-", "-", "-"):
        grid.press(key)
        counts.append(grid.tiles.count())
    assert counts == [24, 48, 24, 12, 6]
    grid.page.get_by_role("button", name="24").click()
    assert grid.tiles.count() == 24


def test_keys_that_are_not_the_grids_pass(open_grid, page):
    open_grid(texts(6))
    taken = """(init) => {
      const event = new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init });
      Object.defineProperty(event, 'target', { value: document.activeElement });
      return grid.onKey(event);
    }"""
    passing = [{"key": "f"}, {"key": "Tab"}, {"key": "Enter", "shiftKey": True}, {"key": "1", "ctrlKey": True}]
    assert not any(page.evaluate(taken, key) for key in [*passing, {"key": "Backspace"}])
    assert all(page.evaluate(taken, {"key": key}) for key in ("1", "Backspace", " ", "ArrowUp", "Enter"))


@pytest.mark.parametrize("colors", ["none", "active"])
def test_the_grid_has_no_violation_of_accessibility(open_grid, page, colors):
    page.emulate_media(forced_colors=colors)
    grid = open_grid([*texts(5), "fails"], value=1)
    grid.press("ArrowRight", "Space", "ArrowRight", "1")
    assert Axe().run(page, context=".alw-grid").violations_count == 0
