"""Times at which the customer of a talk can be called again, each judged before it can be pressed."""

from dataclasses import dataclass
from datetime import datetime

from callbacks.refusals import Refusal
from dialer.core.agents.call_again import usual_times
from dialer.core.compliance.catalogue import SENTENCES
from dialer.db.queries import arrivals, attempts, customers, leads
from dialer.db.queries.compliance import NumberAsked
from dialer.db.session import Database
from dialer.services.agents.contacts import on_form
from dialer.services.agents.dispositions import judge_again
from dialer.services.agents.live_calls import judge_live_again, number_to_call, zones_of_person
from dialer.services.calls.compliance_facts import foresee
from dialer.services.calls.transitions import TransitionContext
from dialer.services.customers.dialing_regions import person_facts


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedTime:
    """A time to agree on; `why` says why nobody may ring then, and is empty where they may."""

    name: str
    at: datetime
    on_form: str  # the same on the customer's clock, as a form's field has it
    why: str
    until: datetime | None  # from when on it would be allowed


def judged_times(
    database: Database, agent: str, call: str, now: datetime, *, rang_in: bool = False
) -> tuple[JudgedTime, ...]:
    """The usual times for the customer of this talk; none where there is no such talk or nobody to call."""
    with database.read() as tx:
        entry = TransitionContext(tx, database.policy, now)
        if rang_in:
            caller = arrivals.call_of_agent(tx, agent, call)
            e164 = number_to_call(tx, caller) if caller is not None else ""
            if caller is None or not e164:
                return ()
            customer = customers.find(tx, caller.customer_id)
            zones = zones_of_person(tx, caller.e164, customer)
            foresee(entry, [NumberAsked(e164, customer.id if customer is not None else None)])
            judged = [
                (each, judge_live_again(entry, caller, e164, each.at))
                for each in usual_times(now, zones[0] if zones else None)
            ]
        else:
            attempt = attempts.find_attempt(tx, call)
            if attempt is None or attempt.connected_at is None or attempt.agent not in {None, agent}:
                return ()
            customer = customers.find(tx, attempt.customer_id)
            zones = person_facts(attempt.e164, customer).zones
            foresee(entry, [NumberAsked(attempt.e164, attempt.customer_id, attempt.id)])
            lead = leads.find_lead(tx, attempt.lead_id)
            # a session reads again what nobody holds: held here, it is read once for all the times
            _held = leads.campaign_of(tx, lead) if lead is not None else None
            judged = [
                (each, judge_again(entry, attempt, each.at, lock=False))
                for each in usual_times(now, zones[0] if zones else None)
            ]
        return tuple(
            JudgedTime(
                name=each.name,
                at=each.at,
                on_form=on_form(each.at, zones),
                why=_sentence(refusal),
                until=refusal.until if refusal is not None else None,
            )
            for each, refusal in judged
        )


def _sentence(refusal: Refusal | None) -> str:
    return SENTENCES[refusal.rule] if refusal is not None else ""
