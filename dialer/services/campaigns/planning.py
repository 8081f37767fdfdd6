"""Before anything is dialled: whom a list would hold, and how far down it the agents' hours reach."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

import numpy as np

from churnmodel.allocation import Capacity, allocate_calls, minutes_a_customer
from churnmodel.array_types import Floats
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
        people = list_people.considered(tx, ListAsked(filters=filters, model=model, now=now))
        fitting = (gain or 0.0 for part in people for *_, gain, _uplift, fits in part if fits)
        gain = np.fromiter(islice(fitting, top), dtype=np.float64)
        counts = campaigns.call_counts(tx, since=now - RECENT)
    kept = save_rate_in_use(database, price)
    known = counts["rung"] >= ENOUGH_RUNG
    rate = counts["answered"] / counts["rung"] if known else PacingPrior().answer_probability
    minutes = minutes_a_customer(np.full(len(gain), rate), talk_minutes=price.call_minutes, attempts=attempts)
    everybody = allocate_calls(gain, minutes, float(minutes.sum()))
    within = allocate_calls(gain, minutes, capacity.minutes)
    hours = _summed(minutes[everybody.rows]) / 60 / capacity.occupancy
    return CallPlan(
        listed=len(gain),
        worth_a_call=len(everybody.rows),
        called=len(within.rows),
        answer_rate=rate,
        answer_rate_known=known,
        minutes_each=float(minutes.mean()) if len(minutes) else 0.0,
        hours=capacity.agents * capacity.hours,
        hours_needed=float(hours[-1]),
        gain=within.gain,
        an_hour_more=within.price_of_a_minute * 60 * capacity.occupancy,
        curve=_thinned(hours, _summed(gain[everybody.rows])),
        save_rate=kept,
        priced_by=priced_by(database, kept),
    )


def _summed(values: Floats) -> Floats:
    return np.concatenate([np.zeros(1), np.cumsum(values)])


def _thinned(hours: Floats, gained: Floats) -> tuple[tuple[float, float], ...]:
    indices = np.unique(np.linspace(0, len(hours) - 1, CURVE_POINTS).astype(int))
    return tuple((float(hours[index]), float(gained[index])) for index in indices)
