"""The review as a person uses it: a real JupyterLab, keys and buttons."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from keys import SHORTCUTS

pytestmark = [pytest.mark.browser, pytest.mark.one_kernel]

SESSION = """
import alwidgets as alw, numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
rng = np.random.default_rng(1)
words = {"ham": "meeting lunch report team project".split(), "spam": "prize offer click parcel fee".split()}
truth = ["ham", "spam"] * 60
texts = [" ".join(rng.choice(words[label], 10)) + f" number{row}" for row, label in enumerate(truth)]
kinds = [f"kind {place:03}" for place in range(298)]
session = alw.Session(texts, classes=["ham", "spam", *kinds], audit=0, batch_size=500, random_state=0,
                      learner=make_pipeline(TfidfVectorizer(), LogisticRegression()))
for row in range(80):
    session.teach(row, {3: "ham", 10: "spam"}.get(row, truth[row]), seconds=2.0)
session.flag(5, "<b>smudged</b>")
session.note(6, "ask Eva")
session.retrain()
alw.Review(session)
"""
CHECKED = "() => document.querySelector('.alw-how')?.textContent.startsWith('Checked in round')"
FOCUSED = "() => document.activeElement.dataset.item ?? document.activeElement.getAttribute('aria-label')"


def told(notebook, expression):
    """Return what the kernel says a session is."""
    return json.loads(notebook.execute(f"import json; print(json.dumps({expression}))"))


def label_of(notebook, row):
    return told(notebook, f"session.labels.set_index('item').loc[{row}, ['label', 'via']].tolist()")


@pytest.fixture
def opened(open_notebook, page):
    notebook = open_notebook(SESSION, "1 + 1")
    notebook.run_all()
    page.wait_for_function(CHECKED)
    page.locator(".alw-review tbody tr[data-item='79']").wait_for()
    return notebook


def rows_shown(page):
    return page.evaluate(
        "() => [...document.querySelectorAll('.alw-review tbody tr')].map((line) => +line.dataset.item)"
    )


def narrow(page, **choices):
    """Choose in the selects by their names, and wait until the table has followed."""
    for name, value in choices.items():
        page.get_by_label(name, exact=True).select_option(value)


def wait_for_first(page, row):
    page.wait_for_function(f"() => document.querySelector('.alw-review tbody tr')?.dataset.item === '{row}'")


def test_a_label_is_changed_by_keyboard_and_no_key_reaches_the_notebook(opened, page):
    cells = opened.cells()
    narrow(page, show="disagrees", order="suspicious")
    wait_for_first(page, 3)
    shown = rows_shown(page)
    assert shown == [3, 10]
    page.locator(".alw-review tbody tr[data-item='3']").click()
    page.locator(".alw-detail").get_by_text("number3").wait_for()
    assert page.locator(".alw-review tbody tr[data-item='3'] .alw-model").inner_text().startswith("\u2260 spam")

    page.keyboard.press("2")
    page.locator(".alw-review .alw-spoken").get_by_text("changed to spam").wait_for(state="attached")
    assert label_of(opened, 3) == ["spam", "review"]
    # The row stays where it is, and keeps the focus.
    assert rows_shown(page) == shown
    assert page.evaluate(FOCUSED) == "3"
    page.keyboard.press("Backspace")
    page.locator(".alw-review .alw-spoken").get_by_text("undone").wait_for(state="attached")
    assert label_of(opened, 3) == ["ham", ""]

    # Enter opens, Escape returns to the row, Escape again leaves.
    page.keyboard.press("Home")
    first = page.evaluate(FOCUSED)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert page.evaluate(FOCUSED) == first
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED) == "Chosen answer"
    page.keyboard.press("c")
    page.keyboard.type("xdd00mb 1")
    page.keyboard.press("Enter")
    page.locator(".alw-review .alw-spoken").get_by_text("note kept").wait_for(state="attached")
    assert told(opened, f"session.notes[{first}]") == "xdd00mb 1"
    assert page.evaluate(FOCUSED) == first
    page.keyboard.press("f")
    page.locator(".alw-review .alw-spoken").get_by_text("flagged").wait_for(state="attached")
    assert told(opened, "sorted(session.flags)") == sorted([5, int(first)])

    # One of 300 classes is found by its name, or on its page of ten; Escape leaves one thing at a time.
    page.keyboard.press("Enter")
    page.keyboard.press("/")
    page.keyboard.type("127")
    page.keyboard.press("Enter")
    page.locator(".alw-review .alw-spoken").get_by_text("changed to kind 127").wait_for(state="attached")
    assert label_of(opened, first) == ["kind 127", "review"]
    assert page.evaluate(FOCUSED) == "Chosen answer"
    page.keyboard.press("PageDown")
    page.keyboard.press("3")
    page.locator(".alw-review .alw-spoken").get_by_text("changed to kind 010").wait_for(state="attached")
    assert page.locator(".alw-detail .alw-answers button[aria-pressed='true']").inner_text() == "3\nkind 010"
    page.keyboard.press("PageUp")
    page.keyboard.press("/")
    page.keyboard.type("no such")
    page.locator(".alw-detail").get_by_text("No class name matches.").wait_for()
    page.keyboard.press("Escape")
    assert page.evaluate(FOCUSED) == "Chosen answer"
    page.keyboard.press("Escape")
    assert page.evaluate(FOCUSED) == first

    # Search finds texts and notes.
    narrow(page, show="all", order="oldest")
    wait_for_first(page, 0)
    page.locator(".alw-review tbody tr").first.focus()
    page.keyboard.press("/")
    page.keyboard.type("number42")
    page.keyboard.press("Enter")
    wait_for_first(page, 42)
    assert rows_shown(page) == [42]
    page.get_by_label("search samples and notes").fill("")
    page.keyboard.press("Enter")
    wait_for_first(page, 0)
    page.locator(".alw-review tbody tr").first.focus()
    page.keyboard.press("PageDown")
    wait_for_first(page, 50)
    assert page.evaluate(FOCUSED) == "50"
    assert page.locator(".alw-review tbody tr").count() == 30
    page.keyboard.press("PageUp")

    for key in SHORTCUTS:
        page.locator(".alw-review tbody tr").first.focus()
        page.keyboard.press(key)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert not page.evaluate("() => document.querySelector('.alw-review').contains(document.activeElement)")
    page.locator(".alw-review tbody tr").first.focus()
    for _ in range(40):
        page.keyboard.press("Tab")
        if not page.evaluate("() => document.querySelector('.alw-review').contains(document.activeElement)"):
            break
    else:
        pytest.fail("Tab does not leave the review")
    assert opened.cells() == cells
    assert page.locator(".jp-Dialog").count() == 0


def test_a_repeat_is_blind_and_lists_what_differs_to_be_decided(opened, page):
    page.get_by_label("% again").fill("5")
    page.get_by_role("button", name="request repeats").click()
    answers = {}
    for place in range(4):
        page.wait_for_selector(".alw-blind[data-item]:not([data-item='']):not([data-fresh])")
        page.wait_for_function("(known) => !known.includes(document.querySelector('.alw-blind').dataset.item)", arg=[
            str(row) for row in answers])  # fmt: skip
        row = int(page.locator(".alw-blind").get_attribute("data-item"))
        # Neither label nor model nor note is anywhere to be seen.
        assert not page.locator(".alw-detail").is_visible()
        assert not page.locator(".alw-review table").first.is_visible()
        first = label_of(opened, row)[0]
        second = {"ham": "spam", "spam": "ham"}[first] if place == 0 else first
        answers[row] = second
        if place:
            page.keyboard.press({"ham": "1", "spam": "2"}[second])
        else:
            page.keyboard.press("/")
            page.keyboard.type(second)
            page.keyboard.press("Enter")
    page.locator(".alw-blind").get_by_text("3 of 4 second answers agree with the first").wait_for()
    assert told(opened, "session.repeats[['item', 'second']].values.tolist()") == [list(x) for x in answers.items()]
    page.get_by_role("button", name="show those that differ").first.click()
    differs = next(iter(answers))
    wait_for_first(page, differs)
    assert rows_shown(page) == [differs]
    page.locator(".alw-detail").get_by_text("Which one stays?").wait_for()
    page.locator(".alw-detail").get_by_role("button", name=answers[differs]).click()
    page.locator(".alw-review .alw-spoken").get_by_text(f"changed to {answers[differs]}").wait_for(state="attached")
    assert label_of(opened, differs) == [answers[differs], "review"]


def test_no_key_answers_what_was_scrolled_out_of_view(opened, page):
    opened.add_room()
    page.locator(".alw-review tbody tr[data-item='79']").click()
    first = label_of(opened, 79)
    page.keyboard.press("Enter")

    # In the table, and beside it.
    for place in (".alw-review tbody tr[data-item='79']", ".alw-detail"):
        page.locator(place).focus()
        opened.scroll_away(".alw-review-card")
        page.keyboard.press("u")
        page.locator(".alw-review .alw-spoken").get_by_text("out of view").wait_for(state="attached")
        assert label_of(opened, 79) == first
        assert page.locator(".alw-review-card").first.bounding_box()["y"] >= 0
        page.locator(".alw-review [data-unseen]").wait_for()
    page.get_by_role("button", name="request repeats").click()
    page.wait_for_selector(".alw-blind[data-item]:not([data-item=''])")
    row = page.locator(".alw-blind").get_attribute("data-item")
    before = page.locator(".alw-blind").bounding_box()["y"]
    for key in ("End", "ArrowDown", "Home"):
        page.keyboard.press(key)
    assert page.locator(".alw-blind").bounding_box()["y"] == before
    for key in ("1", "Space"):
        opened.scroll_away(".alw-blind .alw-review-card")
        page.keyboard.press(key)
        page.locator(".alw-blind [data-unseen]").wait_for()
        assert page.locator(".alw-blind").get_attribute("data-item") == row
    assert told(opened, "len(session.repeats)") == 0
    page.keyboard.press("1")
    page.wait_for_function("(row) => document.querySelector('.alw-blind').dataset.item !== row", arg=row)


def test_axe_finds_nothing_in_any_look_of_the_table_and_in_a_repeat(opened, page):
    page.locator(".alw-review tbody tr[data-item='79']").click()
    for _ in opened.looks():
        results = Axe().run(page, context=".alw-review")
        assert results.violations_count == 0, results.generate_report()
    page.get_by_role("button", name="request repeats").click()
    page.wait_for_selector(".alw-blind[data-item]:not([data-item=''])")
    for dark in (True, False):
        opened.dark(dark)
        results = Axe().run(page, context=".alw-review")
        assert results.violations_count == 0, results.generate_report()


MANY = """
import alwidgets as alw, numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
rng = np.random.default_rng(1)
X = rng.normal(size=(40, 3))
session = alw.Session(X, [f"sample {row}" for row in range(40)], classes=["cat", "dog", "cow"], task="multi", audit=0,
                      learner=OneVsRestClassifier(LogisticRegression()), batch_size=500, random_state=0)
