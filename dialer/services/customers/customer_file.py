"""A customer file, read row by row with the line each row begins on: CSV, compressed CSV, or Parquet.

CSV goes through the standard library's reader rather than a faster one, because a bad row has to come
back with its exact line, also after a quoted cell with line breaks, and without stopping the good ones.
Storing the rows takes several times longer than reading them either way.
"""

import csv
import gzip
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

import polars as pl

from churnmodel.data.delimited import GZIP, UTF_16, delimiter_of
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
        self._row_length = 0  # characters of the row that is being read
        self.columns: tuple[str, ...] = self._parquet_columns() if self.is_parquet else self._header()
        if len(self.columns) > MOST_COLUMNS:
            raise FileRefused(
                f"{path} has {len(self.columns)} columns; more than {MOST_COLUMNS} is no customer file"
            )
        self.was_rejected = self.columns[: len(REJECTED_COLUMNS)] == REJECTED_COLUMNS
        if self.was_rejected:
            self.columns = tuple(map(unguarded, self.columns))

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
        return [dict(zip(self.columns, row.cells, strict=True)) for row in rows if len(row.cells) == width]

    def lines(self) -> Iterator[FileLine]:
        """Every row after the first line, in the file's order; empty lines are passed over."""
        self.share_read = 0.0
        for line in self._parquet_lines() if self.is_parquet else self._csv_lines():
            yield FileLine(line.number, tuple(map(unguarded, line.cells))) if self.was_rejected else line
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
            pieces = self._bounded(text, size)
            reader = csv.reader(pieces, delimiter=self.delimiter)
            next(reader)
            begins = reader.line_num + 1
            while True:
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error:  # a cell beyond any size: most likely a quote that is never closed
                    cells = ["…"]
                except (OSError, EOFError) as fault:
                    raise FileRefused(f"{self.path} breaks off at line {begins}: {fault}") from fault
                self._row_length = 0
                if cells:
                    yield FileLine(begins, tuple(cells))
                begins = reader.line_num + 1
                self.share_read = min(1.0, raw.tell() / size)

    def _bounded(self, text: IO[str], size: int) -> Iterator[str]:
        """The file line by line; refuses what only a file made to fill the memory or the disk has."""
        unpacked, most, number = 0, max(MOST_UNPACKED * size, UNPACKED_ANYWAY), 1
        while line := text.readline(MOST_ROW):
            unpacked += len(line)
            self._row_length += len(line)
            if self._row_length >= MOST_ROW:
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
