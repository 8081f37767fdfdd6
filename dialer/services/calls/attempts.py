"""An attempt's whole way through the database: opened, sent, consumed once by the dial permit, and ended.

Everything the engine needs of attempts is named here; the parts live in `work`, `opening`, `outcomes`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from callbacks.lifecycle import PROMISE, PromiseEvent
from callbacks.refusals import Refusal, Rule
from dialer.core.calling.attempt import AttemptEvent, AttemptState
from dialer.core.calling.campaign import CampaignState, LeadState
from dialer.core.compliance.check import Verdict, first_refusal
from dialer.db.models import Attempt, Lead
from dialer.db.queries import attempts, callback_wishes, customers, leads, promises
from dialer.db.queries.compliance import NumberAsked
from dialer.db.session import Database, Transaction
from dialer.services.calls.call_events import (
    BEFORE_THE_GATE,
    AttemptChange,
    fail_attempt,
    lose_attempt,
    record_fact,
    record_facts,
    release_for,
)
from dialer.services.calls.code_attempts import judge_code_call
from dialer.services.calls.compliance_facts import foresee, judge_lead, judge_promise
from dialer.services.calls.next_calls import LeadWork, PromiseWork, Work, next_work
from dialer.services.calls.open_attempt import AttemptOrder, open_attempt
from dialer.services.calls.other_records import foresee_others
from dialer.services.calls.transitions import TransitionContext, step_attempt, step_promise
from dialer.services.campaigns.campaign_hours import hours_verdict
from telephony.calls.events import Outcome

__all__ = [
    "AttemptChange",
    "AttemptOrder",
    "DialPermit",
    "LeadWork",
    "OpenAttempt",
    "PromiseWork",
    "Work",
    "consume_attempt",
    "consume_together",
    "fail_attempt",
    "lose_attempt",
    "next_work",
    "open_attempt",
    "open_attempts",
    "record_fact",
    "record_facts",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DialPermit:
    """What the dialplan may dial, given out once; digits are with country code and without plus."""

    attempt: str
    number_digits: str
    trunk: str
    caller_id: str
    ring_s: int
    campaign: str | None  # by name; None: a promised call
    #: a promise's: as its caller heard it; a lead's: as the customer file says; "": unknown
    language: str = ""
    proof: bool = False  # it speaks a code, and nobody is put through to an agent


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAttempt:
    """An attempt that is on its way as far as the database knows."""

    id: str
    trunk: str
    queue: str
    state: AttemptState
    created_at: datetime
    sent_at: datetime | None
    consumed_at: datetime | None
    answered_at: datetime | None
    connected_at: datetime | None
    promise: int | None
    lead: int | None
    campaign: int | None
    reserved_agent: str | None
    agent: str | None
    handed_over: bool = False  # the agent is out of the talk
    wish: int | None = None  # whose code it speaks


def consume_attempt(
    database: Database, attempt_id: str, now: datetime, *, pbx: str | None = None
) -> DialPermit | Refusal:
    """The dial permit at the last moment, inside the call path: a number exactly once, or a refusal.

    Refused with `attempt.unknown` (also one of another PBX than `pbx`), `attempt.consumed` (by anyone before,
    or over already), `attempt.stale` (asked for too long after the intent), `campaign.not-running`,
    `promise.not-open`, or by a rule of `core.compliance.check`. A refused attempt is over, and nobody was
    rung.
    """
    return consume_together(database, [attempt_id], now, pbx=pbx)[0]


def consume_together(
    database: Database, attempt_ids: Sequence[str], now: datetime, *, pbx: str | None = None
) -> tuple[DialPermit | Refusal, ...]:
    """The same for all who ask at this moment, in one commit; an exception undoes all of it."""
    with database.write(urgent=True) as tx:
        entry = TransitionContext(tx, database.policy, now)
        found = leads.lock_with_attempts(tx, attempt_ids)
        _foresee(entry, [row for row in found.values() if row.state in BEFORE_THE_GATE])
        return tuple(_consume(entry, found.get(attempt_id), pbx) for attempt_id in attempt_ids)


def _foresee(entry: TransitionContext, asking: Sequence[Attempt]) -> None:
    """Look up at once what is about to be asked of their leads.

    But for persons and numbers that are there twice: the later of them has to see what came of the earlier.
    """
    locked = [
        lead
        for row in asking
        if row.lead_id is not None and (lead := leads.lock_lead(entry.tx, row.lead_id)) is not None
    ]
    by_lead = {row.lead_id: row.id for row in asking}
    numbers, persons = Counter(row.e164 for row in asking), Counter(row.customer_id for row in asking)
    asked = {
        lead.id: NumberAsked(lead.e164, lead.customer_id, by_lead[lead.id])
        for lead in locked
        if numbers[lead.e164] == 1 and persons[lead.customer_id] == 1
    }
    found = foresee(entry, asked.values())
    rung = {lead: found[number].ever_rung for lead, number in asked.items()}
    foresee_others(entry, {lead.id: rung.get(lead.id, True) for lead in locked})


def _consume(entry: TransitionContext, attempt: Attempt | None, pbx: str | None) -> DialPermit | Refusal:
    tx, now = entry.tx, entry.now
    if attempt is None or pbx not in (None, attempt.pbx):
        return Refusal(rule=Rule.ATTEMPT_UNKNOWN)
    if attempt.state not in BEFORE_THE_GATE:
        return Refusal(rule=Rule.ATTEMPT_CONSUMED)
    # held on to: what the judge and the permit ask of it is then read once
    lead = leads.lock_lead(tx, attempt.lead_id) if attempt.lead_id is not None else None
    refusal = _judge(entry, attempt, lead)
    if refusal is not None:
        _refuse(entry, attempt, refusal)
        return refusal
    # who asks proves that the order was taken
    sent_at = attempt.sent_at or now
    step_attempt(tx, attempt, AttemptEvent.CONSUME, now, consumed_at=now, sent_at=sent_at)
    if attempt.promise_id is not None:
        promise = promises.lock_promise(tx, attempt.promise_id)
        if promise is not None:
            step_promise(tx, promise, PromiseEvent.ALLOW, now, attempt=attempt.id)
    return DialPermit(
        attempt=attempt.id,
        number_digits=attempt.e164.removeprefix("+"),
        trunk=attempt.trunk,
        caller_id=attempt.caller_id,
        ring_s=attempt.ring_s,
        campaign=leads.campaign_of(tx, lead).name if lead is not None else None,
        language=_language(tx, attempt),
        proof=attempt.wish_id is not None,
    )


def _language(tx: Transaction, attempt: Attempt) -> str:
    if attempt.wish_id is not None:
        wish = callback_wishes.find(tx, attempt.wish_id)
        return wish.language if wish is not None else ""
    if attempt.promise_id is not None:
        promise = promises.find(tx, attempt.promise_id)
        return promise.language if promise is not None else ""
    customer = customers.find(tx, attempt.customer_id)
    return customer.language if customer is not None else ""


def open_attempts(database: Database, pbx: str) -> tuple[OpenAttempt, ...]:
    """Every attempt on its way at one PBX, oldest first."""
    with database.read() as tx:
        return tuple(
            OpenAttempt(
                id=row.id,
                trunk=row.trunk,
                queue=row.queue,
                state=row.state,
                created_at=row.created_at,
                sent_at=row.sent_at,
                consumed_at=row.consumed_at,
                answered_at=row.answered_at,
                connected_at=row.connected_at,
                promise=row.promise_id,
                lead=row.lead_id,
                campaign=row.campaign_id,
                reserved_agent=row.reserved_agent,
                agent=row.agent,
                handed_over=row.handed_over_at is not None,
                wish=row.wish_id,
            )
            for row in attempts.open_of(tx, pbx)
        )


def _judge(entry: TransitionContext, attempt: Attempt, lead: Lead | None) -> Refusal | None:
    """The whole question anew: minutes may have passed since the attempt was opened."""
    tx = entry.tx
    if entry.now - attempt.created_at > entry.policy.intent_life:
        return Refusal(rule=Rule.ATTEMPT_STALE)
    if attempt.lead_id is not None:
        if lead is None:
            return Refusal(rule=Rule.LEAD_UNKNOWN)
        if lead.state is not LeadState.CALLING:
            return Refusal(rule=Rule.LEAD_NOT_LISTED)
        campaign = leads.campaign_of(tx, lead)
        running = Verdict(Rule.CAMPAIGN_NOT_RUNNING, campaign.state is not CampaignState.RUNNING)
        hours = hours_verdict(campaign, entry.policy, entry.now, agreed=lead.asked_again or lead.owed)
        shut = first_refusal((running, hours))
        if shut is not None:
            return shut
        reserved = attempt.reserved_agent is not None
        return judge_lead(entry, lead, campaign, attempt=attempt.id, agent_reserved=reserved)
    if attempt.wish_id is not None:
        return judge_code_call(entry, attempt.id, attempt.wish_id)
    promise = promises.lock_promise(tx, attempt.promise_id or 0)
    if promise is None or not PROMISE.allows(promise.state, PromiseEvent.ALLOW):
        return Refusal(rule=Rule.PROMISE_NOT_OPEN)
    return judge_promise(entry, promise, attempt=attempt.id)


def _refuse(entry: TransitionContext, attempt: Attempt, refusal: Refusal) -> None:
    """End the attempt unrung and take its lead or promise back."""
    step_attempt(
        entry.tx,
        attempt,
        AttemptEvent.REFUSE,
        entry.now,
        outcome=Outcome.REFUSED,
        reason=refusal.rule.value,
        counted=False,
    )
    attempts.add_refusal(
        entry.tx,
        refusal,
        at=entry.now,
        attempt_id=attempt.id,
        lead_id=attempt.lead_id,
        promise_id=attempt.promise_id,
        e164=attempt.e164,
    )
    release_for(entry, attempt, not_before=refusal.until)
