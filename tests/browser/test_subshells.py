"""A front end that sends all messages to the kernel's main thread: they are handled once the running cell has ended."""

import pytest
from lab import Card
from sessions import SMALL_SESSION, events_of, labels_of

pytestmark = pytest.mark.browser


def test_labels_given_while_a_cell_runs_keep_the_card_going_and_arrive_when_it_ends(no_subshells, open_notebook, page):
    notebook = open_notebook(SMALL_SESSION)
    notebook.run_all()
    card = Card(page).wait().focus()
    card.press("1")
    card.settled()
    before = labels_of(notebook.folder)
    on_screen = []
    with notebook.running_cell():
        for i in range(8):
            on_screen.append((card.item, ("ham", "spam")[i % 2]))
            card.press("12"[i % 2])
            # At once: not even a frame later.
            assert card.item not in [None, *(item for item, _ in on_screen)]
        assert labels_of(notebook.folder) == before
    card.settled()
    assert labels_of(notebook.folder) == before + on_screen
    ended = float(notebook.execute("print(_ended)"))
    assert all(line["at"] >= ended for line in events_of(notebook.folder) if line.get("item") in dict(on_screen))
