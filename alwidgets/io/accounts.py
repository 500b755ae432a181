"""Names under which the accounts of another tool answer in a session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alwidgets.utils.text import short_repr


def names_of_accounts(annotators: Any) -> dict[str, str]:
    """Return names by accounts in small letters.

    Parameters
    ----------
    annotators : mapping of str or int to str, or None
        E-mail address, number or another id of an account -> name.

    Raises
    ------
    TypeError
        If it is not such a mapping.
    ValueError
        If two accounts are one.

    Examples
    --------
    >>> names_of_accounts({"Ann@example.com": "ann", 5: "bob"})
    {'ann@example.com': 'ann', '5': 'bob'}
    """
    given = {} if annotators is None else annotators
    if not isinstance(given, Mapping) or not all(
        isinstance(account, str | int) and isinstance(name, str) for account, name in given.items()
    ):
        raise TypeError(
            f"annotators is {short_repr(annotators)}; expected a dict of e-mail address, or another id of an account, "
            "to name."
        )
    found: dict[str, str] = {}
    for account, name in given.items():
        known = str(account).casefold()
        if known in found:
            raise ValueError(f"annotators has {short_repr(account)} twice; expected each account once.")
        found[known] = name
    return found


def name_of(account: str, names: Mapping[str, str]) -> str:
    """Return the name of whoever has an account: the account itself where no other name is known."""
    return names.get(account.casefold(), account)
