"""Tables as they are exported: Parquet, and delimited text of any encoding, delimiter, number and date style.

Only the file's own evidence decides: a comma is a decimal comma, and 03/04/2026 a day in April, if every
value of the column can be read that way and not the other.
"""

import gzip
from pathlib import Path
from typing import Final

import polars as pl

from churnmodel.data.column_types import Kind, guess_kind, present_text
from churnmodel.data.delimited import GZIP, LOOKED_AT, UTF_16, layout_of

ENCODINGS: Final = ("utf-8-sig", "cp1252", "latin-1")
"""Tried in this order; the last one reads any bytes."""

NUMBER_MARKS: Final = r"^[\s$€£¥]+|[\s%$€£¥]+$"
"""Currency and percent signs around a number."""

THOUSANDS: Final = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"
DECIMAL_COMMA: Final = r"^[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?$"
PLAIN_NUMBER: Final = r"^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$"

DATE_STYLES: Final = (
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%y", "%m/%d/%y",
    "%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%b %d, %Y",
)  # fmt: skip
"""Day, month and year as people write them; a column is a date if just one of them reads all of it."""

FIRST_YEAR: Final = 1900
CLOCK_TAILS: Final = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")


class TableUnreadable(ValueError):
    """The file is no table: says which file, and what was wrong with it."""


def read_table(path: Path) -> pl.DataFrame:
    """Read Parquet or delimited text, gzipped or not, every column in the type it evidently has.

    Column names are trimmed; a name that occurs twice gets a number. Raises `TableUnreadable`.
    """
    try:
        if path.suffix.lower() in {".parquet", ".pq"}:
            frame = pl.read_parquet(path)
        else:
            raw = path.read_bytes()
            frame = _read_text(gzip.decompress(raw) if raw.startswith(GZIP) else raw)
    except FileNotFoundError as error:
        raise TableUnreadable(f"{path.name}: there is no such file in {path.parent}") from error
    except (OSError, EOFError, pl.exceptions.PolarsError) as error:
        raise TableUnreadable(f"{path.name}: not a readable table ({str(error).splitlines()[0]})") from error
    if frame.height == 0:
        raise TableUnreadable(f"{path.name}: no row below the header line")
    return _trimmed_names(frame)


def _read_text(raw: bytes) -> pl.DataFrame:
    text = _decoded(raw)
    layout = layout_of(text.split("\n", LOOKED_AT)[:LOOKED_AT])
    delimiter = layout.delimiter
    plain = text.split("\n", layout.above)[-1].encode()
    frame = _read_delimited(plain, delimiter)
    return frame.with_columns(
        [
            tidy(column, comma_is_decimal=delimiter != ",")
            for column in frame.get_columns()
            if column.dtype == pl.String
        ]
    )


def _decoded(raw: bytes) -> str:
    if raw.startswith(UTF_16):
        return raw.decode("utf-16")
    for encoding in ENCODINGS[:-1]:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode(ENCODINGS[-1])


def _read_delimited(text: bytes, delimiter: str) -> pl.DataFrame:
    """Read with quotes as the rule; where a stray quote makes that impossible, as plain characters."""
    for quote in ('"', None):
        try:
            return pl.read_csv(
                text,
                separator=delimiter,
                quote_char=quote,
                infer_schema_length=None,
                truncate_ragged_lines=True,
                null_values=["", "NA"],
            )
        except pl.exceptions.ComputeError:
            if quote is None:
                raise
    raise AssertionError  # pragma: no cover - the last try returns or raises


def _trimmed_names(frame: pl.DataFrame) -> pl.DataFrame:
    names: list[str] = []
    for name in frame.columns:
        plain = name.strip().strip("\ufeff\"'").strip()
        unique, number = plain, 1
        while unique in names:
            number += 1
            unique = f"{plain}_{number}"
        names.append(unique)
    return frame.rename(dict(zip(frame.columns, names, strict=True))) if names != frame.columns else frame


def tidy(column: pl.Series, *, comma_is_decimal: bool) -> pl.Series:
    """Give a text column as numbers or dates if all of it can be read so; else as it is.

    Numbers may carry currency or percent signs, thousands and decimal commas. `comma_is_decimal` says how
    to read `1,234`, which is either.
    """
    if guess_kind(column) is not Kind.CATEGORY:
        return column
    present = present_text(column)
    words = present.drop_nulls().unique()
    if words.is_empty() or not words.str.contains(r"\d").all():
        return column
    numbers = _as_numbers(present, words, comma_is_decimal=comma_is_decimal)
    if numbers is not None:
        return numbers
    dates = _as_dates(present, words)
    return column if dates is None else dates


def _as_numbers(present: pl.Series, words: pl.Series, *, comma_is_decimal: bool) -> pl.Series | None:
    bare = words.str.replace_all(NUMBER_MARKS, "")
    in_thousands = bare.str.contains(THOUSANDS) | bare.str.contains(PLAIN_NUMBER)
    in_commas = bare.str.contains(DECIMAL_COMMA)
    if in_commas.all() and (comma_is_decimal or not in_thousands.all()):
        read = bare.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    elif in_thousands.all():
        read = bare.str.replace_all(",", "", literal=True)
    else:
        return None
    return _translated(present, words, read.cast(pl.Float64))


def _as_dates(present: pl.Series, words: pl.Series) -> pl.Series | None:
    readings = []
    for style in DATE_STYLES:
        for tail in CLOCK_TAILS:
            read = words.str.to_datetime(style + tail, strict=False, time_unit="ms")
            # a year of two digits also reads as one of the first century
            if read.null_count() == 0 and not (read.dt.year() < FIRST_YEAR).any():
                readings.append(read)
    return _translated(present, words, readings[0]) if len(readings) == 1 else None


def _translated(present: pl.Series, words: pl.Series, values: pl.Series) -> pl.Series:
    return present.replace_strict(words, values, default=None, return_dtype=values.dtype)
