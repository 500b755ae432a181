"""A front end that sends all messages to the kernel's main thread: they are handled once the running cell has ended."""

import json

import pytest
from lab import Card
from sessions import SMALL_SESSION, events_of, labels_of

pytestmark = pytest.mark.browser

KERNELS = "lab/api/settings/@jupyterlab/apputils-extension:kernels-settings"
# It runs until it is let go, so that what comes meanwhile is certain to come meanwhile.
BUSY_CELL = """
from pathlib import Path
while not Path("let go").exists():
    time.sleep(0.05)
ended = time.time()
"""


@pytest.fixture
def no_subshells(page, address):
    """JupyterLab with its setting for comm messages changed."""
    settings = f"{address}/{KERNELS}"
    assert page.request.put(settings, data={"raw": json.dumps({"commsOverSubshells": "disabled"})}).ok
    yield
    page.request.put(settings, data={"raw": "{}"})


def test_labels_given_while_a_cell_runs_keep_the_card_going_and_arrive_when_it_ends(no_subshells, open_notebook, page):
    notebook = open_notebook(SMALL_SESSION)
    notebook.run_all()
    card = Card(page).wait().focus()
    card.press("1")
    card.settled()
    before = labels_of(notebook.folder)
    running = page.evaluate_handle(
        """(code) => {
          const kernel = window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel;
          return { done: kernel.requestExecute({ code, store_history: false }).done.then(() => true) };
        }""",
        BUSY_CELL,
    )
    # What is sent from now on stands behind the cell.
    on_screen = []
    for i in range(8):
        on_screen.append((card.item, ("ham", "spam")[i % 2]))
        card.press("12"[i % 2])
        # At once: not even a frame later.
        assert card.item not in [None, *(item for item, _ in on_screen)]
    assert labels_of(notebook.folder) == before
    (notebook.folder / "let go").touch()
    running.evaluate("(running) => running.done")
    card.settled()
    assert labels_of(notebook.folder) == before + on_screen
    ended = float(notebook.execute("print(ended)"))
    assert all(line["at"] >= ended for line in events_of(notebook.folder) if line.get("item") in dict(on_screen))
