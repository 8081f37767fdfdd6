"""Gathers what the database knows of one number and asks the compliance check."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from callbacks.limits import refuse_number
from callbacks.refusals import Refusal, Rule, refuse_kind
from dialer.core.compliance.caps import MONTH
from dialer.core.compliance.check import ComplianceFacts, judge
from dialer.core.compliance.consent import has_consent, refuses_consent
from dialer.core.compliance.registers import stale_countries
from dialer.core.compliance.rulebook import Purpose
from dialer.db.models import Campaign, Customer, Lead, Promise
from dialer.db.queries import customers, persons
from dialer.db.queries.compliance import NumberAsked, NumberOnRecord, on_record
from dialer.services.calls.callback_limits import limits_for
from dialer.services.calls.other_records import rule_for
from dialer.services.calls.transitions import TransitionContext
from dialer.services.customers.dialing_regions import number_facts, person_facts
from dialer.services.customers.register_copies import copy_of
from telephony.numbers import E164

FORESEEN: Final = "numbers_foreseen"  # of a transaction


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
    rules = entry.policy.rules_for(promise.queue)
    return judge(promise_facts(entry, promise, attempt=attempt), rules, entry.now)


def judge_request(
    entry: TransitionContext, e164: str, customer: Customer | None, *, asked_at: datetime, queue: str
) -> Refusal | None:
    """Why the compliance check refuses a call that this person asks for in a queue; None: it may be made."""
    found = _on_record(entry, e164, customer, but=None)
    facts = replace(_facts(entry, e164, customer, Purpose.REQUESTED, found), agent_reserved=True)
    if facts.number_rule is None:
        refused = refuse_number(E164.parse(e164), limits_for(entry.tx, entry.policy, e164))
        facts = replace(facts, number_rule=refused.rule if refused is not None else None)
    return judge(replace(facts, asked_at=asked_at), entry.policy.rules_for(queue), entry.now)


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
    found = _on_record(entry, promise.e164, customer, but=attempt)
    facts = _facts(entry, promise.e164, customer, Purpose.REQUESTED, found)
    if facts.number_rule is None:  # what was harmless when it was promised may be blocked by now
        limits = limits_for(entry.tx, entry.policy, promise.e164)
        refused = refuse_number(E164.parse(promise.e164), limits)
        facts = replace(facts, number_rule=refused.rule if refused is not None else None)
    return replace(facts, agent_reserved=True, asked_at=promise.made_at)


def facts_of(
    entry: TransitionContext,
    e164: str,
    customer: Customer | None,
    purpose: Purpose,
    *,
    attempt: str | None = None,
) -> ComplianceFacts:
    """What is on record of a number and its customer, for a call with this purpose and nothing besides."""
    return _facts(entry, e164, customer, purpose, _on_record(entry, e164, customer, but=attempt))


def offer_facts(
    entry: TransitionContext,
    e164: str,
    customer: Customer | None,
    purpose: Purpose,
    *,
    attempt: str | None = None,
) -> ComplianceFacts:
    """The same of a call that nobody asked for, whatever campaign would make it."""
    found = _on_record(entry, e164, customer, but=attempt)
    facts = _facts(entry, e164, customer, purpose, found)
    kind = number_facts(e164).kind
    if facts.number_rule is None and kind in entry.policy.never_ring:
        facts = replace(facts, number_rule=refuse_kind(kind).rule)
    if facts.number_rule is None and found.wrong:
        facts = replace(facts, number_rule=Rule.NUMBER_WRONG)
    return replace(facts, last_refused_at=found.last_lost)


def foresee(entry: TransitionContext, asked: Collection[NumberAsked]) -> Mapping[NumberAsked, NumberOnRecord]:
    """Look up at once what this transaction is about to ask of these numbers, one after the other."""
    found = on_record(entry.tx, asked, entry.now - MONTH) if asked else {}
    foreseen: dict[NumberAsked, NumberOnRecord] = entry.tx.info.setdefault(FORESEEN, {})
    foreseen.update(found)
    return found


def _on_record(
    entry: TransitionContext, e164: str, customer: Customer | None, *, but: str | None
) -> NumberOnRecord:
    asked = NumberAsked(e164, customer.id if customer is not None else None, but)
    foreseen: dict[NumberAsked, NumberOnRecord] = entry.tx.info.get(FORESEEN, {})
    return foreseen.get(asked) or on_record(entry.tx, [asked], entry.now - MONTH)[asked]


def _facts(
    entry: TransitionContext, e164: str, customer: Customer | None, purpose: Purpose, found: NumberOnRecord
) -> ComplianceFacts:
    tx = entry.tx
    number = person_facts(e164, customer)
    sells = purpose is Purpose.MARKETING  # what registers are about
    return ComplianceFacts(
        purpose=purpose,
        number=e164,
        country=number.country,
        zones=number.zones,
        residence=number.residence,
        number_rule=number.rule,
        do_not_call=found.do_not_call
        or (
            found.somebody_erased
            and persons.objection_kept(tx, e164, customer.external_id if customer is not None else None)
        ),
        put_off=found.put_off,
        registered=sells and found.registered,
        register_stale=sells and number.country in _stale(found, entry.now),
        restricted=found.restricted,
        consent=has_consent(customer.attributes if customer is not None else {}, entry.now),
        consent_refused=refuses_consent(customer.attributes if customer is not None else {}),
        in_the_air=found.in_the_air,
        promise_open=found.promise_open,
        rings=found.rings,
        last_abandoned_at=found.last_abandoned_at,
    )


def _stale(found: NumberOnRecord, now: datetime) -> frozenset[str]:
    """The countries whose registers are too old to tell."""
    return stale_countries(
        tuple(copy_of(each.name, each.countries, each.dated) for each in found.registers), now
    )
