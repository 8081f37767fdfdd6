"""What comes of an attempt: attempt, lead and promise move together, once, in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from callbacks.lifecycle import PROMISE, PromiseEvent, PromiseState
from callbacks.retries import (
    Blame,
    GiveUp,
    Kept,
    NextAttempt,
    blame_for,
    events_after,
    pause_after_ours,
    plan_next_attempt,
)
from callbacks.return_call import ReturnAnswer
from dialer.core.calling.attempt import ATTEMPT, AttemptEvent, AttemptState
from dialer.core.calling.campaign import LeadEvent, LeadState
from dialer.core.calling.disposition import Disposition
from dialer.db.models import Attempt, Lead, Promise
from dialer.db.queries import arrivals, attempts, audit, customers, dispositions, leads, promises
from dialer.db.queries.moves import move
from dialer.db.session import Database, Transaction
from dialer.services.agents.dispositions import apply_disposition
from dialer.services.calls.code_attempts import follow_wish
from dialer.services.calls.open_attempt import number_after
from dialer.services.calls.other_records import settle_others
from dialer.services.calls.transitions import (
    TransitionContext,
    step_attempt,
    step_attempt_through,
    step_lead,
    step_promise,
)
from dialer.services.promises.texts_due import TextDue, note_text_due
from telephony.calls.events import (
    Abandoned,
    Answered,
    CallFact,
    Connected,
    Finished,
    HandedOver,
    MachineSuspected,
    OriginateFailed,
    Outcome,
)
from telephony.state_machine import IllegalTransition

BEFORE_THE_GATE: Final = frozenset({AttemptState.INTENT, AttemptState.SENT})
#: failures on our side further back say nothing about the trunk any more
OURS_REMEMBERED: Final = timedelta(hours=1)
#: a call broken off further back than this says nothing about the same number's line any more
BROKEN_OFF_REMEMBERED: Final = timedelta(days=1)
#: calls to a busy line until its customer is told by text that they were made: a voice does not reach them
BUSY_TOLD: Final = 3
#: who is on the line is looked at before a turn's calls are opened, and is so old at the most
LOOKED_BEFORE: Final = timedelta(seconds=10)
RECORDED: Final = (Answered, Connected, Abandoned, MachineSuspected, HandedOver, Finished, OriginateFailed)
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


def record_fact(database: Database, fact: CallFact, now: datetime) -> AttemptChange | None:
    """Let the database follow one fact of a call; None where it already has, or where it says nothing.

    A fact that cannot be (a customer on the line of an attempt that the dial permit never let through)
    changes nothing but the audit: somebody's dialplan goes round the dial permit.
    """
    return record_facts(database, [fact], now)[0]


def record_facts(
    database: Database, facts: Sequence[CallFact], now: datetime
) -> tuple[AttemptChange | None, ...]:
    """Let the database follow these facts in their order, in one commit; an exception undoes all of it.

    As many answers as were written: the commit ends behind any of them where somebody urgent waits to write,
    and the others are to be given again. An answer that a talk follows is written with it, by one change.
    """
    if not any(isinstance(fact, RECORDED) for fact in facts):
        return (None,) * len(facts)
    with database.write() as tx:
        entry = TransitionContext(tx, database.policy, now)
        ending = {fact.attempt for fact in facts if isinstance(fact, Finished)}
        over = leads.lock_with_attempts(tx, ending)  # the end of a call moves its lead
        others = {fact.attempt for fact in facts if isinstance(fact, RECORDED)} - ending
        found = {**over, **attempts.lock_attempts(tx, others)}
        dispositions.foresee(tx, over.values())
        changes = list[AttemptChange | None]()
        with_their_talks = _answers_before_talks(facts)
        answered_at: dict[str, datetime] = {}  # not written yet, but with the talk that follows at once
        for place, fact in enumerate(facts):
            if place in with_their_talks:
                answered_at[fact.attempt] = fact.at
                changes.append(None)
                continue
            at = answered_at.pop(fact.attempt, None) if isinstance(fact, Connected) else None
            changes.append(_record(entry, found.get(fact.attempt), fact, at))
            if database.urgent_waits and not answered_at:
                break
        return tuple(changes)


def _answers_before_talks(facts: Sequence[CallFact]) -> frozenset[int]:
    """The places of answers whose call's very next fact is that somebody talks."""
    found, follows = set[int](), dict[str, CallFact]()
    for place in reversed(range(len(facts))):
        fact = facts[place]
        if isinstance(fact, Answered) and isinstance(follows.get(fact.attempt), Connected):
            found.add(place)
        follows[fact.attempt] = fact
    return frozenset(found)


