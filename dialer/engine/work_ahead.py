"""The work that lies ahead: looked up now and then, while many turns take from it.

A turn comes many times a second, and leads, campaigns and promises change far less often. Whatever is taken
from here is judged anew where its attempt is opened, and once more by the dial permit; what may be a moment
old is only who is thought of.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from dialer.bootstrap import App
from dialer.services.calls.look_ahead import LookedAhead, look_ahead
from dialer.services.calls.next_calls import LeadWork, Surroundings, Work, look_around, make_way

HELD_FOR: Final = timedelta(seconds=1)  # so late a promise that comes due may be seen, and no later
#: so late a lead may be seen while enough others are at hand: nobody waits for it, as one waits for a promise
LEADS_HELD_FOR: Final = timedelta(seconds=2)
AROUND_FOR: Final = timedelta(seconds=15)  # places, registers and other engines change by the hour
LEADS_AHEAD: Final = 40  # leads of a campaign: more than any turn places, few enough to read in a moment
REFILLED_BELOW: Final = 0.5  # of a campaign's leads that were found: with fewer left, more are looked up


class WorkAhead:
    """What one engine found to do, without what it has tried since."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._around: Surroundings | None = None
        self._around_at = self._looked_at = app.clock()
        self._found: LookedAhead | None = None
        self._changed = False  # since the look that goes on began
        self._leads: Counter[int] = Counter()  # that were found, by campaign
        self._leads_at = self._looked_at

    def forget(self) -> None:
        """Something changed that the next turn has to know: look anew."""
        self._found, self._changed = None, True

    def tried(self, works: Iterable[Work]) -> None:
        """Somebody was to be rung for these, and was or could not be: they are not ahead any more."""
        gone = list(works)
        leads = {work.lead for work in gone if isinstance(work, LeadWork)}
        if len(leads) < len(gone):  # a promise, or a code: there are few, and each is in a line
            self.forget()
        if self._found is None or not leads:
            return
        found = self._found.work
        left = tuple(lead for lead in found.leads if lead.lead not in leads)
        counts = Counter(lead.campaign for lead in left)
        if any(counts[campaign] < REFILLED_BELOW * first for campaign, first in self._leads.items()):
            self.forget()
        else:
            self._found = replace(self._found, work=replace(found, leads=left))

    def _leads_at_hand(self) -> tuple[LeadWork, ...]:
        """Those found a moment ago and not tried since; that they are enough `tried` has seen to."""
        fresh = abs(self._app.clock() - self._leads_at) < LEADS_HELD_FOR
        return self._found.work.leads if self._found is not None and fresh else ()

    async def look(self) -> LookedAhead:
        """What there is to do, looked up a second ago at most; what need not be seen again makes way.

        Leads may be of the look before, as long as the same campaigns run.
        """
        app, database, now = self._app, self._app.database, self._app.clock()
        if self._found is not None and abs(now - self._looked_at) < HELD_FOR:
            return self._found
        self._changed = False
        if self._around is None or abs(now - self._around_at) >= AROUND_FOR:
            self._around = await asyncio.to_thread(look_around, database, now, app.settings.pbx.name)
            self._around_at = now
        at_hand = self._leads_at_hand()
        found = await asyncio.to_thread(
            look_ahead, database, self._around, now, limit=LEADS_AHEAD, at_hand=at_hand
        )
        if found.work.held_up or found.work.behind:
            await asyncio.to_thread(make_way, database, found.work, now)
        if not at_hand or found.work.leads is not at_hand:  # looked up, and not taken over
            self._leads, self._leads_at = Counter(lead.campaign for lead in found.work.leads), now
        self._found, self._looked_at = None if self._changed else found, now
        return found
