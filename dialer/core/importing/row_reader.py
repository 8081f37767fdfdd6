"""The rows of a customer file, many at a time and column by column: each is a customer, or bad.

Most columns have few different values, so each is looked at once; and what is so of nearly every cell is told
of the whole column: that a database can hold it, that a number is plainly written. Only the rest is looked at
cell by cell. The order of what a row lost, and of bad rows, is that of reading each row alone.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import repeat
from typing import Final, NamedTuple, TypeVar

import polars as pl

from churnmodel.data.quoted_rows import FEWEST_TELLING, TextRow
from churnmodel.data.text_blocks import BLANKS, RowBlock, as_written, series
from churnmodel.data.words import NO_WORDS, UNWANTED_WORDS, folded
from dialer.core.importing.addresses import read_residence
from dialer.core.importing.attribute_columns import write_attributes
from dialer.core.importing.heading_phrases import permits
from dialer.core.importing.mapping import ColumnMapping
from dialer.core.importing.notation import Notation
from dialer.core.importing.number_columns import ReadNumbers, read_number_column, rows_by_country
from dialer.core.importing.phone_cells import regions_that_read
from dialer.core.importing.rows import (
    MOST_ID,
    MOST_LANGUAGE,
    MOST_NAME,
    MOST_NUMBERS,
    MOST_VALUE,
    SUM,
    UNTICKED,
    ZONES,
    BadRow,
    CustomerRow,
    LostCell,
    Prohibited,
    ProhibitionKind,
    is_remark,
    is_shortened,
    is_sum,
    is_total,
    says_no,
    unfit,
)
from dialer.core.importing.spoken_refusals import (
    ESTATE,
    SUSPECT_NAME,
    died,
    holds_notes,
    refuses,
    said_against,
    said_beside_name,
    said_beside_number,
)
from dialer.core.importing.written_attributes import WrittenAttributes

MOST_FAILED: Final = 50  # cells of a column, to tell what country they are from
READABLE_SHARE: Final = 0.5  # of a column's numbers; with less it was most likely read in the wrong country
DEFAULT_LANGUAGE: Final = "en"
CALLING_CODE: Final = 4  # characters of a number, the plus among them, that hold its country's code
#: controls beside tabs and ends of lines, and what stands for bytes that are no characters
SUSPECT: Final = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\U0010f800-\\U0010ffff]"
LETTER: Final = r"\p{L}"
TELLING_DIGITS: Final = r"(?:[0-9][^0-9]*){5}"  # of a number; fewer are a count of them
#: no word of a sum is shorter, and hardly any identifier has three letters in a row
SUM_WORD: Final = r"\p{L}{3}"
DIGIT: Final = r"[\p{Nd}--[0]]"

Lost = defaultdict[int, list[LostCell]]
Read = TypeVar("Read")


class ReadBlock(NamedTuple):
    """What some rows are; `places` are those of the customers in the block's frame."""

    customers: Sequence[CustomerRow]
    places: Sequence[int]
    bad: Sequence[BadRow]  # in the order of their lines
    neighbours: Mapping[str, str]  # by number: another one of the same country and zones
    incomplete: Sequence[tuple[int, CustomerRow]] = ()  # customers that lost a cell, with their places


@dataclass(slots=True)
class PhoneColumn:
    """How a column of numbers fares."""

    said: int = 0  # cells that are not empty
    readable: int = 0  # of them, those that gave a number
    failed: list[str] = field(default_factory=list)  # the first of those that gave none

    def count(self, read: ReadNumbers) -> None:
        """Take cells into account."""
        readable = sum(map(bool, read.numbers))
        self.readable += readable
        self.said += readable
        for row in read.faults:
            self.said += not read.numbers[row]
            if len(self.failed) < MOST_FAILED:
                self.failed.append(read.cells[row])


