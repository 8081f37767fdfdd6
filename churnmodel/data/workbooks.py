"""Workbooks as offices have them (.xlsx, .xlsb, .xls, .ods): sheets by name, cells as a CSV has them."""

import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Final

from churnmodel.data.delimited import OLE, ZIP

MOST_UNPACKED: Final = 200  # times its size: real workbooks unpack to some twenty times
MOST_BYTES: Final = 1 << 29  # unpacked: more than the million rows of a full sheet need
WHOLE_UNTIL: Final = 1e15  # a larger float does not tell whole numbers apart


class WorkbookUnreadable(ValueError):
    """The workbook, or the sheet, cannot be read; the message says why."""


def is_workbook(path: Path, head: bytes) -> bool:
    """Whether a file is a workbook, whatever its name says."""
    if head.startswith(OLE):
        return True
    return head.startswith(ZIP) and any(
        name.startswith("xl/workbook") or name == "content.xml" for name in zip_members(path)
    )


def zip_members(path: Path) -> dict[str, int]:
    """What is in a zip file, and how large each part is unpacked; empty for a broken one."""
    try:
        with zipfile.ZipFile(path) as archive:
            return {part.filename: part.file_size for part in archive.infolist() if not part.is_dir()}
    except (zipfile.BadZipFile, OSError, ValueError):
        return {}


class Workbook:
    """One workbook, and the sheet of it that is read: the one named, else the first that holds a table.

    Raises:
        WorkbookUnreadable: it is broken, protected, larger than any table, or has no such sheet.
    """

    def __init__(self, path: Path, sheet: str | None = None) -> None:
        from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 - only who reads one needs it

        unpacked, size = sum(zip_members(path).values()), path.stat().st_size
        if unpacked > MOST_BYTES or (unpacked > MOST_UNPACKED * size and unpacked > 1 << 24):
            raise WorkbookUnreadable(f"unpacks to {unpacked:,} bytes; no customer file does")
        try:
            # from its bytes: the library believes a name, and a workbook may be called .csv
            self._workbook = CalamineWorkbook.from_filelike(BytesIO(path.read_bytes()))
        except (CalamineError, OSError, ValueError) as fault:
            raise WorkbookUnreadable(f"is a workbook that cannot be read ({fault})") from fault
        self.sheets: tuple[str, ...] = tuple(self._workbook.sheet_names)
        if sheet is not None and sheet not in self.sheets:
            raise WorkbookUnreadable(f"has no sheet {sheet!r}; it has: {', '.join(self.sheets)}")
        if not self.sheets:
            raise WorkbookUnreadable("is a workbook without a sheet")
        self.sheet = sheet or self._first_table()

    def _first_table(self) -> str:
        """The first sheet with rows and columns: in front of it there may be a cover, or nothing."""
        if len(self.sheets) == 1:
            return self.sheets[0]
        sizes = {name: self._size(name) for name in self.sheets}
        tables = [name for name, (height, width) in sizes.items() if height > 1 and width > 1]
        lists = [name for name, (height, _) in sizes.items() if height > 1]
        return (tables or lists or list(self.sheets))[0]

    def _size(self, name: str) -> tuple[int, int]:
        """Rows and columns of a sheet; none of one that cannot be read: that is said once it is asked for."""
        from python_calamine import CalamineError  # noqa: PLC0415 - only who reads one needs it

        try:
            sheet = self._workbook.get_sheet_by_name(name)
        except CalamineError:
            return 0, 0
        return sheet.height, sheet.width

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Every row of the sheet from its first one on, as text."""
        from python_calamine import CalamineError  # noqa: PLC0415 - only who reads one needs it

        try:
            sheet = self._workbook.get_sheet_by_name(self.sheet)
            for row in sheet.to_python(skip_empty_area=False):
                yield cells_as_text(row)
        except CalamineError as fault:
            raise WorkbookUnreadable(f"has a sheet {self.sheet!r} that cannot be read ({fault})") from fault


def cells_as_text(row: Sequence[object]) -> tuple[str, ...]:
    """Cells as a CSV of the same table would hold them."""
    return tuple(map(cell_as_text, row))


def cell_as_text(value: object) -> str:
    """A whole number without point or exponent, truth as a word, a day without its midnight."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value != value:  # noqa: PLR0124 - NaN
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < WHOLE_UNTIL else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() and not value.tzinfo else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value.total_seconds())
    return str(value)
