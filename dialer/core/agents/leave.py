"""A leave: the pause or the end of work that an agent, or a supervisor, planned.

Winback carries it out when its moment has come and the agent is not with a customer: a free agent at
once, one who talks after the wrap-up. Until then pacing knows of it.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from dialer.core.agents.state import AgentState

#: an agent in one of these can leave; the others are with a customer, or about to be
MAY_LEAVE: Final = frozenset({AgentState.READY, AgentState.PAUSED})


class LeaveKind(StrEnum):
    """How an agent leaves."""

    PAUSE = "pause"
    LOG_OUT = "log_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """A leave from `at` on, aware UTC; the reason is a pause's, and one of the centre's list."""

    at: datetime
    kind: LeaveKind
    reason: str = ""

    def is_due(self, now: datetime) -> bool:
        """Whether its moment has come."""
        return self.at <= now


def next_moment(hour: time, now: datetime, zone: str) -> datetime:
    """The next moment, in UTC, at which a clock of this zone shows that hour.

    An hour that the clock skips on that day is taken an hour later, one that comes twice the first time.
    """
    there = ZoneInfo(zone)
    today: date = now.astimezone(there).date()
    for day in (today, today + timedelta(days=1)):
        meant = datetime.combine(day, hour, there).astimezone(now.tzinfo)
        if meant > now:
            return meant
    raise AssertionError("the same hour of tomorrow is always ahead")
