"""Opens attempts: the gate's first look, the claim and the intent in one commit, before the PBX hears."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from callbacks.lifecycle import PromiseEvent, PromiseState
from dialer.core.campaign import CALLABLE, CampaignState, LeadEvent
from dialer.core.compliance.verdict import Verdict, refuse
from dialer.core.ids import ATTEMPT_ENTROPY, attempt_id
from dialer.db.models import Lead, Promise
from dialer.db.queries import attempts, customers, leads, leases, promises
from dialer.db.queries.moves import move
from dialer.db.session import Book, Transaction
from dialer.services.judging import judge_lead, judge_promise
from dialer.services.leadership import Leadership
from dialer.services.steps import step_lead, step_promise
from dialer.services.work import LeadWork, PromiseWork, Work

#: waits where the gate cannot say until when: the other call to this person is over in a minute or so;
#: anything else is changed by people, who do not expect to be waited for by the second
BUSY_AGAIN: Final = timedelta(seconds=60)
ASK_AGAIN: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptOrder:
    """A committed intent. Only the engine's own rooms see `e164`; the PBX is told the attempt."""

    attempt: str
    queue: str
    ring_s: int
    trunk: str
    promise: int | None
    lead: int | None
    e164: str


def open_attempt(
    book: Book, lead_of_pbx: Leadership, work: Work, agent: str | None, now: datetime
) -> AttemptOrder | Verdict:
    """Claim the lead or promise and write the intent to ring it: one commit, before anything is sent.

    Refused with `leader.stale` where the lease is not held, `lead.not-listed`, `lead.unknown`,
    `campaign.not-running`, `promise.not-open`, `promise.unknown`, or by a rule of the gate; what the gate
    refuses is written down and comes up again at `until`.
    """
    with book.write() as tx:
        holder = lead_of_pbx
        if not leases.holds(tx, holder.name, holder.holder, holder.fencing, now):
            return refuse("leader.stale")
        if isinstance(work, PromiseWork):
            return _open_for_promise(tx, book, holder, work, agent, now)
        return _open_for_lead(tx, book, holder, work, agent, now)


def _open_for_lead(
    tx: Transaction, book: Book, holder: Leadership, work: LeadWork, agent: str | None, now: datetime
) -> AttemptOrder | Verdict:
    lead = leads.lock_lead(tx, work.lead)
    if lead is None:
        return refuse("lead.unknown")
    campaign = leads.campaign_of(tx, lead)
    if lead.state not in CALLABLE:
        return refuse("lead.not-listed")
    if lead.next_at > now:
        return refuse("lead.not-due", lead.next_at)
    if campaign.state is not CampaignState.RUNNING:
        return refuse("campaign.not-running")
    customer = customers.get(tx, lead.customer_id)
    verdict = judge_lead(tx, book.policy, lead, campaign, customer, now, agent_reserved=agent is not None)
    if not verdict.allowed:
        put_off_lead(tx, lead, verdict, now)
        return verdict
    order = AttemptOrder(
        attempt=attempt_id(secrets.token_bytes(ATTEMPT_ENTROPY)),
        queue=campaign.queue,
        ring_s=campaign.ring_s,
        trunk=campaign.trunk,
        promise=None,
        lead=lead.id,
        e164=lead.e164,
    )
    if not _insert(tx, holder, order, agent, now, campaign.id, customer.id, _shown(book, campaign.caller_id)):
        return refuse("number.busy")
    step_lead(tx, lead, LeadEvent.CALL)
    return order


