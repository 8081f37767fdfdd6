"""A customer file into the database: good rows in, bad rows back in a file, the same file twice is once."""

import csv
import gc
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import polars as pl

from dialer.core.importing.dates import order_of
from dialer.core.importing.fiction import Fiction
from dialer.core.importing.mapping import (
    ColumnMapping,
    Given,
    MappingRefused,
    infer_mapping,
    with_prohibitions,
    without_id,
)
from dialer.core.importing.notation import (
    Notation,
    SettledNotations,
    gather_evidence,
    settle_notations,
)
from dialer.core.importing.number_parts import joined_row
from dialer.core.importing.picked_readings import NotationUnclear
from dialer.core.importing.readings import OpenColumn, Reading
from dialer.core.importing.row_digests import RowDigests
from dialer.core.importing.row_reader import RowReader
from dialer.core.importing.spoken_refusals import REFUSALS_SHOWN, SpokenRefusals
from dialer.core.importing.spreadsheet import guarded
from dialer.db.session import Database
from dialer.services.customers.customer_file import REJECTED_COLUMNS, CustomerFile, FileRefused
from dialer.services.customers.customers import Batch, end_batch, known_numbers, label_columns
from dialer.services.customers.import_run import ImportRun
from telephony.number_plans import plan_of

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """How one file is going to be read."""

    file: CustomerFile
    mapping: ColumnMapping
    sample: Mapping[str, str]  # the first row's value of each column, for a person to check the mapping by
    rows: int  # of the file, all of them
    notations: Mapping[str, Notation]  # columns whose numbers or days are not written plainly
    #: columns whose own values may be read in two ways, whatever settles them, and those that nothing settles
    open_columns: Mapping[str, OpenColumn]
    unclear: Sequence[OpenColumn]
    readings: Mapping[str, Reading]  # what somebody said of such columns
    region: str | None  # what somebody said of numbers without a country's code
    fictional: bool  # the file has no numbers: each customer gets one reserved for fiction
    refusing: Sequence[str] = ()  # attributes with a cell that refuses calls, or tells of a death, in words

    def check_settled(self) -> None:
        """Raise `MappingRefused` where nothing is decided that only a person can say."""
        if not self.mapping.id:
            raise without_id(self.file.columns, self.file.columns)
        if self.unclear:
            raise NotationUnclear(self.unclear)

    def reading_of(self, column: str) -> Reading | None:
        """How a column is meant that may be read in two ways, as far as something settles it."""
        one = self.open_columns.get(column)
        notation = self.notations.get(column)
        if one is None or column in {each.column for each in self.unclear}:
            return None
        if one.is_of_days:
            return order_of(notation.style) if notation is not None else None
        return Reading.COMMA if notation is not None and notation.comma else Reading.POINT

    @property
    def joined_numbers(self) -> dict[str, str]:
        """How the numbers of a column are put together, where other columns go before it, with the first."""
        said = {}
        for phone, parts in self.mapping.number_parts(self.file.columns).items():
            before = [column for column in parts if column is not None]
            if before:
                first = f": {joined_row(self.sample, phone, parts)}" if self.sample.get(phone) else ""
                said[phone] = f"{' and '.join(before)} before it{first}"
        return said

    def shown(self, column: str) -> str:
        """How a column is read, beyond what it is: its notation, its number's parts, or what it refuses."""
        if column in self.notations:
            return self.notations[column].shown
        return self.joined_numbers.get(column, REFUSALS_SHOWN if column in self.refusing else "")

    def rejected_file(self) -> Path:
        """Where bad rows go: beside the file."""
        return self.file.path.with_name(self.file.path.name + ".rejected.csv")

    def incomplete_file(self) -> Path:
        """Where rows go that are customers, and had a cell that could not be read: beside the file."""
        return self.file.path.with_name(self.file.path.name + ".incomplete.csv")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What became of a file's rows."""

    added: int
    changed: int
    unchanged: int
    put_off: int  # persons who may be rung no longer
    bad: int
    without_number: int
    rejected_file: str | None
    fictional: bool
    stored: bool  # False: it was only tried
    lost_cells: Mapping[str, int] = field(default_factory=dict)  # by "column: reason [rule]"
    incomplete: int = 0  # rows that are customers without such a cell
    incomplete_file: str | None = None
    unread_phones: Mapping[str, Sequence[str]] = field(
        default_factory=dict
    )  # column to countries it may be of
    empty: int = 0  # lines without a word in any cell; they are no rows
    stay_left: int = 0  # known to have left, and there by the file: that is not taken back by an import

    @property
    def good(self) -> int:
        """Rows that are customers."""
        return self.added + self.changed + self.unchanged

    @property
    def rows(self) -> int:
        """Rows of the file, all of them."""
        return self.good + self.bad

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a job's result."""
        return asdict(self)


