"""Gathers what the database knows of one number and asks the compliance check."""

from dataclasses import replace

from callbacks.limits import refuse_number
from callbacks.refusals import Refusal, Rule, refuse_kind
from dialer.core.compliance.caps import MONTH
from dialer.core.compliance.check import ComplianceFacts, judge
from dialer.core.compliance.consent import has_consent
from dialer.core.compliance.registers import stale_countries
from dialer.core.compliance.rulebook import Purpose
from dialer.db.models import Campaign, Customer, Lead, Promise
from dialer.db.queries import (
    attempts,
    customers,
    dispositions,
    persons,
    promises,
    registers,
    suppression,
    wrong_numbers,
)
from dialer.services.calls.callback_limits import limits_for
from dialer.services.calls.other_records import rule_for
from dialer.services.calls.transitions import TransitionContext
from dialer.services.customers.dialing_regions import number_facts
from dialer.services.customers.register_copies import register_copies
from telephony.numbers import E164


def judge_lead(
    entry: TransitionContext,
    lead: Lead,
    campaign: Campaign,
    *,
    attempt: str | None = None,
    agent_reserved: bool = False,
    asked_again: bool | None = None,
) -> Refusal | None:
    """Why the compliance check refuses to ring a lead's number at the entry's moment; None: it may be rung.

    `attempt` is the one that asks, if it is open already; `asked_again` overrides what the lead says.
    """
    facts = lead_facts(
        entry, lead, campaign, attempt=attempt, agent_reserved=agent_reserved, asked_again=asked_again
    )
    return judge(facts, entry.policy.rulebook, entry.now)


def judge_promise(
    entry: TransitionContext, promise: Promise, *, attempt: str | None = None
) -> Refusal | None:
    """Why the compliance check refuses to ring a promise's number at the entry's moment; None: it may."""
    return judge(promise_facts(entry, promise, attempt=attempt), entry.policy.rulebook, entry.now)


def lead_facts(
    entry: TransitionContext,
    lead: Lead,
    campaign: Campaign,
    *,
    attempt: str | None = None,
    agent_reserved: bool = False,
    asked_again: bool | None = None,
) -> ComplianceFacts:
    """What the compliance check is told of a lead's next call, as `judge_lead` has it judged."""
    customer = customers.get(entry.tx, lead.customer_id)
    agreed = lead.asked_again if asked_again is None else asked_again
    return replace(
        offer_facts(entry, lead.e164, customer, Purpose(campaign.purpose), attempt=attempt),
        asked_again=agreed,
        agent_reserved=agent_reserved,
        # what was agreed with this customer is theirs, whoever else was reached there
        others=rule_for(entry, lead, campaign) if not agreed else None,
    )


def promise_facts(
    entry: TransitionContext, promise: Promise, *, attempt: str | None = None
) -> ComplianceFacts:
    """The same of a promise's next call."""
    customer = customers.find(entry.tx, promise.customer_id)
    facts = _facts(entry, promise.e164, customer, Purpose.REQUESTED, but=attempt)
    if facts.number_rule is None:  # what was harmless when it was promised may be blocked by now
        limits = limits_for(entry.tx, entry.policy, promise.e164)
        refused = refuse_number(E164.parse(promise.e164), limits)
        facts = replace(facts, number_rule=refused.rule if refused is not None else None)
    return replace(facts, agent_reserved=True, asked_at=promise.made_at)


def offer_facts(
    entry: TransitionContext,
    e164: str,
    customer: Customer | None,
    purpose: Purpose,
    *,
    attempt: str | None = None,
) -> ComplianceFacts:
    """The same of a call that nobody asked for, whatever campaign would make it."""
    facts = _facts(entry, e164, customer, purpose, but=attempt)
    kind = number_facts(e164).kind
    if facts.number_rule is None and kind in entry.policy.never_ring:
        facts = replace(facts, number_rule=refuse_kind(kind).rule)
    if customer is None:
        return facts
    if facts.number_rule is None and wrong_numbers.find(entry.tx, customer.id, e164) is not None:
        facts = replace(facts, number_rule=Rule.NUMBER_WRONG)
    return replace(facts, last_refused_at=dispositions.last_lost(entry.tx, customer.id))


def _facts(
    entry: TransitionContext, e164: str, customer: Customer | None, purpose: Purpose, *, but: str | None
) -> ComplianceFacts:
    tx, since = entry.tx, entry.now - MONTH
    number = number_facts(e164, customer.zone if customer is not None else None)
    sells = purpose is Purpose.MARKETING  # what registers are about
    return ComplianceFacts(
        purpose=purpose,
        number=e164,
        country=number.country,
        zones=number.zones,
        number_rule=number.rule,
        do_not_call=suppression.find(tx, e164) is not None
        or persons.objection_kept(tx, e164, customer.external_id if customer is not None else None),
        put_off=customer is not None and suppression.person(tx, customer.id) is not None,
        registered=sells and registers.holds(tx, e164),
        register_stale=sells and number.country in stale_countries(register_copies(tx), entry.now),
        restricted=persons.is_restricted(tx, e164, customer.id if customer is not None else None),
        consent=has_consent(customer.attributes if customer is not None else {}, entry.now),
        in_the_air=attempts.in_the_air(tx, e164, but=but),
        promise_open=promises.open_for(tx, e164) is not None,
        rings=tuple(attempts.ring_times(tx, e164, since)),
        last_abandoned_at=attempts.last_abandoned(tx, e164, since),
    )
