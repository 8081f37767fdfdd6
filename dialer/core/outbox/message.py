"""The life of a message that leaves the house, and when it is tried again.

A message is written in the transaction that caused it and handed over at least once afterwards. It keeps its
key through every try, so that whoever gets it twice can tell.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from telephony.state_machine import StateMachine

FIRST_PAUSE: Final = timedelta(seconds=10)  # a gateway that restarts is back within it
GROWTH: Final = 3
LONGEST_PAUSE: Final = timedelta(hours=1)  # and one that is down for a day is found repaired within this
TRIED_FOR: Final = timedelta(hours=24)  # a night and a morning: somebody has looked at the list by then
#: how long one try may take before somebody else tries: longer than the other side is waited for
HELD_FOR: Final = timedelta(seconds=60)
MOST_FAULT: Final = 200  # characters of what went wrong, as the column holds them


class MessageChannel(StrEnum):
    """Which way a message goes."""

    EVENT = "event"  # a promise's step, before it is known who wants to hear of it
    WEBHOOK = "webhook"
    TEXT = "text"
    MAIL = "mail"


class MessageState(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    SENT = "sent"  # the other side has taken it
    FAILED = "failed"  # given up; a person may have it tried again
    WITHDRAWN = "withdrawn"  # too late, or nobody to send it to


class MessageEvent(StrEnum):
    """What can happen to a message."""

    DELIVER = "deliver"
    RETRY = "retry"
    GIVE_UP = "give_up"
    WITHDRAW = "withdraw"
    TRY_AGAIN = "try_again"


_S, _E = MessageState, MessageEvent

MESSAGE: Final[StateMachine[MessageState, MessageEvent]] = StateMachine(
    name="message",
    start=_S.WAITING,
    ends=frozenset({_S.SENT, _S.WITHDRAWN}),
    table={
        (_S.WAITING, _E.DELIVER): _S.SENT,
        (_S.WAITING, _E.RETRY): _S.WAITING,
        (_S.WAITING, _E.GIVE_UP): _S.FAILED,
        (_S.WAITING, _E.WITHDRAW): _S.WITHDRAWN,
        (_S.FAILED, _E.TRY_AGAIN): _S.WAITING,
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The other side has taken it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDelivered:
    """It was not taken, and why; `lasting`: the same again would be refused again.

    `after` is what the other side asked to be left alone for.
    """

    why: str
    lasting: bool = False
    after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Impossible:
    """There is nobody to send it to, or nothing to send it by."""

    why: str


Delivery = Delivered | NotDelivered | Impossible


@dataclass(frozen=True, slots=True, kw_only=True)
class NextTry:
    """What follows a try: the step, when it is due again (None: it is over), and what went wrong."""

    event: MessageEvent
    due_at: datetime | None = None
    fault: str = ""


def plan_next_try(
    result: Delivery, *, tries: int, created_at: datetime, expires_at: datetime | None, now: datetime
) -> NextTry:
    """What follows the `tries`-th try, which ended so.

    It is given up where the other side says that it never will, and where the next try would come after
    `expires_at` or a day after it was written.
    """
    match result:
        case Delivered():
            return NextTry(event=MessageEvent.DELIVER)
        case Impossible(why=why):
            return NextTry(event=MessageEvent.WITHDRAW, fault=why[:MOST_FAULT])
        case NotDelivered(why=why, lasting=lasting, after=after):
            pause = max(pause_after(tries), min(after or timedelta(0), LONGEST_PAUSE))
            due_at = now + pause
            ends_at = min(expires_at or created_at + TRIED_FOR, created_at + TRIED_FOR)
            if lasting or due_at >= ends_at:
                return NextTry(event=MessageEvent.GIVE_UP, fault=why[:MOST_FAULT])
            return NextTry(event=MessageEvent.RETRY, due_at=due_at, fault=why[:MOST_FAULT])


def pause_after(tries: int) -> timedelta:
    """How long to wait after so many tries in vain: three times longer each, up to an hour."""
    pause: timedelta = FIRST_PAUSE * GROWTH ** min(max(tries - 1, 0), 10)
    return min(pause, LONGEST_PAUSE)
