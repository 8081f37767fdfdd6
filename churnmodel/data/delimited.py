"""Files by their own evidence: what they are, what encodes them, what parts cells, where a table begins.

Both readers ask here: the one that makes a frame of a data set, and the one that brings customers in line by
line. So a file that one of them takes for semicolons is semicolons to the other.
"""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

GZIP: Final = b"\x1f\x8b"
ZIP: Final = b"PK\x03\x04"
PARQUET: Final = b"PAR1"
OLE: Final = b"\xd0\xcf\x11\xe0"
UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
"""Byte-order marks, as spreadsheets write them."""

STRANGERS: Final = (
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3", "an SQLite database"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
)
"""First bytes of what people send for a table by mistake."""

MARKUP: Final = ((b"<!doctype html", "an HTML page"), (b"<html", "an HTML page"), (b"<table", "an HTML page"),
                 (b"<?xml", "an XML file"), (b"<", "an HTML or XML file"), (b"{", "a JSON file"),
                 (b"[{", "a JSON file"))  # fmt: skip

DELIMITERS: Final = (",", ";", "\t", "|")
RARE_DELIMITERS: Final = ("\x1f", "^", "~", ":")
"""Tried where none of the usual ones parts anything."""

SEP_LINE: Final = "sep="
MOST_TITLES: Final = 20  # lines above a table
#: a heading has a letter, and a figure at its end alone: `Telefon 2`, `Umsatz 2025`
NAMING: Final = re.compile(r"\D*[^\W\d_]\D*\d{0,4}")
LOOKED_AT: Final = 40  # rows, to find the delimiter and where the table begins

ASCII: Final = bytes(range(128))
#: in cp1252 a mark that no table has; in the Latin of the euro's countries the sign of the euro
EURO_IN_LATIN_9: Final = "€".encode("iso-8859-15")[0]
EURO_IN_WINDOWS: Final = "€".encode("cp1252")[0]
#: letters of western languages in the encoding of DOS, whose bytes are quotation marks and dashes in cp1252
DOS_LETTERS: Final = frozenset("åäöæøéüÅÄÖÆØÜ".encode("cp850"))
#: and those that cp1252 has for them
WINDOWS_LETTERS: Final = frozenset("åäöæøéüÅÄÖÆØÉÜßèàçñôê".encode("cp1252"))


class EncodingUnclear(ValueError):
    """The bytes are text in more than one encoding; the message names them."""


@dataclass(frozen=True, slots=True)
class TextLayout:
    """How a delimited text is laid out: what parts its cells, and how many lines stand above its header."""

    delimiter: str
    above: int = 0


def stranger(head: bytes) -> str | None:
    """What a file is that is no table, from its first bytes; None where it may be one."""
    for mark, what in STRANGERS:
        if head.startswith(mark):
            return what
    text = head.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    return next((what for mark, what in MARKUP if text.startswith(mark)), None)


def encoding_of(pieces: Iterable[bytes]) -> str:
    """The encoding of a text, from all its bytes.

    Raises:
        EncodingUnclear: it may be that of Windows, of DOS or of old Macs.
    """
    utf_8 = codecs.getincrementaldecoder("utf-8")()
    counts: Counter[int] = Counter()
    is_utf_8, first = True, True
    for piece in pieces:
        if first:
            first = False
            marked = _marked(piece)
            if marked is not None:
                return marked
        if is_utf_8:
            try:
                utf_8.decode(piece)
            except UnicodeDecodeError:
                is_utf_8 = False
        if not piece.isascii():
            counts.update(piece.translate(None, ASCII))
    if is_utf_8 and not utf_8.getstate()[0]:
        return "utf-8-sig"
    dos = sum(counts[byte] for byte in DOS_LETTERS)
    windows = sum(counts[byte] for byte in WINDOWS_LETTERS)
    if dos > windows:
        raise EncodingUnclear("is not UTF-8, and reads as an encoding of DOS or old Macs, not as Windows'")
    undefined = any(counts[byte] for byte in b"\x81\x8d\x8f\x90\x9d")
    if counts[EURO_IN_LATIN_9] and not counts[EURO_IN_WINDOWS]:
        return "iso-8859-15"
    return "latin-1" if undefined else "cp1252"


def _marked(head: bytes) -> str | None:
    """The encoding that the first bytes show: by their mark, or by every second byte being empty."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith(UTF_16):
        return "utf-16"
    sample = head[:400]
    if len(sample) >= 4:  # noqa: PLR2004 - two characters
        half = len(sample) // 2
        if sample[1::2].count(0) > 0.9 * half and not sample[::2].count(0):
            return "utf-16-le"
        if sample[::2].count(0) > 0.9 * half and not sample[1::2].count(0):
            return "utf-16-be"
    return None


def layout_of(lines: Sequence[str]) -> TextLayout:
    """Lay out a text by its first lines: a `sep=` line is obeyed, titles above the table are passed over."""
    above = 0
    while above < len(lines) and not lines[above].strip():
        above += 1
    said = lines[above].strip().strip('"') if above < len(lines) else ""
    if said.lower().startswith(SEP_LINE):
        mark = said[len(SEP_LINE) :].replace("\\t", "\t")[:1] or "\t"
        return TextLayout(mark, above + 1 + titles(_parsed(lines[above + 1 :], mark)))
    rest = lines[above:]
    delimiter = delimiter_of(rest)
    return TextLayout(delimiter, above + titles(_parsed(rest, delimiter)))


def delimiter_of(lines: Sequence[str]) -> str:
    """The character that parts the most lines into the same number of cells, the more cells the better."""
    for group in (DELIMITERS, RARE_DELIMITERS):
        best = max(group, key=lambda one: _evenness(lines, one))
        if _evenness(lines, best) > (0, 0):
            return best
    return DELIMITERS[0]


def _evenness(lines: Sequence[str], delimiter: str) -> tuple[int, int]:
    widths = Counter(len(row) for row in _parsed(lines, delimiter) if len(row) > 1)
    if not widths:
        return 0, 0
    width, rows = max(widths.items(), key=lambda item: (item[1], item[0]))
    return rows, width


def _parsed(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(lines, delimiter=delimiter))[:LOOKED_AT]
    except csv.Error:
        return [line.rstrip("\r\n").split(delimiter) for line in lines]


def titles(rows: Sequence[Sequence[str]]) -> int:
    """How many rows stand above the header of a table: those with hardly a cell where the rest has many."""
    widths = Counter(sum(bool(cell.strip()) for cell in row) for row in rows)
    widths.pop(0, None)
    usual = max((width for width, count in widths.items() if count > 1), default=max(widths, default=0))
    if usual <= 1:
        return 0
    for number, row in enumerate(rows[:MOST_TITLES]):
        said = sum(bool(cell.strip()) for cell in row)
        if said > 1 and said >= usual / 2:
            return number + 1 if _groups(rows[number : number + 3], usual) else number
    return 0


def _groups(rows: Sequence[Sequence[str]], usual: int) -> bool:
    """Whether the first of these rows only groups the headings in the next, as merged cells do."""
    if len(rows) < 3:  # noqa: PLR2004 - what groups, the headings, and a row of the table
        return False
    above, headings = ([cell for cell in row if cell.strip()] for row in rows[:2])
    return (
        len(above) < len(headings) >= usual
        and all(NAMING.fullmatch(cell.strip()) for cell in (*above, *headings))
        and any(_has_digit(cell) and not _has_digit(name) for name, cell in zip(*rows[1:3], strict=False))
    )


def _has_digit(cell: str) -> bool:
    return any(map(str.isdecimal, cell))
