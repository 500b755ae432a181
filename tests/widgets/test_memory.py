"""What is replaced or closed lets go of the pool."""

import gc
import weakref

import ipywidgets
import numpy as np
import pytest
from jupyter_client.manager import start_new_kernel
from sklearn.naive_bayes import GaussianNB

import alwidgets as alw

CELL = """
import gc, weakref
import numpy as np
import alwidgets as alw
from sklearn.naive_bayes import GaussianNB

pools = globals().get("pools", [])
X = np.random.default_rng(0).normal(size=(50, 3))
pools.append(weakref.ref(X))
session = alw.Session(X, classes=["a", "b"], learner=GaussianNB(), random_state=0{more})
session
"""
COUNT = """
import ipywidgets.widgets.widget as widgets
found = gc.collect()
(sum(each() is not None for each in pools), len(widgets._instances))
"""


class Kernel:
    """A kernel in which cells are run, each with its id, as JupyterLab runs them."""

    def __init__(self, client):
        self.client = client

    def run(self, code, cell=""):
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        message = self.client.session.msg("execute_request", content, metadata={"cellId": cell})
        self.client.shell_channel.send(message)
        result, done = None, False
        while not done:
            reply = self.client.get_iopub_msg(timeout=60)
            if reply["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            assert reply["msg_type"] != "error", "\n".join(reply["content"]["traceback"])
            if reply["msg_type"] == "execute_result":
                result = reply["content"]["data"]["text/plain"]
            done = reply["msg_type"] == "status" and reply["content"]["execution_state"] == "idle"
        return result


@pytest.fixture(scope="module")
def kernel():
    manager, client = start_new_kernel()
    yield Kernel(client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.mark.parametrize("more", ["", ", journal='a.alw'"])
def test_a_cell_that_is_run_again_and_again_keeps_one_pool_and_the_widgets_of_one(kernel, tmp_path, more):
    code = CELL.format(more=more)
    kernel.run(f"import os; os.chdir({str(tmp_path)!r}); pools = []")
    kernel.run(code, cell=f"cell {more}")
    n_widgets = eval(kernel.run(COUNT))[1]  # noqa: S307
    for _ in range(5):
        kernel.run(code, cell=f"cell {more}")
    assert eval(kernel.run(COUNT)) == (1, n_widgets)  # noqa: S307


def test_a_result_with_labels_that_are_nowhere_else_and_one_with_a_name_stay(kernel):
    kernel.run("import warnings; warnings.simplefilter('ignore'); pools = []; kept = []")
    code = CELL.format(more="")
    kernel.run(code, cell="labels")
    kernel.run("session.teach(0, 'a')")
    kernel.run(code, cell="labels")
    kernel.run("kept.append(session)")
    kernel.run(code, cell="labels")
    assert eval(kernel.run(COUNT))[0] == 3  # noqa: S307
    assert eval(kernel.run("sum(len(each.labels) for each in Out.values() if isinstance(each, alw.Session))")) == 1  # noqa: S307


@pytest.mark.parametrize("replaced", [False, True])
def test_a_closed_session_lets_go_of_its_pool_and_still_tells_its_labels(tmp_path, replaced):
    def made():
        X = np.random.default_rng(0).normal(size=(60, 3))
        given = {"classes": ["a", "b"], "learner": GaussianNB(), "random_state": 0, "journal": tmp_path / "a.alw"}
        return alw.Session(X, [f"text {row}" for row in range(60)], **given), weakref.ref(X)

    session, pool = made()
    session.run(["a", "b"] * 30, 8)
    session._repr_mimebundle_()
    before = session.labels, session.history, repr(session)
    newer = made()[0] if replaced else None
    session.close()
    session.wait()
    gc.collect()
    assert pool() is None
    assert (session.labels.equals(before[0]), session.history.equals(before[1])) == (True, True)
    assert repr(session) == before[2]
    for call in (
        lambda: session.X,
        session.training_set,
        lambda: session.item(0),
        session.to_frame,
        session.predictions,
        lambda: session.run(["a", "b"] * 30, 1),
    ):
        with pytest.raises(ValueError, match="this session is closed"):
            call()
    if newer is not None:
        assert newer.X.shape == (60, 3)
        newer.close()


def test_a_closed_workbench_leaves_no_widget_behind():
    before = set(ipywidgets.widgets.widget._instances)
    session = alw.Session(np.eye(4), classes=["a", "b"], learner=GaussianNB())
    session._repr_mimebundle_()
    for view in (alw.Labeler, alw.PoolMap, alw.Review):
        view(session)
    session.close()
    session.wait()
    assert set(ipywidgets.widgets.widget._instances) == before
