"""The times at which customers are mostly called again, so that an agent agrees on one in two keys."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

SOON: Final = timedelta(hours=2)
EVENING: Final = time(18)  # on the customer's clock, when most people are at home and nobody sleeps
MORNING: Final = time(10)
WHOLE: Final = timedelta(minutes=5)  # nobody agrees on 14:03


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAgainTime:
    """A time to agree on, and what people call it."""

    name: str
    at: datetime


def usual_times(now: datetime, zone: str | None) -> tuple[CallAgainTime, ...]:
    """In two hours, tonight, tomorrow morning and on Monday, on the customer's clock, soonest first.

    What is over or comes twice is left out: there is no tonight at night, and no Monday beside tomorrow.
    """
    clock = ZoneInfo(zone) if zone else UTC
    local = now.astimezone(clock)
    soon = now + SOON
    soon += (datetime.min.replace(tzinfo=UTC) - soon) % WHOLE
    tomorrow = local.date() + timedelta(days=1)
    monday = local.date() + timedelta(days=7 - local.weekday())
    tonight = datetime.combine(local.date(), EVENING, tzinfo=clock)
    found = [CallAgainTime(name="in 2 h", at=soon)]
    if tonight > soon.astimezone(clock):
        found.append(CallAgainTime(name="tonight", at=tonight.astimezone(UTC)))
    for name, day in (("tomorrow morning", tomorrow), ("Monday", monday)):
        if name != "Monday" or day != tomorrow:
            found.append(
                CallAgainTime(name=name, at=datetime.combine(day, MORNING, tzinfo=clock).astimezone(UTC))
            )
    return tuple(found)
