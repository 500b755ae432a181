"""The messages of pages, one kind each, as they are once checked; and the replies.

A page sends JSON: `kind` says which message it is, and fields that have nothing to say may be left out. Samples are
row numbers and classes their numbers; here a class is itself.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias, TypedDict, get_args

from alwidgets.inspection.answers_table import SORTS, Sort
from alwidgets.session.settings import Decision
from alwidgets.session.validation import Via
from alwidgets.simulation.sketch import SHAPES
from alwidgets.types import Class, IntArray
from alwidgets.views import fields

#: Class of a label, or in a multilabel task a list of classes.
PageLabel: TypeAlias = Class | list[Class]
#: Meaning of the colors of a map, and what lies along x of a curve.
Color: TypeAlias = Literal["label", "prediction", "uncertainty", "part"]
Against: TypeAlias = Literal["labels", "cost", "minutes"]
#: What a review can be narrowed to.
SHOWS = ("disagrees", "flagged", "slow", "skipped", "unsure", "changed", "noted")
#: Samples that a page may ask to be shown, and answers that it may ask for, at once.
MOST_SHOWN, MOST_ROWS = 64, 100


class Message(TypedDict):
    """Fields of every message: its kind, and who sent it; None for the session's own annotator."""

    kind: Annotated[str, fields.text]
    annotator: Annotated[str | None, fields.annotator]


class Change(Message):
    """A change to a session. Its id becomes that of its event: sent again, it counts once."""

    event_id: Annotated[str, fields.event_id]


# Changes


class GiveAnswer(Change):
    """A label, or None for a skip: to a question, or `again` to a sample that has one."""

    item: Annotated[int, fields.item]
    value: Annotated[PageLabel | None, fields.optional(fields.label)]
    again: Annotated[bool, fields.optional(fields.yes_no, default=False)]
    unsure: Annotated[bool, fields.optional(fields.yes_no, default=False)]
    suggested: Annotated[PageLabel | None, fields.optional(fields.label)]
    via: Annotated[Via, fields.optional(fields.choice(*get_args(Via)), "")]
    seconds: Annotated[float | None, fields.duration]
    shown_at: Annotated[float | None, fields.number]
    round: Annotated[int, fields.whole]
    as_of: Annotated[int | None, fields.optional(fields.whole)]


class Undo(Change):
    """The end of an answer, by its id."""

    target: Annotated[str, fields.event_id]


class UndoLast(Change):
    """The end of an answer, by its id; None for the last one."""

    target: Annotated[str | None, fields.optional(fields.event_id)]


class OfItem(Change):
    """A change to a sample that says no more."""

    item: Annotated[int, fields.item]


class Flag(OfItem):
    """A mark for review, with a note, or its end."""

    on: Annotated[bool, fields.optional(fields.yes_no, default=True)]
    note: Annotated[str, fields.optional(fields.text, "")]


class Note(OfItem):
    """Words about a sample; none take away those before."""

    note: Annotated[str, fields.text]


class Relabel(OfItem):
    """Another label for a sample."""

    value: Annotated[PageLabel, fields.label]


class Skip(OfItem):
    """No label for a sample."""

    unsure: Annotated[bool, fields.yes_no]


class RepeatAnswer(OfItem):
    """A second answer to a sample, None where one cannot tell."""

    value: Annotated[PageLabel | None, fields.optional(fields.label)]
    seconds: Annotated[float | None, fields.duration]
    shown_at: Annotated[float | None, fields.number]


class RequestRepeats(Change):
    """A share of the labels, to be answered a second time."""

    share: Annotated[float | None, fields.number]


class AddClass(Change):
    """A class that was found while labeling."""

    name: Annotated[str, fields.text]


class Remap(Change):
    """The key of a class or an action."""

    what: Annotated[str, fields.text]
    name: Annotated[str, fields.text]
    key: Annotated[str, fields.text]


class LabelGroup(Change):
    """One label for samples that lie together; `relabel` gives it to those too that have one."""

    rows: Annotated[IntArray, fields.rows]
    value: Annotated[Class, fields.one_class]
    relabel: Annotated[bool, fields.yes_no]


class Enqueue(Change):
    """Samples that are to be the next questions."""

    rows: Annotated[IntArray, fields.rows]


class AskOnly(Change):
    """Samples that alone are to be asked, None for all."""

    rows: Annotated[IntArray | None, fields.optional(fields.rows)]


class Adjust(Change):
    """Prices, limits, thresholds, the rule."""

    settings: Annotated[dict[str, Any], fields.settings]


class Decide(Change):
    """A decision to stop or to go on."""

    decision: Annotated[Decision, fields.choice(*get_args(Decision))]
    reason: Annotated[str, fields.reason]


