"""Many rows at once: COPY on PostgreSQL, one prepared statement on SQLite; many keys in one parameter."""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ARRAY, JSON, ColumnElement, Table, any_, bindparam, func, select, text
from sqlalchemy.orm import InstrumentedAttribute

from dialer.core.importing.written_attributes import WrittenAttributes
from dialer.db.base import Base, UtcDateTime
from dialer.db.session import Transaction

SAME: Final = 8  # moments of many rows
Write = Callable[[Any], Any]
#: what comes from files has no circles in it
_as_json: Final = json.JSONEncoder(check_circular=False).encode
AS_IT_IS: Final[Write] = lambda value: value  # noqa: E731 - a value that the driver takes


def reserve_ids(tx: Transaction, table: str, count: int) -> list[int]:
    """Keys for so many new rows; nobody else gets them."""
    if tx.connection().dialect.name == "postgresql":
        asked = text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)")
        return list(tx.scalars(asked, {"table": table, "count": count}))
    # whoever writes to SQLite is alone
    first = tx.scalar(text(f'SELECT coalesce(max(id), 0) + 1 FROM "{table}"')) or 1  # noqa: S608 - a table's own name
    return list(range(first, first + count))


def put_rows(tx: Transaction, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write rows of these columns; what was added to the session goes first."""
    if rows:
        put_columns(tx, table, columns, list(zip(*rows, strict=True)))


def put_columns(tx: Transaction, table: str, columns: Sequence[str], values: Sequence[Sequence[Any]]) -> None:
    """Write rows, of which each column's values are given; what was added to the session goes first."""
    tx.flush()
    known = Base.metadata.tables[table]
    connection = tx.connection()
    made: list[Iterable[Any]] = []
    for name, each in zip(columns, values, strict=True):
        write = _written(known, name, connection.dialect)
        made.append(each if write is AS_IT_IS else map(write, each))
    names = ", ".join(f'"{name}"' for name in columns)  # a column may be called as SQL's own words are
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in zip(*made, strict=True):
                copy.write_row(row)
        return
    marks = ", ".join("?" for _ in columns)
    insert = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - names of our tables
    connection.exec_driver_sql(insert, list(zip(*made, strict=True)))


def is_one_of(
    tx: Transaction, column: InstrumentedAttribute[Any], values: Collection[Any]
) -> ColumnElement[bool]:
    """Whether a column has one of these values: one parameter, whose statement is made ready once."""
    if tx.get_bind().dialect.name == "postgresql":
        return column == any_(bindparam(None, list(values), type_=ARRAY(column.type)))
    each = func.json_each(json.dumps(list(values))).table_valued("value")
    return column.in_(select(each.c.value))


def _json_text(value: Any) -> str:
    return value.text if isinstance(value, WrittenAttributes) else _as_json(value)


def _written(table: Table, name: str, dialect: Any) -> Write:
    """How a value of this column goes to the driver."""
    kind = table.c[name].type
    if isinstance(kind, JSON):
        return _json_text
    write = kind.dialect_impl(dialect).bind_processor(dialect) or AS_IT_IS
    # rows of one file share their moment
    return lru_cache(maxsize=SAME)(write) if isinstance(kind, UtcDateTime) else write
