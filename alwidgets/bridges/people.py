"""Names under which the accounts of another tool answer in a session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from alwidgets.utils.text import short_repr

if TYPE_CHECKING:
    from alwidgets.annotation.team import Team


def check_names(annotators: Any, team: Team | None) -> dict[str, str]:
    """Return names by e-mail addresses in small letters: those given, and those of a team that are addresses.

    Parameters
    ----------
    annotators : mapping of str to str, or None
        E-mail address -> name.
    team : Team or None
        Who must have the name.

    Raises
    ------
    TypeError
        If it is not a mapping of texts.
    ValueError
        If two addresses are one, or a name is not in the team.

    Examples
    --------
    >>> check_names({"Ann@example.com": "ann"}, None)
    {'ann@example.com': 'ann'}
    """
    given = {} if annotators is None else annotators
    if not isinstance(given, Mapping) or not all(isinstance(each, str) for pair in given.items() for each in pair):
        raise TypeError(f"annotators is {short_repr(annotators)}; expected a dict of e-mail address to name.")
    people = () if team is None else (*team.annotators, *team.experts)
    found = {name.casefold(): name for name in people}
    known: set[str] = set()
    for address, name in given.items():
        if address.casefold() in known:
            raise ValueError(f"annotators has {short_repr(address)} twice; expected each address once.")
        if team is not None:
            team.role(name)
        known.add(address.casefold())
        found[address.casefold()] = name
    return found


def name_of(address: str, names: Mapping[str, str]) -> str:
    """Return the name of whoever has an e-mail address: the address where no other name is known."""
    return names.get(address.casefold(), address)
