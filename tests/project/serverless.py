"""The quickstart where no thread starts and no file has a second name, as in a Python inside the browser.

Run as a script with the folders of the notebook, of what else is to be found, and of the journal.
"""

import json
import os
import sys
import threading
from pathlib import Path


def _refused(_self):
    raise RuntimeError("can't start new thread")


def main(notebook, elsewhere, folder):
    sys.path.append(elsewhere)
    threading.Thread.start = _refused
    if hasattr(os, "link"):
        del os.link
    os.chdir(folder)
    cells = json.loads(Path(notebook).read_text(encoding="utf-8"))["cells"]
    (code,) = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    first = _run(code)
    session, y = first["session"], first["y"]
    for row in range(40):
        session.teach(row, int(y[row]))
    labeler, curve = _shown(first["alw"], session)
    asked, round_ = session.query().tolist(), session.progress.round
    assert round_ >= 1, "no model was fitted"
    assert labeler["_queue"], "no question is ready"
    assert session.progress.n_learned == 40, session.progress
    session.close()

    again = _run(code)["session"]
    assert again.query().tolist() == asked, "another question after it was opened again"
    assert (len(again.labels), again.progress.round) == (40, round_)
    again.close()
    print(json.dumps({"platform": sys.platform, "bits": 64 if sys.maxsize > 2**32 else 32, "curve": bool(curve)}))


def _run(code):
    names = {}
    exec(compile(code, "quickstart", "exec"), names)  # noqa: S102
    return names


def _shown(alw, session):
    return alw.Labeler(session).get_state(), alw.LearningCurve(session).get_state()


if __name__ == "__main__":
    main(*sys.argv[1:])
