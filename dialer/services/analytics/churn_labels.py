"""Who left and who stayed, as the company tells it: added to, never changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

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

    def __add__(self, other: "LabelReport") -> "LabelReport":
        """Two parts of one file."""
        return LabelReport(
            left=self.left + other.left,
            stayed=self.stayed + other.stayed,
            known=self.known + other.known,
            unknown_customers=self.unknown_customers + other.unknown_customers,
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
) -> LabelReport:
    """Add outcomes by the company's ids, 1,000 a transaction; telling the same again adds nothing.

    The same means: left, once that is known, with its date if one is told; stayed, at a moment not later.
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
            total += _add(tx, rows, now, source)
            total += LabelReport(unknown_customers=len(chunk) - len(rows))
    return total


def words_to_add(
    tx: Transaction, told: Mapping[int, bool], now: datetime, again_after: timedelta
) -> tuple[dict[int, bool], int]:
    """Of outcomes that a file states as of now, by customer, those to be added; and how many are overruled.

    A column that nobody keeps up must not undo what was told: who is known to have left stays so. Whoever was
    there within `again_after` is not said to be there again.
    """
    before = learning.last_words(tx, list(told), now - again_after)
    fresh: dict[int, bool] = {}
    overruled = 0
    for customer, left in told.items():
        has_left, recent = before.get(customer, (None, False))
        if has_left is None or (left and not has_left):
            fresh[customer] = left
        elif has_left and not left:
            overruled += 1
        elif not left and not recent:
            fresh[customer] = left
    return fresh, overruled


def add_words(tx: Transaction, told: Mapping[int, bool], now: datetime, source: str) -> None:
    """Add outcomes as of now, by customer."""
    learning.add_outcomes(tx, [(customer, left, now, now, source[:255]) for customer, left in told.items()])


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
    tx: Transaction, rows: Sequence[tuple[int, bool, datetime]], now: datetime, source: str
) -> LabelReport:
    before = learning.latest_outcomes(tx, [customer for customer, _, _ in rows])
    fresh = [
        (customer, left, at, now, source[:255])
        for customer, left, at in rows
        if (last := before.get(customer)) is None or last.left != left or not _said_before(last, at, now)
    ]
    learning.add_outcomes(tx, fresh)
    gone = sum(row[1] for row in fresh)
    return LabelReport(left=gone, stayed=len(fresh) - gone, known=len(rows) - len(fresh))


def _said_before(last: LatestOutcome, at: datetime, now: datetime) -> bool:
    """Whether the same was said already; a date for somebody who left undated is more than was said."""
    if last.left:
        return last.dated or at == now
    return at <= last.at
