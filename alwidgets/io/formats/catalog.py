"""The table of formats."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

from alwidgets.io.formats import argilla, docbin, doccano, hugging_face, label_studio, own, prodigy
from alwidgets.io.formats.format import Format

#: Formats that `read_answers` and `write_labels` know by name.
ReadFormat: TypeAlias = Literal[
    "alwidgets", "label_studio", "label_studio_min", "prodigy", "argilla", "doccano", "hugging_face"
]
WrittenFormat: TypeAlias = Literal["label_studio", "prodigy", "argilla", "doccano", "hugging_face", "spacy"]

_TIMES = frozenset({"annotator", "when", "seconds", "note", "flag"})
#: Name -> format; the first that recognizes a file reads it.
FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "alwidgets": Format("alwidgets", own.is_own, own.read, None),
        "label_studio": Format(
            "Label Studio (JSON)",
            label_studio.is_json,
            label_studio.read_json,
            label_studio.write,
            _TIMES | {"suggested", "cancelled", "none", "several", "predictions"},
            label_studio.control_of,
        ),
        "label_studio_min": Format(
            "Label Studio (JSON_MIN, CSV)",
            label_studio.is_small,
            label_studio.read_small,
            None,
            choose=label_studio.column_of,
        ),
        "prodigy": Format(
            "Prodigy",
            prodigy.is_prodigy,
            prodigy.read,
            prodigy.write,
            frozenset({"annotator", "when", "note", "cancelled", "none"}),
        ),
        "argilla": Format(
            "Argilla",
            argilla.is_argilla,
            argilla.read,
            argilla.write,
            _TIMES | {"suggested", "cancelled", "none", "several"},
            argilla.question_of,
        ),
        "doccano": Format("doccano", doccano.is_doccano, doccano.read, doccano.write, frozenset({"note"})),
        "hugging_face": Format(
            "Hugging Face",
            hugging_face.is_dataset,
            hugging_face.read,
            hugging_face.write,
            _TIMES | {"none"},
            hugging_face.column_of,
        ),
        "spacy": Format("spaCy", None, None, docbin.write, _TIMES | {"none"}),
    }
)
