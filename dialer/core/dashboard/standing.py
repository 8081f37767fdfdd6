"""How a figure stands against its limit, in words beside every colour: within, near it, over it.

One place for everything that warns, so that the same figure is the same warning on every page.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

#: of the limit: from here on there is little room, and still time to act
NEAR: Final = 0.8


class LimitStanding(StrEnum):
    """Where a figure stands; pages write these words, and colour them."""

    UNKNOWN = "not known"
    WITHIN = "within"
    NEAR = "near the limit"
    OVER = "over the limit"


def judge(figure: float | None, limit: float, *, near: float = NEAR) -> LimitStanding:
    """Where a figure stands that must not exceed `limit`."""
    if figure is None:
        return LimitStanding.UNKNOWN
    if figure > limit:
        return LimitStanding.OVER
    return LimitStanding.NEAR if figure > near * limit else LimitStanding.WITHIN


#: before what a caller was told is over: a call that is placed now rings in time
NEARLY_LATE: Final = timedelta(minutes=5)


def judge_promise(told_until: datetime | None, called_at: datetime | None, now: datetime) -> LimitStanding:
    """Where an open promise stands against the time that its caller was told; unknown where none was."""
    if told_until is None:
        return LimitStanding.UNKNOWN
    if called_at is not None:
        return LimitStanding.WITHIN if called_at <= told_until else LimitStanding.OVER
    if now > told_until:
        return LimitStanding.OVER
    return LimitStanding.NEAR if now > told_until - NEARLY_LATE else LimitStanding.WITHIN
