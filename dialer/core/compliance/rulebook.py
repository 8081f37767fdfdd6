"""The rules of a place as data: hours by purpose, caps, consent, each with a date and a source.

`strict` holds its own table and the law of the number's country at once, so that it is safe where a
country has no pack. `country` holds the country's pack alone, and the strict table where there is none.
"""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

from pydantic import BaseModel, PositiveInt, ValidationError, field_validator

from callbacks.refusals import Rule
from dialer.core.compliance.residence import country_of, known_states
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
from dialer.core.toml_slip import toml_slip
from dialer.expected_input import place_of, what_was_expected

ModelT = TypeVar("ModelT", bound=BaseModel)


class Purpose(StrEnum):
    """Why the person is called; the law asks this first."""

    MARKETING = "marketing"  # any offer, to an own customer too
    SERVICE = "service"  # about the running contract, nothing is sold
    REQUESTED = "requested"  # the person asked for this call


class RulebookError(ValueError):
    """A rule file says something that cannot be read."""


class StatedLaw(BaseModel, extra="forbid", frozen=True):
    """What a law says, in words, with its source; `refuses` are the rules by which the check holds it.

    With none it is up to the centre: nothing here can tell whether it is kept.
    """

    id: str
    text: str
    source: str
    date: date
    purposes: tuple[Purpose, ...]
    refuses: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """The rules of one country, or the strict table (country None)."""

    name: str
    country: str | None
    dated: date
    law: tuple[StatedLaw, ...]
    hours: Mapping[Purpose, Hours]
    attempts_per_day: int | None = None
    attempts_per_30_days: int | None = None
    marketing_needs_consent: bool = False
    agent_only_after_abandoned: timedelta | None = None
    quiet_after_refusal: timedelta | None = None
    subdivisions: tuple["Subdivision", ...] = ()  # parts of the country whose own rules hold beside these


@dataclass(frozen=True, slots=True, kw_only=True)
class Subdivision:
    """A part of a country with narrower rules, and the digits after `+` that its numbers start with."""

    pack: Pack
    source: str
    starts: frozenset[str]
    code: str = ""  # ISO 3166-2; "" where nobody's address tells that they live there

    def holds(self, e164: str, residence: Collection[str] = ()) -> bool:
        """Whether the number began here, wherever its owner lives now, or its owner lives here."""
        return self.code in residence or e164.removeprefix("+").startswith(tuple(self.starts))


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLimits:
    """How often one number may be rung, all reasons together."""

    attempts_per_day: int = 3
    attempts_per_30_days: int = 12
    spacing: timedelta = timedelta(hours=4)
    # a requested call escapes the two caps above, never this one (research: 6 dials a number in 24 h)
    rings_per_day: int = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedHours:
    """When somebody who asked for a call is rung: at any hour soon after asking, later by day only."""

    day: tuple[CallingWindow, ...] = read_hours("Mon-Sun 08:00-21:00")  # on the person's own clock
    fresh: timedelta = timedelta(hours=1)  # for so long somebody who asked is surely awake


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """Everything the compliance check judges by."""

    strict: Pack
    packs: Mapping[str, Pack]
    calendars: Calendars
    by_country_only: bool = False
    limits: CallLimits = field(default_factory=CallLimits)
    queue: QueueHours = field(default_factory=QueueHours)
    requested: RequestedHours = field(default_factory=RequestedHours)

    def packs_for(
        self, country: str | None, e164: str = "", residence: Sequence[str] = ()
    ) -> tuple[Pack, ...]:
        """The packs in force for a number of this country whose owner lives there, all of which must agree.

        Without the number its part of the country is not known, and the country's rules alone are meant. Who
        lives in another country has that one's rules too.
        """
        countries = dict.fromkeys((country or "", *map(country_of, residence)))
        own = [self.packs[each] for each in countries if each in self.packs]
        here = [
            pack
            for each in own
            for pack in (each, *(part.pack for part in each.subdivisions if part.holds(e164, residence)))
        ]
        strict = not self.by_country_only or len(own) < len(countries)
        return (self.strict, *here) if strict else tuple(here)

    def start_digits(self, country: str | None) -> int:
        """How many first digits of a number tell which part of the country has rules for it; 0: none has."""
        own = self.packs.get(country or "")
        parts = own.subdivisions if own is not None else ()
        return max((len(start) for part in parts for start in part.starts), default=0)

    def lacks_calendar(self, country: str) -> bool:
        """Whether hours that close on holidays are in force there, and no table says which days those are."""
        return country not in self.calendars and any(
            hours.observed is not Observed.NONE
            for pack in self.packs_for(country)
            for hours in pack.hours.values()
        )


class _HoursTable(BaseModel, extra="forbid", frozen=True):
    """One purpose's hours as a rule file writes them."""

    open: str
    holidays: Observed = Observed.NONE
    eves: bool = False

    @field_validator("open")
    @classmethod
    def _readable(cls, text: str) -> str:
        if not read_hours(text):
            raise ValueError("no hours at all; write them as Mon-Fri 09:00-20:00")
        return text


