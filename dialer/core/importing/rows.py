"""One row of a customer file becomes one customer, or a bad row with its line, column and reason.

A bad cell costs that cell and not the customer; only a row without a usable identifier is bad.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from zoneinfo import available_timezones

from churnmodel.data.words import MISSING_WORDS, NO_WORDS, folded
from dialer.core.importing.mapping import ColumnMapping
from dialer.core.importing.notation import Notation
from dialer.core.importing.phone_cells import CellFault, PhoneCell, read_phone_cell, regions_that_read
from telephony.numbers import NumberFault

MOST_ID: Final = 120  # characters, as wide as the database's columns
MOST_NAME: Final = 200
MOST_LANGUAGE: Final = 8
MOST_VALUE: Final = 2_000  # of an attribute; longer text describes an incident, not a customer
MOST_NUMBERS: Final = 5  # of one customer: more is a list of contacts, not one person
MOST_FAILED: Final = 50  # cells of a column, to tell what country they are from
READABLE_SHARE: Final = 0.5  # of a column's numbers; with less it was most likely read in the wrong country
ZONES: Final = available_timezones()

REASONS: Final[Mapping[str, str]] = {
    "row.width": "the row has another number of cells than the first line",
    "row.quote": "a quotation mark opens a cell here and is never closed",
    "row.encoding": "not readable as UTF-8; save the file as UTF-8 or name its encoding with --encoding",
    "id.missing": "no identifier",
    "id.twice": "an earlier row has the same identifier",
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
    CellFault.FAX: "a fax, which nobody answers",
    NumberFault.EXTENSION: "a number with an extension cannot be dialled; write the direct number",
    NumberFault.TOO_SHORT: "too short for a number",
    NumberFault.TOO_LONG: "too long for a number",
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCustomer:
    """One good row."""

    external_id: str
    name: str
    numbers: tuple[str, ...]  # E.164 with the plus, in the order they are to be tried
    zone: str | None
    language: str
    household: str | None
    attributes: Mapping[str, str]
    prohibition: Prohibited | None = None
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


class RowRefused(ValueError):
    """The row breaks a rule in one column."""

    def __init__(self, column: str, rule: str) -> None:
        super().__init__(f"{column}: {rule}")
        self.column = column
        self.rule = rule


@dataclass(slots=True)
class PhoneColumn:
    """How a column of numbers fares."""

    said: int = 0  # cells that are not empty
    readable: int = 0  # of them, those that gave a number
    failed: list[str] = field(default_factory=list)  # the first of those that gave none

    def count(self, text: str, cell: PhoneCell) -> None:
        """Take one cell into account."""
        self.said += not cell.is_empty
        self.readable += bool(cell.numbers)
        if cell.fault is not None and len(self.failed) < MOST_FAILED:
            self.failed.append(text)


class RowReader:
    """Reads the rows of one file in order; remembers which identifiers it has seen."""

    def __init__(
        self,
        columns: Sequence[str],
        mapping: ColumnMapping,
        region: str,
        notations: Mapping[str, Notation] | None = None,
    ) -> None:
        self.notations = notations or {}
        self.columns = tuple(columns)
        self.mapping = mapping
        self.region = region
        self.attributes = mapping.attributes(columns)
        self.seen: set[str] = set()
        self.phones = {column: PhoneColumn() for column in mapping.phones}

    @property
    def unread_phones(self) -> dict[str, tuple[str, ...]]:
        """Columns of numbers that cannot be read, each with the countries whose numbers its cells are."""
        doubtful = {
            column: regions_that_read(tally.failed, self.region)
            for column, tally in self.phones.items()
            if tally.readable < READABLE_SHARE * tally.said
        }
        return {
            column: regions
            for column, regions in doubtful.items()
            if regions or not self.phones[column].readable
        }

    def read(self, line: int, cells: Sequence[str], fault: str = "") -> ReadCustomer | BadRow:
        """The customer of this line, or why there is none; `fault` is a rule it breaks already as text."""
        if fault:
            return BadRow(line=line, column="", rule=fault, cells=tuple(cells))
        try:
            return self._read(cells)
        except RowRefused as refused:
            return BadRow(line=line, column=refused.column, rule=refused.rule, cells=tuple(cells))

    def _read(self, cells: Sequence[str]) -> ReadCustomer:
        if len(cells) != len(self.columns):
            raise RowRefused("", "row.width")
        lost: list[LostCell] = []
        row = {
            column: _taken(column, cell, lost, needed=column == self.mapping.id)
            for column, cell in zip(self.columns, cells, strict=True)
        }
        mapping = self.mapping
        external_id = row[mapping.id]
        if not external_id:
            raise RowRefused(mapping.id, "id.missing")
        if len(external_id) > MOST_ID:
            raise RowRefused(mapping.id, "id.too-long")
        if external_id in self.seen:
            raise RowRefused(mapping.id, "id.twice")

        def held(column: str | None, most: int, rule: str) -> str:
            text = row[column] if column is not None else ""
            if len(text) <= most:
                return text
            lost.append(LostCell(column=column or "", rule=rule))
            return ""

        name = " ".join(part for column in mapping.name if (part := held(column, MOST_NAME, "name.too-long")))
        customer = ReadCustomer(
            external_id=external_id,
            name=name[:MOST_NAME],
            numbers=self._numbers(row, lost),
            zone=self._zone(row, lost),
            language=held(mapping.language, MOST_LANGUAGE, "language.too-long") or "en",
            household=held(mapping.household, MOST_ID, "household.too-long") or None,
            attributes={
                column: self.notations[column].plain(text) if column in self.notations else text
                for column in self.attributes
                if (text := row[column])
            },
            prohibition=self._prohibition(dict(zip(self.columns, cells, strict=True))),
            lost=tuple(lost),
        )
        self.seen.add(external_id)
        return customer

    def _numbers(self, row: Mapping[str, str], lost: list[LostCell]) -> tuple[str, ...]:
        numbers: dict[str, None] = {}
        for column in self.mapping.phones:
            if not row[column]:
                continue
            cell = read_phone_cell(row[column], self.region)
            numbers |= dict.fromkeys(cell.numbers)
            self.phones[column].count(row[column], cell)
            if cell.fault is not None:
                lost.append(LostCell(column=column, rule=cell.fault))
        return tuple(numbers)[:MOST_NUMBERS]

    def _prohibition(self, row: Mapping[str, str]) -> Prohibited | None:
        """What puts the person off: the untouched cells, since what cannot be read is no permission."""
        for kind, columns in (
            (ProhibitionKind.DECEASED, self.mapping.deceased),
            (ProhibitionKind.OBJECTION, self.mapping.do_not_call),
        ):
            for column in columns:
                if not says_no(row[column]):
                    return Prohibited(kind, column, row[column].strip())
        return None

    def _zone(self, row: Mapping[str, str], lost: list[LostCell]) -> str | None:
        column = self.mapping.zone
        if column is None or not row[column]:
            return None
        if row[column] not in ZONES:
            lost.append(LostCell(column=column, rule="zone.unknown"))
            return None
        return row[column]


def says_no(cell: str) -> bool:
    """Whether a cell of a prohibition says no, or nothing. A date, or any other word, is a yes."""
    word = folded(cell.strip().removesuffix(".0"))
    return word in NO_WORDS or word in MISSING_WORDS


def _taken(column: str, cell: str, lost: list[LostCell], *, needed: bool) -> str:
    """The cell without blanks around it; empty, and lost, where no database should hold it."""
    text = cell.strip()
    rule = _unfit(text)
    if rule is None:
        return text
    if needed:
        raise RowRefused(column, rule)
    lost.append(LostCell(column=column, rule=rule))
    return ""


def _unfit(text: str) -> str | None:
    if len(text) > MOST_VALUE:
        return "value.too-long"
    if not text.isprintable():
        if any("\udc80" <= character <= "\udcff" for character in text):
            return "row.encoding"
        if any(character < " " and character not in "\t\r\n" for character in text):
            return "value.control"
    return None


def in_words(rule: str) -> str:
    """A rule in words, with its id."""
    return f"{REASONS.get(rule, 'not a number that can be called')} [{rule}]"
