"""How long everybody who rang in waited for an agent, or would have: also those who hung up before.

Who gives up is the one who waits long. If only those count who were served, a queue seems shorter than it is,
the more so the more of them give up. But nobody overtakes in it: as soon as somebody is served who joined
after them, it would have been their turn. That moment ends their wait (the virtual, or offered, wait).
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Final

LONGEST_WAIT: Final = timedelta(hours=2)  # who is served later says nothing of somebody who left before


@dataclass(frozen=True, slots=True, kw_only=True)
class RangIn:
    """One call to a queue; `line` tells queues of one name apart, `left_at` is None while it waits."""

    call: str
    line: str
    joined_at: datetime
    left_at: datetime | None = None
    served_at: datetime | None = None
    gave_up: bool = False


def turns_of(calls: Iterable[RangIn]) -> dict[str, datetime]:
    """By call: when an agent took it, or would have; calls of which that is not known yet are not in it."""
    rang_in = list(calls)
    served: dict[str, list[tuple[datetime, datetime]]] = {}
    for call in rang_in:
        if call.served_at is not None:
            served.setdefault(call.line, []).append((call.served_at, call.joined_at))
    for line in served.values():
        line.sort()
    turns = {}
    for call in rang_in:
        turn = call.served_at
        if turn is None and call.gave_up and call.left_at is not None:
            turn = _would_have_been(call, call.left_at, served.get(call.line, []))
        if turn is not None:
            turns[call.call] = turn
    return turns


def _would_have_been(
    call: RangIn, left_at: datetime, served: list[tuple[datetime, datetime]]
) -> datetime | None:
    """When the first was served, after this one left, who had joined later."""
    first = bisect_right(served, left_at, key=itemgetter(0))
    for at, joined in served[first:]:
        if at > call.joined_at + LONGEST_WAIT:
            return None
        if joined > call.joined_at:
            return at
    return None
