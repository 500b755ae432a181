"""Types of the messages that the kernel sends to a page; one TypedDict each.

`static/common/sent.d.ts` says the same to the type checker of the front end, and is written from here by
`python -m tests.documentation`. Samples are row numbers, and a class is its number. A message is JSON, and may have
binary parts, which its docstring names.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypeAlias, TypedDict

from alwidgets.views.messages import Ack, Problem, Refusal, Taken
from alwidgets.views.states import Value


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
    """Image, whose file is a binary part; a smaller one of it has the size of the whole."""

    type: Literal["image"]
    mime: str
    alt: str
    size: NotRequired[tuple[int, int]]
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


class OnlyThese(TypedDict):
    """Samples without a label that are as was asked, the first ones, and how many; the text says why there are none."""

    kind: Literal["only"]
    value: int | None
    words: str
    items: list[int]
    n: int
    text: str


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


class DisputesShown(TypedDict):
    """Items that a team disputes, those that are shown, and who may settle them."""

    kind: Literal["disputes"]
    classes: list[str]
    experts: list[str]
    disputes: list[Dispute]
    n_disputed: int


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
    second_answers: str
    disputes: list[Dispute]
    n_disputed: int


class PartShown(TypedDict):
    """Part of a pool: its error is the share of its audit answers predicted otherwise, None where there are none."""

    name: str
    n_rows: int
    n_audit: int
    error: float | None
    drifted: str


class ColumnShown(TypedDict):
    """Column that moved: the distance of its distributions, 0 to 1, and its means; None of categories."""

    name: str
    distance: float
    before: float | None
    now: float | None


class DriftCheck(TypedDict):
    """Check of a part against those before it; of classes the shares that are predicted, before and now."""

    part: str
    at: float
    sentence: str
    moved: bool
    n_to_ask: int
    compared: str
    columns: list[ColumnShown]
    n_columns: int
    classes: list[tuple[str, float, float]]
    errors: str


class AlarmShown(TypedDict):
    """Alarm that was recorded: of a part's samples or of the errors on it, and the advice at that time."""

    part: str
    of: str
    at: float
    sentence: str


class DriftShown(TypedDict):
    """Drift of a pool; where it has one part, only the words that say so."""

    kind: Literal["drift"]
    without: str
    parts: list[PartShown]
    checked: DriftCheck | None
    alarms: list[AlarmShown]


class Bare(TypedDict):
    """Binary parts and nothing else: plotly.js, the places of points, predictions of the pool, selected rows."""

    kind: Literal["plotly", "points", "predictions", "selected"]


class LabelsShown(TypedDict):
    """Labels on a map, all of them or those that changed: rows and numbers of classes, binary."""

    kind: Literal["labels"]
    reset: bool


class File(TypedDict):
    """File that was asked for; its bytes are the binary part."""

    kind: Literal["file"]
    name: str
    mime: str


class LinkShown(TypedDict):
    """Link of somebody to a page, which was asked for."""

    kind: Literal["link"]
    name: str
    link: str


class QrCode(TypedDict):
    """Link of somebody to a page as a drawing, or why it cannot be drawn."""

    kind: Literal["qr"]
    name: str
    svg: str
    why: str


class ConnectionSign(TypedDict):
    """Word of a kernel whose session is elsewhere: it is connected again, or asks if somebody has the page open."""

    kind: Literal["again", "beat"]


#: Every message to a page.
Sent: TypeAlias = (
    Ack
    | Refusal
    | Problem
    | Taken
    | Payload
    | Remarks
    | Suggested
    | Why
    | NearDuplicates
    | OnlyThese
    | Seen
    | TeamShown
    | DriftShown
    | DisputesShown
    | Bare
    | LabelsShown
    | File
    | LinkShown
    | QrCode
    | ConnectionSign
)
