"""What a number tells of the person's clock and of whether it may be rung at all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from callbacks.refusals import Rule, refuse_kind
from dialer.core.compliance.residence import beyond, possible_zones
from dialer.core.compliance.windows import is_zone
from dialer.db.models import Customer
from dialer.db.queries import customers, leads
from dialer.db.session import Database, Transaction
from telephony.number_plans import known_number
from telephony.numbers import E164, RUNG, NumberError, NumberKind


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFacts:
    """A number's country and every zone its owner may be in; `rule` says why it cannot be rung."""

    country: str | None = None
    zones: tuple[str, ...] = ()
    residence: tuple[str, ...] = ()  # ISO 3166: what the owner's address says beyond the number's country
    rule: Rule | None = None
    kind: NumberKind = NumberKind.UNKNOWN


@lru_cache(maxsize=65_536)
def number_facts(e164: str, stated_zone: str | None = None, residence: str | None = None) -> NumberFacts:
    """What is known of a number, by the zone that its owner stated and where their address says they live."""
    try:
        # a number that its plan knows was read before; the rest is read anew
        known = known_number(e164.removeprefix("+"))
        number = E164(known.digits) if known is not None else E164.parse(e164)
    except NumberError as error:
        return NumberFacts(rule=Rule(error.rule))
    stated = stated_zone if stated_zone is not None and is_zone(stated_zone) else None
    lives = (residence or "").split()
    return NumberFacts(
        country=number.region,
        zones=possible_zones(number.region, number.time_zones, stated, lives),
        residence=beyond(number.region, lives),
        rule=refuse_kind(number.kind).rule if not RUNG[number.kind] else None,
        kind=number.kind,
    )


def person_facts(e164: str, customer: Customer | None) -> NumberFacts:
    """What is known of a number that this customer has; nobody where nobody is known to have it."""
    if customer is None:
        return number_facts(e164)
    return number_facts(e164, customer.zone, customer.residence)


def closed_countries(database: Database) -> tuple[str, ...]:
    """The countries of customers, and the centre's own, where the rules close on holidays that nobody knows.

    Offers and service calls there are refused with `hours.no-calendar`.
    """
    policy = database.policy
    with database.read() as tx:
        countries = {place.country for place in leads.all_places(tx)} | {policy.default_region}
    return tuple(sorted(country for country in countries if policy.rulebook.lacks_calendar(country)))


def mask(e164: str) -> str:
    """A number as pages show it: enough to tell two apart, not enough to ring."""
    try:
        return E164.parse(e164).masked
    except NumberError:
        return "+…"


#: the zone that is stated, and where somebody lives
Told = tuple[str | None, str | None]
#: dialing regions by what is told of a person, and by a number of the same country and zones
KnownRegions = dict[Told, dict[str | None, int]]
UNTOLD: Final[Told] = (None, None)


class DialingRegions:
    """Where many numbers may ring, within one transaction; `known` is kept up for the next ones."""

    def __init__(self, tx: Transaction, known: KnownRegions, neighbours: Mapping[str, str]) -> None:
        self._tx = tx
        self._known = known
        self._neighbours = neighbours  # of a number: another one of the same country and zones
        self._by_key: dict[str, int] = {}

    def rows(
        self, owners: Iterable[tuple[int, Sequence[str], str | None, str | None]]
    ) -> list[tuple[int, str, int, int]]:
        """The numbers of customers, of whom a zone and a residence is told or not, with order and region."""
        found, neighbours, region_of = [], self._neighbours, self._region
        told, known = UNTOLD, self._known.setdefault(UNTOLD, {})
        for customer, numbers, zone, residence in owners:
            if (zone, residence) != told:
                told = (zone, residence)
                known = self._known.setdefault(told, {})
            position = 0
            for e164 in numbers:
                region = known.get(neighbours.get(e164)) or region_of(e164, told)
                found.append((customer, e164, position, region))
                position += 1  # noqa: SIM113 - counting costs less so, a million times
        return found

    def _region(self, e164: str, told: Told) -> int:
        region = dialing_region_for(self._tx, number_facts(e164, *told), self._by_key)
        like = self._neighbours.get(e164)
        if like is not None:
            self._known[told][like] = region
        return region


def dialing_region_for(tx: Transaction, facts: NumberFacts, known: dict[str, int]) -> int:
    """The id of the place these facts describe, written down if it is a new one; `known` is kept up."""
    country = facts.country or "001"
    key = f"{country} {' '.join((*facts.zones, *facts.residence))}"
    if key not in known:
        known[key] = customers.dialing_region_id(tx, key, country, facts.zones, facts.residence)
    return known[key]
