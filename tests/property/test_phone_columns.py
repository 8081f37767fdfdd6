"""A column of numbers read at once says what each cell read alone says, whatever the country."""

from itertools import product

import phonenumbers
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.core.importing import phone_columns
from dialer.core.importing.phone_cells import REGIONS, read_phone_cell
from dialer.core.importing.phone_columns import read_phone_column
from dialer.services.customers.dialing_regions import number_facts
from telephony.number_plans import plan_of, plans_for
from telephony.numbers import fictional_numbers

regions = st.sampled_from([*REGIONS, "CA", "GG", "SJ", "MX", "AR", "ID", "CN", "JP", "RU", "KZ", "SM", "IN"])
KINDS = tuple(range(11))


@pytest.fixture(autouse=True)
def _every_column_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phone_columns, "FEWEST_AT_ONCE", 1)


@st.composite
def cells(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A country, and cells that are numbers of it or nearly so."""
    region = draw(regions)
    plan = plan_of(region)
    assert plan is not None
    written = []
    for kind in draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=4)):
        example = phonenumbers.example_number_for_type(region, kind)
        national = phonenumbers.national_significant_number(example) if example else "123456789"
        tail = draw(st.integers(0, 7))
        kept = len(national) - tail
        digits = national[:kept] + draw(st.text("0123456789", min_size=max(0, tail - 1), max_size=tail + 1))
        start = draw(
            st.sampled_from(["", plan.trunk, f"+{plan.code}", f"00{plan.code}", plan.code, "+", "00", "0"])
        )
        part = draw(st.integers(0, len(digits)))
        written.append(
            f"{start}{digits[:part]}{draw(st.sampled_from(['', ' ', ')', ' (', '-']))}{digits[part:]}"
        )
    return region, [
        *written,
        draw(st.sampled_from(["", "n/a", "0", "020 7946 0001", "07400 000123", "+4741000001"])),
    ]


@settings(max_examples=400, deadline=None)
@given(cells())
def test_a_column_says_what_its_cells_say(case: tuple[str, list[str]]) -> None:
    region, written = case
    column = read_phone_column(pl.Series(written, dtype=pl.String), region)

    for text in written:
        alone = read_phone_cell(text, region)
        assert (column.numbers.get(text, ()), column.faults.get(text)) == (alone.numbers, alone.fault)
    for number, neighbour in column.neighbours.items():
        found, other = number_facts(number), number_facts(neighbour)
        assert (found.country, found.zones) == (other.country, other.zones)


def ways_of_writing(region: str) -> list[str]:
    """A number of each kind that a country has, one more of its place and one too short, in every way."""
    plan = plan_of(region)
    assert plan is not None
    written = [number.e164 for number in fictional_numbers(60)] if region == "GB" else []
    sharing = [each.region for each in plans_for(plan.code)[1]]
    for kind, owner in product(KINDS, sharing):
        example = phonenumbers.example_number_for_type(owner, kind)
        if example is None:
            continue
        national = phonenumbers.national_significant_number(example)
        for digits in (
            national,
            f"{national[:-1]}{(int(national[-1]) + 1) % 10}",
            national[:-1],
            f"{national}0",
        ):
            starts = (
                *("", plan.trunk, "0", "+", "00", plan.code, f"+{plan.code}", f"00{plan.code}"),
                *(f"+{plan.code} (0)", f"+{plan.code}{plan.trunk}", f"0{plan.code}", f"+1{plan.code}"),
            )
            written += [f"{start} ({digits[:2]}) {digits[2:]}" for start in starts]
            written += [f"{start}{digits}" for start in starts]
    return written


@pytest.mark.parametrize("region", [*REGIONS, "CA", "GG", "KZ", "AR", "MX", "SM", "JP"])
def test_every_way_of_writing_every_kind_is_read_at_once_as_it_is_alone(region: str) -> None:
    written = ways_of_writing(region)
    column = read_phone_column(pl.Series(written), region)

    for text in written:
        alone = read_phone_cell(text, region)
        assert (column.numbers.get(text, ()), column.faults.get(text)) == (alone.numbers, alone.fault), text
    for number, neighbour in column.neighbours.items():
        found, other = number_facts(number), number_facts(neighbour)
        assert (found.country, found.zones) == (other.country, other.zones), (number, neighbour)


def test_what_begins_like_a_call_abroad_is_no_number_at_home() -> None:
    assert read_phone_column(pl.Series(["006011227"]), "RW").numbers == {}


def test_most_numbers_of_a_country_need_no_look_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []
    monkeypatch.setattr(phone_columns, "read_phone_cell", lambda text, _: looked_at.append(text))
    written = [f"020 7946 {line:04d}" for line in range(50)] + [f"+447400{line:06d}" for line in range(50)]

    assert len(read_phone_column(pl.Series(written), "GB").numbers) == len(written)
    assert looked_at == []


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_every_plan_can_be_asked_at_once(region: str) -> None:
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    number = phonenumbers.format_number(
        example or phonenumbers.example_number(region), phonenumbers.PhoneNumberFormat.E164
    )

    read = read_phone_column(pl.Series([number]), region)

    assert read.numbers.get(number, ()) == read_phone_cell(number, region).numbers
