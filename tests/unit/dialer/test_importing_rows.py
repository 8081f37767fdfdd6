"""A row becomes a customer or comes back with its line, column and rule; never neither."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.importing.fiction import Fiction, FictionUsedUp
from dialer.core.importing.mapping import ColumnMapping
from dialer.core.importing.row_reader import RowReader
from dialer.core.importing.rows import BadRow, CustomerRow, LostCell
from telephony.numbers import FICTIONAL_COUNT, is_fictional

COLUMNS = ("id", "name", "phone", "phone2", "zone", "language", "plan", "note")
MAPPING = ColumnMapping(
    id="id", name=("name",), phones=("phone", "phone2"), zone="zone", language="language", ignored=("note",)
)


def read(*cells: str, reader: RowReader | None = None) -> CustomerRow | BadRow:
    return (reader or RowReader(COLUMNS, MAPPING, "GB")).read(7, cells)


def test_a_good_row_is_trimmed_and_its_numbers_written_one_way() -> None:
    row = read(" 1 ", "Ada Engel", "020 7946 0001", "+44 113 496 0002", "Europe/London", "de", " XL ", "x")

    assert row == CustomerRow(
        external_id="1",
        name="Ada Engel",
        numbers=("+442079460001", "+441134960002"),
        zone="Europe/London",
        language="de",
        household=None,
        attributes={"plan": "XL"},
    )


def test_empty_cells_are_not_there() -> None:
    row = read("1", "", "", "", "", "", "", "")

    assert isinstance(row, CustomerRow)
    assert (row.numbers, row.zone, row.language, row.attributes) == ((), None, "en", {})


def test_one_number_written_twice_is_one_number() -> None:
    row = read("1", "", "020 7946 0001", "+442079460001", "", "", "", "")

    assert isinstance(row, CustomerRow)
    assert row.numbers == ("+442079460001",)


@pytest.mark.parametrize(
    ("cells", "column", "rule"),
    [
        (("", "", "", "", "", "", "", ""), "id", "id.missing"),
        (("caf\udce9", "", "", "", "", "", "", ""), "id", "row.encoding"),
        (("1", "", ""), "", "row.width"),
    ],
)
def test_a_bad_row_says_where_and_why(cells: tuple[str, ...], column: str, rule: str) -> None:
    bad = read(*cells)

    assert bad == BadRow(line=7, column=column, rule=rule, cells=cells)
    assert bad.reason.endswith(f"[{rule}]")


@pytest.mark.parametrize(
    ("cells", "column", "rule"),
    [
        (("1", "", "12", "", "", "", "", ""), "phone", "number.too-short"),
        (("1", "", "", "not a number", "", "", "", ""), "phone2", "number.letters"),
        (("1", "", "", "", "Mars/Base", "", "", ""), "zone", "zone.unknown"),
        (("1", "x" * 201, "", "", "", "", "", ""), "name", "name.too-long"),
        (("1", "", "", "", "", "", "a\0b", ""), "plan", "value.control"),
        (("1", "caf\udce9", "", "", "", "", "", ""), "name", "row.encoding"),
        (("1", "", "", "", "", "far too long", "", ""), "language", "language.too-long"),
    ],
)
def test_a_bad_cell_costs_that_cell_and_not_the_customer(
    cells: tuple[str, ...], column: str, rule: str
) -> None:
    row = read(*cells)

    assert isinstance(row, CustomerRow)
    assert row.lost == (LostCell(column=column, rule=rule),)
    assert row.lost[0].reason.endswith(f"[{rule}]")
    assert row.external_id == "1"
    assert "".join((row.name, *row.numbers, row.zone or "", *row.attributes.values())) == ""


def test_a_good_number_beside_a_bad_one_is_kept() -> None:
    row = read("1", "", "12", "020 7946 0001", "", "", "", "")

    assert isinstance(row, CustomerRow)
    assert row.numbers == ("+442079460001",)


def test_the_second_row_of_one_customer_is_bad() -> None:
    reader = RowReader(COLUMNS, MAPPING, "GB")
    first, second = (read("1", "", "", "", "", "", "", "", reader=reader) for _ in range(2))

    assert isinstance(first, CustomerRow)
    assert isinstance(second, BadRow)
    assert second.rule == "id.twice"


def test_a_row_that_was_refused_does_not_use_up_its_identifier() -> None:
    reader = RowReader(COLUMNS, MAPPING, "GB")

    assert isinstance(read("1", "", "12", reader=reader), BadRow)
    assert isinstance(read("1", "", "", "", "", "", "", "", reader=reader), CustomerRow)


@given(st.lists(st.text(max_size=12), max_size=10))
def test_any_row_is_either_good_or_comes_back_whole(cells: list[str]) -> None:
    result = read(*cells)

    if isinstance(result, BadRow):
        assert result.cells == tuple(cells)
        assert result.rule
    else:
        assert result.external_id == cells[0].strip()
        assert all(number.startswith("+") for number in result.numbers)


def test_fictional_numbers_are_reserved_for_fiction_stable_and_nobody_shares_one() -> None:
    customers = [f"C{number}" for number in range(5_000)]
    first, again = Fiction({}), Fiction({})
    numbers = {customer: first.number_for(customer) for customer in customers}

    assert numbers == {customer: again.number_for(customer) for customer in customers}
    assert len(set(numbers.values())) == len(customers)
    assert all(is_fictional(number) for number in numbers.values())


def test_a_customer_keeps_a_fictional_number_when_the_file_grows() -> None:
    known = {"C1": Fiction({}).number_for("C2")}  # what C2 would have had is taken

    fiction = Fiction(known)
    assert fiction.number_for("C1") == known["C1"]
    assert fiction.number_for("C2") != known["C1"]


def test_when_fiction_is_used_up_the_message_names_the_flag() -> None:
    fiction = Fiction({})
    for number in range(FICTIONAL_COUNT):
        fiction.number_for(str(number))

    with pytest.raises(FictionUsedUp, match="--phone"):
        fiction.number_for("one more")