class RowReader:
    """Reads the rows of one file in order; remembers which identifiers it has seen."""

    def __init__(
        self,
        columns: Sequence[str],
        mapping: ColumnMapping,
        region: str,
        notations: Mapping[str, Notation] | None = None,
        refusing: Sequence[str] = (),
    ) -> None:
        self.notations = notations or {}
        self.columns = tuple(columns)
        self.mapping = mapping
        self.region = region
        self.refusing = tuple(
            refusing
        )  # attributes with cells that refuse calls, or tell of a death, in words
        self.attributes = mapping.attributes(columns)
        self.seen: set[str] = set()
        self.phones = {column: PhoneColumn() for column in mapping.phones}
        self._parts = mapping.number_parts(columns)

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

    def read(self, line: int, cells: Sequence[str], *, unclosed: bool = False) -> CustomerRow | BadRow:
        """The customer of one line that says something, or why there is none."""
        row = TextRow(line, tuple(cells), unclosed)
        read = self.read_block(RowBlock.of([row], len(self.columns)))
        return read.bad[0] if read.bad else read.customers[0]

    def read_block(self, block: RowBlock, digests: Sequence[str | None] = ()) -> ReadBlock:
        """The customers of these rows, each with its row's digest if there are any, and the bad ones."""
        lost: Lost = defaultdict(list)
        refused: dict[int, str] = {}
        texts = {
            column: _fit(column, cells, refused if column == self.mapping.id else lost)
            for column, cells in zip(self.columns, block.frame.iter_columns(), strict=True)
        }
        ids = texts[self.mapping.id].to_list()
        for place in self._sums(texts):
            refused.setdefault(place, SUM)
        for place in self._remarks(texts):
            refused.setdefault(place, "row.remark")
        self._refuse(ids, refused)
        bad = [
            BadRow(line=row.line, column="", rule=_rule_of_odd(row, len(self.columns)), cells=row.cells)
            for row in block.odd
        ]
        places: Sequence[int] = range(len(ids))
        if refused:
            bad += [self._bad(block, place, rule) for place, rule in refused.items()]
            places = [place for place in places if place not in refused]
            texts = {column: cells.gather(places) for column, cells in texts.items()}
            ids = [ids[place] for place in places]
        bad.sort(key=lambda row: row.line)
        neighbours: dict[str, str] = {}
        names = self._names(texts, places, lost)
        numbers = self._numbers(texts, places, lost, neighbours)
        zones = self._zones(texts, places, lost)
        languages = self._held(self.mapping.language, texts, places, lost)
        households = self._held(self.mapping.household, texts, places, lost)
        prohibitions = self._prohibitions(block.frame, places)
        self._add_said_beside(prohibitions, texts, names)
        spoken = [language or DEFAULT_LANGUAGE for language in languages]
        columns = (
            *(ids, names, zones, spoken, households, self._residences(texts, numbers), numbers),
            *(self._attributes(texts, len(ids)), prohibitions),
            _of_whole_rows(digests, places, lost, prohibitions),
            [tuple(lost.get(place, ())) for place in places] if lost else repeat((), len(ids)),
        )
        # as `_make` does it, which costs more than all that is in the row
        customers = list(map(partial(tuple.__new__, CustomerRow), zip(*columns, strict=True)))
        told = zip(places, customers, strict=True) if lost else ()
        return ReadBlock(customers, places, bad, neighbours, [each for each in told if each[1].lost])

    def ids(self, block: RowBlock) -> list[str]:
        """The identifier of each row, nobody's where it is unfit."""
        cells = block.frame.to_series(self.columns.index(self.mapping.id))
        return _fit(self.mapping.id, cells, {}).to_list()

    def pass_over(self, block: RowBlock, places: Sequence[int], ids: Collection[str]) -> int:
        """Count rows of which it is known that they say nothing new and lose nothing; how many lack a number.

        A cell of theirs gives a number, or says that there is none, and that has no digit but zeros.
        """
        self.seen.update(ids)
        frame = block.frame if len(places) == block.frame.height else block.frame[places]
        without = pl.repeat(True, frame.height, eager=True)
        for column, tally in self.phones.items():
            says = frame.to_series(self.columns.index(column)).str.contains(DIGIT)
            tally.said += int(says.sum())
            tally.readable += int(says.sum())
            without &= ~says
        return int(without.sum())

    def words_of(self, column: str, block: RowBlock, places: Sequence[int]) -> list[str]:
        """The cells of one column that is kept as an attribute, without blanks around them."""
        cells = block.frame.to_series(self.columns.index(column))
        return cells.gather(list(places)).str.strip_chars(BLANKS).to_list()

    def _sums(self, texts: Mapping[str, pl.Series]) -> list[int]:
        """The rows of a report's sums: a word for one where the identifier should stand, and nobody's name.

        Where no identifier stands it is the row's first cell that says so.
        """
        ids = texts[self.mapping.id]
        nobody = pl.repeat(True, len(ids), eager=True)
        for column in self.mapping.phones:
            nobody &= ~texts[column].str.contains(TELLING_DIGITS)
        named = nobody & ids.str.contains(SUM_WORD)
        for column in self.mapping.name:
            named &= ~texts[column].str.contains(LETTER)
        found = [place for place in named.arg_true() if is_total(ids[place])]
        for place in (nobody & (ids == "")).arg_true():
            begins = next(filter(None, (texts[column][place] for column in self.columns)), "")
            found += [place] if is_total(begins) else []
        return found

    def _remarks(self, texts: Mapping[str, pl.Series]) -> list[int]:
        """The rows in which a sentence stands where the identifier should, and nothing else."""
        if len(self.columns) < FEWEST_TELLING:
            return []
        told = texts[self.mapping.id].str.contains(" ", literal=True).arg_true().to_list()
        others = [cells for column, cells in texts.items() if column != self.mapping.id]
        return [
            place
            for place in told
            if is_remark(texts[self.mapping.id][place]) and not any(cells[place] for cells in others)
        ]

    def _bad(self, block: RowBlock, place: int, rule: str) -> BadRow:
        return BadRow(line=block.numbers[place], column=self.mapping.id, rule=rule, cells=block.cells(place))

    def _refuse(self, ids: Sequence[str], refused: dict[int, str]) -> None:
        """Add whose identifier is no good, by place."""
        for place, external_id in enumerate(ids):
            if place in refused:
                continue
            if not external_id:
                refused[place] = "id.missing"
            elif len(external_id) > MOST_ID:
                refused[place] = "id.too-long"
            elif "E+" in external_id and is_shortened(external_id):
                refused[place] = "id.shortened"
            elif external_id in self.seen:
                refused[place] = "id.twice"
            else:
                self.seen.add(external_id)

    def _names(self, texts: Mapping[str, pl.Series], places: Sequence[int], lost: Lost) -> list[str]:
        parts = [
            _not_too_long(column, texts[column], MOST_NAME, "name.too-long", places, lost)
            for column in self.mapping.name
        ]
        if len(parts) == 1:
            return parts[0]
        return [" ".join(filter(None, name))[:MOST_NAME] for name in zip(*parts, strict=True)] or [""] * len(
            places
        )

    def _held(
        self, column: str | None, texts: Mapping[str, pl.Series], places: Sequence[int], lost: Lost
    ) -> Sequence[str | None]:
        """The texts of the column of languages or households, None where there is none."""
        if column is None:
            return [None] * len(places)
        if column == self.mapping.language:
            found = _not_too_long(column, texts[column], MOST_LANGUAGE, "language.too-long", places, lost)
        else:
            found = _not_too_long(column, texts[column], MOST_ID, "household.too-long", places, lost)
        return [text or None for text in found]

    def _numbers(
        self,
        texts: Mapping[str, pl.Series],
        places: Sequence[int],
        lost: Lost,
        neighbours: dict[str, str],
    ) -> list[tuple[str, ...]]:
        numbers: list[tuple[str, ...]] = [()] * len(places)
        country = None if self.mapping.country is None else texts[self.mapping.country]
        countries = rows_by_country(country, len(places), self.region)
        for column in self.mapping.phones:
            read = read_number_column(texts, column, self._parts[column], countries)
            neighbours |= read.neighbours
            self.phones[column].count(read)
            for row, rule in read.faults.items():
                lost[places[row]].append(LostCell(column=column, rule=rule))
            numbers = [
                earlier if not more else more if not earlier else tuple(dict.fromkeys(earlier + more))
                for earlier, more in zip(numbers, read.numbers, strict=True)
            ]
        return [each[:MOST_NUMBERS] for each in numbers]

    def _zones(
        self, texts: Mapping[str, pl.Series], places: Sequence[int], lost: Lost
    ) -> Sequence[str | None]:
        column = self.mapping.zone
        if column is None:
            return [None] * len(places)
        cells: list[str] = texts[column].to_list()
        for place, text in zip(places, cells, strict=True):
            if text and text not in ZONES:
                lost[place].append(LostCell(column=column, rule="zone.unknown"))
        return [text if text in ZONES else None for text in cells]

    def _residences(
        self, texts: Mapping[str, pl.Series], numbers: Sequence[tuple[str, ...]]
    ) -> Sequence[str | None]:
        """Where the columns of an address say that each person lives."""
        columns = (self.mapping.state, self.mapping.postcode, self.mapping.country)
        if not any(columns):
            return [None] * len(numbers)
        cells = [texts[column].to_list() if column else repeat("", len(numbers)) for column in columns]
        firsts = [each[0][:CALLING_CODE] if each else "" for each in numbers]
        return list(map(read_residence, *cells, firsts, repeat(self.region)))

    def _attributes(self, texts: Mapping[str, pl.Series], count: int) -> Sequence[WrittenAttributes]:
        columns = {}
        for column in self.attributes:
            notation = self.notations.get(column)
            cells = texts[column]
            if notation is not None:
                cells = pl.Series(column, _each_once(notation.plain, cells.to_list()), dtype=pl.String)
            columns[column] = cells
        return write_attributes(columns, count)

    def _prohibitions(self, frame: pl.DataFrame, places: Sequence[int]) -> list[Prohibited | None]:
        """What puts each person off: the untouched cells, since what cannot be read is no permission."""
        found: list[Prohibited | None] = [None] * len(places)
        for kind, columns in (
            (ProhibitionKind.DECEASED, self.mapping.deceased),
            (ProhibitionKind.OBJECTION, self.mapping.do_not_call),
        ):
            for column in columns:
                cells = frame.to_series(self.columns.index(column)).gather(list(places)).to_list()
                said = _each_once(partial(_prohibited, kind, column), cells)
                found = [before or now for before, now in zip(found, said, strict=True)]
        for column in self.mapping.may_call:
            cells = frame.to_series(self.columns.index(column)).gather(list(places)).to_list()
            said = _each_once(partial(_refused, column), cells)
            found = [before or now for before, now in zip(found, said, strict=True)]
        for column in self.refusing:
            cells = frame.to_series(self.columns.index(column)).gather(list(places)).to_list()
            said = _each_once(partial(said_against, column), cells)
            found = [before or now for before, now in zip(found, said, strict=True)]
        return found

    def _add_said_beside(
        self, found: list[Prohibited | None], texts: Mapping[str, pl.Series], names: Sequence[str]
    ) -> None:
        """Add who is put off by what stands where a number or a name should."""
        for column in self.mapping.phones:
            cells = texts[column]
            for place in (cells.str.contains(LETTER) | cells.str.contains(ESTATE)).arg_true():
                found[place] = found[place] or said_beside_number(column, cells[place])
        written = pl.Series(names, dtype=pl.String)
        column = " and ".join(self.mapping.name)
        for place in (written.str.contains(ESTATE) | written.str.contains(SUSPECT_NAME)).arg_true():
            found[place] = found[place] or said_beside_name(column, names[place])


