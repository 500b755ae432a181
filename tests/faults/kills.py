"""kill -9 at random moments, of one labeling process, and of several that take the session from each other."""

import random

import alwidgets as alw
from tests.faults.processes import Labeling, hold, label
from tests.faults.sample import N_SAMPLES, Found, ended, opened, what_is_wrong

# Long enough to open the session and give some answers.
_LONGEST_LIFE = 0.3
_MOST_LABELS = 80


def kills(folder, n):
    """Kill a labeling process; reopen: every acknowledged label, at most one more, and the same next question."""
    found, rng = Found("kill -9 at a random moment of a labeling process"), random.Random(0)
    path, known = None, _MOST_LABELS
    for found.tried in range(1, n + 1):
        if known >= _MOST_LABELS:
            path, known = folder / f"{found.tried}.alw", 0
        process = Labeling(label, path, _MOST_LABELS)
        process.run(rng.uniform(0, _LONGEST_LIFE))
        acknowledged = known + len(process.killed())
        wrong, known = what_is_wrong(path, acknowledged, acknowledged + 1)
        if wrong:
            found.wrong.append(wrong)
            known = _MOST_LABELS
    return found


def take_overs(folder, n):
    """Have three kernels take a session from each other, one of them killed; reopen: what counts is what was saved."""
    found, rng = Found("two kernels, a take-over and a dead owner"), random.Random(0)
    for found.tried in range(1, n + 1):
        path = folder / f"{found.tried}.alw"
        kernels = [Labeling(hold, path, range(start, N_SAMPLES, 3)) for start in range(3)]
        kernels[0].run(rng.uniform(0, _LONGEST_LIFE))
        saved = set()
        for kernel in kernels if rng.random() < 1 / 2 else reversed(kernels):
            saved |= set(kernel.killed())
        session = opened(path)
        counted = session.labels["item"].tolist()
        lost, more = saved - set(counted), set(counted) - saved
        # Each may have been killed between saving an answer and telling of it.
        sound = alw.verify(path).sound and not session.read_only and len(counted) == len(set(counted))
        ended(session)
        if lost or len(more) > len(kernels) or not sound:
            found.wrong.append(f"{path}: lost {lost}, {len(more)} more, sound: {sound}")
    return found
