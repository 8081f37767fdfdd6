"""A name in one column or in several, as files of each country have it."""

import pytest

from dialer.core.importing.mapping import Given, infer_mapping


def name_of(columns: tuple[str, ...], *rows: tuple[str, ...]) -> tuple[str, ...]:
    sample = [dict(zip(columns, row, strict=True)) for row in rows]
    return infer_mapping(columns, sample, Given(), "DE", undecided=True).name


def test_a_name_beside_the_first_one_is_the_last() -> None:
    assert name_of(("Name", "Vorname"), ("Engel", "Ada"), ("Dorn", "")) == ("Vorname", "Name")


def test_a_name_in_which_the_first_one_stands_is_whole() -> None:
    assert name_of(("Name", "Vorname"), ("Ada Engel", "Ada"), ("Otis Dorn", "Otis")) == ("Name",)


@pytest.mark.parametrize(
    "columns", [("Prénom", "Nom"), ("Voornaam", "Tussenvoegsel", "Achternaam"), ("First Name", "Last Name")]
)
def test_parts_are_put_together_in_the_order_in_which_they_are_said(columns: tuple[str, ...]) -> None:
    backwards = tuple(reversed(columns))
    assert name_of(backwards, tuple("abc"[: len(columns)])) == columns
