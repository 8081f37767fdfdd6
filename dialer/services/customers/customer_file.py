"""A customer file, read row by row with the line each row begins on: CSV, compressed CSV, or Parquet.

CSV is read row by row rather than by a faster reader of whole tables, because a bad row has to come back
with its exact line, also after a quoted cell with line breaks, and without stopping the good ones.
Storing the rows takes several times longer than reading them either way.
"""

import csv
import gzip
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

import polars as pl

from churnmodel.data.delimited import GZIP, UTF_16, delimiter_of
from churnmodel.data.quoted_rows import QuotesUnclosed, RowsOfText
from dialer.core.importing.mapping import SAMPLE_ROWS
from dialer.core.importing.spreadsheet import unguarded

PARQUET: Final = b"PAR1"
SLICE_ROWS: Final = 20_000  # of a Parquet file at a time: some ten megabytes of text
READ_BYTES: Final = 1 << 20
MOST_COLUMNS: Final = 1_000
MOST_ROW: Final = 1 << 20  # characters of one row: a megabyte about one customer is no customer file
MOST_UNPACKED: Final = 200  # times its size: real tables unpack to some ten times, a bomb to a thousand
UNPACKED_ANYWAY: Final = 1 << 26  # characters: what a small file may unpack to whatever its size
#: the first columns of a file of rejected rows, whose cells `core.importing.spreadsheet` guards
REJECTED_COLUMNS: Final = ("line", "column", "reason")


class FileRefused(ValueError):
    """The file cannot be read as customers at all; the message says what to do."""


@dataclass(frozen=True, slots=True)
class FileLine:
    """One row: the line it begins on (of a Parquet file, its number), and its cells as text."""

    number: int
    cells: tuple[str, ...]
    fault: str = ""  # the rule that the line breaks as text


