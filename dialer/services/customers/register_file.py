"""A register's file: millions of numbers, one a line, in whatever columns; each line is a number or bad.

Numbers are read a slice of lines at a time by their country's plan, and only what is not plainly written is
looked at one by one. A register's number need not be in use: one that has the plan's form is taken, since
listing too many rings nobody.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from churnmodel.data.delimited import delimiter_of
from churnmodel.data.words import HEADINGS, folded_heading
from dialer.core.importing.mapping import is_number_name
from dialer.core.importing.number_columns import NOWHERE, rows_by_country
from dialer.core.importing.number_parts import is_area_code
from dialer.core.importing.phone_cells import read_phone_cell
from dialer.core.importing.rows import SUM, in_words, is_total
from dialer.core.sentence import Sentence
from dialer.services.customers.customer_file import CustomerFile, FileRefused
from telephony.number_plans import NumberPlan, plan_of
from telephony.numbers import E164, NumberError

LOOKED_AT: Final = 200  # lines, to find where the numbers stand
READABLE_SHARE: Final = 0.5  # of them, for a column to be the one with the numbers
FEWEST_DIGITS: Final = 5  # in a first line that is no heading
MOST_JOINED: Final = 3  # columns of one number: area code, exchange and line
MOST_AREA: Final = 5  # digits of an area code in a column of its own
PARTING: Final = r"[\s().-]"  # what may stand between the digits of a number, as in telephony.number_plans
MISSING: Final = "number.missing"
AREA: Final = f"^[0-9]{{1,{MOST_AREA + 1}}}$"
AREA_WITH_TRUNK: Final = f"^0[1-9][0-9]{{0,{MOST_AREA - 1}}}$"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadLine:
    """One line that gives no number, and why."""

    line: int
    text: str
    rule: str

    @property
    def reason(self) -> str:
        """The rule in words, with its id."""
        return in_words(self.rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberPlace:
    """Where in a line the number stands."""

    delimiter: str = ""  # empty: the whole line; a blank: any blanks
    column: int = 0
    joined: int = 0  # columns behind it that go on with the number: area code and line
    at: slice | None = None  # characters, in a file of fixed width
    others: tuple[int, ...] = ()  # columns with further numbers of whoever stands in the line
    country: int | None = None  # the column that says of which country the numbers without a code are

    @property
    def described(self) -> str:
        """In words, for whoever checks it."""
        if self.at is not None:
            first, last = str((self.at.start or 0) + 1), str(self.at.stop)
            return Sentence("characters %(first)s to %(last)s of each line", first=first, last=last)
        if not self.delimiter:
            return Sentence("one number a line")
        if self.joined:
            whole = range(self.column + 1, self.column + 2 + self.joined)
            return Sentence("columns %(columns)s joined", columns=" + ".join(map(str, whole)))
        if not self.others:
            return Sentence("column %(column)s", column=str(self.column + 1))
        return " and ".join(f"column {column + 1}" for column in (self.column, *self.others))

    @property
    def each(self) -> tuple["NumberPlace", ...]:
        """Every place of a line that holds numbers."""
        return (
            self,
            *(replace(self, column=column, joined=0, others=(), country=None) for column in self.others),
        )


@dataclass(slots=True, kw_only=True)
class RegisterNumbers:
    """What a file holds: different numbers in order, and the count of its lines."""

    numbers: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    place: NumberPlace
    good: int = 0  # lines with a number; the same one twice is two lines
    bad: list[UnreadLine] = field(default_factory=list)
    heading: str = ""  # the first line, where it names columns

    @property
    def lines(self) -> int:
        """All lines that say something, but the heading."""
        return self.good + len(self.bad)


def read_register(
    path: Path,
    region: str,
    *,
    at: slice | None = None,
    encoding: str | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> RegisterNumbers:
    """Read every line; `region` is the country of numbers without a country code.

    Raises:
        FileRefused: the file cannot be read, or nothing in it reads as numbers.
    """
    file = CustomerFile(path, encoding)
    blocks = file.text_lines()
    begun = next((block for block in blocks if block), [])
    sample = begun[:LOOKED_AT]
    first = 1 if sample and _is_heading(sample[0][1]) else 0
    place = NumberPlace(at=at) if at is not None else _find_place([text for _, text in sample], first, region)
    if place is None:
        raise FileRefused(
            f"{path} has no column that reads as numbers of {region}. Name the country with --country, or "
            "say where the numbers stand with --at 1-11."
        )
    found = RegisterNumbers(
        numbers=np.empty(0, np.int64), place=place, heading=sample[0][1].strip() if first else ""
    )
    pieces: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []
    for block in chain([begun[first:]], blocks):
        for country, piece in _by_country(block, place, region):
            pieces.append(_read_piece(piece, place, country, found))
        progress(file.share_read)
    found.bad.sort(key=lambda unread: unread.line)
    if pieces:
        found.numbers = pl.Series(np.concatenate(pieces)).unique().sort().to_numpy()
    return found


def _by_country(
    block: Sequence[tuple[int, str]], place: NumberPlace, region: str
) -> Iterator[tuple[str, Sequence[tuple[int, str]]]]:
    """The lines of each country; those that name none that is known are of `region`."""
    if place.country is None:
        yield from [(region, block)] if block else []
        return
    lines = pl.Series([text for _, text in block], dtype=pl.String)
    cells = _cells(lines, NumberPlace(delimiter=place.delimiter, column=place.country)).fill_null("")
    for country, rows in rows_by_country(cells, len(block), region):
        yield region if country == NOWHERE else country, [block[row] for row in rows]


def _read_piece(
    piece: Sequence[tuple[int, str]], place: NumberPlace, region: str, found: RegisterNumbers
) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    lines = pl.Series([text for _, text in piece], dtype=pl.String)
    read: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []
    numbered = np.zeros(len(piece), bool)
    faults: dict[int, str] = {}  # of cells that say something else than a number
    for each in place.each:
        cells = _cells(lines, each)
        numbers = plain_numbers(cells, region)
        numbered |= numbers.is_not_null().to_numpy()
        read.append(numbers.drop_nulls().to_numpy())
        for index in numbers.is_null().arg_true().to_list():
            known, fault = _read_cell(cells[index] or "", region)
            read.append(np.array(known, np.int64))
            numbered[index] |= bool(known)
            if fault is not None:
                faults.setdefault(index, fault)
    faults |= {index: faults.get(index, MISSING) for index in np.flatnonzero(~numbered).tolist()}
    for index, fault in sorted(faults.items()):
        line, whole = piece[index]
        rule = SUM if is_total(whole) else fault
        found.bad.append(UnreadLine(line=line, text=whole.rstrip("\r\n"), rule=rule))
    found.good += len(piece) - len(faults)
    return np.concatenate(read)


def _cells(lines: pl.Series, place: NumberPlace) -> pl.Series:
    """The cell of each line that holds its number; null where the line is too short."""
    if place.at is not None:
        start = place.at.start or 0
        return lines.str.slice(start, place.at.stop - start)
    if not place.delimiter:
        return lines.str.strip_chars("\"' \t\r\n")
    if place.delimiter == " ":
        parted = lines.str.strip_chars().str.replace_all(r"\s+", " ").str.split(" ")
    elif lines.str.contains('"', literal=True).any():
        rows = [next(csv.reader([line], delimiter=place.delimiter), []) for line in lines]
        parted = pl.Series(rows, dtype=pl.List(pl.String))
    else:
        parted = lines.str.strip_chars("\r\n").str.split(place.delimiter)
    cell = parted.list.get(place.column, null_on_oob=True)
    for further in range(1, place.joined + 1):
        cell += parted.list.get(place.column + further, null_on_oob=True)
    return cell.str.strip_chars()


def plain_numbers(texts: pl.Series, region: str) -> pl.Series:
    """Whole numbers of E.164 digits, null where a text is not plainly a number of the country's plan."""
    plan = plan_of(region)
    if plan is None:
        raise FileRefused(f"{region!r} is no country whose numbers are known")
    text = pl.col("text")
    frame = pl.DataFrame({"text": texts.str.replace_all(PARTING, "")})
    fits = _fits(text, plan)
    at_home = ~text.str.contains(f"^(?:{plan.abroad.pattern})") if plan.abroad is not None else pl.lit(True)
    bare = text.str.slice(len(plan.trunk)) if plan.trunk else text
    has_trunk = text.str.starts_with(plan.trunk) if plan.trunk else pl.lit(False)
    abroad = text.str.slice(1 + len(plan.code))
    coded = text.str.slice(len(plan.code))
    begins = text.str.starts_with(plan.code)
    chosen = (
        pl.when(text.str.starts_with(f"+{plan.code}") & _fits(abroad, plan) & ~_prefixed(abroad, plan))
        .then(abroad)
        .when(at_home & has_trunk & _fits(bare, plan) & ~fits)
        .then(bare)
        .when(at_home & ~_prefixed(text, plan) & fits)
        .then(text)
        .when(at_home & begins & ~fits & ~has_trunk & _fits(coded, plan) & ~_prefixed(coded, plan))
        .then(coded)
    )
    numbers = frame.select((plan.code + chosen).cast(pl.Int64, strict=False).alias("number"))
    return numbers.to_series()


