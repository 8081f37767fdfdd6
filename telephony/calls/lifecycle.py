"""The life of one attempt's call, as the PBX shows it.

The tracker asks the table before it believes an event: a late or repeated event has no entry for the
state it comes in, and is passed over. States only go forward; FINISHED never leaves.
"""

from enum import StrEnum
from typing import Final

from telephony.state_machine import StateMachine


class CallState(StrEnum):
    """Where a call stands."""

    PLACED = "placed"  # a channel exists
    RINGING = "ringing"
    ANSWERED = "answered"  # somebody, or something, picked up
    ASKED = "asked"  # hears who is calling, and has not pressed the key to be connected
    WAITING = "waiting"  # in the queue, for an agent
    LEFT = "left"  # out of the queue without an agent
    TALKING = "talking"
    FINISHED = "finished"


class CallEvent(StrEnum):
    """What moves a call."""

    RANG = "rang"
    PICKED_UP = "picked_up"
    ASKED_FOR_KEY = "asked_for_key"
    QUEUED = "queued"
    BRIDGED = "bridged"
    GAVE_UP = "gave_up"
    ENDED = "ended"


_S, _E = CallState, CallEvent

CALL: Final = StateMachine(
    name="call",
    start=_S.PLACED,
    ends=frozenset({_S.FINISHED}),
    table={
        (_S.PLACED, _E.RANG): _S.RINGING,
        (_S.PLACED, _E.PICKED_UP): _S.ANSWERED,
        (_S.PLACED, _E.ENDED): _S.FINISHED,
        (_S.RINGING, _E.PICKED_UP): _S.ANSWERED,
        (_S.RINGING, _E.ENDED): _S.FINISHED,
        (_S.ANSWERED, _E.ASKED_FOR_KEY): _S.ASKED,
        (_S.ANSWERED, _E.QUEUED): _S.WAITING,
        (_S.ANSWERED, _E.BRIDGED): _S.TALKING,
        (_S.ANSWERED, _E.GAVE_UP): _S.LEFT,
        (_S.ANSWERED, _E.ENDED): _S.FINISHED,
        (_S.ASKED, _E.QUEUED): _S.WAITING,
        (_S.ASKED, _E.BRIDGED): _S.TALKING,
        (_S.ASKED, _E.ENDED): _S.FINISHED,
        (_S.WAITING, _E.BRIDGED): _S.TALKING,
        (_S.WAITING, _E.GAVE_UP): _S.LEFT,
        (_S.WAITING, _E.ENDED): _S.FINISHED,
        # an agent's answer may cross the time-out on its way, and a late agent is better than none
        (_S.LEFT, _E.BRIDGED): _S.TALKING,
        (_S.LEFT, _E.ENDED): _S.FINISHED,
        (_S.TALKING, _E.ENDED): _S.FINISHED,
    },
)

#: nobody has picked up yet
UNANSWERED: Final = frozenset({CallState.PLACED, CallState.RINGING})
