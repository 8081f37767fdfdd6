"""Registers come as files: a newer file of a register replaces the older one, number by number."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

from dialer.core.compliance.registers import (
    MOST_LOST_SHARE,
    RULES,
    RegisterSource,
    loses_too_many,
    register_name,
)
from dialer.core.importing.spreadsheet import guarded
from dialer.db.models import DoNotCall
from dialer.db.queries import audit, registers, suppression
from dialer.db.session import Database
from dialer.services.customers.customer_file import FileRefused
from dialer.services.customers.register_file import RegisterNumbers, UnreadLine, read_register

#: numbers in one transaction: a tenth of a second, so that the engine's commits are not held up
AT_ONCE: Final = 50_000
OWN_AT_ONCE: Final = 1_000  # of the house's own, each with its reason
SHOWN: Final = 100  # bad lines that a page lists
READING_SHARE: Final = 0.4  # of an import's time

Numbers = "np.ndarray[tuple[int], np.dtype[np.int64]]"
Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFile:
    """A file that is to replace a register's numbers, and who says so."""

    path: Path
    source: RegisterSource
    dated: datetime
    actor: str
    country: str  # of a Robinson list, and of numbers that no register's country is known for
    at: slice | None = None  # characters of each line, in a file of fixed width
    encoding: str | None = None
    name: str | None = None  # the file's own name, where it is stored under another
    shorter: bool = False  # somebody says that the register has become as much shorter as the file is


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterReport:
    """What became of a file's lines, and of the register's numbers."""

    register: str
    lines: int  # good and bad, without the heading
    good: int
    bad: int
    numbers: int  # different ones
    known: int  # numbers of the register before
    added: int
    removed: int
    heading: str
    place: str
    rejected_file: str | None
    unread: tuple[UnreadLine, ...]  # the first of the bad lines


def import_register(
    database: Database, file: RegisterFile, now: datetime, *, progress: Progress = lambda _: None
) -> RegisterReport:
    """Make a register's numbers those of the file; the house's own are only ever added to.

    In several transactions: numbers that are new go in first and those that left go out last, so that
    whatever breaks off in between binds more numbers than it has to, never fewer. Importing the file again
    does the rest.

    Raises:
        FileRefused: the file cannot be read, holds no number, is older than the one it would replace, or is
            without more of its numbers than `MOST_LOST_SHARE` and nobody says that this is so.
    """
    rule = RULES.get(file.source)
    region = rule.countries[0] if rule is not None and rule.countries else file.country
    name = RegisterSource.OWN.value if rule is None else register_name(file.source, file.country)
    if rule is not None:
        _refuse_older(database, name, file)
    found = read_register(
        file.path,
        region,
        at=file.at,
        encoding=file.encoding,
        progress=lambda share: progress(share * READING_SHARE),
    )
    if not len(found.numbers):
        raise FileRefused(f"{file.path} holds no number of {region}; nothing was changed")
    rejected = _give_back(file.path, found.bad)
    if rule is None:
        known, added, removed = 0, _add_own(database, found, file, now), 0
    else:
        countries = rule.countries or (file.country,)
        known, added, removed = _replace(database, name, countries, found, file, now, progress)
    progress(1.0)
    return RegisterReport(
        register=name,
        lines=found.lines,
        good=found.good,
        bad=len(found.bad),
        numbers=len(found.numbers),
        known=known,
        added=added,
        removed=removed,
        heading=found.heading,
        place=found.place.described,
        rejected_file=str(rejected) if rejected is not None else None,
        unread=tuple(found.bad[:SHOWN]),
    )


def _refuse_older(database: Database, name: str, file: RegisterFile) -> None:
    with database.read() as tx:
        known = registers.find(tx, name)
        if known is not None and known.file_name and file.dated.date() < known.dated.date():
            raise FileRefused(
                f"{file.path} is of {file.dated:%Y-%m-%d}, and the newest file of {name} is of "
                f"{known.dated:%Y-%m-%d}. Say --dated if the file is newer than that."
            )


