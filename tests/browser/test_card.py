"""What the card does beyond one key a class, as a person does it."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from lab import BROKEN_WORDS, Card

pytestmark = [pytest.mark.browser, pytest.mark.one_kernel]

SETUP = """
import alwidgets as alw, numpy as np
from sklearn.datasets import load_digits
from sklearn.naive_bayes import GaussianNB
X, y = load_digits(return_X_y=True)
rest = dict(X=X[:600], items=[f"sample {i}" for i in range(600)], learner=GaussianNB(), audit=0, random_state=0)
"""


@pytest.fixture
def open_card(open_notebook, page):
    """A function that opens a card of a session made with these arguments."""

    def open_it(arguments, wait=True):
        notebook = open_notebook(SETUP + f"session = alw.Session(**rest, {arguments})\nalw.Labeler(session)")
        notebook.run_all()
        card = Card(page)
        card.notebook = notebook
        return card.wait() if wait else card

    return open_it


def python(card, expression):
    return json.loads(card.notebook.execute(f"import json; print(json.dumps({expression}))"))


def labels(card):
    return python(card, "session.labels[['item', 'label']].values.tolist()")


def test_a_key_that_bounces_or_is_held_down_labels_once(open_card, page):
    card = open_card("classes=['ham', 'spam'], journal='bounce.alw'").focus()
    first = card.item
    page.evaluate(
        """() => {
          const root = document.querySelector('.alw-labeler');
          const press = (repeat) => root.dispatchEvent(
            new KeyboardEvent('keydown', { key: '1', repeat, bubbles: true, cancelable: true }));
          [false, false, true, true, true].forEach(press);
        }"""
    )
    said = card.root.locator(".alw-hint")
    assert said.inner_text() == "pressed twice quickly: counted once"
    second = card.item
    card.root.locator(".alw-answers button").nth(1).dblclick()
    assert said.inner_text() == "pressed twice quickly: counted once"
    card.wait().settled()
    assert labels(card) == [[first, "ham"], [second, "spam"]]
    third = card.item
    card.press("1")
    assert said.inner_text() == ""
    assert card.wait().item != third


def test_the_same_key_as_fast_as_a_finger_counts_each_time(open_card, page):
    card = open_card("classes=['ham', 'spam']").focus()
    n_pressed = page.evaluate(
        """async () => {
          const root = document.querySelector('.alw-labeler');
          const pause = (ms) => new Promise((done) => setTimeout(done, ms));
          let n = 0;
          for (; n < 12; n++) {
            await pause(70);
            while (!root.dataset.item) await pause(5);
            root.dispatchEvent(new KeyboardEvent('keydown', { key: '1', bubbles: true, cancelable: true }));
          }
          return n;
        }"""
    )
    card.settled()
    assert python(card, "len(session.labels)") == n_pressed


def test_what_has_some_words_is_asked_alone_from_the_grid_on_and_all_again_from_the_header(open_card, page):
    card = open_card("classes=['ham', 'spam']").focus()
    card.press("g")
    words = page.locator(".alw-grid-words")
    words.fill("sample 1")
    words.press("Enter")
    page.locator(".alw-grid").get_by_text("48 of 111").wait_for()
    page.get_by_role("button", name="ask only these").click()
    every = page.get_by_role("button", name="ask all again")
    every.wait_for()
    # On what was on screen nothing was begun: the first of these comes at once.
    page.wait_for_function("() => /^1/.test(document.querySelector('.alw-labeler').dataset.item)")
    assert labels(card) == []
    chosen = card.item
    card.press("2")
    card.wait().settled()
    assert labels(card) == [[chosen, "spam"]]
    assert python(card, "session.progress.n_only") == 110
    card.press("Backspace")
    page.wait_for_function("(row) => document.querySelector('.alw-labeler').dataset.item === row", arg=str(chosen))
    card.settled()
    assert labels(card) == []
    assert python(card, "session.progress.n_only") == 111
    words = card.root.get_by_text("asking only among 111 chosen", exact=True)
    for width in (360, 683):
        card.root.evaluate("(root, width) => (root.style.maxWidth = `${width}px`)", width)
        page.wait_for_function("(width) => document.querySelector('.alw-labeler').offsetWidth <= width", arg=width)
        cut = words.evaluate("({ scrollWidth, clientWidth }) => scrollWidth - clientWidth")
        assert (words.is_visible(), cut) == (True, 0)
        assert every.bounding_box()["x"] + every.bounding_box()["width"] < card.root.bounding_box()["x"] + width
    every.focus()
    page.keyboard.press("Enter")
    every.wait_for(state="hidden")
    assert python(card, "session.progress.n_only") == 0
    # The button has gone, and the keys have not: the notebook gets none of them.
    card.press("1")
    card.wait().settled()
    assert len(labels(card)) == 1


def test_an_answer_in_the_strip_is_changed_by_a_click_and_the_question_comes_back(open_card, page):
    card = open_card("classes=['ham', 'spam']").focus()
    first = card.item
    for key in "121":
        card.press(key)
        card.wait()
    card.settled()
    question = card.item
    card.root.locator(".alw-last button").nth(2).click()
    page.wait_for_function("(row) => document.querySelector('.alw-labeler').dataset.item === row", arg=str(first))
    card.wait_for_text("Answered before: ham; a new answer replaces the old one.")
    pressed = card.root.locator(".alw-answers button[aria-pressed=true]")
    assert pressed.locator("span").first.inner_text() == "ham"
    card.press("Backspace")
    assert card.item == question
    # By key: back through the answers, each with what was given, and forth again.
    for key, given in (("ArrowLeft", "ham"), ("ArrowLeft", "spam"), ("ArrowRight", "ham")):
        page.keyboard.press(key)
        assert pressed.locator("span").first.inner_text() == given
    page.keyboard.press("ArrowRight")
    assert (card.item, pressed.count()) == (question, 0)
    card.root.locator(".alw-last button").nth(2).click()
    page.wait_for_function("(row) => document.querySelector('.alw-labeler').dataset.item === row", arg=str(first))
    card.press("2")
    assert card.item == question
    card.settled()
    assert dict(map(tuple, labels(card)))[first] == "spam"
    assert python(card, "len(session.labels)") == 3


def _in_the_card(card, selector):
    box, around = card.root.locator(selector).bounding_box(), card.root.bounding_box()
    return box["y"] - around["y"], box["height"]


def test_unsure_flag_and_note_are_kept_with_the_sample(open_card, page):
    card = open_card("classes=['ham', 'spam']").focus()
    first = card.item
    place = _in_the_card(card, ".alw-foot")
    card.press("f")
    card.press("c")
    assert page.locator("input.alw-note").get_attribute("placeholder") == "why it is flagged, then Enter"
    assert _in_the_card(card, ".alw-foot") == place
    page.keyboard.type("1 looks odd")
    card.press("Enter")
    # What is there is opened, and gone on with.
    card.press("c")
    page.keyboard.type(", f")
    card.press("Enter")
    card.press("1")
    second = card.item
    card.notebook.execute(f"session.note({second}, 'blurred')")
    card.press("c")
    page.wait_for_function("() => document.querySelector('input.alw-note').value === 'blurred'")
    page.locator("input.alw-note").fill("")
    card.press("Enter")
    card.settled()
    assert python(card, "[session.flags, session.notes]") == [{str(first): "1 looks odd, f"}, {}]
    card.press("c")
    page.keyboard.type("blurred")
    card.press("Enter")
    card.press("u")
    card.wait().settled()
    assert python(card, "[session.flags, session.notes]") == [{str(first): "1 looks odd, f"}, {str(second): "blurred"}]
    assert labels(card) == [[first, "ham"]]
    assert python(card, "[e.unsure for e in session.events if e.kind == 'skipped']") == [True]
    assert card.root.locator(".alw-last button").first.inner_text().endswith("unsure")


def test_one_of_thirty_classes_is_found_by_its_name_or_its_page(open_card, page):
    card = open_card("classes=[f'species {i:02}' for i in range(30)]").focus()
    first = card.item
    card.press("/")
    page.keyboard.type("7 species")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    card.press("Enter")
    second = card.wait().item
    card.press("PageDown")
    card.press("3")
    third = card.wait().item
    # What is found has pages too, and the box keeps the keys.
    row = page.locator(".alw-answers")
    height = row.bounding_box()["height"]
    card.press("/")
    page.keyboard.type("species")
    card.wait_for_text("1 to 10 of 30 found")
    card.press("PageDown")
    page.get_by_role("button", name="Next ten classes").click()
    card.wait_for_text("21 to 30 of 30 found")
    page.keyboard.type(" 29")
    card.wait_for_text("1 found")
    card.root.locator(".alw-card").click()
    page.keyboard.type("9")
    assert page.locator(".alw-find").input_value() == "species 299"
    assert row.bounding_box()["height"] == height
    card.press("Escape")
    card.press("/")
    page.keyboard.type("no such")
    card.wait_for_text("No class name matches.")
    card.press("Enter")
    card.press("Escape")
    card.press("1")
    card.wait().settled()
    assert labels(card) == [[first, "species 27"], [second, "species 12"], [third, "species 10"]]
    results = Axe().run(page, context=".alw-labeler")
    assert results.violations_count == 0, results.generate_report()


def test_a_class_is_added_where_it_is_found_and_has_a_key_at_once(open_card, page):
    card = open_card("classes=['ham', 'spam'], journal='added.alw'").focus()
    first = card.item
    page.get_by_role("button", name="+ add class").click()
    page.keyboard.type("eggs")
    card.press("Enter")
    page.get_by_role("button", name="eggs").wait_for()
    card.press("3")
    card.wait().settled()
    assert labels(card) == [[first, "eggs"]]
    assert python(card, "list(session.classes)") == ["ham", "spam", "eggs"]


def test_a_key_is_changed_in_the_list_and_one_that_is_taken_is_refused(open_card, page):
    card = open_card("classes=['ham', 'spam']").focus()
    first = card.item
    card.press("?")
    page.get_by_role("button", name="Key of spam: 2.").click()
    card.press("f")
    card.wait_for_text("keys has 'f' for 'spam' and for 'flag'; expected a key each.")
    page.get_by_role("button", name="Key of spam: 2.").click()
    card.press("s")
    page.get_by_role("button", name="Key of spam: S.").wait_for()
    card.press("?")
    card.press("2")
    assert card.item == first
    card.press("s")
    card.wait().settled()
    assert labels(card) == [[first, "spam"]]


def test_instructions_come_first_and_nothing_is_answered_behind_them(open_card, page):
    task = "alw.Task('yes_no', question='Is it *spam*?', instructions='# Spam\\n\\n- **parcels** <img src=x>\\n- fees')"
    card = open_card(f"classes=['no', 'yes'], task={task}", wait=False)
    card.wait_for_text("parcels")
    assert "<img src=x>" in card.text
    assert page.locator(".alw-instructions strong").inner_text() == "parcels"
    card.wait().root.focus()
    first = card.item
    card.press("y")
    card.press("Enter")
    assert card.item == first
    card.press("y")
    card.wait()
    card.press("i")
    card.wait_for_text("fees")
    card.press("n")
    card.press("i")
    card.settled()
    assert labels(card) == [[first, "yes"]]
    card.notebook.save()
    card.notebook.reload()
    assert page.locator(".alw-instructions").first.is_hidden()


def test_the_model_and_the_reason_are_told_when_they_are_asked_for(open_card, page):
    card = open_card("classes=['ham', 'spam'], task=alw.Task(suggest='on demand')").focus()
    for i in range(16):
        card.press("12"[i % 2])
        card.wait()
    card.settled()
    card.notebook.execute("session.wait()")
    shown = card.item
    card.press("w")
    card.wait_for_text("why: row")
    card.press("m")
    card.wait_for_text("% sure")
    suggested = page.locator(".alw-suggested span").first.inner_text()
    card.press("1")
    card.wait_for_text("why: row")
    card.settled()
    assert python(card, f"session.labels.set_index('item').loc[{shown}, 'suggested']") == suggested


def test_a_finger_answers_two_classes_and_skips_where_there_are_more(open_card, page):
    swipe = """([selector, by]) => {
      const card = document.querySelector(selector);
      const box = card.getBoundingClientRect();
      const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
      const send = (type, dx) => card.dispatchEvent(new PointerEvent(type, {
        pointerType: 'touch', isPrimary: true, pointerId: 5, bubbles: true, clientX: x + dx, clientY: y }));
      send('pointerdown', 0); send('pointermove', by);
      const hint = card.dataset.swipe;
      send('pointerup', by);
      return hint;
    }"""
    card = open_card("classes=['ham', 'spam']")
    first = card.item
    assert page.evaluate(swipe, [".alw-card", 20]) is None
    assert page.evaluate(swipe, [".alw-card", 120]) == "spam"
    card.wait().settled()
    assert labels(card) == [[first, "spam"]]


def test_repeats_come_among_the_questions_and_change_no_label(open_card, page):
    card = open_card("classes=['ham', 'spam'], task=alw.Task(repeats=0.1)").focus()
    for i in range(44):
        card.press("12"[i % 2])
        card.wait()
    card.settled()
    asked, waiting = python(card, "[session.agreement.n, session.agreement.n_waiting]")
    assert asked >= 2
    assert asked + waiting <= 5
    assert python(card, "len(session.labels)") == 44 - asked
    card.wait_for_text("second answers agree with the first (kappa")


def test_a_sample_out_of_view_is_brought_back_by_the_first_key_and_answered_by_the_next(open_card, page):
    card = open_card("classes=['ham', 'spam']").focus()
    card.notebook.add_room()
    first = card.item
    # What no class and no action has: the card's own box at most is scrolled.
    before = card.root.bounding_box()["y"]
    for key in ("End", "PageDown", "ArrowDown", "Home"):
        card.press(key)
    assert card.root.bounding_box()["y"] == before
    box = card.root.locator(".alw-card")
    for key in ("2", "Space"):
        card.notebook.scroll_away(".alw-card")
        assert page.evaluate("() => document.activeElement.closest('.alw-labeler') !== null")
        item = card.item
        card.press(key)
        page.locator(".alw-card[data-unseen]").wait_for()
        assert card.item == item
        assert box.bounding_box()["y"] >= 0
        card.press(key)
        assert card.wait().item != item
        assert page.locator("[data-unseen]").count() == 0
        card.settled()
        assert labels(card) == [[first, "spam"]]


def test_keys_go_to_the_text_that_is_written_and_focus_comes_back(open_card, page):
    card = open_card("classes=['ham', 'spam']").focus()
    first = card.item
    card.press("c")
    page.keyboard.type("12")
    card.press("Escape")
    assert card.item == first
    card.press("2")
    card.wait().settled()
    assert labels(card) == [[first, "spam"]]
    card.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('.alw-labeler') !== null")
    card.press("Escape")
    page.wait_for_function("() => !document.activeElement.closest('.alw-labeler')")


def test_a_grid_labels_what_is_not_left_out_and_one_undo_takes_it_back(open_card, page):
    card = open_card("classes=['ham', 'spam'], batch_size=100").focus()
    card.press("g")
    tiles = page.locator(".alw-tiles [role=option]")
    tiles.nth(11).wait_for()
    page.wait_for_function("() => !document.querySelector('.alw-tiles').textContent.includes('loading')")
    tiles.nth(3).click()
    card.press("2")
    card.press("Enter")
    card.wait_for_text("labeled 11")
    card.settled()
    given = labels(card)
    assert [label for _, label in given] == ["spam"] * 11
    assert python(card, "session.labels['via'].unique().tolist()") == ["grid"]
    card.press("Backspace")
    card.settled()
    assert labels(card) == []
    results = Axe().run(page, context=".alw-labeler")
    assert results.violations_count == 0, results.generate_report()


def test_near_duplicates_are_labeled_together(open_notebook, page):
    notebook = open_notebook(
        SETUP + "alike = np.vstack([X[:100], np.repeat(X[100:101], 6, axis=0)])\n"
        "rest |= dict(X=alike, items=[f'sample {i}' for i in range(106)], cold_start='random')\n"
        "session = alw.Session(**rest, classes=['ham', 'spam'])\nsession.enqueue([102])\nalw.Labeler(session)"
    )
    notebook.run_all()
    card = Card(page).wait().focus()
    card.notebook = notebook
    assert card.item == 102
    card.wait_for_text("6 near duplicates")
    card.press("d")
    page.locator(".alw-tiles [role=option]").nth(5).wait_for()
    page.wait_for_function("() => !document.querySelector('.alw-tiles').textContent.includes('loading')")
    card.press("1")
    card.press("Enter")
    card.wait().settled()
    assert sorted(labels(card)) == [[item, "ham"] for item in range(100, 106)]


def test_several_classes_are_toggled_and_saved_with_enter(open_notebook, page):
    notebook = open_notebook(
        "import alwidgets as alw\nfrom sklearn.datasets import make_multilabel_classification\n"
        "from sklearn.linear_model import LogisticRegression\nfrom sklearn.multiclass import OneVsRestClassifier\n"
        "X, Y = make_multilabel_classification(300, random_state=0)\n"
        "session = alw.Session(X, items=[f'sample {i}' for i in range(300)], classes=list('abcde'), audit=0,\n"
        "                      learner=OneVsRestClassifier(LogisticRegression()), random_state=0,\n"
        "                      task=alw.Task('multi', suggest='on demand'))\nalw.Labeler(session)"
    )
    notebook.run_all()
    card = Card(page).wait().focus()
    card.notebook = notebook
    first = card.item
    for key in ("3", "1", "2", "2"):
        card.press(key)
    assert card.item == first
    card.press("Enter")
    second = card.wait().item
    card.wait_for_text("answer: none of these")
    page.wait_for_selector(".alw-labeler:not([data-fresh])")
    card.press("Enter")
    card.wait().settled()
    assert labels(card) == [[first, ["a", "c"]], [second, []]]
    card.wait_for_text("a, c")
    card.notebook.execute("_ = session.run(Y, 40)")
    card.wait().focus()
    card.press("m")
    card.wait_for_text("model:")
    results = Axe().run(page, context=".alw-labeler")
    assert results.violations_count == 0, results.generate_report()


def broken_words(card):
    """Return (width, words) of the card at widths at which words are broken."""
    at_widths = f"""(root) => {{
      const found = [];
      for (let width = 260; width < 900; width += 8) {{
        root.style.maxWidth = `${{width}}px`;
        const broken = ({BROKEN_WORDS})([...root.querySelectorAll('button')]);
        if (broken.length) found.push([width, broken]);
      }}
      return found;
    }}"""
    return card.root.evaluate(at_widths)


def test_no_word_on_a_button_is_broken_however_narrow_the_card_is(open_card):
    steps = ["strongly disagree", "disagree", "neutral", "agree", "strongly agree"]
    assert broken_words(open_card(f"task=alw.Task('ordinal'), classes={steps}")) == []


PREFERENCES = ["preferred", "rejected", "indistinguishable"]


def test_a_pair_is_told_with_the_arrow_keys(open_notebook, page):
    notebook = open_notebook(
        SETUP + "rest |= dict(items=[(f'left {i}', f'right {i}') for i in range(600)])\n"
        f"session = alw.Session(**rest, classes={PREFERENCES}, task=alw.Task('pair', question='Which?'))\n"
        "alw.Labeler(session)"
    )
    notebook.run_all()
    card = Card(page).wait().focus()
    card.notebook = notebook
    items = []
    for key in ("ArrowLeft", "ArrowRight", "ArrowDown"):
        card.wait()
        assert f"left {card.item}" in card.text
        assert f"right {card.item}" in card.text
        items.append(card.item)
        card.press(key)
    card.wait().settled()
    assert labels(card) == [list(pair) for pair in zip(items, PREFERENCES, strict=True)]
    assert broken_words(card) == []


def test_nothing_is_answered_by_a_key_that_belongs_to_a_sound(open_card, page):
    card = open_card(
        "classes=['ham', 'spam'], render=lambda item: alw.Audio(np.sin(np.arange(160_000) / 9), rate=8000)"
    )
    card.focus()
    first = card.item
    card.press("Space")
    page.locator(".alw-playing").wait_for()
    assert card.item == first
    card.press("p")
    card.wait().settled()
    assert card.item != first
    assert python(card, "[e.item for e in session.events if e.kind == 'skipped']") == [first]


PHOTOS = """
smooth = np.add.outer(np.linspace(0, 90, 900), np.linspace(0, 90, 1200))[..., None]
noise = np.random.default_rng(0).normal(0, 6, (900, 1200, 3))
photos = [(smooth + noise + 2 * i).clip(0, 255).astype(np.uint8) for i in range(24)]
session = alw.Session(np.arange(24.0)[:, None], items=photos, classes=["ham", "spam"], learner=GaussianNB(), audit=0,
                      random_state=0)
