"""Fitted models kept on disk, so that a slow fit need not be repeated when a session is opened again.

The truth of a model is its spec: a snapshot is only a copy that saves time. It is a skops file, never a pickle, is
read only when its checksum is the one in the journal, and may hold nothing but the types listed here; else the model
is fitted again.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from alwidgets.utils import files

_MOST_BYTES = 2**30
# Packed, a file of zeros is small.
_MOST_UNPACKED = 2**32

# What scikit-learn's own models are made of beside the types that skops trusts of itself.
_ALLOWED = frozenset({
    "sklearn._loss.link.Interval",
    "sklearn._loss.link.LogitLink",
    "sklearn._loss.link.MultinomialLogit",
    "sklearn._loss.loss.HalfBinomialLoss",
    "sklearn._loss.loss.HalfMultinomialLoss",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.neighbors._ball_tree.BallTree64",
    "sklearn.neighbors._kd_tree.KDTree64",
    "sklearn.tree._tree.Tree",
})  # fmt: skip


def write(folder: Path, name: str, estimators: list[Any]) -> str:
    """Keep fitted models, and return the checksum of the file; empty when they cannot be kept.

    Parameters
    ----------
    folder : Path
        That of the session.
    name : str
        What the file is called: the hash of the training set.
    estimators : list of fitted estimators
        A model, or the members of a committee.
    """
    if find_spec("skops") is None:
        return ""
    import skops.io

    # A model that cannot be kept is fitted again: whatever skops or the disk says is ignored.
    with contextlib.suppress(Exception):
        content = skops.io.dumps(list(estimators))
        if not set(skops.io.get_untrusted_types(data=content)) <= _ALLOWED:
            return ""
        file = _file(folder, name)
        file.parent.mkdir(exist_ok=True)
        files.replace(file, content)
        return hashlib.sha256(content).hexdigest()
    return ""


def read(folder: Path, name: str, checksum: str) -> list[Any] | None:
    """Return the models that were kept; None when they are not what was kept, or hold a type that is not listed."""
    if not checksum or find_spec("skops") is None:
        return None
    import skops.io

    with contextlib.suppress(Exception):
        content = files.read(_file(folder, name), _MOST_BYTES)
        if hashlib.sha256(content).hexdigest() != checksum or _unpacked(content) > _MOST_UNPACKED:
            return None
        # Whatever is in the file, nothing else is made of it.
        return list(skops.io.loads(content, trusted=sorted(_ALLOWED)))
    return None


def _unpacked(content: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return sum(part.file_size for part in archive.infolist())


def _file(folder: Path, name: str) -> Path:
    # The journal says the name, and anybody may have written the journal.
    if not (name.isascii() and name.isalnum()):
        raise ValueError(f"a model is called {name!r}; expected letters and digits.")
    return folder / "models" / f"{name}.skops"
