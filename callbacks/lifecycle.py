"""The life of a promise, from the moment it was committed to its end.

A promise exists only after its row is committed, so there is no state before WAITING. It ends kept,
settled elsewhere, cancelled, or closed with an apology and a reason; nothing expires silently.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from telephony.state_machine import StateMachine


class PromiseState(StrEnum):
    """Where a promise stands."""

    WAITING = "waiting"  # its turn has not come, or its next attempt is not due
    CLAIMED = "claimed"  # an attempt is committed, the PBX not yet asked by the compliance check
    DIALLING = "dialling"  # the compliance check let the attempt through
    CONNECTED = "connected"  # customer and agent are talking
    KEPT = "kept"
    SETTLED = "settled"  # the customer was served another way
    CANCELLED = "cancelled"  # by the customer, by staff, or by an opt-out
    CLOSED = "closed"  # could not be kept; an apology and a reason are on record


class PromiseEvent(StrEnum):
    """What can happen to a promise."""

    MOVE = "move"  # to another time, by the customer or by staff
    CLAIM = "claim"
    RELEASE = "release"  # the attempt came to nothing before the customer was rung
    ALLOW = "allow"
    CONNECT = "connect"
    MISS = "miss"  # the customer was rung and not reached
    TALKED = "talked"  # they talked, for however long
    CUT_OFF = "cut_off"  # a line failed during the talk
    SETTLE = "settle"
    CANCEL = "cancel"
    GIVE_UP = "give_up"  # attempts used up, or the number is no good


#: how long a promise waits for its caller to be gone from the line. Hearing it confirmed takes half of that,
#: and an engine that ends meanwhile costs the rest and no more
STILL_ON_THE_LINE: Final = timedelta(minutes=1)
#: and once they are gone: their line is free again and the telephone put down
AFTER_HANG_UP: Final = timedelta(seconds=3)

_S, _E = PromiseState, PromiseEvent

PROMISE: Final[StateMachine[PromiseState, PromiseEvent]] = StateMachine(
    name="promise",
    start=_S.WAITING,
    ends=frozenset({_S.KEPT, _S.SETTLED, _S.CANCELLED, _S.CLOSED}),
    table={
        (_S.WAITING, _E.MOVE): _S.WAITING,
        (_S.WAITING, _E.CLAIM): _S.CLAIMED,
        (_S.WAITING, _E.SETTLE): _S.SETTLED,
        (_S.WAITING, _E.CANCEL): _S.CANCELLED,
        (_S.WAITING, _E.GIVE_UP): _S.CLOSED,
        (_S.CLAIMED, _E.RELEASE): _S.WAITING,
        (_S.CLAIMED, _E.ALLOW): _S.DIALLING,
        (_S.CLAIMED, _E.CANCEL): _S.CANCELLED,
        (_S.CLAIMED, _E.SETTLE): _S.SETTLED,
        (_S.DIALLING, _E.CONNECT): _S.CONNECTED,
        (_S.DIALLING, _E.MISS): _S.WAITING,
        (_S.DIALLING, _E.GIVE_UP): _S.CLOSED,
        (_S.DIALLING, _E.CANCEL): _S.CANCELLED,
        (_S.DIALLING, _E.SETTLE): _S.SETTLED,  # they rang us while we rang them
        (_S.CONNECTED, _E.TALKED): _S.KEPT,
        (_S.CONNECTED, _E.CUT_OFF): _S.WAITING,
    },
)
