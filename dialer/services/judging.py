"""Gathers what the book knows of one number and asks the gate."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from dialer.core.compliance.caps import MONTH
from dialer.core.compliance.gate import GateFacts, judge
from dialer.core.compliance.rulebook import Purpose
from dialer.core.compliance.verdict import Verdict
from dialer.core.policy import Policy
from dialer.db.models import Campaign, Customer, Lead, Promise
from dialer.db.queries import attempts, dispositions, suppression
from dialer.db.session import Transaction
from dialer.services.places import number_facts

#: column of the customer file that holds consent to marketing by telephone
CONSENT: Final = "marketing_consent"
YES: Final = frozenset({"1", "true", "yes", "y", "ja", "oui"})


def judge_lead(
    tx: Transaction,
    policy: Policy,
    lead: Lead,
    campaign: Campaign,
    customer: Customer,
    now: datetime,
    *,
    attempt: str | None = None,
    agent_reserved: bool = False,
    asked_again: bool | None = None,
) -> Verdict:
    """The gate's verdict on ringing a lead's number at `now`; `attempt` is the one that asks, if any."""
    facts = _facts(tx, lead.e164, customer, Purpose(campaign.purpose), now, attempt)
    facts = replace(
        facts,
        asked_again=lead.asked_again if asked_again is None else asked_again,
        agent_reserved=agent_reserved,
        last_refused_at=dispositions.last_lost(tx, customer.id),
    )
    return judge(facts, policy.rulebook, now)


def judge_promise(
    tx: Transaction,
    policy: Policy,
    promise: Promise,
    customer: Customer | None,
    now: datetime,
    *,
    attempt: str | None = None,
) -> Verdict:
    """The gate's verdict on ringing the number of a promise at `now`."""
    facts = _facts(tx, promise.e164, customer, Purpose.REQUESTED, now, attempt)
    return judge(replace(facts, agent_reserved=True), policy.rulebook, now)


def _facts(
    tx: Transaction, e164: str, customer: Customer | None, purpose: Purpose, now: datetime, but: str | None
) -> GateFacts:
    number = number_facts(e164, customer.zone if customer is not None else None)
    since = now - MONTH
    return GateFacts(
        purpose=purpose,
        country=number.country,
        zones=number.zones,
        number_rule=number.rule,
        do_not_call=suppression.find(tx, e164) is not None,
        consent=has_consent(customer.attributes if customer is not None else {}),
        in_the_air=attempts.in_the_air(tx, e164, but=but),
        rings=tuple(attempts.ring_times(tx, e164, since)),
        last_abandoned_at=attempts.last_abandoned(tx, e164, since),
    )


def has_consent(attributes: Mapping[str, Any]) -> bool:
    """Whether the customer file says that this person agreed to marketing by telephone."""
    return str(attributes.get(CONSENT, "")).strip().lower() in YES
