"""The panel on a project of Label Studio in a real JupyterLab, on what a real server once answered."""

import contextlib
import json
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.bridges.real import LEGACY
from tests.bridges.scenario import EXCHANGE, Replayer, served

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
SESSION = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import alwidgets as alw
from alwidgets.bridges import label_studio
from tests.bridges.sample import make
label_studio.secrets.token_hex = lambda n: "0" * n
session = make()
"""
OVERFLOW = "(panel) => panel.scrollWidth > panel.clientWidth || panel.getBoundingClientRect().right > innerWidth"


@pytest.fixture
def replayed(open_notebook, page):
    """A notebook whose panel is on a server that says again what was said, its address, and a function that ends it."""
    page.set_viewport_size({"width": 1366, "height": 768})
    notebook = open_notebook("studio", SESSION)
    number = notebook.execute(SESSION + "print(session.session_id)").strip()
    replayer = Replayer(json.loads(EXCHANGE.read_text()), number)
    with contextlib.ExitStack() as running:
        url = running.enter_context(served(replayer))
        assert notebook.execute(f"studio = alw.LabelStudio(session, {url!r}, {LEGACY!r})") == ""
        notebook.command("notebook:run-cell")
        page.locator(".alw-studio").wait_for()
        yield notebook, url, running.close
    assert replayer.wrong == []


def test_the_panel_follows_from_the_first_task_to_a_server_that_is_gone(replayed, page):
    notebook, url, end = replayed
    panel = page.get_by_role("region", name="Label Studio")
    counts, alert = panel.get_by_role("status"), panel.get_by_role("alert")
    counts.get_by_text("0 tasks open").wait_for()
    assert panel.get_by_role("link").get_attribute("href") == f"{url}/projects/1/data"
    assert panel.get_by_role("link").get_attribute("rel") == "noopener noreferrer"
    panel.get_by_text("Connected. Label in").wait_for()
    notebook.execute("studio.push()")
    counts.get_by_text("8 tasks open").wait_for()
    assert not panel.locator("details").is_visible()
    notebook.execute("studio.push(); studio.pull()")
    summary = panel.locator("summary")
    summary.wait_for()
    assert summary.inner_text().startswith("5 ")
    # No mouse is needed, and no key of it goes to the notebook.
    cells = notebook.cells()
    summary.focus()
    page.keyboard.press("Enter")
    panel.get_by_role("cell", name="label 'NOPE' is unknown; expected one of ['ham', 'spam'].").wait_for()
    assert panel.locator("tbody tr").count() == 5
    panel.get_by_role("cell", name="expected choices, a rating, a selection or a text as its value").wait_for()
    # On one line each, however long a reason is.
    assert panel.locator("tbody tr").first.bounding_box()["height"] < 30
    assert panel.get_by_role("link", name="4", exact=True).get_attribute("href") == f"{url}/projects/1/data?task=4"
    assert notebook.cells() == cells
    for _ in notebook.looks():
        assert Axe().run(page, context=".alw-studio").response["violations"] == []
        assert not panel.evaluate(OVERFLOW)
    end()
    assert "LabelStudioError" in notebook.execute("studio.pull()")
    alert.get_by_text("does not answer").wait_for()
    panel.get_by_text("The last call failed. Label in").wait_for()
    assert panel.locator("tbody tr").count() == 5
    assert LEGACY not in page.content()
