"""How an agent's day goes, held against their own past and nobody else's.

A contact is resolved at first when the same person and the centre did not talk again within a week: not in
the agent's calls, and not in anybody's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

RESOLVED_AFTER: Final = timedelta(days=7)
PAST: Final = timedelta(days=28)  # four weeks: each day of the week four times
#: how far back talks are looked at: the past of a week that is itself a week old
LOOKED_BACK: Final = PAST + 2 * RESOLVED_AFTER


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentTalk:
    """One talk of the agent's: with whom (empty: nobody knows), and what came of it."""

    at: datetime
    person: str
    saved: bool
    kept: bool  # it kept a promise


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """Counts of one day, or their mean over the days on which the agent talked with anybody."""

    talks: float
    saves: float
    kept: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """How many of the talks needed no second one within a week."""

    talks: int
    resolved: int

    @property
    def share(self) -> float | None:
        """Of all; None without talks."""
        return self.resolved / self.talks if self.talks else None


def day_of(talks: Sequence[AgentTalk], day: date, zone: str) -> DayFigures:
    """The figures of one day on the centre's clock."""
    return _figures([talk for talk in talks if _day(talk, zone) == day], 1)


def usual_day(talks: Sequence[AgentTalk], today: date, zone: str) -> DayFigures | None:
    """The mean of the agent's own days in the four weeks before today; None where there is none."""
    past = [talk for talk in talks if today - PAST <= _day(talk, zone) < today]
    days = {_day(talk, zone) for talk in past}
    return _figures(past, len(days)) if days else None


def resolved_at_first(
    talks: Sequence[AgentTalk], contacts: Mapping[str, Sequence[datetime]], since: datetime, until: datetime
) -> Resolved:
    """Of the talks in this time with somebody known, those that no other contact followed within a week.

    `until` is a week ago or longer: what came since is not known yet.
    """
    theirs = [talk for talk in talks if talk.person and since <= talk.at < until]
    again = sum(
        any(talk.at < at <= talk.at + RESOLVED_AFTER for at in contacts.get(talk.person, ()))
        for talk in theirs
    )
    return Resolved(talks=len(theirs), resolved=len(theirs) - again)


def _figures(talks: Sequence[AgentTalk], days: int) -> DayFigures:
    return DayFigures(
        talks=len(talks) / days,
        saves=sum(talk.saved for talk in talks) / days,
        kept=sum(talk.kept for talk in talks) / days,
    )


def _day(talk: AgentTalk, zone: str) -> date:
    return talk.at.astimezone(ZoneInfo(zone)).date()
