"""What lists are worth, summed once: of a million leads that takes seconds, and it does not change.

A lead's gain is that of the day its list was made, and nobody leaves those to call but with their row. So a
sum holds for as long as the list has as many of them.
"""

from datetime import datetime

from dialer.db.session import Database
from dialer.services.campaigns.campaigns import CampaignCard, ListWorth, list_worth


class ListWorths:
    """The worth of each campaign's list, as far as somebody asked for it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[int, tuple[tuple[datetime, int], ListWorth]] = {}

    def of(self, card: CampaignCard) -> ListWorth:
        """What the calls of this campaign's list are expected to bring; `card` as it is now."""
        state = card.created_at, card.to_call  # a number is given again where a campaign was taken out
        known = self._known.get(card.id)
        if known is None or known[0] != state:
            known = self._known[card.id] = state, list_worth(self._database, card.id)
        return known[1]