def _record(
    entry: TransitionContext, attempt: Attempt | None, fact: CallFact, answered_at: datetime | None = None
) -> AttemptChange | None:
    if not isinstance(fact, RECORDED):
        return None
    if attempt is None or attempt.state in ATTEMPT.ends:
        return None
    try:
        changed = _fold(entry, attempt, fact, answered_at)
    except IllegalTransition as illegal:
        details = {"state": illegal.state, "event": illegal.event}
        audit.add(entry.tx, entry.now, "pbx", "fact.impossible", attempt.id, details)
        return None
    return _change(entry.tx, attempt) if changed else None


def fail_attempt(database: Database, attempt: str, reason: str, now: datetime) -> bool:
    """End an attempt that never reached the dial permit: nobody was rung, and nobody's count goes up.

    False, and nothing changed, where the dial permit was faster or the attempt is over.
    """
    with database.write() as tx:
        row = attempts.lock_attempt(tx, attempt)
        if row is None or row.state not in BEFORE_THE_GATE:
            return False
        _fail(TransitionContext(tx, database.policy, now), row, reason)
        return True


def lose_attempt(database: Database, attempt: str, now: datetime) -> bool:
    """End an attempt that passed the dial permit and left no trace: it counts, and normal spacing follows.

    False, and nothing changed, where it is over or never passed the dial permit.
    """
    with database.write() as tx:
        row = attempts.lock_attempt(tx, attempt)
        if row is None or not ATTEMPT.allows(row.state, AttemptEvent.LOSE):
            return False
        outcome = Outcome.ABANDONED if row.abandoned else Outcome.UNKNOWN  # who was left alone is known
        step_attempt(tx, row, AttemptEvent.LOSE, now, outcome=outcome)
        _follow(TransitionContext(tx, database.policy, now), row, outcome)
        return True


def replay_attempt(entry: TransitionContext, attempt: Attempt, facts: Iterable[CallFact]) -> None:
    """Let an attempt that was made and forgotten go its whole way: permit, facts, end."""
    step_attempt(entry.tx, attempt, AttemptEvent.CONSUME, attempt.created_at, consumed_at=attempt.created_at)
    for fact in facts:
        if isinstance(fact, RECORDED) and attempt.state not in ATTEMPT.ends:
            _fold(entry, attempt, fact)
    if attempt.state not in ATTEMPT.ends:
        step_attempt(entry.tx, attempt, AttemptEvent.LOSE, entry.now, outcome=Outcome.UNKNOWN)
        _follow(entry, attempt, Outcome.UNKNOWN)


def release_for(entry: TransitionContext, attempt: Attempt, *, not_before: datetime | None) -> None:
    """Take lead or promise back from an attempt that ended before anybody was rung."""
    _follow(entry, attempt, Outcome.REFUSED, not_before=not_before)


def _fold(
    entry: TransitionContext,
    attempt: Attempt,
    fact: Answered | Connected | Abandoned | MachineSuspected | HandedOver | Finished | OriginateFailed,
    answered_at: datetime | None = None,
) -> bool:
    """Whether the fact changed anything; `answered_at` is of a talk whose answer is not written yet."""
    match fact:
        case Answered():
            return _answer(entry.tx, attempt, fact.at)
        case Connected():
            return _connect(entry.tx, attempt, fact, answered_at)
        case Abandoned():
            return _abandon(entry.tx, attempt, fact)
        case MachineSuspected():
            return _suspect(entry.tx, attempt)
        case HandedOver():
            return _hand_over(entry.tx, attempt, fact)
        case Finished():
            _finish(entry, attempt, fact)
            return True
        case OriginateFailed():
            if attempt.state not in BEFORE_THE_GATE:
                return False
            _fail(entry, attempt, f"originate {fact.reason}")
            return True


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


def _connect(tx: Transaction, attempt: Attempt, fact: Connected, answered_at: datetime | None) -> bool:
    if attempt.state is AttemptState.CONNECTED:
        return False
    events = [AttemptEvent.CONNECT]
    values: dict[str, Any] = {"connected_at": fact.at, "agent": fact.agent, "waited_s": fact.waited_s}
    if attempt.state not in WITH_A_PERSON:
        events.insert(0, AttemptEvent.ANSWER)
        # the answer itself may have been missed while the link was down
        values["answered_at"] = answered_at or fact.at - timedelta(seconds=fact.waited_s)
    step_attempt_through(tx, attempt, events, fact.at, **values)
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


