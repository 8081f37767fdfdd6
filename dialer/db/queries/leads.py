"""Leads: those that may be called, one at a time, and lists of them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import defer, joinedload

from callbacks.refusals import Rule
from dialer.core.calling.campaign import CALLABLE, CampaignState, LeadState
from dialer.db.models import (
    Attempt,
    Campaign,
    Customer,
    CustomerNumber,
    DialingRegion,
    Lead,
)
from dialer.db.queries import attempts
from dialer.db.session import Transaction

_HELD: Final = "leads_held"  # of a transaction: those it has locked
_AT_ONLY_NUMBER: Final = "leads_at_only_number"  # of them: whose customers have no other number


#: what every change of a lead asks for next
_WITH_BOTH: Final = (
    joinedload(Lead.campaign, innerjoin=True),
    joinedload(Lead.customer, innerjoin=True),
    defer(Lead.reasons),
)
_LOCKED: Final = select(Lead).where(Lead.id == bindparam("id")).options(*_WITH_BOTH).with_for_update(of=Lead)
_MANY: Final = (
    select(Lead).where(Lead.id.in_(bindparam("ids", expanding=True))).options(*_WITH_BOTH).order_by(Lead.id)
)
_CLAIMED: Final = _MANY.with_for_update(of=Lead, skip_locked=True)
_WITH_ATTEMPTS: Final = (
    select(
        Attempt,
        Lead,
        exists().where(CustomerNumber.customer_id == Lead.customer_id, CustomerNumber.e164 != Lead.e164),
    )
    .join(Lead, Lead.id == Attempt.lead_id)
    .where(Attempt.id.in_(bindparam("ids", expanding=True)))
    .options(*_WITH_BOTH)
    .order_by(Attempt.id)
    .with_for_update(of=(Attempt, Lead))
)
_NUMBERS_OF: Final = (
    select(CustomerNumber)
    .where(CustomerNumber.customer_id == bindparam("customer"))
    .order_by(CustomerNumber.position, CustomerNumber.id)
)


def _customer_has(e164: ColumnElement[str] | str) -> ColumnElement[bool]:
    """Whether a lead's customer has this number; leads have no index of the one that they stand at."""
    return Lead.customer_id.in_(select(CustomerNumber.customer_id).where(CustomerNumber.e164 == e164))


_WITH_NUMBER: Final = (
    select(Lead)
    .where(
        Lead.campaign_id == bindparam("campaign"),
        _customer_has(bindparam("number")),
        Lead.id != bindparam("but"),
    )
    .order_by(Lead.id)
    .with_for_update()
)


#: made once: it is asked at every turn
_RUNNING: Final = select(Campaign).where(Campaign.state == CampaignState.RUNNING).order_by(Campaign.id)


def lock_lead(tx: Transaction, lead: int) -> Lead | None:
    """One lead with its campaign; nobody else changes it until the transaction ends."""
    held: dict[int, Lead] = tx.info.setdefault(_HELD, {})
    if lead not in held:
        found = tx.scalar(_LOCKED, {"id": lead})
        if found is None:
            return None
        held[lead] = found
    return held[lead]


def lock_with_attempts(tx: Transaction, wanted: Collection[str]) -> dict[str, Attempt]:
    """Those of these attempts that there are, by id, locked with their leads: one question for both."""
    if not wanted:
        return {}
    rows = tx.execute(_WITH_ATTEMPTS, {"ids": sorted(wanted)}).all()
    _hold(tx, (lead for _, lead, _ in rows))
    tx.info.setdefault(_AT_ONLY_NUMBER, set()).update(lead.id for _, lead, others in rows if not others)
    found = {attempt.id: attempt for attempt, _, _ in rows}
    return {**found, **attempts.lock_attempts(tx, set(wanted) - found.keys())}


def claim(tx: Transaction, wanted: Collection[int]) -> dict[int, Lead]:
    """Those of these leads that nobody else is changing, by id, with campaign and customer.

    Nobody else changes them until the transaction ends; in the order of their ids, so that no two engines
    wait for each other.
    """
    if not wanted:
        return {}
    return _hold(tx, tx.scalars(_CLAIMED, {"ids": list(wanted)}))


def _hold(tx: Transaction, found: Iterable[Lead]) -> dict[int, Lead]:
    """Rows that are locked need not be read again: what changes them here changes them as they stand."""
    locked = {lead.id: lead for lead in found}
    held: dict[int, Lead] = tx.info.setdefault(_HELD, {})
    held.update(locked)
    return locked


def campaign_of(tx: Transaction, lead: Lead) -> Campaign:
    """The campaign on whose list the lead is."""
    return tx.get_one(Campaign, lead.campaign_id)


def running(tx: Transaction) -> Sequence[Campaign]:
    """The campaigns that are running, oldest first."""
    return tx.scalars(_RUNNING).all()


