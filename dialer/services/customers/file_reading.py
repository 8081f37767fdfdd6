"""Reads a file that was handed in: what it is, what its rows are worth, and at a word into the books.

It runs in a process of its own or in a worker's, since it takes the libraries that read tables.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from dialer.core.importing.column_roles import roles_of
from dialer.core.importing.fiction import FictionUsedUp
from dialer.core.importing.mapping import Given, MappingRefused
from dialer.core.importing.received_file import FileEvent, FileState
from dialer.db.session import Database
from dialer.services.customers.customer_file import FileRefused
from dialer.services.customers.received_files import (
    FileCard,
    file_card,
    move_file,
    refuse_file,
    tell_share,
)
from dialer.services.customers.sourced_imports import FileAsked, SourcedPlan, import_of, plan_of

EXAMPLES: Final = 3  # different values of a column that a person is shown
LONGEST_EXAMPLE: Final = 60  # characters
TOLD_EVERY: Final = timedelta(seconds=1)  # how far it is: a page looks as often

Clock = Callable[[], datetime]


def read_received(database: Database, file: int, clock: Clock, *, region: str) -> None:
    """Do to a file what its state asks for. What cannot be read is written down as refused, in one sentence.

    Whatever else goes wrong is raised, and the file is left for whoever started this to refuse.
    """
    card = file_card(database, file, clock())
    if card is None or not card.at_work:
        return
    seen: dict[str, Any] = {}
    try:
        sourced = plan_of(database, _asked(card), region=region, undecided=True)
        if card.state is FileState.LOOKING:
            move_file(database, file, FileEvent.SEEN, clock(), seen=_seen(sourced), share=1.0)
            return
        seen = _seen(sourced)
        sourced.plan.check_settled()
        store = card.state is FileState.STORING
        report, gone = import_of(
            database,
            sourced,
            clock(),
            region=region,
            progress=_now_and_then(database, file, clock),
            store=store,
        )
    except (FileRefused, MappingRefused, FictionUsedUp) as refused:
        # what was seen of it stays, for whoever corrects it
        why = str(refused).replace(str(card.path), card.name)
        refuse_file(database, file, why, clock(), **({"seen": seen} if seen else {}))
        return
    figures = {**report.as_dict(), "good": report.good, "rows": report.rows}
    figures["missing"] = (
        {**gone.as_dict(), "sentences": [each.stored() for each in gone.sentences]}
        if gone is not None
        else None
    )
    values: dict[str, Any] = {"report": figures, "share": 1.0}
    if store:
        values["seen"] = {}  # examples were for the choice, and are of persons
    move_file(database, file, FileEvent.KEPT if store else FileEvent.JUDGED, clock(), **values)


def _now_and_then(database: Database, file: int, clock: Clock) -> Callable[[float], None]:
    told = clock()

    def tell(share: float) -> None:
        nonlocal told
        if clock() - told >= TOLD_EVERY:
            told = clock()
            tell_share(database, file, share, told)

    return tell


def _asked(card: FileCard) -> FileAsked:
    return FileAsked(
        path=card.path,
        given=card.given or Given(),
        source=card.source or None,
        missing=card.missing,
        encoding=card.encoding or None,
        sheet=card.sheet or None,
    )


def _seen(sourced: SourcedPlan) -> dict[str, Any]:
    """What a person is shown of a file: what it is, and of each column its role, examples and notation."""
    plan = sourced.plan
    rows, roles = plan.file.sample(), roles_of(plan.mapping, plan.file.columns)
    return {
        "described": plan.file.described,
        "known": sourced.known is not None,
        "columns": [
            {
                "name": column,
                "role": roles[column].value,
                "examples": _examples([row.get(column, "") for row in rows]),
                "notation": plan.shown(column),
                "example": plan.open_columns[column].example if column in plan.open_columns else "",
                "readings": dict(plan.open_columns[column].readings) if column in plan.open_columns else {},
                "reading": plan.reading_of(column) or "",
            }
            for column in plan.file.columns
        ],
    }


def _examples(cells: list[str]) -> list[str]:
    told = dict.fromkeys(text[:LONGEST_EXAMPLE] for cell in cells if (text := cell.strip()))
    return list(told)[:EXAMPLES]
