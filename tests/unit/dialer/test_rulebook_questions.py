"""What is asked of a rulebook beside the packs in force, and the product's own limits."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.core.compliance.rule_packs import packaged_rulebook
from dialer.core.compliance.rulebook import (
    CallLimits,
    RequestedHours,
    Rulebook,
    RulebookError,
    read_pack,
    say_hours,
)
from dialer.core.compliance.windows import CallingWindow, read_hours

COUNTRY = packaged_rulebook("country")
STRICT = packaged_rulebook()


def test_as_many_first_digits_tell_a_state_as_its_longest_start_has() -> None:
    us = COUNTRY.packs["US"]
    longer = replace(us.subdivisions[0], starts=frozenset({"1", "120555"}))

    assert 4 == COUNTRY.start_digits("US")
    assert 0 == COUNTRY.start_digits("GB")
    assert 0 == COUNTRY.start_digits(None)
    wider = replace(COUNTRY, packs={"US": replace(us, subdivisions=(longer,))})
    assert 6 == wider.start_digits("US")


def test_a_country_lacks_a_calendar_where_its_hours_close_on_holidays_that_nobody_knows() -> None:
    bare = replace(COUNTRY, calendars={})

    assert not STRICT.lacks_calendar("GB")
    assert STRICT.lacks_calendar("QQ")
    assert bare.lacks_calendar("NO")  # its marketing closes, its service calls do not
    assert not bare.lacks_calendar("CA")


def test_the_packs_are_the_strict_one_and_the_countrys_or_the_countrys_alone() -> None:
    def names(country: str | None, *told: str, strict: bool = True) -> list[str]:
        book = STRICT if strict else COUNTRY
        return [pack.name for pack in book.packs_for(country, *told)]

    assert ["strict", "Norway"] == names("NO")
    assert ["Norway"] == names("NO", strict=False)
    assert ["strict"] == names("QQ") == names(None) == names("QQ", strict=False)
    assert ["United States", "Florida"] == names("US", "+13055550100", strict=False)


def test_the_products_own_limits_are_these() -> None:
    limits, requested = CallLimits(), RequestedHours()

    assert (3, 12, 6) == (limits.attempts_per_day, limits.attempts_per_30_days, limits.rings_per_day)
    assert (timedelta(hours=4), timedelta(hours=1)) == (limits.spacing, requested.fresh)
    assert read_hours("Mon-Sun 08:00-21:00") == requested.day


def test_days_that_do_not_follow_each_other_are_said_one_by_one() -> None:
    window = CallingWindow(days=frozenset({0, 1, 4}), opens=9 * 60, closes=17 * 60 + 30)

    assert "Mon-Tue 09:00-17:30, Fri 09:00-17:30" == say_hours((window,))


def test_a_rule_file_that_cites_no_law_is_refused() -> None:
    with pytest.raises(RulebookError, match="no law and no source at all"):
        read_pack(
            'name = "x"\ndated = 2026-01-01\nlaw = []\n[hours.marketing]\nopen = "Mon-Fri 09:00-20:00"\n'
            '[hours.service]\nopen = "Mon-Fri 09:00-20:00"\n'
        )


def test_both_tables_are_asked_where_nothing_else_is_said() -> None:

    unsaid = Rulebook(strict=STRICT.strict, packs=STRICT.packs, calendars=STRICT.calendars)

    assert unsaid.packs_for("SE") == (STRICT.strict, STRICT.packs["SE"])
