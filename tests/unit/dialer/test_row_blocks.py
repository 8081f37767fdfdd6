"""Rows read together: each is a customer or bad, in the order of their lines."""

from collections.abc import Sequence

import pytest

from churnmodel.data.quoted_rows import TextRow
from churnmodel.data.text_blocks import RowBlock
from dialer.core.importing.mapping import ColumnMapping
from dialer.core.importing.phone_cells import PhoneCell, read_phone_cell
from dialer.core.importing.row_reader import ReadBlock, RowReader
from dialer.core.importing.rows import BadRow, CustomerRow

NORWEGIAN = tuple(f"911 22 {place:03d}" for place in range(300, 360))
LONDON = tuple(f"020 7946 {place:04d}" for place in range(60))


def block(*rows: Sequence[str], width: int, unclosed: Sequence[int] = ()) -> RowBlock:
    """Rows from line 2 on; those of the lines `unclosed` have a quotation mark that is never closed."""
    texts = [TextRow(line, tuple(cells), line in unclosed) for line, cells in enumerate(rows, start=2)]
    return RowBlock.of(texts, width)


def named(*rows: Sequence[str], unclosed: Sequence[int] = ()) -> tuple[RowReader, ReadBlock]:
    """Rows of an identifier and a name, read together."""
    reader = RowReader(("id", "name"), ColumnMapping(id="id", name=("name",)), "GB")
    return reader, reader.read_block(block(*rows, width=2, unclosed=unclosed))


def phones(*cells: str) -> RowReader:
    """A reader that has read a column of these numbers, in Britain."""
    reader = RowReader(("id", "phone"), ColumnMapping(id="id", phones=("phone",)), "GB")
    reader.read_block(block(*((str(place), cell) for place, cell in enumerate(cells)), width=2))
    return reader


def test_bad_rows_are_told_in_the_order_of_their_lines_and_the_others_keep_their_places() -> None:
    _, read = named(("", "A"), ("1",), ("2", "B"), ("2", "C"), ("3", '"D'), ("4", "E"), unclosed=[6])

    assert [(row.line, row.rule) for row in read.bad] == [
        (2, "id.missing"),
        (3, "row.width"),
        (5, "id.twice"),
        (6, "row.quote"),
    ]
    assert [(row.external_id, row.name) for row in read.customers] == [("2", "B"), ("4", "E")]
    assert list(read.places) == [1, 3]  # of the rows that are as wide as the table


def test_an_unfit_identifier_hides_no_other_fault() -> None:
    _, read = named(("a\0b", "A"), ("1", "B"), ("1", "C"))

    assert [(row.line, row.rule) for row in read.bad] == [(2, "value.control"), (4, "id.twice")]


def test_an_identifier_that_is_too_long_is_so_among_others() -> None:
    _, read = named(("1", "A"), ("x" * 121, "B"), ("y" * 120, "C"))

    assert [(row.line, row.rule) for row in read.bad] == [(3, "id.too-long")]


def test_a_sum_may_stand_between_customers_and_uses_up_no_identifier() -> None:
    reader, read = named(("Total", "A"), ("Totalt", ""), ("2", "B"), ("Totalt", ""))

    assert [(row.line, row.rule) for row in read.bad] == [(3, "row.total"), (5, "row.total")]
    again = reader.read_block(block(("Totalt", "Ada"), ("2", "C"), width=2))
    assert [row.external_id for row in again.customers] == ["Totalt"]
    assert [row.rule for row in again.bad] == ["id.twice"]


def test_who_lost_a_cell_is_told_apart_from_those_who_did_not() -> None:
    _, read = named(("1", "A"), ("2", "b" * 201), ("3", "C"))

    assert [(place, row.external_id) for place, row in read.incomplete] == [(1, "2")]
    assert named(("1", "A"))[1].incomplete == []


def test_a_name_in_two_columns_is_one_and_without_a_column_there_is_none() -> None:
    def name(mapping: ColumnMapping, *cells: str) -> str:
        reader = RowReader(("id", "first", "last"), mapping, "GB")
        return reader.read_block(block(("1", *cells), width=3)).customers[0].name

    both = ColumnMapping(id="id", name=("first", "last"))
    assert name(both, "Ada", "Engel") == "Ada Engel"
    assert name(both, "", "Engel") == "Engel"
    assert name(ColumnMapping(id="id"), "Ada", "Engel") == ""


def test_a_household_too_long_is_lost() -> None:
    reader = RowReader(("id", "home"), ColumnMapping(id="id", household="home"), "GB")
    read = reader.read_block(block(("1", "h" * 120), ("2", "h" * 121), width=2))

    assert [row.household for row in read.customers] == ["h" * 120, None]
    assert [lost.rule for lost in read.customers[1].lost] == ["household.too-long"]


def test_a_column_of_which_half_can_be_read_is_read() -> None:
    assert phones(*LONDON[:2], *NORWEGIAN[:2]).unread_phones == {}
    assert phones(LONDON[0]).unread_phones == {}
    assert phones("", "n/a").unread_phones == {}