def _open_for_promise(
    tx: Transaction, book: Book, holder: Leadership, work: PromiseWork, agent: str | None, now: datetime
) -> AttemptOrder | Verdict:
    promise = promises.lock_promise(tx, work.promise)
    if promise is None:
        return refuse("promise.unknown")
    if promise.state is not PromiseState.WAITING:
        return refuse("promise.not-open")
    if promise.next_action_at is not None and promise.next_action_at > now:
        return refuse("promise.not-due", promise.next_action_at)
    policy = book.policy
    customer = customers.find(tx, promise.customer_id)
    verdict = judge_promise(tx, policy, promise, customer, now)
    if not verdict.allowed:
        put_off_promise(tx, promise, verdict, now)
        return verdict
    order = AttemptOrder(
        attempt=attempt_id(secrets.token_bytes(ATTEMPT_ENTROPY)),
        queue=policy.outbound_queue,
        ring_s=policy.ring_s,
        trunk=policy.trunk,
        promise=promise.id,
        lead=None,
        e164=promise.e164,
    )
    if not _insert(tx, holder, order, agent, now, None, promise.customer_id, _shown(book, "")):
        return refuse("number.busy")
    step_promise(tx, promise, PromiseEvent.CLAIM, now, attempt=order.attempt, next_action_at=None)
    return order


def _insert(
    tx: Transaction,
    holder: Leadership,
    order: AttemptOrder,
    agent: str | None,
    now: datetime,
    campaign: int | None,
    customer: int | None,
    caller_id: str,
) -> bool:
    return attempts.insert_attempt(
        tx,
        id=order.attempt,
        pbx=holder.name,
        lead_id=order.lead,
        promise_id=order.promise,
        campaign_id=campaign,
        customer_id=customer,
        e164=order.e164,
        queue=order.queue,
        trunk=order.trunk,
        caller_id=caller_id,
        ring_s=order.ring_s,
        reserved_agent=agent,
        fencing=holder.fencing,
        created_at=now,
    )


def _shown(book: Book, own: str) -> str:
    return own or book.policy.caller_id


def put_off_lead(
    tx: Transaction, lead: Lead, verdict: Verdict, now: datetime, *, attempt: str | None = None
) -> None:
    """Write the refusal down and let a LISTED lead come up again when the rule would allow it.

    A number that cannot be rung at all is passed over for the customer's next one; without another one
    the lead is exhausted.
    """
    attempts.add_refusal(
        tx,
        at=now,
        rule=verdict.rule,
        until=verdict.until,
        attempt_id=attempt,
        lead_id=lead.id,
        e164=lead.e164,
    )
    if verdict.rule.startswith("number.") and verdict.rule != "number.busy":
        other = next_number(tx, lead)
        if other is None:
            step_lead(tx, lead, LeadEvent.EXHAUST)
        else:
            move(tx, lead, lead.state, e164=other[0], place_id=other[1])
        return
    move(tx, lead, lead.state, next_at=again_at(verdict, now))


def put_off_promise(
    tx: Transaction, promise: Promise, verdict: Verdict, now: datetime, *, attempt: str | None = None
) -> None:
    """Write the refusal down and let a WAITING promise come up again; one that never can is closed."""
    attempts.add_refusal(
        tx,
        at=now,
        rule=verdict.rule,
        until=verdict.until,
        attempt_id=attempt,
        promise_id=promise.id,
        e164=promise.e164,
    )
    if verdict.rule.startswith("number.") and verdict.rule != "number.busy":
        step_promise(tx, promise, PromiseEvent.GIVE_UP, now, attempt=attempt, reason=verdict.rule)
        return
    move(tx, promise, promise.state, next_action_at=again_at(verdict, now))


def again_at(verdict: Verdict, now: datetime) -> datetime:
    """When something refused is to be asked again."""
    if verdict.until is not None:
        return max(verdict.until, now)
    return now + (BUSY_AGAIN if verdict.rule == "number.busy" else ASK_AGAIN)


def next_number(tx: Transaction, lead: Lead) -> tuple[str, int] | None:
    """The customer's number after the one the lead stands at, with its place; None after the last."""
    numbers = leads.numbers_of(tx, lead.customer_id)
    digits = [number.e164 for number in numbers]
    after = digits.index(lead.e164) + 1 if lead.e164 in digits else 0
    return (numbers[after].e164, numbers[after].place_id) if after < len(numbers) else None
