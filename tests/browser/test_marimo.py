"""The workbench in marimo, which draws outputs in shadow roots and has a widget model of its own."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from lab import BROKEN_WORDS, DRAWN_TWICE, Card, served
from sessions import labels_of

pytestmark = pytest.mark.browser

APP = """
import marimo

app = marimo.App()

@app.cell
def _():
    import numpy as np
    import alwidgets as alw
    from sklearn.naive_bayes import GaussianNB
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(200, 3)), np.where(np.arange(200) % 2, "ham", "spam")
    session = alw.Session(X, items=[f"sample {i}" for i in range(200)], classes=["ham", "spam"], learner=GaussianNB(),
                          test=(X, y), batch_size=4, journal="small.alw", random_state=0)
    session
    return (session,)
"""


@pytest.fixture
def marimo_app(tmp_path):
    folder, home = tmp_path / "app", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    (folder / "app.py").write_text(APP)
    environment = {"HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_STATE_HOME": str(home)}
    config = home / "marimo" / "marimo.toml"
    config.parent.mkdir()
    config.write_text('[display]\ntheme = "system"\n')
    command = ["marimo", "--quiet", "run", "app.py", "--headless", "--no-token"]
    with served(command, folder, home, environment, "/health") as address:
        yield folder, address


# Each widget lies in a shadow root.
WIDGETS = {"include": [{"fromShadowDom": ["marimo-anywidget", ".alw-root"]}]}


def test_in_a_dark_marimo_the_workbench_is_dark_and_anybody_can_use_it(marimo_app, page):
    _, address = marimo_app
    page.emulate_media(color_scheme="dark")
    page.goto(address)
    card = Card(page).wait()
    # The page follows the system.
    assert page.evaluate("() => document.body.classList.contains('dark')")
    brightness = (
        "(root) => Math.max(...getComputedStyle(root).backgroundColor.match(/[0-9.]+/g).slice(0, 3).map(Number))"
    )
    assert card.root.evaluate(brightness) < 64
    for look, dark in (("light", False), ("dark", True)):
        page.emulate_media(color_scheme=look)
        page.wait_for_function("(dark) => document.body.classList.contains('dark') === dark", arg=dark)
        page.evaluate(DRAWN_TWICE)
        assert (card.root.evaluate(brightness) < 64) == dark
        assert page.locator(".alw-root").count() == 3
        found = Axe().run(page, context=WIDGETS).response
        assert found["passes"]
        assert found["violations"] == []
    page.set_viewport_size({"width": 320, "height": 950})
    page.evaluate(DRAWN_TWICE)
    assert page.locator(".alw-root button").evaluate_all(BROKEN_WORDS) == []


def test_a_labeler_in_marimo_takes_keys_and_keeps_the_labels_on_disk(marimo_app, page):
    folder, address = marimo_app
    page.clock.install()
    page.goto(address)
    card = Card(page).wait().focus()
    on_screen = []

    def label(key):
        on_screen.append((card.item, {"1": "ham", "2": "spam"}[key]))
        assert card.text.count(f"sample {card.item}") == 1
        card.press(key)
        card.wait().settled()

    for key in "121":
        label(key)
    assert labels_of(folder) == on_screen
    assert len({item for item, _ in on_screen}) == 3

    # There is no kernel to be seen here, which is not to be taken for one that is gone.
    for _ in range(3):
        page.clock.fast_forward(5_000)
    label("2")
    assert labels_of(folder) == on_screen
    page.locator(".alw-plot[data-rounds='1']").wait_for()
    page.locator(".alw-verdict").wait_for()
    card.focus().press("Escape")
    assert card.root.evaluate("(root) => root.getRootNode().activeElement") is None