class _SubdivisionTable(BaseModel, extra="forbid", frozen=True):
    """A part of a country: hours for every purpose, and the digits that its numbers start with."""

    name: str
    code: str = ""
    open: str
    holidays: Observed = Observed.NONE
    attempts_per_day: PositiveInt | None = None
    source: str
    starts: str

    @field_validator("code")
    @classmethod
    def _of_a_part(cls, code: str) -> str:
        if code not in known_states():
            raise ValueError(f"{code!r} is no part of a country that is known; write it as US-FL")
        return code

    @field_validator("open")
    @classmethod
    def _readable(cls, text: str) -> str:
        return _HoursTable(open=text).open

    @field_validator("starts")
    @classmethod
    def _digits(cls, text: str) -> str:
        if not text.split() or not all(start.isascii() and start.isdigit() for start in text.split()):
            raise ValueError("write how its numbers start, country code and all, as 1305 1786")
        return text


class _RuleFile(BaseModel, extra="forbid", frozen=True):
    """A rule file as TOML holds it; anything else in it is a mistake that would silently not be in force."""

    name: str
    country: str | None = None
    dated: date
    law: tuple[StatedLaw, ...]
    hours: dict[Purpose, _HoursTable]
    attempts_per_day: PositiveInt | None = None
    attempts_per_30_days: PositiveInt | None = None
    marketing_needs_consent: bool = False
    agent_only_after_abandoned_h: PositiveInt | None = None
    quiet_after_refusal_d: PositiveInt | None = None
    subdivision: tuple[_SubdivisionTable, ...] = ()

    @field_validator("hours")
    @classmethod
    def _complete(cls, hours: dict[Purpose, _HoursTable]) -> dict[Purpose, _HoursTable]:
        # a purpose without hours would be one that may be called at any hour
        missing = [purpose for purpose in (Purpose.MARKETING, Purpose.SERVICE) if purpose not in hours]
        if missing:
            raise ValueError(f"no hours for {' and '.join(missing)}")
        return hours

    @field_validator("law")
    @classmethod
    def _cited(cls, law: tuple[StatedLaw, ...]) -> tuple[StatedLaw, ...]:
        if not law:
            raise ValueError("no law and no source at all; write what these hours follow from")
        return law


class _CountryHolidays(BaseModel, extra="forbid", frozen=True):
    national: dict[int, str]
    regional: dict[int, str] = {}
    eves: dict[int, str] = {}


class _HolidayFile(BaseModel, extra="forbid", frozen=True):
    dated: date
    source: str
    first_year: int
    last_year: int
    countries: dict[str, _CountryHolidays]


def read_pack(text: str) -> Pack:
    """Read one rule file (TOML); raises `RulebookError` for whatever is missing, unknown or unreadable."""
    file = _read(_RuleFile, text)
    return Pack(
        name=file.name,
        country=file.country,
        dated=file.dated,
        law=file.law,
        hours={
            purpose: Hours(windows=read_hours(table.open), observed=table.holidays, eves=table.eves)
            for purpose, table in file.hours.items()
        },
        attempts_per_day=file.attempts_per_day,
        attempts_per_30_days=file.attempts_per_30_days,
        marketing_needs_consent=file.marketing_needs_consent,
        agent_only_after_abandoned=_span(file.agent_only_after_abandoned_h, timedelta(hours=1)),
        quiet_after_refusal=_span(file.quiet_after_refusal_d, timedelta(days=1)),
        subdivisions=tuple(_subdivision(file, table) for table in file.subdivision),
    )


def _subdivision(file: _RuleFile, table: _SubdivisionTable) -> Subdivision:
    hours = Hours(windows=read_hours(table.open), observed=table.holidays)
    return Subdivision(
        pack=Pack(
            name=table.name,
            country=file.country,
            dated=file.dated,
            law=file.law,
            hours={Purpose.MARKETING: hours, Purpose.SERVICE: hours},
            attempts_per_day=table.attempts_per_day,
        ),
        source=table.source,
        starts=frozenset(table.starts.split()),
        code=table.code,
    )


def _span(number: int | None, unit: timedelta) -> timedelta | None:
    return number * unit if number is not None else None


def read_calendars(text: str) -> dict[str, Calendar]:
    """Read the holiday table (TOML): country, then `national`, `regional`, `eves`, then year to days MM-DD.

    Raises `RulebookError` for whatever is missing, unknown or unreadable.
    """
    file = _read(_HolidayFile, text)
    return {
        country: Calendar(
            first_year=file.first_year,
            last_year=file.last_year,
            national=_read_days(table.national),
            regional=_read_days(table.regional),
            eves=_read_days(table.eves),
        )
        for country, table in file.countries.items()
    }


def _read_days(years: Mapping[int, str]) -> frozenset[date]:
    try:
        return frozenset(
            date.fromisoformat(f"{year}-{day}") for year, days in years.items() for day in days.split()
        )
    except ValueError as wrong:
        raise RulebookError(f"not a day: {wrong}") from None


def _read(shape: type[ModelT], text: str) -> ModelT:
    """The file in its shape; raises `RulebookError` that names every wrong entry."""
    try:
        values = tomllib.loads(text)
        return shape.model_validate(values)
    except tomllib.TOMLDecodeError as wrong:
        raise RulebookError(f"not TOML: {toml_slip(wrong, text)}") from None
    except ValidationError as invalid:
        faults = [(place_of(fault["loc"], values), what_was_expected(fault)) for fault in invalid.errors()]
        raise RulebookError("; ".join(f"{entry}: {wrong}" for entry, wrong in faults)) from None


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
