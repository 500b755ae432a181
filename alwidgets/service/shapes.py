"""Shapes of what the API takes and returns, as data."""

from __future__ import annotations

from collections.abc import Sequence

from alwidgets.journal.standing import LONGEST_SECONDS
from alwidgets.service.schemas import Schema

#: Questions that may be asked for at once, and labels that are listed at once.
MOST_QUESTIONS, MOST_LABELS = 50, 10_000
#: Samples that are predicted at once, or chosen to be asked alone.
MOST_SAMPLES = 100_000
_MOST_NUMBER = 2**53 - 1


def described(schema: Schema, description: str) -> Schema:
    """Return a schema with a description."""
    return {**schema, "description": description}


def record(title: str, properties: dict[str, Schema], required: Sequence[str] | None = None) -> Schema:
    """Return the schema of an object with these fields and no others, all required unless it is said which are."""
    return {
        "title": title,
        "type": "object",
        "properties": properties,
        "required": list(properties if required is None else required),
        "additionalProperties": False,
    }


def listed(items: Schema, **limits: int) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": items, **limits}


def either(*schemas: Schema) -> Schema:
    """Return the schema of what fits one of these."""
    return {"anyOf": list(schemas)}


TEXT: Schema = {"type": "string"}
YES: Schema = {"type": "boolean"}
#: Of what is not JSON.
BINARY: Schema = {"type": "string", "format": "binary"}
COUNT: Schema = {"type": "integer", "minimum": 0, "maximum": _MOST_NUMBER}
_NULL: Schema = {"type": "null"}
_NUMBER: Schema = {"type": "number"}
_PERHAPS: Schema = {"type": ["number", "null"]}
_CLASS: Schema = either({"type": "string", "maxLength": 200}, _NUMBER, YES)
CLASSES: Schema = listed(_CLASS)
_LABEL: Schema = {
    "title": "Label",
    **described(
        either({"type": "string", "maxLength": 200}, _NUMBER, YES, _NULL, listed(_CLASS, maxItems=1000)),
        "A class; in a multilabel task a list of classes; null for one who cannot tell.",
    ),
}
_ITEM = described(COUNT, "Row number in the pool.")
_SESSION: Schema = described({"type": "string", "maxLength": 200}, "Id of the session.")
_TIME: Schema = {"type": ["number", "null"], "minimum": 0, "maximum": 1e11}
# A page may be left open over a weekend.
_DURATION: Schema = {"type": ["number", "null"], "minimum": 0, "maximum": 7 * 24 * 3600}

ALIVE = record("Alive", {"alive": YES, "version": TEXT})
READY = record("Ready", {"ready": YES})

