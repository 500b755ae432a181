"""Types of the state that a page shows, and of the messages that the kernel sends to it; one TypedDict each.

`static/common/sent.d.ts` says the same to the type checker of the front end, and is written from here by
`python -m tests.documentation`. Samples are row numbers, and a class is its number. State is JSON; a message may have
binary parts, which its docstring names.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

from alwidgets.views.messages import Ack, Against, Color, Problem, Refused, Taken

#: Number of a class, or the numbers of several in a multilabel task.
Value: TypeAlias = int | list[int]


# What a page shows


class Whose(TypedDict):
    """Session that a page is on, whether what is acknowledged is on disk, and who keeps the kernel from writing."""

    id: str
    saved: bool
    lock_owner: str


class Keys(TypedDict):
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


class Status(TypedDict):
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
    labels_per_minute: int
    minutes_left: float
    agreement: str
    busy: bool
    error: str
    recovery: str
    advice: str
    exhausted: bool


#: Event id, row, label or None for a skip, and whether the skip was for being unsure.
RecentAnswer: TypeAlias = tuple[str, int, Value | None, bool]


class LabelingState(TypedDict):
    """Content of a labeling card."""

    classes: list[str]
    keys: Keys
    status: Status
    recent: list[RecentAnswer]
    flagged: list[int]
    withdrawn: list[int]
    repeats: list[int]
    queue: list[int]


class ReviewStatus(TypedDict):
    """Content of a review, but for the answers, which are asked for."""

    changes: int
    classes: list[str]
    multilabel: bool
    keys: Keys
    repeats: list[int]
    n_repeats: int
    checking: bool
    how: str


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
    keys: Keys
    shown: list[Fact]
    undoable: Undoable
    n_samples: int
    problem: str


class CurveState(TypedDict):
    """Learning curve as a plotly figure, and what is beside it."""

    figure: dict[str, Any]
    caption: str
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
    sentence: str
    rule: str
    needs: str | int
    n_criteria: int
    rows: list[Criterion]
    prices: dict[str, str | float | None]
    decided: str


class StoppingState(TypedDict):
    """State of a stopping panel."""

    advice: AdviceShown


class TeamState(TypedDict):
    """State of a team's panel: that there is something new. Who did what is asked for, and saved in no notebook."""

    changes: int


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


# Messages


class TextSample(TypedDict):
    """Text, or the reason why a sample cannot be shown."""

    type: Literal["text", "error"]
    text: str
    note: NotRequired[str]


class RowSample(TypedDict):
    """Names and values of a row, and what is beside them."""

    type: Literal["row"]
    cells: list[tuple[str, str]]
    context: list[tuple[str, str]]
    note: NotRequired[str]


class HtmlSample(TypedDict):
    """Page of HTML, cleaned."""

    type: Literal["html"]
    page: str
    note: NotRequired[str]


class ImageSample(TypedDict):
    """Image, whose file is a binary part."""

    type: Literal["image"]
    mime: str
    alt: str
    note: NotRequired[str]


class AudioSample(TypedDict):
    """Sound, whose file is a binary part; of a WAV file with its seconds, and peaks from 0 to 100."""

    type: Literal["audio"]
    mime: str
    alt: str
    seconds: NotRequired[float]
    peaks: NotRequired[list[int]]
    note: NotRequired[str]


class PairSample(TypedDict):
    """Two samples side by side."""

    type: Literal["pair"]
    parts: list[TextSample | RowSample | HtmlSample | ImageSample | AudioSample]
    note: NotRequired[str]


Sample: TypeAlias = TextSample | RowSample | HtmlSample | ImageSample | AudioSample | PairSample


class Payload(TypedDict):
    """Sample that was asked for; on a card, with its note and that of its flag."""

    kind: Literal["payload"]
    item: int
    payload: Sample
    remark: NotRequired[tuple[str, str]]


class Remarks(TypedDict):
    """Notes that changed: row, note, note of the flag."""

    kind: Literal["remarks"]
    remarks: list[tuple[int, str, str]]


