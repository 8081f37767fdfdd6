"""Named sources of customer files: how each is read, and who was in it and is no longer.

A newer file of a source replaces the older one. Whoever is missing from it is always reported and, where that
was asked for, closed: taken off every list until a file has them again. A file that lacks a large part of the
source's customers is more likely half a file than the end of so many of them, and closes nobody.
"""

import csv
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeVar

from dialer.core.calling.campaign import LeadEvent
from dialer.core.importing.column_roles import plain, read_plain
from dialer.core.importing.mapping import Given
from dialer.core.importing.spreadsheet import guarded
from dialer.core.sentence import Figure, Sentence
from dialer.db.models import ImportSource
from dialer.db.queries import audit, sources
from dialer.db.queries.sources import KnownMember
from dialer.db.session import Database
from dialer.services.calls.transitions import step_lead

Item = TypeVar("Item")

MOST_CLOSED: Final = 0.2  # of a source's customers at once: a fifth of them leaves in no night
AT_ONCE: Final = 1_000  # customers in one transaction, as in an import
MISSING_COLUMNS: Final = ("id", "name", "missing since", "closed")


class WhenMissing(StrEnum):
    """What becomes of customers who are no longer in their source's file."""

    REPORT = "report"
    CLOSE = "close"
    CLOSE_ALL = "close-all"  # however many they are; said for one file, never remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCard:
    """A source as its newest file left it."""

    name: str
    columns: tuple[str, ...]
    given: Given
    encoding: str | None
    sheet: str | None
    missing: WhenMissing
    file_name: str
    imported_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingReport:
    """Who of a source's customers is not in its newest file."""

    source: str
    members: int  # in this file or in an earlier one
    missing: int
    newly: int  # of them, since this file
    closed: int  # taken off every list by this file
    held_back: bool  # closing was asked for, and so many are missing that nobody was closed
    back: int  # in this file again
    file: str | None  # with the names of who is missing

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a job's result."""
        return asdict(self)

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """What a person is told of it."""
        source = repr(self.source)
        if not self.missing and not self.back:
            return (Sentence("Nobody of source %(source)s is missing.", source=source),)
        one = self.members == 1
        said = [
            Sentence(
                "Missing from the newest file of source %(source)s: %(missing)s of %(members)s, %(newly)s of "
                "them for the first time.",
                source=source,
                missing=Figure(self.missing),
                members=(
                    Sentence("1 customer")
                    if one
                    else Sentence("%(customers)s customers", customers=Figure(self.members))
                ),
                newly=Figure(self.newly),
            )
        ]
        if self.closed:
            said.append(
                Sentence(
                    "%(closed)s were closed: taken off every list until a file has them again.",
                    closed=Figure(self.closed),
                )
            )
        if self.held_back:
            said.append(
                Sentence(
                    "Nobody was closed: more than %(share)s are missing, as from half a file. If they are "
                    "gone, hand the file in again and say that they are closed even if they are very many "
                    "(on the page, or as close-all).",
                    share=Figure(MOST_CLOSED, share=True),
                )
            )
        if self.back:
            said.append(Sentence("%(back)s who were missing are back.", back=Figure(self.back)))
        return tuple(said)


def find_source(database: Database, name: str) -> SourceCard | None:
    """How the files of this source are read; None where there was none yet."""
    with database.read() as tx:
        row = sources.find_source(tx, name)
        return _card(row) if row is not None else None


def list_sources(database: Database) -> tuple[SourceCard, ...]:
    """Every source, by name."""
    with database.read() as tx:
        return tuple(map(_card, sources.every_source(tx)))


