"""Hours to choose a call in, as pages and the API give and take them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

from callbacks.refusals import Refusal, Rule
from callbacks.slots import Slot
from dialer.core.compliance.windows import zone_of
from dialer.core.outbox.texts import write_day
from dialer.web.errors import refuse
from dialer.web.schemas import Input


class FreeHour(BaseModel):
    """An hour that can be chosen."""

    start: datetime
    end: datetime


class ChosenHourInput(Input):
    """Another time for a promised call."""

    wanted_from: Annotated[AwareDatetime, Field(description="the start of a free hour")]


class BookingInput(ChosenHourInput):
    """A call promised in a talk: when, and whether by the agent who promises it."""

    whom: Literal["me", "anyone"] = "anyone"


def free_hours(slots: Iterable[Slot]) -> list[FreeHour]:
    """Slots as the API gives them."""
    return [FreeHour(start=slot.start, end=slot.end) for slot in slots]


def choices(slots: Iterable[Slot], zone: str, language: str) -> list[tuple[str, str]]:
    """Hours to choose from on a page: the value that is sent, and what a customer reads."""
    return [(slot.start.isoformat(), say_hour(slot.start, slot.end, zone, language)) for slot in slots]


def say_hour(start: datetime, end: datetime, zone: str, language: str) -> str:
    """One hour as a customer reads it."""
    first, last = (moment.astimezone(zone_of(zone)) for moment in (start, end))
    return f"{write_day(first, language)}, {first:%H:%M}-{last:%H:%M}"


def in_utc(moment: datetime) -> datetime:
    """The moment in UTC; raises `RequestError` for one that no calendar holds."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise refuse(Refusal(rule=Rule.SLOT_TAKEN)) from None
