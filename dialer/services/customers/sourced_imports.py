"""An import that knows its source: read as the file before it, and a replacement of that file."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from dialer.core.importing.column_roles import as_given, overruled
from dialer.core.importing.mapping import Given, MappingRefused
from dialer.db.session import Database
from dialer.services.customers.import_sources import (
    MissingReport,
    SourceCard,
    WhenMissing,
    find_source,
    remember_source,
    replace_members,
)
from dialer.services.customers.imports import (
    ImportPlan,
    ImportReport,
    Progress,
    import_customers,
    plan_import,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAsked:
    """A customer file, what is said of it, and which source it is from; nothing said is nothing known."""

    path: Path
    given: Given = field(default_factory=Given)
    source: str | None = None
    missing: WhenMissing | None = None  # None: as the source had it before
    encoding: str | None = None
    sheet: str | None = None
    fictional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcedPlan:
    """How a file is going to be read, and what its source has to say of it."""

    asked: FileAsked
    plan: ImportPlan
    known: SourceCard | None

    @property
    def missing(self) -> WhenMissing:
        """What becomes of who is missing."""
        kept = self.known.missing if self.known is not None else WhenMissing.REPORT
        return self.asked.missing or kept


def plan_of(database: Database, asked: FileAsked, *, region: str, undecided: bool = False) -> SourcedPlan:
    """Look at the file as its source's files were read before, where nothing else is said.

    `undecided`: it is only looked at, and a person may still say which column tells customers apart.

    Raises:
        FileRefused: the file cannot be read.
        MappingRefused: the columns cannot be made sense of, or are no longer those of the source.
    """
    known = find_source(database, asked.source) if asked.source else None
    if known is not None:
        asked = replace(
            asked,
            given=overruled(known.given, asked.given),
            encoding=asked.encoding or known.encoding,
            sheet=asked.sheet or known.sheet,
        )
    try:
        plan = plan_import(
            asked.path,
            asked.given,
            region=region,
            fictional=asked.fictional,
            encoding=asked.encoding,
            sheet=asked.sheet,
            settled=None if known is None else known.columns,
            undecided=undecided,
        )
    except MappingRefused as refused:
        if known is None:
            raise
        raise MappingRefused(
            f"the file is not as source {known.name!r} had it before: {refused}"
        ) from refused
    return SourcedPlan(asked=asked, plan=plan, known=known)


def import_of(
    database: Database,
    sourced: SourcedPlan,
    now: datetime,
    *,
    region: str,
    progress: Progress = lambda _: None,
    store: bool = True,
) -> tuple[ImportReport, MissingReport | None]:
    """Import the file; where it has a source, keep how it was read and say who is missing from it.

    A file without a good row replaces nothing. Raises what `import_customers` raises.
    """
    asked, plan = sourced.asked, sourced.plan
    report = import_customers(database, plan, now, region=region, progress=progress, store=store)
    if not asked.source or not report.stored or not report.good:
        return report, None
    source = remember_source(
        database,
        asked.source,
        plan.file.columns,
        replace(as_given(plan.mapping), readings=plan.readings, region=plan.region),
        asked.encoding,
        asked.sheet,
        sourced.missing,
        plan.file.path.name,
        now,
    )
    listed_in = plan.file.path.with_name(plan.file.path.name + ".missing.csv")
    ids = _ids(plan)
    return report, replace_members(database, source, ids, now, missing=sourced.missing, listed_in=listed_in)


def _ids(plan: ImportPlan) -> Collection[str]:
    """Every identifier in the file, of bad rows too: whoever has a bad row is not missing."""
    place = plan.file.columns.index(plan.mapping.id)
    found: set[str] = set()
    for piece in plan.file.pieces():
        found.update(piece.frame.to_series(place).to_list())
        found.update(row.cells[place] for row in piece.odd if len(row.cells) > place)
    return {external_id.strip() for external_id in found} - {""}
