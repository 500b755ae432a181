"""The panel of a team in a real JupyterLab, while people label on pages of their own."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from lab import Card

pytestmark = pytest.mark.browser

SESSION = """
import json, alwidgets as alw, numpy as np
from sklearn.naive_bayes import GaussianNB
rng = np.random.default_rng(0)
truth = np.where(rng.random(200) < 0.4, "spam", "ham")
X = rng.normal(size=(200, 4)) + np.where(truth == "spam", 0.8, -0.8)[:, None]
team = alw.Team(["ann", "bob", "cy"], experts=["eve"], answers=2, at_most=2, consensus="dawid_skene",
                gold={row: truth[row] for row in range(30)})
session = alw.Session(X, items=[f"sample {row}" for row in range(200)], classes=["ham", "spam"], learner=GaussianNB(),
                      team=team, audit=0, random_state=0)
other = {"ham": "spam", "spam": "ham"}
for row in range(20):
    session.teach(row, truth[row], annotator="ann", seconds=2.0)
    session.teach(row, truth[row] if row < 5 else other[truth[row]], annotator="cy", seconds=1.0)
for row in range(40, 52):
    session.teach(row, truth[row], annotator="ann", seconds=3.0)
    session.teach(row, truth[row] if row < 50 else other[truth[row]], annotator="bob", seconds=4.0)
session.note(50, "who sent it?", annotator="ann")
page = session.serve()
alw.TeamPanel(session)
"""


def test_a_team_is_watched_weighed_and_settled_for_while_it_works(open_notebook, page):
    notebook = open_notebook(SESSION)
    notebook.run_all()
    panel = page.locator(".alw-team")
    people = {name: panel.locator("tbody", has=page.get_by_text(name, exact=True)) for name in ("ann", "bob", "cy")}
    people["cy"].get_by_text("Surely below 80 %: 5 of 20 gold answers right").wait_for()
    panel.get_by_text("Nobody has a page open.").wait_for()
    panel.get_by_text("not by Dawid and Skene's model").wait_for()
    assert "not measured" in panel.locator("tbody", has=page.get_by_text("eve", exact=True)).inner_text()

    # Somebody comes, answers and goes.
    link = notebook.execute("print(page.links['bob'])").strip()
    context = page.context.browser.new_context()
    other = context.new_page()
    other.goto(link)
    card = Card(other).wait()
    people["bob"].get_by_text("here since").wait_for()
    people["bob"].get_by_text(f"row {card.item}, then 5 more").wait_for()
    card.press("1")
    card.settled()
    people["bob"].locator("td[data-column=labels]").get_by_text("13", exact=True).wait_for()
    context.close()
    panel.get_by_text("Nobody has a page open.").wait_for()
    people["bob"].get_by_text("nothing", exact=True).wait_for()

    # Weighed down, and as usual again, for a reason that Jupyter takes for no shortcut.
    cells = notebook.cells()
    people["cy"].get_by_role("button", name="Decide how the answers of cy count").click()
    page.keyboard.type("dd hasty")
    people["cy"].get_by_role("button", name="do not count").click()
    people["cy"].get_by_text("not at all", exact=True).wait_for()
    people["cy"].get_by_text("Their answers count 0, as you decided.").wait_for()
    people["cy"].get_by_role("button", name="count as usual").click()
    people["cy"].get_by_text("as usual", exact=True).wait_for()
    people["bob"].get_by_role("button", name="Decide how the answers of bob count").click()
    people["bob"].get_by_role("button", name="ask others again").click()
    people["bob"].get_by_text("as usual; 13 asked again").wait_for()
    people["bob"].get_by_role("button", name="ask as usual").click()
    people["bob"].get_by_text("as usual", exact=True).wait_for()
    assert notebook.cells() == cells
    reasons = notebook.execute("print([(e.weight, e.reason) for e in session.events if e.kind == 'weight_set'])")
    assert reasons == "[(0.0, 'dd hasty'), (1.0, '')]\n"

    # Everything open: nothing is missing for who cannot see it, whatever the colors.
    panel.get_by_text("2 items disputed: review them").click()
    panel.get_by_text("row 50: ann").click()
    panel.get_by_text("sample 50").wait_for()
    panel.get_by_text("Note: who sent it?").wait_for()
    panel.get_by_text("each two of them").click()
    for _ in notebook.looks():
        results = Axe().run(page, context=".alw-team")
        assert results.violations_count == 0, results.generate_report()
    dispute = panel.locator(".alw-team-dispute[data-item='50']")
    dispute.get_by_label("Reason of the label of row 50").fill("seen the sender")
    dispute.get_by_role("button", name="spam").click()
    panel.get_by_text("1 item disputed: review it").wait_for()
    how = "print(session.labels.set_index('item').loc[50, ['label', 'how']].tolist())"
    assert notebook.execute(how) == "['spam', 'settled']\n"
    # Undone, and settled by a key.
    panel.get_by_role("button", name="undo").click()
    panel.get_by_text("2 items disputed: review them").wait_for()
    dispute.locator("summary").click()
    page.keyboard.press(dispute.get_by_role("button", name="ham").locator("kbd").inner_text())
    panel.get_by_text("row 50 settled: ham").wait_for()
    assert notebook.execute(how) == "['ham', 'settled']\n"
    # Nothing of it is in the file.
    notebook.save()
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    saved = (notebook.folder / "test.ipynb").read_text()
    assert "Surely below" not in saved
    assert "here since" not in saved