def _suspect(tx: Transaction, attempt: Attempt) -> bool:
    if attempt.machine_suspected:
        return False
    move(tx, attempt, attempt.state, machine_suspected=True)
    return True


def _hand_over(tx: Transaction, attempt: Attempt, fact: HandedOver) -> bool:
    if attempt.state is not AttemptState.CONNECTED or attempt.handed_over_at is not None:
        return False
    to = fact.to or None
    move(tx, attempt, attempt.state, handed_over_at=fact.at, handed_over_to=to, talk_s=fact.talk_s)
    return True


def _fail(entry: TransitionContext, attempt: Attempt, reason: str) -> None:
    step_attempt(
        entry.tx,
        attempt,
        AttemptEvent.FAIL,
        entry.now,
        outcome=Outcome.FAILED,
        reason=reason[:80],
        counted=False,
    )
    _follow(entry, attempt, Outcome.FAILED)


def _finish(entry: TransitionContext, attempt: Attempt, fact: Finished) -> None:
    if attempt.state in BEFORE_THE_GATE:
        _fail(entry, attempt, f"ended before the dial permit: {fact.outcome}")
        return
    outcome = _truth(attempt, fact)
    talk_s = max(0.0, fact.talk_s)
    if attempt.connected_at is not None and fact.outcome is not Outcome.CONNECTED:
        # told by an engine that took over and did not see the talk; the database did
        talk_s = max(talk_s, (fact.at - attempt.connected_at).total_seconds())
    values: dict[str, Any] = {
        "outcome": outcome,
        "causes": list(fact.causes),
        "ended_at": fact.at,
        "talk_s": talk_s,
        "abandoned": outcome is Outcome.ABANDONED,
        "counted": blame_for(outcome, again=_broke_off_before(entry, attempt, outcome)) is not Blame.OURS,
    }
    if attempt.handed_over_at is not None:
        # what the customer said to somebody else afterwards is no talk of this agent's
        values["talk_s"] = attempt.talk_s
        values["handed_over_to"] = attempt.handed_over_to or fact.handed_to or None
    if outcome is Outcome.CONNECTED and attempt.connected_at is None:
        # both moments were missed while the link was down; what is known is when it ended and how long it was
        began = fact.at - timedelta(seconds=talk_s)
        values |= {"connected_at": began, "agent": fact.agent}
        if attempt.answered_at is None:
            values["answered_at"] = began
    step_attempt(entry.tx, attempt, AttemptEvent.FINISH, entry.now, **values)
    _follow(entry, attempt, outcome, cut_off=fact.cut_off)


def _truth(attempt: Attempt, fact: Finished) -> Outcome:
    """The outcome, held to what the database has already seen of this call."""
    if attempt.connected_at is not None:
        return Outcome.CONNECTED
    if attempt.abandoned:
        return Outcome.ABANDONED
    return fact.outcome if attempt.said_by_key is None else Outcome.DECLINED


def _broke_off_before(entry: TransitionContext, attempt: Attempt, outcome: Outcome) -> bool:
    """Whether this call, and the one to this number before it, were broken off while the phone rang."""
    if outcome is not Outcome.BROKEN_OFF:
        return False  # then nothing depends on it
    before = attempts.outcome_before(entry.tx, attempt, since=entry.now - BROKEN_OFF_REMEMBERED)
    return before is Outcome.BROKEN_OFF


def _follow(
    entry: TransitionContext,
    attempt: Attempt,
    outcome: Outcome,
    *,
    cut_off: bool = False,
    not_before: datetime | None = None,
) -> None:
    """Let lead or promise follow the end of an attempt; one that was ended meanwhile stays ended.

    Whether a talk was cut off is the agent's to say; where no word is in, the line's own causes decide.
    """
    said = dispositions.find(entry.tx, attempt.id)
    if said is not None:
        cut_off = said.disposition is Disposition.CUT_OFF
    if attempt.wish_id is not None:
        follow_wish(entry, attempt, outcome)
        return
    if attempt.lead_id is not None:
        lead = leads.lock_lead(entry.tx, attempt.lead_id)
        if lead is not None and lead.state is LeadState.CALLING:
            _follow_lead(entry, attempt, lead, outcome, not_before, cut_off=cut_off)
    if attempt.promise_id is not None:
        promise = promises.lock_promise(entry.tx, attempt.promise_id)
        if promise is not None and promise.state not in PROMISE.ends:
            talked = attempt.connected_at is not None  # even where the end of it was lost
            plan = plan_next_attempt(
                Outcome.CONNECTED if talked else outcome,
                attempts_made=promise.attempts_made,
                now=entry.now,
                rules=entry.policy.retry,
                cut_off=cut_off,
                ours_in_a_row=promise.ours_in_a_row,
                not_before=not_before,
                again=_broke_off_before(entry, attempt, outcome),
                asked_later=attempt.said_by_key is ReturnAnswer.LATER,
                rang_in=_rang_in(entry.tx, attempt),
            )
            _follow_promise(entry, attempt, promise, plan, outcome)
    if said is not None:  # the agent was faster than the hang-up
        apply_disposition(entry, attempt)
    settle_others(entry, attempt)