def _rule_of_odd(row: TextRow, width: int) -> str:
    """Why a row is bad that has another number of cells than the first line, or an open quote."""
    said = [cell for cell in row.cells if cell.strip()]
    if row.unclosed:
        return "row.quote"
    is_alone = len(said) == 1 and width >= FEWEST_TELLING and is_remark(said[0])
    return SUM if is_sum(said) else "row.remark" if is_alone else "row.width"


def _prohibited(kind: ProhibitionKind, column: str, cell: str) -> Prohibited | None:
    written = as_written(cell)
    return None if says_no(written) else Prohibited(kind, column, written.strip())


def _refused(column: str, cell: str) -> Prohibited | None:
    """What a column of who may be called says against it; nothing is no answer."""
    written = as_written(cell).strip()
    if died(written):
        return Prohibited(ProhibitionKind.DECEASED, column, written)
    # a remark is no answer to whether somebody may be called
    said = folded(written.removesuffix(".0"))
    is_no = (
        said in NO_WORDS or written in UNTICKED or (said in UNWANTED_WORDS and permits(column))
    ) and not holds_notes(column)
    return Prohibited(ProhibitionKind.OBJECTION, column, written) if is_no or refuses(written) else None


def _of_whole_rows(
    digests: Sequence[str | None],
    places: Sequence[int],
    lost: Lost,
    prohibitions: Sequence[Prohibited | None],
) -> Sequence[str | None]:
    """The digests of rows of which everything is stored; what puts a person off is said with every file."""
    if not digests:
        return [None] * len(places)
    return [
        None if said is not None or place in lost else digests[place]
        for place, said in zip(places, prohibitions, strict=True)
    ]