def remember_source(  # noqa: PLR0917 - a source's row, in its order
    database: Database,
    name: str,
    columns: Sequence[str],
    given: Given,
    encoding: str | None,
    sheet: str | None,
    missing: WhenMissing,
    file_name: str,
    now: datetime,
) -> int:
    """Keep how a source's file was read, for its next one; the source's id."""
    kept = WhenMissing.CLOSE if missing is WhenMissing.CLOSE_ALL else missing
    values = {
        "columns": list(columns),
        "given": plain(given),
        "encoding": encoding or "",
        "sheet": sheet or "",
        "missing": kept.value,
        "file_name": file_name[:255],
        "imported_at": now,
    }
    with database.write() as tx:
        before = sources.find_source(tx, name)
        changed = before is None or (before.given, before.missing) != (values["given"], values["missing"])
        if changed:
            audit.add(tx, now, "import", "source.settled", name, {"given": values["given"], "missing": kept})
        return sources.put_source(tx, name, values)


def replace_members(
    database: Database,
    source: int,
    ids: Collection[str],
    now: datetime,
    *,
    missing: WhenMissing,
    listed_in: Path,
) -> MissingReport:
    """Make the customers of these ids those of the source; who is missing is written into `listed_in`."""
    with database.read() as tx:
        name = next(row.name for row in sources.every_source(tx) if row.id == source)
        known = sources.members(tx, source)
    seen = set(ids)
    back = [each for each in known if each.external_id in seen and each.missing_since is not None]
    gone = [each for each in known if each.external_id not in seen]
    newly = [each for each in gone if each.missing_since is None]
    total = len(known) + len(seen - {each.external_id for each in known})
    for chunk in _chunks(sorted(seen - {each.external_id for each in known})):
        with database.write() as tx:
            sources.add_members(tx, source, chunk)
    for each in _chunks([member.customer for member in newly]):
        with database.write() as tx:
            sources.change_members(tx, source, each, missing_since=now)
    for each in _chunks([member.customer for member in back]):
        with database.write() as tx:
            sources.change_members(tx, source, each, missing_since=None, closed_at=None)
    unclosed = [each for each in gone if each.closed_at is None]
    held_back = missing is WhenMissing.CLOSE and len(unclosed) > max(1.0, MOST_CLOSED * total)
    closing = unclosed if missing is not WhenMissing.REPORT and not held_back else []
    _close(database, source, name, [each.customer for each in closing], now)
    _write(listed_in, gone, {each.customer for each in closing}, now)
    return MissingReport(
        source=name,
        members=total,
        missing=len(gone),
        newly=len(newly),
        closed=len(closing),
        held_back=held_back,
        back=len(back),
        file=str(listed_in) if gone else None,
    )


def _close(database: Database, source: int, name: str, customers: Sequence[int], now: datetime) -> None:
    """Take customers off every list; a call that is on its way, and a promise, go on."""
    for chunk in _chunks(customers):
        with database.write() as tx:
            sources.change_members(tx, source, chunk, closed_at=now)
            withdrawn = sources.waiting_leads(tx, chunk)
            for lead in withdrawn:
                step_lead(tx, lead, LeadEvent.WITHDRAW, held_by=None)
            details = {"customers": list(chunk), "leads": len(withdrawn)}
            audit.add(tx, now, "import", "source.closed", name, details)


def _write(target: Path, gone: Sequence[KnownMember], closing: Collection[int], now: datetime) -> None:
    if not gone:
        target.unlink(missing_ok=True)
        return
    with target.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(MISSING_COLUMNS)
        for each in gone:
            closed = each.closed_at or (now if each.customer in closing else None)
            writer.writerow(
                (
                    guarded(each.external_id),
                    guarded(each.name),
                    (each.missing_since or now).date(),
                    closed.date() if closed is not None else "",
                )
            )


def _chunks(values: Sequence[Item]) -> Iterator[list[Item]]:
    waiting = iter(values)
    while chunk := list(islice(waiting, AT_ONCE)):
        yield chunk


def _card(row: ImportSource) -> SourceCard:
    return SourceCard(
        name=row.name,
        columns=tuple(row.columns),
        given=read_plain(row.given),
        encoding=row.encoding or None,
        sheet=row.sheet or None,
        missing=WhenMissing(row.missing),
        file_name=row.file_name,
        imported_at=row.imported_at,
    )
