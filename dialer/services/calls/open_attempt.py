"""Opens attempts: first compliance check, claim and intent in one commit, before the PBX hears of it."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callbacks.lifecycle import PromiseEvent
from callbacks.refusals import Fatal, Refusal, Rule
from dialer.core.calling.campaign import LeadEvent
from dialer.core.calling.ids import ATTEMPT_ENTROPY, attempt_id
from dialer.core.calling.standing import lead_standing, promise_standing
from dialer.core.compliance.check import first_refusal
from dialer.db.models import Lead, Promise
from dialer.db.queries import attempts, leads, leases, promises
from dialer.db.queries.moves import move
from dialer.db.session import Database, Transaction
from dialer.services.calls.compliance_facts import judge_lead, judge_promise
from dialer.services.calls.leadership import Leadership
from dialer.services.calls.next_calls import LeadWork, PromiseWork, Work
from dialer.services.calls.other_records import close
from dialer.services.calls.transitions import TransitionContext, step_lead, step_promise


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRequest:
    """A lead or promise to be rung, and the agent who is kept for the call, if one is."""

    work: Work
    agent: str | None


def open_attempt(
    database: Database, leadership_of_pbx: Leadership, work: Work, agent: str | None, now: datetime
) -> AttemptOrder | Refusal:
    """Claim the lead or promise and write the intent to ring it: one commit, before anything is sent.

    Refused with `leader.stale` where the lease is not held, `lead.not-listed`, `lead.unknown`,
    `campaign.not-running`, `promise.not-open`, `promise.unknown`, or by a rule of the dial permit; what the
    dial permit refuses is written down and comes up again at `until`.
    """
    return open_together(database, leadership_of_pbx, [CallRequest(work=work, agent=agent)], now)[0]


def open_together(
    database: Database, leadership_of_pbx: Leadership, asked: Sequence[CallRequest], now: datetime
) -> tuple[AttemptOrder | Refusal, ...]:
    """Open all of these in one commit, each judged by itself as `open_attempt` does; answers in their order.

    What another engine is claiming at this moment is refused with `lead.not-listed`: it is theirs. An
    exception undoes all of them.
    """
    with database.write() as tx:
        lease = leadership_of_pbx
        if not leases.holds(tx, lease.name, lease.holder, lease.fencing):
            return (Refusal(rule=Rule.LEADER_STALE),) * len(asked)
        entry = TransitionContext(tx, database.policy, now)
        wanted = [each.work.lead for each in asked if isinstance(each.work, LeadWork)]
        claimed = leads.claim(tx, wanted)
        return tuple(
            _open_for_promise(entry, lease, each.work, each.agent)
            if isinstance(each.work, PromiseWork)
            else _open_for_lead(entry, lease, each.work, claimed.get(each.work.lead), each.agent)
            for each in asked
        )


def _open_for_lead(
    entry: TransitionContext, lease: Leadership, work: LeadWork, lead: Lead | None, agent: str | None
) -> AttemptOrder | Refusal:
    tx, now = entry.tx, entry.now
    if lead is None:
        known = leads.find_lead(tx, work.lead) is not None
        return Refusal(rule=Rule.LEAD_NOT_LISTED if known else Rule.LEAD_UNKNOWN)
    campaign = leads.campaign_of(tx, lead)
    standing = first_refusal(lead_standing(lead.state, lead.next_at, campaign.state, now))
    if standing is not None:
        return standing
    refusal = judge_lead(entry, lead, campaign, agent_reserved=agent is not None)
    if refusal is not None:
        put_off_lead(entry, lead, refusal)
        return refusal
    order = AttemptOrder(
        attempt=attempt_id(secrets.token_bytes(ATTEMPT_ENTROPY), entry.policy.attempt_mark),
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
        return Refusal(rule=Rule.NUMBER_BUSY)
    step_lead(tx, lead, LeadEvent.CALL, held_by=None)
    return order


def _open_for_promise(
    entry: TransitionContext, lease: Leadership, work: PromiseWork, agent: str | None
) -> AttemptOrder | Refusal:
    tx, policy, now = entry.tx, entry.policy, entry.now
    promise = promises.lock_promise(tx, work.promise)
    if promise is None:
        return Refusal(rule=Rule.PROMISE_UNKNOWN)
    held = promise.held_since is not None
    standing = first_refusal(promise_standing(promise.state, promise.next_action_at, now, held=held))
    if standing is not None:
        return standing
    refusal = judge_promise(entry, promise)
    if refusal is not None:
        put_off_promise(entry, promise, refusal)
        return refusal
    order = AttemptOrder(
        attempt=attempt_id(secrets.token_bytes(ATTEMPT_ENTROPY), policy.attempt_mark),
        queue=work.queue,
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
        return Refusal(rule=Rule.NUMBER_BUSY)
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


def put_off_lead(entry: TransitionContext, lead: Lead, refusal: Refusal) -> None:
    """Write the refusal down and let a LISTED lead come up again when the rule would allow it.

    A number that cannot be rung at all is passed over for the customer's next one; without another one
    the lead is exhausted. One whose matter is settled is closed.
    """
    tx, now = entry.tx, entry.now
    attempts.add_refusal(tx, refusal, at=now, lead_id=lead.id, e164=lead.e164)
    if refusal.rule.fatal is Fatal.MATTER:
        close(entry, lead)
        return
    if refusal.rule.fatal is not Fatal.NUMBER:
        move(tx, lead, lead.state, next_at=refusal.again_at(now), held_by=refusal.rule.value)
        return
    other = next_number(tx, lead)
    if other is None and refusal.rule is Rule.NUMBER_WRONG:
        step_lead(tx, lead, LeadEvent.WITHDRAW, held_by=refusal.rule.value)  # until a file brings a number
    elif other is None:
        step_lead(tx, lead, LeadEvent.EXHAUST)
    else:
        move(tx, lead, lead.state, e164=other[0], dialing_region_id=other[1])


def put_off_promise(entry: TransitionContext, promise: Promise, refusal: Refusal) -> None:
    """Write the refusal down and let a WAITING promise come up again; one that never can is closed."""
    tx, now = entry.tx, entry.now
    attempts.add_refusal(tx, refusal, at=now, promise_id=promise.id, e164=promise.e164)
    if refusal.rule.fatal is Fatal.NUMBER:
        step_promise(tx, promise, PromiseEvent.GIVE_UP, now, reason=refusal.rule.value)
        return
    move(tx, promise, promise.state, next_action_at=refusal.again_at(now))


def next_number(tx: Transaction, lead: Lead) -> tuple[str, int] | None:
    """The customer's number after the one the lead stands at, with its place; None after the last."""
    numbers = leads.numbers_of(tx, lead.customer_id)
    digits = [number.e164 for number in numbers]
    after = digits.index(lead.e164) + 1 if lead.e164 in digits else 0
    return (numbers[after].e164, numbers[after].dialing_region_id) if after < len(numbers) else None
