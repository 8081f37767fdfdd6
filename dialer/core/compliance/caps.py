"""How often one number may be rung: rolling windows over what was rung, all reasons together."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

DAY: Final = timedelta(hours=24)  # rolling, so that two calls around midnight count as one evening's
MONTH: Final = timedelta(days=30)


def room_again(rings: Sequence[datetime], limit: int, span: timedelta, moment: datetime) -> datetime | None:
    """None while fewer than `limit` rings lie in the `span` before `moment`, else when that is so again.

    `rings` are in the order of time.
    """
    recent = [ring for ring in rings if moment - span < ring <= moment]
    if len(recent) < limit:
        return None
    return recent[-limit] + span


def spaced_again(rings: Sequence[datetime], spacing: timedelta, moment: datetime) -> datetime | None:
    """None where the last ring is at least `spacing` ago, else when it will be."""
    earlier = [ring for ring in rings if ring <= moment]
    if not earlier or earlier[-1] + spacing <= moment:
        return None
    return earlier[-1] + spacing
