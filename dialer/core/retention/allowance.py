"""What an agent may give without asking, and how much of it is left.

A limit that is reached is no refusal: above it a supervisor's word is asked for. What is not known counts as
reached, so that an offer with a limit for each customer is not given twice to somebody without a name.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

#: a customer's own limit is for this long: what was given a year ago is no reason to say no today
CUSTOMER_SPAN: Final = timedelta(days=365)


class AllowanceLimit(StrEnum):
    """Which limit is reached."""

    CUSTOMER = "customer"
    UNKNOWN_CUSTOMER = "unknown customer"
    AGENT = "agent"
    TEAM = "team"
    DAY = "day"


LIMIT_SENTENCES: Final = {
    AllowanceLimit.CUSTOMER: "This customer has had it in the last year.",
    AllowanceLimit.UNKNOWN_CUSTOMER: "Nobody knows if this caller has had it: link the customer, or ask.",
    AllowanceLimit.AGENT: "You have given all of yours today.",
    AllowanceLimit.TEAM: "Your team has given all of its own today.",
    AllowanceLimit.DAY: "All of them are given today.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferTerms:
    """An offer's limits and when it holds; None: without a limit. No `campaigns`: in every call."""

    per_customer: int | None = None
    per_agent: int | None = None
    per_team: int | None = None
    per_day: int | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    campaigns: frozenset[int] = frozenset()

    def holds(self, today: date, campaign: int | None) -> bool:
        """Whether it may be given at all on this day, in a call of this campaign; None: in any other call."""
        begun = self.valid_from is None or self.valid_from <= today
        over = self.valid_until is not None and self.valid_until < today
        return begun and not over and (not self.campaigns or campaign in self.campaigns)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenSoFar:
    """How often an offer was given: to this customer in a year (None: who is not known), and today."""

    customer: int | None
    agent: int
    team: int
    everybody: int


def limit_reached(terms: OfferTerms, given: GivenSoFar) -> AllowanceLimit | None:
    """The first limit that is reached, the customer's before the centre's; None: it may be given."""
    if terms.per_customer is not None:
        if given.customer is None:
            return AllowanceLimit.UNKNOWN_CUSTOMER
        if given.customer >= terms.per_customer:
            return AllowanceLimit.CUSTOMER
    for limit, most, so_far in (
        (AllowanceLimit.AGENT, terms.per_agent, given.agent),
        (AllowanceLimit.TEAM, terms.per_team, given.team),
        (AllowanceLimit.DAY, terms.per_day, given.everybody),
    ):
        if most is not None and so_far >= most:
            return limit
    return None


def left_today(terms: OfferTerms, given: GivenSoFar) -> int | None:
    """How many the agent may still give today without asking; None: as many as they like."""
    lefts = [
        max(0, most - so_far)
        for most, so_far in (
            (terms.per_agent, given.agent),
            (terms.per_team, given.team),
            (terms.per_day, given.everybody),
        )
        if most is not None
    ]
    return min(lefts, default=None)
