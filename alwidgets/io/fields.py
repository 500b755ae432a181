"""The fields by which a sample is shown in another tool."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from alwidgets.data import conversion
from alwidgets.data.labels import plain
from alwidgets.data.parts import LazyRows
from alwidgets.data.pool import text_id
from alwidgets.io.records import main_text

#: What the names of images end in.
IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff")
#: What is left and right of a pair.
SIDES = ("left", "right")
# Names that a format has for something else.
_TAKEN = frozenset({
    "Comments", "accept", "annotator", "answer", "cats", "config", "flag", "flagged", "id", "label", "labels", "meta",
    "note", "options", "seconds", "spans", "tokens", "username", "when",
})  # fmt: skip


def fields_of(item: Any) -> dict[str, Any]:
    """Return the names and values of an item, to be written as JSON; none of an array, which no tool shows.

    Parameters
    ----------
    item : str, Path, mapping, row of a DataFrame, pair of these, or anything else
        A path, and a text that ends as the name of an image, is an "image"; any other text is a "text". A name that
        formats have for something else has "data_" in front.

    Examples
    --------
    >>> fields_of("win a prize"), fields_of("cat.png"), fields_of({"label": 3})
    ({'text': 'win a prize'}, {'image': 'cat.png'}, {'data_label': 3})
    """
    if isinstance(item, Path) or (isinstance(item, str) and item.lower().endswith(IMAGES) and "\n" not in item):
        return {"image": str(item)}
    if isinstance(item, str):
        return {"text": str(item)}
    if isinstance(item, tuple | list) and len(item) == len(SIDES) and all(isinstance(one, str | Path) for one in item):
        return dict(zip(SIDES, map(str, item), strict=True))
    if isinstance(item, np.ndarray) or not hasattr(item, "items"):
        return {}
    cells: Mapping[Any, Any] = conversion.cells_of(item)
    names = _names(map(str, cells))
    return {name: _value(value) for name, value in zip(names, cells.values(), strict=True)}


def shown_ids(*tables: Any) -> Iterator[str]:
    """Yield the hashes of the texts that are shown, a row each; of none that has several, or none."""
    for items in tables:
        if isinstance(items, np.ndarray | LazyRows) and items.dtype.kind not in "OUT":
            continue
        if not conversion.holds_rows(items):
            continue
        rows = conversion.rows_of(items)
        for item in rows:
            text = main_text(fields_of(item))
            yield "" if text is None else text_id(text)


def _names(columns: Iterable[str]) -> list[str]:
    """Return the names of columns, those that are taken renamed, and to none that another column has."""
    given = list(columns)
    used, names = {name for name in given if not _is_taken(name)}, []
    for name in given:
        if _is_taken(name):
            name = f"data_{name}"  # noqa: PLW2901 - until it is nobody else's
            while name in used:
                name = f"data_{name}"  # noqa: PLW2901
            used.add(name)
        names.append(name)
    return names


def _is_taken(name: str) -> bool:
    return name in _TAKEN or name.startswith(("_", "alw_"))


def _value(value: Any) -> Any:
    if conversion.is_missing(value):
        return None
    value = plain(value)
    if isinstance(value, float) and not math.isfinite(value):
        # JSON has no infinity.
        return str(value)
    return value if isinstance(value, str | int | float | bool) else str(value)
