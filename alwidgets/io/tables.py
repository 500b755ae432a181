"""Labels as a table in a file, and back."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from alwidgets.io.cells import from_csv, to_csv
from alwidgets.io.documents import import_pyarrow
from alwidgets.io.frames import LABEL_COLUMNS, TEAM_COLUMNS, labels_of_rows
from alwidgets.utils import files

if TYPE_CHECKING:
    import pandas as pd

#: What a name of a table ends in.
ENDINGS = "expected a name that ends in .csv, .jsonl or .parquet"


def content_of(frame: pd.DataFrame, ending: str) -> bytes:
    """Return a frame like `Session.labels` as the content of a file with one of the three endings."""
    if ending == ".csv":
        return csv_of(frame)
    if ending == ".jsonl":
        return "".join(map(_json_line, frame.to_dict("records"))).encode("ascii")
    import_pyarrow()
    content: bytes = frame.to_parquet(index=False)
    return content


def read_labels(path: str | Path) -> pd.DataFrame:
    """Read a file written by `write_labels` into a frame like `Session.labels`.

    Parameters
    ----------
    path : str or Path
        Ends in ``.csv``, ``.jsonl`` or ``.parquet`` (which needs pyarrow).

    Returns
    -------
    labels : DataFrame
        One row an answer: item, sample, label, annotator, seconds, round, strategy, utility, audit, flag, note, via,
        suggested, at; of a team also n_answers, share, how.

    Raises
    ------
    ValueError
        If the ending is not one of the three, or the file holds no such table.
    ImportError
        If it is parquet and pyarrow is not installed.
    """
    source, ending = check_table(path)
    try:
        columns, rows = _rows(source, ending)
        return labels_of_rows(columns, [[_plural(value) for value in row] for row in rows])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{source} is not a table of labels: {error}") from None


def csv_of(frame: pd.DataFrame) -> bytes:
    """Return a DataFrame as CSV, without its index; see `alwidgets.io.cells` for what a cell looks like."""
    return to_csv(frame.columns, frame.astype(object).itertuples(index=False, name=None))


def check_table(path: Any) -> tuple[Path, str]:
    """Return a path and its ending.

    Raises
    ------
    ValueError, TypeError
        If it is not a path, or has none of the three endings.
    """
    if not isinstance(path, str | Path):
        raise TypeError(f"path is {path!r}; {ENDINGS}.")
    ending = Path(path).suffix.lower()
    if ending not in (".csv", ".jsonl", ".parquet"):
        raise ValueError(f"path is {str(path)!r}; {ENDINGS}.")
    return Path(path), ending


def _rows(source: Path, ending: str) -> tuple[list[Any], list[list[Any]]]:
    columns: list[Any] = list(LABEL_COLUMNS)
    # With a byte order mark, as spreadsheets save it.
    content = files.read_own(source).removeprefix(b"\xef\xbb\xbf")
    if ending == ".csv":
        columns, rows = from_csv(content)
    elif ending == ".jsonl":
        records = [json.loads(line) for line in content.splitlines()]
        columns += [name for name in TEAM_COLUMNS if records and name in records[0]]
        rows = [[record[name] for name in columns] for record in records]
    else:
        import pandas as pd

        import_pyarrow()
        frame = pd.read_parquet(source)
        columns = list(frame.columns)
        rows = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    if columns not in (list(LABEL_COLUMNS), [*LABEL_COLUMNS, *TEAM_COLUMNS]):
        raise ValueError(
            f"its columns are {columns}; expected {list(LABEL_COLUMNS)}, and {list(TEAM_COLUMNS)} of a team."
        )
    return columns, rows


def _plural(value: Any) -> Any:
    """Return a label of any number of classes as the tuple that it was; other values as they are."""
    values = value.tolist() if isinstance(value, np.ndarray) else value
    return tuple(values) if isinstance(values, list) else values


def _json_line(record: dict[Any, Any]) -> str:
    values = {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in record.items()}
    # What is missing, whether None or NaN; JSON has no infinity.
    for name, value in values.items():
        if isinstance(value, float) and not math.isfinite(value):
            values[name] = None if math.isnan(value) else str(value)
    return json.dumps(values) + "\n"
