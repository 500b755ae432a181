"""Models in folders, served without their session: one, or of several the one that is chosen, also while it serves.

A folder that `Session.export_model` wrote is a model. A folder with several of them in it, each under a name of its
own, has in the file ``served`` the name of the one that is served; where there is no such file, that is the one of the
highest round. Another name in it takes effect with the next request: that is how one goes back.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from alwidgets.models.saved import ABOUT, MODEL, LoadedModel, ModelError, load_model
from alwidgets.models.spec import estimators_of
from alwidgets.service.common_api import COMMON, Common
from alwidgets.service.model_api import PREDICTIONS_OF
from alwidgets.service.operations import Operation
from alwidgets.utils import files
from alwidgets.utils.text import short_repr

_LOG = logging.getLogger(__name__)
_SERVED = "served"
_MOST_BYTES = 2**26


class FolderModels:
    """The model of a folder.

    Parameters
    ----------
    folder : Path
        A model, or a folder with several.
    trusted : iterable of str
        Types that it may be made of, as `load_model` takes them.

    Raises
    ------
    ModelError
        If there is none, or it cannot be opened.
    """

    def __init__(self, folder: Path, trusted: Iterable[str] = ()) -> None:
        self.folder, self._trusted = folder, tuple(trusted)
        self._lock = threading.Lock()
        self._chosen = self._tried = chosen(folder)
        self._stamp = _stamp(folder, self._tried)
        self._about = _about(self._chosen)
        self._model = load_model(self._chosen, trusted=self._trusted)

    @property
    def columns(self) -> Sequence[Any] | None:
        """Names of the columns that the model learned; None where they have none."""
        estimators = estimators_of(self._model.learner)
        names = getattr(estimators[0], "feature_names_in_", None)
        return None if names is None else list(names)

    @property
    def at_hand(self) -> bool:
        """True if no other model is to be opened."""
        return _stamp(self.folder, self._tried) == self._stamp

    def current(self) -> LoadedModel:
        """Return the model that is chosen now; one that cannot be opened leaves the one before in its place."""
        with self._lock:
            if _stamp(self.folder, self._tried) != self._stamp:
                self._renew()
            return self._model

    def _renew(self) -> None:
        try:
            # Both before anything is read; what cannot be opened is not tried again before something has changed.
            self._stamp = _stamp(self.folder, self._tried)
            self._tried = now = chosen(self.folder)
            self._stamp = _stamp(self.folder, now)
            about = _about(now)
            # Under the same name there may be another by now.
            if (now, about) != (self._chosen, self._about):
                self._model = load_model(now, trusted=self._trusted)
                self._chosen, self._about = now, about
                _LOG.info("The model of round %s is served, of %s.", self._model.round, now.name)
        except (ModelError, OSError, ImportError) as error:
            _LOG.error("The model before is served on: %s", error)


class ModelService(Common):
    """A model that is served.

    Parameters
    ----------
    models : FolderModels
        Has it.
    """

    title = "A model of alwidgets"

    def __init__(self, models: FolderModels) -> None:
        self.models = models


def chosen(folder: Path) -> Path:
    """Return the folder of the model that is served.

    Raises
    ------
    ModelError
        If there is none.
    """
    if (folder / ABOUT).exists():
        return folder
    try:
        name = files.read(folder / _SERVED, 1000).decode("utf-8", "replace").strip()
    except FileNotFoundError:
        return max(_models(folder), key=_round)
    except (OSError, files.UnsafeFileError) as error:
        raise ModelError(str(error)) from None
    return _named(folder, name)


def choose(folder: Path, name: str, trusted: Iterable[str] = ()) -> Path:
    """Have a model served from now on: by its name in the folder, or by its round; return its folder.

    Raises
    ------
    ModelError
        If there is none of this name or round, several of this round, or it cannot be opened.
    """
    found = [each for each in _models(folder) if name in (each.name, str(_round(each)))]
    exact = [each for each in found if each.name == name] or found
    if len(exact) != 1:
        known = ", ".join(f"{each.name} (round {_round(each)})" for each in _models(folder))
        which = "is none of" if not exact else "is the round of several of"
        raise ModelError(f"{short_repr(name)} {which} the models in {folder}; expected the name of one: {known}.")
    load_model(exact[0], trusted=trusted)
    files.replace(folder / _SERVED, f"{exact[0].name}\n".encode())
    return exact[0]


def _stamp(folder: Path, model: Path) -> tuple[int, ...]:
    """Return times, inodes and sizes by which a change of the folder, the choice in it or a model is seen."""
    found = []
    for path in (folder, folder / _SERVED, model / ABOUT, model / MODEL, *_copied_in(folder)):
        try:
            seen = path.stat()
        except OSError:
            found += [0, 0, 0]
        else:
            # Two changes may have the same time.
            found += [seen.st_mtime_ns, seen.st_ino, seen.st_size]
    return tuple(found)


def _copied_in(folder: Path) -> list[Path]:
    """Return the folders in a folder where none of them is chosen: any of them may be about to be the newest model."""
    if (folder / ABOUT).exists() or (folder / _SERVED).exists():
        return []
    try:
        return sorted(each for each in folder.iterdir() if each.is_dir())
    except OSError:
        return []


def _about(folder: Path) -> bytes:
    """Return the description of a model, which has the checksum of its file."""
    try:
        return files.read(folder / ABOUT, _MOST_BYTES)
    except (OSError, files.UnsafeFileError) as error:
        raise ModelError(str(error)) from None


def _models(folder: Path) -> list[Path]:
    found = sorted(path.parent for path in folder.glob(f"*/{ABOUT}")) if folder.is_dir() else []
    if not found:
        raise ModelError(f"{folder} has no model; expected a folder that export_model wrote, or one with several.")
    return found


def _named(folder: Path, name: str) -> Path:
    """Return the folder of a name, which leads nowhere else."""
    found = [each for each in _models(folder) if each.name == name]
    if not found:
        raise ModelError(f"{folder / _SERVED} names {short_repr(name)}, which is not a model there.")
    return found[0]


def _round(folder: Path) -> int:
    """Return the round of a model, 0 where its file cannot be read."""
    try:
        found = json.loads(files.read(folder / ABOUT, _MOST_BYTES))["round"]
    except (OSError, ValueError, LookupError, TypeError):
        return 0
    return found if isinstance(found, int) else 0


#: What can be done with a model.
MODEL_OPERATIONS: tuple[Operation, ...] = (*PREDICTIONS_OF, *COMMON)
