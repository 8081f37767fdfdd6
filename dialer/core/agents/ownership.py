"""An agent's own promise when its time has come: rung for them, left for a moment, or somebody else's.

Who was told "I will call you" would rather hear that voice a few minutes later than another one at once; but
the hour that was promised comes before the person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from dialer.core.agents.state import AgentState

#: longer than a glass of water, shorter than a meal: who is away for as long will not be back in a moment
LONG_PAUSE: Final = timedelta(minutes=5)
#: a quarter is what a call is booked on: within it the hour that was told still holds for somebody else
PATIENCE: Final = timedelta(minutes=10)


class OwnersTurn(StrEnum):
    """What becomes of a due promise of an agent's own."""

    RING = "ring"
    WAIT = "wait"  # the owner is with somebody else, or away for a moment
    HAND_ON = "hand_on"  # to the team


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerSeen:
    """The owner as the PBX shows them; `leaves_at` is a planned pause or end of work."""

    state: AgentState
    since: datetime
    leaves_at: datetime | None = None


#: by the owner's state, before the clock is looked at
AT_ONCE: Final[Mapping[AgentState, OwnersTurn]] = {
    AgentState.READY: OwnersTurn.RING,
    AgentState.RESERVED: OwnersTurn.WAIT,
    AgentState.RINGING: OwnersTurn.WAIT,
    AgentState.TALKING: OwnersTurn.WAIT,
    AgentState.WRAPPING_UP: OwnersTurn.WAIT,
    AgentState.PAUSED: OwnersTurn.WAIT,
    AgentState.OFFLINE: OwnersTurn.HAND_ON,
}


def turn_of(owner: OwnerSeen | None, *, due_at: datetime, ring: timedelta, now: datetime) -> OwnersTurn:
    """What becomes of a promise that was due at `due_at`; `owner` is None where nobody sees them."""
    if owner is None:
        return OwnersTurn.HAND_ON
    leaves = owner.leaves_at is not None and owner.leaves_at <= now + ring
    turn = AT_ONCE[owner.state]
    if turn is OwnersTurn.RING:
        return OwnersTurn.HAND_ON if leaves else turn
    long_pause = owner.state is AgentState.PAUSED and now - owner.since >= LONG_PAUSE
    if long_pause or now - due_at >= PATIENCE:
        return OwnersTurn.HAND_ON
    return turn


def answers_first(owner: OwnerSeen | None, *, waiting: int, ring: timedelta, now: datetime) -> bool:
    """Whether a customer who rings in, and whom this agent is to call, is led to that agent first.

    Only while the agent is free and nobody waits (`waiting` in the queue): nobody is overtaken for it, and
    nobody is kept from another agent for longer than one `ring`.
    """
    if owner is None or owner.state is not AgentState.READY or waiting:
        return False
    return owner.leaves_at is None or owner.leaves_at > now + ring
