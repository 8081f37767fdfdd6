"""A table as a file: CSV for programs, XLSX for people. No cell of either is ever a formula.

In CSV whatever a spreadsheet would compute is marked as text. In XLSX every text is an inline string and
every figure a number (ECMA-376, part 1, 18.18.11, cell types `inlineStr` and `n`); there is no cell of the
type that holds a formula, so that nothing has to be marked.
"""

import csv
import re
from datetime import UTC, date, datetime
from enum import StrEnum
from io import BytesIO, StringIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from dialer.core.importing.spreadsheet import guarded
from dialer.core.reporting.columns import Cell, ReportTable, Unit


class FileFormat(StrEnum):
    """What kind of file; also how its name ends."""

    CSV = "csv"
    XLSX = "xlsx"


MEDIA_TYPES: Final = {
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
DIGITS: Final = 4  # of a share or a mean; the counts beside it have all of them
LONGEST_CELL: Final = 32_767  # characters, Excel's limit
LONGEST_SHEET_NAME: Final = 31  # characters, Excel's limit
#: the day that a workbook's dates are counted from, so that 1900-03-01 and later come out right
FIRST_DAY: Final = date(1899, 12, 30)
DAY_S: Final = 86_400
_ESCAPED: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})  # as XML asks
#: characters that XML 1.0 has no way to write
_UNWRITABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NO_SHEET_NAME: Final = re.compile(r"[\[\]:*?/\\]")
#: formats of cells, in the order of `xl/styles.xml`: plain, heading, day, moment, share, two decimals
_PLAIN, _HEADING, _DAY, _MOMENT, _SHARE, _DECIMALS = range(6)
_STYLE_OF: Final = {
    Unit.DAY: _DAY,
    Unit.MOMENT: _MOMENT,
    Unit.SHARE: _SHARE,
    Unit.MONEY: _DECIMALS,
    Unit.SECONDS: _DECIMALS,
    Unit.POINTS: _DECIMALS,
}


def write_file(table: ReportTable, kind: FileFormat) -> bytes:
    """The table as a file of this kind: one line of names, then the rows."""
    return as_csv(table).encode() if kind is FileFormat.CSV else as_xlsx(table)


def as_csv(table: ReportTable) -> str:
    """RFC 4180, under the columns' names; moments in ISO 8601, UTC."""
    out = StringIO()
    rows = csv.writer(out)
    rows.writerow(column.name for column in table.columns)
    for row in table.rows:
        rows.writerow(_csv_cell(cell) for cell in row)
    return out.getvalue()


def _csv_cell(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return guarded(cell)
        case float():
            return (
                f"{round(cell, DIGITS):g}" if abs(cell) < 1 else f"{cell:.{DIGITS}f}".rstrip("0").rstrip(".")
            )
        case datetime():
            return cell.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        case _:
            return str(cell)


def as_xlsx(table: ReportTable) -> bytes:
    """A workbook of one sheet, whose first row, the titles, stays in sight. Same table, same bytes."""
    name = _NO_SHEET_NAME.sub(" ", table.title)[:LONGEST_SHEET_NAME].translate(_ESCAPED)
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for path, body in (
            ("[Content_Types].xml", _CONTENT_TYPES),
            ("_rels/.rels", _RELATIONS),
            ("xl/workbook.xml", _WORKBOOK.format(name=name)),
            ("xl/_rels/workbook.xml.rels", _WORKBOOK_RELATIONS),
            ("xl/styles.xml", _STYLES),
            ("xl/worksheets/sheet1.xml", _sheet(table)),
        ):
            entry = ZipInfo(path)  # of no date: what was written when is no matter of the file
            entry.compress_type = ZIP_DEFLATED
            archive.writestr(entry, '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + body)
    return out.getvalue()


def _sheet(table: ReportTable) -> str:
    heading = "".join(_text(column.title, _HEADING) for column in table.columns)
    rows = [f"<row>{heading}</row>"]
    units = [column.unit for column in table.columns]
    rows += [
        f"<row>{''.join(_xlsx_cell(cell, unit) for cell, unit in zip(row, units, strict=True))}</row>"
        for row in table.rows
    ]
    return _SHEET.format(rows="".join(rows))


def _xlsx_cell(cell: Cell, unit: Unit) -> str:
    style = _STYLE_OF.get(unit, _PLAIN)
    match cell:
        case None:
            return "<c/>"
        case datetime():
            moment = cell.astimezone(UTC)
            seconds = (moment - datetime.combine(moment.date(), datetime.min.time(), UTC)).total_seconds()
            return _number((moment.date() - FIRST_DAY).days + seconds / DAY_S, _MOMENT)
        case date():
            return _number((cell - FIRST_DAY).days, _DAY)
        case bool() | str():
            return _text(str(cell), _PLAIN)
        case int() | float():
            return _number(cell, style)


def _number(value: float, style: int) -> str:
    return f'<c s="{style}"><v>{value!r}</v></c>'


def _text(words: str, style: int) -> str:
    written = _UNWRITABLE.sub("", words)[:LONGEST_CELL].translate(_ESCAPED)
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{written}</t></is></c>'


_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_KIND: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_CONTENT_TYPES: Final = (
    f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/></Types>'
)
_RELATIONS: Final = (
    f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_WORKBOOK: Final = (
    f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="{name}" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_WORKBOOK_RELATIONS: Final = (
    f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
)
_STYLES: Final = (
    f'<styleSheet xmlns="{_MAIN}"><numFmts count="3"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/><numFmt numFmtId="166" formatCode="0.0%"/>'
    '</numFmts><fonts count="2"><font/><font><b/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="6"><xf/>'
    '<xf fontId="1" applyFont="1"/>'
    + "".join(f'<xf numFmtId="{number}" applyNumberFormat="1"/>' for number in (164, 165, 166, 4))
    + "</cellXfs></styleSheet>"
)
_SHEET: Final = (
    f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    "<sheetData>{rows}</sheetData></worksheet>"
)
