"""How long before an agent is free a customer may be called back, so that the two meet.

From the order to the key by which the customer wants an agent, telephones are found and words are heard. An
agent who is free for all of it sits idle; one who comes later than the key lets the customer wait. So the
lead is what nine in ten customers take longer than, where it is certain when an agent's wrap-up ends. Where
it is not, an agent is called for once so much of a wrap-up is over that few customers come too early.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

FEWEST: Final = 20  # known leads, and wrap-ups; before, an agent is free first
REMEMBERED_LEADS: Final = 100  # the latest: a new prompt is learned within a day or two
REMEMBERED_WRAP_UPS: Final = 200  # of all agents: with 20 customers an hour, those of a day
QUICK: Final = 0.1  # the share of customers who may have to wait for their agent
LATE: Final = 0.06  # of all calls, where the end of a wrap-up is guessed: then one in 24 waits
UNNOTICED_S: Final = 2.0  # between the key and the agent; a longer wait is one
LONGEST_START_S: Final = 300  # into a wrap-up; nobody who takes longer is called for ahead


@dataclass(frozen=True, slots=True)
class CallingAhead:
    """When an agent who wraps up may be called for: `lead` before a certain end, or `start` into it."""

    lead: timedelta = timedelta()
    start: timedelta | None = None  # None: only by the lead


def learn_calling_ahead(leads_s: Sequence[float], wrap_ups_s: Sequence[float]) -> CallingAhead:
    """Both, from the latest leads and wrap-ups, in seconds."""
    return CallingAhead(learn_lead_time(leads_s), learn_head_start(leads_s, wrap_ups_s))


def learn_lead_time(leads_s: Sequence[float]) -> timedelta:
    """The lead, from seconds between order and key of calls that got an agent; none until enough is known."""
    if len(leads_s) < FEWEST:
        return timedelta()
    quick = sorted(max(0.0, lead) for lead in leads_s)[int(len(leads_s) * QUICK)]
    return timedelta(seconds=quick)


def learn_head_start(leads_s: Sequence[float], wrap_ups_s: Sequence[float]) -> timedelta | None:
    """How far into a wrap-up a customer may be called for its agent; None until enough is known, or never.

    The earliest whole second after which, of all pairs of a lead and a wrap-up, no more than `LATE` would
    have had the customer wait for longer than `UNNOTICED_S`; none does where the wrap-up was over by then.
    """
    if min(len(leads_s), len(wrap_ups_s)) < FEWEST:
        return None
    leads, wrap_ups = sorted(leads_s), sorted(wrap_ups_s)
    for start_s in range(LONGEST_START_S):
        left = [length - start_s for length in wrap_ups if length > start_s]
        if len(left) < FEWEST:
            return None  # so few took so long that nothing is known of them
        waiting = sum(bisect_left(leads, rest - UNNOTICED_S) for rest in left)
        if waiting <= LATE * len(wrap_ups) * len(leads):
            return timedelta(seconds=start_s)
    return None
