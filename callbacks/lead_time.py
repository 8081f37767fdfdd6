"""How long before an agent is free a customer may be called back, so that the two meet.

From the order to the key by which the customer wants an agent, telephones are found and words are heard. An
agent who is free for all of it sits idle; one who comes later than the key lets the customer wait. So the
lead is what nine in ten customers take longer than.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

FEWEST: Final = 20  # known leads; before, an agent is free first
REMEMBERED_LEADS: Final = 100  # the latest: a new prompt is learned within a day or two
QUICK: Final = 0.1  # the share of customers who may have to wait for their agent


def learn_lead_time(leads_s: Sequence[float]) -> timedelta:
    """The lead, from seconds between order and key of calls that got an agent; none until enough is known."""
    if len(leads_s) < FEWEST:
        return timedelta()
    quick = sorted(max(0.0, lead) for lead in leads_s)[int(len(leads_s) * QUICK)]
    return timedelta(seconds=quick)
