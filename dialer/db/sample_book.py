"""A past made up by SQL alone, to measure how what is asked of it grows: a million leads in seconds."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import text

from dialer.db.session import Database

_COUNTED: Final = "WITH RECURSIVE made(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM made WHERE n < :many)"
_CUSTOMERS: Final = """
    INSERT INTO customer (id, external_id, name, language, attributes, imported_at)
    SELECT n + 1000, 'x' || n, '', 'en', '{}', imported_at FROM customer, made WHERE id = 1
"""
_LEADS: Final = """
    INSERT INTO lead (campaign_id, customer_id, state, rank, attempts_made, next_at, asked_again, rests, e164,
                      dialing_region_id, reasons)
    SELECT campaign_id, n + 1000, 'listed', n + 1000, 0, next_at, asked_again, rests,
           '+4420' || (60000000 + n), dialing_region_id, '[]'
    FROM lead, made WHERE rank = 1
"""
_ATTEMPTS: Final = """
    INSERT INTO attempt (id, pbx, campaign_id, lead_id, e164, queue, trunk, caller_id, ring_s, fencing, state,
                         counted, created_at, consumed_at, answered_at, ended_at, outcome, abandoned,
                         machine_suspected, causes)
    SELECT 'wb-' || n, 'pbx', campaign_id, id, '+4420' || (60000000 + n % 1000000), '', '', '', 30, 1,
           'ended', :yes, :at, :at, :at, :at, 'no_answer', :no, :no, '[]'
    FROM lead, made WHERE rank = 1
"""
_BARRED: Final = """
    INSERT INTO do_not_call (e164, reason, source, added_at)
    SELECT '+4420' || (60000000 + n + :after), '', '', imported_at FROM customer, made WHERE id = 1
"""
_KEPT: Final = """
    INSERT INTO promise (id, reference, e164, queue, source_call, virtual_join, made_at, state, attempts_made,
                         ours_in_a_row, ended_at)
    SELECT n + :after, 'x' || n, '+4420' || (60000000 + n % 1000000), '', 'past' || n, :at, :at, 'kept', 1, 0,
           :at
    FROM customer, made WHERE id = 1
"""
_STEPS: Final = """
    INSERT INTO promise_step (promise_id, at, event, state)
    SELECT id, made_at, {event}, '{state}' FROM promise WHERE id > :after
"""
_REST: Final = "UPDATE lead SET rests = :yes, next_at = :until WHERE rank <= :last"


def fill(database: Database, *, leads: int, attempts: int, at: datetime) -> None:
    """Add so many leads, copies of the first of the one list there is, and attempts made at a moment."""
    _change(database, _COUNTED + _CUSTOMERS, many=leads)
    _change(database, _COUNTED + _LEADS, many=leads)
    _change(database, _COUNTED + _ATTEMPTS, many=attempts, at=_moment(database, at), yes=True, no=False)
    _analyze(database)


def bar(database: Database, count: int, *, after: int) -> None:
    """Put so many numbers on the do-not-call list; those of the leads that `fill` added come first."""
    if count:
        _change(database, _COUNTED + _BARRED, many=count, after=after)
        _analyze(database)


def keep(database: Database, promises: int, *, after: int, at: datetime) -> None:
    """Add so many promises that were made and kept at a moment, with their history, by ids `after` this."""
    if promises:
        _change(database, _COUNTED + _KEPT, many=promises, after=after, at=_moment(database, at))
        for event, state in (("NULL", "waiting"), ("'talked'", "kept")):
            _change(database, _STEPS.format(event=event, state=state), after=after)
        _analyze(database)


def let_rest(database: Database, last: int, until: datetime) -> None:
    """Let the first of the list rest until a moment."""
    _change(database, _REST, yes=True, until=_moment(database, until), last=last)
    _analyze(database)


def _change(database: Database, statement: str, **values: Any) -> None:
    with database.write() as tx:
        if database.engine.dialect.name == "postgresql":
            tx.execute(text("SET LOCAL statement_timeout = 0"))  # a past of ten million calls takes its time
        tx.execute(text(statement), values)


def _moment(database: Database, at: datetime) -> datetime | str:
    """As the tables hold it."""
    if database.engine.dialect.name == "postgresql":
        return at
    return f"{at.replace(tzinfo=None):%Y-%m-%d %H:%M:%S.%f}"


def _analyze(database: Database) -> None:
    """As PostgreSQL's own housekeeping does sooner or later."""
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