class Weigh(Change):
    """The weight of somebody's answers."""

    of: Annotated[str, fields.text]
    weight: Annotated[float | None, fields.number]
    reason: Annotated[str, fields.reason]


class AskAgain(Change):
    """The wish that others answer what somebody answered, or its end."""

    of: Annotated[str, fields.text]
    on: Annotated[bool, fields.optional(fields.yes_no, default=True)]
    reason: Annotated[str, fields.reason]


class Settle(OfItem):
    """The label of what a team disputes, None for none, and why."""

    value: Annotated[PageLabel | None, fields.optional(fields.label)]
    reason: Annotated[str, fields.reason]


class AskAudit(Change):
    """Some random samples of a part of the pool that are to be the next questions, to measure."""

    n: Annotated[int, fields.count]
    part: Annotated[str, fields.text]


# What changes nothing of the session


class Need(Message):
    """Samples that are to be shown; images with so many pixels along their longer side, or whole."""

    items: Annotated[list[int], fields.items(MOST_SHOWN)]
    side: Annotated[int | None, fields.optional(fields.count)]


class About(Message):
    """A sample that something is to be told of."""

    item: Annotated[int, fields.item]


class OfPart(Message):
    """A part of the pool that something is to be told of; None for the newest."""

    part: Annotated[str | None, fields.optional(fields.text)]


class Ahead(Message):
    """Number of questions a page wants to have ready."""

    n: Annotated[int, fields.whole]


class Only(Message):
    """The samples to label together: those that the model takes for a class, those with some words, or both."""

    value: Annotated[Class | None, fields.optional(fields.one_class)]
    words: Annotated[str, fields.text]


class Query(TypedDict):
    """Selection and order of the answers to list."""

    show: Annotated[str, fields.choice("all", *SHOWS)]
    sort: Annotated[Sort, fields.choice(*SORTS)]
    search: Annotated[str, fields.text]
    label: Annotated[Class | None, fields.optional(fields.one_class)]
    part: Annotated[str | None, fields.optional(fields.text)]


class Look(Message):
    """A query of answers, or some of those found before; the reply has the number of the request."""

    request: Annotated[int, fields.whole]
    query: Annotated[Query | None, fields.optional(fields.nested(Query))]
    items: Annotated[list[int] | None, fields.optional(fields.items(MOST_ROWS))]


class Colors(Message):
    """Meaning of the colors of a map."""

    color: Annotated[Color, fields.choice(*get_args(Color))]


class Rows(Message):
    """Samples that are picked on a map, in the binary part."""

    rows: Annotated[IntArray, fields.sent_rows]


class Axis(Message):
    """Choice of the x axis of a curve."""

    against: Annotated[Against, fields.choice(*get_args(Against))]


class Save(Message):
    """A file that is wanted: the page with the figure, or the table of its rounds."""

    what: Annotated[str, fields.choice("page", "table")]


class OfPerson(Message):
    """Somebody whose link to a page is wanted."""

    name: Annotated[str, fields.text]


# Of a race, each with a number that the reply has too


class RaceMessage(Message):
    """A message that says no more."""

    id: Annotated[int, fields.optional(fields.whole, 0)]


class Stroke(RaceMessage):
    """Points that were drawn, and their class."""

    points: Annotated[list[list[float]], fields.points]
    code: Annotated[Class, fields.one_class]


class Shape(RaceMessage):
    """A ready-made shape, of so many points."""

    shape: Annotated[str, fields.choice(*SHAPES)]
    n: Annotated[int, fields.count]
    seed: Annotated[int | None, fields.optional(fields.whole)]


class Choose(RaceMessage):
    """Settings of a race."""

    settings: Annotated[dict[str, Any], fields.settings]


class RaceAnswer(RaceMessage):
    """The class of the point that the strategy asks."""

    code: Annotated[Class, fields.one_class]


# Replies


class Done(TypedDict, total=False):
    """Addition to an acknowledgement: words for the annotator, rows that are questions again."""

    text: str
    notice: str
    items: list[int]


class Ack(Done):
    """A change is made, and on disk where there is a journal."""

    kind: Literal["ack"]
    event_id: str


class Refusal(TypedDict):
    """A change is not made; with `retry` it is sound, could not be written, and is to be sent again."""

    kind: Literal["refused"]
    event_id: str
    retry: bool
    error: str


class Taken(TypedDict):
    """A turn of a race is taken, and its number."""

    kind: Literal["done"]
    id: int


class Problem(TypedDict):
    """A message that asks for nothing that there is; one of a change without an id, too."""

    kind: Literal["problem"]
    error: str
