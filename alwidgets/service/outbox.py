"""Changes that were said to a session elsewhere and are not acknowledged: plain values, without a connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass
class _Waiting:
    kind: str
    data: str | bytes
    on_its_way: bool = False


class Outbox:
    """Changes that wait for their acknowledgement, oldest first: each has an id, and counts once however often sent."""

    def __init__(self) -> None:
        self._waiting: dict[str, _Waiting] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, event_id: str, kind: str, data: str | bytes) -> None:
        """Keep a change; one that is said again and on its way already is not sent again."""
        self._waiting.setdefault(event_id, _Waiting(kind, data))

    def take_due(self) -> list[str | bytes]:
        """Return the messages that are to be sent now, oldest first; they are taken to be sent."""
        due = [each for each in self._waiting.values() if not each.on_its_way]
        for each in due:
            each.on_its_way = True
        return [each.data for each in due]

    def send_again(self) -> None:
        """Note that the connection is gone: what was sent over it may be lost."""
        for each in self._waiting.values():
            each.on_its_way = False

    def settle(self, reply: dict[str, Any]) -> None:
        """Take a reply: what could not be saved is kept, and sent when it is said again; all else is done with."""
        event_id = reply["event_id"]
        if reply["kind"] == "refused" and reply.get("retry"):
            if event_id in self._waiting:
                self._waiting[event_id].on_its_way = False
        else:
            self._waiting.pop(event_id, None)

    def in_words(self) -> str:
        """Return the number of changes that wait, in words: "3 answers and 1 change"; empty for none.

        Examples
        --------
        >>> outbox = Outbox()
        >>> outbox.put("e1", "answer", "...")
        >>> outbox.put("e2", "flag", "...")
        >>> outbox.in_words()
        '1 answer and 1 change'
        """
        n_answers = sum(each.kind == "answer" for each in self._waiting.values())
        counts = {"answer": n_answers, "change": len(self) - n_answers}
        return " and ".join(f"{n} {what}{'' if n == 1 else 's'}" for what, n in counts.items() if n)
