"""A colleague's own notebook: the card of a session that another process serves, over a kill of that."""

import pytest
from test_page import Served, answer, begin

pytestmark = pytest.mark.browser

CONNECT = """
import alwidgets as alw
from pathlib import Path
labeler = alw.connect(Path({link!r}).read_text())
labeler
"""


@pytest.fixture
def served(tmp_path):
    server = Served(tmp_path)
    yield server
    server.kill()


def test_samples_are_labeled_from_another_kernel_over_a_kill_each_once(served, open_notebook, page, tmp_path):
    (tmp_path / "link").write_text(served.links["ann"])
    notebook = open_notebook(CONNECT.format(link=str(tmp_path / "link")))
    notebook.run_all()
    card = begin(page)
    # As on that person's page.
    assert not page.get_by_role("button", name="add class").count()
    items = answer(card, 4)
    card.settled()
    served.kill()
    card.wait_for_text("Not connected to")
    items += answer(card, 4)
    card.wait_for_text("Not sent yet: 4 answers")
    served.start()
    notebook.execute("labeler.wake()")
    card.settled()
    items += answer(card, 2)
    card.settled()
    assert served.labels() == [(item, "ann") for item in items]
    notebook.save()
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    saved = (notebook.folder / "test.ipynb").read_text()
    assert served.links["ann"].split("key=")[1] not in saved
    notebook.execute("labeler.close()")
