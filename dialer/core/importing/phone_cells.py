"""What a cell of a column of numbers says: one number, several, none, or something that is not to be rung.

Strict: what may be read in two ways, or only by leaving out something that is not understood, is no number.
A wrong digit rings a stranger; a cell that is refused costs one more look at the file.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from callbacks.refusals import Rule, refuse_kind
from churnmodel.data.words import CELL_LABELS, CELL_REMARKS, FAX, MISSING_WORDS, NUMBER_WITHHELD, folded
from telephony.number_plans import PARTING, known_number, plain_number, plan_of
from telephony.numbers import E164, NumberError, NumberFault


class CellFault(StrEnum):
    """Why a cell of numbers gives none, beyond what is wrong with a number itself."""

    LETTERS = "number.letters"
    SHORTENED = "number.shortened"
    TAIL = "number.tail"
    DATE = "number.date"
    FAX = "number.fax"
    TWO_READINGS = "number.two-readings"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneCell:
    """The numbers of one cell (E.164 with the plus, in order), and the rule that a part of it breaks."""

    numbers: tuple[str, ...] = ()
    fault: CellFault | NumberFault | Rule | None = None

    @property
    def is_empty(self) -> bool:
        """Whether the cell says that there is no number."""
        return not self.numbers and self.fault is None


MOST_CELL: Final = 200  # characters; five numbers with remarks are shorter
CACHED: Final = 1 << 16
#: digits of a country's longest numbers in use, without zero or code; their plans allow for more
MOST_NATIONAL: Final[Mapping[str, int]] = {"DE": 11}
FEWEST_DIGITS: Final = 5  # of a text that somebody may have meant as a number

FITTING_SHARE: Final = 0.9  # of a column's cells, for a country to be the one they were written in
REGIONS: Final = (
    "NO", "SE", "DK", "FI", "DE", "AT", "CH", "GB", "IE", "FR", "NL", "BE", "ES", "IT", "PL", "US", "AU",
    "NZ", "BR",
)  # fmt: skip
"""Countries a column of numbers is tried in, to say which it may be from (ISO 3166)."""

EMPTY: Final = PhoneCell()
#: Unicode's categories of marks that say nothing: zero-width blanks and directions, pictures, their variants
UNSAYING: Final = frozenset({"Cf", "So", "Mn"})
#: one number and nothing else; with dots and dashes it may be a date, or a sum
PLAIN: Final = re.compile(r"\+?[0-9 ()]+")
QUOTED_FORMULA: Final = re.compile(r'^=?\s*"(.*)"$')
LEADING_MARK: Final = re.compile(r"^(?:=\s*(?=[+\d(])|['’‘`´]\s*)")  # noqa: RUF001 - as spreadsheets write it
SCIENTIFIC: Final = re.compile(r"^\+?(\d)(?:[.,](\d+))?[eE]\+?(\d{1,2})$")
WHOLE_FLOAT: Final = re.compile(r"^(\+?\d{5,})[.,]0+$")
THOUSANDS: Final = re.compile(r"^\d{1,3}(?:,\d{3}){2,}$")
DATE: Final = re.compile(
    r"^(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d|(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2})\b"
)
REMARK: Final = re.compile(r"[(\[]\s*([^()\[\]\d+]*[^\W\d_][^()\[\]\d+]*)\s*[)\]]")
EXTENSION: Final = re.compile(
    r"(?:[;,]?\s*(?<![^\W\d_])(?:ext(?:ension|n)?|x|durchwahl|dw|nst|app|linje|int(?:ernt?)?|ankn(?:ytning)?|lok(?:al)?"
    r"|alanumero|poste|toestel|tst)(?![^\W\d_])[.:=\s]*|#|,,+)\s*\d{1,7}\s*$",
    re.IGNORECASE,
)
APART: Final = re.compile(
    r"\s*[;|\n\r\t]+\s*|,\s*|\s+(?:or|and|oder|und|bzw\.?|eller|el\.?|evt\.?|og|och|samt|tai|ja|sekä|ou|et|of|en|&)\s+|\s*&\s*",
    re.IGNORECASE,
)
GAP: Final = re.compile(r"\s+-?\s*(?=[+\d(])|-(?=\+)|(?<=\d)(?=\+)")  # between two numbers in a row
WITHOUT_NUMBER: Final = CELL_REMARKS | CELL_LABELS | NUMBER_WITHHELD
"""Words of a cell that has no digit and tells of no number."""
SEVERAL: Final = frozenset({NumberFault.TOO_LONG, NumberFault.UNREADABLE})  # how two numbers read as one
WORD: Final = re.compile(r"[^\W\d_]+(?:[-.’'][^\W\d_]+)*\.?:?")  # noqa: RUF001 - an apostrophe inside a word


def read_phone_cell(cell: str, region: str) -> PhoneCell:
    """The numbers that a cell says; `region` (ISO 3166) is the country of those without a country code."""
    if PLAIN.fullmatch(cell) is not None:
        plain = plain_number(cell, region)
        if plain is not None and E164(plain.digits).is_rung:
            return PhoneCell(numbers=(f"+{plain.digits}",))
    return _read_phone_cell(cell, region)


@lru_cache(maxsize=CACHED)
def _read_phone_cell(cell: str, region: str) -> PhoneCell:
    text = _seen(cell)
    if _says_nothing(text):
        return EMPTY
    if len(text) > MOST_CELL:
        return PhoneCell(fault=NumberFault.TOO_LONG)
    if (shortened := SCIENTIFIC.match(text)) is not None:
        lead, decimals, exponent = shortened[1], shortened[2] or "", int(shortened[3])
        if len(decimals) != exponent:
            return PhoneCell(fault=CellFault.SHORTENED)
        text = lead + decimals
    elif (whole := WHOLE_FLOAT.match(text)) is not None:
        text = whole[1]
    elif THOUSANDS.match(text):
        text = text.replace(",", "")
    if DATE.match(text):
        return PhoneCell(fault=CellFault.DATE)
    if EXTENSION.search(text):
        return PhoneCell(fault=NumberFault.EXTENSION)
    return _joined([_part(part, region) for part in APART.split(text)])


def looks_like_numbers(cell: str) -> bool:
    """Whether somebody may have meant the cell as a number, though it may not be readable as one."""
    text = _seen(cell)
    return sum(map(str.isdecimal, text)) >= FEWEST_DIGITS or SCIENTIFIC.match(text) is not None


def regions_that_read(cells: Sequence[str], apart_from: str) -> tuple[str, ...]:
    """Countries of which these cells are numbers, hardly one excepted; none where no country fits."""
    return tuple(
        region
        for region in REGIONS
        if region != apart_from
        and cells
        and sum(bool(read_phone_cell(cell, region).numbers) for cell in cells) >= FITTING_SHARE * len(cells)
    )


def _seen(cell: str) -> str:
    """The cell as a reader sees it, without what a spreadsheet puts around it to keep it as text."""
    text = unicodedata.normalize("NFKC", cell)
    text = "".join(character for character in text if unicodedata.category(character) not in UNSAYING).strip()
    if (quoted := QUOTED_FORMULA.match(text)) is not None:
        text = quoted[1].strip()
    return LEADING_MARK.sub("", text)


def _says_nothing(text: str) -> bool:
    return folded(text) in MISSING_WORDS or not text.strip("0-–—./ ()+?")  # noqa: RUF001 - dashes of any length


def _part(text: str, region: str) -> PhoneCell:
    """One piece of a cell: a number with words that are known to stand beside one."""
    text = text.strip()
    if _says_nothing(text):
        return EMPTY
    words = [folded(word.strip(".:")) for word in WORD.findall(" ".join(REMARK.findall(text)))]
    outside = REMARK.sub(" ", text)
    words += [folded(word.strip(".:")) for word in WORD.findall(outside)]
    if any(word in FAX for word in words):
        return PhoneCell(fault=CellFault.FAX)
    bare = WORD.sub(" ", outside).strip(" :,;-")
    if not any(map(str.isdecimal, bare)):
        known = all(word in WITHOUT_NUMBER or word in MISSING_WORDS for word in words)
        return EMPTY if known else PhoneCell(fault=CellFault.LETTERS)
    if not all(word in CELL_REMARKS or word in CELL_LABELS for word in words):
        return PhoneCell(fault=CellFault.LETTERS)
    if "/" in bare or "\\" in bare:
        return _slashed(bare, region)
    return _one_or_more(bare, region)


def _slashed(text: str, region: str) -> PhoneCell:
    """A slash parts an area code from its number, or two numbers; a short end after it may mean either."""
    first, *rest = (part.strip() for part in re.split(r"[/\\]", text))
    rest = [part for part in rest if part]
    if not rest or not first:
        return _number("".join((first, *rest)), region)
    if _number(first, region).fault is not None:
        return _number(" ".join((first, *rest)), region)
    found = [_number(part, region) for part in (first, *rest)]
    if any(part.fault is not None for part in found):
        return PhoneCell(fault=CellFault.TAIL)
    return _joined(found)


def _one_or_more(text: str, region: str) -> PhoneCell:
    """One number; or several with only blanks or dashes between, if just one way of parting reads all."""
    whole = _number(text, region)
    if whole.fault not in SEVERAL:
        return whole
    ways = [
        _joined([left, right])
        for gap in GAP.finditer(text)
        if (left := _number(text[: gap.start()], region)).fault is None
        and (right := _one_or_more(text[gap.end() :], region)).fault is None
    ]
    return ways[0] if len(ways) == 1 else whole


def _joined(parts: list[PhoneCell]) -> PhoneCell:
    numbers = dict.fromkeys(number for part in parts for number in part.numbers)
    fault = next((part.fault for part in parts if part.fault is not None), None)
    return PhoneCell(numbers=tuple(numbers), fault=fault)


def _number(text: str, region: str) -> PhoneCell:
    found = _parsed(text, region)
    if found is NumberFault.INVALID and text.isdecimal() and not text.startswith("0"):
        # a spreadsheet took the zero that belongs to the number, as in Italy
        with_zero = _parsed(f"0{text}", region)
        found = with_zero if isinstance(with_zero, E164) else found
    if isinstance(found, NumberFault):
        return PhoneCell(fault=found)
    abroad = _with_its_code(text, found, region)
    if abroad is not None:
        if len(abroad.digits) <= MOST_NATIONAL.get(region, len(abroad.digits)):
            return PhoneCell(fault=CellFault.TWO_READINGS)
        found = abroad
    if not found.is_rung:
        return PhoneCell(fault=refuse_kind(found.kind).rule)
    return PhoneCell(numbers=(found.e164,))


def _with_its_code(text: str, read: E164, region: str) -> E164 | None:
    """The number a text says if it begins with the country's code, where it was read as having none.

    `491711234567` is 0171 1234567 in Germany written for callers from abroad, and to a plan that allows for
    long numbers as well 0491 711234567.
    """
    digits = text.translate(PARTING)
    plan = plan_of(region)
    if plan is None or not digits.startswith(plan.code) or read.digits != plan.code + digits:
        return None
    known = known_number(digits)
    return E164(known.digits) if known is not None else None


def _parsed(text: str, region: str) -> E164 | NumberFault:
    try:
        return E164.parse(text, region=region)
    except NumberError as refused:
        return refused.rule
