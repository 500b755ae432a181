"""The workbench where two people have one notebook open together, by jupyter-collaboration; where it is installed."""

import importlib.util

import nbformat
import pytest
from lab import Card, Notebook, jupyterlab
from sessions import labels_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        importlib.util.find_spec("jupyter_collaboration") is None, reason="jupyter-collaboration is not installed"
    ),
]
CELL = """
import numpy as np
import alwidgets as alw
from sklearn.naive_bayes import GaussianNB
rng = np.random.default_rng(0)
X, y = rng.normal(size=(200, 3)), np.where(np.arange(200) % 2, "ham", "spam")
session = alw.Session(X, items=[f"sample {i}" for i in range(200)], classes=["ham", "spam"], learner=GaussianNB(),
                      test=(X, y), batch_size=4, journal="small.alw", random_state=0)
session
"""


@pytest.fixture
def together(tmp_path, page, browser):
    """A folder, and the cards of two people in it: the first has run the cell, the second opened the notebook then."""
    folder, home = tmp_path / "folder", tmp_path / "home"
    folder.mkdir()
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(made, folder / "test.ipynb")
    with jupyterlab(folder, home) as address:
        first = Notebook(page, address, "test.ipynb").open()
        first.run_all()
        Card(page).wait()
        context = browser.new_context()
        context.set_default_timeout(60_000)
        other = Notebook(context.new_page(), address, "test.ipynb").open()
        yield folder, first, other
        first.shut_down()
        context.close()


def test_both_see_the_workbench_and_either_answers(together):
    folder, first, other = together
    mine, theirs = Card(first.page), Card(other.page).wait()
    cells = first.cells()
    given = []
    for card, key, label in ((mine, "1", "ham"), (theirs, "2", "spam"), (mine, "2", "spam"), (theirs, "1", "ham")):
        card.focus()
        given.append((card.item, label))
        card.press(key)
        for each in (mine, theirs):
            each.page.wait_for_selector(f".alw-labeler:not([data-item='{given[-1][0]}'])")
        card.wait().settled()
    assert labels_of(folder) == given
    assert first.cells() == other.cells() == cells
