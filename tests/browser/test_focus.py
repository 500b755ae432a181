"""Where the keys go: to the card, from wherever in the workbench one has clicked, and it says when they do not."""

import pytest
from lab import DRAWN_TWICE, Card
from sessions import SMALL_SESSION, labels_of

pytestmark = [pytest.mark.browser, pytest.mark.one_kernel]

# A place of the card that is seen first.
CORNER = {"x": 20, "y": 5}
KEYS_HAVE_COME = "document.querySelector('.alw-labeler').hasAttribute('data-armed')"


def activate(page, number):
    """Select a cell, as a click beside its code does."""
    page.locator(".jp-Cell .jp-InputPrompt").nth(number).click()


def test_a_click_on_the_curves_caption_or_the_advice_leaves_the_keys_with_the_card(open_notebook, page):
    notebook = open_notebook(SMALL_SESSION, "1 + 1")
    notebook.run_all()
    card = Card(page).wait()
    before, expected = notebook.cells(), []
    for place in (".alw-curve > p", ".alw-verdict", ".alw-facts", ".alw-plot", ".alw-header"):
        activate(page, 1)
        page.locator(f".alw-workbench {place} >> nth=0").click()
        page.wait_for_function(f"() => {KEYS_HAVE_COME}")
        for key in ("x", "h", "j"):
            page.keyboard.press(key)
        # What is out of view would be brought back by the first key, and not answered.
        card.root.locator(".alw-card").scroll_into_view_if_needed()
        page.evaluate(DRAWN_TWICE)
        expected.append((card.item, ("ham", "spam")[len(expected) % 2]))
        card.press("12"[(len(expected) - 1) % 2])
        card.wait()
    card.settled()
    assert labels_of(notebook.folder) == expected
    assert notebook.cells() == before


def test_a_card_that_has_not_the_keys_says_how_they_come(open_notebook, page):
    notebook = open_notebook(SMALL_SESSION, "1 + 1")
    notebook.run_all()
    card = Card(page).wait()
    hint = card.root.locator(".alw-hint")
    # Another cell is selected, and Enter is that one's.
    assert hint.inner_text() == "click to label"
    activate(page, 0)
    assert hint.inner_text() == "click or press Enter to label"
    page.keyboard.press("Enter")
    assert page.evaluate(KEYS_HAVE_COME)
    assert not hint.is_visible()
    first = card.item
    card.press("2")
    card.wait().settled()
    assert labels_of(notebook.folder) == [(first, "spam")]
    # Who goes out by key goes to the code with the next Enter.
    card.press("Escape")
    activate(page, 0)
    assert hint.inner_text() == "click to label"
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.closest('.jp-Editor, .jp-InputArea-editor') !== null")
    assert not page.evaluate(KEYS_HAVE_COME)


def test_keys_of_other_alphabets_answer_by_their_place(open_notebook, page):
    notebook = open_notebook(SMALL_SESSION)
    notebook.run_all()
    card = Card(page).wait().focus()
    pressed = """([key, code]) => document.querySelector('.alw-labeler').dispatchEvent(
        new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true }))"""
    expected = []
    for key, code, label in (("&", "Digit1", "ham"), ("\u00e9", "Digit2", "spam"), ("\u306c", "Digit1", "ham")):
        expected.append((card.item, label))
        page.evaluate(pressed, [key, code])
        card.wait()
    skipped = card.item
    page.evaluate(pressed, ["\u0433", "KeyU"])
    card.wait().settled()
    assert labels_of(notebook.folder) == expected
    assert notebook.execute("print([e.item for e in session.events if e.kind == 'skipped'])") == f"[{skipped}]\n"


SEEN = """() => {
  const { top, bottom } = document.querySelector('.alw-workbench').getBoundingClientRect();
  const view = document.querySelector('.jp-WindowedPanel-outer').getBoundingClientRect();
  return top >= view.top && bottom <= view.bottom;
}"""
TO_THE_TOP = "() => { document.querySelector('.jp-WindowedPanel-outer').scrollTop = 0; }"
PLACE = "() => document.querySelector('.jp-WindowedPanel-outer').scrollTop"


@pytest.fixture
def at_1366_by_768(page):
    page.set_viewport_size({"width": 1366, "height": 768})
    yield
    page.set_viewport_size({"width": 1400, "height": 950})


@pytest.mark.usefixtures("at_1366_by_768")
def test_below_a_tall_cell_all_that_the_keys_answer_comes_on_screen_with_them_and_then_nothing_scrolls(
    open_notebook, page
):
    notebook = open_notebook("# a line\n" * 16 + SMALL_SESSION, "1 + 1")
    notebook.run_all()
    card = Card(page).wait()
    activate(page, 0)
    for come in (lambda: page.keyboard.press("Enter"), lambda: page.locator(".alw-card").click(position=CORNER)):
        page.evaluate(TO_THE_TOP)
        assert not page.evaluate(SEEN)
        come()
        page.wait_for_function(SEEN)
        page.keyboard.press("Escape")
    page.locator(".alw-card").click(position=CORNER)
    page.evaluate("() => { document.querySelector('.jp-WindowedPanel-outer').scrollTop -= 200; }")
    place = page.evaluate(PLACE)
    for key in "1212":
        card.press(key)
        card.wait()
    card.root.locator(".alw-card").click(position=CORNER)
    page.locator(".alw-curve > p").first.click()
    page.evaluate(DRAWN_TWICE)
    assert page.evaluate(PLACE) == place
    card.settled()
    assert len(labels_of(notebook.folder)) == 4


def test_twelve_presses_of_tab_lead_through_the_workbench_and_arrows_through_each_group(open_notebook, page):
    notebook = open_notebook(SMALL_SESSION, "1 + 1")
    notebook.run_all()
    card = Card(page).wait().focus()
    for key in "12":
        card.press(key)
        card.wait()
    card.settled()
    inside = "document.querySelector('.alw-workbench').contains(document.activeElement)"
    focused = "document.activeElement.innerText.split('\\n')"
    ways = {key: [] for key in ("Tab", "Shift+Tab")}
    for key, stops in ways.items():
        while page.evaluate(inside):
            page.keyboard.press(key)
            stops.append(page.evaluate(focused)[0])
            assert len(stops) <= 12
        page.locator(".alw-stopping summary").last.focus()
    # Both ways are one, from its two ends.
    assert ways["Shift+Tab"][:-2] == ways["Tab"][:-2][::-1]

    card.root.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    for key, now in (("ArrowRight", "2"), ("ArrowDown", "1"), ("End", "2"), ("Home", "1"), ("ArrowLeft", "2")):
        page.keyboard.press(key)
        assert page.evaluate(focused)[0] == now
    # On the way back it is where it was left.
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(focused)[:2] == ["2", "spam"]
    third = card.item
    page.keyboard.press("Enter")
    card.wait().settled()
    assert labels_of(notebook.folder)[2:] == [(third, "spam")]
    # With the card the same key walks back through the answers.
    page.keyboard.press("ArrowLeft")
    assert card.item == third
    page.get_by_role("button", name="table").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate(focused)[0] == "HTML"
