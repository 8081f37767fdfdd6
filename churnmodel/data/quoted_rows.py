"""Delimited text row by row, each with the line it begins on; an unclosed quote costs its own line.

A quoted cell may run over lines. One whose quote nobody closed would run to the end of the file and take
every row with it, so a cell that does not end as a cell does is given up, and reading goes on after the line
it began on.
"""

import csv
from collections import deque
from collections.abc import Iterator
from typing import Final, NamedTuple

QUOTE: Final = '"'
MOST_OPEN: Final = 1 << 15  # characters looked through for the end of a quoted cell
MOST_LOOKED_THROUGH: Final = 1 << 24  # characters in vain, of one file: more is a file made to keep us busy
FEWEST_TELLING: Final = 3  # cells; a line of two may be a sentence with one comma


class QuotesUnclosed(ValueError):
    """The text has so many quotes that are never closed that it is no table."""


class TextRow(NamedTuple):
    """One row: the line it begins on, its cells, and whether its quote was never closed."""

    line: int
    cells: tuple[str, ...]
    unclosed: bool = False


class RowsOfText:
    """Gives the rows of some lines, empty ones passed over; `width` is the number of columns, if known."""

    def __init__(
        self, lines: Iterator[str], delimiter: str, *, first_line: int = 1, width: int = 0, in_vain: int = 0
    ) -> None:
        self.delimiter = delimiter
        self.width = width
        self._lines = lines
        self._ahead: deque[str] = deque()  # read while looking for the end of a cell, and not used
        self.next_line = first_line  # the first that belongs to no row yet
        self.empty = 0  # lines that were passed over
        self.in_vain = in_vain  # characters of this text that were looked through for nothing

    def __iter__(self) -> Iterator[TextRow]:
        """Every row to the end.

        Raises:
            QuotesUnclosed: looking for their ends takes longer than any table is worth.
        """
        while (first := self._next()) is not None:
            begins = self.next_line
            self.next_line += 1
            if not first.strip("\r\n"):
                self.empty += 1
                continue
            if QUOTE not in first:
                yield TextRow(begins, tuple(first.rstrip("\r\n").split(self.delimiter)))
                continue
            cells, is_open = self._parsed(first)
            if not is_open:
                yield TextRow(begins, cells)
                continue
            closed = self._over_lines(first)
            if closed is None:
                yield TextRow(begins, tuple(first.rstrip("\r\n").split(self.delimiter)), unclosed=True)
            else:
                yield TextRow(begins, closed)

    def _next(self) -> str | None:
        return self._ahead.popleft() if self._ahead else next(self._lines, None)

    def _parsed(self, text: str) -> tuple[tuple[str, ...], bool]:
        """The cells of one line, and whether the last of them goes on in the next."""
        reader = csv.reader(iter((text, "")), delimiter=self.delimiter)
        try:
            cells = next(reader)
        except csv.Error:  # a cell larger than any
            return ("…",), False
        return tuple(cells), reader.line_num > 1

    def _over_lines(self, first: str) -> tuple[str, ...] | None:
        """The cells of a row over several lines; None, and nothing used up, if it never ends."""
        taken: list[str] = [first]
        size = 0

        def feed() -> Iterator[str]:
            nonlocal size
            yield first
            while size < MOST_OPEN and (line := self._next()) is not None:
                taken.append(line)
                size += len(line)
                yield line

        try:
            cells = next(csv.reader(feed(), delimiter=self.delimiter, strict=True))
        except csv.Error:
            cells = None
        if cells is not None and not self._swallowed_rows(taken, len(cells)):
            self.next_line += len(taken) - 1
            return tuple(cells)
        self._ahead.extendleft(reversed(taken[1:]))
        self.in_vain += size
        if self.in_vain > MOST_LOOKED_THROUGH:
            raise QuotesUnclosed(f"too many quotes are never closed, the last at line {self.next_line - 1}")
        return None

    def _swallowed_rows(self, taken: list[str], cells: int) -> bool:
        """Whether the lines inside the quoted cell are rows themselves, so that its quote was forgotten."""
        inside = [self._is_row(line) for line in taken[1:-1]]
        if cells != self.width:
            return any(inside)
        return self.width >= FEWEST_TELLING and bool(inside) and all(inside)

    def _is_row(self, line: str) -> bool:
        """Whether a line has the table's width and is no prose, which has blanks after commas."""
        cells = self._parsed(line)[0]
        is_prose = any(cell.startswith(" ") for cell in cells)
        return len(cells) == self.width and cells[0] != "" and not is_prose
