"""Scored customers by the million, made by SQL alone: the book that lists are made of."""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import text

from dialer.db.models import ModelVersion
from dialer.db.session import Database
from dialer.services.customers.customers import CustomerRow, store_customers
from telephony.numbers import fictional_numbers

AT_ONCE: Final = 100_000  # customers a statement
_MADE: Final = """
    WITH RECURSIVE made(n) AS (SELECT CAST(:first AS BIGINT) UNION ALL SELECT n + 1 FROM made WHERE n < :last)
"""
#: gains and risks stand in no order of the customers', as a model's do: a product of primes, modulo a third
_DRAWN: Final = "(n * 7919) % 1000003"
_CUSTOMERS: Final = """
    INSERT INTO customer (id, external_id, name, language, attributes, imported_at)
    SELECT n, 'K' || n, 'Anna Hansen ' || n, 'en',
           json('{"contract": "' || CASE n % 3 WHEN 0 THEN 'yearly' ELSE 'monthly' END
                || '", "city": "' || CASE n % 5 WHEN 0 THEN 'York' ELSE 'Leeds' END
                || '", "charge": ' || (n % 90) || ', "tenure": ' || (n % 72)
                || ', "contract_end": "2026-12-' || (10 + n % 19)
                || '", "payment": "direct debit", "support_calls_90d": ' || (n % 7) || '}'), imported_at
    FROM made, customer AS like_this WHERE like_this.id = 1
"""
_NUMBERS: Final = """
    INSERT INTO customer_number (customer_id, e164, position, dialing_region_id)
    SELECT n, '+447' || (400000000 + n), 0, dialing_region_id
    FROM made, customer_number AS like_this WHERE like_this.customer_id = 1
"""
_SCORES: Final = f"""
    INSERT INTO score (customer_id, model_id, scored_at, code, risk, value, expected_gain, gain_low,
                       gain_high, left_out, reasons)
    SELECT n, :model, imported_at, '1', {_DRAWN} / 1000003.0, 400.0, {_DRAWN} / 10000.0 - 10, 0, 100, :no,
           json('[{{"column": "contract", "value": "monthly"}}, '
                || '{{"column": "support_calls_90d", "value": ' || (n % 7) || '}}, '
                || '{{"column": "tenure", "value": ' || (n % 72) || ', "stays": true}}]')
    FROM made, customer AS like_this WHERE like_this.id = 1
"""
_LABELS: Final = """
    INSERT INTO churn_label (customer_id, "left", at, known_at, source)
    SELECT n, n % 20 = 0, imported_at, imported_at, 'made up'
    FROM made, customer AS like_this WHERE like_this.id = 1
"""


def fill(database: Database, customers: int) -> None:
    """Add so many customers with a number, a score and a label each, from 1 on, to an empty database."""
    now = datetime.now(UTC)
    one = CustomerRow(external_id="K1", name="", numbers=(fictional_numbers(1)[0].e164,), attributes={})
    store_customers(database, [one], now)
    with database.write() as tx:
        model = ModelVersion(
            created_at=now, folder="", sha256="", role="champion", kind="made up", metrics={}
        )
        tx.add(model)
        tx.flush()
        key = model.id
    for first in range(2, customers + 1, AT_ONCE):
        part: dict[str, Any] = {"first": first, "last": min(customers, first + AT_ONCE - 1)}
        for statement in (_CUSTOMERS, _NUMBERS, _SCORES, _LABELS):
            scored = {"model": key, "no": False} if statement is _SCORES else {}
            with database.write() as tx:
                tx.execute(text(_MADE + statement), part | scored)
    _settle(database, customers)


def _settle(database: Database, customers: int) -> None:
    """As the server's own housekeeping does: ids go on after the last, statistics are there."""
    if database.engine.dialect.name == "postgresql":
        with database.write() as tx:
            tx.execute(
                text("SELECT setval(pg_get_serial_sequence('customer', 'id'), :last)"), {"last": customers}
            )
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
