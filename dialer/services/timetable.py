"""The timetable: every duty in the book, taken by one worker at a time, done once, made up for once.

The book says when each duty is due. Whoever takes one holds it for `HOLD` and holds on while at work, so
that a killed worker's duty is free again soon. However many nights were missed, a duty comes once, and then
at its next hour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from dialer.core.timetable import MEANINGS, Duty, in_words, next_time, rules_of
from dialer.db.models import DutyRow
from dialer.db.queries import audit, duties
from dialer.db.session import Book, Transaction
from dialer.settings import Settings

HOLD: Final = timedelta(minutes=5)  # a holder speaks every minute; four missed, and it is taken for dead
TRIES: Final = 3  # of a duty that fails, or whose worker dies at it, before it waits for its next hour
RETRY: Final = timedelta(hours=1)  # after a failure: long enough for a person or a restart to help
ACTOR: Final = "timetable"
MOST_SAID: Final = 1000


class End(StrEnum):
    """How a duty came to its end."""

    DONE = "done"
    NOTHING = "nothing"  # there was nothing to do yet; what was said names what is missing
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyCard:
    """One duty as a person is shown it."""

    duty: Duty
    meaning: str
    hour: str  # in words
    due_at: datetime | None  # None: never by itself
    at_work: bool
    began_at: datetime | None
    ended_at: datetime | None
    end: End | None
    said: str
    figures: Mapping[str, Any]


def list_duties(book: Book, settings: Settings, now: datetime) -> tuple[DutyCard, ...]:
    """Every duty with what came of it last and its next time."""
    write_down(book, settings, now)
    rules = rules_of(settings.timetable)
    with book.read() as tx:
        rows = {row.name: row for row in duties.every(tx)}
    return tuple(_card(rows[duty], rules[duty], now) for duty in Duty)


def write_down(book: Book, settings: Settings, now: datetime) -> None:
    """Bring the book up to the settings: a new duty is due at its next hour, one moved at its new hour.

    One that is overdue stays so, whatever its new hour.
    """
    with book.read() as tx:
        known = {row.name: (row.rule, row.due_at) for row in duties.every(tx)}
    zone = settings.queues.zone
    changed = [
        (duty, rule, f"{rule} {zone}", known.get(duty))
        for duty, rule in rules_of(settings.timetable).items()
        if duty not in known or known[duty][0] != f"{rule} {zone}"
    ]
    if not changed:
        return
    with book.write() as tx:
        for duty, rule, written, before in changed:
            due = next_time(rule, zone, now)
            if before is None:
                duties.add(tx, duty, written, due)
            elif before[1] is not None and before[1] <= now and due is not None:
                duties.change(tx, duty, rule=written)
            else:
                duties.change(tx, duty, rule=written, due_at=due)


def due_duties(book: Book, settings: Settings, now: datetime) -> Sequence[Duty]:
    """The duties to be done now that nobody is at."""
    write_down(book, settings, now)
    with book.read() as tx:
        return duties.due(tx, now)


def ask_for_duty(book: Book, settings: Settings, duty: Duty, now: datetime, actor: str) -> None:
    """Let a duty be due at once; the next worker that looks takes it."""
    write_down(book, settings, now)
    with book.write() as tx:
        duties.change(tx, duty, due_at=now, tries=0)
        audit.add(tx, now, actor, "duty.asked-for", duty.value, {})


def take_duty(
    book: Book, settings: Settings, duty: Duty, holder: str, now: datetime, *, due_only: bool = True
) -> bool:
    """Take a duty that is due and free; False where somebody else has it, or has done it.

    One whose worker died `TRIES` times over is given up until its next hour.
    """
    with book.write() as tx:
        tries = duties.take(tx, duty, holder, now=now, until=now + HOLD, due_only=due_only)
        if tries is None:
            return False
        if due_only and tries > TRIES:
            why = f"its worker was killed {TRIES} times over; it is left until its next hour"
            _end(tx, settings, duty, holder, now, End.FAILED, why, {}, again=None)
            return False
    return True


def hold_duty(book: Book, duty: Duty, holder: str, now: datetime) -> bool:
    """Hold on to a duty while at work; False where it was taken by another."""
    with book.write() as tx:
        return duties.change_held(tx, duty, holder, held_until=now + HOLD)


def end_duty(  # noqa: PLR0917 - what came of it, in the order of its row
    book: Book,
    settings: Settings,
    duty: Duty,
    holder: str,
    now: datetime,
    end: End,
    said: str,
    figures: Mapping[str, Any],
) -> bool:
    """Write down what came of a duty and when it is due next; False where another holds it by now.

    A failed one is tried again after `RETRY`, up to `TRIES` times.
    """
    with book.write() as tx:
        return _end(tx, settings, duty, holder, now, end, said, figures, again=now + RETRY)


def _end(  # noqa: PLR0917
    tx: Transaction,
    settings: Settings,
    duty: Duty,
    holder: str,
    now: datetime,
    end: End,
    said: str,
    figures: Mapping[str, Any],
    *,
    again: datetime | None,
) -> bool:
    due = next_time(rules_of(settings.timetable)[duty], settings.queues.zone, now)
    row = next((row for row in duties.every(tx) if row.name is duty), None)
    once_more = end is End.FAILED and again is not None and row is not None and row.tries < TRIES
    if once_more and due is not None and again is not None:
        due = min(due, again)
    values: dict[str, Any] = {
        "holder": None,
        "held_until": None,
        "ended_at": now,
        "end": end.value,
        "said": said[:MOST_SAID],
        "figures": dict(figures),
        "due_at": due,
    }
    if not once_more:
        values["tries"] = 0
    if not duties.change_held(tx, duty, holder, **values):
        return False
    audit.add(tx, now, ACTOR, f"duty.{end.value}", duty.value, {"said": said[:MOST_SAID], "by": holder})
    return True


def _card(row: DutyRow, rule: str, now: datetime) -> DutyCard:
    return DutyCard(
        duty=row.name,
        meaning=MEANINGS[row.name],
        hour=in_words(rule),
        due_at=row.due_at,
        at_work=row.held_until is not None and row.held_until > now,
        began_at=row.began_at,
        ended_at=row.ended_at,
        end=End(row.end) if row.end else None,
        said=row.said,
        figures=row.figures,
    )
