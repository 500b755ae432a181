"""Going back to random rounds, and on from there."""

import random

from tests.faults.sample import Found, Y, opened


def rollbacks(_folder, n):
    """Roll back to a random round: the training set and the predictions are those that were recorded."""
    found, rng = Found("rollback to a random round"), random.Random(0)
    session = opened(None).run(Y, 60)
    predictions = {}
    for found.tried in range(1, n + 1):
        number = rng.choice(session.versions["round"].tolist())
        back = session.rollback(number)
        now = session.learner.predict_proba(session.X).tobytes()
        if not (back.same_training_set and back.same_predictions and predictions.setdefault(number, now) == now):
            found.wrong.append(f"round {number}: {back}")
        if found.tried % 5 == 0:
            session.run(Y, 4)
    return found
