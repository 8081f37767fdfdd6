"""Text in blocks of whole lines, and the table of a block at once where each of its lines is one row.

Going through a file line by line costs more than all that is done with a line afterwards. So a block is
parted as a whole, and only where a cell goes over lines, or its quote is never closed, is it gone through row
by row (`quoted_rows`). Lines end with a feed, a return, or both, and are numbered from 1.
"""

import csv
import heapq
import io
from collections.abc import Iterator, Sequence
from typing import IO, Final, NamedTuple

import polars as pl

from churnmodel.data.quoted_rows import MOST_OPEN, QUOTE, RowsOfText, TextRow

BLOCK: Final = 1 << 20  # characters, some 10,000 rows: what is done once a block costs next to nothing a row
TOGETHER: Final = "\x1f"  # between the cells of one row in one text
PIECE: Final = 1 << 14  # characters read at once: what is lost of a file that breaks off

STAND_INS: Final = 0x102000
"""Between a byte that is no character of the text's encoding (a lone surrogate) and what a frame has for it.

A frame holds UTF-8, which has no such thing. The stand-ins are the end of Unicode's private planes, which no
text that people write has in it.
"""
_INTO: Final = {code: code + STAND_INS for code in range(0xD800, 0xE000)}
_BACK: Final = {stand_in: code for code, stand_in in _INTO.items()}

#: what `str.strip` takes for blanks; a frame's own list has no separators of files, groups and records
BLANKS: Final = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)


class BrokenOff(ValueError):
    """The text ends where it should go on, after `line`; the reason is the cause."""

    def __init__(self, line: int) -> None:
        super().__init__(f"breaks off after line {line}")
        self.line = line


class LineTooLong(ValueError):
    """`line` is longer than any row."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line} is too long")
        self.line = line


class TextBlock(NamedTuple):
    """Some whole lines, the first of them with its number."""

    first: int
    text: str
    lines: list[str]  # without their ends

    @staticmethod
    def of(first: int, text: str) -> "TextBlock":
        """Part a text into its lines."""
        plain = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
        lines = plain.split("\n")
        if not lines[-1]:
            lines.pop()
        return TextBlock(first, text, lines)

    @property
    def raw_lines(self) -> list[str]:
        """The lines with their ends."""
        return list(io.StringIO(self.text, newline=""))

    def after(self, line: int) -> "TextBlock":
        """What is left behind the line with this number."""
        place = line - self.first + 1
        if place == 0:
            return self
        if "\r" in self.text:
            return TextBlock.of(line + 1, "".join(self.raw_lines[place:]))
        return TextBlock.of(line + 1, "".join(self.text.split("\n", place)[place:]))


def blocks_of(
    text: IO[str], most_line: int, *, faults: tuple[type[Exception], ...], block: int = BLOCK
) -> Iterator[TextBlock]:
    """The text, opened with `newline=""`, in blocks of about `block` characters.

    Raises:
        BrokenOff: one of `faults` came up while reading; every whole line before it was given.
        LineTooLong: a line has `most_line` characters or more.
    """
    number, kept, failure = 1, "", None
    is_over = False
    while not is_over:
        parts, size = [kept], 0
        try:
            while size < block and (piece := text.read(min(PIECE, block))):
                parts.append(piece)
                size += len(piece)
        except faults as fault:
            failure = fault
        is_over = size < block
        read = "".join(parts)
        cut = len(read) if is_over and failure is None else _last_end(read)
        given, kept = TextBlock.of(number, read[:cut]), read[cut:]
        if max(map(len, given.lines), default=0) >= most_line:
            raise LineTooLong(
                next(at for at, line in enumerate(given.lines, number) if len(line) >= most_line)
            )
        number += len(given.lines)
        if len(kept) >= most_line:
            raise LineTooLong(number)
        if given.text:
            yield given
    if failure is not None:
        raise BrokenOff(number - 1) from failure


def _last_end(text: str) -> int:
    """Where the last line ends that is whole; a return at the very end may be half of an end."""
    return max(text.rfind("\n"), text.rfind("\r", 0, len(text) - 1)) + 1


class RowBlock(NamedTuple):
    """Some rows of a table, in the order of their lines."""

    numbers: Sequence[int]  # the line that each row of the frame begins on
    frame: pl.DataFrame  # the rows of the table's width; columns are named 0, 1 and so on
    texts: Sequence[str]  # each of these rows in one text, which differs where a cell does
    odd: Sequence[TextRow] = ()  # rows of another width, or with a quote that is never closed
    empty: int = 0  # rows beside these in which no cell says anything

    @staticmethod
    def of(rows: Sequence[TextRow], width: int, empty: int = 0) -> "RowBlock":
        """Put rows into a block; empty ones, and empty cells beyond the last column, are left out."""
        said = [row for row in rows if row.unclosed or any(map(str.strip, row.cells))]
        empty, rows = empty + len(rows) - len(said), said
        rows = [_without_ends(row, width) if len(row.cells) > width else row for row in rows]
        whole = [row for row in rows if len(row.cells) == width and not row.unclosed]
        odd = (
            [row for row in rows if len(row.cells) != width or row.unclosed] if len(whole) < len(rows) else []
        )
        texts = [TOGETHER.join(row.cells) for row in whole]
        return RowBlock(
            [row.line for row in whole], frame_of([row.cells for row in whole], width), texts, odd, empty
        )

    def part(self, places: Sequence[int]) -> "RowBlock":
        """These rows of the frame, and all the odd ones."""
        return RowBlock(
            [self.numbers[place] for place in places],
            self.frame[places] if places else self.frame.clear(),
            [self.texts[place] for place in places],
            self.odd,
            self.empty,
        )

    def cells(self, place: int) -> tuple[str, ...]:
        """The cells of one of the frame's rows as they stood in the text."""
        return tuple(map(as_written, self.frame.row(place)))

    def rows(self) -> Iterator[TextRow]:
        """Every row in the order of the lines."""
        whole = zip(self.numbers, self.frame.iter_rows(), strict=True)
        found = (TextRow(number, tuple(map(as_written, cells))) for number, cells in whole)
        return heapq.merge(found, self.odd, key=lambda row: row.line) if self.odd else found


