"""The events of a session, and their fold: the state is a pure function of what happened.

An event is small, immutable and never erased. Undo is an event too. `State.apply` folds one more event in;
`fold` folds a whole list, and gives the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from alwidgets.stopping import Round
from alwidgets.types import Label
from alwidgets.utils.frozen import frozen

#: Annotator of the answers that a script gives.
SCRIPT = "oracle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base class of all events.

    Parameters
    ----------
    id : str
        Unique; the same id twice counts once.
    at : float
        Seconds since 1970, UTC.
    """

    kind: ClassVar[str] = ""
    id: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Event):
    """Samples became questions.

    Parameters
    ----------
    items : tuple of int
        Rows, best first. They are asked after what was pending already.
    utility : tuple of float or None
        Why each; None where the strategy gives no number.
    audit : tuple of bool
        Which of them were drawn uniformly at random, to measure and never to train.
    withdrawn : tuple of int
        Questions that are candidates again, because a newer model ranks them anew.
    round : int
        The newest model when they were chosen; 0 before the first.
    strategy : str
        What chose.
    probability : tuple of float or None
        How likely each was to be drawn among those left; None where nothing was drawn, empty when nothing of all was.
    chosen : bool
        Whether a person chose them: they are asked first, and no newer model withdraws them.
    annotator : str or None
        Who chose them.
    """

    kind: ClassVar[str] = "asked"
    items: tuple[int, ...]
    utility: tuple[float | None, ...]
    audit: tuple[bool, ...]
    withdrawn: tuple[int, ...]
    round: int
    strategy: str
    probability: tuple[float | None, ...] = ()
    chosen: bool = False
    annotator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedOnly(Event):
    """From now on only some samples are asked, as long as one of them can be; none of them for all.

    Parameters
    ----------
    items : tuple of int
        Rows, ascending; empty where all may be asked again.
    withdrawn : tuple of int
        Questions that are candidates again, because they were chosen of others.
    annotator : str or None
        Who wants it.
    """

    kind: ClassVar[str] = "asked_only"
    items: tuple[int, ...]
    withdrawn: tuple[int, ...]
    annotator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Event):
    """An annotator answered a question.

    Parameters
    ----------
    item : int
        The row that was on screen.
    annotator : str or None
        The person who answered.
    seconds : float or None
        How long the sample was on screen; of more than 120, only as much counts as cost.
    shown_at : float or None
        When it appeared, in seconds since 1970 by the annotator's clock.
    round : int
        The model that asked; 0 before the first.
    via : {"", "grid", "alike", "map", "review", "given"} or str
        Where it was given, if not on the card: with others at once, as a near duplicate of another, on the map of the
        pool, in the review, with the pool; or the tool it was received from, as "label_studio".
    suggested : str, int, float, bool, list of these or None
        The model's label that the annotator had been shown; None when none was.
    copies : tuple of int
        Rows of identical samples, which have the answer as well: they neither train nor measure, and are not asked.
    """

    item: int
    annotator: str | None
    seconds: float | None
    shown_at: float | None
    round: int
    via: str = ""
    suggested: Label | None = None
    copies: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Labeled(Answer):
    """An answer with a class, or in a multilabel task with any number of classes.

    Parameters
    ----------
    label : str, int, float, bool or list of these
        The class; or the classes, in the order in which they were declared.
    sample : str
        Stable id of the sample, whatever its row.
    copy_samples : tuple of str
        Those of the copies; empty where they are the sample's own.
    """

    kind: ClassVar[str] = "labeled"
    label: Label
    sample: str
    copy_samples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped(Answer):
    """The answer is "cannot tell"; the sample is not asked again.

    Parameters
    ----------
    unsure : bool
        Whether it could be told, by someone else or with more time; such samples are listed in the review.
    """

    kind: ClassVar[str] = "skipped"
    unsure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated(Answer):
    """A labeled sample was answered a second time, the first answer not shown; its label stays.

    Parameters
    ----------
    label : str, int, float, bool, list of these or None
        The second answer; None for "cannot tell".
    """

    kind: ClassVar[str] = "repeated"
    label: Label | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatsRequested(Event):
    """Labeled samples are to be answered a second time; `items` are their rows, in the order of asking."""

    kind: ClassVar[str] = "repeats_requested"
    items: tuple[int, ...]
    annotator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(Event):
    """Something was written down about a sample; an empty note takes the one before away."""

    kind: ClassVar[str] = "noted"
    item: int
    note: str
    annotator: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flagged(Event):
    """A sample was marked for review."""

    kind: ClassVar[str] = "flagged"
    item: int
    note: str
    annotator: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unflagged(Event):
    """The mark of a sample was removed."""

    kind: ClassVar[str] = "unflagged"
    item: int
    annotator: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone(Event):
    """An answer was undone by `annotator`; `target` is its event id."""

    kind: ClassVar[str] = "undone"
    target: str
    annotator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained(Event):
    """A model was fitted.

    Parameters
    ----------
    upto : int
        How many events the model knows.
    seed : int
        What the fit's randomness started from.
    training_set : str
        Hash of the rows and labels it was fitted on.
    record : Round
        How it did.
    tested : tuple of (int, int or tuple of int)
        Row and predicted class of audit samples, where that is new or other than before: what this model says of them,
        or, in test then train, what the model before said of those answered since. In a multilabel task the
        positions of all classes that are predicted.
    model_spec : str
        The learner it was fitted with, with its parameters.
    libraries : dict of str to str
        Versions of Python and of what the model depends on.
    predictions : str
        Hash of what it predicts for the stop set; empty where it could not predict.
    snapshot : str
        Checksum of the file in which the model is kept; empty when it is not.
    fitted_in : str
        Where it was fitted: "process", or the class of an executor; empty for the kernel itself.
    consensus : str
        How the answers of a team had become labels; empty without a team.
    settled_as : tuple of (int, int)
        Row, and the position of the class that it was trained with where that is another than most answers say; -1
        where it was left out.
    """

    kind: ClassVar[str] = "trained"
    upto: int
    seed: int
    training_set: str
    record: Round
    tested: tuple[tuple[int, int | tuple[int, ...]], ...] = ()
    model_spec: str = ""
    libraries: dict[str, str] = field(default_factory=dict)
    predictions: str = ""
    snapshot: str = ""
    fitted_in: str = ""
    consensus: str = ""
    settled_as: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "libraries", frozen(self.libraries))


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledBack(Event):
    """The session went back to what it knew when a model was fitted; nothing is erased.

    Parameters
    ----------
    round : int or None
        That model's; None undoes the last rollback that was not undone yet.
    annotator : str or None
        The person who rolled back.
    """

    kind: ClassVar[str] = "rolled_back"
    round: int | None
    annotator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(Event):
    """A fit failed, or was given up by an annotator. The labels stay, and the next batch tries again."""

    kind: ClassVar[str] = "failed"
    upto: int
    error: str
    annotator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSet(Event):
    """Set the use of audit answers from now on.

    Parameters
    ----------
    mode : {"hold_back", "test_then_train", "ended"}
        They only measure; they measure and then train; there are no more audit questions, and all answers train.
    """

    kind: ClassVar[str] = "audit_set"
    mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicatesSet(Event):
    """Set the treatment of identical samples from now on.

    Parameters
    ----------
    mode : {"carry", "ask"}
        Whether an answer counts for all of them, or each is asked.
    """

    kind: ClassVar[str] = "duplicates_set"
    mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdStartEnded(Event):
    """The cold start is over, whatever classes have no label."""

    kind: ClassVar[str] = "cold_start_ended"
    annotator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassAdded(Event):
    """A class was added that had not been declared.

    Parameters
    ----------
    label : str, int, float or bool
        The class, the last from now on.
    annotator : str or None
        The person who added it.
    """

    kind: ClassVar[str] = "class_added"
    label: Label
    annotator: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided(Event):
    """A person decided to stop, or to go on.

    Parameters
    ----------
    decision : {"stop", "go on"}
        The decision.
    reason : str
        The reason that was given; empty for none.
    advice : str
        What the stopping rule said.
    n_labeled : int
        Answers given.
    annotator : str or None
        The person who did it.
    """

    kind: ClassVar[str] = "decided"
    decision: str
    reason: str
    advice: str
    n_labeled: int
    annotator: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted(Event):
    """A price, a limit or a threshold was changed while labeling went on.

    Parameters
    ----------
    settings : dict of str to (given, set)
        Name -> what the session was made with, and what it is from now on.
    annotator : str or None
        The person who changed them.
    """

    kind: ClassVar[str] = "adjusted"
    settings: dict[str, Any]
    annotator: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "settings", frozen(self.settings))


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamSet(Event):
    """Set who labels together, and how many answers an item gets, from now on.

    Parameters
    ----------
    annotators, experts : tuple of str
        The names of those who label, and of those who settle.
    answers, at_most, audit_answers : int
        Answers an item gets to begin with, at most, and where it measures the model.
    consensus : str
        How answers become a label: "majority", "dawid_skene", or the name of a function.
    gold_share : float
        Share of the questions of each annotator that are gold.
    lease_seconds : float
        How long an item stays before somebody who does not answer.
    adaptive : bool
        Whether new items get one answer once people agree; see `Shared.wanted`.
    """

    kind: ClassVar[str] = "team_set"
    annotators: tuple[str, ...]
    experts: tuple[str, ...]
    answers: int
    at_most: int
    audit_answers: int
    consensus: str
    gold_share: float
    lease_seconds: float
    adaptive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldSet(Event):
    """Set the items whose labels are known beforehand, from now on; they neither train nor measure the model.

    Parameters
    ----------
    items : tuple of int
        Rows.
    labels : tuple of str, int, float, bool or list of these
        Their labels.
    """

    kind: ClassVar[str] = "gold_set"
    items: tuple[int, ...]
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled(Event):
    """An expert settled the label of an item; an answer that comes later reopens it.

    Parameters
    ----------
    item : int
        Row.
    label : str, int, float, bool, list of these or None
        Its label; None for none at all.
    annotator : str
        Who settled it.
    reason : str
        The reason that was given; empty for none.
    answer : str
        Event id of their own answer, which says the same.
    n_answers : int
        Answers of others that they saw.
    """

    kind: ClassVar[str] = "settled"
    item: int
    label: Label | None
    annotator: str
    reason: str
    answer: str
    n_answers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedMore(Event):
    """Items are to get more answers.

    Parameters
    ----------
    items : tuple of int
        Rows.
    answers : int
        Answers that each of them is to have in all.
    reason : str
        The reason that was given; empty for none.
    annotator : str or None
        Who wants them.
    """

    kind: ClassVar[str] = "asked_more"
    items: tuple[int, ...]
    answers: int
    reason: str = ""
    annotator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightSet(Event):
    """Set how much the answers of somebody count, from now on, and those given before.

    Parameters
    ----------
    of : str
        The annotator whose answers are weighed.
    weight : float
        How much one counts beside those of others, which is 1 where nothing was set; 0 for not at all.
    reason : str
        The reason that was given; empty for none.
    annotator : str or None
        Who set it.
    """

    kind: ClassVar[str] = "weight_set"
    of: str
    weight: float
    reason: str = ""
    annotator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended(Event):
    """Samples were added to the pool, behind those that were there.

    Parameters
    ----------
    first : int
        Row of the first of them: how many there were before.
    n_rows : int
        How many were added.
    content : str
        Hash of their content, as the pool's in ``session.json``.
    source : str
        What the part is called; no two parts have the same name.
    annotator : str or None
        Who added them.
    threshold, spent : float or None
        State of a rule that asks on arrival, behind them; None where there was none.
    carried : tuple of (int, int)
        Rows of it that are copies of a row before it that has an answer, each with that row: they have the answer too.
    carried_samples : tuple of str
        Ids of these rows; empty where they are those of their content.
    identical : tuple of (int, int)
        Rows of it that are copies of a row before it, each with the first such row, whether or not that has an answer;
        empty where answers are not carried.
    identical_samples : tuple of str
        Ids of these rows; empty where they are those of their content.
    asked : tuple of int
        Rows of it that a rule made questions as they came.
    """

    kind: ClassVar[str] = "extended"
    first: int
    n_rows: int
    content: str
    source: str
    annotator: str | None = None
    threshold: float | None = None
    spent: float | None = None
    carried: tuple[tuple[int, ...], ...] = ()
    carried_samples: tuple[str, ...] = ()
    identical: tuple[tuple[int, ...], ...] = ()
    identical_samples: tuple[str, ...] = ()
    asked: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted(Event):
    """A part of the pool was found to be otherwise than the parts before it.

    Parameters
    ----------
    part : str
        Its name.
    of : str
        What is otherwise: its "samples", or the model's "errors" on its audit answers.
    p_value : float
        How often chance alone gives as large a difference.
    sentence : str
        The advice that was given.
    """

    kind: ClassVar[str] = "drifted"
    part: str
    of: str
    p_value: float
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted(Event):
    """The policy of a session that is served did something.

    Parameters
    ----------
    act : {"retrain", "push", "stop", "go on"}
        What it did: fit a model, bring questions to a bridge, tell that it is advised to stop, or not any more.
    why : str
        The reason.
    outcome : str
        What came of it where that was an error; empty otherwise.
    """

    kind: ClassVar[str] = "acted"
    act: str
    why: str
    outcome: str = ""


#: Every kind of event.
EVENTS: tuple[type[Event], ...] = (
    Asked, Labeled, Skipped, Flagged, Unflagged, Noted, RepeatsRequested, Repeated, Undone, Trained, Failed, AuditSet,
    DuplicatesSet, ColdStartEnded, ClassAdded, Decided, Adjusted, RolledBack, TeamSet, GoldSet, Settled, AskedMore,
    WeightSet, Extended, Drifted, Acted, AskedOnly,
)  # fmt: skip
KINDS: dict[str, type[Event]] = {cls.kind: cls for cls in EVENTS}


def as_second(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a label or a skip as those of a second answer."""
    kept = {field.name for field in fields(Repeated)}
    return {"label": None} | {name: value for name, value in answer.items() if name in kept}