def _replace(  # noqa: PLR0917 - a register, and what is to be on it
    database: Database,
    name: str,
    countries: Sequence[str],
    found: RegisterNumbers,
    file: RegisterFile,
    now: datetime,
    progress: Progress,
) -> tuple[int, int, int]:
    """Bring the table up to the file; only what came or left is written. How many there were, came, left."""
    with database.write() as tx:
        register = registers.begin(tx, name, countries, file.dated)
    known = _known_numbers(database, register)
    fresh = np.setdiff1d(found.numbers, known, assume_unique=True)
    gone = np.setdiff1d(known, found.numbers, assume_unique=True)
    if loses_too_many(len(known), len(gone)) and not file.shorter:
        raise FileRefused(
            f"{file.path} is without {len(gone):,} of the {len(known):,} numbers of {name} "
            f"({len(gone) / len(known):.1%}). A file that is without more than {MOST_LOST_SHARE:.0%} is most "
            "likely a part of one, so nothing was changed. If the register has become so much "
            "shorter, say so "
            "with --yes, or by the tick beside the file."
        )
    steps = [(registers.put, piece) for piece in _pieces(fresh)]
    steps += [(registers.take, piece) for piece in _pieces(gone)]
    for done, (step, piece) in enumerate(steps, start=1):
        with database.write() as tx:
            step(tx, register, piece)
        progress(READING_SHARE + (1 - READING_SHARE) * done / len(steps))
    with database.write() as tx:
        registers.note(
            tx,
            register,
            file_name=(file.name or file.path.name)[-255:],
            dated=file.dated,
            imported_at=now,
            numbers=len(found.numbers),
            bad=len(found.bad),
        )
        details = {"added": len(fresh), "removed": len(gone), "dated": f"{file.dated:%Y-%m-%d}"}
        audit.add(tx, now, file.actor, "register.imported", name, details)
    return len(known), len(fresh), len(gone)


def _known_numbers(database: Database, register: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    pieces = [np.empty(0, np.int64)]
    after = 0
    while True:
        with database.read() as tx:
            piece = np.array(registers.numbers_after(tx, register, after, AT_ONCE), np.int64)
        if not len(piece):
            return np.concatenate(pieces)
        pieces.append(piece)
        after = int(piece[-1])


def _pieces(numbers: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), AT_ONCE):
        yield numbers[start : start + AT_ONCE].tolist()


def _add_own(database: Database, found: RegisterNumbers, file: RegisterFile, now: datetime) -> int:
    """Put numbers on the house's own list; those that stand there keep their reason and date."""
    added = 0
    name = (file.name or file.path.name)[-200:]
    for start in range(0, len(found.numbers), OWN_AT_ONCE):
        numbers = [f"+{number}" for number in found.numbers[start : start + OWN_AT_ONCE].tolist()]
        with database.write() as tx:
            listed = suppression.listed(tx, numbers)
            entries = [
                DoNotCall(e164=e164, reason=name, source=RegisterSource.OWN.value, added_at=file.dated)
                for e164 in numbers
                if e164 not in listed
            ]
            suppression.add_all(tx, entries)
        added += len(entries)
    with database.write() as tx:
        audit.add(tx, now, file.actor, "register.imported", RegisterSource.OWN.value, {"added": added})
    return added


def _give_back(path: Path, bad: Sequence[UnreadLine]) -> Path | None:
    """Write the lines that gave no number beside the file, each with its reason."""
    if not bad:
        return None
    target = path.with_name(path.name + ".rejected.csv")
    try:
        with target.open("w", newline="", encoding="utf-8", errors="replace") as stream:
            writer = csv.writer(stream)
            writer.writerow(("line", "reason", "text"))
            writer.writerows((each.line, each.reason, guarded(each.text)) for each in bad)
    except OSError as fault:
        raise FileRefused(
            f"{target} cannot be written, and bad lines must come back: {fault}. Copy the file to a folder "
            "you may write to."
        ) from fault
    return target
