"""People who may open a page, and what each role sees and does there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from alwidgets.annotation.team import Team
from alwidgets.session import Session
from alwidgets.session.validation import check_annotator
from alwidgets.utils.text import name_key, short_repr
from alwidgets.views.drift import DriftView
from alwidgets.views.fronts import (
    DRIFT_PANEL,
    LABELER,
    LEARNING_CURVE,
    POOL_MAP,
    REVIEW,
    STOPPING_PANEL,
    TEAM_PANEL,
    Front,
)
from alwidgets.views.labeling import LabelingView
from alwidgets.views.learning_curve import LearningCurveView
from alwidgets.views.pool_map import PoolMapView
from alwidgets.views.review import ReviewView
from alwidgets.views.stopping import StoppingView
from alwidgets.views.team import TeamView
from alwidgets.views.view import View

Role: TypeAlias = Literal["annotator", "expert", "viewer"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True)
class Person:
    """Somebody with a link.

    Parameters
    ----------
    name : str
        Signs what the person does.
    role : {"annotator", "expert", "viewer"}
        What the person sees and may do.
    """

    name: str
    role: Role


@dataclass(frozen=True)
class Part:
    """A part of a page.

    Parameters
    ----------
    name, title : str
        In addresses and messages, and on the page.
    front : Front
        How it looks.
    make : callable
        (session, send, changed, annotator=) -> View.
    changes : frozenset of str
        Kinds of messages by which the person may change the session.
    fixed : callable
        View -> what of its state stays as it is.
    denied : frozenset of str
        Kinds of messages that change nothing, and the person may not send either.
    inert : bool
        Whether nothing in it can be pressed.
    fits : callable
        Session -> whether it can be shown.
    """

    name: str
    title: str
    front: Front
    make: Callable[..., View]
    changes: frozenset[str]
    fixed: Callable[[Any], dict[str, Any]] = lambda _view: {}
    denied: frozenset[str] = frozenset()
    inert: bool = False
    fits: Callable[[Session], bool] = lambda _session: True

    def allows(self, kind: str, view: View) -> bool:
        """Return whether the person may send messages of a kind; what a view does not know is not for it to say."""
        return (kind not in view.CHANGES or kind in self.changes) and kind not in self.denied


_OWN = frozenset({"answer", "undo", "flag", "note"})


def _task_of(view: LabelingView) -> dict[str, Any]:
    return {"_task": view.task}


def _size_of(view: PoolMapView) -> dict[str, Any]:
    return {"_n_samples": view.session.n_samples}


def _has_map(session: Session) -> bool:
    # Samples of several classes have no one color.
    return not session.task.multilabel


def _has_team(session: Session) -> bool:
    return session.team is not None


def _has_grown(session: Session) -> bool:
    return len(session.parts) > 1


def _map(changes: frozenset[str]) -> Part:
    return Part("map", "Map", POOL_MAP, PoolMapView, changes, _size_of, fits=_has_map)


_PARTS: dict[Role, tuple[Part, ...]] = {
    # Whoever is given questions does not choose samples by what the model thinks of them.
    "annotator": (Part("labeler", "Label", LABELER, LabelingView, _OWN, _task_of, denied=frozenset({"only"})),),
    # All but what is the session owner's: taking the journal over from another kernel.
    "expert": (
        Part("labeler", "Label", LABELER, LabelingView, frozenset(LabelingView.CHANGES) - {"take_over"}, _task_of),
        Part("review", "Review", REVIEW, ReviewView, frozenset(ReviewView.CHANGES) - {"take_over"}),
        Part("team", "Team", TEAM_PANEL, TeamView, frozenset(TeamView.CHANGES), fits=_has_team),
        Part("curve", "Curve", LEARNING_CURVE, LearningCurveView, frozenset()),
        Part("drift", "Drift", DRIFT_PANEL, DriftView, frozenset(DriftView.CHANGES), fits=_has_grown),
        _map(frozenset(PoolMapView.CHANGES)),
        Part("stopping", "Progress", STOPPING_PANEL, StoppingView, frozenset(StoppingView.CHANGES)),
    ),
    "viewer": (
        # Who only looks does not take the labels along.
        Part(
            "stopping",
            "Progress",
            STOPPING_PANEL,
            StoppingView,
            frozenset(),
            inert=True,
            denied=frozenset({"save_labels"}),
        ),
        # A baseline keeps the session's machine busy.
        Part("curve", "Curve", LEARNING_CURVE, LearningCurveView, frozenset(), denied=frozenset({"baseline"})),
        # Its page offers what looks, and no change.
        _map(frozenset()),
    ),
}
_MAY: dict[Role, str] = {
    "annotator": "answer, undo, flag and note",
    "expert": "answer, review and settle how the session goes on",
    "viewer": "look",
}


def parts_of(role: Role, session: Session | None = None) -> tuple[Part, ...]:
    """Return the parts of a role's page, those that can be shown of a session; the first one is first on screen."""
    return tuple(part for part in _PARTS[role] if session is None or part.fits(session))


