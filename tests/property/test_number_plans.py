"""Compiled numbering plans say what phonenumbers says, of every number they answer for."""

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from phonenumbers import PhoneMetadata
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_number
from phonenumbers.tzdata import TIMEZONE_DATA

from telephony.number_plans import known_number, plain_number
from telephony.numbers import CARRIED_ALONG, E164

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
EXAMPLES = [
    (region, phonenumbers.national_significant_number(number))
    for region in REGIONS
    for kind in range(11)
    if (number := phonenumbers.example_number_for_type(region, kind)) is not None
]

PLANS = {region: PhoneMetadata.metadata_for_region(region, None) for region in REGIONS}
TRUNKS = {region: (plan and plan.national_prefix) or "" for region, plan in PLANS.items()}


@st.composite
def written(draw: st.DrawFn) -> tuple[str, str]:
    """A number near one that exists, as people at home or abroad write it, and where it is read."""
    region, national = draw(st.sampled_from(EXAMPLES))
    digits = list(national)
    for place in draw(st.lists(st.integers(0, len(digits) - 1), max_size=4)):
        digits[place] = draw(st.sampled_from("0123456789"))
    code, trunk = str(phonenumbers.country_code_for_region(region)), TRUNKS[region]
    before = draw(st.sampled_from(["", trunk, f"+{code}", f"00{code}", f"+{code}{trunk}", code, "0", "1"]))
    text = before + "".join(digits) + draw(st.sampled_from(["", "", "", "3"]))
    for place in sorted(draw(st.lists(st.integers(0, len(text)), max_size=3)), reverse=True):
        text = text[:place] + draw(st.sampled_from(" -().")) + text[place:]
    return text, draw(st.sampled_from([region, region, *REGIONS]))


@given(written())
@example(("47123456", "NO"))  # begins as the country's own code does
@example(("0085281123456", "HK"))  # 00 leads abroad only with the digits behind it
@example(("18002030123456", "GB"))
@example(("0612345678", "IT"))  # the zero belongs to the number
def test_a_plain_number_is_what_phonenumbers_reads(case: tuple[str, str]) -> None:
    text, region = case
    found = plain_number(text, region)
    if found is None:
        return
    number = phonenumbers.parse(text, region)
    said = (
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        phonenumbers.region_code_for_number(number),
        phonenumbers.number_type(number),
    )
    assert (f"+{found.digits}", found.region, found.kind) == said
    assert phonenumbers.is_valid_number(number)
    assert phonenumbers.is_possible_number(number)
    assert known_number(found.digits) == found


@given(written())
@example(("5062345678", "CA"))  # taken along by whoever moves: every zone of the country
def test_zones_by_prefix_are_those_of_phonenumbers_or_all_where_numbers_move(case: tuple[str, str]) -> None:
    found = plain_number(*case)
    if found is None:
        return
    number = phonenumbers.parse(f"+{found.digits}")
    zones = set(time_zones_for_number(number))
    if UNKNOWN_TIMEZONE in zones:
        zones = set(TIMEZONE_DATA.get(str(number.country_code), ()))
    known, everywhere = set(E164(found.digits).time_zones), CARRIED_ALONG.get(found.region)
    if everywhere is None:
        assert known == zones - {UNKNOWN_TIMEZONE}
    else:
        assert known == set(everywhere)


@pytest.mark.parametrize("region", REGIONS)
def test_an_example_of_every_country_is_answered_without_asking_phonenumbers(region: str) -> None:
    number = phonenumbers.example_number(region)
    assert number is not None
    assert plain_number(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), None)


def test_what_is_not_plainly_written_is_left_to_phonenumbers() -> None:
    for text in ("020 7946 0603 ext 4", "020/79460603", "", "+", "tel:02079460603", "٠٢٠٧٩٤٦٠٦٠٣"):
        assert plain_number(text, "GB") is None
