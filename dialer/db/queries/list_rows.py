"""A campaign's log and list, written as sets: what the database has of customers never leaves it.

A part of the rows is given as `given`, a table of the connection's own on SQLite and arrays on PostgreSQL:
a statement for each of many rows takes twice as long. The log joins the customers to it, so that whoever was
erased meanwhile is left out, and PostgreSQL lets nobody erase them until the part is written. So the list
need only join their numbers.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import delete, or_, select, update

from dialer.core.calling.campaign import CampaignState, LeadState
from dialer.db.models import AssignmentRow, Campaign, Lead
from dialer.db.queries.assignments import Logged
from dialer.db.queries.leases import moment_ahead
from dialer.db.session import Transaction

AT_WORK: Final = timedelta(minutes=2)  # hundreds of parts: longer without one is a machine that is gone
TAKEN_OUT_AT_ONCE: Final = 10_000  # rows: a tenth of a second's writing


class DrawnRow(NamedTuple):
    """What is written of one customer who was considered; the rank of who is on the list."""

    logged: Logged
    rank: int | None


_GIVEN: Final = "given_rows"  # on SQLite, for as long as a part is written
_LOGGED: Final = {
    "customer_id": "integer",
    "household": "text",
    "arm": "text",
    "listed": "boolean",
    "call": "boolean",
    "propensity": "float8",
    "risk": "float8",
    "value": "float8",
    "gain": "float8",
    "uplift": "float8",
}
_LOG: Final = """
    INSERT INTO assignment (campaign_id, {names})
    SELECT {campaign}, {given_names} FROM {given} {join} customer ON customer.id = given.customer_id {kept}
"""
_LISTED: Final = {
    "customer_id": "integer",
    "rank": "integer",
    "state": "text",
    "risk": "float8",
    "gain": "float8",
}
_LIST: Final = """
    INSERT INTO lead (campaign_id, customer_id, rank, state, risk, gain, attempts_made, next_at, rests,
                      asked_again, owed, e164, dialing_region_id, gain_low, gain_high, reasons)
    SELECT {campaign}, {given_names}, 0, (SELECT created_at FROM campaign WHERE id = {campaign}),
           false, false, false, customer_number.e164, customer_number.dialing_region_id,
           score.gain_low, score.gain_high, coalesce(score.reasons, '[]')
    FROM {given}
    {join} customer_number ON customer_number.customer_id = given.customer_id AND customer_number.position = 0
    LEFT JOIN score ON score.customer_id = given.customer_id AND score.model_id = {model}
"""


def add(tx: Transaction, campaign: int, model: int | None, rows: Sequence[DrawnRow]) -> int:
    """Write a part of a campaign's log and list, quickest in customers' order; how many are listed."""
    _insert(tx, _LOG, _LOGGED, [row.logged for row in rows], campaign=campaign)
    states = {True: LeadState.LISTED.value, False: LeadState.HELD_OUT.value}
    given = [
        (logged.customer_id, rank, states[logged.call], logged.risk, logged.gain)
        for logged, rank in rows
        if rank is not None
    ]
    return _insert(
        tx, _LIST, _LISTED, given, campaign=campaign, model="NULL" if model is None else int(model)
    )


def _insert(
    tx: Transaction, statement: str, columns: dict[str, str], rows: Sequence[tuple[Any, ...]], **keys: Any
) -> int:
    if not rows:
        return 0
    names, connection = ", ".join(columns), tx.connection()
    filled = {"names": names, "given_names": ", ".join(f"given.{name}" for name in columns), **keys}
    arrays_given = tx.get_bind().dialect.name == "postgresql"
    values: Any = ()
    if arrays_given:
        arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
        filled |= {"given": f"unnest({arrays}) AS given ({names})", "join": "JOIN"}
        filled["kept"] = "FOR KEY SHARE OF customer"
        values = tuple(list(column) for column in zip(*rows, strict=True))
    else:
        # the given rows lead, whatever the planner takes a table without statistics for
        filled |= {"given": f"{_GIVEN} AS given", "join": "CROSS JOIN", "kept": ""}
        connection.exec_driver_sql(f"CREATE TEMP TABLE {_GIVEN} ({names})")
        marks = ", ".join("?" for _ in columns)
        connection.exec_driver_sql(f"INSERT INTO {_GIVEN} VALUES ({marks})", list(rows))  # noqa: S608 - ours
    written = connection.exec_driver_sql(statement.format(**filled), values).rowcount
    if not arrays_given:
        connection.exec_driver_sql(f"DROP TABLE {_GIVEN}")
    return written


def still_at_work(tx: Transaction, campaign: int) -> bool:
    """Say that the list of this campaign goes on being written; False where it was given up for dead."""
    at_work = (
        update(Campaign)
        .where(Campaign.id == campaign, Campaign.state == CampaignState.PREPARING)
        .where(Campaign.prepared_until.is_not(None))
        .values(prepared_until=moment_ahead(tx, AT_WORK))
        .returning(Campaign.id)
    )
    return tx.scalar(at_work) is not None


def give_up(tx: Transaction, *, campaign: int | None = None) -> list[int]:
    """Campaigns whose list nobody writes any more, or only this one: nobody can write theirs from now on."""
    silent = or_(Campaign.prepared_until.is_(None), Campaign.prepared_until < moment_ahead(tx, timedelta(0)))
    given_up = (
        update(Campaign)
        .where(Campaign.state == CampaignState.PREPARING)
        .where(silent if campaign is None else Campaign.id == campaign)
        .values(prepared_until=None)
        .returning(Campaign.id)
        .execution_options(synchronize_session=False)
    )
    return list(tx.scalars(given_up))


def take_out_part(tx: Transaction, campaign: int) -> bool:
    """Take some rows of a list that was given up out, the campaign at last; False once nothing is left."""
    for table in (Lead, AssignmentRow):
        some = (
            select(table.customer_id)
            .where(table.campaign_id == campaign)
            .order_by(table.customer_id)
            .limit(TAKEN_OUT_AT_ONCE)
        )
        gone = (
            delete(table)
            .where(table.campaign_id == campaign, table.customer_id.in_(some.scalar_subquery()))
            .execution_options(synchronize_session=False)
        )
        if tx.execute(gone).rowcount:  # type: ignore[attr-defined]
            return True
    tx.execute(delete(Campaign).where(Campaign.id == campaign, Campaign.state == CampaignState.PREPARING))
    return False
