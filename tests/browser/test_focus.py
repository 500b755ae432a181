"""Where the keys go: to the card, from wherever in the workbench one has clicked, and it says when they do not."""

import pytest
from lab import DRAWN_TWICE, Card
from sessions import SMALL_SESSION, labels_of

pytestmark = [pytest.mark.browser, pytest.mark.one_kernel]

KEYS_HAVE_COME = "document.querySelector('.alw-labeler').hasAttribute('data-armed')"


def activate(page, number):
    """Select a cell, as a click beside its code does."""
    page.locator(".jp-Cell .jp-InputPrompt").nth(number).click()


def test_a_click_on_the_curves_caption_or_the_advice_leaves_the_keys_with_the_card(open_notebook, page):
    notebook = open_notebook(SMALL_SESSION, "1 + 1")
    notebook.run_all()
    card = Card(page).wait()
    before, expected = notebook.cells(), []
    for place in (".alw-curve > p", ".alw-verdict", ".alw-rule", ".alw-plot", ".alw-header"):
        activate(page, 1)
        page.locator(f".alw-workbench {place} >> nth=0").click()
        page.wait_for_function(f"() => {KEYS_HAVE_COME}")
        for key in ("x", "v", "j"):
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
