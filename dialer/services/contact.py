"""Who answers when: learned from the attempts in the book, kept there, and asked at every look for work."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import polars as pl

from churnmodel.contact import ContactModel, learn_contact
from dialer.core.compliance.windows import is_zone
from dialer.db.models import Lead
from dialer.db.queries import learning
from dialer.db.session import Book, Transaction

MOST_ATTEMPTS: Final = 500_000  # the newest are learned from; older habits are no longer theirs
ENOUGH: Final = 500  # attempts from which hours and customers tell more than pacing's own pooled rate
SCHEMA: Final = {
    "customer": pl.String,
    "number": pl.String,
    "hour": pl.Int64,
    "weekday": pl.Int64,
    "before": pl.Int64,
    "answered": pl.Int64,
}

Chance = Callable[[Lead, int], float | None]


def learn_answering(book: Book, now: datetime) -> int:
    """Learn from the finished attempts and keep it; returns from how many. With too few nothing is kept."""
    with book.read() as tx:
        rows = learning.finished_attempts(tx, MOST_ATTEMPTS)
    before: dict[tuple[int | None, int | None], int] = {}
    lines: list[tuple[str, str, int, int, int, int]] = []
    for lead, promise, customer, number, zones, rung, answered in rows:
        matter = (lead, promise)
        tries = before.get(matter, 0)
        before[matter] = 0 if answered else tries + 1
        if not zones or not is_zone(zones[0]):
            continue
        clock = rung.astimezone(ZoneInfo(zones[0]))
        said = int(answered is not None)
        lines.append((str(customer), number, clock.hour, clock.weekday(), tries, said))
    if len(lines) >= ENOUGH:
        model = learn_contact(pl.DataFrame(lines, schema=SCHEMA, orient="row"))
        with book.write() as tx:
            learning.add_contact(tx, learned_at=now, attempts=len(lines), body=model.as_dict())
    return len(lines)


def answering(book: Book, tx: Transaction, zones: dict[int, tuple[str, ...]], now: datetime) -> Chance:
    """What tells a lead's chance of an answer at this moment; it tells None until enough was learned.

    `zones` are the zones of each place by its number; the model is read once for each learning.
    """
    newest = learning.latest_contact(tx)
    if newest is None:
        return lambda _lead, _place: None
    model = _model(book, newest)
    clocks: dict[int, tuple[int, int] | None] = {}

    def chance(lead: Lead, place: int) -> float | None:
        if place not in clocks:
            clocks[place] = _clock(zones.get(place, ()), now)
        clock = clocks[place]
        if clock is None:
            return None
        return model.predict(
            hour=clock[0],
            weekday=clock[1],
            attempts=lead.attempts_made,
            customer=str(lead.customer_id),
            number=lead.e164,
        )

    return chance


def _clock(zones: tuple[str, ...], now: datetime) -> tuple[int, int] | None:
    """Hour and weekday at a place, or None where its zone is not known."""
    if not zones or not is_zone(zones[0]):
        return None
    there = now.astimezone(ZoneInfo(zones[0]))
    return there.hour, there.weekday()


@lru_cache(maxsize=2)
def _model(book: Book, newest: tuple[Any, ...]) -> ContactModel:
    with book.read() as tx:
        return ContactModel.from_dict(learning.contact_body(tx, newest[0]))
