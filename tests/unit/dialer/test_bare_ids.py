"""`Nr.` tells customers apart where its values say so: it may as well count lines, or houses."""

import pytest

from dialer.core.importing.mapping import ColumnMapping, Given, infer_mapping
from dialer.core.importing.row_reader import RowReader


def identity(columns: tuple[str, ...], *rows: tuple[str, ...]) -> str:
    sample = [dict(zip(columns, row, strict=True)) for row in rows]
    return infer_mapping(columns, sample, Given(), "DK", undecided=True).id


@pytest.mark.parametrize("heading", ["Nr.", "Nr", "No.", "Knr", "Knr.", "Nro", "Nummer"])
def test_a_bare_number_is_the_id_where_nothing_better_is(heading: str) -> None:
    columns = (heading, "Navn", "Telefon")
    assert identity(columns, ("1043", "Ada", "33 12 34 56"), ("1107", "Otis", "33 12 34 57")) == heading


def test_a_number_that_counts_lines_is_nobodys() -> None:
    assert not identity(("Nr.", "Navn"), ("1", "Ada"), ("2", "Otis"), ("3", "Nora"))


def test_a_number_that_is_not_one_a_customer_is_nobodys() -> None:
    assert not identity(("Nr.", "Navn"), ("7", "Ada"), ("7", "Otis"), ("9", "Nora"))
    assert not identity(("Nr.", "Navn"), ("", "Ada"), ("", "Otis"))


@pytest.mark.parametrize(
    "street", ["Adresse", "Straße", "Gate", "Vej", "Gatuadress", "Street", "Katuosoite", "Rue"]
)
def test_the_number_of_a_house_is_nobodys(street: str) -> None:
    columns = ("Navn", street, "Nr.")
    assert not identity(columns, ("Ada", "A", "12"), ("Otis", "B", "7"), ("Nora", "C", "31"))


def test_a_column_that_names_the_customers_number_goes_first() -> None:
    columns = ("Nr.", "Navn", "Kundenr")
    assert identity(columns, ("31", "Ada", "1043"), ("12", "Otis", "1107")) == "Kundenr"


KEY = "7f1a7f0e-1111-4b3a-9f7b-00000000000"


def test_dynamics_key_is_the_id_and_its_check_sum_is_not() -> None:
    columns = ("(Do Not Modify) Row Checksum", "(Do Not Modify) Contact", "Full Name")
    assert identity(columns, ("a1", f"{KEY}1", "Ada"), ("b2", f"{KEY}2", "Otis")) == columns[1]
    assert not identity(columns, ("a1", f"{KEY}1", "Ada"), ("b2", f"{KEY}1", "Otis"))
    assert not identity(columns, ("a1", f"{KEY}1", "Ada"), ("b2", "none", "Otis"))
    assert not identity(columns, ("a1", "", "Ada"), ("b2", "", "Otis"))


def test_an_address_gives_its_country_by_its_own_heading_first() -> None:
    columns = ("id", "Mailing Country", "Country", "Home Name")
    sample = [dict(zip(columns, ("1", "NO", "SE", "Ada"), strict=True))]

    mapping = infer_mapping(columns, sample, Given(), "NO")
    assert (mapping.country, mapping.name) == ("Country", ())
    assert infer_mapping(columns[:2], sample, Given(), "NO").country == "Mailing Country"


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("1.23457E+11", "id.shortened"),
        ("1,23457E+11", "id.shortened"),
        ("1.2E+02", "id.shortened"),
        ("1.2E+1", None),  # no digit is gone
        ("1.23457E+05", None),
        ("12E+11", None),
        ("A1.2E+11", None),
        ("E+", None),
        ("1.23457E-11", None),
    ],
)
def test_an_identifier_whose_digits_a_spreadsheet_took_is_nobodys(cell: str, rule: str | None) -> None:
    row = RowReader(("Nr", "Navn"), ColumnMapping(id="Nr"), "DK").read(2, (cell, "Ada"))
    assert getattr(row, "rule", None) == rule
