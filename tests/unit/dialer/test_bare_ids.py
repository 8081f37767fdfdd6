"""`Nr.` tells customers apart where its values say so: it may as well count lines, or houses."""

import pytest

from dialer.core.importing.mapping import Given, infer_mapping


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
