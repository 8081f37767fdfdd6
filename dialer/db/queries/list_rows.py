"""A campaign's log and list, written as sets: what the database has of customers never leaves it.

A part of the rows is given as `given`, a table of the connection's own on SQLite and arrays on PostgreSQL:
a statement for each of many rows takes twice as long. The log joins the customers to it, so that whoever was
erased meanwhile is left out, and PostgreSQL lets nobody erase them until the part is written.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from itertools import chain
from typing import Any, Final

from sqlalchemy import Connection, delete, or_, select, update

from churnmodel.holdout import Place
from dialer.core.calling.campaign import CampaignState, LeadState
from dialer.db.models import AssignmentRow, Campaign, Lead
from dialer.db.queries.leases import moment_ahead
from dialer.db.session import Transaction

AT_WORK: Final = timedelta(minutes=2)  # hundreds of parts: longer without one is a machine that is gone
VALUES_AT_ONCE: Final = 900  # that SQLite is given with one statement; not every build of it takes a thousand
TAKEN_OUT_AT_ONCE: Final = 10_000  # rows: a tenth of a second's writing


#: what is written of one customer who was considered: who, their household, the number of their place, the
#: rank of who is on the list, and risk, value, gain and uplift
DrawnRow = tuple[int, str | None, int, int | None, float | None, float | None, float | None, float | None]

_ROW: Final = {
    "customer_id": "integer",
    "household": "text",
    "place": "integer",
    "rank": "integer",
    "risk": "float8",
    "value": "float8",
    "gain": "float8",
    "uplift": "float8",
}
_PLACE: Final = {
    "number": "integer",
    "arm": "text",
    "listed": "boolean",
    "call": "boolean",
    "propensity": "float8",
}
_LOG: Final = """
    INSERT INTO assignment (campaign_id, customer_id, household, arm, listed, call, propensity,
                            risk, value, gain, uplift)
    SELECT {campaign}, {row}.customer_id, {row}.household, {place}.arm, {place}.listed, {place}.call,
           {place}.propensity, {row}.risk, {row}.value, {row}.gain, {row}.uplift
    FROM {kept}
"""
_LIST: Final = """
    INSERT INTO lead (campaign_id, customer_id, rank, state, risk, gain, attempts_made, next_at, rests,
                      asked_again, owed, e164, dialing_region_id, gain_low, gain_high, reasons)
    SELECT {campaign}, {row}.customer_id, {row}.rank,
           CASE WHEN {place}.call THEN '{listed}' ELSE '{held_out}' END, {row}.risk, {row}.gain, 0,
           (SELECT created_at FROM campaign WHERE id = {campaign}), false, false, false,
           customer_number.e164, customer_number.dialing_region_id,
           score.gain_low, score.gain_high, coalesce(score.reasons, '[]')
    FROM {kept}
    {join} customer_number ON customer_number.customer_id = {row}.customer_id AND customer_number.position = 0
    LEFT JOIN score ON score.customer_id = {row}.customer_id AND score.model_id = {model}
    WHERE {row}.rank IS NOT NULL
"""


def _unnested(columns: dict[str, str]) -> str:
    arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
    return f"SELECT * FROM unnest({arrays}) AS given ({', '.join(columns)})"  # noqa: S608 - names of ours


#: whom PostgreSQL lets nobody erase until the part is written
_KEPT: Final = """
    SELECT given.*, place.arm, place.listed, place.call, place.propensity
    FROM given
    JOIN place ON place.number = given.place
    JOIN customer ON customer.id = given.customer_id FOR KEY SHARE OF customer
"""
#: all of a part on PostgreSQL: it goes there once. Log and list are both made of who is kept, and join to it
#: nothing but by an index: whatever the planner takes the length of an array for, no two rows are compared
_AT_ONCE: Final = f"""
    WITH given AS MATERIALIZED ({_unnested(_ROW)}), place AS MATERIALIZED ({_unnested(_PLACE)}),
    kept AS MATERIALIZED ({_KEPT}), logged AS ({_LOG}) {_LIST}
"""
_IN_ONE: Final = {"kept": "kept", "row": "kept", "place": "kept", "join": "JOIN"}
#: a part on SQLite, whose given rows lead, whatever the planner takes a table without statistics for. What
#: they refer to is joined here and nowhere looked for again (`Database.for_many_rows`)
_GIVEN: Final = "given_rows AS given CROSS JOIN given_places AS place ON place.number = given.place"
_IN_TURN: Final = {
    "kept": f"{_GIVEN} CROSS JOIN customer ON customer.id = given.customer_id",
    "row": "given",
    "place": "place",
    "join": "CROSS JOIN",
}


def add(
    tx: Transaction, campaign: int, model: int | None, places: Sequence[Place], rows: Sequence[DrawnRow]
) -> int:
    """Write a part of a campaign's log and list, quickest in customers' order; how many are listed.

    `places`: what the numbers in the rows stand for.
    """
    numbered = [(number, place.arm.value, *place[1:]) for number, place in enumerate(places)]
    connection = tx.connection()
    told: dict[str, Any] = {
        "campaign": campaign,
        "model": "NULL" if model is None else int(model),
        "listed": LeadState.LISTED.value,
        "held_out": LeadState.HELD_OUT.value,
    }
    if tx.get_bind().dialect.name == "postgresql":
        told |= _IN_ONE
        return connection.exec_driver_sql(_AT_ONCE.format(**told), _arrays(rows, numbered)).rowcount
    told |= _IN_TURN
    _give(connection, "given_rows", _ROW, rows)
    number, *others = _PLACE
    _give(connection, "given_places", [f"{number} INTEGER PRIMARY KEY", *others], numbered)
    connection.exec_driver_sql(_LOG.format(**told))
    told["kept"] = _GIVEN  # whoever has a number is there
    listed = connection.exec_driver_sql(_LIST.format(**told)).rowcount
    for table in ("given_rows", "given_places"):
        connection.exec_driver_sql(f"DROP TABLE {table}")
    return listed


def _give(
    connection: Connection, table: str, columns: Collection[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Hand rows to SQLite, in a table that keeps their order; many a statement, which is a third cheaper."""
    connection.exec_driver_sql(f"CREATE TEMP TABLE {table} ({', '.join(columns)})")
    row = f"({', '.join('?' for _ in columns)})"
    at_once = VALUES_AT_ONCE // len(columns)
    whole = len(rows) - len(rows) % at_once
    for several, first, end in ((at_once, 0, whole), (1, whole, len(rows))):
        values = [tuple(chain(*rows[at : at + several])) for at in range(first, end, several)]
        if values:
            insert = f"INSERT INTO {table} VALUES {', '.join([row] * several)}"  # noqa: S608 - names of ours
            connection.exec_driver_sql(insert, values)


def _arrays(rows: Sequence[DrawnRow], places: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    """The columns as PostgreSQL takes them: of numbers a text each, since the driver writes a list slowly."""
    columns = zip(_ROW.values(), zip(*rows, strict=True), strict=True)
    written = (list(column) if kind == "text" else _as_array(column) for kind, column in columns)
    return (*written, *(list(column) for column in zip(*places, strict=True)))


def _as_array(numbers: Sequence[float | None]) -> str:
    return f"{{{str(list(numbers))[1:-1].replace('None', 'NULL')}}}"


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
    for table, order in ((Lead, Lead.rank), (AssignmentRow, AssignmentRow.customer_id)):
        some = (
            select(table.customer_id)
            .where(table.campaign_id == campaign)
            .order_by(order)
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
