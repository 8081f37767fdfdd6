"""A cell of numbers has one outcome: its numbers, nothing, or a rule; letters never become digits."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.importing.phone_cells import (
    CellFault,
    looks_like_numbers,
    read_phone_cell,
    regions_that_read,
)
from telephony.numbers import E164, NumberError


@pytest.mark.parametrize(
    ("cell", "region", "numbers"),
    [
        ("0044 20 7946 0001", "GB", "+442079460001"),
        ("+44 (0)20 7946 0001", "GB", "+442079460001"),
        ("0\u200b20\u00a07946\u20090001", "GB", "+442079460001"),
        ("０２０ ７９４６ ０００１", "GB", "+442079460001"),
        ("Tel.: 020-7946-0001", "GB", "+442079460001"),
        ("020 7946 0001 (work)", "GB", "+442079460001"),
        ("Büro 030 1234567", "DE", "+49301234567"),
        ("030/1234567", "DE", "+49301234567"),
        ("mobil: 41 00 00 09 [jobb]", "NO", "+4741000009"),
        ("=+442079460001", "GB", "+442079460001"),
        ('="02079460001"', "GB", "+442079460001"),
        ("'+442079460001", "GB", "+442079460001"),
        ("442079460001.0", "GB", "+442079460001"),
        ("4.42079460001E+11", "GB", "+442079460001"),
        ("4,42079460001e11", "GB", "+442079460001"),
        ("442,079,460,001", "GB", "+442079460001"),
        ("2079460001", "GB", "+442079460001"),
        ("612345678", "IT", "+390612345678"),
        ("020 7946 0001 / 0113 496 0002", "GB", "+442079460001 +441134960002"),
        ("02079460001;01134960002", "GB", "+442079460001 +441134960002"),
        ("home 020 7946 0001, mobile 07700 900001", "GB", "+442079460001 +447700900001"),
        ("020 7946 0001 oder 0113 496 0002", "GB", "+442079460001 +441134960002"),
        ("41 00 00 01 41 00 00 02", "NO", "+4741000001 +4741000002"),
        ("447,700,900,123", "GB", "+447700900123"),  # a spreadsheet's thousands
        ("612345670", "IT", "+390612345670"),  # its zero taken, which is the number's own
        ("393331234567", "IT", "+393331234567"),
        ("030\\12345678", "DE", "+493012345678"),
        ("/020 7946 0001", "GB", "+442079460001"),
        ("020 7946 0001; -", "GB", "+442079460001"),
        ("91122333 el. 22334455", "NO", "+4791122333 +4722334455"),
        ("0171/1234567 bzw. 030/7654321", "DE", "+491711234567 +49307654321"),
        ("☎ 91122333", "NO", "+4791122333"),
        ("📱️91122333", "NO", "+4791122333"),
        ("+442079460001-+441134960002", "GB", "+442079460001 +441134960002"),
        ("020 7946 0001\n0113 496 0002\n07700 900001", "GB", "+442079460001 +441134960002 +447700900001"),
    ],
)
def test_numbers_are_read_as_people_write_them(cell: str, region: str, numbers: str) -> None:
    read = read_phone_cell(cell, region)

    assert (" ".join(read.numbers), read.fault) == (numbers, None)


@pytest.mark.parametrize(
    "cell", ["", " - ", "N/A", "k.A.", "ukjent", "ei ole", "0", "000 000", "?", "null", "N/K", "ex-dir"]
)
def test_what_says_nothing_is_no_number_and_no_fault(cell: str) -> None:
    assert read_phone_cell(cell, "NO").is_empty


@pytest.mark.parametrize(
    ("cell", "region", "rule"),
    [
        ("030 123 Frau", "DE", "number.letters"),
        ("1-800-WINBACK", "US", "number.letters"),
        ("O2O 7946 0001", "GB", "number.letters"),
        ("020 7946 0001 Anna", "GB", "number.letters"),
        ("020 7946 0001 (never)", "GB", "number.letters"),
        ("ring first", "GB", "number.letters"),
        ("ann@example.org", "GB", "number.letters"),
        ("030 12345678/68", "DE", "number.tail"),
        ("020 7946 0001 / 02", "GB", "number.tail"),
        ("020 7946 0001 ext. 5", "GB", "number.extension"),
        ("020 7946 0001x5", "GB", "number.extension"),
        ("tel:+442079460001;ext=5", "GB", "number.extension"),
        ("030 1234567 Durchwahl 5", "DE", "number.extension"),
        ("4.42E+11", "GB", "number.shortened"),
        ("4,4207946E+11", "GB", "number.shortened"),
        ("24.12.2020", "NO", "number.date"),
        ("2020-12-24 00:00", "NO", "number.date"),
        ("Fax 020 7946 0001", "GB", "number.fax"),
        ("7946 0001", "GB", "number.no-area-code"),
        ("020 7946 0001?", "GB", "number.unreadable"),
        ("0441632960601", "GB", "number.too-long"),
        ("04791122333", "GB", "number.invalid"),  # no zero is put before one that is there
        ("41 00 00 01", "GB", "number.no-area-code"),
    ],
)
def test_what_is_no_sure_number_is_none_and_says_why(cell: str, region: str, rule: str) -> None:
    read = read_phone_cell(cell, region)

    assert (read.numbers, read.fault) == ((), rule)


def test_of_two_in_a_cell_the_good_one_is_kept_and_the_bad_one_said() -> None:
    read = read_phone_cell("020 7946 0001, 12", "GB")

    assert (read.numbers, read.fault) == (("+442079460001",), "number.too-short")


def test_a_cell_with_a_number_or_a_fault_says_something() -> None:
    assert not read_phone_cell("020 7946 0001", "GB").is_empty
    assert not read_phone_cell("12", "GB").is_empty


def test_a_cell_is_read_up_to_its_two_hundredth_character() -> None:
    numbers = "; ".join(["020 7946 0001"] * 13)

    assert read_phone_cell(f"{numbers}; mobil", "GB").numbers == ("+442079460001",)
    assert read_phone_cell(f"{numbers}; mobile", "GB").fault == "number.too-long"


def test_five_digits_may_be_meant_as_a_number_and_four_not() -> None:
    assert looks_like_numbers("12345")
    assert not looks_like_numbers("1234")


def test_a_country_of_which_nine_in_ten_cells_are_numbers_may_be_theirs() -> None:
    assert "NO" in regions_that_read([*["91122333"] * 9, "x"], "GB")
    assert "NO" not in regions_that_read([*["91122333"] * 8, "x", "y"], "GB")
    assert regions_that_read([], "GB") == ()


WRITTEN = st.lists(
    st.sampled_from(
        [*string.digits, *string.ascii_letters, " ", "+", "-", "/", "(", ")", ",", ".", "ext", "E+"]
    ),
    max_size=24,
).map("".join)


@given(WRITTEN)
def test_the_digits_of_a_number_all_stand_in_the_cell_in_that_order(cell: str) -> None:
    for number in read_phone_cell(cell, "DE").numbers:
        national = number.removeprefix("+49") if number.startswith("+49") else number.removeprefix("+")
        assert national in "".join(filter(str.isdecimal, cell))


@given(WRITTEN)
def test_a_number_is_never_read_out_of_letters(text: str) -> None:
    try:
        number = E164.parse(text, region="US")
    except NumberError:
        return
    assert not any(character.isalpha() for character in text)
    assert number.digits[-7:] in "".join(filter(str.isdecimal, text))


def test_a_country_whose_numbers_the_cells_are_is_named() -> None:
    assert "NO" in regions_that_read(("41 00 00 01", "91000003", "22 33 44 55"), "GB")
    assert regions_that_read(("4.47E+11",), "GB") == ()


def test_a_shortened_number_still_looks_like_one_and_a_word_does_not() -> None:
    assert looks_like_numbers("4.47E+11")
    assert not looks_like_numbers("Yes, 2 lines")


@pytest.mark.parametrize(
    ("cell", "region", "number"),
    [
        ("491711234567", "DE", "+491711234567"),
        ("49 171 1234567", "DE", "+491711234567"),
        ("393471234567", "IT", "+393471234567"),
        ("4.91711234567E+11", "DE", "+491711234567"),
        ("04917112345", "DE", "+494917112345"),
        ("393331234567", "IT", "+393331234567"),
        ("46701234567", "SE", "+46701234567"),
    ],
)
def test_digits_that_begin_with_the_countrys_code_are_what_people_mean_by_them(
    cell: str, region: str, number: str
) -> None:
    assert read_phone_cell(cell, region).numbers == (number,)


def test_digits_that_are_a_number_with_and_without_the_countrys_code_are_none() -> None:
    cell = read_phone_cell("49711123456", "DE")

    assert (cell.numbers, cell.fault) == ((), CellFault.TWO_READINGS)


@pytest.mark.parametrize(
    "cell",
    ["hemmelig nr", "hemligt nummer", "salainen", "ex-directory", "Geheimnummer", "ei puhelinta", "tbc"],
)
def test_a_number_that_is_withheld_is_none_and_no_fault(cell: str) -> None:
    assert read_phone_cell(cell, "NO").is_empty


@pytest.mark.parametrize("cell", ["nicht anrufen", "DO NOT CALL", "ring 91122333", "hemmelig 91122333"])
def test_words_that_tell_more_than_that_are_not_passed_over(cell: str) -> None:
    assert read_phone_cell(cell, "NO").fault is CellFault.LETTERS


def test_a_figure_with_an_exponent_and_no_decimals_is_a_shortened_number() -> None:
    assert read_phone_cell("4E1", "DE").fault is CellFault.SHORTENED
    assert read_phone_cell("4E+11", "DE").fault is CellFault.SHORTENED
