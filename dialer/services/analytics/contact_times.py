"""Who answers when: learned from the attempts, kept in the database, asked at every look for work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import polars as pl

from churnmodel.contactability import ContactModel, learn_contact
from dialer.core.compliance.windows import is_zone, zone_of
from dialer.db.models import Lead
from dialer.db.queries import learning
from dialer.db.session import Database, Transaction

MOST_ATTEMPTS: Final = 500_000  # the newest are learned from; older habits are no longer theirs
ENOUGH: Final = 500  # attempts from which hours and customers tell more than pacing's own pooled rate
SCHEMA: Final = {
    "customer": pl.String,
    "number": pl.String,
    "hour": pl.Int64,
    "weekday": pl.Int64,
    "before": pl.Int64,
    "answered": pl.Int64,
    "drawn": pl.Boolean,
}


def learn_answering(database: Database, now: datetime) -> int:
    """Learn from the finished attempts and keep it; returns from how many. With too few nothing is kept."""
    with database.read() as tx:
        rows = learning.finished_attempts(tx, MOST_ATTEMPTS)
    before: dict[tuple[int | None, int | None], int] = {}
    lines: list[tuple[str, str, int, int, int, int, bool]] = []
    for row in rows:
        matter = (row.lead, row.promise)
        tries = before.get(matter, 0)
        before[matter] = 0 if row.answered else tries + 1
        clock = local_clock(row.zones, row.made_at)
        if clock is not None:
            said = int(row.answered)
            lines.append((str(row.customer), row.number, clock.hour, clock.weekday(), tries, said, row.drawn))
    if len(lines) >= ENOUGH:
        model = learn_contact(pl.DataFrame(lines, schema=SCHEMA, orient="row"))
        with database.write() as tx:
            learning.add_contact(tx, learned_at=now, attempts=len(lines), body=model.as_dict())
    return len(lines)


def local_clock(zones: Sequence[str], moment: datetime) -> datetime | None:
    """The moment on the clock of a place's first zone, or None where no zone is known."""
    if not zones or not is_zone(zones[0]):
        return None
    return moment.astimezone(zone_of(zones[0]))


@dataclass(frozen=True, slots=True)
class Answering:
    """What was learned of answering: a lead's chances by the hours of a day. Asked at every look for work."""

    learned: int
    model: ContactModel

    def chances(self, lead: Lead, weekday: int) -> tuple[float, ...]:
        """The lead's chance of an answer in each of the 24 hours of a weekday (0 is Monday)."""
        return _chances(
            self, weekday, attempts=lead.attempts_made, customer=str(lead.customer_id), number=lead.e164
        )

    def __hash__(self) -> int:
        return self.learned

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Answering) and other.learned == self.learned and other.model is self.model


def answering(database: Database, tx: Transaction) -> Answering | None:
    """What was learned last, read once for each learning; None until enough was."""
    newest = learning.latest_contact(tx)
    return None if newest is None else Answering(newest[0], _model(database, newest))


@lru_cache(maxsize=20_000)
def _chances(
    known: Answering, weekday: int, *, attempts: int, customer: str, number: str
) -> tuple[float, ...]:
    found = known.model.by_hour(weekday=weekday, attempts=attempts, customer=customer, number=number)
    return tuple(found.tolist())


@lru_cache(maxsize=2)
def _model(database: Database, newest: tuple[Any, ...]) -> ContactModel:
    with database.read() as tx:
        return ContactModel.from_dict(learning.contact_body(tx, newest[0]))
