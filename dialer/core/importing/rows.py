"""What a row of a customer file becomes: one customer, or a bad row with its line, column and reason.

A bad cell costs that cell and not the customer; only a row without a usable identifier is bad.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from zoneinfo import available_timezones

from churnmodel.data.words import (
    COUNTED_WORDS,
    MISSING_WORDS,
    NO_WORDS,
    TOTAL_WORDS,
    UNBARRED_WORDS,
    folded,
)
from dialer.core.importing.phone_cells import CellFault
from telephony.numbers import NumberFault

MOST_ID: Final = 120  # characters, as wide as the database's columns
MOST_NAME: Final = 200
MOST_LANGUAGE: Final = 8
MOST_VALUE: Final = 2_000  # of an attribute; longer text describes an incident, not a customer
DIGEST_BYTES: Final = 16  # of a row: as long as any two rows of all files ever will differ in
MOST_NUMBERS: Final = 5  # of one customer: more is a list of contacts, not one person
ZONES: Final = available_timezones()
#: what no text has: all but tabs and ends of lines
CONTROLS: Final = frozenset(map(chr, range(32))) - frozenset("\t\r\n")
SURROGATE: Final = "Cs"  # Unicode's category of what stands for a byte that is no character
#: how programs write that there is no day, marks left out: noughts, the first day they can count, and the one
#: before it, which a spreadsheet shows for an empty cell: `00.01.1900`
NO_DAY: Final = re.compile(
    "19000100|00011900|01001900|101900|011900|0jan(?:19)?00"
    "|0+|(?:(?:0001|1753|1900)0101|0101(?:0001|1753|1900)|18991230|30121899)t?0*"
)
#: a number as a spreadsheet shows it where its column is narrow
SHORTENED: Final = re.compile(r"\d[.,](?P<decimals>\d+)E\+(?P<exponent>\d{1,2})")
#: what stands in a cell that says nothing, where it has neither letter nor digit; a dagger or a tick does not
SILENT: Final = frozenset(" \t\r\n\u00a0\u00ad\u200b\u200c\u200d\ufeff-–—_./\\?'\"()[]\u2610")  # noqa: RUF001

TICKED: Final = frozenset("☑☒✓✔✅")
UNTICKED: Final = frozenset("☐□✗✘❌⬜")
"""Marks of a yes and of a no to whether somebody may be called; whether a cross bars or not, nobody knows."""

SUM: Final = "row.total"  # a row in which no customer stands

REASONS: Final[Mapping[str, str]] = {
    "row.width": "the row has another number of cells than the first line",
    "row.quote": "a quotation mark opens a cell here and is never closed",
    "row.encoding": "not readable in the file's encoding; save it as UTF-8, or name its encoding",
    "row.remark": "a remark beside the table, not a customer",
    SUM: "a sum under the table, not a customer",
    "id.missing": "no identifier",
    "id.twice": "an earlier row has the same identifier",
    "id.shortened": "the spreadsheet has shortened this identifier and its last digits are gone; format the "
    "column as text there and export it again",
    "id.too-long": f"longer than {MOST_ID} characters",
    "name.too-long": f"longer than {MOST_NAME} characters",
    "household.too-long": f"longer than {MOST_ID} characters",
    "language.too-long": f"longer than {MOST_LANGUAGE} characters",
    "zone.unknown": "not a time zone of the IANA list, such as Europe/London",
    "value.too-long": f"longer than {MOST_VALUE} characters",
    "value.control": "holds characters that no text has",
    "number.missing": "no number",
    CellFault.LETTERS: "there are words beside the number that may change its meaning; letters are no digits",
    CellFault.SHORTENED: "the spreadsheet has shortened this number and its last digits are gone; format the "
    "column as text there and export it again",
    CellFault.TAIL: "a short end after a stroke may belong to the number or replace its end; "
    "write each number whole",
    CellFault.DATE: "a date, not a number",
    CellFault.TWO_READINGS: "a number with its area code, or with the country's code; write a zero or a plus "
    "before it",
    CellFault.FAX: "a fax, which nobody answers",
    NumberFault.EXTENSION: "a number with an extension cannot be dialled; write the direct number",
    NumberFault.TOO_SHORT: "too short for a number",
    NumberFault.TOO_LONG: "too long for a number",
    NumberFault.NO_REGION: "the country beside it is not known; write the number with its country's code",
    NumberFault.NO_AREA_CODE: "the area code is missing",
    NumberFault.UNKNOWN_COUNTRY: "no country has this code",
}


class ProhibitionKind(StrEnum):
    """Why a person is not to be rung, whatever number they have."""

    OBJECTION = "objection"
    DECEASED = "deceased"


@dataclass(frozen=True, slots=True)
class Prohibited:
    """A column of the file that puts the person off, and what it says of them."""

    kind: ProhibitionKind
    column: str
    said: str

    @property
    def reason(self) -> str:
        """In words, for whoever asks why the person is not rung."""
        return f"{self.column}: {self.said}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LostCell:
    """One cell that was left out of its customer: which column, and the rule it breaks."""

    column: str
    rule: str

    @property
    def reason(self) -> str:
        """The rule in words, with its id."""
        return in_words(self.rule)


class CustomerRow(NamedTuple):
    """One customer of a file, already checked."""

    external_id: str
    name: str = ""
    zone: str | None = None
    language: str = "en"
    household: str | None = None
    residence: str | None = None  # ISO 3166 codes parted by blanks: where the person lives by their address
    numbers: tuple[str, ...] = ()  # E.164 with the plus, each once, in the order they are to be tried
    attributes: Mapping[str, Any] = MappingProxyType({})
    prohibition: Prohibited | None = None  # what puts the person off, whatever their number
    digest: str | None = None  # of the file's row, where the row says all that is here and nothing else
    lost: tuple[LostCell, ...] = ()  # what the row had beside, and could not be read


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """One row that was not taken: where, which column, and the rule it breaks."""

    line: int
    column: str
    rule: str
    cells: tuple[str, ...]

    @property
    def reason(self) -> str:
        """The rule in words, with its id."""
        return in_words(self.rule)


def says_no(cell: str) -> bool:
    """Whether a cell of a prohibition says no, or nothing. A date, a sign, or any other word, is a yes."""
    word = folded(cell)
    if word not in MISSING_WORDS:
        return word in NO_WORDS | UNBARRED_WORDS or NO_DAY.fullmatch(word) is not None
    return bool(word) or SILENT.issuperset(cell)


def is_shortened(identifier: str) -> bool:
    """Whether a spreadsheet wrote an identifier with fewer digits than it has: `1.23457E+11`."""
    found = SHORTENED.fullmatch(identifier)
    return found is not None and len(found["decimals"]) < int(found["exponent"])


def is_total(identifier: str) -> bool:
    """Whether what stands for an identifier is a report's last line: `I alt: 3 kunder`, `Total rows: 60`."""
    word = "".join(filter(str.isalpha, folded(identifier)))
    for counted in COUNTED_WORDS:
        word = word.removesuffix(counted) or word
    return word in TOTAL_WORDS


def is_sum(said: Sequence[str]) -> bool:
    """Whether a row is a report's sum and nobody's, by its cells that say something."""
    return bool(said) and is_total(said[0]) and not any(map(str.isalpha, "".join(said[1:])))


def is_remark(text: str) -> bool:
    """Whether what stands alone in a row is a sentence and nobody's identifier: `Confidential - internal`."""
    return " " in text.strip() and any(map(str.isalpha, text))


def unfit(text: str) -> str | None:
    """The rule that a text breaks which no database should hold; None where one may."""
    if len(text) > MOST_VALUE:
        return "value.too-long"
    if any(unicodedata.category(character) == SURROGATE for character in text):
        return "row.encoding"
    return None if CONTROLS.isdisjoint(text) else "value.control"


def in_words(rule: str) -> str:
    """A rule in words, with its id."""
    return f"{REASONS.get(rule, 'not a number that can be called')} [{rule}]"
