"""What the agent says came of a call, and what follows from it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from callbacks.lifecycle import PROMISE, PromiseEvent, PromiseState
from callbacks.refusals import Refusal, Rule
from dialer.core.calling.attempt import ATTEMPT
from dialer.core.calling.campaign import LEAD, LeadEvent, LeadState
from dialer.core.calling.disposition import CONSEQUENCES, Disposition
from dialer.db.models import Attempt, Lead, Promise
from dialer.db.models import DispositionRow as Said
from dialer.db.queries import audit, customers, dispositions, leads, one_at_a_time, promises
from dialer.db.session import Database, Transaction
from dialer.services.agents.agent_call import take_talk
from dialer.services.calls.compliance_facts import judge_lead, judge_promise
from dialer.services.calls.other_records import settle_others
from dialer.services.calls.transitions import TransitionContext, step_lead, step_promise
from dialer.services.customers.objections import PersonOfCall, object_in, strike_number
from dialer.services.promises.asked_again import take_over
from dialer.services.promises.callback_blocks import block

NOTE_LENGTH: Final = 2000  # characters; more is a file, not a note


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedDisposition:
    """A disposition that is in the database, and where the lead stands because of it."""

    attempt: str
    disposition: Disposition
    said_as: str  # the house's own word; empty where none was named
    lead_state: LeadState | None
    call_again_at: datetime | None
    note: str


def record_disposition(  # noqa: PLR0917 - one form of an agent's page, in the order of its fields
    database: Database,
    agent: str,
    attempt: str,
    disposition: Disposition,
    note: str,
    call_again_at: datetime | None,
    now: datetime,
    *,
    said_as: str = "",
) -> RecordedDisposition | Refusal:
    """Write down what came of a call, and let lead, promise and do-not-call list follow.

    `said_as`: the house's own word for it, by its id.

    Saying the same twice changes nothing. Refused with `attempt.unknown`, `attempt.not-connected`,
    `attempt.other-agent`, `disposition.recorded` (another word is in), `call-again.no-time`,
    `call-again.past`, or by the compliance check where that time is closed.
    """
    with database.write() as tx:
        row = take_talk(tx, agent, attempt)
        if isinstance(row, Refusal):
            return row
        said = dispositions.find(tx, attempt)
        if said is not None:
            same = (said.disposition, said.said_as) == (disposition, said_as)
            return recorded(tx, row, said) if same else Refusal(rule=Rule.DISPOSITION_RECORDED)
        consequence = CONSEQUENCES[disposition]
        if consequence.call_again:
            refusal = judge_again(TransitionContext(tx, database.policy, now), row, call_again_at)
            if refusal is not None:
                return refusal
        written = dispositions.add(
            tx,
            attempt_id=attempt,
            agent=agent,
            disposition=disposition,
            said_as=said_as,
            note=note[:NOTE_LENGTH],
            call_again_at=call_again_at if consequence.call_again else None,
            recorded_at=now,
        )
        audit.add(tx, now, agent, "disposition.recorded", attempt, word_said(disposition, said_as))
        return follow(TransitionContext(tx, database.policy, now), row, written)


def follow(entry: TransitionContext, attempt: Attempt, said: Said) -> RecordedDisposition:
    """Let everything follow from a word that was just written down; what was typed meanwhile is in it."""
    tx = entry.tx
    dispositions.drop_draft(tx, attempt.id)
    if CONSEQUENCES[said.disposition].do_not_call:
        object_in(tx, PersonOfCall.of(attempt), said.agent, entry.now)
    if CONSEQUENCES[said.disposition].strike and attempt.lead_id is not None:
        strike_number(tx, attempt, said.agent, entry.now)
    if CONSEQUENCES[said.disposition].block:
        block(tx, attempt.e164, did_not_ask(attempt.id), f"agent {said.agent}", entry.now)
    _apply(entry, attempt, said)
    settle_others(entry, attempt)
    return recorded(tx, attempt, said)


def apply_disposition(entry: TransitionContext, attempt: Attempt) -> None:
    """Let lead and promise follow the agent's word, as far as the call's state lets them yet.

    Called when the word is said and again when the call ends, since either may come first.
    """
    said = dispositions.find(entry.tx, attempt.id)
    if said is not None:
        _apply(entry, attempt, said)


def _apply(entry: TransitionContext, attempt: Attempt, said: Said) -> None:
    tx = entry.tx
    if attempt.lead_id is not None and attempt.state in ATTEMPT.ends:
        _apply_to_lead(entry, attempt, attempt.lead_id, said)
    if attempt.promise_id is not None and attempt.state in ATTEMPT.ends:
        if said.call_again_at is not None or CONSEQUENCES[said.disposition].repeat:
            one_at_a_time.ask_for_person(tx, attempt.e164)
        promise = promises.lock_promise(tx, attempt.promise_id)
        if promise is not None:
            _apply_to_promise(entry, attempt, promise, said)


def _apply_to_lead(entry: TransitionContext, attempt: Attempt, lead_id: int, said: Said) -> None:
    tx, consequence = entry.tx, CONSEQUENCES[said.disposition]
    lead = leads.lock_lead(tx, lead_id)
    if lead is None:
        return
    if consequence.reached and not consequence.withdraw and lead.state is LeadState.LISTED:
        step_lead(tx, lead, LeadEvent.REACH)  # the line failed, and all had been said by then
    if consequence.repeat and lead.state is LeadState.DONE:
        _repeat_lead(entry, attempt, lead)
    elif consequence.withdraw and LEAD.allows(lead.state, LeadEvent.WITHDRAW):
        step_lead(tx, lead, LeadEvent.WITHDRAW, held_by=Rule.NUMBER_WRONG if consequence.strike else None)
    elif said.call_again_at is not None and lead.state is LeadState.DONE:
        step_lead(tx, lead, LeadEvent.CALL_AGAIN, next_at=said.call_again_at, asked_again=True)


def _repeat_lead(entry: TransitionContext, attempt: Attempt, lead: Lead) -> None:
    """List a customer again who was cut off: the normal spacing and number of attempts hold."""
    if lead.attempts_made < leads.campaign_of(entry.tx, lead).max_attempts:
        rung = attempt.consumed_at or entry.now
        again = rung + entry.policy.rulebook.limits.spacing
        step_lead(entry.tx, lead, LeadEvent.CALL_AGAIN, next_at=again, asked_again=False)


def _apply_to_promise(entry: TransitionContext, attempt: Attempt, promise: Promise, said: Said) -> None:
    """A promise the agent saw settled is not called again; a new time agreed on is a new promise.

    So is what is owed to a caller whose promise was taken for kept until the agent said that the line
    dropped: it has the old one's place, and only the attempts that are left.
    """
    tx, now, consequence = entry.tx, entry.now, CONSEQUENCES[said.disposition]
    if consequence.repeat:
        if promise.state is PromiseState.KEPT and promise.attempts_made < entry.policy.retry.attempts:
            _promise_again(
                entry, attempt, promise, promise.virtual_join, now, attempts_made=promise.attempts_made
            )
        return
    if promise.state not in PROMISE.ends:
        event = PromiseEvent.SETTLE if consequence.reached else PromiseEvent.CANCEL
        if not PROMISE.allows(promise.state, event):
            return
        step_promise(tx, promise, event, now, attempt=attempt.id, reason=said.disposition.value)
    if said.call_again_at is not None:
        _promise_again(entry, attempt, promise, said.call_again_at, said.call_again_at)


def _promise_again(
    entry: TransitionContext,
    attempt: Attempt,
    promise: Promise,
    virtual_join: datetime,
    next_action_at: datetime,
    *,
    attempts_made: int = 0,
) -> None:
    """Promise the same person another call, found again by the call in which the agent's word was said.

    It takes the place of those that they asked for at other numbers; not of one that is kept at this moment.
    """
    others = customers.numbers_of_person(entry.tx, promise.e164) - {promise.e164}
    if isinstance(take_over(entry.tx, others, virtual_join, entry.now), Refusal):
        return
    promises.make(
        entry.tx,
        e164=promise.e164,
        customer_id=promise.customer_id,
        queue=promise.queue,
        source_call=again_of(attempt.id),
        virtual_join=virtual_join,
        made_at=entry.now,
        language=promise.language,
        next_action_at=next_action_at,
        attempts_made=attempts_made,
    )


def judge_again(
    entry: TransitionContext, attempt: Attempt, at: datetime | None, *, lock: bool = True
) -> Refusal | None:
    """Why the customer cannot be called again at that time, or None; without a `lock` only to show it."""
    if at is None:
        return Refusal(rule=Rule.CALL_AGAIN_NO_TIME)
    if at <= entry.now:
        return Refusal(rule=Rule.CALL_AGAIN_PAST)
    then = replace(entry, now=at)
    find = leads.lock_lead if lock else leads.find_lead
    lead = find(entry.tx, attempt.lead_id) if attempt.lead_id is not None else None
    promise = promises.find(entry.tx, attempt.promise_id)
    if lead is not None:
        campaign = leads.campaign_of(entry.tx, lead)
        return judge_lead(then, lead, campaign, attempt=attempt.id, agent_reserved=True, asked_again=True)
    return judge_promise(then, promise, attempt=attempt.id) if promise is not None else None


def word_said(disposition: Disposition, said_as: str) -> dict[str, str]:
    """A word as the audit has it: what it means, and where that is another, what the house calls it."""
    own = {} if said_as in {"", disposition.value} else {"word": said_as}
    return {"disposition": disposition.value, **own}


def again_of(attempt: str) -> str:
    """Where a promise says it was made that an agent agreed on in this call."""
    return f"again-{attempt}"


def did_not_ask(attempt: str) -> str:
    """The reason of a number blocked for callbacks that an agent's word in this call made."""
    return f"did not ask: {attempt}"


def recorded(tx: Transaction, attempt: Attempt, said: Said) -> RecordedDisposition:
    """The word as it stands, and where the lead stands because of it."""
    lead = leads.lock_lead(tx, attempt.lead_id) if attempt.lead_id is not None else None
    return RecordedDisposition(
        attempt=attempt.id,
        disposition=said.disposition,
        said_as=said.said_as,
        lead_state=lead.state if lead is not None else None,
        call_again_at=said.call_again_at,
        note=said.note,
    )