class CustomerFile:
    """One file on disk, opened anew for every pass over it."""

    def __init__(self, path: Path, encoding: str = "utf-8-sig") -> None:
        if not path.is_file():
            raise FileRefused(f"there is no file {path}")
        self.path = path
        self.encoding = encoding
        with path.open("rb") as raw:
            head = raw.read(4)
        if not head:
            raise FileRefused(f"{path} is empty")
        self.is_parquet = head == PARQUET
        self.is_gzip = head.startswith(GZIP)
        self.share_read = 0.0  # 0 to 1, of the pass going on
        self.columns: tuple[str, ...] = self._parquet_columns() if self.is_parquet else self._header()
        if len(self.columns) > MOST_COLUMNS:
            raise FileRefused(
                f"{path} has {len(self.columns)} columns; more than {MOST_COLUMNS} is no customer file"
            )
        self.was_rejected = self.columns[: len(REJECTED_COLUMNS)] == REJECTED_COLUMNS
        if self.was_rejected:
            self.columns = tuple(map(unguarded, self.columns))

    @property
    def points_are_decimal(self) -> bool:
        """Whether a number's point can only be its decimal mark: commas part cells, or cells are no text."""
        return self.is_parquet or self.delimiter == ","

    def sha256(self) -> str:
        """The digest of the file's bytes as they stand on disk."""
        digest = hashlib.sha256()
        with self.path.open("rb") as raw:
            while piece := raw.read(READ_BYTES):
                digest.update(piece)
        return digest.hexdigest()

    def sample(self) -> list[dict[str, str]]:
        """The first rows by column; rows of another width are left out."""
        rows = islice(self.lines(), SAMPLE_ROWS)
        width = len(self.columns)
        whole = (row.cells for row in rows if len(row.cells) == width and not row.fault)
        return [dict(zip(self.columns, cells, strict=True)) for cells in whole]

    def lines(self) -> Iterator[FileLine]:
        """Every row after the first line, in the file's order; empty lines are passed over."""
        self.share_read = 0.0
        for line in self._parquet_lines() if self.is_parquet else self._csv_lines():
            yield replace(line, cells=tuple(map(unguarded, line.cells))) if self.was_rejected else line
        self.share_read = 1.0

    # CSV --------------------------------------------------------------------------------------------

    def _header(self) -> tuple[str, ...]:
        with self.path.open("rb") as raw, self._text(raw) as text:
            try:
                first = text.readline(MOST_ROW)
            except (OSError, EOFError, UnicodeError) as fault:
                raise FileRefused(f"{self.path} cannot be read: {fault}") from fault
        if "\0" in first or not first.strip():
            raise FileRefused(f"{self.path} is neither CSV, gzip CSV nor Parquet")
        if len(first) >= MOST_ROW:
            raise FileRefused(_too_long(self.path, 1))
        if any("\udc80" <= character <= "\udcff" for character in first):
            raise FileRefused(f"{self.path} is not UTF-8; name its encoding, for example --encoding cp1252")
        self.delimiter = delimiter_of(first)
        return tuple(name.strip() for name in next(csv.reader([first], delimiter=self.delimiter)))

    def _text(self, raw: IO[bytes]) -> io.TextIOWrapper:
        """The file as text; bytes that are not of its encoding survive as marks and are found by row."""
        plain: Any = gzip.GzipFile(fileobj=raw) if self.is_gzip else raw
        encoding = self.encoding
        if not self.is_gzip:
            if raw.read(2) in UTF_16:
                encoding = "utf-16"
            raw.seek(0)
        try:
            return io.TextIOWrapper(plain, encoding=encoding, errors="surrogateescape", newline="")
        except LookupError as fault:
            raise FileRefused(f"--encoding {encoding!r} is not an encoding Python knows") from fault

    def _csv_lines(self) -> Iterator[FileLine]:
        size = max(1, self.path.stat().st_size)
        with self.path.open("rb") as raw, self._text(raw) as text:
            lines = self._bounded(text, size)
            next(lines)
            rows = iter(RowsOfText(lines, self.delimiter, first_line=2, width=len(self.columns)))
            last = 1
            while True:
                try:
                    row = next(rows)
                except StopIteration:
                    return
                except (OSError, EOFError) as fault:
                    raise FileRefused(f"{self.path} breaks off after line {last}: {fault}") from fault
                except QuotesUnclosed as fault:
                    raise FileRefused(f"{self.path}: {fault}") from fault
                last = row.line
                yield FileLine(row.line, row.cells, "row.quote" if row.unclosed else "")
                self.share_read = min(1.0, raw.tell() / size)

    def _bounded(self, text: IO[str], size: int) -> Iterator[str]:
        """The file line by line; refuses what only a file made to fill the memory or the disk has."""
        unpacked, most, number = 0, max(MOST_UNPACKED * size, UNPACKED_ANYWAY), 1
        while line := text.readline(MOST_ROW):
            unpacked += len(line)
            if len(line) >= MOST_ROW:
                raise FileRefused(_too_long(self.path, number))
            if self.is_gzip and unpacked > most:
                raise FileRefused(
                    f"{self.path} unpacks to more than {MOST_UNPACKED} times its size; no customer file does"
                )
            yield line
            number += 1

    # Parquet ----------------------------------------------------------------------------------------

    def _parquet_columns(self) -> tuple[str, ...]:
        try:
            return tuple(pl.read_parquet_schema(self.path))
        except (pl.exceptions.PolarsError, OSError) as fault:
            raise FileRefused(f"{self.path} is no readable Parquet file: {fault}") from fault

    def _parquet_lines(self) -> Iterator[FileLine]:
        frame = pl.scan_parquet(self.path)
        rows = int(frame.select(pl.len()).collect().item())
        for start in range(0, rows, SLICE_ROWS):
            piece = frame.slice(start, SLICE_ROWS).collect()
            for offset, row in enumerate(piece.iter_rows()):
                yield FileLine(start + offset + 1, _as_text(row))
            self.share_read = min(1.0, (start + piece.height) / max(1, rows))


def _too_long(path: Path, line: int) -> str:
    return f"{path} has more than {MOST_ROW:,} characters in the row at line {line}; no customer file does"


def _as_text(row: Sequence[object]) -> tuple[str, ...]:
    """Cells as a CSV of the same table would hold them: whole floats without a point, truth as words."""
    return tuple(_cell(value) for value in row)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value != value:  # noqa: PLR0124 - NaN
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)  # noqa: PLR2004
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