def _fits(text: pl.Expr, plan: NumberPlan) -> pl.Expr:
    return text.str.contains(f"^(?:{_ascii(plan.general)})$") & text.str.len_bytes().is_in(list(plan.lengths))


def _prefixed(text: pl.Expr, plan: NumberPlan) -> pl.Expr:
    """Whether something stands before the number that is not of it; phonenumbers has to say what."""
    if plan.prefix is None:
        return pl.lit(False)
    return text.str.contains(f"^(?:{_ascii(plan.prefix)})") & ~text.str.contains("^$")


def _ascii(pattern: str) -> str:
    return pattern.replace("\\d", "[0-9]")


def _read_cell(text: str, region: str) -> tuple[list[int], str | None]:
    """The numbers of one cell, and the rule that it breaks where it has none and says something."""
    number = _strictly(text, region)
    if number is not None:
        return [number], None
    cell = read_phone_cell(text, region)
    found = [int(e164.removeprefix("+")) for e164 in cell.numbers]
    return found, str(cell.fault) if cell.fault is not None and not found else None


def _strictly(text: str, region: str) -> int | None:
    """The number that a cell is, with nothing beside it."""
    try:
        return int(E164.parse(text.strip(), region=region).digits)
    except NumberError:
        return None


def _is_heading(line: str) -> bool:
    return sum(map(str.isdecimal, line)) < FEWEST_DIGITS


