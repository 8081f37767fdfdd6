"""What an agent may give in a call, what is left of it, and a supervisor's word above the limit."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from callbacks.refusals import Refusal, Rule
from dialer.core.compliance.windows import zone_of
from dialer.core.retention.allowance import (
    CUSTOMER_SPAN,
    LIMIT_SENTENCES,
    AllowanceLimit,
    GivenSoFar,
    left_today,
    limit_reached,
)
from dialer.core.retention.contact_reason import ContactReason
from dialer.core.retention.given_offer import GIVEN_OFFER, GivenEvent, GivenState
from dialer.db.models import Attempt, GivenOffer, InboundCall, RetentionOffer
from dialer.db.queries import agents, attempts, audit, customers, given_offers
from dialer.db.session import Database, Transaction
from dialer.services.agents.agent_call import take_talk
from dialer.services.agents.live_calls import take_ringing_call
from dialer.services.retention.offer_list import terms_of
from dialer.services.schedule.business_day import day_began

#: a request is for somebody who waits on the line; after this long nobody does
ASKED_FOR: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferOnCard:
    """An offer before an agent: what to say, what is left, and where it stands in this call."""

    id: int
    name: str
    words: str
    cost: float
    left: int | None  # today, without asking; None: as many as they like
    limit: AllowanceLimit | None  # which is reached: a supervisor is asked
    why: str  # the same in words; empty where it may be given
    given: int | None  # the given offer in this call
    state: GivenState | None
    decided_by: str  # the supervisor, where one did


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedOffer:
    """What became of an agent's press on an offer's button."""

    given: int
    offer: str
    state: GivenState
    why: str  # which limit is reached; empty where it was given


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRequest:
    """A request above the limit, for a supervisor."""

    given: int
    agent: str
    agent_name: str
    offer: str
    cost: float
    reason: ContactReason
    why: str
    customer: str
    asked_at: datetime


class _Talk(NamedTuple):
    attempt: Attempt | None
    inbound: InboundCall | None

    @property
    def customer(self) -> int | None:
        row = self.attempt if self.attempt is not None else self.inbound
        return row.customer_id if row is not None else None

    @property
    def campaign(self) -> int | None:
        return self.attempt.campaign_id if self.attempt is not None else None

    @property
    def keys(self) -> tuple[str | None, int | None]:
        return (
            self.attempt.id if self.attempt is not None else None,
            self.inbound.id if self.inbound is not None else None,
        )


class _Counted(NamedTuple):
    """What was given so far, for one agent and one customer."""

    by_agent: dict[tuple[int, str], int]
    to_customer: dict[int, int] | None
    agent: str
    mates: tuple[frozenset[str], ...]  # agents by each of the agent's teams

    def of(self, offer: int) -> GivenSoFar:
        def given_by(people: frozenset[str]) -> int:
            return sum(n for (key, agent), n in self.by_agent.items() if key == offer and agent in people)

        return GivenSoFar(
            customer=self.to_customer.get(offer, 0) if self.to_customer is not None else None,
            agent=self.by_agent.get((offer, self.agent), 0),
            team=max((given_by(people) for people in self.mates), default=0),
            everybody=sum(n for (key, _), n in self.by_agent.items() if key == offer),
        )


def offers_on_card(
    database: Database, agent: str, call: str, now: datetime, *, rang_in: bool = False
) -> tuple[OfferOnCard, ...]:
    """The offers that hold in this call of the agent's, by name; none where there is no such call."""
    with database.read() as tx:
        every = given_offers.every_offer(tx)
        talk = _find(tx, agent, call, rang_in=rang_in, lock=False)
        if not every or isinstance(talk, Refusal):
            return ()
        counted = _count(tx, database, agent, talk, now)
        here = {row.offer_id: row for row in given_offers.of_call(tx, *talk.keys)}
        today = _today(database, now)
        return tuple(
            _on_card(row, counted, here.get(row.id))
            for row in every
            if terms_of(row).holds(today, talk.campaign) or row.id in here
        )


def give_offer(  # noqa: PLR0917 - who gives what in which call, why, and when
    database: Database,
    agent: str,
    call: str,
    offer: int,
    reason: ContactReason,
    now: datetime,
    *,
    rang_in: bool = False,
) -> AskedOffer | Refusal | None:
    """Give an offer in this call, or ask a supervisor for it where a limit is reached; None: no such offer.

    The same offer twice in one call is one. Refused with `attempt.unknown`, `attempt.not-connected` or
    `attempt.other-agent`.
    """
    with database.write() as tx:
        talk = _find(tx, agent, call, rang_in=rang_in, lock=True)
        if isinstance(talk, Refusal):
            return talk
        row = given_offers.offer(tx, offer, lock=True)  # so that the last one of a day is given once
        today = _today(database, now)
        if row is None or row.closed_at is not None or not terms_of(row).holds(today, talk.campaign):
            return None
        before = next((each for each in given_offers.of_call(tx, *talk.keys) if each.offer_id == offer), None)
        if before is not None:
            return _asked(before, row)
        reached = limit_reached(terms_of(row), _count(tx, database, agent, talk, now).of(offer))
        within = reached is None
        attempt, inbound = talk.keys
        given = GivenOffer(
            offer_id=offer,
            agent=agent,
            attempt_id=attempt,
            inbound_call_id=inbound,
            reason=reason,
            state=GIVEN_OFFER.after(GIVEN_OFFER.start, GivenEvent.ALLOW) if within else GIVEN_OFFER.start,
            limit_reached=reached,
            cost=row.cost,
            asked_at=now,
            decided_at=now if within else None,
            decided_by="",
        )
        given_offers.add(tx, given)
        audit.add(tx, now, agent, f"offer.{given.state}", call, {"offer": row.name, "reason": reason.value})
        return _asked(given, row)


