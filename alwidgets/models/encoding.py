"""Texts made into numbers by an encoder that takes its time: each text once, kept as it goes."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.preprocessing import FunctionTransformer

from alwidgets.data.conversion import matrix
from alwidgets.data.kinds import pool_of
from alwidgets.data.pool import as_samples
from alwidgets.models.keeping import learns_nothing
from alwidgets.models.kept_values import KeptValues
from alwidgets.models.known_texts import KnownTexts
from alwidgets.models.step_hash import name_of
from alwidgets.types import Samples
from alwidgets.utils.progress import tqdm
from alwidgets.utils.text import short_repr, type_name


def encoded(texts: Samples, encoder: Any, folder: str | Path | None = None, *, progress: bool = False) -> Any:
    """Numbers that an encoder gives of texts, computed once for each text and kept in a folder as it goes.

    An encoder that takes minutes goes on where it was when it is interrupted, killed, or called again with more texts.
    What it gives is `X` of a session whose `items` are the texts. Or the folder is that of a session's journal, whose
    learner is a Pipeline that begins with the encoder and takes raw texts: the session finds there what the encoder
    gave, and does not call it again.

    Parameters
    ----------
    texts : sequence of str, Series or ndarray
        The texts.
    encoder : callable or transformer
        A function of a list of texts, such as ``SentenceTransformer(...).encode``, or an object with `transform`. It is
        given some texts at a time, at most 256, fewer when they take long; what it gives of a text must not depend on
        the texts beside it.
    folder : str or Path, optional
        Where to keep what it gave, in `features/`; made where it is missing. Default in memory alone. Files are known
        by a hash of the encoder, its parameters, its code and what this refers to, and rows by a hash of the text.
    progress : bool
        Whether to show how far it is, by tqdm.

    Returns
    -------
    X : ndarray or CSR matrix of shape (n_samples, n_features)
        One row a text, in the encoder's type of number. Read-only.

    Raises
    ------
    ValueError, TypeError
        If `texts` are not texts, the encoder gives anything but a row of numbers for each, or is given a folder and has
        no hash: a lock or a connection is among what it refers to.
    OSError
        If no file can be made in the folder.
    ImportError
        If `progress` is wanted and tqdm is not installed.

    Notes
    -----
    What takes less than two seconds is not written. A process that is killed loses at most ten seconds or a tenth of
    the time, and the texts that were at the encoder. Costs a call for each 256 texts that were not encoded yet, and the
    size of `X` on disk and in memory. Of several processes with one folder each text is encoded by one: the others wait
    for it, and take what it gave.

    Examples
    --------
    >>> def letters(texts):
    ...     return [[text.count("a"), text.count("e")] for text in texts]
    >>> encoded(["banana", "tree", "banana"], letters).tolist()
    [[3, 0], [0, 2], [3, 0]]
    """
    given = as_samples(texts, name="texts", texts=True)
    if pool_of(given).kind != "texts":
        raise TypeError(f"texts is {type_name(texts)} of shape {given.shape}; expected a sequence of str.")
    known = KnownTexts(given)
    step = _as_step(encoder)
    kept = KeptValues(known, [_Checked(step)])
    if folder is not None:
        kept.name, kept.source, kept.folder = _name_of(step, encoder), Path(folder), Path(folder)
        _check_folder(kept.folder)
    with _shown(kept) if progress else nullcontext():
        values = kept.of_pool()
    if values is None:
        raise ValueError(
            f"encoder is {short_repr(encoder)}, and gave rows of other lengths when it was given other texts; expected "
            "what it gives of a text to depend on that alone. A vectorizer is fitted first, on all texts."
        )
    if not kept.is_written:
        warnings.warn(
            f"what the encoder gave is in memory alone: {kept.folder} cannot be written to. Free the disk, or give "
            "another folder, and call this again with the encoder as it is.",
            stacklevel=2,
        )
    return values


class _Checked:
    """A step that tells what is wrong with what an encoder gives."""

    def __init__(self, step: Any) -> None:
        self._step = step

    def transform(self, X: Any) -> Any:
        is_function = isinstance(self._step, FunctionTransformer)
        given = self._step.func(X.tolist()) if is_function else self._step.transform(X)
        try:
            values = matrix(given)
        except ValueError:
            values = np.empty(0, object)
        if values.ndim != 2 or values.shape[0] != len(X) or values.dtype.kind not in "iufb":  # noqa: PLR2004
            raise ValueError(
                f"encoder gave {type_name(given)} of shape {values.shape} and dtype {values.dtype} for {len(X)} texts; "
                "expected numbers, one row for each text."
            )
        return values


def _check_folder(folder: Path) -> None:
    """Raise OSError unless files can be made in a folder: what took hours is not to be lost for that."""
    place = folder / "features"
    try:
        place.mkdir(exist_ok=True, parents=True)
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise type(error)(
            error.errno, f"folder is {str(folder)!r}, where no file can be made ({error.strerror}); give another one"
        ) from None


def _as_step(encoder: Any) -> Any:
    """Return a transformer, or a function as one."""
    if isinstance(encoder, type) or not (hasattr(encoder, "transform") or callable(encoder)):
        raise TypeError(f"encoder is {short_repr(encoder)}; expected a function of a list of texts, or a transformer.")
    return encoder if hasattr(encoder, "transform") else FunctionTransformer(encoder)


def _name_of(step: Any, encoder: Any) -> str:
    # One that was fitted is what it has learned, as in a Pipeline that does not fit it again.
    name = name_of([step if learns_nothing(step) else FrozenEstimator(step)])
    if name is None:
        raise ValueError(
            f"encoder is {short_repr(encoder)}, which has no hash to know its files by: there is a lock, a connection "
            "or the like in it. Give a transformer whose parameters say what it is, and that connects in `transform`; "
            "or leave out folder."
        )
    return name


@contextmanager
def _shown(kept: KeptValues) -> Iterator[None]:
    with tqdm()(total=kept.texts.n_distinct, initial=kept.texts.n_distinct - kept.n_missing, unit="text") as bar:
        kept.told = bar.update
        yield
