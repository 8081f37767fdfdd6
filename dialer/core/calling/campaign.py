"""A campaign and its leads: their states, and what may follow what."""

from enum import StrEnum
from typing import Final

from telephony.state_machine import StateMachine


class CampaignState(StrEnum):
    """Where a campaign stands."""

    PREPARING = "preparing"  # its list is being written
    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"


class CampaignEvent(StrEnum):
    """What can happen to a campaign."""

    LIST = "list"  # its list is whole
    START = "start"
    PAUSE = "pause"
    FINISH = "finish"
    REOPEN = "reopen"  # finished by mistake, or to be gone on with: it does not call before it is started


#: what people do with a campaign; the rest comes of itself
MOVES: Final = (CampaignEvent.START, CampaignEvent.PAUSE, CampaignEvent.FINISH, CampaignEvent.REOPEN)

CAMPAIGN: Final[StateMachine[CampaignState, CampaignEvent]] = StateMachine(
    name="campaign",
    start=CampaignState.PREPARING,
    ends=frozenset(),
    table={
        (CampaignState.PREPARING, CampaignEvent.LIST): CampaignState.DRAFT,
        (CampaignState.DRAFT, CampaignEvent.START): CampaignState.RUNNING,
        (CampaignState.DRAFT, CampaignEvent.FINISH): CampaignState.FINISHED,
        (CampaignState.RUNNING, CampaignEvent.PAUSE): CampaignState.PAUSED,
        (CampaignState.RUNNING, CampaignEvent.FINISH): CampaignState.FINISHED,
        (CampaignState.PAUSED, CampaignEvent.START): CampaignState.RUNNING,
        (CampaignState.PAUSED, CampaignEvent.FINISH): CampaignState.FINISHED,
        (CampaignState.FINISHED, CampaignEvent.REOPEN): CampaignState.PAUSED,
    },
)


class LeadState(StrEnum):
    """Where one customer on one campaign's list stands."""

    LISTED = "listed"  # may be called from `next_at` on
    HELD_OUT = "held_out"  # chosen at random not to be called (invariant 8)
    CALLING = "calling"  # an attempt is open
    DONE = "done"  # reached; the disposition says what came of it
    EXHAUSTED = "exhausted"  # all attempts used, never reached
    WITHDRAWN = "withdrawn"  # opt-out, wrong number, or taken off by a person


class LeadEvent(StrEnum):
    """What can happen to a lead."""

    CALL = "call"
    MISS = "miss"  # not reached, may be called again later
    REACH = "reach"
    EXHAUST = "exhaust"
    WITHDRAW = "withdraw"
    CALL_AGAIN = "call_again"  # the customer or the agent asked for another call
    RECYCLE = "recycle"  # a person puts those who were done with on the list again
    TAKE_BACK = "take_back"  # the agent took back the word that withdrew the lead, or agreed on a call


CALLABLE: Final = frozenset({LeadState.LISTED})

LEAD: Final[StateMachine[LeadState, LeadEvent]] = StateMachine(
    name="lead",
    start=LeadState.LISTED,
    ends=frozenset({LeadState.HELD_OUT}),
    table={
        (LeadState.LISTED, LeadEvent.CALL): LeadState.CALLING,
        # cut off by a line's failure and listed again; then the agent says that all was said
        (LeadState.LISTED, LeadEvent.REACH): LeadState.DONE,
        (LeadState.LISTED, LeadEvent.EXHAUST): LeadState.EXHAUSTED,
        (LeadState.LISTED, LeadEvent.WITHDRAW): LeadState.WITHDRAWN,
        (LeadState.CALLING, LeadEvent.MISS): LeadState.LISTED,
        (LeadState.CALLING, LeadEvent.REACH): LeadState.DONE,
        (LeadState.CALLING, LeadEvent.EXHAUST): LeadState.EXHAUSTED,
        (LeadState.CALLING, LeadEvent.WITHDRAW): LeadState.WITHDRAWN,
        (LeadState.DONE, LeadEvent.CALL_AGAIN): LeadState.LISTED,
        (LeadState.DONE, LeadEvent.RECYCLE): LeadState.LISTED,
        (LeadState.EXHAUSTED, LeadEvent.RECYCLE): LeadState.LISTED,
        (LeadState.DONE, LeadEvent.WITHDRAW): LeadState.WITHDRAWN,
        (LeadState.EXHAUSTED, LeadEvent.WITHDRAW): LeadState.WITHDRAWN,
        (LeadState.LISTED, LeadEvent.TAKE_BACK): LeadState.DONE,
        (LeadState.WITHDRAWN, LeadEvent.TAKE_BACK): LeadState.DONE,
    },
)
