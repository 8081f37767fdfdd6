"""Where a column leaves two readings, a person picks one; it holds against other columns, not its own."""

import ast
from pathlib import Path

import polars as pl
import pytest

import dialer
from dialer.core.importing.column_roles import overruled, plain, read_plain
from dialer.core.importing.mapping import Given, MappingRefused
from dialer.core.importing.notation import SettledNotations, gather_evidence, settle_notations
from dialer.core.importing.picked_readings import NotationUnclear, read_readings
from dialer.core.importing.readings import OpenColumn, Reading
from dialer.web.file_words import in_the_api, on_the_page

OPEN = ["03/04/2024", "05/06/2024"]


def settle(said: dict[str, Reading], **columns: list[str]) -> SettledNotations:
    most = max(map(len, columns.values()))
    frame = pl.DataFrame({name: cells + [""] * (most - len(cells)) for name, cells in columns.items()})
    evidence = gather_evidence(list(columns), list(columns), [frame])
    return settle_notations(evidence, said)


@pytest.mark.parametrize(
    ("cells", "reading", "first"),
    [
        (["1.234", "2.345"], Reading.COMMA, "1234"),
        (["1.234", "2.345"], Reading.POINT, "1.234"),
        (["1,234", "2,345"], Reading.POINT, "1234"),
        (["$ 1,234", "$ 2,345"], Reading.COMMA, "1.234"),
        (OPEN, Reading.DAY_FIRST, "2024-04-03"),
        (OPEN, Reading.MONTH_FIRST, "2024-03-04"),
        (["03-04-2024", "05/06/24"], Reading.MONTH_FIRST, "2024-03-04"),
        (["3/4/2024 10:30", "05/06/24"], Reading.DAY_FIRST, "2024-04-03 10:30:00"),
    ],
)
def test_a_column_is_read_as_it_is_said_to_be(cells: list[str], reading: Reading, first: str) -> None:
    settled = settle({"x": reading}, x=cells)

    notation = settled.or_refuse().get("x")
    assert (notation.plain(cells[0]) if notation else cells[0]) == first
    assert reading in settled.open["x"].readings, "and may be said anew"


def test_what_is_said_holds_against_the_files_other_columns() -> None:
    settled = settle({"x": Reading.POINT}, x=["1.234", "2.345"], other=["1,5", "2,5"])
    assert settled.notations["x"].comma is False

    settled = settle({"x": Reading.MONTH_FIRST}, x=OPEN, other=["28/04/2024", "27/04/2024"])
    assert settled.notations["x"].plain("03/04/2024") == "2024-03-04"


@pytest.mark.parametrize(
    ("cells", "reading", "sentence"),
    [
        (["1.234", "12.5"], Reading.COMMA, "is said to be written as decimal comma, and '12.5' is not"),
        (["1.234", "12,5"], Reading.POINT, "is said to be written as decimal point, and '12,5' is not"),
        (["28/04/2024", *OPEN], Reading.MONTH_FIRST, "written as month first, and '28/04/2024' is not"),
    ],
)
def test_what_a_columns_own_cells_contradict_is_asked_again(
    cells: list[str], reading: Reading, sentence: str
) -> None:
    with pytest.raises(NotationUnclear, match=sentence) as refused:
        settle({"x": reading}, x=cells).or_refuse()
    assert "Nothing in the file" not in str(refused.value)


def test_days_that_a_column_leaves_open_are_settled_by_the_files_others() -> None:
    settled = settle({}, x=OPEN, other=["28/04/2024", "01/02/2024"])
    assert settled.or_refuse()["x"].plain("03/04/2024") == "2024-04-03"
    assert Reading.MONTH_FIRST in settled.open["x"].readings

    settled = settle({}, x=OPEN, other=["04/28/2024", "01/02/2024"])
    assert settled.or_refuse()["x"].plain("03/04/2024") == "2024-03-04"

    with pytest.raises(NotationUnclear):
        settle({}, x=OPEN, one=["28/04/2024"], other=["04/28/2024"]).or_refuse()


def test_every_column_that_is_open_is_told_at_once_with_what_to_say() -> None:
    with pytest.raises(NotationUnclear) as refused:
        settle({}, x=["1.234", "2.345"], y=OPEN).or_refuse()

    assert str(refused.value) == (
        "column 'x': '1.234' may be 1234 (decimal comma) or 1.234 (decimal point). Column 'y': '03/04/2024' "
        "may be 03 April 2024 (day first) or 04 March 2024 (month first). Nothing in the file tells which. "
        "Say how it is meant with --notation 'COLUMN=READING', or leave it out with --ignore."
    )


def test_a_columns_own_cells_leave_nothing_to_pick() -> None:
    assert settle({}, x=["1.234,5", "2.345"], y=["28/04/2024"]).open == {}


def test_readings_are_written_as_people_type_them_and_nothing_else() -> None:
    assert read_readings({"a": " Decimal-Comma", "b": "day first"}) == {
        "a": Reading.COMMA,
        "b": Reading.DAY_FIRST,
    }
    with pytest.raises(MappingRefused, match="'comma' of 'a' is no notation; there are decimal point,"):
        read_readings({"a": "comma"})


