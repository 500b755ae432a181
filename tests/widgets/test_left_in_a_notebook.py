"""A saved notebook shows the last curve of a session, with no kernel, no widget and no network."""

import base64
import re

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

import alwidgets as alw

CELLS = (
    """
import numpy as np, alwidgets as alw
from sklearn.naive_bayes import GaussianNB
rng = np.random.default_rng(0)
y = np.array(["left", "right"] * 60)
X = rng.normal(size=(120, 2)) + 4 * (y == "right")[:, None]
session = alw.Session(X, classes=["left", "right"], learner=GaussianNB(), audit=0, random_state=0)
session
""",
    "session.run(y, 24); len(session.rounds)",
)


def run(tmp_path, *cells):
    """Run cells in a kernel, and return the notebook that is left."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, kernel_name="python3", store_widget_state=False).execute(cwd=str(tmp_path))
    return notebook


def points_on(page):
    svg = base64.b64decode(re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', page)[1]).decode()
    return len(re.search(r'<polyline points="([^"]+)"', svg)[1].split())


def test_the_output_of_a_session_follows_its_rounds_and_is_a_page_of_its_own(tmp_path):
    notebook = run(tmp_path, *CELLS)
    (picture, widget) = notebook.cells[0].outputs
    n_rounds = int(notebook.cells[1].outputs[-1].data["text/plain"])
    assert "text/html" not in widget.data
    assert "24 of 120" in picture.data["text/html"]
    page, _ = HTMLExporter().from_notebook_node(notebook)
    assert points_on(page) == n_rounds
    assert "24 of 120" in page


def test_a_curve_alone_leaves_the_same_picture_with_its_caption(tmp_path):
    alone = CELLS[0].removesuffix("session\n") + "curve = alw.LearningCurve(session)\ncurve"
    notebook = run(tmp_path, alone, CELLS[1], "curve._caption", "curve.close(); session.run(y, 8); len(session.rounds)")
    (picture, widget) = notebook.cells[0].outputs
    n_rounds = int(notebook.cells[1].outputs[-1].data["text/plain"])
    assert "text/html" not in widget.data
    assert "<table" not in picture.data["text/html"]
    page, _ = HTMLExporter().from_notebook_node(notebook)
    # A curve that is closed follows no more.
    assert int(notebook.cells[3].outputs[-1].data["text/plain"]) > points_on(page) == n_rounds
    caption = notebook.cells[2].outputs[-1].data["text/plain"].strip("'")
    assert caption in picture.data["text/html"]


def test_a_curve_that_is_shown_by_no_cell_has_its_picture_with_it(make_session, blobs):
    curve = alw.LearningCurve(make_session().run(blobs[1], 24))
    data, _ = curve._repr_mimebundle_()
    assert data["text/html"].startswith('<p><img alt="Learning curve: ')
    assert "application/vnd.jupyter.widget-view+json" in data
