"""Values that cannot be changed, whoever they are handed to."""

from __future__ import annotations

from typing import Any, NoReturn


class FrozenDict(dict[Any, Any]):
    """A dict that cannot be changed; JSON and pickle take it for a dict.

    Examples
    --------
    >>> FrozenDict(a=1)["a"] = 2
    Traceback (most recent call last):
    ...
    TypeError: this is a record of what happened and cannot be changed; change a copy: dict(...).
    """

    __slots__ = ()

    def _refuse(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TypeError("this is a record of what happened and cannot be changed; change a copy: dict(...).")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> Any:
        return FrozenDict, (dict(self),)


def frozen(value: Any) -> Any:
    """Return dicts and lists, at any depth, as such that cannot be changed; anything else as it is.

    Examples
    --------
    >>> frozen({"price": [None, 0.2]})
    {'price': (None, 0.2)}
    """
    if isinstance(value, dict):
        # Of many records most hold nothing here.
        return FrozenDict({name: frozen(each) for name, each in value.items()}) if value else _EMPTY
    return tuple(map(frozen, value)) if isinstance(value, list | tuple) else value


_EMPTY = FrozenDict()
