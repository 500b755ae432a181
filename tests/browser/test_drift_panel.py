"""The panel of drift in a real JupyterLab: what moved, and the audit questions that it advises."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

SESSION = """
import alwidgets as alw, numpy as np
from sklearn.naive_bayes import GaussianNB
rng = np.random.default_rng(0)
X = rng.normal(size=(200, 3))
session = alw.Session(X, classes=["ham", "spam"], learner=GaussianNB(), audit=0.5, random_state=0)
session.run(np.where(X[:, 0] > 0, "spam", "ham"), 40)
alw.DriftPanel(session)
"""


def test_what_moved_is_seen_and_the_advice_is_followed_by_a_button(open_notebook, page):
    notebook = open_notebook(SESSION)
    notebook.run_all()
    panel = page.locator(".alw-drift")
    panel.get_by_text("there is nothing to compare").wait_for()

    notebook.execute("_ = session.extend(X + [0, 1, 0], source='monday')")
    panel.get_by_text("The samples of 'monday' are others than before").first.wait_for()
    assert panel.locator(".alw-drift-columns tbody th").all_inner_texts() == ["1"]
    assert "not measured" in panel.locator(".alw-drift-parts tbody tr", has_text="monday").inner_text()
    assert panel.locator(".alw-drift-alarms summary").inner_text() == "1 alarm"
    for _ in notebook.looks():
        violations = Axe().run(page, context=".alw-drift").response["violations"]
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in violations] == []

    panel.get_by_role("button", name="ask 20 audit questions of monday").click()
    panel.get_by_text("20 audit questions of 'monday': next to be asked").wait_for()
    assert notebook.execute("print(sorted(session.query(20)) >= [200])").strip() == "True"

    notebook.execute("_ = session.extend(np.vstack([X[::2], X[1::2] + [0, 1, 0]]) * 1.0001, source='tuesday')")
    panel.get_by_text("No drift seen in 'tuesday'").wait_for()
    panel.get_by_role("combobox", name="part").select_option("monday")
    panel.get_by_role("status").get_by_text("The samples of 'monday'").wait_for()
