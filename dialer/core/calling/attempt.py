"""One intent to ring one number: its states, and what may follow what.

INTENT is committed before the PBX hears of it (invariant 2). The dial permit consumes an attempt once, inside
the call path (invariant 4). UNKNOWN is an end: it counts as an attempt and is never sent again (invariant 3).
"""

from enum import StrEnum
from typing import Final

from telephony.state_machine import StateMachine


class AttemptState(StrEnum):
    """Where an attempt stands."""

    INTENT = "intent"  # committed; the PBX has not been asked, or its answer is not known yet
    SENT = "sent"  # the PBX took the order; only engines of earlier releases wrote it by itself
    DIALLING = "dialling"  # the dial permit consumed the attempt and gave the number out
    ANSWERED = "answered"
    CONNECTED = "connected"
    FINISHED = "finished"  # over, with an outcome
    REFUSED = "refused"  # the dial permit said no; nobody was rung
    FAILED = "failed"  # never reached the dial permit; nobody was rung
    UNKNOWN = "unknown"  # the truth could not be had


class AttemptEvent(StrEnum):
    """What can happen to an attempt."""

    SEND = "send"
    CONSUME = "consume"
    REFUSE = "refuse"
    FAIL = "fail"
    ANSWER = "answer"
    CONNECT = "connect"
    FINISH = "finish"
    LOSE = "lose"  # reconciliation found no trace and the dial permit had been passed


_S, _E = AttemptState, AttemptEvent

ATTEMPT: Final[StateMachine[AttemptState, AttemptEvent]] = StateMachine(
    name="attempt",
    start=_S.INTENT,
    ends=frozenset({_S.FINISHED, _S.REFUSED, _S.FAILED, _S.UNKNOWN}),
    table={
        (_S.INTENT, _E.SEND): _S.SENT,
        # the dialplan may ask the dial permit before the PBX's answer to Originate has been read
        (_S.INTENT, _E.CONSUME): _S.DIALLING,
        (_S.INTENT, _E.REFUSE): _S.REFUSED,
        (_S.INTENT, _E.FAIL): _S.FAILED,
        (_S.SENT, _E.CONSUME): _S.DIALLING,
        (_S.SENT, _E.REFUSE): _S.REFUSED,
        (_S.SENT, _E.FAIL): _S.FAILED,
        # the acknowledgement comes after the dial permit has already been passed
        (_S.DIALLING, _E.SEND): _S.DIALLING,
        (_S.DIALLING, _E.ANSWER): _S.ANSWERED,
        (_S.DIALLING, _E.FINISH): _S.FINISHED,
        (_S.DIALLING, _E.LOSE): _S.UNKNOWN,
        (_S.ANSWERED, _E.CONNECT): _S.CONNECTED,
        (_S.ANSWERED, _E.FINISH): _S.FINISHED,
        (_S.ANSWERED, _E.LOSE): _S.UNKNOWN,
        (_S.CONNECTED, _E.FINISH): _S.FINISHED,
        (_S.CONNECTED, _E.LOSE): _S.UNKNOWN,
    },
)
