"""A register's file is read whatever its columns are, and every line is a number or bad."""

import gzip
from pathlib import Path

import phonenumbers
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.services.customers.customer_file import FileRefused
from dialer.services.customers.register_file import RegisterNumbers, plain_numbers, read_register
from telephony.numbers import E164, NumberError

REGIONS = "NO SE DK FI DE AT CH GB IE FR NL BE ES IT PL US CA AU NZ BR".split()  # noqa: SIM905 - to be read
NATIONAL = {
    region: [
        phonenumbers.national_significant_number(number)
        for kind in range(11)
        if (number := phonenumbers.example_number_for_type(region, kind)) is not None
    ]
    for region in REGIONS
}


def read(folder: Path, text: str, region: str = "GB", at: slice | None = None) -> RegisterNumbers:
    path = folder / "register.txt"
    path.write_bytes(text.encode())
    return read_register(path, region, at=at)


THREE = [441632960601, 442079460603, 447700900602]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("01632960601\n07700900602\n02079460603\n", "one number a line"),
        ("01632 960601\r\n07700 900602\r\n(020) 7946-0603\r\n", "one number a line"),
        ("+441632960601\n00447700900602\n442079460603\n\n", "one number a line"),
        ("Telephone\n01632960601\n07700900602\n02079460603", "one number a line"),
        ("01632,960601\n07700,900602\n020,79460603\n", "columns 1 + 2 joined"),
        ("area;line;date\n01632;960601;x\n07700;900602;x\n020;79460603;x\n", "columns 1 + 2 joined"),
        ("1632,960,601\n7700,900,602\n20,7946,0603\n", "columns 1 + 2 + 3 joined"),
        ("1;01632960601;a\n2;07700900602;b\n3;02079460603;c\n", "column 2"),
        ('"1","01632960601"\n"2","07700900602"\n"3","02079460603"\n', "column 2"),
        ("01632960601  20261101 A\n07700900602  20261102 B\n02079460603  20261103 A\n", "column 1"),
        ("A 01632960601\nA 07700900602\nB 02079460603\n", "column 2"),
    ],
)
def test_numbers_are_found_wherever_they_stand(tmp_path: Path, text: str, place: str) -> None:
    found = read(tmp_path, text)

    assert (found.numbers.tolist(), found.place.described) == (THREE, place)
    assert (found.good, found.bad) == (3, [])


def test_every_column_that_is_named_like_one_of_numbers_is_read(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "Fødselsdato;Telefon 1;Mobil\n19800101;41000001;22000002\n19800102;;22000003\n19800103;41000004;\n"
        "19800104;41000005;hjemme\n19800105;;\n",
        "NO",
    )

    assert found.place.described == "column 2 and column 3"
    assert found.numbers.tolist() == [4722000002, 4722000003, 4741000001, 4741000004, 4741000005]
    assert (found.good, [(bad.line, bad.rule) for bad in found.bad]) == (4, [(6, "number.missing")])


def test_a_sum_under_the_numbers_is_named_as_one(tmp_path: Path) -> None:
    found = read(tmp_path, "Telefon\n41000001\n41000003\nAntall: 2\n", "NO")

    assert (found.good, [(bad.line, bad.rule) for bad in found.bad]) == (2, [(4, "row.total")])


def test_every_number_of_a_cell_is_taken(tmp_path: Path) -> None:
    found = read(tmp_path, "Telefon\n41000001 / 22000002\n41000003\n41000004\n", "NO")

    assert found.numbers.tolist() == [4722000002, 4741000001, 4741000003, 4741000004]


def test_the_heading_says_which_of_two_columns_of_numbers_it_is(tmp_path: Path) -> None:
    found = read(tmp_path, "Dato;Telefonnr\n20261101;41000001\n20261102;22000002\n", "NO")

    assert found.numbers.tolist() == [4722000002, 4741000001]


def test_fixed_width_without_blanks_is_read_where_it_is_told(tmp_path: Path) -> None:
    text = "A0163296060120261101\nA0770090060220261101\n"
    with pytest.raises(FileRefused, match="--at 1-11"):
        read(tmp_path, text)

    found = read(tmp_path, text, at=slice(1, 12))

    assert found.numbers.tolist() == [441632960601, 447700900602]
    assert found.place.described == "characters 2 to 12 of each line"


def test_every_line_is_good_or_bad_and_bad_ones_say_why(tmp_path: Path) -> None:
    found = read(tmp_path, "01632960601\n01632960601\nabc\n020 79\n\n4.47E+11\n07700900602\n02079460603\n")

    assert (found.lines, found.good, len(found.numbers)) == (7, 4, 3)
    assert [(each.line, each.rule) for each in found.bad] == [
        (3, "number.letters"),
        (4, "number.no-area-code"),
        (6, "number.shortened"),
    ]
    assert all(each.reason.endswith("]") for each in found.bad)


def test_a_packed_file_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "register.gz"
    path.write_bytes(gzip.compress(b"01632960601\n07700900602\n"))

    assert read_register(path, "GB").good == 2


def test_lines_are_counted_over_the_pieces_in_which_a_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dialer.services.customers.customer_file.BLOCK", 7)
    text = "01632960601\r\n\r\nx\r\n" + "07700900602\r\n" * 300 + "y"

    found = read(tmp_path, text)

    assert found.good == 301
    assert [each.line for each in found.bad] == [3, 304]


@st.composite
def columns(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A country, and texts near its numbers as people write them."""
    region = draw(st.sampled_from(REGIONS))
    code = str(phonenumbers.country_code_for_region(region))
    texts = []
    for national in draw(st.lists(st.sampled_from(NATIONAL[region]), min_size=1, max_size=20)):
        start = draw(st.sampled_from(["", "0", "1", code, f"+{code}", f"+{code}0", f"00{code}"]))
        tail = draw(st.text("0123456789", max_size=4))
        texts.append(start + national[: len(national) - len(tail)] + tail)
    return region, texts


@given(columns())
def test_what_is_read_a_slice_at_a_time_is_what_is_read_one_by_one(column: tuple[str, list[str]]) -> None:
    region, texts = column
    found = plain_numbers(pl.Series(texts, dtype=pl.String), region)

    for text, number in zip(texts, found, strict=True):
        try:
            one = int(E164.parse(text, region=region).digits)
        except NumberError:
            continue  # no line has it; that it is listed rings nobody
        assert number in {None, one}, text


@pytest.mark.parametrize(
    ("lines", "numbers", "bad"),
    [
        ("Danmark;22 12 34 56\nNorge;22 12 34 57\n;22 12 34 58\n", [4522123456, 4722123457, 4722123458], []),
        ("Atlantis;22 12 34 56\nSE;070-123 45 67\n\n", [4722123456, 46701234567], []),
        ("Danmark;12\nNorge;34\nDK;22 12 34 57\nNO;22 12 34 58\n", [4522123457, 4722123458], [2, 3]),
    ],
)
def test_a_number_is_of_the_country_that_its_line_names(
    tmp_path: Path, lines: str, numbers: list[int], bad: list[int]
) -> None:
    found = read(tmp_path, f"Land;Telefon\n{lines}", "NO")

    assert found.numbers.tolist() == numbers
    assert [unread.line for unread in found.bad] == bad