def _without_ends(row: TextRow, width: int) -> TextRow:
    return row if any(row.cells[width:]) else row._replace(cells=row.cells[:width])


def as_written(cell: str) -> str:
    """A frame's cell as it stood in the text, bytes that are no characters as lone surrogates."""
    return cell if cell.isascii() else cell.translate(_BACK)


def frame_of(rows: Sequence[Sequence[str]], width: int) -> pl.DataFrame:
    """The frame of rows that all have this width."""
    columns = zip(*rows, strict=True) if rows else ((),) * width
    return pl.DataFrame([series(str(place), column) for place, column in enumerate(columns)])


def series(name: str, cells: Sequence[str]) -> pl.Series:
    """A column of a frame."""
    try:
        return pl.Series(name, cells, dtype=pl.String)
    except UnicodeEncodeError:
        return pl.Series(name, [cell.translate(_INTO) for cell in cells], dtype=pl.String)


class RowsOfBlocks:
    """Gives the rows of some blocks, a block at a time; `width` is the number of columns."""

    def __init__(self, blocks: Iterator[TextBlock], delimiter: str, width: int) -> None:
        self._blocks = blocks
        self._delimiter = delimiter
        self._width = width
        self._in_vain = 0

    def rows(self, above: int) -> Iterator[RowBlock]:
        """Every row but the first `above` lines and the heading after them.

        Raises:
            QuotesUnclosed: looking for the ends of quotes takes longer than any table is worth.
        """
        block = next(self._blocks, None)
        while block is not None and block.first + len(block.lines) <= above + 1:
            block = next(self._blocks, None)
        if block is None:
            return
        block = block.after(above)
        if block.lines and block.lines[0] and QUOTE not in block.lines[0]:
            block = block.after(block.first)
        else:
            block, _, _ = self._closely(block, most=1)
        while block is not None:
            found = self._at_once(block)
            if found is None:
                block, rows, empty = self._closely(block)
                yield RowBlock.of(rows, self._width, empty)
            else:
                yield found
                block = next(self._blocks, None)

    def _at_once(self, block: TextBlock) -> RowBlock | None:
        """The block's rows, one a line; None where a cell goes on in the next."""
        numbers: Sequence[int] = range(block.first, block.first + len(block.lines))
        lines = block.lines
        blank = BLANKS + self._delimiter
        said = [place for place, line in enumerate(lines) if line.strip(blank)]
        empty = len(lines) - len(said)
        if empty:
            numbers, lines = [numbers[place] for place in said], [lines[place] for place in said]
        if QUOTE in block.text:
            rows = rows_of_lines(lines, self._delimiter)
            if rows is None:
                return None
            found = [TextRow(number, tuple(cells)) for number, cells in zip(numbers, rows, strict=True)]
            return RowBlock.of(found, self._width, empty)
        whole = series("line", lines)
        fits = whole.str.count_matches(self._delimiter, literal=True) == self._width - 1
        odd: list[TextRow] = []
        if not fits.all():
            others = [(numbers[place], lines[place]) for place in (~fits).arg_true()]
            odd = [TextRow(number, tuple(line.split(self._delimiter))) for number, line in others]
            if any(_without_ends(row, self._width) is not row for row in odd if len(row.cells) > self._width):
                parted = [tuple(line.split(self._delimiter)) for line in lines]
                return RowBlock.of(list(map(TextRow, numbers, parted)), self._width, empty)
            taken = fits.arg_true().to_list()
            numbers, lines = [numbers[place] for place in taken], [lines[place] for place in taken]
            whole = whole.filter(fits)
        frame = whole.str.split_exact(self._delimiter, self._width - 1).struct.unnest()
        frame = frame.rename(lambda name: name.removeprefix("field_"))
        return RowBlock(numbers, frame, lines, odd, empty)

    def _closely(
        self, block: TextBlock, most: int | None = None
    ) -> tuple[TextBlock | None, list[TextRow], int]:
        """What is left behind a block's rows, `most` of them; these, read one by one; and its empty lines."""
        last, parts = block.first + len(block.lines) - 1, [block.text]
        while sum(map(len, parts[1:])) <= MOST_OPEN and (ahead := next(self._blocks, None)) is not None:
            parts.append(ahead.text)  # the last row may end there
        whole = TextBlock.of(block.first, "".join(parts))
        reader = RowsOfText(
            iter(whole.raw_lines),
            self._delimiter,
            first_line=block.first,
            width=self._width,
            in_vain=self._in_vain,
        )
        rows: list[TextRow] = []
        for row in reader:
            rows.append(row)
            if reader.next_line > last or len(rows) == most:
                break
        self._in_vain = reader.in_vain
        rest = whole.after(reader.next_line - 1)
        return (rest if rest.lines else next(self._blocks, None)), rows, reader.empty


def rows_of_lines(lines: Sequence[str], delimiter: str) -> list[list[str]] | None:
    """The cells of each line; None where a cell goes on in the next line."""
    try:
        # the line that is put behind them goes into a cell that is still open
        rows = list(csv.reader([*lines, ""], delimiter=delimiter))
    except csv.Error:  # a cell larger than any
        return None
    return rows[:-1] if len(rows) == len(lines) + 1 else None
