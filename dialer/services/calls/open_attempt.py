"""Opens attempts: first compliance check, claim and intent in one commit, before the PBX hears of it."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from callbacks.lifecycle import PromiseEvent, PromiseState
from dialer.core.calling.campaign import CALLABLE, CampaignState, LeadEvent
from dialer.core.calling.ids import ATTEMPT_ENTROPY, attempt_id
from dialer.core.compliance.verdict import Verdict, refuse
from dialer.db.models import Lead, Promise
from dialer.db.queries import attempts, leads, leases, promises
from dialer.db.queries.moves import move
from dialer.db.session import Database, Transaction
from dialer.services.calls.compliance_facts import judge_lead, judge_promise
from dialer.services.calls.leadership import Leadership
from dialer.services.calls.next_calls import LeadWork, PromiseWork, Work
from dialer.services.calls.transitions import TransitionContext, step_lead, step_promise

#: waits where the dial permit cannot say until when: another call to this person is over in a minute or so,
#: and a promise to them within the hour; the rest is changed by people, and not by the minute
BUSY_AGAIN: Final = timedelta(seconds=60)
PROMISED_AGAIN: Final = timedelta(hours=1)
ASK_AGAIN: Final = timedelta(days=1)


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
    database: Database, leadership_of_pbx: Leadership, work: Work, agent: str | None, now: datetime
) -> AttemptOrder | Verdict:
    """Claim the lead or promise and write the intent to ring it: one commit, before anything is sent.

    Refused with `leader.stale` where the lease is not held, `lead.not-listed`, `lead.unknown`,
    `campaign.not-running`, `promise.not-open`, `promise.unknown`, or by a rule of the dial permit; what the
    dial permit refuses is written down and comes up again at `until`.
    """
    with database.write() as tx:
        lease = leadership_of_pbx
        if not leases.holds(tx, lease.name, lease.holder, lease.fencing, now):
            return refuse("leader.stale")
        entry = TransitionContext(tx, database.policy, now)
        if isinstance(work, PromiseWork):
            return _open_for_promise(entry, lease, work, agent)
        return _open_for_lead(entry, lease, work, agent)


def _open_for_lead(
    entry: TransitionContext, lease: Leadership, work: LeadWork, agent: str | None
) -> AttemptOrder | Verdict:
    tx, now = entry.tx, entry.now
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
    verdict = judge_lead(entry, lead, campaign, agent_reserved=agent is not None)
    if not verdict.allowed:
        put_off_lead(entry, lead, verdict)
        return verdict
    order = AttemptOrder(
        attempt=attempt_id(secrets.token_bytes(ATTEMPT_ENTROPY)),
        queue=work.queue,  # the campaign's, or the own queue of the agent who previewed the lead
        ring_s=campaign.ring_s,
        trunk=campaign.trunk,
        promise=None,
        lead=lead.id,
        e164=lead.e164,
    )
    written = _write_intent(
        entry,
        lease,
        order,
        reserved_agent=agent,
        campaign_id=campaign.id,
        customer_id=lead.customer_id,
        caller_id=campaign.caller_id or entry.policy.caller_id,
        slot_propensity=work.slot_propensity,
    )
    if not written:
        return refuse("number.busy")
    step_lead(tx, lead, LeadEvent.CALL)
    return order


def _open_for_promise(
    entry: TransitionContext, lease: Leadership, work: PromiseWork, agent: str | None
) -> AttemptOrder | Verdict:
    tx, policy, now = entry.tx, entry.policy, entry.now
    promise = promises.lock_promise(tx, work.promise)
    if promise is None:
        return refuse("promise.unknown")
    if promise.state is not PromiseState.WAITING:
        return refuse("promise.not-open")
    if promise.next_action_at is not None and promise.next_action_at > now:
        return refuse("promise.not-due", promise.next_action_at)
    verdict = judge_promise(entry, promise)
    if not verdict.allowed:
        put_off_promise(entry, promise, verdict)
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
    written = _write_intent(
        entry,
        lease,
        order,
        reserved_agent=agent,
        customer_id=promise.customer_id,
        caller_id=policy.caller_id,
    )
    if not written:
        return refuse("number.busy")
    step_promise(tx, promise, PromiseEvent.CLAIM, now, attempt=order.attempt, next_action_at=None)
    return order


def _write_intent(entry: TransitionContext, lease: Leadership, order: AttemptOrder, **values: Any) -> bool:
    """Write the row; False where another call to this number was committed first."""
    return attempts.insert_attempt(
        entry.tx,
        id=order.attempt,
        pbx=lease.name,
        fencing=lease.fencing,
        lead_id=order.lead,
        promise_id=order.promise,
        e164=order.e164,
        queue=order.queue,
        trunk=order.trunk,
        ring_s=order.ring_s,
        created_at=entry.now,
        **values,
    )


def put_off_lead(entry: TransitionContext, lead: Lead, verdict: Verdict) -> None:
    """Write the refusal down and let a LISTED lead come up again when the rule would allow it.

    A number that cannot be rung at all is passed over for the customer's next one; without another one
    the lead is exhausted.
    """
    tx, now = entry.tx, entry.now
    attempts.add_refusal(tx, at=now, rule=verdict.rule, until=verdict.until, lead_id=lead.id, e164=lead.e164)
    if not is_dead_number(verdict):
        move(tx, lead, lead.state, next_at=again_at(verdict, now))
        return
    other = next_number(tx, lead)
    if other is None:
        step_lead(tx, lead, LeadEvent.EXHAUST)
    else:
        move(tx, lead, lead.state, e164=other[0], dialing_region_id=other[1])


def put_off_promise(entry: TransitionContext, promise: Promise, verdict: Verdict) -> None:
    """Write the refusal down and let a WAITING promise come up again; one that never can is closed."""
    tx, now = entry.tx, entry.now
    attempts.add_refusal(
        tx, at=now, rule=verdict.rule, until=verdict.until, promise_id=promise.id, e164=promise.e164
    )
    if is_dead_number(verdict):
        step_promise(tx, promise, PromiseEvent.GIVE_UP, now, reason=verdict.rule)
        return
    move(tx, promise, promise.state, next_action_at=again_at(verdict, now))


def is_dead_number(verdict: Verdict) -> bool:
    """Whether the number itself is refused, whatever the time."""
    return verdict.rule.startswith("number.") and verdict.rule != "number.busy"


def again_at(verdict: Verdict, now: datetime) -> datetime:
    """When something refused is to be asked again."""
    if verdict.until is not None:
        return max(verdict.until, now)
    waits = {"number.busy": BUSY_AGAIN, "promise.open": PROMISED_AGAIN}
    return now + waits.get(verdict.rule, ASK_AGAIN)


def next_number(tx: Transaction, lead: Lead) -> tuple[str, int] | None:
    """The customer's number after the one the lead stands at, with its place; None after the last."""
    numbers = leads.numbers_of(tx, lead.customer_id)
    digits = [number.e164 for number in numbers]
    after = digits.index(lead.e164) + 1 if lead.e164 in digits else 0
    return (numbers[after].e164, numbers[after].dialing_region_id) if after < len(numbers) else None
