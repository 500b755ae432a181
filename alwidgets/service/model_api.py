"""A model over HTTP: predictions, of the newest model of a session or of one in a folder."""

from __future__ import annotations

import io
from typing import Any, Protocol

import numpy as np

from alwidgets.service import many_numbers
from alwidgets.service.denied import DeniedError
from alwidgets.service.models import Models, predicted, probabilities
from alwidgets.service.operations import NPY, Call, Operation, Reply
from alwidgets.service.people import Role
from alwidgets.service.shapes import BINARY, MOST_SAMPLES, PREDICTIONS, SAMPLES

_MOST_BYTES = 32 * 2**20


class _Predicts(Protocol):
    models: Models


def _predict(service: _Predicts, call: Call) -> Reply:
    found = predicted(service.models, call.body["samples"])
    model, proba = found.model, found.probabilities
    content = {
        "model": {"session": model.session_id, "round": model.round, "training_set": model.training_set},
        "classes": list(model.classes),
        "labels": found.labels,
        "probabilities": None if proba is None else proba.tolist(),
    }
    return Reply(many_numbers.written(content))


def _predict_array(service: _Predicts, call: Call) -> Reply:
    (proba, model), content = probabilities(service.models, array_of(call.body)), io.BytesIO()
    np.save(content, proba, allow_pickle=False)
    return Reply(content.getvalue(), NPY, {"Alwidgets-Round": str(model.round)})


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
        raise DeniedError(400, "The body is not a file of NumPy; expected what numpy.save writes.") from None
    left = len(content) - stream.tell()
    if len(shape) != 2 or dtype.kind not in "biuf" or min(shape) < 1 or shape[0] > MOST_SAMPLES:  # noqa: PLR2004
        raise DeniedError(422, f"The array has shape {shape} and type {dtype}; expected numbers, a row a sample.")
    if shape[0] * shape[1] * dtype.itemsize != left:
        raise DeniedError(400, f"The array has {left} bytes; expected those of shape {shape} and type {dtype}.")
    values = np.frombuffer(content, dtype, offset=stream.tell())
    return values.reshape(shape, order="F" if by_columns else "C")


_ROLES: tuple[Role, ...] = ("viewer", "expert")
#: Predict samples.
PREDICTIONS_OF: tuple[Operation, ...] = (
    Operation(
        "predict", "POST", "/v1/predict", "Labels and probabilities of some samples.", _predict, PREDICTIONS,
        roles=_ROLES, body=SAMPLES, most_bytes=_MOST_BYTES, quick=many_numbers.read, heavy=True,
    ),
    Operation(
        "predict_array", "POST", "/v1/predict-array", "Probabilities of the rows of an array.", _predict_array, BINARY,
        "For many numbers at once: body and reply are as numpy.save writes them, a row a sample; the columns of the "
        "reply are the classes, and the header `Alwidgets-Round` says which model it was.",
        roles=_ROLES, body=BINARY, takes=NPY, gives=NPY, errors=(409,), most_bytes=_MOST_BYTES, heavy=True,
    ),
)  # fmt: skip
