"""Where an address says that somebody lives settles their clock and their state's rules, or adds to them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from phonenumbers import PhoneNumber
from phonenumbers.geocoder import description_for_number
from phonenumbers.timezone import time_zones_for_geographical_number

from callbacks.refusals import Rule
from dialer.core.compliance.check import ComplianceFacts, judge
from dialer.core.compliance.residence import known_states, possible_zones, zones_of
from dialer.core.compliance.rule_packs import packaged_rulebook
from dialer.core.compliance.rulebook import Purpose, RulebookError, read_pack
from dialer.core.importing.addresses import (
    is_state,
    looks_like_postcode,
    read_country,
    read_residence,
)
from telephony.numbers import CARRIED_ALONG

US = CARRIED_ALONG["US"]
LATELY_GIVEN = {474}  # to Saskatchewan; the library has the clock of a neighbour that changes its own
LONDON = ("Europe/London",)


@pytest.mark.parametrize(
    ("state", "postcode", "country", "number", "residence"),
    [
        ("CA", "90210", "USA", "+121", "US-CA"),
        ("texas", "", "", "+121", "US-TX"),
        ("Ohio", "", "", "+479", "US-OH"),  # no other country has a state of this name
        ("US-TX", "", "", "+121", "US-TX"),
        ("", "2134", "United States", "", "US-MA"),  # the spreadsheet took its zero away
        ("", "02134-1001", "", "+121", "US-MA"),
        ("", "021341001", "", "+121", "US-MA"),
        ("", "2134.0", "", "+121", "US-MA"),
        ("", "96799", "", "+168", "US-AS"),  # within Hawaii's range
        ("", "96801", "", "+180", "US-HI"),
        ("", "20101", "", "+120", "US-VA"),
        ("", "k1a 0b1", "Kanada", "", "CA-ON"),
        ("", "X0A 0H0", "", "+186", "CA-NU"),
        ("", "X1A 1C5", "", "+186", "CA-NT"),
        # a range of postcodes ends with its last one
        ("", "06999", "US", "", "US-CT"),
        ("", "07001", "US", "", "US-NJ"),
        ("", "N2L 3G1", "CA", "", "CA-ON"),
        ("", "O2L 3G1", "CA", "", "CA"),
        ("", "X0C 0A1", "CA", "", "CA-NU"),
        ("", "X0D 0A1", "CA", "", "CA"),
        ("ON", "", "", "+141", "CA-ON"),
        ("ON", "", "", "+121", "CA-ON"),  # a number from New York taken along to Canada
        ("Québec", "", "", "+151", "CA-QC"),
        ("WA", "", "", "+614", "AU-WA"),
        ("WA", "", "", "+120", "US-WA"),
        ("", "800", "Australia", "", "AU-NT"),
        ("SP", "01310-100", "Brasil", "+551", "BR-SP"),
        ("", "1310100", "Brazil", "+551", "BR-SP"),
        ("", "01310-100", "Brasil", "", "BR-SP"),
        ("", "K1A-0B1", "Canada", "", "CA-ON"),
        ("", "21341001", "US", "", "US-MA"),  # ZIP+4 as a number, its zero gone
        ("", "12345-678", "US", "", "US"),  # no ZIP+4
        ("", "501", "US", "", "US-NY"),  # two zeros gone
        ("NSW", "", "", "+479", None),  # three letters say too little where the country is another
        # what contradicts itself counts as all that it says
        ("CA", "89101", "US", "+121", "US-CA US-NV"),
        ("Ontario", "", "USA", "+121", "CA-ON US"),
        # a country alone
        ("", "", "Norge", "+479", "NO"),
        ("Bayern", "80331", "Deutschland", "+498", "DE"),
        ("", "", "Yhdysvallat", "", "US"),
        ("", "", "Vereinigte Staaten", "", "US"),
        ("", "", "gb", "", "GB"),
        # nothing
        ("", "", "", "+121", None),
        ("N/A", "-", "ukjent", "+121", None),
        ("CA", "", "", "+479", None),  # of Norway no states are known
        ("XX", "00000", "", "+121", None),
        ("", "1234567", "", "+121", None),
        ("", "12", "", "+121", None),
    ],
)
def test_an_address_is_read_as_people_write_it(
    state: str, postcode: str, country: str, number: str, residence: str | None
) -> None:
    assert residence == read_residence(state, postcode, country, number, "GB")


def test_without_country_and_number_the_centres_own_country_is_meant() -> None:
    assert "US-WA" == read_residence("WA", "", "", "", "US")
    assert "AU-WA" == read_residence("WA", "", "", "", "AU")
    assert "CA-NT" == read_residence("NT", "", "", "", "US")  # the neighbour that shares its numbers
    assert "US-WA" == read_residence("WA", "", "", "+120", "US")
    assert "CA-ON" == read_residence("ON", "", "", "+141", "CA")
    assert None is read_residence("WA", "", "", "", "NO")


def test_columns_are_told_by_what_their_cells_say() -> None:
    assert is_state("nsw")
    assert is_state("US-CA")
    assert not is_state("active")
    assert looks_like_postcode("K1A 0B1")
    assert looks_like_postcode("02134.0")
    assert looks_like_postcode("02134-1001")
    assert looks_like_postcode("101")
    assert looks_like_postcode("1234567890")
    assert not looks_like_postcode("Leeds")
    assert not looks_like_postcode("12")
    assert not looks_like_postcode("12345678901")
    assert None is read_country("North")


@pytest.mark.parametrize(
    ("country", "by_number", "stated", "residence", "zones"),
    [
        ("US", US, None, (), US),
        ("US", US, "America/Denver", (), ("America/Denver",)),
        ("US", US, None, ("US",), US),  # that says nothing new
        ("US", US, None, ("US-CA",), ("America/Los_Angeles",)),
        ("US", US, None, ("US-TX",), ("America/Chicago", "America/Denver")),
        ("US", US, "America/Denver", ("US-TX",), ("America/Denver",)),  # the part of Texas that it is
        ("US", US, "America/New_York", ("US-CA",), ("America/Los_Angeles", "America/New_York")),
        ("US", US, None, ("US-CA", "US-NY"), ("America/Los_Angeles", "America/New_York")),
        (
            "US",
            ("America/Denver",),
            None,
            ("US-CA", "NO"),
            ("America/Denver", "America/Los_Angeles", "Europe/Oslo"),
        ),
        ("US", US, None, ("CA-SK",), tuple(sorted({*US, "America/Edmonton", "America/Regina"}))),
        ("GB", LONDON, None, ("NO",), ("Europe/London", "Europe/Oslo")),
        ("GB", LONDON, "Europe/Oslo", ("NO",), ("Europe/Oslo",)),
        ("GB", LONDON, None, ("XX",), LONDON),
    ],
)
def test_an_address_settles_the_clock_and_a_contradiction_counts_all(
    country: str,
    by_number: tuple[str, ...],
    stated: str | None,
    residence: tuple[str, ...],
    zones: tuple[str, ...],
) -> None:
    assert zones == possible_zones(country, by_number, stated, residence)


def test_a_states_clocks_are_those_of_its_area_codes() -> None:
    """Against the number library's tables, which another house keeps: by the offset all year round."""
    looked_at = set()
    for code in sorted(set(range(201, 990)) - LATELY_GIVEN):
        asked = PhoneNumber(country_code=1, national_number=code * 10**7 + 5_550_100)
        place = description_for_number(asked, "en").rpartition(", ")[2]
        found = [state for state in known_states().values() if state.code[:2] in {"US", "CA"}]
        state = next((each for each in found if place in {each.names[0], each.code[3:]}), None)
        if state is None or place == "Washington":  # the city, by the library's own words
            continue
        clocks = {_year(zone) for zone in state.zones}
        # an area code that lies in two states is given to one of them
        assert clocks & {_year(zone) for zone in time_zones_for_geographical_number(asked)}, place
        looked_at.add(state.code)
    assert len(looked_at) > 50


