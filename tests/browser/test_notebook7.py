"""The labeling card in Notebook 7, which takes keys before a page's elements do."""

import json

import pytest
from keys import press_what_changes_a_notebook
from lab import Card
from sessions import SMALL_SESSION, answer_in_one_of_two_cards, labels_of

pytestmark = pytest.mark.browser


def test_twenty_samples_by_key_then_a_reload_and_a_restart_go_on_where_one_was(open_in_notebook7, page):
    # No newer model comes in between, and what is on screen stays the next question.
    notebook = open_in_notebook7(SMALL_SESSION.replace("random_state=0", "random_state=0, batch_size=25"))
    notebook.run_all()
    card = Card(page).wait().focus()
    on_screen = []
    for i in range(20):
        on_screen.append((card.item, ("ham", "spam")[i % 2]))
        card.press("12"[i % 2])
        card.wait()
    card.settled()
    notebook.execute("session.wait()")
    assert labels_of(notebook.folder) == on_screen
    coming = card.item

    notebook.save()
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    page.reload()
    notebook.ready()
    card = Card(page).wait()
    assert card.item == coming
    card.focus().press("1")
    on_screen.append((coming, "ham"))
    card.wait().settled()
    coming = card.item

    notebook.restart_kernel()
    notebook.run_all()
    page.wait_for_function("(row) => document.querySelector('.alw-labeler').dataset.item === row", arg=str(coming))
    assert labels_of(notebook.folder) == on_screen
    assert json.loads(notebook.execute("print(len(session.labels))")) == 21


def test_no_key_reaches_notebook_7_from_the_card_and_ctrl_s_still_saves(open_in_notebook7, page):
    press_what_changes_a_notebook(open_in_notebook7(SMALL_SESSION, "1 + 1"), page)


def test_two_views_in_notebook_7_stay_in_step(open_in_notebook7, page):
    answer_in_one_of_two_cards(open_in_notebook7(SMALL_SESSION, "alw.Labeler(session)"), page)
