"""Freezes public holidays into the rule file, so that a library's update never changes a calling day.

Run by a person who means it, with the day as argument:
`python -m docs.holiday_table 2026-11-29 > dialer/core/compliance/rules/holidays.toml`
"""

import sys
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from typing import Final

import holidays

FIRST_YEAR: Final = 2024
LAST_YEAR: Final = 2035
COUNTRIES: Final = (
    *("AT", "AU", "BE", "BG", "BR", "CA", "CH", "CY", "CZ", "DE", "DK", "EE"),
    *("ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS", "IT", "JP", "LI"),
    *("LT", "LU", "LV", "MT", "MX", "NL", "NO", "NZ", "PL", "PT", "RO", "SE"),
    *("SG", "SI", "SK", "US"),
    "ZA",
)
# Countries whose regions keep days of their own and are few enough to be kept by all: a number of the
# country does not tell the region, and a day off in one of them closes them all under strict rules.
WITH_REGIONS: Final = frozenset({"AU", "CA", "CH", "DE", "ES", "FR", "GB", "NZ"})
JUNE: Final = 6
FRIDAY: Final = 4
MIDSUMMER_EVE: Final = range(19, 26)  # the Friday among these days of June
WITH_MIDSUMMER: Final = frozenset({"FI", "SE"})


def render_holidays(*, dated: date, countries: Sequence[str] = COUNTRIES) -> str:
    """The holiday table as TOML, with its date and its source."""
    found = version("holidays")
    lines = [
        "# Written by docs.holiday_table; days are MM-DD.",
        "# `regional` are days kept somewhere in the country but not everywhere; `eves` end at noon.",
        f"dated = {dated.isoformat()}",
        f'source = "python package holidays {found}"',
        f"first_year = {FIRST_YEAR}",
        f"last_year = {LAST_YEAR}",
    ]
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    for country in countries:
        national = set(holidays.country_holidays(country, years=years))
        lines += ["", f"[countries.{country}.national]", *_by_year(national)]
        if country in WITH_REGIONS:
            regions = holidays.country_holidays(country).subdivisions
            anywhere = {
                day
                for region in regions
                for day in holidays.country_holidays(country, subdiv=region, years=years)
            }
            lines += ["", f"[countries.{country}.regional]", *_by_year(anywhere - national)]
        lines += ["", f"[countries.{country}.eves]", *_by_year(_eves(country) - national)]
    return "\n".join(lines) + "\n"


def _eves(country: str) -> set[date]:
    """The half days of the years: Christmas Eve, New Year's Eve, and what a country keeps beside them."""
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    found = {date(year, 12, day) for year in years for day in (24, 31)}
    if country in WITH_MIDSUMMER:
        june = (date(year, JUNE, day) for year in years for day in MIDSUMMER_EVE)
        found |= {day for day in june if day.weekday() == FRIDAY}
    if country == "DK":
        found |= {date(year, JUNE, 5) for year in years}  # Constitution Day: shops and offices close at noon
    return found


def _by_year(days: set[date]) -> list[str]:
    return [
        f'{year} = "{" ".join(f"{day:%m-%d}" for day in sorted(days) if day.year == year)}"'
        for year in range(FIRST_YEAR, LAST_YEAR + 1)
    ]


if __name__ == "__main__":
    sys.stdout.write(render_holidays(dated=date.fromisoformat(sys.argv[1])))
