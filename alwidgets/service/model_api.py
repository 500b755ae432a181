"""A model over HTTP: predictions, of the newest model of a session or of one in a folder."""

from __future__ import annotations

import io
from typing import Any, Protocol

import numpy as np

from alwidgets.service.denied import DeniedError
from alwidgets.service.models import Models, Predicted, predicted
from alwidgets.service.operations import JSON, NPY, Call, Operation, Reply
from alwidgets.service.shapes import MOST_SAMPLES, PREDICTIONS, SAMPLES

_MOST_BYTES = 32 * 2**20


class _Predicts(Protocol):
    models: Models


def _predict(service: _Predicts, call: Call) -> Reply:
    samples = array_of(call.body) if call.content_type == NPY else call.body["samples"]
    found = predicted(service.models, samples)
    return _as_array(found) if NPY in call.accept else _as_json(found)


def _as_json(found: Predicted) -> Reply:
    model, proba = found.model, found.probabilities
    if proba is not None and not np.isfinite(proba).all():
        raise DeniedError(422, "The model gives probabilities that are no numbers for these samples.")
    return Reply({
        "model": {"session": model.session_id, "round": model.round, "training_set": model.training_set},
        "classes": list(model.classes),
        "labels": found.labels,
        "probabilities": None if proba is None else proba.tolist(),
    })  # fmt: skip


def _as_array(found: Predicted) -> Reply:
    if found.probabilities is None:
        raise DeniedError(406, "The model has no probabilities; expected application/json to be accepted.")
    content = io.BytesIO()
    np.save(content, found.probabilities, allow_pickle=False)
    return Reply(content.getvalue(), NPY, {"Alwidgets-Round": str(found.model.round)})


def array_of(content: bytes) -> Any:
    """Return the array of a file of NumPy; its header may say anything, and nothing is made of that but a look.

    Raises
    ------
    DeniedError
        If it is none of numbers, with a row a sample.
    """
    stream = io.BytesIO(content)
    try:
        major, _ = np.lib.format.read_magic(stream)
        read = np.lib.format.read_array_header_1_0 if major == 1 else np.lib.format.read_array_header_2_0
        shape, by_columns, dtype = read(stream)
    except ValueError:
        raise DeniedError(400, "The body is no file of NumPy; expected what numpy.save writes.") from None
    left = len(content) - stream.tell()
    if len(shape) != 2 or dtype.kind not in "biuf" or min(shape) < 1 or shape[0] > MOST_SAMPLES:  # noqa: PLR2004
        raise DeniedError(422, f"The array has shape {shape} and type {dtype}; expected numbers, a row a sample.")
    if shape[0] * shape[1] * dtype.itemsize != left:
        raise DeniedError(400, f"The array has {left} bytes; expected those of shape {shape} and type {dtype}.")
    values = np.frombuffer(content, dtype, offset=stream.tell())
    return values.reshape(shape, order="F" if by_columns else "C")


#: Predict samples.
PREDICT = Operation(
    "predict", "POST", "/v1/predict", "Labels and probabilities of some samples.", _predict, PREDICTIONS,
    "Arrays go faster as files of NumPy than as JSON, in both directions: then the reply has the probabilities alone, "
    "and the round in the header `Alwidgets-Round`.",
    roles=("viewer", "expert"), body=SAMPLES, also=(NPY,), types=(JSON, NPY), errors=(406,), most_bytes=_MOST_BYTES,
    heavy=True,
)  # fmt: skip
