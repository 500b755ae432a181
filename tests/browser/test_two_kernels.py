"""A session that another kernel holds, as a person meets it."""

import pytest
from lab import Card
from sklearn.datasets import load_digits
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw

pytestmark = pytest.mark.browser

CELL = """
import warnings; warnings.simplefilter("ignore")
import alwidgets as alw
from sklearn.datasets import load_digits
from sklearn.naive_bayes import GaussianNB
X, y = load_digits(return_X_y=True)
session = alw.Session(X[:600], items=[f"sample {i}" for i in range(600)], classes=["ham", "spam"], learner=GaussianNB(),
                      audit=0.1, journal="held.alw", random_state=0)
session
"""


def test_a_held_session_can_be_read_and_taken_over_by_a_click(open_notebook, page):
    notebook = open_notebook(CELL)
    X, _ = load_digits(return_X_y=True)
    given = {"classes": ["ham", "spam"], "learner": GaussianNB(), "audit": 0.1, "random_state": 0}
    here = alw.Session(X[:600], journal=notebook.folder / "held.alw", **given)
    asked = [int(row) for row in here.query(8)]
    here.teach(asked[0], "ham")
    notebook.run_all()
    card = Card(page).wait()
    card.wait_for_text("Another kernel has this session open (process")
    assert page.locator(".alw-answers button:disabled").count() == 2
    card.focus().press("1")
    assert card.item == asked[1]
    card.root.get_by_role("button", name="take over").click()
    page.wait_for_function("() => document.querySelectorAll('.alw-answers button:disabled').length === 0")
    card.focus().press("2")
    card.settled()
    assert notebook.execute("print(session.labels[['item', 'label']].values.tolist())") == (
        f"[[{asked[0]}, 'ham'], [{asked[1]}, 'spam']]\n"
    )
    with pytest.raises(OSError, match="the session is held by process"):
        here.teach(asked[2], "ham")
    here.close()
