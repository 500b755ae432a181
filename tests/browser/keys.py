"""Keys and chords that change a notebook, or run it, when they reach Jupyter."""

from lab import Card

_LETTERS = [*"abcdhijklmnopqrstuvxyz"]
_SHIFTED = ["A", "B", "K", "J", "L", "M", "V", "S", "Shift+Enter", "Shift+ArrowUp", "Shift+ArrowDown", "Shift+m"]
_CHORDS = ["Control+Enter", "Alt+Enter", "Control+Shift+Enter", "Shift+Home", "Shift+End", "Shift+Space"]
_PLACES = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End", "PageUp", "PageDown", "Delete", "Enter"]
_DIGITS_AND_SIGNS = [*"3456", "-", "/", "[", "]", "=", ".", ",", ";"]
# Two of the same in a row restart the kernel, cut the cell, or interrupt.
_TWICE = ["0", "0", "d", "d", "i", "i"]

# Where a person may have clicked last: texts, the plot, buttons that stay as they are, a field.
PLACES = [
    ".alw-curve > p", ".alw-plot", ".alw-verdict", ".alw-facts", ".alw-save",
    ".alw-save button >> nth=1", ".alw-stopping summary >> nth=1", ".alw-stopping th", ".alw-value input >> nth=0",
]  # fmt: skip

_FOCUS_IS_IN_THE_CARD = "document.querySelector('.alw-labeler').contains(document.activeElement)"

SHORTCUTS = [*_LETTERS, *_SHIFTED, *_CHORDS, *_PLACES, *_DIGITS_AND_SIGNS, *_TWICE]


def press_what_changes_a_notebook(notebook, page):
    """Press them all in the card, and see that the notebook stays, that Ctrl+S saves and that one can leave."""
    notebook.run_all()
    card = Card(page).wait().focus()
    before = _seen(notebook, page)
    assert len(set(SHORTCUTS)) >= 60
    for key in SHORTCUTS:
        # Out of a box that a key before may have opened.
        card.root.focus()
        card.press(key)
    assert _seen(notebook, page) == before
    page.evaluate("() => { document.querySelector('.alw-criteria').open = true; }")
    for place in PLACES:
        page.locator(f".alw-workbench {place}").first.click()
        for key in ("b", "m", "d", "d", "x", "Shift+Enter", "ArrowDown"):
            page.keyboard.press(key)
        assert _seen(notebook, page) == before, place
    card.press("Control+s")
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    for key, at_most in (("Tab", 5), ("Escape", 1)):
        card.root.focus()
        assert page.evaluate(_FOCUS_IS_IN_THE_CARD)
        for _ in range(at_most):
            if page.evaluate(_FOCUS_IS_IN_THE_CARD):
                card.press(key)
        assert not page.evaluate(_FOCUS_IS_IN_THE_CARD), key


def _seen(notebook, page):
    prompts = page.locator(".jp-InputPrompt").all_inner_texts()
    return notebook.cells(), prompts, page.locator(".jp-Dialog").count()