def _find_place(sample: Sequence[str], first: int, region: str) -> NumberPlace | None:
    """Where most lines of the sample have a number; the heading says which column where several have."""
    lines = pl.Series(sample[first:], dtype=pl.String)
    if not len(lines):
        return NumberPlace()
    heading = sample[0] if first else ""
    whole = NumberPlace()
    if _share(lines, whole, region)[0] >= READABLE_SHARE:
        return whole
    for delimiter in dict.fromkeys((delimiter_of(sample), " ")):
        place = _best_column(lines, heading, delimiter, region)
        if place is not None:
            return place
    return None


def _best_column(lines: pl.Series, heading: str, delimiter: str, region: str) -> NumberPlace | None:
    width = Counter(len(line.split(None if delimiter == " " else delimiter)) for line in lines)
    columns = width.most_common(1)[0][0]
    names = next(csv.reader([heading], delimiter=delimiter), []) if heading else []
    named = [column for column, name in enumerate(names[:columns]) if is_number_name(name)]
    shares = {
        column: _share(lines, NumberPlace(delimiter=delimiter, column=column), region)
        for column in range(columns)
    }
    ranks = {
        column: (column in named, share, different)
        for column, (share, different) in shares.items()
        if share >= READABLE_SHARE
    }
    if ranks:
        best = max(ranks, key=ranks.__getitem__)
        others = (
            tuple(column for column in named if column != best and shares[column][0]) if best in named else ()
        )
        alone = NumberPlace(delimiter=delimiter, column=best, others=others)
        country = next(filter(partial(_names_country, names), range(columns)), None)
        return replace(_behind_its_code(lines, names, alone, region) or alone, country=country)
    for joined in range(1, min(columns, MOST_JOINED)):
        for column in range(columns - joined):
            place = NumberPlace(delimiter=delimiter, column=column, joined=joined)
            area = _cells(lines, NumberPlace(delimiter=delimiter, column=column))
            areas = area.str.contains(f"^[0-9]{{1,{MOST_AREA}}}$").sum() >= READABLE_SHARE * len(lines)
            if areas and _share(lines, place, region)[0] >= READABLE_SHARE:
                return place
    return None


def _names_country(names: Sequence[str], column: int) -> bool:
    return column < len(names) and folded_heading(names[column]) in HEADINGS["country"]


def _behind_its_code(
    lines: pl.Series, names: Sequence[str], alone: NumberPlace, region: str
) -> NumberPlace | None:
    """The place with the area code before it, which a local number needs that reads as another without it."""
    before = alone.column - 1
    if before < 0 or before in alone.others:
        return None
    codes = _cells(lines, replace(alone, column=before, others=()))
    numbers = _cells(lines, replace(alone, others=()))
    is_named = before < len(names) and is_area_code(names[before])
    areas = codes.str.contains(AREA if is_named else AREA_WITH_TRUNK) & ~numbers.str.contains(r"^[(]?[0+]")
    place = replace(alone, column=before, joined=1)
    if (areas.sum() or 0) < READABLE_SHARE * len(lines):
        return None
    return place if _share(lines, place, region)[0] >= READABLE_SHARE else None


def _share(lines: pl.Series, place: NumberPlace, region: str) -> tuple[float, int]:
    """The share of lines with a number at this place, and how many different ones there are."""
    cells = _cells(lines, place)
    plain = plain_numbers(cells, region)
    read = [
        number if number is not None else _strictly(text or "", region)
        for number, text in zip(plain, cells, strict=True)
    ]
    numbers = [number for number in read if number is not None]
    return len(numbers) / max(1, len(lines)), len(set(numbers))
