"""Parts of a country with narrower rules: a number that began there keeps them, whoever has it now."""

from datetime import UTC, datetime, timedelta

import pytest
from phonenumbers import PhoneNumber
from phonenumbers.geocoder import description_for_number

from callbacks.refusals import Refusal, Rule
from dialer.core.compliance.check import ComplianceFacts, judge
from dialer.core.compliance.rule_packs import packaged_rulebook
from dialer.core.compliance.rulebook import Purpose, RulebookError, read_pack

COUNTRY = packaged_rulebook("country")
STATES = COUNTRY.packs["US"].subdivisions
#: how the number library writes of a city with an area code of its own
CITIES = {
    "FL": "Florida",
    "PA": "Pennsylvania",
    "TX": "Texas",
    "UT": "Utah",
    "Washington State": "Washington",
}


def american(number: str, zone: str = "America/New_York", **facts: object) -> ComplianceFacts:
    values: dict[str, object] = {"purpose": Purpose.MARKETING, "country": "US", "zones": (zone,), **facts}
    return ComplianceFacts(number=number, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("number", "zone", "moment", "opens"),
    [
        # Florida ends at 20: half past in New York is closed there, and open to its neighbour Georgia
        ("+13055550100", "America/New_York", "2026-06-10T00:30Z", "2026-06-10T12:00Z"),
        ("+14045550100", "America/New_York", "2026-06-10T00:30Z", None),
        # Texas opens at noon on Sundays, at 9 on other days
        ("+15125550100", "America/Chicago", "2026-06-07T15:00Z", "2026-06-07T17:00Z"),
        ("+15125550100", "America/Chicago", "2026-06-08T13:30Z", "2026-06-08T14:00Z"),
        ("+15125550100", "America/Chicago", "2026-06-08T15:00Z", None),
        # Rhode Island's Saturday, and no call on a Sunday in Alabama
        ("+14015550100", "America/New_York", "2026-06-06T21:30Z", "2026-06-08T13:00Z"),
        ("+12055550100", "America/Chicago", "2026-06-07T18:00Z", "2026-06-08T13:00Z"),
    ],
)
def test_a_number_that_began_in_a_narrower_state_keeps_its_hours(
    number: str, zone: str, moment: str, opens: str | None
) -> None:
    refused = judge(american(number, zone), COUNTRY, datetime.fromisoformat(moment))

    assert refused == (
        Refusal(rule=Rule.HOURS_CLOSED, until=datetime.fromisoformat(opens)) if opens is not None else None
    )


def test_a_state_closes_on_holidays_where_the_country_does_not() -> None:
    independence_day_observed = datetime(2026, 7, 3, 17, tzinfo=UTC)

    alabama = judge(american("+12055550100", "America/Chicago"), COUNTRY, independence_day_observed)
    assert alabama is not None
    assert Rule.HOURS_HOLIDAY is alabama.rule
    assert None is judge(american("+13125550100", "America/Chicago"), COUNTRY, independence_day_observed)


def test_the_fourth_call_of_a_day_is_refused_where_a_state_says_three() -> None:
    now = datetime(2026, 6, 10, 18, tzinfo=UTC)
    rings = tuple(now - timedelta(hours=hours) for hours in (3, 2, 1))
    # the house's own cap lies higher; spacing is left out, since each of these was agreed
    own = COUNTRY.limits.__class__(attempts_per_day=6)
    rules = COUNTRY.__class__(
        strict=COUNTRY.strict,
        packs=COUNTRY.packs,
        calendars=COUNTRY.calendars,
        by_country_only=True,
        limits=own,
    )

    refused = judge(american("+13055550100", rings=rings, asked_again=True), rules, now)
    assert refused is not None
    assert Rule.CAP_DAY is refused.rule
    assert None is judge(american("+14045550100", rings=rings, asked_again=True), rules, now)


def test_every_area_code_belongs_to_the_state_that_claims_it() -> None:
    """Against the number library's own table, which another house keeps."""
    for state in STATES:
        for start in state.starts:
            number = PhoneNumber(country_code=1, national_number=int(start[1:]) * 10**7 + 5_550_100)
            place = description_for_number(number, "en").rpartition(", ")[2]
            assert state.pack.name == CITIES.get(place, place), start


def test_no_area_code_is_claimed_twice_and_none_of_a_state_is_left_out() -> None:
    claimed = [start for state in STATES for start in state.starts]
    assert len(claimed) == len(set(claimed))

    names = {state.pack.name for state in STATES}
    for area in range(201, 990):
        number = PhoneNumber(country_code=1, national_number=area * 10**7 + 5_550_100)
        place = description_for_number(number, "en").rpartition(", ")[2]
        if CITIES.get(place, place) in names:
            assert f"1{area}" in claimed, place


@pytest.mark.parametrize(
    ("line", "match"),
    [
        ('starts = "305-1"', 'subdivision "A part".starts.*1305 1786'),
        ('starts = "1305 Miami"', 'subdivision "A part".starts'),
        ('starts = ""', 'subdivision "A part".starts'),
        ('starts = "1305"\nopens = "x"', 'subdivision "A part".opens'),
    ],
)
def test_a_subdivision_that_cannot_be_read_is_refused_by_name(line: str, match: str) -> None:
    text = f"""
name = "Somewhere"
country = "XX"
dated = 2026-01-01
[hours.marketing]
open = "Mon-Fri 09:00-20:00"
[hours.service]
open = "Mon-Fri 09:00-20:00"
[[law]]
id = "xx.hours"
text = "By day only."
source = "a law"
date = 2026-01-01
purposes = ["marketing"]
refuses = ["hours.closed"]
[[subdivision]]
name = "A part"
open = "Mon-Fri 10:00-12:00"
source = "its law"
{line}
"""
    with pytest.raises(RulebookError, match=match):
        read_pack(text)