card = alw.Labeler(session)
sent, tell = [], card.view.send
def count(message, buffers):
    sent.append((message.get("item"), sum(map(len, buffers))))
    tell(message, buffers)
card.view.send = count
card
"""


def test_photos_come_as_large_as_they_are_shown_each_once_and_whole_when_looked_at_closely(open_notebook, page):
    notebook = open_notebook(SETUP + PHOTOS)
    notebook.run_all()
    card = Card(page)
    card.notebook = notebook
    card.wait().focus()
    for key in "121212":
        card.press(key)
        card.wait()
    card.settled()
    photos = [(item, n_bytes) for item, n_bytes in python(card, "sent") if n_bytes]
    assert len(photos) == len({item for item, _ in photos})
    assert max(n_bytes for _, n_bytes in photos) < 500_000
    card.press("z")
    page.wait_for_function("() => document.querySelector('.alw-card img').naturalWidth === 1200")
    assert card.root.locator(".alw-scale").inner_text() == "100 %"
    assert page.locator(".alw-card img").bounding_box()["width"] == pytest.approx(1200, abs=1)
    assert max(n_bytes for _, n_bytes in python(card, "sent")) > 1_000_000


def test_the_grid_shows_only_what_the_model_takes_for_a_class_with_some_words(open_card, page):
    card = open_card("classes=['ham', 'spam']", wait=False).wait()
    card.notebook.execute("session.run(np.where(y[:600] > 4, 'spam', 'ham'), 40)")
    card.focus()
    card.press("g")
    page.get_by_label("What to show").select_option(label="the model thinks: spam")
    page.locator(".alw-tile-word").get_by_text("spam").first.wait_for()
    page.get_by_label("Only samples with these words").fill("SAMPLE 3")
    page.keyboard.press("Enter")
    page.get_by_text("sample 3").nth(5).wait_for()
    page.wait_for_function("() => !document.querySelector('.alw-unseen')")
    shown = page.locator(".alw-tile .alw-text").all_inner_texts()
    assert all("sample 3" in text for text in shown)
    page.keyboard.press("Enter")
    card.settled()
    rows = [int(text.removeprefix("sample ")) for text in shown]
    given = "session.labels.set_index('item').loc[{}, ['label', 'via', 'suggested']].values.tolist()"
    assert python(card, given.format(rows)) == [["spam", "grid", "spam"]] * len(rows)
