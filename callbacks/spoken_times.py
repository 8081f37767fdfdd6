"""Which of the free hours are read out to a caller, and how each is said.

Nobody keeps more than a few in mind while they listen. So it is the soonest of each half of a day, as in
"for today between sixteen and seventeen, press 1; for tomorrow between nine and ten, press 2".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from callbacks.ivr_words import Prompt, Say, SayNumber
from callbacks.slots import Slot

MOST_SPOKEN: Final = 4
NOON: Final = 12  # o'clock: halves of a working day
DAYS: Final = (
    Prompt.MONDAY,
    Prompt.TUESDAY,
    Prompt.WEDNESDAY,
    Prompt.THURSDAY,
    Prompt.FRIDAY,
    Prompt.SATURDAY,
    Prompt.SUNDAY,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenTime:
    """An hour as it is read out, on the centre's clock, which the caller rang in to."""

    slot: Slot
    day: Prompt
    from_hour: int
    to_hour: int


def spoken_times(slots: Iterable[Slot], zone: str, now: datetime) -> tuple[SpokenTime, ...]:
    """The hours to read out, soonest first: one of each half of a day, `MOST_SPOKEN` at most."""
    clock = ZoneInfo(zone)
    today = now.astimezone(clock).date()
    found: dict[tuple[object, bool], SpokenTime] = {}
    for slot in sorted(slots, key=lambda each: each.start):
        local, end = slot.start.astimezone(clock), slot.end.astimezone(clock)
        half = local.date(), local.hour >= NOON
        if half in found:
            continue
        if local.date() == today:
            day = Prompt.TODAY
        elif local.date() == today + timedelta(days=1):
            day = Prompt.TOMORROW
        else:
            day = DAYS[local.weekday()]
        found[half] = SpokenTime(slot=slot, day=day, from_hour=local.hour, to_hour=end.hour or 24)
        if len(found) == MOST_SPOKEN:
            break
    return tuple(found.values())


def say_time(time: SpokenTime) -> tuple[Say | SayNumber, ...]:
    """The hour itself: "today between sixteen and seventeen"."""
    return (
        Say(time.day),
        Say(Prompt.HOUR_FROM),
        SayNumber(time.from_hour),
        Say(Prompt.HOUR_TO),
        SayNumber(time.to_hour),
    )


def read_out(times: Iterable[SpokenTime]) -> tuple[Say | SayNumber, ...]:
    """All of them, each with its key."""
    said: list[Say | SayNumber] = []
    for key, time in enumerate(times, start=1):
        said += [*say_time(time), Say(Prompt.HOUR_PRESS), SayNumber(key)]
    return tuple(said)
