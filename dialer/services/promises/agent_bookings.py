"""An agent promises the customer they talk with a call at a chosen time: their own, or anybody's."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from callbacks.refusals import Refusal, Rule
from callbacks.slots import Slot
from dialer.db.models import Promise
from dialer.db.queries import arrivals, audit, customers, promises
from dialer.db.session import Database, Transaction
from dialer.services.agents.agent_call import take_talk
from dialer.services.customers.dialing_regions import mask, person_facts
from dialer.services.promises.promises import MadePromise, PromiseRequest, make_promise
from dialer.services.promises.slots import open_slots

BOOKED_IN: Final = "desk-"  # of a promise's `source_call`: of one talk there is one booking
MOST_CALL: Final = 150  # characters, as the column holds them


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedCall:
    """What was promised in a talk; `owner` is the agent who is to call, None for whoever is free."""

    reference: str
    start: datetime
    end: datetime
    owner: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingForm:
    """Whom a call can be promised, and when; `number` is masked.

    `booked` is what was promised in this talk already; then there is nothing to choose.
    """

    call: str
    name: str
    number: str
    zone: str
    slots: tuple[Slot, ...]
    booked: BookedCall | None = None


class _Talk(NamedTuple):
    """A talk of this agent's, by whom it was with."""

    e164: str
    customer: int | None
    language: str


def booking_form(
    database: Database, agent: str, call: str, now: datetime, *, queue: str
) -> BookingForm | Refusal:
    """What the form shows for this talk; the call is promised in `queue`.

    Refused with `attempt.unknown`, `attempt.not-connected`, `attempt.other-agent`, and `number.unreadable`
    where the caller shows none.
    """
    with database.write() as tx:  # a talk is locked as it is looked at
        talk = _talk(tx, agent, call)
        if isinstance(talk, Refusal):
            return talk
        customer = customers.find(tx, talk.customer)
        zones = person_facts(talk.e164, customer).zones
        booked = promises.of_call(tx, _source(call))
        name = (customer.name or customer.external_id) if customer is not None else ""
    return BookingForm(
        call=call,
        name=name,
        number=mask(talk.e164),
        zone=zones[0] if len(zones) == 1 else database.policy.rulebook.queue.zone,
        slots=open_slots(database, queue, talk.e164, now) if booked is None else (),
        booked=_booked(booked) if booked is not None else None,
    )


def book_call(
    database: Database,
    agent: str,
    call: str,
    start: datetime,
    now: datetime,
    *,
    mine: bool,
    queue: str,
) -> MadePromise | Refusal:
    """Promise the customer of this talk a call in the hour that begins at `start`; `mine`: by this agent.

    The same twice in one talk is one promise. Refused as `booking_form` and as `make_promise`.
    """
    with database.write() as tx:
        talk = _talk(tx, agent, call)
    if isinstance(talk, Refusal):
        return talk
    request = PromiseRequest(
        e164=talk.e164,
        queue=queue,
        source_call=_source(call),
        virtual_join=now,
        customer=talk.customer,
        language=talk.language,
        wanted=start,
        owner=agent if mine else None,
    )
    made = make_promise(database, request, now)
    if isinstance(made, MadePromise):
        with database.write() as tx:
            details = {"call": call, "from": start.isoformat(), "owner": request.owner}
            audit.add(tx, now, agent, "promise.booked", str(made.id), details)
    return made


def _talk(tx: Transaction, agent: str, call: str) -> _Talk | Refusal:
    """A talk that this agent has or had, with a customer or a live caller."""
    row = arrivals.call_of_agent(tx, agent, call)
    if row is not None:
        if row.connected_at is None:
            return Refusal(rule=Rule.ATTEMPT_NOT_CONNECTED)
        if not row.e164.startswith("+"):
            return Refusal(rule=Rule.NUMBER_UNREADABLE)
        return _Talk(row.e164, row.customer_id, _language(tx, row.customer_id, None))
    attempt = take_talk(tx, agent, call)
    if isinstance(attempt, Refusal):
        return attempt
    kept = promises.find(tx, attempt.promise_id)
    return _Talk(attempt.e164, attempt.customer_id, _language(tx, attempt.customer_id, kept))


def _language(tx: Transaction, customer: int | None, kept: Promise | None) -> str:
    """As the customer heard us before, or as the customer file says."""
    if kept is not None and kept.language:
        return kept.language
    known = customers.find(tx, customer)
    return known.language if known is not None else ""


def _booked(row: Promise) -> BookedCall:
    start = row.said_from or row.next_action_at or row.made_at
    return BookedCall(reference=row.reference, start=start, end=row.said_until or start, owner=row.owner)


def _source(call: str) -> str:
    return f"{BOOKED_IN}{call}"[:MOST_CALL]
