"""Who left and who stayed, as the company tells it: added to, never changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from churnmodel.data.words import reads_as_yes
from dialer.db.queries import learning
from dialer.db.queries.learning import LatestOutcome
from dialer.db.session import Database, Transaction

CHUNK: Final = 1000  # outcomes in one transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class ChurnLabel:
    """One customer's outcome as told: who, whether they left, and when that was so.

    Without a date who stayed is there at the moment of the telling, and who left did so some time before it.
    """

    external_id: str
    left: bool
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelReport:
    """What became of the outcomes told."""

    left: int = 0
    stayed: int = 0
    known: int = 0  # said before
    unknown_customers: int = 0
    overruled: int = 0  # said to be there by a file that may not take back that they left

    def __add__(self, other: "LabelReport") -> "LabelReport":
        """Two parts of one file."""
        return LabelReport(
            left=self.left + other.left,
            stayed=self.stayed + other.stayed,
            known=self.known + other.known,
            unknown_customers=self.unknown_customers + other.unknown_customers,
            overruled=self.overruled + other.overruled,
        )


def reads_as_left(text: object) -> bool | None:
    """Whether a cell says that the customer left; None where it cannot be told."""
    return reads_as_yes(str(text)) if text is not None else None


def known_ids(database: Database, external: Iterable[str]) -> set[str]:
    """Which of the company's ids are in the database."""
    waiting = iter(external)
    found: set[str] = set()
    while chunk := list(islice(waiting, CHUNK)):
        with database.read() as tx:
            found.update(learning.ids_by_external(tx, chunk))
    return found


def record_churn_labels(
    database: Database,
    told: Iterable[ChurnLabel],
    now: datetime,
    *,
    source: str,
    again_after: timedelta = timedelta(0),
    takes_back: bool = True,
) -> LabelReport:
    """Add outcomes by the company's ids, 1,000 a transaction; telling the same again adds nothing.

    The same means: left, once that is known, with its date if one is told; stayed, at a moment not later by
    more than `again_after`. `takes_back` False: who is known to have left is not said to be there again.
    """
    waiting = iter(told)
    total = LabelReport()
    while chunk := list(islice(waiting, CHUNK)):
        with database.write() as tx:
            ids = learning.ids_by_external(tx, [each.external_id for each in chunk])
            rows = [
                (ids[each.external_id], each.left, each.at or now)
                for each in chunk
                if each.external_id in ids
            ]
            total += _add(tx, rows, now, source, again_after, takes_back=takes_back)
            total += LabelReport(unknown_customers=len(chunk) - len(rows))
    return total


def record_rest_stayed(database: Database, at: datetime, now: datetime, *, source: str) -> LabelReport:
    """Say of every customer who is not known to have left that they were still there at a moment."""
    total, last = LabelReport(), 0
    while True:
        with database.write() as tx:
            ids = learning.customer_ids(tx, last, CHUNK)
            gone = {key for key, row in learning.latest_outcomes(tx, ids).items() if row.left}
            total += _add(tx, [(each, False, at) for each in ids if each not in gone], now, source)
        if len(ids) < CHUNK:
            return total
        last = ids[-1]


def _add(
    tx: Transaction,
    rows: Sequence[tuple[int, bool, datetime]],
    now: datetime,
    source: str,
    again_after: timedelta = timedelta(0),
    *,
    takes_back: bool = True,
) -> LabelReport:
    before = learning.latest_outcomes(tx, [customer for customer, _, _ in rows])
    fresh: list[dict[str, Any]] = []
    overruled = 0
    for customer, left, at in rows:
        last = before.get(customer)
        if last is not None and last.left == left and _said_before(last, at, now, again_after):
            continue
        if last is not None and last.left and not left and not takes_back:
            overruled += 1
            continue
        fresh.append(
            {"customer_id": customer, "left": left, "at": at, "known_at": now, "source": source[:255]}
        )
    learning.add_outcomes(tx, fresh)
    gone = sum(row["left"] for row in fresh)
    return LabelReport(
        left=gone,
        stayed=len(fresh) - gone,
        known=len(rows) - len(fresh) - overruled,
        overruled=overruled,
    )


def _said_before(last: LatestOutcome, at: datetime, now: datetime, again_after: timedelta) -> bool:
    """Whether the same was said already; a date for somebody who left undated is more than was said."""
    if last.left:
        return last.dated or at == now
    return at - last.at <= again_after
