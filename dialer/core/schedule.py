"""The centre's scheduled jobs: what it does by itself, at which hour, and when each is due next."""

import re
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from dialer.core.compliance.windows import DAYS
from dialer.core.sentence import Sentence
from dialer.schedule_settings import HOUR, NEVER, ScheduleSettings


class ScheduledJob(StrEnum):
    """Something the centre does by itself when its hour has come."""

    LEDGER = "ledger"
    CONTACT = "contact"
    TRAIN = "train"
    SCORE = "score"
    EFFECT = "effect"
    DRIFT = "drift"
    RETENTION = "retention"
    REPORTS = "reports"


MEANINGS: Final = {
    ScheduledJob.LEDGER: "add the promises up by day and queue",
    ScheduledJob.CONTACT: "learn who answers when",
    ScheduledJob.TRAIN: "train a challenger; it takes over only if it is better out of time",
    ScheduledJob.SCORE: "score every customer with the champion",
    ScheduledJob.EFFECT: "look at what every running campaign changed; pause one that does harm",
    ScheduledJob.DRIFT: "look at what moved since the champion was trained",
    ScheduledJob.RETENTION: "take out what is older than it has to be kept",
    ScheduledJob.REPORTS: "keep the figures of days that are over, and send reports that are due",
}

#: the rarest rule is once a month: the next time is never further away than this many days
HORIZON_DAYS: Final = 32


def rules_of(settings: ScheduleSettings) -> dict[ScheduledJob, str]:
    """Each job's hour as the settings have it."""
    return {scheduled_job: getattr(settings, scheduled_job.value) for scheduled_job in ScheduledJob}


def next_time(rule: str, zone: str, after: datetime) -> datetime | None:
    """The first moment after `after` at which a rule's hour comes on the clock of `zone`; None: never.

    An hour that a change of the clock leaves out comes an hour later, one that it repeats comes once.
    Raises ValueError for a rule that cannot be read.
    """
    if rule == NEVER:
        return None
    found = re.fullmatch(HOUR, rule, re.IGNORECASE)
    if found is None:
        raise ValueError(f"not a time: {rule!r}")
    clock = time(int(found["hour"]), int(found["minute"]))
    there = ZoneInfo(zone)
    today = after.astimezone(there).date()
    for ahead in range(-1, HORIZON_DAYS + 1):
        day = today + timedelta(days=ahead)
        if _falls_on(found["day"], day):
            moment = datetime.combine(day, clock, tzinfo=there).astimezone(UTC)
            if moment > after:
                return moment
    raise AssertionError(f"{rule!r} has no next time within {HORIZON_DAYS} days")


def in_words(rule: str) -> Sentence:
    """A rule as people say it: `1 02:30` is "02:30 on day 1"."""
    day, _, hour = rule.rpartition(" ")
    if rule == NEVER:
        return Sentence("when asked for")
    if not day:
        return Sentence("%(hour)s daily", hour=hour)
    if day.isdigit():
        return Sentence("%(hour)s on day %(day)s", hour=hour, day=day)
    return Sentence("%(hour)s on %(day)s", hour=hour, day=Sentence(day.capitalize()))


def _falls_on(said: str | None, day: date) -> bool:
    """Whether a rule's day (every day, a weekday, or a day of the month) is this one."""
    if said is None:
        return True
    return day.day == int(said) if said.isdigit() else day.weekday() == DAYS.index(said.lower())
