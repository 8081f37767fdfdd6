"""A campaign's list in an order of its own: read as it would be, and written a part at a time."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select, union_all, update

from dialer.core.calling.call_order import CalledFirst, ListOrder
from dialer.core.calling.campaign import LeadState
from dialer.db.models import AssignmentRow, Attempt, Customer, InboundCall, Lead
from dialer.db.queries.written_values import written_day
from dialer.db.session import Transaction


class PlacedLead(NamedTuple):
    """A lead, where it stands, whose it is, and whether a coin put it there and no score did."""

    lead: int
    rank: int
    external_id: str
    added: bool


def in_order(tx: Transaction, campaign: int, order: ListOrder) -> list[PlacedLead]:
    """The whole list as the order has it; by chance: in no order at all."""
    chosen = (
        _with_order(
            tx, select(Lead.id, Lead.rank, Customer.external_id, AssignmentRow.listed), campaign, order
        )
        .outerjoin(
            AssignmentRow,
            (AssignmentRow.campaign_id == Lead.campaign_id) & (AssignmentRow.customer_id == Lead.customer_id),
        )
        .where(Lead.campaign_id == campaign)
    )
    return [
        PlacedLead(lead, rank, external_id, listed is False)
        for lead, rank, external_id, listed in tx.execute(chosen)
    ]


def gain_of_next(tx: Transaction, campaign: int, order: ListOrder | None, limit: int) -> tuple[int, float]:
    """How many of the first `limit` who wait there are by an order, and the gain of calls to them.

    None: by the order that the list has. By chance: what so many bring on average.
    """
    waits = (Lead.campaign_id == campaign, Lead.state == LeadState.LISTED)
    if order is not None and order.by is CalledFirst.RANDOM:
        count, mean = tx.execute(
            select(func.count(), func.avg(func.coalesce(Lead.gain, 0.0))).where(*waits)
        ).one()
        return min(count, limit), min(count, limit) * float(mean or 0.0)
    columns = select(Lead.gain)
    chosen = columns.order_by(Lead.rank) if order is None else _with_order(tx, columns, campaign, order)
    first = chosen.where(*waits).limit(limit).subquery()
    count, gain = tx.execute(select(func.count(), func.sum(first.c.gain)).select_from(first)).one()
    return count, float(gain or 0.0)


def set_ranks(tx: Transaction, ranks: Sequence[tuple[int, int]]) -> int:
    """Give leads their places; how many."""
    lead = Lead.__table__.c
    placed = update(Lead.__table__).where(lead.id == bindparam("key"))  # type: ignore[arg-type] # a table
    tx.connection().execute(
        placed.values(rank=bindparam("place")), [{"key": key, "place": place} for key, place in ranks]
    )
    return len(ranks)


def _with_order(tx: Transaction, chosen: Any, campaign: int, order: ListOrder) -> Any:
    joined = chosen.select_from(Lead).join(Customer, Customer.id == Lead.customer_id)
    gain = (Lead.gain.is_(None), Lead.gain.desc(), Lead.risk.desc(), Lead.customer_id)
    if order.by is CalledFirst.OLDEST_CONTACT:
        last = _last_talks(campaign)
        joined = joined.outerjoin(last, last.c.customer_id == Lead.customer_id)
        return joined.order_by(last.c.at.is_not(None), last.c.at, *gain)
    if order.by is CalledFirst.BY_DAY:
        day = written_day(tx, Customer.attributes[order.column].as_string())
        return joined.order_by(day.is_(None), day, *gain)
    return joined if order.by is CalledFirst.RANDOM else joined.order_by(*gain)


def _last_talks(campaign: int) -> Any:
    """When each customer of the list was talked with last, whoever rang."""
    listed = select(Lead.customer_id).where(Lead.campaign_id == campaign)
    talks = union_all(
        *(
            select(table.customer_id, table.connected_at.label("at")).where(
                table.customer_id.in_(listed), table.connected_at.is_not(None)
            )
            for table in (Attempt, InboundCall)
        )
    ).subquery()
    return (
        select(talks.c.customer_id, func.max(talks.c.at).label("at")).group_by(talks.c.customer_id).subquery()
    )