def test_a_column_of_which_most_cannot_be_read_is_told_with_the_country_whose_numbers_they_are() -> None:
    assert "NO" in phones(LONDON[0], *NORWEGIAN[:2]).unread_phones["phone"]
    # a cell with a number and something else gives a number, and counts once
    assert "NO" in phones(f"{LONDON[0]}; 12", *NORWEGIAN[:30]).unread_phones["phone"]
    assert "NO" in phones("020 7946 0001; 911 22 333", *NORWEGIAN[:2]).unread_phones["phone"]


def test_a_column_that_no_country_has_is_told_where_nothing_of_it_can_be_read() -> None:
    assert phones("12").unread_phones == {"phone": ()}
    assert phones(LONDON[0], "12", "13", "14").unread_phones == {}


def test_fifty_cells_that_cannot_be_read_tell_the_country() -> None:
    others = [str(place) for place in range(10, 16)]

    assert "NO" in phones(*NORWEGIAN[:45], *others).unread_phones["phone"]


def test_numbers_of_one_place_have_a_neighbour_of_the_same_country_and_zones() -> None:
    reader = RowReader(("id", "phone"), ColumnMapping(id="id", phones=("phone",)), "GB")
    read = reader.read_block(block(*((str(place), cell) for place, cell in enumerate(LONDON)), width=2))

    assert len(read.neighbours) == len(LONDON)


def test_where_somebody_lives_is_read_from_whatever_columns_tell_it() -> None:
    def residence(mapping: ColumnMapping, *cells: str) -> str | None:
        reader = RowReader(("id", "phone", "st", "zip", "land"), mapping, "GB")
        return reader.read_block(block(("1", *cells), width=5)).customers[0].residence

    whole = ColumnMapping(id="id", phones=("phone",), state="st", postcode="zip", country="land")
    assert residence(whole, "", "CA", "90210", "US") == "US-CA"
    assert residence(whole, "+1 212 555 0100", "CA", "", "") == "US-CA"
    assert residence(whole, "", "CA", "", "") is None  # in Britain
    assert residence(ColumnMapping(id="id", country="land"), "", "CA", "", "Norge") == "NO"
    assert residence(ColumnMapping(id="id"), "", "CA", "90210", "US") is None


def test_a_rows_digest_is_kept_where_everything_of_it_is_stored() -> None:
    columns, mapping = ("id", "name", "dnc"), ColumnMapping(id="id", name=("name",), do_not_call=("dnc",))
    rows = block(
        ("1", "A", ""), ("2", "b" * 201, ""), ("3", "C", "yes"), ("", "D", ""), ("4", "E", ""), width=3
    )
    read = RowReader(columns, mapping, "GB").read_block(rows, ["a", "b", "c", "d", "e"])

    assert [row.digest for row in read.customers] == ["a", None, None, "e"]
    assert [row.digest for row in RowReader(columns, mapping, "GB").read_block(rows).customers] == [None] * 4


def test_rows_that_were_read_before_count_their_numbers_and_use_up_their_identifiers() -> None:
    rows = block(("1", "020 7946 0001"), ("2", "n/a"), ("3", "000"), ("4", "020 7946 0002"), width=2)
    reader = phones()

    assert reader.ids(rows) == ["1", "2", "3", "4"]
    assert reader.ids(block(("x\0", ""), width=2)) == [""]
    assert reader.pass_over(rows, [0, 1, 2], ["1", "2", "3"]) == 2
    assert reader.pass_over(rows, range(4), ["1", "2", "3", "4"]) == 2
    assert (reader.phones["phone"].said, reader.phones["phone"].readable) == (3, 3)
    assert reader.read_block(block(("4", ""), width=2)).bad[0].rule == "id.twice"


def test_without_columns_of_numbers_every_row_lacks_one() -> None:
    reader = RowReader(("id", "name"), ColumnMapping(id="id", name=("name",)), "GB")

    assert reader.pass_over(block(("1", "A"), ("2", "B"), width=2), range(2), ["1", "2"]) == 2


def test_the_words_of_a_column_are_those_of_the_rows_asked_for_without_blanks() -> None:
    reader = RowReader(("id", "plan"), ColumnMapping(id="id"), "GB")

    assert reader.words_of("plan", block(("1", " S "), ("2", "M"), ("3", "L"), width=2), [0, 2]) == ["S", "L"]


def test_a_row_alone_is_bad_where_its_quotation_mark_is_never_closed() -> None:
    reader = RowReader(("id", "name"), ColumnMapping(id="id", name=("name",)), "GB")

    assert isinstance(reader.read(2, ("1", "A"), unclosed=True), BadRow)
    assert isinstance(reader.read(2, ("1", "A")), CustomerRow)


def test_few_numbers_are_read_one_by_one_and_many_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []

    def look(cell: str, region: str) -> PhoneCell:
        looked_at.append(cell)
        return read_phone_cell(cell, region)

    monkeypatch.setattr("dialer.core.importing.phone_columns.read_phone_cell", look)
    phones(*LONDON[:49])
    assert len(looked_at) == 49
    phones(*LONDON[:50])
    assert len(looked_at) == 49
