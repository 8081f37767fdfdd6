"""What comes of an attempt: attempt, lead and promise move together, once, in one transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from callbacks.lifecycle import PROMISE, PromiseEvent, PromiseState
from callbacks.retries import BLAMES, Blame, GiveUp, Kept, plan_next
from dialer.core.attempt import ATTEMPT, AttemptEvent, AttemptState
from dialer.core.campaign import LeadEvent, LeadState
from dialer.db.models import Attempt, Lead, Promise
from dialer.db.queries import attempts, leads, promises
from dialer.db.queries.moves import move
from dialer.db.session import Book, Transaction
from dialer.services.dispositions import apply_disposition
from dialer.services.opening import next_number
from dialer.services.steps import step_attempt, step_lead, step_promise
from telephony.calls.events import (
    Abandoned,
    Answered,
    CallFact,
    Connected,
    Finished,
    OriginateFailed,
    Outcome,
)

BEFORE_THE_GATE: Final = frozenset({AttemptState.INTENT, AttemptState.SENT})
WITH_A_PERSON: Final = frozenset({AttemptState.ANSWERED, AttemptState.CONNECTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptChange:
    """An attempt that moved, and what it was for."""

    attempt: str
    state: AttemptState
    outcome: Outcome | None
    lead: int | None
    promise: int | None
    promise_state: PromiseState | None = None


def record_fact(book: Book, fact: CallFact, now: datetime) -> AttemptChange | None:
    """Let the book follow one fact of a call; None where it already has, or where it says nothing.

    Raises `IllegalTransition` for a customer on the line of an attempt that the gate never let through.
    """
    if not isinstance(fact, Answered | Connected | Abandoned | Finished | OriginateFailed):
        return None
    with book.write() as tx:
        attempt = attempts.lock_attempt(tx, fact.attempt)
        if attempt is None or attempt.state in ATTEMPT.ends:
            return None
        match fact:
            case Answered():
                changed = _answer(tx, attempt, fact.at)
            case Connected():
                changed = _connect(tx, attempt, fact)
            case Abandoned():
                changed = _abandon(tx, attempt, fact)
            case Finished():
                _finish(tx, book, attempt, fact, now)
                changed = True
            case OriginateFailed():
                changed = attempt.state in BEFORE_THE_GATE
                if changed:
                    _fail(tx, book, attempt, f"originate {fact.reason}", now)
        return _change(tx, attempt) if changed else None


def fail_attempt(book: Book, attempt: str, reason: str, now: datetime) -> bool:
    """End an attempt that never reached the gate: nobody was rung, and nobody's count goes up.

    False, and nothing changed, where the gate was faster or the attempt is over.
    """
    with book.write() as tx:
        row = attempts.lock_attempt(tx, attempt)
        if row is None or row.state not in BEFORE_THE_GATE:
            return False
        _fail(tx, book, row, reason, now)
        return True


def lose_attempt(book: Book, attempt: str, now: datetime) -> bool:
    """End an attempt that passed the gate and left no trace: it counts, and normal spacing follows.

    False, and nothing changed, where it is over or never passed the gate.
    """
    with book.write() as tx:
        row = attempts.lock_attempt(tx, attempt)
        if row is None or not ATTEMPT.allows(row.state, AttemptEvent.LOSE):
            return False
        step_attempt(tx, row, AttemptEvent.LOSE, now, outcome=Outcome.UNKNOWN)
        _follow(tx, book, row, Outcome.UNKNOWN, 0.0, now)
        return True


def release_for(
    tx: Transaction, book: Book, attempt: Attempt, now: datetime, *, not_before: datetime | None
) -> None:
    """Take lead or promise back from an attempt that ended before anybody was rung."""
    _follow(tx, book, attempt, Outcome.REFUSED, 0.0, now, not_before=not_before)


def _change(tx: Transaction, attempt: Attempt) -> AttemptChange:
    promise = promises.lock_promise(tx, attempt.promise_id) if attempt.promise_id is not None else None
    return AttemptChange(
        attempt=attempt.id,
        state=attempt.state,
        outcome=attempt.outcome,
        lead=attempt.lead_id,
        promise=attempt.promise_id,
        promise_state=promise.state if promise is not None else None,
    )


def _answer(tx: Transaction, attempt: Attempt, at: datetime) -> bool:
    if attempt.state in WITH_A_PERSON:
        return False
    step_attempt(tx, attempt, AttemptEvent.ANSWER, at, answered_at=at)
    return True


def _connect(tx: Transaction, attempt: Attempt, fact: Connected) -> bool:
    if attempt.state is AttemptState.CONNECTED:
        return False
    # the answer itself may have been missed while the link was down
    _answer(tx, attempt, fact.at - timedelta(seconds=fact.waited_s))
    step_attempt(
        tx,
        attempt,
        AttemptEvent.CONNECT,
        fact.at,
        connected_at=fact.at,
        agent=fact.agent,
        waited_s=fact.waited_s,
    )
    if attempt.promise_id is not None:
        promise = promises.lock_promise(tx, attempt.promise_id)
        if promise is not None and PROMISE.allows(promise.state, PromiseEvent.CONNECT):
            step_promise(tx, promise, PromiseEvent.CONNECT, fact.at, attempt=attempt.id)
    return True


def _abandon(tx: Transaction, attempt: Attempt, fact: Abandoned) -> bool:
    if attempt.abandoned or attempt.state is AttemptState.CONNECTED:
        return False
    _answer(tx, attempt, fact.at - timedelta(seconds=fact.waited_s))
    move(tx, attempt, attempt.state, abandoned=True, waited_s=fact.waited_s)
    return True


def _fail(tx: Transaction, book: Book, attempt: Attempt, reason: str, now: datetime) -> None:
    step_attempt(
        tx,
        attempt,
        AttemptEvent.FAIL,
        now,
        outcome=Outcome.FAILED,
        reason=reason[:80],
        counted=False,
    )
    _follow(tx, book, attempt, Outcome.FAILED, 0.0, now)


def _finish(tx: Transaction, book: Book, attempt: Attempt, fact: Finished, now: datetime) -> None:
    if attempt.state in BEFORE_THE_GATE:
        _fail(tx, book, attempt, f"ended before the gate: {fact.outcome}", now)
        return
    outcome = _truth(attempt, fact)
    values: dict[str, Any] = {
        "outcome": outcome,
        "causes": list(fact.causes),
        "ended_at": fact.at,
        "talk_s": fact.talk_s,
        "abandoned": outcome is Outcome.ABANDONED,
        "counted": BLAMES.get(outcome) is not Blame.OURS,
    }
    if outcome is Outcome.CONNECTED and attempt.connected_at is None:
        # both moments were missed while the link was down; what is known is when it ended and how long it was
        began = fact.at - timedelta(seconds=fact.talk_s)
        values |= {"connected_at": began, "agent": fact.agent}
        if attempt.answered_at is None:
            values["answered_at"] = began
    step_attempt(tx, attempt, AttemptEvent.FINISH, now, **values)
    _follow(tx, book, attempt, outcome, fact.talk_s, now)


def _truth(attempt: Attempt, fact: Finished) -> Outcome:
    """The outcome, held to what the book has already seen of this call."""
    if attempt.connected_at is not None:
        return Outcome.CONNECTED
    if attempt.abandoned:
        return Outcome.ABANDONED
    return fact.outcome


def _follow(
    tx: Transaction,
    book: Book,
    attempt: Attempt,
    outcome: Outcome,
    talk_s: float,
    now: datetime,
    *,
    not_before: datetime | None = None,
) -> None:
    if attempt.lead_id is not None:
        lead = leads.lock_lead(tx, attempt.lead_id)
        if lead is not None and lead.state is LeadState.CALLING:
            _follow_lead(tx, book, attempt, lead, outcome, now, not_before)
    if attempt.promise_id is not None:
        promise = promises.lock_promise(tx, attempt.promise_id)
        if promise is not None and promise.state not in PROMISE.ends:
            _follow_promise(tx, book, attempt, promise, outcome, talk_s, now, not_before)
    # the agent may have been faster than the hang-up
    apply_disposition(tx, attempt, now)


def _follow_lead(
    tx: Transaction,
    book: Book,
    attempt: Attempt,
    lead: Lead,
    outcome: Outcome,
    now: datetime,
    not_before: datetime | None,
) -> None:
    """Reached, used up, or listed again: at the customer's next number, after the normal spacing."""
    if attempt.connected_at is not None:  # talked with, even where the end of it was lost
        step_lead(tx, lead, LeadEvent.REACH, attempts_made=lead.attempts_made + 1, asked_again=False)
        return
    if BLAMES[outcome] is Blame.OURS:
        again = max(now + book.policy.retry.ours, not_before or now)
        step_lead(tx, lead, LeadEvent.MISS, next_at=again)
        return
    made = lead.attempts_made + 1
    other = next_number(tx, lead)
    campaign = leads.campaign_of(tx, lead)
    if made >= campaign.max_attempts or (outcome is Outcome.BAD_NUMBER and other is None):
        step_lead(tx, lead, LeadEvent.EXHAUST, attempts_made=made)
        return
    if other is None:
        numbers = leads.numbers_of(tx, lead.customer_id)
        other = (numbers[0].e164, numbers[0].place_id) if numbers else (lead.e164, lead.place_id)
    rung = attempt.consumed_at or now
    step_lead(
        tx,
        lead,
        LeadEvent.MISS,
        attempts_made=made,
        asked_again=False,
        next_at=rung + book.policy.rulebook.limits.spacing,
        e164=other[0],
        place_id=other[1],
    )


