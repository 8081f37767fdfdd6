"""The rules of a place as data: hours by purpose, caps, consent, each with a date and a source.

`strict` holds its own table and the law of the number's country at once, so that it is safe where a
country has no pack. `country` holds the country's pack alone, and the strict table where there is none.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from dialer.core.compliance.windows import (
    DAYS,
    Calendar,
    Calendars,
    CallingWindow,
    Hours,
    Observed,
    QueueHours,
    read_hours,
)


class Purpose(StrEnum):
    """Why the person is called; the law asks this first."""

    MARKETING = "marketing"  # any offer, to an own customer too
    SERVICE = "service"  # about the running contract, nothing is sold
    REQUESTED = "requested"  # the person asked for this call


class RulebookError(ValueError):
    """A rule file says something that cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """The rules of one country, or the strict table (country None)."""

    name: str
    country: str | None
    dated: date
    sources: tuple[str, ...]
    hours: Mapping[Purpose, Hours]
    attempts_per_day: int | None = None
    attempts_per_30_days: int | None = None
    marketing_needs_consent: bool = False
    agent_only_after_abandoned: timedelta | None = None
    quiet_after_refusal: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLimits:
    """How often one number may be rung, all reasons together."""

    attempts_per_day: int = 3
    attempts_per_30_days: int = 12
    spacing: timedelta = timedelta(hours=4)
    # a requested call escapes the two caps above, never this one (research: 6 dials a number in 24 h)
    rings_per_day: int = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """Everything the compliance check judges by."""

    strict: Pack
    packs: Mapping[str, Pack]
    calendars: Calendars
    by_country_only: bool = False
    limits: CallLimits = field(default_factory=CallLimits)
    queue: QueueHours = field(default_factory=QueueHours)

    def packs_for(self, country: str | None) -> tuple[Pack, ...]:
        """The packs in force for a number of this country, every one of which must agree."""
        own = self.packs.get(country or "")
        if own is None:
            return (self.strict,)
        return (own,) if self.by_country_only else (self.strict, own)


_KNOWN: Final = frozenset(
    {
        "name",
        "country",
        "dated",
        "sources",
        "hours",
        "attempts_per_day",
        "attempts_per_30_days",
        "marketing_needs_consent",
        "agent_only_after_abandoned_h",
        "quiet_after_refusal_d",
    }
)


def read_pack(text: str) -> Pack:
    """Read one rule file (TOML); raises `RulebookError` for anything it does not know."""
    plain = tomllib.loads(text)
    if strange := set(plain) - _KNOWN:
        raise RulebookError(f"a rule file does not know {sorted(strange)}")
    try:
        return Pack(
            name=plain["name"],
            country=plain.get("country"),
            dated=plain["dated"],
            sources=tuple(plain["sources"]),
            hours=_read_purposes(plain["hours"]),
            attempts_per_day=plain.get("attempts_per_day"),
            attempts_per_30_days=plain.get("attempts_per_30_days"),
            marketing_needs_consent=plain.get("marketing_needs_consent", False),
            agent_only_after_abandoned=_span(plain, "agent_only_after_abandoned_h", timedelta(hours=1)),
            quiet_after_refusal=_span(plain, "quiet_after_refusal_d", timedelta(days=1)),
        )
    except KeyError as missing:
        raise RulebookError(f"a rule file needs {missing}") from None


def _span(plain: Mapping[str, Any], key: str, unit: timedelta) -> timedelta | None:
    return plain[key] * unit if key in plain else None


def _read_purposes(plain: Mapping[str, Mapping[str, str]]) -> dict[Purpose, Hours]:
    read: dict[Purpose, Hours] = {}
    for purpose, table in plain.items():
        try:
            hours = Hours(windows=read_hours(table["open"]), observed=Observed(table.get("holidays", "none")))
            read[Purpose(purpose)] = hours
        except ValueError as wrong:
            raise RulebookError(f"hours.{purpose}: {wrong}") from None
    return read


def read_calendars(text: str) -> dict[str, Calendar]:
    """Read the holiday table (TOML): country, then `national` and `regional`, then year to days MM-DD."""
    plain = tomllib.loads(text)
    first, last = plain["first_year"], plain["last_year"]
    return {
        country: Calendar(
            first_year=first,
            last_year=last,
            national=_read_days(table["national"]),
            regional=_read_days(table.get("regional", {})),
        )
        for country, table in plain["countries"].items()
    }


def _read_days(years: Mapping[str, str]) -> frozenset[date]:
    return frozenset(
        date.fromisoformat(f"{year}-{day}") for year, days in years.items() for day in days.split()
    )


def say_hours(windows: tuple[CallingWindow, ...]) -> str:
    """Windows as people write them, and as `read_hours` reads them."""
    return ", ".join(
        f"{days} {_clock(window.opens)}-{_clock(window.closes)}"
        for window in windows
        for days in _say_days(window.days)
    )


def _say_days(days: frozenset[int]) -> list[str]:
    """Runs of days: Mon-Fri, Sun."""
    said = []
    for day in sorted(days):
        if day - 1 in days:
            continue
        last = day
        while last + 1 in days:
            last += 1
        said.append(DAYS[day].title() if last == day else f"{DAYS[day].title()}-{DAYS[last].title()}")
    return said


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
