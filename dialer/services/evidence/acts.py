"""Looking up who did what: by person, by who did it, by kind and period; and the same to take away."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from dialer.core.reporting.columns import ReportColumn, ReportTable, Unit
from dialer.db.models import Audit, Customer
from dialer.db.queries import audit, persons
from dialer.db.queries.audit import ChosenActs
from dialer.db.session import Database, Transaction
from dialer.services.customers.dialing_regions import mask

SHOWN: Final = 100  # lines on a page
MOST_LINES: Final = 50_000  # in one file: a workbook that people still open, and a worker's memory
NUMBER: Final = re.compile(r"\+[1-9]\d{6,14}")
COLUMNS: Final = (
    ReportColumn(name="at", title="Time", unit=Unit.MOMENT, means="when it was done"),
    ReportColumn(
        name="actor", title="By", unit=Unit.NAME, means="who did it: a user, a token, or a part of Winback"
    ),
    ReportColumn(name="action", title="Act", unit=Unit.NAME, means="what was done"),
    ReportColumn(
        name="subject", title="About", unit=Unit.NAME, means="what it was done to; numbers are masked"
    ),
    ReportColumn(
        name="details", title="Details", unit=Unit.NAME, means="what else was written down, as JSON"
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActsAsked:
    """Which acts: from day `first` to day `last` on the centre's clock; empty: whoever, whatever, anybody.

    `kind` is an act such as `promise.cancelled`, or all of one area: `promise`. `person` is Winback's own
    number of a customer.
    """

    first: date
    last: date
    actor: str = ""
    kind: str = ""
    person: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One line of the audit; telephone numbers in it are masked."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundActs:
    """The newest acts first; `more` is what to ask for those before them by, None where there are none."""

    acts: tuple[Act, ...]
    more: int | None


class TooManyActs(ValueError):
    """More lines than go into one file; the period has to be shorter."""


def find_acts(
    database: Database, asked: ActsAsked, zone: str, *, before: int | None = None, limit: int = SHOWN
) -> FoundActs:
    """One page of the acts that are asked for."""
    with database.read() as tx:
        rows = _rows(tx, asked, zone, limit + 1, before)
    return FoundActs(
        acts=tuple(_act(row) for row in rows[:limit]), more=rows[limit - 1].id if len(rows) > limit else None
    )


def kinds_of_acts(database: Database) -> tuple[str, ...]:
    """Every kind of act there is a line of, and the areas they belong to, in order."""
    with database.read() as tx:
        actions = audit.kinds(tx)
    return tuple(sorted({*actions, *(action.partition(".")[0] for action in actions)}))


def take_acts_away(database: Database, asked: ActsAsked, zone: str, by: str, now: datetime) -> ReportTable:
    """The acts as a table for a file; that they were taken away is an act itself. Raises `TooManyActs`."""
    with database.write() as tx:
        rows = _rows(tx, asked, zone, MOST_LINES + 1, None)
        if len(rows) > MOST_LINES:
            raise TooManyActs(f"These are more than {MOST_LINES:,} lines: ask for fewer days at a time.")
        said = {
            "from": asked.first.isoformat(),
            "to": asked.last.isoformat(),
            "actor": asked.actor,
            "kind": asked.kind,
            "person": asked.person,
        }
        audit.add(tx, now, by, "audit.taken-away", f"{len(rows)} lines", said)
    return ReportTable(
        name="audit", title="Audit", columns=COLUMNS, rows=tuple(_cells(_act(row)) for row in rows)
    )


def _rows(tx: Transaction, asked: ActsAsked, zone: str, limit: int, before: int | None) -> Sequence[Audit]:
    clock, subjects, actions = ZoneInfo(zone), None, None
    if asked.person is not None:
        customer = tx.get(Customer, asked.person)
        keys = persons.keys_of(tx, customer.external_id) if customer is not None else None
        if keys is None:
            return ()
        subjects = persons.subjects_of(keys)
    if asked.kind:
        actions = [
            each for each in audit.kinds(tx) if each == asked.kind or each.startswith(f"{asked.kind}.")
        ]
    acts = ChosenActs(
        since=datetime.combine(asked.first, time(), tzinfo=clock),
        until=datetime.combine(asked.last + timedelta(days=1), time(), tzinfo=clock),
        actor=asked.actor or None,
        actions=actions,
        subjects=subjects,
    )
    return audit.chosen(tx, acts, limit, before)


def _act(row: Audit) -> Act:
    details: dict[str, Any] = json.loads(_masked(json.dumps(row.details, ensure_ascii=False)))
    return Act(
        id=row.id,
        at=row.at,
        actor=row.actor,
        action=row.action,
        subject=_masked(row.subject),
        details=details,
    )


def _masked(words: str) -> str:
    return NUMBER.sub(lambda found: mask(found[0]), words)


def _cells(act: Act) -> tuple[datetime, str, str, str, str]:
    said = json.dumps(act.details, ensure_ascii=False, sort_keys=True) if act.details else ""
    return act.at, act.actor, act.action, act.subject, said
