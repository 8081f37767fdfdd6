"""Whether a waiting caller who asks for it is called back, and what is said of the wait.

A promise that cannot be kept is worse than none: a call is offered only while the centre is open long enough
to make it. Somebody whose turn comes soon is not refused, but told so, and chooses: staying on the line is
quicker, and whoever has to hang up now still wants the call.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from callbacks.refusals import Refusal, Rule
from callbacks.wait_estimate import Wait, WaitWindow, quote

REMEMBERED: Final = timedelta(minutes=5)  # who asks again within it has heard how short the wait is


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRules:
    """From when on a wait is worth a callback, and what a call takes."""

    short_wait_s: float = 60.0  # below this, staying on the line is quicker than any callback
    call_s: float = 240.0  # of an agent's time, with the wrap-up; the plan until a pace was measured


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferFacts:
    """One waiting caller's case. `closes_at` is None for a queue that does not close within days.

    `agents` are those logged in, None where nobody can tell just now. `wait` is None where no pace could be
    measured or planned. `capacity` is how many calls the agents can take until closing, or None where closing
    sets no bound. `told_at` is when this caller last heard that the wait is short.
    """

    rank: int
    wait: Wait | None
    agents: int | None
    open_promises: int
    capacity: int | None
    closes_at: datetime | None
    open_now: bool = True
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A callback is offered: the queue position to keep, and the window to say (None: say no time).

    `nearly`: it is so soon this caller's turn that they are asked whether they would rather stay.
    """

    queue_position: int
    window: WaitWindow | None
    nearly: bool = False
    middle_s: float | None = field(default=None, compare=False)  # the median that was decided by


def decide_offer(facts: OfferFacts, rules: OfferRules, now: datetime) -> Offer | Refusal:
    """The offer, or the rule against it: `offer.closed`, `offer.no-agents`, `offer.full`, `offer.closing`.

    The wait must end before closing at its high quantile; it is short if it is so at its median.
    """
    if not facts.open_now:
        return Refusal(rule=Rule.OFFER_CLOSED)
    if facts.agents is not None and facts.agents <= 0:
        return Refusal(rule=Rule.OFFER_NO_AGENTS)
    if facts.capacity is not None and facts.open_promises >= facts.capacity:
        return Refusal(rule=Rule.OFFER_FULL)
    if facts.wait is None:
        return Offer(queue_position=facts.rank, window=None)
    if facts.closes_at is not None and now + timedelta(seconds=facts.wait.high_s) > facts.closes_at:
        return Refusal(rule=Rule.OFFER_CLOSING)
    told = facts.told_at is not None and now < facts.told_at + REMEMBERED
    short = facts.wait.middle_s < rules.short_wait_s
    return Offer(
        queue_position=facts.rank,
        window=quote(facts.wait),
        nearly=short and not told,
        middle_s=facts.wait.middle_s,
    )


def capacity_until(closes_at: datetime, now: datetime, *, agents: int, call_s: float) -> int:
    """How many calls `agents` can take before closing at `call_s` seconds a call."""
    left_s = max(0.0, (closes_at - now).total_seconds())
    return int(left_s * max(0, agents) / call_s) if call_s > 0 else 0
