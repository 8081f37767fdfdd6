"""Numbers without a country's code are of the country beside them, and nobody's where none is known."""

import pytest

from churnmodel.data.quoted_rows import TextRow
from churnmodel.data.text_blocks import RowBlock
from dialer.core.importing.addresses import read_country
from dialer.core.importing.mapping import ColumnMapping
from dialer.core.importing.row_reader import RowReader
from dialer.core.importing.rows import CustomerRow

COLUMNS = ("id", "Land", "Vorwahl", "Telefon", "Mobil")


def read(region: str, *rows: tuple[str, str, str, str], area: bool = False) -> list[CustomerRow]:
    mapping = ColumnMapping(
        id="id", phones=("Telefon", "Mobil"), country="Land", area_codes=("Vorwahl",) if area else ()
    )
    text = [TextRow(line, (str(line), *cells)) for line, cells in enumerate(rows, start=2)]
    return list(RowReader(COLUMNS, mapping, region).read_block(RowBlock.of(text, len(COLUMNS))).customers)


@pytest.mark.parametrize(
    ("country", "number", "read_as"),
    [
        ("Norge", "22 12 34 56", "+4722123456"),
        ("Danmark", "22 12 34 56", "+4522123456"),
        ("DK", "22 12 34 56", "+4522123456"),
        ("Sverige", "070-123 45 67", "+46701234567"),
        ("Storbritannia", "020 7946 0001", "+442079460001"),
        ("D", "030 12345678", "+493012345678"),
        ("Danmark", "+47 22 12 34 56", "+4722123456"),  # a code says it anyhow
        ("", "22 12 34 56", "+4722123456"),
        ("ukjent", "22 12 34 56", "+4722123456"),
    ],
)
def test_a_number_without_a_code_is_of_the_country_beside_it(country: str, number: str, read_as: str) -> None:
    (row,) = read("NO", (country, "", number, ""))
    assert row.numbers == (read_as,)


def test_each_row_is_read_by_its_own_country_in_every_column_and_keeps_its_place() -> None:
    rows = read(
        "NO",
        ("Danmark", "", "22 12 34 56", "+45 22 12 34 57"),
        ("Norge", "", "22 12 34 58", ""),
        ("Danmark", "", "12", "22 12 34 59"),
        ("Norge", "", "", "912 34 560"),
    )
    assert [row.numbers for row in rows] == [
        ("+4522123456", "+4522123457"),
        ("+4722123458",),
        ("+4522123459",),
        ("+4791234560",),
    ]
    assert [[lost.column for lost in row.lost] for row in rows] == [[], [], ["Telefon"], []]


@pytest.mark.parametrize("country", ["Spania", "Atlantis"])
def test_what_is_no_number_there_is_not_read_as_one_of_ours(country: str) -> None:
    (row,) = read("NO", (country, "", "912 34 567", ""))
    assert row.numbers == ()
    assert [lost.column for lost in row.lost] == ["Telefon"]


def test_beside_a_country_that_is_not_known_a_number_with_its_code_is_read() -> None:
    (row,) = read("NO", ("Atlantis", "", "912 34 567", "+47 912 34 568"))
    assert row.numbers == ("+4791234568",)
    assert [lost.rule for lost in row.lost] == ["number.no-region"]


def test_countries_that_share_a_calling_code_are_read_as_one() -> None:
    rows = read("US", ("Canada", "", "604-555-0199", "415-781-2671"), ("US", "", "604-555-0199", ""))
    assert [row.numbers for row in rows] == [("+16045550199", "+14157812671"), ("+16045550199",)]
    (row,) = read("GB", ("Jersey", "", "01534 716000", "020 7946 0001"))
    assert row.numbers == ("+441534716000", "+442079460001")


def test_an_area_code_beside_it_is_of_that_country_too() -> None:
    rows = read("DE", ("AT", "0316", "8720", ""), ("DE", "030", "12345678", ""), area=True)
    assert [row.numbers for row in rows] == [("+433168720",), ("+493012345678",)]


def test_a_number_that_repeats_its_area_is_read_there_as_it_stands() -> None:
    (row,) = read("NO", ("USA", "415", "4157812671", ""), area=True)
    assert row.numbers == ("+14157812671",)


def test_a_second_number_in_the_cell_keeps_no_other_from_being_read_as_it_stands() -> None:
    (row,) = read("US", ("", "415", "4157812671, +1 415 781 2672", ""), area=True)
    assert row.numbers == ("+14157812671", "+14157812672")
    assert row.lost == ()


@pytest.mark.parametrize(
    ("cell", "country"),
    [
        ("Spania", "ES"),
        ("Sveits", "CH"),
        ("Frankrig", "FR"),
        ("Itävalta", "AT"),
        ("Turkey", "TR"),
        ("Zwitserland", "CH"),
        ("A", "AT"),
        ("S", "SE"),
        ("Atlantis", None),
    ],
)
def test_a_country_is_known_by_its_name_in_every_language_of_the_dictionary(
    cell: str, country: str | None
) -> None:
    assert read_country(cell) == country