def plan_import(
    path: Path,
    given: Given,
    *,
    region: str,
    fictional: bool = False,
    encoding: str | None = None,
    sheet: str | None = None,
    settled: Collection[str] | None = None,
    undecided: bool = False,
) -> ImportPlan:
    """Look at the file and settle which column is what.

    `undecided`: it is only looked at, and a person may still say which column tells customers apart, and how
    a column is meant that may be read in two ways.

    `settled`: the columns of which `given` says all there is to say; of any other one it is asked whether it
    puts somebody off, and it is an attribute if not.

    Raises:
        FileRefused: the file cannot be read.
        MappingRefused: the columns cannot be made sense of, or numbers are asked for that it has.
    """
    region = region_of(given, region)
    file = CustomerFile(path, encoding, sheet)
    if file.was_rejected:
        given = replace(given, ignored=(*given.ignored, *REJECTED_COLUMNS))
    sample = file.sample()
    if settled is not None:
        # what was said of a column that the source's files have no longer says nothing
        gone = {column for column in settled if column not in file.columns}
        said = {column: reading for column, reading in given.readings.items() if column not in gone}
        given = replace(given, readings=said)
        given = with_prohibitions(given, [one for one in file.columns if one not in settled], sample)
    undecided = undecided and (bool(sample) or file.has_rows)
    try:
        mapping = infer_mapping(file.columns, sample, given, region, undecided=undecided)
    except MappingRefused as refused:
        if sample or file.has_rows:
            raise
        raise FileRefused(f"{path} names its columns and has no row below them") from refused
    if fictional and mapping.phones:
        raise MappingRefused(
            f"the file has numbers ({', '.join(mapping.phones)}). Leave out --numbers generate, or add "
            "--phone none to put fictional ones in their place."
        )
    spoken = SpokenRefusals(file.columns, _spoken_in(mapping, file.columns), sample)
    rows, settled_notations = _looked_over(file, mapping, given.readings, spoken)
    if not undecided:
        settled_notations.or_refuse()
    return ImportPlan(
        rows=rows,
        file=file,
        mapping=mapping,
        sample=sample[0] if sample else {},
        notations=settled_notations.notations,
        open_columns=settled_notations.open,
        unclear=settled_notations.unclear,
        readings=given.readings,
        region=given.region,
        fictional=fictional,
        refusing=spoken.columns,
    )


def _spoken_in(mapping: ColumnMapping, columns: Sequence[str]) -> list[str]:
    """The attributes that may say in words what no column asks: all but answers to who may be called."""
    asked = {*mapping.may_call, mapping.state, mapping.postcode, mapping.country}
    return [column for column in mapping.attributes(columns) if column not in asked]


def region_of(given: Given, region: str) -> str:
    """The country of numbers without a country's code: what is said of the file, else the house's own.

    Raises:
        MappingRefused: no numbers of such a country are known.
    """
    if given.region is None:
        return region
    if plan_of(given.region) is None:
        raise MappingRefused(f"--region {given.region!r}: expected: a country's two letters, such as SE")
    return given.region


def _looked_over(
    file: CustomerFile, mapping: ColumnMapping, readings: Mapping[str, Reading], spoken: SpokenRefusals
) -> tuple[int, SettledNotations]:
    """How many rows there are, and how they write the attributes; an outcome keeps its words."""
    rows = 0

    def frames() -> Iterator[pl.DataFrame]:
        nonlocal rows
        for piece in file.pieces():
            rows += piece.frame.height + len(piece.odd)
            spoken.look(piece.frame)
            yield piece.frame

    wanted = [column for column in mapping.attributes(file.columns) if column != mapping.label]
    evidence = gather_evidence(file.columns, wanted, frames())
    return rows, settle_notations(evidence, readings, points_are_decimal=file.points_are_decimal)


