"""What pages say of a campaign's list and has to be counted lead by lead: at once of a short list only.

Of a million leads each of these takes seconds. Of a long list they are counted beside the pages: whom each
rule holds once a minute while somebody looks, what the list is worth once.
"""

from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from dialer.core.calling.campaign import LeadState
from dialer.db.queries import assignments
from dialer.db.session import Database
from dialer.services.analytics.ranking_policy import Ranking, ranking
from dialer.services.campaigns.campaigns import CampaignCard, ListWorth, list_worth
from dialer.services.campaigns.held_leads import ListNow, look_at_list
from dialer.services.campaigns.long_counts import LongCounts

if TYPE_CHECKING:
    from dialer.services.analytics.effect import CampaignEffect

COUNTED_AT_ONCE: Final = 10_000  # rows: some hundredths of a second, which a page may take
GOOD_FOR: Final = timedelta(minutes=1)  # so that counting takes little of a processor, whoever looks
EFFECT_GOOD_FOR: Final = timedelta(minutes=15)  # it is a matter of weeks, and takes ten seconds of a million


class ListFigures:
    """The figures of lists for pages; None where they are still being counted."""

    def __init__(self, database: Database, beside: Executor, *, at_once: int = COUNTED_AT_ONCE) -> None:
        self._database = database
        self._at_once = at_once
        self._looks: LongCounts[ListNow] = LongCounts(beside, GOOD_FOR)
        self._worths: LongCounts[ListWorth] = LongCounts(beside, None)
        self._rankings: LongCounts[Ranking] = LongCounts(beside, GOOD_FOR)
        self._effects: LongCounts[CampaignEffect] = LongCounts(beside, EFFECT_GOOD_FOR)

    def now(self, card: CampaignCard, now: datetime) -> ListNow | None:
        """Whom each rule holds, with the moment of which that is; `card` as it is at `now`."""
        if self._is_short(card):
            return look_at_list(self._database, card.id, now)
        return self._looks.ask(_key(card), now, lambda: look_at_list(self._database, card.id, now))

    def now_of_late(self, card: CampaignCard, now: datetime) -> ListNow | None:
        """The same, a minute old at most; None too where that of a long list is older and counted anew."""
        found = self.now(card, now)
        return found if found is not None and now - found.at < GOOD_FOR else None

    def worth(self, card: CampaignCard, now: datetime) -> ListWorth | None:
        """What the calls of this campaign's list are expected to bring.

        A lead's gain is that of the day its list was made, and nobody leaves those to call but with their
        row: a sum holds for as long as the list has as many of them.
        """
        ask = self._worths.at_once if card.to_call <= self._at_once else self._worths.ask
        return ask((*_key(card), card.to_call), now, lambda: list_worth(self._database, card.id))

    def ranking(self, now: datetime) -> Ranking | None:
        """How lists are ranked; of many customers anew once an outcome was told or a list was made."""
        with self._database.read() as tx:
            short = assignments.count_up_to(tx, self._at_once + 1) <= self._at_once
            told = assignments.last_told(tx)
        if short:
            return ranking(self._database)
        return self._rankings.ask(told, now, lambda: ranking(self._database))

    def effect(
        self, card: CampaignCard, now: datetime, *, so_far: bool, measure: Callable[[], "CampaignEffect"]
    ) -> "CampaignEffect | None":
        """What calling changed, as `measure` finds it: of a million customers that reads each of them."""
        if sum(card.leads.values()) <= self._at_once:
            return measure()
        return self._effects.ask((*_key(card), so_far), now, measure)

    def _is_short(self, card: CampaignCard) -> bool:
        return card.leads.get(LeadState.LISTED, 0) <= self._at_once


def _key(card: CampaignCard) -> tuple[int, datetime]:
    """Which campaign: a number is given again where one was taken out."""
    return card.id, card.created_at
