"""One row of a customer file becomes one customer, or a bad row with its line, column and reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from zoneinfo import available_timezones

from callbacks.refusals import Rule, refuse_kind
from dialer.core.importing.mapping import ColumnMapping
from telephony.numbers import E164, RUNG, NumberError, NumberFault

MOST_ID: Final = 120  # characters, as wide as the database's columns
MOST_NAME: Final = 200
MOST_LANGUAGE: Final = 8
MOST_VALUE: Final = 2_000  # of an attribute; longer text describes an incident, not a customer
MOST_NUMBERS: Final = 5  # of one customer: more is a list of contacts, not one person
ZONES: Final = available_timezones()

REASONS: Final[Mapping[str, str]] = {
    "row.width": "the row has another number of cells than the first line",
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
}


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
        return f"{REASONS.get(self.rule, 'not a number that can be called')} [{self.rule}]"


class RowRefused(ValueError):
    """The row breaks a rule in one column."""

    def __init__(self, column: str, rule: str) -> None:
        super().__init__(f"{column}: {rule}")
        self.column = column
        self.rule = rule


class RowReader:
    """Reads the rows of one file in order; remembers which identifiers it has seen."""

    def __init__(self, columns: Sequence[str], mapping: ColumnMapping, region: str) -> None:
        self.columns = tuple(columns)
        self.mapping = mapping
        self.region = region
        self.attributes = mapping.attributes(columns)
        self.seen: set[str] = set()

    def read(self, line: int, cells: Sequence[str]) -> ReadCustomer | BadRow:
        """The customer of this line, or why there is none."""
        try:
            return self._read(cells)
        except RowRefused as refused:
            return BadRow(line=line, column=refused.column, rule=refused.rule, cells=tuple(cells))

    def _read(self, cells: Sequence[str]) -> ReadCustomer:
        if len(cells) != len(self.columns):
            raise RowRefused("", "row.width")
        row = {column: _clean(column, cell) for column, cell in zip(self.columns, cells, strict=True)}
        mapping = self.mapping
        external_id = row[mapping.id]
        if not external_id:
            raise RowRefused(mapping.id, "id.missing")
        _bound(mapping.id, external_id, MOST_ID, "id.too-long")
        if external_id in self.seen:
            raise RowRefused(mapping.id, "id.twice")
        name = " ".join(part for column in mapping.name if (part := row[column]))
        if name:
            _bound(mapping.name[0], name, MOST_NAME, "name.too-long")
        customer = ReadCustomer(
            external_id=external_id,
            name=name,
            numbers=self._numbers(row),
            zone=self._zone(row),
            language=self._language(row),
            household=self._household(row),
            attributes={column: text for column in self.attributes if (text := row[column])},
        )
        self.seen.add(external_id)
        return customer

    def _numbers(self, row: Mapping[str, str]) -> tuple[str, ...]:
        numbers: dict[str, None] = {}
        for column in self.mapping.phones:
            if not row[column]:
                continue
            number = read_number(row[column], self.region)
            if isinstance(number, NumberFault | Rule):
                raise RowRefused(column, number)
            numbers[number] = None
        return tuple(numbers)[:MOST_NUMBERS]

    def _zone(self, row: Mapping[str, str]) -> str | None:
        column = self.mapping.zone
        if column is None or not row[column]:
            return None
        if row[column] not in ZONES:
            raise RowRefused(column, "zone.unknown")
        return row[column]

    def _language(self, row: Mapping[str, str]) -> str:
        column = self.mapping.language
        if column is None or not row[column]:
            return "en"
        _bound(column, row[column], MOST_LANGUAGE, "language.too-long")
        return row[column]

    def _household(self, row: Mapping[str, str]) -> str | None:
        column = self.mapping.household
        if column is None or not row[column]:
            return None
        _bound(column, row[column], MOST_ID, "household.too-long")
        return row[column]


@lru_cache(maxsize=1 << 16)
def read_number(text: str, region: str) -> str | NumberFault | Rule:
    """The number in E.164 with its plus, or why the text is none that is ever rung."""
    try:
        number = E164.parse(text, region=region)
    except NumberError as refused:
        return refused.rule
    return number.e164 if RUNG[number.kind] else refuse_kind(number.kind).rule


def _clean(column: str, cell: str) -> str:
    """The cell without blanks around it; refuses what no text column of a database should hold."""
    text = cell.strip()
    if len(text) > MOST_VALUE:
        raise RowRefused(column, "value.too-long")
    if not text.isprintable():
        if any("\udc80" <= character <= "\udcff" for character in text):
            raise RowRefused(column, "row.encoding")
        if any(character < " " and character not in "\t\r\n" for character in text):
            raise RowRefused(column, "value.control")
    return text


def _bound(column: str, text: str, most: int, rule: str) -> None:
    if len(text) > most:
        raise RowRefused(column, rule)