class Suggested(TypedDict):
    """Label that the model suggests, in words too."""

    kind: Literal["suggest"]
    item: int
    value: Value | None
    text: str


class Why(TypedDict):
    """Reason why a sample is asked."""

    kind: Literal["why"]
    item: int
    text: str


class NearDuplicates(TypedDict):
    """Near duplicates of a sample, the nearest ones, and how many there are; the text says why none were found."""

    kind: Literal["near_duplicates"]
    item: int
    items: list[int]
    n: int
    text: NotRequired[str]


class AnswerRow(TypedDict):
    """Answer in a review."""

    item: int
    label: Value | None
    predicted: Value | None
    confidence: float | None
    disagrees: bool
    suspicion: float | None
    seconds: float | None
    slow: bool
    flagged: bool
    flag: str
    note: str
    skipped: bool
    unsure: bool
    second: Value | None
    changed: bool
    round: int
    annotator: str | None
    via: str
    duplicate_of: int | None
    at: float


class Seen(TypedDict):
    """Answers that were asked for, and how often they agree with the second ones.

    Of a query with the counts of all that are like that, and in the binary part the rows of those that it found.
    """

    kind: Literal["seen"]
    request: int
    rows: list[AnswerRow]
    agreement: str
    counts: NotRequired[dict[str, int]]


class PersonShown(TypedDict):
    """Somebody of a team: what is before them, and what they did; None where nothing was measured.

    Intervals are of 95 %. The warning says in words that somebody is surely below what is good enough.
    """

    name: str
    role: Literal["annotator", "expert"]
    n_pages: int
    since: float | None
    items: list[int]
    n_answers: int
    n_skipped: int
    seconds: float | None
    pace: float | None
    last_active: float | None
    percent: float | None
    quality: float | None
    quality_interval: tuple[float, float] | None
    n_gold: int
    n_right: int
    gold: float | None
    gold_interval: tuple[float, float] | None
    weight: float
    n_asked_again: int
    warning: str


class PairShown(TypedDict):
    """Agreement of two people on the items that both answered."""

    names: tuple[str, str]
    n_shared: int
    percent: float
    kappa: float | None


class Dispute(TypedDict):
    """Item that a team cannot agree on: who said what, None for a skip, and after how many seconds."""

    item: int
    answers: list[tuple[str, Value | None, float | None]]
    note: str
    flag: str


class TeamAgreement(TypedDict):
    """Agreement of a team, each measure in words, also why it was not measured."""

    n_answers: int
    n_items: int
    n_doubled: int
    measures: list[tuple[str, str]]
    pairs: list[PairShown]


class TeamShown(TypedDict):
    """Figures of a team; without one, only the words that say so."""

    kind: Literal["team"]
    without: str
    classes: list[str]
    people: list[PersonShown]
    others: list[str]
    experts: list[str]
    agreement: TeamAgreement | None
    consensus: str
    disputes: list[Dispute]
    n_disputed: int


class Bare(TypedDict):
    """Binary parts and nothing else: plotly.js, the places of points, predictions of the pool, selected rows."""

    kind: Literal["plotly", "points", "predictions", "selected"]


class Labels(TypedDict):
    """Labels on a map, all of them or those that changed: rows and numbers of classes, binary."""

    kind: Literal["labels"]
    reset: bool


class File(TypedDict):
    """File that was asked for; its bytes are the binary part."""

    kind: Literal["file"]
    name: str
    mime: str


class Asked(TypedDict):
    """Word of a kernel whose session is elsewhere: it is connected again, or asks if somebody has the page open."""

    kind: Literal["again", "beat"]


#: Every message to a page.
Sent: TypeAlias = (
    Ack
    | Refused
    | Problem
    | Taken
    | Payload
    | Remarks
    | Suggested
    | Why
    | NearDuplicates
    | Seen
    | TeamShown
    | Bare
    | Labels
    | File
    | Asked
)
