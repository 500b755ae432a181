"""Types of the state that a page shows, as JSON can hold it; one TypedDict each.

`static/common/sent.d.ts` says the same to the type checker of the front end, and is written from here and from `sent`
by `python -m tests.documentation`. Samples are row numbers, and a class is its number.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, TypedDict

from alwidgets.views.messages import Against, Color

#: Number of a class, or the numbers of several in a multilabel task.
Value: TypeAlias = int | list[int]


class Whose(TypedDict):
    """Session that a page is on, whether what is acknowledged is on disk, and who keeps the kernel from writing."""

    id: str
    saved: bool
    lock_owner: str


class KeysShown(TypedDict):
    """Keys of the classes, in their order, and of the actions by their names."""

    classes: list[str]
    actions: dict[str, str]


class TaskShown(TypedDict):
    """Task of a session, which stays as it is."""

    kind: Literal["single", "multi", "ordinal", "yes_no", "pair"]
    question: str
    instructions: str
    suggest: str | float
    highlight: list[str]
    near_duplicates: bool


class StatusShown(TypedDict):
    """Progress of a session, for the header of its card."""

    saved_as: str | None
    round: int
    n_events: int
    n_labeled: int
    n_skipped: int
    n_samples: int
    budget: int | None
    cost: str
    counts: list[int]
    n_learned: int
    n_behind: int
    n_changed: int
    phase: str
    waits_for: list[str]
    n_only: int
    labels_per_minute: int
    minutes_left: float
    agreement: str
    busy: bool
    error: str
    recovery: str
    advice: str
    may_stop: bool
    waits: str
    exhausted: bool


#: Event id, row, label or None for a skip, and whether the skip was for being unsure.
RecentAnswer: TypeAlias = tuple[str, int, Value | None, bool]


class OnlyAsked(TypedDict):
    """Samples of the queue that somebody chose to be asked alone, and the event that said so; 0 for none."""

    since: int
    items: list[int]


class LabelingState(TypedDict):
    """Content of a labeling card; questions of which nothing may lead the answer are each answered `alone`."""

    classes: list[str]
    keys: KeysShown
    status: StatusShown
    recent: list[RecentAnswer]
    flagged: list[int]
    withdrawn: list[int]
    only: OnlyAsked
    repeats: list[int]
    alone: list[int]
    queue: list[int]


class ReviewStatus(TypedDict):
    """Content of a review, but for the answers, which are asked for."""

    changes: int
    classes: list[str]
    multilabel: bool
    keys: KeysShown
    repeats: list[int]
    n_repeats: int
    checking: bool
    how: str
    nobodys: str
    parts: list[str]


class ReviewState(TypedDict):
    """State of a review."""

    status: ReviewStatus


class Fact(TypedDict):
    """Facts about a sample that is inspected on a map."""

    row: int
    label: int | None
    prediction: int | None
    confidence: float | None


class Undoable(TypedDict):
    """Labels that were given together last: the id of the group, and how many."""

    group: str | None
    n: int


class PoolMapState(TypedDict):
    """Content of a map, but for the points, which are sent as messages."""

    color: Color
    classes: list[str]
    parts: list[tuple[str, int]]
    keys: KeysShown
    shown: list[Fact]
    undoable: Undoable
    n_only: int
    n_samples: int
    problem: str


class CurveState(TypedDict):
    """Learning curve as a plotly figure, and what is beside it; while nothing is measured the caption says why."""

    figure: dict[str, Any]
    caption: str
    measured: bool
    axes: list[Against]
    against: Against
    busy: bool


class Limit(TypedDict):
    """Limit of a budget, and what is spent of it."""

    setting: str
    spent: float
    limit: float | None
    unit: str


class Criterion(TypedDict):
    """Stopping criterion: its reading, its values in the last rounds, and where it leads."""

    name: str
    value: float | None
    threshold: float | None
    fired: bool
    why: str
    possible: bool
    below: bool
    values: list[float | None]
    since: int | None
    to_go: tuple[float, float, float] | None
    editable: bool
    limits: list[Limit] | None


class AdviceShown(TypedDict):
    """Advice of a stopping rule, its criteria, and what can be set."""

    stop: bool
    headline: str
    facts: list[tuple[str, str]]
    sentence: str
    rule: str
    needs: str | int
    n_criteria: int
    rows: list[Criterion]
    prices: dict[str, str | float | None]
    decided: str
    n_labeled: int


class StoppingState(TypedDict):
    """State of a stopping panel."""

    advice: AdviceShown


class FiguresState(TypedDict):
    """State of a panel on drift or a team: that there is something new. Figures are asked for, and never saved."""

    changes: int


class QuarantinedShown(TypedDict):
    """Answer over there that does not fit: its task, whose it is, and why."""

    task: int
    annotator: str | None
    reason: str


class StudioShown(TypedDict):
    """Standing of a session in Label Studio; of what does not fit, the first ones."""

    url: str
    problem: str
    n_open: int
    n_answers: int
    n_labeled: int
    n_samples: int
    round: int
    error: str
    n_quarantined: int
    quarantined: list[QuarantinedShown]


class StudioState(TypedDict):
    """State of a panel on Label Studio."""

    shown: StudioShown


class LinkedPerson(TypedDict):
    """Somebody who has a link to a page, and how many pages they have open."""

    name: str
    role: Literal["annotator", "expert", "viewer"]
    n_open: int


class LinkedPage(TypedDict):
    """Page that links open, and who has one; no link is kept in it."""

    url: str
    reach: str
    closed: bool
    people: list[LinkedPerson]


class LinksState(TypedDict):
    """State of the links of a page."""

    page: LinkedPage


class RaceProgress(TypedDict):
    """Race as it stands; without one that runs, nothing of it."""

    running: bool
    finished: bool
    question: int | None
    n_labeled: int
    n_asked: int
    drawn: list[int]
    measured: list[int]
    problem: str
    labeled: list[list[tuple[int, int]]]
    n_newest: int
    scores: list[float | None]
    curves: list[list[float | None]]


class RaceStanding(RaceProgress):
    """Race as it stands, in a sentence too, how far its points reach, and the pixels of a map along a side."""

    reach: float
    grid: int
    sentence: str


class RaceSettings(TypedDict):
    """Settings of a race, by their names on the page."""

    strategy: str
    learner: str
    cold_start: str
    batch_size: int
    random_state: int


class RaceState(TypedDict):
    """Points that are drawn, settings and what can be set, and the race; the maps are bytes."""

    points: list[list[float]]
    settings: RaceSettings
    options: dict[str, list[str]]
    active_map: bytes
    random_map: bytes
    race: RaceStanding
