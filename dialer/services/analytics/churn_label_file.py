"""A file of customers who left, or stayed: read whole before anything of it is kept.

A leaver who is lost on the way counts as a stayer for ever once the rest is said to have stayed. So what
could not be read forbids that, and so does a file of which hardly anybody is known.
"""

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from churnmodel.data.words import HEADINGS, LEFT_WORDS, MISSING_WORDS, STAYED_WORDS, folded
from dialer.core.amounts import amount_of
from dialer.core.importing.dates import dates_in_style, read_iso
from dialer.core.importing.mapping import NOTHING, named_like_ids
from dialer.core.importing.notation import gather_evidence, settle_notations
from dialer.core.importing.prohibition_columns import bears
from dialer.core.importing.readings import Reading
from dialer.core.importing.rows import MOST_ID, NO_DAY, REASONS, SUM, is_sum
from dialer.db.session import Database
from dialer.services.analytics.churn_labels import (
    ChurnLabel,
    LabelReport,
    known_ids,
    reads_as_left,
    record_churn_labels,
    record_rest_stayed,
)
from dialer.services.customers.customer_file import CustomerFile, FileLine
from dialer.services.customers.customers import last_mapping

FEWEST_KNOWN: Final = 0.5
"""Share of a file's customers who must be in the database before the rest may be said to have stayed.

With less the column or the spelling of the ids is most likely another than the database's.
"""

CLOCKS_APART: Final = timedelta(days=1)  # a day that has begun in one zone is still to come in another
MOST_AHEAD: Final = timedelta(days=731)  # notice is given for the end of a contract; beyond it is a slip
SHOWN: Final = 10  # bad lines that a message names

LEAVING: Final = re.compile(
    "^left|leav|churn|cancel|terminat|exit|opp?sig|opp?sag|uppsag|slutt|avslut|irtisan|paatty|kundig"
    "|austritt|resil|opzeg"
)
DAY_ENDS: Final = re.compile("(?:date|dated|datum|dato|pvm|paiva|on|am|den|vom|at)$|^date")
"""What the names of columns have in them that hold the days on which customers left: `Uppsägningsdatum`."""

OUTCOME_REASONS: Final = {
    "outcome.unclear": "neither says that the customer left nor that they stayed",
    "outcome.date": "not a date",
    "outcome.ahead": "a date that is still to come",
}


