"""A customer file, many rows at a time, each with the line it begins on: delimited text, workbook, Parquet.

Delimited text is not left to a reader of whole tables, because a bad row has to come back with its exact
line, also after a quoted cell with line breaks, and without stopping the good ones
(`churnmodel.data.text_blocks`).
"""

import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import polars as pl

from churnmodel.data.delimited import (
    DELIMITERS,
    GZIP,
    LOOKED_AT,
    OLE,
    PARQUET,
    ZIP,
    EncodingUnclear,
    encoding_of,
    layout_of,
    stranger,
    titles,
)
from churnmodel.data.quoted_rows import QuotesUnclosed, RowsOfText, TextRow
from churnmodel.data.text_blocks import (
    BLANKS,
    BLOCK,
    BrokenOff,
    LineTooLong,
    RowBlock,
    RowsOfBlocks,
    TextBlock,
    blocks_of,
)
from churnmodel.data.workbooks import Workbook, WorkbookUnreadable, cells_as_text, is_workbook, zip_members
from dialer.core.importing.headings import told_apart
from dialer.core.importing.mapping import SAMPLE_ROWS
from dialer.core.importing.spreadsheet import unguarded

HEAD: Final = 4096  # bytes that tell what a file is
PIECES_LOOKED_AT: Final = 256  # megabytes, to find the encoding; a bomb has no end
SHOWN: Final = 5  # files of a zip that a message names
ROWS_AS_OBJECTS: Final = 64  # of a slice at once: sixty-four of the largest rows are bearable
MOST_NESTED: Final = 1 << 26  # bytes of lists and records in a slice
SLICE_ROWS: Final = 20_000  # of a Parquet file at a time: some ten megabytes of text
ROWS_A_PIECE: Final = 10_000  # of what is not text
READ_BYTES: Final = 1 << 20
#: what a line that says nothing is made of, whatever parts its cells
NOTHING_SAID: Final = BLANKS + '"' + "".join(DELIMITERS)
BREAKS: Final = (OSError, EOFError, zlib.error)  # how a file ends that was cut off
MOST_COLUMNS: Final = 1_000
#: what is no text inside a gzip or zip file, by its first bytes
PACKED: Final = (
    (ZIP, "a workbook or a zip file"),
    (GZIP, "a gzip file"),
    (OLE, "a workbook"),
    (PARQUET, "a Parquet file"),
)
WORKBOOKS: Final = (".xlsx", ".xlsm", ".xls", ".ods")
MOST_ROW: Final = 1 << 20  # characters of one row: a megabyte about one customer is no customer file
MOST_UNPACKED: Final = 200  # times its size: real tables unpack to some ten times, a bomb to a thousand
UNPACKED_ANYWAY: Final = 1 << 26  # characters: what a small file may unpack to whatever its size
#: the first columns of a file of rejected rows, whose cells `core.importing.spreadsheet` guards
REJECTED_COLUMNS: Final = ("line", "column", "reason")


class FileRefused(ValueError):
    """The file cannot be read as customers at all; the message says what to do."""


class FileLine(NamedTuple):
    """One row: the line it begins on (of a Parquet file, its number), and its cells as text."""

    number: int
    cells: tuple[str, ...]
    fault: str = ""  # the rule that the line breaks as text


