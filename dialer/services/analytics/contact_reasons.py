"""Why customers and the centre talk, as agents said: counted for managers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dialer.core.retention.contact_reason import ContactReason
from dialer.db.queries import agent_days
from dialer.db.session import Database

REPORTED: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonReported:
    """One reason: talks in which we rang and in which they did, and how these ended. None: none was said."""

    reason: ContactReason | None
    rung: int
    rang_in: int
    saved: int
    lost: int

    @property
    def talks(self) -> int:
        """All of them."""
        return self.rung + self.rang_in


def report_reasons(
    database: Database, now: datetime, *, span: timedelta = REPORTED
) -> tuple[ReasonReported, ...]:
    """Every reason of the talks in these days, most frequent first; what was not said comes last."""
    with database.read() as tx:
        rows = agent_days.reasons_since(tx, now - span)
    found = [
        ReasonReported(
            reason=reason,
            rung=sum(row.talks for row in rows if row.reason is reason and not row.rang_in),
            rang_in=sum(row.talks for row in rows if row.reason is reason and row.rang_in),
            saved=sum(row.saved for row in rows if row.reason is reason),
            lost=sum(row.lost for row in rows if row.reason is reason),
        )
        for reason in {row.reason for row in rows}
    ]
    return tuple(sorted(found, key=lambda one: (one.reason is None, -one.talks)))
