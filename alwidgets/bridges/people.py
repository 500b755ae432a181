"""Names under which the accounts of Label Studio answer in a session, and in its team."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alwidgets.io.accounts import names_of_accounts

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
    given = names_of_accounts(annotators)
    if team is None:
        return given
    for name in given.values():
        team.role(name)
    return {name.casefold(): name for name in (*team.annotators, *team.experts)} | given