def import_customers(
    database: Database,
    plan: ImportPlan,
    now: datetime,
    *,
    region: str,
    progress: Progress = lambda _: None,
    store: bool = True,
) -> ImportReport:
    """Read the whole file, store its good rows, and write its bad ones beside it.

    Stored in several transactions: after a crash the rows read so far are in, the file is on record as
    not read to its end, and importing it again does the rest. `progress` is told the share of the file
    that was read, 0 to 1. `store=False` reads and judges every row and stores none.

    Raises:
        FileRefused: the file breaks off, or the file of bad rows cannot be written.
        FictionUsedUp: more customers than fictional numbers.
    """
    file, mapping = plan.file, plan.mapping
    region = plan.region or region
    reader = RowReader(file.columns, mapping, region, plan.notations, plan.refusing)
    labels = (*label_columns(database), *([mapping.label] if mapping.label else []))
    batch = Batch(file_name=file.path.name, sha256=file.sha256(), mapping=mapping.as_dict())
    run = ImportRun(
        database=database,
        reader=reader,
        batch=batch,
        now=now,
        label=mapping.label if mapping.label in reader.attributes else None,
        keep=labels,
        digests=RowDigests(file.columns, mapping, region, plan.notations, labels, refusing=plan.refusing)
        if store and not plan.fictional
        else None,
        fiction=Fiction(known_numbers(database)) if plan.fictional else None,
        stores=store,
    )
    bad, incomplete, empty = 0, 0, 0
    lost: Counter[str] = Counter()
    share = 0.0
    with (
        _without_collection(),
        _given_back(plan, plan.rejected_file()) as reject,
        _given_back(plan, plan.incomplete_file()) as complain,
    ):
        for block in file.pieces():
            left, read = run.take(block, partial(_part_done, progress, share, file.share_read))
            bad += len(read.bad)
            empty += block.empty
            for row in read.bad:
                reject(row.line, row.cells, row.column, row.reason)
            for place, customer in read.incomplete:
                incomplete += 1
                lost.update(f"{cell.column}: {cell.reason}" for cell in customer.lost)
                columns = ", ".join(cell.column for cell in customer.lost)
                why = "; ".join(dict.fromkeys(cell.reason for cell in customer.lost))
                complain(left.numbers[place], left.cells(place), columns, why)
            share = file.share_read
            progress(share)
    progress(1.0)
    end_batch(database, batch, bad=bad, now=now)
    return ImportReport(
        **asdict(run.stored),
        bad=bad,
        empty=empty,
        without_number=run.without_number,
        stay_left=run.stay_left,
        incomplete=incomplete,
        rejected_file=str(plan.rejected_file()) if bad else None,
        lost_cells=dict(lost),
        incomplete_file=str(plan.incomplete_file()) if incomplete else None,
        unread_phones={} if plan.fictional else reader.unread_phones,
        fictional=plan.fictional,
        stored=store,
    )


def _part_done(progress: Progress, begun: float, ends: float, done: float) -> None:
    progress(begun + (ends - begun) * done)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Without looks for objects that refer to each other in a circle.

    Of what an import makes by the hundred thousand nothing does, and looking took a third of its time.
    """
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()


@contextmanager
def _given_back(plan: ImportPlan, target: Path) -> Iterator[Callable[[int, Sequence[str], str, str], None]]:
    """A writer of rows to correct; the file is made with the first of them, with its columns."""
    opened: list[TextIO] = []

    def reject(line: int, cells: Sequence[str], column: str, reason: str) -> None:
        if not opened:
            try:
                stream = target.open("w", newline="", encoding="utf-8", errors="replace")
            except OSError as fault:
                raise FileRefused(
                    f"{target} cannot be written, and bad rows must come back: {fault}. Copy the file to a "
                    "folder you may write to."
                ) from fault
            opened.append(stream)
            csv.writer(stream).writerow((*REJECTED_COLUMNS, *map(guarded, plan.file.columns)))
        csv.writer(opened[0]).writerow((line, *map(guarded, (column, reason, *cells))))

    try:
        yield reject
    finally:
        for stream in opened:
            stream.close()
