"""One session in two tabs of a browser: they show the same, and neither overwrites what the other answered."""

import json

import pytest
from lab import Card, Notebook
from sessions import SMALL_SESSION, events_of, labels_of

pytestmark = pytest.mark.browser

SHOWN = "(row) => document.querySelector('.alw-labeler').dataset.item === row"
GONE = "(row) => document.querySelector('.alw-labeler').dataset.item !== row"


def test_two_tabs_stay_in_step_and_what_is_answered_in_both_keeps_its_first_label(no_subshells, open_notebook, page):
    notebook = open_notebook(SMALL_SESSION)
    notebook.run_all()
    first = Card(page).wait()
    notebook.save()
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    Notebook(page.context.new_page(), notebook.address, notebook.path).open()
    second = Card(page.context.pages[1]).wait()
    assert second.item == first.item
    answered = []
    for tab, other, key, label in [(first, second, "1", "ham"), (second, first, "2", "spam")] * 2:
        answered.append((tab.item, label))
        tab.page.bring_to_front()
        tab.focus().press(key)
        tab.wait().settled()
        other.page.wait_for_function(SHOWN, arg=str(tab.item))
    assert labels_of(notebook.folder) == answered

    # Neither tab hears of the other's answer before both are given: a cell keeps the kernel from both.
    item = first.item
    with notebook.running_cell():
        for tab, key in ((first, "1"), (second, "2")):
            tab.page.bring_to_front()
            tab.focus().press(key)
            assert tab.item != item
    second.settled()
    both = [line for line in events_of(notebook.folder) if line.get("item") == item and "label" in line]
    assert [line["kind"] for line in both] == ["labeled", "repeated"]
    assert sorted(line["label"] for line in both) == ["ham", "spam"]
    told = json.loads(
        notebook.execute("import json; print(json.dumps(session.labels[['item', 'label']].values.tolist()))")
    )
    assert sorted(map(tuple, told)) == sorted([*answered, (item, both[0]["label"])])
    late = {"ham": first, "spam": second}[both[1]["label"]]
    late.wait_for_text(f"Row {item} had been labeled elsewhere; that label stays")
    for tab in (first, second):
        tab.page.wait_for_function(GONE, arg=str(item))
    assert first.item == second.item
