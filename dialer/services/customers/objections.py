"""What an agent's word means for the person and their numbers, whatever file comes later.

An objection puts the person off and lists every number they have. A wrong number is struck off the customer:
no file brings the same one back, one with another number does.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from callbacks.refusals import Rule
from dialer.core.calling.campaign import LeadEvent
from dialer.core.importing.rows import ProhibitionKind
from dialer.db.models import Attempt, Customer, DoNotCall, Prohibition
from dialer.db.queries import (
    arrivals,
    audit,
    customers,
    dispositions,
    leads,
    suppression,
    wrong_numbers,
)
from dialer.db.queries.suppression import SAID_SO
from dialer.db.session import Transaction
from dialer.services.calls.transitions import step_lead
from dialer.services.customers.dialing_regions import dialing_region_for, person_facts


def said_so(attempt: str) -> str:
    """The reason of an entry on the do-not-call list that an agent's word in this call made."""
    return f"{SAID_SO} {attempt}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonOfCall:
    """Who was talked with: the call, its number, and the customer where one is known."""

    call: str  # an attempt's id, or a live caller's channel
    e164: str
    customer: int | None

    @classmethod
    def of(cls, attempt: Attempt) -> Self:
        """Who was rung."""
        return cls(call=attempt.id, e164=attempt.e164, customer=attempt.customer_id)


def object_in(tx: Transaction, said_in: PersonOfCall, agent: str, now: datetime) -> None:
    """Never ring the person of this call again: every number of theirs, and those they will get.

    Another record with the same name and the number that was rung is the same person under another id.
    """
    source, numbers = f"agent {agent}"[:60], {said_in.e164}
    for person in _persons(tx, said_in):
        numbers |= {number.e164 for number in leads.numbers_of(tx, person.id)}
        if suppression.person(tx, person.id) is None:
            objection = Prohibition(
                customer_id=person.id,
                kind=ProhibitionKind.OBJECTION,
                reason=said_so(said_in.call),
                source=source,
                added_at=now,
            )
            suppression.add_all(tx, [objection])
            audit.add(tx, now, source, "person.put-off", str(person.id), {"reason": objection.reason})
    for e164 in sorted(numbers):
        entry = DoNotCall(e164=e164, reason=said_so(said_in.call), source=source, added_at=now)
        suppression.add(tx, entry)


def take_back_objection(tx: Transaction, said_in: PersonOfCall, agent: str, now: datetime) -> None:
    """Take off the lists what the word in this call put there, unless the person said so in another too."""
    if dispositions.objected(tx, said_in.e164, said_in.customer, but=said_in.call) or arrivals.objected(
        tx, said_in.e164, said_in.customer, but=said_in.call
    ):
        return
    reason, numbers = said_so(said_in.call), {said_in.e164}
    for person in _persons(tx, said_in):
        numbers |= {number.e164 for number in leads.numbers_of(tx, person.id)}
        said = suppression.person(tx, person.id)
        if said is not None and said.reason == reason:
            suppression.allow(tx, person.id)
            audit.add(tx, now, agent, "person.allowed", str(person.id), {"taken-back": said_in.call})
    for e164 in sorted(numbers):
        listed = suppression.find(tx, e164)
        if listed is not None and listed.reason == reason:
            suppression.remove(tx, e164)
            audit.add(tx, now, agent, "do-not-call.removed", e164, {"taken-back": said_in.call})


def strike_number(tx: Transaction, attempt: Attempt, agent: str, now: datetime) -> None:
    """The customer is not at this number: strike it off them."""
    customer = attempt.customer_id
    if customer is None or not wrong_numbers.strike(tx, customer, attempt.e164, attempt.id, agent, now):
        return
    audit.add(tx, now, agent, "number.struck-off", str(customer), {"number": attempt.e164})


def put_back_number(  # noqa: PLR0917 - whose number, and who says so, when and why
    tx: Transaction, customer: int, e164: str, actor: str, now: datetime, reason: str
) -> bool:
    """Let a number that was struck off be the customer's again; False where it was not struck off."""
    entry = wrong_numbers.find(tx, customer, e164)
    if entry is None:
        return False
    owner = customers.get(tx, customer)
    wrong_numbers.put_back(tx, entry, dialing_region_for(tx, person_facts(e164, owner), {}))
    audit.add(tx, now, actor, "number.put-back", str(customer), {"number": e164, "reason": reason})
    return True


def relist(tx: Transaction, renumbered: Collection[int], now: datetime) -> None:
    """List the leads again that a wrong number took off, since a file brought these customers another one."""
    for lead in leads.taken_off_by(tx, renumbered, Rule.NUMBER_WRONG):
        step_lead(tx, lead, LeadEvent.TAKE_BACK, held_by=None)
        first = leads.numbers_of(tx, lead.customer_id)[0]
        where = {"e164": first.e164, "dialing_region_id": first.dialing_region_id}
        step_lead(tx, lead, LeadEvent.CALL_AGAIN, next_at=now, asked_again=False, **where)


def _persons(tx: Transaction, talk: PersonOfCall) -> list[Customer]:
    """The records of the person who was talked with."""
    owner = customers.find(tx, talk.customer)
    if owner is None:
        return []
    name, sharing = _plain(owner.name), customers.all_with_number(tx, talk.e164)
    same = [each for each in sharing if name and _plain(each.name) == name]
    return [owner, *(each for each in same if each.id != owner.id)]


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
