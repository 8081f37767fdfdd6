"""The numbers of a file's rows, column by column, each read by the plan of the country its row is of.

A number without its country's code is one of the country that the row's address names. Eight digits are a
number in Norway and another one in Denmark: read by the file's country alone, every Dane's rings a stranger.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import polars as pl

from callbacks.refusals import Rule
from churnmodel.data.text_blocks import series
from churnmodel.data.words import MISSING_WORDS, folded
from dialer.core.importing.addresses import read_country
from dialer.core.importing.number_parts import NumberParts, join_number, whole_number
from dialer.core.importing.phone_cells import CellFault
from dialer.core.importing.phone_columns import PhoneCells, read_phone_column
from telephony.numbers import NumberFault

NOWHERE: Final = "ZZ"  # ISO 3166: no country, so that only numbers with their code are read


@dataclass(slots=True)
class ReadNumbers:
    """What the cells of one column say, by row."""

    cells: list[str]  # as they were read, with the codes of other columns before them
    numbers: list[tuple[str, ...]]  # E.164 with the plus
    faults: dict[int, CellFault | NumberFault | Rule] = field(default_factory=dict)
    #: by number: another one of the same country and the same zones
    neighbours: dict[str, str] = field(default_factory=dict)


class RowsOfCountry(NamedTuple):
    """Rows whose numbers without a country's code are of one country (ISO 3166)."""

    region: str
    rows: Sequence[int]


def rows_by_country(countries: pl.Series | None, count: int, region: str) -> tuple[RowsOfCountry, ...]:
    """The rows of each country; of the file's own, `region`, are those whose cell says none.

    Where a cell says something that names no country, nobody can tell whose a number without a code is: that
    is `NOWHERE`.
    """
    if countries is None:
        return (RowsOfCountry(region, range(count)),)
    cells = countries.to_list()
    known = {
        cell: region if folded(cell) in MISSING_WORDS else read_country(cell) or NOWHERE
        for cell in set(cells)
    }
    found: dict[str, list[int]] = {}
    for row, cell in enumerate(cells):
        found.setdefault(known[cell], []).append(row)
    return tuple(RowsOfCountry(*each) for each in found.items())


def read_number_column(
    texts: Mapping[str, pl.Series], column: str, parts: NumberParts, countries: Sequence[RowsOfCountry]
) -> ReadNumbers:
    """What the cells of a column say, by the rows' countries; `texts` has every column of the file."""
    used = {name: texts[name] for name in (column, parts.calling, parts.area) if name is not None}
    count = len(texts[column])
    found = ReadNumbers([""] * count, [()] * count)
    for region, rows in countries:
        whole = len(rows) == count
        cells, read = _read(
            used if whole else {name: each.gather(list(rows)) for name, each in used.items()},
            column,
            parts,
            region,
        )
        found.neighbours |= read.neighbours
        numbers = [read.numbers.get(text, ()) for text in cells]
        if whole:
            found.cells, found.numbers = cells, numbers
        else:
            for row, text, said in zip(rows, cells, numbers, strict=True):
                found.cells[row], found.numbers[row] = text, said
        for row, text in zip(rows, cells, strict=True) if read.faults else ():
            if text in read.faults:
                found.faults[row] = read.faults[text]
    return found


def _read(
    texts: Mapping[str, pl.Series], column: str, parts: NumberParts, region: str
) -> tuple[list[str], PhoneCells]:
    """The cells of one country's rows, joined with their codes, and what each different one says."""
    if parts == NumberParts():
        return texts[column].to_list(), read_phone_column(texts[column], region)
    none = [""] * len(texts[column])
    calling, area = (texts[code].to_list() if code else none for code in parts)
    apart = list(zip(calling, area, texts[column].to_list(), strict=True))
    cells = [join_number(*each) for each in apart]
    read = read_phone_column(series(column, cells), region)
    if not read.faults or parts.area is None:
        return cells, read
    # those that are a number only as they stand, without a code of their area before them
    for row, each in enumerate(apart):
        if cells[row] in read.faults:
            cells[row] = whole_number(*each, region) or cells[row]
    return cells, read_phone_column(series(column, cells), region)
