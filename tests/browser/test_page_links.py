"""The links of a page in a notebook: copied by a button, drawn, opened while a cell runs, and saved nowhere."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from lab import Card
from sessions import SMALL_SESSION

pytestmark = pytest.mark.browser

SERVE = """
page = session.serve(["ann", "bob"], experts=["eve"])
page
"""


def test_a_copied_link_opens_a_card_while_a_cell_is_running_and_no_key_is_saved(open_notebook, page, address):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    notebook = open_notebook(SMALL_SESSION.replace("\nsession\n", "\n"), SERVE)
    notebook.run_all()
    page.locator(".alw-links li", has_text="bob").get_by_role("button", name="copy link").click()
    page.locator(".alw-links li", has_text="bob").get_by_role("button", name="copied").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    page.get_by_role("button", name="QR code of bob").click()
    page.get_by_role("img", name="Link of bob as a QR code").wait_for()
    for _ in notebook.looks():
        assert Axe().run(page, context=".alw-links").violations_count == 0
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?key=[\w-]{43}", link)
    with notebook.running_cell():
        # Of an origin of its own: its storage is not shared with another.
        other = page.context.browser.new_context().new_page()
        other.goto(link)
        card = Card(other).wait()
        item = card.item
        card.press("1")
        card.settled()
        other.context.close()
    assert notebook.execute("print(session.labels[['item', 'annotator']].values.tolist())") == f"[[{item}, 'bob']]\n"
    notebook.save()
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    assert link.split("key=")[1] not in (notebook.folder / "test.ipynb").read_text()
