"""Tables as files: what a program and a spreadsheet read of them, and that nothing is ever a formula."""

import csv
from datetime import UTC, date, datetime
from io import BytesIO, StringIO
from zipfile import ZipFile

from hypothesis import given
from hypothesis import strategies as st
from python_calamine import load_workbook

from dialer.core.importing.spreadsheet import FORMULA
from dialer.core.reporting.columns import Cell, ReportColumn, ReportTable, Unit
from dialer.core.reporting.table_files import FileFormat, as_csv, as_xlsx, write_file


def table(*rows: tuple[Cell, ...], units: tuple[Unit, ...] = (Unit.NAME, Unit.COUNT)) -> ReportTable:
    columns = tuple(
        ReportColumn(name=f"c{number}", title=f"ReportColumn {number}", unit=unit, means="…")
        for number, unit in enumerate(units)
    )
    return ReportTable(name="t", title="Calls: by [day] / queue, and more", columns=columns, rows=rows)


def read(made: ReportTable) -> list[list[object]]:
    return load_workbook(BytesIO(as_xlsx(made))).get_sheet_by_index(0).to_python()  # type: ignore[return-value]


def test_a_workbook_has_texts_numbers_days_and_moments_as_what_they_are() -> None:
    at = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
    units = (Unit.NAME, Unit.COUNT, Unit.SHARE, Unit.DAY, Unit.MOMENT, Unit.MONEY)
    made = table(("Ærlig & <co>", 3, 0.25, date(2026, 11, 28), at, None), units=units)

    heading, row = read(made)

    assert [f"ReportColumn {number}" for number in range(6)] == heading
    assert ["Ærlig & <co>", 3, 0.25, date(2026, 11, 28)] == row[:4]
    assert at.replace(tzinfo=None) == row[4]


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=40))
def test_whatever_a_text_says_it_is_no_formula_and_a_workbook_opens(words: str) -> None:
    made = table((words, 1))
    sheet = ZipFile(BytesIO(as_xlsx(made))).read("xl/worksheets/sheet1.xml").decode()
    (cell, _) = list(csv.reader(StringIO(as_csv(made), newline="")))[1]

    assert "<f" not in sheet, "a `<` of the text is written as &lt;"
    assert 2 == len(read(made))
    assert not cell.startswith(tuple(set(FORMULA) - {"'"}))


def test_the_same_table_is_the_same_file_and_figures_have_a_point() -> None:
    made = table(("a", 1_234), ("b", 2), units=(Unit.NAME, Unit.COUNT))
    shares = table(("x", 1 / 3), ("y", 1.0), ("z", None), units=(Unit.NAME, Unit.SHARE))

    assert as_xlsx(made) == write_file(made, FileFormat.XLSX)
    assert "c0,c1\r\nx,0.3333\r\ny,1\r\nz,\r\n" == as_csv(shares)