def put_off(tx: Transaction, campaign: int, now: datetime) -> list[tuple[str | None, bool, int, datetime]]:
    """Leads that are not due yet: by the rule that put them off and whether agreed, how many, the first."""
    chosen = (
        select(Lead.held_by, Lead.asked_again, func.count(), func.min(Lead.next_at))
        .where(Lead.campaign_id == campaign, Lead.state == LeadState.LISTED, Lead.next_at > now)
        .group_by(Lead.held_by, Lead.asked_again)
    )
    return [(row[0], row[1], row[2], row[3]) for row in tx.execute(chosen)]


def due(tx: Transaction, campaign: int, now: datetime, limit: int) -> Sequence[Lead]:
    """The first leads of a list that are due, whatever else may hold them."""
    whose = Lead.campaign_id == campaign, Lead.state == LeadState.LISTED, Lead.next_at <= now
    return tx.scalars(
        select(Lead).where(*whose).order_by(Lead.asked_again.desc(), Lead.rank).limit(limit)
    ).all()


def more_are_due(tx: Transaction, campaign: int, now: datetime, than: int) -> bool:
    """Whether more leads of a list are due than so many; it counts no further."""
    whose = Lead.campaign_id == campaign, Lead.state == LeadState.LISTED, Lead.next_at <= now
    some = select(Lead.id).where(*whose).limit(than + 1).subquery()
    return (tx.scalar(select(func.count()).select_from(some)) or 0) > than


def countries_of(tx: Transaction, campaign: int) -> frozenset[str]:
    """The countries in which a campaign's callable leads may ring."""
    chosen = (
        select(DialingRegion.country)
        .join(Lead, Lead.dialing_region_id == DialingRegion.id)
        .where(Lead.campaign_id == campaign, Lead.state.in_(CALLABLE))
        .distinct()
    )
    return frozenset(tx.scalars(chosen))


def all_places(tx: Transaction) -> Sequence[DialingRegion]:
    """Every place any number rings in."""
    return tx.scalars(select(DialingRegion).order_by(DialingRegion.id)).all()


def numbers_of(tx: Transaction, customer: int) -> Sequence[CustomerNumber]:
    """A customer's numbers in the order they are to be tried."""
    return tx.scalars(_NUMBERS_OF, {"customer": customer}).all()


def numbers_to_go_on_with(tx: Transaction, lead: Lead) -> Sequence[CustomerNumber]:
    """The same of a lead's customer; empty where the lead was locked standing at the only one there is."""
    if lead.id in tx.info.get(_AT_ONLY_NUMBER, ()):
        return ()
    return numbers_of(tx, lead.customer_id)


def counts_by_state(tx: Transaction, campaign: int | None = None) -> dict[LeadState, int]:
    """How many leads there are in each state, on one list or on all of them."""
    if campaign is None:
        chosen = select(Lead.state, func.count()).group_by(Lead.state)
        return {row[0]: row[1] for row in tx.execute(chosen)}
    # a range of the index each: to count is a third of the work of grouping
    of_one = (
        select(func.count()).where(Lead.campaign_id == campaign, Lead.state == state).scalar_subquery()
        for state in LeadState
    )
    found = zip(LeadState, tx.execute(select(*of_one)).one(), strict=True)
    return {state: count for state, count in found if count}


def sums_of_gain(tx: Transaction, campaign: int) -> tuple[int, float, float, float]:
    """How many leads to call have an expected gain, and the sums of it and of its bounds."""
    low, high = (func.coalesce(bound, Lead.gain) for bound in (Lead.gain_low, Lead.gain_high))
    chosen = select(func.count(Lead.gain), func.sum(Lead.gain), func.sum(low), func.sum(high)).where(
        Lead.campaign_id == campaign, Lead.state != LeadState.HELD_OUT
    )
    count, gain, least, most = tx.execute(chosen).one()
    return count, gain or 0.0, least or 0.0, most or 0.0


def page_of(tx: Transaction, campaign: int, offset: int, limit: int) -> Sequence[tuple[Lead, Customer]]:
    """A part of a campaign's list in its order, with the customers.

    Ranks count from 1 without a gap, but for people who were erased: the offset is a rank, and no page costs
    more than another. After a gap a page ends with those whom the next one begins with.
    """
    page = (
        select(Lead.id)
        .where(Lead.campaign_id == campaign, Lead.rank > offset)
        .order_by(Lead.rank)
        .limit(limit)
        .subquery()
    )
    chosen = (
        select(Lead, Customer)
        .join(page, page.c.id == Lead.id)
        .join(Customer, Customer.id == Lead.customer_id)
        .order_by(Lead.rank)
    )
    return [(lead, customer) for lead, customer in tx.execute(chosen)]


