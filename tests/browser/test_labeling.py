"""The main job as a person does it: a real JupyterLab, a real Chromium, the number keys."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from keys import press_what_changes_a_notebook
from lab import Card
from sessions import SMALL_SESSION, answer_in_one_of_two_cards, events_of, labels_of

pytestmark = pytest.mark.browser

ROUNDS_DRAWN = "(n) => Number(document.querySelector('.alw-plot')?.dataset.rounds ?? 0) >= n"

SLOW_SESSION = """
import alwidgets as alw, time
from sklearn.datasets import load_digits
from sklearn.naive_bayes import GaussianNB

class SlowNB(GaussianNB):
    def fit(self, X, y):
        time.sleep(3)
        return super().fit(X, y)

X, y = load_digits(return_X_y=True)
session = alw.Session(X[:1500], items=[f"sample {i}" for i in range(1500)], classes=range(10), learner=SlowNB(),
                      test=(X[1500:], y[1500:]), journal="slow.alw", random_state=0)
session
"""


def test_the_quickstart_labels_forty_digits_by_key_and_goes_on_after_reload_and_restart(open_notebook, page):
    notebook = open_notebook(name="01_quickstart.ipynb")
    cells = notebook.cells()
    notebook.run_all()
    card = Card(page).wait()
    truth = json.loads(notebook.execute("import json; print(json.dumps(y.tolist()))"))
    card.focus()
    on_screen = []
    for _ in range(40):
        on_screen.append((card.item, truth[card.item]))
        card.press(str(truth[card.item]))
        card.wait()
    card.settled()
    notebook.execute("session.wait()")
    assert labels_of(notebook.folder) == on_screen
    assert len({item for item, _ in on_screen}) == 40
    assert notebook.cells() == cells
    rounds = json.loads(notebook.execute("print(len(session.rounds))"))
    assert rounds >= 2
    page.wait_for_function(ROUNDS_DRAWN, arg=rounds)

    coming = card.item
    notebook.save()
    notebook.reload()
    card = Card(page).wait()
    assert card.item == coming
    assert labels_of(notebook.folder) == on_screen
    card.focus().press(str(truth[coming]))
    on_screen.append((coming, truth[coming]))
    card.wait().settled()
    notebook.execute("session.wait()")
    coming = card.item

    notebook.restart_kernel()
    notebook.run_all()
    page.wait_for_function("() => document.querySelectorAll('.alw-labeler').length === 1")
    page.wait_for_function("(row) => document.querySelector('.alw-labeler').dataset.item === row", arg=str(coming))
    assert labels_of(notebook.folder) == on_screen
    assert json.loads(notebook.execute("print(len(session.labels))")) == 41


@pytest.mark.one_kernel
def test_nobody_waits_while_a_fit_takes_three_seconds(open_notebook, page):
    notebook = open_notebook(SLOW_SESSION)
    notebook.run_all()
    card = Card(page).wait().focus()
    # A key every third of a second; right after each, in the same turn of the page, the next sample is drawn.
    page.evaluate(
        """() => new Promise((done) => {
          const root = document.querySelector('.alw-labeler');
          window.pressed = [];
          const timer = setInterval(() => {
            const before = root.dataset.item;
            const text = root.querySelector('.alw-card').textContent;
            const digit = String(window.pressed.length % 10);
            root.dispatchEvent(new KeyboardEvent('keydown', { key: digit, bubbles: true, cancelable: true }));
            window.pressed.push([before, text, digit, root.dataset.item]);
            if (window.pressed.length === 30) { clearInterval(timer); done(); }
          }, 333);
        })"""
    )
    pressed = page.evaluate("() => window.pressed")
    assert all(after and after != before for before, _, _, after in pressed)
    assert all(text == f"sample {before}" for before, text, _, _ in pressed)
    card.settled()
    assert labels_of(notebook.folder) == [(int(before), int(digit)) for before, _, digit, _ in pressed]
    notebook.execute("session.wait()")
    assert json.loads(notebook.execute("print(len(session.rounds))")) >= 2


@pytest.mark.one_kernel
def test_no_key_reaches_the_notebook_from_the_card_and_ctrl_s_still_saves(open_notebook, page):
    press_what_changes_a_notebook(open_notebook(SMALL_SESSION, "1 + 1"), page)


def test_undo_skip_flag_and_help_by_key(open_notebook, page):
    notebook = open_notebook(SMALL_SESSION)
    notebook.run_all()
    card = Card(page).wait().focus()
    first = card.item
    card.press("2")
    second = card.item
    card.press("Backspace")
    assert card.item == first
    card.press("1")
    assert card.item == second
    card.press("f")
    card.press("Space")
    card.press("?")
    card.wait_for_text("undo the last answer")
    card.press("Escape")
    card.settled()
    kinds = [line["kind"] for line in events_of(notebook.folder) if line["kind"] not in ("opened", "asked")]
    assert kinds == ["labeled", "undone", "labeled", "flagged", "skipped"]
    assert (
        notebook.execute(f"print(session.labels[['item', 'label']].values.tolist() == [[{first}, 'ham']])") == "True\n"
    )
    # An answer from before a reload is undone as well.
    notebook.save()
    notebook.reload()
    card = Card(page).wait().focus()
    card.press("Backspace")
    page.wait_for_function("(row) => document.querySelector('.alw-labeler').dataset.item === row", arg=str(second))


def test_a_dead_kernel_is_said_and_what_was_typed_is_kept(open_notebook, page):
    notebook = open_notebook(SMALL_SESSION)
    notebook.run_all()
    card = Card(page).wait().focus()
    card.press("1")
    card.settled()
    notebook.restart_kernel()
    card.wait_for_text("The kernel is gone.")
    assert page.locator(".alw-answers button:disabled").count() == 2
    # An answer that never arrived waits in the browser, and arrives when the cell is run again.
    waiting = card.item
    message = {"kind": "answer", "event_id": "kept", "item": waiting, "value": 1, "round": 0}
    session = json.loads((notebook.folder / "small.alw" / "session.json").read_text())["session"]
    kept = json.dumps({"at": page.evaluate("() => Date.now()"), "message": message})
    page.evaluate("([key, value]) => localStorage.setItem(key, value)", [f"alwidgets:{session}:kept", kept])
    notebook.run_all()
    Card(page).settled()
    assert labels_of(notebook.folder)[-1] == (waiting, "spam")


def test_a_kernel_that_was_shut_down_is_said_too(open_notebook, page):
    notebook = open_notebook(SMALL_SESSION)
    notebook.run_all()
    card = Card(page).wait().focus()
    notebook.shut_down()
    card.wait_for_text("The kernel is gone.")
    assert page.locator(".alw-answers button:disabled").count() == 2


@pytest.mark.one_kernel
def test_running_the_cell_again_leaves_one_card_one_session_and_no_thread(open_notebook, page):
    notebook = open_notebook(SMALL_SESSION)
    for _ in range(3):
        notebook.run_all()
        Card(page).wait()
    page.wait_for_function("() => document.querySelectorAll('.alw-labeler').length === 1")
    count = "import ipywidgets.widgets.widget as w; from alwidgets import Labeler"
    count += "; print(sum(isinstance(x, Labeler) for x in w._instances.values()))"
    assert notebook.execute(count) == "1\n"
    threads = "session.wait(); print([t.name for t in threading.enumerate() if 'alwidgets' in t.name])"
    assert notebook.execute(threads) == "[]\n"


def test_running_a_cell_without_a_journal_again_says_what_is_lost_and_leaves_one_card(open_notebook, page):
    notebook = open_notebook(SMALL_SESSION.replace('journal="small.alw", ', ""))
    notebook.run_all()
    Card(page).wait().focus().press("1")
    Card(page).settled()
    notebook.run_all()
    page.get_by_text("1 labels of its session before were in memory only").wait_for()
    page.wait_for_function("() => document.querySelectorAll('.alw-labeler').length === 1")
    count = "import ipywidgets.widgets.widget as w; from alwidgets import Labeler"
    count += "; print(sum(isinstance(x, Labeler) for x in w._instances.values()))"
    assert notebook.execute(count) == "1\n"


@pytest.mark.one_kernel
def test_a_batch_larger_than_what_is_fetched_at_once_is_labeled_to_its_end(open_notebook, page):
    notebook = open_notebook(SMALL_SESSION.replace("random_state=0", "random_state=0, batch_size=100"))
    notebook.run_all()
    card = Card(page).wait().focus()
    for i in range(105):
        card.press("12"[i % 2])
        card.wait()
    card.settled()
    assert notebook.execute("session.wait(); print(session.progress.round, len(session.labels))") == "1 105\n"


@pytest.mark.one_kernel
def test_a_card_follows_a_script_that_answers_beside_it(open_notebook, page):
    notebook = open_notebook(SMALL_SESSION)
    notebook.run_all()
    card = Card(page).wait()
    before = card.item
    truth = "np.where(y[:600] > 4, 'ham', 'spam')"
    notebook.execute(f"session.run({truth}, 60)")
    page.wait_for_function("(row) => document.querySelector('.alw-labeler').dataset.item !== row", arg=str(before))
    labeled = json.loads(notebook.execute("print(session.labels['item'].tolist())"))
    assert card.wait().item not in labeled
    card.focus().press("1")
    card.settled()
    assert notebook.execute("print(len(session.labels), len(set(session.labels['item'])))") == "61 61\n"


@pytest.mark.one_kernel
def test_two_cards_on_one_session_stay_in_step(open_notebook, page):
    answer_in_one_of_two_cards(open_notebook(SMALL_SESSION, "alw.Labeler(session)"), page)


@pytest.mark.one_kernel
def test_errors_of_the_users_own_strategy_and_items_are_shown(open_notebook, page):
    notebook = open_notebook(
        """
