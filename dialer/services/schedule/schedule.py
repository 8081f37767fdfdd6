"""The schedule: every job in the database, taken by one worker at a time, done once, made up for once.

The database says when each scheduled job is due. Whoever takes one holds it for `HOLD` and holds on while at
work, so that a killed worker's scheduled job is free again soon. However many nights were missed, a scheduled
job comes once, and then at its next hour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from dialer.core.schedule import MEANINGS, ScheduledJob, in_words, next_time, rules_of
from dialer.db.models import ScheduledJobRow
from dialer.db.queries import audit, schedule
from dialer.db.session import Database, Transaction
from dialer.settings import Settings

HOLD: Final = timedelta(minutes=5)  # a holder speaks every minute; four missed, and it is taken for dead
TRIES: Final = (
    3  # of a scheduled job that fails, or whose worker dies at it, before it waits for its next hour
)
RETRY: Final = timedelta(hours=1)  # after a failure: long enough for a person or a restart to help
ACTOR: Final = "schedule"
MOST_SAID: Final = 1000


class End(StrEnum):
    """How a scheduled job came to its end."""

    DONE = "done"
    NOTHING = "nothing"  # there was nothing to do yet; what was said names what is missing
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledJobCard:
    """One scheduled job as a person is shown it."""

    scheduled_job: ScheduledJob
    meaning: str
    hour: str  # in words
    due_at: datetime | None  # None: never by itself
    at_work: bool
    began_at: datetime | None
    ended_at: datetime | None
    end: End | None
    said: str
    figures: Mapping[str, Any]


def list_scheduled_jobs(
    database: Database, settings: Settings, now: datetime
) -> tuple[ScheduledJobCard, ...]:
    """Every scheduled job with what came of it last and its next time."""
    write_down(database, settings, now)
    rules = rules_of(settings.schedule)
    with database.read() as tx:
        rows = {row.name: row for row in schedule.every(tx)}
    return tuple(_card(rows[scheduled_job], rules[scheduled_job], now) for scheduled_job in ScheduledJob)


def write_down(database: Database, settings: Settings, now: datetime) -> None:
    """Bring the database up to the settings: a new job is due at its next hour, one moved at its new hour.

    One that is overdue stays so, whatever its new hour.
    """
    with database.read() as tx:
        known = {row.name: (row.rule, row.due_at) for row in schedule.every(tx)}
    zone = settings.queues.zone
    changed = [
        (scheduled_job, rule, f"{rule} {zone}", known.get(scheduled_job))
        for scheduled_job, rule in rules_of(settings.schedule).items()
        if scheduled_job not in known or known[scheduled_job][0] != f"{rule} {zone}"
    ]
    if not changed:
        return
    with database.write() as tx:
        for scheduled_job, rule, written, before in changed:
            due = next_time(rule, zone, now)
            if before is None:
                schedule.add(tx, scheduled_job, written, due)
            elif before[1] is not None and before[1] <= now and due is not None:
                schedule.change(tx, scheduled_job, rule=written)
            else:
                schedule.change(tx, scheduled_job, rule=written, due_at=due)


def due_jobs(database: Database, settings: Settings, now: datetime) -> Sequence[ScheduledJob]:
    """The scheduled jobs to be done now that nobody is at."""
    write_down(database, settings, now)
    with database.read() as tx:
        return schedule.due(tx, now)


def ask_for_job(
    database: Database, settings: Settings, scheduled_job: ScheduledJob, now: datetime, actor: str
) -> None:
    """Let a scheduled job be due at once; the next worker that looks takes it."""
    write_down(database, settings, now)
    with database.write() as tx:
        schedule.change(tx, scheduled_job, due_at=now, tries=0)
        audit.add(tx, now, actor, "job.asked-for", scheduled_job.value, {})


def take_job(
    database: Database,
    settings: Settings,
    scheduled_job: ScheduledJob,
    holder: str,
    now: datetime,
    *,
    due_only: bool = True,
) -> bool:
    """Take a scheduled job that is due and free; False where somebody else has it, or has done it.

    One whose worker died `TRIES` times over is given up until its next hour.
    """
    with database.write() as tx:
        tries = schedule.take(tx, scheduled_job, holder, now=now, until=now + HOLD, due_only=due_only)
        if tries is None:
            return False
        if due_only and tries > TRIES:
            why = f"its worker was killed {TRIES} times over; it is left until its next hour"
            _end(tx, settings, scheduled_job, holder, now, End.FAILED, why, {}, again=None)
            return False
    return True


def hold_job(database: Database, scheduled_job: ScheduledJob, holder: str, now: datetime) -> bool:
    """Hold on to a scheduled job while at work; False where it was taken by another."""
    with database.write() as tx:
        return schedule.change_held(tx, scheduled_job, holder, held_until=now + HOLD)


def end_job(  # noqa: PLR0917 - what came of it, in the order of its row
    database: Database,
    settings: Settings,
    scheduled_job: ScheduledJob,
    holder: str,
    now: datetime,
    end: End,
    said: str,
    figures: Mapping[str, Any],
) -> bool:
    """Write down what came of a scheduled job and when it is due next; False where another holds it by now.

    A failed one is tried again after `RETRY`, up to `TRIES` times.
    """
    with database.write() as tx:
        return _end(tx, settings, scheduled_job, holder, now, end, said, figures, again=now + RETRY)


def _end(  # noqa: PLR0917
    tx: Transaction,
    settings: Settings,
    scheduled_job: ScheduledJob,
    holder: str,
    now: datetime,
    end: End,
    said: str,
    figures: Mapping[str, Any],
    *,
    again: datetime | None,
) -> bool:
    due = next_time(rules_of(settings.schedule)[scheduled_job], settings.queues.zone, now)
    row = next((row for row in schedule.every(tx) if row.name is scheduled_job), None)
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
    if not schedule.change_held(tx, scheduled_job, holder, **values):
        return False
    audit.add(
        tx, now, ACTOR, f"job.{end.value}", scheduled_job.value, {"said": said[:MOST_SAID], "by": holder}
    )
    return True


def _card(row: ScheduledJobRow, rule: str, now: datetime) -> ScheduledJobCard:
    return ScheduledJobCard(
        scheduled_job=row.name,
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
