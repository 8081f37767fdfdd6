"""The leads of a list that are due, counted: by where they ring, and by who is not to be rung there."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select

from dialer.core.calling.campaign import LeadState
from dialer.db.models import DoNotCall, Lead, Prohibition
from dialer.db.queries.registers import entry_for
from dialer.db.session import Transaction

#: dialing regions that are open, each with the first digits (after the plus) of numbers that are not
OpenRegions = Mapping[int, Collection[str]]


def by_region(tx: Transaction, campaign: int, now: datetime) -> dict[int, int]:
    """How many leads are due, by the dialing region they ring in."""
    chosen = select(Lead.dialing_region_id, func.count()).where(_due(campaign, now))
    return {row[0]: row[1] for row in tx.execute(chosen.group_by(Lead.dialing_region_id))}


def by_first_digits(
    tx: Transaction, campaign: int, dialing_region: int, digits: int, now: datetime
) -> dict[str, int]:
    """How many of those in one region are due, by so many first digits of their numbers."""
    start = _start(digits)
    chosen = select(start, func.count()).where(_due(campaign, now), Lead.dialing_region_id == dialing_region)
    return {row[0]: row[1] for row in tx.execute(chosen.group_by(start))}


def suppressed(tx: Transaction, campaign: int, where: OpenRegions, now: datetime) -> int:
    """How many of the leads that are due in these regions stand on the do-not-call list."""
    chosen = select(func.count()).select_from(Lead).join(DoNotCall, DoNotCall.e164 == Lead.e164)
    return _count(tx, chosen.where(_due(campaign, now), _in(where)))


def put_off(tx: Transaction, campaign: int, where: OpenRegions, now: datetime) -> int:
    """How many more of them are persons who are put off, at numbers that are not listed."""
    chosen = select(func.count()).select_from(Lead)
    chosen = chosen.join(Prohibition, Prohibition.customer_id == Lead.customer_id)
    return _count(
        tx, chosen.where(_due(campaign, now), _in(where), ~exists().where(DoNotCall.e164 == Lead.e164))
    )


def registered(tx: Transaction, campaign: int, where: OpenRegions, now: datetime) -> int:
    """How many more of them stand on a register."""
    chosen = (
        select(func.count())
        .select_from(Lead)
        .where(_due(campaign, now), _in(where))
        .where(_absent(select(DoNotCall.e164).where(DoNotCall.e164 == Lead.e164)))
        .where(~_absent(entry_for(Lead.e164)))
        .where(_absent(select(Prohibition.customer_id).where(Prohibition.customer_id == Lead.customer_id)))
    )
    return _count(tx, chosen)


def _absent(found: Select[Any]) -> ColumnElement[bool]:
    """That a look by key finds nothing: one value, which no planner turns into a read of the whole table."""
    return found.limit(1).scalar_subquery().is_(None)


def _due(campaign: int, now: datetime) -> ColumnElement[bool]:
    return and_(Lead.campaign_id == campaign, Lead.state == LeadState.LISTED, Lead.next_at <= now)


def _start(digits: int) -> ColumnElement[str]:
    return func.substr(Lead.e164, 2, digits)


def _in(where: OpenRegions) -> ColumnElement[bool]:
    """Leads in these regions, but for numbers with first digits that are closed there."""
    closed = [
        and_(Lead.dialing_region_id == region, _start(len(next(iter(starts)))).in_(starts))
        for region, starts in where.items()
        if starts
    ]
    return and_(Lead.dialing_region_id.in_(where), ~or_(false(), *closed))


def _count(tx: Transaction, chosen: Select[Any]) -> int:
    return tx.scalar(chosen) or 0