class CustomerFile:
    """One file on disk, opened anew for every pass over it.

    `encoding` is that of a text, found from its bytes if None; `sheet` the one of a workbook to read.
    """

    def __init__(self, path: Path, encoding: str | None = None, sheet: str | None = None) -> None:
        if not path.is_file():
            raise FileRefused(f"there is no file {path}")
        self.path = path
        with path.open("rb") as raw:
            head = raw.read(HEAD)
        if not head:
            raise FileRefused(f"{path} is empty")
        self.is_parquet = head.startswith(PARQUET)
        self.is_gzip = head.startswith(GZIP)
        self.share_read = 0.0  # 0 to 1, of the pass going on
        self.workbook = self._workbook(head, sheet)
        self.member = self._member(head)  # of a zip file, the one text in it
        if self.is_gzip or self.member is not None:
            self._refuse_packed_twice()
        self.is_text = not self.is_parquet and self.workbook is None
        self.encoding = encoding or (self._found_encoding() if self.is_text else "")
        self.columns: tuple[str, ...] = self._parquet_columns() if self.is_parquet else self._header()
        if len(self.columns) > MOST_COLUMNS:
            raise FileRefused(
                f"{path} has {len(self.columns)} columns; more than {MOST_COLUMNS} is no customer file"
            )
        self.was_rejected = self.columns[: len(REJECTED_COLUMNS)] == REJECTED_COLUMNS
        if self.was_rejected:
            self.columns = tuple(map(unguarded, self.columns))

    @property
    def described(self) -> str:
        """What the file was taken for, in words."""
        if self.is_parquet:
            return "Parquet"
        if self.workbook is not None:
            others = [sheet for sheet in self.workbook.sheets if sheet != self.workbook.sheet]
            rest = f"; it also has {', '.join(others)} (--sheet)" if others else ""
            return f"a workbook, sheet {self.workbook.sheet!r}{rest}"
        mark = {"\t": "tabs", "\x1f": "unit separators"}.get(self.delimiter, f"{self.delimiter!r}")
        packed = "gzip, " if self.is_gzip else f"zip ({self.member}), " if self.member else ""
        return f"{packed}text in {self.encoding.removesuffix('-sig')} with {mark} between the cells"

    def _workbook(self, head: bytes, sheet: str | None) -> Workbook | None:
        what = stranger(head)
        if what is not None:
            raise FileRefused(
                f"{self.path} is {what}, whatever its name says. Save it as CSV or as a workbook (.xlsx)."
            )
        if not is_workbook(self.path, head):
            if sheet is not None:
                raise FileRefused(f"--sheet {sheet!r}: {self.path} is no workbook and has no sheets")
            return None
        try:
            return Workbook(self.path, sheet)
        except WorkbookUnreadable as fault:
            raise FileRefused(f"{self.path} {fault}. Save the sheet as CSV.") from fault

    def _member(self, head: bytes) -> str | None:
        if not head.startswith(ZIP) or self.workbook is not None:
            return None
        parts = [name for name in zip_members(self.path) if not name.startswith(("__MACOSX/", "."))]
        if not parts and not zip_members(self.path):
            raise FileRefused(
                f"{self.path} is a zip file or a workbook that is empty, damaged or cut off. Get it anew."
            )
        if len(parts) != 1:
            inside = ", ".join(sorted(parts)[:SHOWN]) or "nothing"
            raise FileRefused(f"{self.path} is a zip file with {inside}; it must hold one file. Unpack it.")
        if parts[0].lower().endswith(WORKBOOKS):
            raise FileRefused(f"{self.path} is a zip file with the workbook {parts[0]}. Unpack it.")
        return parts[0]

    def _refuse_packed_twice(self) -> None:
        """What is packed must be a text."""
        try:
            with self.path.open("rb") as raw, self._unpacked(raw) as plain:
                head = plain.read(HEAD)
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile):
            return  # it breaks off, which is said with the line when it is read
        except RuntimeError as locked:  # a password, or a way of packing that is not known
            raise FileRefused(
                f"{self.path} is a zip file that cannot be opened ({locked}). Unpack it."
            ) from locked
        what = next((what for mark, what in PACKED if head.startswith(mark)), None) or stranger(head)
        if what is not None:
            raise FileRefused(f"{self.path} holds {what}, packed. Unpack it.")

    def _found_encoding(self) -> str:
        try:
            with self.path.open("rb") as raw, self._unpacked(raw) as plain:
                pieces = iter(lambda: plain.read(READ_BYTES), b"")
                return encoding_of(islice(pieces, PIECES_LOOKED_AT))
        except EncodingUnclear as unclear:
            raise FileRefused(
                f"{self.path} {unclear}. Say which with --encoding cp850, --encoding mac_roman or "
                "--encoding cp1252."
            ) from unclear
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile):
            return "utf-8-sig"  # it breaks off, which is said with the line when it is read

    @property
    def points_are_decimal(self) -> bool:
        """Whether a number's point can only be its decimal mark: commas part cells, or cells are no text."""
        return not self.is_text or self.delimiter == ","

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

    @property
    def has_rows(self) -> bool:
        """Whether there is anything below the line that names the columns."""
        return any(True for _ in self.lines())

    def pieces(self) -> Iterator[RowBlock]:
        """Every row after the first line in the file's order, many at a time; empty ones are only counted."""
        self.share_read = 0.0
        for piece in self._csv_pieces() if self.is_text else self._pieces_of_lines():
            yield _unguarded(piece) if self.was_rejected else piece
        self.share_read = 1.0

    def lines(self) -> Iterator[FileLine]:
        """The same, row by row."""
        for piece in self.pieces():
            for row in piece.rows():
                yield FileLine(row.line, row.cells, "row.quote" if row.unclosed else "")

    def text_lines(self) -> Iterator[list[tuple[int, str]]]:
        """Every line that says something with its number, many at a time; for files without a heading."""
        self.share_read = 0.0
        if self.is_text:
            with self.path.open("rb") as raw, self._text(raw) as text:
                for block in self._blocks(raw, text):
                    lines = enumerate(block.lines, start=block.first)
                    yield [(number, line) for number, line in lines if line.strip(NOTHING_SAID)]
        else:
            heading = [(1, "\t".join(self.columns))]
            for piece in self._pieces_of_lines():
                rows = ((row.line + self.is_parquet, "\t".join(row.cells)) for row in piece.rows())
                yield [*heading, *rows]
                heading = []
        self.share_read = 1.0

    def _pieces_of_lines(self) -> Iterator[RowBlock]:
        lines = self._parquet_lines() if self.is_parquet else self._sheet_lines()
        rows = (TextRow(line.number, line.cells) for line in lines)
        while piece := list(islice(rows, ROWS_A_PIECE)):
            yield RowBlock.of(piece, len(self.columns))

    def _blocks(self, raw: IO[bytes], text: IO[str]) -> Iterator[TextBlock]:
        """The file in blocks of lines; refuses what only a file made to fill the memory or the disk has."""
        size, unpacked = max(1, self.path.stat().st_size), 0
        try:
            for block in blocks_of(text, MOST_ROW, faults=BREAKS, block=BLOCK):
                unpacked += len(block.text)
                self._check_unpacked(unpacked, size)
                self.share_read = min(1.0, raw.tell() / size)
                yield block
        except BrokenOff as broken:
            raise FileRefused(f"{self.path} {broken}: {broken.__cause__}") from broken
        except LineTooLong as long:
            raise FileRefused(_too_long(self.path, long.line)) from long

    # CSV --------------------------------------------------------------------------------------------

    def _header(self) -> tuple[str, ...]:
        if self.workbook is not None:
            return self._sheet_header()
        with self.path.open("rb") as raw, self._text(raw) as text:
            try:
                lines = [line for _ in range(LOOKED_AT) if (line := text.readline(MOST_ROW))]
            except (OSError, EOFError, UnicodeError, zlib.error) as fault:
                raise FileRefused(f"{self.path} cannot be read: {fault}") from fault
        if not any(line.strip() for line in lines):
            raise FileRefused(f"{self.path} has nothing but blank lines")
        if any("\0" in line for line in lines[:1]):
            raise FileRefused(f"{self.path} is neither CSV (plain, gzip or zip), a workbook nor Parquet")
        if len(lines[0]) >= MOST_ROW:
            raise FileRefused(_too_long(self.path, 1))
        layout = layout_of(lines)
        self.delimiter, self._above = layout.delimiter, layout.above
        rows = RowsOfText(iter(lines[layout.above :]), layout.delimiter)
        first = next(iter(rows), None)
        if first is None:
            raise FileRefused(f"{self.path} has no line that names columns")
        if any("\udc80" <= character <= "\udcff" for cell in first.cells for character in cell):
            raise FileRefused(f"{self.path} is not {self.encoding}; name its encoding with --encoding")
        return told_apart(first.cells)

    def _unpacked(self, raw: IO[bytes]) -> IO[bytes]:
        if self.member is not None:
            return zipfile.ZipFile(raw).open(self.member)
        return gzip.GzipFile(fileobj=raw) if self.is_gzip else raw  # type: ignore[return-value]

    def _text(self, raw: IO[bytes]) -> io.TextIOWrapper:
        """The file as text; bytes that are not of its encoding survive as marks and are found by row."""
        plain: Any = self._unpacked(raw)
        try:
            return io.TextIOWrapper(plain, encoding=self.encoding, errors="surrogateescape", newline="")
        except LookupError as fault:
            raise FileRefused(f"--encoding {self.encoding!r} is not an encoding Python knows") from fault

    def _csv_pieces(self) -> Iterator[RowBlock]:
        with self.path.open("rb") as raw, self._text(raw) as text:
            blocks = RowsOfBlocks(self._blocks(raw, text), self.delimiter, len(self.columns))
            try:
                yield from blocks.rows(self._above)
            except QuotesUnclosed as fault:
                raise FileRefused(f"{self.path}: {fault}") from fault

    def _check_unpacked(self, unpacked: int, size: int) -> None:
        if unpacked > max(MOST_UNPACKED * size, UNPACKED_ANYWAY) and (self.is_gzip or self.member):
            raise FileRefused(
                f"{self.path} unpacks to more than {MOST_UNPACKED} times its size; no customer file does"
            )

    # Workbooks --------------------------------------------------------------------------------------

    def _sheet_rows(self) -> Iterator[tuple[str, ...]]:
        if self.workbook is None:
            raise AssertionError("only a workbook has sheets")
        try:
            yield from self.workbook.rows()
        except WorkbookUnreadable as fault:
            raise FileRefused(f"{self.path} {fault}") from fault

    def _sheet_header(self) -> tuple[str, ...]:
        rows = list(islice(self._sheet_rows(), LOOKED_AT))
        self._above = titles(rows)
        named = [" ".join(name.split()) for name in rows[self._above]] if rows else []
        while named and not named[-1]:
            named.pop()
        if not named:
            raise FileRefused(f"{self.path} is a workbook whose sheet has no row that names columns")
        return told_apart(named)

    def _sheet_lines(self) -> Iterator[FileLine]:
        width = len(self.columns)
        for number, row in enumerate(self._sheet_rows(), start=1):
            if number <= self._above + 1:
                continue
            yield FileLine(number, row[:width] if not any(row[width:]) else row)

    # Parquet ----------------------------------------------------------------------------------------

    def _parquet_columns(self) -> tuple[str, ...]:
        try:
            return tuple(pl.read_parquet_schema(self.path))
        except (pl.exceptions.PolarsError, OSError) as fault:
            raise FileRefused(f"{self.path} is no readable Parquet file: {fault}") from fault

    def _parquet_lines(self) -> Iterator[FileLine]:
        frame = pl.scan_parquet(self.path)
        rows = int(frame.select(pl.len()).collect().item())
        cells, most = rows * len(self.columns), max(MOST_UNPACKED * self.path.stat().st_size, UNPACKED_ANYWAY)
        if cells > most:
            raise FileRefused(
                f"{self.path} unpacks to {cells:,} cells from {self.path.stat().st_size:,} bytes"
            )
        for start in range(0, rows, SLICE_ROWS):
            try:
                piece = frame.slice(start, SLICE_ROWS).collect()
            except (pl.exceptions.PolarsError, OSError) as fault:
                raise FileRefused(f"{self.path} breaks off after row {start}: {fault}") from fault
            _check_size(self.path, piece)
            for offset, row in enumerate(piece.iter_rows(buffer_size=ROWS_AS_OBJECTS)):
                yield FileLine(start + offset + 1, cells_as_text(row))
            self.share_read = min(1.0, (start + piece.height) / max(1, rows))


def _unguarded(piece: RowBlock) -> RowBlock:
    rows = [row._replace(cells=tuple(map(unguarded, row.cells))) for row in piece.rows()]
    return RowBlock.of(rows, piece.frame.width, piece.empty)


def _check_size(path: Path, piece: pl.DataFrame) -> None:
    """Refuse a table whose cells only a file made to fill the memory has, before any of them is one."""
    lengths = [pl.col(name).str.len_bytes() for name, kind in piece.schema.items() if kind == pl.String]
    longest = piece.select(pl.sum_horizontal(lengths).max()).item() if lengths and piece.height else 0
    nested = [name for name, kind in piece.schema.items() if kind.is_nested() or kind == pl.Binary]
    if (longest or 0) > MOST_ROW or piece.select(nested).estimated_size() > MOST_NESTED:
        raise FileRefused(f"{path} has more than {MOST_ROW:,} bytes in one row; no customer file does")


def _too_long(path: Path, line: int) -> str:
    return f"{path} has more than {MOST_ROW:,} characters in the row at line {line}; no customer file does"
