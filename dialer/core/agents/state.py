"""An agent's states as Winback sees them, and what may follow what.

The PBX is asked for the truth after every gap, so `SEE_…` events may come in any state: they say what
is, not what changed.
"""

from enum import StrEnum
from typing import Final

from telephony.state_machine import StateMachine


class AgentState(StrEnum):
    """What an agent is doing."""

    OFFLINE = "offline"
    READY = "ready"
    RESERVED = "reserved"  # kept for one outbound call; live callers pass by
    RINGING = "ringing"
    TALKING = "talking"
    WRAPPING_UP = "wrapping_up"
    PAUSED = "paused"


class AgentEvent(StrEnum):
    """What can happen to an agent."""

    LOG_IN = "log_in"
    LOG_OUT = "log_out"
    RESERVE = "reserve"
    RELEASE = "release"
    RING = "ring"
    MISS = "miss"
    CONNECT = "connect"
    HANG_UP = "hang_up"
    WRAPPED_UP = "wrapped_up"
    PAUSE = "pause"
    RESUME = "resume"


_S, _E = AgentState, AgentEvent
_ONLINE = (_S.READY, _S.RESERVED, _S.RINGING, _S.TALKING, _S.WRAPPING_UP, _S.PAUSED)

AGENT: Final[StateMachine[AgentState, AgentEvent]] = StateMachine(
    name="agent",
    start=_S.OFFLINE,
    ends=frozenset(),
    table={
        (_S.OFFLINE, _E.LOG_IN): _S.READY,
        **{(state, _E.LOG_OUT): _S.OFFLINE for state in _ONLINE},
        (_S.READY, _E.RESERVE): _S.RESERVED,
        (_S.RESERVED, _E.RELEASE): _S.READY,
        (_S.READY, _E.RING): _S.RINGING,
        (_S.RESERVED, _E.RING): _S.RINGING,
        (_S.RINGING, _E.MISS): _S.READY,
        (_S.READY, _E.CONNECT): _S.TALKING,
        (_S.RESERVED, _E.CONNECT): _S.TALKING,
        (_S.RINGING, _E.CONNECT): _S.TALKING,
        (_S.TALKING, _E.HANG_UP): _S.WRAPPING_UP,
        (_S.WRAPPING_UP, _E.WRAPPED_UP): _S.READY,
        (_S.READY, _E.PAUSE): _S.PAUSED,
        (_S.RESERVED, _E.PAUSE): _S.PAUSED,
        (_S.RINGING, _E.PAUSE): _S.PAUSED,
        (_S.WRAPPING_UP, _E.PAUSE): _S.PAUSED,
        (_S.PAUSED, _E.PAUSE): _S.PAUSED,  # for another reason
        (_S.PAUSED, _E.RESUME): _S.READY,
    },
)
