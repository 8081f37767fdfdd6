"""Before anything is dialled: whom a list would hold, and how far down it the agents' hours reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from math import inf
from typing import Final

from churnmodel.allocation import Capacity, allocate_calls, minutes_a_customer
from churnmodel.save_rate import SaveRate
from churnmodel.value import Price
from dialer.core.calling.list_filter import ListFilter
from dialer.core.pacing.settings import PacingPrior
from dialer.db.queries import campaigns, customers, list_people
from dialer.db.queries.list_people import ListAsked
from dialer.db.session import Database
from dialer.services.analytics.save_rate import priced_by, save_rate_in_use

RECENT: Final = timedelta(days=28)  # attempts that tell how many answer; older habits are no longer theirs
ENOUGH_RUNG: Final = 100  # an answer rate of 0.3 is then known to 0.05
CURVE_POINTS: Final = 40  # of the plot of gain against hours: as many as the eye tells apart


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPlan:
    """The list that a filter makes, and how far the agents' hours reach down it, best gain a minute first.

    Hours are paid hours of one agent; money is in the operator's currency, as the model expects it.
    """

    listed: int  # customers on the list
    worth_a_call: int  # of them with a gain above zero
    called: int  # of those, as many as the hours reach
    answer_rate: float  # of one attempt
    answer_rate_known: bool  # from the database's own attempts; else the product's belief
    minutes_each: float  # agent minutes a customer takes on average, tries in vain included
    hours: float  # there are
    hours_needed: float  # to call all who are worth it
    gain: float  # of those called
    an_hour_more: float  # gain of one more hour
    curve: tuple[tuple[float, float], ...]  # hours, gain
    save_rate: SaveRate  # that the gains were made with
    priced_by: str  # the same in words

    def in_words(self) -> tuple[str, ...]:
        """Sentences for a command."""
        reach = f"{self.called:,} are reached by {self.hours:,.0f} hours, all take {self.hours_needed:,.0f}"
        more = f"One more hour of one agent would bring {self.an_hour_more:,.2f}."
        return (
            f"{self.listed:,} on the list, {self.worth_a_call:,} of them worth a call; {reach}.",
            f"Expected gain of these calls: {self.gain:,.2f}. "
            + (more if self.an_hour_more else "One more hour would find nobody worth a call."),
            f"{self.minutes_each:.1f} agent minutes a customer, tries in vain included; "
            f"{self.answer_rate:.0%} of attempts answered"
            + (", as in the last four weeks." if self.answer_rate_known else ", as is believed until tried."),
            self.priced_by,
        )


def plan_calls(
    database: Database,
    filters: ListFilter,
    now: datetime,
    *,
    top: int | None,
    capacity: Capacity,
    attempts: int,
    price: Price,
) -> CallPlan:
    """Say whom a list would hold and how far so many agent hours reach down it.

    Args:
        database: where it is read.
        filters: who is on the list.
        now: the moment of asking.
        top: the most customers on it, by gain; None: all.
        capacity: agents, hours, and the share of an hour spent on calls.
        attempts: the most of them for one customer.
        price: says how long a call takes, and what it is assumed to keep.
    """
    with database.read() as tx:
        champion = customers.champion(tx)
        model = champion.id if champion else None
        gain = list_people.gains(tx, ListAsked(filters=filters, model=model, now=now), top)
        counts = campaigns.call_counts(tx, since=now - RECENT)
    kept = save_rate_in_use(database, price)
    known = counts["rung"] >= ENOUGH_RUNG
    rate = counts["answered"] / counts["rung"] if known else PacingPrior().answer_probability
    minutes_each = minutes_a_customer(rate, talk_minutes=price.call_minutes, attempts=attempts)
    minutes = [minutes_each] * len(gain)
    everybody = allocate_calls(gain, minutes, inf)
    within = allocate_calls(gain, minutes, capacity.minutes)
    hours = [place * minutes_each / 60 / capacity.occupancy for place in range(len(everybody.rows) + 1)]
    return CallPlan(
        listed=len(gain),
        worth_a_call=len(everybody.rows),
        called=len(within.rows),
        answer_rate=rate,
        answer_rate_known=known,
        minutes_each=minutes_each if gain else 0.0,
        hours=capacity.agents * capacity.hours,
        hours_needed=hours[-1],
        gain=within.gain,
        an_hour_more=within.price_of_a_minute * 60 * capacity.occupancy,
        curve=_thinned(hours, list(accumulate((gain[row] for row in everybody.rows), initial=0.0))),
        save_rate=kept,
        priced_by=priced_by(database, kept),
    )


def _thinned(hours: Sequence[float], gained: Sequence[float]) -> tuple[tuple[float, float], ...]:
    last = len(hours) - 1
    indices = sorted({step * last // (CURVE_POINTS - 1) for step in range(CURVE_POINTS)})
    return tuple((hours[index], gained[index]) for index in indices)
