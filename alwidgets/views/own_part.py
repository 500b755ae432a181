"""The header of the card of one of several people: their own part, and nothing that tells what the others said."""

from __future__ import annotations

from alwidgets.session.own_answers import OwnCounts
from alwidgets.views.states import StatusShown


def own_part(shown: StatusShown, own: OwnCounts, *, stop: bool) -> StatusShown:
    """Return the progress of a session as one of several people is shown it, with their own counts.

    Whatever moves with an answer of somebody else is left out: who sees it move while a sample is on screen would know
    what was said of it. What moves with a model is told, for that learns many answers at once.

    Parameters
    ----------
    shown : StatusShown
        The progress of the session.
    own : OwnCounts
        The counts of this person.
    stop : bool
        Whether the advice is to stop, which all are told; before that it may say what was found so far.
    """
    return {
        **shown,
        "n_labeled": own.n_labeled,
        "n_skipped": own.n_skipped,
        "counts": own.of_classes,
        "budget": None,
        "cost": "",
        # Where nothing is left to be asked it says whether the last answers are learned.
        "n_behind": shown["n_behind"] if shown["exhausted"] else 0,
        "n_changed": 0,
        "phase": "",
        "waits_for": [],
        "n_only": 0,
        "labels_per_minute": 0,
        "minutes_left": 0,
        "advice": shown["advice"] if stop else "",
    }
