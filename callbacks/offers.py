"""Whether a waiting caller is offered to be called back, and what is said to them.

An offer that cannot be kept is worse than none: it is made only while the house is open long enough
to keep it, and only to somebody whom it saves a real wait.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from callbacks.estimate import Wait, Window, quote
from callbacks.refusals import Refusal

OFFER_AGAIN_AFTER: Final = timedelta(minutes=5)  # hearing it oftener drives people off the line


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRules:
    """From when on a wait is worth an offer, and how many promises fit before closing."""

    shortest_wait_s: float = 60.0  # below this, staying on the line is quicker than any callback
    again_after: timedelta = OFFER_AGAIN_AFTER


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferFacts:
    """One waiting caller's case. `closes_at` is None for a queue that is always open.

    `wait` is None where no pace could be measured or planned. `capacity` is how many calls the agents
    can take until closing, or None where closing sets no bound.
    """

    rank: int
    wait: Wait | None
    agents: int
    open_promises: int
    capacity: int | None
    closes_at: datetime | None
    open_now: bool = True
    last_offer_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A callback is offered: the place to keep, and the window to say (None: say no time)."""

    place: int
    window: Window | None


def decide_offer(facts: OfferFacts, rules: OfferRules, now: datetime) -> Offer | Refusal:
    """The offer, or the rule against it.

    Rule ids: `offer.closed`, `offer.no-agents`, `offer.full`, `offer.closing`, `offer.recent`,
    `offer.short-wait`. The wait must be long at its median; it must end before closing at its high
    quantile.
    """
    if not facts.open_now:
        return Refusal(rule="offer.closed")
    if facts.agents <= 0:
        return Refusal(rule="offer.no-agents")
    if facts.capacity is not None and facts.open_promises >= facts.capacity:
        return Refusal(rule="offer.full")
    if facts.last_offer_at is not None and now < facts.last_offer_at + rules.again_after:
        return Refusal(rule="offer.recent", until=facts.last_offer_at + rules.again_after)
    if facts.wait is None:
        return Offer(place=facts.rank, window=None)
    if facts.closes_at is not None and now + timedelta(seconds=facts.wait.high_s) > facts.closes_at:
        return Refusal(rule="offer.closing")
    if facts.wait.middle_s < rules.shortest_wait_s:
        return Refusal(rule="offer.short-wait")
    return Offer(place=facts.rank, window=quote(facts.wait))


def capacity_until(closes_at: datetime, now: datetime, *, agents: int, handle_s: float) -> int:
    """How many calls `agents` can take before closing at `handle_s` seconds a call."""
    left_s = max(0.0, (closes_at - now).total_seconds())
    return int(left_s * max(0, agents) / handle_s) if handle_s > 0 else 0
