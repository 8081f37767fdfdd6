"""An agent says that a talk, or its wrap-up, is about to end: pacing may count on the agent sooner."""

from dataclasses import dataclass
from datetime import datetime

from callbacks.refusals import Refusal, Rule
from dialer.db.queries import dispositions
from dialer.db.session import Database
from dialer.services.agents.agent_call import take_talk


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidClosing:
    """When the agent said so of a call's talk and of its wrap-up; None: has not."""

    attempt: str
    closing_at: datetime | None
    wrap_closing_at: datetime | None


def say_closing(database: Database, agent: str, attempt: str, now: datetime) -> SaidClosing | Refusal:
    """Write down that this talk, or the wrap-up after it, is about to end; the first word of each holds.

    Refused with `attempt.unknown`, `attempt.not-connected`, `attempt.other-agent`, or `attempt.over` where
    the talk has ended and what came of it is written down.
    """
    with database.write() as tx:
        row = take_talk(tx, agent, attempt)
        if isinstance(row, Refusal):
            return row
        if row.ended_at is None:
            row.closing_at = row.closing_at or now
        elif dispositions.find(tx, attempt) is not None:
            return Refusal(rule=Rule.ATTEMPT_OVER)
        else:
            row.wrap_closing_at = row.wrap_closing_at or now
        return SaidClosing(attempt=attempt, closing_at=row.closing_at, wrap_closing_at=row.wrap_closing_at)