def _follow_promise(
    tx: Transaction,
    book: Book,
    attempt: Attempt,
    promise: Promise,
    outcome: Outcome,
    talk_s: float,
    now: datetime,
    not_before: datetime | None,
) -> None:
    """Kept, waiting again at its old place, or closed with a reason."""
    plan = plan_next(
        outcome,
        attempts_made=promise.attempts_made,
        now=now,
        rules=book.policy.retry,
        talk_s=talk_s,
        ours_in_a_row=promise.ours_in_a_row,
        not_before=not_before,
    )
    if isinstance(plan, Kept):
        made = promise.attempts_made + 1
        if promise.state is PromiseState.DIALLING:
            step_promise(tx, promise, PromiseEvent.CONNECT, now, attempt=attempt.id)
        step_promise(
            tx, promise, PromiseEvent.TALKED, now, attempt=attempt.id, reason="kept", attempts_made=made
        )
        return
    if isinstance(plan, GiveUp):
        made = promise.attempts_made + 1
        if not PROMISE.allows(promise.state, PromiseEvent.GIVE_UP):
            step_promise(tx, promise, _back(promise.state), now, attempt=attempt.id, next_action_at=now)
        step_promise(
            tx,
            promise,
            PromiseEvent.GIVE_UP,
            now,
            attempt=attempt.id,
            reason=plan.reason,
            attempts_made=made,
        )
        return
    step_promise(
        tx,
        promise,
        _back(promise.state),
        now,
        attempt=attempt.id,
        reason=outcome.value,
        next_action_at=plan.at,
        attempts_made=promise.attempts_made + int(plan.counts),
        ours_in_a_row=0 if plan.counts else promise.ours_in_a_row + 1,
    )


def _back(state: PromiseState) -> PromiseEvent:
    """The step by which a promise in this state waits again."""
    return {
        PromiseState.CLAIMED: PromiseEvent.RELEASE,
        PromiseState.DIALLING: PromiseEvent.MISS,
        PromiseState.CONNECTED: PromiseEvent.CUT_OFF,
    }[state]