for row in range(30):
    session.teach(row, [name for name, x in zip(session.classes, X[row]) if x > 0])
session.teach(4, ["cat"])
session.retrain()
alw.Review(session)
"""


def test_sets_of_classes_are_chosen_by_keys_and_saved_by_enter(open_notebook, page):
    notebook = open_notebook(MANY)
    notebook.run_all()
    page.wait_for_function(CHECKED)
    row = page.locator(".alw-review tbody tr[data-item='4']")
    row.click()
    spoken = page.locator(".alw-review .alw-spoken")
    buttons = page.locator(".alw-detail .alw-answers button")

    def pressed():
        return [button.get_attribute("aria-pressed") == "true" for button in buttons.all()]

    assert pressed() == [True, False, False]
    page.keyboard.press("3")
    page.keyboard.press("1")
    assert pressed() == [False, False, True]
    assert told(notebook, "session.labels.set_index('item').loc[4, 'label']") == ["cat"]
    page.keyboard.press("Enter")
    spoken.get_by_text("changed to cow").wait_for(state="attached")
    assert label_of(notebook, 4) == [["cow"], "review"]
    assert row.locator(".alw-label").inner_text() == "cow"
    assert page.evaluate(FOCUSED) == "4"

    # Escape takes the choice back; a click chooses as a key does, and the button saves.
    page.keyboard.press("2")
    assert pressed() == [False, True, True]
    page.keyboard.press("Escape")
    assert pressed() == [False, False, True]
    row.click()
    buttons.nth(1).click()
    page.keyboard.press("Enter")
    spoken.get_by_text("changed to dog, cow").wait_for(state="attached")
    buttons.nth(1).click()
    buttons.nth(2).click()
    page.locator(".alw-detail").get_by_role("button", name="answer: none of these").click()
    spoken.get_by_text("changed to none of the classes").wait_for(state="attached")
    assert label_of(notebook, 4) == [[], "review"]
    row.click()
    page.keyboard.press("Backspace")
    spoken.get_by_text("undone").wait_for(state="attached")
    assert label_of(notebook, 4)[0] == ["dog", "cow"]

    page.get_by_label("% again").fill("10")
    page.get_by_role("button", name="request repeats").click()
    page.wait_for_selector(".alw-blind[data-item]:not([data-item=''])")
    looked_at = int(page.locator(".alw-blind").get_attribute("data-item"))
    page.keyboard.press("1")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    spoken.get_by_text("answered cat, dog, next").wait_for(state="attached")
    assert told(notebook, "session.repeats[['item', 'second']].values.tolist()") == [[looked_at, ["cat", "dog"]]]
    assert Axe().run(page, context=".alw-review").violations_count == 0
