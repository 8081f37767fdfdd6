"""Customers who were done with on a list are put on it again: by what came of them, and how long ago."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dialer.core.calling.campaign import LEAD, LeadEvent, LeadState
from dialer.core.calling.disposition import Disposition
from dialer.db.models import Lead
from dialer.db.queries import audit, campaigns
from dialer.db.queries import recycling as leads_done
from dialer.db.queries.moves import move_together
from dialer.db.session import Database, Transaction
from dialer.services.campaigns.campaigns import UnknownCampaign, find_campaign

#: after these words a second call may be the customer's gain; who said no to calls, or stays, is left alone
RECYCLED: Final = (
    Disposition.OFFER_MADE,
    Disposition.LOST,
    Disposition.CUT_OFF,
    Disposition.CALL_AGAIN,
    Disposition.SERVED,
)
AT_ONCE: Final = 500  # rows of one statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Recycling:
    """Whom to list again: those of these words, and with `unreached` those who were given up on.

    All of them after so many days without a call of this campaign.
    """

    words: frozenset[Disposition]
    unreached: bool
    days: int


def count_recycled(database: Database, campaign: int, asked: Recycling, now: datetime) -> int:
    """How many that would be; raises `UnknownCampaign`."""
    with database.read() as tx:
        find_campaign(tx, campaign)
        return len(_found(tx, campaign, asked, now))


def recycle(database: Database, campaign: int, asked: Recycling, now: datetime, actor: str) -> int:
    """Put them on the list again, with all attempts anew; how many. Raises `UnknownCampaign`.

    Every rule holds for them as for anybody: caps, quiet after a refused offer, the do-not-call list.
    """
    with database.write() as tx:
        row = campaigns.lock(tx, campaign)
        if row is None:
            raise UnknownCampaign(str(campaign))
        found = _found(tx, campaign, asked, now)
        count = 0
        for first in range(0, len(found), AT_ONCE):
            by_state: dict[LeadState, list[Lead]] = {}
            for lead in leads_done.with_ids(tx, found[first : first + AT_ONCE]):
                by_state.setdefault(lead.state, []).append(lead)
            for state, rows in by_state.items():
                if LEAD.allows(state, LeadEvent.RECYCLE):
                    after = LEAD.after(state, LeadEvent.RECYCLE)
                    again = {"next_at": now, "attempts_made": 0, "held_by": None, "asked_again": False}
                    move_together(tx, rows, after, rests=False, **again)
                    count += len(rows)
        details = {"leads": count, "days": asked.days, "unreached": asked.unreached}
        words = sorted(word.value for word in asked.words)
        audit.add(tx, now, actor, "campaign.recycled", row.name, {**details, "words": words})
        return count


def _found(tx: Transaction, campaign: int, asked: Recycling, now: datetime) -> list[int]:
    before = now - timedelta(days=asked.days)
    words = asked.words & frozenset(RECYCLED)
    found = [*leads_done.ended_with(tx, campaign, words, before)] if words else []
    return [*found, *(leads_done.never_reached(tx, campaign, before) if asked.unreached else ())]