import alwidgets as alw, numpy as np
from sklearn.naive_bayes import GaussianNB
rng = np.random.default_rng(0)
X = rng.normal(size=(60, 3))
def broken(view):
    raise RuntimeError("no such thing")
def show(item):
    return alw.Text("fine") if item % 2 else 1 / 0
session = alw.Session(X, items=list(range(60)), classes=["a", "b"], learner=GaussianNB(), strategy=broken, batch_size=2,
                      render=show, random_state=0)
session
"""
    )
    notebook.run_all()
    card = Card(page).wait().focus()
    told = 0
    while told < 4:
        # What cannot be shown says why, and can only be skipped.
        broken = "cannot be shown: ZeroDivisionError" in card.text
        card.press("Space" if broken else "12"[told % 2])
        told += not broken
        card.wait()
    card.wait_for_text("Strategy 'broken' failed: RuntimeError: no such thing")
    card.settled()
    assert notebook.execute("print(len(session.labels))") == "4\n"


@pytest.mark.one_kernel
@pytest.mark.parametrize("look", ["light", "dark", "forced colors"])
def test_axe_finds_nothing_in_the_workbench(open_notebook, page, look):
    page.emulate_media(forced_colors="active" if look == "forced colors" else "none", reduced_motion="reduce")
    notebook = open_notebook(SMALL_SESSION)
    notebook.dark(look == "dark")
    notebook.run_all()
    card = Card(page).wait().focus()
    for key in "1212121212121212":
        card.press(key)
        card.wait()
    card.settled()
    notebook.execute("session.wait()")
    page.wait_for_function(ROUNDS_DRAWN, arg=1)
    card.press("?")
    results = Axe().run(page, context=".alw-workbench")
    assert results.violations_count == 0, results.generate_report()
    # Where the keys go can be seen, within the card: an outline around it would be cut off by the output area.
    width, offset = page.evaluate(
        """() => {
          document.querySelector('.alw-labeler').focus();
          const style = getComputedStyle(document.querySelector('.alw-card'));
          return [parseFloat(style.outlineWidth), parseFloat(style.outlineOffset)];
        }"""
    )
    assert width >= 2
    assert width + offset <= 0
    # Nothing moves that need not.
    assert page.evaluate("() => document.querySelector('.alw-workbench').getAnimations({ subtree: true }).length") == 0


@pytest.mark.one_kernel
def test_hostile_text_is_shown_as_text(open_notebook, page):
    notebook = open_notebook(
        """
import alwidgets as alw, numpy as np
from sklearn.naive_bayes import GaussianNB
evil = "<img src=x onerror='window.pwned = 1'><script>window.pwned = 1</script>"
session = alw.Session(np.random.default_rng(0).normal(size=(20, 2)), items=[evil] * 20, classes=[evil, "b"],
                      learner=GaussianNB(), annotator=evil, random_state=0)
session
"""
    )
    notebook.run_all()
    card = Card(page).wait().focus()
    assert "<script>" in card.text
    card.press("1")
    card.settled()
    assert page.evaluate("() => window.pwned === undefined")