def test_what_was_said_of_columns_is_kept_and_added_to() -> None:
    before = Given(id="id", readings={"a": Reading.COMMA, "b": Reading.COMMA}, region="SE")
    now = overruled(before, Given(readings={"b": Reading.POINT}))

    assert now.readings == {"a": Reading.COMMA, "b": Reading.POINT}
    assert now.region == "SE"
    assert read_plain(plain(now)) == now


def sentences() -> set[str]:
    """Every text of the rooms that read files in which an option of the command stands."""
    root = Path(dialer.__file__).parent
    found = set()
    for room in ("core/importing", "services/customers"):
        for source in (root / room).glob("*.py"):
            tree = ast.parse(source.read_text())
            raised = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.exc]
            for node in (part for each in raised for part in ast.walk(each)):
                if isinstance(node, ast.JoinedStr):
                    parts = (getattr(value, "value", "x") for value in node.values)
                    found.add("".join(part if isinstance(part, str) else "x" for part in parts))
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
    return {text for text in found if "--" in text and "--numbers" not in text}


def test_no_page_and_no_program_is_told_a_commands_option() -> None:
    told = sentences()
    assert len(told) >= 6
    for text in told:
        assert "--" not in on_the_page(text), text
        assert "--" not in in_the_api(text), text


def test_what_is_said_of_a_column_that_is_left_out_says_nothing() -> None:
    assert settle({"gone": Reading.DAY_FIRST}, x=["28/04/2024"]).open == {}


def test_a_reading_in_which_a_cell_is_nothing_is_empty() -> None:
    settled = settle({"x": Reading.COMMA, "y": Reading.MONTH_FIRST}, x=["1.234", "12.5"], y=["28/04/2024"])

    assert settled.open["x"].readings == {Reading.COMMA: "", Reading.POINT: "12.5"}
    assert settled.open["y"].readings == {Reading.DAY_FIRST: "28 April 2024", Reading.MONTH_FIRST: ""}
    assert [one.column for one in settled.unclear] == ["x", "y"]


@pytest.mark.parametrize(
    ("heading", "cell", "day"),
    [
        ("Geburtsdatum", "28.03.58", "1958-03-28"),
        ("Fødselsdato", "28.03.10", "2010-03-28"),
        ("DOB", "28/03/11", "1911-03-28"),
        ("Geburtsdatum", "28.03.2015", "2015-03-28"),
        ("Gebucht am", "28.03.25", "2025-03-28"),
        ("Update of birth", "28.03.68", "1968-03-28"),
        ("Vertragsende", "28.03.45", "2045-03-28"),
    ],
)
def test_two_figures_of_a_year_of_birth_are_of_somebody_grown_up(heading: str, cell: str, day: str) -> None:
    assert settle({}, **{heading: [cell]}).or_refuse()[heading].plain(cell) == day


@pytest.mark.parametrize("nothing", ["00.00.0000", "0000-00-00", "00/00/0000", "0000-00-00 00:00:00"])
def test_noughts_are_no_day_and_count_for_none(nothing: str) -> None:
    notation = settle({}, x=["28.04.2024", *[nothing] * 9]).or_refuse()["x"]

    assert (notation.plain("28.04.2024"), notation.plain(nothing)) == ("2024-04-28", "")


EITHER = OpenColumn(column="fee", example="1.234", readings={Reading.POINT: "1.234", Reading.COMMA: "1234"})
EMPTY = OpenColumn(column="since", example="0000", readings={Reading.DAY_FIRST: "", Reading.MONTH_FIRST: ""})
DENIED = OpenColumn(column="day", example="31/01/2026", readings={}, said=Reading.MONTH_FIRST)
WAY_OUT = "Say how it is meant with --notation 'COLUMN=READING', or leave it out with --ignore."


@pytest.mark.parametrize(
    ("unclear", "told"),
    [
        (
            [EITHER, DENIED],
            (
                "column 'fee': '1.234' may be 1.234 (decimal point) or 1234 (decimal comma). "
                "Column 'day' is said to be written as month first, and '31/01/2026' is not. "
                "Nothing in the file tells which."
            ),
        ),
        ([DENIED], "column 'day' is said to be written as month first, and '31/01/2026' is not."),
        (
            [EMPTY],
            (
                "column 'since': '0000' may be nothing (day first) or nothing (month first). "
                "Nothing in the file tells which."
            ),
        ),
    ],
)
def test_columns_that_are_not_clear_are_told_with_both_readings_and_a_way_out(
    unclear: list[OpenColumn], told: str
) -> None:
    assert str(NotationUnclear(unclear)) == f"{told} {WAY_OUT}"


def test_a_word_that_is_no_reading_is_answered_with_those_there_are() -> None:
    with pytest.raises(MappingRefused) as refused:
        read_readings({"fee": "comma"})

    assert str(refused.value) == (
        "'comma' of 'fee' is no notation; there are decimal point, decimal comma, day first, month first"
    )
