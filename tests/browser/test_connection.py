"""A connection that is held, cut, reset or refused while a person answers: nothing is missing, and nobody reloads."""

import pytest
from drops import A_DROP, BANNER, drops, opened_through, settled

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