def denial(role: Role, kind: str) -> str:
    """Return why a role may not make a change, in words for the page."""
    return f"This link is for {_article(role)}, who may {_MAY[role]}; {short_repr(kind)} is not among it."


def check_role(role: str) -> Role:
    """Return a role, if it is one.

    Raises
    ------
    ValueError
        If it is none.
    """
    found = next((each for each in ROLES if each == role), None)
    if found is None:
        raise ValueError(f"role is {short_repr(role)}; expected one of {list(ROLES)}.")
    return found


def _article(role: Role) -> str:
    return "a viewer of the session" if role == "viewer" else f"an {role}"


def people_of(
    session: Session, annotators: Iterable[str] | None, experts: Iterable[str] | None, viewers: Iterable[str]
) -> tuple[Person, ...]:
    """Return the people who get a link.

    Parameters
    ----------
    session : Session
        Has the defaults: its team, else its annotator.
    annotators, experts, viewers : iterable of str
        Names; None for the default.

    Raises
    ------
    TypeError, ValueError
        If a name is none, somebody is named twice, or nobody is named.
    """
    team = None if session.team is None else session.team.members
    if annotators is None and experts is None:
        # Whoever labels alone does all there is to do.
        alone = [session.annotator or "annotator"]
        annotators, experts = ([], alone) if team is None else (team.annotators, team.experts)
    given: dict[Role, Iterable[str]] = {
        "annotator": annotators or (), "expert": experts or (), "viewer": viewers
    }  # fmt: skip
    people = [Person(name, role) for role in ROLES for name in _names(f"{role}s", given[role])]
    if not people:
        raise ValueError("annotators is empty; expected the names of one or more people.")
    seen: set[str] = set()
    for person in people:
        if name_key(person.name) in seen:
            raise ValueError(f"two people are called {short_repr(person.name)}; expected each name once, in one role.")
        seen.add(name_key(person.name))
        check_member(team, person)
    return tuple(people)


def check_member(team: Team | None, person: Person) -> None:
    """Raise ValueError where a session has a team, and somebody who is to answer has another role in it, or none."""
    if team is not None and person.role != "viewer" and team.role(person.name) != person.role:
        raise ValueError(
            f"{short_repr(person.name)} is given among the {person.role}s; "
            f"in the team {short_repr(person.name)} is an {team.role(person.name)}."
        )


def _names(what: str, names: Any) -> list[str]:
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise TypeError(f"{what} is {short_repr(names)}; expected a list of names.")
    checked = [check_annotator(name) for name in names]
    for name in checked:
        if not name or name != name.strip():
            raise ValueError(f"{what} has {short_repr(name)}; expected a name without spaces around it.")
    return [name for name in checked if name]
