"""A number is read, checked, hidden, and placed in its zones."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from telephony.numbers import (
    CARRIED_ALONG,
    E164,
    FICTION,
    FICTIONAL_COUNT,
    NumberError,
    NumberKind,
    fictional_numbers,
    is_fictional,
)


@pytest.mark.parametrize(
    ("text", "region", "digits"),
    [
        ("+44 20 7946 0123", None, "442079460123"),
        ("020 7946 0123", "GB", "442079460123"),
        ("(01632) 960 123", "GB", "441632960123"),
        ("07700 900461", "GB", "447700900461"),
        ("+1 212-555-0123", None, "12125550123"),
        ("0044 131 496 0000", "GB", "441314960000"),
        ("+39 06 1234 5678", None, "390612345678"),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, region: str | None, digits: str) -> None:
    assert E164.parse(text, region=region) == E164(digits)


@pytest.mark.parametrize(
    ("text", "region", "rule"),
    [
        ("", "GB", "number.unreadable"),
        ("nobody", "GB", "number.unreadable"),
        ("020 7946 0123", None, "number.no-region"),
        ("+44 20", None, "number.too-short"),
        ("+44 20 7946 0123 0123", None, "number.too-long"),
        ("+44 20 7946 0123 ext 5", None, "number.extension"),
        ("+999 123456789", None, "number.unknown-country"),
        ("7946 0123", "GB", "number.no-area-code"),
        ("+44 1632 123456", None, "number.invalid"),
        ("1" * 100, "GB", "number.too-long"),
    ],
)
def test_a_refusal_names_its_rule(text: str, region: str | None, rule: str) -> None:
    with pytest.raises(NumberError) as refusal:
        E164.parse(text, region=region)

    assert refusal.value.rule == rule


def test_a_number_shows_itself_masked_unless_asked() -> None:
    number = E164.parse("+442079460123")

    assert f"{number} {number!r}" == "+44…123 E164(+44…123)"
    assert number.e164 == "+442079460123"
    assert number.national == "020 7946 0123"


@pytest.mark.parametrize(
    ("text", "region", "kind", "zones"),
    [
        ("+442079460123", "GB", NumberKind.FIXED, ("Europe/London",)),
        ("+447700900123", "GB", NumberKind.MOBILE, ("Europe/London",)),
        ("+441632960123", "GB", NumberKind.FIXED, ("Europe/London",)),
        ("+12125550123", "US", NumberKind.FIXED_OR_MOBILE, CARRIED_ALONG["US"]),
        ("+12504340142", "CA", NumberKind.FIXED_OR_MOBILE, CARRIED_ALONG["CA"]),
        ("+61491570156", "AU", NumberKind.MOBILE, None),
    ],
)
def test_a_number_tells_its_country_kind_and_zones(
    text: str, region: str, kind: NumberKind, zones: tuple[str, ...] | None
) -> None:
    number = E164.parse(text)

    assert (number.region, number.kind) == (region, kind)
    if zones is None:  # a mobile number may be anywhere in the country
        assert {"Australia/Perth", "Australia/Sydney"} <= set(number.time_zones)
    else:
        assert number.time_zones == zones


def test_fiction_is_plentiful_different_and_always_in_the_same_order() -> None:
    numbers = fictional_numbers(10_000)

    assert FICTIONAL_COUNT == 18_000
    assert len(set(numbers)) == 10_000
    assert numbers[100:200] == fictional_numbers(100, start=100)
    assert [number.digits for number in numbers[:3]] == ["441632960000", "442079460000", "447700900000"]


def test_every_fictional_number_survives_being_written_and_read() -> None:
    for number in fictional_numbers(400):
        assert E164.parse(number.e164) == number
        assert E164.parse(number.national, region="GB") == number
        assert number.is_fictional


def test_more_fiction_than_exists_is_refused() -> None:
    for count, start in ((FICTIONAL_COUNT + 1, 0), (1, FICTIONAL_COUNT), (-1, 0), (1, -1)):
        with pytest.raises(ValueError, match="18000"):
            fictional_numbers(count, start=start)


def test_only_blocks_set_aside_are_fiction() -> None:
    assert is_fictional("+12125550199")
    assert all(is_fictional(f"{block.prefix}000") for block in FICTION)
    for real in ("442079470000", "447700800000", "12125550200", "12125551212", "44163296000"):
        assert not is_fictional(real)


#: numbers of places that area codes are often taken wrongly for, and the clocks that their owners may have
PLACED = [
    ("+13085550142", {"America/Chicago", "America/Denver"}),  # Nebraska, whose west is an hour behind
    ("+19075550142", {"America/Anchorage", "America/Adak"}),
    ("+19075810142", {"America/Anchorage"}),
    ("+16235550142", {"America/Phoenix"}),  # no summer time
    ("+16846220142", {"Pacific/Pago_Pago"}),
    ("+12195550142", {"America/Chicago"}),  # Gary, Indiana
    ("+18125550142", {"America/Chicago", "America/New_York"}),
    ("+18505550142", {"America/Chicago", "America/New_York"}),
    ("+12504340142", {"America/Vancouver", "America/Edmonton"}),
    ("+17095550142", {"America/St_Johns", "America/Halifax"}),
    ("+12125550142", {"America/Los_Angeles", "Pacific/Honolulu"}),  # taken along
    ("+351912345678", {"Europe/Lisbon", "Atlantic/Madeira", "Atlantic/Azores"}),
    ("+34612345678", {"Europe/Madrid", "Atlantic/Canary"}),
    ("+79161234567", {"Europe/Moscow", "Asia/Vladivostok"}),
]


@pytest.mark.parametrize(("text", "places"), PLACED)
def test_every_clock_that_a_numbers_owner_may_have_counts(text: str, places: set[str]) -> None:
    winter, summer = datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2026, 7, 1, 12, tzinfo=UTC)

    def clocks(zones: Iterable[str]) -> set[tuple[timedelta | None, ...]]:
        return {
            tuple(moment.astimezone(ZoneInfo(zone)).utcoffset() for moment in (winter, summer))
            for zone in zones
        }

    assert clocks(places) <= clocks(E164.parse(text).time_zones)
