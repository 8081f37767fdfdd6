"""What an inbound queue offers its callers, and from when on: each queue has a policy of its own."""

from dataclasses import dataclass
from enum import StrEnum

from callbacks.offers import Offer, OfferRules
from callbacks.refusals import Refusal
from telephony.numbers import E164


class OfferBy(StrEnum):
    """How a call is offered in a queue."""

    KEY = "key"  # who presses the key while waiting is called back
    DEFAULT = "default"  # from a long wait on everybody is called back who does not press the key to stay
    NEVER = "never"


class FirstLeg(StrEnum):
    """Who is rung first when a promise of a queue is kept."""

    CUSTOMER = "customer-first"  # an agent is kept, and comes at the customer's key
    AGENT = "agent-first"  # the agent hears who and why, and then the customer is rung


class WayIn(StrEnum):
    """What a caller hears before they wait."""

    SILENT = "silent"
    TELL = "tell"  # the wait, and that a key brings the offer
    BOOK = "book"  # the wait, and that a call back is booked unless they press the key to stay


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferPolicy:
    """One queue's own rules; what is not set here is as everywhere."""

    by: OfferBy = OfferBy.KEY
    short_wait_s: float = 60.0  # a median below this is no reason for a call back: staying is quicker
    tell_from_s: int = 300  # callers hear a wait that may be so long on their way in; 0: none
    default_from_s: int = 600  # from this median on a call back is the default, where it may be
    first_leg: FirstLeg = FirstLeg.CUSTOMER
    choose_time: bool = False  # "1 keep my place, 2 choose a time"
    record_reason: bool = False  # name and reason are asked for, once a call is promised

    @property
    def speaks_first(self) -> bool:
        """Whether callers may hear something before they wait."""
        return self.by is OfferBy.DEFAULT or (self.by is OfferBy.KEY and self.tell_from_s > 0)


def rules_of(policy: OfferPolicy, common: OfferRules) -> OfferRules:
    """The rules by which an offer in this queue is decided."""
    return OfferRules(short_wait_s=policy.short_wait_s, call_s=common.call_s)


def way_in(
    policy: OfferPolicy, decided: Offer | Refusal | None, shown: E164 | None, *, agent_free: bool = False
) -> WayIn:
    """What a caller who shows this number hears; nothing where no call that could be kept is offered.

    Nor where an agent is free for them: they are served at once.
    """
    if agent_free or policy.by is OfferBy.NEVER or not isinstance(decided, Offer):
        return WayIn.SILENT
    if decided.nearly or decided.window is None or decided.middle_s is None:
        return WayIn.SILENT
    if policy.by is OfferBy.DEFAULT and shown is not None and decided.middle_s >= policy.default_from_s:
        return WayIn.BOOK
    told = policy.tell_from_s > 0 and 60 * decided.window.to_min >= policy.tell_from_s
    return WayIn.TELL if told else WayIn.SILENT
