"""Labels as a table in a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alwidgets.session import Session


def write_labels(session: Session, path: str | Path) -> Path:
    """Write the labels of a session, one row an answer that stands.

    Parameters
    ----------
    session : Session
        Whose labels.
    path : str or Path
        Ends in ``.csv``, ``.jsonl`` or ``.parquet`` (which needs pyarrow).

    Returns
    -------
    path : Path
        Where they are.

    Raises
    ------
    ValueError
        If the ending is none of the three.
    TypeError
        If `session` is no session or `path` no name of a file.
    """
    if not hasattr(session, "labels"):
        raise TypeError(f"session is a {type(session).__name__}; expected a Session.")
    if not isinstance(path, str | Path):
        raise TypeError(f"path is {path!r}; expected a name that ends in .csv, .jsonl or .parquet.")
    target = Path(path)
    frame, ending = session.labels, target.suffix.lower()
    if ending == ".csv":
        frame.to_csv(target, index=False)
    elif ending == ".jsonl":
        frame.to_json(target, orient="records", lines=True, date_format="iso")
    elif ending == ".parquet":
        frame.to_parquet(target, index=False)
    else:
        raise ValueError(f"path is {str(path)!r}; expected a name that ends in .csv, .jsonl or .parquet.")
    return target
