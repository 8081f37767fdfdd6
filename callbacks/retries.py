"""What follows one attempt at keeping a promise: kept, another attempt and when, or an apology.

A failure on our side never uses up one of the customer's attempts, and nothing is given up without a
reason on record.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from callbacks.lifecycle import PROMISE, PromiseEvent, PromiseState
from telephony.calls.events import Outcome

NO_ANSWER_GROWTH: Final = 4  # from about 12 to about 48 minutes: another part of somebody's day
OURS_GROWTH: Final = 2  # a trunk that is down gets rarer tries, so that a repair is not met by a storm
OURS_LONGEST: Final = timedelta(minutes=15)  # and is still found repaired within this


class Blame(StrEnum):
    """Whose doing it was that an attempt came to nothing."""

    BUSY = "busy"
    NOT_REACHED = "not_reached"
    LEFT_ALONE = "left_alone"  # the customer answered and our agent did not come
    OURS = "ours"  # the customer's phone never rang, or a line failed once while it did
    NUMBER = "number"


BLAMES: Final[Mapping[Outcome, Blame]] = {
    Outcome.BUSY: Blame.BUSY,
    Outcome.NO_ANSWER: Blame.NOT_REACHED,
    Outcome.REJECTED: Blame.NOT_REACHED,
    Outcome.NO_KEY: Blame.NOT_REACHED,  # silence and machines press none
    Outcome.DECLINED: Blame.NOT_REACHED,
    Outcome.MACHINE: Blame.NOT_REACHED,  # a voicemail is not the person who was promised a call
    Outcome.HUNG_UP_WAITING: Blame.LEFT_ALONE,
    Outcome.ABANDONED: Blame.LEFT_ALONE,
    Outcome.UNKNOWN: Blame.NOT_REACHED,  # may have rung: counts, and waits its normal spacing
    Outcome.BAD_NUMBER: Blame.NUMBER,
    Outcome.CONGESTION: Blame.OURS,
    Outcome.BROKEN_OFF: Blame.OURS,  # the first time: see `blame_for`
    Outcome.FAILED: Blame.OURS,
    Outcome.REFUSED: Blame.OURS,
}


#: what a promise whose attempt came to nothing goes back to waiting by
BACK: Final[Mapping[PromiseState, PromiseEvent]] = {
    PromiseState.CLAIMED: PromiseEvent.RELEASE,
    PromiseState.DIALLING: PromiseEvent.MISS,
    PromiseState.CONNECTED: PromiseEvent.CUT_OFF,
}


def blame_for(outcome: Outcome, *, again: bool) -> Blame | None:
    """Whose doing it was; None where customer and agent talked.

    `again`: the call to this number before this one was broken off too. A line that fails once while a phone
    rings may be our own; twice at the same number it is that number's, and the call was made.
    """
    if outcome is Outcome.BROKEN_OFF and again:
        return Blame.NOT_REACHED
    return BLAMES.get(outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRules:
    """How often and how soon; the settings `callbacks.*` give them."""

    attempts: int = 3
    busy: timedelta = timedelta(minutes=4)
    no_answer: timedelta = timedelta(minutes=12)
    ours: timedelta = timedelta(minutes=1)
    later: timedelta = timedelta(minutes=30)  # after "later", said by key


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The customer was called back and talked to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TryAgain:
    """Another attempt from `at` on. `counts`: this one used up one of the customer's attempts."""

    at: datetime
    counts: bool
    blame: Blame | None  # None: reached, and cut off, or asked for it later


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """No further attempt; the promise is closed with this reason and an apology."""

    reason: str


NextAttempt = Kept | TryAgain | GiveUp


def plan_next_attempt(
    outcome: Outcome,
    *,
    attempts_made: int,
    now: datetime,
    rules: RetryRules,
    cut_off: bool = False,
    ours_in_a_row: int = 0,
    not_before: datetime | None = None,
    again: bool = False,
    asked_later: bool = False,
    rang_in: bool = False,
) -> NextAttempt:
    """What follows an attempt that ended with `outcome`.

    `attempts_made` are the counted attempts before this one. `ours_in_a_row` are failures on our side
    since the last attempt that counted, without this one. `cut_off`: causes or the agent say that the talk
    was lost; its length says nothing, since people who are done hang up after seven seconds too.
    `again`: see `blame_for`. `asked_later`: the customer said so by key, and that costs them no attempt. Nor
    does a call that missed them because they rang us meanwhile (`rang_in`), and nothing is given up for it.
    `not_before` is the compliance check's own moment, where it refused. Give-up
    reasons: `number.bad`, `attempts.used-up`.
    """
    if outcome is not Outcome.CONNECTED and (asked_later or rang_in):
        # an agent whom they reach on our line settles it; who hangs up before is rung soon, not at once
        pause = rules.later if asked_later else rules.ours
        return TryAgain(at=max(now + pause, not_before or now), counts=False, blame=None)
    if outcome is Outcome.CONNECTED:
        if not cut_off:
            return Kept()
        # cut off: the customer is likely still there and is owed the call, so at once
        return _counted(None, timedelta(0), attempts_made, now, rules)
    blame = blame_for(outcome, again=again)
    if blame is Blame.NUMBER:
        return GiveUp(reason="number.bad")
    if blame is Blame.OURS:
        pause = pause_after_ours(rules, ours_in_a_row)
        return TryAgain(at=max(now + pause, not_before or now), counts=False, blame=blame)
    if blame is Blame.BUSY:
        return _counted(blame, rules.busy, attempts_made, now, rules)
    if blame is Blame.LEFT_ALONE:
        return _counted(blame, rules.ours, attempts_made, now, rules)
    growth = NO_ANSWER_GROWTH if attempts_made > 0 else 1
    return _counted(blame, rules.no_answer * growth, attempts_made, now, rules)


def events_after(state: PromiseState, plan: NextAttempt) -> tuple[PromiseEvent, ...]:
    """The steps that a promise in `state` takes after an attempt of which this plan follows."""
    if isinstance(plan, Kept):  # the bridge may have been missed while the link was down
        missed = (PromiseEvent.CONNECT,) if state is PromiseState.DIALLING else ()
        return (*missed, PromiseEvent.TALKED)
    if isinstance(plan, TryAgain):
        return (BACK[state],)
    if PROMISE.allows(state, PromiseEvent.GIVE_UP):
        return (PromiseEvent.GIVE_UP,)
    return (BACK[state], PromiseEvent.GIVE_UP)


def pause_after_ours(rules: RetryRules, ours_in_a_row: int) -> timedelta:
    """How long to wait after a failure on our side that follows so many others: longer each time."""
    pause: timedelta = rules.ours * OURS_GROWTH ** min(ours_in_a_row, 10)
    return min(pause, max(OURS_LONGEST, rules.ours))


def _counted(
    blame: Blame | None, pause: timedelta, attempts_made: int, now: datetime, rules: RetryRules
) -> TryAgain | GiveUp:
    if attempts_made + 1 >= rules.attempts:
        return GiveUp(reason="attempts.used-up")
    return TryAgain(at=now + pause, counts=True, blame=blame)