def withdraw_offer(database: Database, agent: str, given: int, now: datetime) -> bool:
    """Take an offer off the call again, a slip or in vain; False where it is not theirs to take off."""
    with database.write() as tx:
        row = given_offers.given(tx, given)
        if row is None or row.agent != agent or not GIVEN_OFFER.allows(row.state, GivenEvent.WITHDRAW):
            return False
        row.state = GIVEN_OFFER.after(row.state, GivenEvent.WITHDRAW)
        audit.add(tx, now, agent, "offer.withdrawn", str(given), {})
        return True


def decide_offer(
    database: Database, agent: str, given: int, actor: str, now: datetime, *, allow: bool
) -> bool:
    """A supervisor's word on an agent's request; False where it was answered or withdrawn meanwhile."""
    event = GivenEvent.ALLOW if allow else GivenEvent.REFUSE
    with database.write() as tx:
        row = given_offers.given(tx, given)
        if row is None or row.agent != agent or not GIVEN_OFFER.allows(row.state, event):
            return False
        row.state, row.decided_at, row.decided_by = GIVEN_OFFER.after(row.state, event), now, actor[:60]
        audit.add(tx, now, actor, "offer.allowed" if allow else "offer.refused", str(given), {"agent": agent})
        return True


def requests_in(tx: Transaction, now: datetime) -> tuple[OfferRequest, ...]:
    """What agents ask supervisors for at this moment, oldest first."""
    names = {}
    found = []
    for given, offer, customer in given_offers.asked(tx, now - ASKED_FOR):
        if given.agent not in names:
            seen = agents.find(tx, given.agent)
            names[given.agent] = seen.name if seen is not None and seen.name else given.agent
        person = customers.find(tx, customer)
        found.append(
            OfferRequest(
                given=given.id,
                agent=given.agent,
                agent_name=names[given.agent],
                offer=offer.name,
                cost=given.cost,
                reason=given.reason,
                why=LIMIT_SENTENCES[given.limit_reached] if given.limit_reached is not None else "",
                customer=(person.name or person.external_id) if person is not None else "",
                asked_at=given.asked_at,
            )
        )
    return tuple(found)


def _find(tx: Transaction, agent: str, call: str, *, rang_in: bool, lock: bool) -> _Talk | Refusal:
    if rang_in:
        inbound = take_ringing_call(tx, agent, call, lock=lock)
        return inbound if isinstance(inbound, Refusal) else _Talk(None, inbound)
    if lock:
        talk = take_talk(tx, agent, call)
        return talk if isinstance(talk, Refusal) else _Talk(talk, None)
    row = attempts.find_attempt(tx, call)
    return _Talk(row, None) if row is not None else Refusal(rule=Rule.ATTEMPT_UNKNOWN)


def _today(database: Database, now: datetime) -> date:
    return now.astimezone(zone_of(database.policy.rulebook.queue.zone)).date()


def _count(tx: Transaction, database: Database, agent: str, talk: _Talk, now: datetime) -> _Counted:
    customer = talk.customer
    return _Counted(
        by_agent=dict(given_offers.given_by_agent(tx, day_began(database.policy, now))),
        to_customer=dict(given_offers.given_to(tx, customer, now - CUSTOMER_SPAN))
        if customer is not None
        else None,
        agent=agent,
        mates=given_offers.mates_of(tx, agent),
    )


def _on_card(row: RetentionOffer, counted: _Counted, given: GivenOffer | None) -> OfferOnCard:
    so_far, terms = counted.of(row.id), terms_of(row)
    reached = limit_reached(terms, so_far)
    return OfferOnCard(
        id=row.id,
        name=row.name,
        words=row.words,
        cost=row.cost,
        left=left_today(terms, so_far),
        limit=reached,
        why=LIMIT_SENTENCES[reached] if reached is not None else "",
        given=given.id if given is not None else None,
        state=given.state if given is not None else None,
        decided_by=given.decided_by if given is not None else "",
    )


def _asked(given: GivenOffer, offer: RetentionOffer) -> AskedOffer:
    reached = given.limit_reached
    return AskedOffer(
        given=given.id,
        offer=offer.name,
        state=given.state,
        why=LIMIT_SENTENCES[reached] if reached is not None else "",
    )
