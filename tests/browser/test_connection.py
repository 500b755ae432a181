"""A connection that is held, cut, reset or refused while a person answers: nothing is missing, and nobody reloads."""

import json

import pytest
from drops import A_DROP, BANNER, drops, opened_through, settled
from proxy import FAULTS

pytestmark = pytest.mark.browser


@pytest.fixture
def connection(browser, address, folder):
    with opened_through(browser, address, folder) as opened:
        yield opened


def test_what_was_answered_while_the_connection_was_gone_arrives_without_a_reload(connection):
    page = connection.card.page
    connection.is_idle()
    connection.proxy.go_wrong("hold")
    n_waiting = connection.answer(A_DROP)
    assert n_waiting > 1
    page.wait_for_function(BANNER, arg=f" {n_waiting} answers are not saved yet.")
    # What was held never arrives.
    connection.proxy.recover(reset=True)
    settled(connection)
    assert sorted(connection.labels()) == sorted(connection.given.items())

    found = drops(connection, 4)
    assert found.tried == 4
    assert found.wrong == []


REVIEW = """
for row in range(20):
    session.teach(row, "ham")
session.wait()
alw.Review(session)
"""
MAP = """
shown = alw.PoolMap(session, color="label")
shown
"""
# What the three widgets show when they can be used.
READY = """() => document.querySelector('.alw-review tr[data-item="0"]')
  && document.querySelector('.alw-map .alw-plot')?.dataset.version
  && document.querySelector('.alw-stopping input')"""
# One change in each widget, all in one instant: a label and a note in the review, questions from the map, a price and a
# decision in the panel.
CHANGE = """([row, number]) => {
  const find = (selector) => document.querySelector(selector);
  const button = (root, text) => [...find(root).querySelectorAll('button')].find((each) =>
    each.textContent.includes(text));
  find(`.alw-review tr[data-item="${row}"]`).click();
  button('.alw-review .alw-detail .alw-answers', 'spam').click();
  find('.alw-review .alw-detail input.alw-note').value = `note ${number}`;
  button('.alw-review .alw-detail', 'save note').click();
  button('.alw-map', 'ask these next').click();
  const price = find('.alw-stopping input[aria-label="cost per label"]');
  price.value = String(number);
  price.dispatchEvent(new Event('change'));
  find('.alw-stopping .alw-reason').value = `reason ${number}`;
  button('.alw-stopping .alw-choices', 'go on').click();
}"""
SAID = """() => ['.alw-review > .alw-banner', '.alw-map-problem', '.alw-stopping .alw-problem'].map((selector) => {
  const said = document.querySelector(selector);
  return said.hidden ? '' : said.textContent;
})"""
SELECTED = "(n) => document.querySelector('.alw-map-bar strong').textContent.startsWith(`${n} selected`)"
# Each of the three has changes that wait.
WARNED = f"() => ({SAID})().every((text) => /changes? (is|are) not saved yet/.test(text))"
QUIET = f"() => ({SAID})().every((text) => text === '')"
TOLD = """print(json.dumps({
    "labels": sorted([e.item, e.label] for e in session.events if e.kind == "labeled" and e.via == "review"),
    "notes": sorted([e.item, e.note] for e in session.events if e.kind == "noted"),
    "asked": [list(e.items) for e in session.events if e.kind == "asked" and e.chosen],
    "prices": [e.settings["cost_per_label"][1] for e in session.events if e.kind == "adjusted"],
    "reasons": [e.reason for e in session.events if e.kind == "decided"],
}))"""


def test_changes_in_review_map_and_panel_are_neither_lost_nor_made_twice(browser, address, folder):
    with opened_through(browser, address, folder, REVIEW, MAP) as connection:
        page, proxy, notebook = connection.card.page, connection.proxy, connection.notebook
        page.wait_for_function(READY)
        expected = {"labels": [], "notes": [], "asked": [], "prices": [], "reasons": []}

        def change(row):
            number = row + 1
            page.evaluate(CHANGE, [row, number])
            expected["labels"].append([row, "spam"])
            expected["notes"].append([row, f"note {number}"])
            expected["asked"].append(asked)
            expected["prices"].append(number)
            expected["reasons"].append(f"reason {number}")

        for place, fault in enumerate(FAULTS):
            asked = [*range(100 * place + 100, 100 * place + 102 + place)]
            notebook.execute(f"shown.select({asked})")
            page.wait_for_function(SELECTED, arg=len(asked))
            connection.is_idle()
            # Some meet the fault on their way, and some are made while it lasts.
            change(2 * place)
            proxy.go_wrong(fault)
            change(2 * place + 1)
            # After a cut or a reset the page is connected again at once.
            if fault in ("hold", "refuse"):
                page.wait_for_function(WARNED)
            # What was held is lost.
            proxy.recover(reset=fault == "hold")
            connection.card.settled()
            page.wait_for_function(QUIET)
            connection.is_idle()
            assert json.loads(notebook.execute(TOLD)) == expected
        assert page.get_by_label("cost per label", exact=True).input_value() == str(expected["prices"][-1])
        row = page.locator(".alw-review tr[data-item='7']")
        row.locator(".alw-label").get_by_text("spam").wait_for()
        row.locator(".alw-remarks").get_by_text("note 8").wait_for()


def test_who_leaves_the_page_is_asked_while_something_is_not_saved(connection):
    page = connection.card.page
    # JupyterLab asks too, where a notebook is not saved.
    connection.notebook.save()
    page.wait_for_function("() => !window.jupyterapp.status.isDirty")
    connection.is_idle()
    connection.proxy.go_wrong("hold")
    # A browser asks only where a person did something.
    connection.card.focus().press("1")
    with page.expect_event("dialog") as asked:
        page.evaluate("() => void setTimeout(() => location.assign('about:blank'))")
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    connection.proxy.recover()
    settled(connection)
    assert len(connection.labels()) == 1