_QUESTION = record(
    "Question",
    {
        "item": _ITEM,
        "sample": described(TEXT, "Id of the sample, the same in every session."),
        "content": {"description": "A text, a list of numbers, an object; null where JSON has nothing."},
    },
)
QUESTIONS = record(
    "Questions",
    {
        "session": _SESSION,
        "round": COUNT,
        "as_of": described(COUNT, "What an answer to one of these gives as `as_of`."),
        "lease_seconds": described(_PERHAPS, "How long they are before nobody else; null where one person labels."),
        "done": described(YES, "Whether there is nothing left to ask of this person."),
        "questions": listed(_QUESTION),
    },
)
REPEATS = record("Repeats", {"session": _SESSION, "questions": listed(_QUESTION)})
RELEASED = record("Released", {"released": YES})
_EVENT_ID: Schema = {"type": "string", "minLength": 1, "maxLength": 100}
_OF_SENDER = described(_EVENT_ID, "Drawn by the sender, once for each: the same id twice counts once.")
ANSWER = record(
    "Answer",
    {
        "event_id": _OF_SENDER,
        "item": _ITEM,
        "label": _LABEL,
        "unsure": described(YES, "With null: whether someone else, or more time, could tell."),
        "seconds": described(
            _DURATION,
            f"How long it took, a week at most; null where nobody knows. Figures count {LONGEST_SECONDS:g} s "
            "of it at most: whoever took longer was away.",
        ),
        "shown_at": described(_TIME, "When it appeared, seconds since 1970."),
        "round": described(
            {"type": ["integer", "null"], "minimum": 0, "maximum": 1_000_000},
            "The model that asked, as the questions had it; null: the newest. One that never was is 404.",
        ),
        "as_of": described(
            {"type": ["integer", "null"], "minimum": 0, "maximum": _MOST_NUMBER},
            "As the questions had it: a label given since stays, and this one is kept as a second answer.",
        ),
        "session": described(either(_SESSION, _NULL), "For which session it is; another one refuses it."),
        "again": described(YES, "Whether it is to one of the repeats: the label stays."),
    },
    ["event_id", "item", "label"],
)
UNDO = record(
    "Undo",
    {
        "event_id": _OF_SENDER,
        "target": described(either(_EVENT_ID, _NULL), "That of the answer; null for the last one."),
        "session": described(either(_SESSION, _NULL), "For which session it is; another one refuses it."),
    },
    ["event_id"],
)
UNDONE = record("Undone", {"event_id": TEXT, "items": listed(_ITEM)})
ASK_ONLY = record(
    "AskOnly",
    {
        "event_id": _OF_SENDER,
        "items": described(
            either(listed(_ITEM, minItems=1, maxItems=MOST_SAMPLES), _NULL), "Those to be asked alone; null for all."
        ),
        "session": described(either(_SESSION, _NULL), "For which session it is; another one refuses it."),
    },
    ["event_id", "items"],
)
ASKED_ONLY = record(
    "AskedOnly", {"event_id": TEXT, "items": described(listed(_ITEM), "Those of them that can be asked, ascending.")}
)
RECORDED = record(
    "Recorded",
    {"event_id": TEXT, "item": _ITEM, "kept_as": {"type": "string", "enum": ["label", "skip", "second answer"]}},
)
FITTED = record(
    "Fitted",
    {
        "done": described(YES, "Whether it has ended."),
        "round": described(COUNT, "The newest model; 0 before the first."),
    },
)
LABELS = record(
    "Labels",
    {
        "n_labels": COUNT,
        "labels": listed(
            {
                "title": "LabelRow",
                "type": "object",
                "properties": {"item": _ITEM, "label": _LABEL},
                "required": ["item", "label"],
            }
        ),
    },
)
STATUS = record(
    "Status",
    {
        "session": _SESSION,
        "saved_as": {"type": ["string", "null"]},
        "classes": CLASSES,
        "task": TEXT,
        "n_samples": COUNT,
        "n_labeled": COUNT,
        "n_skipped": COUNT,
        "n_pending": COUNT,
        "n_behind": described(COUNT, "Answers that no model knows yet."),
        "n_only": described(COUNT, "Samples without an answer of those that alone are asked; 0 where all may be."),
        "n_events": COUNT,
        "round": COUNT,
        "phase": described(TEXT, "What chooses the next questions."),
        "score": either(
            _NULL,
            record(
                "Score",
                {"metric": TEXT, "value": _NUMBER, "low": _PERHAPS, "high": _PERHAPS, "kind": TEXT, "n": COUNT},
            ),
        ),
        "busy_seconds": described(_PERHAPS, "How long a fit or a selection runs; null where none does."),
        "error": described(TEXT, "What went wrong last and was not put right; empty where nothing is."),
        "stop": described(YES, "Whether the stopping rule advises to stop."),
        "advice": TEXT,
    },
)
SAMPLES = record(
    "Samples",
    {
        "samples": described(
            listed(
                either(
                    TEXT,
                    {"type": "array", "items": _PERHAPS, "minItems": 1},
                    {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}},
                ),
                minItems=1,
                maxItems=MOST_SAMPLES,
            ),
            "Like those of the pool: texts, lists of numbers (null where one is missing), or objects by column.",
        )
    },
)
PREDICTIONS = record(
    "Predictions",
    {
        "model": described(
            record("ModelVersion", {"session": TEXT, "round": COUNT, "training_set": TEXT}),
            "Which model: the round of its session, and the hash of what it learned from.",
        ),
        "classes": CLASSES,
        "labels": described(
            listed(either(TEXT, _NUMBER, YES, listed(_CLASS))), "A class a sample; of a multilabel model a list."
        ),
        "probabilities": described(
            either(listed(listed(_NUMBER)), _NULL), "A row a sample, a column a class; null where the model has none."
        ),
    },
)