def _rang_in(tx: Transaction, attempt: Attempt) -> bool:
    """Whether whom this call was for rang us meanwhile, from whatever number of theirs."""
    since = attempt.created_at - LOOKED_BEFORE
    return arrivals.rang_in_since(tx, customers.numbers_of_person(tx, attempt.e164), since)


def _follow_lead(
    entry: TransitionContext,
    attempt: Attempt,
    lead: Lead,
    outcome: Outcome,
    not_before: datetime | None,
    *,
    cut_off: bool,
) -> None:
    """Reached, used up, or listed again: at the customer's next number, after the normal spacing.

    Who picked up and was left alone is owed one call, at the same number and with an agent of its own,
    however many were made; where that one is lost too, nothing more is owed.
    """
    tx, policy = entry.tx, entry.policy
    if attempt.connected_at is not None and not cut_off:  # talked with, even where the end of it was lost
        made = lead.attempts_made + 1
        step_lead(tx, lead, LeadEvent.REACH, attempts_made=made, asked_again=False, owed=False)
        return
    if blame_for(outcome, again=_broke_off_before(entry, attempt, outcome)) is Blame.OURS:
        before = attempts.count_uncounted(tx, lead.id, since=entry.now - OURS_REMEMBERED) - 1
        pause = pause_after_ours(policy.retry, max(0, before))
        again = max(entry.now + pause, not_before or entry.now)
        step_lead(tx, lead, LeadEvent.MISS, next_at=again)
        return
    made = lead.attempts_made + 1
    owed = outcome is Outcome.ABANDONED and not lead.owed
    stays = (lead.e164, lead.dialing_region_id)
    numbers = () if cut_off or owed else leads.numbers_to_go_on_with(tx, lead)
    other = stays if cut_off or owed else number_after(lead, numbers)
    used_up = made >= leads.campaign_of(tx, lead).max_attempts and not owed
    if used_up or (outcome is Outcome.BAD_NUMBER and other is None):
        step_lead(tx, lead, LeadEvent.EXHAUST, attempts_made=made, owed=False)
        return
    if other is None:
        other = (numbers[0].e164, numbers[0].dialing_region_id) if numbers else stays
    rung = attempt.consumed_at or entry.now
    step_lead(
        tx,
        lead,
        LeadEvent.MISS,
        attempts_made=made,
        asked_again=False,
        owed=owed,
        next_at=rung + policy.rulebook.limits.spacing,
        e164=other[0],
        dialing_region_id=other[1],
    )


def _follow_promise(
    entry: TransitionContext, attempt: Attempt, promise: Promise, plan: NextAttempt, outcome: Outcome
) -> None:
    """Kept, waiting again at its old place, or closed with a reason."""

    def step(event: PromiseEvent, reason: str, **values: Any) -> None:
        step_promise(entry.tx, promise, event, entry.now, attempt=attempt.id, reason=reason, **values)

    made = promise.attempts_made + 1
    *before, last = events_after(promise.state, plan)
    for event in before:
        waits = {"next_action_at": entry.now} if event is not PromiseEvent.CONNECT else {}
        step(event, outcome.value, **waits)
    if isinstance(plan, Kept):
        step(last, "kept", attempts_made=made)
    elif isinstance(plan, GiveUp):
        step(last, plan.reason, attempts_made=made)
    else:
        step(
            last,
            outcome.value,
            next_action_at=plan.at,
            attempts_made=made if plan.counts else promise.attempts_made,
            ours_in_a_row=promise.ours_in_a_row + 1 if plan.blame is Blame.OURS else 0,
        )
        if plan.blame is Blame.BUSY and _busy_calls(entry, promise) % BUSY_TOLD == 0:
            note_text_due(entry, promise, TextDue.BUSY, cause=attempt.id)


def _busy_calls(entry: TransitionContext, promise: Promise) -> int:
    return attempts.count_of_promise(entry.tx, promise.id, Outcome.BUSY)