def _year(zone: str) -> tuple[float, ...]:
    days = (datetime(2026, month, 15, 12, tzinfo=UTC).astimezone(ZoneInfo(zone)) for month in (1, 7))
    return tuple(day.utcoffset().total_seconds() for day in days)  # type: ignore[union-attr] # aware


def test_every_zone_and_every_state_with_rules_is_known() -> None:
    for state in known_states().values():
        for zone in state.zones:
            ZoneInfo(zone)
    parts = {part.code for part in packaged_rulebook().packs["US"].subdivisions}
    assert parts < known_states().keys()
    assert zones_of("NO") == ("Europe/Oslo",)


def facts(number: str, country: str, zones: tuple[str, ...], *residence: str) -> ComplianceFacts:
    return ComplianceFacts(
        purpose=Purpose.MARKETING, number=number, country=country, zones=zones, residence=residence
    )


def test_who_lives_in_a_narrower_state_has_its_rules_whatever_the_number() -> None:
    rules = packaged_rulebook("country")
    half_past_eight_in_the_evening = datetime(2026, 6, 10, 0, 30, tzinfo=UTC)
    eastern = ("America/New_York",)

    assert None is judge(facts("+12125550100", "US", eastern), rules, half_past_eight_in_the_evening)
    refused = judge(facts("+12125550100", "US", eastern, "US-FL"), rules, half_past_eight_in_the_evening)
    assert refused is not None
    assert Rule.HOURS_CLOSED is refused.rule


def test_who_lives_abroad_has_the_rules_and_holidays_of_both_countries() -> None:
    rules = packaged_rulebook("country")
    zones = ("Europe/London", "Europe/Oslo")
    constitution_day = datetime(2027, 5, 17, 12, tzinfo=UTC)  # of Norway, a Monday

    assert None is judge(facts("+442079460001", "GB", zones), rules, constitution_day)
    refused = judge(facts("+442079460001", "GB", zones, "NO"), rules, constitution_day)
    assert refused is not None
    assert Rule.HOURS_HOLIDAY is refused.rule
    # a country without rules of its own gets the strict ones
    names = [pack.name for pack in rules.packs_for("GB", "", ("JP",))]
    assert ["strict", "United Kingdom"] == names


def test_a_part_that_nobody_knows_stops_the_rule_file() -> None:
    with pytest.raises(RulebookError, match="'US-XX' is no part of a country that is known"):
        read_pack(
            'name = "United States"\ncountry = "US"\ndated = 2026-01-01\n'
            '[hours.marketing]\nopen = "Mon-Fri 09:00-20:00"\n[hours.service]\nopen = "Mon-Fri 09:00-20:00"\n'
            '[[law]]\nid = "us.x"\ntext = "x"\nsource = "x"\ndate = 2026-01-01\npurposes = []\nrefuses = []\n'
            '[[subdivision]]\nname = "Nowhere"\ncode = "US-XX"\nopen = "Mon-Fri 09:00-20:00"\n'
            'source = "x"\nstarts = "1999"\n'
        )
