"""Pace of a team: the answers a minute of all who label now, beside each other."""

from __future__ import annotations

from alwidgets.journal.events import Answer
from alwidgets.journal.standing import LONGEST_SECONDS
from alwidgets.journal.state import State

# So many of the last answers for each annotator; who gave none of them, or none for so long, has left.
_LATEST_EACH = 10
_LEFT_AFTER = 600.0


def team_pace(state: State) -> float | None:
    """Return the answers a minute that those of a team who label now give together; None where none was timed.

    The sum over these people of how many of their last answers go into a minute, by the time that each took, so that a
    break slows nobody down. Whoever gave none of the team's last answers, ten for each annotator, or none in the ten
    minutes before the newest, has left. O(annotators).
    """
    if state.team is None:
        return None
    n_left, newest = _LATEST_EACH * len(state.team.annotators), None
    seconds: dict[str | None, list[float]] = {}
    for number in range(len(state.past), 0, -1):
        event = state.past.event(number)
        if not isinstance(event, Answer):
            continue
        newest = event.at if newest is None else newest
        if not n_left or event.at < newest - _LEFT_AFTER:
            break
        n_left -= 1
        if event.seconds:
            seconds.setdefault(event.annotator, []).append(min(event.seconds, LONGEST_SECONDS))
    return sum(60 * len(each) / sum(each) for each in seconds.values()) if seconds else None
