"""Rule files: data with a date and a source, read strictly."""

from dataclasses import replace
from datetime import date, timedelta
from importlib import resources
from importlib.metadata import version

import pytest

from dialer.core.compliance.rule_packs import COUNTRIES, packaged_rulebook
from dialer.core.compliance.rulebook import Purpose, RulebookError, read_pack, say_hours
from dialer.core.compliance.windows import read_hours
from docs.holiday_table import FIRST_YEAR, LAST_YEAR, render_holidays

PACK = """
name = "Somewhere"
country = "XX"
dated = 2026-01-01
sources = ["a law"]
agent_only_after_abandoned_h = 72
[hours.marketing]
open = "Mon-Fri 09:00-20:00"
holidays = "national"
"""


def test_every_packaged_file_says_where_it_comes_from_and_since_when() -> None:
    rulebook = packaged_rulebook()

    assert {country.upper() for country in COUNTRIES} == set(rulebook.packs)
    for pack in (rulebook.strict, *rulebook.packs.values()):
        assert pack.sources
        assert date(2016, 1, 1) < pack.dated <= date(2026, 12, 31)
        assert {Purpose.MARKETING, Purpose.SERVICE} <= set(pack.hours)
        assert Purpose.REQUESTED not in pack.hours  # a requested call keeps the queue's hours


def test_every_country_with_a_pack_has_a_calendar() -> None:
    rulebook = packaged_rulebook()

    assert set(rulebook.packs) <= set(rulebook.calendars)
    assert date(2026, 5, 17) in rulebook.calendars["NO"].national
    assert date(2026, 12, 28) in rulebook.calendars["GB"].national
    assert date(2026, 6, 4) in rulebook.calendars["DE"].regional
    assert (2024, 2035) == (rulebook.calendars["NO"].first_year, rulebook.calendars["NO"].last_year)


def test_the_holiday_table_is_what_its_source_says() -> None:
    """The file is frozen; only where the library is the very one it was made with can it be compared."""
    frozen = resources.files("dialer.core.compliance.rules").joinpath("holidays.toml").read_text("utf-8")
    made_with = f'source = "python package holidays {version("holidays")}"'
    fresh = render_holidays(dated=date(2026, 11, 22))

    assert fresh.count("\n") == frozen.count("\n")
    assert made_with not in frozen or fresh == frozen
    assert LAST_YEAR - FIRST_YEAR >= 9


def test_strict_rules_apply_with_the_countrys_own_and_alone_elsewhere() -> None:
    strict, country = packaged_rulebook("strict"), packaged_rulebook("country")

    assert (strict.strict, strict.packs["NO"]) == strict.packs_for("NO")
    assert (country.packs["NO"],) == country.packs_for("NO")
    assert (strict.strict,) == strict.packs_for("SE") == country.packs_for(None)


def test_a_pack_is_read_with_its_spans() -> None:
    pack = read_pack(PACK)

    assert timedelta(hours=72) == pack.agent_only_after_abandoned
    assert pack.quiet_after_refusal is None


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("name =", "nmae =", "nmae"),
        ("dated = 2026-01-01", "", "dated"),
        ('"Mon-Fri 09:00-20:00"', '"Mon-Fri 9 to 20"', "hours.marketing"),
        ("[hours.marketing]", "[hours.fun]", "fun"),
        ('"national"', '"sometimes"', "sometimes"),
    ],
)
def test_a_rule_file_with_a_mistake_is_refused_by_name(old: str, new: str, match: str) -> None:
    with pytest.raises(RulebookError, match=match):
        read_pack(PACK.replace(old, new))


def test_hours_are_said_as_they_are_read() -> None:
    windows = read_hours("Mon-Tue 09:00-20:00, Sat 10:00-16:30")
    said = say_hours(windows)

    assert "Mon-Tue 09:00-20:00, Sat 10:00-16:30" == said
    assert windows == read_hours(said)
    assert "Mon 00:00-24:00, Wed 00:00-24:00" == say_hours(
        (replace(windows[0], days=frozenset({0, 2}), opens=0, closes=1440),)
    )
