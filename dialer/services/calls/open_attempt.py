"""Opens attempts: first compliance check, claim and intent in one commit, before the PBX hears of it."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callbacks.lifecycle import PromiseEvent
from callbacks.refusals import Fatal, Refusal, Rule
from dialer.core.calling.campaign import LeadEvent
from dialer.core.calling.ids import ATTEMPT_ENTROPY, attempt_id
from dialer.core.calling.number_shown import number_shown
from dialer.core.calling.standing import lead_standing, promise_standing
from dialer.core.compliance.check import first_refusal
from dialer.db.models import CallbackWish, CustomerNumber, Lead, Promise
from dialer.db.queries import attempts, callback_wishes, customers, leads, leases, promises
from dialer.db.queries.compliance import NumberAsked
from dialer.db.queries.moves import move
from dialer.db.session import Database, Transaction
from dialer.services.calls.code_attempts import is_wanted, judge_wish, put_off_wish
from dialer.services.calls.compliance_facts import foresee, judge_lead, judge_promise
from dialer.services.calls.leadership import Leadership
from dialer.services.calls.next_calls import CodeWork, LeadWork, PromiseWork, Work
from dialer.services.calls.other_records import close, foresee_others
from dialer.services.calls.transitions import TransitionContext, move_leads, step_lead, step_promise
from dialer.services.campaigns.campaign_hours import hours_verdict


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
    wish: int | None = None


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
        claimed = leads.claim(tx, [each.work.lead for each in asked if isinstance(each.work, LeadWork)])
        _foresee(entry, claimed.values())
        answers = _one_a_person([_judged(entry, each, claimed) for each in asked])
        written = attempts.insert_attempts(
            tx, [_row(entry, lease, each) for each in answers if isinstance(each, _Intent)]
        )
        stepped = [each for each in answers if isinstance(each, _Intent) and each.order.attempt in written]
        move_leads(tx, [each.lead for each in stepped if each.lead is not None], LeadEvent.CALL, held_by=None)
        for each in stepped:
            if each.wish is not None:
                each.wish.rung_from = None  # until it is known what came of this call
            if each.promise is not None:
                step_promise(
                    tx,
                    each.promise,
                    PromiseEvent.CLAIM,
                    now,
                    attempt=each.order.attempt,
                    next_action_at=None,
                )
        return tuple(
            answer
            if isinstance(answer, Refusal)
            # another call to this number was committed first
            else answer.order
            if answer.order.attempt in written
            else Refusal(rule=Rule.NUMBER_BUSY)
            for answer in answers
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Intent:
    """An attempt that may be made as far as everything that was asked tells; nothing of it is written."""

    order: AttemptOrder
    agent: str | None
    customer: int | None
    caller_id: str
    lead: Lead | None = None
    campaign: int | None = None
    promise: Promise | None = None
    wish: CallbackWish | None = None
    slot_propensity: float | None = None


def _one_a_person(answers: Sequence[_Intent | Refusal]) -> list[_Intent | Refusal]:
    """The first call to each person: what was judged together knew nothing of each other."""
    kept: list[_Intent | Refusal] = []
    rung: set[int] = set()
    for answer in answers:
        customer = answer.customer if isinstance(answer, _Intent) else None
        kept.append(Refusal(rule=Rule.NUMBER_BUSY) if customer in rung else answer)
        if customer is not None:
            rung.add(customer)
    return kept


def _foresee(entry: TransitionContext, claimed: Collection[Lead]) -> None:
    asked = {lead.id: NumberAsked(lead.e164, lead.customer_id) for lead in claimed}
    found = foresee(entry, asked.values())
    foresee_others(entry, {lead: found[number].ever_rung for lead, number in asked.items()})


def _judged(entry: TransitionContext, asked: CallRequest, claimed: dict[int, Lead]) -> _Intent | Refusal:
    """Each lead is there once: whoever asks for it again finds it gone."""
    if isinstance(asked.work, PromiseWork):
        return _judged_promise(entry, asked.work, asked.agent)
    if isinstance(asked.work, CodeWork):
        return _judged_wish(entry, asked.work)
    lead = claimed.pop(asked.work.lead, None)
    if lead is None:
        known = leads.find_lead(entry.tx, asked.work.lead) is not None
        return Refusal(rule=Rule.LEAD_NOT_LISTED if known else Rule.LEAD_UNKNOWN)
    return _judged_lead(entry, asked.work, lead, asked.agent)


def _judged_lead(
    entry: TransitionContext, work: LeadWork, lead: Lead, agent: str | None
) -> _Intent | Refusal:
    campaign = leads.campaign_of(entry.tx, lead)
    hours = hours_verdict(campaign, entry.policy, entry.now, agreed=lead.asked_again or lead.owed)
    standing = first_refusal(lead_standing(lead.state, lead.next_at, campaign.state, entry.now, hours))
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
    return _Intent(
        order=order,
        agent=agent,
        customer=lead.customer_id,
        caller_id=number_shown(campaign.caller_ids, lead.e164, local=campaign.local_presence)
        or campaign.caller_id
        or entry.policy.caller_id,
        lead=lead,
        campaign=campaign.id,
        slot_propensity=work.slot_propensity,
    )


def _judged_promise(entry: TransitionContext, work: PromiseWork, agent: str | None) -> _Intent | Refusal:
    policy = entry.policy
    promise = promises.lock_promise(entry.tx, work.promise)
    if promise is None:
        return Refusal(rule=Rule.PROMISE_UNKNOWN)
    held = promise.held_since is not None
    standing = first_refusal(promise_standing(promise.state, promise.next_action_at, entry.now, held=held))
    if standing is not None:
        return standing
    refusal = judge_promise(entry, promise)
    if refusal is not None:
        put_off_promise(entry, promise, refusal)
        return refusal
    order = AttemptOrder(
        attempt=attempt_id(secrets.token_bytes(ATTEMPT_ENTROPY), policy.attempt_mark),
        queue=work.queue,  # everybody's, or the own queue of the agent whose promise it is
        ring_s=policy.ring_s,
        trunk=policy.trunk,
        promise=promise.id,
        lead=None,
        e164=promise.e164,
    )
    return _Intent(
        order=order,
        agent=agent,
        customer=promise.customer_id,
        caller_id=policy.caller_id,
        promise=promise,
    )


def _judged_wish(entry: TransitionContext, work: CodeWork) -> _Intent | Refusal:
    tx, policy, now = entry.tx, entry.policy, entry.now
    wish = callback_wishes.lock_wish(tx, work.wish)
    if wish is None or wish.rung_from is None:
        return Refusal(rule=Rule.PROMISE_UNKNOWN)
    if not is_wanted(wish, now):
        wish.rung_from = None
        return Refusal(rule=Rule.ATTEMPT_STALE)
    refusal = judge_wish(entry, wish)
    if refusal is not None:
        put_off_wish(entry, wish, refusal)
        return refusal
    customer = customers.by_number(tx, wish.e164)
    order = AttemptOrder(
        attempt=attempt_id(secrets.token_bytes(ATTEMPT_ENTROPY), policy.attempt_mark),
        queue=work.queue,
        ring_s=work.ring_s,
        trunk=policy.trunk,
        promise=None,
        lead=None,
        e164=wish.e164,
        wish=wish.id,
    )
    return _Intent(
        order=order,
        agent=None,
        customer=customer.id if customer is not None else None,
        caller_id=policy.caller_id,
        wish=wish,
    )


def _row(entry: TransitionContext, lease: Leadership, intent: _Intent) -> dict[str, Any]:
    """The intent as it is written down."""
    order = intent.order
    return {
        "id": order.attempt,
        "pbx": lease.name,
        "fencing": lease.fencing,
        "lead_id": order.lead,
        "promise_id": order.promise,
        "wish_id": order.wish,
        "campaign_id": intent.campaign,
        "customer_id": intent.customer,
        "e164": order.e164,
        "queue": order.queue,
        "trunk": order.trunk,
        "caller_id": intent.caller_id,
        "ring_s": order.ring_s,
        "reserved_agent": intent.agent,
        "slot_propensity": intent.slot_propensity,
        "created_at": entry.now,
    }


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
    return number_after(lead, leads.numbers_of(tx, lead.customer_id))


def number_after(lead: Lead, numbers: Sequence[CustomerNumber]) -> tuple[str, int] | None:
    """The same of these, which are all that the customer has."""
    digits = [number.e164 for number in numbers]
    after = digits.index(lead.e164) + 1 if lead.e164 in digits else 0
    return (numbers[after].e164, numbers[after].dialing_region_id) if after < len(numbers) else None
