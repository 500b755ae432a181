"""Requests that are not answered: the status, and why in words."""

from __future__ import annotations

from collections.abc import Mapping


class DeniedError(Exception):
    """Somebody may not come in, or not do that: the HTTP status, and why, in words for that person.

    Parameters
    ----------
    status : int
        Of HTTP.
    why : str
        A sentence.
    headers : mapping of str to str, optional
        What is said beside it.
    """

    def __init__(self, status: int, why: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(why)
        self.status = status
        self.headers = dict(headers or {})
