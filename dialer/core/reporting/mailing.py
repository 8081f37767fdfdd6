"""When a report is sent again, and of which days."""

from datetime import date, timedelta
from enum import StrEnum


class Rhythm(StrEnum):
    """How often a report is sent, and of how many days it then is."""

    DAILY = "daily"
    WEEKLY = "weekly"  # on Monday, of the week before
    MONTHLY = "monthly"  # on the first, of the month before


def period_over(rhythm: Rhythm, today: date) -> tuple[date, date]:
    """First and last day of the latest period that is over."""
    match rhythm:
        case Rhythm.DAILY:
            last = today - timedelta(days=1)
            return last, last
        case Rhythm.WEEKLY:
            last = today - timedelta(days=today.weekday() + 1)
            return last - timedelta(days=6), last
        case Rhythm.MONTHLY:
            last = today.replace(day=1) - timedelta(days=1)
            return last.replace(day=1), last


def period_due(rhythm: Rhythm, sent_until: date | None, today: date) -> tuple[date, date] | None:
    """The period that is to be sent today; None where the latest one was sent. Missed ones stay out."""
    first, last = period_over(rhythm, today)
    return (first, last) if sent_until is None or sent_until < last else None
