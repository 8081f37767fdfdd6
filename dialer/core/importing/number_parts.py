"""A telephone number in several columns: the country's code, the area's, and what is left, joined into one.

A number without its area code is nobody's, or a stranger's. So a column that is named like a code, and holds
codes, goes before the numbers it stands in front of: an area code before the next column of numbers, a
country's calling code before every one behind it until another such column comes.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from churnmodel.data.words import CELL_LABELS, CELL_REMARKS, HEADINGS, MISSING_WORDS, folded
from dialer.core.importing.heading_phrases import words_in
from dialer.core.importing.headings import as_written
from dialer.core.importing.phone_cells import read_phone_cell
from dialer.core.importing.prohibition_columns import bears
from telephony.number_plans import plans_for

CODE_SHARE: Final = 0.9  # of a column's values that must be codes: a number in it would be lost
#: with the trunk's zero, or with the country's code before it
AREA_CODE: Final = re.compile(r"(?:\+|00)\d{2,7}|\d{1,6}")
MARKS: Final = str.maketrans("", "", " ()-/.\u00a0'")
#: what a column may be called that holds the rest of a number, right behind its area code
REST: Final = frozenset(
    {"nummer", "number", "nr", "no", "numero", "line", "linje", "local", "localnumber", "lokalnummer"}
    | {"paikallisnumero", "subscribernumber", "abonnentnummer", "anschluss", "anschlussnummer"}
    | {"teilnehmernummer", "abonneenummer"}
)


class NumberParts(NamedTuple):
    """The columns that go before a column of numbers, None where there is none."""

    calling: str | None = None
    area: str | None = None


def is_area_code(column: str) -> bool:
    """Whether a column is named like one of area codes: `Vorwahl`, `Riktnr`, `Area code (home)`."""
    return _named(column, "area_code")


def is_calling_code(column: str) -> bool:
    """Whether a column is named like one of countries' calling codes: `Landsnr.`, `Country code`."""
    return _named(column, "calling_code")


def reads_as_calling_code(text: str) -> bool:
    """Whether a text without marks is the code of a country: `47`, `+47`, `0047`."""
    code = text.removeprefix("+")
    return code.isascii() and code.isdecimal() and int(code) in COUNTRY_CODE_TO_REGION_CODE


def reads_as_area_code(text: str) -> bool:
    """Whether a text without marks may be an area's code; nobody has a list of all of them."""
    return AREA_CODE.fullmatch(text) is not None


def holds(codes: Callable[[str], bool], cells: Sequence[str]) -> bool:
    """Whether nearly all of these cells are such codes, and there is one."""
    said = [text for cell in cells if folded(text := cell.translate(MARKS)) not in MISSING_WORDS]
    return bool(said) and sum(map(codes, said)) >= CODE_SHARE * len(said)


def rest_of_numbers(columns: Sequence[str], values: Callable[[str], Sequence[str]]) -> tuple[str, ...]:
    """Columns that hold the rest of numbers by their place alone: `Nummer`, right behind `Vorwahl`."""
    return tuple(
        column
        for before, column in pairwise(columns)
        if folded(as_written(column)) in REST
        and is_area_code(before)
        and holds(reads_as_area_code, values(before))
    )


def guess_codes(
    columns: Sequence[str], phones: Sequence[str], sample: Sequence[Mapping[str, str]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns of calling codes and of area codes among these, for the columns of numbers there are.

    An area code that the numbers behind it begin with is none of theirs: it is in them already.
    """
    if not phones or not sample:
        return (), ()

    def cells(column: str) -> list[str]:
        return [row[column] for row in sample]

    def goes_before(area: str) -> bool:
        phone = next(
            each for each, parts in parts_of([*sample[0]], phones, (), (area,)).items() if parts.area
        )
        return not bears(
            [row for row in sample if join_number("", row[area], row[phone]) != row[phone]],
            lambda row: _digits(row[phone]).startswith(_digits(row[area]).lstrip("0")),
        )

    calling = tuple(
        one for one in columns if is_calling_code(one) and holds(reads_as_calling_code, cells(one))
    )
    areas = (one for one in columns if is_area_code(one) and holds(reads_as_area_code, cells(one)))
    return calling, tuple(filter(goes_before, areas))


def parts_of(
    columns: Sequence[str], phones: Sequence[str], calling: Sequence[str], areas: Sequence[str]
) -> dict[str, NumberParts]:
    """What goes before each column of numbers, by their places in the file."""
    places = {column: place for place, column in enumerate(columns)}
    in_order = sorted(phones, key=places.__getitem__)
    area_of: dict[str, str] = {}
    for area in areas if in_order else ():
        behind = (phone for phone in in_order if places[phone] > places[area])
        area_of.setdefault(next(behind, in_order[-1]), area)
    codes = sorted(calling, key=places.__getitem__)
    found = {}
    for phone in phones:
        before = [code for code in codes if places[code] < places[phone]]
        found[phone] = NumberParts(next(iter((*before[-1:], *codes[:1])), None), area_of.get(phone))
    return found


def join_number(calling: str, area: str, number: str) -> str:
    """One number of its parts' cells; a number that begins as a whole one does stays as it is.

    What begins with a plus or two zeros has its country's code, what begins with a zero its area's.
    """
    bare = number.strip().lstrip("(")
    if not any(map(str.isdecimal, number)) or bare.startswith(("+", "00")):
        return number
    area = "" if folded(area) in MISSING_WORDS else area.strip()
    whole = f"{area} {number.strip()}" if area and not bare.startswith("0") else number
    code = "" if folded(calling) in MISSING_WORDS else calling.translate(MARKS)
    if not code or whole.lstrip(" (").startswith(("+", "00")):
        return whole
    return f"+{code.removeprefix('+').removeprefix('00')} {whole.strip()}"


def whole_number(calling: str, area: str, number: str, region: str) -> str | None:
    """A number that has its area's code already, `4157812671` beside `415`; None where it reads as none so.

    To be asked where the code before it makes no number: where both make one, nobody knows which is meant.
    """
    whole = join_number(calling, "", number)
    read = read_phone_cell(whole, region)
    start = _digits(area).lstrip("0")
    found = (numbered.removeprefix("+") for numbered in read.numbers)
    begun = [digits.removeprefix(plans_for(digits)[0]).startswith(start) for digits in found]
    return whole if start and begun and all(begun) and read.fault is None else None


def joined_row(row: Mapping[str, str], phone: str, parts: NumberParts) -> str:
    """The number of one row."""
    calling, area = ("" if code is None else row.get(code, "") for code in parts)
    return join_number(calling, area, row[phone])


def _digits(cell: str) -> str:
    return "".join(filter(str.isdecimal, cell))


def _named(column: str, meaning: str) -> bool:
    words = words_in(as_written(column))
    told = "".join(word for word in words if word not in CELL_LABELS and word not in CELL_REMARKS)
    return not {folded(as_written(column)), told}.isdisjoint(HEADINGS[meaning])
