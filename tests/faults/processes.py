"""Processes that label, forked from one that has loaded everything, to be killed at any moment."""

import contextlib
import multiprocessing
import signal

from tests.faults.sample import answer_next, opened


def context():
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["tests.faults.processes"])
    return made


class Labeling:
    """A process that runs `work(path, told, *args)`, and what it told of acknowledged rows."""

    def __init__(self, work, path, *args):
        self._told, theirs = multiprocessing.Pipe(duplex=False)
        self._process = context().Process(target=work, args=(path, theirs, *args), daemon=True)
        self._process.start()
        theirs.close()

    def run(self, seconds):
        """Let it go on for so long, or to its end."""
        self._process.join(seconds)

    def heard(self):
        """Return the next row it acknowledged; None when it ended."""
        try:
            return int(self._told.recv_bytes())
        except EOFError:
            return None

    def killed(self):
        """Kill it where it is, and return the rows it acknowledged and did not tell yet."""
        self._process.kill()
        self._process.join()
        rows = []
        while (row := self.heard()) is not None:
            rows.append(row)
        self._told.close()
        return rows


def label(path, told, n_most):
    """Answer questions, telling each once it is acknowledged; then wait to be killed."""
    session = opened(path)
    while session.progress.n_labelled < n_most:
        told.send_bytes(str(answer_next(session)).encode())
    signal.pause()


def hold(path, told, rows):
    """Take the session, whoever holds it, and label rows until another takes it."""
    session = opened(path, batch_size=10**6)
    with contextlib.suppress(OSError):
        session.take_over()
        for row in rows:
            session.teach(row, "a")
            told.send_bytes(str(row).encode())
    told.close()
    signal.pause()


def relabel(path, told, n_at_once):
    """Open the session, answer some questions, telling each, close it, and again, until there are none."""
    while True:
        session = opened(path)
        for _ in range(n_at_once):
            if not len(session.query()):
                signal.pause()
            told.send_bytes(str(answer_next(session)).encode())
        session.close()
        session.wait()
