"""One customer as staff look them up: their numbers, and what puts them off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dialer.db.models import Restriction
from dialer.db.queries import callback_blocks, customers, leads, sources, suppression, wrong_numbers
from dialer.db.queries.customer_names import named_like
from dialer.db.session import Database, Transaction
from dialer.services.customers.dialing_regions import mask
from telephony.numbers import E164, NumberError

SHORTEST_NAME: Final = 2  # letters; one would find everybody
MOST_FOUND: Final = 50  # customers; who is not among them wants a longer name


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCustomer:
    """A customer who may be the one looked for; numbers are masked."""

    id: int
    external_id: str
    name: str
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOff:
    """What puts a person or a number off, in the words of whoever said so."""

    reason: str
    source: str
    since: datetime
    kind: str = "number"  # of a person: objection or deceased


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberCard:
    """One number of a customer; masked."""

    number: str
    listed: PutOff | None = None  # on the do-not-call list
    blocked: PutOff | None = None  # never called back
    wrong: PutOff | None = None  # struck off this customer


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStanding:
    """A source of customer files that a customer is or was in."""

    name: str
    missing_since: datetime | None  # None: in its newest file
    closed_at: datetime | None  # taken off every list because of it


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonCard:
    """A customer, in the order in which their numbers are tried."""

    id: int
    external_id: str
    name: str
    zone: str | None
    household: str | None
    residence: str | None
    language: str
    put_off: PutOff | None
    restricted: PutOff | None  # nobody rings them for any purpose
    sources: tuple[SourceStanding, ...]
    numbers: tuple[NumberCard, ...]
    struck: tuple[NumberCard, ...]  # the customer is not to be found there


def person_card(database: Database, customer: int) -> PersonCard | None:
    """One customer by Winback's own number; None where there is none."""
    with database.read() as tx:
        found = customers.find(tx, customer)
        if found is None:
            return None
        said = suppression.person(tx, customer)
        kept = tx.get(Restriction, customer)
        return PersonCard(
            id=found.id,
            external_id=found.external_id,
            name=found.name,
            zone=found.zone,
            household=found.household,
            residence=found.residence,
            language=found.language,
            put_off=PutOff(reason=said.reason, source=said.source, since=said.added_at, kind=said.kind)
            if said is not None
            else None,
            restricted=PutOff(reason=kept.reason, source=kept.by, since=kept.added_at, kind="restriction")
            if kept is not None
            else None,
            sources=tuple(
                SourceStanding(name=name, missing_since=missing, closed_at=closed)
                for name, missing, closed in sources.of_customer(tx, customer)
            ),
            numbers=tuple(_number(tx, number.e164) for number in leads.numbers_of(tx, customer)),
            struck=tuple(
                NumberCard(
                    number=mask(entry.e164),
                    wrong=PutOff(reason="wrong number", source=f"agent {entry.agent}", since=entry.added_at),
                )
                for entry in wrong_numbers.of_customer(tx, customer)
            ),
        )


def find_persons(database: Database, who: str, region: str) -> tuple[int, ...]:
    """Customers with this id of the company's, then those with this number; `region` reads a number."""
    with database.read() as tx:
        found = [customer.id for customer in customers.by_external_ids(tx, [who]).values()]
        try:
            e164 = E164.parse(who, region=region or None).e164
        except NumberError:
            return tuple(found)
        return tuple(dict.fromkeys([*found, *(each.id for each in customers.all_with_number(tx, e164))]))


def find_named(database: Database, who: str, most: int = MOST_FOUND) -> tuple[FoundCustomer, ...]:
    """Customers in whose name each of these words stands, so many at most, with masked numbers.

    Whose name begins with what was typed stands first.
    """
    if len(who) < SHORTEST_NAME:
        return ()
    with database.read() as tx:
        return found_customers(tx, named_like(tx, who, most))


def found_customers(tx: Transaction, keys: Sequence[int]) -> tuple[FoundCustomer, ...]:
    """These customers as they are shown to whoever looks for one."""
    return tuple(
        FoundCustomer(
            id=each.id,
            external_id=each.external_id,
            name=each.name,
            numbers=tuple(mask(number.e164) for number in each.numbers),
        )
        for each in customers.with_numbers(tx, keys)
    )


def _number(tx: Transaction, e164: str) -> NumberCard:
    listed, blocked = suppression.find(tx, e164), callback_blocks.find(tx, e164)
    return NumberCard(
        number=mask(e164),
        listed=PutOff(reason=listed.reason, source=listed.source, since=listed.added_at) if listed else None,
        blocked=PutOff(reason=blocked.reason, source=blocked.source, since=blocked.added_at)
        if blocked
        else None,
    )
