"""The settings of what the centre does by itself, and at which hour."""

import re
from typing import Final

from pydantic import Field, field_validator

from dialer.pbx_settings import Table

NEVER: Final = "never"
HOUR: Final = (
    r"(?:(?P<day>mon|tue|wed|thu|fri|sat|sun|[1-9]|1\d|2[0-8]) )?(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)"
)


FORMER_SCHEDULE: Final = "WINBACK_TIMETABLE__"  # variables of the version before


class ScheduleSettings(Table):
    """When the centre does its scheduled jobs by itself, on the clock of `queues.zone`.

    `02:00` is every day, `Sun 02:00` every Sunday, `1 02:00` the first of every month (up to 28), `never`
    only when somebody asks. The hours are of the night, when nobody dials, and each scheduled job comes after
    what it builds on.
    """

    ledger: str = Field(
        "01:30", description="add the promises up by day and queue; a difference is a failure"
    )
    contact: str = Field("02:00", description="learn from the day's attempts who answers when")
    train: str = Field("1 02:30", description="train a challenger; models hold for about three months")
    score: str = Field("04:00", description="score every customer, after training has had its time")
    effect: str = Field("05:00", description="look at every running campaign, and pause one that does harm")
    drift: str = Field("05:30", description="look at what moved since the champion was trained")
    reports: str = Field("06:00", description="keep the day's figures, and send the reports that are due")
    retention: str = Field("03:00", description="take out what is older than `retention.*` allows")

    @field_validator("*")
    @classmethod
    def _read(cls, rule: str) -> str:
        if rule != NEVER and not re.fullmatch(HOUR, rule, re.IGNORECASE):
            raise ValueError(
                f"not a time: {rule!r}; write 02:00, Sun 02:00, 1 02:00 (a day of the month, up to 28) "
                "or never"
            )
        return rule