def _each_once(read: Callable[[str], Read], cells: Collection[str]) -> list[Read]:
    """What `read` makes of each cell, asked once for each different one."""
    known = {text: read(text) for text in set(cells)}
    return [known[text] for text in cells]


def _fit(column: str, cells: pl.Series, lost: dict[int, str] | Lost) -> pl.Series:
    """The cells without blanks around them; empty, and lost, where no database should hold one."""
    texts = cells.str.strip_chars(BLANKS)
    suspect = texts.str.contains(SUSPECT) | (texts.str.len_chars() > MOST_VALUE)
    if not suspect.any():
        return texts
    kept = texts.to_list()
    for place in suspect.arg_true():
        kept[place] = as_written(kept[place])
        if (rule := unfit(kept[place])) is not None:
            kept[place] = ""
            if isinstance(lost, defaultdict):
                lost[place].append(LostCell(column=column, rule=rule))
            else:
                lost[place] = rule
    return series(cells.name, kept)


def _not_too_long(  # noqa: PLR0917 - a column, its limit, and where to say so
    column: str, cells: pl.Series, most: int, rule: str, places: Sequence[int], lost: Lost
) -> list[str]:
    texts: list[str] = cells.to_list()
    for index in (cells.str.len_chars() > most).arg_true():
        lost[places[index]].append(LostCell(column=column, rule=rule))
        texts[index] = ""
    return texts
