"""Finished runs on disk: one JSON file each, found again by what the run depends on."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alwidgets.utils import files
from alwidgets.utils.libraries import libraries

_FORMAT = 2


@dataclass(frozen=True)
class Cache:
    """A folder of finished runs.

    Parameters
    ----------
    folder : Path
        Where; made when the first run is kept.
    libraries : dict
        The versions that runs depend on.
    """

    folder: Path
    libraries: dict[str, str]

    def read(self, key: str) -> tuple[dict[str, Any] | None, str]:
        """Read a cached run, and the reason if it cannot be used; the run is None if it is missing or unusable."""
        try:
            kept = json.loads(self._file(key).read_text("utf-8"))
        except FileNotFoundError:
            return None, ""
        except (OSError, ValueError):
            return None, "cannot be read"
        if not isinstance(kept, dict) or kept.get("format") != _FORMAT:
            return None, "is of another version of alwidgets"
        if kept.get("sha256") != _hash(kept.get("run")):
            return None, "is damaged"
        before = kept.get("libraries", {})
        changed = [name for name in sorted({*before, *self.libraries}) if before.get(name) != self.libraries.get(name)]
        if changed:
            return None, f"was made with other versions of {', '.join(changed)}"
        return kept["run"], ""

    def write(self, key: str, about: dict[str, Any], run: dict[str, Any]) -> None:
        """Store the outcome of a run, completely or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        kept = {"format": _FORMAT, "libraries": self.libraries, "about": about, "run": run, "sha256": _hash(run)}
        files.replace(self._file(key), json.dumps(kept).encode())

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}.json"


def open_cache(folder: Any, parts: Iterable[Any]) -> Cache | None:
    """Return the cache in a folder; None for None.

    Parameters
    ----------
    folder : str, Path or None
        Where; it need not exist.
    parts : iterable
        Learners and strategies, whose libraries' versions count too.

    Raises
    ------
    TypeError, ValueError
        If it is not a name of a folder.
    """
    if folder is None:
        return None
    if not isinstance(folder, str | os.PathLike) or not str(folder):
        raise TypeError(f"cache is {folder!r}; expected the name of a folder, or None.")
    path = Path(folder).expanduser().resolve()
    if path.exists() and not path.is_dir():
        raise ValueError(f"cache is {str(folder)!r}, which is a file; expected the name of a folder.")
    return Cache(path, libraries() | dict(filter(None, map(_version, parts))))


def _version(part: Any) -> tuple[str, str] | None:
    """Return the library that something is of, and its version; None when it tells none."""
    name = str(getattr(part, "__module__", None) or type(part).__module__).split(".")[0]
    version = getattr(sys.modules.get(name), "__version__", None)
    # Those that every run depends on are there by the names they are installed by.
    return None if version is None or name in ("alwidgets", "sklearn", "modAL") else (name, str(version))


def _hash(run: Any) -> str:
    return hashlib.sha256(json.dumps(run, sort_keys=True).encode()).hexdigest()
