"""A row becomes a customer or comes back with its line, column and rule; never neither."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from churnmodel.data.text_blocks import STAND_INS
from dialer.core.importing.fiction import Fiction, FictionUsedUp
from dialer.core.importing.mapping import ColumnMapping
from dialer.core.importing.row_reader import RowReader
from dialer.core.importing.rows import (
    BadRow,
    CustomerRow,
    LostCell,
    Prohibited,
    ProhibitionKind,
    says_no,
    unfit,
)
from telephony.numbers import FICTIONAL_COUNT, fictional_numbers, is_fictional

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
        (("", "Ada", "", "", "", "", "", ""), "id", "id.missing"),
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


#: beyond it stands what the frame has for bytes that are no characters (`text_blocks.STAND_INS`)
LAST_WRITTEN = STAND_INS + 0xD7FF


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


@given(st.lists(st.text(st.characters(codec="utf-8", max_codepoint=LAST_WRITTEN), max_size=12), max_size=10))
def test_any_row_is_either_good_or_comes_back_whole(cells: list[str]) -> None:
    assume(any(cell.strip() for cell in cells))
    result = read(*cells)

    if isinstance(result, BadRow):
        said = (
            cells if any(cells[len(COLUMNS) :]) else cells[: len(COLUMNS)]
        )  # nothing beyond the last column
        assert result.cells == tuple(said)
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


def test_a_fictional_number_is_the_same_in_every_release() -> None:
    assert Fiction({}).number_for("C1") == "+442896496474"


def test_a_customer_keeps_a_fictional_number_when_the_file_grows() -> None:
    known = {"C1": Fiction({}).number_for("C2")}  # what C2 would have had is taken

    fiction = Fiction(known)
    assert fiction.number_for("C1") == known["C1"]
    numbers = [number.e164 for number in fictional_numbers(FICTIONAL_COUNT)]
    assert fiction.number_for("C2") == numbers[numbers.index(known["C1"]) + 1]  # the next one that is free


def test_when_fiction_is_used_up_the_message_names_the_flag() -> None:
    fiction = Fiction({})
    for number in range(FICTIONAL_COUNT):
        fiction.number_for(str(number))

    with pytest.raises(FictionUsedUp, match="--phone"):
        fiction.number_for("one more")


@pytest.mark.parametrize(
    "cell", ["I alt: 3 kunder", "Yhteensä", "Total rows: 60", "Summe", "Antall 12", "TOTAL"]
)
def test_a_sum_under_the_table_is_no_customer(cell: str) -> None:
    bad = read(cell, "", "", "", "", "", "1299", "")

    assert isinstance(bad, BadRow)
    assert bad.rule == "row.total"


@pytest.mark.parametrize(
    "cells",
    [
        ("", "Total", ""),
        ("", "", "Summe:"),  # where the numbers stand
        ("", "", "", "", "", "", "Sum", "1299"),
        ("Sum:", "2", "3"),  # how many there are of each
        ("", "Gesamtergebnis", ""),
        ("Välisumma", "", ""),
    ],
)
def test_a_sum_is_told_from_a_customer_wherever_its_word_stands_first(cells: tuple[str, ...]) -> None:
    bad = read(*cells, *("" for _ in COLUMNS[len(cells) :]))

    assert isinstance(bad, BadRow)
    assert bad.rule == "row.total"


@pytest.mark.parametrize(
    "cells",
    [
        ("", "Total", "020 7946 0001"),  # a person of that name
        ("", "Ada", "", "Sum"),
        ("", "", "1299"),  # of what, nobody says
    ],
)
def test_a_customer_without_an_identifier_is_no_sum(cells: tuple[str, ...]) -> None:
    bad = read(*cells, *("" for _ in COLUMNS[len(cells) :]))

    assert isinstance(bad, BadRow)
    assert bad.rule == "id.missing"


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        (("Total",), "row.total"),
        (("", "I alt", "300"), "row.total"),
        (("Total", "Ada", "020 7946 0001"), "row.width"),
        (("7", "Total"), "row.width"),
    ],
)
def test_a_short_row_is_a_sum_where_it_begins_with_its_word_and_holds_no_other(
    cells: tuple[str, ...], rule: str
) -> None:
    bad = read(*cells)

    assert isinstance(bad, BadRow)
    assert bad.rule == rule


@pytest.mark.parametrize(
    "cells", [("TOTAL-0001", "Ada", ""), ("SUM2", "", "020 7946 0001"), ("kunde", "", "")]
)
def test_somebody_with_a_name_or_a_number_is_a_customer_however_they_are_called(
    cells: tuple[str, str, str],
) -> None:
    assert isinstance(read(*cells, "", "", "", "", ""), CustomerRow)


@pytest.mark.parametrize(
    ("cell", "put_off"), [("Nei", True), ("0", True), ("", False), ("-", False), ("Ja", False)]
)
def test_who_may_not_be_called_is_put_off_by_a_plain_no_and_by_nothing_else(
    cell: str, *, put_off: bool
) -> None:
    mapping = ColumnMapping(id="id", may_call=("Kan kontaktes",))
    row = RowReader(("id", "Kan kontaktes"), mapping, "NO").read(2, ("1", cell))

    assert isinstance(row, CustomerRow)
    assert (row.prohibition is not None) == put_off


def test_no_customer_has_more_than_five_numbers() -> None:
    numbers = [f"020 7946 000{digit}" for digit in range(6)]
    row = read("1", "", "; ".join(numbers[:4]), "; ".join(numbers[4:]), "", "", "", "")

    assert isinstance(row, CustomerRow)
    assert row.numbers == tuple(f"+44207946000{digit}" for digit in range(5))


@pytest.mark.parametrize(
    ("place", "most", "rule"),
    [
        (0, 120, "id.too-long"),
        (1, 200, "name.too-long"),
        (5, 8, "language.too-long"),
        (6, 2_000, "value.too-long"),
    ],
)
def test_a_cell_may_be_as_long_as_its_limit_and_no_longer(place: int, most: int, rule: str) -> None:
    cells = ["1", *[""] * 7]
    cells[place] = "x" * most
    fits = read(*cells)
    cells[place] += "x"
    bad = read(*cells)

    assert isinstance(fits, CustomerRow)
    assert fits.lost == ()
    assert rule in ([bad.rule] if isinstance(bad, BadRow) else [lost.rule for lost in bad.lost])


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("two words\tand\r\na line", None),
        ("x" * 2_000, None),
        ("x" * 2_001, "value.too-long"),
        *((f"a{bad} b", "row.encoding") for bad in ("\udc80", "\udcff", "\ud800")),
        *((f"a{bad} b\n", "value.control") for bad in ("\0", "\x0b", "\x1f")),
    ],
)
def test_what_no_database_should_hold_is_told_from_any_other_text(text: str, rule: str | None) -> None:
    assert unfit(text) == rule


NO_OBJECTION = (
    *("", "-", "N/A", "Nei", " nein ", "0", "0.0", "ei", "frei", "Ikke sperret", "Vapaa", "active"),
    *("00000000", "0000-00-00", "00.00.0000", "0001-01-01T00:00:00", "01.01.1753", "1900-01-01 00:00:00"),
    *("1899-12-30", "30.12.1899", "\u200b", "–", "☐"),
)


@pytest.mark.parametrize("cell", NO_OBJECTION)
def test_a_prohibition_that_says_no_or_nothing_puts_nobody_off(cell: str) -> None:
    assert says_no(cell)


@pytest.mark.parametrize(
    "cell", ["x", "ja", "1", "gesperrt", "2024-03-12", "20240312", "12.03.1900", "†", "✓", "*", "TPS", "10"]
)
def test_any_other_word_and_any_day_put_the_person_off(cell: str) -> None:
    assert not says_no(cell)


def test_who_is_put_off_is_so_by_the_first_column_that_says_it_and_a_death_goes_before() -> None:
    columns = ("id", "Reservert", "Sperr-Kz", "Avdød")
    mapping = ColumnMapping(id="id", do_not_call=("Reservert", "Sperr-Kz"), deceased=("Avdød",))

    def prohibition(*cells: str) -> Prohibited | None:
        row = RowReader(columns, mapping, "NO").read(2, ("1", *cells))
        assert isinstance(row, CustomerRow)
        return row.prohibition

    assert prohibition("Nei", "", "-") is None
    assert prohibition("nei", " X ", "") == Prohibited(ProhibitionKind.OBJECTION, "Sperr-Kz", "X")
    assert prohibition("ja", "X", "") == Prohibited(ProhibitionKind.OBJECTION, "Reservert", "ja")
    assert prohibition("ja", "X", "ja") == Prohibited(ProhibitionKind.DECEASED, "Avdød", "ja")
    assert Prohibited(ProhibitionKind.DECEASED, "Avdød", "ja").reason == "Avdød: ja"


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("Aktiv", None),
        ("Utmeldt", None),
        ("Død", ProhibitionKind.DECEASED),
        ("Død 12.03.2024", ProhibitionKind.DECEASED),
        ("verstorben", ProhibitionKind.DECEASED),
        ("Ring ikke", ProhibitionKind.OBJECTION),
        (" 0.0 ", ProhibitionKind.OBJECTION),
    ],
)
def test_an_answer_that_tells_of_a_death_or_refuses_calls_puts_off_whatever_it_was_asked(
    cell: str, kind: ProhibitionKind | None
) -> None:
    row = RowReader(("id", "Status"), ColumnMapping(id="id", may_call=("Status",)), "NO").read(2, ("1", cell))

    assert isinstance(row, CustomerRow)
    assert (row.prohibition.kind if row.prohibition else None) == kind
    assert row.attributes == {"Status": cell.strip()}
