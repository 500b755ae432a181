"""A saved notebook shows the last curve of a session, with no kernel, no widget and no network."""

import base64
import re

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

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


def test_the_output_of_a_session_follows_its_rounds_and_is_a_page_of_its_own(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    NotebookClient(notebook, kernel_name="python3", store_widget_state=False).execute(cwd=str(tmp_path))
    (picture, widget) = notebook.cells[0].outputs
    n_rounds = int(notebook.cells[1].outputs[-1].data["text/plain"])
    assert "text/html" not in widget.data
    assert "24 of 120" in picture.data["text/html"]
    page, _ = HTMLExporter().from_notebook_node(notebook)
    svg = base64.b64decode(re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', page)[1]).decode()
    assert len(re.search(r'<polyline points="([^"]+)"', svg)[1].split()) == n_rounds
    assert "24 of 120" in page
