"""How a figure stands against its limit, in words beside every colour: within, near it, over it.

One place for everything that warns, so that the same figure is the same warning on every page.
"""

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