class OutcomesRefused(ValueError):
    """The file cannot be taken as outcomes; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeColumns:
    """Which column is what; None: guessed, or not there."""

    id: str | None = None
    left: str | None = None
    at: str | None = None
    readings: Mapping[str, Reading] = field(default_factory=dict)  # of `at`, if it may be read in two ways
    by_day: bool = False  # only who has a day in `at` is told to have left


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """One line that says nothing: where, which column, and the rule it breaks."""

    line: int
    column: str
    rule: str

    def in_words(self) -> str:
        """Line, column and reason."""
        where = f"line {self.line}" + (f", {self.column}" if self.column else "")
        return f"{where}: {OUTCOME_REASONS.get(self.rule) or REASONS[self.rule]} [{self.rule}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOutcomes:
    """What a file says, whole."""

    columns: OutcomeColumns  # as they were settled; `left` None: everyone in the file left
    told: Sequence[ChurnLabel]
    bad: Sequence[BadLine]

    @property
    def undated(self) -> int:
        """Customers who left, nobody says when."""
        return sum(one.left and one.at is None for one in self.told)


def read_outcomes(
    database: Database, file: CustomerFile, given: OutcomeColumns, now: datetime
) -> ReadOutcomes:
    """Read a whole file of outcomes.

    Where no column is named, the customer is the column that the last import took for it, else the first;
    who left says the column that an import took for it, one named like it, or one whose cells are words of
    it; else one of the days of leaving, if it is empty for some; else everyone in the file did.

    Raises:
        OutcomesRefused: a named column is not there, or the dates may be read in two ways and nobody says in
            which.
        FileRefused: the file breaks off.
    """
    columns = _settle(database, file, given)
    place = {name: number for number, name in enumerate(file.columns)}
    lines = list(file.lines())
    dates: Mapping[str, datetime | None] = {}
    if columns.at is not None:
        at = place[columns.at]
        cells = {line.cells[at].strip() for line in lines if len(line.cells) == len(place)}
        dates = _days_of(file, columns.at, cells, columns.readings.get(columns.at))
    told: list[ChurnLabel] = []
    bad: list[BadLine] = []
    for line in lines:
        read = _read(line, columns, place, dates, now)
        if columns.by_day and isinstance(read, ChurnLabel) and read.at is None:
            bad.append(BadLine(line=line.number, column=columns.at or "", rule="outcome.unclear"))
        elif isinstance(read, ChurnLabel):
            told.append(read)
        else:
            bad.append(read)
    return ReadOutcomes(columns=columns, told=told, bad=bad)


def tell_outcomes(
    database: Database, read: ReadOutcomes, path: Path, now: datetime, *, rest_stayed: bool = False
) -> LabelReport:
    """Keep what a file says; `rest_stayed`: and that everybody else in the database is still there.

    Raises:
        OutcomesRefused: the rest may not be said to have stayed, because leavers may be among it. Then
            nothing is kept.
    """
    if rest_stayed:
        _may_stay(database, read)
    report = record_churn_labels(database, read.told, now, source=path.name)
    if rest_stayed:
        report += record_rest_stayed(database, now, now, source=path.name)
    return report


def _may_stay(database: Database, read: ReadOutcomes) -> None:
    of_customers = [one for one in read.bad if one.rule != SUM]
    if of_customers:
        first = "; ".join(one.in_words() for one in of_customers[:SHOWN])
        raise OutcomesRefused(
            f"{amount_of(len(of_customers), 'line')} cannot be read, and with --rest-stayed whoever stands "
            f"there would count as stayed for ever. Nothing was kept. Correct first: {first}."
        )
    ids = {one.external_id for one in read.told}
    known = len(known_ids(database, ids))
    if known < FEWEST_KNOWN * len(ids):
        raise OutcomesRefused(
            f"of {amount_of(len(ids), 'customer')} in the file {known:,} are in the database; "
            "with --rest-stayed the "
            f"others would count as stayed for ever. Nothing was kept. Is {read.columns.id!r} the column "
            "with the ids of the import? Name it with --id COLUMN."
        )


def _days_of(
    file: CustomerFile, column: str, cells: AbstractSet[str], said: Reading | None
) -> dict[str, datetime | None]:
    """The moment of each cell of a column as an import reads it, None of an empty one; what is no day is out.

    What the column's own cells leave open, the file's other columns settle.
    """
    evidence = gather_evidence(
        file.columns, file.columns, (piece.frame for piece in file.pieces()), of_days=column
    )
    settled = settle_notations(
        evidence, {} if said is None else {column: said}, points_are_decimal=file.points_are_decimal
    )
    unclear = next((one for one in settled.unclear if one.column == column), None)
    if unclear is not None:
        either = " or ".join(f"--notation '{column}={reading}'" for reading in unclear.readings)
        raise OutcomesRefused(f"{unclear.sentence}. Say how it is meant: {either}.")
    notation = settled.notations.get(column)
    read: dict[str, datetime | None] = {cell: None for cell in cells if NO_DAY.fullmatch(folded(cell))}
    left = cells - read.keys()
    if notation is None:
        return {**read, **dates_in_style(left, said)[0]}
    for cell in left:
        day = notation.plain(cell)
        moment = read_iso(day)
        if moment is not None or folded(day) in MISSING_WORDS:
            read[cell] = moment
    return read


def _settle(database: Database, file: CustomerFile, given: OutcomeColumns) -> OutcomeColumns:
    for option, name in (("--id", given.id), ("--left", given.left), ("--at", given.at)):
        if name not in (None, NOTHING) and name not in file.columns:
            raise OutcomesRefused(
                f"{option} {name!r}: {file.path} has no such column. It has: {', '.join(file.columns)}."
            )
    mapping = last_mapping(database)
    held = str(mapping.get("id") or "")
    labels = [mapping.get("label"), *(name for name in file.columns if folded(name) in HEADINGS["label"])]
    left = given.left or next((str(name) for name in labels if name in file.columns), None)
    left = None if left == NOTHING else left or _told_by_its_cells(file)
    is_untold = left is None and given.left is None and given.at is None
    by_day = _days_of_leaving(file) if is_untold else None
    named = [held] if held in file.columns else named_like_ids(file.columns)
    return OutcomeColumns(
        id=given.id or next(iter(named), file.columns[0]),
        left=left,
        at=None if given.at == NOTHING else given.at or by_day,
        readings=given.readings,
        by_day=by_day is not None,
    )


def _told_by_its_cells(file: CustomerFile) -> str | None:
    """A column whose cells are words of who left and who stayed, such as `Status`, whatever it is called."""
    sample = file.sample()
    for name in file.columns:
        cells = [folded(row[name]) for row in sample if folded(row[name]) not in MISSING_WORDS]
        if bears(cells, lambda word: word in LEFT_WORDS or word in STAYED_WORDS):
            return name
    return None


def _days_of_leaving(file: CustomerFile) -> str | None:
    """A column of the days on which customers left, by its name, that is empty for some; None without one."""
    sample = file.sample()
    return next(
        (
            name
            for name in file.columns
            if LEAVING.search(folded(name))
            and DAY_ENDS.search(folded(name))
            and not all(folded(row[name]) not in MISSING_WORDS for row in sample)
        ),
        None,
    )


def _read(
    line: FileLine,
    columns: OutcomeColumns,
    place: dict[str, int],
    dates: Mapping[str, datetime | None],
    now: datetime,
) -> ChurnLabel | BadLine:
    """One line's outcome, or why it says none."""

    def bad(column: str | None, rule: str) -> BadLine:
        return BadLine(line=line.number, column=column or "", rule=rule)

    if line.fault:
        return bad(None, line.fault)
    if is_sum([cell for cell in line.cells if cell.strip()]):
        return bad(None, SUM)
    if len(line.cells) != len(place):
        return bad(None, "row.width")
    who = line.cells[place[columns.id or ""]].strip()
    if not who or len(who) > MOST_ID:
        return bad(columns.id, "id.too-long" if who else "id.missing")
    left = True if columns.left is None else reads_as_left(line.cells[place[columns.left]])
    if left is None:
        return bad(columns.left, "outcome.unclear")
    at = None
    if columns.at is not None:
        cell = line.cells[place[columns.at]].strip()
        if cell not in dates:
            return bad(columns.at, "outcome.date")
        at = dates[cell]
        if at is not None and at > now + (MOST_AHEAD if left else CLOCKS_APART):
            return bad(columns.at, "outcome.ahead")
    return ChurnLabel(external_id=who, left=left, at=at)
