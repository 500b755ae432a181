"""A view where nothing of Jupyter is installed: all that a server of plain pages needs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import alwidgets

CODE = """
import json, sys
for name in ("anywidget", "ipywidgets", "IPython", "traitlets", "comm", "jupyter_client", "ipykernel"):
    sys.modules[name] = None
import numpy as np
from sklearn.naive_bayes import GaussianNB
from alwidgets.session import Session
from alwidgets.views.dispatch import receive
from alwidgets.views.labeling import LabelingView
from alwidgets.views.learning_curve import LearningCurveView
from alwidgets.views.pool_map import PoolMapView
from alwidgets.simulation.race import Terms
from alwidgets.simulation.sketch import Drawing
from alwidgets.views.race import RaceView
from alwidgets.views.review import ReviewView
from alwidgets.views.stopping import StoppingView

session = Session(np.eye(8), classes=["a", "b"], learner=GaussianNB(), batch_size=100)
sent = []
send, changed = lambda message, buffers: sent.append(message), lambda: None
kinds = (LabelingView, ReviewView, PoolMapView, StoppingView, LearningCurveView)
views = [make(session, send, changed) for make in kinds]
receive(views[0], {"kind": "answer", "event_id": "one", "item": 3, "value": 1, "round": 0, "annotator": "Ada"})
receive(views[0], {"kind": "need", "items": [3]})
terms = Terms("margin", GaussianNB(), 4, "random", 0)
views.append(RaceView(Drawing(("a", "b")), terms, send, changed))
receive(views[-1], {"kind": "shape", "shape": "moons", "n": 40, "id": 7})
shown = [view.refresh() for view in views]
print(json.dumps([sent, session.labels[["item", "label", "annotator"]].values.tolist(), list(map(list, shown))]))
"""


def test_a_page_is_served_and_its_answers_are_taken():
    environment = {**os.environ, "PYTHONPATH": str(Path(alwidgets.__file__).parents[1])}
    ran = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, env=environment, check=False)
    assert ran.returncode == 0, ran.stderr
    sent, labels, shown = json.loads(ran.stdout)
    assert sent[0] == {"kind": "ack", "event_id": "one"}
    assert "payload" in [message["kind"] for message in sent]
    assert labels == [[3, "b", "Ada"]]
    assert {"kind": "done", "id": 7} in sent
    assert [min(names) for names in shown] == ["alone", "status", "classes", "advice", "against", "active_map"]