def next_of(tx: Transaction, limit: int) -> Sequence[tuple[Lead, Campaign, Customer]]:
    """The first leads of the running campaigns' lists, due or not."""
    found: list[tuple[Lead, Campaign, Customer]] = []
    for campaign in running(tx):
        for rests, order in ((False, Lead.rank), (True, Lead.next_at)):
            chosen = (
                select(Lead, Customer)
                .join(Customer, Customer.id == Lead.customer_id)
                .where(
                    Lead.campaign_id == campaign.id,
                    Lead.state == LeadState.LISTED,
                    Lead.rests if rests else ~Lead.rests,
                    Lead.asked_again.is_(False),
                )
                .order_by(order)
                .limit(limit)
            )
            found += [(row[0], campaign, row[1]) for row in tx.execute(chosen)]
    return sorted(found, key=lambda each: (each[0].rests, each[0].rank, each[1].id))[:limit]


def refresh_numbers(tx: Transaction, customers: Collection[int]) -> None:
    """Give waiting leads of these customers their first number anew, after an import changed numbers."""
    first = (
        select(CustomerNumber.e164, CustomerNumber.dialing_region_id)
        .where(CustomerNumber.customer_id == Lead.customer_id)
        .order_by(CustomerNumber.position, CustomerNumber.id)
        .limit(1)
    )
    number = first.with_only_columns(CustomerNumber.e164).scalar_subquery()
    dialing_region = first.with_only_columns(CustomerNumber.dialing_region_id).scalar_subquery()
    tx.execute(
        update(Lead)
        .where(
            Lead.customer_id.in_(customers),
            Lead.state.in_(CALLABLE),
            exists().where(CustomerNumber.customer_id == Lead.customer_id),
        )
        .values(e164=number, dialing_region_id=dialing_region)
        .execution_options(synchronize_session=False)
    )


def waiting_with(tx: Transaction, e164: str) -> Lead | None:
    """The newest lead that waits to be called at this number."""
    chosen = select(Lead).where(at_number(e164), Lead.state == LeadState.LISTED)
    return tx.scalar(chosen.order_by(Lead.id.desc()).limit(1))


def at_number(e164: str) -> ColumnElement[bool]:
    """Whether a lead's next call goes to this number, which its customer still has."""
    return and_(Lead.e164 == e164, _customer_has(e164))


def of_customer(tx: Transaction, customer: int) -> Sequence[tuple[Lead, Campaign]]:
    """A customer's leads on every list, the newest list first."""
    chosen = select(Lead, Campaign).join(Campaign, Campaign.id == Lead.campaign_id)
    rows = tx.execute(chosen.where(Lead.customer_id == customer).order_by(Campaign.id.desc()))
    return [(lead, campaign) for lead, campaign in rows]


def with_number(tx: Transaction, campaign: int, e164: str, *, but: int) -> Sequence[Lead]:
    """A campaign's other leads whose customers have this number."""
    return tx.scalars(_WITH_NUMBER, {"campaign": campaign, "number": e164, "but": but}).all()


def taken_off_by(tx: Transaction, customers: Collection[int], rule: Rule) -> Sequence[Lead]:
    """Leads that a rule took off unfinished lists, of those of these customers who have a number."""
    chosen = (
        select(Lead)
        .join(Campaign, Campaign.id == Lead.campaign_id)
        .where(Lead.customer_id.in_(customers), Lead.state == LeadState.WITHDRAWN)
        .where(Lead.held_by == rule.value, Campaign.state != CampaignState.FINISHED)
        .where(exists().where(CustomerNumber.customer_id == Lead.customer_id))
    )
    return tx.scalars(chosen.with_for_update(of=Lead)).all()


def find_lead(tx: Transaction, lead: int | None) -> Lead | None:
    """One lead, to look at."""
    return tx.get(Lead, lead) if lead is not None else None


def count_agreed(tx: Transaction, campaign: int, *, due: datetime | None = None) -> int:
    """Customers on this list who are to be called again because that was agreed with them.

    `due`: only those whose moment had come by then, and with them those who are owed a call.
    """
    whose = Lead.asked_again if due is None else or_(Lead.asked_again, Lead.owed)
    chosen = select(func.count()).where(Lead.campaign_id == campaign, Lead.state == LeadState.LISTED, whose)
    return int(tx.scalar(chosen if due is None else chosen.where(Lead.next_at <= due)) or 0)


def count_tried(tx: Transaction, campaign: int, attempts: int) -> int:
    """Customers still on this list at whom so many attempts were made, or more."""
    chosen = select(func.count()).where(
        Lead.campaign_id == campaign, Lead.state == LeadState.LISTED, Lead.attempts_made >= attempts
    )
    return int(tx.scalar(chosen) or 0)
